"""The matches of one tree rule, updated as commits add and remove paths."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from headway.git.history import Change
from headway.progress.tracker import Found, Spot
from headway.scan.matching import Matcher, spot_of, spot_order
from headway.scanner import Match, TreeScanner
from headway.workers.active_rule import ActiveRule, error_text


class TreeFindings:
    """The current paths that one tree rule admits, and the rule's matches at these paths."""

    def __init__(self, matcher: Matcher, index: int) -> None:
        self._matcher = matcher
        self._index = index
        self._bound = matcher.rules[index]
        assert isinstance(self._bound.scanner, TreeScanner)
        self._scanner = self._bound.scanner
        self._each_path_alone = self._scanner.each_path_alone
        self._paths: dict[str, str] = {}
        """Maps a path to its blob ID, for the current paths that the rule admits."""
        self._found: dict[str, tuple[Spot, ...]] = {}

    def begin(self, paths: Mapping[str, str]) -> dict[str, Found]:
        """Start with a whole tree (path to blob ID), and return the rule's matches in it."""
        self._paths = dict(paths)
        if self._each_path_alone:
            self._find_alone(sorted(self._paths))
        else:
            self._found = self._find(sorted(self._paths))
        return {path: found for path in self._paths if (found := self._at(path)) is not None}

    def advance(
        self, changes: Iterable[Change], held: Mapping[str, int]
    ) -> dict[str, Found | None]:
        """Apply the changes of one commit.

        Args:
            changes: The files that the commit changed.
            held: Maps a path to the set of rules that have open items there.

        Returns:
            Maps each path where the rule's matches may have changed to its matches there. None
            means that the rule has no matches at the path.
        """
        admitted = [
            change for change in changes if self._matcher.admitted(change.path) >> self._index & 1
        ]
        return self._follow(admitted, held)

    def leave(
        self, is_excluded: Callable[[str], bool], held: Mapping[str, int]
    ) -> dict[str, Found | None]:
        """Forget newly excluded files, in the same way as `advance` forgets removed files."""
        paths = [path for path in self._paths if is_excluded(path)]
        return self._follow([Change(path, self._paths[path], None) for path in paths], held)

    def _follow(
        self, admitted: Sequence[Change], held: Mapping[str, int]
    ) -> dict[str, Found | None]:
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
            before, self._found = self._found, self._find(sorted(self._paths))
            touched |= {
                path
                for path in {*before, *self._found}
                if before.get(path) != self._found.get(path)
            }
        return {
            path: found
            for path in touched
            if (found := self._at(path)) is not None or held.get(path, 0) >> self._index & 1
        }

    def _at(self, path: str) -> Found | None:
        spots = self._found.get(path) if path in self._paths else None
        return Found(self._paths[path], spots) if spots else None

    def _find_alone(self, paths: Iterable[str]) -> None:
        """Call the scanner for each path for which it has not been called yet."""
        for path in paths:
            if path not in self._found:
                self._found[path] = self._find([path]).get(path, ())

    def _find(self, paths: Sequence[str]) -> dict[str, tuple[Spot, ...]]:
        found: dict[str, list[Spot]] = defaultdict(list)
        try:
            with ActiveRule(self._index):
                for match in self._scanner.find(self._bound.options, paths):
                    if not isinstance(match, Match) or match.path not in self._paths:
                        raise TypeError(
                            f"it returned {match!r:.80} instead of a Match with one of the paths"
                        )
                    found[match.path].append(spot_of(match))
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            rule = self._bound.rule
            self._matcher.fail(
                self._index, f"rule {rule.id}: scanner {rule.scanner} failed: {error_text(error)}"
            )
            return {}
        return {path: tuple(sorted(set(spots), key=spot_order)) for path, spots in found.items()}
