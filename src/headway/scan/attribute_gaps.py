"""Track the gaps that unreadable `.gitattributes` files cause in the histories of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from headway.git.history import Change
from headway.model.store_records import AttributeFiles
from headway.progress.opening import Landing
from headway.scan.matching import RuleSet, indices_of
from headway.scan.vendored_files import VendoredFiles, is_attribute_file
from headway.scan.walk_route import FollowedRule


class AttributeGaps:
    """Opens and closes gaps at unreadable `.gitattributes` files during a walk.

    Args:
        vendored: Reads the files.
        rules: All rules of the walk.
    """

    def __init__(self, vendored: VendoredFiles, rules: Sequence[FollowedRule]) -> None:
        self._vendored = vendored
        self._rules = rules
        self.changed: dict[str, dict[str, str | None]] = {}
        """Maps commits to the `.gitattributes` files that they changed, with their new blob IDs."""

    def see(self, commit: str, changes: Iterable[Change]) -> None:
        """Record the `.gitattributes` files that a commit changed."""
        self.changed[commit] = {
            change.path: change.new for change in changes if is_attribute_file(change.path)
        }

    def advance(self, landing: Landing, rules: RuleSet) -> None:
        """Close and open the gaps of rules at the files that a commit changed."""
        files = self.changed.get(landing.commit)
        if not files:
            return
        unread = self._vendored.unread_in(files)
        for index in indices_of(rules):
            rule = self._rules[index]
            if unread or rule.gaps.open_paths:
                mine = {
                    path: why
                    for path, why in unread.items()
                    if self._vendored.affected_by(path, 1 << index)
                }
                rule.gaps.advance(landing, files, mine)

    def fail_at_tip(self, files: AttributeFiles, rules: Iterable[FollowedRule]) -> None:
        """Mark rules as failed if an unreadable `.gitattributes` file at the tip affects them."""
        for path, why in self._vendored.unread_in(files.blobs).items():
            for rule in rules:
                if self._vendored.affected_by(path, 1 << rule.index):
                    reason = f"rule {rule.bound.rule.id}: {path} could not be read: {why.reason}"
                    self._vendored.matcher.fail(rule.index, reason)

    def without_own(self, rule: FollowedRule) -> list[str]:
        """Return the paths of a rule's open gaps, except those that only `advance` closes.

        The excepted paths are those of `.gitattributes` files that the rule does not select. The
        rule has gaps there because these files may exclude other files.
        """
        return [
            path
            for path in rule.gaps.open_paths
            if not is_attribute_file(path) or self._vendored.selects(path, rule.index)
        ]
