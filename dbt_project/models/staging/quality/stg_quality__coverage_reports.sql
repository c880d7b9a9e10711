-- One row per report of how much of a repository's code its tests reach.
with

objects as (

    select *
    from {{ source('raw', 'coverage_reports') }}
    where not deleted

)

select
    natural_key as report_key,
    payload ->> 'repository' as repository,
    payload ->> 'sha' as sha,
    (payload ->> 'measured_at')::timestamptz as measured_at,
    (payload ->> 'lines_valid')::bigint as lines_valid,
    (payload ->> 'lines_covered')::bigint as lines_covered,
    payload ->> 'source' as source,
    payload ->> 'format' as format,
    observed_at
from objects
