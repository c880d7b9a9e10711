{{ config(
    materialized='incremental',
    incremental_strategy='keyed',
    unique_key='change_id',
    indexes=[
        {'columns': ['service', 'change_id'], 'unique': true},
        {'columns': ['change_id']},
        {'columns': ['commit_number']},
    ],
    pre_hook=dirty("
        select change_id from {{ changed('int_changes__integrated', ['change_id']) }} as itself
        union
        select changes.change_id
        from {{ changed('int_services__resolved', ['repository_id bigint'], log='repositories') }} as services
        inner join {{ ref('int_changes__integrated') }} as changes
            on services.repository_id = changes.repository_id
    ")
) }}

-- One row per service and change that belongs to it: by its paths in a repository of several, else all.
with

changes as (

    select * from {{ ref('int_changes__integrated') }}
    {% if goes_on() %}
        where {{ is_dirty('change_id') }}
    {% endif %}

),

services as (

    select * from {{ ref('int_services__resolved') }}

)

select
    services.service,
    changes.change_id,
    changes.repository_id,
    changes.pull_request_id,
    changes.commit_number,
    changes.kind,
    changes.merged_at
from changes
inner join services
    on changes.repository_id = services.repository_id
where
    services.repository_services_count = 1
    or changes.paths is null
    or cardinality(services.path_prefixes) = 0
    or exists (
        select 1
        from unnest(changes.paths) as touched (path)
        cross join unnest(services.path_prefixes) as prefixes (prefix)
        where starts_with(touched.path, prefixes.prefix)
    )
