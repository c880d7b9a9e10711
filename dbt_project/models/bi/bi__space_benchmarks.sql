{{ config(alias='space_benchmarks', tags=['space']) }}

-- One row per edition, dimension of SPACE and rating.
select *
from {{ ref('space_benchmarks') }}
