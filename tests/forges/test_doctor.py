"""`headway doctor` checks everything that a scan needs."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.forge.github import github
from tests.support.forge.gitlab import gitlab
from tests.support.forge.nights import FORGES, without_graphql
from tests.support.forge.organisation import LOOPBACK, Organisation, github_config
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, FakeRepository, Request, World, always
from tests.support.workspaces import headway, rows


def doctor(acme: Organisation) -> dict[str, tuple[bool | None, str]]:
    found: list[dict[str, Any]] = rows(acme.workspace, LOOPBACK, "doctor")
    return {row["check"]: (row["good"], row["said"]) for row in found}


def gitlab_config(server: Server) -> str:
    return (
        '[[sources]]\ntype = "gitlab"\ngroup = "acme"\ntoken = "GITHUB_TOKEN"\n'
        f'url = "{server.url}"\n'
    )


@pytest.mark.parametrize("forge", FORGES)
def test_no_check_fails_when_everything_works(
    forge: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    is_github = forge.startswith("github")
    with serve(World(), github if is_github else gitlab) as server:
        acme = Organisation(tmp_path, server.world)
        acme.add("one")
        acme.configure((github_config if is_github else gitlab_config)(server))
        without_graphql(server.world, forge)
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
        server.world.before.append(always(Answer(401), ".git/"))
        result = headway(acme.workspace, LOOPBACK, "doctor", code=3)
        assert "this token has no permission to read it with git" in result.output
        server.world.tokens = {"another"}
        result = headway(acme.workspace, LOOPBACK, "doctor", code=3)
        assert "the forge refuses" in result.output
        assert TOKEN not in result.output


@pytest.fixture
def acme(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """Return an organisation of four repositories, three of which are private."""
    for variable in ("GITHUB_TOKEN", "GIT_TOKEN"):
        monkeypatch.setenv(variable, TOKEN)
    for variable in ("GITHUB_REPOSITORY", "GITHUB_API_URL", "CI_PROJECT_ID", "CI_API_V4_URL"):
        monkeypatch.delenv(variable, raising=False)
    acme = Organisation(tmp_path, server.world)
    for name in ("a", "b", "c", "public"):
        acme.add(name)
    acme.get("public").visibility = "public"
    return acme


@pytest.fixture
def configured(acme: Organisation, server: Server, forge: str) -> Organisation:
    acme.configure((github_config if forge.startswith("github") else gitlab_config)(server))
    without_graphql(server.world, forge)
    return acme


def findings(acme: Organisation, *options: str, code: int = 0) -> dict[str, tuple[Any, str]]:
    result = headway(acme.workspace, LOOPBACK, "doctor", "--format", "json", *options, code=code)
    assert TOKEN not in result.output
    return {row["check"]: (row["good"], row["said"]) for row in json.loads(result.stdout)}


@pytest.mark.parametrize(
    ("forge", "status"),
    [("github", 403), ("gitlab", 404), *((forge, 401) for forge in FORGES)],
    indirect=["forge"],
)
def test_every_repository_that_git_may_not_read_is_found(
    configured: Organisation, status: int
) -> None:
    refusal = Answer(status, {"WWW-Authenticate": 'Basic realm="x"'})
    for name in ("b", "c"):
        configured.world.before.append(always(refusal, f"/acme/{name}.git/"))
    good, said = findings(configured, code=3)["git"]
    assert good is False
    assert said.startswith("cannot read 2 of 4 repositories: acme/b (")
    assert "acme/c (" in said
    assert ("has no permission to read it with git" if status != 404 else "was not found") in said


@pytest.mark.parametrize("forge", ["github", "gitlab"], indirect=True)
def test_git_is_tried_only_on_the_repositories_that_a_scan_reads(
    configured: Organisation,
) -> None:
    campaign = configured.workspace / "campaigns" / "remove-six.yaml"
    campaign.write_text(campaign.read_text() + 'scope: {repositories: ["acme/a"]}\n')
    assert findings(configured)["git"] == (True, "can read 1 repository")
    assert configured.world.count_requests("/acme/b.git") == 0
    campaign.write_text("title: [\n")
    found = findings(configured, code=3)
    assert found["campaigns"][0] is False
    assert found["git"] == (True, "can read 4 repositories")


@pytest.mark.parametrize("forge", ["github", "gitlab"], indirect=True)
def test_git_is_not_tried_on_all_repositories_of_a_forge_that_refuses_the_token(
    configured: Organisation,
) -> None:
    for number in range(40):
        repository = FakeRepository(100 + number, f"acme/x{number:02}", tip="1" * 40)
        configured.world.repositories.append(repository)
    configured.world.before.append(always(Answer(404), ".git/"))
    good, said = findings(configured, code=3)["git"]
    assert good is False
    assert "cannot read 20 of 20 repositories" in said
    assert said.endswith("24 repositories not tried")


@pytest.mark.parametrize("forge", ["gitlab"], indirect=True)  # REST does not count hidden projects.
def test_hidden_projects_are_found(configured: Organisation) -> None:
    configured.get("a").hidden = True
    good, said = findings(configured, code=3)["hidden"]
    assert good is False
    assert "this token cannot see 1 repository of this source" in said


@pytest.mark.parametrize(
    ("forge", "days", "good"),
    [
        *(("github", days, good) for days, good in ((-1, False), (15, True), (300, True))),
        *((forge, 13, False) for forge in FORGES),
        *((forge, 15, True) for forge in FORGES[1:]),
    ],
    indirect=["forge"],
)
def test_the_end_of_a_token_is_found(
    configured: Organisation, forge: str, days: int, good: bool
) -> None:
    end = datetime.now(UTC) + timedelta(days=days, hours=1)

    def state(request: Request, answer: Answer) -> Answer:
        if forge.startswith("github"):
            header = f"{end:%Y-%m-%d %H:%M:%S} UTC"
            headers = answer.headers | {"GitHub-Authentication-Token-Expiration": header}
            return replace(answer, headers=headers)
        body = answer.body.replace(b"2027-01-01", f"{end:%Y-%m-%d}".encode())
        return replace(answer, body=body)

    configured.world.after.append(state)
    found = findings(configured, code=0 if good else 3)["token expiry"]
    assert found[0] is good
    assert f"{end:%Y-%m-%d}" in found[1]
    assert ("create a new token" in found[1]) is not good


@pytest.mark.parametrize("forge", ["gitlab", "gitlab rest"], indirect=True)
def test_the_token_of_git_is_checked_too(
    configured: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configured.workspace / "headway.toml"
    config.write_text(config.read_text() + 'git_token = "GIT_TOKEN"\n')
    monkeypatch.setenv("GIT_TOKEN", "another")
    assert findings(configured, code=3)["git token"][0] is False
    configured.world.tokens.add("another")
    found = findings(configured)
    assert found["git scopes"] == (True, "read_api, read_repository")
    assert "git token expiry" in found


def test_public_repositories_need_no_token(acme: Organisation, server: Server, forge: str) -> None:
    config = (github_config if forge.startswith("github") else gitlab_config)(server)
    without_graphql(server.world, forge)
    acme.configure(config.replace('token = "GITHUB_TOKEN"\n', ""))
    refused = Answer(401, {}, b"{}")
    acme.world.before.append(always(refused, "/personal_access_tokens"))
    acme.world.tokens = set()
    found = findings(acme)
    assert found["token"] == (None, "none: only public repositories are listed")
    assert found["git"] == (True, "can read 4 repositories")


@pytest.mark.parametrize(
    ("forge", "minutes"),
    [("github", -30), ("github", 30), ("github rest", 30)],
    indirect=["forge"],
)
def test_a_wrong_clock_of_an_app_is_found(
    acme: Organisation,
    server: Server,
    private_key: str,
    forge: str,
    minutes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("APP_KEY", private_key)
    token = 'token = "GITHUB_TOKEN"'
    app = 'app_id = 1\ninstallation_id = 2\nprivate_key = "APP_KEY"'
    acme.configure(github_config(server).replace(token, app))
    without_graphql(server.world, forge)
    acme.world.ahead = timedelta(minutes=minutes)
    good, said = findings(acme, code=3)["clock"]
    assert good is False
    direction = "behind" if minutes > 0 else "ahead"
    assert said.endswith(f"the clock of this machine is {direction}; correct it")
    acme.world.before.append(always(Answer(401, {}, b"{}"), "/access_tokens"))
    good, said = findings(acme, code=3)["listing"]
    assert good is False
    assert "correct the clock of this machine" in said


def test_the_disk_space_of_the_first_night_is_estimated(configured: Organisation) -> None:
    good, said = findings(configured)["first night"]
    assert good is True
    assert "needs up to 0.0 GB: the forge states 0.0 GB for 4 of 4 repositories" in said
    configured.get("a").kilobytes = 2_000_000_000
    good, said = findings(configured, code=3)["first night"]
    assert good is False
    assert "needs up to 1,000.0 GB" in said
    assert said.endswith("GB of disk space is free")
    configured.get("a").kilobytes = 3_000_000
    config = configured.workspace / "headway.toml"
    config.write_text(config.read_text() + "[cache]\ngigabytes = 0.5\n")
    good, said = findings(configured, code=3)["first night"]
    assert good is False
    assert "`gigabytes` in [cache] is only 0.5 GB" in said
    configured.scan("2026-03-01")
    assert findings(configured)["first night"] == (True, "nothing to fetch")


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_the_sources_share_the_disk(acme: Organisation, server: Server) -> None:
    one = github_config(server)
    first, second = (
        one.replace('organization = "acme"', f'repositories = ["acme/{name}"]') for name in "ab"
    )
    for name in "ab":
        acme.get(name).kilobytes = 1_000_000
    cache = "[cache]\ngigabytes = 0.8\n"
    acme.configure(first + cache)
    assert findings(acme)["first night"][0] is True
    (acme.workspace / "headway.toml").write_text(first + second + cache)
    assert findings(acme, code=3)["first night"][0] is False


@pytest.mark.parametrize("forge", ["gitlab", "gitlab rest"], indirect=True)
def test_unknown_sizes_are_estimated_from_the_known_ones(configured: Organisation) -> None:
    for name in ("a", "b"):
        configured.get(name).kilobytes = 400_000
    for name in ("c", "public"):
        configured.get(name).kilobytes = None
    _, said = findings(configured)["first night"]
    assert "needs up to 0.8 GB: the forge states 0.8 GB for 2 of 4 repositories" in said
    for name in ("a", "b"):
        configured.get(name).kilobytes = None
    assert findings(configured)["first night"] == (None, "unknown: the forge states no sizes")


@pytest.mark.parametrize(
    ("forge", "pages_public", "audience", "good"),
    [
        ("github", None, "public", True),
        ("gitlab", None, "internal", True),
        ("github", None, "private", None),
        ("gitlab", True, "public", True),
        *((forge, True, "private", False) for forge in FORGES),
        ("github", False, "private", True),
        ("gitlab", False, "private", True),
    ],
    indirect=["forge"],
)
def test_an_audience_that_would_disclose_private_code_is_found(
    configured: Organisation,
    server: Server,
    forge: str,
    pages_public: bool | None,
    audience: str,
    good: bool | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/site")
    monkeypatch.setenv("GITHUB_API_URL", f"{server.url}/api/v3")
    monkeypatch.setenv("CI_PROJECT_ID", "77")
    monkeypatch.setenv("CI_API_V4_URL", f"{server.url}/api/v4")
    if pages_public is not None:
        access = "public" if pages_public else "private"
        body = json.dumps({"public": pages_public, "pages_access_level": access}).encode()
        path = "/repos/acme/site/pages" if forge.startswith("github") else "/projects/77"
        configured.world.before.append(always(Answer(200, {}, body), path))
    code = 3 if good is False else 0
    found, said = findings(configured, "--audience", audience, code=code)["audience"]
    assert found is good
    if audience == "private":
        assert "(3 private)" in said
    else:
        assert said == f"{audience}: no page quotes non-public code"


def test_a_source_that_cannot_be_used_does_not_hide_the_other_findings(tmp_path: Path) -> None:
    github = '[[sources]]\ntype = "github"\norganization = "acme"\ntoken = "NO_SUCH_TOKEN"\n'
    local = '[[sources]]\ntype = "local"\npath = "clones"\n'
    (tmp_path / "headway.toml").write_text(github + local)
    (tmp_path / "clones").mkdir()
    found = json.loads(headway(tmp_path, "doctor", "--format", "json", code=3).stdout)
    (refused,) = [row for row in found if row["source"] == "github"]
    assert (refused["check"], refused["good"]) == ("settings", False)
    assert "NO_SUCH_TOKEN" in refused["said"]
    assert {"git", "listing complete"} <= {row["check"] for row in found}
