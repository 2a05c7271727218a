"""The views of a store. `headway query` documents them, and they remain compatible."""

from __future__ import annotations

from collections.abc import Iterable

from headway.model.movement import ALIASES, FLOW_SIGNS, TEAM_FLOWS
from headway.store.sql_expressions import CHANGED_BY, HISTORICAL_MOVEMENTS, REGRESSED


def _ledger_view(name: str, source: str, columns: Iterable[str]) -> str:
    """Return SQL that creates a view of the ledger of counted rules up to the last scan.

    The view also has the old names of renamed columns.
    """
    shown = ", ".join(
        [f'm."{column}"' for column in columns]
        + [f'm."{column}" AS "{alias}"' for column, alias in ALIASES.items()]
    )
    return f"""
CREATE OR REPLACE VIEW {name} AS
SELECT m.campaign, p.name AS repository, m.rule, m.team, m.day, {shown}
FROM {source} m
JOIN rule r ON r.campaign = m.campaign AND r.rule = m.rule AND r.counted
JOIN repository p ON p.key = m.repository
WHERE m.day <= (SELECT max(today) FROM scan);
"""  # noqa: S608 - constants


_VIEWS = f"""
CREATE OR REPLACE VIEW items AS
SELECT o.item, o.number, o.campaign, o.rule, r.role, p.name AS repository, o.path, o.line,
    o."column", o.excerpt, o.captures, o.team,
    CASE WHEN o.closed_at IS NULL THEN 'open' WHEN o.moved_to IS NOT NULL THEN 'moved'
        WHEN o.closed_as IS NULL THEN 'fixed' ELSE 'excluded' END AS state,
    {REGRESSED} AS regressed, o.opened_at, o.opened_commit,
    o.opened_by, o.at_baseline AS opened_before_baseline, o.closed_at, o.closed_commit, o.closed_by,
    coalesce(o.opened_by_all, to_json([o.opened_by])::VARCHAR) AS opened_by_all,
    coalesce(o.closed_by_all, to_json([o.closed_by])::VARCHAR) AS closed_by_all,
    s.name AS moved_from, t.name AS moved_to, {CHANGED_BY} AS changed_by
FROM opening o
JOIN rule r ON r.campaign = o.campaign AND r.rule = o.rule
JOIN repository p ON p.key = o.repository
LEFT JOIN repository s ON s.key = o.moved_from ->> '$.repository'
LEFT JOIN repository t ON t.key = o.moved_to ->> '$.repository';

CREATE OR REPLACE VIEW exemptions AS
SELECT campaign, id, repositories, paths, rules, reason, approved_by, until, first_day, last_day
FROM exemption;

CREATE OR REPLACE VIEW repository_snapshots AS
SELECT s.campaign, p.name AS repository, s.day, s.basis, s.state, s."open", s.fixed, s.exempt,
    s.completion, s.reason
FROM repository_snapshot s
JOIN repository p ON p.key = s.repository
JOIN campaign c ON c.id = s.campaign
-- the current week is shown only when it is over
WHERE s.basis = 'scan' OR s.day < c.last_scanned_on;

CREATE OR REPLACE VIEW team_snapshots AS
SELECT campaign, team, day, basis, "open", fixed, exempt, completion FROM team_snapshot;

CREATE OR REPLACE VIEW week_of_campaign AS
SELECT id AS campaign, CAST(unnest(generate_series(
    date_trunc('week', starts) + INTERVAL 6 DAY, last_scanned_on - INTERVAL 1 DAY, INTERVAL 7 DAY
)) AS DATE) AS day
FROM campaign;

CREATE OR REPLACE VIEW scan_of_campaign AS
SELECT DISTINCT c.id AS campaign, s.today AS day
FROM campaign c JOIN scan s ON s.today BETWEEN c.first_scanned_on AND c.last_scanned_on;

CREATE OR REPLACE VIEW repository_weeks AS
SELECT w.campaign, p.name AS repository, w.day,
    CASE WHEN EXISTS (
        FROM gap g JOIN rule r ON r.campaign = g.campaign AND r.rule = g.rule
        WHERE g.campaign = w.campaign AND g.repository = k.repository AND g.opened_on <= w.day
        AND coalesce(g.closed_on > w.day, true)
    ) THEN 'unknown' ELSE s.state END AS state,
    s."open", s.fixed, s.exempt, s.completion
FROM week_of_campaign w
JOIN (SELECT DISTINCT campaign, repository FROM repository_snapshot WHERE basis = 'walk') k
    ON k.campaign = w.campaign
JOIN repository p ON p.key = k.repository
ASOF JOIN (FROM repository_snapshot WHERE basis = 'walk') s
    ON s.campaign = w.campaign AND s.repository = k.repository AND w.day >= s.day;

CREATE OR REPLACE VIEW team_weeks AS
SELECT w.campaign, k.team, w.day, s."open", s.fixed, s.exempt, s.completion
FROM week_of_campaign w
JOIN (SELECT DISTINCT campaign, team FROM team_snapshot WHERE basis = 'walk') k
    ON k.campaign = w.campaign
ASOF JOIN (FROM team_snapshot WHERE basis = 'walk') s
    ON s.campaign = w.campaign AND s.team = k.team AND w.day >= s.day;

CREATE OR REPLACE VIEW repository_scans AS
SELECT d.campaign, p.name AS repository, d.day, s.state, s."open", s.fixed, s.exempt,
    s.completion, s.reason
FROM scan_of_campaign d
JOIN (SELECT DISTINCT campaign, repository FROM repository_snapshot WHERE basis = 'scan') k
    ON k.campaign = d.campaign
JOIN repository p ON p.key = k.repository
ASOF JOIN (FROM repository_snapshot WHERE basis = 'scan') s
    ON s.campaign = d.campaign AND s.repository = k.repository AND d.day >= s.day;

CREATE OR REPLACE VIEW team_scans AS
SELECT d.campaign, k.team, d.day, s."open", s.fixed, s.exempt, s.completion
FROM scan_of_campaign d
JOIN (SELECT DISTINCT campaign, team FROM team_snapshot WHERE basis = 'scan') k
    ON k.campaign = d.campaign
ASOF JOIN (FROM team_snapshot WHERE basis = 'scan') s
    ON s.campaign = d.campaign AND s.team = k.team AND d.day >= s.day;

CREATE OR REPLACE VIEW repositories AS
SELECT key, name, source, default_branch, tip, web_url, visibility, archived, fork, topics,
    languages, first_commit_on, first_listed_on, last_listed_on, gone_on
FROM repository;

CREATE OR REPLACE VIEW unknowns AS
SELECT u.campaign, p.name AS repository, u.reason, u.since, u.known_until
FROM unknown u JOIN repository p ON p.key = u.repository;

CREATE OR REPLACE VIEW gaps AS
SELECT g.campaign, p.name AS repository, g.rule, g.path, g.reason, g.opened_at, g.opened_commit,
    g.at_baseline AS opened_before_baseline, g.closed_at, g.closed_commit
FROM gap g JOIN repository p ON p.key = g.repository;

CREATE OR REPLACE VIEW scans AS
SELECT id, today, started_at, finished_at, headway, repositories, unchanged, unknown, commits,
    blobs
FROM scan;

CREATE OR REPLACE VIEW marks AS
SELECT k.campaign, p.name AS repository, k.day, k.kind, k.description, k.before, k.after
FROM mark k LEFT JOIN repository p ON p.key = k.repository;
"""  # noqa: S608 - constants

VIEWS = (
    _VIEWS
    + _ledger_view("movements", "movement", ("baseline", *FLOW_SIGNS))
    + _ledger_view("movements_then", HISTORICAL_MOVEMENTS, ("baseline", *TEAM_FLOWS))
)
"""SQL that creates all views. It runs again after every migration."""

VIEW_DESCRIPTIONS = {
    "exemptions": "periods of exemptions, from first_day to last_day (inclusive)",
    "gaps": "versions of files that a rule could not read, until the next version of the file",
    "items": "every period during which an item was open, as in `headway items --state all`",
    "marks": "events marked on charts, such as moved due dates and renamed repositories",
    "movements": "the ledger by day, rule, repository and current owner",
    "movements_then": "the ledger by historical owners, with transfers between teams",
    "repositories": "every repository ever listed",
    "repository_scans": "the state of each repository on the day of each scan, as observed by that "
    "scan",
    "repository_snapshots": "the rows of `repository_weeks` (`basis` is `walk`) and "
    "`repository_scans` (`scan`) that differ from the repository's previous row; each row applies "
    "until the next row of the same campaign, repository and basis",
    "repository_weeks": "the state of each repository at the end of each week, according to its "
    "git history",
    "scans": "the log of scans",
    "team_scans": "the state of each team on the day of each scan, as observed by that scan",
    "team_snapshots": "the rows of `team_weeks` (`basis` is `walk`) and `team_scans` (`scan`) that "
    "differ from the team's previous row",
    "team_weeks": "the state of each team at the end of each week, by current owners",
    "unknowns": "repositories whose state was unknown after the last scan, with reason and first "
    "day",
}
"""The views that `headway query` documents."""

VIEW_NAMES = tuple(VIEW_DESCRIPTIONS)
