"""Cluster workers build the same site as one process, and unsuitable workers build nothing."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result

from headway.cluster.host_handle import LOST
from tests.support.git import Repo
from tests.support.thread_cluster import ThreadCluster
from tests.support.workspaces import REMOVE_SIX, headway, scan, workspace

TODAY = date(2020, 3, 2)
ONE, TWO = "tcp://127.0.0.1:1001", "tcp://127.0.0.1:1002"
TEAMS = """teams:
  - {name: web, repositories: ["shop", "wiki"]}
  - {name: pay, repositories: ["bank"]}
"""
SECRET = "s3cret-t0ken"
FORGE = """[[sources]]
type = "github"
organization = "acme"
token = "OUR_TOKEN"
"""


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> ThreadCluster:
    """Let `--executor` use a cluster of two workers."""
    made = ThreadCluster(ONE, TWO)
    monkeypatch.setattr("headway.cluster.dask_cluster.DaskCluster", lambda address: made)
    monkeypatch.setattr("headway.cluster.seats._WAIT_SECONDS", 0.05)
    monkeypatch.setattr("headway.cluster.seats._LOOK_SECONDS", 0.05)
    return made


@pytest.fixture(scope="module")
def built_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a scanned workspace whose folder `local` has the site that this process built."""
    made = workspace(
        tmp_path_factory.mktemp("built"),
        remove_six=REMOVE_SIX,
        six_again=REMOVE_SIX.replace("Remove six", "Six again"),
    )
    (made / "teams.yaml").write_text(TEAMS)
    for name in ("shop", "wiki", "bank"):
        repo = Repo(made / "clones" / name)
        repo.commit("2020-02-10", {"a.py": "import six\n", "b.py": "import six\n"})
        repo.commit("2020-02-20", {"b.py": None})
    scan(made, TODAY)
    report(made, "--jobs", "1", "--out", str(made / "local"))
    return made


@pytest.fixture
def folder(built_folder: Path, tmp_path: Path) -> Path:
    """Return the workspace with an older site of the same campaigns in its `site` folder."""
    made = tmp_path / "ws"
    shutil.copytree(built_folder, made, symlinks=True)
    return made


def report(folder: Path, *arguments: str, code: int = 0) -> Result:
    return headway(folder, "--today", TODAY.isoformat(), "report", *arguments, code=code)


def report_there(folder: Path, *arguments: str, code: int = 0) -> Result:
    return report(folder, "--executor", "dask://127.0.0.1:1", *arguments, code=code)


def content(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def pages(root: Path) -> dict[str, bytes]:
    """Return the files of a site without its manifest, which depends on the workspace's path."""
    return {path: data for path, data in content(root).items() if path != "manifest.json"}


def test_two_workers_build_the_same_site(folder: Path, cluster: ThreadCluster) -> None:
    result = report_there(folder)
    assert "building the site on 2 workers with 2 threads" in result.stderr
    assert {worker for worker, _ in cluster.sent} == {ONE, TWO}
    shutil.rmtree(folder / "local")
    report(folder, "--jobs", "1", "--out", str(folder / "local"))
    assert content(folder / "site") == content(folder / "local")
    assert not [path for path in folder.iterdir() if path.name.startswith(".site")]


def test_workers_reuse_unchanged_files(folder: Path, cluster: ThreadCluster) -> None:
    scan(folder, TODAY)  # The workspace has been copied to another path.
    report(folder)
    pages_of = {name: folder / "site" / "repositories" / name for name in ("bank", "shop")}
    before = {name: inodes(root) for name, root in pages_of.items()}
    Repo(folder / "clones" / "shop").commit("2020-03-01", {"c.py": "import six\n"})
    scan(folder, TODAY)
    report_there(folder)
    assert inodes(pages_of["bank"]) == before["bank"]
    assert inodes(pages_of["shop"]) != before["shop"]


def inodes(root: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in root.iterdir()}


def test_the_site_is_built_again_after_a_worker_is_lost(
    folder: Path, cluster: ThreadCluster
) -> None:
    def vanish(worker: str) -> None:
        if worker == TWO:
            cluster.listed.pop(TWO, None)

    cluster.before_chunk = vanish
    result = report_there(folder)
    assert f"({TWO}) is lost: its worker is gone" in result.stderr
    assert "building the site on 1 worker with 1 thread" in result.stderr
    assert pages(folder / "site") == pages(folder / "local")


def test_the_old_site_stays_if_workers_are_lost_twice(folder: Path, cluster: ThreadCluster) -> None:
    (folder / "local").rename(folder / "site")
    before = content(folder / "site")
    (folder / "campaigns" / "six-again.yaml").unlink()
    cluster.before_chunk = lambda worker: (LOST, "its host ended with exit code -9")
    result = report_there(folder, code=1)
    assert (
        "worker processes of the build died twice, and the old site is unchanged" in result.stderr
    )
    assert "is lost: its host ended with exit code -9" in result.stderr
    assert content(folder / "site") == before


def test_a_lost_scheduler_is_an_error(folder: Path, cluster: ThreadCluster) -> None:
    def stop(worker: str) -> None:
        cluster.is_lost = True

    cluster.before_chunk = stop
    result = report_there(folder, code=1)
    assert (
        "the connection to the scheduler of the cluster was lost (it was stopped)" in result.stderr
    )
    assert "no worker of the Dask cluster at dask://127.0.0.1:1 can be used" in result.stderr
    assert not (folder / "site").exists()


def hide_folder(cluster: ThreadCluster, folder: Path, *workers: str) -> None:
    """Let hosts of these workers look for the folder's files at a path that does not exist."""
    original = cluster._call

    def elsewhere(
        command: str, slot: int, settings: bytes, message: bytes
    ) -> tuple[str, bytes | str]:
        if command.endswith(workers):
            fields = json.loads(settings)
            unmounted = str(folder.with_name("unmounted"))
            fields["shared"] = {
                path.replace(str(folder), unmounted): fingerprint
                for path, fingerprint in fields["shared"].items()
            }
            settings = json.dumps(fields).encode()
        return original(command, slot, settings, message)

    cluster._call = elsewhere  # type: ignore[method-assign]


def test_a_worker_that_does_not_see_the_folder_gets_no_tasks(
    folder: Path, cluster: ThreadCluster
) -> None:
    hide_folder(cluster, folder, TWO)
    result = report_there(folder)
    assert f"worker {TWO} is not used: {folder.with_name('unmounted')}" in result.stderr
    assert "must mount the folders of the workspace and the site at the same paths" in result.stderr
    assert {worker for worker, _ in cluster.sent} == {ONE}
    assert pages(folder / "site") == pages(folder / "local")


def test_no_site_is_built_if_no_worker_sees_the_folder(
    folder: Path, cluster: ThreadCluster
) -> None:
    hide_folder(cluster, folder, ONE, TWO)
    result = report_there(folder, code=1)
    assert "no worker of the Dask cluster at dask://127.0.0.1:1 can be used" in result.stderr
    assert not cluster.sent
    assert not (folder / "site").exists()


def test_a_worker_with_other_templates_gets_no_tasks(
    folder: Path, cluster: ThreadCluster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = workspace(tmp_path / "other")
    (other / "reports").mkdir()
    (other / "reports" / "team.html").write_text("{{ frame.title }}")
    monkeypatch.setenv("HEADWAY_WORKER_WORKSPACE", str(other))
    result = report_there(folder, code=1)
    assert "templates in reports/" in result.stderr
    assert not cluster.sent


def test_an_error_of_a_task_is_the_same_as_on_one_machine(
    folder: Path, cluster: ThreadCluster
) -> None:
    (folder / "reports").mkdir()
    (folder / "reports" / "team.html").write_text("{{ nothing.there }}")
    here = report(folder, "--jobs", "1", code=1)
    there = report_there(folder, code=1)
    assert "team.html" in here.stderr
    assert there.stderr.splitlines()[-1] == here.stderr.splitlines()[-1]


def test_a_build_needs_no_token(
    folder: Path, cluster: ThreadCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "headway.toml").write_text(FORGE)
    monkeypatch.setenv("OUR_TOKEN", SECRET)
    report_there(folder)
    assert cluster.sent
    assert not [part for part in cluster.traffic if SECRET.encode() in part]


def test_jobs_and_executor_exclude_each_other(folder: Path) -> None:
    result = report_there(folder, "--jobs", "2", code=2)
    assert "--executor cannot be used with --jobs" in result.stderr
