"""Each action needed has a line that says who must do what and why."""

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
from headway.metrics.records import ExemptionRow, TeamContact
from headway.model.audience import HIDDEN
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
            "platform: run a new scan: changes since 5 March are unknown",
        ),
        (
            {"unseen": (Unseen("one", "broken", SINCE, None, 5, False),)},
            (
                "platform: make one readable again: state unknown since 5 January, with 5 open "
                "items when last read"
            ),
        ),
        (
            {"status": status(due=date(2026, 3, 1))},
            (
                "platform: fix the remaining 10 items, which were due on 1 March, or agree on "
                "a new due date"
            ),
        ),
        (
            {"status": status(chance=0.1, health="off track")},
            (
                "platform: add people, cut scope or move the due date: 30 June is not "
                "realistic for 10 open items"
            ),
        ),
        (
            {"milestones": (MilestoneNews("missed", status(milestone="M", open=1)),)},
            (
                "platform: fix the remaining 1 item of the milestone M, which was due on 30 June, "
                "or set a new due date"
            ),
        ),
        (
            {"milestones": (MilestoneNews("missed", status(milestone="M", open=0, unknown=1)),)},
            "platform: finish the milestone M, which was due on 30 June, or set a new due date",
        ),
        (
            {"milestones": (MilestoneNews("due soon", status(milestone="M", health="stalled")),)},
            (
                "platform: review the milestone M, which is unlikely to be met by 30 June with "
                "10 open items"
            ),
        ),
        (
            {"milestones": (MilestoneNews("due soon", status(milestone="M")),)},
            "platform: finish the milestone M by 30 June: 10 open items left",
        ),
        (
            {"stalled": (StalledTeam("payments", 3, SINCE, SINCE),)},
            ("payments (Ada, #payments): resume work: 3 open items, no fixes since 5 January"),
        ),
        (
            {"stalled": (StalledTeam("web", 1, SINCE, None),)},
            "web: start work: 1 open item, no fixes yet",
        ),
        (
            {"regressions": (regression(), regression("two"))},
            "payments (Ada, #payments): fix regressions: 2 items in one and two",
        ),
        (
            {"incomplete": ("one", "two")},
            "platform: add what is required to one and two, where everything else is done",
        ),
        (
            {"lapsed": (exemption(state="lapsed", items=1, days_left=None),)},
            (
                "board: review the exemption “Going away”, which lapsed after 15 March: 1 item is "
                "open again"
            ),
        ),
        (
            {"lapsing": (exemption(),)},
            (
                "board: renew the exemption “Going away”, or let it lapse after 15 March and "
                "reopen 2 items"
            ),
        ),
        (
            {"dead": (DeadRepository("one", "web", 4, date(2024, 5, 1)),)},
            "web: archive, exempt or adopt one: 4 open items, no commits since 1 May 2024",
        ),
        (
            {
                "dead": (
                    DeadRepository("one", "web", 4, date(2022, 5, 1)),
                    DeadRepository("two", "web", 2, date(2024, 5, 1)),
                )
            },
            (
                "web: archive, exempt or adopt one and two: 6 open items, no commits since 1 May "
                "2024 or earlier"
            ),
        ),
        (
            {"dead": (DeadRepository("one", "unowned", 4, date(2024, 5, 1)),)},
            "platform: archive, exempt or adopt one: 4 open items, no commits since 1 May 2024",
        ),
        (
            {"regressions": (replace(regression(), team="unowned"),), "owner": None},
            "campaign owner: fix regressions: 1 item in one",
        ),
        (
            {
                "unseen": (
                    Unseen("one", "broken", SINCE, None, 5, False),
                    Unseen("two", "broken", LAST, None, 1, False),
                )
            },
            (
                "platform: make one and two readable again: state unknown since 5 January or "
                "later, with 6 open items when last read"
            ),
        ),
        (
            {"team_parts": (team("unowned", left=(Held("one", 10),)),)},
            "platform: find an owner for 10 items in one",
        ),
        (
            {"scope_added": (ScopeChange("late", LAST, 1, None),), "owner": None},
            "campaign owner: plan the work on 1 item that entered scope with late",
        ),
        (
            {"idle": (exemption(items=0, approved_by=None),)},
            (
                "platform: remove the exemption “Going away”, which covers no unfixed items, or "
                "correct its patterns"
            ),
        ),
    ],
)
def test_each_action(changes: dict[str, Any], line: str) -> None:
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
def test_no_action_is_needed(changes: dict[str, Any]) -> None:
    assert lines(**changes) == []


def test_with_equal_deadlines_the_action_with_most_items_comes_first() -> None:
    found = lines(
        idle=(exemption(items=0),),
        dead=(DeadRepository("one", "web", 4, date(2024, 5, 1)),),
        stalled=(StalledTeam("a", 1, SINCE, SINCE), StalledTeam("b", 9, SINCE, SINCE)),
        unseen=(Unseen("one", "broken", SINCE, None, 5, False),),
    )
    assert [line.split(":")[0] for line in found] == ["b", "platform", "web", "a", "board"]


def test_one_action_for_several_campaigns_is_one_line() -> None:
    stalled = attention(stalled=(StalledTeam("web", 3, SINCE, SINCE),))
    other = replace(
        attention(stalled=(StalledTeam("web", 2, LAST, LAST),)), campaign="other", title="Other"
    )
    (line,) = need_lines([stalled, other], {})
    assert line.campaigns == ("Remove six", "Other")
    # Neither campaign has had a fix since the later of the two days.
    assert line.what.plain == "resume work: 5 open items, no fixes since 8\u00a0March"


def test_repositories_unknown_in_several_campaigns_have_the_earliest_day() -> None:
    early, late = (Unseen("one", "broken", since, None, 1, False) for since in (SINCE, LAST))
    several = [attention(unseen=(early,)), replace(attention(unseen=(late,)), campaign="other")]
    (line,) = need_lines(several, {})
    assert "state unknown since 5\u00a0January or later" in line.what.plain


def test_hidden_repositories_are_not_merged_into_one_line() -> None:
    hidden = Unseen(HIDDEN, "it cannot be read", SINCE, None, 1, False)
    several = [attention(unseen=(hidden,)), replace(attention(unseen=(hidden,)), campaign="other")]
    assert len(need_lines(several, {})) == 2
