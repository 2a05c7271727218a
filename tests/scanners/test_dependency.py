"""The `dependency` scanner compares what manifests allow and lock files pin with deprecated
versions.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from headway.config.workspace import shipped_folder
from headway.plugins import load_scanners
from headway.scanner import Match, Unknown, Unreadable
from tests.support.git import Repo
from tests.support.workspaces import rows, scan, workspace

TODAY = date(2020, 6, 1)
SCANNER: Any = load_scanners([shipped_folder() / "scanners"]).by_name["dependency"]


def chart(version: str) -> str:
    return f"apiVersion: v2\nname: shop\ndependencies:\n  - name: redis\n    version: {version}\n"


def lock(version: str) -> str:
    return f"dependencies:\n- name: redis\n  repository: https://x.test\n  version: {version}\n"


def found(files: dict[str, str], **options: Any) -> list[tuple[str, str, str] | tuple[str, str]]:
    """Return (path, case, version) of each match, and (path, reason) of each unknown file."""
    checked = SCANNER.Options(**{"ecosystem": "helm", "package": "redis"} | options)
    facts = {
        path: SCANNER.read(checked, path, text.encode())
        if text != "unreadable"
        else Unreadable("too large")
        for path, text in sorted(files.items())
    }
    results: list[Any] = []
    for result in SCANNER.find(checked, facts):
        if isinstance(result, Unknown):
            results.append((result.path, result.reason))
        else:
            assert isinstance(result, Match)
            assert result.text == "redis"
            results.append((result.path, result.captures["case"], result.captures["version"]))
    return results


@pytest.mark.parametrize(
    ("manifest", "locked", "versions", "case", "version"),
    [
        ("1.x", None, None, "only-deprecated", "1.x"),
        ("1.x", None, "<2", "only-deprecated", "1.x"),
        (">=1", None, "<2", "allows-deprecated", ">=1"),
        (">=2", None, "<2", None, ""),
        ("1.x", "1.4.2", "<2", "locked", "1.4.2"),
        (">=1", "1.4.2", "<2", "locked", "1.4.2"),
        (">=1", "2.0.0", "<2", None, ""),
        (">=1", "2.0.0", None, "locked", "2.0.0"),
        ("", None, "<2", None, ""),
        ("", None, None, "unpinned", "any"),
        ("not-a-range", None, None, "unresolved", "not-a-range"),
        ("not-a-range", None, "<2", None, ""),
        ("not-a-range", "1.4.2", "<2", "locked", "1.4.2"),
    ],
)
def test_the_case(
    manifest: str, locked: str | None, versions: str | None, case: str | None, version: str
) -> None:
    files = {"Chart.yaml": chart(f'"{manifest}"')}
    if locked is not None:
        files["Chart.lock"] = lock(locked)
    expected = [("Chart.yaml", case, version)] if case else []
    assert found(files, versions=versions) == expected


@pytest.mark.parametrize("case", ["locked", "only-deprecated", "allows-deprecated", "unpinned"])
def test_only_the_chosen_cases_count(case: str) -> None:
    files = {
        "a/Chart.yaml": chart('"1.x"'),
        "b/Chart.yaml": chart('">=1"'),
        "c/Chart.yaml": chart('""'),
        "d/Chart.yaml": chart('"1.x"'),
        "d/Chart.lock": lock("1.0.0"),
    }
    path = {"only-deprecated": "a", "allows-deprecated": "b", "unpinned": "c", "locked": "d"}[case]
    matches = found(files, versions="<2", cases=(case,))
    assert [match[:2] for match in matches] == [(f"{path}/Chart.yaml", case)]


def test_a_broken_lock_file_makes_the_manifests_beside_and_below_it_unknown() -> None:
    files = {"a/Chart.yaml": chart('"1.x"'), "b/Chart.yaml": chart('"1.x"')}
    broken = found(files | {"a/Chart.lock": "dependencies: [redis"})
    assert [result[0] for result in broken] == ["a/Chart.lock", "a/Chart.yaml", "b/Chart.yaml"]
    assert len(broken[0]) == len(broken[1]) == 2
    assert broken[1][1].startswith("a/Chart.lock: ")
    assert broken[2] == ("b/Chart.yaml", "only-deprecated", "1.x")
    assert found(files | {"a/Chart.lock": "unreadable"})[0] == (
        "a/Chart.yaml",
        "a/Chart.lock: too large",
    )


def test_a_broken_file_that_does_not_name_the_package_does_not_matter() -> None:
    files = {"Chart.yaml": chart('"1.x"'), "Chart.lock": "dependencies: [mysql"}
    assert found(files) == [("Chart.yaml", "only-deprecated", "1.x")]


def test_a_rule_is_called_only_if_a_change_concerns_it() -> None:
    options = SCANNER.Options(ecosystem="helm", package="redis")

    def read(text: str) -> Any:
        return SCANNER.read(options, "Chart.yaml", text.encode())

    one, two, other = read(chart("1.x")), read(chart("2.x")), read("name: shop\nversion: 1.2.3\n")
    assert SCANNER.is_affected(options, one, two)
    assert SCANNER.is_affected(options, other, one)
    assert SCANNER.is_affected(options, None, other)
    assert SCANNER.is_affected(options, other, read("dependencies: [redis"))
    assert not SCANNER.is_affected(options, other, read("name: shop\nversion: 1.2.4\n"))


def test_an_update_within_the_deprecated_versions_fixes_nothing(tmp_path: Path) -> None:
    rule = "{id: redis, scanner: dependency, ecosystem: helm, package: redis, versions: '<2'}"
    folder = workspace(
        tmp_path, redis=f"title: Redis 2\nstarts: 2020-01-06\ndeprecated: [{rule}]\n"
    )
    repo = Repo(folder / "clones" / "app")
    repo.commit("2020-02-01", {"Chart.yaml": chart('">=1"'), "Chart.lock": lock("1.0.0")})
    repo.commit("2020-02-10", {"Chart.lock": lock("1.5.0")})
    repo.commit("2020-02-20", {"Chart.lock": lock("2.0.0")})
    scan(folder, TODAY)
    (item,) = rows(folder, "items", "--state", "all", "--today", str(TODAY))
    assert (item["path"], item["excerpt"], item["line"]) == ("Chart.yaml", "redis", 4)
    assert (item["opened_at"][:10], item["closed_at"][:10]) == ("2020-02-01", "2020-02-20")
    series = rows(
        folder, "burndown", "redis", "--by", "day", "--series", "version", "--today", str(TODAY)
    )
    held = {(row["date"], row["value"]) for row in series if row["open"]}
    assert {("2020-02-09", "1.0.0"), ("2020-02-10", "1.5.0"), ("2020-02-19", "1.5.0")} <= held
    assert not any(day > "2020-02-19" for day, _ in held)
