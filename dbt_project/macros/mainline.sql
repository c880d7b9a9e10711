{#- Where the default branch of each repository ends.

    A head read before the newest commits is behind them; one that was pushed away by force is not the head. Where other
    branches or tags are read, what follows the head may be theirs, so the head is what it says it is. -#}
{% macro mainline_tips() -%}
with

side_heads as (

    select
        pushes.repository_id,
        pushes.after_oid as oid
    from {{ ref('stg_github__pushes') }} as pushes
    union
    select
        tags.repository_id,
        tags.sha as oid
    from {{ ref('stg_github__tags') }} as tags

),

candidates as (

    select unfollowed.commit_number
    from {{ ref('int_commits__unfollowed') }} as unfollowed
    union
    select commits.commit_number
    from {{ ref('int_repositories__configured') }} as repositories
    inner join {{ ref('int_commits__numbered') }} as commits
        on
            repositories.repository_id = commits.repository_id
            and repositories.head_oid = commits.oid
    where repositories.repository_id in (select side_heads.repository_id from side_heads)

)

select distinct on (commits.repository_id)
    commits.repository_id,
    commits.commit_number
from candidates
inner join {{ ref('int_commits__numbered') }} as commits
    on candidates.commit_number = commits.commit_number
inner join {{ ref('int_repositories__configured') }} as repositories
    on commits.repository_id = repositories.repository_id
order by
    commits.repository_id asc,
    coalesce(commits.oid = repositories.head_oid, false) desc,
    (commits.repository_id, commits.oid) not in (
        select
            side_heads.repository_id,
            side_heads.oid
        from side_heads
    ) desc,
    commits.committed_at desc,
    commits.oid asc
{%- endmacro %}

{#- The new end of each line, down to where it meets the old one. Where it does not meet its old end, and where a
    commit of the line has learned of its parent, the line of that repository is walked anew. -#}
{% macro dirty_mainline() -%}
{% if goes_on() -%}
create temporary table tips on commit drop as
{{ mainline_tips() }};

create temporary table walked on commit drop as
with recursive walk (repository_id, commit_number, is_old) as (
    select
        tips.repository_id,
        tips.commit_number,
        exists (select 1 from {{ this }} as this where this.commit_number = tips.commit_number)
    from tips
    union
    select
        walk.repository_id,
        parents.parent_number,
        exists (select 1 from {{ this }} as this where this.commit_number = parents.parent_number)
    from walk
    inner join {{ ref('int_commit_parents__numbered') }} as parents
        on walk.commit_number = parents.commit_number
    where
        not walk.is_old
        and parents.parent_position = 1
        and parents.parent_number is not null
)
select * from walk;

create temporary table walked_anew on commit drop as
-- The old line goes on above the place where the new one meets it.
select walked.repository_id
from walked
where
    walked.is_old
    and exists (
        select 1
        from {{ ref('int_commit_parents__numbered') }} as parents
        inner join {{ this }} as this
            on parents.commit_number = this.commit_number
        where
            parents.parent_number = walked.commit_number
            and parents.parent_position = 1
    )
union
select walked.repository_id
from walked
group by walked.repository_id
having not bool_or(walked.is_old)
union
select this.repository_id
from {{ changed('int_commit_parents__numbered', ['commit_number int']) }} as parents
inner join {{ this }} as this
    on parents.commit_number = this.commit_number
union
-- The line has no end any more.
select lines.repository_id
from (select distinct this.repository_id from {{ this }} as this) as lines
where lines.repository_id not in (select tips.repository_id from tips);

create temporary table new_line on commit drop as
with recursive line (repository_id, commit_number) as (
    select
        tips.repository_id,
        tips.commit_number
    from tips
    inner join walked_anew
        on tips.repository_id = walked_anew.repository_id
    union
    select
        line.repository_id,
        parents.parent_number
    from line
    inner join {{ ref('int_commit_parents__numbered') }} as parents
        on line.commit_number = parents.commit_number
    where
        parents.parent_position = 1
        and parents.parent_number is not null
)
select * from line
union all
select
    walked.repository_id,
    walked.commit_number
from walked
where
    not walked.is_old
    and walked.repository_id not in (select walked_anew.repository_id from walked_anew);

create temporary table dirty_keys on commit drop as
select new_line.commit_number
from new_line
union
select this.commit_number
from {{ this }} as this
where this.repository_id in (select walked_anew.repository_id from walked_anew);
analyze dirty_keys
{%- endif %}
{%- endmacro %}

{#- For ``whole_if``: whether a commit is gone since the build. Walks begin anew then. -#}
{% macro commits_vanished() -%}
exists (
    select 1 from intermediate.changed_keys as vanished
    where
        vanished.relation = 'int_commits__numbered'
        and vanished.build > builds.build
        and not exists (
            select 1 from intermediate.int_commits__numbered as commits
            where commits.commit_number = vanished.key_1::int
        )
)
{%- endmacro %}
