{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='commit_number',
    whole_if=commits_vanished(),
    indexes=[{'columns': ['commit_number'], 'unique': true}],
    pre_hook=["set local enable_hashjoin = off", "set local enable_mergejoin = off", "{{ dirty_mainline() }}"]
) }}

-- One row per commit on the first-parent line of its default branch: what was pushed or merged, not what came along.
-- Each step is an index lookup: without the hooks, and with what is read twice materialized, it would read all parents.
-- depends_on: {{ ref('int_commits__unfollowed') }}
with recursive

{% if goes_on() %}

    mainline as (

        select * from new_line

    )

{% else %}

    tips as (

        {{ mainline_tips() }}

    ),

    parents as not materialized (

        select * from {{ ref('int_commit_parents__numbered') }}

    ),

    mainline (repository_id, commit_number) as (

        select
            tips.repository_id,
            tips.commit_number
        from tips

        union

        select
            mainline.repository_id,
            parents.parent_number
        from mainline
        inner join parents
            on mainline.commit_number = parents.commit_number
        where
            parents.parent_position = 1
            and parents.parent_number is not null

    )

{% endif %}

select
    repository_id,
    commit_number
from mainline
