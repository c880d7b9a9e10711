"""What looking at the access to GitHub finds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: the key of roosevelt.toml, the repository or the permission.
        ok: whether a run works with it.
        message: what is so, or what is wrong.
        remedy: what to do; empty if it is well.
        is_odd: a run works with it, but probably not as was meant.
    """

    subject: str
    ok: bool
    message: str
    remedy: str = ""
    is_odd: bool = False
