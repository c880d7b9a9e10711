"""Repository and its collections."""

from typing import Any

from graphql import GraphQLResolveInfo

from roosevelt_pipeline.sandbox.coverage import BYTES_PER_LINE, lines_of
from roosevelt_pipeline.sandbox.graphql_api.commits import branch, commit_by_oid, tag
from roosevelt_pipeline.sandbox.graphql_api.connections import Page, database_page, list_page
from roosevelt_pipeline.sandbox.graphql_api.context import GitHubError, repository_url, typed
from roosevelt_pipeline.sandbox.graphql_api.fields import Fields, always, key, node_id, optional, plain
from roosevelt_pipeline.sandbox.instants import stored_instant
from roosevelt_pipeline.sandbox.records import Doc, Query, has_label, one_of

_COLUMNS = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}


class Filter:
    """Collects conditions of a repository's collection."""

    def __init__(self, repository: Doc) -> None:
        self.where: list[str] = ["repository_id = ?"]
        self.params: list[Any] = [repository["id"]]

    def add(self, condition: str, params: tuple[Any, ...]) -> None:
        self.where.append(condition)
        self.params += params

    def one_of(self, expression: str, values: list[str] | None) -> None:
        if values is not None:
            self.add(*one_of(expression, values))

    def labels(self, labels: list[str] | None) -> None:
        if labels is not None:
            self.add(*has_label(labels))

    def query(self, table: str, order: dict[str, str] | None) -> Query:
        """The collection, ordered as asked; without an order by id, oldest first."""
        if order is None:
            return Query(table, tuple(self.where), tuple(self.params))
        column = _COLUMNS.get(order["field"])
        if column is None:
            raise GitHubError("NOT_SIMULATED", f"The sandbox does not order {table} by {order['field']}.")
        return Query(table, tuple(self.where), tuple(self.params), column, order["direction"] == "DESC")


def _pull_requests(repository: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    info.context.require("pull_requests")
    chosen = Filter(repository)
    chosen.one_of("json_extract(doc, '$.state')", arguments.get("states"))
    chosen.labels(arguments.get("labels"))
    for argument, name in (("headRefName", "head_ref"), ("baseRefName", "base_ref")):
        if arguments.get(argument):
            chosen.add(f"json_extract(doc, '$.{name}') = ?", (arguments[argument],))
    query = chosen.query("pull_requests", arguments.get("orderBy"))
    return database_page(info, arguments, query, lambda doc: typed("PullRequest", doc))


def _issues(repository: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    info.context.require("issues")
    chosen, filters = Filter(repository), arguments.get("filterBy") or {}
    chosen.one_of("json_extract(doc, '$.state')", arguments.get("states"))
    chosen.one_of("json_extract(doc, '$.state')", filters.get("states"))
    chosen.labels(arguments.get("labels"))
    chosen.labels(filters.get("labels"))
    if filters.get("since"):
        chosen.add("updated_at >= ?", (stored_instant(filters["since"]),))
    query = chosen.query("issues", arguments.get("orderBy"))
    return database_page(info, arguments, query, lambda doc: typed("Issue", doc))


def _deployments(repository: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    info.context.require("deployments")
    chosen = Filter(repository)
    chosen.one_of("json_extract(doc, '$.environment')", arguments.get("environments"))
    query = chosen.query("deployments", arguments.get("orderBy"))
    return database_page(info, arguments, query, lambda doc: typed("Deployment", doc))


def release_source(repository_id: int, doc: Doc) -> Doc:
    return typed("Release", {**doc, "repository_id": repository_id})


def _releases(repository: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    info.context.require("contents")
    query = Filter(repository).query("releases", arguments.get("orderBy"))
    return database_page(info, arguments, query, lambda doc: release_source(repository["id"], doc))


def _numbered(table: str, permission: str, type_name: str) -> Any:
    article = "an" if type_name == "Issue" else "a"

    def resolve(repository: Doc, info: GraphQLResolveInfo, number: int) -> Doc:
        info.context.require(permission)
        found = info.context.records.one(table, "repository_id = ? and number = ?", repository["id"], number)
        if found is None:
            raise GitHubError("NOT_FOUND", f"Could not resolve to {article} {type_name} with the number of {number}.")
        return typed(type_name, found)

    return resolve


def _languages(repository: Doc, info: GraphQLResolveInfo, **arguments: Any) -> Page:
    info.context.require("contents")
    size = lines_of(repository) * BYTES_PER_LINE
    page = list_page(info, arguments, [{"name": repository["language"]}] if repository.get("language") else [])
    page.edge_facts = [{"size": size} for _ in page.nodes]
    return page


def _default_branch(repository: Doc, _info: GraphQLResolveInfo) -> Doc | None:
    oid = repository["head_oid"]
    return branch(repository, repository["default_branch"], oid) if oid else None


def _object(
    repository: Doc, info: GraphQLResolveInfo, oid: str | None = None, expression: str | None = None
) -> Doc | None:
    info.context.require("contents")
    wanted = oid or expression
    if wanted in ("HEAD", repository["default_branch"]):
        wanted = repository["head_oid"]
    return commit_by_oid(info.context, repository["id"], wanted)


def _ref(repository: Doc, info: GraphQLResolveInfo, qualifiedName: str) -> Doc | None:  # noqa: N803
    default = _default_branch(repository, info)
    return default if default and qualifiedName.removeprefix("refs/heads/") == default["name"] else None


def _refs(repository: Doc, info: GraphQLResolveInfo, refPrefix: str, **arguments: Any) -> Page:  # noqa: N803
    """Tags by name or by their commits' dates, or the default branch."""
    info.context.require("contents")
    order = arguments.get("orderBy") or {"field": "ALPHABETICAL", "direction": "ASC"}
    if refPrefix == "refs/heads/":
        default = _default_branch(repository, info)
        return list_page(info, arguments, [default] if default else [])
    if refPrefix != "refs/tags/":
        raise GitHubError("NOT_SIMULATED", f"The sandbox does not play refs of {refPrefix}.")
    sql = """select t.doc from tags t left join commits c on c.repository_id = t.repository_id
             and c.oid = json_extract(t.doc, '$.oid') where t.repository_id = ? order by """
    key_of = "c.committed_at, t.name" if order["field"] == "TAG_COMMIT_DATE" else "t.name"
    docs = info.context.records.select(sql + key_of, (repository["id"],))
    if order["direction"] == "DESC":
        docs.reverse()
    return list_page(info, arguments, [tag(repository, doc) for doc in docs])


FIELDS: dict[str, Fields] = {
    "Repository": {
        "id": node_id("Repository", "id"),
        "databaseId": key("id"),
        "name": key("name"),
        "nameWithOwner": plain(lambda doc: f"{doc['owner']}/{doc['name']}"),
        "owner": lambda doc, info: {**info.context.organization(), "login": doc["owner"]},
        "description": optional("description"),
        "url": plain(repository_url),
        "isArchived": key("is_archived"),
        "isDisabled": always(False),
        "isEmpty": plain(lambda doc: not doc["head_oid"]),
        "isFork": optional("is_fork", False),
        "isPrivate": key("is_private"),
        "visibility": plain(lambda doc: "PRIVATE" if doc["is_private"] else "PUBLIC"),
        "createdAt": key("created_at"),
        "pushedAt": key("pushed_at"),
        "updatedAt": key("updated_at"),
        "diskUsage": optional("disk_usage", 0),
        "primaryLanguage": plain(lambda doc: {"name": doc["language"]} if doc.get("language") else None),
        "languages": _languages,
        "defaultBranchRef": _default_branch,
        "ref": _ref,
        "refs": _refs,
        "object": _object,
        "pullRequest": _numbered("pull_requests", "pull_requests", "PullRequest"),
        "pullRequests": _pull_requests,
        "issue": _numbered("issues", "issues", "Issue"),
        "issues": _issues,
        "deployments": _deployments,
        "releases": _releases,
    },
    "Language": {"name": key("name")},
    "LanguageEdge": {"size": plain(lambda edge: edge[0].edge_facts[edge[1]]["size"])},
    "LanguageConnection": {"totalSize": plain(lambda page: sum(fact["size"] for fact in page.edge_facts or ()))},
}
