"""Find the source plugins, and create a workspace's sources."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from headway.config.workspace import Workspace
from headway.forges.source_plugin import SourceContext, SourcePlugin, SourceSettings
from headway.plugins import (
    PluginKind,
    Plugins,
    UnusablePluginError,
    installed_plugins,
    load_plugins,
    modules_in_folder,
)

SourceTypes: TypeAlias = Plugins[type[SourcePlugin]]

_SHIPPED = "headway.forges.sources"


class _SourceTypes(Mapping[str, type[SourcePlugin]]):
    """Source plugins by name. A shipped plugin is imported on first use.

    Every command reads headway.toml, and importing all sources would take a tenth of the run time
    of a short command. Each shipped source has the name of its module.
    """

    def __init__(self, loaded: Mapping[str, type[SourcePlugin]]) -> None:
        self._loaded = dict(loaded)
        modules = pkgutil.iter_modules(importlib.import_module(_SHIPPED).__path__)
        self._names = {*loaded, *(module.name for module in modules)}

    def __getitem__(self, name: str) -> type[SourcePlugin]:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._loaded:
            module = f"{_SHIPPED}.{name}"
            shipped = load_plugins(
                _SOURCE, (), [(module, partial(importlib.import_module, module))]
            )
            self._loaded[name] = shipped.by_name[name]
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def __len__(self) -> int:
        return len(self._names)


def load_source_types(folders: Sequence[Path] = ()) -> SourceTypes:
    """Find the source plugins in `folders`, in installed packages, and among the shipped ones.

    If two plugins have the same name, the first one in this order is used.
    """
    own = (modules_in_folder(folder, _SOURCE.noun) for folder in folders)
    loaded = load_plugins(_SOURCE, chain(*own, installed_plugins(_SOURCE.entry_point_group)))
    return Plugins(_SourceTypes(loaded.by_name), loaded.origins, loaded.problems)


def source_tables(values: Mapping[str, str | None]) -> list[str]:
    """Return the `[[sources]]` tables that `headway init` writes, one per source type.

    Args:
        values: The values of the options by source name. A table without a value is commented out.
    """
    types = load_source_types()
    return [
        option.table(name, values.get(name))
        for name in types.names
        if (option := types.by_name[name].init_option) is not None
    ]


def build_sources(workspace: Workspace, context: SourceContext) -> tuple[SourcePlugin, ...]:
    """Create a source for each `[[sources]]` table, in file order, without contacting a forge.

    Raises `HeadwayError` for invalid settings or environment variables.
    """
    types: SourceTypes = workspace.source_types
    return tuple(
        types.by_name[table.type].from_settings(table.settings, context)
        for table in workspace.settings.sources
    )


def _source_type(plugin: type[Any]) -> type[SourcePlugin]:
    settings = getattr(plugin, "Settings", None)
    if not (inspect.isclass(settings) and issubclass(settings, SourceSettings)):
        raise UnusablePluginError(
            f"the `Settings` of {plugin.__name__} must derive from headway.SourceSettings"
        )
    return plugin


_SOURCE = PluginKind(
    noun="source",
    entry_point_group="headway.sources",
    bases=(SourcePlugin,),
    advice="define a subclass of SourcePlugin that implements `list_repositories`",
    create=_source_type,
)
