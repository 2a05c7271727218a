"""Scans and site builds on a Dask cluster give the same bytes, despite lost processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.laws.test_independence import NAMES, organisation
from tests.support.dask_cluster import dask_cluster, tls_variables
from tests.support.forge.certificate import certificate

pytestmark = pytest.mark.slow

KILLS = """
import os, signal
from pathlib import Path
from headway import ContentScanner, Match, Options

class Kills(ContentScanner[Options]):
    name = "kills"

    def find(self, options, path, content):
        order = Path({order!r})
        if order.exists():
            process = int(order.read_text())
            order.unlink()
            os.kill(process, signal.SIGKILL)
        if b"six" in content:
            yield Match(text="six", line=1)
"""
KILLING = "title: Kills\nstarts: 2020-01-06\ndeprecated: [{id: kills, scanner: kills}]\n"


def headway(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "headway", "--today", "2020-04-01", *arguments],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )


def killing(folder: Path, order: Path) -> Path:
    """Create a workspace whose scanner kills the process whose ID is in the file `order`."""
    made = organisation(folder, NAMES)
    (made / "scanners").mkdir()
    (made / "scanners" / "kills.py").write_text(KILLS.format(order=str(order)))
    (made / "campaigns" / "kills.yaml").write_text(KILLING)
    return made


def items(folder: Path) -> str:
    return headway(folder, "items", "--state", "all", "--format", "json").stdout


@pytest.mark.fault(35)
def test_a_worker_that_dies_loses_nothing(tmp_path: Path) -> None:
    order = tmp_path / "order"
    alone = killing(tmp_path / "alone", order)
    assert headway(alone, "scan").returncode == 0
    folder = killing(tmp_path / "ws", order)
    with dask_cluster(tmp_path / "cluster", "one", "two") as cluster:
        order.write_text(str(cluster.workers["one"].pid))
        done = headway(folder, "scan", "--executor", cluster.address)
        assert done.returncode == 0, done.stderr
        assert "is lost: its worker is gone" in done.stderr
    assert not order.exists()
    assert items(folder) == items(alone)


@pytest.mark.fault(35)
def test_a_scheduler_that_dies_leaves_repositories_unknown(tmp_path: Path) -> None:
    order = tmp_path / "order"
    folder = killing(tmp_path / "ws", order)
    with dask_cluster(tmp_path / "cluster", "one") as cluster:
        order.write_text(str(cluster.scheduler.pid))
        done = headway(folder, "scan", "--executor", cluster.address)
        assert done.returncode == 3, done.stderr
        assert "the connection to the scheduler of the cluster was lost" in done.stderr
    assert not order.exists()
    assert headway(folder, "scan").returncode == 0
    alone = killing(tmp_path / "alone", order)
    assert headway(alone, "scan").returncode == 0
    assert items(folder) == items(alone)


def test_a_site_has_the_same_bytes(tmp_path: Path) -> None:
    folder = organisation(tmp_path / "ws", NAMES)
    assert headway(folder, "scan").returncode == 0
    assert headway(folder, "report", "--jobs", "1", "--out", "here").returncode == 0
    with dask_cluster(tmp_path / "cluster", "one", "two") as cluster:
        done = headway(folder, "report", "--executor", cluster.address, "--out", "there")
    assert done.returncode == 0, done.stderr
    assert "building the site on 2 workers with 2 threads" in done.stderr
    assert content(folder / "there") == content(folder / "here")


def content(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_tls(tmp_path: Path) -> None:
    folder = organisation(tmp_path / "ws", NAMES)
    variables = tls_variables(certificate(tmp_path))
    with dask_cluster(tmp_path / "cluster", "one", scheme="tls", environment=variables) as cluster:
        done = headway(folder, "scan", "--executor", cluster.address, environment=variables)
        assert done.returncode == 0, done.stderr
        assert "4 repositories in scope: 4 read" in done.stderr
        without = headway(folder, "scan", "--executor", cluster.address)
        assert without.returncode == 1
        assert "needs certificates, but Dask's configuration names none" in without.stderr


def test_no_scheduler(tmp_path: Path) -> None:
    folder = organisation(tmp_path / "ws", NAMES[:1])
    done = headway(folder, "scan", "--executor", "dask://127.0.0.1:9")
    assert done.returncode == 1
    assert done.stderr.startswith("error: no Dask scheduler can be reached at dask://127.0.0.1:9 (")
    assert len(done.stderr.splitlines()) == 1


def test_a_scheduler_for_other_machines_needs_tls(tmp_path: Path) -> None:
    folder = organisation(tmp_path / "ws", NAMES[:1])
    with dask_cluster(tmp_path / "cluster", host="0.0.0.0") as cluster:
        done = headway(folder, "scan", "--executor", cluster.address)
    assert done.returncode == 1
    assert "accepts connections without TLS" in done.stderr
