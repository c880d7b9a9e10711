-- One row per issue that is an incident by its labels, or was when it was last read: of others no title is kept.
with

objects as (

    select *
    from {{ source('raw', 'github_issues') }}
    where
        not deleted
        and payload ->> 'title' is not null

)

select
    natural_key,
    (payload ->> 'issue_id')::bigint as issue_id,
    (payload ->> 'repository_id')::bigint as repository_id,
    (payload ->> 'number')::int as issue_number,
    payload ->> 'url' as url,
    payload ->> 'title' as title,
    payload ->> 'state' as state,
    upper(payload ->> 'state_reason') as state_reason,
    (payload ->> 'created_at')::timestamptz as created_at,
    (payload ->> 'closed_at')::timestamptz as closed_at,
    coalesce({{ json_texts("payload -> 'labels'") }}, '{}') as labels,
    {{ json_texts("payload -> 'named_deployment_ids'") }}::bigint[] as named_deployment_ids,
    {{ json_texts("payload -> 'named_oids'") }} as named_oids,
    {{ json_texts("payload -> 'named_pull_requests'") }}::int[] as named_pull_request_numbers,
    observed_at
from objects
