{{ config(alias='space_summary', tags=['space'], materialized='view', post_hook=[]) }}

-- One row per group, ISO week that has ended and figure of SPACE.
select *
from {{ ref('space_summary') }}
