"""Confirm surprising changes in a listing by looking up each repository by its ID.

An empty or broken response can look like a change. For example, a web page in place of git's
response makes a repository appear empty, which would remove the repository from scope. Such a
change counts only after the forge has confirmed it. Until then, the repository is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from headway.forges.source import LookupSource, RemoteSource, Source
from headway.model.repository import Listing, Lookup, Repository, Unlisted
from headway.model.store_records import RepositoryRecord

MOST_LOOKUPS = 200
"""The maximum number of a source's repositories that one scan looks up. Later scans look up the
others, so that a fault that affects a whole forge does not use up the token's hourly limit.
"""

_TOO_MANY = Lookup(reason=f"more than {MOST_LOOKUPS} repositories changed at once")
_NO_FORGE = Lookup(reason="the source cannot look up individual repositories")


def confirmed(listing: Listing, known: Mapping[str, RepositoryRecord], source: Source) -> Listing:
    """Keep a repository with surprising changes in the listing only if the forge confirms them.

    Any other repository with such changes moves to `unlisted`, with the reason.

    Args:
        listing: The listing of one source.
        known: Repositories that earlier scans listed, by key.
        source: The source. It is queried only after surprising changes.
    """
    suspects = suspicious_changes(listing, known)
    keys = [*suspects, *(e.key for e in listing.unlisted if _may_be_disabled(e, known))]
    if not keys:
        return listing
    return apply_lookups(listing, known, suspects, look_up(source, keys))


def look_up(source: Source, keys: Sequence[str]) -> Mapping[str, Lookup]:
    """Look up repositories by key, but at most `MOST_LOOKUPS` of a remote source.

    Returns:
        A result for each key. If a repository was not looked up, its result gives the reason.
    """
    if not isinstance(source, LookupSource):
        return dict.fromkeys(keys, _NO_FORGE)
    if not isinstance(source, RemoteSource):
        return source.look_up(keys)
    answers = source.look_up(keys[:MOST_LOOKUPS])
    return {**answers, **dict.fromkeys(keys[MOST_LOOKUPS:], _TOO_MANY)}


def suspicious_changes(
    listing: Listing, known: Mapping[str, RepositoryRecord]
) -> dict[str, tuple[str, ...]]:
    """Return the changes that can remove known repositories from scope, by key.

    Each change is the name of a field of `Repository`.
    """
    changes = {}
    for repository in listing.repositories:
        before = known.get(repository.key)
        if before is not None and before.gone_on is None:
            names = _suspicious_fields(before.listed, repository)
            if names:
                changes[repository.key] = names
    return changes


def apply_lookups(
    listing: Listing,
    known: Mapping[str, RepositoryRecord],
    suspects: Mapping[str, Sequence[str]],
    answers: Mapping[str, Lookup],
) -> Listing:
    """Return the listing with only those suspicious changes that the forge confirms.

    Args:
        listing: The listing of one source.
        known: Repositories that earlier scans listed, by key.
        suspects: The suspicious changes. See `suspicious_changes`.
        answers: Maps repository keys to the forge's responses.
    """
    repositories, unlisted = [], []
    for repository in listing.repositories:
        names = suspects.get(repository.key, ())
        reason = _contradiction(repository, names, answers.get(repository.key))
        if reason is None:
            repositories.append(repository)
        else:
            unlisted.append(Unlisted(repository.key, repository.name, reason))
    for entry in listing.unlisted:
        found = answers[entry.key].repository if entry.key in answers else None
        before = known.get(entry.key)
        if entry.lacks_repository and before is not None and before.listed.disabled:
            repositories.append(before.listed)
        elif found is not None and found.disabled:
            repositories.append(found)
        else:
            unlisted.append(entry)
    return replace(listing, repositories=tuple(repositories), unlisted=tuple(unlisted))


def _suspicious_fields(before: Repository, now: Repository) -> tuple[str, ...]:
    flags = ("empty", "disabled", "archived", "fork")
    names = [name for name in flags if getattr(now, name) and not getattr(before, name)]
    if now.visibility != before.visibility and before.visibility != "unknown":
        names.append("visibility")
    return tuple(names)


def _contradiction(
    repository: Repository, names: Sequence[str], answer: Lookup | None
) -> str | None:
    """Return why a repository's changes are not confirmed, or None if they are."""
    for name in names:
        value = getattr(repository, name)
        if value == "unknown":
            return "the forge no longer states its visibility"
        found = answer.repository if answer is not None else None
        if found is not None and getattr(found, name) == value:
            continue
        claim = f"its visibility seems to be {value}" if name == "visibility" else _CLAIMS[name]
        if found is not None:
            return f"{claim}, but the forge says otherwise"
        reason = answer.reason if answer is not None else _NO_FORGE.reason
        return f"{claim}, and its source does not confirm this: {reason}"
    return None


_CLAIMS = {
    "empty": "it had commits and now seems to be empty",
    "disabled": "it seems to be disabled",
    "archived": "it seems to be archived",
    "fork": "it seems to be a fork",
}


def _may_be_disabled(entry: Unlisted, known: Mapping[str, RepositoryRecord]) -> bool:
    """Return whether a project's repository may have been disabled since the last scan."""
    before = known.get(entry.key)
    return entry.lacks_repository and not (before is not None and before.listed.disabled)
