"""PyGithub lists repositories from a server that follows GitHub's API descriptions."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from headway.config.workspace import find_workspace
from headway.errors import HeadwayError
from headway.forges import github_connection
from headway.forges.address import github_address
from headway.forges.credentials import Credential
from headway.forges.forge_errors import AccountNotFoundError, TokenRefusedError
from headway.forges.source_plugin import SourceContext
from headway.forges.source_registry import build_sources, load_source_types
from headway.forges.sources.github import Account, GithubSource, Named
from headway.model.repository import Listing
from tests.support.forge.certificate import certificate
from tests.support.forge.clock import Clock
from tests.support.forge.github import github
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, FakeRepository, Request, World, always, once

TIP = "1" * 40


@pytest.fixture
def world() -> World:
    return World([FakeRepository(100 + n, f"acme/r{n}", tip=TIP) for n in range(7)], page_size=3)


@pytest.fixture
def server(world: World) -> Iterator[Server]:
    with serve(world, github) as running:
        yield running


def source(
    server: Server,
    wanted: Account | Named = Account("organization", "acme"),  # noqa: B008 - frozen
    clock: Clock | None = None,
    token: str = TOKEN,
) -> GithubSource:
    address = github_address(f"{server.url}/api/v3", source="t", allow_loopback_http=True)
    credential = Credential(token, variable="TOKEN", username="x-access-token")
    return GithubSource(address, wanted, credential, (clock or Clock()).wait_policy)


def names(listing: Listing) -> list[str]:
    return [repository.name for repository in listing.repositories]


def no_graphql(world: World) -> None:
    world.before.append(always(Answer(404), "/api/graphql"))


def test_every_property_of_a_repository_is_read(world: World, server: Server) -> None:
    world.repositories = [
        FakeRepository(
            7,
            "acme/one",
            branch="trunk",
            tip=TIP,
            visibility="internal",
            archived=True,
            template=True,
            topics=("python", "Web"),
            languages=("Python", "C"),
        )
    ]
    listing = source(server).list_repositories()
    assert listing.complete, listing.problems
    (one,) = listing.repositories
    assert (one.key, one.name, one.tip, one.default_branch) == (
        f"{server.host}/7",
        "acme/one",
        TIP,
        "trunk",
    )
    assert (one.visibility, one.archived, one.template, one.fork) == ("internal", True, True, False)
    assert (one.topics, one.languages) == (("python", "web"), ("c", "python"))
    assert one.clone_url == f"{server.url}/acme/one.git"


def test_pages_are_followed_to_the_end(world: World, server: Server) -> None:
    listing = source(server).list_repositories()
    assert listing.complete
    assert [repository.name for repository in listing.repositories] == [
        f"acme/r{n}" for n in range(7)
    ]
    # There are three pages of repositories and one page of teams.
    assert world.count_requests("/api/graphql") == 3 + 1


def test_the_teams_with_the_strongest_permission_own_a_repository(
    world: World, server: Server
) -> None:
    for repository in world.repositories:
        repository.teams = {"all": "READ", "core": "WRITE"}
    first, second, third = world.repositories[:3]
    first.teams = {"all": "READ", "core": "WRITE", "Payments": "MAINTAIN", "web": "MAINTAIN"}
    second.teams = {"all": "READ"}
    third.teams = {}
    listing = source(server).list_repositories()
    assert listing.complete
    owned = [repository.groups for repository in listing.repositories]
    assert owned == [("acme/payments", "acme/web"), (), ()] + [("acme/core",)] * 4


@pytest.mark.parametrize("data", [{"organization": None}, {"organization": {"teams": None}}, None])
def test_a_listing_without_access_to_teams_is_complete(
    world: World, server: Server, data: object
) -> None:
    message = "Your token has not been granted the required scopes to execute this query."
    body = {"data": data, "errors": [{"type": "INSUFFICIENT_SCOPES", "message": message}]}

    def refuse(request: Request) -> Answer | None:
        refused = Answer(200, {}, json.dumps(body).encode())
        return refused if b"teams(" in request.body else None

    world.before.append(refuse)
    listing = source(server).list_repositories()
    assert listing.complete
    assert "has not been granted the required scopes" in (listing.groups_unknown or "")


def test_ten_thousand_repositories_take_a_hundred_requests(world: World, server: Server) -> None:
    world.repositories = [FakeRepository(n, f"acme/r{n}", tip=TIP) for n in range(1, 10_001)]
    world.page_size = 100
    listing = source(server).list_repositories()
    assert listing.complete
    assert len(listing.repositories) == 10_000
    # The additional request is for the teams.
    assert len(world.requests) == 100 + 1


def test_the_repositories_of_a_user_are_listed(world: World, server: Server) -> None:
    listing = source(server, Account("user", "acme")).list_repositories()
    assert listing.complete
    assert len(listing.repositories) == 7


def test_a_named_repository_that_is_not_found_makes_the_listing_incomplete(
    world: World, server: Server
) -> None:
    listing = source(server, Named(("acme/r1", "acme/r2"))).list_repositories()
    assert listing.complete
    assert names(listing) == ["acme/r1", "acme/r2"]
    listing = source(server, Named(("acme/r1", "acme/hidden"))).list_repositories()
    assert not listing.complete
    assert (
        "acme/hidden was not found, or this token has no permission to read it"
        in listing.problems[0]
    )


def test_rest_is_used_without_graphql(world: World, server: Server) -> None:
    no_graphql(world)
    world.page_size = 100
    world.repositories = [FakeRepository(n, f"acme/r{n}") for n in range(1, 251)]
    listing = source(server).list_repositories()
    assert listing.complete, listing.problems
    assert len(listing.repositories) == 250
    assert all(
        repository.clone_url == f"{server.url}/{repository.name}.git"
        for repository in listing.repositories
    )
    named = source(server, Named(("acme/r1",))).list_repositories()
    assert named.complete
    assert named.repositories[0].name == "acme/r1"


def test_unchanged_pages_are_not_sent_again(world: World, server: Server) -> None:
    no_graphql(world)
    world.page_size = 100
    world.repositories = [FakeRepository(n, f"acme/r{n}") for n in range(1, 251)]
    statuses: list[int] = []

    def record_status(request: Request, answer: Answer) -> Answer:
        statuses.append(answer.status)
        return answer

    world.after.append(record_status)
    assert source(server).list_repositories().complete
    # GraphQL is not available, so all pages are read twice through REST.
    assert statuses == [404, 200, 200, 200, 304, 304, 304]


@pytest.mark.fault(12)
def test_rest_finds_everything_without_link_headers(world: World, server: Server) -> None:
    no_graphql(world)
    world.page_size = 100
    world.repositories = [FakeRepository(n, f"acme/r{n}") for n in range(1, 251)]

    def strip(request: Request, answer: Answer) -> Answer:
        answer.headers.pop("Link", None)
        return answer

    world.after.append(strip)
    listing = source(server).list_repositories()
    assert (listing.complete, len(listing.repositories)) == (True, 250)


@pytest.mark.fault(12)
@pytest.mark.parametrize("graphql", [True, False])
def test_a_deletion_during_the_listing_hides_no_other_repository(
    world: World, server: Server, graphql: bool
) -> None:
    if not graphql:
        no_graphql(world)
    world.page_size = 100
    world.repositories = [FakeRepository(n, f"acme/r{n}", tip=TIP) for n in range(1, 251)]

    def delete(request: Request, answer: Answer) -> Answer:
        if len(world.repositories) == 250 and answer.status == 200:
            del world.repositories[0]
        return answer

    world.after.append(delete)
    listing = source(server).list_repositories()
    assert listing.complete, listing.problems
    assert [repository.name for repository in listing.repositories] == sorted(
        f"acme/r{n}" for n in range(2, 251)
    )


@pytest.mark.fault(12)
def test_an_empty_page_in_the_middle_makes_the_listing_incomplete(
    world: World, server: Server
) -> None:
    def empty(request: Request, answer: Answer) -> Answer:
        body = json.loads(answer.body)
        if len(world.requests) % 3 == 2:
            body["data"]["organization"]["repositories"]["nodes"] = []
        return replace(answer, body=json.dumps(body).encode())

    world.after.append(empty)
    listing = source(server).list_repositories()
    assert not listing.complete
    assert "counts 7 repositories, but lists 4" in listing.problems[0]


def test_an_empty_page_of_teams_makes_the_teams_unknown(world: World, server: Server) -> None:

    def empty(request: Request, answer: Answer) -> Answer:
        body = json.loads(answer.body)
        if b"teams(" in request.body:
            first = b'"after": null' in request.body
            info = {"hasNextPage": first, "endCursor": "20"}
            body["data"]["organization"]["teams"] = {"pageInfo": info, "nodes": []}
        return replace(answer, body=json.dumps(body).encode())

    world.after.append(empty)
    listing = source(server).list_repositories()
    assert listing.complete
    assert "a page that the forge announced is empty" in (listing.groups_unknown or "")


@pytest.mark.fault(12)
def test_a_page_whose_next_page_is_itself_ends_the_listing(world: World, server: Server) -> None:
    def circle(request: Request, answer: Answer) -> Answer:
        body = json.loads(answer.body)
        if b"teams(" not in request.body:
            info = body["data"]["organization"]["repositories"]["pageInfo"]
            info |= {"hasNextPage": True, "endCursor": "MTAw"}
        return replace(answer, body=json.dumps(body).encode())

    world.after.append(circle)
    listing = source(server).list_repositories()
    assert not listing.complete
    assert len(world.requests) < 5 + 1


@pytest.mark.fault(12)
def test_a_bad_gateway_is_retried_and_many_make_the_listing_incomplete(
    world: World, server: Server
) -> None:
    clock = Clock()
    world.before.append(once(Answer(502), "graphql"))
    assert source(server, clock=clock).list_repositories().complete
    assert len(clock.waits) == 1

    def later(request: Request) -> Answer | None:
        return Answer(502) if b'"after": "' in request.body else None

    world.before = [later]
    listing = source(server).list_repositories()
    assert not listing.complete
    assert len(listing.repositories) == 3
    assert "responded with status 502" in listing.problems[0]


@pytest.mark.fault(18)
@pytest.mark.parametrize("reset", [False, True])
def test_a_truncated_answer_is_retried(world: World, server: Server, reset: bool) -> None:
    answer = Answer(200, {}, b'{"data": {"organi', cut=5, reset=reset)
    world.before.append(once(answer, "graphql"))
    assert source(server).list_repositories().complete


@pytest.mark.fault(18)
def test_an_answer_that_stalls_is_retried_up_to_four_times(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github_connection, "_TIMEOUT", 1)
    world.before.append(once(Answer(200, {}, b'{"data": {"organi', stall=5), "graphql"))
    assert source(server).list_repositories().complete
    world.before.append(always(Answer(200, {}, b'{"data": {"organi', stall=5), "graphql"))
    listing = source(server).list_repositories()
    assert (listing.complete, listing.repositories) == (False, ())
    assert "4 times in a row" in listing.problems[0]


@pytest.mark.fault(18)
def test_an_untrusted_certificate_is_refused(world: World, tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate(tmp_path))
    with serve(world, github, tls) as server:
        listing = source(server).list_repositories()
    assert not listing.complete
    assert "certificate is not trusted" in listing.problems[0]
    assert world.requests == []


@pytest.mark.fault(18)
def test_an_unreachable_forge_makes_the_listing_incomplete(world: World) -> None:
    with serve(world, github) as server:
        pass
    listing = source(server).list_repositories()
    assert not listing.complete
    assert "cannot be reached" in listing.problems[0]


@pytest.mark.fault(14)
def test_missing_single_sign_on_makes_the_listing_incomplete(world: World, server: Server) -> None:
    def partial(request: Request, answer: Answer) -> Answer:
        answer.headers["X-GitHub-SSO"] = "partial-results; organizations=21955855"
        return answer

    world.after.append(partial)
    listing = source(server).list_repositories()
    assert not listing.complete
    assert "single sign-on" in listing.problems[0]


@pytest.mark.fault(17)
def test_graphql_errors_with_status_200_are_errors(world: World, server: Server) -> None:
    def broken(request: Request, answer: Answer) -> Answer:
        body = json.dumps({"errors": [{"message": "Something went wrong"}], "data": None})
        return replace(answer, body=body.encode())

    world.after.append(broken)
    listing = source(server).list_repositories()
    assert not listing.complete
    assert "Something went wrong" in listing.problems[0]


@pytest.mark.fault(16)
@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (Answer(403, {"Retry-After": "90"}, b'{"message": "secondary rate limit"}'), 90),
        (Answer(403, {}, b'{"message": "You have exceeded a secondary rate limit"}'), 60),
        (Answer(429, {}, b"{}"), 60),
        (Answer(200, {}, b'{"errors": [{"type": "RATE_LIMITED", "message": "x"}]}'), 60),
    ],
)
def test_rate_limits_are_respected(
    world: World, server: Server, answer: Answer, seconds: int
) -> None:
    clock = Clock()
    start = clock.time
    world.before.append(once(answer, "graphql"))
    assert source(server, clock=clock).list_repositories().complete
    assert clock.time - start == timedelta(seconds=seconds)
    assert "rate limit" in clock.waits[0][0]


@pytest.mark.fault(16)
def test_a_rate_limit_after_the_deadline_makes_the_listing_incomplete(
    world: World, server: Server
) -> None:
    clock = Clock()
    reset = int((clock.time + timedelta(hours=3)).timestamp())
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}

    def later(request: Request) -> Answer | None:
        return Answer(403, headers, b"{}") if b'"after": "' in request.body else None

    world.before.append(later)
    listing = source(server, clock=clock).list_repositories()
    assert not listing.complete
    assert len(listing.repositories) == 3
    assert "after the deadline" in listing.problems[0]
    assert clock.waits == []


@pytest.mark.fault(15)
def test_a_refused_token_is_an_error_and_an_expired_one_ends_the_listing(
    world: World, server: Server
) -> None:
    with pytest.raises(TokenRefusedError, match="the token in TOKEN"):
        source(server, token="wrong").list_repositories()

    def expire(request: Request, answer: Answer) -> Answer:
        world.tokens = {"another"}
        return answer

    world.after.append(expire)
    listing = source(server).list_repositories()
    assert not listing.complete
    assert "no longer accepts" in listing.problems[0]
    assert len(listing.repositories) == 3


def test_an_unknown_account_is_an_error(world: World, server: Server) -> None:
    with pytest.raises(AccountNotFoundError, match="correct `organization`"):
        source(server, Account("organization", "nobody")).list_repositories()
    no_graphql(world)
    with pytest.raises(AccountNotFoundError):
        source(server, Account("organization", "nobody")).list_repositories()


@pytest.mark.fault(19)
@pytest.mark.parametrize("status", [301, 302, 307])
def test_no_other_host_sees_the_token(world: World, server: Server, status: int) -> None:
    other = World()
    with serve(other, github) as elsewhere:
        place = elsewhere.url.replace("127.0.0.1", "localhost") + "/api/graphql"
        world.before.append(always(Answer(status, {"Location": place}), "graphql"))
        listing = source(server).list_repositories()
    assert not listing.complete
    assert "redirects" in listing.problems[0]
    assert other.requests == []


@pytest.mark.fault(15)
def test_an_app_renews_its_token(
    world: World, server: Server, tmp_path: Path, private_key: str
) -> None:
    world.tokens = set()
    (tmp_path / "headway.toml").write_text(
        '[[sources]]\ntype = "github"\norganization = "acme"\napp_id = 1\ninstallation_id = 2\n'
        f'private_key = "APP_KEY"\nurl = "{server.url}/api/v3"\n'
    )
    world.tokens = {"a token that nobody has"}
    context = SourceContext(tmp_path, {"APP_KEY": private_key}, allow_loopback_http=True)
    (app,) = build_sources(find_workspace(tmp_path, load_source_types), context)
    assert isinstance(app, GithubSource)
    assert app.list_repositories().complete
    assert world.count_requests("/access_tokens") == 1
    # The forge no longer knows the token, so a new one is requested.
    world.tokens = {"a token that nobody has"}
    assert app.list_repositories().complete
    assert world.count_requests("/access_tokens") == 2


@pytest.mark.parametrize(
    ("lines", "environ", "message"),
    [
        (
            'organization = "acme"\ntoken = "T"',
            {},
            "T, which `token` in headway.toml names, is not set",
        ),
        ('organization = "acme"\ntoken = "T"', {"T": "a b"}, "contains spaces"),
        ('organization = "a/../b"', {}, "is not a valid organization name"),
        ('repositories = ["acme"]', {}, "owner/name"),
        ('organization = "acme"\napp_id = 1', {}, "app_id, installation_id and private_key"),
        ('organization = "acme"\nurl = "http://127.0.0.1:1/api/v3"', {}, "https://"),
        ('organization = "acme"\nurl = "https://u:hunter2@x.test/api/v3"', {}, r"\*\*\*@"),
    ],
)
def test_unusable_settings_are_errors(
    tmp_path: Path, lines: str, environ: dict[str, str], message: str
) -> None:
    (tmp_path / "headway.toml").write_text(f'[[sources]]\ntype = "github"\n{lines}\n')
    with pytest.raises(HeadwayError, match=message) as raised:
        build_sources(find_workspace(tmp_path, load_source_types), SourceContext(tmp_path, environ))
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("graphql", [True, False])
@pytest.mark.parametrize(("stated", "size"), [(350, 350_000), (0, None), (None, None)])
def test_the_size_that_github_states_is_read(
    world: World, server: Server, graphql: bool, stated: int | None, size: int | None
) -> None:
    if not graphql:
        no_graphql(world)
    world.repositories = [FakeRepository(1, "acme/one", tip="1" * 40, kilobytes=stated)]
    (repository,) = source(server).list_repositories().repositories
    assert repository.size == size
