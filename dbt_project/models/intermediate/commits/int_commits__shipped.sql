{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key=['service', 'commit_number'],
    whole_if=commits_vanished(),
    indexes=[
        {'columns': ['commit_number', 'service'], 'unique': true},
        {'columns': ['service', 'deployment_number']},
    ],
    pre_hook="{{ dirty_shipped() }}"
) }}

-- One row per service and commit that it has deployed, with the first deployment that contains it.
with

parents as (

    select * from {{ ref('int_commit_parents__numbered') }}
    where parent_number is not null

),

deployments as (

    select * from {{ ref('int_deployments__collapsed') }}
    where commit_number is not null

),

-- Graphs that are walked, their commits numbered from 1: those of the repositories that deploy, or, where only new
-- deployments are looked at, of the services, without what earlier deployments reach.
open_commits as (

    {% if goes_on() %}
        select
            open.service as graph,
            open.commit_number,
            row_number() over (partition by open.service order by open.commit_number)::int as place
        from open_commits as open
    {% else %}
        select
            commits.repository_id::text as graph,
            commits.commit_number,
            row_number() over (partition by commits.repository_id order by commits.commit_number)::int as place
        from {{ ref('int_commits__numbered') }} as commits
        where commits.repository_id in (select deployments.repository_id from deployments)
    {% endif %}

),

edges as (

    select
        children.graph,
        children.place,
        forebears.place as parent_place
    from open_commits as children
    inner join parents
        on children.commit_number = parents.commit_number
    inner join open_commits as forebears
        on
            parents.parent_number = forebears.commit_number
            and children.graph = forebears.graph

),

degrees as (

    select
        edges.graph,
        edges.place,
        count(*) as parents_count
    from edges
    group by edges.graph, edges.place

),

offsets as (

    select
        open_commits.graph,
        open_commits.commit_number,
        open_commits.place,
        (
            coalesce(
                sum(degrees.parents_count) over (
                    partition by open_commits.graph order by open_commits.place
                    rows between unbounded preceding and 1 preceding
                ), 0
            )
        )::int as parents_before
    from open_commits
    left join degrees
        on
            open_commits.graph = degrees.graph
            and open_commits.place = degrees.place

),

nodes as (

    select
        offsets.graph,
        array_agg(offsets.commit_number order by offsets.place) as commit_numbers,
        array_agg(offsets.parents_before order by offsets.place) as parents_before
    from offsets
    group by offsets.graph

),

parent_places as (

    select
        edges.graph,
        array_agg(edges.parent_place order by edges.place, edges.parent_place) as parents
    from edges
    group by edges.graph

),

starts as (

    select
        deployments.service,
        open_commits.graph,
        array_agg(open_commits.place order by deployments.deployment_number) as places,
        array_agg(deployments.deployment_number order by deployments.deployment_number) as deployment_numbers
    from deployments
    {% if goes_on() %}
        inner join redone_services
            on
                deployments.service = redone_services.service
                and deployments.deployment_number >= redone_services.first_number
    {% endif %}
    inner join open_commits
        on
            deployments.{{ 'service' if goes_on() else 'repository_id::text' }} = open_commits.graph
            and deployments.commit_number = open_commits.commit_number
    group by deployments.service, open_commits.graph

)

select
    starts.service,
    nodes.commit_numbers[reached.place] as commit_number,
    starts.deployment_numbers[reached.start_position] as deployment_number
from starts
inner join nodes
    on starts.graph = nodes.graph
left join parent_places
    on starts.graph = parent_places.graph
cross join
    lateral unnest(
        {{ first_reached_function() }}(nodes.parents_before, coalesce(parent_places.parents, '{}'), starts.places)
    ) with ordinality as reached (start_position, place)
where reached.start_position > 0
