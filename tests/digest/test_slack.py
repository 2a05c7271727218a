"""Digests for Slack stay within Slack's limits on blocks and characters."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

from headway.digest.compose import Setting, digest
from headway.digest.slack import LONGEST_HEADER, LONGEST_MESSAGE, LONGEST_TEXT, MOST_BLOCKS, slack
from headway.metrics.attention.attention_records import Attention, Mover, StalledTeam, Work
from tests.support.attention import LAST, attention, moves, status, team


def blocks(*attentions: Attention) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = slack(digest(attentions, (), Setting(LAST)))["blocks"]
    return found


def texts(found: list[dict[str, Any]]) -> list[str]:
    return [text["text"] for block in found for text in block.get("elements") or [block["text"]]]


def campaign(number: int) -> Attention:
    """Return a campaign with many changes and long names."""
    title = f"Campaign {number} <&> " + "x" * 150
    since = date(2026, 1, 5)
    parts = tuple(team(f"team-{place}-{'y' * 60}") for place in range(40))
    works = tuple(
        Work("one", f"{place:040x}", LAST, "A" * 300, 3, 0, "https://a.example/" + "&" * 300)
        for place in range(5)
    )
    facts = attention(
        title=title,
        status=status(title=title),
        team_parts=parts,
        stalled=tuple(StalledTeam(part.team, 10, since, since) for part in parts),
        moves=moves(20, fixed=10),
        repositories=tuple(
            Mover(f"repository-{place}-{'<' * 100}", moves(20, fixed=10), works, 3)
            for place in range(20)
        ),
    )
    return replace(facts, campaign=f"campaign-{number}")


def test_a_small_digest_is_complete() -> None:
    found = blocks(attention(moves=moves(fixed=1)))
    assert len(found) == 4
    assert "No action needed." in texts(found)[1]
    assert "does not fit" not in json.dumps(found)


def test_parts_that_do_not_fit_are_left_out_and_reported() -> None:
    found = blocks(*(campaign(number) for number in range(60)))
    assert len(found) <= MOST_BLOCKS
    assert all(0 < len(text) <= LONGEST_TEXT for text in texts(found))
    assert len(texts(found)[0]) <= LONGEST_HEADER
    assert sum(len(text) for text in texts(found)) <= LONGEST_MESSAGE
    assert "The rest does not fit in a Slack message." in texts(found)
    # The message includes the most important parts: the overview and the first campaign.
    assert "campaigns are on track" in texts(found)[1]
    assert "Campaign 0 &lt;&amp;&gt;" in texts(found)[2]


def test_links_and_escapes_are_never_cut() -> None:
    for text in texts(blocks(campaign(1))):
        assert text.count("<") == text.count(">") == text.count("|") or "|" not in text
        assert "&" not in text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
