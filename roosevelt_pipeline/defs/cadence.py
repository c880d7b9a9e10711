"""Which assets are made weekly, and which when a quarter begins. Every other one is made daily.

What calendars are measured by is made daily and weekly.
"""

import dagster as dg

WEEKLY = {"roosevelt/cadence": "weekly"}
QUARTERLY = {"roosevelt/cadence": "quarterly"}
IS_WEEKLY = dg.AssetSelection.tag("roosevelt/cadence", "weekly")
IS_QUARTERLY = dg.AssetSelection.tag("roosevelt/cadence", "quarterly")

# Models between calendars and each person's days: made after calendars were read, without waiting for the next day.
WITH_CALENDARS = dg.AssetSelection.assets(["intermediate", "int_person_days__focused"]).upstream() & (
    dg.AssetSelection.groups("staging") | dg.AssetSelection.groups("intermediate")
)
