"""Organisations that are scanned only once. Each test receives its own copy."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from tests.support.forge.clock import virtual_waits
from tests.support.forge.github import github
from tests.support.forge.gitlab import gitlab
from tests.support.forge.nights import Nights, without_graphql
from tests.support.forge.organisation import Organisation, github_config, gitlab_config
from tests.support.forge.server import Server, serve
from tests.support.forge.world import World

_T = TypeVar("_T", Organisation, Nights)


class Prepared:
    """Servers that run until the test session ends, and the organisations that they serve.

    Args:
        new_folder: Returns an empty folder.
        servers: Stops the servers when it is closed.
    """

    def __init__(self, new_folder: Callable[[], Path], servers: contextlib.ExitStack) -> None:
        self._new_folder = new_folder
        self._exit_stack = servers
        self._servers: dict[str, Server] = {}
        self._prepared: dict[tuple[str, str], Organisation | Nights] = {}

    def server(self, forge: str) -> Server:
        """Return the server of a forge, one of `FORGES`, with an empty organisation."""
        if forge not in self._servers:
            api = github if forge.startswith("github") else gitlab
            self._servers[forge] = self._exit_stack.enter_context(serve(World(), api))
        server = self._servers[forge]
        server.world.released.set()
        server.world = World()
        return server

    def organisation(
        self, name: str, forge: str, root: Path, prepare: Callable[[Organisation], object]
    ) -> Organisation:
        """Copy an organisation. The server of the forge serves the copy from now on.

        Args:
            name: The name of the organisation, for example the test module that uses it.
            forge: One of `FORGES`.
            root: The folder of the copy.
            prepare: Adds the repositories and scans them; called once for each name and forge.
        """

        def build(acme: Organisation) -> Organisation:
            prepare(acme)
            return acme

        copied = self._get(name, forge, build).copy(root)
        self._servers[forge].world = copied.world
        return copied

    def nights(
        self, name: str, forge: str, root: Path, prepare: Callable[[Organisation], Nights]
    ) -> Nights:
        """Return a copy of the prepared nights; see `organisation` for the arguments."""
        copied = self._get(name, forge, prepare).copy(root)
        self._servers[forge].world = copied.acme.world
        return copied

    def _get(self, name: str, forge: str, prepare: Callable[[Organisation], _T]) -> _T:
        found = self._prepared.get((name, forge))
        if found is None:
            server = self.server(forge)
            acme = Organisation(self._new_folder(), server.world)
            is_github = forge.startswith("github")
            acme.configure((github_config if is_github else gitlab_config)(server))
            without_graphql(server.world, forge)
            with virtual_waits():
                found = self._prepared[name, forge] = prepare(acme)
        return found  # type: ignore[return-value]
