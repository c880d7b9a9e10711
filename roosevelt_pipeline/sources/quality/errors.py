"""What can be wrong with a measure of code."""


class QualityError(RuntimeError):
    """A report or a service that cannot be read. The message says which, why, and what to do."""
