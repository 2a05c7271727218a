"""Find items that moved from one repository to another.

A move closes an item in one repository and opens an item with the same matched line, in a file with
the same name, in another repository. The result depends only on the openings of one rule in all
repositories of a campaign. The order in which the repositories were scanned makes no difference.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

WINDOW = timedelta(days=30)
"""The maximum time between the closing and the opening of a moved item."""
COMMON = 4
"""A line or content can prove a move only if files with the same name contain it in at most this
number of repositories.
"""


class Departure(NamedTuple):
    """An item that was closed because its file was removed."""

    repository: str
    path: str
    commit: str
    """The commit that removed the file."""
    line: int | None
    """The 1-based line number, or None for an item that is a whole file."""
    item: str
    number: int
    """The number of the opening that ended."""
    text: str
    content: str
    """The blob ID of the file's content before its removal."""
    first_content: str
    """The blob ID of the file's content when the item was opened."""
    opened_at: int | None
    """The time when the item was opened, in seconds since 1970, or None if it may be older than the
    scanned history.
    """
    day: date
    """The day on which the item was closed."""


class Arrival(NamedTuple):
    """An item that was opened and may have come from another repository."""

    repository: str
    path: str
    """The path at which the item was opened."""
    commit: str
    """The commit that opened the item."""
    line: int | None
    """The 1-based line number, or None for an item that is a whole file."""
    item: str
    number: int
    """The number of the opening."""
    text: str
    """The matched line when the item was opened."""
    content: str
    """The blob ID of the file's content when the item was opened."""
    opened_at: int
    """The time when the item was opened, in seconds since 1970."""
    day: date
    """The day on which the item was opened."""
    at_baseline: bool
    """Whether the item may be older than `day`."""
    listed: tuple[date, date] | None = None
    """The days of the last scan before the repository was first listed and of the scan that first
    listed it. None if the repository was listed by `day`. A repository that was listed later may
    have a copied history.
    """


class Move(NamedTuple):
    """An item that was closed in one repository because it moved to another."""

    departure: Departure
    arrival: Arrival


_Record = TypeVar("_Record", Departure, Arrival)

_File = tuple[str, str, str]
"""(Repository, path, commit) of the items that one commit closed or opened in one file."""

Spread = Mapping[tuple[str, str], Sequence[date]]
"""Maps (file name, line or content) to the days on which repositories first had it, oldest first.
"""


def file_name(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def moves_between(
    departures: Iterable[Departure], arrivals: Iterable[Arrival], spread: Spread
) -> list[Move]:
    """Return the moves among the openings of one rule in one campaign.

    Args:
        departures: Items that were closed with their files. Pass all items of a file or none.
        arrivals: Items that were opened. Pass all items that a commit opened in a file or none.
        spread: The days on which repositories first had the lines and contents of the departures.
    """
    sources, targets = _by_file(departures), _by_file(arrivals)
    candidates = [
        _Candidate(source, target, _links(sources[source], targets[target]))
        for source, target in _same_names(sources, targets)
    ]
    candidates = [candidate for candidate in candidates if candidate.links]
    proven = {
        candidate.repositories for candidate in candidates if _is_evident(candidate.links, spread)
    }
    # A common line proves no move by itself, but it moves along with the other lines of its file.
    candidates = [candidate for candidate in candidates if candidate.repositories in proven]
    return _mostly_moved(_assigned(candidates, sources, targets), sources, targets)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A file that may have moved to a file in another repository."""

    source: _File
    target: _File
    links: Sequence[Move]

    @property
    def repositories(self) -> tuple[str, str]:
        return self.source[0], self.target[0]


def _by_file(records: Iterable[_Record]) -> dict[_File, list[_Record]]:
    files: dict[_File, list[_Record]] = defaultdict(list)
    for record in sorted(records, key=_position):
        files[record.repository, record.path, record.commit].append(record)
    return files


def _position(record: Departure | Arrival) -> tuple[str, str, str, int, str, int]:
    return (
        record.repository,
        record.path,
        record.commit,
        record.line or 0,
        record.item,
        record.number,
    )


def _same_names(
    sources: Mapping[_File, Sequence[Departure]], targets: Mapping[_File, Sequence[Arrival]]
) -> list[tuple[_File, _File]]:
    """Return pairs of files with the same name that are close enough in time."""
    by_day: dict[str, list[tuple[date, _File]]] = defaultdict(list)
    listed: dict[str, list[_File]] = defaultdict(list)
    for target, arrivals in targets.items():
        first = arrivals[0]
        by_day[file_name(first.path)].append((first.day, target))
        if first.listed is not None:
            listed[file_name(first.path)].append(target)
    for entries in by_day.values():
        entries.sort()
    pairs: dict[tuple[_File, _File], None] = {}
    for source, departures in sources.items():
        name, day = file_name(source[1]), departures[0].day
        near = by_day.get(name, ())
        begin = bisect_left(near, day - WINDOW, key=lambda entry: entry[0])
        end = bisect_right(near, day + WINDOW, key=lambda entry: entry[0])
        for target in (*(target for _, target in near[begin:end]), *listed.get(name, ())):
            if target[0] != source[0]:
                pairs[source, target] = None
    return list(pairs)


def _links(departures: Iterable[Departure], arrivals: Iterable[Arrival]) -> list[Move]:
    """Pair each arrival with a departure that can be its origin.

    This is the first remaining departure with the same matched line whose times allow the move.
    """
    remaining: dict[str, list[Departure]] = defaultdict(list)
    for departure in departures:
        remaining[departure.text].append(departure)
    links = []
    for arrival in arrivals:
        candidates = remaining.get(arrival.text, [])
        for position, departure in enumerate(candidates):
            if _can_be(departure, arrival):
                links.append(Move(candidates.pop(position), arrival))
                break
    return links


def _can_be(departure: Departure, arrival: Arrival) -> bool:
    """Return whether the times allow a move. A copy can land before the original is removed."""
    is_older = departure.opened_at is None or departure.opened_at < arrival.opened_at
    if not arrival.at_baseline and is_older and abs(arrival.day - departure.day) <= WINDOW:
        return True
    if arrival.listed is None or departure.first_content != arrival.content:
        return False
    # The file's history was also copied, so both items were opened with the same content.
    earliest, latest = arrival.listed
    return earliest - WINDOW <= departure.day <= latest + WINDOW


def _is_evident(links: Iterable[Move], spread: Spread) -> bool:
    """Return whether any item is rare enough to prove that its file moved.

    An item that matches a line can prove the move even if the rest of the file changed. An item
    that matches a whole file proves it only if the file's content is unchanged.
    """
    for departure, arrival in links:
        name, until = file_name(departure.path), max(departure.day, arrival.day)
        if arrival.content in (departure.content, departure.first_content):
            if not _is_common(spread.get((name, arrival.content), ()), until):
                return True
        elif departure.line is not None and not _is_common(
            spread.get((name, departure.text), ()), until
        ):
            return True
    return False


def _is_common(first_days: Sequence[date], until: date) -> bool:
    return bisect_right(first_days, until) > COMMON


def _assigned(
    candidates: Sequence[_Candidate],
    sources: Mapping[_File, Sequence[Departure]],
    targets: Mapping[_File, Sequence[Arrival]],
) -> list[Move]:
    """Assign at most one partner to each item: the most likely of several candidates.

    The most likely candidate is in the repository that received most of the items. If several
    candidates are equal in this respect, a file with the same content comes first, then the file
    with most of the items, and then the nearest day.
    """
    shared: Counter[tuple[str, str]] = Counter()
    for candidate in candidates:
        shared[candidate.repositories] += len(candidate.links)

    def unlikeliness(candidate: _Candidate) -> tuple[object, ...]:
        departure, arrival = candidate.links[0]
        return (
            -shared[candidate.repositories],
            arrival.content not in (departure.content, departure.first_content),
            -len(candidate.links),
            abs(arrival.day - departure.day),
            candidate.source,
            candidate.target,
        )

    gone: set[Departure] = set()
    come: set[Arrival] = set()
    assigned: list[Move] = []
    for candidate in sorted(candidates, key=unlikeliness):
        links = _links(
            [entry for entry in sources[candidate.source] if entry not in gone],
            [entry for entry in targets[candidate.target] if entry not in come],
        )
        assigned += links
        gone |= {link.departure for link in links}
        come |= {link.arrival for link in links}
    return assigned


def _mostly_moved(
    links: list[Move],
    sources: Mapping[_File, Sequence[Departure]],
    targets: Mapping[_File, Sequence[Arrival]],
) -> list[Move]:
    """Keep the moves of a file only if more than half of its items moved, on both sides."""
    while True:
        left = Counter(_file(link.departure) for link in links)
        entered = Counter(_file(link.arrival) for link in links)
        kept = [
            link
            for link in links
            if left[_file(link.departure)] * 2 > len(sources[_file(link.departure)])
            and entered[_file(link.arrival)] * 2 > len(targets[_file(link.arrival)])
        ]
        if len(kept) == len(links):
            return sorted(kept, key=lambda link: _position(link.departure))
        links = kept


def _file(record: Departure | Arrival) -> _File:
    return record.repository, record.path, record.commit


def never_fixed(numbers: Iterable[int], not_fixed: Iterable[int]) -> list[int]:
    """Return the numbers of those later openings before which the item was never fixed.

    In these openings, the item is new and has not regressed.

    Args:
        numbers: The numbers of the item's openings.
        not_fixed: The numbers of the openings that ended, but not with a fix.
    """
    gone = set(not_fixed)
    found = []
    for number in sorted(numbers):
        if number > 1:
            found.append(number)
        if number not in gone:
            break
    return found
