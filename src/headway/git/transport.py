"""Run git commands that contact a forge, and explain their failures.

Git receives a token only in its environment, never in an argument, a URL or a file.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TypeVar
from urllib.parse import urlsplit

from headway.git.fetch_errors import (
    BLOBS_REFUSED,
    INVALID_ANSWER,
    NOT_FOUND,
    NOT_HTTPS,
    REDIRECTED,
    REFUSED,
    BlobRefusedError,
    FetchError,
    RateLimit,
    limit_error,
)
from headway.git.forge_connections import DEFAULT_STALL_LIMIT, ForgeConnections, StallLimit
from headway.git.git_credentials import credentials
from headway.git.process import GitError, GitMissingError, environment, git_version
from headway.git.remote import Remote
from headway.http_dates import retry_after_seconds

T = TypeVar("T")

TIMEOUT = 3600.0
"""The default time limit of a git command, in seconds."""

_TRIES = 3
_MOST_RATE_LIMITS = 8
"""The maximum number of rate limits that one command waits for."""
_RATE_LIMIT_PAUSE = 60.0
"""The pause after the first refusal, in seconds, if the forge states no time. Each further pause is
twice as long.
"""
_LARGEST_FILE = 64 << 30
"""The maximum size of any file that git writes, in bytes."""
_TOO_MANY_REQUESTS = 429
_PAUSING = frozenset((403, 503))
"""Statuses that mean a rate limit or maintenance if the response has the `Retry-After` header."""
_FILE_REQUEST = re.compile(
    rb"^\S+ http\.c:\d+ +=> Send header: GET \S+/(?:HEAD|objects/\S+) ", re.MULTILINE
)
"""Matches a request for a single file, which git sends if the first response does not come from a
git server.
"""
_RECEIVED_PACKET = re.compile(rb"^\S+ pkt-line\.c:\d+ +packet: +\S+< ", re.MULTILINE)
"""The start of a line that git prints for a received packet if GIT_TRACE_PACKET is set. Packets
exist only in git's own protocol.
"""
_TRACE = {"GIT_TRACE_CURL": "1", "GIT_TRACE_CURL_NO_DATA": "1", "GIT_TRACE_REDACT": "1"}
"""Variables that make git print the headers of responses. Only the headers state the duration of a
rate limit. Git replaces credentials with `<redacted>`, and the output stays in memory.
"""
_TRACE_LINE = re.compile(rb"^\d\d:\d\d:\d\d\.\d+ [\w./-]+:\d+ .*\n?", re.MULTILINE)
_RECEIVED_HEADER = re.compile(rb"^\S+ http\.c:\d+ +<= Recv header: ([^\r\n]*)", re.MULTILINE)
_STATUS_LINE = re.compile(r"HTTP/[\d.]+ (\d{3})\b")
_BLOB_REFUSED = re.compile(r"not our ref|unadvertised object")
_UNAUTHORISED = re.compile(
    r"Authentication failed|could not read (Username|Password)|error: 40[13]\b"
)
_EXPLANATIONS = (
    (r"not found|error: 404\b", NOT_FOUND),
    (r"error: 30\d\b|redirect", REDIRECTED),
    (r"couldn't find remote ref HEAD", "no default branch: HEAD points to no commit"),
    (r"(?i)certificate|SSL peer|self[- ]signed", "git does not accept the forge's certificate"),
)
"""Pairs of a pattern for git's error messages and an explanation for the user. The first matching
pattern is used.
"""
_TRANSIENT = re.compile(
    r"error: 5\d\d|RPC failed|early EOF|hung up|reset by peer|timed out|Could not resolve"
    r"|Failed to connect|Couldn't connect|transfer closed|too slow|unexpected disconnect|bytes of"
    r"|invalid index-pack|Empty reply|SSL_read|GnuTLS recv|gnutls_handshake|bad pack header"
    # These are messages from OpenSSL and from newer versions of curl.
    r"|handshake failed|TLS connect error|SSL_connect"
)
NETWORK_VARIABLES = (
    *("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy"),
    *("NO_PROXY", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)
"""Environment variables with the network settings of this machine. Git needs them."""

TOLERATED = (
    *("badDate", "badDateOverflow", "badTimezone", "missingSpaceBeforeDate", "zeroPaddedDate"),
    *("badEmail", "badName", "missingEmail", "missingSpaceBeforeEmail", "missingNameBeforeEmail"),
    *("gitmodulesBlob", "gitmodulesLarge", "gitmodulesMissing", "gitmodulesName"),
    *("gitmodulesParse", "gitmodulesPath", "gitmodulesSymlink", "gitmodulesUpdate"),
    *("gitmodulesUrl", "gitattributesBlob", "gitattributesLarge", "gitattributesLineLength"),
    *("gitattributesMissing", "zeroPaddedFilemode"),
)
"""Checks to disable for fetched objects, because they reject harmless defects, such as invalid
dates and malformed `.gitmodules` files.
"""

_CONFIGURATION = (
    ("http.followRedirects", "false"),
    ("http.sslVerify", "true"),
    ("protocol.https.allow", "always"),
    ("fetch.fsckObjects", "true"),
    *((f"fetch.fsck.{name}", "ignore") for name in TOLERATED),
)

_STORING = (("pack.writeReverseIndex", "false"),)
"""Settings for packs in mirrors. A reverse index would add one file per pack."""


class Transport:
    """Runs git commands that contact a forge. Threads can share one instance."""

    def __init__(
        self,
        *,
        timeout: float = TIMEOUT,
        allow_loopback_http: bool = False,
        stall_limit: StallLimit = DEFAULT_STALL_LIMIT,
    ) -> None:
        """Configure the transport.

        Args:
            timeout: The time limit of a command, in seconds.
            allow_loopback_http: Whether plain HTTP to this machine is allowed. Only tests allow it.
            stall_limit: The limits at which a transfer is aborted as stalled.
        """
        self._timeout = timeout
        self._loopback = allow_loopback_http
        self._stall_limit = stall_limit
        self.connections = ForgeConnections(
            allow_loopback_http=allow_loopback_http, timeout=timeout, stall=stall_limit
        )
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def with_retries(self, remote: Remote, attempt: Callable[[], T]) -> T:
        """Call `attempt`. Retry after rate limits and, up to twice, after transient failures."""
        failures = limits = 0
        while True:
            try:
                return attempt()
            except FetchError as error:
                if error.limit is not None:
                    pause = error.limit.seconds or _RATE_LIMIT_PAUSE * 2**limits
                    limits += 1
                    remote.limited(pause)
                else:
                    pause = float(2**failures)
                    failures += 1
                is_last = failures >= _TRIES or limits > _MOST_RATE_LIMITS
                if is_last or self._stopped or not (error.transient or error.limit):
                    raise
                remote.wait(str(error), pause)

    def run(
        self,
        arguments: Sequence[str],
        remote: Remote,
        *,
        configuration: Sequence[tuple[str, str]] = (),
        stdin: bytes = b"",
    ) -> bytes:
        """Run one git command and return its standard output.

        Args:
            arguments: The command and its arguments.
            remote: The repository that the command contacts.
            configuration: Additional git settings.
            stdin: The standard input of the command.

        Raises:
            FetchError: The command failed or exceeded the timeout.
        """
        return self._run(arguments, self._environment(remote, configuration), stdin)[0]

    def list_all(self, remote: Remote) -> bytes:
        """Run `git ls-remote` for all references, and return its output.

        Git reads a response without a git content type as a file with a list of references, and
        treats an empty or broken list as an empty repository. If nothing is listed, the received
        packets must therefore prove that the response came from a git server.

        Raises:
            FetchError: The command failed, or the response did not come from a git server.
        """
        env = self._environment(remote, ()) | {"GIT_TRACE_PACKET": "1"}
        output, errors = self._run(["ls-remote", "-q", "--", remote.url], env, b"")
        if not output and not _RECEIVED_PACKET.search(errors):
            raise FetchError(INVALID_ANSWER, transient=True)
        return output

    def _run(
        self, arguments: Sequence[str], env: dict[str, str], stdin: bytes
    ) -> tuple[bytes, bytes]:
        """Run one git command and return its standard output and standard error."""
        process = self._start(arguments, env)
        try:
            output, errors = process.communicate(stdin, timeout=self._timeout)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.communicate()
            raise _too_slow(self._timeout) from None
        except BaseException:
            _kill(process)
            process.communicate()
            raise
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode:
            raise _fetch_error(process.returncode, errors)
        return output, errors

    def store(self, arguments: Sequence[str], git_dir: Path, parts: Iterable[bytes]) -> bytes:
        """Run a local git command that reads a pack, and return its standard output.

        Args:
            arguments: The command and its arguments.
            git_dir: The repository.
            parts: The parts of the pack. They may still be arriving.

        Raises:
            FetchError: The command exceeded the timeout, or `parts` raised this error.
            GitError: The command failed.
        """
        with TemporaryFile() as output, TemporaryFile() as errors:
            command = [f"--git-dir={git_dir}", *arguments]
            process = self._start(command, environment(_STORING), output, errors)
            try:
                assert process.stdin is not None
                with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
                    for part in parts:
                        pipe.write(part)
                process.wait(self._timeout)
            except subprocess.TimeoutExpired:
                raise _too_slow(self._timeout) from None
            finally:
                if process.returncode is None:
                    _kill(process)
                    process.wait()
                with self._lock:
                    self._running.discard(process)
            output.seek(0)
            errors.seek(0)
            if process.returncode:
                raise GitError(arguments, process.returncode, errors.read())
            return output.read()

    def stop(self) -> None:
        """Kill all running commands and prevent new ones."""
        self.connections.stop()
        with self._lock:
            self._stopped = True
            for process in self._running:
                _kill(process)

    def close(self) -> None:
        """Close the connections to forges. Call this method after all commands have ended."""
        self.connections.close()

    def _start(
        self,
        arguments: Sequence[str],
        env: dict[str, str],
        output: IO[bytes] | int = subprocess.PIPE,
        errors: IO[bytes] | int = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                raise FetchError("the scan was stopped")
            try:
                process = subprocess.Popen(
                    ["git", *arguments],
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=errors,
                    env=env,
                    start_new_session=True,
                )
            except FileNotFoundError:
                raise GitMissingError from None
            self._running.add(process)
        _limit(process)
        return process

    def _environment(
        self, remote: Remote, configuration: Sequence[tuple[str, str]]
    ) -> dict[str, str]:
        """Return git's environment. The token appears nowhere else."""
        scheme = urlsplit(remote.url).scheme
        loopback = scheme == "http" and self._loopback
        if scheme != "https" and not loopback:
            raise FetchError(NOT_HTTPS)
        settings, variables = credentials(remote.access(), git_version())
        stall_limit = (
            ("http.lowSpeedLimit", str(self._stall_limit.bytes_per_second)),
            ("http.lowSpeedTime", str(self._stall_limit.seconds)),
        )
        all_settings = [*_CONFIGURATION, *stall_limit, *settings, *configuration]
        if loopback:
            all_settings.append(("protocol.http.allow", "always"))
        env = environment(all_settings) | variables | _TRACE
        env["GIT_ALLOW_PROTOCOL"] = "https:http" if loopback else "https"
        if not loopback:
            env |= {name: os.environ[name] for name in NETWORK_VARIABLES if name in os.environ}
            if remote.ca_file is not None:
                env["GIT_SSL_CAINFO"] = os.fspath(remote.ca_file)
        return env


def _fetch_error(returncode: int, errors: bytes) -> FetchError:
    """Return the error for a failed command, based on git's standard error."""
    messages = _TRACE_LINE.sub(b"", errors)
    text = messages.decode("utf-8", "replace")
    limit = _rate_limit(errors)
    if limit is not None:
        return limit_error(limit)
    if _BLOB_REFUSED.search(text):
        return BlobRefusedError(BLOBS_REFUSED)
    refused = _UNAUTHORISED.search(text) is not None
    if _FILE_REQUEST.search(errors):
        return FetchError(INVALID_ANSWER, refused=refused, transient=not refused)
    if refused:
        return FetchError(REFUSED, refused=True)
    for pattern, explanation in _EXPLANATIONS:
        if re.search(pattern, text):
            return FetchError(explanation)
    transient = _TRANSIENT.search(text) is not None
    reason = GitError(["fetch"], returncode, messages).reason
    return FetchError(f"git cannot fetch the repository: {reason}", transient=transient)


def _rate_limit(errors: bytes) -> RateLimit | None:
    """Return the rate limit in the last response of git's trace, or None if it states none."""
    status, headers = 0, dict[str, str]()
    for line in _RECEIVED_HEADER.findall(errors):
        text = line.decode("latin-1")
        if (found := _STATUS_LINE.match(text)) is not None:
            status, headers = int(found[1]), {}
        name, _, value = text.partition(":")
        headers[name.strip().lower()] = value.strip()
    seconds = retry_after_seconds(headers)
    is_limit = status == _TOO_MANY_REQUESTS or (status in _PAUSING and seconds is not None)
    return RateLimit(status, seconds) if is_limit else None


def _too_slow(timeout: float) -> FetchError:
    return FetchError(f"git did not finish within {timeout:.0f} s")


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill git and all its child processes."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _limit(process: subprocess.Popen[bytes]) -> None:
    """Disable core dumps, which would contain the token, and limit the size of files."""
    if not hasattr(resource, "prlimit"):
        return
    with contextlib.suppress(ProcessLookupError, PermissionError, ValueError, OSError):
        resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
