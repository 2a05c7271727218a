"""Fetch repositories from a forge into mirrors.

A new mirror is created under a temporary name and renamed after git has checked it, so that a
killed process never leaves an incomplete mirror. An existing mirror is updated in place, because
git updates the reference last.

Unless all blobs are requested, a new mirror has all commits and trees of its branch, but no blobs.
`fill` then fetches all blobs that a scan needs in one step. A forge that does not support such
partial mirrors sends all blobs in the first fetch.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from headway.errors import CannotWriteError
from headway.git.direct_fetch import DirectFetch
from headway.git.fetch_errors import FetchError, NoDirectAnswerError
from headway.git.mirrors import (
    COMMIT,
    HEAD,
    Mirrors,
    create_empty,
    is_left_behind,
    is_partial,
    read_tip,
    write_configuration,
)
from headway.git.process import GitError, environment, run_git
from headway.git.remote import Remote
from headway.git.transport import TIMEOUT, Transport

_MAX_PACKS = 50
"""The maximum number of packs in a mirror. Mirrors with more packs are repacked."""
_BLOBS_PER_REQUEST = 20_000
"""The maximum number of blobs in a request. The IDs of so many blobs take about 1 MB."""

_FETCH = (
    *("fetch", "-q", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"),
    *("--no-recurse-submodules", "--refmap="),
)


@dataclass(frozen=True, slots=True)
class Tip:
    """The HEAD of a remote repository."""

    commit: str | None
    """The commit that HEAD points to, or None if HEAD points to no commit."""
    empty: bool = False
    """Whether the repository has no references."""


class Fetcher:
    """Fetches repositories into mirrors. Threads can share one instance."""

    def __init__(self, mirrors: Mirrors, transport: Transport, *, timeout: float = TIMEOUT) -> None:
        """Create a fetcher. `timeout` is the limit for local git commands, in seconds."""
        self._mirrors = mirrors
        self._transport = transport
        self._direct = DirectFetch(transport)
        self._timeout = timeout

    def fetch(
        self,
        key: str,
        remote: Remote,
        tip: str | None,
        *,
        whole: bool = False,
        small: bool = False,
    ) -> Path:
        """Bring the mirror of a repository up to date.

        Args:
            key: The key of the repository.
            remote: The repository on the forge to fetch from.
            tip: The commit from the forge's listing, or None to fetch HEAD. If the mirror's
                reference points to this commit, nothing is fetched. A mirror with another hash
                algorithm is replaced.
            whole: Whether to fetch all blobs. A partial mirror is replaced.
            small: Whether to fetch all blobs if the mirror is new.

        Returns:
            The folder of the mirror.

        Raises:
            FetchError: The repository could not be fetched.
            CannotWriteError: The mirror could not be written.
        """
        mirror = self._mirrors.path(key)
        have = None if whole and is_partial(mirror) else self._mirrors.tip(key)
        if have is not None and tip is not None and len(have) != len(tip):
            # The repository was converted from SHA-1 to SHA-256, or was created again.
            have = None
        try:
            if have is not None:
                _make_safe(mirror, have)
            if have is not None and have == tip:
                return mirror
            if have is None:
                fetch = partial(self._fetch_new, mirror, partial=not (whole or small))
            else:
                fetch = partial(self._fetch_into, mirror, partial=is_partial(mirror))
            self._transport.with_retries(remote, lambda: fetch(remote, tip))
            self._pack(mirror, remote)
        except OSError as error:
            raise CannotWriteError(mirror, error.strerror or error) from error
        return mirror

    def fill(self, key: str, remote: Remote, contents: Sequence[str]) -> None:
        """Fetch blobs that a mirror lacks.

        Args:
            key: The key of the repository.
            remote: The repository on the forge to fetch from.
            contents: The IDs of the blobs.

        Raises:
            BlobRefusedError: The forge does not serve individual blobs.
            FetchError: The blobs could not be fetched for another reason.
        """
        mirror = self._mirrors.path(key)
        for first in range(0, len(contents), _BLOBS_PER_REQUEST):
            names = contents[first : first + _BLOBS_PER_REQUEST]
            self._transport.with_retries(remote, partial(self._fill, mirror, remote, names))
        self._pack(mirror, remote)

    def remote_tip(self, remote: Remote) -> Tip:
        """Read the HEAD of a remote repository.

        Raises:
            FetchError: The remote could not be reached.
        """
        tip = self._transport.with_retries(remote, lambda: self._direct.head(remote))
        if tip is None:
            tip = self._transport.with_retries(remote, lambda: self._list(remote, "HEAD"))
        if tip:
            return Tip(tip)
        output = self._transport.with_retries(remote, lambda: self._transport.list_all(remote))
        return Tip(None, empty=first_commit(output) is None)

    def stop(self) -> None:
        """Kill all running commands and prevent new ones."""
        self._transport.stop()

    def close(self) -> None:
        """Close the connections to forges. Call this method after all commands have ended."""
        self._transport.close()

    def _fetch_new(self, mirror: Path, remote: Remote, tip: str | None, *, partial: bool) -> None:
        unfinished = mirror.with_suffix(f".new-{os.getpid()}")
        _remove_unfinished(mirror)
        try:
            create_empty(unfinished, tip or "")
            self._fetch_into(unfinished, remote, tip, partial=partial)
            shutil.rmtree(mirror, ignore_errors=True)
            unfinished.rename(mirror)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _fetch_into(self, git_dir: Path, remote: Remote, tip: str | None, *, partial: bool) -> None:
        """Fetch the tip, or HEAD if the tip is unknown. Omit blobs if `partial` is true."""

        def directly() -> None:
            if tip is None:
                raise NoDirectAnswerError
            self._direct.fetch(git_dir, remote, tip, partial=partial)

        def with_git() -> None:
            reference = f"+HEAD:{HEAD}"
            arguments = [f"--git-dir={git_dir}", *_FETCH]
            if partial:
                arguments += ["--filter=blob:none", "--end-of-options", "forge", reference]
                self._transport.run(arguments, remote, configuration=_promise(remote))
            else:
                self._transport.run([*arguments, "--", remote.url, reference], remote)

        self._change(git_dir, remote, directly, with_git)
        if read_tip(git_dir) is None:
            raise FetchError("git fetched nothing")

    def _fill(self, git_dir: Path, remote: Remote, names: Sequence[str]) -> None:
        # Disable negotiation. Otherwise, git would assume that a mirror with the commits also has
        # their blobs.
        arguments = [f"--git-dir={git_dir}", "-c", "fetch.negotiationAlgorithm=noop", *_FETCH]
        arguments += ["--filter=blob:none", "--stdin", "--end-of-options", "forge"]
        stdin = "".join(f"{name}\n" for name in names).encode("ascii")
        self._change(
            git_dir,
            remote,
            lambda: self._direct.fill(git_dir, remote, names),
            lambda: self._transport.run(
                arguments, remote, configuration=_promise(remote), stdin=stdin
            ),
        )

    def _change(
        self,
        git_dir: Path,
        remote: Remote,
        direct: Callable[[], None],
        with_git: Callable[[], object],
    ) -> None:
        """Fetch into a mirror. After a failure, delete git's leftovers to free the disk space."""
        try:
            self._direct.or_git(remote, direct, with_git)
        except FetchError:
            _remove_leftovers(git_dir)
            raise

    def _list(self, remote: Remote, *patterns: str) -> str | None:
        """Return the first commit that `git ls-remote` lists, or None if it lists none."""
        arguments = ["ls-remote", "-q", "--", remote.url, *patterns]
        return first_commit(self._transport.run(arguments, remote))

    def _pack(self, mirror: Path, remote: Remote) -> None:
        """Combine all packs into one if fetches have created too many."""
        packs = len(list((mirror / "objects" / "pack").glob("*.pack")))
        if packs > _MAX_PACKS:
            env = environment(_promise(remote) if is_partial(mirror) else ())
            arguments = ["repack", "-a", "-d", "-q"]
            try:
                run_git(arguments, git_dir=mirror, env=env, timeout=self._timeout)
            except GitError as error:
                _remove_leftovers(mirror)
                raise FetchError(f"the mirror cannot be repacked: {error.reason}") from error


def first_commit(output: bytes) -> str | None:
    """Return the first commit in the output of `git ls-remote`, or None if it lists none."""
    commit = output.split(b"\t", 1)[0].decode("ascii", "replace")
    return commit if COMMIT.match(commit) else None


def _promise(remote: Remote) -> tuple[tuple[str, str], ...]:
    """Return settings that make one git command accept missing blobs in a mirror.

    The settings are not stored in the mirror, so git still reports missing blobs during scans.
    """
    return (
        ("remote.forge.url", remote.url),
        ("remote.forge.promisor", "true"),
        ("remote.forge.partialCloneFilter", "blob:none"),
        # In partial fetches, git's own check would not tolerate harmless defects.
        ("fetch.fsckObjects", "false"),
    )


def _remove_unfinished(mirror: Path) -> None:
    """Delete unfinished mirrors, except those of other running processes."""
    for path in mirror.parent.glob(f"{mirror.stem}.new-*"):
        if path.suffix == f".new-{os.getpid()}" or is_left_behind(path):
            shutil.rmtree(path, ignore_errors=True)


def _make_safe(git_dir: Path, tip: str) -> None:
    """Rewrite the configuration, and delete files that could influence git."""
    write_configuration(git_dir, tip)
    _remove_leftovers(git_dir)
    for name in ("objects/info/alternates", "info/grafts", "info/attributes", "commondir"):
        (git_dir / name).unlink(missing_ok=True)
    shutil.rmtree(git_dir / "hooks", ignore_errors=True)


def _remove_leftovers(git_dir: Path) -> None:
    """Delete the locks and temporary files of git commands that failed or were killed."""
    patterns = ("*.lock", "objects/pack/tmp_*", "objects/pack/.tmp-*", "objects/tmp_*")
    for pattern in (*patterns, "objects/*/tmp_*", "refs/headway/*.lock"):
        for path in git_dir.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
