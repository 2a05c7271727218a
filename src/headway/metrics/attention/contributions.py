"""The commits that fixed or opened items, and the regressions among the opened items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headway.metrics.attention.attention_records import Mover, Moves, Regression, Work
from headway.metrics.permalinks import commit_link, item_link
from headway.model.days import Span
from headway.model.repository import Repository
from headway.model.store_records import RepositoryRecord, TrackKey
from headway.progress.exemptions import ExemptionPeriod, exemption_periods_for
from headway.progress.opening import Opening

MOST_WORKS = 5


@dataclass(frozen=True, slots=True)
class Step:
    """The opening or closing of an item, on a day when the item was in scope and not exempt."""

    listed: Repository
    rule: str
    team: str
    opening: Opening
    day: date
    opened: bool
    """Whether the item was opened (true) or closed (false)."""


def steps_of(
    moved: Iterable[tuple[TrackKey, Opening, str]],
    repositories: Mapping[str, RepositoryRecord],
    spans: Mapping[str, Sequence[Span]],
    exemptions: Sequence[ExemptionPeriod],
    first: date,
    last: date,
) -> Iterator[Step]:
    """Yield each opening or closing that the ledger counts as new, regressed or fixed.

    Args:
        moved: (Rule in a repository, opening, team) triples for the openings that began or ended in
            the period. An opening is a period during which an item was open.
        repositories: The repositories by key.
        spans: The days on which each repository is in scope, by repository key.
        exemptions: All exemptions of the campaign.
        first: The first day of the period.
        last: The last day of the period (inclusive).
    """
    for key, opening, team in moved:
        listed = repositories[key.repository].listed
        # Skip moved items, and items that appeared or disappeared only because their file was
        # included or excluded. No commit opened or fixed these items.
        was_opened = not opening.at_baseline and opening.opened_as not in ("scope", "moved")
        days = [(opening.opened_on, True)] if was_opened else []
        if opening.closed_on is not None and opening.closed_as is None:
            days.append((opening.closed_on, False))
        periods = exemption_periods_for(exemptions, listed.name)
        for day, opened in days:
            if not first <= day <= last:
                continue
            if not any(span.covers(day) for span in spans.get(key.repository, ())):
                continue
            if any(
                period.span.covers(day) and period.covers(key.rule, opening.path)
                for period in periods
            ):
                continue
            yield Step(listed, key.rule, team, opening, day, opened)


def movers(
    moves: Mapping[str, Moves],
    steps: Sequence[Step],
    key: Callable[[Step], str],
    names: Mapping[str, str] | None = None,
) -> tuple[Mover, ...]:
    """Return the repositories or teams with changes, most changes first.

    Args:
        moves: The changes by repository key or team.
        steps: All openings and closings of items in the period.
        key: Returns the repository key or the team of an opening or closing.
        names: The names to show, by repository key. None means that the keys are shown.
    """
    steps_by_key: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        steps_by_key[key(step)].append(step)
    found = []
    for name, moved in moves.items():
        if moved.activity:
            works, more = works_of(steps_by_key[name])
            found.append(Mover(names[name] if names else name, moved, works, more))
    return tuple(sorted(found, key=lambda mover: (-mover.moves.activity, mover.name)))


def works_of(steps: Iterable[Step]) -> tuple[tuple[Work, ...], int]:
    """Return the commits that opened and fixed the most items, and the number of other commits."""
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    example: dict[tuple[str, str], Step] = {}
    for step in steps:
        commit = _commit(step)
        if commit is not None:
            counts[step.listed.name, commit][not step.opened] += 1
            # Prefer a fix, because only the authors of fixes are named.
            if not step.opened or (step.listed.name, commit) not in example:
                example[step.listed.name, commit] = step
    works = [
        Work(
            repository=name,
            commit=commit,
            day=example[name, commit].day,
            author=example[name, commit].opening.closed_by if fixed else None,
            fixed=fixed,
            opened=opened,
            url=commit_link(example[name, commit].listed, commit),
        )
        for (name, commit), (opened, fixed) in counts.items()
    ]
    works.sort(key=lambda work: (-(work.fixed + work.opened), work.day, work.commit))
    return tuple(works[:MOST_WORKS]), len(works[MOST_WORKS:])


def regressions(steps: Iterable[Step], last: date) -> tuple[Regression, ...]:
    """Return the regressions among these openings and closings, latest first.

    Args:
        steps: All openings and closings of items in the period.
        last: The last day of the period (inclusive).
    """
    found = [
        Regression(
            repository=step.listed.name,
            team=step.team,
            rule=step.rule,
            path=step.opening.path,
            line=step.opening.spot.line,
            day=step.day,
            commit=step.opening.opened_commit,
            author=step.opening.opened_by,
            url=item_link(
                step.listed,
                step.opening.path,
                step.opening.spot.line,
                step.opening.opened_commit,
                is_closed=step.opening.closed_at is not None,
            ),
            commit_url=commit_link(step.listed, step.opening.opened_commit),
            open=step.opening.closed_on is None or step.opening.closed_on > last,
        )
        for step in steps
        if step.opened and step.opening.number > 1 and step.opening.opened_as is None
    ]
    found.sort(key=lambda row: (row.repository, row.path, row.line or 0, row.rule))
    return tuple(sorted(found, key=lambda row: row.day, reverse=True))


def _commit(step: Step) -> str | None:
    return step.opening.opened_commit if step.opened else step.opening.closed_commit
