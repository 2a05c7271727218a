"""Connections to the git servers of forges. They stay open for later requests.

Redirects are not followed, and the token is sent only to the host for which it is valid.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from headway.git.fetch_errors import (
    NOT_FOUND,
    REDIRECTED,
    REFUSED,
    FetchError,
    NoDirectAnswerError,
    RateLimit,
    limit_error,
)
from headway.git.remote import Remote
from headway.git.upload_pack import Read
from headway.http_dates import retry_after_seconds

_SERVICE = "git-upload-pack"
_ANSWER = f"application/x-{_SERVICE}-result"
_BLOCK_BYTES = 1 << 16
_CONNECT_SECONDS = 30.0
_LOOPBACK = "127.0.0.1"
_REFUSALS = frozenset((401, 403))
_TOO_MANY_REQUESTS = 429
_PAUSING = frozenset((403, 503))
"""Statuses that mean a rate limit or maintenance if the response has the `Retry-After` header."""
_CLOSED_BY_SERVER = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


@dataclass(frozen=True, slots=True)
class StallLimit:
    """The limits at which a transfer counts as stalled."""

    bytes_per_second: int = 1000
    seconds: int = 30
    """The period over which the speed of a transfer is averaged, in seconds."""


DEFAULT_STALL_LIMIT = StallLimit()


class ForgeConnections:
    """Sends requests to git servers. Each thread has its own connections."""

    def __init__(self, *, allow_loopback_http: bool, timeout: float, stall: StallLimit) -> None:
        """Configure the connections. `timeout` is the limit for one response, in seconds."""
        self._loopback = allow_loopback_http
        self._timeout = timeout
        self._stall = stall
        self._local = threading.local()
        self._lock = threading.Lock()
        self._open: set[http.client.HTTPConnection] = set()
        self._stopped = False

    @contextlib.contextmanager
    def post(self, remote: Remote, body: bytes) -> Iterator[Read]:
        """Send one request, and yield a function that reads the body of the response.

        Raises:
            FetchError: The forge refuses the request or cannot be reached, or the transfer stalls.
            NoDirectAnswerError: The response does not come from a git server, or only git can reach
                the forge, for example through a proxy.
        """
        parts = urlsplit(remote.url)
        connection = self._connection(parts, remote.ca_file)
        finished = False
        try:
            response = self._send(connection, parts, remote, body)
            _check(response)
            answer = _Answer(response, self._timeout, self._stall)
            yield answer.read
            finished = not answer.read(1)
            response.close()
        except ssl.SSLCertVerificationError:
            # Git may trust other certificates, so let git send the request.
            raise NoDirectAnswerError(whole_forge=True) from None
        except (OSError, http.client.HTTPException) as error:
            stopped = FetchError("the scan was stopped")
            raise stopped if self._stopped else _failure(error) from error
        finally:
            if not finished:
                connection.close()

    def stop(self) -> None:
        """Abort all requests and prevent new ones."""
        with self._lock:
            self._stopped = True
            for connection in self._open:
                with contextlib.suppress(OSError, AttributeError):
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close all connections. No thread may be using them."""
        with self._lock:
            for connection in self._open:
                connection.close()

    def _connection(self, parts: SplitResult, ca_file: Path | None) -> http.client.HTTPConnection:
        """Return this thread's connection to a host. It may be open or closed."""
        loopback = self._loopback and parts.scheme == "http" and parts.hostname == _LOOPBACK
        if parts.hostname is None or not (loopback or parts.scheme == "https"):
            raise NoDirectAnswerError
        if not loopback and _proxy_applies(parts):
            raise NoDirectAnswerError(whole_forge=True)
        mine: dict[tuple[str, Path | None], http.client.HTTPConnection]
        mine = self._local.__dict__.setdefault("connections", {})
        key = f"{parts.scheme}://{parts.netloc}", ca_file
        if key not in mine:
            host, port = parts.hostname, parts.port
            if loopback:
                mine[key] = http.client.HTTPConnection(host, port, timeout=self._stall.seconds)
            else:
                context = _tls_context(ca_file)
                mine[key] = http.client.HTTPSConnection(
                    host, port, timeout=self._stall.seconds, context=context
                )
            with self._lock:
                self._open.add(mine[key])
        if self._stopped:
            raise FetchError("the scan was stopped")
        return mine[key]

    def _send(
        self,
        connection: http.client.HTTPConnection,
        parts: SplitResult,
        remote: Remote,
        body: bytes,
    ) -> http.client.HTTPResponse:
        headers = {
            "User-Agent": "git/headway",
            "Content-Type": f"application/x-{_SERVICE}-request",
            "Accept": _ANSWER,
            "Git-Protocol": "version=2",
        }
        access = remote.access()
        if access is not None and access.base == f"{parts.scheme}://{parts.netloc}":
            pair = f"{access.username}:{access.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"
        was_open = connection.sock is not None
        path = f"{parts.path}/{_SERVICE}"
        try:
            connection.request("POST", path, body, headers)
            return connection.getresponse()
        except _CLOSED_BY_SERVER:
            connection.close()
            if not was_open or self._stopped:
                raise
            # The server may have closed the idle connection, so send the request again.
            connection.request("POST", path, body, headers)
            return connection.getresponse()


class _Answer:
    """The body of a response, with limits on its total time and on stalls."""

    def __init__(
        self, response: http.client.HTTPResponse, timeout: float, stall: StallLimit
    ) -> None:
        self._response = response
        self._stall = stall
        now = time.monotonic()
        self._end = now + timeout
        self._period_ends = now + stall.seconds
        self._period_bytes = 0

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, or empty bytes at the end.

        Raises:
            TimeoutError: The transfer stalls or takes too long.
        """
        block = self._response.read1(min(size, _BLOCK_BYTES))
        self._period_bytes += len(block)
        now = time.monotonic()
        if now > self._end:
            raise TimeoutError
        if now > self._period_ends:
            if self._period_bytes < self._stall.bytes_per_second * self._stall.seconds:
                raise TimeoutError
            self._period_ends, self._period_bytes = now + self._stall.seconds, 0
        return block


def _check(response: http.client.HTTPResponse) -> None:
    """Raise an error unless the response comes from a git server."""
    status = response.status
    headers = {name.lower(): value for name, value in response.getheaders()}
    seconds = retry_after_seconds(headers)
    if status == _TOO_MANY_REQUESTS or (status in _PAUSING and seconds is not None):
        raise limit_error(RateLimit(status, seconds))
    if status in _REFUSALS:
        raise FetchError(REFUSED, refused=True)
    if status == http.client.NOT_FOUND:
        raise FetchError(NOT_FOUND)
    if 300 <= status < 400:
        raise FetchError(REDIRECTED)
    if status >= 500:
        reason = f"git cannot fetch the repository: the forge responded with status {status}"
        raise FetchError(reason, transient=True)
    if status != http.client.OK or headers.get("content-type") != _ANSWER:
        raise NoDirectAnswerError(whole_forge=True)


def _failure(error: OSError | http.client.HTTPException) -> FetchError:
    if isinstance(error, TimeoutError):
        reason = "the transfer stalled"
    elif isinstance(error, http.client.IncompleteRead):
        reason = "the response from the forge was incomplete"
    elif isinstance(error, ssl.SSLError):
        reason = "the encrypted connection to the forge failed"
    else:
        reason = "the connection to the forge failed"
    return FetchError(f"git cannot fetch the repository: {reason}", transient=True)


def _proxy_applies(parts: SplitResult) -> bool:
    proxies = getproxies_environment()
    return bool(proxies.get(parts.scheme) or proxies.get("all")) and not proxy_bypass(parts.netloc)


@lru_cache(maxsize=8)
def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return TLS settings that trust the same certificates as git."""
    file = os.fspath(ca_file) if ca_file is not None else os.environ.get("GIT_SSL_CAINFO")
    folder = os.environ.get("GIT_SSL_CAPATH") if ca_file is None else None
    try:
        return ssl.create_default_context(cafile=file, capath=folder)
    except OSError:
        raise NoDirectAnswerError(whole_forge=True) from None
