"""Law 4 of ARCHITECTURE.md: results do not depend on environment, jobs or executor."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from headway.store.store_reader import open_store
from tests.support.dask_cluster import dask_cluster
from tests.support.git import Repo
from tests.support.workspaces import REMOVE_SIX, workspace

URLLIB3 = """title: Leave urllib3 1
starts: 2020-01-06
deprecated:
  - {id: old, scanner: dependency, ecosystem: pypi, package: urllib3, versions: "<2"}
"""
LOCK = '[[package]]\nname = "urllib3"\nversion = "{}"\n'
AT_A_FIXED_TIME = """
from datetime import UTC, datetime
from headway.__main__ import main
from headway.cli import invocation
invocation.now = lambda: datetime(2020, 4, 1, 12, tzinfo=UTC)
main()
"""
NAMES = ("ape", "Bee", "cat", "ünit")
SURROUNDINGS = [
    {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
    {"TZ": "America/St_Johns", "LC_ALL": "POSIX", "PYTHONHASHSEED": "3", "COLUMNS": "40"},
]


def organisation(folder: Path, names: tuple[str, ...]) -> Path:
    """Create repositories in the order of `names`, with commits around midnight UTC."""
    made = workspace(folder, remove_six=REMOVE_SIX, urllib3=URLLIB3)
    for name in names:
        repo = Repo(made / "clones" / name)
        repo.commit(
            "2020-02-09T23:30:00", {"a.py": "import six\n", "b/a.py": "from six import x\n"}
        )
        repo.commit("2020-02-10T00:30:00", {"a.py": None, "ü.py": "import six  # ü\n"})
        project = '[tool.poetry.dependencies]\nurllib3 = "*"\n'
        files = {"pyproject.toml": project, "poetry.lock": LOCK.format("1.26.5")}
        repo.commit("2020-02-11", {**files, "ü/requirements.txt": "urllib3<2\n"})
        repo.commit("2020-03-28", {"poetry.lock": LOCK.format("2.0.0")})
        repo.commit("2020-03-29T01:30:00", {"b/a.py": "import os\n"})
    return made


def results_of(
    folder: Path, environment: dict[str, str], jobs: int
) -> tuple[str, dict[str, object]]:
    """Scan once in a separate process.

    Returns:
        Hashes of the outputs of two commands, and the rows of five views.
    """
    environment = {"PATH": os.environ["PATH"]} | environment
    command = [sys.executable, "-m", "headway", "--today", "2020-04-01"]
    scan = [*command, "scan", "--jobs", str(jobs)]
    subprocess.run(scan, cwd=folder, env=environment, check=True, capture_output=True)
    hashes = ""
    for arguments in (["items", "--state", "all"], ["burndown", "remove-six", "--by", "day"]):
        reading = [*command, *arguments, "--format", "json"]
        done = subprocess.run(reading, cwd=folder, env=environment, check=True, capture_output=True)
        hashes += hashlib.sha256(done.stdout).hexdigest()
    with open_store(folder / "headway.duckdb") as store:
        views = ("items", "movements", "repository_snapshots", "team_snapshots", "marks")
        # Do not sort the rows, because their order in the store must be the same too.
        return hashes, {view: store.query(f"SELECT * FROM {view}")[1] for view in views}


@pytest.mark.fault(28)
@pytest.mark.slow
def test_environment_jobs_and_order_change_nothing(tmp_path: Path) -> None:
    answers = []
    for number, environment in enumerate(SURROUNDINGS):
        names = NAMES if number % 2 == 0 else NAMES[::-1]
        folder = organisation(tmp_path / f"ws{number}", names)
        answers.append(results_of(folder, environment, jobs=number + 1))
    assert "urllib3" in repr(answers[0][1]["items"])
    assert answers[1] == answers[0]
    assert answers[2] == answers[0]


@pytest.mark.slow
def test_workers_of_a_cluster_change_nothing(tmp_path: Path) -> None:
    """One process, three processes and a cluster write the same export and the same site."""
    with dask_cluster(tmp_path / "cluster", "one", "two") as cluster:
        options = {
            "alone": ("--jobs", "1"),
            "three": ("--jobs", "3"),
            "cluster": ("--executor", cluster.address),
        }
        answers = {
            name: everything_after(tmp_path / name, tmp_path / "clones", *arguments)
            for name, arguments in options.items()
        }
    assert any(name.startswith("site/") for name in answers["alone"])
    assert any(name.endswith(".parquet") for name in answers["alone"])
    assert answers["three"] == answers["alone"]
    assert answers["cluster"] == answers["alone"]


def everything_after(folder: Path, clones: Path, *scan: str) -> dict[str, bytes]:
    """Scan at a fixed time, and return the bytes of all files that commands write."""
    if not clones.exists():
        organisation(clones.parent / "first", NAMES)
        (clones.parent / "first" / "clones").rename(clones)
    workspace(folder, remove_six=REMOVE_SIX, urllib3=URLLIB3)
    (folder / "headway.toml").write_text(f'[[sources]]\ntype = "local"\npath = "{clones}"\n')
    for arguments in (["scan", *scan], ["report"], ["export", "export"]):
        command = [sys.executable, "-c", AT_A_FIXED_TIME, "--today", "2020-04-01", *arguments]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for name in ("site", "export")
        for path in sorted((folder / name).rglob("*"))
        # The manifest contains a fingerprint of the store file.
        if path.is_file() and path.name != "manifest.json"
    }
