"""The tables of a store, and the migrations from older versions.

Tables can change in any version. Programs should read the views in `views.py` instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from headway.store.key_columns import NEVER_NULL


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration. `version` is the version of the store after the migration."""

    version: int
    name: str
    statements: str


_FIRST = """
CREATE TABLE scan (
    id INTEGER, today DATE, started_at TIMESTAMP, finished_at TIMESTAMP, headway VARCHAR,
    repositories INTEGER, unchanged INTEGER, unknown INTEGER, commits BIGINT, blobs BIGINT
);
CREATE TABLE source (
    id VARCHAR, listed_on DATE, complete BOOLEAN, repositories INTEGER, problems VARCHAR
);
CREATE TABLE repository (
    key VARCHAR, name VARCHAR, source VARCHAR, clone_url VARCHAR, default_branch VARCHAR,
    tip VARCHAR, web_url VARCHAR, link_style VARCHAR, visibility VARCHAR, archived BOOLEAN,
    fork BOOLEAN, template BOOLEAN, empty BOOLEAN, disabled BOOLEAN, topics VARCHAR,
    languages VARCHAR, owner_groups VARCHAR, first_commit_on DATE, first_listed_on DATE,
    last_listed_on DATE, gone_on DATE
);
CREATE TABLE repository_name (repository VARCHAR, name VARCHAR, since DATE);
CREATE TABLE campaign (
    id VARCHAR, first_scanned_on DATE, last_scanned_on DATE, starts DATE, exemptions VARCHAR
);
CREATE TABLE rule (
    campaign VARCHAR, rule VARCHAR, role VARCHAR, fingerprint VARCHAR, weight DOUBLE, since DATE
);
CREATE TABLE cursor (
    campaign VARCHAR, rule VARCHAR, repository VARCHAR, fingerprint VARCHAR, baseline DATE,
    "commit" VARCHAR, landed_at TIMESTAMP
);
CREATE TABLE opening (
    campaign VARCHAR, rule VARCHAR, repository VARCHAR, item VARCHAR, number INTEGER,
    origin VARCHAR, path VARCHAR, blob VARCHAR, text VARCHAR, line INTEGER, "column" INTEGER,
    excerpt VARCHAR, captures VARCHAR, opened_at TIMESTAMP, opened_on DATE,
    opened_commit VARCHAR, at_baseline BOOLEAN, closed_at TIMESTAMP, closed_on DATE,
    closed_commit VARCHAR, closed_by VARCHAR, team VARCHAR, moves VARCHAR,
    opened_by VARCHAR
);
CREATE TABLE membership (
    campaign VARCHAR, repository VARCHAR, first_day DATE, last_day DATE, reason VARCHAR
);
CREATE TABLE unknown (
    campaign VARCHAR, repository VARCHAR, reason VARCHAR, since DATE, known_until DATE
);
CREATE TABLE mark (
    campaign VARCHAR, repository VARCHAR, day DATE, kind VARCHAR, description VARCHAR
);
CREATE TABLE movement (
    campaign VARCHAR, repository VARCHAR, rule VARCHAR, team VARCHAR, day DATE,
    baseline INTEGER, new INTEGER, regressed INTEGER, entered INTEGER, lapsed INTEGER,
    fixed INTEGER, "left" INTEGER, exempted INTEGER, exempt_change INTEGER, fixed_change INTEGER,
    received INTEGER, handed_over INTEGER
);
CREATE TABLE movement_then (
    campaign VARCHAR, repository VARCHAR, rule VARCHAR, team VARCHAR, day DATE,
    baseline INTEGER, new INTEGER, regressed INTEGER, entered INTEGER, lapsed INTEGER,
    fixed INTEGER, "left" INTEGER, exempted INTEGER, exempt_change INTEGER, fixed_change INTEGER,
    received INTEGER, handed_over INTEGER
);
CREATE TABLE booking (campaign VARCHAR, repository VARCHAR, ownership VARCHAR);
CREATE TABLE owner_file (repository VARCHAR, path VARCHAR, first_day DATE, content VARCHAR);
CREATE TABLE owner_cursor (
    repository VARCHAR, baseline DATE, "commit" VARCHAR, landed_at TIMESTAMP, digest VARCHAR
);
CREATE TABLE owner_group (repository VARCHAR, first_day DATE, owner_groups VARCHAR);
CREATE TABLE team_list (first_day DATE, teams VARCHAR);
CREATE TABLE exemption (
    campaign VARCHAR, id VARCHAR, repositories VARCHAR, paths VARCHAR, rules VARCHAR,
    reason VARCHAR, approved_by VARCHAR, until DATE, first_day DATE, last_day DATE
);
CREATE TABLE repository_snapshot (
    campaign VARCHAR, repository VARCHAR, day DATE, basis VARCHAR, state VARCHAR, "open" INTEGER,
    fixed INTEGER, exempt INTEGER, completion DOUBLE, reason VARCHAR
);
CREATE TABLE team_snapshot (
    campaign VARCHAR, team VARCHAR, day DATE, basis VARCHAR, "open" INTEGER, fixed INTEGER,
    exempt INTEGER, completion DOUBLE
);
"""

_SCOPE_COLUMNS = """
DROP VIEW IF EXISTS movements;
DROP VIEW IF EXISTS movements_then;
ALTER TABLE movement RENAME COLUMN entered TO scope_added;
ALTER TABLE movement RENAME COLUMN "left" TO scope_removed;
ALTER TABLE movement_then RENAME COLUMN entered TO scope_added;
ALTER TABLE movement_then RENAME COLUMN "left" TO scope_removed;
"""

_DEFINITIONS = """
DROP VIEW IF EXISTS marks;
CREATE TABLE definition (campaign VARCHAR, day DATE, content VARCHAR);
ALTER TABLE mark ADD COLUMN before VARCHAR;
ALTER TABLE mark ADD COLUMN after VARCHAR;
"""

_VERSIONS = r"""
ALTER TABLE opening ADD COLUMN versions VARCHAR;
ALTER TABLE opening ADD COLUMN exact VARCHAR;
ALTER TABLE opening ADD COLUMN origin_text VARCHAR;
-- for repositories that are never walked again; a move had a day and a path
UPDATE opening SET versions = regexp_replace(
    moves, '\["([0-9-]+)", ("(?:[^"\\]|\\.)*")\]',
    '["' || opened_commit || '", ' || epoch(opened_at)::BIGINT || ', "\1", \2, "", {}]', 'g'
) WHERE moves IS NOT NULL;
ALTER TABLE opening DROP COLUMN moves;
-- no rule has this fingerprint, so the next scan walks every history again
UPDATE cursor SET fingerprint = '';
"""
"""The migration that lets scans track items through edits."""

_FIXED_WHILE_EXEMPT = """
ALTER TABLE movement ADD COLUMN exempt_fixed_change INTEGER DEFAULT 0;
ALTER TABLE movement_then ADD COLUMN exempt_fixed_change INTEGER DEFAULT 0;
-- without its recorded owners, every ledger is written again by the next scan
DELETE FROM booking;
"""

_PEOPLE = """
ALTER TABLE opening ADD COLUMN opened_by_all VARCHAR;
ALTER TABLE opening ADD COLUMN closed_by_all VARCHAR;
-- no rule has this fingerprint, so the next scan walks every history again
UPDATE cursor SET fingerprint = '';
DELETE FROM owner_cursor;
"""

_LANDING_TIMES = """
ALTER TABLE cursor ADD COLUMN recheck_on DATE;
ALTER TABLE cursor ADD COLUMN cut VARCHAR;
ALTER TABLE cursor ADD COLUMN known_from DATE;
-- no rule has this fingerprint, so the next scan walks every history again
UPDATE cursor SET fingerprint = '';
DELETE FROM owner_cursor;
"""
"""The migration for landing times. Older versions of Headway dated some commits differently after
clock errors.
"""

_EXCLUDED_FILES = """
ALTER TABLE opening ADD COLUMN opened_as VARCHAR;
ALTER TABLE opening ADD COLUMN closed_as VARCHAR;
ALTER TABLE owner_cursor ADD COLUMN attributes VARCHAR;
-- no rule has this fingerprint, so the next scan walks every history again
UPDATE cursor SET fingerprint = '';
DELETE FROM owner_cursor;
"""
"""The migration for excluded files. Older versions of Headway did not exclude files because of
`.gitattributes`.
"""

_BINARY_FILES = """
ALTER TABLE owner_cursor ADD COLUMN binary_files VARCHAR;
ALTER TABLE cursor ADD COLUMN binary_files INTEGER;
-- without it, the next scan counts the binary files at every tip that has changed
UPDATE owner_cursor SET attributes = NULL;
"""

_REQUIRED = """
UPDATE rule SET role = 'required' WHERE role = 'replacement';
UPDATE definition SET content =
    replace(content, '"role": "replacement"', '"role": "required"');
"""

_MOVES = """
ALTER TABLE movement ADD COLUMN moved_in INTEGER DEFAULT 0;
ALTER TABLE movement ADD COLUMN moved_out INTEGER DEFAULT 0;
ALTER TABLE movement_then ADD COLUMN moved_in INTEGER DEFAULT 0;
ALTER TABLE movement_then ADD COLUMN moved_out INTEGER DEFAULT 0;
ALTER TABLE opening ADD COLUMN opened_blob VARCHAR;
ALTER TABLE opening ADD COLUMN file_gone BOOLEAN;
ALTER TABLE opening ADD COLUMN moved_from VARCHAR;
ALTER TABLE opening ADD COLUMN moved_to VARCHAR;
ALTER TABLE opening ADD COLUMN never_fixed BOOLEAN;
-- no rule has this fingerprint, so the next scan walks every history again
UPDATE cursor SET fingerprint = '';
"""
"""The migration for moves between repositories. Older versions of Headway did not detect them."""

_GAPS = """
CREATE TABLE gap (
    campaign VARCHAR, rule VARCHAR, repository VARCHAR, path VARCHAR, kind VARCHAR, reason VARCHAR,
    blob VARCHAR, "limit" VARCHAR, opened_at TIMESTAMP, opened_on DATE, opened_commit VARCHAR,
    at_baseline BOOLEAN, closed_at TIMESTAMP, closed_on DATE, closed_commit VARCHAR
);
"""

_ABSENCES = """
ALTER TABLE repository ADD COLUMN missing_days INTEGER DEFAULT 0;
ALTER TABLE repository ADD COLUMN missing_on DATE;
ALTER TABLE repository ADD COLUMN gone_confirmed BOOLEAN DEFAULT FALSE;
"""

_CONDITIONS = """
CREATE TABLE matched AS FROM opening LIMIT 0;
ALTER TABLE matched ADD COLUMN opened_position INTEGER;
ALTER TABLE matched ADD COLUMN closed_position INTEGER;
ALTER TABLE cursor ADD COLUMN position INTEGER;
ALTER TABLE cursor ADD COLUMN begins VARCHAR;
ALTER TABLE rule ADD COLUMN counted BOOLEAN;
UPDATE rule SET counted = (role = 'deprecated');
ALTER TABLE movement ADD COLUMN left_change INTEGER DEFAULT 0;
ALTER TABLE movement_then ADD COLUMN left_change INTEGER DEFAULT 0;
"""
"""The migration for campaigns with `applies_to` or with only required rules. Their items are
derived from matches.
"""

_LAST_CHANGES = """
ALTER TABLE opening ADD COLUMN changed_by VARCHAR;
CREATE OR REPLACE TABLE matched AS
    SELECT * EXCLUDE (opened_position, closed_position), NULL::VARCHAR AS changed_by,
        opened_position, closed_position
    FROM matched;
-- no rule has this fingerprint, so the next scan walks every history again
UPDATE cursor SET fingerprint = '';
"""

MIGRATIONS = (
    Migration(1, "first", _FIRST),
    Migration(2, "columns of scope changes renamed", _SCOPE_COLUMNS),
    Migration(3, "definitions, and values before and after a change", _DEFINITIONS),
    Migration(4, "items followed through edits", _VERSIONS),
    Migration(5, "items fixed while exempt", _FIXED_WHILE_EXEMPT),
    Migration(6, "co-authors, and catalogs in folders", _PEOPLE),
    Migration(7, "landing times from trusted committer times", _LANDING_TIMES),
    Migration(10, "files that .gitattributes excludes", _EXCLUDED_FILES),
    Migration(11, "binary files that are skipped", _BINARY_FILES),
    Migration(12, "the role `required`, formerly `replacement`", _REQUIRED),
    Migration(13, "moves between repositories", _MOVES),
    Migration(14, "versions of files that could not be read", _GAPS),
    Migration(15, "repositories that are missing from listings", _ABSENCES),
    Migration(16, "items that depend on other matches", _CONDITIONS),
    Migration(17, "authors of the last changes to items", _LAST_CHANGES),
    Migration(18, "columns of keys that are never NULL", NEVER_NULL),
)

VERSION = MIGRATIONS[-1].version
