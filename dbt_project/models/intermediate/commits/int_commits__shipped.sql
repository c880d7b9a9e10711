{{ config(indexes=[{'columns': ['commit_number', 'service'], 'unique': true}]) }}

-- One row per service and commit that it has deployed, with the first deployment that contains it.
with

commits as (

    select * from {{ ref('int_commits__numbered') }}

),

parents as (

    select * from {{ ref('int_commit_parents__numbered') }}

),

deployments as (

    select * from {{ ref('int_deployments__collapsed') }}

),

-- Numbers of commits run without gaps within a repository, so a repository's graph fits into two arrays.
degrees as (

    select
        commits.repository_id,
        commits.commit_number,
        count(parents.parent_number) as parents_count
    from commits
    left join parents
        on commits.commit_number = parents.commit_number
    where commits.repository_id in (select deployments.repository_id from deployments)
    group by commits.repository_id, commits.commit_number

),

offsets as (

    select
        degrees.repository_id,
        degrees.commit_number,
        (
            coalesce(
                sum(degrees.parents_count) over (
                    partition by degrees.repository_id order by degrees.commit_number
                    rows between unbounded preceding and 1 preceding
                ), 0
            )
        )::int as parents_before
    from degrees

),

nodes as (

    select
        offsets.repository_id,
        min(offsets.commit_number) - 1 as number_before,
        array_agg(offsets.parents_before order by offsets.commit_number) as parents_before
    from offsets
    group by offsets.repository_id

),

edges as (

    select
        nodes.repository_id,
        array_agg(parents.parent_number - nodes.number_before order by parents.commit_number, parents.parent_number)
            as parents
    from nodes
    inner join commits
        on nodes.repository_id = commits.repository_id
    inner join parents
        on commits.commit_number = parents.commit_number
    group by nodes.repository_id

),

starts as (

    select
        deployments.service,
        deployments.repository_id,
        array_agg(deployments.commit_number - nodes.number_before order by deployments.deployment_number) as commits,
        array_agg(deployments.deployment_number order by deployments.deployment_number) as deployment_numbers
    from deployments
    inner join nodes
        on deployments.repository_id = nodes.repository_id
    where deployments.commit_number is not null
    group by deployments.service, deployments.repository_id

)

select
    starts.service,
    nodes.number_before + reached.place::int as commit_number,
    starts.deployment_numbers[reached.start_position] as deployment_number
from starts
inner join nodes
    on starts.repository_id = nodes.repository_id
left join edges
    on starts.repository_id = edges.repository_id
cross join
    lateral unnest(
        {{ first_reached_function() }}(nodes.parents_before, coalesce(edges.parents, '{}'), starts.commits)
    ) with ordinality as reached (start_position, place)
where reached.start_position > 0
