"""The scripts in docs/other-forges.md list all repositories and send the token to no other host."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from headway.forges.repository_lines import RepositoryLine
from headway.forges.source_plugin import SourceContext
from headway.forges.sources.list import ListSettings, ListSource
from headway.model.repository import Listing
from tests.support.forge.server import Server, basic_password, serve
from tests.support.forge.world import TOKEN, Answer, FakeRepository, Request, World, always

PAGE = (Path(__file__).parents[2] / "docs" / "other-forges.md").read_text("utf-8")
SCRIPTS = dict(re.findall(r"```python\n# (list_\w+\.py)\n(.*?)```", PAGE, re.DOTALL))


def as_json(data: object, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, headers or {}, json.dumps(data).encode())


def authorised(world: World, request: Request, kind: str) -> bool:
    return request.headers.get("authorization") in {f"{kind} {token}" for token in world.tokens}


def base(request: Request) -> str:
    return f"http://{request.headers['host']}"


def bitbucket(world: World, request: Request) -> Answer:
    """Answer as Bitbucket does.

    https://developer.atlassian.com/cloud/bitbucket/rest/api-group-repositories/
    """
    if not authorised(world, request, "Bearer"):
        return as_json({"type": "error"}, 401)
    assert request.path == "/2.0/repositories/acme"
    number = int(request.query.get("page", "1"))
    first, size = (number - 1) * world.page_size, world.page_size
    values = [
        {
            "uuid": f"{{{repository.id:08}-0000-0000-0000-000000000000}}",
            "full_name": repository.name,
            "is_private": repository.visibility == "private",
            "mainbranch": {"name": repository.branch, "type": "branch"},
            "language": "python",
            "parent": None,
            "links": {
                "html": {"href": f"{base(request)}/{repository.name}"},
                "clone": [
                    {
                        "name": "https",
                        "href": f"http://ada@{request.headers['host']}/{repository.name}.git",
                    },
                    {"name": "ssh", "href": f"git@bitbucket.org:{repository.name}.git"},
                ],
            },
        }
        for repository in world.repositories[first : first + size]
    ]
    page: dict[str, Any] = {"values": values, "pagelen": size, "page": number}
    page["size"] = len(world.repositories)
    if first + size < len(world.repositories):
        page["next"] = f"{base(request)}{request.path}?pagelen={size}&page={number + 1}"
    return as_json(page)


def azure(world: World, request: Request) -> Answer:
    """Answer as Azure DevOps does.

    https://learn.microsoft.com/rest/api/azure/devops/core/projects/list and git/repositories
    """
    if basic_password(request) not in world.tokens:
        return Answer(302, {"Location": "https://spsprodweu1.vssps.visualstudio.com/_signin"})
    assert request.query["api-version"] == "7.1"
    projects = sorted({repository.name.split("/")[0] for repository in world.repositories})
    if request.path == "/acme/_apis/projects":
        first = int(request.query.get("continuationToken", "0"))
        following = first + world.page_size
        value = [
            {"id": f"id-{name}", "name": name, "state": "wellFormed", "visibility": "private"}
            for name in projects[first:following]
        ]
        more = following < len(projects)
        headers = {"x-ms-continuationtoken": str(following)} if more else {}
        return as_json({"count": len(value), "value": value}, headers=headers)
    found = re.fullmatch(r"/acme/id-([^/]+)/_apis/git/repositories", request.path)
    assert found
    entries: list[dict[str, Any]] = [
        {
            "id": f"{repository.id:08}-0000-0000-0000-000000000000",
            "name": repository.name.split("/")[1],
            "defaultBranch": f"refs/heads/{repository.branch}",
            "isDisabled": repository.disabled,
            "remoteUrl": f"http://acme@{request.headers['host']}/{repository.name}.git",
            "webUrl": f"{base(request)}/{repository.name}",
        }
        for repository in world.repositories
        if repository.name.startswith(f"{found[1]}/")
    ]
    return as_json({"count": len(entries), "value": entries})


def gerrit(world: World, request: Request) -> Answer:
    """Answer as Gerrit does.

    https://gerrit-review.googlesource.com/Documentation/rest-api-projects.html#list-projects
    """
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind != "Basic" or base64.b64decode(value).decode() not in {
        f"ada:{token}" for token in world.tokens
    }:
        return Answer(401)
    assert (request.path, request.query["type"]) == ("/a/projects/", "CODE")
    first, size = int(request.query["S"]), min(int(request.query["n"]), world.page_size)
    ordered = sorted(world.repositories, key=lambda repository: repository.name)
    projects: dict[str, dict[str, Any]] = {
        repository.name: {
            "id": repository.name.replace("/", "%2F"),
            "state": "READ_ONLY" if repository.archived else "ACTIVE",
        }
        for repository in ordered[first : first + size]
    }
    if first + size < len(ordered):
        projects[list(projects)[-1]]["_more_projects"] = True
    return Answer(200, {}, b")]}'\n" + json.dumps(projects).encode())


def gitea(world: World, request: Request) -> Answer:
    """Answer as Gitea does.

    https://docs.gitea.com/api/ (organization, list an organization's repos)
    """
    if not authorised(world, request, "token"):
        return as_json({"message": "token is required"}, 401)
    assert request.path == "/api/v1/orgs/acme/repos"
    size = min(int(request.query["limit"]), world.page_size)
    first = (int(request.query["page"]) - 1) * size
    entries = [
        {
            "id": repository.id,
            "full_name": repository.name,
            "clone_url": f"{base(request)}/{repository.name}.git",
            "html_url": f"{base(request)}/{repository.name}",
            "default_branch": repository.branch,
            "archived": repository.archived,
            "fork": repository.fork,
            "private": repository.visibility == "private",
            "internal": False,
            "topics": list(repository.topics),
            "language": "Go",
        }
        for repository in world.repositories[first : first + size]
    ]
    return as_json(entries, headers={"X-Total-Count": str(len(world.repositories))})


@dataclass(frozen=True)
class Forge:
    """A fake forge, and the settings with which its script runs."""

    script: str
    variable: str
    api: Callable[[World, Request], Answer]
    arguments: Callable[[Server], list[str]]


FORGES = [
    Forge("list_bitbucket.py", "BITBUCKET_TOKEN", bitbucket, lambda s: ["acme", s.url]),
    Forge("list_azure.py", "AZURE_TOKEN", azure, lambda s: ["acme", s.url]),
    Forge("list_gerrit.py", "GERRIT_TOKEN", gerrit, lambda s: [s.url, "ada"]),
    Forge("list_gitea.py", "GITEA_TOKEN", gitea, lambda s: [s.url, "acme"]),
]
all_forges = pytest.mark.parametrize("forge", FORGES, ids=lambda forge: forge.script)


@contextmanager
def serving(forge: Forge) -> Iterator[Server]:
    repositories = [FakeRepository(n, f"team{n}/r{n}") for n in range(1, 6)]
    with serve(World(repositories, page_size=2), forge.api) as server:
        yield server


def listing(forge: Forge, server: Server, folder: Path, token: str = TOKEN) -> Listing:
    (folder / forge.script).write_text(SCRIPTS[forge.script])
    settings = ListSettings.model_validate(
        {
            "name": "other",
            "command": ["python3", forge.script, *forge.arguments(server)],
            "token": forge.variable,
        }
    )
    context = SourceContext(folder, {forge.variable: token}, allow_loopback_http=True)
    return ListSource.from_settings(settings, context).list_repositories()


def test_the_page_has_a_script_for_each_fake() -> None:
    assert sorted(SCRIPTS) == sorted(forge.script for forge in FORGES)


@all_forges
def test_a_script_lists_every_page(forge: Forge, tmp_path: Path) -> None:
    with serving(forge) as server:
        server.world.repositories[0].archived = server.world.repositories[0].disabled = True
        found = listing(forge, server, tmp_path)
        host = server.host
    assert found.problems == ()
    assert found.complete
    assert [repository.name for repository in found.repositories] == [
        f"team{n}/r{n}" for n in range(1, 6)
    ]
    assert len({repository.key for repository in found.repositories}) == 5
    for repository in found.repositories:
        assert repository.clone_url.startswith(f"http://{host}/")
    if forge.script != "list_bitbucket.py":
        archived = [repository.archived for repository in found.repositories]
        assert archived == [True, False, False, False, False]


@all_forges
def test_a_token_that_is_refused_leaves_an_incomplete_listing(forge: Forge, tmp_path: Path) -> None:
    with serving(forge) as server:
        found = listing(forge, server, tmp_path, token="wrong")
    assert not found.complete
    assert "failed (exit code 1)" in found.problems[0]


@pytest.mark.fault(12)
@all_forges
def test_an_error_on_a_later_page_leaves_an_incomplete_listing(
    forge: Forge, tmp_path: Path
) -> None:
    with serving(forge) as server:
        requests = server.world.requests
        server.world.before.append(lambda _: Answer(503) if len(requests) == 2 else None)
        found = listing(forge, server, tmp_path)
    assert not found.complete


@pytest.mark.fault(19)
@all_forges
def test_a_redirect_to_another_host_is_refused(forge: Forge, tmp_path: Path) -> None:
    with serving(forge) as other, serving(forge) as server:
        server.world.before.append(always(Answer(302, {"Location": f"{other.url}/"}), "/"))
        found = listing(forge, server, tmp_path)
        assert other.world.requests == []
    assert not found.complete


@pytest.mark.fault(19)
def test_the_next_page_of_bitbucket_on_another_host_is_refused(tmp_path: Path) -> None:
    forge = FORGES[0]
    with serving(forge) as other, serving(forge) as server:

        def lead_away(_: Request, answer: Answer) -> Answer:
            answer.body = answer.body.replace(
                f'"next": "{server.url}'.encode(), f'"next": "{other.url}'.encode()
            )
            return answer

        server.world.after.append(lead_away)
        found = listing(forge, server, tmp_path)
        assert other.world.requests == []
    assert not found.complete


def test_a_repository_that_the_forge_counts_and_does_not_show_makes_the_listing_incomplete(
    tmp_path: Path,
) -> None:
    with serving(FORGES[3]) as server:

        def hide(_: Request, answer: Answer) -> Answer:
            answer.body = json.dumps(json.loads(answer.body)[:1]).encode()
            return answer

        server.world.after.append(hide)
        found = listing(FORGES[3], server, tmp_path)
    assert not found.complete
    assert "the count line says 5" in found.problems[0]


def test_the_example_lines_and_the_table_of_keys_are_right(tmp_path: Path) -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "repositories.jsonl").write_text(example)
    settings = ListSettings(name="bitbucket", file="repositories.jsonl")
    found = ListSource.from_settings(settings, SourceContext(tmp_path, {})).list_repositories()
    assert (found.complete, len(found.repositories)) == (True, 2)
    table = PAGE[PAGE.index("| key | value |") :].split("\n\n")[0]
    documented = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE)))
    assert set(documented) == set(RepositoryLine.model_fields)
