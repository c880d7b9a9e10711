"""How much of the company's code its tests reach: reports that its builds leave behind, and what Codecov would say.

Everything follows from the builds that were played, so that no history changes: a build of the default branch that went
well tells of one coverage, which is a number that its id decides.
"""

import hashlib
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO

from roosevelt_pipeline.sandbox.records import Doc
from roosevelt_pipeline.sandbox.store import Store

WORKFLOW = "CI"
KEPT = timedelta(days=90)
BYTES_PER_LINE = 32  # what a line takes here; the pipeline has to assume it

_BUILDS = """
    select doc from workflow_runs
    where repository_id = ? and json_extract(doc, '$.name') = 'CI' and json_extract(doc, '$.conclusion') = 'success'
      and json_extract(doc, '$.head_branch') = 'main'
    order by json_extract(doc, '$.updated_at') desc, json_extract(doc, '$.id') desc
"""


@dataclass(frozen=True)
class CoverageTruth:
    """What a build of the default branch measured."""

    repository: str
    run_id: int
    sha: str
    measured_at: str
    lines_valid: int
    lines_covered: int


def builds_of(store: Store, repository: Doc) -> list[CoverageTruth]:
    """Of a repository, newest first."""
    found = []
    for run in store.docs(_BUILDS, [repository["id"]]):
        valid, covered = _measured(run["id"])
        found.append(CoverageTruth(repository["name"], run["id"], run["head_sha"], run["updated_at"], valid, covered))
    return found


def lines_of(repository: Doc) -> int:
    """Lines of code that a repository holds now."""
    digest = hashlib.sha256(f"lines {repository['id']}".encode()).digest()
    return 3_000 + int.from_bytes(digest[:2]) % 9_000


def report(truth: CoverageTruth) -> bytes:
    """As a tool writes it: Cobertura XML, two files, line by line."""
    half = truth.lines_valid // 2
    sides = [(0, half), (half, truth.lines_valid)]
    classes = "".join(
        f'<class name="part{place}" filename="part{place}.src"><lines>'
        + "".join(f'<line number="{at + 1}" hits="{int(at < truth.lines_covered)}"/>' for at in range(*side))
        + "</lines></class>"
        for place, side in enumerate(sides)
    )
    seconds = int(datetime.fromisoformat(truth.measured_at).timestamp())
    return (
        f'<?xml version="1.0" ?><coverage version="7" timestamp="{seconds}000" lines-valid="{truth.lines_valid}" '
        f'lines-covered="{truth.lines_covered}"><packages><package name="."><classes>{classes}</classes>'
        "</package></packages></coverage>"
    ).encode()


def archive(truth: CoverageTruth) -> bytes:
    """The artifact of a build: a zip with the report in it."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("reports/coverage.xml", report(truth))
        file.writestr("reports/index.html", "<html>for people</html>")
    return target.getvalue()


def _measured(run_id: int) -> tuple[int, int]:
    digest = hashlib.sha256(f"coverage {run_id}".encode()).digest()
    valid = 200 + digest[0]
    return valid, valid * (550 + int.from_bytes(digest[1:3]) % 430) // 1000
