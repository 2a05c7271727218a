"""Vendored and generated code is excluded unless a rule or campaign includes it."""

from __future__ import annotations

from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headway.model.vendored import FILES, FOLDERS, is_vendored
from tests.support.definitions import loaded, problems_in
from tests.support.git import Repo
from tests.support.workspaces import headway, rows, scan, workspace

CAMPAIGN = """title: Leave six
starts: 2026-01-05
{campaign}
deprecated:
  - {{id: one, scanner: regex, pattern: six{rule}}}
  - {{id: lock, scanner: file, paths: [package.json]{rule}}}
"""
FIRST, SECOND = date(2026, 2, 1), date(2026, 4, 1)


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_folders_are_excluded_at_any_depth(folder: str) -> None:
    assert is_vendored(f"{folder}/a.py")
    assert is_vendored(f"web/{folder}/x/a.py")
    assert not is_vendored(f"my{folder}/a.py")
    assert not is_vendored(f"{folder}ed/a.py")
    assert not is_vendored(folder)


@pytest.mark.parametrize("pattern", FILES)
def test_the_files_are_excluded_in_any_folder(pattern: str) -> None:
    assert is_vendored(f"web/{pattern.replace('*', 'app')}")
    assert not is_vendored(f"web/{pattern.replace('*', 'app')}/readme")


@given(
    st.lists(
        st.sampled_from([*FOLDERS, "src", "dist.js", "a.min.js", "a.js", "b.css.map", "vendor.py"]),
        min_size=1,
        max_size=4,
    )
)
def test_a_path_is_vendored_by_its_folders_or_its_name(parts: list[str]) -> None:
    by_folder = any(part in FOLDERS for part in parts[:-1])
    by_name = any(fnmatchcase(parts[-1], pattern) for pattern in FILES)
    assert is_vendored("/".join(parts)) == (by_folder or by_name)


def counts(folder: Path, campaign: str = "", rule: str = "") -> tuple[int, int]:
    """Return the open and fixed counts after a vendored folder was added and deleted."""
    workspace(folder, six=CAMPAIGN.format(campaign=campaign, rule=rule))
    repo = Repo(folder / "clones" / "app")
    vendored = {f"node_modules/m{number}/package.json": "six\n" for number in range(4)}
    repo.commit("2026-01-01", {"a.js": "six\n", "app.min.js": "six\n", **vendored})
    scan(folder, FIRST)
    repo.commit("2026-03-01", dict.fromkeys(vendored))
    scan(folder, SECOND)
    (row,) = rows(folder, "status", "--today", SECOND.isoformat())
    return row["open"], row["fixed"]


def test_vendored_code_that_is_deleted_fixes_nothing(tmp_path: Path) -> None:
    assert counts(tmp_path) == (1, 0)


def test_items_gives_the_number_of_excluded_files(tmp_path: Path) -> None:
    workspace(tmp_path, six=CAMPAIGN.format(campaign="", rule=""))
    repo = Repo(tmp_path / "clones" / "app")
    repo.commit("2026-01-01", {"a.js": "six\n", "dist/a.js": "six\n", "vendor/b.js": "pass\n"})
    scan(tmp_path, FIRST)
    shown = headway(tmp_path, "items", "--today", FIRST.isoformat()).stderr
    assert "excluded as vendored or generated code: 2 files, such as dist/a.js" in shown
    (tmp_path / "campaigns" / "six.yaml").write_text(
        CAMPAIGN.format(campaign="include_vendored: true", rule="")
    )
    assert "excluded as" not in headway(tmp_path, "items", "--today", FIRST.isoformat()).stderr


def test_items_does_not_count_files_of_repositories_that_are_not_affected(tmp_path: Path) -> None:
    condition = "applies_to: [{id: python, scanner: file, paths: [setup.py]}]"
    workspace(tmp_path, six=CAMPAIGN.format(campaign=condition, rule=""))
    Repo(tmp_path / "clones" / "app").commit("2026-01-01", {"setup.py": "", "dist/a.py": "six\n"})
    Repo(tmp_path / "clones" / "web").commit("2026-01-01", {"a.js": "six\n", "dist/a.js": "six\n"})
    scan(tmp_path, FIRST)
    shown = headway(tmp_path, "items", "--today", FIRST.isoformat()).stderr
    assert "excluded as vendored or generated code: 1 file, such as dist/a.py" in shown
    only = headway(tmp_path, "items", "--repository", "web", "--today", FIRST.isoformat()).stderr
    assert "excluded as" not in only


def test_a_campaign_can_include_vendored_code(tmp_path: Path) -> None:
    assert counts(tmp_path, campaign="include_vendored: true") == (2, 8)


def test_a_rule_can_include_vendored_code(tmp_path: Path) -> None:
    assert counts(tmp_path, rule=", include_vendored: true") == (2, 8)


def test_a_rule_can_exclude_what_its_campaign_includes(tmp_path: Path) -> None:
    excluded = counts(tmp_path, "include_vendored: true", ", include_vendored: false")
    assert excluded == (1, 0)


def test_including_vendored_code_computes_the_rule_again(tmp_path: Path) -> None:
    text = "title: a\ndeprecated: [{{id: one, scanner: regex, pattern: six{}}}]\n"
    fingerprints = {
        loaded(tmp_path, text.format(more)).rules[0].fingerprint("1")
        for more in ("", ", include_vendored: false", ", include_vendored: true")
    }
    assert len(fingerprints) == 2


@pytest.mark.parametrize("pattern", ["vendor/**", "/dist/*.js", "*.min.js", "**/node_modules/"])
def test_a_pattern_for_vendored_code_alone_is_refused(tmp_path: Path, pattern: str) -> None:
    text = "title: a\ndeprecated: [{{id: one, scanner: file, paths: ['{}']{}}}]\n"
    found = problems_in(tmp_path, text.format(pattern, ""))
    assert "matches only vendored or generated code, which is excluded by default" in found
    assert "add `include_vendored: true` to the rule" in found
    assert problems_in(tmp_path, text.format(pattern, ", include_vendored: true")) == ""
    assert problems_in(tmp_path, text.format(f"*', '!{pattern}", "")) == ""
