"""Reply to the messages of a coordinator in the host of a seat."""

from __future__ import annotations

import os
import platform
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Protocol, Self

from headway.cluster.code_version import CodeVersion, code_version
from headway.cluster.host_machine import Machine
from headway.cluster.host_messages import ChunkFailed, HostReady, HostSettings, decode, encode
from headway.errors import HeadwayError
from headway.printable import printable


class Host(Protocol):
    """Does the work of one command, as a context manager."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    def mirrors(self) -> frozenset[str]:
        """Return the mirrors that the host already has; see `HostReady`."""
        ...

    def run(self, message: Any, /) -> object:
        """Do the work of one message, and return the answer."""
        ...


def serve(pipe: Connection, find_machine: Callable[[HostSettings], Machine]) -> None:
    """Reply to the messages of a coordinator until the Dask worker exits.

    Args:
        pipe: Receives messages and sends the replies.
        find_machine: Opens the workspace on this machine. It can raise a `HeadwayError`.
    """
    settings = HostSettings.decode(pipe.recv_bytes())
    version = CodeVersion(())
    try:
        machine = find_machine(settings)
        version = code_version(machine.workspace, machine.scanners)
        host = _host(machine, settings)
    except (HeadwayError, TypeError) as error:
        pipe.send_bytes(HostReady(platform.node(), version, failed=str(error)).encode())
        return
    with host:
        # Do not start threads earlier, because the processes that read repositories are forked.
        threading.Thread(target=_end_with_parent, daemon=True).start()
        pipe.send_bytes(HostReady(machine.name, version, host.mirrors()).encode())
        while True:
            try:
                message = pipe.recv_bytes()
            except EOFError:
                return
            try:
                answer = encode(host.run(decode(message)))
            except Exception as error:  # noqa: BLE001 - the coordinator reports it
                traceback.print_exc()
                answer = encode(ChunkFailed(printable(f"{type(error).__name__}: {error}")))
            pipe.send_bytes(answer)


def _host(machine: Machine, settings: HostSettings) -> Host:
    """Create the host that a command needs, and import only its modules."""
    if settings.plan:
        from headway.cluster.site_host import SiteHost

        return SiteHost(machine, settings)
    from headway.cluster.repository_host import RepositoryHost

    return RepositoryHost(machine, settings)


def _end_with_parent() -> None:
    """End this process when the Dask worker has ended, even if the host is working."""
    while os.read(0, 1024):
        pass
    # The child processes detect that this process has ended.
    os._exit(1)
