"""Every sentence of the paragraph, in each of its forms."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from headway.metrics.attention.attention_records import Mover, ScopeChange, StalledTeam, Unseen
from headway.wording.summary_paragraph import paragraph
from tests.support.attention import LAST, attention, forecast, moves, status


def said(**changes: Any) -> str:
    """The whole paragraph, with plain spaces."""
    sentences = paragraph(attention(**changes))
    return " ".join(sentence.plain for sentence in sentences).replace("\u00a0", " ")


def mover(name: str, **flows: int) -> Mover:
    return Mover(name, moves(**flows), (), 0)


def test_the_whole_of_a_campaign_that_goes_well() -> None:
    assert said(
        moves=moves(12, fixed=3, new=1), forecast_before=forecast(p50=date(2026, 5, 15))
    ) == (
        "Remove six (on track) is 50 % done: 10 of 20 items are fixed and 10 are open, in 3 of 4 "
        "repositories. All 4 repositories in scope were read. This week the open count fell by 2, "
        "from 12 to 10: 3 were fixed and 1 is new. It is as likely as not to be done by 1 May (2 "
        "weeks earlier than a week ago), and 85 % likely by 1 June. The due date, 30 June, is "
        "realistic, 90 % likely. Nothing is needed but to go on."
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"open": 1, "fixed": 0, "completion": 0.0},
            "is 0 % done: nothing is fixed and 1 item is open, in 3 of 4 repositories.",
        ),
        (
            {"open": 1234, "fixed": 1, "exempt": 1, "completion": 0.0008},
            "1 of 1,235 items is fixed and 1,234 are open, in 3 of 4 repositories; 1 more is",
        ),
        ({"exempt": 1200}, "; 1,200 more are exempt."),
        (
            {"state": "done", "open": 0, "fixed": 1, "health": "done"},
            "is done: its one item is fixed.",
        ),
        (
            {"state": "done", "open": 0, "fixed": 20, "health": "done"},
            "Remove six is done: all 20 items are fixed.",
        ),
        (
            {"state": "exempt", "open": 0, "fixed": 2, "exempt": 1, "health": "done"},
            "has nothing left to do: 2 items are fixed, and 1 item is exempt.",
        ),
        (
            {"state": "not affected", "open": 0, "fixed": 0, "health": "done"},
            "Remove six has found nothing in 4 repositories.",
        ),
    ],
)
def test_how_far(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in said(status=status(**changes))


def test_what_lacks_only_its_replacement_is_not_done() -> None:
    row = status(state="incomplete", open=0, fixed=3, health="not enough history")
    assert (
        "Remove six is not done: what has to go is gone, but one lacks what has to be there "
        "instead (3 items are fixed)."
    ) in said(status=row, incomplete=("one",))
    assert "one and two lack what" in said(status=row, incomplete=("one", "two"))


def test_what_was_never_scanned_is_not_known() -> None:
    assert said(status=status(state="unknown", reason="not scanned yet")) == (
        "Nothing is known of Remove six: not scanned yet."
    )


def dark(count: int, open_items: int = 0) -> tuple[Unseen, ...]:
    return tuple(
        Unseen(f"dark-{number}", "broken", date(2026, 3, 1 + number), None, open_items, True)
        for number in range(count)
    )


def test_what_could_not_be_read_is_never_done() -> None:
    row = status(state="unknown", open=0, health="not enough history", unknown=1, coverage=0.75)
    text = said(status=row, unseen=dark(1))
    assert text.startswith(
        "Remove six is not known to be done: 10 items are fixed and none is known to be open. "
        "1 of 4 repositories could not be read since 1 March: coverage is 75 % and it is not "
        "counted as done."
    )
    assert text.endswith("Needed: platform to make dark-0 readable again.")


ONE_DARK = (
    "1 of 4 repositories could not be read since 1 March: coverage is 75 %, it is not counted as "
    "done and its 1 last known open item still counts."
)
TWO_DARK = (
    "2 of 4 repositories could not be read since 1 March: coverage is 50 %, none of them is "
    "counted as done and their 6 last known open items still count."
)


@pytest.mark.parametrize(("count", "open_items", "sentence"), [(1, 1, ONE_DARK), (2, 3, TWO_DARK)])
def test_coverage_shows_whatever_else_is_said(count: int, open_items: int, sentence: str) -> None:
    row = status(unknown=count, coverage=1 - count / 4)
    assert sentence in said(status=row, unseen=dark(count, open_items))


def test_an_old_scan_is_no_quiet_week() -> None:
    sentence = "This is how it was on 28 February, when it was last scanned, 8 days ago."
    assert sentence in said(scanned_on=date(2026, 2, 28))
    assert "last scanned" not in said(scanned_on=date(2026, 3, 6))
    # days that are over are seen as they were, whenever the scan was
    assert "last scanned" not in said(scanned_on=date(2026, 4, 1))


def test_coverage_of_one_repository() -> None:
    text = said(status=status(repositories=1), open_repositories=1)
    assert "in its one repository. The one repository in scope was read." in text


def test_where_every_repository_has_something_open() -> None:
    assert "10 are open, in all 4 repositories." in said(open_repositories=4)


@pytest.mark.parametrize(
    ("flows", "sentence"),
    [
        ({}, "Nothing moved this week."),
        ({"fixed": 1}, "This week the open count fell by 1, from 10 to 9: 1 was fixed."),
        ({"new": 1}, "This week the open count rose by 1, from 10 to 11: 1 is new."),
        (
            {"fixed": 1, "new": 1},
            "This week the open count stayed at 10: 1 was fixed and 1 is new.",
        ),
        ({"regressed": 2}, "from 10 to 12: 2 came back"),
        ({"exempted": 1}, "from 10 to 9: 1 is newly exempt."),
        ({"exempted": 2}, "from 10 to 8: 2 are newly exempt."),
        ({"lapsed": 1}, "from 10 to 11: 1 is exempt no longer."),
        ({"fixed": 2, "new": 3, "regressed": 1}, "2 were fixed, 3 are new and 1 came back"),
    ],
)
def test_what_moved(flows: dict[str, int], sentence: str) -> None:
    assert sentence in said(moves=moves(**flows))


def test_scope_is_no_progress_and_says_with_whom_it_moved() -> None:
    text = said(
        moves=moves(scope_added=3, scope_removed=2),
        scope_added=(ScopeChange("new-one", LAST, 3, None), ScopeChange("empty", LAST, 0, None)),
        scope_removed=(ScopeChange("old-one", LAST, 2, "it is gone"),),
    )
    assert "3 came into scope with new-one and 2 left the scope with old-one." in text


def test_why_it_moved_names_the_teams_that_make_most_of_it() -> None:
    teams = (mover("payments", fixed=6, new=1), mover("web", fixed=3), mover("data", fixed=1))
    text = said(moves=moves(20, fixed=10, new=1), teams=teams)
    assert "; most fixes were in payments (6) and web (3)." in text
    many = tuple(mover(f"team-{number}", fixed=1) for number in range(10))
    assert "most fixes" not in said(moves=moves(20, fixed=10), teams=many)


def test_without_teams_it_names_the_repositories() -> None:
    text = said(
        moves=moves(20, new=5),
        teams=(mover("unowned", new=5),),
        repositories=(mover("acme/one", new=4), mover("acme/two", new=1)),
    )
    assert "most of what is new or back is in acme/one (4)." in text


def test_a_campaign_that_began_within_the_period() -> None:
    assert "Nothing moved since it began on 2 March." in said(before=None, forecast_before=None)


@pytest.mark.parametrize(
    ("now", "then", "sentence"),
    [
        ({}, {}, "by 1 May (as a week ago), and 85 % likely by 1 June."),
        ({"p50": date(2026, 5, 2)}, {}, "by 2 May (as a week ago)"),
        ({"p50": date(2026, 5, 8)}, {}, "by 8 May (7 days later than a week ago)"),
        ({"p85": None}, {}, "; a date that is 85 % likely is over 5 years away."),
        (
            {"p50": None, "p85": None},
            {},
            "more likely than not to take over 5 years (a week ago: sooner than that).",
        ),
        ({"p50": None, "p85": None}, {"p50": None}, "not to take over 5 years."),
        ({}, {"p50": None}, "by 1 May (a week ago: no such date)"),
        ({}, {"reason": "too young"}, "by 1 May, and 85 % likely"),
        (
            {"reason": "not enough history: 3 of 8 weeks", "p50": None},
            {},
            "When it will be done cannot be said: not enough history: 3 of 8 weeks.",
        ),
    ],
)
def test_when_it_will_be_done(now: dict[str, Any], then: dict[str, Any], sentence: str) -> None:
    text = said(moves=moves(fixed=1), forecast=forecast(**now), forecast_before=forecast(**then))
    assert sentence in text


def test_where_nothing_moved_a_moved_forecast_is_chance() -> None:
    assert "by 1 May, and" in said(forecast_before=forecast(p50=date(2027, 5, 1)))


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"due": None, "chance": None}, "It has no due date."),
        ({"due": date(2026, 3, 7)}, "It was due on 7 March, 1 day ago."),
        ({"due": date(2021, 3, 7)}, "It was due on 7 March 2021, 5 years ago."),
        ({"chance": 0.8}, "The due date, 30 June, is realistic, 80 % likely."),
        (
            {"chance": 0.5},
            "at risk, 50 % likely: it takes 0.6 fixes a week, and the last four weeks had 1.5.",
        ),
        ({"chance": 0.1}, "The due date, 30 June, is not realistic, 10 % likely: it takes 0.6"),
        ({"chance": None}, "Whether the due date, 30 June, holds cannot be said: it takes 0.6"),
    ],
)
def test_the_due_date(row: dict[str, Any], sentence: str) -> None:
    assert sentence in said(status=status(**row))


def test_what_is_done_has_no_forecast_and_no_due_date() -> None:
    text = said(status=status(state="done", open=0, health="done"))
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
            "Needed: a to resume work (2 open items, no fixes for 4 weeks or more).",
        ),
        ({"stalled": stalled("a", "b", "c", "d", "e")}, "Needed: a, b, c and 2 others to resume"),
        (
            {"stalled": stalled("a", ever=False)},
            "Needed: a to begin (2 open items, and nothing fixed yet).",
        ),
        (
            {"status": status(due=date(2026, 3, 1), health="off track")},
            "Needed: platform to agree on a new due date.",
        ),
        (
            {"status": status(chance=0.1, health="off track"), "owner": None},
            "Needed: whoever runs it to find more hands, cut scope or move the due date.",
        ),
        ({"status": status(health="at risk", chance=0.5)}, "had 1.5."),
    ],
)
def test_what_is_needed_from_whom(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in said(**changes)


def test_only_three_points_are_in_the_paragraph() -> None:
    text = said(
        status=status(due=date(2026, 3, 1), unknown=1, coverage=0.75),
        unseen=dark(1),
        stalled=(*stalled("a"), *stalled("b", ever=False)),
    )
    assert text.count("; ") == 3
    assert text.endswith("; and 1 more point below.")
