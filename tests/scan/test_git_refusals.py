"""A refusal of git's token affects one repository, unless the API also refuses the token."""

from __future__ import annotations

from datetime import timedelta

import pytest

from headway.forges.credentials import GitAccess
from headway.forges.forge_errors import ForgeTrouble
from headway.forges.wait_policy import WaitPolicy
from headway.git.fetch_errors import INVALID_ANSWER, FetchError
from headway.model.repository import Listing, Repository
from headway.scan.git_refusals import GitRefusals
from tests.support.forge.clock import Clock


class FakeSource:
    """A source without an API."""

    id = "list:fake"
    ca_file = None

    def __init__(self, wait_policy: WaitPolicy) -> None:
        self.wait_policy = wait_policy

    def list_repositories(self) -> Listing:
        return Listing(self.id, ())

    def git_access(self, clone_url: str) -> GitAccess | None:
        return None


class CheckedSource(FakeSource):
    """A source whose API says whether it accepts the token."""

    accepted = True
    checks = 0

    def accepts_git_token(self) -> bool | None:
        self.checks += 1
        return self.accepted


def refuse(refusals: GitRefusals, source: FakeSource) -> str:
    refusals.before_request(source, "host")
    return str(refusals.explain(source, "host"))


def test_at_most_a_hundred_refusals_are_caused_in_a_minute() -> None:
    clock, refusals = Clock(), GitRefusals()
    source = CheckedSource(clock.wait_policy)
    start = clock.time
    for number in range(1, 301):
        assert refuse(refusals, source) == "this token has no permission to read it with git"
        assert clock.time - start >= timedelta(minutes=(number - 1) // 100)
    assert len(clock.waits) == 2
    assert source.checks <= 3


def test_a_refusal_after_an_invalid_answer_is_not_blamed_on_the_token() -> None:
    clock, refusals = Clock(), GitRefusals()
    source = CheckedSource(clock.wait_policy)
    assert str(refusals.explain(source, "host", INVALID_ANSWER)) == INVALID_ANSWER
    source.accepted = False
    clock.sleep(120)
    assert "create a new one" in str(refusals.explain(source, "host", INVALID_ANSWER))


@pytest.mark.fault(16)
def test_a_reason_to_wait_names_the_repository_only_while_waiting() -> None:
    clock, refusals = Clock(), GitRefusals()
    source = CheckedSource(clock.wait_policy)
    repository = Repository("host/1", "acme/a", source.id, "https://host/acme/a.git")
    with refusals.reaching(source, repository) as remote:
        remote.wait("the forge's git service is unavailable", 5)
        with pytest.raises(ForgeTrouble) as raised:
            remote.wait("the forge's git service is unavailable", 90_000)
    assert [reason for reason, _ in clock.waits] == [
        "acme/a: the forge's git service is unavailable"
    ]
    assert str(raised.value).startswith(
        "the forge's git service is unavailable: the wait would last"
    )


def test_a_refused_token_ends_all_requests() -> None:
    refusals = GitRefusals()
    source = CheckedSource(Clock().wait_policy)
    source.accepted = False
    assert "refuses the token; create a new one" in refuse(refusals, source)
    with pytest.raises(FetchError, match="refuses the token; create a new one"):
        refusals.before_request(source, "host")


@pytest.mark.parametrize("readable", [True, False])
def test_a_token_that_cannot_be_checked_is_refused_if_git_reads_nothing(readable: bool) -> None:
    refusals = GitRefusals()
    source = FakeSource(Clock().wait_policy)
    if readable:
        refusals.succeeded(source)
    reasons = [refuse(refusals, source) for _ in range(20)]
    assert set(reasons[:19]) == {"the forge refuses the token for git"}
    assert ("create a new one" in reasons[19]) is not readable
