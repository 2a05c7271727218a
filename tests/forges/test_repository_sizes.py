"""GitLab's repository sizes save git requests. Errors in them never harm the listing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headway.forges.address import gitlab_address
from headway.forges.credentials import Credential
from headway.forges.json_fields import size_or_none
from headway.forges.sources.gitlab import GitlabSource
from tests.support.forge.clock import Clock
from tests.support.forge.faulty_answers import change_json, nodes
from tests.support.forge.gitlab import gitlab
from tests.support.forge.organisation import Organisation, gitlab_config
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, FakeRepository, Request, World, always

TIP = "1" * 40
PATH = ["group", "projects", "nodes", 0, "statistics"]


@pytest.fixture
def world() -> World:
    return World([FakeRepository(n, f"acme/r{n}", tip=TIP, kilobytes=350) for n in range(1, 8)])


@pytest.fixture
def server(world: World) -> Iterator[Server]:
    with serve(world, gitlab) as running:
        yield running


def source(server: Server) -> GitlabSource:
    address = gitlab_address(server.url, source="t", allow_loopback_http=True)
    credential = Credential(TOKEN, variable="TOKEN", username="oauth2")
    return GitlabSource(address, "acme", credential, Clock().wait_policy)


@pytest.mark.parametrize("graphql", [True, False])
@pytest.mark.parametrize(("stated", "size"), [(350, 350_000), (0, None), (None, None)])
def test_the_size_that_gitlab_states_is_read(
    world: World, server: Server, graphql: bool, stated: int | None, size: int | None
) -> None:
    if not graphql:
        world.before.append(always(Answer(404, {}, b"{}"), "/api/graphql"))
    world.repositories = [FakeRepository(1, "acme/one", tip=TIP, kilobytes=stated)]
    (repository,) = source(server).list_repositories().repositories
    assert repository.size == size


@pytest.mark.parametrize(
    ("stated", "size"),
    [
        (0, 0),
        (7, 7),
        (1024.0, 1024),
        (-1, None),
        (10**400, None),
        (float("inf"), None),
        (float("nan"), None),
        (True, None),
        ("7", None),
        (None, None),
    ],
)
def test_only_plausible_numbers_are_sizes(stated: object, size: int | None) -> None:
    assert size_or_none(stated) == size


def test_an_implausible_size_is_unknown_in_the_listing_and_in_doctor(
    world: World, server: Server
) -> None:
    def change(body: Any) -> None:
        for node in nodes(body):
            if "repositorySize" in node:
                node["repositorySize"] = float("inf")

    world.after.append(change_json(lambda _: True, change))
    listing = source(server).list_repositories()
    assert {entry.size for entry in listing.repositories} == {None}
    assert source(server).repository_sizes() == {}


@pytest.mark.fault(17)
@pytest.mark.parametrize("message", ["Timeout on ProjectStatistics.repositorySize", "No"])
def test_an_error_that_concerns_only_a_size_does_not_make_the_listing_incomplete(
    world: World, server: Server, message: str
) -> None:
    def change(body: Any) -> Any:
        body["data"]["group"]["projects"]["nodes"][0]["statistics"] = None
        return body | {"errors": [{"message": message, "path": PATH}]}

    world.after.append(change_json(lambda request: b"statistics" in request.body, change))
    listing = source(server).list_repositories()
    assert listing.complete, listing.problems
    assert [entry.size for entry in listing.repositories].count(None) == 1
    assert len(world.requests) == 1


@pytest.mark.fault(17)
def test_a_hidden_project_is_hidden_although_a_size_cannot_be_read(
    world: World, server: Server
) -> None:
    world.null_nodes = True
    world.repositories[2].hidden = True

    def change(body: Any) -> Any:
        return body | {"errors": [{"message": "Timeout", "path": PATH}]}

    world.after.append(change_json(lambda request: b"statistics" in request.body, change))
    listing = source(server).list_repositories()
    assert (listing.complete, listing.hidden) == (True, 1)


@pytest.mark.fault(17)
def test_a_server_without_sizes_is_asked_once_more_without_them(
    world: World, server: Server
) -> None:
    world.knows_sizes = False
    world.page_size = 3
    listing = source(server).list_repositories()
    assert listing.complete, listing.problems
    assert {entry.tip for entry in listing.repositories} == {TIP}
    assert [entry.size for entry in listing.repositories] == [None] * 7
    assert len(world.requests) == 1 + 3


@pytest.mark.fault(17)
def test_a_query_that_is_too_complex_with_sizes_is_sent_without_them(
    world: World, server: Server
) -> None:
    message = "Query has complexity of 301, which exceeds max complexity of 250"
    body = json.dumps({"errors": [{"message": message}]}).encode()

    def refuse(request: Request) -> Answer | None:
        is_too_complex = b"statistics" in request.body
        return Answer(200, {"Content-Type": "application/json"}, body) if is_too_complex else None

    world.before.append(refuse)
    listing = source(server).list_repositories()
    assert listing.complete, listing.problems
    assert {entry.tip for entry in listing.repositories} == {TIP}
    assert b"first: 100" in world.requests[-1].body


@pytest.mark.parametrize(("kilobytes", "requests"), [(100, 3), (None, 6)])
def test_a_small_project_takes_one_git_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kilobytes: int | None, requests: int
) -> None:
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    with serve(World(), gitlab) as running:
        acme = Organisation(tmp_path, running.world)
        for name in "abc":
            acme.add(name)
            acme.get(name).kilobytes = kilobytes
        acme.configure(gitlab_config(running))
        acme.scan("2026-03-01")
        assert running.world.count_requests(".git/") == requests
