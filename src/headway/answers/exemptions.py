"""What need not go: the exemptions of a campaign, what they cover, and when they lapse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from headway.answers.records import ExemptionRow
from headway.definition.campaign import Campaign
from headway.definition.scope import name_matches
from headway.progress.exempt import Waiver
from headway.progress.ledger import Span
from headway.store.ownership import waiver_of
from headway.store.reading import Reader

WARN_BEFORE = timedelta(days=14)


def members_on(store: Reader, campaign: str, day: date) -> set[str]:
    """Keys of the repositories that are in scope on a day."""
    return {
        key
        for (_, key), spans in store.memberships(campaign).items()
        if any(Span(span.first, span.last).covers(day) for span in spans)
    }


def waivers_on(store: Reader, campaign: str, day: date) -> list[Waiver]:
    """The exemptions that hold on a day."""
    waivers = [waiver_of(record) for record in store.exemptions(campaign)]
    return [waiver for waiver in waivers if waiver.span.covers(day)]


def exemptions(store: Reader, campaigns: Sequence[Campaign], *, today: date) -> list[ExemptionRow]:
    """All that the campaigns have or had, those that lapse first at the top."""
    rows = []
    for campaign in campaigns:
        latest = {record.id: record for record in store.exemptions(campaign.id)}
        covered = dict.fromkeys(latest, 0)
        for repository, rule, path in _open_places(store, campaign, today) if latest else ():
            for name, record in latest.items():
                waiver = waiver_of(record)
                if name_matches(record.repositories, repository) and waiver.covers(rule, path):
                    covered[name] += 1
        for name, record in latest.items():
            holds = waiver_of(record).span.covers(today)
            last = record.last_day
            rows.append(
                ExemptionRow(
                    campaign=campaign.id,
                    reason=record.reason,
                    approved_by=record.approved_by,
                    repositories=record.repositories,
                    paths=record.paths,
                    rules=record.rules,
                    since=record.first_day,
                    until=last,
                    state="in force" if holds else "lapsed",
                    items=covered[name],
                    days_left=(last - today).days if holds else None,
                )
            )
    return sorted(rows, key=lambda row: (row.state, row.until, row.campaign, row.reason))


def exemption_warnings(rows: Sequence[ExemptionRow]) -> list[str]:
    """One sentence for each exemption that somebody should look at before it is too late."""
    said = []
    for row in rows:
        if row.state != "in force":
            continue
        named = f'{row.campaign}: the exemption "{row.reason}"'
        count = f"{row.items:,} item{'' if row.items == 1 else 's'}"
        if not row.items:
            said.append(f"{named} covers no open item; take it out, or correct its patterns")
        elif row.days_left is not None and row.days_left <= WARN_BEFORE.days:
            verb = "comes" if row.items == 1 else "come"
            said.append(f"{named} lapses after {row.until}; {count} {verb} back")
    return said


def _open_places(store: Reader, campaign: Campaign, day: date) -> list[tuple[str, str, str]]:
    """(repository, rule, path) of every item in scope that is there and has to go."""
    members = members_on(store, campaign.id, day)
    names = {key: record.listed.name for key, record in store.repositories().items()}
    deprecated = {rule.id for rule in campaign.deprecated}
    return [
        (names[key.repository], key.rule, opening.path)
        for key, opening, _ in store.items(campaign.id, day, open_only=True)
        if key.rule in deprecated and key.repository in members
    ]
