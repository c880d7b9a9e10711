{{ config(
    indexes=[{'columns': ['commit_number', 'service'], 'unique': true}],
    pre_hook=["set local enable_hashjoin = off", "set local enable_mergejoin = off"]
) }}

-- One row per service and commit that it has deployed, with the first deployment that contains it.
-- The walk goes down from all deployed commits at once and stops where an earlier deployment began: what lies below
-- is that one's, or an earlier one's. So a commit is met once for each deployment between which branches reach it,
-- not once for each deployment after it. The hooks keep each step an index lookup; hashing all parents anew in every
-- step would make it quadratic.
with recursive

parents as (

    select * from {{ ref('int_commit_parents__numbered') }}

),

released as (

    select * from {{ ref('int_commits__released') }}

),

reached (service_number, commit_number, deployment_number) as (

    select
        released.service_number,
        released.commit_number,
        released.deployment_number
    from released

    union

    select
        reached.service_number,
        parents.parent_number,
        reached.deployment_number
    from reached
    inner join parents
        on reached.commit_number = parents.commit_number
    left join released
        on
            parents.parent_number = released.commit_number
            and reached.service_number = released.service_number
    where
        released.deployment_number is null
        or released.deployment_number > reached.deployment_number

),

firsts as (

    select
        reached.service_number,
        reached.commit_number,
        min(reached.deployment_number) as deployment_number
    from reached
    group by reached.service_number, reached.commit_number

),

services as (

    select distinct
        released.service_number,
        released.service
    from released

)

select
    services.service,
    firsts.commit_number,
    firsts.deployment_number
from firsts
inner join services
    on firsts.service_number = services.service_number
