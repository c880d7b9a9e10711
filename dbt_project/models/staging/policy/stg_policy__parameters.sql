-- One row: the policy of this build, and the instant up to which the world is known.
select
    as_of_date,
    (as_of_date + 1)::timestamp at time zone 'UTC' as as_of_at,
    coalesce(organization, 'organization') as organization,
    tier_edition,
    space_edition,
    timezone as time_zone,
    minimum_deployments,
    minimum_observed_days,
    make_interval(secs => (failure_window_hours * 3600)::double precision) as failure_window,
    make_interval(secs => (hotfix_window_hours * 3600)::double precision) as hotfix_window,
    make_interval(days => lead_time_bound_days) as lead_time_bound,
    read_since,
    -- The first whole week of which nothing has been deleted yet, whatever the zone.
    date_trunc('week', as_of_date - personal_days + 9)::date as persons_since_date,
    external_labels,
    incident_labels,
    bug_labels
from {{ source('raw', 'policy_parameters') }}
