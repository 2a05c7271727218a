"""`headway doctor` checks everything that a scan relies on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.forge.github import github
from tests.support.forge.gitlab import gitlab
from tests.support.forge.organisation import LOOPBACK, Organisation, github_config
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, Request, World, always
from tests.support.workspaces import headway, rows


def doctor(acme: Organisation) -> dict[str, tuple[bool | None, str]]:
    found: list[dict[str, Any]] = rows(acme.workspace, LOOPBACK, "doctor")
    return {row["check"]: (row["good"], row["said"]) for row in found}


def gitlab_config(server: Server) -> str:
    return (
        '[[sources]]\ntype = "gitlab"\ngroup = "acme"\ntoken = "GITHUB_TOKEN"\n'
        f'url = "{server.url}"\n'
    )


@pytest.mark.parametrize(("api", "config"), [(github, github_config), (gitlab, gitlab_config)])
def test_no_check_fails_when_everything_works(
    api: Callable[[World, Request], Answer],
    config: Callable[[Server], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with serve(World(), api) as server:
        acme = Organisation(tmp_path, server.world)
        acme.add("one")
        acme.configure(config(server))
        found = doctor(acme)
    assert {check for check, (good, _) in found.items() if good is False} == set()
    assert found["repositories"] == (True, "1 private")
    assert found["git"][0]
    assert found["clock"][0]
    assert not (acme.workspace / ".headway").exists()


def test_a_failed_check_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with serve(World(), github) as server:
        acme = Organisation(tmp_path, server.world)
        acme.add("one")
        acme.configure(github_config(server))
        server.world.before.append(always(Answer(401), "/info/refs"))
        result = headway(acme.workspace, LOOPBACK, "doctor", code=3)
        assert "refuses the token for git" in result.output
        server.world.tokens = {"another"}
        result = headway(acme.workspace, LOOPBACK, "doctor", code=3)
        assert "the forge refuses" in result.output
        assert TOKEN not in result.output
