"""Workers read the tokens of forges from their own environment, and no message contains a token."""

from __future__ import annotations

import os
import subprocess
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from headway.cluster import host_handle
from tests.support.forge.github import github
from tests.support.forge.organisation import LOOPBACK
from tests.support.forge.server import serve
from tests.support.forge.world import TOKEN, FakeRepository, World
from tests.support.git import Repo
from tests.support.thread_cluster import ThreadCluster
from tests.support.workspaces import headway, rows, workspace

CONFIG = """[[sources]]
type = "github"
organization = "acme"
url = "{url}/api/v3"
token = "OUR_TOKEN"
"""
WORKER = "tcp://127.0.0.1:1001"


@pytest.mark.fault(32)
def test_a_token_is_in_no_message_and_in_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    cluster = ThreadCluster(WORKER)
    monkeypatch.setattr("headway.cluster.dask_cluster.DaskCluster", lambda address: cluster)
    monkeypatch.setattr("headway.cluster.seats._WAIT_SECONDS", 0.05)
    monkeypatch.setenv("HEADWAY_WORKER_CACHE", str(tmp_path / "workers"))
    monkeypatch.setenv("OUR_TOKEN", TOKEN)
    # The command hides the token from its child processes, but a Dask worker is not such a process.
    monkeypatch.setattr(host_handle, "subprocess", in_environment({**os.environ}))
    folder = workspace(tmp_path / "workspace")
    world = World()
    for number in (1, 2):
        repo = Repo(tmp_path / "forge" / str(number))
        repo.commit("2020-02-10", {"a.py": "import six\n"})
        world.repositories.append(FakeRepository(number, f"acme/{number}", repo.path / ".git"))
    with serve(world, github) as server:
        (folder / "headway.toml").write_text(CONFIG.format(url=server.url))
        options = (LOOPBACK, "--today", "2020-03-02")
        done = headway(folder, *options, "scan", "--executor", "dask://[::1]:1")
    assert len(rows(folder, "--today", "2020-03-02", "items")) == 2
    # The workers have fetched the repositories with the token.
    assert len(list((tmp_path / "workers").glob("0/*/*.git"))) == 2
    printed = done.output + "".join(capfd.readouterr())
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for content in (printed.encode(), *cluster.traffic, *files):
        assert TOKEN.encode() not in content


def in_environment(variables: dict[str, str]) -> SimpleNamespace:
    """Return a stand-in for the `subprocess` module that starts programs with these variables."""
    popen = partial(subprocess.Popen, env=variables)
    return SimpleNamespace(**vars(subprocess) | {"Popen": popen})


def test_a_worker_without_the_token_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = ThreadCluster(WORKER)
    monkeypatch.setattr("headway.cluster.dask_cluster.DaskCluster", lambda address: cluster)
    monkeypatch.setenv("HEADWAY_WORKER_CACHE", str(tmp_path / "workers"))
    folder = workspace(tmp_path / "workspace")
    monkeypatch.setenv("OUR_TOKEN", TOKEN)
    (folder / "headway.toml").write_text(CONFIG.format(url="https://github.example.com"))
    # In this test, the hosts are child processes of the command, which hides the token from them.
    done = headway(folder, "scan", "--executor", "dask://[::1]:1", code=1)
    assert "OUR_TOKEN" in done.output
