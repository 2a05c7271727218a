"""Records of matches in files, of landed commits and of the openings of items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from headway.model.movement import ClosedAs, OpenedAs
from headway.progress.places import Place


class Spot(NamedTuple):
    """A match within the content of a file. The path of the file is not included."""

    text: str
    """The matched line with white space collapsed. If the line is very long, its end is replaced by
    a hash of the whole line.
    """
    line: int | None
    """The 1-based line number, or None for a match of the whole file."""
    column: int | None
    """The 1-based column number, or None for a match of the whole file."""
    excerpt: str
    """The part of the matched line that commands and pages show."""
    captures: tuple[tuple[str, str], ...] = ()
    """The captured values as sorted (name, value) pairs."""
    exact: str | None = None
    """The matched line, character for character. If the line is very long, its end is replaced by a
    hash of the whole line. The value is None if the line is identical to `text`.
    """

    @property
    def exact_text(self) -> str:
        """The matched line, character for character."""
        return self.text if self.exact is None else self.exact


class Found(NamedTuple):
    """The matches of one rule in one version of a file."""

    blob: str
    """The blob ID of the file's content."""
    spots: tuple[Spot, ...]
    """The matches, in order of position."""


class Landing(NamedTuple):
    """A commit and the time at which it landed."""

    commit: str
    landed_at: int
    """The landing time of the commit, in seconds since 1970 UTC."""
    day: date
    """The UTC day on which the commit counts as landed.

    If the commit is dated later than the scan, this day is before the day of `landed_at`.
    """
    author: str
    position: int | None = None
    """The number of first-parent commits before the commit, or None if unknown."""


class Version(NamedTuple):
    """The path, matched line and captures of an item from one commit on."""

    commit: str
    """The commit that opened, moved or edited the item."""
    landed_at: int
    """The landing time of `commit`, in seconds since 1970 UTC."""
    day: date
    """The UTC day on which `commit` counts as landed."""
    path: str
    text: str
    """The matched line, character for character, like `Spot.exact_text`."""
    captures: tuple[tuple[str, str], ...]
    """The captured values as sorted (name, value) pairs."""
    position: int | None = None
    """The number of first-parent commits before `commit`, or None if it is unknown."""


@dataclass(slots=True)
class Opening:
    """A period during which an item was open."""

    item: str
    """The item's ID, which all openings of the item share."""
    number: int
    """1 for the first opening, 2 for an item that was fixed once and regressed, and so on."""
    origin: str
    """The path at which the item first appeared."""
    path: str
    """The path in the last commit that contained the item."""
    blob: str
    """The blob ID of the file's content in that commit."""
    spot: Spot
    opened_at: int
    """The landing time of `opened_commit`, in seconds since 1970 UTC."""
    opened_on: date
    opened_commit: str
    at_baseline: bool
    """Whether the item already existed at the first commit of the scanned history.

    If so, the item was opened at `opened_commit` or earlier.
    """
    closed_at: int | None = None
    """The landing time of `closed_commit`, in seconds since 1970 UTC.

    Like the next three fields, the time is None while the item is open.
    """
    closed_on: date | None = None
    closed_commit: str | None = None
    closed_by: str | None = None
    """The author of `closed_commit`, or None if the author is unknown or the commit excluded the
    file.
    """
    versions: tuple[Version, ...] = ()
    """All versions of the item, oldest first. Empty if the item was never moved or edited."""
    opened_by: str | None = None
    """The author of `opened_commit`.

    The author is None for baseline items, whose author is unknown, and for items that opened
    because their file was included.
    """
    origin_text: str = ""
    """The matched line when the item first appeared. It determines the item's ID."""
    opened_by_all: tuple[str, ...] = ()
    """`opened_by` and all other people who receive credit. Empty until they are looked up."""
    closed_by_all: tuple[str, ...] = ()
    """`closed_by` and all other people who receive credit. Empty until they are looked up."""
    opened_as: OpenedAs | None = None
    """The way in which the item was opened.

    `scope` means that the item's file was previously excluded. `new` means that the item was open
    before but never fixed. `moved` means that the item came from another repository. None means
    that the item is new if `number` is 1, and has regressed otherwise.
    """
    closed_as: ClosedAs | None = None
    """`scope` if the file was excluded, `moved` if the item moved to another repository, or None if
    the item was fixed or is open.
    """
    opened_blob: str = ""
    """The blob ID of the file's content in `opened_commit`."""
    file_gone: bool = False
    """Whether `closed_commit` removed the file."""
    changed_by: str | None = None
    """The author of the commit of the last version. None means that the author is unknown or that
    the item has no versions.
    """
    opened_position: int | None = None
    """The position of `opened_commit`, like `Landing.position`."""
    closed_position: int | None = None
    """The position of `closed_commit`, like `Landing.position`."""

    @property
    def place(self) -> Place:
        return Place(self.path, self.spot.text, self.blob, self.spot.line)

    @property
    def all_versions(self) -> tuple[Version, ...]:
        """All versions of the item, oldest first. Never empty."""
        if self.versions:
            return self.versions
        spot = self.spot
        first = Version(
            self.opened_commit,
            self.opened_at,
            self.opened_on,
            self.path,
            spot.exact_text,
            spot.captures,
            self.opened_position,
        )
        return (first,)
