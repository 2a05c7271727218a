"""A digest lists urgent campaigns and teams first, shortens long lists, and links to pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from headway.digest.compose import MOST_NEEDS, MOST_TEAMS, Setting, digest
from headway.metrics.attention.attention_records import Attention, Due, Mover, StalledTeam, Unseen
from headway.metrics.records import TeamContact
from headway.progress.state import Health
from tests.support.attention import LAST, attention, moves, status, team

SETTING = Setting(LAST)
SINCE = date(2026, 1, 5)


def campaign(name: str, health: Health, **changes: Any) -> Attention:
    facts = attention(status=status(health=health, title=name), title=name, **changes)
    return replace(facts, campaign=name)


def overview(*attentions: Attention) -> str:
    page = digest(attentions, (), SETTING)
    return " ".join(sentence.plain for sentence in page.overview).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("healths", "subject", "sentence"),
    [
        (
            ("done", "off track"),
            "2 campaigns: 1 off track, 1 done",
            "Of 2 campaigns, 1 is off track",
        ),
        (("done", "done"), "2 campaigns: both done", "Both campaigns are done."),
        (("on track",) * 3, "3 campaigns: all on track", "All campaigns are on track."),
        (
            ("no due date", "not enough history", "not enough history"),
            "3 campaigns: 2 not enough history, 1 no due date",
            "Of 3 campaigns, 2 have too little history and 1 has no due date.",
        ),
    ],
)
def test_the_health_of_all_campaigns(
    healths: tuple[Health, ...], subject: str, sentence: str
) -> None:
    facts = [campaign(f"c{number}", health) for number, health in enumerate(healths)]
    assert digest(facts, (), SETTING).subject == subject
    assert overview(*facts).startswith(sentence)


@pytest.mark.parametrize(
    ("scanned_on", "reason", "subject", "sentence"),
    [
        (None, "not scanned yet", "1 not scanned yet", "1 has not been scanned yet."),
        (LAST, "no repository is in scope", "1 no data", "1 has no data."),
    ],
)
def test_a_campaign_without_data_has_no_health(
    scanned_on: date | None, reason: str, subject: str, sentence: str
) -> None:
    empty = campaign("a", "no due date", scanned_on=scanned_on)
    empty = replace(empty, status=empty.status._replace(reason=reason, state="unknown", open=0))
    facts = [empty, campaign("b", "stalled")]
    assert overview(*facts).startswith(f"Of 2 campaigns, 1 is stalled and {sentence}")
    assert digest(facts, (), SETTING).subject == f"2 campaigns: 1 stalled, {subject}"


def test_the_movements_of_all_campaigns() -> None:
    text = overview(
        campaign("a", "on track", moves=moves(10, fixed=1)),
        campaign("b", "on track", moves=moves(10, new=2, scope_added=3)),
    )
    assert text.endswith(
        "This week 1 item was fixed, 2 are new or regressed, 3 entered scope, and 24 are now open."
    )
    quiet = overview(campaign("a", "on track"), campaign("b", "on track"))
    assert quiet.endswith(
        "This week no items were fixed, none are new or regressed, and 20 are now open."
    )


def test_unreadable_repositories_show_in_the_overview() -> None:
    dark = Unseen("one", "broken", SINCE, None, 0, False)
    facts = [campaign(name, "on track", unseen=(dark,)) for name in "ab"]
    assert overview(*facts).endswith("1 repository could not be read and does not count as done.")


def test_the_subject_of_one_campaign() -> None:
    def subject(**changes: Any) -> str:
        return digest([attention(status=status(**changes))], (), SETTING).subject

    assert subject() == "Remove six: 50% done, 10 open, on track"
    assert subject(unknown=2) == "Remove six: 50% done, 10 open, 2 unknown, on track"
    assert subject(health="done", open=0) == "Remove six: done"


def test_the_most_urgent_campaign_comes_first() -> None:
    facts = [
        campaign("done", "done"),
        campaign("fine", "on track"),
        campaign("late", "off track"),
        campaign("risky", "at risk"),
    ]
    page = digest(facts, (), SETTING)
    assert [shown.campaign for shown in page.campaigns] == ["late", "risky", "fine", "done"]


def test_teams_that_are_behind_come_first_by_open_items() -> None:
    small = status(open=1, health="off track")
    facts = attention(
        team_parts=(
            team("small", status=small),
            team("late", due=Due(date(2026, 3, 1), None)),
            team("fine", status=status(open=99)),
        )
    )
    assert [shown.team for shown in digest([facts], (), SETTING).teams] == ["late", "small", "fine"]


def test_other_teams_come_by_their_next_due_date() -> None:
    stalled = StalledTeam("stalled", 10, SINCE, SINCE)
    facts = attention(
        team_parts=(
            team("later", due=Due(date(2026, 9, 1), None)),
            team("finished", status=status(open=0), moves=moves(fixed=1)),
            team("soon", due=Due(date(2026, 4, 1), "Tier 1")),
            team("stalled", stalled=stalled),
            team("idle", status=status(open=0)),
        )
    )
    page = digest([facts], (TeamContact("soon", "Ada", None),), SETTING)
    assert [shown.team for shown in page.teams] == ["stalled", "soon", "later", "finished"]
    assert [shown.lead for shown in page.teams] == [None, "Ada", None, None]
    assert page.teams[1].parts[0].due.plain == "1\u00a0April (Tier 1)"
    assert page.teams[0].parts[0].state.plain == "stalled since 5\u00a0January"


@pytest.mark.parametrize(
    ("flows", "text"),
    [
        ({}, "none"),
        ({"fixed": 1200}, "\u22121,200 fixed"),
        ({"new": 1, "regressed": 2, "fixed": 3}, "+1 new, +2 regressed, \u22123 fixed"),
        ({"received": 2, "handed_over": 1}, "2 taken over and 1 handed over"),
    ],
)
def test_the_movements_of_a_team(flows: dict[str, int], text: str) -> None:
    facts = attention(team_parts=(team("web", moves=moves(**flows)),))
    assert digest([facts], (), SETTING).teams[0].parts[0].moved.plain == text


def test_a_team_with_new_items_only_is_not_called_stalled() -> None:
    facts = attention(team_parts=(team("web", status=status(health="stalled")),))
    assert digest([facts], (), SETTING).teams[0].parts[0].state.plain == "open"


def test_long_lists_are_cut_and_say_so() -> None:
    parts = tuple(team(f"team-{number:02}") for number in range(MOST_TEAMS + 5))
    facts = attention(
        team_parts=parts,
        stalled=tuple(StalledTeam(part.team, 1, SINCE, SINCE) for part in parts),
        repositories=tuple(Mover(f"r{number}", moves(fixed=1), (), 0) for number in range(20)),
    )
    page = digest([facts], (), SETTING)
    assert (len(page.teams), page.more_teams) == (MOST_TEAMS, 5)
    assert (len(page.needs), page.more_needs) == (MOST_NEEDS, MOST_TEAMS + 5 - MOST_NEEDS)
    (movers,) = [
        part for part in page.campaigns[0].sections if part.title == "Changes by repository"
    ]
    assert (len(movers.lines), movers.more) == (8, 12)


def test_links_lead_to_the_published_pages() -> None:
    facts = attention(team_parts=(team("web"),))
    page = digest([facts], (), Setting(LAST, site="https://h.example/", scanned_at=None))
    urls = {
        part.url
        for phrase in (page.campaigns[0].paragraph[0], page.teams[0].name, *page.foot)
        for part in phrase.parts
        if part.kind == "link"
    }
    assert urls == {
        "https://h.example/campaigns/remove-six/index.html",
        "https://h.example/teams/web/index.html",
        "https://h.example/index.html",
    }


def test_the_foot_has_the_time_of_the_scan() -> None:
    scanned = Setting(LAST, scanned_at=datetime(2026, 3, 8, 3, 17, tzinfo=UTC))
    assert "scanned 2026-03-08 03:17 UTC" in digest([attention()], (), scanned).foot[0].plain
