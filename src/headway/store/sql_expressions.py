"""SQL expressions that several parts of the store share."""

from __future__ import annotations

from pathlib import Path

from headway.model.movement import FLOW_SIGNS, MOVEMENT_COLUMNS, OPEN_SIGNS

OPEN_CHANGE = " ".join(
    f'{"+" if sign > 0 else "-"} "{name}"' for name, sign in OPEN_SIGNS.items()
).removeprefix("+ ")
"""SQL for `Movement.open_change` of a row of the ledger."""

MOVEMENT_SUMS = ", ".join(f'sum("{name}")::BIGINT AS "{name}"' for name in MOVEMENT_COLUMNS)
"""SQL for the sums of all columns of `Movement`, in the order of its fields."""

FLOW_SUMS = ", ".join(f'sum("{name}")::BIGINT AS "{name}"' for name in FLOW_SIGNS)
"""SQL for the sums of all columns of `Flows`, in the order of its fields."""

OPENED_AS = (
    "CASE WHEN moved_from IS NOT NULL THEN 'moved' WHEN opened_as IS NOT NULL THEN opened_as "
    "WHEN never_fixed THEN 'new' END"
)
"""SQL for the way in which an item was opened: `moved` if it came from another repository,
otherwise `opened_as`, otherwise `new` for a later opening of an item that was never fixed before,
and NULL in all other cases.
"""

CLOSED_AS = "CASE WHEN moved_to IS NOT NULL THEN 'moved' ELSE closed_as END"
"""SQL for the way in which an item was closed: `moved` if it went to another repository, otherwise
`closed_as`.
"""

REGRESSED = f"(number > 1 AND ({OPENED_AS}) IS NULL)"
"""An SQL condition that is true if the item of an opening was fixed before."""

CHANGED_BY = "coalesce(o.changed_by, CASE WHEN o.versions IS NULL THEN o.opened_by END)"
"""SQL for the author of the last commit that added, moved or edited an item of `opening o`."""

HISTORICAL_MOVEMENTS = """(
    FROM movement ANTI JOIN movement_then USING (campaign, repository)
    UNION ALL FROM movement_then
)"""
"""SQL for the ledger by historical owners.

The `movement_then` table contains only the pairs whose historical and current owners differ.
"""


def open_on(day: str = "$day", opening: str = "") -> str:
    """Return an SQL condition that is true if an item is open at the end of `day`.

    Args:
        day: The day, as an SQL expression.
        opening: The alias of the `opening` table. Empty if column names are unambiguous.
    """
    dot = f"{opening}." if opening else ""
    return f"({dot}opened_on <= {day} AND ({dot}closed_on IS NULL OR {dot}closed_on > {day}))"


def in_scope_on(day: str = "$day", membership: str = "") -> str:
    """Return an SQL condition that is true if a membership includes `day`.

    Args:
        day: The day, as an SQL expression.
        membership: The alias of the `membership` table. Empty if column names are unambiguous.
    """
    dot = f"{membership}." if membership else ""
    return (
        f"(({dot}first_day IS NULL OR {dot}first_day <= {day}) "
        f"AND ({dot}last_day IS NULL OR {dot}last_day >= {day}))"
    )


def end_of_week(day: str = "day", until: str = "$until") -> str:
    """Return SQL for the Sunday of the day's ISO week, or for `until` if that is earlier."""
    return f"least(date_trunc('week', {day})::DATE + 6, {until})"


def quoted_name(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quoted_path(path: Path) -> str:
    """Return a path as an SQL string literal."""
    return "'" + str(path).replace("'", "''") + "'"
