"""Which assets are made weekly, and which when a quarter begins. Every other one is made daily."""

import dagster as dg

WEEKLY = {"roosevelt/cadence": "weekly"}
QUARTERLY = {"roosevelt/cadence": "quarterly"}
IS_WEEKLY = dg.AssetSelection.tag("roosevelt/cadence", "weekly")
IS_QUARTERLY = dg.AssetSelection.tag("roosevelt/cadence", "quarterly")
