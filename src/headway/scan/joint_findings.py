"""The matches of rules that search several files together: tree rules and project rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping

from headway.git.history import Change
from headway.model.limits import Limits
from headway.progress.gaps import Unread
from headway.progress.opening import Found
from headway.scan.facts_reader import FactsReader
from headway.scan.matching import Matcher, RuleSet
from headway.scan.project_findings import AtPaths, ProjectFindings
from headway.scan.tree_findings import TreeFindings
from headway.scanner import TreeScanner


class JointFindings:
    """The tree rules and project rules of a walk.

    Project rules with the same scanner that begin at the same commit and read the same files form a
    group.
    """

    def __init__(self, matcher: Matcher, reader: FactsReader, limits: Limits) -> None:
        self._matcher = matcher
        self._reader = reader
        self._limits = limits
        self._trees = {
            index: TreeFindings(matcher, index, limits)
            for index, bound in enumerate(matcher.rules)
            if isinstance(bound.scanner, TreeScanner)
        }
        self._groups: list[ProjectFindings] = []
        self._not_grouped: RuleSet = matcher.project
        """The project rules that begin with an empty tree, unless `begin` is called for them."""

    def begin(self, rules: RuleSet, continuing: RuleSet) -> WholeTree:
        """Prepare to match a whole tree.

        Args:
            rules: The rules to match.
            continuing: The rules whose matches in this tree are known from an earlier walk.
        """
        self._not_grouped &= ~rules
        trees = {index: tree for index, tree in self._trees.items() if rules >> index & 1}
        projects = [
            *((group, False) for group in self._grouped(rules & ~continuing)),
            *((group, True) for group in self._grouped(rules & continuing)),
        ]
        self._groups += [group for group, _ in projects]
        return WholeTree(trees, projects)

    def advance(
        self, changes: Collection[Change], rules: RuleSet, held: Mapping[str, RuleSet]
    ) -> Iterator[tuple[int, AtPaths]]:
        """Apply the changes in one commit, and yield the changed matches of each rule.

        Args:
            changes: The files that the commit changed.
            rules: The rules to match.
            held: Maps a path to the rules with open items or gaps there.
        """
        for index, tree in self._trees.items():
            if rules >> index & 1:
                yield index, tree.advance(changes, held)
        for group in self._all_groups():
            yield from group.advance(changes, rules, held)

    def leave(
        self, is_excluded: Callable[[str], bool], rules: RuleSet, held: Mapping[str, RuleSet]
    ) -> Iterator[tuple[int, AtPaths]]:
        """Remove newly excluded files, as `advance` does for deleted files."""
        for index, tree in self._trees.items():
            if rules >> index & 1:
                yield index, tree.leave(is_excluded, held)
        for group in self._all_groups():
            yield from group.leave(is_excluded, rules, held)

    def enter_trees(
        self, files: Collection[Change], rules: RuleSet, held: Mapping[str, RuleSet]
    ) -> Iterator[tuple[int, AtPaths]]:
        """Add files that are no longer excluded, and yield the matches of tree rules in them."""
        for index, tree in self._trees.items():
            if rules >> index & 1:
                yield index, tree.advance(files, held)

    def enter_projects(
        self, files: Collection[Change], rules: RuleSet
    ) -> Iterator[tuple[int, AtPaths]]:
        """Add all files that are no longer excluded, and yield the matches of project rules."""
        for group in self._all_groups():
            yield from group.enter(files, rules)

    def _all_groups(self) -> list[ProjectFindings]:
        if self._not_grouped:
            self._groups += self._grouped(self._not_grouped)
            self._not_grouped = 0
        return self._groups

    def _grouped(self, rules: RuleSet) -> list[ProjectFindings]:
        """Return the project rules among `rules` in new groups."""
        by_files: dict[object, list[int]] = defaultdict(list)
        for index, patterns in self._matcher.files.items():
            if rules >> index & 1:
                rule = self._matcher.rules[index].rule
                by_files[rule.scanner, patterns, rule.include_vendored].append(index)
        return [
            ProjectFindings(self._matcher, self._reader, self._limits, indices)
            for indices in by_files.values()
        ]


class WholeTree:
    """Collects the files of a whole tree, and then matches the rules."""

    def __init__(
        self,
        trees: Mapping[int, TreeFindings],
        projects: Collection[tuple[ProjectFindings, bool]],
    ) -> None:
        """Prepare to match rules.

        Args:
            trees: The tree rules, by index.
            projects: The groups of project rules, and whether each continues an earlier walk.
        """
        self._trees = [(tree, 1 << index, index) for index, tree in trees.items()]
        self._projects = [(group, group.rules, continues) for group, continues in projects]
        self._paths: list[dict[str, str]] = [{} for _ in (*self._trees, *self._projects)]
        self._readers = [
            *(rule for _, rule, _ in self._trees),
            *(rules for _, rules, _ in self._projects),
        ]

    def add(self, path: str, blob: str, admitted: RuleSet) -> None:
        """Add a file that the rules in `admitted` select."""
        for rules, paths in zip(self._readers, self._paths, strict=True):
            if admitted & rules:
                paths[path] = blob

    def matches(self) -> Iterator[tuple[int, Mapping[str, Found | Unread]]]:
        """Yield the index of each rule, and the rule's findings by path."""
        paths = iter(self._paths)
        for tree, _, index in self._trees:
            yield index, tree.begin(next(paths))
        for group, _, continues in self._projects:
            yield from group.begin(next(paths), continues=continues)
