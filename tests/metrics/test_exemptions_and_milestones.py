"""Commands show exemptions, milestones, owners and replacements correctly."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.support.git import Repo
from tests.support.workspaces import SIX, headway, rows, scan, workspace

CAMPAIGN = rf"""title: Remove six
starts: 2020-01-06
due: 2020-12-31
deprecated:
  - id: import-six
    scanner: regex
    pattern: '{SIX}'
"""
EXEMPT = (
    CAMPAIGN
    + """exemptions:
  - {paths: ["old/**"], reason: Decommissioned in summer, until: 2020-04-10, approved_by: platform}
"""
)


def organisation(tmp_path: Path, campaign: str) -> tuple[Path, Repo]:
    folder = workspace(tmp_path, remove_six=campaign)
    repo = Repo(folder / "clones" / "one")
    repo.commit("2019-12-01", {"old/a.py": "import six\n", "new/b.py": "import six\n"})
    return folder, repo


def moved(folder: Path, today: str, *names: str) -> list[tuple[object, ...]]:
    """Return the rows (date, open, exempt, *changes) of the days with changes.

    Args:
        folder: The workspace.
        today: The last day of the burndown.
        names: The columns of the changes, such as `fixed`.
    """
    points = rows(folder, "burndown", "remove-six", "--by", "day", "--today", today)
    return [
        (point["date"], point["open"], point["exempt"], *(point[name] for name in names))
        for point in points
        if any(point[name] for name in names)
    ]


def test_an_exemption_starts_with_its_first_scan_and_lapses(tmp_path: Path) -> None:
    folder, _repo = organisation(tmp_path, CAMPAIGN)
    scan(folder, date(2020, 2, 1))
    (folder / "campaigns" / "remove-six.yaml").write_text(EXEMPT)
    again = scan(folder, date(2020, 3, 1))
    assert again.blobs == 0
    assert moved(folder, "2020-05-01", "exempted", "lapsed") == [
        ("2020-03-01", 1, 1, 1, 0),
        ("2020-04-11", 2, 0, 0, 1),
    ]
    (status,) = rows(folder, "status", "--today", "2020-03-01")
    assert (status["open"], status["exempt"], status["fixed"]) == (1, 1, 0)
    states = {
        state: [row["path"] for row in rows(folder, "items", "--state", state, "--today", day)]
        for state, day in (("open", "2020-03-01"), ("exempt", "2020-03-01"))
    }
    assert states == {"open": ["new/b.py"], "exempt": ["old/a.py"]}
    assert len(rows(folder, "items", "--today", "2020-04-11")) == 2
    # Exemptions that the first scan finds apply from the campaign's first day, because no earlier
    # scan could show when they began.
    (folder / "headway.duckdb").unlink()
    scan(folder, date(2020, 3, 1))
    assert moved(folder, "2020-05-01", "exempted", "lapsed") == [("2020-04-11", 2, 0, 0, 1)]


def test_exemptions_are_listed_with_warnings(tmp_path: Path) -> None:
    text = EXEMPT + '  - {paths: ["nowhere/**"], reason: Never needed, until: 2021-12-31}\n'
    folder, _repo = organisation(tmp_path, text)
    scan(folder, date(2020, 3, 1))
    listed = rows(folder, "exemptions", "--today", "2020-03-01")
    assert [(row["reason"], row["items"], row["days_left"]) for row in listed] == [
        ("Decommissioned in summer", 1, 40),
        ("Never needed", 0, 670),
    ]
    calm = headway(folder, "exemptions", "--today", "2020-03-01").stderr
    assert "lapses" not in calm
    assert '"Never needed" covers no unfixed items' in calm
    warned = headway(folder, "exemptions", "--today", "2020-03-27").stderr
    assert '"Decommissioned in summer" lapses after 2020-04-10; 1 item will be open again' in warned
    assert "lapses" not in headway(folder, "exemptions", "--today", "2020-04-11").stderr
    assert "lapses" not in headway(folder, "status", "--today", "2020-03-27").stderr


def test_a_removed_exemption_ends_on_the_day_before(tmp_path: Path) -> None:
    folder, repo = organisation(tmp_path, EXEMPT)
    scan(folder, date(2020, 3, 1))
    (folder / "campaigns" / "remove-six.yaml").write_text(CAMPAIGN)
    scan(folder, date(2020, 3, 15))
    assert moved(folder, "2020-05-01", "exempted", "lapsed") == [("2020-03-15", 2, 0, 0, 1)]
    repo.commit("2020-03-20", {"old/a.py": None})
    scan(folder, date(2020, 4, 1))
    assert moved(folder, "2020-05-01", "fixed") == [("2020-03-20", 1, 0, 1)]


def test_each_milestone_has_its_own_repositories_and_due_date(tmp_path: Path) -> None:
    text = (
        CAMPAIGN
        + """milestones:
  - {name: Late, due: 2020-11-30, repositories: ["*", "!one"]}
  - {name: Tier 1, due: 2020-03-31, repositories: [one]}
  - {name: Nothing, due: 2020-05-31, repositories: [nothing]}
"""
    )
    folder, _repo = organisation(tmp_path, text)
    two = Repo(folder / "clones" / "two")
    two.commit("2019-12-01", {"a.py": "import six\n"})
    two.commit("2020-02-01", {"a.py": ""})
    scan(folder, date(2020, 4, 1))
    found = [
        (row["milestone"], row["due"], row["state"], row["open"], row["fixed"], row["health"])
        for row in rows(folder, "status", "--by", "milestone", "--today", "2020-04-01")
    ]
    assert found == [
        ("Tier 1", "2020-03-31", "open", 2, 0, "stalled"),
        ("Nothing", "2020-05-31", "unknown", 0, 0, "not enough history"),
        ("Late", "2020-11-30", "done", 0, 1, "done"),
    ]
    warnings = headway(folder, "status", "--by", "milestone", "--today", "2020-04-01").stderr
    assert "remove-six, Nothing: no repository in scope matches the milestone" in warnings


def test_a_campaign_without_milestones_says_so(tmp_path: Path) -> None:
    folder, _repo = organisation(tmp_path, CAMPAIGN)
    scan(folder, date(2020, 4, 1))
    message = headway(folder, "status", "--by", "milestone", "--today", "2020-04-01").stderr
    assert message == "no milestones; add `milestones:` to remove-six to define some\n"


def test_a_missing_replacement_is_incomplete(tmp_path: Path) -> None:
    text = CAMPAIGN + "replacement:\n  - {id: tool, scanner: file, paths: [tool.cfg]}\n"
    text += "milestones: [{name: All, due: 2020-12-31}]\n"
    folder, repo = organisation(tmp_path, text)
    repo.commit("2020-02-01", {"old/a.py": "", "new/b.py": ""})
    scan(folder, date(2020, 2, 10))
    for by in ([], ["--by", "repository"], ["--by", "team"], ["--by", "milestone"]):
        (row,) = rows(folder, "status", *by, "--today", "2020-02-20")
        assert (row["state"], row["completion"], row["incomplete"]) == ("incomplete", 1.0, 1)
        assert row["health"] == "not enough history"
    assert headway(folder, "status").stdout.split("\n")[0].split()[-1] == "incomplete"
    (row,) = rows(folder, "status", "--today", "2020-03-01")
    assert row["health"] == "stalled"
    repo.commit("2020-02-20", {"tool.cfg": ""})
    scan(folder, date(2020, 3, 1))
    for by in ([], ["--by", "repository"], ["--by", "team"], ["--by", "milestone"]):
        (row,) = rows(folder, "status", *by)
        assert (row["state"], row["incomplete"], row["health"]) == ("done", 0, "done")


def test_owners_lists_each_owner_with_its_rule(tmp_path: Path) -> None:
    folder, repo = organisation(tmp_path, CAMPAIGN)
    repo.commit("2020-02-01", {"CODEOWNERS": "* @acme/web\n/old/ @acme/pay\n"})
    (folder / "teams.yaml").write_text(
        "teams:\n"
        "  - {name: payments, lead: ada, aliases: ['@acme/pay']}\n"
        "  - {name: build, repositories: [one], paths: [ci/**]}\n"
    )
    scan(folder, date(2020, 3, 1))
    found = [
        (row["path"], row["team"], row["by"], row["rule"]) for row in rows(folder, "owners", "one")
    ]
    assert found == [
        ("ci/**", "build", "teams.yaml", "build: ci/**"),
        ("/old/", "payments", "CODEOWNERS", "CODEOWNERS:2: /old/ @acme/pay"),
        ("*", "acme/web", "CODEOWNERS", "CODEOWNERS:1: * @acme/web"),
        (None, "unowned", "nothing", "no rule names an owner"),
    ]
    for place in ("one/old/a.py", "one:old/a.py", "old/a.py"):
        (row,) = rows(folder, "owners", place)
        assert (row["repository"], row["path"], row["team"]) == ("one", "old/a.py", "payments")
        assert (row["lead"], row["owners"]) == ("ada", ["@acme/pay"])
    assert "there is no repository `nowhere`" in headway(folder, "owners", "nowhere", code=1).output
    for name in ("payments", "@acme/pay", "ACME/pay"):
        assert [row["path"] for row in rows(folder, "items", "--team", name)] == ["old/a.py"]
