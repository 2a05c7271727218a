"""Topics, languages and other fields that a forge does not state are treated as unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from headway.forges.address import github_address, gitlab_address
from headway.forges.credentials import Credential
from headway.forges.sources.github import Account, GithubSource
from headway.forges.sources.gitlab import GitlabSource
from headway.model.repository import Listing, Lookup, Repository
from headway.model.store_records import RepositoryRecord
from headway.scan.confirmations import apply_lookups, suspicious_changes
from headway.scan.inventory import take_inventory
from tests.support.forge.clock import Clock
from tests.support.forge.faulty_answers import change_json, entry_of, path_has
from tests.support.forge.github import github
from tests.support.forge.gitlab import gitlab
from tests.support.forge.nights import FORGES
from tests.support.forge.organisation import Organisation, github_config
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, FakeRepository, World, always
from tests.support.workspaces import rows

TODAY = date(2026, 3, 2)
MISSING = object()


@pytest.fixture
def world() -> World:
    return World(
        [
            FakeRepository(1, "acme/a", tip="1" * 40, topics=("web",), languages=("Python", "C")),
            FakeRepository(2, "acme/b", tip="1" * 40, topics=("web",), languages=("Python",)),
        ],
        checked=False,
    )


@pytest.fixture(params=FORGES)
def forge(request: pytest.FixtureRequest, world: World) -> str:
    if request.param.endswith("rest"):
        world.before.append(always(Answer(404, {}, b"{}"), "/api/graphql"))
    return str(request.param)


@pytest.fixture
def server(forge: str, world: World) -> Iterator[Server]:
    with serve(world, github if forge.startswith("github") else gitlab) as running:
        yield running


def list_all(server: Server, forge: str) -> Listing:
    credential = Credential(TOKEN, variable="TOKEN", username="x")
    policy = Clock().wait_policy
    if forge.startswith("github"):
        address = github_address(f"{server.url}/api/v3", source="t", allow_loopback_http=True)
        wanted = Account("organization", "acme")
        return GithubSource(address, wanted, credential, policy).list_repositories()
    address = gitlab_address(server.url, source="t", allow_loopback_http=True)
    return GitlabSource(address, "acme", credential, policy).list_repositories()


def state(world: World, name: str, value: object) -> None:
    """Change a field of `acme/a` in the listing, or remove the field if `value` is `MISSING`."""

    def change(body: Any) -> None:
        entry = entry_of(body, "acme/a")
        if entry is not None and value is MISSING:
            del entry[name]
        elif entry is not None:
            entry[name] = value

    world.after.append(change_json(lambda _: True, change))


UNUSABLE: dict[str, list[tuple[str, object]]] = {
    "github": [
        ("languages", None),
        ("languages", {"nodes": {}}),
        ("languages", {"nodes": [{"name": "C"}, {"name": 7}]}),
        ("languages", {"nodes": [{"name": "C"}, None]}),
        ("isArchived", 7),
        ("repositoryTopics", {}),
        ("repositoryTopics", {"nodes": [{"topic": None}]}),
    ],
    "github rest": [
        ("fork", "true"),
        ("language", MISSING),
        ("language", 7),
        ("language", ""),
        ("topics", MISSING),
        ("topics", None),
        ("topics", {}),
        ("topics", ["web", 7]),
    ],
    "gitlab": [
        ("languages", None),
        ("languages", {}),
        ("languages", [{"name": "C"}, {}]),
        ("archived", 0),
        ("topics", "web"),
        ("topics", [None]),
    ],
    "gitlab rest": [("topics", MISSING), ("topics", None), ("topics", {}), ("topics", [1])],
}
FIELDS = [(forge, name, value) for forge, cases in UNUSABLE.items() for name, value in cases]


@pytest.mark.fault(17)
@pytest.mark.parametrize(("forge", "name", "value"), FIELDS, indirect=["forge"])
def test_a_repository_with_an_unusable_field_is_unknown(
    world: World, server: Server, forge: str, name: str, value: object
) -> None:
    state(world, name, value)
    listing = list_all(server, forge)
    assert [entry.name for entry in listing.repositories] == ["acme/b"]
    (entry,) = listing.unlisted
    assert (entry.name, entry.reason) == (
        "acme/a",
        f"the forge's response has no usable {name!r}",
    )


@pytest.mark.fault(17)
@pytest.mark.parametrize("forge", ["gitlab rest"], indirect=True)
@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'{"message": "500 Internal Server Error"}', b'{"C": true}']
)
def test_an_unusable_answer_to_the_request_for_languages_is_not_a_list_of_languages(
    world: World, server: Server, forge: str, body: bytes
) -> None:
    json_headers = {"Content-Type": "application/json"}
    world.before.append(always(Answer(200, json_headers, body), "/projects/1/languages"))
    listing = list_all(server, forge)
    assert [entry.name for entry in listing.repositories] == ["acme/b"]
    assert [entry.reason for entry in listing.unlisted] == [
        "the forge's response has no usable 'languages'"
    ]


@pytest.mark.fault(18)
@pytest.mark.parametrize("forge", ["gitlab rest"], indirect=True)
@pytest.mark.parametrize("status", [403, 409, 502])
def test_a_failure_of_the_languages_concerns_one_project_unless_several_fail(
    world: World, server: Server, forge: str, status: int
) -> None:
    world.repositories += [FakeRepository(n, f"acme/r{n}", tip="1" * 40) for n in range(3, 9)]
    world.before.append(always(Answer(status, {}, b"{}"), "/projects/1/languages"))
    listing = list_all(server, forge)
    assert listing.complete, listing.problems
    assert [entry.name for entry in listing.unlisted] == ["acme/a"]
    world.before.append(always(Answer(status, {}, b"{}"), "/languages"))
    listing = list_all(server, forge)
    assert not listing.repositories
    assert listing.complete is (status != 502)
    assert world.count_requests("/projects/8/languages") == 1 + (status != 502)


def test_a_repository_may_have_no_topics_and_no_languages(
    world: World, server: Server, forge: str
) -> None:
    world.repositories[0].topics = world.repositories[0].languages = ()
    listing = list_all(server, forge)
    assert not listing.unlisted
    assert (listing.repositories[0].topics, listing.repositories[0].languages) == ((), ())


@pytest.mark.parametrize("forge", ["gitlab rest"], indirect=True)
def test_gitlab_before_version_14_calls_topics_tags(
    world: World, server: Server, forge: str
) -> None:
    def change(body: Any) -> None:
        for entry in body if isinstance(body, list) else ():
            entry["tag_list"] = entry.pop("topics")

    world.after.append(change_json(path_has("/groups/"), change))
    listing = list_all(server, forge)
    assert [entry.topics for entry in listing.repositories] == [("web",), ("web",)]


REPOSITORY = Repository("h/1", "acme/a", "s", "https://h/acme/a.git", languages=("c", "python"))


def languages_after(now: Repository) -> tuple[str, ...]:
    known = {"h/1": RepositoryRecord(REPOSITORY, None, TODAY, TODAY, None)}
    return take_inventory([Listing("s", (now,))], known, {}, TODAY).records["h/1"].listed.languages


def test_languages_are_kept_until_the_forge_states_all_of_them() -> None:
    assert languages_after(replace(REPOSITORY, languages=())) == ("c", "python")
    main = replace(REPOSITORY, languages=("go",), has_all_languages=False)
    assert languages_after(main) == ("c", "go", "python")
    assert languages_after(replace(REPOSITORY, languages=("go",))) == ("go",)
    assert languages_after(replace(REPOSITORY, languages=(), empty=True)) == ()


@pytest.mark.fault(17)
def test_a_repository_that_leaves_the_scope_by_its_languages_is_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with serve(World(), github) as server:
        acme = Organisation(tmp_path, server.world)
        acme.add("a")
        acme.add("b")
        acme.configure(github_config(server))
        campaign = acme.workspace / "campaigns" / "remove-six.yaml"
        campaign.write_text(campaign.read_text() + "scope: {languages: [python]}\n")
        for repository in server.world.repositories:
            repository.languages = ("C", "Python")
        acme.scan("2026-03-01")
        # Without GraphQL, GitHub states only the main language.
        server.world.before.append(always(Answer(404), "/api/graphql"))
        acme.scan("2026-03-02")
        assert list(acme.states("2026-03-02")) == ["acme/a", "acme/b"]
        server.world.before.clear()
        acme.get("b").languages = ("C",)
        result = acme.scan("2026-03-03")
    assert list(acme.states("2026-03-03")) == ["acme/a"]
    text = "acme/b left the scope: none of its languages is python"
    assert f"remove-six: {text}" in result.stderr
    marks = rows(acme.workspace, "query", "SELECT day, description FROM marks")
    assert json.loads(json.dumps(marks)) == [{"day": "2026-03-03", "description": text}]


def test_a_repository_without_a_visibility_is_not_taken_for_changed() -> None:
    before = replace(REPOSITORY, visibility="private")
    now = replace(REPOSITORY, visibility="unknown")
    known = {"h/1": RepositoryRecord(before, None, TODAY, TODAY, None)}
    listing = Listing("s", (now,))
    answers = {"h/1": Lookup(now)}
    suspects = suspicious_changes(listing, known)
    (entry,) = apply_lookups(listing, known, suspects, answers).unlisted
    assert entry.reason == "the forge no longer states its visibility"
