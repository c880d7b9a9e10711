-- One row per run, repository and stream that was collected; the organisation's own streams have no repository.
select
    run_id,
    repository_id,
    case when repository_id is not null then split_part(repository, '/', 2) end as repository,
    stream,
    lane,
    started_at,
    ended_at,
    outcome = 'complete' as is_complete,
    (started_at at time zone 'UTC')::date as collection_date,
    rows_seen,
    rejects,
    remote_count,
    error
from {{ source('raw', 'github_collections') }}
