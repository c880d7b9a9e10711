"""dbt's manifest: parsed once at set-up, read by every process after that.

Parsing takes seconds, and Dagster loads its definitions in many processes; so the manifest
is a file that is made again only when the project has changed. ``python -m
roosevelt_pipeline.dbt_manifest`` makes it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from roosevelt_pipeline.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
MANIFEST = DBT_PROJECT / "target" / "manifest.json"
_PARTS = ("dbt_project.yml", "profiles.yml", "models", "macros", "functions", "seeds", "snapshots", "tests", "analyses")


class ManifestError(RuntimeError):
    """dbt could not read its project. The message is dbt's own."""


def ensure_manifest() -> Path:
    """Path of a manifest that fits the project's files, parsed now if there is none.

    Needs no database. Several processes may call it at once: one parses, the others wait.

    Raises:
        ManifestError: the project does not parse.
    """
    if _is_current():
        return MANIFEST
    MANIFEST.parent.mkdir(parents=True, exist_ok=True)
    with (MANIFEST.parent / "manifest.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_current():
            sys.stderr.write("roosevelt: reading the dbt project (once after each change to it) ...\n")
            _parse()
    return MANIFEST


def _is_current() -> bool:
    try:
        return MANIFEST.exists() and _stamp().read_text() == project_digest()
    except OSError:
        return False


def _stamp() -> Path:
    return MANIFEST.with_name("manifest.fingerprint")


def project_digest() -> str:
    """Digest of the names and contents of the files that dbt parses."""
    digest = hashlib.sha256()
    for part in _PARTS:
        root = DBT_PROJECT / part
        for file in sorted([root] if root.is_file() else root.rglob("*")):
            if file.is_file():
                digest.update(str(file.relative_to(DBT_PROJECT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _parse() -> None:
    digest = project_digest()
    with tempfile.TemporaryDirectory(dir=MANIFEST.parent, prefix="parse-") as folder:
        command = [dbt_executable(), "--no-use-colors", "parse", "--project-dir", str(DBT_PROJECT)]
        command += ["--profiles-dir", str(DBT_PROJECT), "--target-path", folder, "--log-path", folder]
        environment = os.environ | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
        outcome = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=DBT_PROJECT)
        if outcome.returncode:
            raise ManifestError(f"the dbt project does not parse:\n{outcome.stdout[-4000:]}{outcome.stderr[-2000:]}")
        for name in ("partial_parse.msgpack", "manifest.json"):
            if (made := Path(folder) / name).exists():
                made.replace(MANIFEST.with_name(name))
    _stamp().write_text(digest)


def dbt_executable() -> str:
    """The ``dbt`` beside this Python, else the one on the path."""
    beside = Path(sys.executable).with_name("dbt")
    return str(beside) if beside.exists() else shutil.which("dbt") or "dbt"


if __name__ == "__main__":
    sys.stdout.write(f"{ensure_manifest()}\n")
