-- One row per stream, repository and lane: where reading stopped, and whether it had reached its end.
select
    stream,
    case when scope ~ '^\d+$' then scope::bigint end as repository_id,
    lane,
    complete as is_complete,
    updated_at
from {{ source('raw', 'ingest_cursors') }}
