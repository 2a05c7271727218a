"""Check which of a forge's repositories git can read, without fetching them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from headway.forges.forge_errors import ForgeTrouble, TokenRefusedError
from headway.forges.source import RemoteSource
from headway.git.fetch import Fetcher
from headway.git.fetch_errors import FetchError
from headway.git.mirrors import Mirrors
from headway.git.transport import Transport
from headway.model.repository import Repository
from headway.scan.git_refusals import GitRefusals

_AT_A_TIME = 4
_MOST_WITHOUT_SUCCESS = 20
"""The check stops after this number of repositories if git could not read any of them."""


@dataclass(slots=True)
class GitAccessCheck:
    """The repositories that were tried, and the reasons why git cannot read some of them."""

    readable: int = 0
    reasons: dict[str, str] = field(default_factory=dict)
    """Maps the name of each repository that git cannot read to the reason."""
    skipped: int = 0
    """The number of repositories that were not tried because git could not read any of the first
    ones.
    """


def check_git_access(
    source: RemoteSource,
    repositories: Sequence[Repository],
    transport: Transport,
    advance: Callable[[], None],
) -> GitAccessCheck:
    """Read the HEAD of each repository with git, a few at a time.

    Args:
        source: The source of the repositories.
        repositories: The repositories to try.
        transport: Runs the git commands.
        advance: Called after each repository.
    """
    refusals = GitRefusals()
    fetcher = Fetcher(Mirrors(Path()), transport)

    def find_reason(repository: Repository) -> str | None:
        try:
            with refusals.reaching(source, repository) as remote:
                fetcher.remote_tip(remote)
        except (FetchError, ForgeTrouble, TokenRefusedError) as error:
            return str(error)
        return None

    check = GitAccessCheck()
    waiting = list(repositories)
    executor = ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="headway-check")
    try:
        while waiting and (check.readable or len(check.reasons) < _MOST_WITHOUT_SUCCESS):
            batch = waiting[:_MOST_WITHOUT_SUCCESS]
            waiting = waiting[_MOST_WITHOUT_SUCCESS:]
            for repository, reason in zip(batch, executor.map(find_reason, batch), strict=True):
                if reason is None:
                    check.readable += 1
                else:
                    check.reasons[repository.name] = reason
                advance()
    except BaseException:
        fetcher.stop()
        raise
    finally:
        executor.shutdown(cancel_futures=True)
        fetcher.close()
    check.skipped = len(waiting)
    return check
