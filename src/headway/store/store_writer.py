"""Writing one scan into a store: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb

from headway.model.movement import MOVEMENT_COLUMNS
from headway.model.store_records import (
    CampaignRecord,
    Cursor,
    EpisodeRow,
    MarkRecord,
    MembershipSpan,
    RepositoryRecord,
    RuleRecord,
    ScanRecord,
    SnapshotRow,
    TrackKey,
    UnknownRecord,
)
from headway.progress.ledger import Ledger
from headway.progress.tracker import Opening
from headway.store.atomic_update import StoreWriteError, next_version
from headway.store.database import StoreDamagedError, is_damage
from headway.store.lock import WriteLock
from headway.store.owner_tables import OwnershipWriter
from headway.store.row_codec import episode_of, opening_row, timestamp
from headway.store.store_reader import Reader

_BATCH = 500
_REFUSALS = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.FatalException,
    duckdb.TransactionException,
)
_STAGED_ROWS = 50_000
"""How many rows wait in memory: making an appender costs more than a thousand rows do."""
_SAME_TRACK = "a.campaign = b.campaign AND a.rule = b.rule AND a.repository = b.repository"
_SAME_PAIR = "a.campaign = b.campaign AND a.repository = b.repository"


@contextmanager
def write_scan(path: Path, now: datetime, lock: WriteLock | None = None) -> Iterator[ScanWriter]:
    """The one writer of a store; what is written counts when the block ends without an error.

    lock: when it is held already. Raises what `replacing.next_version` raises.
    """
    with WriteLock(path, now) if lock is None else nullcontext():
        try:
            with next_version(path, now) as connection:
                connection.execute("BEGIN")
                yield ScanWriter(connection)
                connection.execute("COMMIT")
        except duckdb.Error as error:
            if isinstance(error, _REFUSALS):
                raise StoreWriteError(path, error) from error
            if is_damage(error):
                raise StoreDamagedError(path, error) from error
            raise


class ScanWriter(Reader, OwnershipWriter):
    """Takes the results of a scan in any order, then settles them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        super().__init__(connection)
        connection.execute("CREATE TEMP TABLE touched AS FROM opening LIMIT 0")
        connection.execute(
            "CREATE TEMP TABLE walked AS SELECT *, false AS afresh FROM cursor LIMIT 0"
        )
        connection.execute("CREATE TEMP TABLE pair (campaign VARCHAR, repository VARCHAR)")
        self._touched: list[tuple[Any, ...]] = []
        self._walked: list[tuple[Any, ...]] = []

    def stage(
        self, key: TrackKey, openings: Sequence[Opening], cursor: Cursor, *, afresh: bool
    ) -> None:
        """One rule followed in one repository; see `scan.job.Walked`."""
        self._touched += [opening_row(key, each, "unowned") for each in openings]
        at = timestamp(cursor.landed_at)
        self._walked.append((*key, cursor.fingerprint, cursor.baseline, cursor.commit, at, afresh))
        if len(self._touched) + len(self._walked) >= _STAGED_ROWS:
            self._hand_over()

    def _hand_over(self) -> None:
        self._append("touched", self._touched)
        self._append("walked", self._walked)
        self._touched, self._walked = [], []

    def settle_walks(self) -> None:
        """Puts everything staged in the place of what it replaces."""
        self.settle_owner_files()
        self._hand_over()
        self._connection.execute(
            f"DELETE FROM opening a USING walked b WHERE {_SAME_TRACK} AND b.afresh"  # noqa: S608 - names of ours
        )
        self._connection.execute(
            f"DELETE FROM opening a USING touched b WHERE {_SAME_TRACK} "  # noqa: S608 - names of ours
            "AND a.item = b.item AND a.number = b.number"
        )
        self._connection.execute(
            "INSERT INTO opening FROM touched ORDER BY campaign, repository, rule, item, number"
        )
        self._connection.execute(f"DELETE FROM cursor a USING walked b WHERE {_SAME_TRACK}")  # noqa: S608 - names of ours
        self._connection.execute("INSERT INTO cursor SELECT * EXCLUDE (afresh) FROM walked")

    def episodes(
        self, pairs: Iterable[tuple[str, str]]
    ) -> Iterator[tuple[tuple[str, str], list[EpisodeRow]]]:
        """All openings of each (campaign, repository), in days; pairs without any come too."""
        wanted = sorted(set(pairs))
        for first in range(0, len(wanted), _BATCH):
            yield from self._episodes(wanted[first : first + _BATCH])

    def _episodes(
        self, pairs: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[tuple[str, str], list[EpisodeRow]]]:
        self._connection.execute("DELETE FROM pair")
        self._append("pair", pairs)
        rows = self._rows(
            "SELECT o.campaign, o.repository, o.item, o.number, o.rule, o.path, o.moves, "
            "o.opened_on, o.closed_on, o.at_baseline, o.team FROM opening o "
            "SEMI JOIN pair b ON o.campaign = b.campaign AND o.repository = b.repository "
            "ORDER BY o.campaign, o.repository, o.item, o.number"
        )
        missing = dict.fromkeys(pairs)
        for pair, group in groupby(rows, key=lambda row: (row[0], row[1])):
            missing.pop(pair, None)
            yield pair, [episode_of(row[2:]) for row in group]
        for pair in missing:
            yield pair, []

    def pairs_that_moved_on(self) -> set[tuple[str, str]]:
        """(campaign, repository) wherever something is booked for after the campaign's last scan:
        an exemption lapses on its day, whether or not anything is scanned on it.
        """
        rows = self._rows(
            "SELECT DISTINCT m.campaign, m.repository FROM movement m "
            "JOIN campaign c ON c.id = m.campaign WHERE m.day > c.last_scanned_on"
        )
        return {(row[0], row[1]) for row in rows}

    def put_ledgers(
        self,
        pairs: Sequence[tuple[str, str]],
        ledgers: Iterable[tuple[tuple[str, str], Ledger]],
        then: Iterable[tuple[tuple[str, str], Ledger]],
    ) -> None:
        """The movements of these (campaign, repository) pairs, in the place of what was booked.

        They are booked by today's owners. then: the same by the owners of the day, for the pairs
        where that is something else.
        """
        self._put_ledgers("movement", pairs, ledgers)
        self._put_ledgers("movement_then", pairs, then)

    def _put_ledgers(
        self,
        table: str,
        pairs: Sequence[tuple[str, str]],
        ledgers: Iterable[tuple[tuple[str, str], Ledger]],
    ) -> None:
        self._connection.execute("DELETE FROM pair")
        self._append("pair", sorted(set(pairs)))
        self._connection.execute(f"DELETE FROM {table} a USING pair b WHERE {_SAME_PAIR}")  # noqa: S608 - names of ours
        rows: list[tuple[Any, ...]] = []
        for pair, ledger in ledgers:
            for (rule, team, day), movement in sorted(ledger.items()):
                counts = (getattr(movement, name) for name in MOVEMENT_COLUMNS)
                rows.append((*pair, rule, team, day, *counts))
            if len(rows) > 100_000:
                self._append(table, rows)
                rows = []
        self._append(table, rows)

    def put_walked_snapshots(
        self, pairs: Sequence[tuple[str, str]], rows: Iterable[SnapshotRow]
    ) -> None:
        """The snapshots of past weeks for these pairs, in the place of those there were."""
        self._connection.execute("DELETE FROM pair")
        self._append("pair", sorted(set(pairs)))
        self._connection.execute(
            "DELETE FROM repository_snapshot a USING pair b "  # noqa: S608 - names of ours
            f"WHERE {_SAME_PAIR} AND a.basis = 'walk'"
        )
        self._append("repository_snapshot", [tuple(row) for row in rows])

    def put_scanned_snapshots(
        self, campaigns: Sequence[str], day: date, rows: Sequence[SnapshotRow]
    ) -> None:
        """How things were at this scan: a row stands until the next one of its repository.

        Only rows that differ from the one in force are kept; those of an earlier scan of the same
        day give way.
        """
        nothing = ("out of scope", 0, 0, 0, None, None)
        self._put_differing(
            "repository_snapshot", campaigns, day, [tuple(row) for row in rows], nothing
        )

    def put_team_snapshots(
        self, campaigns: Sequence[str], day: date, rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """The same for teams: (campaign, team, day, basis, open, fixed, exempt, completion).

        A team that has no row any more has nothing any more.
        """
        self._put_differing("team_snapshot", campaigns, day, rows, (0, 0, 0, None))

    def put_walked_team_snapshots(
        self, campaigns: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        """The teams' snapshots of past weeks of these campaigns, in the place of the old."""
        self._connection.execute(
            "DELETE FROM team_snapshot WHERE basis = 'walk' AND campaign IN (SELECT unnest(?))",
            [list(campaigns)],
        )
        self._append("team_snapshot", rows)

    def _put_differing(
        self,
        table: str,
        campaigns: Sequence[str],
        day: date,
        rows: Sequence[tuple[Any, ...]],
        nothing: tuple[Any, ...],
    ) -> None:
        self._connection.execute(
            f"DELETE FROM {table} WHERE basis = 'scan' AND day = ? "  # noqa: S608 - names of ours
            "AND campaign IN (SELECT unnest(?))",
            [day, list(campaigns)],
        )
        subject = "repository" if table == "repository_snapshot" else "team"
        in_force = {
            (row[0], row[1]): row[4:]
            for row in self._rows(
                f"SELECT * FROM {table} WHERE basis = 'scan' AND day < ? "  # noqa: S608 - names of ours
                f"QUALIFY row_number() OVER (PARTITION BY campaign, {subject} "
                "ORDER BY day DESC) = 1",
                [day],
            )
        }
        missing = in_force.keys() - {(row[0], row[1]) for row in rows}
        ended = [(*key, day, "scan", *nothing) for key in sorted(missing) if key[0] in campaigns]
        self._append(
            table, [row for row in [*rows, *ended] if in_force.get((row[0], row[1])) != row[4:]]
        )

    def put_repositories(self, records: Mapping[str, RepositoryRecord], today: date) -> None:
        """All repositories as they are known now; new names are remembered with their day."""
        before = self.repositories()
        if dict(records) != before:
            self._replace("repository", [_repository_row(record) for record in records.values()])
        names = [
            (key, record.listed.name, today)
            for key, record in sorted(records.items())
            if key not in before or before[key].listed.name != record.listed.name
        ]
        self._append("repository_name", names)

    def put_campaigns(self, campaigns: Mapping[str, CampaignRecord]) -> None:
        """All campaigns that were ever scanned."""
        if dict(campaigns) != self.campaigns():
            self._replace("campaign", [(name, *record) for name, record in campaigns.items()])

    def put_rules(self, rules: Mapping[tuple[str, str], RuleRecord]) -> None:
        """All rules of all campaigns."""
        if dict(rules) != self.rules():
            self._replace("rule", [(*key, *record) for key, record in rules.items()])

    def put_memberships(
        self, memberships: Mapping[tuple[str, str], Sequence[MembershipSpan]]
    ) -> None:
        """When which repository was in scope, all of it."""
        there = {key: list(spans) for key, spans in memberships.items() if spans}
        if there != dict(self.memberships()):
            self._replace(
                "membership", [(*key, *span) for key, spans in there.items() for span in spans]
            )

    def put_unknowns(self, unknowns: Mapping[tuple[str, str], UnknownRecord]) -> None:
        """Everything that is unknown now."""
        if dict(unknowns) != self.unknowns():
            self._replace("unknown", [(*key, *record) for key, record in unknowns.items()])

    def add_marks(self, marks: Iterable[MarkRecord]) -> None:
        """Marks that are not there yet."""
        there = set(self._rows("SELECT campaign, repository, day, kind, description FROM mark"))
        self._append("mark", [tuple(mark) for mark in marks if tuple(mark) not in there])

    def put_source(self, source: str, day: date, complete: bool, count: int, said: str) -> None:
        """What a source said at this scan."""
        self._connection.execute("DELETE FROM source WHERE id = ?", [source])
        self._append("source", [(source, day, complete, count, said)])

    def last_count(self, source: str) -> int | None:
        """How many repositories the source had when it was last listed."""
        rows = self._rows("SELECT repositories FROM source WHERE id = ?", [source])
        return int(rows[0][0]) if rows else None

    def add_scan(self, scan: ScanRecord) -> None:
        """One line in the scan log."""
        (number,) = self._rows("SELECT coalesce(max(id), 0) + 1 FROM scan")[0]
        self._append(
            "scan",
            [
                (
                    number,
                    scan.today,
                    scan.started_at.replace(tzinfo=None),
                    scan.finished_at.replace(tzinfo=None),
                    scan.headway,
                    scan.repositories,
                    scan.unchanged,
                    scan.unknown,
                    scan.commits,
                    scan.blobs,
                )
            ],
        )


def _repository_row(record: RepositoryRecord) -> tuple[Any, ...]:
    listed = record.listed
    return (
        listed.key,
        listed.name,
        listed.source,
        listed.clone_url,
        listed.default_branch,
        listed.tip,
        listed.web_url,
        listed.link_style,
        listed.visibility,
        listed.archived,
        listed.fork,
        listed.template,
        listed.empty,
        listed.disabled,
        "\n".join(listed.topics),
        "\n".join(listed.languages),
        "\n".join(listed.groups),
        record.first_commit_on,
        record.first_listed_on,
        record.last_listed_on,
        record.gone_on,
    )
