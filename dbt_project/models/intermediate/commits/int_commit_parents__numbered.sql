{{ config(indexes=[{'columns': ['commit_number', 'parent_number']}, {'columns': ['parent_number']}]) }}

-- One row per commit and parent that is known, as numbers.
with

parents as (

    select * from {{ ref('stg_github__commit_parents') }}

),

commits as (

    select * from {{ ref('int_commits__numbered') }}

)

select distinct on (children.commit_number, forebears.commit_number)
    children.commit_number,
    forebears.commit_number as parent_number,
    parents.parent_position
from parents
inner join commits as children
    on parents.repository_id = children.repository_id and parents.oid = children.oid
inner join commits as forebears
    on parents.repository_id = forebears.repository_id and parents.parent_oid = forebears.oid
order by children.commit_number, forebears.commit_number, parents.parent_position
