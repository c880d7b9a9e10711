{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='commit_number',
    whole_if=commits_vanished(),
    indexes=[{'columns': ['commit_number'], 'unique': true}],
    pre_hook=dirty("
        select commit_number from {{ changed('int_commits__numbered', ['commit_number int']) }} as itself
        union
        select parents.parent_number
        from {{ changed('int_commit_parents__numbered', ['commit_number int']) }} as children
        inner join {{ ref('int_commit_parents__numbered') }} as parents
            on children.commit_number = parents.commit_number
        where parents.parent_number is not null
    ")
) }}

-- One row per commit that is nobody's parent: where a branch ends, as far as is known.
with

commits as (

    select * from {{ ref('int_commits__numbered') }}
    {% if goes_on() %}
        where {{ is_dirty('commit_number') }}
    {% endif %}

),

parents as (

    select * from {{ ref('int_commit_parents__numbered') }}

)

select
    commits.repository_id,
    commits.commit_number
from commits
where
    not exists (
        select 1 from parents
        where parents.parent_number = commits.commit_number
    )
