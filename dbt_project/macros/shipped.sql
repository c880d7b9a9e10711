{#- Of each service whose deployments have changed, or of which a shipped commit has learned of its parent: what the
    first such deployment and those after it reach that none before them does. Those before it stand. Each step is an
    index lookup: the planner would read all parents at every step, since how few commits a step reaches nobody can tell. -#}
{% macro dirty_shipped() -%}
{% if goes_on() -%}
create temporary table redone_services on commit drop as
select
    changes.service,
    min(changes.deployment_number) as first_number
from (
    select service, deployment_number
    from {{ changed('int_deployments__collapsed', ['service', 'deployment_number int'], log='numbers') }} as numbers
    union all
    select shipped.service, shipped.deployment_number
    from {{ changed('int_commit_parents__numbered', ['commit_number int']) }} as parents
    inner join {{ this }} as shipped
        on parents.commit_number = shipped.commit_number
) as changes
group by changes.service;
analyze redone_services;

set local enable_hashjoin = off;
set local enable_mergejoin = off;
create temporary table open_commits on commit drop as
with recursive walk (service, commit_number, first_number) as (
    select
        deployments.service,
        deployments.commit_number,
        redone_services.first_number
    from redone_services
    inner join {{ ref('int_deployments__collapsed') }} as deployments
        on
            redone_services.service = deployments.service
            and redone_services.first_number <= deployments.deployment_number
    where
        deployments.commit_number is not null
        and not exists (
            select 1 from {{ this }} as kept
            where
                kept.service = deployments.service
                and kept.commit_number = deployments.commit_number
                and kept.deployment_number < redone_services.first_number
        )
    union
    select
        walk.service,
        parents.parent_number,
        walk.first_number
    from walk
    inner join {{ ref('int_commit_parents__numbered') }} as parents
        on walk.commit_number = parents.commit_number
    where
        parents.parent_number is not null
        and not exists (
            select 1 from {{ this }} as kept
            where
                kept.service = walk.service
                and kept.commit_number = parents.parent_number
                and kept.deployment_number < walk.first_number
        )
)
select
    walk.service,
    walk.commit_number
from walk;
analyze open_commits;
set local enable_hashjoin = on;
set local enable_mergejoin = on;

create temporary table dirty_keys on commit drop as
select
    open_commits.service,
    open_commits.commit_number
from open_commits
union
select
    shipped.service,
    shipped.commit_number
from redone_services
inner join {{ this }} as shipped
    on
        redone_services.service = shipped.service
        and redone_services.first_number <= shipped.deployment_number;
analyze dirty_keys
{%- endif %}
{%- endmacro %}
