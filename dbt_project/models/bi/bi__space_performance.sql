{{ config(alias='space_performance', tags=['space'], materialized='view', post_hook=[]) }}

-- One row per repository and day on which it was observed.
select *
from {{ ref('space_performance') }}
