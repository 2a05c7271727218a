"""Each value that a named group captured has its own series."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.support.git import Repo
from tests.support.workspaces import headway, rows, scan, workspace

CAMPAIGN = r"""title: Django 5
starts: 2020-01-01
deprecated:
  - id: old
    scanner: regex
    pattern: '^django(?:==(?P<version>[1-4](?:\.\d+)?))?$'
    paths: [requirements.txt]
replacement:
  - {id: new, scanner: regex, pattern: '^django==(?P<version>5)$', paths: [requirements.txt]}
"""
TODAY = date(2020, 6, 30)


def organisation(
    tmp_path: Path, histories: dict[str, dict[str, str]], campaign: str = CAMPAIGN
) -> Path:
    """Create and scan a workspace.

    Args:
        tmp_path: The folder in which to create the workspace.
        histories: The days and contents of all versions of requirements.txt, by repository.
        campaign: The text of the campaign file.
    """
    folder = workspace(tmp_path, django=campaign)
    for name, versions in histories.items():
        repo = Repo(folder / "clones" / name)
        for day, text in versions.items():
            repo.commit(day, {"requirements.txt": text})
    scan(folder, TODAY)
    return folder


def table(folder: Path, *arguments: str, what: str = "open") -> dict[str, dict[str, int]]:
    """Return the non-zero counts of each value on the last day of each month."""
    points = rows(
        folder, *("burndown", "django", "--series", "version", "--by", "month"),
        *("--today", TODAY.isoformat(), *arguments),
    )  # fmt: skip
    found: dict[str, dict[str, int]] = {}
    for point in points:
        value = "other" if point["value"] is None else point["value"]
        found.setdefault(point["date"], {})
        if point[what]:
            found[point["date"]][value] = point[what]
    return found


def test_a_version_change_moves_an_item_between_series(tmp_path: Path) -> None:
    folder = organisation(
        tmp_path,
        {
            "one": {"2019-12-01": "django==1.11\n", "2020-03-10": "django==4\n"},
            "two": {"2019-12-01": "django==1.11\n", "2020-02-10": "django==5\n"},
            "three": {"2020-05-05": "django\n"},
        },
    )
    assert table(folder) == {
        "2020-01-31": {"1.11": 2},
        "2020-02-29": {"1.11": 1, "5": 1},
        "2020-03-31": {"4": 1, "5": 1},
        "2020-04-30": {"4": 1, "5": 1},
        "2020-05-31": {"4": 1, "5": 1, "(none)": 1},
        "2020-06-30": {"4": 1, "5": 1, "(none)": 1},
    }
    assert table(folder, what="fixed_total")["2020-06-30"] == {"1.11": 1}
    last = rows(folder, "burndown", "django", "--series", "version", "--by", "month")[-4:]
    assert [(point["role"], point["value"]) for point in last] == [
        ("deprecated", "1.11"),
        ("deprecated", "4"),
        ("deprecated", "(none)"),
        ("required", "5"),
    ]


def test_values_are_in_version_order_and_rare_ones_share_a_series(tmp_path: Path) -> None:
    versions = ("1.9", "1.9", "1.10", "1.10", "1.10", "2", "3.1")
    histories = {
        f"r{number}": {"2020-02-01": f"django=={version}\n"}
        for number, version in enumerate(versions)
    }
    folder = organisation(tmp_path, histories)
    printed = headway(
        folder, *("burndown", "django", "--series", "version", "--by", "month", "--limit", "2"),
        *("--today", "2020-06-30"),
    )  # fmt: skip
    assert printed.stdout.split("\n")[0].split() == ["until", "1.9", "1.10", "other"]
    assert printed.stdout.split("\n")[6].split() == ["2020-06-30", "2", "3", "2"]
    assert table(folder, "--limit", "2", what="repositories")["2020-06-30"]["other"] == 2


def test_a_repository_with_two_rare_values_counts_once(tmp_path: Path) -> None:
    folder = organisation(
        tmp_path,
        {
            "one": {"2020-02-01": "django==2\ndjango==3\n"},
            "two": {"2020-02-01": "django==1\ndjango==1\ndjango==1\n"},
        },
    )
    only = table(folder, "--limit", "1")["2020-06-30"]
    assert only == {"1": 3, "other": 2}
    assert table(folder, "--limit", "1", what="repositories")["2020-06-30"] == {"1": 1, "other": 1}


def test_exempt_items_are_counted_separately(tmp_path: Path) -> None:
    exempt = CAMPAIGN + "exemptions: [{repositories: [one], reason: Ends, until: 2020-04-10}]\n"
    folder = organisation(
        tmp_path,
        {"one": {"2020-02-01": "django==1\n"}, "two": {"2020-02-01": "django==2\n"}},
        exempt,
    )
    assert [found["2020-03-31"] for found in (table(folder), table(folder, what="exempt"))] == [
        {"2": 1},
        {"1": 1},
    ]
    assert table(folder)["2020-04-30"] == {"1": 1, "2": 1}


def test_the_series_of_a_team_uses_current_or_historical_owners(tmp_path: Path) -> None:
    folder = workspace(tmp_path, django=CAMPAIGN)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2020-02-01", {"requirements.txt": "django==2\n", "CODEOWNERS": "* @web\n"})
    repo.commit("2020-04-15", {"CODEOWNERS": "* @pay\n"})
    scan(folder, TODAY)
    assert table(folder, "--team", "pay")["2020-02-29"] == {"2": 1}
    assert table(folder, "--team", "web") == {}
    errors = headway(folder, "burndown", "django", "--series", "version", "--team", "web").stderr
    assert "web has never had an item with a value for `version`" in errors
    then = table(folder, "--team", "web", "--owners", "historical")
    assert [month for month, values in then.items() if values] == ["2020-02-29", "2020-03-31"]


def test_an_unknown_capture_is_an_error_that_lists_the_known_ones(tmp_path: Path) -> None:
    folder = organisation(tmp_path, {"one": {"2020-02-01": "django==1\n"}})
    command = ("burndown", "django", "--today", "2020-06-30")
    errors = headway(folder, *command, "--series", "versoin", code=1).stderr
    assert "has captured a value named `versoin`; did you mean `version`?" in errors
    assert "--limit" in headway(folder, *command, "--limit", "3", code=2).stderr
