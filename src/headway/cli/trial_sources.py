"""The sources of `headway try`. A forge is contacted only if necessary."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from headway.cli import invocation, session
from headway.cli.workspace_store import open_history
from headway.errors import HeadwayError

if TYPE_CHECKING:
    from headway.config.workspace import ConfiguredSource, Workspace
    from headway.forges.source import RemoteSource, Source
    from headway.forges.source_plugin import SourcePlugin
    from headway.model.repository import Repository

OnWait = Callable[[str, datetime], None]


def trial_sources(workspace: Workspace, on_wait: OnWait, *, fetch: bool) -> tuple[Source, ...]:
    """Return the sources of a workspace, in the order of headway.toml.

    Local repositories are always listed again. Without `fetch`, the forge repositories come from
    the listing of the last scan, if there was a scan. In this case, no token is needed.

    Raises:
        HeadwayError: A source cannot be used, for example because its token is not set.
    """
    if fetch:
        return session.open_sources(workspace, on_wait)
    return tuple(_without_fetching(workspace, on_wait))


def _without_fetching(workspace: Workspace, on_wait: OnWait) -> Iterator[Source]:
    tables = workspace.settings.sources
    has_forge = not all(_is_local(workspace, table) for table in tables)
    recorded = _recorded_repositories(workspace) if has_forge else {}
    refused: list[HeadwayError] = []
    for table in tables:
        try:
            source = _open(workspace, table, on_wait)
        except HeadwayError as error:
            refused.append(error)
            continue
        found = recorded.pop(source.id, None)
        yield source if found is None or _is_local(workspace, table) else _fixed(source.id, found)
    if refused:
        # A source that cannot be opened has no known ID, so keep the repositories of all other
        # sources.
        others = {name: found for name, found in recorded.items() if not name.startswith("local:")}
        if not others:
            raise refused[0]
        for name, found in others.items():
            yield _fixed(name, found)


def _recorded_repositories(workspace: Workspace) -> dict[str, tuple[Repository, ...]]:
    """Return the last scan's listing by source. The result is empty without a store."""

    by_source: dict[str, tuple[Repository, ...]] = defaultdict(tuple)
    with suppress(HeadwayError), open_history(workspace) as store:
        for record in store.repositories.records().values():
            if record.gone_on is None:
                by_source[record.listed.source] += (record.listed,)
    return by_source


def _open(workspace: Workspace, table: ConfiguredSource, on_wait: OnWait) -> SourcePlugin:
    settings = replace(workspace.settings, sources=(table,))
    return session.open_sources(replace(workspace, settings=settings), on_wait)[0]


def _is_local(workspace: Workspace, table: ConfiguredSource) -> bool:
    """Return whether the source's repositories are on this machine, so none must be fetched."""
    return not hasattr(workspace.source_types.by_name[table.type], "git_access")


def _fixed(name: str, repositories: tuple[Repository, ...]) -> RemoteSource:
    from headway.forges.wait_policy import WaitPolicy
    from headway.scan.recorded_source import RecordedSource

    return RecordedSource(name, repositories, WaitPolicy(invocation.now, time.sleep))
