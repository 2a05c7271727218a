"""Fetch with one request to the forge. Git then checks and stores the pack.

`git fetch` sends two or three requests and starts five processes. In an organisation with many
small repositories, this takes most of the time of a scan.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from headway.git.fetch_errors import BlobRefusedError, NoDirectAnswerError
from headway.git.mirrors import HEAD, write_head
from headway.git.pack_index import index_contains
from headway.git.process import GitError, environment, git_version, run_git
from headway.git.remote import Remote
from headway.git.transport import TOLERATED, Transport
from headway.git.upload_pack import fetch_request, head_commit, head_request, pack_data

_HAVES = tuple(2**power - 1 for power in range(9))
"""A request lists the commits at these distances from the mirror's tip as already present.

After a force push, the forge may no longer have the latest commits but still have older ones.
"""
_FSCK_SINCE = (2, 45)
"""The first version of git that checks the object formats of partial mirrors during a fetch.

In older versions, `index-pack --fsck-objects` cannot ignore harmless defects, and would reject many
real repositories. With older versions, the objects are therefore checked only when they are read,
as in local repositories.
"""


class DirectFetch:
    """Fetches directly if the forge answers such requests. Threads can share one instance."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._without: set[str] = set()
        """The hosts that do not answer direct requests."""

    def or_git(self, remote: Remote, direct: Callable[[], None], git: Callable[[], object]) -> None:
        """Call `direct`. If the forge does not answer the direct request, call `git`.

        Raises:
            FetchError: The repository could not be fetched.
        """
        host = urlsplit(remote.url).netloc
        whole_forge = False
        if host not in self._without:
            try:
                return direct()
            except NoDirectAnswerError as error:
                whole_forge = error.whole_forge
        git()
        if whole_forge:
            self._without.add(host)
        return None

    def head(self, remote: Remote) -> str | None:
        """Return the commit of HEAD, or None if the forge sends no direct answer or no commit.

        Raises:
            FetchError: The remote could not be reached.
        """
        if urlsplit(remote.url).netloc in self._without:
            return None
        try:
            with self._transport.connections.post(remote, head_request()) as read:
                return head_commit(read)
        except NoDirectAnswerError:
            return None

    def fetch(self, git_dir: Path, remote: Remote, tip: str, *, partial: bool) -> None:
        """Fetch a commit with its history, and point the mirror's reference to it.

        Args:
            git_dir: The mirror, which may be empty.
            remote: The repository.
            tip: The commit.
            partial: Whether to omit blobs.

        Raises:
            FetchError: The commit could not be fetched.
            NoDirectAnswerError: Git must fetch the commit instead.
        """
        request = fetch_request([tip], _haves(git_dir), blobs=not partial)
        try:
            index = self._store(git_dir, remote, request, partial=partial)
        except BlobRefusedError:
            # The branch has moved since the repositories of the forge were listed.
            raise NoDirectAnswerError from None
        if not index_contains(index, tip):
            raise NoDirectAnswerError
        write_head(git_dir, tip)

    def fill(self, git_dir: Path, remote: Remote, blobs: Sequence[str]) -> None:
        """Fetch blobs into a partial mirror. Raises the same errors as `fetch`."""
        self._store(git_dir, remote, fetch_request(blobs, blobs=False), partial=True)

    def _store(self, git_dir: Path, remote: Remote, request: bytes, *, partial: bool) -> Path:
        """Send a request, and store the pack from the response.

        Returns:
            The index of the pack.
        """
        arguments = ["index-pack", "--stdin", "--fix-thin", *_checks(partial)]
        arguments += ["--promisor"] if partial else []
        with (
            self._transport.connections.post(remote, request) as read,
            closing(pack_data(read)) as data,
        ):
            # Start git only when the pack arrives.
            first = next(data, b"")
            try:
                output = self._transport.store(arguments, git_dir, chain((first,), data))
            except GitError:
                # Let `git fetch` report the problem, with its own settings and messages.
                raise NoDirectAnswerError from None
        name = output.split(b"\n", 1)[0].rpartition(b"\t")[2].decode("ascii", "replace")
        index = git_dir / "objects" / "pack" / f"pack-{name}.idx"
        if not name.isalnum() or not index.is_file():
            raise NoDirectAnswerError
        return index


def _checks(partial: bool) -> list[str]:
    """Return the options for checks of object formats. Hashes are always checked."""
    tolerated = ",".join(f"{name}=ignore" for name in TOLERATED)
    if not partial:
        return [f"--strict={tolerated}"]
    return [f"--fsck-objects={tolerated}"] if git_version() >= _FSCK_SINCE else []


def _haves(git_dir: Path) -> list[str]:
    """Return commits of a mirror, latest first. A new mirror has none."""
    if not (git_dir / HEAD).exists():
        return []
    arguments = ["rev-list", "--first-parent", f"-n{_HAVES[-1] + 1}", HEAD]
    try:
        commits = run_git(arguments, git_dir=git_dir, env=environment()).decode("ascii").split()
    except GitError:
        raise NoDirectAnswerError from None
    return [commits[index] for index in _HAVES if index < len(commits)]
