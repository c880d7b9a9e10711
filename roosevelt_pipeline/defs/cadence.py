"""Which assets are made weekly. Every other one is made daily."""

import dagster as dg

WEEKLY = {"roosevelt/cadence": "weekly"}
IS_WEEKLY = dg.AssetSelection.tag("roosevelt/cadence", "weekly")
