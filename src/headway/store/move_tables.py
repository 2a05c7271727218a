"""Moves of items between repositories."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from headway.progress.repository_moves import (
    WINDOW,
    Arrival,
    Departure,
    Move,
    Spread,
    never_fixed,
)
from headway.store.connection import StorePart
from headway.store.row_codec import seconds

Pair = tuple[str, str]
"""(Campaign ID, repository key)."""

_NAME = "parse_filename({path}, false, 'forward_slash')"
_GONE = f"""
CREATE OR REPLACE TEMP TABLE departure AS
SELECT o.campaign, o.rule, o.repository, o.path, o.closed_commit AS "commit", o.line, o.item,
    o.number, o.text, o.blob AS content, coalesce(o.opened_blob, o.blob) AS first_content,
    CASE WHEN NOT o.at_baseline THEN o.opened_at END AS opened_at, o.closed_on AS day,
    {_NAME.format(path="o.path")} AS name
FROM opening o SEMI JOIN moving_rule USING (campaign, rule)
WHERE o.file_gone AND o.closed_as IS NULL
"""  # noqa: S608 - constants
_FIRST_PATH = """
    CASE WHEN o.versions IS NULL THEN o.path WHEN o.number = 1 THEN o.origin ELSE b.path END
"""
_FIRST_TEXT = """
    CASE WHEN o.versions IS NULL THEN o.text WHEN o.number = 1 THEN coalesce(o.origin_text, o.text)
    ELSE b.text END
"""
_BEFORE = """
CREATE OR REPLACE TEMP TABLE before AS
SELECT campaign, rule, repository, item, number + 1 AS number, path, text FROM opening
SEMI JOIN (
    SELECT campaign, rule, repository, item, number - 1 AS number
    FROM opening WHERE number > 1 AND versions IS NOT NULL
) USING (campaign, rule, repository, item, number)
"""
"""SQL for the path and matched line at the end of an item's previous opening, by opening number."""
_OPENED = """
FROM opening o SEMI JOIN moving_rule USING (campaign, rule)
LEFT JOIN before b USING (campaign, rule, repository, item, number)
LEFT JOIN listed_late l ON l.repository = o.repository AND l.campaign = o.campaign
    AND o.opened_on < l.latest
WHERE (NOT o.at_baseline OR l.latest IS NOT NULL) AND coalesce(o.opened_as, '') <> 'scope'
"""
_NEAR = f"""
CREATE OR REPLACE TEMP TABLE near AS
WITH opened AS (
    SELECT o.campaign, o.rule, o.repository, {_FIRST_PATH} AS path, {_FIRST_TEXT} AS text,
        o.opened_commit, o.opened_on AS day, l.earliest, l.latest
    {_OPENED}
)
SELECT DISTINCT o.campaign, o.rule, o.repository, o.path, o.opened_commit
FROM opened o JOIN departure d ON d.campaign = o.campaign AND d.rule = o.rule
    AND d.text = o.text AND d.name = {_NAME.format(path="o.path")} AND d.repository <> o.repository
WHERE (o.day BETWEEN d.day - {WINDOW.days} AND d.day + {WINDOW.days})
    OR d.day BETWEEN o.earliest - {WINDOW.days} AND o.latest + {WINDOW.days}
"""  # noqa: S608 - constants
_CAME = f"""
CREATE OR REPLACE TEMP TABLE arrival AS
SELECT o.campaign, o.rule, o.repository, {_FIRST_PATH} AS path, o.opened_commit AS "commit", o.line,
    o.item, o.number, {_FIRST_TEXT} AS text, coalesce(o.opened_blob, o.blob) AS content,
    o.opened_at, o.opened_on AS day, o.at_baseline, l.earliest, l.latest
{_OPENED}
AND EXISTS (
    FROM near n WHERE n.campaign = o.campaign AND n.rule = o.rule
    AND n.repository = o.repository AND n.opened_commit = o.opened_commit
    AND n.path = {_FIRST_PATH}
)
"""  # noqa: S608 - constants
_GONE_WITH_ARRIVAL = f"""
CREATE OR REPLACE TEMP TABLE candidate AS FROM departure SEMI JOIN (
    SELECT DISTINCT d.campaign, d.rule, d.repository, d.path, d."commit"
    FROM departure d JOIN arrival a ON d.campaign = a.campaign AND d.rule = a.rule
        AND d.text = a.text AND d.name = {_NAME.format(path="a.path")}
) USING (campaign, rule, repository, path, "commit")
"""  # noqa: S608 - constants
"""SQL for all items in every file with an item that may have moved."""
_SPREAD = f"""
SELECT o.campaign, o.rule, d.name, o.text, coalesce(o.opened_blob, o.blob) AS content,
    o.repository, min(o.opened_on) AS day
FROM opening o JOIN (SELECT DISTINCT campaign, rule, name, text FROM candidate) d
    ON d.campaign = o.campaign AND d.rule = o.rule AND d.text = o.text
    AND d.name = {_NAME.format(path="o.path")}
GROUP BY ALL
"""  # noqa: S608 - constants
_KEY = "campaign, rule, repository, item, number"
_SAME = (
    "o.campaign = b.campaign AND o.rule = b.rule AND o.repository = b.repository "
    "AND o.item = b.item AND o.number = b.number"
)
_FLAGS = "moved_from, moved_to, never_fixed"

RuleKey = tuple[str, str]
"""(Campaign ID, rule ID)."""


class LateListing(NamedTuple):
    """A repository that was first listed after a campaign's first scan."""

    campaign: str
    repository: str
    earliest: date
    """The day of the previous scan, which did not list the repository."""
    latest: date
    """The day of the scan that first listed the repository."""


class Openings(NamedTuple):
    """The openings of one rule that may have moved between repositories."""

    departures: Sequence[Departure]
    arrivals: Sequence[Arrival]
    spread: Spread


class MoveWriter(StorePart):
    """Reads the openings that may have moved, and writes the moves."""

    def scan_days(self) -> list[date]:
        """Return the days of earlier scans, oldest first."""
        rows = self._rows("SELECT DISTINCT today FROM scan ORDER BY today")
        return [row.today for row in rows]

    def changed_rules(self) -> set[RuleKey]:
        """Return the rules whose openings this scan changed."""
        rows = self._rows(
            "SELECT campaign, rule FROM touched UNION "
            "SELECT campaign, rule FROM walked WHERE afresh"
        )
        return {(row.campaign, row.rule) for row in rows}

    def candidates(
        self, rules: Iterable[RuleKey], late: Sequence[LateListing]
    ) -> dict[RuleKey, Openings]:
        """Return the openings of these rules that may have moved. Rules without any are omitted."""
        self._stage("moving_rule", "campaign VARCHAR, rule VARCHAR", sorted(rules))
        self._stage(
            "listed_late",
            "campaign VARCHAR, repository VARCHAR, earliest DATE, latest DATE",
            late,
        )
        self._connection.execute(_GONE)
        if not self._rows("FROM departure LIMIT 1"):
            return {}
        for statement in (_BEFORE, _NEAR, _CAME, _GONE_WITH_ARRIVAL):
            self._connection.execute(statement)
        departures: dict[RuleKey, list[Departure]] = defaultdict(list)
        arrivals: dict[RuleKey, list[Arrival]] = defaultdict(list)
        for row in self._rows("FROM candidate"):
            departures[row.campaign, row.rule].append(_departure(row))
        for row in self._rows("FROM arrival"):
            arrivals[row.campaign, row.rule].append(_arrival(row))
        spread = self._spread() if arrivals else {}
        return {rule: Openings(departures[rule], arrivals[rule], spread[rule]) for rule in arrivals}

    def _spread(self) -> dict[RuleKey, dict[tuple[str, str], list[date]]]:
        first: dict[RuleKey, dict[tuple[str, str], dict[str, date]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        for row in self._rows(_SPREAD):
            for key in ((row.name, row.text), (row.name, row.content)):
                days = first[row.campaign, row.rule][key]
                days[row.repository] = min(row.day, days.get(row.repository, row.day))
        return {
            rule: {key: sorted(days.values()) for key, days in keys.items()}
            for rule, keys in first.items()
        }

    def put(self, rules: Iterable[RuleKey], moves: Mapping[RuleKey, Sequence[Move]]) -> set[Pair]:
        """Record all moves of these rules, and return the pairs whose records changed."""
        rows = self._moved(moves)
        self._stage("moving_rule", "campaign VARCHAR, rule VARCHAR", sorted(rules))
        self._connection.execute(
            f"CREATE OR REPLACE TEMP TABLE moved AS SELECT {_KEY}, {_FLAGS} FROM opening LIMIT 0"  # noqa: S608 - constants
        )
        self._append("moved", rows)
        self._connection.execute(
            "CREATE OR REPLACE TEMP TABLE corrected AS "  # noqa: S608 - constants
            f"SELECT {_KEY}, b.moved_from, b.moved_to, b.never_fixed FROM ("
            f" SELECT {_KEY}, {_FLAGS} FROM opening SEMI JOIN moving_rule USING (campaign, rule)"
            " WHERE moved_from IS NOT NULL OR moved_to IS NOT NULL OR never_fixed IS NOT NULL"
            f") o FULL JOIN moved b USING ({_KEY})"
            " WHERE o.moved_from IS DISTINCT FROM b.moved_from"
            " OR o.moved_to IS DISTINCT FROM b.moved_to"
            " OR o.never_fixed IS DISTINCT FROM b.never_fixed"
        )
        changed = self._rows("SELECT DISTINCT campaign, repository FROM corrected")
        if changed:
            self._connection.execute(
                "UPDATE opening o SET moved_from = b.moved_from, moved_to = b.moved_to, "  # noqa: S608 - constants
                f"never_fixed = b.never_fixed FROM corrected b WHERE {_SAME}"
            )
        return {(row.campaign, row.repository) for row in changed}

    def _moved(self, moves: Mapping[RuleKey, Sequence[Move]]) -> list[tuple[Any, ...]]:
        """Return the rows of moved openings, and of the openings that follow them without a fix."""
        flags: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [None, None, None])
        gone: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for rule, found in moves.items():
            for departure, arrival in found:
                source = (*rule, departure.repository, departure.item)
                target = (*rule, arrival.repository, arrival.item)
                flags[*target, arrival.number][0] = _partner(departure)
                flags[*source, departure.number][1] = _partner(arrival)
                gone[source].append(departure.number)
        numbers: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for *item, number, closed_as in self._tuples(
            "SELECT campaign, rule, repository, item, number, closed_as FROM opening "
            "WHERE item IN (SELECT unnest(?::VARCHAR[]))",
            [sorted({item for *_, item in gone})],
        ):
            numbers[tuple(item)].append(number)
            if closed_as is not None and tuple(item) in gone:
                gone[tuple(item)].append(number)
        for source, not_fixed in gone.items():
            for number in never_fixed(numbers[source], not_fixed):
                flags[*source, number][2] = True
        return [(*key, *values) for key, values in sorted(flags.items())]

    def _stage(self, table: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Fill a temporary table for joins."""
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({columns})")
        self._append(table, rows)


def _partner(record: Departure | Arrival) -> str:
    """Encode the other side of a move for `row_codec.partner_of`."""
    values = {"repository": record.repository, "path": record.path, "item": record.item}
    return json.dumps(values, ensure_ascii=False)


def _departure(row: Any) -> Departure:
    return Departure(
        row.repository,
        row.path,
        row.commit,
        row.line,
        row.item,
        row.number,
        row.text,
        row.content,
        row.first_content,
        None if row.opened_at is None else seconds(row.opened_at),
        row.day,
    )


def _arrival(row: Any) -> Arrival:
    listed = None if row.latest is None else (row.earliest, row.latest)
    return Arrival(
        row.repository,
        row.path,
        row.commit,
        row.line,
        row.item,
        row.number,
        row.text,
        row.content,
        seconds(row.opened_at),
        row.day,
        row.at_baseline,
        listed,
    )
