"""Cluster errors that the user can correct."""

from __future__ import annotations

from collections.abc import Sequence

from headway.errors import HeadwayError
from headway.printable import printable


class DaskMissingError(HeadwayError):
    """The packages of the `dask` extra are not installed."""

    def __init__(self) -> None:
        super().__init__(
            "--executor needs the package distributed; install it with `pip install headway[dask]`."
        )


class NoCertificatesError(HeadwayError):
    """Dask's configuration does not name the certificates that TLS needs."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"the connection to {address} needs certificates, but Dask's configuration names none; "
            "set distributed.comm.tls.ca-file, .client.cert and .client.key there."
        )


class SchedulerUnreachableError(HeadwayError):
    """The scheduler does not reply, or refuses the connection."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"no Dask scheduler can be reached at {address} ({printable(reason)}); "
            "check the address, and whether the scheduler is running."
        )


class PlainSchedulerError(HeadwayError):
    """The scheduler accepts connections from other machines without TLS."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"the Dask scheduler accepts connections without TLS at {printable(address)}, so "
            "anybody on the network can run code on its workers; start it with TLS certificates, "
            "or with `--host 127.0.0.1`."
        )


class NoUsableWorkerError(HeadwayError):
    """No worker of the cluster can be used."""

    def __init__(self, address: str, reasons: Sequence[str]) -> None:
        if reasons:
            why = "; ".join(printable(reason) for reason in reasons)
            step = "correct this, and start the workers again"
        else:
            why, step = "it has no workers", "start at least one, for example with `dask worker`"
        super().__init__(f"no worker of the Dask cluster at {address} can be used: {why}; {step}.")


class NotSharedError(HeadwayError):
    """The machine of a worker does not have the same files as the machine that runs the command."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{printable(path)} is missing there or has different contents, but all machines "
            "must mount the folders of the workspace and the site at the same paths"
        )


class ClusterLostError(Exception):
    """The scheduler stopped replying during a command."""
