{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key='change_id',
    indexes=[{'columns': ['change_id']}, {'columns': ['carrier_commit_number']}]
) }}

-- One row per stacked pull request and pull request to the default branch that carried it there.
with recursive

changes as not materialized (

    select * from {{ ref('int_changes__integrated') }}

),

pull_requests as (

    select * from {{ ref('int_pull_requests__merged') }}

),

listed_commits as not materialized (

    select * from {{ ref('int_pull_request_commits__listed') }}

),

steps as (

    select
        lower_ones.pull_request_id,
        listed_commits.pull_request_id as carrier_id
    from pull_requests as lower_ones
    cross join lateral (values (lower_ones.merge_commit_oid), (lower_ones.head_oid)) as places (oid)
    inner join listed_commits
        on
            lower_ones.repository_id = listed_commits.repository_id
            and places.oid = listed_commits.oid
            and lower_ones.pull_request_id <> listed_commits.pull_request_id
            and lower_ones.merged_at <= listed_commits.merged_at
    where not lower_ones.is_base_default

),

climbs (pull_request_id, carrier_id) as (

    select
        steps.pull_request_id,
        steps.carrier_id
    from steps

    union

    select
        climbs.pull_request_id,
        steps.carrier_id
    from climbs
    inner join steps
        on climbs.carrier_id = steps.pull_request_id

)

select distinct
    stacked.change_id,
    carriers.change_id as carrier_change_id,
    carriers.commit_number as carrier_commit_number,
    carriers.merged_at as carrier_merged_at
from climbs
inner join changes as stacked
    on climbs.pull_request_id = stacked.pull_request_id
inner join changes as carriers
    on climbs.carrier_id = carriers.pull_request_id
where carriers.kind <> 'stacked'
