-- One row per deployment and phase of it that another system told: started, or finished.
select
    natural_key as event_key,
    payload ->> 'service' as service,
    payload ->> 'repository' as repository,
    payload ->> 'environment' as environment,
    payload ->> 'id' as source_id,
    (payload ->> 'attempt')::int as attempt,
    payload ->> 'sha' as sha,
    payload ->> 'status' as status,
    (payload ->> 'started_at')::timestamptz as started_at,
    (payload ->> 'finished_at')::timestamptz as finished_at,
    payload ->> 'url' as url,
    observed_at
from {{ source('raw', 'deployment_events') }}
where not deleted
