"""A build survives the death of its worker processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from headway.process_tree import children_of, descendants_of
from headway.site.build.build_plan import BuildPlan
from headway.site.build.build_pool import BuildPool, build_pool
from headway.site.build.page_builder import PageBuilder
from tests.support.git import Repo
from tests.support.workspaces import headway, scan, workspace

TODAY = date(2024, 3, 29)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = workspace(tmp_path)
    Repo(place / "clones" / "shop").commit("2020-01-01", {"a.py": "import six\n"})
    scan(place, TODAY)
    return place


def kill_workers(patch: pytest.MonkeyPatch, builds: int) -> list[int]:
    """Kill the workers of the next builds after the first result of every stage.

    A single kill would not be enough, because another worker, started later, could run all other
    tasks of such a small build.

    Returns:
        The IDs of the killed processes. The list grows when workers are killed.
    """
    killed: list[int] = []
    left = [None] * builds

    @contextmanager
    def killing(plan: BuildPlan, workers: int) -> Iterator[BuildPool]:
        is_disturbed = bool(left)
        del left[:1]

        def call(work: Callable[[PageBuilder, object], object], tasks: Iterable[object]) -> object:
            results = pool(work, tasks)
            if is_disturbed and (first := list(islice(results, 1))):
                own = os.getpid()
                for process in set(descendants_of(own)) - set(children_of(own)):
                    os.kill(process, signal.SIGKILL)
                    killed.append(process)
                return iter([*first, *results])
            return results

        with build_pool(plan, workers) as pool:
            yield call  # type: ignore[misc]

    patch.setattr("headway.site.build.site_builder.build_pool", killing)
    return killed


@pytest.mark.fault(39)
def test_a_build_whose_workers_are_killed_is_repeated(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("--today", str(TODAY), "report", "--jobs", "2")
    headway(folder, *command, "--out", str(tmp_path / "undisturbed"))
    killed = kill_workers(monkeypatch, 1)
    headway(folder, *command, "--out", str(tmp_path / "disturbed"))
    assert killed
    pages = [
        {path.name: path.read_bytes() for path in place.rglob("*") if path.is_file()}
        for place in (tmp_path / "undisturbed", tmp_path / "disturbed")
    ]
    assert pages[0] == pages[1]


@pytest.mark.fault(39)
def test_a_build_whose_workers_are_always_killed_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = kill_workers(monkeypatch, 2)
    result = headway(folder, "--today", str(TODAY), "report", "--jobs", "2", code=1)
    assert killed
    assert (
        "worker processes of the build died twice, and the old site is unchanged" in result.stderr
    )
    assert not (folder / "site").exists()
