-- One row per run that asked which repositories there are, with the difference between GitHub's clock and ours.
select
    run_id,
    discovered_at,
    repositories as repositories_count,
    extract(epoch from answered_at - discovered_at)::double precision as clock_ahead_seconds
from {{ source('raw', 'github_discoveries') }}
