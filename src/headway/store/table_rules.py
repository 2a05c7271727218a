"""Rules for the rows of each table: keys, required values, ranges and references.

The schema declares only that columns of keys are never NULL. DuckDB 2.0 cannot add ranges and
references to an existing table. With a declared key, 500,000 rows took 3 times as much processor
time to write (2.1 s instead of 0.6 s) and 5 times as much space (63 MB instead of 12 MB).
`consistency` therefore checks all rules whenever rows come from outside, such as from an export.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableRules:
    """The constraints of one table. Columns are separated by spaces."""

    key: str
    """The columns that identify a row. Empty if rows can be equal."""
    required: str = ""
    """The columns that are never NULL, including columns of the key."""
    not_negative: str = ""
    json: str = ""
    """Columns that contain JSON, '' or NULL."""


_PAIR = "campaign repository"
_FLOWS = "baseline new regressed scope_added lapsed fixed scope_removed exempted received"
_FLOWS += " handed_over moved_in moved_out"
_MATCH = (
    "campaign rule repository item number path text opened_at opened_on opened_commit at_baseline"
)
_MATCH_JSON = "captures versions opened_by_all closed_by_all moved_from moved_to"

RULES = {
    "booking": TableRules(_PAIR, _PAIR),
    "campaign": TableRules("id", "id first_scanned_on last_scanned_on starts"),
    "cursor": TableRules("campaign rule repository", "campaign rule repository fingerprint"),
    "definition": TableRules("campaign day", "campaign day content", json="content"),
    "exemption": TableRules("", "campaign id"),
    "gap": TableRules("", "campaign rule repository path kind reason opened_on opened_commit"),
    "mark": TableRules("", "campaign day kind description"),
    "matched": TableRules(
        "campaign rule repository item number",
        _MATCH,
        not_negative="number line column opened_position closed_position",
        json=_MATCH_JSON,
    ),
    "membership": TableRules("", _PAIR),
    "movement": TableRules(
        "campaign repository rule team day",
        f"campaign repository rule team day {_FLOWS}",
        not_negative=_FLOWS,
    ),
    "movement_then": TableRules(
        "campaign repository rule team day",
        f"campaign repository rule team day {_FLOWS}",
        not_negative=_FLOWS,
    ),
    "opening": TableRules(
        "campaign rule repository item number",
        f"{_MATCH} team",
        not_negative="number line column",
        json=_MATCH_JSON,
    ),
    "owner_cursor": TableRules("repository", "repository"),
    "owner_file": TableRules("", "repository path"),
    "owner_group": TableRules("", "repository"),
    "repository": TableRules("key", "key name source", not_negative="missing_days"),
    "repository_name": TableRules("", "repository name since"),
    "repository_snapshot": TableRules(
        "campaign repository day basis",
        "campaign repository day basis state open fixed exempt",
        not_negative="open fixed exempt completion",
    ),
    "rule": TableRules("campaign rule", "campaign rule role weight", not_negative="weight"),
    "scan": TableRules(
        "id",
        "id today started_at finished_at",
        not_negative="repositories unchanged unknown commits blobs",
    ),
    "source": TableRules("id", "id listed_on complete"),
    "team_list": TableRules("", "teams", json="teams"),
    "team_snapshot": TableRules(
        "campaign team day basis",
        "campaign team day basis open fixed exempt",
        not_negative="open fixed exempt completion",
    ),
    "unknown": TableRules(_PAIR, f"{_PAIR} reason since"),
}
"""The rules for every table except `schema_version`, by table name."""

REFERENCES = {
    "campaign": ("campaign", "id"),
    "repository": ("repository", "key"),
}
"""Maps each column that refers to another table to this table and its key.

References to rules are omitted. When a rule is removed from its campaign, its rows remain, so that
a rule that is added again continues where it ended.
"""
