"""The `list` source lists repositories of any forge, which git fetches over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from headway.config.problems import DefinitionError
from headway.config.workspace import find_workspace
from headway.errors import HeadwayError
from headway.forges.source_plugin import SourceContext
from headway.forges.source_registry import build_sources, load_source_types
from headway.forges.sources.list import ListSource
from tests.support.forge.github import github
from tests.support.forge.organisation import LOOPBACK, Organisation
from tests.support.forge.server import Server, basic_password, serve
from tests.support.forge.world import TOKEN, World
from tests.support.workspaces import headway, rows

CONFIG = """\
[[sources]]
type = "list"
name = "bitbucket"
file = "repositories.jsonl"
token = "LIST_TOKEN"
username = "x-token-auth"
"""


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(World(), github) as running:
        yield running


@pytest.fixture
def acme(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """Return a list of two repositories. `open` has an open item, and `done` has a fixed item."""
    monkeypatch.setenv("LIST_TOKEN", TOKEN)
    acme = Organisation(tmp_path, server.world)
    acme.add("open")
    acme.add("done", fixed=True)
    acme.configure(CONFIG)
    return acme


def lines(acme: Organisation, server: Server, *names: str, count: int | None = None) -> str:
    """Return lines for the named repositories and a count line. `count` replaces the true count."""
    entries = [
        {
            "id": acme.get(name).id,
            "name": f"acme/{name}",
            "clone_url": f"{server.url}/acme/{name}.git",
            "visibility": "private",
        }
        for name in names
    ]
    parts: list[dict[str, object]] = [*entries, {"count": len(names) if count is None else count}]
    return "".join(json.dumps(part) + "\n" for part in parts)


def write(acme: Organisation, text: str) -> None:
    (acme.workspace / "repositories.jsonl").write_text(text)


def test_two_nights_with_a_push_and_a_rename_between_them(
    acme: Organisation, server: Server
) -> None:
    write(acme, lines(acme, server, "open", "done"))
    acme.scan("2026-03-01")
    assert acme.states("2026-03-01") == {"acme/open": "open", "acme/done": "done"}
    acme.fix("open", "2026-03-02")
    acme.get("open").name = "acme/renamed"
    write(acme, lines(acme, server, "renamed", "done"))
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02") == {"acme/renamed": "done", "acme/done": "done"}
    from_git = [request for request in server.world.requests if ".git" in request.path]
    assert {basic_password(request) for request in from_git} == {TOKEN}


def test_a_command_lists_what_it_prints(acme: Organisation, server: Server) -> None:
    write(acme, lines(acme, server, "open", "done"))
    (acme.workspace / "list.py").write_text(
        f"import os\nassert os.environ['LIST_TOKEN'] == {TOKEN!r}\n"
        "print(open('repositories.jsonl').read())\n"
    )
    command = 'command = ["python3", "list.py"]'
    (acme.workspace / "headway.toml").write_text(
        CONFIG.replace('file = "repositories.jsonl"', command)
    )
    acme.scan("2026-03-01")
    assert acme.states("2026-03-01") == {"acme/open": "open", "acme/done": "done"}
    (acme.workspace / "list.py").write_text("print('no access'); exit(1)\n")
    result = acme.scan("2026-03-02", code=3)
    assert "output of `python3 list.py` failed (exit code 1)" in result.stderr
    assert set(acme.states("2026-03-02").values()) == {"unknown"}


@pytest.mark.fault(12)
def test_what_is_missing_from_a_complete_list_is_gone_and_from_a_cut_one_unknown(
    acme: Organisation, server: Server
) -> None:
    write(acme, lines(acme, server, "open", "done"))
    acme.scan("2026-03-01")
    write(acme, lines(acme, server, "done", count=2))
    result = acme.scan("2026-03-02", code=3)
    assert "has 1 repositories, but the count line says 2" in result.stderr
    assert acme.states("2026-03-02") == {"acme/open": "unknown", "acme/done": "done"}
    write(acme, lines(acme, server, "done"))
    acme.scan("2026-03-03")
    assert acme.states("2026-03-03") == {"acme/open": "gone", "acme/done": "done"}


def test_a_bad_line_is_reported_and_the_others_are_scanned(
    acme: Organisation, server: Server
) -> None:
    text = lines(acme, server, "open", "done").replace('"acme/open"', "5")
    write(acme, text)
    result = acme.scan("2026-03-01", code=3)
    assert "list:bitbucket: repositories.jsonl:1: `name` must be text, not `5`" in result.stderr
    assert acme.states("2026-03-01") == {"acme/done": "done"}


def test_doctor_checks_the_list_and_git(acme: Organisation, server: Server) -> None:
    write(acme, lines(acme, server, "open", "done"))
    found = {row["check"]: row for row in rows(acme.workspace, LOOPBACK, "doctor")}
    assert found["repositories"]["said"] == "2 private"
    assert found["git"]["good"]
    write(acme, "")
    result = headway(acme.workspace, LOOPBACK, "doctor", code=3)
    assert "count line" in result.output


def source(folder: Path, settings: str, **environ: str) -> ListSource:
    (folder / "headway.toml").write_text(f'[[sources]]\ntype = "list"\nname = "x"\n{settings}\n')
    workspace = find_workspace(folder, load_source_types)
    (built,) = build_sources(workspace, SourceContext(folder, environ))
    assert isinstance(built, ListSource)
    return built


def test_git_gets_the_token_for_the_host_of_the_url_only(tmp_path: Path) -> None:
    listed = source(tmp_path, 'file = "a"\ntoken = "T"', T="secret")
    access = listed.git_access("https://git.example.com:8443/acme/shop.git")
    assert access is not None
    assert (access.base, access.username, access.password) == (
        "https://git.example.com:8443",
        "git",
        "secret",
    )
    assert source(tmp_path, 'file = "a"').git_access("https://git.example.com/x") is None


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("", "a list source needs exactly one of file and command"),
        ('file = "a"\ncommand = ["b"]', "a list source needs exactly one of file and command"),
        ("command = []", "`sources[0].command` is empty"),
        ('command = "python3 x.py"', "put the entries between [ and ]"),
        ('file = "a"\ntoken = "glpat-0123456789abcdefghij"', "never the secret itself"),
        ('fiel = "a"', "did you mean `file`?"),
    ],
)
def test_wrong_settings_are_reported_at_their_place(
    tmp_path: Path, settings: str, problem: str
) -> None:
    with pytest.raises(DefinitionError) as raised:
        source(tmp_path, settings)
    assert problem in str(raised.value)
    assert "--> headway.toml:" in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ('file = "nowhere.jsonl"', r"nowhere.jsonl cannot be read: .*; correct `file`"),
        ('command = ["./nowhere"]', r"command ./nowhere cannot be started: .*; correct `command`"),
        ('command = ["a\\u0000b"]', r"cannot be started: embedded null byte"),
        (
            'file = "a"\ntoken = "T"',
            "the environment variable T, which `token` in headway.toml names, is not set",
        ),
    ],
)
def test_an_input_that_does_not_exist_is_an_error(
    tmp_path: Path, settings: str, problem: str
) -> None:
    with pytest.raises(HeadwayError, match=problem):
        source(tmp_path, settings).list_repositories()
