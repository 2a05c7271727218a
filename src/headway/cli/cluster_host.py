"""The program of a host: a process that works for a Dask worker on repositories or pages.

The Dask worker starts the program with the number of an open file descriptor, through which the
host receives messages.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import click

from headway.cli import invocation, session
from headway.cluster.host_machine import Machine, Notes
from headway.cluster.host_messages import HostSettings
from headway.cluster.host_server import serve

_WORKSPACE = "HEADWAY_WORKER_WORKSPACE"
"""The variable with the path of the workspace on this machine. It is needed only if the workspace
has a different path on the coordinator.
"""
_CACHE = "HEADWAY_WORKER_CACHE"
"""The optional variable with the path of the folder for mirrors on this machine."""


def main() -> None:
    """Reply to messages until the Dask worker exits."""
    # Only the Dask worker handles Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with click.Context(click.Command("cluster-host")):
        serve(Connection(int(sys.argv[1])), _find_machine)


def _find_machine(settings: HostSettings) -> Machine:
    from headway.plugins import load_scanners

    click.get_current_context().obj = {"allow_loopback_http": settings.allow_loopback_http}
    root = Path(os.environ.get(_WORKSPACE) or settings.workspace)
    # Do not delete temporary files, because a process on another machine may be using them.
    workspace = session.hide_credentials(root)
    name = platform.node()
    notes = Notes()
    cache = workspace.settings.cache / "workers" / name
    return Machine(
        name,
        workspace,
        load_scanners(workspace.scanners),
        # A build needs no forge, so its workers need no tokens.
        () if settings.plan else session.open_sources(workspace, notes.waiting),
        Path(os.environ.get(_CACHE) or cache).absolute(),
        invocation.now,
        notes,
    )


if __name__ == "__main__":
    main()
