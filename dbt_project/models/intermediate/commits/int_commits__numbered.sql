{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='commit_number',
    raw={'github_commits': none},
    indexes=[
        {'columns': ['commit_number'], 'unique': true},
        {'columns': ['oid', 'repository_id'], 'unique': true},
        {'columns': ['committed_at', 'repository_id', 'is_bot']},
    ],
    pre_hook=dirty("
        select landed.natural_key, known.commit_number
        from {{ landed('github_commits') }} as landed
        left join {{ this }} as known
            on known.oid = landed.payload ->> 'oid'
            and known.repository_id = (landed.payload ->> 'repository_id')::bigint
    "),
    post_hook="{% if not goes_on() %}create index on {{ this }} (commit_number) where reverts_oid is not null{% endif %}"
) }}

-- One row per commit, under a small number that it keeps until all are built anew: graphs of numbers are walked faster.
with

commits as (

    select * from {{ ref('stg_github__commits') }}
    {% if goes_on() %}
        where {{ is_dirty('natural_key') }}
    {% endif %}

),

accounts as (

    select * from {{ ref('stg_github__accounts') }}

)

select
    {% if goes_on() %}
        coalesce(
            known.commit_number,
            (select coalesce(max(this.commit_number), 0) from {{ this }} as this)
            + row_number() over (
                partition by known.commit_number is null order by commits.repository_id, commits.oid
            )
        )::int as commit_number,
    {% else %}
        row_number() over (order by commits.repository_id, commits.oid)::int as commit_number,
    {% endif %}
    commits.repository_id,
    commits.oid,
    commits.authored_at,
    commits.committed_at,
    commits.author_id,
    coalesce(accounts.is_bot, false) as is_bot,
    coalesce(cardinality(commits.parent_oids), 0) as parents_count,
    commits.is_revert,
    commits.reverts_oid
from commits
left join accounts
    on commits.author_id = accounts.user_id
{% if goes_on() %}
    left join {{ this }} as known
        on
            commits.repository_id = known.repository_id
            and commits.oid = known.oid
{% endif %}
