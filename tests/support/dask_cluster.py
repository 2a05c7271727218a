"""Start a Dask cluster on this machine, and end individual processes of the cluster."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from headway.process_tree import descendants_of, is_running
from tests.support.processes import eventually

_START_SECONDS = 60.0


@dataclass
class LocalDask:
    """A scheduler and its workers."""

    folder: Path
    """The folder for logs, and for one cache of mirrors per worker."""
    port: int
    scheme: str
    environment: Mapping[str, str]
    scheduler: subprocess.Popen[bytes]
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The value for `--executor`."""
        scheme = "dask" if self.scheme == "tcp" else self.scheme
        return f"{scheme}://127.0.0.1:{self.port}"

    def start_worker(self, name: str, *, threads: int = 1, **environment: str) -> None:
        """Start a worker with a separate cache and the given environment variables."""
        variables = {
            **self.environment,
            "HEADWAY_WORKER_CACHE": str(self.folder / name),
            **environment,
        }
        self.workers[name] = _start(
            self.folder / f"{name}.log",
            [
                *("worker", f"{self.scheme}://127.0.0.1:{self.port}", "--name", name),
                *("--no-nanny", "--nthreads", str(threads), "--no-dashboard"),
                *("--host", "127.0.0.1", "--death-timeout", "60"),
                *("--local-directory", str(self.folder / f"{name}.scratch")),
            ],
            variables,
        )

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill the scheduler or a worker, but not the processes that it has started."""
        process.kill()
        process.wait()

    def logs(self) -> bytes:
        """Return everything that the processes have printed."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("*.log")))

    def end(self) -> None:
        """Kill all processes, and wait until the hosts of the workers have ended."""
        running = [process for process in self.workers.values() if process.poll() is None]
        hosts = [host for process in running for host in descendants_of(process.pid)]
        for process in (*running, self.scheduler):
            self.kill(process)
        eventually(lambda: not any(map(is_running, hosts)))


@contextlib.contextmanager
def dask_cluster(
    folder: Path,
    *workers: str,
    scheme: str = "tcp",
    host: str = "127.0.0.1",
    environment: Mapping[str, str] | None = None,
) -> Iterator[LocalDask]:
    """Run a scheduler and workers with these names until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    variables = {**os.environ, **(environment or {})}
    port = _free_port()
    scheduler = _start(
        folder / "scheduler.log",
        [
            *("scheduler", "--host", f"{scheme}://{host}", "--port", str(port)),
            *("--no-dashboard", "--no-show"),
        ],
        variables,
    )
    cluster = LocalDask(folder, port, scheme, variables, scheduler)
    try:
        _wait_for_port(port, scheduler)
        for name in workers:
            cluster.start_worker(name)
        yield cluster
    finally:
        cluster.end()


def tls_variables(certificate: Path) -> dict[str, str]:
    """Return the environment variables for using a file with a certificate and its key."""
    variables = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(certificate)}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        variables[f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"] = str(certificate)
        variables[f"DASK_DISTRIBUTED__COMM__TLS__{role}__KEY"] = str(certificate)
    return variables


def _start(
    log: Path, arguments: list[str], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port: int = server.getsockname()[1]
        return port


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("the scheduler did not start")
