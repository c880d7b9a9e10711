-- One row per finding about the data: what is wrong, since when, how it should be, and what to do.
with

of_collections as (

    select * from {{ ref('fct_findings_of_collections') }}

),

of_contents as (

    select * from {{ ref('fct_findings_of_contents') }}

),

of_activity as (

    select * from {{ ref('fct_findings_of_activity') }}

),

of_deliveries as (

    select * from {{ ref('fct_findings_of_deliveries') }}

),

of_machines as (

    select * from {{ ref('fct_findings_of_machines') }}

),

checks as (

    select * from {{ ref('data_health_checks') }}

),

policy as (

    select * from {{ ref('stg_policy__parameters') }}

),

findings as (

    select * from of_collections
    union all
    select * from of_contents
    union all
    select * from of_activity
    union all
    select * from of_deliveries
    union all
    select * from of_machines

)

select
    policy.as_of_date,
    findings.check_name,
    findings.severity,
    findings.scope_type,
    findings.scope,
    coalesce(findings.subject, '') as subject,
    findings.value::double precision as value,
    findings.unit,
    findings.expected,
    findings.since,
    findings.explanation,
    checks.remedy
from findings
inner join checks
    on findings.check_name = checks.check_name
cross join policy
