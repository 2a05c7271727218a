"""Provide a readable mirror of each repository. Remote repositories are fetched."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from headway.forges.forge_errors import ForgeTrouble, TokenRefusedError
from headway.forges.source import RemoteSource, Source
from headway.git.fetch_errors import BlobRefusedError, FetchError
from headway.git.mirrors import SMALL_BYTES, Mirrors, is_partial
from headway.git.remote import Remote
from headway.model.repository import Listing, Repository, Unlisted
from headway.scan.git_refusals import GitRefusals
from headway.scan.mirror_cache import MirrorCache
from headway.scan.request import ScanRequest

if TYPE_CHECKING:
    from headway.git.fetch import Fetcher

_FAILURES = (FetchError, ForgeTrouble, TokenRefusedError)
_FETCHES_AT_A_TIME = 4
_FETCHES_OF_ALL_PROCESSES = 32
"""The maximum number of simultaneous fetches of all processes together. Each process may always run
one fetch, even if there are more processes than this.
"""
_MAX_SINGLE_BLOBS = 100_000
"""The number of missing blobs above which the whole repository is fetched. Fetching everything then
transfers hardly more data, because individual blobs compress worse than all versions of a file
together. See docs/forges.md.
"""
NO_MIRROR = "there is no mirror yet, and nothing was fetched"
NOT_FILLED = "the mirror lacks file contents that a rule must read, and nothing was fetched"
_NOT_SENT = "the forge did not send all file contents of the repository"


@dataclass(frozen=True, slots=True)
class ReadyMirror:
    """A mirror that can be read."""

    git_dir: Path
    tip: str
    """The branch's last commit."""
    can_fetch: bool = False
    """Whether missing blobs can still be fetched."""
    why_lacking: str = ""
    """The reason why missing blobs cannot be fetched, or an empty string if it is unknown."""


Supplies = dict[str, ReadyMirror | str]
"""Maps a repository's key to its mirror, or to the reason why it has none."""


class MirrorProvider:
    """Fetches mirrors in threads of the coordinator. Workers never contact a forge.

    Fetching starts with `begin` and continues until the `with` block ends.
    """

    def __init__(self, request: ScanRequest) -> None:
        self._request = request
        self._mirrors = Mirrors(request.mirrors)
        self._remote = {
            source.id: source for source in request.sources if isinstance(source, RemoteSource)
        }
        self._fetcher = _fetcher(self._mirrors, request) if self._remote else None
        """None if all sources are local."""
        self._listed: dict[str, Repository] = {}
        self._refusals = GitRefusals(processes=request.fetching_processes)
        self._cache = MirrorCache(self._mirrors, request.mirror_budget)
        share = max(_FETCHES_OF_ALL_PROCESSES // request.fetching_processes, 1)
        self._fetches = min(_FETCHES_AT_A_TIME, share)
        self._executor = ThreadPoolExecutor(self._fetches, thread_name_prefix="headway-fetch")
        self._waiting: deque[Repository] = deque()
        """Repositories whose fetches have not been started."""
        self._pending: dict[Future[ReadyMirror | str], str] = {}
        self._running = 0
        """The number of started fetches that have not ended."""
        self._lock = threading.RLock()
        """Protects the three preceding fields, because the end of one fetch starts the next one."""
        self._ready: Supplies = {}
        """Mirrors, or reasons for their absence, that have not been yielded yet."""
        self._filled: dict[str, set[str]] = defaultdict(set)
        """The missing blobs that this scan fetched, by repository key."""
        self._healed: set[str] = set()
        """The keys of repositories whose damaged mirrors this scan fetched again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._waiting.clear()
        if error is not None and self._fetcher is not None:
            self._fetcher.stop()
        self._executor.shutdown(cancel_futures=True)
        if self._fetcher is not None:
            self._fetcher.close()

    def resolve(self, source: Source, listing: Listing) -> Listing:
        """Add the tips that the forge did not list.

        With `--no-fetch`, the tips are those of the mirrors. Repositories whose tips cannot be read
        move to `unlisted`, with the reason.
        """
        if not isinstance(source, RemoteSource):
            return listing
        if not self._request.fetch:
            return _with(
                listing,
                {
                    repository.key: self._from_mirror(repository)
                    for repository in listing.repositories
                },
            )
        futures = {
            self._executor.submit(self._ask_for_tip, repository): repository.key
            for repository in listing.repositories
            if repository.tip is None and repository.default_branch and not repository.disabled
        }
        return _with(
            listing, {futures[future]: future.result() for future in as_completed(futures)}
        )

    def begin(self, repositories: Sequence[Repository]) -> None:
        """Make mirrors of the local repositories ready, and start fetching the others."""
        fetched = []
        for repository in repositories:
            self._mirrors.used(repository.key)
            key, tip = repository.key, repository.tip
            if repository.source not in self._remote:
                assert tip is not None
                git_dir = self._mirrors.borrow(key, Path(repository.clone_url), tip)
                self._ready[key] = ReadyMirror(git_dir, tip)
            elif self._request.fetch:
                self._listed[key] = repository
                fetched.append(repository)
                continue
            else:
                self._ready[key] = self._without_fetching(repository)
        self._cache.hold(self._ready)
        with self._lock:
            self._waiting.extend(fetched)
        self._start_fetches()

    def fetches(self, repositories: Sequence[Repository]) -> bool:
        """Return whether any of these repositories will be fetched from a forge."""
        return self._request.fetch and any(
            repository.source in self._remote for repository in repositories
        )

    def ready(self, at_least: int) -> Iterator[Supplies]:
        """Yield mirrors in groups as they become ready, until no fetch is queued or running.

        Args:
            at_least: The number of mirrors to wait for. The last group may be smaller.
        """
        while self._ready or self._pending or self._waiting:
            self._start_fetches(must=not self._pending and not self._ready)
            while self._pending and len(self._ready) < at_least:
                done, _ = wait(self._started(), return_when=FIRST_COMPLETED)
                for future in done:
                    self._take(future)
            supplies, self._ready = self._ready, {}
            yield supplies

    def release(self, key: str) -> None:
        """Record that the scan no longer needs the mirror of a repository."""
        self._cache.release(key)

    def cancel(self) -> list[str]:
        """Cancel all fetches that have not started, and return the keys of their repositories."""
        with self._lock:
            waiting = [repository.key for repository in self._waiting]
            self._waiting.clear()
            cancelled = [future for future in self._pending if future.cancel()]
            return waiting + [self._pending.pop(future) for future in cancelled]

    def fill(self, key: str, contents: Sequence[str]) -> None:
        """Start fetching the missing blobs of a mirror. `ready` then yields the mirror again.

        If the mirror still lacks blobs afterwards, it counts as damaged.
        """
        repository = self._listed[key]
        if self._filled[key].isdisjoint(contents):
            # `.gitattributes` files among the fetched blobs can make further blobs necessary.
            self._filled[key].update(contents)
            self._submit(key, partial(self._fill, repository, contents))
        elif not self.heal(key):
            self.give_up(key, _NOT_SENT)

    def give_up(self, key: str, reason: str) -> None:
        """Make `ready` yield a mirror again, so that it is read despite missing blobs."""
        self._ready[key] = self._at_own_tip(key, reason)

    def heal(self, key: str) -> bool:
        """Quarantine a damaged mirror and fetch the repository again, at most once per scan.

        Returns:
            False if the repository is local or has already been fetched again.
        """
        repository = self._listed.get(key)
        if repository is None or key in self._healed:
            return False
        self._healed.add(key)
        self._mirrors.quarantine(key)
        self._submit(key, partial(self._fetch, repository, whole=True))
        return True

    def tidy(self) -> None:
        """Delete unfinished mirrors, and any mirrors beyond the disk budget.

        Damaged mirrors are deleted first, followed by the least recently used mirrors.
        """
        self._mirrors.delete_unfinished()
        if self._request.mirror_budget is not None:
            self._mirrors.evict(self._request.mirror_budget)

    def _start_fetches(self, *, must: bool = False) -> None:
        """Start queued fetches until enough of them are running or the disk budget is used up.

        Args:
            must: Whether the first of these fetches may exceed the disk budget.
        """
        with self._lock:
            while self._waiting and self._running < self._fetches:
                repository = self._waiting[0]
                if not self._cache.need(repository.key, repository.size or 0, must=must):
                    return
                must = False
                self._waiting.popleft()
                self._submit(repository.key, partial(self._fetch, repository))

    def _submit(self, key: str, fetch: Callable[[], ReadyMirror | str]) -> None:
        def run() -> ReadyMirror | str:
            try:
                return fetch()
            finally:
                self._cache.fetched(key)

        with self._lock:
            self._running += 1
            future = self._executor.submit(run)
            self._pending[future] = key
        future.add_done_callback(self._ended)

    def _ended(self, _: Future[ReadyMirror | str]) -> None:
        """Start the next fetch. The thread of the ended fetch calls this method."""
        with self._lock:
            self._running -= 1
        self._start_fetches()

    def _started(self) -> list[Future[ReadyMirror | str]]:
        with self._lock:
            return list(self._pending)

    def _take(self, future: Future[ReadyMirror | str]) -> None:
        """Add the result of a fetch to the mirrors that `ready` yields."""
        with self._lock:
            key = self._pending.pop(future)
        self._ready[key] = future.result()
        if isinstance(self._ready[key], str):
            self._cache.release(key)

    def _from_mirror(self, repository: Repository) -> Repository | Unlisted:
        tip = self._mirrors.tip(repository.key) or repository.tip
        if tip is None and repository.default_branch:
            return Unlisted(repository.key, repository.name, NO_MIRROR)
        return replace(repository, tip=tip)

    def _without_fetching(self, repository: Repository) -> ReadyMirror | str:
        if self._mirrors.tip(repository.key) is None:
            return NO_MIRROR
        assert repository.tip is not None
        git_dir = self._mirrors.path(repository.key)
        return ReadyMirror(
            git_dir, repository.tip, why_lacking=NOT_FILLED if is_partial(git_dir) else ""
        )

    def _ask_for_tip(self, repository: Repository) -> Repository | Unlisted:
        try:
            with self._reaching(repository) as remote:
                assert self._fetcher is not None
                tip = self._fetcher.remote_tip(remote)
        except _FAILURES as error:
            return Unlisted(repository.key, repository.name, str(error))
        if tip.commit is None:
            return replace(repository, default_branch=None, empty=tip.empty)
        return replace(repository, tip=tip.commit)

    def _fetch(self, repository: Repository, *, whole: bool = False) -> ReadyMirror | str:
        try:
            with self._reaching(repository) as remote:
                small = repository.size is not None and repository.size <= SMALL_BYTES
                assert self._fetcher is not None
                self._fetcher.fetch(
                    repository.key, remote, repository.tip, whole=whole, small=small
                )
        except _FAILURES as error:
            return str(error)
        return self._at_own_tip(repository.key)

    def _fill(self, repository: Repository, contents: Sequence[str]) -> ReadyMirror | str:
        if len(contents) > _MAX_SINGLE_BLOBS:
            return self._fetch(repository, whole=True)
        try:
            with self._reaching(repository) as remote:
                assert self._fetcher is not None
                self._fetcher.fill(repository.key, remote, contents)
        except BlobRefusedError:
            return self._fetch(repository, whole=True)
        except _FAILURES as error:
            # Rules that need none of the missing blobs are not affected.
            return self._at_own_tip(repository.key, str(error))
        return self._at_own_tip(repository.key)

    def _at_own_tip(self, key: str, why_lacking: str = "") -> ReadyMirror:
        """Return the mirror with its own tip. The branch may have moved since the listing.

        Args:
            key: The key of the repository.
            why_lacking: The reason why missing contents cannot be fetched, or an empty string if
                they can.
        """
        tip = self._mirrors.tip(key)
        assert tip is not None
        return ReadyMirror(self._mirrors.path(key), tip, not why_lacking, why_lacking)

    def _reaching(self, repository: Repository) -> AbstractContextManager[Remote]:
        return self._refusals.reaching(self._remote[repository.source], repository)


def _fetcher(mirrors: Mirrors, request: ScanRequest) -> Fetcher:
    # Imported only here, because a scan of local repositories does not need these modules.
    from headway.git.fetch import Fetcher
    from headway.git.transport import Transport

    return Fetcher(mirrors, Transport(allow_loopback_http=request.allow_loopback_http))


def _with(listing: Listing, replacements: dict[str, Repository | Unlisted]) -> Listing:
    """Return the listing with some of its repositories replaced, by key."""
    entries = [replacements.get(repository.key, repository) for repository in listing.repositories]
    return replace(
        listing,
        repositories=tuple(entry for entry in entries if isinstance(entry, Repository)),
        unlisted=(*listing.unlisted, *(entry for entry in entries if isinstance(entry, Unlisted))),
    )
