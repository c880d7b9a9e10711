-- One row per issue with a label of defects, now or when it was last read.
with

objects as (

    select *
    from {{ source('raw', 'github_issues') }}
    where not deleted

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

)

select
    (objects.payload ->> 'issue_id')::bigint as issue_id,
    (objects.payload ->> 'repository_id')::bigint as repository_id,
    (objects.payload ->> 'number')::int as issue_number,
    (objects.payload ->> 'created_at')::timestamptz as created_at,
    (objects.payload ->> 'closed_at')::timestamptz as closed_at,
    coalesce(upper(objects.payload ->> 'state_reason') in ('DUPLICATE', 'NOT_PLANNED'), false) as is_excluded,
    objects.observed_at
from objects
cross join policy
where exists (
    select 1
    from unnest({{ json_texts("objects.payload -> 'labels'") }}) as carried (label)
    cross join unnest(policy.bug_labels) as wanted (label)
    where lower(carried.label) = lower(wanted.label)
)
