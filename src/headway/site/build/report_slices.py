"""What is kept of a campaign's answer for the pages of its teams and repositories.

Whoever builds these may be another process, and needs of most campaigns a small part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from headway.hashing import fingerprint_of
from headway.metrics.records import BurndownPoint, CampaignReport, RepositoryFacts, StatusRow
from headway.site.build.record_file import Shelf, put_aside

_WHOLE = "campaign"


@dataclass(frozen=True, slots=True)
class Whole:
    """What all pages that name a campaign share of it. digest: of what they show of that."""

    answer: CampaignReport
    digest: str


@dataclass(frozen=True, slots=True)
class TeamPart:
    """What a team's pages show of one campaign."""

    row: StatusRow
    weeks: tuple[BurndownPoint, ...]


@dataclass(frozen=True, slots=True)
class BatchPart:
    """What the pages of a batch of repositories show of one campaign. facts: by their names."""

    rows: tuple[StatusRow, ...]
    facts: Mapping[str, RepositoryFacts]


def keep(path: Path, answer: CampaignReport, batches: Sequence[Sequence[StatusRow]]) -> Shelf:
    """Writes it all into a new file. batches: rows of the repositories of each."""
    records: list[tuple[str, object]] = [(_WHOLE, _whole(answer))]
    for team in answer.teams:
        name = team.team or ""
        records.append((_team(name), TeamPart(team, answer.team_weeks.get(name, ()))))
    for number, rows in enumerate(batches):
        names = {row.repository or "" for row in rows}
        facts = {name: answer.facts[name] for name in sorted(names & answer.facts.keys())}
        records.append((_batch(number), BatchPart(tuple(rows), facts)))
    return put_aside(path, records)


def shortened(answer: CampaignReport) -> CampaignReport:
    """Without its repositories and the series of its parts."""
    return replace(
        answer,
        repositories=(),
        regressed=(),
        team_weeks={},
        team_weeks_then={},
        rule_weeks={},
        capture_series={},
        facts={},
    )


def whole_of(shelf: Shelf) -> Whole:
    """The campaign as a whole."""
    whole: Whole = shelf.get(_WHOLE)
    return whole


def team_of(shelf: Shelf, team: str) -> TeamPart | None:
    """One team's part; None where it never had anything to do."""
    part: TeamPart | None = shelf.get(_team(team)) if _team(team) in shelf.spans else None
    return part


def batch_of(shelf: Shelf, number: int) -> BatchPart:
    """The part of a batch of repositories."""
    part: BatchPart = shelf.get(_batch(number))
    return part


def _whole(answer: CampaignReport) -> Whole:
    scanned_on = answer.scanned_at.date() if answer.scanned_at is not None else None
    digest = fingerprint_of(answer.definition, answer.starts, answer.contacts, scanned_on)
    return Whole(replace(shortened(answer), teams=()), digest)


def _team(name: str) -> str:
    return f"team {name}"


def _batch(number: int) -> str:
    return f"batch {number}"
