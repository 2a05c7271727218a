"""Unusual responses from a forge either do not change the listing or make it incomplete."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from headway.forges import response_size
from headway.forges.address import github_address, gitlab_address
from headway.forges.credentials import AppCredential, Credential
from headway.forges.forge_errors import ClockError, TokenRefusedError
from headway.forges.github_app import AppTokens
from headway.forges.sources.github import Account, GithubSource, Named
from headway.forges.sources.gitlab import GitlabSource
from headway.model.repository import Listing
from tests.support.forge.clock import Clock
from tests.support.forge.github import github
from tests.support.forge.gitlab import gitlab
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, FakeRepository, Request, World, always

TIP = "1" * 40
JSON = {"Content-Type": "application/json"}


@pytest.fixture(params=["github", "gitlab"])
def forge(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world() -> World:
    return World([FakeRepository(100 + n, f"acme/r{n:02}", tip=TIP) for n in range(7)])


@pytest.fixture
def server(forge: str, world: World) -> Iterator[Server]:
    with serve(world, github if forge == "github" else gitlab) as running:
        yield running


def list_all(server: Server, forge: str, clock: Clock | None = None) -> Listing:
    policy = (clock or Clock()).wait_policy
    if forge == "github":
        return github_source(server, clock).list_repositories()
    credential = Credential(TOKEN, variable="TOKEN", username="oauth2")
    address = gitlab_address(server.url, source="t", allow_loopback_http=True)
    return GitlabSource(address, "acme", credential, policy).list_repositories()


def github_source(
    server: Server, clock: Clock | None = None, wanted: Account | Named | None = None
) -> GithubSource:
    credential = Credential(TOKEN, variable="TOKEN", username="x-access-token")
    address = github_address(f"{server.url}/api/v3", source="t", allow_loopback_http=True)
    wanted = wanted or Account("organization", "acme")
    return GithubSource(address, wanted, credential, (clock or Clock()).wait_policy)


def error(message: str, kind: str | None = None, status: int = 200) -> Answer:
    described: dict[str, Any] = {"message": message}
    if kind is not None:
        described["type"] = kind
    body = {"data": None, "errors": [described]}
    return Answer(status, dict(JSON), json.dumps(body).encode())


WENT_WRONG = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it "
    "could be a GitHub bug. Please include `1:2:3` when reporting this issue."
)
TOO_MUCH = [
    error(WENT_WRONG),
    error(WENT_WRONG, status=502),
    error("Resource limits for this query exceeded.", "RESOURCE_LIMITS_EXCEEDED"),
    error("We couldn't respond to your request in time. Sorry about that.", status=504),
    error("Query has complexity of 320, which exceeds max complexity of 250"),
    error("Request timed out. Please try a less complex query or a smaller set of records."),
    error("Request timed out. Please try a less complex query.", status=503),
]


def is_large(request: Request) -> bool:
    found = re.search(
        rb"(?:repositories\(|projects\(includeSubgroups: true, )first: (\d+)", request.body
    )
    return found is not None and int(found[1]) > 5


@pytest.mark.parametrize("answer", TOO_MUCH, ids=lambda answer: str(answer.status))
def test_a_query_that_is_too_large_is_repeated_with_fewer_entries(
    world: World, server: Server, forge: str, answer: Answer
) -> None:
    expected = list_all(server, forge)
    world.before.append(lambda request: answer if is_large(request) else None)
    clock = Clock()
    assert list_all(server, forge, clock) == expected
    assert clock.waits == []


def test_a_field_that_took_too_long_is_requested_again(
    world: World, server: Server, forge: str
) -> None:
    for repository in world.repositories:
        repository.languages = ("Python",)
    expected = list_all(server, forge)

    def lose_languages(request: Request, answer: Answer) -> Answer:
        if not is_large(request):
            return answer
        body = json.loads(answer.body.replace(b'"languages": [', b'"lost": ['))
        body["errors"] = [{"message": "Timeout on Repository.languages"}]
        text = json.dumps(body).replace('"languages": {', '"languages": null, "lost": {')
        return replace(answer, body=text.encode())

    world.after.append(lose_languages)
    assert list_all(server, forge) == expected


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_named_repositories_and_teams_are_requested_in_smaller_batches(
    world: World, server: Server
) -> None:
    for number, repository in enumerate(world.repositories):
        repository.teams = {f"team-{number}": "WRITE"}
    named = Named(tuple(repository.name for repository in world.repositories))
    expected = github_source(server, wanted=named).list_repositories()
    teams = list_all(server, "github")
    assert teams.groups_unknown is None

    def refuse(request: Request) -> Answer | None:
        many = any(part in request.body for part in (b"r1: repository", b"teams(first: 20"))
        return error(WENT_WRONG) if many else None

    world.before.append(refuse)
    assert github_source(server, wanted=named).list_repositories() == expected
    assert list_all(server, "github") == teams


@pytest.mark.fault(16)
@pytest.mark.fault(17)
@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_a_rate_limit_that_leaves_out_part_of_the_data_is_respected(
    world: World, server: Server
) -> None:
    expected = list_all(server, "github")
    body = {"data": {"organization": None, "x": 1}, "errors": [{"type": "RATE_LIMITED"}]}
    remaining = [Answer(200, dict(JSON), json.dumps(body).encode())]
    world.before.append(lambda _: remaining.pop() if remaining else None)
    clock = Clock()
    assert list_all(server, "github", clock) == expected
    assert "rate limit" in clock.waits[0][0]


@pytest.mark.parametrize("forge", ["github"], indirect=True)
@pytest.mark.parametrize("name", ["-", "-dash", "--upload-pack", "...", "..x", "_", ".github"])
@pytest.mark.parametrize("rest", [False, True])
def test_every_name_that_github_allows_is_listed(
    world: World, server: Server, name: str, rest: bool
) -> None:
    world.repositories = [FakeRepository(1, f"acme/{name}", tip=TIP)]
    if rest:
        world.before.append(always(Answer(404), "/api/graphql"))
    listing = list_all(server, "github")
    assert [repository.name for repository in listing.repositories] == [f"acme/{name}"]
    assert listing.unlisted == ()
    assert listing.repositories[0].clone_url.endswith(f"/acme/{name}.git")


@pytest.mark.parametrize("forge", ["github"], indirect=True)
@pytest.mark.parametrize("name", ["acme/.", "acme/..", "-acme/x", "acme/a b", "acme/a/b", "acme/"])
def test_other_names_are_not_used(world: World, server: Server, name: str) -> None:
    world.repositories = [FakeRepository(1, name, tip=TIP)]
    assert list_all(server, "github").repositories == ()


@pytest.mark.parametrize("status", [301, 307])
@pytest.mark.parametrize("with_query", [True, False])
def test_a_redirect_on_the_same_host_keeps_the_query(
    world: World, server: Server, forge: str, status: int, with_query: bool
) -> None:
    world.before.append(always(Answer(404, {}, b"{}"), "/api/graphql"))
    world.repositories = [FakeRepository(n, f"acme/r{n:03}") for n in range(1, 151)]
    expected = list_all(server, forge)
    assert (expected.complete, len(expected.repositories)) == (True, 150)
    old = "/acme/repos" if forge == "github" else "/acme/projects"
    new = old.replace("acme", "renamed")
    seen: list[Request] = []

    def redirect(request: Request) -> Answer | None:
        if request.path.endswith(old) and request not in seen:
            query = "&".join(f"{key}={value}" for key, value in request.query.items())
            place = request.path.replace(old, new) + (f"?{query}" if with_query else "")
            return Answer(status, {"Location": place})
        if request.path.endswith(new):
            moved = replace(request, path=request.path.replace(new, old))
            seen.append(moved)
            return (github if forge == "github" else gitlab)(world, moved)
        return None

    world.before.append(redirect)
    assert list_all(server, forge) == expected
    assert seen


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirected_graphql_query_is_sent_again_on_the_same_host(
    world: World, server: Server, forge: str, status: int
) -> None:
    world.repositories = [FakeRepository(n, f"acme/r{n:03}", tip=TIP) for n in range(1, 151)]
    expected = list_all(server, forge)
    assert (expected.complete, len(expected.repositories)) == (True, 150)
    bodies: list[bytes] = []

    def redirect(request: Request) -> Answer | None:
        if request.path == "/api/graphql":
            bodies.append(request.body)
            return Answer(status, {"Location": "/moved/api/graphql"})
        if request.path == "/moved/api/graphql":
            assert (request.method, request.body) == ("POST", bodies[-1])
            moved = replace(request, path="/api/graphql")
            return (github if forge == "github" else gitlab)(world, moved)
        return None

    world.before.append(redirect)
    assert list_all(server, forge) == expected
    assert bodies


@pytest.mark.fault(19)
def test_redirects_in_a_loop_end_the_listing(world: World, server: Server, forge: str) -> None:
    world.before.append(always(Answer(404, {}, b"{}"), "/api/graphql"))
    world.before.append(
        lambda request: Answer(301, {"Location": f"{server.url}{request.path}?page=1"})
    )
    listing = list_all(server, forge)
    assert not listing.complete
    assert "redirects in a loop" in listing.problems[0]
    assert len(world.requests) < 10


@pytest.mark.fault(16)
@pytest.mark.parametrize("minutes", [-90, 90])
@pytest.mark.parametrize("kind", ["reset", "date"])
def test_a_wait_does_not_depend_on_the_clock_of_the_forge(
    world: World, server: Server, forge: str, minutes: int, kind: str
) -> None:
    world.ahead = timedelta(minutes=minutes)
    end = world.now() + timedelta(seconds=120)
    if kind == "date":
        headers = {"Retry-After": f"{end:%a, %d %b %Y %H:%M:%S GMT}"}
    else:
        reset = str(int(end.timestamp()))
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        headers["RateLimit-Reset"] = reset
    remaining = [Answer(429, headers, b"{}")]
    world.before.append(lambda _: remaining.pop() if remaining else None)
    clock = Clock()
    start = clock.time
    assert list_all(server, forge, clock).complete
    assert 115 <= (clock.time - start).total_seconds() <= 125


@pytest.mark.fault(18)
def test_a_forge_under_maintenance_determines_the_pause(
    world: World, server: Server, forge: str
) -> None:
    remaining = [Answer(503, {"Retry-After": "300"}, b"<html>") for _ in range(6)]
    world.before.append(lambda _: remaining.pop() if remaining else None)
    clock = Clock()
    start = clock.time
    assert list_all(server, forge, clock).complete
    assert clock.time - start == timedelta(seconds=6 * 300)


@pytest.mark.fault(18)
@pytest.mark.parametrize("status", [200, 403, 500])
@pytest.mark.parametrize("rest", [False, True])
def test_an_answer_that_is_nested_too_deeply_makes_the_listing_incomplete(
    world: World, server: Server, forge: str, status: int, rest: bool
) -> None:
    expected = list_all(server, forge)
    if rest:
        world.before.append(always(Answer(404, {}, b"{}"), "/api/graphql"))
        expected = list_all(server, forge)
    deep = b'{"message":' * 100_000 + b"1" + b"}" * 100_000
    world.before.append(lambda _: Answer(status, dict(JSON), deep))
    listing = list_all(server, forge)
    assert not listing.complete
    assert listing.repositories == ()
    assert ("nested too deeply" if status == 200 else "status") in listing.problems[0]
    world.before.pop()
    assert list_all(server, forge) == expected


@pytest.mark.fault(18)
@pytest.mark.parametrize("status", [200, 403, 500])
@pytest.mark.parametrize("compressed", [False, True])
def test_an_answer_that_is_too_large_makes_the_listing_incomplete(
    world: World,
    server: Server,
    forge: str,
    status: int,
    compressed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = list_all(server, forge)
    monkeypatch.setattr(response_size, "MOST_BYTES", 3 << 20)
    body = b'"' + b" " * (4 << 20) + b'"'
    headers = JSON | {"Content-Encoding": "gzip"} if compressed else JSON
    large = Answer(status, dict(headers), gzip.compress(body) if compressed else body)
    world.before.append(lambda _: large)
    listing = list_all(server, forge)
    assert (listing.complete, listing.repositories) == (False, ())
    assert "larger than 3 MiB" in listing.problems[0]
    world.before.pop()
    assert list_all(server, forge) == expected


def test_headers_that_make_no_sense_are_ignored(world: World, server: Server, forge: str) -> None:
    names = ("X-RateLimit-Reset", "X-RateLimit-Remaining", "Retry-After", "Date", "Link")
    values = ("x", "nan", "1e999", "-1", "9" * 400, "Fri, 99 Foo 99999")
    for header in names:
        for value in values:

            def change(
                _: Request, answer: Answer, header: str = header, value: str = value
            ) -> Answer:
                headers = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "9", header: value}
                return replace(answer, headers=answer.headers | headers)

            world.after = [change]
            assert list_all(server, forge).complete, (header, value)


def app_source(server: Server, clock: Clock, private_key: str) -> GithubSource:
    address = github_address(f"{server.url}/api/v3", source="t", allow_loopback_http=True)
    tokens = AppTokens(
        "t",
        address,
        app_id=1,
        installation_id=2,
        private_key=private_key,
        variable="KEY",
        wait_policy=clock.wait_policy,
    )
    credential = AppCredential(tokens.issue, variable="KEY", now=clock.wait_policy.now)
    account = Account("organization", "acme")
    return GithubSource(address, account, credential, clock.wait_policy)


@pytest.mark.fault(15)
@pytest.mark.parametrize("forge", ["github"], indirect=True)
@pytest.mark.parametrize("minutes", [-180, 20])
def test_an_app_works_although_the_clocks_differ(
    world: World, server: Server, private_key: str, minutes: int
) -> None:
    expected = list_all(server, "github")
    world.ahead = timedelta(minutes=minutes)
    world.tokens = {"a token that nobody has"}
    clock = Clock()
    source = app_source(server, clock, private_key)
    assert source.list_repositories() == expected
    assert source.list_repositories() == expected
    # The first request is refused. The second one returns a token that is used until it expires.
    assert world.count_requests("/access_tokens") == 2
    clock.time += timedelta(minutes=57)
    world.ahead += timedelta(minutes=57)
    assert source.list_repositories() == expected
    assert world.count_requests("/access_tokens") == 3


@pytest.mark.parametrize("forge", ["github"], indirect=True)
@pytest.mark.parametrize(
    ("minutes", "raised"), [(0, TokenRefusedError), (90, ClockError), (-90, ClockError)]
)
def test_a_refused_app_is_explained_by_the_clock_only_if_the_clocks_differ(
    world: World,
    server: Server,
    private_key: str,
    minutes: int,
    raised: Callable[..., Exception],
) -> None:
    world.ahead = timedelta(minutes=minutes)
    world.before.append(always(Answer(401, {}, b"{}"), "/access_tokens"))
    with pytest.raises(raised) as caught:  # type: ignore[call-overload]  # a class of errors
        app_source(server, Clock(), private_key).list_repositories()
    direction = {0: "", 90: "s ahead of this machine", -90: "s behind this machine"}[minutes]
    assert direction in str(caught.value)
