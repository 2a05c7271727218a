"""Each sentence of the summary paragraph fits the state of the campaign."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from headway.metrics.attention.attention_records import (
    MilestoneNews,
    Mover,
    Regression,
    ScopeChange,
    StalledTeam,
    Unseen,
)
from headway.progress.state import Health
from headway.wording.summary_paragraph import paragraph
from tests.support.attention import LAST, attention, forecast, moves, status

REGRESSION = Regression(
    "one", "unowned", "six", "a.py", 1, LAST, "c0ffee", "Ada", None, None, open=True
)


def summary(**changes: Any) -> str:
    """Return the whole paragraph, with ordinary spaces in place of non-breaking ones."""
    sentences = paragraph(attention(**changes))
    return " ".join(sentence.plain for sentence in sentences).replace("\u00a0", " ")


def mover(name: str, **flows: int) -> Mover:
    return Mover(name, moves(**flows), (), 0)


def test_the_paragraph_of_a_campaign_on_track() -> None:
    assert summary(
        moves=moves(12, fixed=3, new=1), forecast_before=forecast(p50=date(2026, 5, 15))
    ) == (
        "Remove six (on track) is 50% done: 10 of 20 items are fixed and 10 are open in 3 of 4 "
        "repositories. All 4 repositories in scope were read. This week the open count fell by 2, "
        "from 12 to 10: 3 were fixed and 1 is new. It is 50% likely to finish by 1 May (2 weeks "
        "earlier than a week ago) and 85% likely by 1 June. The due date, 30 June, is realistic "
        "(90% likely). No action needed."
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"open": 1, "fixed": 0, "completion": 0.0},
            "is 0% done: 0 of 1 items are fixed and 1 is open in 3 of 4 repositories.",
        ),
        (
            {"open": 1234, "fixed": 1, "exempt": 1, "completion": 0.0008},
            "1 of 1,235 items is fixed and 1,234 are open in 3 of 4 repositories; 1 more is",
        ),
        ({"exempt": 1200}, "; 1,200 more are exempt."),
        (
            {"state": "done", "open": 0, "fixed": 1, "health": "done"},
            "is done: its only item is fixed.",
        ),
        (
            {"state": "done", "open": 0, "fixed": 20, "health": "done"},
            "Remove six is done: all 20 items are fixed.",
        ),
        (
            {"state": "exempt", "open": 0, "fixed": 2, "exempt": 1, "health": "exempt"},
            "has nothing left to do: 2 items are fixed and 1 item is exempt.",
        ),
        ({"affected": 3}, "10 are open in all 3 affected repositories."),
        ({"affected": 4}, "10 are open in 3 of 4 repositories."),
        ({"repositories": 9, "affected": 7}, "10 are open in 3 of 7 affected repositories."),
        (
            {"state": "no matches", "open": 0, "fixed": 0, "health": "no matches"},
            "Remove six has no matches in 4 repositories.",
        ),
    ],
)
def test_completion(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in summary(status=status(**changes))


def test_a_missing_replacement_is_not_done() -> None:
    row = status(state="incomplete", open=0, fixed=3, health="not enough history")
    assert (
        "Remove six is not done: nothing is left to remove, but one lacks what is required "
        "(3 items are fixed)."
    ) in summary(status=row, incomplete=("one",))
    assert "one and two lack what is required" in summary(status=row, incomplete=("one", "two"))


def test_a_campaign_that_was_never_scanned_has_no_data() -> None:
    assert summary(status=status(state="unknown", reason="not scanned yet")) == (
        "Remove six has no data: not scanned yet."
    )


def unreadable(count: int, open_items: int = 0) -> tuple[Unseen, ...]:
    return tuple(
        Unseen(f"dark-{number}", "broken", date(2026, 3, 1 + number), None, open_items, True)
        for number in range(count)
    )


def test_an_unreadable_repository_is_never_done() -> None:
    row = status(state="unknown", open=0, health="not enough history", unknown=1, coverage=0.75)
    text = summary(status=row, unseen=unreadable(1))
    assert text.startswith(
        "Remove six cannot be confirmed as done: 10 items are fixed and no known items are open. "
        "1 of 4 repositories has been unreadable since 1 March, so coverage is 75%. It does not "
        "count as done."
    )
    assert text.endswith("Actions needed: platform to make dark-0 readable again.")


ONE_UNREADABLE = (
    "1 of 4 repositories has been unreadable since 1 March, so coverage is 75%. It does not "
    "count as done, while its 1 last known open item still counts."
)
TWO_UNREADABLE = (
    "2 of 4 repositories have been unreadable since 1 March, so coverage is 50%. They do not "
    "count as done, while their 6 last known open items still count."
)


@pytest.mark.parametrize(
    ("count", "open_items", "sentence"), [(1, 1, ONE_UNREADABLE), (2, 3, TWO_UNREADABLE)]
)
def test_coverage_is_always_stated(count: int, open_items: int, sentence: str) -> None:
    row = status(unknown=count, coverage=1 - count / 4)
    assert sentence in summary(status=row, unseen=unreadable(count, open_items))


def test_an_old_scan_is_stated() -> None:
    sentence = "The last scan was on 28 February, 8 days ago; later changes are not included."
    assert sentence in summary(scanned_on=date(2026, 2, 28))
    assert "last scan" not in summary(scanned_on=date(2026, 3, 6))
    # A scan that ended after today also covers today.
    assert "last scan" not in summary(scanned_on=date(2026, 4, 1))


def test_coverage_of_one_repository() -> None:
    text = summary(status=status(repositories=1), open_repositories=1)
    assert "in its only repository. The only repository in scope was read." in text


def test_all_repositories_have_open_items() -> None:
    assert "10 are open in all 4 repositories." in summary(open_repositories=4)


@pytest.mark.parametrize(
    ("flows", "sentence"),
    [
        ({}, "No changes this week."),
        ({"fixed": 1}, "This week the open count fell by 1, from 10 to 9: 1 was fixed."),
        ({"new": 1}, "This week the open count rose by 1, from 10 to 11: 1 is new."),
        (
            {"fixed": 1, "new": 1},
            "This week the open count stayed at 10: 1 was fixed and 1 is new.",
        ),
        ({"regressed": 2}, "from 10 to 12: 2 regressed"),
        ({"exempted": 1}, "from 10 to 9: 1 is newly exempt."),
        ({"exempted": 2}, "from 10 to 8: 2 are newly exempt."),
        ({"lapsed": 1}, "from 10 to 11: 1 is no longer exempt."),
        ({"fixed": 2, "new": 3, "regressed": 1}, "2 were fixed, 3 are new and 1 regressed"),
    ],
)
def test_each_movement(flows: dict[str, int], sentence: str) -> None:
    assert sentence in summary(moves=moves(**flows))


def test_scope_changes_name_their_repositories() -> None:
    text = summary(
        moves=moves(scope_added=3, scope_removed=2),
        scope_added=(ScopeChange("new-one", LAST, 3, None), ScopeChange("empty", LAST, 0, None)),
        scope_removed=(ScopeChange("old-one", LAST, 2, "it is gone"),),
    )
    assert "3 entered scope with new-one and 2 left scope with old-one." in text


def test_the_main_contributors_are_named() -> None:
    teams = (mover("payments", fixed=6, new=1), mover("web", fixed=3), mover("data", fixed=1))
    text = summary(moves=moves(20, fixed=10, new=1), teams=teams)
    assert "; most fixes came from payments (6) and web (3)." in text
    many = tuple(mover(f"team-{number}", fixed=1) for number in range(10))
    assert "most fixes" not in summary(moves=moves(20, fixed=10), teams=many)


def test_repositories_are_named_if_no_team_is_known() -> None:
    text = summary(
        moves=moves(20, new=5),
        teams=(mover("unowned", new=5),),
        repositories=(mover("acme/one", new=4), mover("acme/two", new=1)),
    )
    assert "most new or regressed items came from acme/one (4)." in text


def test_a_campaign_that_began_within_the_period() -> None:
    assert "No changes since the campaign began on 2 March." in summary(
        before=None, forecast_before=None
    )


@pytest.mark.parametrize(
    ("now", "then", "sentence"),
    [
        ({}, {}, "by 1 May (unchanged from a week ago) and 85% likely by 1 June."),
        (
            {"stall": 0.35},
            {},
            "Unless it stalls for good (35% likely), it is 50% likely to finish by 1 May",
        ),
        ({"stall": 0.0}, {}, ". It is 50% likely to finish by 1 May"),
        ({"p50": date(2026, 5, 2)}, {}, "by 2 May (unchanged from a week ago)"),
        ({"p50": date(2026, 5, 8)}, {}, "by 8 May (7 days later than a week ago)"),
        ({"p85": None}, {}, "; the 85% date is more than 5 years away."),
        (
            {"p50": None, "p85": None},
            {},
            "will probably take more than 5 years (a week ago: less than 5 years).",
        ),
        ({"p50": None, "p85": None}, {"p50": None}, "take more than 5 years."),
        ({}, {"p50": None}, "by 1 May (a week ago: more than 5 years)"),
        ({}, {"reason": "too young"}, "by 1 May and 85% likely"),
        (
            {"reason": "not enough history: 3 of 8 weeks", "p50": None},
            {},
            "No forecast yet (not enough history: 3 of 8 weeks).",
        ),
    ],
)
def test_the_forecast(now: dict[str, Any], then: dict[str, Any], sentence: str) -> None:
    text = summary(moves=moves(fixed=1), forecast=forecast(**now), forecast_before=forecast(**then))
    assert sentence in text


def test_a_forecast_is_not_compared_if_nothing_changed() -> None:
    assert "by 1 May and" in summary(forecast_before=forecast(p50=date(2027, 5, 1)))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"due": None, "chance": None}, "It has no due date."),
        ({"due": date(2026, 3, 7)}, "It was due on 7 March, 1 day ago."),
        ({"due": date(2021, 3, 7)}, "It was due on 7 March 2021, 5 years ago."),
        ({"chance": 0.8}, "The due date, 30 June, is realistic (80% likely)."),
        (
            {"chance": 0.3, "health": "at risk"},
            "is at risk (30% likely): fixes must average 0.6 per week, and averaged 1.5 over the",
        ),
        (
            {"chance": 0.09, "health": "off track"},
            "The due date, 30 June, is not realistic (9% likely): fixes must",
        ),
        (
            {"chance": None},
            "It is too early to say whether the due date, 30 June, is realistic: fixes must",
        ),
    ],
)
def test_the_due_date(row: dict[str, Any], sentence: str) -> None:
    assert sentence in summary(status=status(**row))


def test_a_campaign_that_is_done_has_no_forecast_and_no_due_date() -> None:
    text = summary(status=status(state="done", open=0, health="done"))
    assert "likely" not in text
    assert "due" not in text


def stalled(*teams: str, ever: bool = True) -> tuple[StalledTeam, ...]:
    since = date(2026, 1, 5)
    return tuple(StalledTeam(team, 2, since, since if ever else None) for team in teams)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"stalled": stalled("a")},
            "Actions needed: a to resume work (2 open items, no fixes for 4 weeks or more).",
        ),
        (
            {"stalled": stalled("a", "b", "c", "d", "e")},
            "Actions needed: a, b, c and 2 others to resume",
        ),
        (
            {"stalled": stalled("a", ever=False)},
            "Actions needed: a to start work (2 open items, no fixes yet).",
        ),
        (
            {"status": status(due=date(2026, 3, 1), health="off track")},
            "Actions needed: platform to finish the remaining work or agree on a new due date.",
        ),
        (
            {"status": status(chance=0.1, health="off track"), "owner": None},
            "Actions needed: the campaign owner to add people, cut scope or move the due date.",
        ),
        (
            {"regressions": (REGRESSION,), "owner": None},
            "Actions needed: the campaign owner to fix regressions (1 item).",
        ),
        ({"status": status(health="at risk", chance=0.3)}, "averaged 1.5"),
    ],
)
def test_the_actions_needed(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in summary(**changes)


def missed(*names: str, soon: bool = False) -> tuple[MilestoneNews, ...]:
    health: Health = "off track" if soon else "stalled"
    return tuple(
        MilestoneNews(
            "due soon" if soon else "missed", status(milestone=name, open=2, health=health)
        )
        for name in names
    )


@pytest.mark.parametrize(
    ("milestones", "sentence"),
    [
        (
            missed("A"),
            "platform to finish the missed milestone A (2 open items), or set a new due date.",
        ),
        (
            missed("A", "B"),
            (
                "platform to finish the missed milestones A (2 open items) and B (2 open items), "
                "or set new due dates."
            ),
        ),
        (
            missed("A", "B", "C", "D"),
            "milestones A (2 open items), B (2 open items) and 2 others, or set",
        ),
        (
            missed("A", soon=True),
            "platform to review milestone A (2 open items), which is unlikely to be met.",
        ),
        (
            missed("A", "B", soon=True),
            (
                "platform to review milestones A (2 open items) and B (2 open items), which are "
                "unlikely to be met."
            ),
        ),
    ],
)
def test_the_items_of_milestones_are_not_added_up(
    milestones: tuple[MilestoneNews, ...], sentence: str
) -> None:
    # The same items can belong to several milestones.
    assert sentence in summary(milestones=milestones)


def test_the_paragraph_has_at_most_three_actions() -> None:
    text = summary(
        status=status(due=date(2026, 3, 1), unknown=1, coverage=0.75),
        unseen=unreadable(1),
        stalled=(*stalled("a"), *stalled("b", ever=False)),
    )
    assert text.count("; ") == 3
    assert text.endswith("; and 1 more action below.")
