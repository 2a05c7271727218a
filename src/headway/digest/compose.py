"""From attention records to what is sent: everything in its order, and not too much of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from headway.digest.details import sections
from headway.digest.digest_context import CampaignDigest, Digest
from headway.digest.team_sections import team_digests
from headway.metrics.attention.attention_records import Attention
from headway.metrics.audience_policy import attention_for, hidden_from
from headway.metrics.records import TeamContact
from headway.model.audience import Audience
from headway.progress.state import Health
from headway.urls import INDEX, campaign_page, team_page
from headway.wording.action_sentences import need_lines
from headway.wording.rich_text import Phrase, joined, link, say
from headway.wording.sentences import capital, percent, plural, span, verb
from headway.wording.summary_paragraph import paragraph, period

MOST_NEEDS = 12
MOST_TEAMS = 30
_URGENCY: tuple[Health, ...] = (
    "off track",
    "stalled",
    "at risk",
    "not enough history",
    "no due date",
    "on track",
    "done",
)
_DOES: Mapping[Health, tuple[str, str]] = {
    "no due date": ("has no due date", "have no due date"),
    "not enough history": ("has too little history", "have too little history"),
}
"""What one does, and what many do."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a digest is made for. site: the address of the pages, None where they are not shown."""

    today: date
    audience: Audience = "internal"
    site: str | None = None
    scanned_at: datetime | None = None

    def campaign_page(self, campaign: str) -> str | None:
        """Where a campaign's page is."""
        return self._page(campaign_page(campaign))

    def team_page(self, team: str) -> str | None:
        """Where a team's page is."""
        return self._page(team_page(team))

    def index(self) -> str | None:
        """Where the pages begin."""
        return self._page(INDEX)

    def _page(self, path: str) -> str | None:
        return f"{self.site.rstrip('/')}/{path}" if self.site else None


def digest(
    attentions: Sequence[Attention], contacts: Sequence[TeamContact], setting: Setting
) -> Digest:
    """The digest of one campaign or several, the most urgent first."""
    seen = by_urgency([attention_for(setting.audience, facts) for facts in attentions])
    known = {contact.team: contact for contact in contacts}
    needs = need_lines(seen, known)
    teams = team_digests(seen, known, setting.team_page, setting.campaign_page)
    first = min((facts.first for facts in seen), default=setting.today)
    return Digest(
        subject=_subject(seen),
        period=span(first, setting.today),
        first=first,
        last=setting.today,
        scanned_at=setting.scanned_at,
        team=None,
        overview=_overview(seen) if len(seen) > 1 else (),
        campaigns=tuple(_campaign(facts, setting) for facts in seen),
        needs=needs[:MOST_NEEDS],
        more_needs=len(needs[MOST_NEEDS:]),
        teams=teams[:MOST_TEAMS],
        more_teams=len(teams[MOST_TEAMS:]),
        foot=foot(attentions, setting),
    )


def by_urgency(attentions: Sequence[Attention]) -> list[Attention]:
    """What is off track first, what is done last; then by due date."""
    return sorted(
        attentions,
        key=lambda facts: (
            _URGENCY.index(facts.status.health),
            facts.status.due or date.max,
            facts.title,
            facts.campaign,
        ),
    )


def foot(attentions: Sequence[Attention], setting: Setting) -> tuple[Phrase, ...]:
    """What readers must know of the whole: where it is from, and what they are not told."""
    hidden: set[str] = set()
    for facts in attentions:
        hidden |= hidden_from(setting.audience, facts.facts)
    said = []
    if hidden:
        count = plural(len(hidden), "repository", "repositories")
        said.append(
            say(
                "Of {count} this digest gives counts only, because not all of its readers may see "
                "{them}.",
                count=count,
                them=verb(len(hidden), "it", "them"),
            )
        )
    scanned = ""
    if setting.scanned_at is not None:
        scanned = f", scanned {setting.scanned_at:%Y-%m-%d %H:%M} UTC"
    said.append(
        say(
            "Read from git history by Headway{scanned}; items are the places that have to change.",
            scanned=scanned,
        )
    )
    index = setting.index()
    if index is not None:
        said.append(say("The whole of it: {pages}", pages=link(index, index)))
    return tuple(said)


def _campaign(facts: Attention, setting: Setting) -> CampaignDigest:
    row = facts.status
    return CampaignDigest(
        campaign=facts.campaign,
        name=link(facts.title, setting.campaign_page(facts.campaign)),
        health=row.health,
        completion=row.completion,
        open=row.open,
        paragraph=paragraph(facts, setting.campaign_page(facts.campaign)),
        sections=sections(facts),
    )


def _subject(seen: Sequence[Attention]) -> str:
    if len(seen) != 1:
        return f"{plural(len(seen), 'campaign')}: {_healths_short(seen)}"
    row = seen[0].status
    if row.health == "done":
        return f"{row.title}: done"
    share = f"{percent(row.completion)} done" if row.completion is not None else row.state
    unknown = f", {row.unknown:,} unknown" if row.unknown else ""
    return f"{row.title}: {share}, {row.open:,} open{unknown}, {row.health}"


def _overview(seen: Sequence[Attention]) -> tuple[Phrase, ...]:
    moves = [facts.moves for facts in seen]
    fixed = sum(each.fixed for each in moves)
    back = sum(each.new + each.regressed for each in moves)
    entered = sum(each.scope_added for each in moves)
    left = sum(each.open for each in moves)
    said = [
        _healths(seen),
        say(
            "{when} {fixed} {were} fixed, {back} {are} new or back{entered}, and {left} {is_left} "
            "open now.",
            when=capital(period(max(seen, key=lambda facts: facts.before is not None))),
            fixed=plural(fixed, "item"),
            were=verb(fixed, "was", "were"),
            back=f"{back:,}" if back else "none",
            are=verb(back or 1, "is", "are"),
            entered=f", {entered:,} came into scope" if entered else "",
            left=left,
            is_left=verb(left, "is", "are"),
        ),
    ]
    dark = {each.repository for facts in seen for each in facts.unseen if each.until is None}
    if dark:
        said.append(
            say(
                "{count} could not be read, and nothing in {them} is counted as done.",
                count=capital(plural(len(dark), "repository", "repositories")),
                them=verb(len(dark), "it", "them"),
            )
        )
    return tuple(said)


def _healths(seen: Sequence[Attention]) -> Phrase:
    """`Of 3 campaigns, 1 is off track and 2 are done.`"""
    counts = _by_health(seen)
    said = [
        say("{count} {does}", count=count, does=verb(count, *_DOES.get(health, _is(health))))
        for health, count in counts.items()
    ]
    if len(said) == 1:
        (health,) = counts
        does = _DOES.get(health, _is(health))[1]
        return say("{all} campaigns {does}.", all=_all(len(seen)), does=does)
    return say("Of {count}, {said}.", count=plural(len(seen), "campaign"), said=joined(said))


def _healths_short(seen: Sequence[Attention]) -> str:
    """`1 off track, 2 done`."""
    counts = _by_health(seen)
    if len(counts) == 1:
        return f"{_all(len(seen)).lower()} {next(iter(counts))}"
    return ", ".join(f"{count:,} {health}" for health, count in counts.items())


def _by_health(seen: Sequence[Attention]) -> dict[Health, int]:
    counts = Counter(facts.status.health for facts in seen)
    return {health: counts[health] for health in _URGENCY if counts[health]}


def _is(health: Health) -> tuple[str, str]:
    return f"is {health}", f"are {health}"


def _all(count: int) -> str:
    return "Both" if count == 2 else "All"
