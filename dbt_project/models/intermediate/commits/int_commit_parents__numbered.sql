{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='commit_number',
    raw={'github_commits': none},
    indexes=[{'columns': ['commit_number', 'parent_number']}, {'columns': ['parent_number']}],
    pre_hook=dirty("
        with arrived as (
            select commits.*
            from {{ changed('int_commits__numbered', ['commit_number int']) }} as arrived
            inner join {{ ref('int_commits__numbered') }} as commits
                on arrived.commit_number = commits.commit_number
        ),

        children as (
            select commit_number from {{ changed('int_commits__numbered', ['commit_number int']) }} as itself
            union
            select commits.commit_number
            from {{ landed('github_commits') }} as landed
            inner join {{ ref('int_commits__numbered') }} as commits
                on commits.oid = landed.payload ->> 'oid'
                and commits.repository_id = (landed.payload ->> 'repository_id')::bigint
            union
            select this.commit_number
            from {{ changed('int_commits__numbered', ['commit_number int']) }} as gone
            inner join {{ this }} as this
                on gone.commit_number = this.parent_number
            union
            select this.commit_number
            from arrived
            inner join {{ this }} as this
                on arrived.oid = this.missing_oid
        )

        select children.commit_number, commits.repository_id || ':' || commits.oid as natural_key
        from children
        left join {{ ref('int_commits__numbered') }} as commits
            on children.commit_number = commits.commit_number
    "),
    post_hook="{% if not goes_on() %}create index on {{ this }} (missing_oid) where missing_oid is not null{% endif %}"
) }}

-- One row per commit and parent, as numbers. A parent that is not known has none, and is looked for when it arrives.
with

parents as (

    select * from {{ ref('stg_github__commit_parents') }}
    {% if goes_on() %}
        where {{ is_dirty('natural_key') }}
    {% endif %}

),

commits as not materialized (

    select * from {{ ref('int_commits__numbered') }}

)

select
    children.commit_number,
    forebears.commit_number as parent_number,
    min(parents.parent_position) as parent_position,
    case when forebears.commit_number is null then parents.parent_oid end as missing_oid
from parents
inner join commits as children
    on parents.repository_id = children.repository_id and parents.oid = children.oid
left join commits as forebears
    on parents.repository_id = forebears.repository_id and parents.parent_oid = forebears.oid
group by
    children.commit_number,
    forebears.commit_number,
    case when forebears.commit_number is null then parents.parent_oid end
