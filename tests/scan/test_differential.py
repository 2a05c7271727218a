"""Scans of generated histories find the same items as a naive implementation."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.model.limits import Limits
from headway.scan.spots import identity_text
from headway.store.store_reader import open_store
from tests.support.histories import History, build, histories, point
from tests.support.plain import PlainRule, matches_of
from tests.support.thorough import repeat
from tests.support.workspaces import SIX, open_at, rows, scan, workspace

TODAY = date(2026, 1, 15)

RULES = {
    "import-six": PlainRule(SIX, lambda path: True),
    "any-six": PlainRule("import six", lambda path: path.endswith(".py")),
    "line-end": PlainRule("six$", lambda path: True),
    "one-character": PlainRule("^. import", lambda path: "/" in path),
    "empty": PlainRule("^$", lambda path: True),
    "any-case": PlainRule("IMPORT +SIX", lambda path: not path.startswith("lib/"), re.IGNORECASE),
    "two-lines": PlainRule(r"six\s+(?:import|from)", lambda path: True, spans=True),
    "to-the-end": PlainRule(r"from six.*pass", lambda path: True, re.DOTALL, spans=True),
}
PATHS = {"any-six": ["*.py"], "one-character": ["*/**"], "any-case": ["*", "!/lib/**"]}
FLAGS = {
    "any-case": ["ignore-case"],
    "two-lines": ["span-lines"],
    "to-the-end": ["span-lines", "dot-all"],
}

CAMPAIGN = "title: Differential\nstarts: 2001-01-01\ndeprecated:\n" + "".join(
    f"  - id: {name}\n    scanner: regex\n    pattern: '{rule.pattern}'\n"
    + (f"    paths: {PATHS[name]!r}\n" if name in PATHS else "")
    + (f"    flags: {FLAGS[name]!r}\n" if name in FLAGS else "")
    for name, rule in RULES.items()
)


def everything(folder: Path) -> dict[str, Any]:
    with open_store(folder / "headway.duckdb") as store:
        return {
            view: sorted(store.query(f"SELECT * FROM {view}")[1], key=repr)
            for view in ("items", "movements", "marks")
        }


def check(folder: Path, name: str, chain: Sequence[str]) -> None:
    """Assert that the open items of each commit, and their lines at the tip, are correct."""
    git_dir = folder / "clones" / f"{name}.git"
    items = rows(folder, "items", "--state", "all", "--repository", name)
    held = open_at(items, list(chain))
    for commit in chain:
        expected = matches_of(git_dir, commit, RULES)
        by_text: Counter[tuple[str, str, str]] = Counter()
        for match, count in expected.items():
            by_text[match.rule, name, identity_text(match.excerpt)] += count
        found: Counter[tuple[str, str, str]] = Counter()
        for (rule, repository, text), count in held[commit].items():
            found[rule, repository, identity_text(text)] += count
        assert found == by_text, commit
    at_tip = Counter(
        (item["rule"], item["path"], item["line"]) for item in items if item["state"] == "open"
    )
    assert at_tip == Counter((match.rule, match.path, match.line) for match in expected.elements())


@settings(max_examples=repeat(4, thorough=100), deadline=None)
@given(histories, st.sampled_from([1, 3, 50_000]), st.sampled_from([25, 100, 500_000]), st.data())
def test_a_scan_finds_what_reading_every_commit_finds(
    history: History, window: int, held: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), differential=CAMPAIGN)
        repository = folder / "clones" / "one.git"
        chain = build(history, repository)
        # The limit must allow all matches of any single commit. Otherwise, a rule would fail.
        held = max(held, *(matches_of(repository, commit, RULES).total() for commit in chain))
        stops = data.draw(st.sets(st.integers(0, len(chain) - 1)), label="stops")
        for stop in sorted(stops | {len(chain) - 1}):
            point(repository, chain[stop])
            scan(folder, TODAY, limits=Limits(window=window, held_matches=held))
        check(folder, "one", chain)


@settings(max_examples=repeat(1, thorough=20), deadline=None)
@given(st.lists(histories, min_size=3, max_size=3), st.data())
def test_any_number_of_jobs_finds_the_same_items(
    histories: list[History], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), differential=CAMPAIGN)
        chains = {}
        for number, history in enumerate(histories):
            chains[f"r{number}"] = build(history, folder / "clones" / f"r{number}.git")
        for repository, chain in chains.items():
            stop = data.draw(st.integers(0, len(chain) - 1))
            point(folder / "clones" / f"{repository}.git", chain[stop])
        scan(folder, TODAY, workers=3, limits=Limits(window=2))
        for repository, chain in chains.items():
            point(folder / "clones" / f"{repository}.git", chain[-1])
        scan(folder, TODAY, workers=2)
        spread = everything(folder)
        for repository, chain in chains.items():
            check(folder, repository, chain)
        (folder / "headway.duckdb").unlink()
        scan(folder, TODAY)
        assert everything(folder) == spread
