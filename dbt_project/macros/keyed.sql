{#- In the transaction of a keyed model, before anything else: its number, and up to which version it reads raw. ``raw``
    of its config names each stream that it reads, with the instant from which an object is seen by a build that knows
    the world up to then; objects that are not yet seen are noted, and looked at again by the next build. -#}
{% macro before_build() -%}
{%- if config.get('incremental_strategy') == 'keyed' -%}
create temporary table this_build on commit drop as
select
    nextval('intermediate.build_numbers') as build,
    greatest(
        0
        {%- for stream in config.get('raw') or {} %}, (select max(version_id) from raw.{{ stream }}){% endfor -%}
    ) as version_id;
create temporary table unseen (stream text, natural_key text) on commit drop;
{% for stream, seen_at in (config.get('raw') or {}).items() if seen_at -%}
insert into unseen
select '{{ stream }}', landed.natural_key
from {{ landed(stream) }} as landed
where not landed.deleted and {{ seen_at }} >= (select as_of_at from intermediate.present);
{% endfor -%}
{%- endif -%}
{%- endmacro %}

{% macro few_or_many() -%}
select set_config('enable_nestloop', case when count(*) > 10000 then 'off' else 'on' end, true) from dirty_keys
{%- endmacro %}

{% macro last_version_id() -%}
{%- set build = last_build() if goes_on() else none -%}
{{ return(build.version_id if build else 0) }}
{%- endmacro %}

{#- In the same transaction, when it is built. -#}
{% macro after_build() -%}
{%- if config.get('incremental_strategy') == 'keyed' -%}
{%- set whole = not goes_on() -%}
insert into intermediate.builds (relation, build, whole_build, version_id, as_of_at, fingerprint)
select '{{ model.name }}', this_build.build, this_build.build, this_build.version_id, present.as_of_at, {{ fingerprint() }}
from this_build cross join intermediate.present as present
on conflict (relation) do update set
    build = excluded.build,
    {% if whole -%}whole_build = excluded.whole_build,{%- endif %}
    version_id = excluded.version_id,
    as_of_at = excluded.as_of_at,
    fingerprint = excluded.fingerprint;
{% if whole -%}
delete from intermediate.changed_keys where relation = '{{ model.name }}' or relation like '{{ model.name }}.%';
analyze {{ this }};
{%- endif %}
delete from intermediate.changed_keys where relation like '{{ model.name }}/%';
insert into intermediate.changed_keys (relation, build, key_1)
select '{{ model.name }}/' || unseen.stream, this_build.build, unseen.natural_key from unseen cross join this_build
{%- elif config.get('materialized') == 'view' -%}
{{ remember_view() }}
{%- else -%}
analyze {{ this }}
{%- endif -%}
{%- endmacro %}

{#- A pre-hook: the keys that may differ from what the model holds, by a query that names them as the model does. Few are
    looked up by indexes, whatever the planner expects; for many, tables are read through. -#}
{% macro dirty(query) -%}
{{ return("{% if goes_on() %}create temporary table dirty_keys on commit drop as select distinct * from ("
    ~ query ~ ") as found; analyze dirty_keys; " ~ few_or_many() ~ "{% endif %}") }}
{%- endmacro %}

{#- A stream's objects that landed since the model was last built, or were not to be seen then. -#}
{% macro landed(stream) -%}
(
    select * from raw.{{ stream }} where version_id > {{ last_version_id() }}
    {% if last_version_id() -%}
    union all
    select * from raw.{{ stream }}
    where
        version_id <= {{ last_version_id() }}
        and natural_key = any(array(
            select key_1 from intermediate.changed_keys where relation = '{{ model.name }}/{{ stream }}'
        ))
    {%- endif %}
)
{%- endmacro %}

{#- Keys of a keyed model that have changed since this one was last built, as its columns. -#}
{% macro changed(name, columns, log='') -%}
{%- set build = last_build() -%}
(
    select
        {% for column in columns -%}
        key_{{ loop.index }}::{{ column.split(' ')[1] if ' ' in column else 'text' }} as {{ column.split(' ')[0] }}{{ ',' if not loop.last }}
        {% endfor %}
    from intermediate.changed_keys
    where relation = '{{ name }}{{ '.' ~ log if log }}' and build > {{ build.build if build else 0 }}
)
{%- endmacro %}

{#- The instant up to which the world was known when the model was last built. -#}
{% macro last_as_of_at() -%}
'{{ last_build().as_of_at }}'::timestamptz
{%- endmacro %}

{#- Replace the rows of those keys whose rows differ, and log the keys. Without ``dirty_keys`` all are compared. -#}
{% macro get_incremental_keyed_sql(arg_dict) -%}
{%- set target, temp = arg_dict['target_relation'], arg_dict['temp_relation'] -%}
{%- set keys = [arg_dict['unique_key']] if arg_dict['unique_key'] is string else arg_dict['unique_key'] -%}
{%- set key = keys | join(', ') -%}
{%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
{%- set is_told = not config.get('compares_all') -%}
set local enable_nestloop = on;
set local enable_hashjoin = on;
set local enable_mergejoin = on;
create temporary table old_rows on commit drop as
select {{ columns }} from {{ target }} {% if is_told %}where ({{ key }}) in (select {{ key }} from dirty_keys){% endif %};
create temporary table differing_rows on commit drop as
(select {{ columns }}, false as is_new from (select {{ columns }} from old_rows except all select {{ columns }} from {{ temp }}) as gone)
union all
(select {{ columns }}, true from (select {{ columns }} from {{ temp }} except all select {{ columns }} from old_rows) as added);
create temporary table differing_keys on commit drop as
select distinct {{ key }} from differing_rows;
analyze differing_keys;
insert into intermediate.changed_keys (relation, build, key_1, key_2, key_3)
select '{{ model.name }}', this_build.build, {{ logged_keys('differing_keys', keys) }}
from differing_keys cross join this_build;
{% for log, logged in (config.get('also_logs') or {}).items() -%}
{%- set seen = (logged.seen or arg_dict['dest_columns'] | map(attribute='name') | list) | join(', ') -%}
insert into intermediate.changed_keys (relation, build, key_1, key_2, key_3)
select distinct '{{ model.name }}.{{ log }}', this_build.build, {{ logged_keys('rows', logged['keys']) }}
from (
    (
        select {{ seen }} from differing_rows where not is_new
        except all
        select {{ seen }} from differing_rows where is_new
    )
    union all
    (
        select {{ seen }} from differing_rows where is_new
        except all
        select {{ seen }} from differing_rows where not is_new
    )
) as rows cross join this_build
where rows.{{ logged['keys'][0] }} is not null;
{% endfor -%}
delete from {{ target }} where ({{ key }}) in (select {{ key }} from differing_keys);
insert into {{ target }} ({{ columns }})
select {{ columns }} from {{ temp }} where ({{ key }}) in (select {{ key }} from differing_keys)
{%- endmacro %}


{% macro logged_keys(relation, keys) -%}
{% for place in range(3) %}{{ relation ~ '.' ~ keys[place] ~ '::text' if place < keys | length else 'null' }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}

{#- Whether a row's key is among the dirty ones: of one column, of two, and of what an event is about. As an array, so
    that an index is used however few rows the planner expects of the table. -#}
{% macro is_dirty(key) -%}
{{ key }} = any(array(select dirty_keys.{{ key.split('.')[-1] }} from dirty_keys))
{%- endmacro %}

{% macro are_dirty(first, second) -%}
({{ first }}, {{ second }}) in (select dirty_keys.{{ first }}, dirty_keys.{{ second }} from dirty_keys)
{%- endmacro %}

{% macro is_dirty_item(item_id, item_type) -%}
{{ item_id }} = any(array(select dirty_keys.item_id from dirty_keys where dirty_keys.item_type = '{{ item_type }}'))
{%- endmacro %}
