"""`headway try` reads mirrors of a forge's repositories, and fetches only with `--fetch`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.support.forge.github import github
from tests.support.forge.organisation import LOOPBACK, Organisation, github_config, push
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, World, always
from tests.support.workspaces import headway

NOW = ("--today", "2026-03-01", "--jobs", "1")


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(World(), github) as running:
        yield running


@pytest.fixture
def acme(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """Return an organisation of two repositories. `open` has an open item, and `done` has none."""
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    acme = Organisation(tmp_path, server.world)
    acme.add("open")
    acme.add("done", fixed=True)
    acme.configure(github_config(server))
    return acme


def run(acme: Organisation, *arguments: str, code: int = 0) -> Result:
    return headway(acme.workspace, LOOPBACK, "try", *arguments, *NOW, code=code)


def tried(acme: Organisation, *arguments: str, code: int = 0) -> dict[str, dict[str, Any]]:
    """Return the rows of the campaign's only rule, by repository."""
    printed = run(acme, *arguments, "--format", "json", code=code).stdout
    return {row["repository"]: row for row in json.loads(printed)}


def draft(acme: Organisation, paths: str) -> str:
    """Write a campaign that searches other paths than the scanned one, and return its path."""
    file = acme.workspace / "draft.yaml"
    file.write_text(
        "title: Draft\ndeprecated:\n"
        f"  - {{id: x, scanner: regex, pattern: 'left = ', paths: ['{paths}']}}\n"
    )
    return str(file)


def test_before_the_first_scan_a_missing_mirror_is_unknown(
    acme: Organisation, server: Server
) -> None:
    result = run(acme, "remove-six", code=3)
    assert "unknown: acme/open: there is no mirror yet, and nothing was fetched" in result.stderr
    assert (
        "2 repositories have no mirror yet; `headway try remove-six --fetch` fetches them"
        in result.stderr
    )
    assert "remove-six: 0 matches in 0 of 2 repositories" in result.stdout
    assert server.world.count_requests("/git-upload-pack") == 0
    rows = tried(acme, "remove-six", code=3)
    assert [row["matches"] for row in rows.values()] == [None, None]


def test_without_tips_in_the_listing_nothing_is_said_about_the_scope(
    acme: Organisation, server: Server
) -> None:
    server.world.before.append(always(Answer(404), "/api/graphql"))
    result = run(acme, "remove-six", code=3)
    assert "unknown: acme/open: there is no mirror yet" in result.stderr
    assert "warning:" not in result.stderr
    assert "because not all repositories could be listed" in result.stderr


def test_fetch_gets_the_mirrors_and_the_matches_are_links(
    acme: Organisation, server: Server
) -> None:
    rows = tried(acme, "remove-six", "--fetch")
    assert {name: row["matches"] for name, row in rows.items()} == {"acme/done": 0, "acme/open": 1}
    (match,) = rows["acme/open"]["examples"]
    tip = acme.repos["open"].head
    assert match["url"].endswith(f"/acme/open/blob/{tip}/a.py#L1")
    assert match["url"] in run(acme, "remove-six").stdout
    assert not (acme.workspace / "headway.duckdb").exists()
    # A later scan uses these mirrors.
    acme.scan("2026-03-01")
    assert acme.states("2026-03-01") == {"acme/open": "open", "acme/done": "done"}


def test_after_a_scan_the_forge_is_not_asked_and_no_token_is_needed(
    acme: Organisation, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.scan("2026-03-01")
    acme.fix("open", "2026-02-20")
    requests = len(server.world.requests)
    for token in (TOKEN, None):
        if token is None:
            monkeypatch.delenv("GITHUB_TOKEN")
        rows = tried(acme, "remove-six")
        assert rows["acme/open"]["matches"] == 1
    assert len(server.world.requests) == requests
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    assert tried(acme, "remove-six", "--fetch")["acme/open"]["matches"] == 0


def test_without_a_scan_and_a_token_the_error_names_the_variable(
    acme: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    assert "GITHUB_TOKEN" in run(acme, "remove-six", code=1).stderr


def test_files_that_no_earlier_rule_selected_are_unknown_until_they_are_fetched(
    acme: Organisation, server: Server
) -> None:
    campaign = acme.workspace / "campaigns" / "remove-six.yaml"
    campaign.write_text(f"{campaign.read_text()}    paths: ['*.py']\n")
    # Small repositories are fetched completely.
    acme.get("open").kilobytes = 10_000
    acme.repos["open"].commit("2026-02-01", {"notes.txt": "left = 1\n"})
    push(acme.repos["open"])
    acme.scan("2026-03-01")
    path = draft(acme, "*.txt")
    row = tried(acme, path, code=3)["acme/open"]
    assert "notes.txt could not be read: the mirror lacks file contents" in row["unknown"]
    assert row["files"] == 1
    assert tried(acme, path, "--fetch")["acme/open"]["matches"] == 1
    assert tried(acme, path)["acme/open"]["matches"] == 1


def test_the_history_of_a_repository_on_a_forge(acme: Organisation) -> None:
    name = ("--repository", "acme/done")
    result = run(acme, "remove-six", "--history", *name, code=3)
    assert "the history of acme/done cannot be read: there is no mirror yet" in result.stderr
    result = run(acme, "remove-six", "--history", "--fetch", *name)
    lines = [line.split()[:4] for line in result.stdout.splitlines()]
    assert lines[1:3] == [["2026-01-31", "1", "1", "0"], ["2026-02-28", "0", "0", "1"]]
    assert run(acme, "remove-six", "--history", *name).stdout == result.stdout
