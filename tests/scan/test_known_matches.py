"""Each rule searches a blob only once for all campaigns, repositories and stores."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.git.objects import read_each_text
from headway.model.campaign import Rule
from headway.model.limits import DEFAULT_LIMITS
from headway.scan import blob_search
from headway.scan.blobs_to_read import ANYWHERE, Reading
from headway.scan.bound_rule import BoundRule
from headway.scan.known_matches import KnownMatches
from headway.scan.matching import Hits, Matcher
from headway.scan.spots import spots_of
from headway.scanner import Match
from headway.store.match_cache import MatchCache
from tests.support.definitions import SHIPPED
from tests.support.git import Repo, git
from tests.support.workspaces import headway, rows, scan, workspace

TODAY = date(2026, 6, 1)
SIX = "{id: six, scanner: regex, pattern: '^ *import six( as (?P<name>[a-z]+))?'}"
TABS = "{id: tabs, scanner: regex, pattern: '\\t', paths: ['*.py']}"
CALLS = "{id: calls, scanner: ast, language: python, pattern: 'old($A)', paths: ['*.py']}"


def campaign(*rules: str, starts: str = "2026-01-05") -> str:
    listed = "".join(f"  - {rule}\n" for rule in rules)
    return f"title: Any\nstarts: {starts}\ndeprecated:\n{listed}"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that records the ID of each blob when rules search it."""
    blobs: list[str] = []

    def recorded(git_dir: Path, wanted: list[str], *, max_bytes: int) -> Iterator[Any]:
        blobs.extend(wanted)
        return read_each_text(git_dir, wanted, max_bytes=max_bytes)

    monkeypatch.setattr(blob_search, "read_each_text", recorded)
    return blobs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = workspace(tmp_path / "ws", first=campaign(SIX, CALLS))
    repo = Repo(folder / "clones" / "app")
    lines = "import six\n\timport six as seven\nold(1)\n"
    repo.commit("2026-01-01", {"a.py": lines, "b.py": "  import  six\n", "c.py": b"six\0"})
    repo.commit("2026-02-01", {"a.py": f"# first\n{lines}old(2)\n", "d.py": "nothing\n"})
    repo.commit("2026-03-01", {"b.py": "import six as ä\n", "e.py": b"\xe9 old(3)\nimport six\n"})
    repo.commit("2026-04-01", {"a.py": "old(2)\n", "f.py": ""})
    return folder


def state(folder: Path) -> object:
    """Return all items, and the status of all repositories."""
    items = rows(folder, "items", "--state", "all")
    return items, rows(folder, "status", "--by", "repository", "--today", TODAY.isoformat())


def forget_store(folder: Path) -> None:
    for file in folder.glob("headway.duckdb*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()


def test_a_lost_store_is_computed_again_without_reading_blobs(
    folder: Path, read: list[str]
) -> None:
    first = scan(folder, TODAY)
    expected = state(folder)
    assert len(read) == len(set(read)) == 9
    read.clear()
    forget_store(folder)
    again = scan(folder, TODAY)
    assert read == []
    assert again.blobs == first.blobs
    assert state(folder) == expected


def test_a_second_campaign_with_the_same_rule_reads_no_blob(folder: Path, read: list[str]) -> None:
    scan(folder, TODAY)
    read.clear()
    other = SIX.replace("id: six", "id: other, paths: ['*.py']")
    (folder / "campaigns" / "second.yaml").write_text(campaign(other))
    scan(folder, TODAY)
    assert read == []
    items = rows(folder, "items", "--state", "all")
    by_rule = {
        rule: [(item["excerpt"], item["opened_commit"]) for item in items if item["rule"] == rule]
        for rule in ("six", "other")
    }
    assert by_rule["six"] == by_rule["other"] != []


def test_only_a_new_rule_is_searched_for(folder: Path, read: list[str]) -> None:
    scan(folder, TODAY)
    read.clear()
    (folder / "campaigns" / "second.yaml").write_text(campaign(TABS, SIX))
    scan(folder, TODAY)
    assert len(read) == 9
    read.clear()
    forget_store(folder)
    scan(folder, TODAY)
    assert read == []
    known = state(folder)
    shutil.rmtree(folder / ".headway")
    forget_store(folder)
    scan(folder, TODAY)
    assert state(folder) == known


def test_a_fork_and_a_rewritten_history_read_only_new_blobs(folder: Path, read: list[str]) -> None:
    scan(folder, TODAY)
    read.clear()
    shutil.copytree(folder / "clones" / "app", folder / "clones" / "fork")
    fork = Repo(folder / "clones" / "fork")
    fork.commit("2026-05-01", {"g.py": "import six  # new\n"})
    scan(folder, TODAY)
    assert read == [git(fork.path, "rev-parse", "HEAD:g.py").strip()]
    read.clear()
    app = Repo(folder / "clones" / "app")
    app.git("commit", "-q", "--amend", "-m", "rewritten", at="2026-04-02")
    scan(folder, TODAY)
    assert read == []


@pytest.mark.parametrize("damage", ["cut", "changed", "no database", "not a file"])
def test_a_damaged_cache_is_searched_again(folder: Path, damage: str) -> None:
    scan(folder, TODAY)
    expected = state(folder)
    file = folder / ".headway" / "matches" / "1.sqlite"
    content = file.read_bytes()
    if damage == "cut":
        file.write_bytes(content[: len(content) // 2])
    elif damage == "changed":
        file.write_bytes(content.replace(b"import six", b"import sex"))
    elif damage == "no database":
        file.write_bytes(b"none")
    else:
        file.unlink()
        file.mkdir()
    forget_store(folder)
    scan(folder, TODAY)
    assert state(folder) == expected


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_an_unreadable_blob_stays_unknown(folder: Path, damage: str) -> None:
    scan(folder, TODAY)
    app = folder / "clones" / "app"
    blob = git(app, "rev-parse", "HEAD:b.py").strip()
    loose = app / ".git" / "objects" / blob[:2] / blob[2:]
    loose.unlink()
    if damage == "damaged":
        loose.write_bytes(b"broken")
    forget_store(folder)
    scan(folder, TODAY)
    known = state(folder)
    (row,) = rows(folder, "status", "--today", TODAY.isoformat())
    assert row["coverage"] < 1
    shutil.rmtree(folder / ".headway")
    forget_store(folder)
    scan(folder, TODAY)
    assert state(folder) == known


def test_the_answers_of_other_scanners_are_not_kept(tmp_path: Path) -> None:
    folder = workspace(tmp_path, own=campaign("{id: own, scanner: own}", SIX))
    (folder / "scanners").mkdir()
    (folder / "scanners" / "own.py").write_text(
        "from headway import ContentScanner, Match\n"
        "class Own(ContentScanner):\n"
        "    name = 'own'\n"
        "    def find(self, options, path, content):\n"
        "        return [Match('word', 1, 1)]\n"
    )
    Repo(folder / "clones" / "app").commit("2026-02-01", {"a.txt": "text\n"})
    headway(folder, "scan")
    assert len(rows(folder, "items")) == 1
    assert not list(folder.glob(".headway/matches/*.sqlite"))


REGEX = SHIPPED.get("regex")
PATTERNS = ("six", "a", "b")


def matcher(*patterns: str) -> Matcher:
    rules = []
    for pattern in patterns:
        options = {"pattern": pattern, "flags": []}
        rule = Rule(pattern, "deprecated", "regex", options)
        assert REGEX is not None
        rules.append(BoundRule(rule, REGEX, REGEX.Options(**options)))
    return Matcher(rules)


numbers = st.none() | st.integers(1, 2**31 - 1)
texts = st.text(max_size=30) | st.text("ab \t\0", min_size=300, max_size=4_000)
matches = st.builds(
    Match,
    text=texts,
    line=numbers,
    column=numbers,
    captures=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)
answers = st.dictionaries(st.integers(0, 2), st.lists(matches, min_size=1, max_size=4))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a repository and the ID of a blob in it."""
    repo = Repo(tmp_path_factory.mktemp("repository"))
    repo.commit("2026-01-01", {"file": "text\n"})
    return repo.path / ".git", git(repo.path, "rev-parse", "HEAD:file").strip()


@settings(max_examples=25)
@given(answers)
def test_known_answers_are_the_answers_that_were_found(
    tmp_path_factory: pytest.TempPathFactory,
    stored: tuple[Path, str],
    found: dict[int, list[Match]],
) -> None:
    git_dir, blob = stored
    cache = MatchCache(tmp_path_factory.mktemp("matches"))
    hits: Hits = tuple((index, spots_of(found[index])) for index in sorted(found))
    before = KnownMatches(cache, matcher(*PATTERNS), DEFAULT_LIMITS, git_dir)
    before.add((blob, ANYWHERE), 0b111, hits, is_binary=False)
    before.save()
    # The second walk has the same rules in another order, one of them twice, and a new rule.
    names = ("b", "new", "a", "six", "b")
    after = KnownMatches(cache, matcher(*names), DEFAULT_LIMITS, git_dir)
    work = {blob: Reading("file", {ANYWHERE: 0b11111})}
    ((place, answer),) = after.take_from(work, leave=())
    assert place == (blob, ANYWHERE)
    assert answer.rules == 0b11101
    assert work[blob].places == {ANYWHERE: 0b00010}
    by_pattern = {PATTERNS[index]: spots for index, spots in hits}
    assert answer.hits == tuple(
        (index, by_pattern[name]) for index, name in enumerate(names) if name in by_pattern
    )
