"""git speaking to a forge: what it is started with, how it ends, and what went wrong in words.

A token reaches git by its environment and by nothing else: no argument, no address, no file.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import resource
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from headway.git.process import GitError, GitMissingError, environment, git_version

T = TypeVar("T")

TIMEOUT = 3600.0

_TRIES = 3
_LIMITED_PAUSE = 60.0
_LARGEST_FILE = 64 << 30
_PROACTIVE = (2, 46)
_HELPER = (
    """!printf 'username=%s\\npassword=%s\\n' "$HEADWAY_GIT_USERNAME" "$HEADWAY_GIT_PASSWORD" #"""
)
"""A credential helper; git appends what it is asked to do, which a comment takes in."""

_REFUSED = re.compile(r"Authentication failed|could not read (Username|Password)|error: 40[13]\b")
_ABSENT = re.compile(r"not found|error: 404\b")
_REDIRECTED = re.compile(r"error: 30\d\b|redirect")
_NO_HEAD = re.compile(r"couldn't find remote ref HEAD")
_NOT_GIVEN = re.compile(r"not our ref|unadvertised object")
_LIMITED = re.compile(r"error: 429\b")
_UNTRUSTED = re.compile(r"certificate|SSL peer|self[- ]signed", re.IGNORECASE)
_PASSES = re.compile(
    r"error: 5\d\d|RPC failed|early EOF|hung up|reset by peer|timed out|Could not resolve"
    r"|Failed to connect|Couldn't connect|transfer closed|too slow|unexpected disconnect|bytes of"
    r"|invalid index-pack|Empty reply|SSL_read|GnuTLS recv|gnutls_handshake|bad pack header"
)
NETWORK_VARIABLES = (
    *("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy"),
    *("NO_PROXY", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)
"""How this machine reaches others; says nothing about what git does there."""

_TOLERATED = (
    *("badDate", "badDateOverflow", "badTimezone", "missingSpaceBeforeDate", "zeroPaddedDate"),
    *("badEmail", "badName", "missingEmail", "missingSpaceBeforeEmail", "missingNameBeforeEmail"),
    *("gitmodulesBlob", "gitmodulesLarge", "gitmodulesMissing", "gitmodulesName"),
    *("gitmodulesParse", "gitmodulesPath", "gitmodulesSymlink", "gitmodulesUpdate"),
    *("gitmodulesUrl", "gitattributesBlob", "gitattributesLarge", "gitattributesLineLength"),
    *("gitattributesMissing", "zeroPaddedFilemode"),
)
"""What is wrong with a commit's dates or with files that are never acted upon harms nobody."""

SLOWEST = (("http.lowSpeedLimit", "1000"), ("http.lowSpeedTime", "30"))
"""Fewer than 1,000 bytes a second for 30 seconds are a transfer that has stalled."""

_CONFIGURATION = (
    ("http.followRedirects", "false"),
    ("http.sslVerify", "true"),
    ("protocol.https.allow", "always"),
    ("fetch.fsckObjects", "true"),
    *((f"fetch.fsck.{name}", "ignore") for name in _TOLERATED),
)


class FetchError(Exception):
    """A repository could not be fetched; the text is why, for pages too.

    refused: the forge did not accept the token. passes: asking again after `pause` seconds may
    help.
    """

    def __init__(
        self, reason: str, *, refused: bool = False, passes: bool = False, pause: float = 1.0
    ) -> None:
        self.refused = refused
        self.passes = passes
        self.pause = pause
        super().__init__(reason)


class NotGivenError(FetchError):
    """The forge does not give out single contents to whoever names them."""


class Access(Protocol):
    """base: scheme and host that the two others are for."""

    @property
    def base(self) -> str: ...
    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Remote:
    """One repository on a forge.

    access: gives what is good now, or None when git asks as nobody. wait: takes a pause, given
    why and for how many seconds; may raise to give up.
    """

    url: str
    access: Callable[[], Access | None]
    wait: Callable[[str, float], None]


class Wire:
    """Starts git, from several threads at once. timeout: seconds for one command."""

    def __init__(
        self,
        *,
        timeout: float = TIMEOUT,
        allow_loopback_http: bool = False,
        slowest: Sequence[tuple[str, str]] = SLOWEST,
    ) -> None:
        self._timeout = timeout
        self._loopback = allow_loopback_http
        self._slowest = tuple(slowest)
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def again(self, remote: Remote, ask: Callable[[], T]) -> T:
        """Three tries, with a pause that doubles, when what went wrong may pass."""
        for tried in range(_TRIES):
            try:
                return ask()
            except FetchError as error:
                if not error.passes or tried == _TRIES - 1 or self._stopped:
                    raise
                remote.wait(str(error), error.pause * 2**tried)
        raise AssertionError("the last try returns or raises")

    def run(
        self,
        arguments: Sequence[str],
        remote: Remote,
        *,
        configuration: Sequence[tuple[str, str]] = (),
        stdin: bytes = b"",
    ) -> bytes:
        """Standard output of one command that speaks to a forge; raises `FetchError`."""
        process = self._start(arguments, self._environment(remote, configuration))
        try:
            output, errors = process.communicate(stdin, timeout=self._timeout)
        except subprocess.TimeoutExpired:
            _kill(process)
            process.communicate()
            raise FetchError(f"git did not end within {self._timeout:.0f} s") from None
        except BaseException:
            _kill(process)
            process.communicate()
            raise
        finally:
            with self._lock:
                self._running.discard(process)
        if process.returncode:
            raise _explained(GitError(["fetch"], process.returncode, errors), errors)
        return output

    def stop(self) -> None:
        """Ends whatever is running; nothing begins any more."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                _kill(process)

    def _start(self, arguments: Sequence[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                raise FetchError("the scan was ended")
            try:
                process = subprocess.Popen(
                    ["git", *arguments],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
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
        """The token is in here, and nowhere else."""
        scheme = urlsplit(remote.url).scheme
        loopback = scheme == "http" and self._loopback
        if scheme != "https" and not loopback:
            raise FetchError("its address does not begin with https://")
        told, variables = credentials(remote.access(), git_version())
        settings = [*_CONFIGURATION, *self._slowest, *told, *configuration]
        if loopback:
            settings.append(("protocol.http.allow", "always"))
        env = environment(settings) | variables
        env["GIT_ALLOW_PROTOCOL"] = "https:http" if loopback else "https"
        if not loopback:
            env |= {name: os.environ[name] for name in NETWORK_VARIABLES if name in os.environ}
        return env


def credentials(
    access: Access | None, version: tuple[int, int]
) -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
    """Configuration and variables by which git knows a token, for its host and no other.

    Either way it goes with the first request: git alone would ask without it first, and GitLab
    bans addresses that fail to authenticate too often. From 2.46 on git itself can do that;
    before, it is given the header as it is.
    """
    if access is None:
        return (), {}
    if version >= _PROACTIVE:
        helper = (f"credential.{access.base}.helper", _HELPER)
        variables = {
            "HEADWAY_GIT_USERNAME": access.username,
            "HEADWAY_GIT_PASSWORD": access.password,
        }
        return (helper, ("http.proactiveAuth", "basic")), variables
    pair = base64.b64encode(f"{access.username}:{access.password}".encode()).decode("ascii")
    return ((f"http.{access.base}/.extraHeader", f"Authorization: Basic {pair}"),), {}


def _explained(error: GitError, errors: bytes) -> FetchError:
    said = errors.decode("utf-8", "replace")
    if _LIMITED.search(said):
        return FetchError("the forge limits how often git asks", passes=True, pause=_LIMITED_PAUSE)
    if _NOT_GIVEN.search(said):
        return NotGivenError("the forge does not give out single contents")
    if _REFUSED.search(said):
        return FetchError("the forge refuses the token for git", refused=True)
    if _ABSENT.search(said):
        return FetchError("the forge does not show it to git")
    if _REDIRECTED.search(said):
        return FetchError("the forge redirects git to another place, which is not followed")
    if _NO_HEAD.search(said):
        return FetchError("no default branch: its HEAD points to no commit")
    if _UNTRUSTED.search(said):
        return FetchError("git does not accept the forge's certificate")
    return FetchError(f"git cannot fetch it: {error.reason}", passes=bool(_PASSES.search(said)))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """git with all that it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _limit(process: subprocess.Popen[bytes]) -> None:
    """No core dump, which would hold the token, and no file without end."""
    if not hasattr(resource, "prlimit"):
        return
    with contextlib.suppress(ProcessLookupError, PermissionError, ValueError, OSError):
        resource.prlimit(process.pid, resource.RLIMIT_CORE, (0, 0))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
