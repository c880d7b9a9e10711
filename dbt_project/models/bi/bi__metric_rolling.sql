{{ config(
    alias='metric_rolling',
    indexes=[{'columns': ['scope_type', 'scope', 'metric', 'window_days', 'metric_date']}]
) }}

-- One row per metric, scope, day and length of window.
select *
from {{ ref('fct_metric_rolling') }}
