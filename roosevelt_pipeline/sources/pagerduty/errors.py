"""What PagerDuty can refuse. Messages say what to do and repeat nothing of the token or the data."""


class PagerDutyError(RuntimeError):
    """PagerDuty did not answer as it should."""


class NoSuchIncident(PagerDutyError):
    """PagerDuty does not have it, or no longer."""
