"""What is needed from whom, as a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from headway.metrics.attention.attention_records import (
    DeadRepository,
    Held,
    MilestoneNews,
    Regression,
    ScopeChange,
    StalledTeam,
    Unseen,
)
from headway.metrics.audience_policy import HIDDEN
from headway.metrics.records import ExemptionRow, TeamContact
from headway.wording.action_sentences import need_lines
from tests.support.attention import LAST, attention, status, team

SINCE = date(2026, 1, 5)
CONTACTS = {"payments": TeamContact("payments", "Ada", "#payments")}


def exemption(**changes: Any) -> ExemptionRow:
    row = ExemptionRow(
        campaign="remove-six",
        reason="Going away.",
        approved_by="board",
        repositories=(),
        paths=(),
        rules=(),
        since=None,
        until=date(2026, 3, 15),
        state="in force",
        items=2,
        days_left=7,
    )
    return replace(row, **changes)


def regression(repository: str = "one", *, still: bool = True) -> Regression:
    return Regression(
        repository, "payments", "six", "a.py", 1, LAST, "c0ffee", "Ada", None, None, still
    )


def lines(**changes: Any) -> list[str]:
    found = need_lines([attention(**changes)], CONTACTS)
    return [f"{line.who.plain}: {line.what.plain}".replace("\u00a0", " ") for line in found]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"scanned_on": date(2026, 3, 5)},
            "platform: have it scanned again: what happened since 5 March is not known",
        ),
        (
            {"unseen": (Unseen("one", "broken", SINCE, None, 5, False),)},
            (
                "platform: make one readable again: unknown since 5 January, last seen with 5 open "
                "items"
            ),
        ),
        (
            {"status": status(due=date(2026, 3, 1))},
            "platform: agree on a new due date: 1 March has passed with 10 open items",
        ),
        (
            {"status": status(chance=0.1)},
            (
                "platform: find more hands, cut scope or move the due date: 30 June is not "
                "realistic with 10 open items"
            ),
        ),
        (
            {"milestones": (MilestoneNews("missed", status(milestone="M", open=1)),)},
            "platform: reset the milestone M: it was due on 30 June and has 1 open item",
        ),
        (
            {"milestones": (MilestoneNews("due soon", status(milestone="M", health="stalled")),)},
            (
                "platform: look after the milestone M: due on 30 June, it has 10 open items and is "
                "not likely to be met"
            ),
        ),
        (
            {"milestones": (MilestoneNews("due soon", status(milestone="M")),)},
            "platform: the milestone M is due on 30 June and has 10 open items",
        ),
        (
            {"stalled": (StalledTeam("payments", 3, SINCE, SINCE),)},
            (
                "payments (Ada, #payments): pick it up again: 3 open items, and nothing fixed "
                "since 5 January"
            ),
        ),
        (
            {"stalled": (StalledTeam("web", 1, SINCE, None),)},
            "web: begin: 1 open item since 5 January, and nothing fixed yet",
        ),
        (
            {"regressions": (regression(), regression("two"))},
            "payments (Ada, #payments): fix what came back: 2 items in one and two",
        ),
        (
            {"incomplete": ("one", "two")},
            "platform: have what replaces it put into one and two: what had to go is gone there",
        ),
        (
            {"lapsed": (exemption(state="lapsed", items=1, days_left=None),)},
            "board: the exemption “Going away” lapsed after 15 March: 1 item is open again",
        ),
        (
            {"lapsing": (exemption(),)},
            (
                "board: the exemption “Going away” lapses after 15 March: renew it, or 2 items are "
                "open again"
            ),
        ),
        (
            {"dead": (DeadRepository("one", "web", 4, date(2024, 5, 1)),)},
            "web: archive, exempt or adopt one: 4 open items, and no commit since 1 May 2024",
        ),
        (
            {"team_parts": (team("unowned", left=(Held("one", 10),)),)},
            "platform: find an owner for 10 items in one",
        ),
        (
            {"scope_added": (ScopeChange("late", LAST, 1, None),), "owner": None},
            "whoever runs it: plan for 1 item that came into scope with late",
        ),
        (
            {"idle": (exemption(items=0, approved_by=None),)},
            (
                "platform: the exemption “Going away” covers nothing that is open: take it out, or "
                "correct its patterns"
            ),
        ),
    ],
)
def test_each_need(changes: dict[str, Any], line: str) -> None:
    assert lines(**changes) == [line]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"scanned_on": date(2026, 3, 6)},
        {"milestones": (MilestoneNews("reached", status(milestone="M", open=0)),)},
        {"stalled": (StalledTeam("unowned", 3, SINCE, SINCE),)},
        {"regressions": (regression(still=False),)},
        {"lapsed": (exemption(state="lapsed", items=0),)},
        {"scope_added": (ScopeChange("late", LAST, 0, None),)},
        {"unseen": (Unseen("one", "broken", SINCE, LAST, 5, False),)},
        {"status": status(state="done", open=0, health="done", due=date(2026, 3, 1))},
    ],
)
def test_what_needs_nobody(changes: dict[str, Any]) -> None:
    assert lines(**changes) == []


def test_the_most_pressing_comes_first() -> None:
    found = lines(
        idle=(exemption(items=0),),
        dead=(DeadRepository("one", "web", 4, date(2024, 5, 1)),),
        stalled=(StalledTeam("a", 1, SINCE, SINCE), StalledTeam("b", 9, SINCE, SINCE)),
        unseen=(Unseen("one", "broken", SINCE, None, 5, False),),
    )
    assert [line.split(":")[0] for line in found] == ["platform", "b", "a", "web", "board"]


def test_one_thing_in_several_campaigns_is_one_line() -> None:
    stalled = attention(stalled=(StalledTeam("web", 3, SINCE, SINCE),))
    other = replace(
        attention(stalled=(StalledTeam("web", 2, LAST, LAST),)), campaign="other", title="Other"
    )
    (line,) = need_lines([stalled, other], {})
    assert line.campaigns == ("Remove six", "Other")
    # in neither was anything fixed since the later day
    assert line.what.plain == "pick it up again: 5 open items, and nothing fixed since 8\u00a0March"


def test_repositories_that_not_all_may_see_are_not_taken_for_one() -> None:
    dark = Unseen(HIDDEN, "it cannot be read", SINCE, None, 1, False)
    several = [attention(unseen=(dark,)), replace(attention(unseen=(dark,)), campaign="other")]
    assert len(need_lines(several, {})) == 2
