{#- What each model last built, for models that go on from there (incremental_strategy='keyed').

    A model that goes on tells in its pre-hook which keys may differ from what it holds (``dirty``), reads only what
    belongs to them, and the strategy writes those that really differ and logs them for the models below it. What made
    everything different (the policy, who is a machine, the model's own text) is in the fingerprint, and then the
    model is built whole, and so are those below it. Nothing of this is told to dbt from outside.

    What holds for every model of this run: the policy without its day, which accounts are machines, who is one person. -#}
{% macro record_present() -%}
insert into intermediate.present (single, fingerprint, as_of_at)
select
    true,
    md5(concat_ws(
        '|',
        (
            select to_jsonb(policy) - array['as_of_date', 'run_id', 'single']
            from {{ source('raw', 'policy_parameters') }} as policy
        ),
        (
            select string_agg(accounts.user_id::text, ',' order by accounts.user_id)
            from {{ source('raw', 'github_accounts') }} as accounts
            where accounts.is_bot
        ),
        (
            select string_agg(people.user_id || '=' || people.canonical_user_id, ',' order by people.user_id)
            from {{ source('raw', 'people') }} as people
            where people.user_id <> people.canonical_user_id
        )
    )),
    (
        select (policy.as_of_date + 1)::timestamp at time zone 'UTC'
        from {{ source('raw', 'policy_parameters') }} as policy
    )
on conflict (single) do update set fingerprint = excluded.fingerprint, as_of_at = excluded.as_of_at
{%- endmacro %}

{#- Builds of models that are no more, and keys that every model has read. -#}
{% macro forget_old_builds() -%}
{%- if execute -%}
delete from intermediate.builds
where relation not in ('' {%- for name in keyed_models() %}, '{{ name }}'{% endfor %});
delete from intermediate.changed_keys
where
    build <= (select coalesce(min(builds.build), 0) from intermediate.builds as builds)
    and position('/' in relation) = 0
{%- endif -%}
{%- endmacro %}

{% macro keyed_models() -%}
{{ return(
    graph.nodes.values()
    | selectattr('resource_type', 'equalto', 'model')
    | selectattr('config.incremental_strategy', 'equalto', 'keyed')
    | map(attribute='name') | list
) }}
{%- endmacro %}

{#- The keyed models that a model reads, also through views. -#}
{% macro keyed_sources(node) -%}
{%- set found = [] -%}
{%- for id in node.depends_on.nodes -%}
    {%- set upper = graph.nodes.get(id) -%}
    {%- if upper and upper.resource_type == 'model' -%}
        {%- if upper.config.incremental_strategy == 'keyed' -%}
            {%- do found.append(upper.name) -%}
        {%- elif upper.config.materialized == 'view' -%}
            {%- do found.extend(keyed_sources(upper)) -%}
        {%- endif -%}
    {%- endif -%}
{%- endfor -%}
{{ return(found) }}
{%- endmacro %}

{% macro fingerprint() -%}
(select md5(concat(present.fingerprint, '{{ model.checksum.checksum }}', {{ config.get('rules') or "''" }})) from intermediate.present as present)
{%- endmacro %}

{#- dbt's own, extended: a keyed model is built whole unless it can go on from its last build. -#}
{% macro should_full_refresh() -%}
{%- set asked = config.get('full_refresh') -%}
{%- set asked = flags.FULL_REFRESH if asked is none else asked -%}
{%- if asked or not execute or config.get('incremental_strategy') != 'keyed' -%}{{ return(asked) }}{%- endif -%}
{{ return(not last_build()) }}
{%- endmacro %}

{#- The build that this one goes on from, or nothing. Asked for once and remembered: it is still the one when this build
    has been written. -#}
{% macro last_build() -%}
{%- if not execute -%}{{ return(none) }}{%- endif -%}
{%- if 'last_build' in model -%}{{ return(model['last_build']) }}{%- endif -%}
{%- set found = run_query("
    select builds.build, builds.version_id, builds.as_of_at::text as as_of_at
    from intermediate.builds as builds
    cross join intermediate.present as present
    where
        builds.relation = '" ~ model.name ~ "'
        and builds.fingerprint = " ~ fingerprint() ~ "
        and builds.as_of_at <= present.as_of_at
        and not exists (
            select 1 from intermediate.builds as upper
            where upper.relation = any('{" ~ keyed_sources(model) | join(',') ~ "}') and upper.whole_build > builds.build
        )
        and not " ~ (config.get('whole_if') or 'false') ~ "
") -%}
{%- do model.update({'last_build': found.rows[0] if found.rows else none}) -%}
{{ return(model['last_build']) }}
{%- endmacro %}

{#- Whether this build goes on from the last one: never in a unit test, nor when the table is made. -#}
{% macro goes_on() -%}
{{ return(this is not none and is_incremental()) }}
{%- endmacro %}

{#- Whether objects of these streams are gone since the model was last built. -#}
{% macro lost_some(streams) -%}
{%- if not execute -%}{{ return(false) }}{%- endif -%}
{%- set checks = [] -%}
{%- for stream in streams -%}
    {%- do checks.append('exists (select 1 from ' ~ landed(stream) ~ ' as landed where deleted)') -%}
{%- endfor -%}
{{ return(run_query('select ' ~ checks | join(' or ')).rows[0][0]) }}
{%- endmacro %}
