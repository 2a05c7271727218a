"""Render a digest as a Slack message in Block Kit, within Slack's limits.

https://docs.slack.dev/reference/block-kit/blocks allows 50 blocks per message, 150 characters per
header and 3,000 per section. If the blocks have more than about 13,000 characters in total, Slack
rejects the message with `msg_blocks_too_long`: https://github.com/slackapi/bolt-js/issues/2509.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from headway.digest.digest_context import CampaignDigest, Digest
from headway.digest.renderers import slack_escaped, slack_part, slack_text
from headway.digest.team_sections import TeamDigest
from headway.printable import printable
from headway.wording.action_sentences import NeedLine
from headway.wording.rich_text import Phrase, joined, say, strong

MOST_BLOCKS = 50
LONGEST_TEXT = 3_000
LONGEST_HEADER = 150
LONGEST_MESSAGE = 12_000

Block = dict[str, Any]


def slack(page: Digest) -> Block:
    """Return the payload for an incoming webhook or for `chat.postMessage`.

    The most important sections come first. If a section does not fit, it and all later sections are
    omitted, and a note before the last block states this.
    """
    header = _cut(printable(page.subject).replace("\u00a0", " "), LONGEST_HEADER)
    blocks: list[Block] = [{"type": "header", "text": _plain(header)}]
    foot = [_context([slack_text(page.period), *(_written(sentence) for sentence in page.foot)])]
    left_out = 0
    for text in _texts(page):
        block = _section(text)
        size = sum(map(_size, (*blocks, block, *foot)))
        if len(blocks) + len(foot) + 2 > MOST_BLOCKS or size > LONGEST_MESSAGE - 200:
            left_out += 1
        elif not left_out:
            blocks.append(block)
    if left_out:
        foot.insert(0, _context(["The rest does not fit in a Slack message."]))
    return {"text": header, "blocks": [*blocks, *foot]}


def _texts(page: Digest) -> Iterator[str]:
    """Yield the contents of the sections, most important first."""
    if page.overview:
        yield _sentences(page.overview)
    for campaign in page.campaigns:
        yield _sentences(campaign.paragraph)
    if page.needs:
        lines = [_need(line) for line in page.needs]
        yield from _packed(["*Actions needed*", *lines, *_more(page.more_needs)])
    if page.teams:
        lines = [line for team in page.teams for line in _team(team)]
        yield from _packed(["*Teams*", *lines, *_more(page.more_teams)])
    for campaign in page.campaigns:
        if campaign.sections:
            yield from _packed(list(_details(campaign)))


def _details(campaign: CampaignDigest) -> Iterator[str]:
    yield _written(strong(campaign.name.plain))
    for part in campaign.sections:
        yield slack_text(part.title)
        yield from (f"• {_written(line)}" for line in part.lines)
        yield from _more(part.more)


def _sentences(phrases: Sequence[Phrase]) -> str:
    """Join as many whole sentences as fit into one section."""
    text = ""
    for phrase in phrases:
        longer = f"{text} {_written(phrase)}".lstrip()
        if len(longer) > LONGEST_TEXT:
            break
        text = longer
    return text


def _need(line: NeedLine) -> str:
    whole = say("{who}: {what}", who=line.who, what=line.what)
    if line.campaigns:
        whole += say(" ({campaigns})", campaigns=joined(line.campaigns))
    return f"• {_written(whole)}"


def _team(team: TeamDigest) -> Iterator[str]:
    contact = [text for text in (team.lead, team.channel) if text]
    who = say(" ({contact})", contact=joined(contact, last=", ")) if contact else Phrase()
    yield _written(strong(team.team) + who + say(": {open} open", open=team.open))
    for part in team.parts:
        line = say(
            "{campaign}: open: {left}; changes: {moved}; due: {due}; {state}",
            campaign=part.campaign,
            left=part.left,
            moved=part.moved,
            due=part.due,
            state=part.state,
        )
        yield f"• {_written(line)}"


def _more(count: int) -> list[str]:
    return [f"… and {count:,} more"] if count else []


def _packed(lines: Sequence[str]) -> Iterator[str]:
    text = ""
    for line in lines:
        if text and len(text) + 1 + len(line) > LONGEST_TEXT:
            yield text
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield text


def _written(phrase: Phrase) -> str:
    """Render a phrase. If it is too long, drop whole parts, because a cut link would break."""
    parts: list[str] = []
    room = LONGEST_TEXT // 2
    for part in phrase.parts:
        shown = slack_part(part)
        room -= len(shown)
        if room < 0:
            return "".join([*parts, "…"])
        parts.append(shown)
    return "".join(parts)


def _cut(text: str, most: int) -> str:
    """Escape text and cut it to at most `most` characters."""
    shown = slack_escaped(text)
    while len(shown) > most:
        text = text[:-2].rstrip("…") + "…"
        shown = slack_escaped(text)
    return shown


def _size(block: Block) -> int:
    texts = block.get("elements") or [block["text"]]
    return sum(len(text["text"]) + 60 for text in texts)


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _mrkdwn(text: str) -> Block:
    # `verbatim` stops Slack from turning names, channels and URLs into links.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(texts: Sequence[str]) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text) for text in texts]}
