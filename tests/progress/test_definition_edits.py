"""Edits of definitions are described in words, and slips of due dates are counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from headway.model.campaign import Campaign, Exemption, Milestone, Rule, Scope
from headway.model.definition_record import (
    DatedDefinition,
    DefinitionRecord,
    definition_record,
)
from headway.progress.definition_edits import (
    EDIT_KINDS,
    changed_keys,
    definition_edits,
    due_history,
    edits_on,
    milestone_due_history,
    recorded,
)

JUNE, SEPTEMBER, DECEMBER = date(2027, 6, 30), date(2027, 9, 30), date(2027, 12, 31)
TIER_1 = Milestone("Tier 1", date(2027, 3, 31), ("acme/secret-*",))
LEGACY = Exemption("Ends in Q3", SEPTEMBER, ("acme/secret-legacy",))
CAMPAIGN = Campaign(
    "six",
    "Remove six",
    deprecated=(Rule("import", "deprecated", "regex", {"pattern": "six"}),),
    due=JUNE,
    scope=Scope(repositories=("acme/secret-*",)),
    milestones=(TIER_1,),
    exemptions=(LEGACY,),
)


def described(after: Campaign, before: Campaign = CAMPAIGN) -> list[str]:
    edits = definition_edits(definition_record(before), definition_record(after))
    assert {edit.kind for edit in edits} <= set(EDIT_KINDS)
    return [edit.description for edit in edits]


def test_each_setting_that_numbers_or_dates_depend_on_has_an_edit() -> None:
    assert described(CAMPAIGN) == []
    assert described(replace(CAMPAIGN, due=DECEMBER)) == [
        "due date moved from 30 Jun 2027 to 31 Dec 2027"
    ]
    assert described(replace(CAMPAIGN, due=None)) == ["due date removed; it was 30 Jun 2027"]
    assert described(CAMPAIGN, replace(CAMPAIGN, due=None)) == ["due date set to 30 Jun 2027"]
    assert described(replace(CAMPAIGN, starts=date(2026, 1, 5))) == ["start date set to 5 Jan 2026"]
    assert described(replace(CAMPAIGN, scope=Scope(("acme/*",), forks=True))) == [
        "scope changed: repositories, forks"
    ]
    heavier = replace(CAMPAIGN.deprecated[0], weight=2.5)
    assert described(replace(CAMPAIGN, deprecated=(heavier,))) == [
        "weight of rule import changed from 1 to 2.5"
    ]
    needed = replace(CAMPAIGN.deprecated[0], role="required")
    assert described(replace(CAMPAIGN, deprecated=(), replacement=(needed,))) == [
        "role of rule import changed from deprecated to required"
    ]


def test_milestones_and_exemptions_are_added_changed_and_removed() -> None:
    assert described(replace(CAMPAIGN, milestones=(), exemptions=())) == [
        "milestone Tier 1 removed",
        "exemption “Ends in Q3” removed",
    ]
    moved = replace(CAMPAIGN, milestones=(replace(TIER_1, due=JUNE, repositories=()),))
    assert described(moved) == [
        "due date of milestone Tier 1 moved from 31 Mar 2027 to 30 Jun 2027",
        "repositories of milestone Tier 1 changed",
    ]
    longer = replace(CAMPAIGN, exemptions=(replace(LEGACY, until=DECEMBER, reason="Ends later"),))
    assert described(longer) == [
        "expiry date of exemption “Ends later” moved from 30 Sep 2027 to 31 Dec 2027"
    ]
    other = replace(CAMPAIGN, exemptions=(LEGACY, replace(LEGACY, repositories=("a",))))
    assert described(other) == ["exemption “Ends in Q3” added"]


def test_no_description_names_a_repository() -> None:
    nothing = Campaign("six", "Remove six", deprecated=CAMPAIGN.deprecated)
    for texts in (described(CAMPAIGN, nothing), described(nothing)):
        assert len(texts) == 4
        assert not any("secret" in text for text in texts)


def test_changes_of_titles_owners_and_reasons_are_not_edits() -> None:
    reworded = replace(
        CAMPAIGN,
        title="Six must go",
        summary="Why",
        owner="platform",
        guide="https://wiki.example.com",
        exemptions=(replace(LEGACY, reason="Ends soon", approved_by="platform"),),
    )
    assert described(reworded) == []
    assert changed_keys(definition_record(CAMPAIGN), definition_record(reworded)) == ()


def test_the_order_of_milestones_does_not_matter() -> None:
    two = replace(CAMPAIGN, milestones=(TIER_1, Milestone("Tier 0", JUNE)))
    assert definition_record(two) == definition_record(
        replace(two, milestones=tuple(reversed(two.milestones)))
    )


def test_changed_keys_are_keys_of_the_campaign_file() -> None:
    rule = replace(CAMPAIGN.deprecated[0], options={"pattern": "seven"})
    changed = replace(
        CAMPAIGN, deprecated=(rule,), due=DECEMBER, scope=Scope(), milestones=(), exemptions=()
    )
    keys = changed_keys(definition_record(CAMPAIGN), definition_record(changed))
    assert keys == ("due", "scope", "deprecated", "milestones", "exemptions")


def test_a_due_date_slips_when_it_moves_later() -> None:
    assert due_history([]) == due_history([None])
    assert due_history([JUNE]).moves == 0
    twice = due_history([JUNE, SEPTEMBER, DECEMBER])
    assert (twice.first, twice.moves, twice.slips, twice.days) == (JUNE, 2, 2, 184)
    earlier = due_history([DECEMBER, JUNE])
    assert (earlier.moves, earlier.slips, earlier.days) == (1, 0, -184)
    there_and_back = due_history([JUNE, DECEMBER, JUNE])
    assert (there_and_back.moves, there_and_back.slips, there_and_back.days) == (2, 1, 0)


def test_removing_a_due_date_does_not_hide_that_it_slips() -> None:
    assert due_history([JUNE, None]).slips == 0
    assert due_history([JUNE, None, JUNE]).moves == 0
    hidden = due_history([JUNE, None, DECEMBER])
    assert (hidden.slips, hidden.days) == (1, 184)


def test_the_due_dates_of_milestones_slip_independently() -> None:
    first = definition_record(CAMPAIGN)
    later = definition_record(replace(CAMPAIGN, milestones=(replace(TIER_1, due=JUNE),)))
    without = definition_record(replace(CAMPAIGN, milestones=()))
    assert milestone_due_history([first, without, later], "Tier 1").slips == 1
    assert milestone_due_history([first, later], "Tier 2").slips == 0


DATES = st.none() | st.dates(date(2027, 1, 1), date(2027, 1, 5))
DEFINITIONS = st.builds(
    DefinitionRecord, starts=DATES, due=DATES, scope=st.builds(Scope, forks=st.booleans())
)
SCANS = st.lists(st.tuples(st.integers(0, 4), DEFINITIONS), min_size=1)
"""Scans as (number of days after the first day, definition that the scan uses)."""


def history_of(scans: list[tuple[int, DefinitionRecord]]) -> tuple[DatedDefinition, ...]:
    history: tuple[DatedDefinition, ...] = ()
    for day, definition in sorted(scans, key=lambda scan: scan[0]):
        history = recorded(history, definition, date(2027, 1, 1) + timedelta(days=day))
    return history


@given(SCANS)
def test_only_the_last_scan_of_a_day_counts(scans: list[tuple[int, DefinitionRecord]]) -> None:
    last_of_day = dict(sorted(scans, key=lambda scan: scan[0]))
    assert history_of(scans) == history_of(list(last_of_day.items()))


@given(SCANS)
def test_scanning_again_adds_no_edit(scans: list[tuple[int, DefinitionRecord]]) -> None:
    history = history_of(scans)
    today = date(2027, 1, 1) + timedelta(days=max(day for day, _ in scans))
    assert recorded(history, history[-1].definition, today) == history
    tomorrow = today + timedelta(days=1)
    assert recorded(history, history[-1].definition, tomorrow) == history
    assert edits_on(history, tomorrow) == []


@given(SCANS)
def test_every_recorded_definition_differs_from_the_one_before(
    scans: list[tuple[int, DefinitionRecord]],
) -> None:
    history = history_of(scans)
    for before, after in pairwise(history):
        assert before.day < after.day
        assert definition_edits(before.definition, after.definition)
        assert changed_keys(before.definition, after.definition)
