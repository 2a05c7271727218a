"""Credit opened, changed and closed items to the authors of the commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from headway.git.authors import authors
from headway.git.process import GitError
from headway.progress.opening import Opening


def credit_authors(
    git_dir: Path,
    tip: str,
    openings: Iterable[Opening],
    *,
    after: str | None = None,
    is_new: Callable[[str], bool] = lambda _: True,
) -> None:
    """Credit openings, last changes and closings to the commits' authors, in place.

    An opening is a period during which an item was open. If the commits cannot be read, the names
    that the walk recorded remain.

    Args:
        git_dir: The git directory of the repository.
        tip: The commit whose `.mailmap` is used.
        openings: The openings to update. Nobody is credited for items that existed at the baseline,
            or for items that were opened or closed because a file was included or excluded.
        after: A commit before all commits to look up. None searches the whole history.
        is_new: Returns whether to look up a commit. Credits for other commits stay unchanged.
    """
    opened: dict[tuple[str, str], list[Opening]] = defaultdict(list)
    edited: dict[tuple[str, str], list[Opening]] = defaultdict(list)
    closed: dict[tuple[str, str], list[Opening]] = defaultdict(list)
    for opening in openings:
        was_written = not opening.at_baseline and opening.opened_as != "scope"
        if was_written and is_new(opening.opened_commit):
            opened[opening.opened_commit, opening.all_versions[0].path].append(opening)
        if opening.versions and is_new(opening.versions[-1].commit):
            edited[opening.versions[-1].commit, opening.path].append(opening)
        commit = opening.closed_commit
        if commit is not None and opening.closed_as is None and is_new(commit):
            closed[commit, opening.path].append(opening)
    changed: dict[str, set[str]] = defaultdict(set)
    for commit, path in (*opened, *edited, *closed):
        changed[commit].add(path)
    with suppress(GitError):
        for place, names in authors(git_dir, tip, changed, after=after).items():
            for opening in opened.get(place, ()):
                opening.opened_by, opening.opened_by_all = names[0], names
            for opening in edited.get(place, ()):
                opening.changed_by = names[0]
            for opening in closed.get(place, ()):
                opening.closed_by, opening.closed_by_all = names[0], names
