"""Which places: items, each with its history and a link to its line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal
from urllib.parse import quote

from headway.git.path_encoding import bytes_of
from headway.metrics.exemption_rows import exemption_periods_on
from headway.metrics.records import ItemRow
from headway.model.campaign import Campaign
from headway.model.repository import Repository
from headway.model.scope import name_matches
from headway.model.store_records import RepositoryRecord, TrackKey
from headway.progress.exemptions import ExemptionPeriod
from headway.progress.tracker import Opening
from headway.store.row_codec import timestamp
from headway.store.store_reader import Store

ItemState = Literal["open", "fixed", "exempt", "all"]


def items(
    store: Store,
    campaigns: Sequence[Campaign],
    *,
    state: ItemState = "open",
    team: str | None = None,
    repository: str | None = None,
    rule: str | None = None,
    captured: tuple[str, str] | None = None,
    today: date | None = None,
) -> list[ItemRow]:
    """Openings of items of the rules that the campaigns have now, as they are at the end of a day.

    By campaign, repository, path and line. repository: a pattern over names. captured: a capture
    and its value. today: that day; None: that of the last scan. Items of repositories that are not
    in scope, and matches of replacement rules, come only with `all`.
    """
    repositories: dict[str, RepositoryRecord] = {}
    day = today or _last_day(store)
    open_only = state in ("open", "exempt")
    rows = []
    for campaign in campaigns:
        members = set(store.scope.members(campaign.id, day))
        waivers = exemption_periods_on(store, campaign.id, day)
        opened = list(
            store.items.opened_until(campaign.id, day, open_only=open_only, team=team, rule=rule)
        )
        where = {key.repository for key, _, _ in opened}
        repositories |= store.repositories.records(where - repositories.keys())
        found = [
            row
            for key, row in _rows(
                campaign,
                repositories,
                waivers,
                day,
                opened,
            )
            if (state == "all" or (row.state == state and row.role == "deprecated"))
            and (state == "all" or key in members)
            and (captured is None or row.captures.get(captured[0]) == captured[1])
            and (repository is None or name_matches((repository,), row.repository))
        ]
        rows += sorted(found, key=_order)
    return rows


def _last_day(store: Store) -> date:
    last = store.scans.last()
    return last[1] if last else date.max


def _rows(
    campaign: Campaign,
    repositories: dict[str, RepositoryRecord],
    waivers: Sequence[ExemptionPeriod],
    day: date,
    found: Iterable[tuple[TrackKey, Opening, str]],
) -> Iterator[tuple[str, ItemRow]]:
    roles = {rule.id: rule.role for rule in campaign.rules}
    for key, opening, team in found:
        if key.rule in roles:
            listed = repositories[key.repository].listed
            exempt = any(
                waiver.covers(key.rule, opening.path)
                for waiver in waivers
                if name_matches(waiver.repositories, listed.name)
            )
            row = item_row_on(day, key, roles[key.rule], listed, opening, team, exempt=exempt)
            yield key.repository, row


def item_row_on(
    day: date,
    key: TrackKey,
    role: str,
    listed: Repository,
    opening: Opening,
    team: str,
    *,
    exempt: bool = False,
) -> ItemRow:
    """One opening as it was at the end of a day: what was fixed later is open."""
    if opening.closed_on is None or opening.closed_on <= day:
        return item_row(key.campaign, key.rule, role, listed, opening, team, exempt=exempt)
    then = replace(opening, closed_at=None, closed_on=None, closed_commit=None, closed_by=None)
    row = item_row(key.campaign, key.rule, role, listed, then, team, exempt=exempt)
    # its line is at the tip as long as it is open there, whatever the day asked for
    return row._replace(url=permalink(listed, opening))


def item_row(
    campaign: str,
    rule: str,
    role: str,
    listed: Repository,
    opening: Opening,
    team: str,
    *,
    exempt: bool = False,
) -> ItemRow:
    """One opening as it is shown. exempt: whether it need not go as long as it is open."""
    closed = opening.closed_at is not None
    return ItemRow(
        item=opening.item,
        campaign=campaign,
        rule=rule,
        role=role,
        repository=listed.name,
        path=opening.path,
        line=opening.spot.line,
        column=opening.spot.column,
        excerpt=opening.spot.excerpt,
        team=team,
        state="fixed" if closed else "exempt" if exempt else "open",
        regressed=opening.number > 1,
        opened_at=_moment(opening.opened_at),
        opened_commit=opening.opened_commit,
        opened_before_baseline=opening.at_baseline,
        closed_at=_moment(opening.closed_at) if opening.closed_at is not None else None,
        closed_commit=opening.closed_commit,
        closed_by=opening.closed_by,
        url=permalink(listed, opening),
        captures=dict(opening.spot.captures),
        opened_by=opening.opened_by,
    )


def permalink(listed: Repository, opening: Opening) -> str | None:
    """The exact line at an exact commit that has it; None where the forge is not known.

    An open item is linked at the listed tip, a fixed one at the commit that opened it when its
    line there is known to be the same: else at the repository's page of the path.
    """
    if opening.closed_at is not None:
        return link_to(listed, opening.path, None, opening.opened_commit)
    return link_to(listed, opening.path, opening.spot.line, listed.tip or opening.opened_commit)


def link_to(listed: Repository, path: str, line: int | None, commit: str) -> str | None:
    """A line at a commit, or the whole file; None where the forge is not known."""
    if listed.web_url is None or listed.link_style == "none":
        return None
    middle = "blob" if listed.link_style == "github" else "-/blob"
    place = f"#L{line}" if line else ""
    return f"{listed.web_url}/{middle}/{commit}/{_in_address(path)}{place}"


@lru_cache(maxsize=4096)
def _in_address(path: str) -> str:
    return quote(bytes_of(path))


def _moment(seconds: int) -> datetime:
    return timestamp(seconds).replace(tzinfo=UTC)


def _order(row: ItemRow) -> tuple[str, str, int, int, str, str, datetime]:
    return (
        row.repository,
        row.path,
        row.line or 0,
        row.column or 0,
        row.rule,
        row.item,
        row.opened_at,
    )
