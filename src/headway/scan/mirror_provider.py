"""Where the workers find each repository: borrowed when it lies here, fetched from a forge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from headway.forges.forge_errors import ForgeTrouble, TokenRefusedError
from headway.forges.source import RemoteSource, Source
from headway.git.fetch import Fetcher
from headway.git.mirrors import Mirrors
from headway.git.transport import FetchError, NotGivenError, Remote, Wire
from headway.model.repository import Listing, Repository, Unlisted
from headway.scan.request import ScanRequest

_FAILURES = (FetchError, ForgeTrouble, TokenRefusedError)
_AT_A_TIME = 4
_MOST_REFUSALS = 3
_MOST_CONTENTS = 100_000
"""Above that about as many bytes come as the whole repository has: single contents are packed
worse than all versions of a file together. See docs/forges.md.
"""
_NO_MIRROR = "there is no mirror of it yet, and --no-fetch was given"
_NOT_FILLED = "its mirror lacks contents that a rule has to read, and --no-fetch was given"


@dataclass(frozen=True, slots=True)
class ReadyMirror:
    """A mirror that can be read. tip: the commit to walk to."""

    git_dir: Path
    tip: str


Supplies = dict[str, ReadyMirror | str]
"""Key of a repository to its mirror, or to why there is none."""


class MirrorProvider:
    """Only this process speaks to forges: workers are given nothing but folders.

    Fetching goes on in threads from `begin` until the block is left.
    """

    def __init__(self, request: ScanRequest) -> None:
        self._request = request
        self._mirrors = Mirrors(request.mirrors)
        wire = Wire(allow_loopback_http=request.allow_loopback_http)
        self._fetcher = Fetcher(self._mirrors, wire)
        self._remote = {
            source.id: source for source in request.sources if isinstance(source, RemoteSource)
        }
        self._listed: dict[str, Repository] = {}
        self._refusals: Counter[str] = Counter()
        self._executor = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="headway-fetch")
        self._under_way: dict[Future[ReadyMirror | str], str] = {}
        self._at_hand: Supplies = {}
        self._filled: set[str] = set()
        self._healed: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self._fetcher.stop()
        self._executor.shutdown(cancel_futures=True)

    def resolve(self, source: Source, listing: Listing) -> Listing:
        """The listing, with the tips that the forge did not state.

        With --no-fetch the mirrors' tips are the ones that count.
        """
        if not isinstance(source, RemoteSource):
            return listing
        if not self._request.fetch:
            return _with(listing, {it.key: self._kept(it) for it in listing.repositories})
        open_ones = [it for it in listing.repositories if it.tip is None and it.default_branch]
        futures = {self._executor.submit(self._ask, it): it.key for it in open_ones}
        return _with(listing, {futures[it]: it.result() for it in as_completed(futures)})

    def begin(self, repositories: Sequence[Repository]) -> None:
        """Borrows what lies here, and begins to fetch the rest."""
        for it in repositories:
            if it.source not in self._remote:
                assert it.tip is not None
                git_dir = self._mirrors.borrow(it.key, Path(it.clone_url), it.tip)
                self._at_hand[it.key] = ReadyMirror(git_dir, it.tip)
            elif self._request.fetch:
                self._listed[it.key] = it
                self._submit(it.key, partial(self._fetch, it))
            else:
                self._at_hand[it.key] = self._without_fetching(it)
        for it in repositories:
            self._mirrors.used(it.key)

    def fetches(self, repositories: Sequence[Repository]) -> bool:
        """Whether any of them is fetched from a forge."""
        return self._request.fetch and any(it.source in self._remote for it in repositories)

    def ready(self, at_least: int) -> Iterator[Supplies]:
        """Mirrors as they become ready, many together, until nothing is under way.

        at_least: how many to wait for; fewer come at the end.
        """
        while self._at_hand or self._under_way:
            while self._under_way and len(self._at_hand) < at_least:
                done, _ = wait(self._under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    self._at_hand[self._under_way.pop(future)] = future.result()
            supplies, self._at_hand = self._at_hand, {}
            yield supplies

    def fill(self, key: str, contents: Sequence[str]) -> None:
        """Begins to fetch contents that a mirror lacks; the mirror becomes ready once more.

        A mirror that lacks some when all that it lacked have come is damaged.
        """
        repository = self._listed.get(key)
        if repository is None:
            self._at_hand[key] = _NOT_FILLED
        elif key not in self._filled:
            self._filled.add(key)
            self._submit(key, partial(self._fill, repository, contents))
        elif not self.heal(key):
            self._at_hand[key] = "the forge does not send all of its contents"

    def heal(self, key: str) -> bool:
        """Puts a damaged mirror aside and begins to fetch all of it afresh, once.

        False where that cannot be.
        """
        repository = self._listed.get(key)
        if repository is None or key in self._healed:
            return False
        self._healed.add(key)
        self._mirrors.quarantine(key)
        self._submit(key, partial(self._fetch, repository, whole=True))
        return True

    def tidy(self) -> None:
        """Keeps the mirrors within their budget."""
        if self._request.mirror_budget is not None:
            self._mirrors.evict(self._request.mirror_budget)

    def _submit(self, key: str, ask: Callable[[], ReadyMirror | str]) -> None:
        self._under_way[self._executor.submit(ask)] = key

    def _kept(self, repository: Repository) -> Repository | Unlisted:
        tip = self._mirrors.tip(repository.key) or repository.tip
        if tip is None and repository.default_branch:
            return Unlisted(repository.key, repository.name, _NO_MIRROR)
        return replace(repository, tip=tip)

    def _without_fetching(self, repository: Repository) -> ReadyMirror | str:
        if self._mirrors.tip(repository.key) is None:
            return _NO_MIRROR
        assert repository.tip is not None
        return ReadyMirror(self._mirrors.path(repository.key), repository.tip)

    def _ask(self, repository: Repository) -> Repository | Unlisted:
        try:
            with self._reaching(repository) as remote:
                tip = self._fetcher.remote_tip(remote)
        except _FAILURES as error:
            return Unlisted(repository.key, repository.name, str(error))
        if tip.commit is None:
            return replace(repository, default_branch=None, empty=tip.empty)
        return replace(repository, tip=tip.commit)

    def _fetch(self, repository: Repository, *, whole: bool = False) -> ReadyMirror | str:
        try:
            with self._reaching(repository) as remote:
                self._fetcher.fetch(repository.key, remote, repository.tip, whole=whole)
        except _FAILURES as error:
            return str(error)
        return self._supplied(repository.key)

    def _fill(self, repository: Repository, contents: Sequence[str]) -> ReadyMirror | str:
        if len(contents) > _MOST_CONTENTS:
            return self._fetch(repository, whole=True)
        try:
            with self._reaching(repository) as remote:
                self._fetcher.fill(repository.key, remote, contents)
        except NotGivenError:
            return self._fetch(repository, whole=True)
        except _FAILURES as error:
            return str(error)
        return self._supplied(repository.key)

    def _supplied(self, key: str) -> ReadyMirror:
        """The mirror at its own tip: what was listed may be older, or pushed away since."""
        tip = self._mirrors.tip(key)
        assert tip is not None
        return ReadyMirror(self._mirrors.path(key), tip)

    @contextmanager
    def _reaching(self, repository: Repository) -> Iterator[Remote]:
        """The repository on its forge, as long as that does not refuse the token again and again.

        GitLab bans an address after too many failures.
        """
        host = repository.key.partition("/")[0]
        if self._refusals[host] >= _MOST_REFUSALS:
            raise FetchError(
                f"{host} refused the token for git {_MOST_REFUSALS} times and is not asked again"
            )
        source = self._remote[repository.source]

        def pause(reason: str, seconds: float) -> None:
            until = source.wait_policy.now() + timedelta(seconds=seconds)
            source.wait_policy.wait(f"{repository.name}: {reason}", until)

        url = repository.clone_url
        try:
            yield Remote(url, lambda: source.git_access(url), pause)
        except FetchError as error:
            self._refusals[host] += error.refused
            raise


def _with(listing: Listing, answers: dict[str, Repository | Unlisted]) -> Listing:
    found = [answers.get(it.key, it) for it in listing.repositories]
    return replace(
        listing,
        repositories=tuple(it for it in found if isinstance(it, Repository)),
        unlisted=(*listing.unlisted, *(it for it in found if isinstance(it, Unlisted))),
    )
