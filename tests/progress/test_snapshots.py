"""The weekly counts of a repository are computed from its ledger."""

from __future__ import annotations

from datetime import date, timedelta

from headway.model.movement import Movement
from headway.progress.ledger import Ledger
from headway.progress.snapshots import RuleTerms, Tally, weekly

MONDAY = date(2026, 1, 5)
TERMS = {
    "import": RuleTerms(1.0, "deprecated", counted=True),
    "call": RuleTerms(3.0, "deprecated", counted=True),
    "tool": RuleTerms(1.0, "required", counted=False),
}


def moved(opened: int, fixed: int, exempt: int) -> Movement:
    return Movement(new=opened, fixed_change=fixed, exempt_change=exempt)


def test_a_standing_counts_deprecated_items_and_missing_replacements() -> None:
    tally = Tally(TERMS)
    tally.add("import", moved(2, 1, 1))
    tally.add("call", moved(1, 0, 0))
    standing = tally.standing(MONDAY)
    held = standing.holdings
    assert (held.open, held.fixed, held.exempt, held.missing) == (3, 1, 1, 1)
    assert standing.completion == 1 / 6


def test_a_present_replacement_is_neither_missing_nor_an_item() -> None:
    tally = Tally(TERMS)
    tally.add("tool", moved(1, 0, 0))
    held = tally.standing(MONDAY).holdings
    assert (held.open, held.missing) == (0, 0)


def test_a_rule_that_is_no_longer_defined_is_ignored() -> None:
    tally = Tally(TERMS)
    tally.add("removed", moved(5, 5, 5))
    assert tally.standing(MONDAY).completion is None


def at(number: int, **counts: int) -> Ledger:
    return {("import", "team", MONDAY + timedelta(days=number)): Movement(**counts)}


def test_only_weeks_with_a_change_have_a_standing() -> None:
    ledger = at(-1, baseline=2) | at(15, fixed=1, fixed_change=1)
    standings = list(weekly(ledger, TERMS, MONDAY))
    assert [(standing.day, standing.holdings.open) for standing in standings] == [
        (date(2026, 1, 11), 2),
        (date(2026, 1, 25), 1),
    ]


def test_an_item_opened_and_fixed_in_one_week_changes_only_the_fixed_count() -> None:
    ledger = at(-1, baseline=1) | at(8, new=1, fixed=1, fixed_change=1)
    standings = list(weekly(ledger, TERMS, MONDAY))
    assert [(standing.holdings.open, standing.holdings.fixed) for standing in standings] == [
        (1, 0),
        (1, 1),
    ]


def test_a_week_in_the_future_has_a_standing() -> None:
    ledger = at(1, new=1) | at(900, lapsed=1)
    days = [standing.day for standing in weekly(ledger, TERMS, MONDAY)]
    assert days == [MONDAY + timedelta(days=6), MONDAY + timedelta(days=902)]


def test_an_empty_ledger_has_no_standings() -> None:
    assert not list(weekly({}, TERMS, MONDAY))
