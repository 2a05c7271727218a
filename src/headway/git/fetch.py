"""Fetching a repository from a forge into a mirror: hardened, in one step, and no more than needed.

A mirror is made under another name and renamed when git has checked all of it, so one that was
half fetched when the process died is no mirror. One that exists is brought up to date in place:
git itself moves its reference last.

At first a mirror has all commits and trees of its branch and no file's content; the contents that
a walk asks for are fetched together, by `fill`. A forge that cannot leave out contents sends them
all, and nothing is missing then.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from headway.errors import CannotWriteError
from headway.git.mirrors import (
    COMMIT,
    HEAD,
    Mirrors,
    is_partial,
    read_tip,
    write_configuration,
)
from headway.git.process import GitError, environment, run_git
from headway.git.transport import TIMEOUT, FetchError, Remote, Wire

_MOST_PACKS = 50
_AT_ONCE = 20_000
"""Contents in one request: 1 MB of names."""

_FETCH = (
    *("fetch", "-q", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"),
    *("--no-recurse-submodules", "--refmap="),
)


@dataclass(frozen=True, slots=True)
class Tip:
    """What HEAD of a remote repository stands at. empty: there is no reference at all."""

    commit: str | None
    empty: bool = False


class Fetcher:
    """Fetches into `mirrors`, from several threads at once. timeout: seconds for one command."""

    def __init__(self, mirrors: Mirrors, wire: Wire, *, timeout: float = TIMEOUT) -> None:
        self._mirrors = mirrors
        self._wire = wire
        self._timeout = timeout

    def fetch(self, key: str, remote: Remote, tip: str | None, *, whole: bool = False) -> Path:
        """The mirror of `key`, brought up to date.

        tip: the commit that the forge listed; when the mirror stands there nothing is fetched.
        whole: with the contents of all files, in place of a mirror that lacks some. Raises
        `FetchError` and `CannotWriteError`.
        """
        mirror = self._mirrors.path(key)
        have = None if whole and is_partial(mirror) else self._mirrors.tip(key)
        try:
            if have is not None:
                _make_safe(mirror, have)
            if have is not None and have == tip:
                return mirror
            if have is None:
                self._wire.again(remote, lambda: self._fetch_afresh(mirror, remote, tip, whole))
            else:
                self._wire.again(remote, lambda: self._fetch_into(mirror, remote))
                self._pack(mirror, remote)
        except OSError as error:
            raise CannotWriteError(mirror, error.strerror or error) from error
        return mirror

    def fill(self, key: str, remote: Remote, contents: Sequence[str]) -> None:
        """Fetches these contents into a mirror that lacks them.

        Raises `FetchError`: a `NotGivenError` when all of it has to be fetched instead.
        """
        mirror = self._mirrors.path(key)
        # nothing is negotiated: having the commits says nothing about having their files
        arguments = [f"--git-dir={mirror}", "-c", "fetch.negotiationAlgorithm=noop", *_FETCH]
        arguments += ["--filter=blob:none", "--stdin", "--end-of-options", "forge"]
        for first in range(0, len(contents), _AT_ONCE):
            names = "".join(f"{name}\n" for name in contents[first : first + _AT_ONCE])
            self._wire.again(
                remote,
                lambda names=names: self._wire.run(  # type: ignore[misc]  # a bound loop variable
                    arguments, remote, configuration=_promise(remote), stdin=names.encode("ascii")
                ),
            )
        self._pack(mirror, remote)

    def remote_tip(self, remote: Remote) -> Tip:
        """Asks the remote repository itself. Raises `FetchError`."""
        tip = self._wire.again(remote, lambda: self._list(remote, "HEAD"))
        if tip:
            return Tip(tip)
        return Tip(None, empty=not self._wire.again(remote, lambda: self._list(remote)))

    def stop(self) -> None:
        """Ends whatever is running; nothing begins any more."""
        self._wire.stop()

    def _fetch_afresh(self, mirror: Path, remote: Remote, tip: str | None, whole: bool) -> None:
        unfinished = mirror.with_suffix(f".new-{os.getpid()}")
        _clear_away(mirror)
        mirror.parent.mkdir(parents=True, exist_ok=True)
        kind = "sha256" if tip is not None and len(tip) == 64 else "sha1"
        make = ["init", "-q", "--bare", "--template=", f"--object-format={kind}", "--"]
        try:
            run_git([*make, os.fspath(unfinished)], timeout=self._timeout)
            _make_safe(unfinished, tip or "")
            self._fetch_into(unfinished, remote, partial=not whole)
            shutil.rmtree(mirror, ignore_errors=True)
            unfinished.rename(mirror)
        except GitError as error:
            raise FetchError(error.reason) from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _fetch_into(self, git_dir: Path, remote: Remote, partial: bool | None = None) -> None:
        """partial: None goes on as the mirror is."""
        reference = f"+HEAD:{HEAD}"
        arguments = [f"--git-dir={git_dir}", *_FETCH]
        if is_partial(git_dir) if partial is None else partial:
            arguments += ["--filter=blob:none", "--end-of-options", "forge", reference]
            self._wire.run(arguments, remote, configuration=_promise(remote))
        else:
            self._wire.run([*arguments, "--", remote.url, reference], remote)
        if read_tip(git_dir) is None:
            raise FetchError("git fetched nothing")

    def _list(self, remote: Remote, *patterns: str) -> str | None:
        """The first commit that `ls-remote` names, or None."""
        said = self._wire.run(["ls-remote", "-q", "--", remote.url, *patterns], remote)
        commit = said.split(b"\t", 1)[0].decode("ascii", "replace")
        return commit if COMMIT.match(commit) else None

    def _pack(self, mirror: Path, remote: Remote) -> None:
        """Many small packs of many nights become one."""
        packs = len(list((mirror / "objects" / "pack").glob("*.pack")))
        if packs > _MOST_PACKS:
            env = environment(_promise(remote) if is_partial(mirror) else ())
            arguments = ["repack", "-a", "-d", "-q"]
            try:
                run_git(arguments, git_dir=mirror, env=env, timeout=self._timeout)
            except GitError as error:
                raise FetchError(f"its mirror cannot be packed: {error.reason}") from error


def _promise(remote: Remote) -> tuple[tuple[str, str], ...]:
    """What makes git take it that contents may be missing; not written into the mirror, so that
    whoever reads it is told of each that is.
    """
    return (
        ("remote.forge.url", remote.url),
        ("remote.forge.promisor", "true"),
        ("remote.forge.partialCloneFilter", "blob:none"),
    )


def _clear_away(mirror: Path) -> None:
    """What processes that were killed had half fetched; what others are fetching now stays."""
    for path in mirror.parent.glob(f"{mirror.stem}.new-*"):
        process = path.suffix.removeprefix(".new-")
        if process == str(os.getpid()) or not _is_alive(process):
            shutil.rmtree(path, ignore_errors=True)


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def _make_safe(git_dir: Path, tip: str) -> None:
    """Takes out what a killed git or somebody else left: locks, half packs, configuration."""
    write_configuration(git_dir, tip)
    for pattern in ("*.lock", "objects/pack/tmp_*", "objects/tmp_*", "refs/headway/*.lock"):
        for path in git_dir.glob(pattern):
            path.unlink(missing_ok=True)
    for name in ("objects/info/alternates", "info/grafts", "info/attributes", "commondir"):
        (git_dir / name).unlink(missing_ok=True)
    shutil.rmtree(git_dir / "hooks", ignore_errors=True)
