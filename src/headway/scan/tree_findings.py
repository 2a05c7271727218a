"""The matches of one tree rule, updated as commits add and remove paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from headway.git.history import Change
from headway.model.limits import Limits
from headway.progress.gaps import ALL_PATHS, Unread, UnreadKind
from headway.progress.opening import Found, Spot
from headway.scan.bound_rule import failure_text
from headway.scan.isolation import Failure
from headway.scan.matching import Matcher
from headway.scan.spots import InvalidMatchError, check_match, spot_of, spot_order
from headway.scanner import TreeScanner


class TreeFindings:
    """The current paths that one tree rule selects, and the rule's matches there.

    If the scanner fails, the result has an `Unread`. The `Unread` is at the path for a scanner that
    matches each path separately, and otherwise at `ALL_PATHS`.
    """

    def __init__(self, matcher: Matcher, index: int, limits: Limits) -> None:
        self._matcher = matcher
        self._limits = limits
        self._index = index
        self._bound = matcher.rules[index]
        assert isinstance(self._bound.scanner, TreeScanner)
        self._scanner = self._bound.scanner
        self._each_path_alone = self._scanner.each_path_alone
        self._paths: dict[str, str] = {}
        """Maps the current paths that the rule selects to their blob IDs."""
        self._found: dict[str, tuple[Spot, ...] | Unread] = {}
        self._failed: Unread | None = None
        """The reason why the rule could not read the current paths, or None if it could."""

    def begin(self, paths: Mapping[str, str]) -> dict[str, Found | Unread]:
        """Start with a whole tree (path to blob ID), and return the findings of the rule."""
        self._paths = dict(paths)
        if self._each_path_alone:
            self._find_alone(sorted(self._paths))
        else:
            self._find_together()
            if self._failed is not None:
                return {ALL_PATHS: self._failed}
        return {path: found for path in self._paths if (found := self._at(path)) is not None}

    def advance(
        self, changes: Iterable[Change], held: Mapping[str, int]
    ) -> dict[str, Found | Unread | None]:
        """Apply the changes in one commit.

        Args:
            changes: The files that the commit changed.
            held: Maps a path to the rules with open items there.

        Returns:
            Maps each path with possibly changed matches to the matches. None means no matches.
        """
        admitted = [
            change for change in changes if self._matcher.admitted(change.path) >> self._index & 1
        ]
        return self._follow(admitted, held)

    def leave(
        self, is_excluded: Callable[[str], bool], held: Mapping[str, int]
    ) -> dict[str, Found | Unread | None]:
        """Remove newly excluded files, as `advance` does for deleted files."""
        paths = [path for path in self._paths if is_excluded(path)]
        return self._follow([Change(path, self._paths[path], None) for path in paths], held)

    def _follow(
        self, admitted: Sequence[Change], held: Mapping[str, int]
    ) -> dict[str, Found | Unread | None]:
        if not admitted or self._index in self._matcher.failures:
            return {}
        for change in admitted:
            if change.new is None:
                self._paths.pop(change.path, None)
            else:
                self._paths[change.path] = change.new
        touched = {change.path for change in admitted}
        if self._each_path_alone:
            self._find_alone(path for path in touched if path in self._paths)
        elif any(change.new is None or change.old is None for change in admitted):
            before, had_failed = self._found, self._failed is not None
            self._find_together()
            if had_failed:
                touched |= {path for path, rules in held.items() if rules >> self._index & 1}
            touched |= {
                path
                for path in {*before, *self._found}
                if had_failed or before.get(path) != self._found.get(path)
            }
        if self._failed is not None:
            return {ALL_PATHS: self._failed}
        return {
            path: found
            for path in touched
            if (found := self._at(path)) is not None or held.get(path, 0) >> self._index & 1
        }

    def _at(self, path: str) -> Found | Unread | None:
        spots = self._found.get(path) if path in self._paths else None
        if isinstance(spots, Unread):
            return spots
        return Found(self._paths[path], spots) if spots else None

    def _find_alone(self, paths: Iterable[str]) -> None:
        """Call the scanner for each path that it has not been called for yet."""
        for path in paths:
            if path not in self._found:
                found = self._find([path])
                self._found[path] = found if isinstance(found, Unread) else found.get(path, ())

    def _find_together(self) -> None:
        """Call the scanner for all paths. If it fails, keep the earlier matches."""
        found = self._find(sorted(self._paths))
        self._failed = found if isinstance(found, Unread) else None
        if not isinstance(found, Unread):
            self._found = dict(found)

    def _find(self, paths: Sequence[str]) -> dict[str, tuple[Spot, ...]] | Unread:
        answer = self._matcher.call_scanner(self._index, partial(self._ask, paths))
        if not isinstance(answer, Failure):
            return answer
        if answer.kind == "crashed":
            return Unread("crashed", answer.reason, "", self._limits.of_scanners)
        return Unread("failed", answer.reason, "")

    def _ask(self, paths: Sequence[str]) -> dict[str, tuple[Spot, ...]] | Failure:
        """Run the code of the scanner, and return any error as a failure."""
        found: dict[str, set[Spot]] = defaultdict(set)
        try:
            for returned in self._scanner.find(self._bound.options, paths):
                match = check_match(returned)
                path = str.__str__(match.path)
                if path not in self._paths:
                    raise InvalidMatchError(match, " instead of a Match with one of the paths")
                found[path].add(spot_of(match))
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            kind: UnreadKind = "crashed" if isinstance(error, MemoryError) else "failed"
            return Failure(kind, failure_text(self._bound, error))
        return {path: tuple(sorted(spots, key=spot_order)) for path, spots in found.items()}
