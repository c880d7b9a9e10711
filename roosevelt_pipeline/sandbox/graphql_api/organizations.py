"""Organization, Team, and the accounts: User and Bot."""

from typing import Any

from graphql import GraphQLResolveInfo

from roosevelt_pipeline.sandbox.graphql_api.connections import Page, database_page, list_page
from roosevelt_pipeline.sandbox.graphql_api.context import WEB, GitHubError, typed
from roosevelt_pipeline.sandbox.graphql_api.fields import Fields, always, key, node_id, optional, plain
from roosevelt_pipeline.sandbox.node_ids import global_id
from roosevelt_pipeline.sandbox.records import ORGANIZATION_ID, Doc, Query

_REPOSITORY_ORDER = {"NAME": "name", "CREATED_AT": "created_at", "PUSHED_AT": "pushed_at", "UPDATED_AT": "updated_at"}
_VISIBILITY = {"PRIVATE": True, "PUBLIC": False}


def _repositories(organization: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    """Those that it owns and the token may see; one that was transferred is another's."""
    everything = [doc for doc in info.context.records.repositories() if doc["owner"] == organization["login"]]
    visible = [doc for doc in everything if info.context.token.may_see(doc["name"])]
    for argument, name in (("isArchived", "is_archived"), ("isFork", "is_fork")):
        if arguments.get(argument) is not None:
            visible = [doc for doc in visible if doc.get(name, False) == arguments[argument]]
    wanted = _VISIBILITY.get(arguments.get("visibility") or arguments.get("privacy") or "")
    if wanted is not None:
        visible = [doc for doc in visible if doc["is_private"] == wanted]
    order = arguments.get("orderBy")
    if order and order["field"] in _REPOSITORY_ORDER:
        column = _REPOSITORY_ORDER[order["field"]]
        visible.sort(key=lambda doc: (doc[column] or "", doc["id"]), reverse=order["direction"] == "DESC")
    return list_page(info, arguments, [typed("Repository", doc) for doc in visible])


def _repository(_organization: Doc, info: GraphQLResolveInfo, name: str, **_arguments: Any) -> Doc | None:
    for doc in info.context.records.repositories():
        if doc["name"].lower() == name.lower():
            return info.context.repository(doc["id"])
    return None


def _teams(_organization: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    info.context.require("members")
    descending = (arguments.get("orderBy") or {}).get("direction") == "DESC"
    roots = ("json_extract(doc, '$.parent_slug') is null",) if arguments.get("rootTeamsOnly") else ()
    query = Query("teams", roots, order="slug", descending=descending)
    return database_page(info, arguments, query, lambda doc: typed("Team", doc))


def team_by_slug(info: GraphQLResolveInfo, slug: str | None) -> Doc | None:
    doc = info.context.records.one("teams", "slug = ?", slug) if slug else None
    return doc and typed("Team", doc)


def _team(_organization: Doc, info: GraphQLResolveInfo, slug: str) -> Doc | None:
    info.context.require("members")
    return team_by_slug(info, slug)


def _members(team: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    """A team's own members; those of child teams only where asked for, as GitHub does by default."""
    members = {member["account_id"]: member["role"] for member in team["members"]}
    if arguments.get("membership") != "IMMEDIATE":
        for child in info.context.records.select(
            "select doc from teams where json_extract(doc, '$.parent_slug') = ?", (team["slug"],)
        ):
            members = {member["account_id"]: member["role"] for member in child["members"]} | members
    wanted = arguments.get("role")
    present = [(info.context.user(account), role.upper()) for account, role in members.items()]
    present = [(user, role) for user, role in present if user and wanted in (None, role)]
    page = list_page(info, arguments, present)
    page.edge_facts = [{"role": role} for _, role in page.nodes]
    page.nodes = [user for user, _ in page.nodes]
    return page


def _members_with_role(_organization: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    info.context.require("members")
    query = Query("accounts", ("kind = 'User'",))
    return database_page(info, arguments, query, lambda doc: typed("User", doc))


def graphql_login(account: Doc) -> str:
    """GraphQL leaves out the ``[bot]`` that REST shows."""
    return str(account["login"]).removesuffix("[bot]")


def _actor(type_name: str) -> Fields:
    return {
        "id": node_id(type_name, "id"),
        "databaseId": key("id"),
        "login": plain(graphql_login),
        "url": plain(lambda doc: f"{WEB}/{graphql_login(doc)}"),
        "avatarUrl": plain(lambda doc: f"https://avatars.githubusercontent.com/u/{doc['id']}?v=4"),
    }


def organization_by_login(info: GraphQLResolveInfo, login: str) -> Doc:
    if not info.context.records.is_organization(login):
        raise GitHubError("NOT_FOUND", f"Could not resolve to an Organization with the login of '{login}'.")
    return info.context.organization()


FIELDS: dict[str, Fields] = {
    "Organization": {
        "id": node_id("Organization", "id"),
        "databaseId": always(ORGANIZATION_ID),
        "login": key("login"),
        "name": key("login"),
        "url": plain(lambda doc: f"{WEB}/{doc['login']}"),
        "repositories": _repositories,
        "repository": _repository,
        "teams": _teams,
        "team": _team,
        "membersWithRole": _members_with_role,
    },
    "Team": {
        "id": plain(lambda doc: global_id("Team", ORGANIZATION_ID, doc["id"])),
        "databaseId": key("id"),
        "slug": key("slug"),
        "name": key("name"),
        "parentTeam": lambda doc, info: team_by_slug(info, doc.get("parent_slug")),
        "organization": lambda _doc, info: info.context.organization(),
        "members": _members,
    },
    "TeamMemberEdge": {"role": plain(lambda edge: edge[0].edge_facts[edge[1]]["role"])},
    "User": {**_actor("User"), "name": optional("name"), "email": plain(lambda doc: doc.get("email") or "")},
    "Bot": _actor("Bot"),
}
