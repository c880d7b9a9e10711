-- roosevelt.toml as rows, replaced at the start of each run.

set local role roosevelt_owner;

create table raw.policy_parameters (
    single boolean primary key default true check (single),
    as_of_date date not null,
    organization text,
    tier_edition text not null,
    timezone text not null,
    minimum_deployments int not null,
    minimum_observed_days int not null,
    failure_window_hours numeric not null,
    hotfix_window_hours numeric not null,
    lead_time_bound_days int not null,
    read_since date,
    external_labels text[] not null,
    incident_labels text[] not null,
    run_id uuid not null
);

create table raw.policy_services (
    position int primary key,
    service text not null unique,
    repository text not null,
    team text,
    environments text[] not null,
    paths text[] not null
);

create table raw.policy_teams (
    team text primary key,
    github_slug text not null,
    timezone text not null
);

create table raw.policy_deployment_rules (
    position int primary key,
    repositories text[] not null,
    sources text[] not null,
    environments text[] not null,
    workflows text[] not null,
    branch text
);

create table raw.policy_severities (
    position int primary key,
    severity text not null unique,
    labels text[] not null
);

grant delete on raw.policy_parameters, raw.policy_services, raw.policy_teams,
raw.policy_deployment_rules, raw.policy_severities to roosevelt_ingest;
