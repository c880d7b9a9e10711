-- One row per record, or part of one, that did not fit, with the reason.
select
    id as reject_id,
    stream,
    case when scope ~ '^\d+$' then scope::bigint end as repository_id,
    reason,
    rejected_at
from {{ source('raw', 'rejected_records') }}
