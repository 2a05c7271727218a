"""A repository keeps its identity (the forge's ID) when it is renamed, moved or archived."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from headway.model.movement import FLOW_SIGNS
from tests.support.forge.nights import FORGES
from tests.support.forge.organisation import LOOPBACK, Organisation, github_config
from tests.support.forge.prepared import Prepared
from tests.support.forge.server import Server
from tests.support.forge.world import TOKEN, After, Answer, Request, always
from tests.support.git import git
from tests.support.workspaces import headway, rows

every_forge = pytest.mark.parametrize("forge", FORGES, indirect=True)
"""Runs a test through GraphQL and REST of both forges."""


@pytest.fixture
def forge(request: pytest.FixtureRequest) -> str:
    """Return one of `FORGES`: GitHub through GraphQL, unless a test has the mark `every_forge`."""
    return str(getattr(request, "param", "github"))


@pytest.fixture
def acme(prepared: Prepared, forge: str, tmp_path: Path, tokens: None) -> Organisation:
    """Return five repositories with one open item each, after one scan."""

    def build(acme: Organisation) -> None:
        for name in ("a", "b", "c", "d", "e"):
            acme.add(name)
        acme.scan("2026-03-01")

    return prepared.organisation("identity", forge, tmp_path, build)


def marks(acme: Organisation) -> list[tuple[str, str]]:
    sql = "SELECT kind, description FROM marks ORDER BY 1, 2"
    return [(row["kind"], row["description"]) for row in rows(acme.workspace, "query", sql)]


def moved(acme: Organisation, today: str) -> dict[str, int]:
    """Return the non-zero movements of a day."""
    found = acme.burndown(today)
    (day,) = [row for row in found if row["date"] == today]
    return {kind: day[kind] for kind in FLOW_SIGNS if day[kind]}


@pytest.mark.fault(20)
@every_forge
def test_a_renamed_repository_keeps_its_history(acme: Organisation) -> None:
    acme.get("a").name = "acme/renamed"
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/renamed"] == "open"
    assert "acme/a" not in acme.states("2026-03-02")
    assert moved(acme, "2026-03-02") == {}
    assert marks(acme) == [("repository", "acme/a is now acme/renamed")]
    (item,) = rows(acme.workspace, "items", "--repository", "acme/renamed")
    assert item["opened_at"].startswith("2026-01-10")
    assert item["url"].startswith("http")
    assert "/acme/renamed/" in item["url"]


@pytest.mark.fault(20)
@every_forge
def test_a_new_repository_with_an_old_name_is_new(acme: Organisation) -> None:
    acme.get("a").name = "acme/old-a"
    acme.add("a", fixed=True)
    acme.scan("2026-03-02")
    states = acme.states("2026-03-02")
    assert (states["acme/old-a"], states["acme/a"]) == ("open", "not affected")
    assert len(states) == 6


@pytest.mark.fault(20)
def test_a_transferred_repository_keeps_its_history(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request for the old name returns the repository with its new name and the same ID."""
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    acme = Organisation(tmp_path, server.world)
    acme.add("a")
    named = 'repositories = ["acme/a"]'
    acme.configure(github_config(server).replace('organization = "acme"', named))
    acme.scan("2026-03-01")
    acme.get("a").name = "umbrella/a"
    server.world.former["acme/a"] = "umbrella/a"
    acme.fix("a", "2026-03-02")
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02") == {"umbrella/a": "done"}
    assert moved(acme, "2026-03-02") == {"fixed": 1}
    assert marks(acme) == [("repository", "acme/a is now umbrella/a")]


@pytest.mark.fault(20)
@every_forge
def test_a_repository_transferred_out_of_the_organisation_is_gone(acme: Organisation) -> None:
    """A request by ID returns the repository's new name. The repository can return later."""
    moved_out = acme.get("a")
    acme.world.repositories.remove(moved_out)
    acme.world.elsewhere.append(moved_out)
    moved_out.name = "umbrella/a"
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/a"] == "gone"
    assert moved(acme, "2026-03-02") == {"scope_removed": 1}
    assert marks(acme) == [("repository", "acme/a is gone: it was transferred to umbrella/a")]
    moved_out.name = "acme/a"
    acme.world.elsewhere.clear()
    acme.world.repositories.append(moved_out)
    acme.scan("2026-03-03")
    assert acme.states("2026-03-03")["acme/a"] == "open"
    (item,) = rows(acme.workspace, "items", "--repository", "acme/a")
    assert item["opened_at"].startswith("2026-01-10")


@pytest.mark.fault(21)
@pytest.mark.parametrize("property_name", ["fork", "disabled", "archived"])
def test_a_repository_that_becomes_a_fork_or_is_disabled_or_archived_leaves_the_scope(
    acme: Organisation, property_name: str
) -> None:
    setattr(acme.get("a"), property_name, True)
    acme.scan("2026-03-02")
    assert "acme/a" not in acme.states("2026-03-02")
    assert set(moved(acme, "2026-03-02")) == {"scope_removed"}
    found = rows(acme.workspace, LOOPBACK, "repositories")
    (row,) = [row for row in found if row["repository"] == "acme/a"]
    assert property_name in str(row)
    verb = "is now a" if property_name == "fork" else "was"
    assert marks(acme) == [("repository", f"acme/a {verb} {property_name}")]


@pytest.mark.fault(21)
@every_forge
def test_a_template_counts_like_any_other_repository(acme: Organisation) -> None:
    acme.get("a").template = True
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/a"] == "open"
    assert moved(acme, "2026-03-02") == {}


@pytest.mark.fault(14)
@every_forge
def test_a_repository_hidden_from_git_is_unknown(acme: Organisation) -> None:
    acme.fix("a", "2026-03-02")
    acme.world.before.append(always(Answer(404), "/acme/a.git/"))
    acme.scan("2026-03-02", code=3)
    (row,) = rows(acme.workspace, "query", "SELECT repository, reason FROM unknowns")
    assert row["repository"] == "acme/a"
    assert "this token" in row["reason"]
    assert acme.states("2026-03-02")["acme/a"] == "unknown"
    assert moved(acme, "2026-03-02") == {}


@pytest.mark.fault(20)
@every_forge
def test_a_renamed_default_branch_changes_only_its_name(acme: Organisation) -> None:
    served = acme.get("a").git_dir
    assert served is not None
    git(served, "branch", "-m", "main", "trunk")
    acme.get("a").branch = "trunk"
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/a"] == "open"
    assert moved(acme, "2026-03-02") == {}
    assert marks(acme) == [("repository", "acme/a: the default branch changed from main to trunk")]


@pytest.mark.fault(21)
def test_an_archived_repository_leaves_and_comes_back(acme: Organisation) -> None:
    acme.get("a").archived = True
    acme.scan("2026-03-02")
    assert "acme/a" not in acme.states("2026-03-02")
    assert moved(acme, "2026-03-02") == {"scope_removed": 1}
    acme.get("a").archived = False
    acme.scan("2026-03-03")
    assert acme.states("2026-03-03")["acme/a"] == "open"
    assert moved(acme, "2026-03-03") == {"scope_added": 1}
    assert marks(acme) == [
        ("repository", "acme/a was archived"),
        ("repository", "acme/a was unarchived"),
    ]


def days(acme: Organisation, count: int) -> None:
    with (acme.workspace / "headway.toml").open("a") as config:
        config.write(f"[scan]\ngone_after_days = {count}\n")


@every_forge
def test_a_repository_that_is_not_visible_is_gone_after_some_days(acme: Organisation) -> None:
    days(acme, 2)
    acme.world.repositories.remove(acme.get("a"))
    for day in ("2026-03-02", "2026-03-02", "2026-03-05"):
        acme.scan(day, code=3)
        assert acme.states(day)["acme/a"] == "unknown"
        assert moved(acme, day) == {}
    (row,) = rows(acme.workspace, "query", "SELECT reason FROM unknowns")
    assert row["reason"] == "not visible to this token"
    acme.scan("2026-03-06")
    assert acme.states("2026-03-06")["acme/a"] == "gone"
    assert moved(acme, "2026-03-06") == {"scope_removed": 1}
    reason = "it was missing from the listings on more than 2 days"
    assert marks(acme) == [("repository", f"acme/a is gone: {reason}")]


@pytest.mark.fault(12)
def test_days_with_an_incomplete_listing_do_not_count(acme: Organisation) -> None:
    days(acme, 1)
    acme.world.repositories.remove(acme.get("a"))
    acme.scan("2026-03-02", code=3)
    acme.world.after.append(hide("acme/b"))
    acme.scan("2026-03-03", code=3)
    assert acme.states("2026-03-03")["acme/a"] == "unknown"
    acme.world.after.clear()
    acme.scan("2026-03-04")
    assert acme.states("2026-03-04")["acme/a"] == "gone"


def test_a_missing_repository_is_gone_at_once_if_the_user_confirms_it(
    acme: Organisation,
) -> None:
    result = headway(acme.workspace, "repositories", "--gone", "acme/a", code=1)
    assert "acme/a is not missing from the listings" in result.output
    acme.world.repositories.remove(acme.get("a"))
    acme.scan("2026-03-02", code=3)
    result = headway(acme.workspace, "repositories", "--gone", "acme/a")
    assert "the next scan counts acme/a as gone" in result.output
    acme.scan("2026-03-03")
    assert acme.states("2026-03-03")["acme/a"] == "gone"
    assert marks(acme) == [("repository", "acme/a is gone")]


def test_a_digest_names_a_repository_that_is_not_visible(acme: Organisation) -> None:
    acme.world.repositories.remove(acme.get("a"))
    acme.scan("2026-03-02", code=3)
    result = headway(acme.workspace, "--today", "2026-03-02", "digest")
    assert "acme/a" in result.stdout
    assert "not visible to this token" in " ".join(result.stdout.split())


def hide(name: str) -> After:
    """Return a fault in which the listing counts a repository but does not contain it."""

    def change(request: Request, answer: Answer) -> Answer:
        if not answer.body.startswith(b'{"data"') or b"teams(" in request.body:
            return answer
        body = json.loads(answer.body)
        found = body["data"]["organization"]["repositories"]
        found["nodes"] = [node for node in found["nodes"] if node["nameWithOwner"] != name]
        return replace(answer, body=json.dumps(body).encode())

    return change


@pytest.mark.fault(12)
def test_a_repository_missing_from_an_incomplete_listing_is_unknown(acme: Organisation) -> None:
    acme.world.after.append(hide("acme/a"))
    result = acme.scan("2026-03-02", code=3)
    assert "counts 5 repositories, but lists 4" in result.output
    assert acme.states("2026-03-02")["acme/a"] == "unknown"
    assert moved(acme, "2026-03-02") == {}
    acme.world.after.clear()
    acme.scan("2026-03-03")
    assert acme.states("2026-03-03")["acme/a"] == "open"
    notice = "some repositories could not be listed and may be missing here"
    assert marks(acme) == [("listing", notice)]
    headway(acme.workspace, "--today", "2026-03-03", "report")
    page = acme.workspace / "site" / "campaigns" / "remove-six" / "index.html"
    assert notice in page.read_text()


@pytest.mark.fault(13)
@every_forge
def test_a_listing_that_lost_many_repositories_is_incomplete(acme: Organisation) -> None:
    repositories = list(acme.world.repositories)
    for count in (0, 1):
        acme.world.repositories[:] = repositories[:count]
        result = acme.scan("2026-03-02", code=3)
        assert f"{5 - count} of 5 repositories of the last scan are missing" in result.output
        assert acme.world.count_requests("/repositories/") == 0
        assert set(acme.states("2026-03-02").values()) <= {"unknown", "open"}
        assert moved(acme, "2026-03-02") == {}
    acme.scan("2026-03-03", "--accept-shrunk-listing")
    assert moved(acme, "2026-03-03") == {"scope_removed": 4}


@pytest.mark.fault(13)
@every_forge
def test_the_share_of_repositories_that_may_disappear_is_a_setting(acme: Organisation) -> None:
    acme.world.repositories[:] = acme.world.repositories[:1]
    with (acme.workspace / "headway.toml").open("a") as config:
        config.write("[scan]\nmay_disappear_percent = 80\n")
    acme.scan("2026-03-02", code=3)
    reasons = rows(acme.workspace, "query", "SELECT reason FROM unknowns")
    assert [row["reason"] for row in reasons] == ["not visible to this token"] * 4


@pytest.mark.fault(15)
@every_forge
def test_a_token_that_expires_before_fetching_makes_repositories_unknown(
    acme: Organisation, forge: str
) -> None:
    acme.fix("a", "2026-03-02")
    acme.fix("b", "2026-03-02")

    def expire(request: Request, answer: Answer) -> Answer:
        acme.world.tokens = {"another"}
        return answer

    acme.world.after.append(expire)
    acme.scan("2026-03-02", code=3)
    states = acme.states("2026-03-02")
    assert (states["acme/a"], states["acme/b"]) == ("unknown", "unknown")
    # REST does not state the latest commit, so Headway cannot tell that `c` has not changed.
    assert states["acme/c"] == ("unknown" if forge.endswith("rest") else "open")
    assert moved(acme, "2026-03-02") == {}
    acme.world.after.clear()
    acme.world.tokens = {TOKEN}
    acme.scan("2026-03-03")
    states = acme.states("2026-03-03")
    assert (states["acme/a"], states["acme/b"]) == ("done", "done")


@pytest.mark.fault(20)
def test_pages_report_a_renamed_repository(acme: Organisation) -> None:
    acme.get("a").name = "acme/renamed"
    acme.scan("2026-03-02")
    headway(acme.workspace, "--today", "2026-03-02", "report")
    pages = [path.read_text() for path in (acme.workspace / "site").rglob("*.html")]
    assert any("acme/a is now acme/renamed" in page for page in pages)
