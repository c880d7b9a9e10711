-- What one more day looks up among all objects of years: few of many, by what the models ask for.

set local role roosevelt_owner;

create index on raw.github_pull_requests (source_updated_at);
create index on raw.github_pull_requests (natural_key)
where coalesce((payload ->> 'is_hotfix')::boolean, false) and not deleted;
create index on raw.github_pull_requests (first_seen_at);
create index on raw.github_deployments ((payload ->> 'sha'));
create index on raw.github_deployments (((payload ->> 'workflow_run_id')::bigint));
create index on raw.github_workflow_runs ((payload ->> 'head_sha'));
create index on raw.github_workflow_runs (((payload ->> 'run_id')::bigint));
