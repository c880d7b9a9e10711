"""A log for libraries whose own would hold what nobody may read."""

import logging

# In no registry: whoever sets up logging for a whole process, as Dagster does, turns on again all that are in one.
SILENT = logging.Logger("roosevelt.silent", logging.CRITICAL + 1)
