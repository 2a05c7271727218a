"""The digest of one team has the team's items, changes, due dates and transfers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from headway.digest.compose import Setting
from headway.digest.digest_context import Digest
from headway.digest.team_digest import team_digest
from headway.metrics.attention.attention_records import Due, Held, ScopeChange, StalledTeam, Work
from headway.metrics.records import RepositoryFacts
from tests.support.attention import LAST, attention, moves, status, team

SETTING = Setting(LAST)


def page(**changes: Any) -> Digest:
    part = team("web", **({"left": (Held("one", 7), Held("two", 3))} | changes))
    facts = dict.fromkeys(("one", "two"), RepositoryFacts("public", None))
    campaign = attention(team_parts=(part, team("other")), facts=facts)
    return team_digest("web", [campaign], [], (), SETTING)


def summary(**changes: Any) -> str:
    (campaign,) = page(**changes).campaigns
    return " ".join(phrase.plain for phrase in campaign.paragraph).replace("\u00a0", " ")


def test_the_open_items_of_a_team() -> None:
    assert page().subject == "web: 10 open items in 1 campaign"
    assert summary().startswith(
        "web has 10 open items in Remove six (2 repositories); its part is 50% done. No changes "
        "this week. It is 50% likely to finish by 1 May and 85% likely by 1 June. The due date, "
        "30 June, is realistic (90% likely)."
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"status": status(open=1, team="web"), "left": (Held("one", 1),)},
            "has 1 open item in",
        ),
        ({"moves": moves(12, fixed=2)}, "from 12 to 10: 2 were fixed."),
        (
            {"status": status(unknown=1)},
            "1 of the team's repositories could not be read and does not",
        ),
        (
            {"status": status(unknown=2)},
            "2 of the team's repositories could not be read and do not",
        ),
        (
            {"moves": moves(received=3)},
            "It took over 3 items from other teams and handed over no items.",
        ),
        (
            {"due": Due(date(2026, 4, 1), "Tier 1")},
            "next due date is 1 April, for the",
        ),
        (
            {"stalled": StalledTeam("web", 10, date(2026, 1, 5), None)},
            "Stalled: no fixes yet.",
        ),
        (
            {"stalled": StalledTeam("web", 10, date(2026, 1, 5), date(2026, 1, 5))},
            "Stalled: no fixes since 5 January.",
        ),
        (
            {"status": status(open=0, state="done", health="done"), "moves": moves(1, fixed=1)},
            "web has no open items in Remove six: 10 items fixed.",
        ),
        (
            {"status": status(open=0, exempt=2, health="done"), "moves": moves(1, fixed=1)},
            "web has no open items in Remove six: 10 items fixed and 2 items exempt.",
        ),
    ],
)
def test_each_sentence(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in summary(**changes)


def test_only_scope_changes_of_the_team_are_named() -> None:
    part = team("web", left=(Held("mine", 3),), moves=moves(7, scope_added=3))
    facts = attention(
        team_parts=(part,),
        scope_added=(ScopeChange("mine", LAST, 3, None), ScopeChange("theirs", LAST, 4, None)),
    )
    (campaign,) = team_digest("web", [facts], [], (), SETTING).campaigns
    assert "3 entered scope with mine." in campaign.paragraph[1].plain


def test_the_commits_with_their_authors() -> None:
    work = Work("one", "c" * 40, LAST, "Ada", 2, 0, None)
    (campaign,) = page(works=(work,), more=2, moves=moves(fixed=2)).campaigns
    lines = {part.title: [line.plain for line in part.lines] for part in campaign.sections}
    assert lines["Commits"] == ["Ada fixed 2 in cccccccccc and 2 more commits"]
    assert lines["Open by repository"] == ["one: 7 open items", "two: 3 open items"]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ((), "web has never had an item in these campaigns."),
        ((team("web", status=status(open=0, health="done")),), "web has no open items."),
        (
            (team("web", status=status(open=0, unknown=1)),),
            "web has no known open items, but 1 repository could not be read.",
        ),
    ],
)
def test_no_open_items_is_not_the_same_as_unknown(parts: tuple[Any, ...], sentence: str) -> None:
    found = team_digest("web", [attention(team_parts=parts)], [], (), SETTING)
    assert found.subject == "web: no known open items"
    assert [phrase.plain for phrase in found.overview] == [sentence]
