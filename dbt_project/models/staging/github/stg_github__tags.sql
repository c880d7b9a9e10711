-- One row per tag and commit that it points to or pointed to before it was moved; none of a tag that is gone.
with

heads as (

    select *
    from {{ source('raw', 'github_tags') }}
    where not deleted

),

versions as (

    select *
    from {{ source('raw', 'github_tags_versions') }}
    where not deleted

),

told as (

    select
        heads.payload,
        heads.observed_at,
        heads.version_id,
        true as is_current
    from heads
    union all
    select
        versions.payload,
        versions.observed_at,
        versions.version_id,
        false as is_current
    from versions
    inner join heads
        on versions.natural_key = heads.natural_key

)

-- Lightweight tags do not say when they were made, so one that is put back on a commit is not seen to be.
select distinct on (repository_id, tag_name, sha, tagged_at)
    (payload ->> 'repository_id')::bigint as repository_id,
    payload ->> 'name' as tag_name,
    payload ->> 'oid' as sha,
    coalesce(payload ->> 'tagged_at', payload ->> 'committed_at')::timestamptz as tagged_at,
    case when payload ->> 'tagged_at' is null then 'commit' else 'tagger' end as method,
    is_current,
    observed_at
from told
order by repository_id asc, tag_name asc, sha asc, tagged_at asc, is_current desc, version_id asc
