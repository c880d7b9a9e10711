"""GitHub logins to the numeric ids behind them, which no renaming changes."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from roosevelt_pipeline.sources.github.client import GitHubClient
from roosevelt_pipeline.sources.github.errors import NotFoundError
from roosevelt_pipeline.sources.github.paging import counted, page_of
from roosevelt_pipeline.sources.people.members import Member

PAGE = 100


def organization_members(client: GitHubClient, organization: str) -> dict[str, int]:
    """Id of each member of the organisation by login in lower case: one request for a hundred.

    Raises:
        GitHubError: see its subclasses; also when the token may not see them.
    """
    subject, found, after, seen, more = f"members of {organization}", dict[str, int](), None, 0, True
    while more:
        variables = {"organization": organization, "page": PAGE, "after": after}
        answer = client.graphql("organization_members", variables, subject=subject)
        members = (answer.data.get("organization") or {}).get("membersWithRole")
        if members is None:
            raise NotFoundError(f"{subject}: not found, or the token may not see them (it needs to read members)")
        page = counted(page_of(members, subject, after=after, seen=seen), subject)
        found |= {str(node["login"]).lower(): int(node["databaseId"]) for node in page.rows}
        after, seen, more = page.end, page.seen, page.more
    return found


def account_of(client: GitHubClient, login: str) -> int | None:
    """Id of an account, whoever it belongs to; ``None`` if there is none of this name.

    Raises:
        GitHubError: see its subclasses.
    """
    try:
        answer = client.rest(f"/users/{login}", subject="a login of the directory")
    except NotFoundError:
        return None
    number = answer.data.get("id") if isinstance(answer.data, dict) else None
    return number if isinstance(number, int) else None


def with_accounts(
    members: Sequence[Member], client: GitHubClient, organization: str | None, fault: Callable[[Member, str], None]
) -> list[Member]:
    """The members, each with the id of its account. GitHub is asked only if one lacks it.

    Args:
        fault: told of each member whose login nobody has; such a member is left out.

    Raises:
        GitHubError: GitHub cannot be asked.
    """
    if all(one.github is None or one.github_id is not None for one in members):
        return list(members)
    known = organization_members(client, organization) if organization else {}
    found = []
    for one in members:
        if one.github is None or one.github_id is not None:
            found.append(one)
            continue
        number = known.get(one.github.lower()) or account_of(client, one.github)
        if number is None:
            fault(one, "github: GitHub knows no such login; correct it, or write the account's number as github_id")
        else:
            found.append(replace(one, github_id=number))
    return found
