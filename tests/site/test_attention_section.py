"""Pages describe actions needed and changes of the last week in the words of the digest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from headway.metrics.attention.attention_records import Attention, Mover, Need
from headway.metrics.records import RepositoryFacts, TeamContact
from headway.metrics.redaction import attention_for
from headway.model.audience import HIDDEN
from headway.site.attention_section import (
    briefly,
    need_entries,
    own_need_entries,
    week_in_words,
)
from headway.site.campaign_slices import team_needs
from tests.support.attention import attention, forecast, moves, status

STALLED = Need("stalled", "payments", ("payments",), 10, date(2026, 1, 5))
UNLIKELY = Need("unlikely", "platform", (), 10, date(2026, 6, 30))
PAGE = "campaigns/remove-six/index.html"


def words(facts: Attention) -> list[str]:
    return [phrase.plain for phrase in week_in_words(facts)]


def test_the_action_of_a_team_links_to_its_page() -> None:
    facts = replace(attention(), needs=(UNLIKELY, STALLED))
    contacts = [TeamContact("payments", "ada@example.com", None)]
    one, two = need_entries([facts], contacts, {"payments"}, PAGE)
    assert (one.who, one.contact, one.team, one.campaigns) == ("platform", None, None, ())
    assert one.what.plain.startswith("Add people, cut scope or move the due date")
    assert (two.who, two.contact) == ("payments", contacts[0])
    assert two.team == "../../teams/payments/index.html"


def test_the_same_action_in_several_campaigns_is_listed_once() -> None:
    facts = replace(attention(), needs=(STALLED,))
    other = replace(facts, campaign="utcnow", title="Times with a time zone")
    (entry,) = need_entries([facts, other], [], (), "index.html")
    assert entry.campaigns == ("Remove six", "Times with a time zone")
    assert entry.what.plain.startswith("Resume work: 20 open items")


def test_three_teams_with_the_same_action_share_an_entry() -> None:
    needs = [
        replace(STALLED, who=team, subject=(team,), items=items, deadline=date(2026, 6, day))
        for team, items, day in (("web", 2, 1), ("data", 9, 9), ("pay", 4, 5))
    ]
    facts = replace(attention(), needs=(UNLIKELY, *needs[:2]))
    assert len(need_entries([facts], [], {"web"}, PAGE)) == 3
    (shared, alone) = need_entries([replace(facts, needs=(UNLIKELY, *needs))], [], {"web"}, PAGE)
    assert shared.what.plain == "Resume work: 15 open items, no fixes for 4 weeks or more"
    assert [(member.name, member.items) for member in shared.members] == [
        ("data", 9), ("pay", 4), ("web", 2),
    ]  # fmt: skip
    assert shared.members[2].team == "../../teams/web/index.html"
    assert shared.deadline == date(2026, 6, 1)
    assert not alone.members


def test_a_team_with_two_of_the_actions_is_one_member_of_the_entry() -> None:
    dead = [
        replace(STALLED, kind="dead", who=team, subject=(repository,), items=items)
        for team, repository, items in (("a", "x", 3), ("b", "y", 4), ("a", "z", 2), ("c", "w", 1))
    ]
    facts = attention()
    (entry,) = need_entries([replace(facts, needs=tuple(dead))], [], (), PAGE)
    assert [(member.name, member.items) for member in entry.members] == [
        ("a", 5), ("b", 4), ("c", 1),
    ]  # fmt: skip
    assert len(need_entries([replace(facts, needs=tuple(dead[:3]))], [], (), PAGE)) == 3


def test_the_earliest_deadline_comes_first_then_the_most_items() -> None:
    needs = [
        Need("stalled", "a", ("a",), 1, None, date(2026, 5, 1)),
        Need("regressed", "b", ("x",), 9, None, date(2026, 6, 1)),
        Need("stalled", "c", ("c",), 10, None, date(2026, 6, 1)),
        Need("idle exemption", "d", ("y",), 0, None),
        Need("not scanned", "e", (), 5, date(2026, 4, 1)),
    ]
    entries = need_entries([replace(attention(), needs=tuple(needs))], [], (), PAGE)
    assert [entry.who for entry in entries] == ["e", "a", "c", "b", "d"]


def test_numbers_have_thousands_separators() -> None:
    many = replace(UNLIKELY, items=1_234_567, day=date(2026, 6, 30))
    (entry,) = need_entries([replace(attention(), needs=(many,))], [], (), PAGE)
    assert "1,234,567 open items" in entry.what.plain


def test_a_week_without_changes_has_no_sentences() -> None:
    assert words(attention()) == []


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        (date(2026, 5, 1), date(2026, 5, 1), []),
        (date(2026, 5, 1), date(2026, 4, 25), []),
        (date(2026, 5, 1), date(2026, 4, 3), ["The forecast is 4 weeks later than a week ago."]),
        (date(2026, 4, 3), date(2026, 5, 1), ["The forecast is 4 weeks earlier than a week ago."]),
        (None, date(2026, 5, 1), []),
    ],
)
def test_a_forecast_that_moved_by_a_week_is_mentioned(
    now: date | None, then: date | None, expected: list[str]
) -> None:
    facts = attention(
        moves=moves(fixed=1), forecast=forecast(p50=now), forecast_before=forecast(p50=then)
    )
    assert words(facts) == expected


def test_the_sentences_name_contributors_and_changed_health() -> None:
    facts = attention(
        moves=moves(fixed=5),
        teams=(Mover("payments", moves(fixed=5), (), 0),),
        before=status(health="at risk"),
    )
    assert words(facts) == [
        "At risk a week ago, now on track.",
        "Most fixes came from payments (5).",
    ]


def test_the_short_record_for_the_index_gives_the_same_entries() -> None:
    facts = replace(attention(), needs=(UNLIKELY, STALLED))
    short = briefly(facts)
    assert not [*short.team_parts, *short.repositories, *short.facts]
    entries = [need_entries([record], [], (), "index.html") for record in (facts, short)]
    assert entries[0] == entries[1]


def test_only_the_first_of_many_campaigns_are_named() -> None:
    facts = replace(attention(), needs=(STALLED,))
    many = [replace(facts, campaign=name, title=name) for name in "abcde"]
    (entry,) = need_entries(many, [], (), "index.html")
    assert (entry.campaigns, entry.more_campaigns) == (("a", "b", "c"), 2)


def test_the_actions_of_a_team_name_their_campaigns_most_urgent_first() -> None:
    late = replace(STALLED, deadline=date(2026, 9, 1))
    early = Need("regressed", "payments", ("x",), 1, date(2026, 2, 1), date(2026, 6, 1))
    six = replace(attention(), needs=(late, UNLIKELY))
    logs = replace(attention(), campaign="logs", title="Old logs", needs=(early,))
    own = [team_needs(facts)["payments"] for facts in (six, logs)]
    entries = own_need_entries(own)
    assert [(entry.campaigns, entry.deadline) for entry in entries] == [
        (("Old logs",), date(2026, 6, 1)), (("Remove six",), date(2026, 9, 1)),
    ]  # fmt: skip
    assert [entry.campaigns for entry in own_need_entries(own[:1])] == [("Remove six",)]


def test_the_actions_of_a_team_do_not_name_hidden_repositories() -> None:
    regressed = Need("regressed", "payments", ("site", "vault"), 2, date(2026, 2, 1))
    facts = {"site": RepositoryFacts("public", None), "vault": RepositoryFacts("private", None)}
    shown = attention_for("public", replace(attention(), needs=(regressed,), facts=facts))
    (entry,) = own_need_entries([team_needs(shown)["payments"]])
    assert entry.what.plain == f"Fix regressions: 2 items in site and {HIDDEN}"
