"""Comments inside reviews. The simulator counts them; a test may write them out, under a review's ``comments``."""

from roosevelt_pipeline.sandbox.records import Doc, Records


def review_comments(records: Records, repository_id: int) -> list[Doc]:
    """All of a repository, each with its review and pull request. Read once while the store stays as it is."""
    key = ("review comments", repository_id)
    if key not in records.kept:
        pulls = records.select("select doc from pull_requests where repository_id = ?", [repository_id])
        records.kept[key] = [comment for pull in pulls for comment in comments_of(pull)]
    found: list[Doc] = records.kept[key]
    return found


def comments_of(pull: Doc) -> list[Doc]:
    """Written with their review, unless the review says otherwise."""
    found = []
    for review in pull["reviews"]:
        written = review["submitted_at"] or pull["created_at"]
        own = {"created_at": written, "updated_at": written, "author_id": review["author_id"], "in_reply_to": None}
        counted = [{"id": review["id"] * 100 + at} for at in range(review.get("comments_count", 0))]
        given = review.get("comments", counted)
        found += [own | comment | {"review_id": review["id"], "pull": pull} for comment in given]
    return found


def count_comments(pull: Doc) -> int:
    """How many comments are inside the reviews of a pull request."""
    return sum(len(one["comments"]) if "comments" in one else one.get("comments_count", 0) for one in pull["reviews"])
