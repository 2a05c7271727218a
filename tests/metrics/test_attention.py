"""After scans, digest records show what changed in a campaign and who must act."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.git import Repo
from tests.support.workspaces import SIX, rows, scan, workspace

CAMPAIGN = rf"""title: Remove six
starts: 2020-01-06
due: 2020-12-31
owner: platform
deprecated:
  - id: import-six
    scanner: regex
    pattern: '{SIX}'
"""
TEAMS = """teams:
  - {name: alpha, lead: Ada, channel: "#alpha", repositories: ["one", "three"]}
  - {name: beta, repositories: ["two"]}
"""


def attention(folder: Path, since: str, today: str) -> dict[str, Any]:
    """Return the only record in the output of `headway digest --format json`."""
    (found,) = rows(folder, "digest", "--since", since, "--today", today)
    return found


def organisation(tmp_path: Path, campaign: str = CAMPAIGN) -> tuple[Path, Repo, Repo]:
    """Create a workspace. Team alpha has two items in `one`, and team beta has one in `two`.

    All items exist before the campaign's first day.
    """
    folder = workspace(tmp_path, remove_six=campaign)
    (folder / "teams.yaml").write_text(TEAMS)
    one, two = (Repo(folder / "clones" / name) for name in ("one", "two"))
    one.commit("2019-12-01", {"a.py": "import six\n", "b.py": "import six  # b\n"})
    two.commit("2019-12-01", {"c.py": "import six\n"})
    return folder, one, two


def kinds(found: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(need["kind"], need["who"]) for need in found["needs"]]


def test_a_period_counts_the_changes_from_its_first_to_its_last_day(tmp_path: Path) -> None:
    folder, one, two = organisation(tmp_path)
    one.commit("2020-02-03", {"a.py": None})
    one.commit("2020-02-10", {"b.py": None})
    two.commit("2020-02-12", {"d.py": "import six  # d\n"})
    scan(folder, date(2020, 2, 14))
    moves = attention(folder, "7d", "2020-02-14")["moves"]
    assert (moves["open_before"], moves["fixed"], moves["new"], moves["open"]) == (2, 1, 1, 2)
    # The first and the last day of a period are both inclusive.
    assert attention(folder, "2020-02-10", "2020-02-10")["moves"]["fixed"] == 1
    assert attention(folder, "2020-02-11", "2020-02-11")["moves"]["fixed"] == 0
    assert attention(folder, "2w", "2020-02-14")["moves"]["fixed"] == 2


def test_a_period_does_not_start_before_the_campaign(tmp_path: Path) -> None:
    folder, one, _ = organisation(tmp_path)
    one.commit("2020-01-08", {"a.py": None})
    scan(folder, date(2020, 1, 10))
    found = attention(folder, "2019-06-01", "2020-01-10")
    assert found["first"] == "2020-01-06"
    assert (found["before"], found["forecast_before"]) == (None, None)
    assert (found["moves"]["open_before"], found["moves"]["open"]) == (3, 2)


def test_repositories_and_teams_are_listed_with_their_commits(tmp_path: Path) -> None:
    folder, one, two = organisation(tmp_path)
    fixing = one.commit("2020-02-10", {"a.py": None, "b.py": None})
    adding = two.commit("2020-02-12", {"d.py": "import six  # d\n"})
    scan(folder, date(2020, 2, 14))
    found = attention(folder, "7d", "2020-02-14")
    first, second = found["repositories"]
    assert (first["name"], first["moves"]["fixed"]) == ("one", 2)
    assert first["works"] == [
        {
            "repository": "one",
            "commit": fixing,
            "day": "2020-02-10",
            "author": "Ada Example",
            "fixed": 2,
            "opened": 0,
            "url": None,
        }
    ]
    # The authors of fixes are named, but the authors of new items are not.
    assert second["works"][0] | {"day": ""} == {
        "repository": "two",
        "commit": adding,
        "day": "",
        "author": None,
        "fixed": 0,
        "opened": 1,
        "url": None,
    }
    assert [(team["name"], team["moves"]["open"]) for team in found["teams"]] == [
        ("alpha", 0),
        ("beta", 2),
    ]


def test_a_regression_has_its_commit_author_and_place(tmp_path: Path) -> None:
    folder, one, _ = organisation(tmp_path)
    one.commit("2020-02-03", {"a.py": None, "b.py": None})
    commit = one.commit("2020-02-11", {"a.py": "import os\nimport six\n"})
    one.commit("2020-02-12", {"b.py": "import six  # b\n"})
    one.commit("2020-02-13", {"b.py": None})
    scan(folder, date(2020, 2, 14))
    found = attention(folder, "7d", "2020-02-14")
    again, back = found["regressions"]
    assert (back["repository"], back["path"], back["line"]) == ("one", "a.py", 2)
    assert (back["commit"], back["author"], back["day"]) == (commit, "Ada Example", "2020-02-11")
    assert (back["team"], back["open"]) == ("alpha", True)
    assert (again["path"], again["open"]) == ("b.py", False)
    # Only regressions that are still open need an action.
    (need,) = [need for need in found["needs"] if need["kind"] == "regressed"]
    assert (need["who"], need["items"], need["subject"]) == ("alpha", 1, ["one"])
    # The period begins on the day after the first regression.
    assert attention(folder, "2020-02-12", "2020-02-12")["regressions"][0]["path"] == "b.py"


def test_repositories_that_entered_or_left_scope_are_listed(tmp_path: Path) -> None:
    folder, _, _ = organisation(tmp_path)
    scan(folder, date(2020, 2, 3))
    late = Repo(folder / "clones" / "three")
    late.commit("2019-05-01", {"x.py": "import six\n", "y.py": "import six # y\n"})
    (folder / "clones" / "two").rename(folder / "elsewhere")
    scan(folder, date(2020, 2, 12))
    found = attention(folder, "7d", "2020-02-14")
    assert found["scope_added"] == [
        {"repository": "three", "day": "2020-02-12", "items": 2, "reason": None}
    ]
    (left,) = found["scope_removed"]
    assert (left["repository"], left["items"], left["reason"]) == ("two", 1, "it is gone")
    assert ("scope added", "platform") in kinds(found)
    last_day = attention(folder, "1d", "2020-02-14")
    assert (last_day["scope_added"], last_day["scope_removed"]) == ([], [])


def test_a_team_stalls_after_four_weeks_without_a_fix(tmp_path: Path) -> None:
    folder, one, _ = organisation(tmp_path)
    one.commit("2020-02-03", {"a.py": None})
    scan(folder, date(2020, 3, 10))
    (beta,) = attention(folder, "7d", "2020-03-01")["stalled"]
    assert (beta["team"], beta["since"], beta["last_fix"]) == ("beta", "2020-01-06", None)
    found = attention(folder, "7d", "2020-03-02")
    alpha = found["stalled"][0]
    assert (alpha["team"], alpha["since"], alpha["last_fix"]) == (
        "alpha",
        "2020-02-03",
        "2020-02-03",
    )
    assert kinds(found)[-2:] == [("stalled", "alpha"), ("not begun", "beta")]


def test_a_team_whose_first_open_item_is_recent_has_not_stalled(tmp_path: Path) -> None:
    folder, _, two = organisation(tmp_path)
    two.commit("2020-01-10", {"c.py": None})
    two.commit("2020-06-01", {"c.py": "import six\n"})
    scan(folder, date(2020, 6, 30))
    teams = [row["team"] for row in attention(folder, "7d", "2020-06-20")["stalled"]]
    assert teams == ["alpha"]
    since = [row["since"] for row in attention(folder, "7d", "2020-06-29")["stalled"]]
    assert since == ["2020-01-06", "2020-06-01"]


def test_a_repository_without_a_commit_for_a_year_is_dead(tmp_path: Path) -> None:
    folder, one, _ = organisation(tmp_path)
    one.commit("2020-02-03", {"unrelated.txt": "x"})
    scan(folder, date(2020, 12, 1))
    (dead,) = attention(folder, "7d", "2020-12-01")["dead"]
    assert (dead["repository"], dead["team"], dead["open"]) == ("two", "beta", 1)
    assert dead["last_commit"] == "2019-12-01"
    assert attention(folder, "7d", "2020-11-29")["dead"] == []


def test_exemptions_that_lapse_or_cover_nothing_need_an_action(tmp_path: Path) -> None:
    exempt = (
        CAMPAIGN
        + """exemptions:
  - {repositories: [one], paths: [a.py], reason: Going, until: 2020-02-20, approved_by: board}
  - {repositories: [nowhere], reason: Nothing, until: 2020-12-31}
"""
    )
    folder, _, _ = organisation(tmp_path, exempt)
    scan(folder, date(2020, 2, 3))
    found = attention(folder, "7d", "2020-02-10")
    assert [row["reason"] for row in found["lapsing"]] == ["Going"]
    assert [row["reason"] for row in found["idle"]] == ["Nothing"]
    assert ("exemption lapses", "board") in kinds(found)
    assert ("idle exemption", "platform") in kinds(found)
    later = attention(folder, "7d", "2020-02-25")
    assert [row["reason"] for row in later["lapsed"]] == ["Going"]
    assert later["moves"]["lapsed"] == 1
    assert ("exemption lapsed", "board") in kinds(later)
    assert attention(folder, "2020-02-22", "2020-02-25")["lapsed"] == []


def test_an_exemption_that_began_in_the_period_is_listed(tmp_path: Path) -> None:
    folder, _, _ = organisation(tmp_path)
    scan(folder, date(2020, 2, 3))
    (folder / "campaigns" / "remove-six.yaml").write_text(
        CAMPAIGN
        + "exemptions:\n  - {repositories: [two], reason: Bought tool, until: 2020-12-31}\n"
    )
    scan(folder, date(2020, 2, 10))
    found = attention(folder, "7d", "2020-02-12")
    assert [row["reason"] for row in found["granted"]] == ["Bought tool"]
    assert (found["moves"]["exempted"], found["moves"]["exempt"]) == (1, 1)
    assert attention(folder, "1d", "2020-02-12")["granted"] == []


def test_repositories_that_became_unknown_or_known_again_are_listed(tmp_path: Path) -> None:
    folder, one, two = organisation(tmp_path)
    scan(folder, date(2020, 2, 3))
    head = two.path / ".git" / "HEAD"
    head.write_text("ref: refs/heads/nowhere\n")
    one.commit("2020-02-04", {"a.py": None})
    scan(folder, date(2020, 2, 10))
    found = attention(folder, "7d", "2020-02-12")
    (unknown,) = found["unseen"]
    assert (unknown["repository"], unknown["since"], unknown["until"]) == (
        "two",
        "2020-02-10",
        None,
    )
    assert (unknown["open"], unknown["fresh"]) == (1, True)
    assert "no default branch" in unknown["reason"]
    assert kinds(found)[0] == ("unknown", "platform")
    assert attention(folder, "1d", "2020-02-12")["unseen"][0]["fresh"] is False

    head.write_text("ref: refs/heads/main\n")
    scan(folder, date(2020, 2, 17))
    (known_again,) = attention(folder, "7d", "2020-02-18")["unseen"]
    assert (known_again["since"], known_again["until"]) == ("2020-02-10", "2020-02-17")
    assert attention(folder, "1d", "2020-02-18")["unseen"] == []


def test_milestones_are_listed_as_missed_due_soon_or_reached(tmp_path: Path) -> None:
    milestones = """milestones:
  - {name: First, due: 2020-02-05, repositories: [two]}
  - {name: Second, due: 2020-03-01, repositories: [two]}
  - {name: Third, due: 2020-11-01, repositories: [two]}
  - {name: Other, due: 2020-11-01, repositories: [one]}
"""
    folder, one, _ = organisation(tmp_path, CAMPAIGN + milestones)
    one.commit("2020-02-11", {"a.py": None, "b.py": None})
    scan(folder, date(2020, 2, 14))
    found = attention(folder, "7d", "2020-02-14")
    news = [(row["state"], row["row"]["milestone"]) for row in found["milestones"]]
    assert news == [("missed", "First"), ("due soon", "Second"), ("reached", "Other")]
    (beta,) = [part for part in found["team_parts"] if part["team"] == "beta"]
    assert beta["due"] == {"day": "2020-02-05", "milestone": "First"}
    after = attention(folder, "1d", "2020-02-14")["milestones"]
    assert "Other" not in [row["row"]["milestone"] for row in after]


def test_the_forecast_and_status_before_the_period_are_included(tmp_path: Path) -> None:
    folder, one, _ = organisation(tmp_path)
    one.commit("2020-01-07", {f"m{number}.py": "import six\n" for number in range(40)})
    for week in range(12):
        one.commit(f"2020-{1 + week // 4:02}-{8 + week % 4 * 7:02}", {f"m{week}.py": None})
    scan(folder, date(2020, 3, 31))
    found = attention(folder, "4w", "2020-03-31")
    now, then = found["forecast"], found["forecast_before"]
    assert (then["today"], then["open"]) == ("2020-03-03", found["moves"]["open_before"])
    assert now["today"] == "2020-03-31"
    assert now["p50"] is not None
    assert then["p50"] is not None
    assert found["before"]["open"] == then["open"]
    assert found["before"]["chance"] == then["chance"]


@pytest.mark.parametrize(
    ("due", "kind"), [("2020-02-01", "overdue"), ("2021-12-31", None), (None, None)]
)
def test_a_due_date_that_has_passed_needs_an_action(
    tmp_path: Path, due: str | None, kind: str | None
) -> None:
    line = f"due: {due}\n" if due else ""
    folder, _, _ = organisation(tmp_path, CAMPAIGN.replace("due: 2020-12-31\n", line))
    scan(folder, date(2020, 2, 14))
    found = [need for need, _ in kinds(attention(folder, "7d", "2020-02-14"))]
    assert ("overdue" in found) == (kind == "overdue")


def test_unowned_items_need_an_owner(tmp_path: Path) -> None:
    folder, _, _ = organisation(tmp_path)
    (folder / "teams.yaml").unlink()
    scan(folder, date(2020, 1, 10))
    (need,) = attention(folder, "7d", "2020-01-10")["needs"]
    assert (need["kind"], need["who"], need["items"]) == ("unowned", "platform", 3)
    assert need["subject"] == ["one", "two"]


def test_a_campaign_that_was_never_scanned_has_a_reason(tmp_path: Path) -> None:
    folder, _, _ = organisation(tmp_path)
    scan(folder, date(2020, 2, 3))
    (folder / "campaigns" / "other.yaml").write_text(CAMPAIGN.replace("Remove six", "Other"))
    found = rows(folder, "digest", "other", "--today", "2020-02-03")[0]
    assert found["status"]["reason"] == "not scanned yet"
    assert found["needs"] == []


def test_repositories_without_the_replacement_are_named(tmp_path: Path) -> None:
    folder, one, _ = organisation(
        tmp_path,
        CAMPAIGN + "replacement:\n  - {id: hook, scanner: file, paths: [hook.yaml]}\n",
    )
    one.commit("2020-02-03", {"a.py": None, "b.py": None})
    scan(folder, date(2020, 2, 14))
    found = attention(folder, "7d", "2020-02-14")
    assert found["incomplete"] == ["one"]
    assert ("incomplete", "platform") in kinds(found)


def test_only_marks_in_the_period_are_listed(tmp_path: Path) -> None:
    folder, _, _ = organisation(tmp_path)
    scan(folder, date(2020, 2, 3))
    (folder / "campaigns" / "remove-six.yaml").write_text(
        CAMPAIGN.replace("import six", "import  ?six")
    )
    scan(folder, date(2020, 2, 10))
    (mark,) = attention(folder, "7d", "2020-02-12")["marks"]
    assert mark == {
        "date": "2020-02-10",
        "kind": "definition",
        "text": "rule import-six changed",
        "repository": None,
    }
    assert attention(folder, "1d", "2020-02-12")["marks"] == []


def test_commits_are_not_credited_with_exempt_or_out_of_scope_items(tmp_path: Path) -> None:
    folder, one, _ = organisation(
        tmp_path,
        CAMPAIGN + "exemptions:\n  - {paths: [a.py], reason: Bought tool, until: 2020-12-31}\n",
    )
    one.commit("2020-02-10", {"a.py": None, "b.py": None})
    scan(folder, date(2020, 2, 14))
    found = attention(folder, "7d", "2020-02-14")
    assert found["moves"]["fixed"] == 1
    assert [work["fixed"] for row in found["repositories"] for work in row["works"]] == [1]
