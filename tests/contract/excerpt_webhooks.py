"""Makes ``webhooks.excerpt.json`` from the published examples: ``excerpt_webhooks.py .../api.github.com/index.json``.

The first example of each event and action that is wanted, without addresses: they are most of the bytes, and nothing
reads them.
"""

import json
import sys
from pathlib import Path
from typing import Any

WANTED = (
    *(("deployment", "created"), ("deployment_status", "created"), ("issue_comment", "created")),
    *(("issues", "deleted"), ("issues", "demilestoned"), ("issues", "transferred"), ("membership", "removed")),
    *(("organization", "member_added"), ("ping", None), ("pull_request", "closed"), ("push", None)),
    *(("pull_request_review", "submitted"), ("pull_request_review_comment", "deleted"), ("release", "deleted")),
    *(("release", "published"), ("repository", "renamed"), ("status", None), ("team", "deleted")),
    *(("workflow_job", "completed"), ("workflow_run", "completed")),
)


def bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if k != "_links" and not k.endswith("url")}
    return [bare(item) for item in value] if isinstance(value, list) else value


def excerpt(published: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str | None], Any] = {}
    for event in published:
        for payload in event["examples"]:
            found.setdefault((event["name"], payload.get("action")), bare(payload))
    return [{"event": event, "payload": found[event, action]} for event, action in WANTED]


if __name__ == "__main__":
    lines = [json.dumps(one, ensure_ascii=False) for one in excerpt(json.loads(Path(sys.argv[1]).read_text()))]
    target = Path(__file__).with_name("webhooks.excerpt.json")
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
