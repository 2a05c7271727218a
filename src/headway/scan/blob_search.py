"""Read blobs and search them for the matches of content rules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from headway.git.objects import UnreadError, read_each_text
from headway.model.limits import Limits
from headway.progress.gaps import UnreadKind
from headway.scan.batch_search import BatchSearch
from headway.scan.blobs_to_read import ANYWHERE, Place, Reading, Work, only_versions
from headway.scan.incremental_match import IncrementalMatch
from headway.scan.matching import Hits, Matcher, RuleSet
from headway.scan.program_batches import in_batches
from headway.workers.active_rule import share_content

Errors = Mapping[int, tuple[UnreadKind, str]]
"""The errors of the rules that failed on a blob, by rule index."""
_NO_ERRORS: Errors = {}


class SearchResults(Protocol):
    """Receives the results of a search."""

    def see_binary(self, blob: str) -> None:
        """Record that a blob is binary. `keep` is then called without matches."""

    def keep(self, place: Place, rules: RuleSet, hits: Hits, errors: Errors) -> None:
        """Record the matches of rules in a blob, and the errors of rules that failed on it."""

    def fail_to_read(self, blob: str, reading: Reading, error: UnreadError) -> None:
        """Record that no rule can read a blob."""

    def skip_crashed(self, blob: str, reading: Reading) -> None:
        """Remove from `reading` the rules whose scanners crash on a blob."""


class BlobSearch:
    """Searches the blobs of one repository."""

    def __init__(
        self, matcher: Matcher, git_dir: Path, limits: Limits, results: SearchResults
    ) -> None:
        self._matcher = matcher
        self._git_dir = git_dir
        self._limits = limits
        self._results = results

    def run(self, work: Work) -> None:
        """Read each blob once, and search it with all rules that need it."""
        # Read versions of the same path together, latest first. Git then resolves the fewest
        # deltas, and most matches can be carried over from one version to the next.
        latest_first = list(reversed(work))
        blobs = sorted(latest_first, key=lambda blob: work[blob].path)
        matcher, keep = self._matcher, self._keep
        incremental = IncrementalMatch(matcher)
        batch = BatchSearch(matcher, keep)
        together = matcher.together
        read = read_each_text(self._git_dir, blobs, max_bytes=self._limits.max_text_bytes)
        contents = in_batches(matcher, read, work)
        for (blob, content), alone in zip(contents, only_versions(blobs, work), strict=True):
            reading = work[blob]
            if content is None:
                self._results.see_binary(blob)
            if isinstance(content, UnreadError):
                self._results.fail_to_read(blob, reading, content)
                continue
            if not together:
                share_content(blob)
            self._results.skip_crashed(blob, reading)
            for path, rules in reading.places.items():
                place = blob, path
                if not content:
                    keep(place, rules, ())
                elif path == ANYWHERE and not alone:
                    keep(place, rules, incremental.find(reading.path, rules, content))
                elif path != ANYWHERE or not (together and batch.take(place, rules, content)):
                    keep(place, rules, matcher.find(rules, path, content))
        batch.search()

    def _keep(self, place: Place, rules: RuleSet, hits: Hits) -> None:
        errors = self._matcher.take_errors() if self._matcher.has_errors else _NO_ERRORS
        self._results.keep(place, rules, hits, errors)
