"""Laws 1, 2, 5 and 7 of ARCHITECTURE.md hold for rules that read several files together."""

from __future__ import annotations

import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.model.vendored import is_vendored
from headway.progress.opening import Opening
from headway.store.store_reader import open_store
from tests.laws.test_laws import STARTS, TODAY, everything
from tests.laws.test_mirrors import source
from tests.laws.test_vendored_files import included
from tests.support import oracle
from tests.support.forge.github import github
from tests.support.forge.server import serve
from tests.support.forge.world import FakeRepository, World
from tests.support.git import git
from tests.support.histories import Commit, Edit, History, build, point
from tests.support.pins import matches, plugin
from tests.support.thorough import repeat
from tests.support.workspaces import rows, scan, workspace

_RULES = """
  - {{id: every-{scanner}, scanner: {scanner}, package: six}}
  - {{id: some-{scanner}, scanner: {scanner}, package: six, paths: ["sub/**", "!b.lock"]}}
  - {{id: vendored-{scanner}, scanner: {scanner}, package: os, include_vendored: true}}
"""
CAMPAIGN = f"title: Pins\nstarts: {STARTS}\ndeprecated:{_RULES.format(scanner='pins')}" + (
    _RULES.format(scanner="careful-pins")
)
_PATHS = (b"a.want", b"a.lock", b"b.lock", b"sub/a.want", b"sub/a.lock", b"vendor/a.lock")
_LINES = (b"six 1\n", b"six 1.5\n", b"six 2\n", b"os 1\n", b"\n", b"re 3\n")
_ATTRIBUTES = (b"*.lock linguist-generated\n", b"vendor/** -linguist-vendored\n", b"", b"* text\n")


def histories(*more_lines: bytes) -> st.SearchStrategy[History]:
    """Return histories of manifests and lock files, which may contain additional lines."""
    contents = st.lists(st.sampled_from([*_LINES, *more_lines]), max_size=3).map(b"".join)
    paths = st.sampled_from(_PATHS)
    edits = st.one_of(
        st.builds(Edit, st.just("write"), paths, contents),
        st.builds(Edit, st.just("delete"), paths),
        st.builds(Edit, st.just("move"), paths, target=paths),
        st.builds(Edit, st.just("write"), st.just(b"note.txt"), contents),
        st.builds(Edit, st.just("write"), st.just(b".gitattributes"), st.sampled_from(_ATTRIBUTES)),
    )
    commits = st.builds(
        Commit,
        st.lists(edits, min_size=1, max_size=4).map(tuple),
        st.integers(0, 60 * 86_400),
        st.booleans(),
        st.integers(0, 9).map(lambda number: number == 0),
    )
    return st.builds(History, st.lists(commits, min_size=2, max_size=9))


@cache
def scanner_folder() -> Path:
    """Return a folder with two scanners; scans call one of them only if necessary."""
    folder = Path(tempfile.mkdtemp(prefix="headway-pins-"))
    (folder / "pins.py").write_text(plugin())
    careful = plugin(careful=True).replace('"pins"', '"careful-pins"')
    (folder / "careful_pins.py").write_text(careful)
    return folder


@contextmanager
def pinned(history: History) -> Iterator[tuple[Path, Path, list[str]]]:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), law=CAMPAIGN)
        (folder / "scanners").symlink_to(scanner_folder())
        repository = folder / "clones" / "one.git"
        yield folder, repository, build(history, repository)


def scan_pins(folder: Path, **options: Any) -> None:
    scan(folder, TODAY, scanner_folder=scanner_folder(), **options)


def scan_at(folder: Path, repository: Path, chain: list[str], stops: set[int]) -> None:
    """Delete the store. Then scan at each commit whose index is in `stops`, and at the last one."""
    (folder / "headway.duckdb").unlink()
    for stop in sorted(stops | {len(chain) - 1}):
        point(repository, chain[stop])
        scan_pins(folder)


def openings(folder: Path) -> dict[str, list[Opening]]:
    """Return all openings, by rule."""
    with open_store(folder / "headway.duckdb") as store:
        (key,) = store.repositories.records()
        found = store.items.openings([key], ["law"])
        return {track.rule: list(listed) for track, listed in found.items()}


def open_at(listed: list[Opening], number: int, place: dict[str, int]) -> Counter[Any]:
    """Count the (path, version) pairs of the openings that are open at a commit."""
    versions = [
        [version for version in opening.all_versions if place[version.commit] <= number][-1]
        for opening in listed
        if place[opening.opened_commit] <= number
        and (opening.closed_commit is None or number < place[opening.closed_commit])
    ]
    return Counter((version.path, dict(version.captures)["version"]) for version in versions)


def expected_at(repository: Path, commit: str) -> dict[str, Counter[Any]] | None:
    """Return the matches that each rule must have at a commit; None if a file is broken."""
    admitted = included(repository, commit)
    files = {
        path: git(repository, "cat-file", "blob", f"{commit}:{path}")
        for path in oracle.regular_files(repository, commit)
    }
    read = {path: text for path, text in files.items() if path in admitted or not is_vendored(path)}
    if any("broken" in text for path, text in read.items() if path != "note.txt"):
        return None
    six = {path: found for path, found in matches(read, "six").items() if path in admitted}
    every = Counter((path, version) for path, (_, version) in six.items())
    os = Counter((path, version) for path, (_, version) in matches(files, "os").items())
    some = Counter({key: count for key, count in every.items() if key[0].startswith("sub/")})
    return {"every": every, "some": some, "vendored": os}


def check_every_commit(folder: Path, repository: Path, chain: list[str]) -> None:
    found = openings(folder)
    place = {commit: number for number, commit in enumerate(chain)}
    for commit in chain[oracle.in_force(repository, chain, STARTS) :]:
        expected = expected_at(repository, commit)
        for kind, counts in (expected or {}).items():
            for scanner in ("pins", "careful-pins"):
                listed = found.get(f"{kind}-{scanner}", [])
                assert open_at(listed, place[commit], place) == counts, (kind, scanner, commit)


@settings(max_examples=repeat(8, thorough=300), deadline=None)
@given(histories())
def test_at_every_commit_the_open_items_are_those_that_the_files_show(history: History) -> None:
    with pinned(history) as (folder, repository, chain):
        scan_pins(folder)
        check_every_commit(folder, repository, chain)
        points = rows(folder, "burndown", "law", "--by", "day", "--today", TODAY.isoformat())
        for before, after in itertools.pairwise(points):
            come = after["new"] + after["regressed"] + after["scope_added"]
            gone = after["fixed"] + after["scope_removed"]
            assert after["open"] == before["open"] + come - gone


@settings(max_examples=repeat(6, thorough=250), deadline=None)
@given(histories(b"broken\n", b"\0"), st.data())
def test_any_split_into_scans_gives_the_same_items_and_gaps(
    history: History, data: st.DataObject
) -> None:
    with pinned(history) as (folder, repository, chain):
        scan_pins(folder)
        once = everything(folder), gaps(folder)
        scan_pins(folder)
        assert (everything(folder), gaps(folder)) == once
        stops = data.draw(st.sets(st.integers(0, len(chain) - 1)), label="stops")
        scan_at(folder, repository, chain, stops)
        assert (everything(folder), gaps(folder)) == once


@settings(max_examples=repeat(6, thorough=250), deadline=None)
@given(histories(b"broken\n"))
def test_items_are_right_again_after_files_that_cannot_be_read(history: History) -> None:
    with pinned(history) as (folder, repository, chain):
        scan_pins(folder)
        check_every_commit(folder, repository, chain)


@settings(max_examples=repeat(2, thorough=40), deadline=None)
@given(histories(), st.data())
def test_partial_mirrors_give_the_same_items_as_full_clones(
    history: History, data: st.DataObject
) -> None:
    with pinned(history) as (whole, repository, chain), serve(World(tokens=set()), github) as forge:
        forge.world.repositories.append(FakeRepository(1, "acme/one", repository))
        lacking = workspace(whole / "lacking", law=CAMPAIGN)
        stops = data.draw(st.sets(st.integers(0, len(chain) - 1)), label="stops")
        for stop in sorted(stops | {len(chain) - 1}):
            point(repository, chain[stop])
            scan_pins(lacking, source=source(forge))
        scan_pins(whole)
        assert gaps(lacking) == []
        assert _plain(openings(lacking)) == _plain(openings(whole))


def _plain(found: dict[str, list[Opening]]) -> dict[str, list[Any]]:
    """Return the fields of openings that do not depend on the key of the repository, by rule."""
    return {
        rule: sorted(
            (opening.number, opening.opened_commit, opening.closed_commit, opening.all_versions)
            for opening in listed
        )
        for rule, listed in found.items()
    }


def gaps(folder: Path) -> list[tuple[Any, ...]]:
    with open_store(folder / "headway.duckdb") as store:
        return sorted(store.query("SELECT * FROM gaps")[1], key=repr)
