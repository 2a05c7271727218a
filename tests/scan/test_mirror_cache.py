"""The mirrors never use much more of the disk than the budget, even while a scan runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from headway.git.mirrors import Mirrors
from headway.scan.mirror_cache import MirrorCache
from tests.support.forge.github import github
from tests.support.forge.organisation import Organisation, github_config
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, Request, World
from tests.support.workspaces import rows

KILOBYTE = 1_000


@pytest.fixture
def mirrors(tmp_path: Path) -> Mirrors:
    return Mirrors(tmp_path)


def write(mirrors: Mirrors, number: int, size: int, *, last_used: int = 0) -> str:
    """Write a mirror of the given size, and return its key."""
    key = f"forge.example.com/{number}"
    mirror = mirrors.path(key)
    mirror.mkdir(parents=True, exist_ok=True)
    (mirror / "pack").write_bytes(bytes(size))
    (mirror / "HEAD").touch()
    os.utime(mirror / "HEAD", (last_used, last_used))
    return key


def present(mirrors: Mirrors) -> list[str]:
    return sorted(path.stem for path in mirrors.folder.glob("*/*"))


def test_the_least_recently_used_mirrors_make_room(mirrors: Mirrors) -> None:
    write(mirrors, 1, 40, last_used=2)
    write(mirrors, 2, 40, last_used=1)
    cache = MirrorCache(mirrors, 100)
    assert cache.need("forge.example.com/3", 30, must=False)
    assert present(mirrors) == ["1"]


def test_a_fetch_waits_until_other_mirrors_have_been_read(mirrors: Mirrors) -> None:
    cache = MirrorCache(mirrors, 100)
    first, second = "forge.example.com/1", "forge.example.com/2"
    assert cache.need(first, 70, must=False)
    assert not cache.need(second, 70, must=False)
    write(mirrors, 1, 60)
    cache.fetched(first)
    assert not cache.need(second, 70, must=False)
    cache.release(first)
    assert present(mirrors) == ["1"]
    assert cache.need(second, 70, must=False)
    assert present(mirrors) == []


def test_a_mirror_that_is_larger_than_the_budget_is_fetched_by_itself(mirrors: Mirrors) -> None:
    cache = MirrorCache(mirrors, 100)
    key = "forge.example.com/1"
    assert cache.need(key, 500, must=False)
    write(mirrors, 1, 500)
    cache.fetched(key)
    assert present(mirrors) == ["1"]
    cache.release(key)
    assert present(mirrors) == []


def test_a_needed_mirror_is_never_deleted(mirrors: Mirrors) -> None:
    first, second = write(mirrors, 1, 90), write(mirrors, 2, 90)
    cache = MirrorCache(mirrors, 100)
    cache.hold([first, second])
    cache.fetched(first)
    assert present(mirrors) == ["1", "2"]
    cache.release(first)
    assert present(mirrors) == ["2"]


def test_without_a_budget_nothing_is_deleted(mirrors: Mirrors) -> None:
    key = write(mirrors, 1, 1_000)
    cache = MirrorCache(mirrors, None)
    assert cache.need(key, 10**12, must=False)
    cache.fetched(key)
    cache.release(key)
    assert present(mirrors) == ["1"]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with serve(World(), github) as server:
        yield server


def measured_nights(root: Path, server: Server, gigabytes: float | None) -> tuple[int, object]:
    """Scan twelve repositories on two nights.

    Returns:
        The largest total size of the mirrors before a request for a pack, and the items.
    """
    acme = Organisation(root, server.world)
    for number in range(12):
        repo = acme.add(f"repo-{number:02}")
        repo.commit("2026-01-20", {"a.bin": os.urandom(100 * KILOBYTE)})
        repo.git("push", "-q", "origin", "main")
        server.world.repositories[-1].kilobytes = 110
    budget = f"[cache]\ngigabytes = {gigabytes}\n" if gigabytes is not None else ""
    acme.configure(github_config(server) + budget)
    mirrors = acme.workspace / ".headway" / "mirrors"
    sizes = [0]

    def measure(request: Request) -> Answer | None:
        if request.path.endswith("/git-upload-pack"):
            sizes.append(sum(path.lstat().st_size for path in mirrors.rglob("*") if path.is_file()))
        return None

    server.world.before.append(measure)
    acme.scan("2026-02-20")
    for number, repo in enumerate(acme.repos.values()):
        repo.commit("2026-02-21", {"b.py": f"import six  # {number}\n"})
        repo.git("push", "-q", "origin", "main")
    acme.scan("2026-02-22")
    server.world.before.clear()
    items = rows(acme.workspace, "--today", "2026-02-22", "items", "--state", "all")
    return max(sizes), sorted((row["repository"], row["path"], row["state"]) for row in items)


def test_a_scan_stays_within_the_budget_and_finds_the_same(tmp_path: Path, server: Server) -> None:
    size, items = measured_nights(tmp_path / "a", server, 0.0004)
    assert 0 < size < 400 * KILOBYTE
    server.world.repositories.clear()
    unlimited, expected = measured_nights(tmp_path / "b", server, None)
    assert unlimited > 1_000 * KILOBYTE
    assert items == expected
