{#- A view that would turn out the same is left as it is: dbt's own makes it anew, renames twice, and drops the old one,
    which takes the views upon it with it. Two of five nodes are views, and nearly all of them never change. -#}
{% materialization view, adapter='postgres', supported_languages=['sql'] -%}
{%- if not flags.FULL_REFRESH and run_query(same_view()).rows -%}
    {%- call noop_statement('main', 'SAME VIEW') -%}{{ sql }}{%- endcall -%}
    {{ return({'relations': [this.incorporate(type='view')]}) }}
{%- endif -%}
{{ return(dbt.materialization_view_default()) }}
{%- endmaterialization %}

{% macro same_view() -%}
select 1 from intermediate.views
where relation = '{{ this.render() }}' and view_oid = to_regclass('{{ this.render() }}') and fingerprint = '{{ view_fingerprint() }}'
{%- endmacro %}

{#- In the transaction in which a view is made. -#}
{% macro remember_view() -%}
insert into intermediate.views (relation, view_oid, fingerprint)
values ('{{ this.render() }}', to_regclass('{{ this.render() }}'), '{{ view_fingerprint() }}')
on conflict (relation) do update set view_oid = excluded.view_oid, fingerprint = excluded.fingerprint
{%- endmacro %}

{#- Of all that dbt would write: the query, who may read it, and what is said of it and its columns. -#}
{% macro view_fingerprint() -%}
{{ return(local_md5(tojson([
    model.compiled_code, config.get('grants'), config.get('contract') | string, model.description,
    model.columns.values() | map(attribute='name') | list,
    model.columns.values() | map(attribute='data_type', default='') | list,
    model.columns.values() | map(attribute='description', default='') | list,
]))) }}
{%- endmacro %}
