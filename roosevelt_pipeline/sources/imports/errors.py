"""What can be wrong with a file: with all of it, or with one cell."""


class ImportFileError(RuntimeError):
    """A file cannot be imported at all. The message names it and says what to do."""


class Unfit(ValueError):
    """A cell, or a row, that cannot be kept.

    Attributes:
        column: as the file calls it; ``None`` if the row as a whole is unfit.
        reason: why, without what stands in the cell.
    """

    def __init__(self, column: str | None, reason: str) -> None:
        super().__init__(f"{column}: {reason}" if column else reason)
        self.column, self.reason = column, reason
