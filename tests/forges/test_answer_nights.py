"""Unusual responses of a forge change no number, and the next night restores everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.forge.github import github
from tests.support.forge.nights import (
    FAULTED,
    FIRST,
    FORGES,
    Nights,
    heal,
    undisturbed_nights,
    without_graphql,
)
from tests.support.forge.organisation import Organisation, github_config, push
from tests.support.forge.prepared import Prepared
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, World, always
from tests.support.workspaces import headway, rows

JSON = {"Content-Type": "application/json"}
DEEP = Answer(200, dict(JSON), b'{"data":' * 100_000 + b"1" + b"}" * 100_000)
TOO_LARGE = Answer(
    200,
    dict(JSON),
    b'{"data": null, "errors": [{"message": "Something went wrong while executing your query."}]}',
)


@pytest.fixture(params=["github", "gitlab"])
def forge(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def acme(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Organisation:
    for variable in ("GITHUB_TOKEN", "GITLAB_TOKEN"):
        monkeypatch.setenv(variable, TOKEN)
    return Organisation(tmp_path, server.world)


@pytest.fixture
def nights(forge: str, prepared: Prepared, tmp_path: Path, tokens: None) -> Nights:
    """Return two repositories after the first night; only `done` has no open item.

    After the first night, a new commit was pushed to each repository.
    """

    def build(acme: Organisation) -> Nights:
        acme.add("a")
        acme.add("done", fixed=True)
        acme.scan(FIRST)
        for repo in acme.repos.values():
            repo.commit(FAULTED, {"b.py": "x = 1\n"})
            push(repo)
        return undisturbed_nights(acme)

    return prepared.nights("answers", forge, tmp_path, build)


@pytest.mark.fault(17)
@pytest.mark.parametrize("answer", [DEEP, TOO_LARGE], ids=["deep", "too large"])
def test_a_listing_that_fails_leaves_everything_unknown(nights: Nights, answer: Answer) -> None:
    nights.acme.world.before.append(always(answer, "/api/"))
    nights.disturbed("a", "done")
    heal(nights.acme.world)
    nights.healed()


@pytest.mark.fault(16)
@pytest.mark.fault(17)
@pytest.mark.fault(18)
@pytest.mark.fault(19)
@pytest.mark.parametrize("forge", FORGES, indirect=True)
def test_an_api_that_fails_on_several_nights_leaves_everything_unknown_until_it_works(
    nights: Nights, forge: str
) -> None:
    world = nights.acme.world
    days = [f"2026-03-0{day}" for day in range(2, 7)]
    nights.undisturbed(days[-1])
    with serve(World(), github) as elsewhere:
        place = elsewhere.url.replace("127.0.0.1", "localhost") + "/api/x"
        errors = b'{"data": null, "errors": [{"message": "Something went wrong"}]}'
        answers = (
            Answer(429, {"Retry-After": "90000"}),
            Answer(302, {"Location": place}),
            Answer(200, {}, errors),
            Answer(200, {}, errors, cut=10, reset=True),
        )
        for day, answer in zip(days, answers, strict=False):
            heal(world)
            without_graphql(world, forge)
            world.before.append(always(answer, "/api/"))
            nights.disturbed("a", "done", day=day)
        assert elsewhere.world.requests == []
    heal(world)
    without_graphql(world, forge)
    nights.healed(days[-1])


@pytest.mark.fault(16)
@pytest.mark.parametrize(
    ("forge", "status"),
    [("github", 403), ("github", 503), *((forge, 429) for forge in FORGES)],
    indirect=["forge"],
)
def test_a_rate_limit_of_git_that_ends_after_the_deadline_leaves_repositories_unknown(
    nights: Nights, forge: str, status: int
) -> None:
    world = nights.acme.world
    world.requests.clear()
    world.before.append(always(Answer(status, {"Retry-After": "90000"}), ".git/"))
    nights.disturbed("a", "done")
    found = rows(nights.acme.workspace, "query", "SELECT DISTINCT reason FROM unknowns")
    assert found
    expected = "unavailable" if status == 503 else "rate limit"
    assert all(expected in row["reason"] for row in found)
    # After the first responses, no more requests are sent to the host.
    assert world.count_requests(".git/") <= 2
    heal(world)
    without_graphql(world, forge)
    nights.healed()


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_repositories_with_unusual_names_are_scanned_and_have_pages(
    acme: Organisation, server: Server
) -> None:
    names = ("-", "-rf", "...", "..x", "--help")
    for name in names:
        acme.add(name)
    acme.configure(github_config(server))
    acme.scan("2026-03-01")
    assert acme.states("2026-03-01") == {f"acme/{name}": "open" for name in names}
    headway(acme.workspace, "--today", "2026-03-01", "report")
    pages = list((acme.workspace / "site" / "repositories").rglob("index.html"))
    assert len(pages) == len(names)
    found = rows(acme.workspace, "items", "--repository", "acme/-rf")
    assert [item["repository"] for item in found] == ["acme/-rf"]
