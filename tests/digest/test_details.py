"""Each kind of change in a campaign has a line in the detailed sections of the digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from headway.digest.details import sections
from headway.metrics.attention.attention_records import (
    DeadRepository,
    MilestoneNews,
    Mover,
    Regression,
    ScopeChange,
    StalledTeam,
    Unseen,
    Work,
)
from headway.metrics.records import Mark
from tests.support.attention import LAST, attention, forecast, moves, status
from tests.wording.test_action_sentences import exemption

SINCE = date(2026, 1, 5)


def lines(title: str, **changes: Any) -> list[str]:
    """Return the lines of a section, with ordinary spaces and hyphens. A missing section has no
    lines.
    """
    found = {part.title: part.lines for part in sections(attention(**changes))}
    plain = [line.plain for line in found.get(title, ())]
    return [line.replace("\u00a0", " ").replace("\u2212", "-") for line in plain]


def work(author: str | None = "Ada", *, fixed: int = 1, opened: int = 0, commit: str = "c") -> Work:
    return Work("one", commit * 40, LAST, author, fixed, opened, None)


def regression(
    path: str, *, commit: str = "c", line: int | None = 3, still: bool = True
) -> Regression:
    return Regression("one", "web", "six", path, line, LAST, commit * 40, "Ada", None, None, still)


def test_a_campaign_without_changes_has_only_a_forecast() -> None:
    assert [part.title for part in sections(attention())] == ["Forecast"]


def test_the_ledger() -> None:
    assert lines("Changes in open items", moves=moves(12, fixed=3, new=1, exempted=2)) == [
        "12 open a week ago, +1 new, -3 fixed, -2 newly exempt: 8 open on 8 March"
    ]
    changed = replace(moves(fixed=1), exempt_before=2, exempt=5)
    assert lines("Changes in open items", moves=changed)[1] == "exempt items: 2 before, 5 now"
    assert lines("Changes in open items", before=status(health="at risk")) == [
        "health: at risk before, on track now"
    ]


def test_changes_by_repository_name_the_commits() -> None:
    works = (
        work(fixed=5),
        work("Grace", fixed=2, opened=1, commit="d"),
        work(None, fixed=0, opened=1),
    )
    mover = Mover("one", moves(fixed=7), works, 2)
    (line,) = lines("Changes by repository", repositories=(mover,))
    assert line == (
        "one: -7 fixed; Ada fixed 5 in cccccccccc, Grace fixed 2 and added 1 in dddddddddd, "
        "cccccccccc added 1 and 2 more commits"
    )
    assert lines(
        "Changes by repository", repositories=(Mover("one", moves(scope_removed=1), (), 0),)
    ) == ["one: -1 left scope"]


def test_regressions_of_one_commit_are_one_line() -> None:
    found = (
        regression("a.py"),
        regression("b.py", line=None),
        regression("c.py", commit="d", still=False),
    )
    assert lines("Regressed", regressions=found) == [
        "one (web): 2 items on 8 March in cccccccccc by Ada: a.py:3 and b.py",
        "one (web): 1 item on 8 March in dddddddddd by Ada, 1 since fixed: c.py:3",
    ]
    many = tuple(regression(f"{number}.py") for number in range(9))
    assert lines("Regressed", regressions=many)[0].endswith("4.py:3 and 4 more")


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        (
            {},
            {"p50": date(2026, 4, 1), "p85": date(2026, 6, 1), "chance": 0.8},
            [
                "50% likely by 1 May, 4 weeks later than a week ago (1 April)",
                "85% likely by 1 June, unchanged from a week ago",
                "Chance of meeting the due date: 90%; a week ago: 80%",
                "Fixes per week over the last 4 weeks: 1.5; needed to meet the due date: 0.6",
            ],
        ),
        (
            {"p85": None, "chance": None, "pace_needed": None},
            {"p50": None, "p85": date(2026, 6, 1)},
            [
                "50% likely by 1 May; a week ago: only after more than 5 years",
                "85% likely only after more than 5 years; a week ago: by 1 June",
                "Fixes per week over the last 4 weeks: 1.5",
            ],
        ),
        (
            {"chance": None},
            {"reason": "too young"},
            [
                "50% likely by 1 May; a week ago: no forecast",
                "85% likely by 1 June; a week ago: no forecast",
                "Fixes per week over the last 4 weeks: 1.5; needed to meet the due date: 0.6",
            ],
        ),
        (
            {"pace": 0.2, "pace_year": 1.0},
            {"p50": date(2026, 5, 1), "p85": date(2026, 6, 1), "chance": 0.9},
            [
                "50% likely by 1 May, unchanged from a week ago",
                "85% likely by 1 June, unchanged from a week ago",
                "Chance of meeting the due date: 90%",
                "Fixes per week over the last 4 weeks: 0.2; needed to meet the due date: 0.6",
                (
                    "Why the chance does not match the throughput: fixes averaged 0.2 per week "
                    "over the last 4 weeks, but 1 over all 20 weeks, and must average 0.6"
                ),
            ],
        ),
        ({"reason": "too young"}, {}, ["no forecast yet: too young"]),
    ],
)
def test_the_forecast_is_compared_with_the_earlier_one(
    now: dict[str, Any], then: dict[str, Any], expected: list[str]
) -> None:
    found = lines("Forecast", forecast=forecast(**now), forecast_before=forecast(**then))
    assert found == expected


def test_a_campaign_that_is_done_has_no_forecast() -> None:
    assert lines("Forecast", status=status(open=0, state="done", health="done")) == []


@pytest.mark.parametrize(
    ("title", "changes", "line"),
    [
        (
            "Milestones",
            {"milestones": (MilestoneNews("reached", status(milestone="M")),)},
            "M: reached",
        ),
        (
            "Milestones",
            {"milestones": (MilestoneNews("due soon", status(milestone="M", unknown=1)),)},
            "M: due on 30 June; 10 open items, on track, 1 repository unknown",
        ),
        (
            "Milestones",
            {"milestones": (MilestoneNews("missed", status(milestone="M", due=SINCE)),)},
            "M: missed on 5 January, 8 weeks ago; 10 open items, on track",
        ),
        (
            "Unknown repositories",
            {"unseen": (Unseen("one", "broken pack", LAST, None, 1, True),)},
            "one: unknown since 8 March (new: broken pack); 1 open item when last read",
        ),
        (
            "Unknown repositories",
            {"unseen": (Unseen("one", "broken pack", SINCE, LAST, 1, False),)},
            "one: readable again since 8 March, after being unknown since 5 January (broken pack)",
        ),
        (
            "Scope changes",
            {"scope_added": (ScopeChange("one", LAST, 3, None),)},
            "one: in scope since 8 March, with 3 open items",
        ),
        (
            "Scope changes",
            {"scope_removed": (ScopeChange("one", LAST, 0, "it is gone"),)},
            "one: out of scope since 8 March, with no open items: it is gone",
        ),
        (
            "Stalled teams",
            {"stalled": (StalledTeam("web", 2, SINCE, SINCE),)},
            "web: 2 open items, no fixes since 5 January",
        ),
        (
            "Stalled teams",
            {"stalled": (StalledTeam("web", 1, SINCE, None),)},
            "web: 1 open item, no fixes yet",
        ),
        (
            "No commits for a year",
            {"dead": (DeadRepository("one", "web", 1, date(2024, 2, 1)),)},
            "one (web): 1 open item, last commit on 1 February 2024",
        ),
        (
            "Exemptions",
            {"lapsing": (exemption(),)},
            "Going away: lapses after 15 March, and 2 items will be open again (approved by board)",
        ),
        (
            "Exemptions",
            {"lapsed": (exemption(items=1, approved_by=None),)},
            "Going away: lapsed after 15 March, and 1 item is open again",
        ),
        (
            "Exemptions",
            {"idle": (exemption(items=0),), "granted": (exemption(items=0),)},
            "Going away: covers no unfixed items (approved by board)",
        ),
        (
            "Exemptions",
            {"granted": (exemption(since=SINCE),)},
            "Going away: new since 5 January, covers 2 items (approved by board)",
        ),
        (
            "Recorded changes",
            {"marks": (Mark(LAST, "definition", "rule six changed"),)},
            "8 March: rule six changed",
        ),
    ],
)
def test_each_line(title: str, changes: dict[str, Any], line: str) -> None:
    assert lines(title, **changes) == [line]
