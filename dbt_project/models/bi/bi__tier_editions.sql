{{ config(alias='tier_editions') }}

-- One row per edition, metric and tier.
select *
from {{ ref('tier_editions') }}
