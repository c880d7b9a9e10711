-- One row per repository and day on which its lines were counted or estimated.
with

objects as (

    select *
    from {{ source('raw', 'repository_lines') }}
    where not deleted

)

select
    natural_key as count_key,
    payload ->> 'repository' as repository,
    (payload ->> 'counted_at')::timestamptz as counted_at,
    (payload ->> 'lines')::bigint as lines_count,
    payload ->> 'method' as method,
    observed_at
from objects
