{{ config(alias='unlinked') }}

-- One row per thing that found no counterpart, or broke a rule of time.
select *
from {{ ref('fct_unlinked') }}
