"""From settings to sources."""

from __future__ import annotations

import os
from collections.abc import Mapping

from headway.errors import HeadwayError
from headway.forges.interface import Source
from headway.forges.local import LocalSource
from headway.workspace import LocalSettings, SourceSettings, Workspace


class UnsupportedSourceError(HeadwayError):
    """This kind of source cannot be listed yet."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"sources of type {kind} cannot be listed by this version; clone the repositories "
            "and name their folder in a source of type local."
        )


def build_sources(workspace: Workspace, environ: Mapping[str, str]) -> tuple[Source, ...]:
    """One source for each `[[sources]]` table, in the file's order.

    environ: where the tokens that the settings name are looked up.
    """
    return tuple(_build(workspace, settings, environ) for settings in workspace.settings.sources)


def _build(workspace: Workspace, settings: SourceSettings, environ: Mapping[str, str]) -> Source:  # noqa: ARG001 - local sources need none
    if isinstance(settings, LocalSettings):
        folder = (workspace.root / settings.path).absolute()
        return LocalSource(folder, os.path.normpath(settings.path))
    raise UnsupportedSourceError(settings.type)
