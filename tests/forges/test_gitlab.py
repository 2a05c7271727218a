"""python-gitlab lists projects from a server that follows GitLab's documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from headway.config.workspace import find_workspace
from headway.errors import HeadwayError
from headway.forges.address import gitlab_address
from headway.forges.credentials import Credential
from headway.forges.forge_errors import AccountNotFoundError, TokenRefusedError
from headway.forges.gitlab_records import GitlabRecords
from headway.forges.json_fields import UnexpectedResponse
from headway.forges.source_plugin import SourceContext
from headway.forges.source_registry import build_sources, load_source_types
from headway.forges.sources.gitlab import GitlabSource
from tests.support.forge.clock import Clock
from tests.support.forge.gitlab import gitlab
from tests.support.forge.organisation import Organisation
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, FakeRepository, Request, World, always, once

TIP = "1" * 40


@pytest.fixture
def world() -> World:
    names = ["acme/r1", "acme/r2", "acme/sub/r3", "acme/sub/deep/r4", "acme/r5"]
    projects = [FakeRepository(100 + n, name, tip=TIP) for n, name in enumerate(names)]
    return World(projects, page_size=2)


@pytest.fixture
def server(world: World) -> Iterator[Server]:
    with serve(world, gitlab) as running:
        yield running


def source(
    server: Server, group: str = "acme", clock: Clock | None = None, token: str = TOKEN
) -> GitlabSource:
    address = gitlab_address(server.url, source="t", allow_loopback_http=True)
    credential = Credential(token, variable="TOKEN", username="oauth2")
    return GitlabSource(address, group, credential, (clock or Clock()).wait_policy)


def no_graphql(world: World) -> None:
    world.before.append(always(Answer(404, {}, b"{}"), "/api/graphql"))


@pytest.mark.parametrize("graphql", [True, False])
def test_a_group_is_listed_with_its_subgroups(world: World, server: Server, graphql: bool) -> None:
    if not graphql:
        no_graphql(world)
        world.page_size = 100
    listing = source(server).list_repositories()
    assert listing.complete, listing.problems
    assert [repository.name for repository in listing.repositories] == [
        *("acme/r1", "acme/r2", "acme/r5", "acme/sub/deep/r4", "acme/sub/r3")
    ]
    deep = listing.repositories[3]
    assert (deep.key, deep.groups) == (f"{server.host}/103", ("acme/sub/deep",))
    assert deep.clone_url == f"{server.url}/acme/sub/deep/r4.git"
    assert deep.tip == (TIP if graphql else None)


@pytest.mark.parametrize("graphql", [True, False])
def test_every_property_of_a_project_is_read(world: World, server: Server, graphql: bool) -> None:
    if not graphql:
        no_graphql(world)
    world.repositories = [
        FakeRepository(
            7,
            "acme/one",
            tip=TIP,
            visibility="internal",
            archived=True,
            fork=True,
            topics=("Web", "python"),
            languages=("Ruby", "C"),
        ),
        FakeRepository(8, "acme/empty", empty=True),
    ]
    empty, one = source(server).list_repositories().repositories
    assert (one.visibility, one.archived, one.fork, one.link_style) == (
        *("internal", True, True),
        "gitlab",
    )
    assert (one.topics, one.languages) == (("python", "web"), ("c", "ruby"))
    assert one.default_branch == "main"
    assert (empty.empty, empty.tip, empty.default_branch) == (True, None, None)


def test_a_project_without_a_repository_is_unlisted(world: World, server: Server) -> None:
    world.repositories[0].disabled = True
    listing = source(server).list_repositories()
    assert listing.complete
    (entry,) = listing.unlisted
    assert (entry.key, entry.name) == (f"{server.host}/100", "acme/r1")
    assert "is disabled" in entry.reason


def test_a_listing_that_matches_the_count_is_read_once(world: World, server: Server) -> None:
    world.repositories = [FakeRepository(n, f"acme/r{n}", tip=TIP) for n in range(1, 2_001)]
    world.page_size = 100
    listing = source(server).list_repositories()
    assert (listing.complete, len(listing.repositories)) == (True, 2_000)
    assert len(world.requests) == 20


@pytest.mark.parametrize("null_nodes", [False, True])
@pytest.mark.parametrize("positions", [(2,), (0, 1), (3, 4), (0, 1, 2, 3, 4)])
def test_projects_that_the_token_may_not_see_are_counted(
    world: World, server: Server, positions: tuple[int, ...], null_nodes: bool
) -> None:
    for position in positions:
        world.repositories[position].hidden = True
    world.null_nodes = null_nodes
    listing = source(server).list_repositories()
    assert (listing.complete, listing.hidden) == (True, len(positions)), listing.problems
    visible = [repository for repository in world.repositories if not repository.hidden]
    assert {entry.name for entry in listing.repositories} == {entry.name for entry in visible}


def total_of_six(request: Request, answer: Answer) -> Answer:
    """Return a total that is one too high in responses of GraphQL and REST."""
    if "X-Total" in answer.headers:
        answer.headers["X-Total"] = "6"
    return replace(answer, body=answer.body.replace(b'"count": 5', b'"count": 6'))


@pytest.mark.parametrize("graphql", [True, False])
def test_a_count_that_both_orders_of_the_listing_contradict_means_hidden_projects(
    world: World, server: Server, graphql: bool
) -> None:
    if not graphql:
        no_graphql(world)
        world.page_size = 100
    world.after.append(total_of_six)
    listing = source(server).list_repositories()
    assert (listing.complete, listing.hidden, len(listing.repositories)) == (True, 1, 5)


@pytest.mark.fault(12)
@pytest.mark.parametrize("graphql", [True, False])
def test_fewer_projects_than_another_order_lists_make_the_listing_incomplete(
    world: World, server: Server, graphql: bool
) -> None:
    world.page_size = 100
    if not graphql:
        no_graphql(world)

    def lose_last(request: Request, answer: Answer) -> Answer:
        body = json.loads(answer.body)
        if "graphql" in request.path and graphql:
            body["data"]["group"]["projects"]["nodes"].pop()
        elif isinstance(body, list):
            body.pop()
        return replace(answer, body=json.dumps(body).encode())

    world.after.append(lose_last)
    listing = source(server).list_repositories()
    assert (listing.complete, listing.hidden) == (False, 0)
    assert "counts 5 repositories, but lists 4" in listing.problems[0]


def test_hidden_projects_do_not_hide_a_failure(world: World, server: Server) -> None:
    world.repositories[0].hidden = True
    world.before.append(always(Answer(500), "/api/v4/groups"))
    listing = source(server).list_repositories()
    assert (listing.complete, listing.hidden) == (False, 0)


def test_a_query_that_is_too_complex_is_reduced(world: World, server: Server) -> None:
    message = "Query has complexity of 320, which exceeds max complexity of 250"

    def refuse(request: Request) -> Answer | None:
        if b"first: 20," in request.body or "graphql" not in request.path:
            return None
        return Answer(200, {}, json.dumps({"errors": [{"message": message}]}).encode())

    world.before.append(refuse)
    assert source(server).list_repositories().complete


def test_rest_is_used_for_an_older_server_without_a_field(world: World, server: Server) -> None:
    body = json.dumps({"errors": [{"message": "Field 'isForked' doesn't exist on type 'Project'"}]})
    world.before.append(always(Answer(200, {}, body.encode()), "graphql"))
    world.page_size = 100
    assert source(server).list_repositories().complete


@pytest.mark.fault(12)
def test_a_deletion_between_numbered_pages_hides_no_other_project(
    world: World, server: Server
) -> None:
    no_graphql(world)
    world.page_size = 100
    world.repositories = [FakeRepository(n, f"acme/r{n}") for n in range(1, 151)]

    def delete(request: Request, answer: Answer) -> Answer:
        if len(world.repositories) == 150 and request.path.endswith("/projects"):
            del world.repositories[0]
        return answer

    world.after.append(delete)
    listing = source(server).list_repositories()
    assert listing.complete, listing.problems
    assert len(listing.repositories) == 149


@pytest.mark.fault(12)
def test_a_listing_that_keeps_changing_is_incomplete(world: World, server: Server) -> None:
    def grow(request: Request, answer: Answer) -> Answer:
        number = len(world.requests)
        world.repositories.append(FakeRepository(1000 + number, f"acme/n{number}", tip=TIP))
        return answer

    world.after.append(grow)
    listing = source(server).list_repositories()
    assert not listing.complete
    assert "changed during each of" in listing.problems[0]


def test_refused_offsets_make_the_listing_incomplete(world: World, server: Server) -> None:
    no_graphql(world)
    world.page_size = 100
    world.repositories = [FakeRepository(n, f"acme/r{n}") for n in range(1, 151)]
    message = b'{"error": "Offset pagination has a maximum allowed offset"}'

    def refuse(request: Request) -> Answer | None:
        return Answer(405, {}, message) if request.query.get("page") == "2" else None

    world.before.append(refuse)
    listing = source(server).list_repositories()
    assert (listing.complete, len(listing.repositories)) == (False, 100)


@pytest.mark.fault(16)
@pytest.mark.parametrize(
    ("headers", "seconds"), [({"Retry-After": "37"}, 37), ({}, 60), ({"RateLimit-Reset": "0"}, 2)]
)
def test_rate_limits_are_respected(
    world: World, server: Server, headers: dict[str, str], seconds: int
) -> None:
    clock = Clock()
    start = clock.time
    world.before.append(once(Answer(429, headers, b"Retry later"), "graphql"))
    assert source(server, clock=clock).list_repositories().complete
    assert clock.time - start == timedelta(seconds=seconds)


@pytest.mark.fault(12)
@pytest.mark.fault(18)
def test_server_errors_are_retried_and_then_make_the_listing_incomplete(
    world: World, server: Server
) -> None:
    world.before.append(once(Answer(502), "graphql"))
    assert source(server).list_repositories().complete
    world.before.append(always(Answer(502), "graphql"))
    listing = source(server).list_repositories()
    assert not listing.complete
    assert "502" in listing.problems[0]


@pytest.mark.fault(17)
def test_graphql_errors_with_status_200_are_errors(world: World, server: Server) -> None:
    def broken(request: Request, answer: Answer) -> Answer:
        body = json.dumps({"errors": [{"message": "Internal server error"}]})
        return replace(answer, body=body.encode())

    world.after.append(broken)
    listing = source(server).list_repositories()
    assert not listing.complete
    assert "Internal server error" in listing.problems[0]


def test_refused_tokens_and_unknown_groups_are_errors(world: World, server: Server) -> None:
    with pytest.raises(TokenRefusedError, match="the token in TOKEN"):
        source(server, token="wrong").list_repositories()
    with pytest.raises(AccountNotFoundError, match="correct `group`"):
        source(server, "nobody").list_repositories()
    no_graphql(world)
    with pytest.raises(AccountNotFoundError, match="correct `group`"):
        source(server, "nobody").list_repositories()


@pytest.mark.fault(19)
@pytest.mark.parametrize("graphql", [True, False])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_other_host_sees_the_token(
    world: World, server: Server, status: int, graphql: bool
) -> None:
    if not graphql:
        no_graphql(world)
    other = World()
    with serve(other, gitlab) as elsewhere:
        place = elsewhere.url.replace("127.0.0.1", "localhost") + "/api/v4/x"
        part = "graphql" if graphql else "/groups/"
        world.before.append(always(Answer(status, {"Location": place}), part))
        listing = source(server).list_repositories()
    assert not listing.complete
    assert "redirects" in listing.problems[0]
    assert other.requests == []


def test_a_group_is_scanned(
    world: World, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    world.repositories = []
    acme = Organisation(tmp_path, world)
    acme.add("open")
    acme.add("sub/done", fixed=True)
    acme.configure(
        '[[sources]]\ntype = "gitlab"\ngroup = "acme"\ntoken = "GITLAB_TOKEN"\n'
        f'url = "{server.url}"\n'
    )
    acme.scan("2026-03-01")
    assert acme.states("2026-03-01") == {"acme/open": "open", "acme/sub/done": "done"}
    # Git sends the token with its first request, because GitLab bans IP addresses after repeated
    # authentication failures.
    assert all(
        "authorization" in request.headers for request in world.requests if ".git" in request.path
    )
    no_graphql(world)
    acme.fix("open", "2026-03-01")
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02") == {"acme/open": "done", "acme/sub/done": "done"}


def test_git_can_fetch_with_a_job_token(world: World, server: Server, tmp_path: Path) -> None:
    (tmp_path / "headway.toml").write_text(
        '[[sources]]\ntype = "gitlab"\ngroup = "acme"\ntoken = "T"\n'
        f'git_token = "CI_JOB_TOKEN"\nurl = "{server.url}"\n'
    )
    context = SourceContext(
        tmp_path, {"T": TOKEN, "CI_JOB_TOKEN": "of-this-job"}, allow_loopback_http=True
    )
    (acme,) = build_sources(find_workspace(tmp_path, load_source_types), context)
    assert isinstance(acme, GitlabSource)
    assert acme.list_repositories().complete
    access = acme.git_access(f"{server.url}/acme/r1.git")
    assert access is not None
    assert (access.username, access.password) == ("gitlab-ci-token", "of-this-job")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('group = "acme"\ntoken = "CI_JOB_TOKEN"', "cannot list projects"),
        ('group = "acme"\ntoken = "T"', "T, which `token` in headway.toml names, is not set"),
        ('group = "acme/../x"', "is not a valid group name"),
        ('group = "acme"\nurl = "http://gitlab.example.com"', "https://"),
    ],
)
def test_unusable_settings_are_errors(tmp_path: Path, lines: str, message: str) -> None:
    (tmp_path / "headway.toml").write_text(f'[[sources]]\ntype = "gitlab"\n{lines}\n')
    with pytest.raises(HeadwayError, match=message):
        build_sources(find_workspace(tmp_path, load_source_types), SourceContext(tmp_path, {}))


def test_a_node_without_a_global_id_is_no_repository() -> None:
    address = gitlab_address("https://gitlab.example.com", source="x", allow_loopback_http=False)
    records = GitlabRecords("gitlab:acme", address)
    with pytest.raises(UnexpectedResponse):
        records.unlisted({"id": 7, "fullPath": 7}, "a reason")
