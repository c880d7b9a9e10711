{{ config(alias='parameters') }}

-- One row: the day and the policy that the numbers hold for, as the functions of this schema read them.
with

policy as (

    select * from {{ ref('stg_policy__parameters') }}

)

select
    organization,
    as_of_date,
    {{ local_date('as_of_at', 'time_zone') }} - 1 as last_date,
    as_of_at,
    time_zone,
    tier_edition,
    minimum_deployments,
    minimum_observed_days,
    space_edition
from policy
