"""`headway try` finds the same items as a first scan of the same branch tips."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.config.load import load_campaigns
from headway.config.workspace import shipped_folder
from headway.model.campaign import Rule
from headway.plugins import load_scanners
from tests.laws.test_laws import CAMPAIGN
from tests.support.git import Repo
from tests.support.histories import History, build, histories
from tests.support.thorough import repeat
from tests.support.workspaces import headway, rows, scan, workspace

TODAY = date(2026, 1, 15)
EVERYTHING = ("--limit", "1000000", "--jobs", "1", "--today", TODAY.isoformat())
SHIPPED = [
    campaign
    for campaign in load_campaigns(
        shipped_folder() / "campaigns", load_scanners([shipped_folder() / "scanners"])
    ).campaigns
    if campaign.deprecated
    and not campaign.applies_to
    and {rule.scanner for rule in campaign.rules} <= {"regex", "file"}
]
"""Shipped campaigns with deprecated `regex` and `file` rules, and without `applies_to`."""

Place = tuple[str, str, str, int | None, str]
"""(Repository, rule, path, line, excerpt)."""


def tried(folder: Path, campaign: str) -> list[dict[str, Any]]:
    """Run `headway try`, which must succeed, and return the rows that it prints."""
    result = headway(folder, "try", campaign, *EVERYTHING, "--format", "json")
    parsed: list[dict[str, Any]] = json.loads(result.stdout)
    return parsed


def places_in(found: Sequence[dict[str, Any]]) -> Counter[Place]:
    return Counter(
        (row["repository"], row["rule"], match["path"], match["line"], match["excerpt"])
        for row in found
        for match in row["examples"]
    )


def places_of(items: Sequence[dict[str, Any]]) -> Counter[Place]:
    return Counter(
        (item["repository"], item["rule"], item["path"], item["line"], item["excerpt"])
        for item in items
        if item["closed_commit"] is None
    )


@settings(max_examples=repeat(4, thorough=120))
@given(histories)
def test_the_matches_are_the_open_items_of_a_first_scan(history: History) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), law=CAMPAIGN)
        build(history, folder / "clones" / "one.git")
        found = tried(folder, "law")
        scan(folder, TODAY)
        items = rows(folder, "items", "--state", "all")
        assert places_in(found) == places_of(items)
        counts = Counter(item["rule"] for item in items if item["closed_commit"] is None)
        assert {row["rule"]: row["matches"] for row in found} == {
            rule: counts[rule] for rule in ("import-six", "any-six", "text-files", "has-a")
        }


def paths_for(rule: Rule, random: Random) -> list[str]:
    """Return paths that the patterns of a rule select, some of them in vendored folders."""
    names = [
        pattern.removeprefix("/").replace("**/", "").replace("/**", "/file").replace("*", "x")
        for pattern in rule.paths or ("file.txt",)
        if not pattern.startswith("!")
    ]
    folders = ("", "src/", "lib/deep/", "node_modules/left-pad/", "vendor/")
    return [f"{random.choice(folders)}{name}" for name in names]


def write_samples(repository: Path, random: Random) -> None:
    """Commit files with random samples of the rules of all shipped campaigns."""
    repo = Repo(repository)
    for campaign in SHIPPED:
        for rule in campaign.rules:
            samples = [*rule.samples, "nothing to see here", ""]
            for path in paths_for(rule, random):
                lines = [random.choice(samples) for _ in range(random.randrange(4))]
                # An earlier path may be a file where this path needs a folder, or the reverse.
                with suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
                    repo.write(path, "\n".join(lines))
    repo.commit("2025-06-02")


@settings(max_examples=repeat(1, thorough=20))
@given(st.integers(0, 1 << 30))
def test_shipped_campaigns_find_what_a_scan_finds(seed: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = workspace(Path(name), unused=CAMPAIGN)
        random = Random(seed)
        for repository in ("one", "two"):
            write_samples(folder / "clones" / repository, random)
        shutil.rmtree(folder / "campaigns")
        found = {campaign.id: tried(folder, campaign.id) for campaign in SHIPPED}
        (folder / "campaigns").mkdir()
        for campaign in SHIPPED:
            assert campaign.file is not None
            shutil.copy(campaign.file, folder / "campaigns")
            first = campaign.deprecated[0].id
            with (folder / "campaigns" / f"{campaign.id}.yaml").open("a") as file:
                file.write(f"exemptions: [{{reason: R, until: 2027-01-01, rules: [{first}]}}]\n")
        scan(folder, TODAY)
        for campaign in SHIPPED:
            items = rows(folder, "items", campaign.id, "--state", "all")
            assert places_in(found[campaign.id]) == places_of(items)
            (status,) = rows(folder, "status", campaign.id)
            deprecated = [row for row in found[campaign.id] if row["role"] == "deprecated"]
            matches = sum(row["matches"] for row in deprecated)
            assert matches == status["open"] + status["exempt"]
            again = tried(folder, campaign.id)
            assert sum(row["exempt"] for row in again) == status["exempt"]
        assert any(row["matches"] for campaign in SHIPPED for row in found[campaign.id])
