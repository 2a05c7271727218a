"""Reading a store: each function gives records, none of them SQL."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from headway.errors import HeadwayError
from headway.model.days import ALWAYS, Span
from headway.model.repository import Repository
from headway.model.store_records import (
    CampaignRecord,
    Cursor,
    GradedRow,
    MarkRecord,
    MembershipSpan,
    ObservedState,
    OpenItems,
    OpenRow,
    RepositoryRecord,
    RuleRecord,
    TrackKey,
    UnknownRecord,
)
from headway.progress.tracker import Opening
from headway.store.database import (
    READING_MEMORY,
    StoreDamagedError,
    StoreMissingError,
    connect_to_read,
    is_damage,
)
from headway.store.fingerprints import FingerprintReader
from headway.store.ledger_tables import MovementReader
from headway.store.owner_tables import OwnershipReader
from headway.store.repository_counts import CountsReader
from headway.store.row_codec import OPENING_COLUMNS, captures_of, opening_of, seconds

_QUERY_SECONDS = 60.0
_ROWS_AT_A_TIME = 2_000
_OPEN_COLUMNS = (
    'campaign, rule, repository, item, path, line, "column", excerpt, team, number > 1, '
    "closed_at IS NULL, opened_at, opened_commit, at_baseline, opened_by, captures"
)
_OPEN = """
    list_contains($campaigns, campaign)
    AND ($teams IS NULL OR list_contains($teams, team))
    AND ($repositories IS NULL OR list_contains($repositories, repository))
    AND (number > 1 OR NOT $regressed)
    AND opened_on <= $day AND (closed_on IS NULL OR closed_on > $day)
    AND EXISTS (
        FROM membership m WHERE m.campaign = o.campaign AND m.repository = o.repository
        AND (m.first_day IS NULL OR m.first_day <= $day)
        AND (m.last_day IS NULL OR m.last_day >= $day)
    )
"""


class QueryError(HeadwayError):
    """The user's SQL cannot be carried out."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the query cannot be carried out: {reason.splitlines()[0] if reason else 'no reason'};"
            " `headway query --views` lists what can be asked."
        )


class Reader(OwnershipReader, MovementReader, CountsReader, FingerprintReader):
    """Everything that is asked of an open connection; shared by readers and the writer."""

    def campaigns(self) -> dict[str, CampaignRecord]:
        """What the scans have settled, by campaign."""
        rows = self._rows(
            "SELECT id, first_scanned_on, last_scanned_on, starts, exemptions FROM campaign"
        )
        return {row[0]: CampaignRecord(*row[1:]) for row in rows}

    def rules(self) -> dict[tuple[str, str], RuleRecord]:
        """(campaign, rule) to the rule as it was last scanned."""
        rows = self._rows("SELECT campaign, rule, role, fingerprint, weight, since FROM rule")
        return {(row[0], row[1]): RuleRecord(*row[2:]) for row in rows}

    def cursors(self) -> dict[TrackKey, Cursor]:
        """How far every rule has been followed in every repository."""
        rows = self._rows(
            "SELECT campaign, rule, repository, fingerprint, baseline, "
            '"commit", landed_at FROM cursor'
        )
        return {TrackKey(*row[:3]): Cursor(row[3], row[4], row[5], seconds(row[6])) for row in rows}

    def repositories(self, keys: Iterable[str] | None = None) -> dict[str, RepositoryRecord]:
        """Every repository that was ever listed, by key. keys: these alone."""
        rows = self._rows(
            "SELECT key, name, source, clone_url, default_branch, tip, web_url, link_style, "
            "visibility, archived, fork, template, empty, disabled, topics, languages, "
            "owner_groups, first_commit_on, first_listed_on, last_listed_on, gone_on "
            "FROM repository WHERE $keys IS NULL OR list_contains($keys, key)",
            {"keys": None if keys is None else sorted(keys)},
        )
        return {row[0]: _repository(row) for row in rows}

    def memberships(self) -> dict[tuple[str, str], list[MembershipSpan]]:
        """(campaign, repository) to when it was in scope, oldest first."""
        spans: dict[tuple[str, str], list[MembershipSpan]] = defaultdict(list)
        for row in self._rows(
            "SELECT campaign, repository, first_day, last_day, reason FROM membership "
            "ORDER BY campaign, repository, first_day NULLS FIRST"
        ):
            spans[row[0], row[1]].append(MembershipSpan(*row[2:]))
        return spans

    def spans(self, campaign: str) -> dict[str, tuple[Span, ...]]:
        """Repository to the days on which it is in scope, oldest first; by key."""
        spans: dict[str, tuple[Span, ...]] = {}
        for repository, first, last in self._rows(
            "SELECT repository, first_day, last_day FROM membership WHERE campaign = ? "
            "ORDER BY repository, first_day NULLS FIRST",
            [campaign],
        ):
            always = first is None and last is None
            spans[repository] = (
                *spans.get(repository, ()),
                *(ALWAYS if always else (Span(first, last),)),
            )
        return spans

    def scope_changes(
        self, campaign: str, first: date, last: date
    ) -> dict[str, list[MembershipSpan]]:
        """Repository to its spans in scope that began or ended on these days, both inclusive.

        A span ends on the day after its last.
        """
        spans: dict[str, list[MembershipSpan]] = defaultdict(list)
        for row in self._rows(
            "SELECT repository, first_day, last_day, reason FROM membership "
            "WHERE campaign = $campaign AND (first_day BETWEEN $first AND $last "
            "OR last_day + 1 BETWEEN $first AND $last) ORDER BY ALL",
            {"campaign": campaign, "first": first, "last": last},
        ):
            spans[row[0]].append(MembershipSpan(*row[1:]))
        return spans

    def unknowns(self, campaign: str | None = None) -> dict[tuple[str, str], UnknownRecord]:
        """(campaign, repository) to why it is unknown now; all campaigns for None."""
        rows = self._rows(
            "SELECT campaign, repository, reason, since, known_until FROM unknown "
            "WHERE campaign = coalesce(?, campaign)",
            [campaign],
        )
        return {(row[0], row[1]): UnknownRecord(*row[2:]) for row in rows}

    def marks(self, campaign: str) -> list[MarkRecord]:
        """What a chart of this campaign marks, oldest first."""
        rows = self._rows(
            "SELECT campaign, repository, day, kind, description FROM mark "
            "WHERE campaign = ? ORDER BY day, kind, description, repository",
            [campaign],
        )
        return [MarkRecord(*row) for row in rows]

    def openings(
        self, repositories: Sequence[str], campaigns: Sequence[str]
    ) -> dict[TrackKey, list[Opening]]:
        """Every opening that is known of these repositories and campaigns."""
        found: dict[TrackKey, list[Opening]] = defaultdict(list)
        for row in self._rows(
            f"SELECT {OPENING_COLUMNS} FROM opening "  # noqa: S608 - a constant
            "WHERE repository IN (SELECT unnest(?)) AND campaign IN (SELECT unnest(?)) "
            "ORDER BY item, number",
            [list(repositories), list(campaigns)],
        ):
            key, opening = opening_of(row)
            found[key].append(opening)
        return found

    def items(
        self,
        campaign: str,
        day: date,
        *,
        open_only: bool,
        team: str | None = None,
        rule: str | None = None,
    ) -> Iterator[tuple[TrackKey, Opening, str]]:
        """(track, opening, team) of what was opened up to a day, by repository, path and line.

        open_only: only what is open at the end of that day. team, rule: only theirs.
        """
        where = "AND (closed_on IS NULL OR closed_on > $day)" if open_only else ""
        for row in self._rows(
            f"SELECT {OPENING_COLUMNS} FROM opening "  # noqa: S608 - constants
            f"WHERE campaign = $campaign AND opened_on <= $day {where} "
            "AND team = coalesce($team, team) AND rule = coalesce($rule, rule) "
            'ORDER BY repository, path, line NULLS FIRST, "column" NULLS FIRST, rule, item, number',
            {"campaign": campaign, "day": day, "team": team, "rule": rule},
        ):
            key, opening = opening_of(row)
            yield key, opening, row[21]

    def open_items(self, wanted: OpenItems) -> Iterator[OpenRow]:
        """By campaign, repository's name, path and line.

        Where teams are named, by team before all that; where repositories are named, by
        repository before campaign. Only a few thousand are in memory at a time; other questions
        may be asked in between.
        """
        order = "p.name, rank" if wanted.repositories is not None else "rank, p.name"
        if wanted.teams is not None:
            order = f"list_position($teams, team), {order}"
        asked = self._connection.cursor()
        asked.execute("USE store")
        asked.execute(
            f"SELECT {_OPEN_COLUMNS}, list_position($campaigns, campaign) AS rank "  # noqa: S608 - names of ours
            f"FROM opening o JOIN repository p ON p.key = o.repository WHERE {_OPEN} "
            f'ORDER BY {order}, path, coalesce(line, 0), coalesce("column", 0), rule, item, number',
            wanted._asdict(),
        )
        while rows := asked.fetchmany(_ROWS_AT_A_TIME):
            for row in rows:
                yield OpenRow._make((*row[:15], captures_of(row[15])))

    def items_moved(
        self, campaign: str, first: date, last: date
    ) -> list[tuple[TrackKey, Opening, str]]:
        """(track, opening, team) of what was opened or closed on these days, both inclusive.

        By repository, path and line; what was there when the walk began was not opened.
        """
        rows = self._rows(
            f"SELECT {OPENING_COLUMNS} FROM opening WHERE campaign = ? "  # noqa: S608 - a constant
            "AND (closed_on BETWEEN ? AND ? OR (opened_on BETWEEN ? AND ? AND NOT at_baseline)) "
            'ORDER BY repository, path, line NULLS FIRST, "column" NULLS FIRST, rule, item, number',
            [campaign, first, last, first, last],
        )
        return [(*opening_of(row), row[21]) for row in rows]

    def last_landings(self, campaign: str, until: date) -> dict[str, datetime]:
        """Repository to when the last commit that was followed landed, in UTC.

        until: only those where that is on this day or before.
        """
        rows = self._rows(
            "SELECT repository, max(landed_at) AS landed FROM cursor WHERE campaign = ? "
            "GROUP BY repository HAVING landed < ?::DATE + 1 ORDER BY repository",
            [campaign, until],
        )
        return dict(rows)

    def observed_states(self, campaign: str) -> dict[str, list[ObservedState]]:
        """Repository to what scans saw of it, oldest first; each stands until the next.

        Those that no scan ever found unknown are left out.
        """
        seen: dict[str, list[ObservedState]] = defaultdict(list)
        for repository, day, state, reason in self._rows(
            "WITH seen AS (FROM repository_snapshot WHERE campaign = ? AND basis = 'scan') "
            "SELECT repository, day, state, reason FROM seen WHERE repository IN "
            "(SELECT repository FROM seen WHERE state = 'unknown') ORDER BY repository, day",
            [campaign],
        ):
            seen[repository].append(ObservedState(day, state, reason))
        return seen

    def graded(self, campaign: str) -> list[GradedRow]:
        """All openings of the rules that ever captured something, by repository and item."""
        rows = self._rows(
            "SELECT repository, captures, item, number, rule, path, moves, opened_on, closed_on, "
            "at_baseline, team FROM opening WHERE campaign = ? AND rule IN "
            "(SELECT rule FROM opening WHERE campaign = ? AND captures IS NOT NULL) "
            "ORDER BY repository, item, number",
            [campaign, campaign],
        )
        return [GradedRow(row[0], captures_of(row[1]), *row[2:]) for row in rows]

    def team_names(self) -> list[str]:
        """Everybody who has or had an item, by today's owners or those of its day."""
        rows = self._rows(
            "SELECT team FROM movement UNION SELECT team FROM movement_then ORDER BY 1"
        )
        return [row[0] for row in rows]

    def repositories_with(self, path: str) -> list[str]:
        """Keys of the repositories that ever had an item at a path."""
        rows = self._rows("SELECT DISTINCT repository FROM opening WHERE path = ?", [path])
        return sorted(row[0] for row in rows)

    def oldest_open(self, campaign: str, day: date) -> dict[str, date]:
        """Repository to when the oldest item that is open at the end of a day was opened."""
        rows = self._rows(
            "SELECT repository, min(opened_on) FROM opening JOIN rule USING (campaign, rule) "
            "WHERE campaign = $campaign AND opened_on <= $day "
            "AND (closed_on IS NULL OR closed_on > $day) AND role = 'deprecated' "
            "GROUP BY repository",
            {"campaign": campaign, "day": day},
        )
        return dict(rows)

    def last_scan(self) -> tuple[datetime, date] | None:
        """(when it ended, in UTC; its day) of the latest scan, or None when there was none."""
        rows = self._rows("SELECT finished_at, today FROM scan ORDER BY id DESC LIMIT 1")
        return (rows[0][0], rows[0][1]) if rows else None


class Store(Reader):
    """A store that is read."""

    def query(self, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Column names and rows of the user's own SQL; raises `QueryError`.

        The connection can change nothing and reach no file; a query that takes over a minute is
        ended.
        """
        timer = threading.Timer(_QUERY_SECONDS, self._connection.interrupt)
        timer.start()
        try:
            answer = self._connection.execute(sql)
            if answer.description is None:
                return [], []
            return [column[0] for column in answer.description], answer.fetchall()
        except duckdb.InterruptException:
            raise QueryError(f"it took longer than {_QUERY_SECONDS:g} s") from None
        except duckdb.Error as error:
            if is_damage(error):
                raise
            raise QueryError(str(error)) from error
        finally:
            timer.cancel()


@contextmanager
def open_store(
    path: Path, *, memory: str = READING_MEMORY, threads: int | None = None
) -> Iterator[Store]:
    """A store to read; raises what `database.connect_to_read` raises.

    A store that no scan was ever written to is as good as none: `StoreMissingError`. Damage that
    shows only while the block reads raises `StoreDamagedError` too.
    """
    connection = connect_to_read(path, memory, threads)
    try:
        with telling_damage(path):
            store = Store(connection)
            if store.last_scan() is None:
                raise StoreMissingError(path)
            yield store
    finally:
        connection.close()


@contextmanager
def telling_damage(path: Path) -> Iterator[None]:
    """Damage of the store that shows while the block reads raises `StoreDamagedError`."""
    try:
        yield
    except duckdb.Error as error:
        if is_damage(error):
            raise StoreDamagedError(path, error) from error
        raise


def _repository(row: Sequence[Any]) -> RepositoryRecord:
    words = [tuple(value.split("\n")) if value else () for value in row[14:17]]
    return RepositoryRecord(Repository(*row[:14], *words), *row[17:21])
