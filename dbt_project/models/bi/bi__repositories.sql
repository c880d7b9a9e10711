{{ config(alias='repositories') }}

-- One row per repository.
select *
from {{ ref('dim_repositories') }}
