"""Which assets are made weekly, and which when a quarter begins. Every other one is made daily.

The models of SPACE are made daily and weekly.
"""

import dagster as dg

WEEKLY = {"roosevelt/cadence": "weekly"}
QUARTERLY = {"roosevelt/cadence": "quarterly"}
WEEKS = dg.WeeklyPartitionsDefinition(start_date="2024-01-01", day_offset=1)  # from Monday to Sunday
IS_WEEKLY = dg.AssetSelection.tag("roosevelt/cadence", "weekly")
IS_QUARTERLY = dg.AssetSelection.tag("roosevelt/cadence", "quarterly")

# Models between participants, calendars and figures of groups, tagged in dbt_project.yml: made after calendars were
# read, without waiting for the next day.
IS_SPACE = dg.AssetSelection.tag("space", "")
