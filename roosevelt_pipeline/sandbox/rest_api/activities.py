"""A repository's activity: what its branches were and became, in REST's shape."""

from roosevelt_pipeline.sandbox.node_ids import cursor, global_id, parse_cursor
from roosevelt_pipeline.sandbox.records import Doc, Query
from roosevelt_pipeline.sandbox.rest_api.accounts import user_by_id
from roosevelt_pipeline.sandbox.rest_api.exchange import Call, Reply, RestError

TYPES = ("push", "force_push", "branch_creation", "branch_deletion", "pr_merge", "merge_queue_merge")


def list_activities(call: Call) -> Reply:
    """Newest first unless asked otherwise. Further pages are reached by cursor alone."""
    where, params = ["repository_id = ?"], [call.repository["id"]]
    if ref := call.query.get("ref"):
        where.append("json_extract(doc, '$.ref') = ?")
        params.append(ref if ref.startswith("refs/") else f"refs/heads/{ref}")
    if kind := call.query.get("activity_type"):
        if kind not in TYPES:
            raise RestError(422, f"Invalid value for parameter 'activity_type': {kind}.")
        where.append("json_extract(doc, '$.type') = ?")
        params.append(kind)
    query = Query("activities", tuple(where), tuple(params), "at", call.query.get("direction", "desc") != "asc")
    rows = call.records.keyset(query, call.limit() + 1, after=_after(call), before=None, reverse=False)
    links = {}
    if len(rows) > call.limit():
        rows = rows[:-1]
        links["next"] = {**call.query, "after": cursor(*rows[-1][0])}
    return Reply([_activity(call, doc) for _, doc in rows], links)


def _after(call: Call) -> list[int | str] | None:
    if not call.query.get("after"):
        return None
    key = parse_cursor(call.query["after"])
    if key is None or len(key) != 2:
        raise RestError(422, "The `after` cursor is not valid.")
    return key


def _activity(call: Call, doc: Doc) -> Doc:
    return {
        "id": doc["id"],
        "node_id": global_id("Push", doc["repository_id"], doc["id"]),
        "before": doc["before"],
        "after": doc["after"],
        "ref": doc["ref"],
        "timestamp": doc["at"],
        "activity_type": doc["type"],
        "actor": user_by_id(call, doc["actor_id"]),
    }
