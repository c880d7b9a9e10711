-- One row per incident of a file, as it stands at the end of the as-of day.
with

incidents as (

    select * from {{ ref('stg_imports__incidents') }}

),

services as (

    select * from {{ ref('int_services__resolved') }}

),

repositories as (

    select * from {{ ref('int_repositories__configured') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

known as (

    select
        incidents.*,
        coalesce(incidents.resolved_at < policy.as_of_at, false) as is_end_known,
        policy.as_of_at
    from incidents
    cross join policy
    where incidents.opened_at < policy.as_of_at

),

-- A service by its name; else the repository, which says the service if it has only one.
placed as (

    select distinct on (known.source_id)
        known.*,
        coalesce(named.service, only_services.service) as our_service,
        coalesce(named.repository_id, repositories.repository_id) as repository_id
    from known
    left join services as named
        on lower(known.service) = lower(named.service)
    left join repositories
        on lower(known.repository) in (lower(repositories.repository), lower(repositories.name_with_owner))
    left join services as only_services
        on
            repositories.repository_id = only_services.repository_id
            and only_services.repository_services_count = 1
    order by known.source_id asc, known.service = named.service desc nulls last, repositories.repository_id asc

)

-- One that was opened again is open, whatever end it once had. Duplicates do not count, closed or not.
select
    'import:' || source_id as incident_id,
    'import' as source,
    repository_id,
    url,
    title,
    our_service as service,
    coalesce(service, repository) as told_service,
    severity,
    opened_at,
    case when acknowledged_at < as_of_at then acknowledged_at end as acknowledged_at,
    case when status <> 'open' and is_end_known then resolved_at end as resolved_at,
    greatest(reopened_count, case when status = 'open' and is_end_known then 1 else 0 end) as reopened_count,
    status in ('duplicate', 'not_planned') and (resolved_at is null or is_end_known) as is_excluded,
    is_external,
    named_deployment,
    named_oid,
    named_pull_request_number
from placed
