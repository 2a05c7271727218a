"""Scan the whole history of one repository for one campaign, into a separate store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from headway.errors import HeadwayError
from headway.forges.source import RemoteSource, Source
from headway.git.mirrors import Mirrors
from headway.model.campaign import Scope
from headway.model.repository import Listing, Repository
from headway.model.scope import name_matches, reason_outside
from headway.scan.mirror_provider import NO_MIRROR, MirrorProvider
from headway.scan.recorded_source import FixedSource, RecordedSource
from headway.scan.request import ScanOutcome, ScanRequest
from headway.scan.run import run_scan
from headway.scan.trial import list_sources

_NAMES_SHOWN = 5
_BEGINNING = date(1970, 1, 1)
"""The day from which git counts seconds. No commit is older."""


class NotOneRepositoryError(HeadwayError):
    """More than one repository is selected."""

    def __init__(self, names: Sequence[str]) -> None:
        shown = ", ".join(names[:_NAMES_SHOWN])
        more = f" and {len(names) - _NAMES_SHOWN:,} more" if len(names) > _NAMES_SHOWN else ""
        super().__init__(
            f"--history needs exactly one repository, but {shown}{more} are selected; "
            "name one of them with --repository."
        )


class UnreadableRepositoryError(HeadwayError):
    """The selected repository cannot be read."""

    exit_code = 3  # The arguments are valid, but the result is unknown.

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"the history of {name} cannot be read: {reason}; add --fetch to fetch what is missing."
        )


def scan_history(request: ScanRequest, local_mirrors: Path) -> tuple[Repository, ScanOutcome]:
    """Scan the history of the only selected repository from its first commit on.

    Args:
        request: The request, with one campaign. A new store is created at `request.store`.
        local_mirrors: The folder for the mirror if the repository is local.

    Raises:
        NotOneRepositoryError: More than one repository is selected.
        UnreadableRepositoryError: The repository cannot be read.
        HeadwayError: Any error that `list_sources` or `run_scan` raises.
    """
    with MirrorProvider(request) as mirrors:
        listings = list_sources(request, mirrors)
    repository = _selected(request, listings)
    source = next(source for source in request.sources if source.id == repository.source)
    is_local = not isinstance(source, RemoteSource)
    if not (is_local or request.fetch or Mirrors(request.mirrors).tip(repository.key)):
        raise UnreadableRepositoryError(repository.name, NO_MIRROR)
    campaign = replace(
        request.campaigns[0], starts=_BEGINNING, scope=Scope(archived=True, forks=True)
    )
    narrowed = replace(
        request,
        campaigns=(campaign,),
        sources=(_only(repository, source, fetch=request.fetch),),
        repositories=(),
    )
    if is_local:
        narrowed = replace(narrowed, mirrors=local_mirrors)
    return repository, run_scan(narrowed)


def _selected(request: ScanRequest, listings: Sequence[Listing]) -> Repository:
    """Return the one selected repository that is in scope, or the only selected one."""
    scope = request.campaigns[0].scope
    named = [
        entry
        for listing in listings
        for entry in listing.repositories
        if name_matches(request.repositories, entry.name)
    ]
    in_scope = [entry for entry in named if reason_outside(scope, entry) is None]
    chosen = in_scope or named
    if len(chosen) > 1:
        raise NotOneRepositoryError(sorted(entry.name for entry in chosen))
    if not chosen:
        unlisted = [entry for listing in listings for entry in listing.unlisted]
        entry = next(entry for entry in unlisted if name_matches(request.repositories, entry.name))
        raise UnreadableRepositoryError(entry.name, entry.reason)
    if chosen[0].tip is None:
        raise UnreadableRepositoryError(chosen[0].name, "its branch has no commits")
    return chosen[0]


def _only(repository: Repository, source: Source, *, fetch: bool) -> Source:
    """Return a source that lists only this repository."""
    if not isinstance(source, RemoteSource):
        return FixedSource(source.id, (repository,))
    forge = source if fetch else None
    recorded: RemoteSource = RecordedSource(source.id, (repository,), source.wait_policy, forge)
    return recorded
