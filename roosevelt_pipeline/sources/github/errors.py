"""What can go wrong between us and GitHub. Messages say what to do and hold no token and no body."""


class GitHubError(RuntimeError):
    """GitHub could not be read. The message names the thing and the remedy."""


class TokenError(GitHubError):
    """The token is missing, malformed, expired or revoked: nothing at all can be read."""


class BudgetError(GitHubError):
    """A limit lasts longer than we are allowed to wait: nothing more can be read now."""


class PermissionMissingError(GitHubError):
    """The token may not read this."""


class NotFoundError(GitHubError):
    """It does not exist, or the token may not see it."""


class UnavailableError(GitHubError):
    """GitHub, or the way to it, failed again and again."""


class Halted(BaseException):
    """Whoever reads has been told to stop. No failure of what was read, so nothing but a caller's end catches it."""


WHOLE_RUN = (TokenError, BudgetError)
