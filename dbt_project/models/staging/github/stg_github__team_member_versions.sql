-- One row per GitHub team, account and stretch of time in which the same was told of the two.
with

versions as (

    select
        version_id,
        natural_key,
        payload,
        deleted,
        run_id,
        observed_at,
        null::timestamptz as replaced_at
    from {{ source('raw', 'github_team_members') }}
    union all
    select
        version_id,
        natural_key,
        payload,
        deleted,
        run_id,
        observed_at,
        replaced_at
    from {{ source('raw', 'github_team_members_versions') }}

),

people as (

    select * from {{ source('raw', 'people') }}

)

select
    versions.version_id,
    (versions.payload ->> 'team_id')::bigint as team_id,
    coalesce(people.canonical_user_id, (versions.payload ->> 'user_id')::uuid) as user_id,
    not versions.deleted as is_member,
    versions.run_id,
    versions.observed_at,
    versions.replaced_at
from versions
left join people
    on (versions.payload ->> 'user_id')::uuid = people.user_id
