"""Credits what a merge opened or closed to the author of the commit that was merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from headway.git.authors import authors
from headway.progress.tracker import Opening


def credit_merged_authors(
    git_dir: Path, openings: Sequence[Opening], merged: Mapping[str, str]
) -> None:
    """Replaces the authors of merges in `opened_by` and `closed_by`, in place.

    Args:
        git_dir: The repository.
        openings: Openings that the walk created or changed.
        merged: Merge commit to the commit that it merged, its second parent.
    """
    commits = {opening.opened_commit for opening in openings}
    commits |= {opening.closed_commit for opening in openings if opening.closed_commit}
    wanted = {merge: merged[merge] for merge in commits & merged.keys()}
    found = authors(git_dir, wanted.values())
    names = {merge: found[commit] for merge, commit in wanted.items() if commit in found}
    for opening in openings:
        if not opening.at_baseline:
            opening.opened_by = names.get(opening.opened_commit, opening.opened_by)
        if opening.closed_commit is not None:
            opening.closed_by = names.get(opening.closed_commit, opening.closed_by)
