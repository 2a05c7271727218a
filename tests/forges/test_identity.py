"""A repository stays the same one by its id: through renames, transfers, archives and deletions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.forge.github import github
from tests.support.forge.organisation import LOOPBACK, Organisation, github_config
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, After, Answer, Request, World, always
from tests.support.git import git
from tests.support.workspaces import headway, rows


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(World(), github) as running:
        yield running


@pytest.fixture
def acme(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """Five repositories with one open item each, scanned once."""
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    acme = Organisation(tmp_path, server.world)
    for name in ("a", "b", "c", "d", "e"):
        acme.add(name)
    acme.configure(github_config(server))
    acme.scan("2026-03-01")
    return acme


def marks(acme: Organisation) -> list[tuple[str, str]]:
    sql = "SELECT kind, description FROM marks ORDER BY 1, 2"
    return [(row["kind"], row["description"]) for row in rows(acme.workspace, "query", sql)]


def moved(acme: Organisation, today: str) -> dict[str, int]:
    """The movements of that day that are not nothing."""
    found = acme.burndown(today)
    (day,) = [row for row in found if row["date"] == today]
    kinds = ("new", "regressed", "scope_added", "lapsed", "fixed", "scope_removed", "exempted")
    return {kind: day[kind] for kind in kinds if day[kind]}


def test_row_20_a_renamed_repository_keeps_its_history(acme: Organisation) -> None:
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


def test_row_20_a_new_repository_of_an_old_name_is_a_new_one(acme: Organisation) -> None:
    acme.get("a").name = "acme/old-a"
    acme.add("a", fixed=True)
    acme.scan("2026-03-02")
    states = acme.states("2026-03-02")
    assert (states["acme/old-a"], states["acme/a"]) == ("open", "not affected")
    assert len(states) == 6


def test_row_20_a_transferred_repository_keeps_its_history(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forge answers to the old name with what has it now, and with the same number."""
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


def test_row_20_a_repository_that_went_to_a_stranger_is_gone_and_not_done(
    acme: Organisation,
) -> None:
    """What an organisation no longer lists, and what is listed with the same number elsewhere,
    cannot be told apart from here.
    """
    gone = acme.get("a")
    acme.world.repositories.remove(gone)
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/a"] == "gone"
    acme.world.repositories.append(gone)
    acme.scan("2026-03-03")
    assert acme.states("2026-03-03")["acme/a"] == "open"
    (item,) = rows(acme.workspace, "items", "--repository", "acme/a")
    assert item["opened_at"].startswith("2026-01-10")


@pytest.mark.parametrize("what", ["fork", "disabled", "archived"])
def test_row_21_what_a_repository_becomes_takes_it_out_and_is_said(
    acme: Organisation, what: str
) -> None:
    setattr(acme.get("a"), what, True)
    acme.scan("2026-03-02")
    assert "acme/a" not in acme.states("2026-03-02")
    assert set(moved(acme, "2026-03-02")) == {"scope_removed"}
    found = rows(acme.workspace, LOOPBACK, "repositories")
    (row,) = [it for it in found if it["repository"] == "acme/a"]
    assert what in str(row)


def test_row_21_a_template_counts_as_any_other(acme: Organisation) -> None:
    acme.get("a").template = True
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/a"] == "open"
    assert moved(acme, "2026-03-02") == {}


def test_row_14_a_repository_that_git_is_not_shown_is_unknown(acme: Organisation) -> None:
    acme.fix("a", "2026-03-02")
    acme.world.before.append(always(Answer(404), "/acme/a.git/"))
    result = acme.scan("2026-03-02", code=3)
    assert "does not show it to git" in result.output
    assert acme.states("2026-03-02")["acme/a"] == "unknown"
    assert moved(acme, "2026-03-02") == {}


def test_row_20_a_renamed_default_branch_changes_nothing_but_its_name(acme: Organisation) -> None:
    served = acme.get("a").git_dir
    assert served is not None
    git(served, "branch", "-m", "main", "trunk")
    acme.get("a").branch = "trunk"
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/a"] == "open"
    assert moved(acme, "2026-03-02") == {}
    assert marks(acme) == [("repository", "acme/a: the default branch changed from main to trunk")]


def test_row_21_an_archived_repository_leaves_and_comes_back(acme: Organisation) -> None:
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


def test_a_deleted_repository_is_gone_and_never_fixed(acme: Organisation) -> None:
    acme.world.repositories.remove(acme.get("a"))
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/a"] == "gone"
    assert moved(acme, "2026-03-02") == {"scope_removed": 1}
    assert marks(acme) == [("repository", "acme/a is gone")]


def hide(name: str) -> After:
    """A listing that lacks one repository, and counts it."""

    def change(request: Request, answer: Answer) -> Answer:
        if not answer.body.startswith(b'{"data"') or b"teams(" in request.body:
            return answer
        body = json.loads(answer.body)
        found = body["data"]["organization"]["repositories"]
        found["nodes"] = [it for it in found["nodes"] if it["nameWithOwner"] != name]
        return replace(answer, body=json.dumps(body).encode())

    return change


def test_row_12_absence_from_an_incomplete_listing_is_unknown(acme: Organisation) -> None:
    acme.world.after.append(hide("acme/a"))
    result = acme.scan("2026-03-02", code=3)
    assert "counts 5 repositories and shows 4" in result.output
    assert acme.states("2026-03-02")["acme/a"] == "unknown"
    assert moved(acme, "2026-03-02") == {}
    acme.world.after.clear()
    acme.scan("2026-03-03")
    assert acme.states("2026-03-03")["acme/a"] == "open"
    said = "not everything could be listed: some repositories may be missing here"
    assert marks(acme) == [("listing", said)]
    headway(acme.workspace, "--today", "2026-03-03", "report")
    page = acme.workspace / "site" / "campaigns" / "remove-six" / "index.html"
    assert said in page.read_text()


def test_row_13_an_empty_or_much_shorter_list_is_not_believed(acme: Organisation) -> None:
    kept = list(acme.world.repositories)
    for left in (0, 2):
        acme.world.repositories[:] = kept[:left]
        result = acme.scan("2026-03-02", code=3)
        assert "none is counted as gone" in result.output
        assert set(acme.states("2026-03-02").values()) <= {"unknown", "open"}
        assert moved(acme, "2026-03-02") == {}
    acme.scan("2026-03-03", "--accept-shrunk-listing")
    assert moved(acme, "2026-03-03") == {"scope_removed": 3}


def test_row_15_a_token_that_ends_between_listing_and_fetching_leaves_unknowns(
    acme: Organisation,
) -> None:
    acme.fix("a", "2026-03-02")
    acme.fix("b", "2026-03-02")

    def expire(request: Request, answer: Answer) -> Answer:
        acme.world.tokens = {"another"}
        return answer

    acme.world.after.append(expire)
    acme.scan("2026-03-02", code=3)
    states = acme.states("2026-03-02")
    assert (states["acme/a"], states["acme/b"], states["acme/c"]) == ("unknown", "unknown", "open")
    acme.world.after.clear()
    acme.world.tokens = {TOKEN}
    acme.scan("2026-03-03")
    states = acme.states("2026-03-03")
    assert (states["acme/a"], states["acme/b"]) == ("done", "done")


def test_pages_say_what_happened(acme: Organisation) -> None:
    acme.get("a").name = "acme/renamed"
    acme.scan("2026-03-02")
    headway(acme.workspace, "--today", "2026-03-02", "report")
    pages = [path.read_text() for path in (acme.workspace / "site").rglob("*.html")]
    assert any("acme/a is now acme/renamed" in page for page in pages)
