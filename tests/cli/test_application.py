"""Exit codes, shared options, environment variables and error messages work as documented."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from headway.cli import session
from headway.cli.application import cli
from headway.cli.command_group import COMMANDS
from tests.support.git import Repo
from tests.support.workspaces import headway, workspace


@pytest.fixture(scope="module")
def scanned_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with one repository that was scanned on 2020-03-01."""
    folder = workspace(tmp_path_factory.mktemp("scanned"))
    repo = Repo(folder / "clones" / "shop")
    repo.commit("2020-01-10", {"a.py": "import six\n", "b.py": "import six\n"})
    repo.commit("2020-02-10", {"a.py": "pass\n"})
    headway(folder, "--today", "2020-03-01", "scan", "--jobs", "1")
    return folder


@pytest.fixture
def folder(scanned_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of the scanned workspace."""
    return shutil.copytree(scanned_folder, tmp_path / "work", symlinks=True)


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the `headway` command in a new process."""
    return subprocess.run(
        [sys.executable, "-m", "headway", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_lists_every_command(tmp_path: Path) -> None:
    shown = headway(tmp_path, "--help").stdout
    for command in COMMANDS:
        assert f"  {command} " in shown
        usage = headway(tmp_path, command, "--help").stdout
        assert usage.startswith(f"Usage: headway {command}")


def test_help_does_not_import_heavy_packages() -> None:
    script = (
        "import sys\n"
        "from headway.cli.application import cli\n"
        "cli.main(['--help'], standalone_mode=False)\n"
        "heavy = {'duckdb', 'jinja2', 'github', 'gitlab', 'rich', 're2'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_outside_a_workspace_the_error_names_the_next_step(tmp_path: Path) -> None:
    done = run("status", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"error: {tmp_path} is not inside a Headway workspace")
    assert "headway init" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["status", "--nonsense"], ["--today", "yesterday", "status"]]
)
def test_wrong_usage_exits_with_2(tmp_path: Path, arguments: list[str]) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Usage:" in done.stderr


def test_an_unknown_command_lists_the_available_commands(tmp_path: Path) -> None:
    result = headway(tmp_path, "statsu", code=2)
    assert "burndown, catalog, demo, " in result.stderr


def test_options_are_accepted_before_and_after_the_command(folder: Path) -> None:
    before = headway(folder, "--format", "json", "--today", "2020-03-01", "status")
    after = headway(folder, "status", "--format", "json", "--today", "2020-03-01")
    assert json.loads(before.stdout) == json.loads(after.stdout)


def test_the_last_of_two_options_is_used(folder: Path) -> None:
    result = headway(folder, "--format", "json", "status", "--format", "csv")
    assert result.stdout.startswith("campaign,")


def test_format_is_rejected_for_a_command_without_rows(folder: Path) -> None:
    result = headway(folder, "--format", "json", "scan", code=2)
    assert "`headway scan` has no --format option" in result.stderr


def test_environment_variables_set_options(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWAY_FORMAT", "json")
    monkeypatch.setenv("HEADWAY_TODAY", "2020-03-02")
    monkeypatch.setenv("HEADWAY_ITEMS_STATE", "fixed")
    states = {row["state"] for row in json.loads(headway(folder, "items").stdout)}
    assert states == {"fixed"}
    last = json.loads(headway(folder, "burndown", "remove-six", "--by", "day").stdout)[-1]
    assert last["date"] == "2020-03-02"


def test_an_environment_variable_sets_the_workspace(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_DIRECTORY", str(folder))
    done = run("status", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert "remove-six" in done.stdout


def test_the_command_line_overrides_environment_variables(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_FORMAT", "json")
    monkeypatch.setenv("HEADWAY_STATUS_FORMAT", "json")
    assert headway(folder, "--format", "csv", "status").stdout.startswith("campaign,")
    assert headway(folder, "status", "--format", "csv").stdout.startswith("campaign,")


def test_the_format_variable_is_ignored_by_commands_without_rows(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_FORMAT", "json")
    headway(folder, "validate")


def test_a_crash_writes_its_traceback_to_a_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the sky fell")

    monkeypatch.setattr(session, "open_session", broken)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    result = headway(folder, "status", code=1)
    assert "Traceback" not in result.output
    found = re.search(rf"{re.escape(str(tmp_path))}/headway-crash-\S+\.txt", result.stderr)
    assert found is not None, result.stderr
    report = Path(found[0]).read_text()
    assert "RuntimeError: the sky fell" in report
    assert "in broken" in report


@pytest.mark.fault(31)
def test_control_c_exits_with_130(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "open_session", interrupted)
    result = headway(folder, "scan", code=130)
    assert result.stderr == "error: interrupted; no partial results were saved.\n"


def test_control_characters_in_errors_are_escaped(tmp_path: Path) -> None:
    result = headway(tmp_path / "\x1b]0;owned\x07", "status", code=1)
    assert "\x1b" not in result.stderr
    assert r"\x1b]0;owned\x07" in result.stderr


def test_a_reader_that_closes_the_pipe_is_not_an_error(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "headway", "-C", str(folder), "query", "FROM range(200000)"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), errors) == (0, "")


def test_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from headway import __version__

    assert headway(tmp_path, "--version").stdout == f"headway, version {__version__}\n"
    monkeypatch.setenv("HEADWAY_VERSION", "1")
    headway(tmp_path, "status", code=1)


def test_every_option_of_every_command_has_help() -> None:
    import click

    context = click.Context(cli, info_name="headway")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        assert command.help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (name, parameter.name)
