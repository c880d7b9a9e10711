{#- The figures about groups of persons that are made of their weeks, from columns of fct_person_weeks. One
    without a denominator is a sum; `people` divides by the persons that have a value. A person contributes to a figure
    with anything above zero of what it is divided by or, for a sum, of what is added up. -#}
{% macro week_figures() -%}
{{ return([
    {'name': 'commits_count', 'numerator': 'commits_count'},
    {'name': 'prs_created', 'numerator': 'prs_created'},
    {'name': 'prs_reviewed', 'numerator': 'prs_reviewed'},
    {'name': 'code_additions', 'numerator': 'code_additions'},
    {'name': 'code_deletions', 'numerator': 'code_deletions'},
    {'name': 'cross_team_prs', 'numerator': 'cross_team_prs'},
    {'name': 'pr_comments', 'numerator': 'pr_comments'},
    {'name': 'code_reviews_given', 'numerator': 'code_reviews_given'},
    {'name': 'async_communication_score', 'numerator': 'turns_in_time_count', 'denominator': 'turns_count', 'factor': 100},
    {'name': 'review_depth', 'numerator': 'review_comments_count', 'denominator': 'code_reviews_given'},
    {'name': 'rework_cycles', 'numerator': 'rework_cycles'},
    {'name': 'focus_hours', 'numerator': 'focus_hours', 'denominator': 'people'},
    {'name': 'meeting_hours', 'numerator': 'meeting_hours', 'denominator': 'people'},
    {'name': 'context_switches', 'numerator': 'context_switches', 'denominator': 'people'},
    {'name': 'deep_work_pct', 'numerator': 'focus_hours', 'denominator': 'available_hours', 'factor': 100},
]) }}
{%- endmacro %}

{#- What a person adds to the numerator of a figure. -#}
{% macro figure_numerator(figure, weeks) -%}
{{ figure.get('factor', 1) }} * {{ weeks }}.{{ figure.numerator }}::double precision
{%- endmacro %}

{#- What a person adds to what it is divided by; to a sum, what is added up: how much of the figure is the person's. -#}
{% macro figure_weight(figure, weeks) -%}
{%- set by = figure.get('denominator', figure.numerator) -%}
{% if by == 'people' %}case when {{ weeks }}.{{ figure.numerator }} is not null then 1 end{% else %}{{ weeks }}.{{ by }}{% endif %}::double precision
{%- endmacro %}

{#- The figures of a quarter's survey: what each answer adds, and whose it is. -#}
{% macro quarter_figures() -%}
{{ return([
    {'name': 'nps_points', 'numerator': "case when respondents.nps_score >= 9 then 100 when respondents.nps_score <= 6 then -100 else 0 end",
     'counts': 'respondents.nps_score is not null', 'is_member': 'respondents.nps_score is not null'},
    {'name': 'satisfaction_score', 'numerator': 'respondents.satisfaction_score',
     'counts': 'respondents.satisfaction_score is not null', 'is_member': 'respondents.satisfaction_score is not null'},
    {'name': 'response_rate_pct', 'numerator': 'case when respondents.has_answered then 100 else 0 end',
     'counts': 'respondents.has_answered', 'is_member': 'respondents.was_invited'},
]) }}
{%- endmacro %}
