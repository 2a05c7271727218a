"""List items as they were at the end of a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Literal

from headway.metrics.exemption_rows import exemption_periods_on, is_exempt
from headway.metrics.permalinks import item_link
from headway.metrics.records import ItemHistory, ItemRow, ItemText, MovedItem, RowState
from headway.model.campaign import Campaign
from headway.model.item_records import OpeningRow, OpenItemRow
from headway.model.limits import EXCERPT_LENGTH
from headway.model.movement import ClosedAs
from headway.model.repository import Repository
from headway.model.scope import name_matches
from headway.model.store_records import RepositoryRecord
from headway.store.row_codec import partner_of, people_of, timestamp, versions_of
from headway.store.store_reader import Store

ItemState = Literal["open", "fixed", "exempt", "all"]

_CLOSED_STATES: Mapping[ClosedAs | None, RowState] = {
    None: "fixed",
    "scope": "excluded",
    "moved": "moved",
}


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
    """Return the items of the current rules, sorted by campaign, repository, path and line.

    This function takes the same arguments as `item_histories`.
    """
    histories = item_histories(
        store,
        campaigns,
        state=state,
        team=team,
        repository=repository,
        rule=rule,
        captured=captured,
        today=today,
    )
    return [history.row for history in histories]


def item_histories(
    store: Store,
    campaigns: Sequence[Campaign],
    *,
    state: ItemState = "open",
    team: str | None = None,
    repository: str | None = None,
    rule: str | None = None,
    captured: tuple[str, str] | None = None,
    today: date | None = None,
) -> list[ItemHistory]:
    """Return the items of the current rules, with the complete history of each opening.

    The items are sorted by campaign, repository, path and line.

    Args:
        store: The store.
        campaigns: The campaigns, in the order of the rows.
        state: Return only items in this state. `all` returns every opening of every item, including
            items in repositories out of scope and matches of rules that are not counted.
        team: Return only items of this team.
        repository: Return only items in repositories whose names match this pattern.
        rule: Return only items of the rule with this ID.
        captured: Return only items with this captured value, as (name, value).
        today: Return the items as of the end of this day. None means the day of the last scan.
    """
    day = today or _last_day(store)
    everything = state == "all"
    histories: list[ItemHistory] = []
    for campaign in campaigns:
        counted = {rule.id for rule in campaign.counted}
        openings = store.items.opened_until(
            campaign.id, day, open_only=state in ("open", "exempt"), team=team, rule=rule
        )
        histories += sorted(
            (
                history
                for history in _histories(store, campaign, openings, day, everywhere=everything)
                for row in (history.row,)
                if (everything or (row.state == state and row.rule in counted))
                and (captured is None or row.captures.get(captured[0]) == captured[1])
                and (repository is None or name_matches((repository,), row.repository))
            ),
            key=lambda history: _order(history.row),
        )
    return histories


def _texts(opening: OpeningRow, day: date) -> tuple[ItemText, ...]:
    """Return the versions of the matched line during `opening` up to `day`, oldest first."""
    versions = versions_of(opening.versions)
    if not versions:
        first = ItemText(
            opening.opened_commit,
            opening.opened_at.replace(tzinfo=UTC),
            opening.path,
            opening.text,
            opening.captures,
        )
        return (first,)
    return tuple(
        ItemText(
            version.commit,
            timestamp(version.landed_at).replace(tzinfo=UTC),
            version.path,
            version.text,
            dict(version.captures),
        )
        for number, version in enumerate(versions)
        if number == 0 or version.day <= day
    )


def _changed_by(opening: OpeningRow, texts: Sequence[ItemText]) -> str | None:
    """Return the author of the last version in `texts`, or None if the author is unknown."""
    if len(texts) == max(len(versions_of(opening.versions)), 1):
        return opening.changed_by
    return opening.opened_by if len(texts) == 1 else None


def _excerpt(opening: OpeningRow, text: str) -> str:
    return opening.excerpt if text == opening.text else text.strip()[:EXCERPT_LENGTH]


def _histories(
    store: Store,
    campaign: Campaign,
    openings: Iterable[OpeningRow],
    day: date,
    *,
    everywhere: bool,
) -> Iterator[ItemHistory]:
    """Yield the items of current rules.

    Args:
        store: The store.
        campaign: The campaign.
        openings: The openings to convert.
        day: The day at the end of which the items are shown.
        everywhere: Whether to include repositories that are out of scope.
    """
    roles = {rule.id: rule.role for rule in campaign.rules}
    counted = {rule.id for rule in campaign.counted}
    members = set(store.scope.members(campaign.id, day))
    shown = [
        opening
        for opening in openings
        if opening.rule in roles and (everywhere or opening.repository in members)
    ]
    repositories = store.repositories.records(
        {opening.repository for opening in shown} | set(_partners(shown))
    )
    periods = tuple(exemption_periods_on(store, campaign.id, day))
    for opening in shown:
        listed = repositories[opening.repository].listed
        role = roles[opening.rule]
        exempt = opening.rule in counted and is_exempt(
            periods, listed.name, opening.rule, opening.path
        )
        texts = _texts(opening, day)
        # Show the item as it was at the end of `day`, without later edits.
        seen = opening._replace(
            captures=texts[-1].captures,
            excerpt=_excerpt(opening, texts[-1].text),
            changed_by=_changed_by(opening, texts),
        )
        row = item_row(seen, role, listed, day, exempt=exempt)
        came_from = _moved_item(opening.moved_from, repositories)
        went_to = _moved_item(opening.moved_to, repositories) if row.state == "moved" else None
        yield ItemHistory(row, texts, came_from, went_to)


def _partners(openings: Iterable[OpeningRow]) -> Iterator[str]:
    """Yield the keys of the repositories that items moved from or moved to."""
    for opening in openings:
        for text in (opening.moved_from, opening.moved_to):
            partner = partner_of(text)
            if partner is not None:
                yield partner["repository"]


def _moved_item(text: str | None, repositories: Mapping[str, RepositoryRecord]) -> MovedItem | None:
    partner = partner_of(text)
    if partner is None:
        return None
    name = repositories[partner["repository"]].listed.name
    return MovedItem(name, partner["path"], partner["item"])


def _last_day(store: Store) -> date:
    last = store.scans.last()
    return last[1] if last else date.max


def item_row(
    opening: OpeningRow, role: str, listed: Repository, day: date, *, exempt: bool = False
) -> ItemRow:
    """Return the row of an opening as of the end of `day`.

    Args:
        opening: The opening.
        role: The role of the item's rule.
        listed: The item's repository.
        day: The day of the row. An opening that was closed later counts as open.
        exempt: Whether an exemption covers the item on `day`.
    """
    row = open_item_row(opening, role, listed, exempt=exempt)
    if opening.closed_on is None or opening.closed_on > day:
        return row
    return row._replace(
        state=_CLOSED_STATES[opening.closed_as],
        closed_at=opening.closed_at.replace(tzinfo=UTC) if opening.closed_at else None,
        closed_commit=opening.closed_commit,
        closed_by=opening.closed_by,
        closed_by_all=people_of(opening.closed_by_all, opening.closed_by),
    )


def open_item_row(
    opening: OpenItemRow | OpeningRow, role: str, listed: Repository, *, exempt: bool = False
) -> ItemRow:
    """Return the row of an opening on a day on which the item was open. See `item_row`."""
    # The number of rows can reach millions, and keyword arguments would take twice as long.
    return ItemRow(
        opening.item,
        opening.campaign,
        opening.rule,
        role,
        listed.name,
        opening.path,
        opening.line,
        opening.column,
        opening.excerpt,
        opening.team,
        "exempt" if exempt else "open",
        opening.regressed,
        opening.opened_at.replace(tzinfo=UTC),
        opening.opened_commit,
        opening.at_baseline,
        None,
        None,
        None,
        # Link to the line in the latest commit instead of the line on the day of the row.
        item_link(
            listed,
            opening.path,
            opening.line,
            opening.opened_commit,
            is_closed=opening.closed_on is not None,
        ),
        opening.captures,
        opening.opened_by,
        people_of(opening.opened_by_all, opening.opened_by),
        (),
        opening.changed_by,
    )


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
