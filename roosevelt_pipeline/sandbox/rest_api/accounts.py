"""Users and the organisation, in REST's shape."""

from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sandbox.records import GHOST, ORGANIZATION_ID, Doc
from roosevelt_pipeline.sandbox.rest_api.exchange import Call, Reply, RestError, not_found
from roosevelt_pipeline.sandbox.tokens import TokenKind

_USER_URLS = {
    "followers_url": "/followers", "following_url": "/following{/other_user}", "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}", "subscriptions_url": "/subscriptions", "organizations_url": "/orgs",
    "repos_url": "/repos", "events_url": "/events{/privacy}", "received_events_url": "/received_events",
}  # fmt: skip
_SINCE = "2024-01-01T00:00:00Z"


def login(account: Doc) -> str:
    """REST marks a bot in its login."""
    name = str(account["login"])
    return f"{name.removesuffix('[bot]')}[bot]" if account["kind"] == "Bot" else name


def user(call: Call, account: Doc, kind: str | None = None) -> Doc:
    name = login(account)
    url = f"{call.base_url}/users/{name}"
    kind = kind or account["kind"]
    return {
        "login": name,
        "id": account["id"],
        "node_id": global_id(kind, account["id"]),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{account['id']}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"https://github.com/{name}",
        **{key: url + suffix for key, suffix in _USER_URLS.items()},
        "type": kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def user_by_id(call: Call, account_id: int | None) -> Doc | None:
    """A user; ``None`` for a person who left."""
    account = call.records.account(account_id)
    return account and user(call, account)


def user_or_ghost(call: Call, account_id: int | None) -> Doc:
    """For places that are never null GitHub names its ghost account."""
    return user(call, call.records.account(account_id) or GHOST)


def owner(call: Call) -> Doc:
    account = {"id": ORGANIZATION_ID, "login": call.records.organization_login() or "", "kind": "Organization"}
    return user(call, account)


def _public(call: Call, account: Doc) -> Doc:
    unknown = dict.fromkeys(("company", "blog", "location", "email", "hireable", "bio", "twitter_username"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    dates = {"created_at": _SINCE, "updated_at": _SINCE}
    return {**user(call, account), "name": account.get("name"), **unknown, **counts, **dates}


def get_viewer(call: Call) -> Reply:
    if call.token.kind is TokenKind.INSTALLATION:  # nobody stands behind it
        raise RestError(403, call.token.refusal)
    return Reply(_public(call, {"id": call.token.user_id, "login": call.token.login, "name": None, "kind": "User"}))


def get_user(call: Call) -> Reply:
    account = call.records.account_by_login(call.parts["login"])
    if account is None:
        raise not_found()
    return Reply(_public(call, account))


def get_organization(call: Call) -> Reply:
    name = call.parts["org"]
    if not call.records.is_organization(name):
        raise not_found()
    name = call.records.organization_login() or name
    url = f"{call.base_url}/orgs/{name}"
    suffixes = {"repos_url": "/repos", "events_url": "/events", "hooks_url": "/hooks", "issues_url": "/issues",
                "members_url": "/members{/member}", "public_members_url": "/public_members{/member}"}  # fmt: skip
    body = {
        "login": name,
        "id": ORGANIZATION_ID,
        "node_id": global_id("Organization", ORGANIZATION_ID),
        "url": url,
        **{key: url + suffix for key, suffix in suffixes.items()},
        "avatar_url": f"https://avatars.githubusercontent.com/u/{ORGANIZATION_ID}?v=4",
        "html_url": f"https://github.com/{name}",
        **dict.fromkeys(("description", "archived_at"), None),
        **dict.fromkeys(("has_organization_projects", "has_repository_projects"), True),
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "type": "Organization",
        "created_at": _SINCE,
        "updated_at": _SINCE,
    }
    return Reply(body)
