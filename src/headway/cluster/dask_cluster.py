"""The connection to a Dask cluster. Only this module imports Dask."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self

from headway.cluster.cluster_address import ClusterAddress, is_safe
from headway.cluster.cluster_errors import (
    ClusterLostError,
    DaskMissingError,
    NoCertificatesError,
    PlainSchedulerError,
    SchedulerUnreachableError,
)
from headway.cluster.host_handle import call_host, end_hosts

_CONNECT_SECONDS = 10
_REPLY_SECONDS = 15
"""The time after which a scheduler that does not reply counts as lost, in seconds."""


class DaskCluster:
    """A connection to the scheduler of a cluster, for use as a context manager."""

    def __init__(self, address: ClusterAddress) -> None:
        self._address = address
        self._executors: dict[str, Any] = {}

    def __enter__(self) -> Self:
        """Connect to the scheduler.

        Raises:
            DaskMissingError: Dask is not installed.
            NoCertificatesError: The certificates that TLS needs are not configured.
            SchedulerUnreachableError: The scheduler does not reply.
            PlainSchedulerError: The scheduler serves other machines without TLS.
        """
        try:
            import distributed
        except ImportError:
            raise DaskMissingError from None
        # Headway reports lost connections itself.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        dask: Any = distributed
        security = None
        if self._address.uses_tls:
            security = dask.Security(require_encryption=True)
            if not (security.tls_ca_file and security.tls_client_cert):
                raise NoCertificatesError(self._address.text)
        try:
            self._client: Any = dask.Client(
                self._address.dask,
                timeout=_CONNECT_SECONDS,
                security=security,
                set_as_default=False,
                direct_to_workers=False,
            )
            identity = self._client.sync(
                self._client.scheduler.identity, callback_timeout=_REPLY_SECONDS
            )
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise SchedulerUnreachableError(self._address.text, _short(error)) from error
        if not is_safe(identity["address"]):
            self._client.close(timeout=_REPLY_SECONDS)
            raise PlainSchedulerError(identity["address"])
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for executor in self._executors.values():
            with contextlib.suppress(Exception):
                executor.shutdown(wait=False)
        with contextlib.suppress(Exception):
            self._client.close(timeout=_REPLY_SECONDS)

    @property
    def name(self) -> str:
        """The address of the scheduler, as the user wrote it."""
        return self._address.text

    def workers(self) -> dict[str, int]:
        """Return the number of threads of each worker, by the worker's address.

        Raises:
            ClusterLostError: The scheduler does not reply.
        """
        try:
            found: dict[str, int] = self._client.nthreads(callback_timeout=_REPLY_SECONDS)
        # When the scheduler exits, the type of error depends on what Dask is doing.
        except Exception as error:
            raise ClusterLostError(_short(error)) from error
        return dict(found)

    def call(
        self, worker: str, command: str, slot: int, settings: bytes, message: bytes
    ) -> Future[tuple[str, bytes | str]]:
        """Send a message to a host of a worker. See `call_host`."""
        if worker not in self._executors:
            self._executors[worker] = self._client.get_executor(
                workers=[worker], allow_other_workers=False, pure=False, retries=0
            )
        future: Future[tuple[str, bytes | str]] = self._executors[worker].submit(
            call_host, command, slot, settings, message
        )
        return future

    def end_hosts(self, command: str, workers: Sequence[str]) -> None:
        """End all hosts of a command on the given workers, if the workers can be reached."""

        def end() -> None:
            with contextlib.suppress(Exception):
                present = sorted(self.workers().keys() & set(workers))
                self._client.run(end_hosts, command, workers=present, on_error="ignore")

        # A worker that does not reply must not prevent the command from ending.
        thread = threading.Thread(target=end, daemon=True)
        thread.start()
        thread.join(_REPLY_SECONDS)


def _short(error: BaseException) -> str:
    """Describe a connection error in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]:.200}" if lines else type(error).__name__
