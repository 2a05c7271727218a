"""Excessive input takes bounded time and memory, and its results are `unknown`."""

from __future__ import annotations

import resource
from datetime import date
from pathlib import Path

import pytest

from headway.config.workspace import shipped_folder
from headway.model.campaign import Rule
from headway.model.limits import Limits
from headway.plugins import load_scanners
from headway.scan.bound_rule import BoundRule
from headway.scan.matching import Matcher
from headway.scan.spots import spot_of
from headway.scanner import Match
from tests.support.git import Repo, git
from tests.support.thorough import repeat
from tests.support.workspaces import headway, rows, scan, workspace

TODAY = date(2020, 3, 2)
EVERY_LINE = """title: Every line
starts: 2020-01-06
deprecated:
  - {id: every-line, scanner: regex, pattern: ''}
  - {id: six, scanner: regex, pattern: 'import six'}
""".replace("''", "'^'")


def reason(folder: Path, campaign: str, repository: str) -> str | None:
    (row,) = (
        row
        for row in rows(folder, "status", campaign, "--by", "repository", "--today", str(TODAY))
        if row["repository"] == repository
    )
    found: str | None = row["reason"]
    return found


def tree_of_many_files(path: Path, levels: int) -> None:
    """Create a tree with ten entries on each level, which needs only a few objects."""
    path.mkdir(parents=True)
    git(path, "init", "-q", "-b", "main")
    tree_or_blob = git(path, "hash-object", "-w", "--stdin", stdin=b"import six\n").strip()
    kind, mode = "blob", "100644"
    for _ in range(levels):
        entries = "".join(f"{mode} {kind} {tree_or_blob}\t{name}\n" for name in range(10))
        tree_or_blob = git(path, "mktree", stdin=entries.encode()).strip()
        kind, mode = "tree", "040000"
    commit = git(path, "commit-tree", "-m", "many", tree_or_blob, at="2019-12-01").strip()
    git(path, "update-ref", "refs/heads/main", commit)


@pytest.mark.fault(24)
@pytest.mark.slow
def test_many_files_are_read_but_a_rule_that_matches_all_of_them_is_unknown(
    tmp_path: Path,
) -> None:
    folder = workspace(tmp_path, many=EVERY_LINE.replace("six'", "nothing'"))
    # The tree has 100,000 files. In a thorough run, it has a million files and the default limit.
    levels = repeat(5, thorough=6)
    most = 10**levels // 4
    tree_of_many_files(folder / "clones" / "many", levels)
    outcome = scan(folder, TODAY, limits=Limits(max_matches=most))
    (part,) = outcome.unknown
    assert f"rule every-line: there are more than {most:,} matches" in part.reason
    # All files have the same content, which is read once.
    assert outcome.blobs == 1
    assert headway(folder, "items", "--rule", "six").stderr == "no items\n"
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert kibibytes < 1_500_000


def test_a_rule_with_too_many_matches_affects_no_other_rule(tmp_path: Path) -> None:
    folder = workspace(tmp_path, all=EVERY_LINE)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-01-01", {"a.py": "import six\n" + "x\n" * 30})
    repo.commit("2020-02-01", {"b.py": "y\n" * 30})
    scan(folder, TODAY, limits=Limits(max_matches=50))
    message = reason(folder, "all", "one")
    assert message is not None
    assert "rule every-line: there are more than 50 matches" in message
    assert "`matches` under [limits]" in message
    assert [item["rule"] for item in rows(folder, "items", "all")] == ["six"]
    scan(folder, TODAY)
    assert reason(folder, "all", "one") is None
    assert len(rows(folder, "items", "all")) == 62


def test_the_limit_for_matches_applies_to_all_scans_together(tmp_path: Path) -> None:
    folder = workspace(tmp_path, all=EVERY_LINE)
    repo = Repo(folder / "clones" / "one")
    limits = Limits(max_matches=50)
    repo.commit("2020-01-01", {"a.py": "x\n" * 30})
    assert scan(folder, TODAY, limits=limits).complete
    repo.commit("2020-02-01", {"b.py": "y\n" * 30})
    assert not scan(folder, TODAY, limits=limits).complete
    # The items of the last complete scan are kept.
    assert len(rows(folder, "items", "all")) == 30


def test_a_commit_with_too_many_matches_fails_the_rule_that_has_most(
    tmp_path: Path,
) -> None:
    folder = workspace(tmp_path, all=EVERY_LINE)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-01-01", {"a.py": "import six\n"})
    repo.commit("2020-02-01", {f"{name}.py": f"import six\n{name}\n\n" for name in range(20)})
    scan(folder, TODAY, limits=Limits(held_matches=40))
    message = reason(folder, "all", "one")
    assert message is not None
    assert "rule every-line" in message
    assert {item["rule"] for item in rows(folder, "items", "all")} == {"six"}
    assert len(rows(folder, "items", "all")) == 21


@pytest.mark.fault(25)
def test_a_very_long_line_is_searched_but_not_stored(tmp_path: Path) -> None:
    folder = workspace(
        tmp_path,
        minified=r"""title: Minified
starts: 2020-01-06
deprecated: [{id: call, scanner: regex, pattern: 'needle\((?P<argument>[^)]*)'}]
""",
    )
    filler = "function(a){return a}," * 250_000
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-01-01", {"min.js": f"{filler}needle(1);{filler}"})
    repo.commit("2020-02-01", {"min.js": f"{filler}needle({'2' * 5000});{filler}end"})
    assert scan(folder, TODAY).complete
    (item,) = rows(folder, "items", "--state", "all")
    assert item["state"] == "open"
    assert item["column"] == len(filler) + 1
    assert "needle(" in item["excerpt"]
    assert len(item["excerpt"]) < 210
    first, second = item["texts"]
    assert first["captures"]["argument"] == "1"
    for text in (first, second):
        assert len(text["text"]) <= 10_050
        assert len(text["captures"]["argument"]) <= 200
    assert (folder / "headway.duckdb").stat().st_size < 10_000_000


def test_long_lines_are_not_cached() -> None:
    from headway.scan import spots

    before = spots._cached_texts.cache_info().currsize
    spot = spot_of(Match("x" * 1_000_000, 1, 1))
    assert spots._cached_texts.cache_info().currsize == before
    assert len(spot.text) <= 420
    assert len(spot.excerpt) <= 202


@pytest.mark.fault(24)
def test_a_very_large_file_is_unknown_until_the_limit_is_raised(
    tmp_path: Path,
) -> None:
    folder = workspace(tmp_path)
    clone = folder / "clones" / "large"
    clone.mkdir()
    git(clone, "init", "-q", "--bare", "-b", "main")
    content = b"import six\n" + b"x = 1\n" * 16_666_665
    stream = b"commit refs/heads/main\ncommitter Ada <a@b.c> 1577836800 +0000\ndata 1\nx\n"
    stream += b"M 100644 inline a.py\ndata %d\n%s\ndone\n" % (len(content), content)
    git(clone, "fast-import", "--quiet", "--done", stdin=stream)
    Repo(folder / "clones" / "small").commit("2020-01-01", {"a.py": "import six\n"})
    headway(folder, "scan", "--today", str(TODAY), code=3)
    message = reason(folder, "remove-six", "large")
    assert message is not None
    assert (
        "text file of 100,000,001 bytes, which exceeds the limit of 32,000,000 (`file_megabytes`"
        in message
    )
    assert reason(folder, "remove-six", "small") is None
    with (folder / "headway.toml").open("a") as config:
        config.write("[limits]\nfile_megabytes = 101\n")
    headway(folder, "scan", "--today", str(TODAY))
    assert {row["repository"] for row in rows(folder, "items")} == {"large", "small"}


def test_ten_thousand_rules_are_matched_in_one_pass() -> None:
    regex = load_scanners([shipped_folder() / "scanners"]).get("regex")
    assert regex is not None
    bound = []
    for number in range(10_000):
        options = {"pattern": rf"^\s*(?:import|from) module{number}\b|\bcall_{number}\("}
        rule = Rule(f"r{number}", "deprecated", "regex", options, (), 1.0)
        # The pattern is not validated, because that would take longer than the search.
        bound.append(BoundRule(rule, regex, regex.Options.model_construct(flags=(), **options)))
    matcher = Matcher(bound)
    content = b"import os\n" * 5000 + b"import module17\ncall_9999(call_3())\n"
    found = dict(matcher.find((1 << 10_000) - 1, "", content))
    assert not matcher.failures
    assert {index: [spot.line for spot in spots] for index, spots in found.items()} == {
        3: [5002],
        17: [5001],
        9999: [5002],
    }
