"""An empty response of a forge never proves that a repository is empty, hidden or gone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from headway.forges.wait_policy import WaitPolicy
from tests.support.forge.nights import (
    EMPTY_ANSWERS,
    FAULTED,
    FIRST,
    HEALED,
    Nights,
    heal,
    undisturbed_nights,
    without_graphql,
)
from tests.support.forge.organisation import Organisation, push
from tests.support.forge.prepared import Prepared
from tests.support.forge.world import Answer, FakeRepository, Request, World, always
from tests.support.git import git
from tests.support.workspaces import rows


@pytest.fixture
def nights(forge: str, prepared: Prepared, tmp_path: Path, tokens: None) -> Nights:
    """Return four repositories after the first night. All except `done` have an open item.

    After the first night, new commits were pushed to `b` and `c`.
    """

    def build(acme: Organisation) -> Nights:
        for name in ("a", "b", "c"):
            acme.add(name)
        acme.add("done", fixed=True)
        acme.scan(FIRST)
        for name in ("b", "c"):
            acme.repos[name].commit(FAULTED, {"b.py": "x = 1\n"})
            push(acme.repos[name])
        return undisturbed_nights(acme)

    return prepared.nights("evidence", forge, tmp_path, build)


def restore(nights: Nights, forge: str) -> None:
    heal(nights.acme.world)
    without_graphql(nights.acme.world, forge)


def empty_in_listing(world: World, name: str) -> None:
    """Let the listing wrongly state that a repository is empty."""

    def change(request: Request, answer: Answer) -> Answer:
        if not answer.body.startswith((b"{", b"[")) or is_lookup(request):
            return answer
        body = json.loads(answer.body)
        for node in nodes(body):
            if node.get("nameWithOwner", node.get("fullPath")) == name:
                if "isEmpty" in node:
                    node |= {"isEmpty": True, "defaultBranchRef": None}
                else:
                    empty = {"exists": True, "empty": True, "rootRef": None, "tree": None}
                    node["repository"] = empty
            if node.get("path_with_namespace") == name:
                node |= {"empty_repo": True, "default_branch": None}
        return replace(answer, body=json.dumps(body).encode())

    world.after.append(change)


def is_lookup(request: Request) -> bool:
    is_project = "/projects/" in request.path and not request.path.endswith("/languages")
    return "/repositories/" in request.path or is_project


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield all objects in a JSON value."""
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for child in children:
            yield from nodes(child)


@pytest.mark.fault(18)
@pytest.mark.parametrize("forge", ["github rest", "gitlab rest"], indirect=True)
@pytest.mark.parametrize("answer", EMPTY_ANSWERS, ids=["nothing", "line"])
def test_an_empty_answer_to_git_does_not_empty_a_repository(
    nights: Nights, forge: str, answer: Answer
) -> None:
    nights.acme.world.before.append(always(answer, "/a.git/"))
    nights.disturbed("a")
    assert "did not send a valid response to git" in reasons(nights)["acme/a"]
    restore(nights, forge)
    nights.healed()


@pytest.mark.fault(21)
@pytest.mark.parametrize("forge", ["github", "gitlab", "gitlab rest"], indirect=True)
def test_a_listing_that_claims_that_a_repository_is_empty_is_checked(
    nights: Nights, forge: str
) -> None:
    empty_in_listing(nights.acme.world, "acme/a")
    result = nights.disturbed("a")
    assert (
        "it had commits and now seems to be empty, but the forge says otherwise"
        in (reasons(nights)["acme/a"])
    ), result.output
    restore(nights, forge)
    nights.healed()


def reasons(nights: Nights) -> dict[str, str]:
    found = rows(nights.acme.workspace, "query", "SELECT repository, reason FROM unknowns")
    return {row["repository"]: row["reason"] for row in found}


def empty(nights: Nights, name: str) -> None:
    """Delete all commits of a repository."""
    served = nights.acme.get(name).git_dir
    assert served is not None
    shutil.rmtree(served)
    git(nights.acme.root, "init", "-q", "--bare", str(served))
    nights.acme.get(name).empty = True


def marks(nights: Nights) -> list[str]:
    sql = "SELECT description FROM marks WHERE kind = 'repository' ORDER BY 1"
    return [row["description"] for row in rows(nights.acme.workspace, "query", sql)]


@pytest.mark.fault(21)
def test_a_repository_is_empty_when_the_forge_confirms_it(nights: Nights) -> None:
    empty(nights, "a")
    result = nights.acme.scan(FAULTED)
    assert "acme/a is now empty" in result.stderr
    assert marks(nights) == ["acme/a is now empty"]
    assert "acme/a" not in nights.acme.states(FAULTED)


@pytest.mark.fault(21)
def test_a_change_that_the_forge_does_not_confirm_leaves_the_repository_unknown(
    nights: Nights, forge: str
) -> None:
    served = nights.acme.get("a").git_dir
    assert served is not None
    shutil.copytree(served, served.with_suffix(".saved"))
    empty(nights, "a")
    nights.acme.world.before.append(
        lambda request: Answer(404, {}, b"{}") if is_lookup(request) else None
    )
    nights.disturbed("a")
    reason = reasons(nights)["acme/a"]
    assert "does not confirm this: not visible to this token" in reason
    shutil.rmtree(served)
    served.with_suffix(".saved").rename(served)
    nights.acme.get("a").empty = False
    restore(nights, forge)
    nights.healed()


@pytest.mark.fault(21)
@pytest.mark.parametrize("name", ["disabled", "archived"])
def test_other_changes_that_end_the_scope_are_confirmed(
    nights: Nights, forge: str, name: str
) -> None:
    setattr(nights.acme.get("a"), name, True)
    nights.acme.world.before.append(
        lambda request: Answer(403, {}, b"{}") if is_lookup(request) else None
    )
    nights.disturbed("a")
    setattr(nights.acme.get("a"), name, False)
    restore(nights, forge)
    nights.healed()
    setattr(nights.acme.get("a"), name, True)
    nights.acme.scan("2026-03-04")
    assert "acme/a" not in nights.acme.states("2026-03-04")
    assert marks(nights) == [f"acme/a was {name}"]


def null_languages(world: World) -> None:
    """Return null and an error for the languages of one repository, as a slow forge does."""

    def change(request: Request, answer: Answer) -> Answer:
        if b"nameWithOwner" not in answer.body and b"fullPath" not in answer.body:
            return answer
        body = json.loads(answer.body)
        first = next(node for node in nodes(body) if "languages" in node)
        first["languages"] = None
        body["errors"] = [{"message": "Timeout on languages"}]
        return replace(answer, body=json.dumps(body).encode())

    world.after.append(change)


@pytest.mark.parametrize("forge", ["github", "gitlab", "gitlab rest"], indirect=True)
def test_a_repository_whose_languages_cannot_be_read_stays_in_scope(
    nights: Nights, forge: str
) -> None:
    for workspace in (nights.acme.workspace, nights.control):
        campaign = workspace / "campaigns" / "remove-six.yaml"
        campaign.write_text(campaign.read_text() + "scope: {languages: [python]}\n")
    for repository in nights.acme.world.repositories:
        repository.languages = ("Python",)
    nights.acme.scan(FIRST)
    nights.undisturbed(FIRST, FAULTED, HEALED)
    if forge == "gitlab rest":
        nights.acme.world.before.append(always(Answer(403, {}, b"{}"), "/1/languages"))
    else:
        null_languages(nights.acme.world)
    nights.disturbed("done" if forge == "gitlab" else "a")
    restore(nights, forge)
    nights.healed()


def without_second_page(world: World) -> None:
    """Send no totals, and no entries after the first page, although it names a next page."""

    def change(request: Request, answer: Answer) -> Answer:
        if not answer.body.startswith((b"{", b"[")):
            return answer
        body = json.loads(answer.body)
        for name in ("X-Total", "X-Total-Pages"):
            answer.headers.pop(name, None)
        for node in nodes(body):
            if "nodes" in node and "pageInfo" in node:
                node.pop("totalCount", None)
                node.pop("count", None)
                if b'"after": null' not in request.body:
                    node |= {"nodes": [], "pageInfo": {"hasNextPage": False}}
        is_list = isinstance(body, list) and request.query.get("page", "1") != "1"
        if is_list:
            answer.headers.pop("Link", None)
            answer.headers.pop("X-Next-Page", None)
        return replace(answer, body=b"[]" if is_list else json.dumps(body).encode())

    world.after.append(change)


@pytest.mark.fault(12)
def test_an_empty_page_that_was_announced_makes_the_listing_incomplete(
    nights: Nights, forge: str
) -> None:
    nights.acme.world.page_size = 2
    without_second_page(nights.acme.world)
    # GitLab's GraphQL lists the newest projects first, so `a` and `b` are on its second page.
    result = nights.disturbed(*(("a", "b") if forge == "gitlab" else ("c", "done")))
    assert "a page that the forge announced is missing or empty" in result.stderr
    restore(nights, forge)
    nights.healed()


@pytest.mark.fault(12)
def test_a_server_error_on_a_further_page_makes_the_listing_incomplete(
    nights: Nights, forge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WaitPolicy, "wait", lambda *_: None)
    nights.acme.world.page_size = 2

    def fail(request: Request) -> Answer | None:
        is_further = b'"after": "' in request.body or request.query.get("page", "1") != "1"
        return Answer(502) if is_further else None

    nights.acme.world.before.append(fail)
    result = nights.disturbed(*(("a", "b") if forge == "gitlab" else ("c", "done")))
    assert "502" in result.stderr
    restore(nights, forge)
    nights.healed()


@pytest.mark.fault(12)
def test_a_first_page_that_is_also_the_next_page_makes_the_listing_incomplete(
    nights: Nights, forge: str
) -> None:
    nights.acme.world.page_size = 2
    first: list[Answer] = []

    def repeat(request: Request, answer: Answer) -> Answer:
        is_listing = request.path.endswith(("/repos", "/projects"))
        if not is_listing and not any(
            name in answer.body for name in (b"nameWithOwner", b"fullPath")
        ):
            return answer
        first.append(answer)
        return first[0]

    nights.acme.world.after.append(repeat)
    nights.disturbed(*(("a", "b") if forge == "gitlab" else ("c", "done")))
    assert len(first) < 10
    restore(nights, forge)
    nights.healed()


@pytest.mark.fault(14)
@pytest.mark.parametrize("forge", ["github", "github rest"], indirect=True)
def test_repositories_that_single_sign_on_hides_are_unknown(nights: Nights, forge: str) -> None:
    world = nights.acme.world

    def partial(request: Request, answer: Answer) -> Answer:
        answer.headers["X-GitHub-SSO"] = "partial-results; organizations=1"
        return answer

    hidden = nights.acme.get("a")
    world.repositories.remove(hidden)
    world.after.append(partial)
    result = nights.disturbed("a")
    assert "single sign-on" in result.stderr
    world.repositories.insert(0, hidden)
    restore(nights, forge)
    nights.healed()


@pytest.mark.fault(14)
@pytest.mark.parametrize("status", [401, 403])
def test_repositories_that_git_may_not_read_do_not_affect_others(
    nights: Nights, forge: str, status: int
) -> None:
    refusal = Answer(status, {"WWW-Authenticate": 'Basic realm="x"'})
    for name in ("b", "c"):
        nights.acme.world.before.append(always(refusal, f"/acme/{name}.git/"))
    nights.disturbed("b", "c")
    assert set(reasons(nights).values()) == {"this token has no permission to read it with git"}
    restore(nights, forge)
    nights.healed()


@pytest.mark.fault(14)
@pytest.mark.parametrize("still_there", [True, False])
def test_a_repository_that_disappears_from_the_listing_is_unknown(
    nights: Nights, forge: str, still_there: bool
) -> None:
    world = nights.acme.world
    lost = nights.acme.get("a")
    world.repositories.remove(lost)
    if still_there:
        world.elsewhere.append(lost)
    nights.disturbed("a")
    expected = "the forge still has it" if still_there else "not visible to this token"
    assert expected in reasons(nights)["acme/a"]
    world.repositories.insert(0, lost)
    world.elsewhere.clear()
    nights.healed()


@pytest.mark.parametrize("forge", ["gitlab"], indirect=True)
def test_a_project_that_is_scheduled_for_deletion_is_gone(nights: Nights, forge: str) -> None:
    lost = nights.acme.get("a")
    lost.deletion_on = "2026-03-09"
    nights.acme.world.repositories.remove(lost)
    nights.acme.world.elsewhere.append(lost)
    nights.acme.scan(FAULTED)
    assert marks(nights) == ["acme/a is gone: it is scheduled for deletion on 2026-03-09"]


@pytest.mark.fault(14)
@pytest.mark.parametrize("forge", ["gitlab"], indirect=True)
def test_hidden_projects_do_not_make_the_others_unknown(nights: Nights) -> None:
    nights.undisturbed(FAULTED, HEALED, "2026-03-04")
    world = nights.acme.world
    world.repositories.append(FakeRepository(50, "acme/secret", hidden=True))
    result = nights.acme.scan(FAULTED)
    assert "this token cannot see 1 repository of this source" in result.stderr
    nights.healed()
    nights.acme.get("a").hidden = True
    nights.disturbed("a", day="2026-03-04")
    assert reasons(nights)["acme/a"] == "not visible to this token"
