"""Where the workers find each repository: borrowed when it lies here, fetched from a forge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from headway.forges.errors import ForgeTrouble, TokenRefusedError
from headway.forges.interface import Listing, RemoteSource, Repository, Source, Unlisted
from headway.git.fetch import Access, Fetcher, FetchError
from headway.git.mirrors import Mirrors
from headway.git.process import GitError, run_git
from headway.scan.progress import Progress
from headway.scan.request import ScanRequest

_T = TypeVar("_T")

_FAILURES = (FetchError, ForgeTrouble, TokenRefusedError)
_AT_A_TIME = 4
_MOST_REFUSALS = 3
_NO_MIRROR = "there is no mirror of it yet, and --no-fetch was given"


@dataclass(frozen=True, slots=True)
class Supplied:
    """A mirror that can be read. tip: the commit to walk to."""

    git_dir: Path
    tip: str


class Supply:
    """Secrets stay in this process: workers are given nothing but folders."""

    def __init__(self, request: ScanRequest) -> None:
        self._request = request
        self._mirrors = Mirrors(request.mirrors)
        self._fetcher = Fetcher(self._mirrors, allow_loopback_http=request.allow_loopback_http)
        self._remote = {
            source.id: source for source in request.sources if isinstance(source, RemoteSource)
        }
        self._listed: dict[str, Repository] = {}
        self._refusals: Counter[str] = Counter()

    def resolve(self, source: Source, listing: Listing) -> Listing:
        """The listing, with the tips that the forge did not state.

        With --no-fetch the mirrors' tips are the ones that count.
        """
        if not isinstance(source, RemoteSource):
            return listing
        if not self._request.fetch:
            return _with(listing, {it.key: self._kept(it) for it in listing.repositories})
        open_ones = [it for it in listing.repositories if it.tip is None and it.default_branch]
        answers = dict(self._each(open_ones, self._ask))
        return _with(listing, answers)

    def mirrors(
        self, repositories: Sequence[Repository], progress: Progress
    ) -> dict[str, Supplied | str]:
        """Key to mirror, or to why there is none."""
        remote = [it for it in repositories if it.source in self._remote]
        self._listed |= {it.key: it for it in remote}
        if remote and self._request.fetch:
            progress.stage("fetching", len(remote))
        supplied: dict[str, Supplied | str] = {}
        for it in repositories:
            if it.source not in self._remote:
                assert it.tip is not None
                git_dir = self._mirrors.borrow(it.key, Path(it.clone_url), it.tip)
                supplied[it.key] = Supplied(git_dir, it.tip)
        for key, answer in self._each(remote, self._fetch):
            supplied[key] = answer
            if self._request.fetch:
                progress.advance(text=self._listed[key].name)
            self._mirrors.used(key)
        return supplied

    def heal(self, key: str) -> Supplied | None:
        """Puts a damaged mirror aside and fetches afresh; None where that cannot be."""
        repository = self._listed.pop(key, None)
        if repository is None or not self._request.fetch:
            return None
        self._mirrors.quarantine(key)
        answer = self._fetch(repository)
        return answer if isinstance(answer, Supplied) else None

    def tidy(self) -> None:
        """Keeps the mirrors within their budget."""
        if self._request.mirror_budget is not None:
            self._mirrors.evict(self._request.mirror_budget)

    def _kept(self, repository: Repository) -> Repository | Unlisted:
        tip = self._mirrors.tip(repository.key) or repository.tip
        if tip is None and repository.default_branch:
            return Unlisted(repository.key, repository.name, _NO_MIRROR)
        return replace(repository, tip=tip)

    def _ask(self, repository: Repository) -> Repository | Unlisted:
        try:
            with self._counted(repository) as access:
                tip = self._fetcher.remote_tip(repository.clone_url, access)
        except _FAILURES as error:
            return Unlisted(repository.key, repository.name, str(error))
        if tip.commit is None:
            return replace(repository, default_branch=None, empty=tip.empty)
        return replace(repository, tip=tip.commit)

    def _fetch(self, repository: Repository) -> Supplied | str:
        if not self._request.fetch:
            if self._mirrors.tip(repository.key) is None:
                return _NO_MIRROR
            assert repository.tip is not None
            return Supplied(self._mirrors.path(repository.key), repository.tip)
        try:
            with self._counted(repository) as access:
                git_dir = self._fetcher.fetch(
                    repository.key, repository.clone_url, access, repository.tip
                )
        except _FAILURES as error:
            return str(error)
        return Supplied(git_dir, self._tip(git_dir, repository))

    def _tip(self, git_dir: Path, repository: Repository) -> str:
        """The listed tip where the mirror still has it on its branch, else the mirror's own."""
        stands_at = self._mirrors.tip(repository.key)
        assert stands_at is not None
        listed = repository.tip
        if listed is None or listed == stands_at:
            return stands_at
        try:
            run_git(["merge-base", "--is-ancestor", listed, stands_at], git_dir=git_dir)
        except GitError:
            # pushed with force between the listing and the fetch
            return stands_at
        return listed

    @contextmanager
    def _counted(self, repository: Repository) -> Iterator[Access]:
        """Access to a host, as long as it does not refuse the token again and again.

        GitLab bans an address after too many failures.
        """
        host = repository.key.partition("/")[0]
        if self._refusals[host] >= _MOST_REFUSALS:
            raise FetchError(
                f"{host} refused the token for git {_MOST_REFUSALS} times and is not asked again"
            )
        source = self._remote[repository.source]
        try:
            yield lambda: source.git_access(repository.clone_url).configuration
        except FetchError as error:
            self._refusals[host] += error.refused
            raise

    def _each(
        self, repositories: Sequence[Repository], ask: Callable[[Repository], _T]
    ) -> Iterator[tuple[str, _T]]:
        """Key and answer, a few at a time, in the order in which they are ready."""
        executor = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="headway-fetch")
        try:
            futures: dict[Future[_T], str] = {
                executor.submit(partial(ask, it)): it.key for it in repositories
            }
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BaseException:
            self._fetcher.stop()
            executor.shutdown(cancel_futures=True)
            raise
        executor.shutdown()


def _with(listing: Listing, answers: dict[str, Repository | Unlisted]) -> Listing:
    found = [answers.get(it.key, it) for it in listing.repositories]
    return replace(
        listing,
        repositories=tuple(it for it in found if isinstance(it, Repository)),
        unlisted=(*listing.unlisted, *(it for it in found if isinstance(it, Unlisted))),
    )
