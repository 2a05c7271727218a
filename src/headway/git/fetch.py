"""Fetching a repository from a forge into a mirror: hardened, in one step, and with limits.

A mirror is made under another name and renamed when git has checked all of it, so one that was
half fetched when the process died is no mirror. One that exists is brought up to date in place:
git itself moves its reference last.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from headway.errors import CannotWriteError
from headway.git.mirrors import HEAD, Mirrors, read_tip, write_configuration
from headway.git.process import GitError, GitMissingError, environment, run_git

T = TypeVar("T")

TIMEOUT = 3600.0

_TRIES = 3
_MOST_PACKS = 50
_LARGEST_FILE = 64 << 30
_REFUSED = re.compile(r"Authentication failed|could not read (Username|Password)|error: 40[13]\b")
_ABSENT = re.compile(r"not found|error: 404\b")
_REDIRECTED = re.compile(r"error: 30\d\b|redirect")
_NO_HEAD = re.compile(r"couldn't find remote ref HEAD")
_PASSES = re.compile(
    r"error: (5\d\d|429)|RPC failed|early EOF|hung up|reset by peer|timed out|Could not resolve"
    r"|Failed to connect|Couldn't connect|transfer closed|too slow|unexpected disconnect|bytes of"
    r"|invalid index-pack|Empty reply|SSL_read|GnuTLS recv|gnutls_handshake|bad pack header"
)
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_PASSED_ON = (
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

_CONFIGURATION = (
    ("http.followRedirects", "false"),
    ("http.sslVerify", "true"),
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "30"),
    ("protocol.https.allow", "always"),
    ("fetch.fsckObjects", "true"),
    *((f"fetch.fsck.{name}", "ignore") for name in _TOLERATED),
)


class FetchError(Exception):
    """A repository could not be fetched; the text is why, for pages too.

    refused: the forge did not accept the token. passes: asking again may help.
    """

    def __init__(self, reason: str, *, refused: bool = False, passes: bool = False) -> None:
        self.refused = refused
        self.passes = passes
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Tip:
    """What HEAD of a remote repository stands at. empty: there is no reference at all."""

    commit: str | None
    empty: bool = False


Access = Callable[[], Sequence[tuple[str, str]]]
"""Gives git's configuration for a host, with a token that is good now."""


class Fetcher:
    """Fetches into `mirrors`, from several threads at once.

    timeout: seconds for one git command. sleep: takes seconds, between two tries.
    """

    def __init__(
        self,
        mirrors: Mirrors,
        *,
        timeout: float = TIMEOUT,
        allow_loopback_http: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._mirrors = mirrors
        self._timeout = timeout
        self._loopback = allow_loopback_http
        self._sleep = sleep
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def fetch(self, key: str, url: str, access: Access, tip: str | None) -> Path:
        """The mirror of `key`, brought up to date.

        tip: the commit that the forge listed; when the mirror stands there nothing is fetched.
        Raises `FetchError` and `CannotWriteError`.
        """
        mirror = self._mirrors.path(key)
        have = self._mirrors.tip(key)
        try:
            if have is not None:
                _make_safe(mirror, have)
            if have is not None and have == tip:
                return mirror
            if have is None:
                self._again(lambda: self._fetch_afresh(mirror, url, access, tip))
            else:
                self._again(lambda: self._fetch_into(mirror, url, access))
                self._pack(mirror)
        except OSError as error:
            raise CannotWriteError(mirror, error.strerror or error) from error
        return mirror

    def remote_tip(self, url: str, access: Access) -> Tip:
        """Asks the remote repository itself. Raises `FetchError`."""
        tip = self._again(lambda: self._list(url, access, "HEAD"))
        if tip:
            return Tip(tip)
        return Tip(None, empty=not self._again(lambda: self._list(url, access)))

    def stop(self) -> None:
        """Ends whatever is running; nothing begins any more."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                _kill(process)

    def _again(self, ask: Callable[[], T]) -> T:
        """Three tries, one and two seconds apart, when what went wrong may pass."""
        for tried in range(1, _TRIES + 1):
            try:
                return ask()
            except FetchError as error:
                if not error.passes or tried == _TRIES or self._stopped:
                    raise
                self._sleep(float(tried))
        raise AssertionError("the last try returns or raises")

    def _fetch_afresh(self, mirror: Path, url: str, access: Access, tip: str | None) -> None:
        unfinished = mirror.with_suffix(f".new-{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        mirror.parent.mkdir(parents=True, exist_ok=True)
        kind = "sha256" if tip is not None and len(tip) == 64 else "sha1"
        make = ["init", "-q", "--bare", "--template=", f"--object-format={kind}", "--"]
        try:
            run_git([*make, os.fspath(unfinished)], timeout=self._timeout)
            _make_safe(unfinished, tip or "")
            self._fetch_into(unfinished, url, access)
            shutil.rmtree(mirror, ignore_errors=True)
            unfinished.rename(mirror)
        except GitError as error:
            raise FetchError(error.reason) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _fetch_into(self, git_dir: Path, url: str, access: Access) -> None:
        arguments = [f"--git-dir={git_dir}", "fetch", "-q", "--no-tags", "--no-write-fetch-head"]
        arguments += ["--no-auto-maintenance", "--no-recurse-submodules", "--refmap="]
        self._run([*arguments, "--", url, f"+HEAD:{HEAD}"], url, access)
        tip = read_tip(git_dir)
        if tip is None:
            raise FetchError("git fetched nothing")

    def _list(self, url: str, access: Access, *patterns: str) -> str | None:
        """The first commit that `ls-remote` names, or None."""
        said = self._run(["ls-remote", "-q", "--", url, *patterns], url, access)
        commit = said.split(b"\t", 1)[0].decode("ascii", "replace")
        return commit if _COMMIT.match(commit) else None

    def _run(self, arguments: Sequence[str], url: str, access: Access) -> bytes:
        """Standard output of one command that speaks to a forge; raises `FetchError`."""
        process = self._start(arguments, self._environment(url, access()))
        try:
            output, errors = process.communicate(timeout=self._timeout)
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

    def _start(self, arguments: Sequence[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                raise FetchError("the scan was ended")
            try:
                process = subprocess.Popen(
                    ["git", *arguments],
                    stdin=subprocess.DEVNULL,
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

    def _environment(self, url: str, access: Sequence[tuple[str, str]]) -> dict[str, str]:
        """The token is in here, and nowhere else."""
        parts = urlsplit(url)
        loopback = parts.scheme == "http" and self._loopback
        if parts.scheme != "https" and not loopback:
            raise FetchError("its address does not begin with https://")
        configuration = [*_CONFIGURATION, *access]
        if loopback:
            configuration.append(("protocol.http.allow", "always"))
        env = environment(configuration)
        env["GIT_ALLOW_PROTOCOL"] = "https:http" if loopback else "https"
        if not loopback:
            env |= {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return env

    def _pack(self, mirror: Path) -> None:
        """Many small packs of many nights become one."""
        packs = len(list((mirror / "objects" / "pack").glob("*.pack")))
        if packs > _MOST_PACKS:
            try:
                run_git(["repack", "-a", "-d", "-q"], git_dir=mirror, timeout=self._timeout)
            except GitError as error:
                raise FetchError(f"its mirror cannot be packed: {error.reason}") from error


def _make_safe(git_dir: Path, tip: str) -> None:
    """Takes out what a killed git or somebody else left: locks, half packs, configuration."""
    write_configuration(git_dir, tip)
    for pattern in ("*.lock", "objects/pack/tmp_*", "objects/tmp_*", "refs/headway/*.lock"):
        for path in git_dir.glob(pattern):
            path.unlink(missing_ok=True)
    for name in ("objects/info/alternates", "info/grafts", "info/attributes", "commondir"):
        (git_dir / name).unlink(missing_ok=True)
    shutil.rmtree(git_dir / "hooks", ignore_errors=True)


def _explained(error: GitError, errors: bytes) -> FetchError:
    said = errors.decode("utf-8", "replace")
    if _REFUSED.search(said):
        return FetchError("the forge refuses the token for git", refused=True)
    if _ABSENT.search(said):
        return FetchError("the forge does not show it to git")
    if _REDIRECTED.search(said):
        return FetchError("the forge redirects git to another place, which is not followed")
    if _NO_HEAD.search(said):
        return FetchError("no default branch: its HEAD points to no commit")
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
