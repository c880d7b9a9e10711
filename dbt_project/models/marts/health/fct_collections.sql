{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    compares_all=true,
    unique_key=['repository_id', 'collection_date'],
    on_schema_change='fail',
    indexes=[{'columns': ['repository_id', 'collection_date'], 'unique': true}]
) }}

-- One row per repository and day on which it should have been collected, whether anything ran or not.
with

inclusions as (

    select * from {{ ref('stg_github__inclusions') }}

),

collections as (

    select *
    from {{ ref('stg_github__collections') }}
    where repository_id is not null

),

repositories as (

    select * from {{ ref('stg_github__repositories') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

-- From the day on which it was found to the day before it was no longer. Under two names on one day it counts once.
scheduled as (

    select distinct on (inclusions.repository_id, days.collection_date)
        inclusions.repository_id,
        inclusions.repository,
        days.collection_date::date as collection_date
    from inclusions
    cross join policy
    cross join
        lateral generate_series(
            (inclusions.included_from at time zone 'UTC')::date,
            least((inclusions.included_until at time zone 'UTC')::date - 1, policy.as_of_date),
            '1 day'
        ) as days (collection_date)
    order by inclusions.repository_id asc, days.collection_date asc, inclusions.included_from desc

),

-- A repository owes a stream on the days between that one's first collection and its last: rules and versions add some
-- and drop some.
streams as (

    select
        collections.repository_id,
        collections.stream,
        min(collections.collection_date) as first_date,
        max(collections.collection_date) as last_date
    from collections
    group by collections.repository_id, collections.stream

),

owed as (

    select
        scheduled.repository_id,
        scheduled.collection_date,
        array_agg(streams.stream order by streams.stream) as streams
    from scheduled
    inner join streams
        on
            scheduled.repository_id = streams.repository_id
            and scheduled.collection_date between streams.first_date and streams.last_date
    group by scheduled.repository_id, scheduled.collection_date

),

done as (

    select
        collections.repository_id,
        collections.collection_date,
        array_agg(distinct collections.stream) filter (where collections.is_complete) as streams
    from collections
    group by collections.repository_id, collections.collection_date

)

select
    scheduled.repository_id,
    coalesce(repositories.repository, scheduled.repository) as repository,
    scheduled.collection_date,
    done.repository_id is not null as is_attempted,
    coalesce(done.streams @> owed.streams, false) as is_complete
from scheduled
left join repositories
    on scheduled.repository_id = repositories.repository_id
left join owed
    on
        scheduled.repository_id = owed.repository_id
        and scheduled.collection_date = owed.collection_date
left join done
    on
        scheduled.repository_id = done.repository_id
        and scheduled.collection_date = done.collection_date
