"""Compose the digest: sort campaigns and teams by urgency, and shorten long lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from headway.digest.details import sections
from headway.digest.digest_context import CampaignDigest, Digest
from headway.digest.team_sections import team_digests
from headway.metrics.attention.attention_records import Attention
from headway.metrics.records import TeamContact
from headway.metrics.redaction import attention_for, hidden_from
from headway.model.audience import Audience
from headway.progress.state import Health
from headway.urls import INDEX, campaign_page, team_page
from headway.wording.action_sentences import need_lines
from headway.wording.formats import percent
from headway.wording.movements import period
from headway.wording.rich_text import Phrase, joined, link, say
from headway.wording.sentences import capital, plural, span, verb
from headway.wording.summary_paragraph import paragraph

MOST_NEEDS = 12
MOST_TEAMS = 30
_URGENCY: tuple[Health, ...] = (
    "off track",
    "stalled",
    "at risk",
    "not enough history",
    "no due date",
    "no matches",
    "on track",
    "exempt",
    "done",
)
"""All health values, from most to least urgent."""

_Condition = Health | Literal["not scanned yet", "no data"]
"""The health of a campaign, or the reason why it has none."""

_CONDITIONS: tuple[_Condition, ...] = (*_URGENCY, "not scanned yet", "no data")

_PREDICATES: Mapping[_Condition, tuple[str, str]] = {
    "no due date": ("has no due date", "have no due date"),
    "not enough history": ("has too little history", "have too little history"),
    "no matches": ("has no matches", "have no matches"),
    "not scanned yet": ("has not been scanned yet", "have not been scanned yet"),
    "no data": ("has no data", "have no data"),
}
"""Singular and plural predicates for conditions that cannot follow `is` or `are`."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The settings of a digest: its date, its audience, and the site that it links to."""

    today: date
    audience: Audience = "internal"
    site: str | None = None
    """The URL of the published pages, or None for a digest without links."""
    scanned_at: datetime | None = None
    """The end of the latest scan in UTC, or None before the first scan."""
    notes: tuple[str, ...] = ()
    """Sentences about repositories that the scan cannot see."""

    def campaign_page(self, campaign: str) -> str | None:
        """Return the URL of a campaign's page, or None if the site's URL is unknown."""
        return self._page(campaign_page(campaign))

    def team_page(self, team: str) -> str | None:
        """Return the URL of a team's page, or None if the site's URL is unknown."""
        return self._page(team_page(team))

    def index(self) -> str | None:
        """Return the URL of the site's index page, or None if the site's URL is unknown."""
        return self._page(INDEX)

    def _page(self, path: str) -> str | None:
        return f"{self.site.rstrip('/')}/{path}" if self.site else None


def digest(
    attentions: Sequence[Attention], contacts: Sequence[TeamContact], setting: Setting
) -> Digest:
    """Compose the digest of one or more campaigns, most urgent campaign first."""
    shown = by_urgency([attention_for(setting.audience, facts) for facts in attentions])
    by_team = {contact.team: contact for contact in contacts}
    needs = need_lines(shown, by_team)
    teams = team_digests(shown, by_team, setting.team_page, setting.campaign_page)
    first = min((facts.first for facts in shown), default=setting.today)
    return Digest(
        subject=_subject(shown),
        period=span(first, setting.today),
        first=first,
        last=setting.today,
        scanned_at=setting.scanned_at,
        team=None,
        overview=_overview(shown) if len(shown) > 1 else (),
        campaigns=tuple(_campaign(facts, setting) for facts in shown),
        needs=needs[:MOST_NEEDS],
        more_needs=len(needs[MOST_NEEDS:]),
        teams=teams[:MOST_TEAMS],
        more_teams=len(teams[MOST_TEAMS:]),
        foot=foot(attentions, setting),
    )


def by_urgency(attentions: Sequence[Attention]) -> list[Attention]:
    """Sort campaigns by health, most urgent first, and then by due date, earliest first."""
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
    """Return the closing sentences on hidden repositories, the last scan and the full report."""
    hidden: set[str] = set()
    for facts in attentions:
        hidden |= hidden_from(setting.audience, facts.facts)
    sentences = []
    if hidden:
        sentences.append(
            say(
                "This digest shows only counts for {repositories}, because some readers are not "
                "allowed to see {them}.",
                repositories=plural(len(hidden), "repository", "repositories"),
                them=verb(len(hidden), "it", "them"),
            )
        )
    sentences += [say("{note}", note=note) for note in setting.notes]
    scanned = ""
    if setting.scanned_at is not None:
        scanned = f", last scanned {setting.scanned_at:%Y-%m-%d %H:%M} UTC"
    sentences.append(
        say(
            "Headway derives these numbers from git history{scanned}. An item is one place in the "
            "code that must change.",
            scanned=scanned,
        )
    )
    index = setting.index()
    if index is not None:
        sentences.append(say("Full report: {link}", link=link(index, index)))
    return tuple(sentences)


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


def _subject(attentions: Sequence[Attention]) -> str:
    if len(attentions) != 1:
        return f"{plural(len(attentions), 'campaign')}: {_healths_short(attentions)}"
    row = attentions[0].status
    if row.health == "done":
        return f"{row.title}: done"
    share = f"{percent(row.completion)} done" if row.completion is not None else row.state
    unknown = f", {row.unknown:,} unknown" if row.unknown else ""
    return f"{row.title}: {share}, {row.open:,} open{unknown}, {row.health}"


def _overview(attentions: Sequence[Attention]) -> tuple[Phrase, ...]:
    sentences = [_healths(attentions), _total_moves(attentions)]
    unreadable = {
        unseen.repository for facts in attentions for unseen in facts.unseen if unseen.until is None
    }
    if unreadable:
        sentences.append(
            say(
                "{repositories} could not be read and {do} not count as done.",
                repositories=capital(plural(len(unreadable), "repository", "repositories")),
                do=verb(len(unreadable), "does", "do"),
            )
        )
    return tuple(sentences)


def _total_moves(attentions: Sequence[Attention]) -> Phrase:
    """Summarise the changes in all campaigns in one sentence."""
    moves = [facts.moves for facts in attentions]
    fixed = sum(campaign.fixed for campaign in moves)
    added = sum(campaign.new + campaign.regressed for campaign in moves)
    entered = sum(campaign.scope_added for campaign in moves)
    still_open = sum(campaign.open for campaign in moves)
    # The sentence names the period. The period of a campaign that began recently is shorter, so use
    # the period of an older campaign if there is one.
    oldest = max(attentions, key=lambda facts: facts.before is not None)
    return say(
        "{when} {fixed} {were} fixed, {added} {are_added} new or regressed{entered}, and {open} "
        "{are_open} now open.",
        when=capital(period(oldest)),
        fixed=plural(fixed, "item"),
        were=verb(fixed, "was", "were"),
        added=f"{added:,}" if added else "none",
        are_added=verb(added, "is", "are"),
        entered=f", {entered:,} entered scope" if entered else "",
        open=still_open,
        are_open=verb(still_open, "is", "are"),
    )


def _healths(attentions: Sequence[Attention]) -> Phrase:
    """Count campaigns by health, as in `Of 3 campaigns, 1 is off track and 2 are done.`"""
    counts = _by_condition(attentions)
    if len(counts) == 1:
        (condition,) = counts
        return say(
            "{all} campaigns {predicate}.",
            all=_all(len(attentions)),
            predicate=_predicate(condition, len(attentions)),
        )
    parts = [
        say("{count} {predicate}", count=count, predicate=_predicate(condition, count))
        for condition, count in counts.items()
    ]
    campaigns = plural(len(attentions), "campaign")
    return say("Of {campaigns}, {parts}.", campaigns=campaigns, parts=joined(parts))


def _healths_short(attentions: Sequence[Attention]) -> str:
    """Count campaigns by health for the subject line, as in `1 off track, 2 done`."""
    counts = _by_condition(attentions)
    if len(counts) == 1:
        return f"{_all(len(attentions)).lower()} {next(iter(counts))}"
    return ", ".join(f"{count:,} {condition}" for condition, count in counts.items())


def _by_condition(attentions: Sequence[Attention]) -> dict[_Condition, int]:
    counts = Counter(map(_condition, attentions))
    return {condition: counts[condition] for condition in _CONDITIONS if counts[condition]}


def _condition(facts: Attention) -> _Condition:
    """Return the campaign's health, or the condition of a campaign without data."""
    if facts.status.reason is None:
        return facts.status.health
    return "not scanned yet" if facts.scanned_on is None else "no data"


def _predicate(condition: _Condition, count: int) -> str:
    singular, plural_form = _PREDICATES.get(condition, (f"is {condition}", f"are {condition}"))
    return verb(count, singular, plural_form)


def _all(count: int) -> str:
    return "Both" if count == 2 else "All"
