-- One row per finding about what could not be joined: repositories without deployments, things without a counterpart.
with

repositories as (

    select * from {{ ref('dim_repositories') }}

),

services as (

    select * from {{ ref('dim_services') }}

),

deployments as not materialized (

    select * from {{ ref('fct_deployments') }}

),

changes as not materialized (

    select * from {{ ref('fct_changes') }}

),

incidents as (

    select * from {{ ref('fct_incidents') }}

),

attempts as (

    select * from {{ ref('fct_deployment_attempts') }}

),

unlinked as (

    select * from {{ ref('fct_unlinked') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

recent_deployments as (

    select
        deployments.repository,
        count(*) as n,
        count(*) filter (where deployments.is_assumed) as assumed
    from deployments
    cross join policy
    where deployments.deployed_at >= policy.as_of_at - interval '28 days'
    group by deployments.repository

),

last_deployments as (

    select
        deployments.repository,
        max(deployments.deployed_at) as deployed_at
    from deployments
    group by deployments.repository

),

recent_changes as (

    select
        changes.repository,
        count(distinct changes.change_id) as n
    from changes
    cross join policy
    where changes.merged_at >= policy.as_of_at - interval '28 days'
    group by changes.repository

),

-- Where nothing is merged, nothing is to be deployed: that is quiet, not wrong.
without_deployments as (

    select
        'deployments_missing' as check_name,
        case when recent_changes.n > 0 then 'warning' else 'note' end as severity,
        'repository' as scope_type,
        repositories.repository as scope,
        null as subject,
        coalesce(recent_changes.n, 0)::double precision as value,
        'changes merged' as unit,
        'a deployment within 28 days' as expected,
        last_deployments.deployed_at as since,
        'judged by ' || array_to_string(repositories.deployment_sources, ', ') || ': '
        || case when last_deployments.deployed_at is null then 'never deployed' else 'not deployed since' end
            as explanation
    from repositories
    left join recent_deployments
        on repositories.repository = recent_deployments.repository
    left join last_deployments
        on repositories.repository = last_deployments.repository
    left join recent_changes
        on repositories.repository = recent_changes.repository
    where
        recent_deployments.n is null
        and not repositories.is_archived
        and not repositories.is_gone

),

assumed as (

    select
        'deployments_assumed' as check_name,
        'note' as severity,
        'repository' as scope_type,
        recent_deployments.repository as scope,
        'branch' as subject,
        recent_deployments.assumed::double precision as value,
        'deployments in 28 days' as unit,
        'deployments of its own' as expected,
        null::timestamptz as since,
        'it shows no ' || array_to_string(array_remove(repositories.deployment_sources, 'branch'), ' and no ')
        || ', so each merge to ' || coalesce(repositories.default_branch, 'the default branch')
        || ' counts as a deployment' as explanation
    from recent_deployments
    inner join repositories
        on recent_deployments.repository = repositories.repository
    where recent_deployments.assumed > 0

),

-- How many there were in all in the 90 days: a count without its share says nothing.
totals as (

    select
        'change' as subject_type,
        count(*) as n
    from changes
    cross join policy
    where changes.merged_at >= policy.as_of_at - interval '90 days'
    union all
    select
        'incident' as subject_type,
        count(*) as n
    from incidents
    cross join policy
    where incidents.opened_at >= policy.as_of_at - interval '90 days'
    union all
    select
        'deployment' as subject_type,
        count(*) as n
    from deployments
    cross join policy
    where deployments.deployed_at >= policy.as_of_at - interval '90 days'
    union all
    select
        'attempt' as subject_type,
        count(*) as n
    from attempts
    cross join policy
    where attempts.started_at >= policy.as_of_at - interval '90 days'

),

-- What was merged in the last two weeks may still be deployed; what someone judged external or a duplicate is linked
-- to nothing because it should not be.
missing_links as (

    select
        unlinked.subject_type,
        unlinked.reason,
        count(*) as n,
        min(unlinked.happened_at) as since,
        (array_agg(distinct unlinked.repository) filter (where unlinked.repository is not null))[:3] as repositories
    from unlinked
    cross join policy
    where
        unlinked.happened_at >= policy.as_of_at - interval '90 days'
        and unlinked.subject_type in ('change', 'incident', 'deployment', 'attempt')
        and unlinked.reason not in ('external', 'duplicate_or_not_planned')
        and (
            unlinked.reason <> 'not_yet_deployed'
            or unlinked.happened_at < policy.as_of_at - interval '14 days'
        )
    group by unlinked.subject_type, unlinked.reason

),

-- Many an incident is no deployment's doing, many a deployment is to no production: shown, but nobody's fault.
-- An attempt of no service is not among the attempts of services, so its share is of both together.
unlinked_shares as (

    select
        missing_links.*,
        totals.n + case when missing_links.subject_type = 'attempt' then missing_links.n else 0 end as total
    from missing_links
    inner join totals
        on missing_links.subject_type = totals.subject_type

),

unlinked_findings as (

    select
        'unlinked' as check_name,
        case
            when
                unlinked_shares.reason in (
                    'not_yet_deployed', 'no_deployment_within_window', 'environment_of_no_service'
                )
                then 'note'
            when unlinked_shares.n > 0.05 * unlinked_shares.total then 'warning'
            else 'note'
        end as severity,
        'organization' as scope_type,
        policy.organization as scope,
        unlinked_shares.subject_type || ': ' || replace(unlinked_shares.reason, '_', ' ') as subject,
        unlinked_shares.n::double precision as value,
        unlinked_shares.subject_type || 's' as unit,
        'at most 5 %' as expected,
        unlinked_shares.since,
        unlinked_shares.n || ' of ' || unlinked_shares.total || ' in 90 days ('
        || round(100.0 * unlinked_shares.n / nullif(unlinked_shares.total, 0), 1) || ' %), as in '
        || coalesce(array_to_string(unlinked_shares.repositories, ', '), 'no repository') as explanation
    from unlinked_shares
    cross join policy

),

ownerless as (

    select
        'owner_missing' as check_name,
        'note' as severity,
        'service' as scope_type,
        services.service as scope,
        null as subject,
        null::double precision as value,
        null as unit,
        'a team' as expected,
        null::timestamptz as since,
        case
            when services.is_declared then 'the policy names the service and no team for it'
            else 'the policy does not name it; it stands for its repository'
        end as explanation
    from services
    inner join repositories
        on services.repository = repositories.repository
    where
        services.team is null
        and not repositories.is_archived
        and not repositories.is_gone

)

select * from without_deployments
union all
select * from assumed
union all
select * from unlinked_findings
union all
select * from ownerless
