-- One row per day of the organisation, zero-filled: counts are 0 on a quiet day, rates and durations are missing.
with

daily as (

    select * from {{ ref('fct_metric_daily') }}

),

organization_days as (

    select * from daily
    where scope_type = 'organization'

)

select
    metric_date as date,
    {{ metric_column('deployment_frequency_per_day', 'n') }} as deployments,
    {{ metric_column('change_lead_time_hours', 'numerator / nullif(denominator, 0)') }} as avg_lead_time_hours,
    {{ metric_column('change_failure_rate_pct') }} as change_failure_rate_pct,
    {{ metric_column('change_failure_rate_pct', 'numerator') }}::bigint as failed_deployments,
    {{ metric_column('change_failure_rate_pct', 'interval_low') }} as change_failure_rate_pct_low,
    {{ metric_column('change_failure_rate_pct', 'interval_high') }} as change_failure_rate_pct_high,
    {{ metric_column('change_failure_rate_pct', 'status') }} as change_failure_rate_status,
    {{ metric_column('change_failure_rate_excluding_time_pct') }} as change_failure_rate_excluding_time_pct,
    {{ metric_column('changes_deployed', 'n') }} as changes_deployed,
    {{ metric_column('bot_changes_deployed', 'n') }} as bot_changes_deployed,
    {{ metric_column('change_lead_time_hours') }} as lead_time_hours_p50,
    {{ metric_column('change_lead_time_hours', 'value_p90') }} as lead_time_hours_p90,
    {{ metric_column('pull_request_cycle_time_hours', 'n') }} as pull_requests_merged,
    {{ metric_column('pull_request_cycle_time_hours') }} as cycle_time_hours_p50,
    {{ metric_column('failed_deployment_recovery_time_hours') }} as recovery_time_hours_p50,
    {{ metric_column('deployment_rework_rate_pct') }} as deployment_rework_rate_pct,
    {{ metric_column('deployment_attempt_failure_rate_pct') }} as deployment_attempt_failure_rate_pct,
    {{ metric_column('incidents_opened', 'n') }} as incidents_opened,
    {{ metric_column('mttr_hours', 'n') }} as incidents_resolved,
    {{ metric_column('mttr_hours') }} as mttr_hours_p50,
    min(time_zone) as time_zone,
    max(definition_version) as definition_version
from organization_days
group by metric_date
