{{ config(alias='data_health') }}

-- One row per finding about the data.
select *
from {{ ref('fct_data_health') }}
