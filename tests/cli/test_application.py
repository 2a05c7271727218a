"""Exit codes, shared options, variables, and what is said when something goes wrong."""

from __future__ import annotations

import json
import re
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with one repository, scanned on 2020-03-01."""
    made = workspace(tmp_path / "work")
    repo = Repo(made / "clones" / "shop")
    repo.commit("2020-01-10", {"a.py": "import six\n", "b.py": "import six\n"})
    repo.commit("2020-02-10", {"a.py": "pass\n"})
    headway(made, "--today", "2020-03-01", "scan", "--jobs", "1")
    return made


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command as it is started by a shell."""
    return subprocess.run(
        [sys.executable, "-m", "headway", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_names_every_verb_and_each_has_its_module(tmp_path: Path) -> None:
    shown = headway(tmp_path, "--help").stdout
    for verb in COMMANDS:
        assert f"  {verb} " in shown
        assert headway(tmp_path, verb, "--help").stdout.startswith(f"Usage: headway {verb}")


def test_help_loads_nothing_heavy() -> None:
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


def test_outside_a_workspace_is_one_sentence_with_the_next_step(tmp_path: Path) -> None:
    done = run("status", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"error: {tmp_path} is not inside a Headway workspace")
    assert "headway init" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["status", "--nonsense"], ["--today", "yesterday", "status"]]
)
def test_usage_is_two(tmp_path: Path, arguments: list[str]) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Usage:" in done.stderr


def test_a_verb_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    result = headway(tmp_path, "statsu", code=2)
    assert "burndown, demo, " in result.stderr


def test_options_are_taken_before_and_after_the_verb(folder: Path) -> None:
    before = headway(folder, "--format", "json", "--today", "2020-03-01", "status")
    after = headway(folder, "status", "--format", "json", "--today", "2020-03-01")
    assert json.loads(before.stdout) == json.loads(after.stdout)


def test_the_later_of_two_options_counts(folder: Path) -> None:
    result = headway(folder, "--format", "json", "status", "--format", "csv")
    assert result.stdout.startswith("campaign,")


def test_format_before_a_verb_that_lists_nothing_is_refused(folder: Path) -> None:
    result = headway(folder, "--format", "json", "scan", code=2)
    assert "`headway scan` has no --format option" in result.stderr


def test_variables_mirror_options(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWAY_FORMAT", "json")
    monkeypatch.setenv("HEADWAY_TODAY", "2020-03-02")
    monkeypatch.setenv("HEADWAY_ITEMS_STATE", "fixed")
    states = {row["state"] for row in json.loads(headway(folder, "items").stdout)}
    assert states == {"fixed"}
    last = json.loads(headway(folder, "burndown", "remove-six", "--by", "day").stdout)[-1]
    assert last["date"] == "2020-03-02"


def test_a_variable_names_the_workspace(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWAY_DIRECTORY", str(folder))
    done = run("status", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert "remove-six" in done.stdout


def test_the_command_line_wins_over_variables(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_FORMAT", "json")
    monkeypatch.setenv("HEADWAY_STATUS_FORMAT", "json")
    assert headway(folder, "--format", "csv", "status").stdout.startswith("campaign,")
    assert headway(folder, "status", "--format", "csv").stdout.startswith("campaign,")


def test_variables_never_reach_verbs_that_list_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWAY_FORMAT", "json")
    headway(folder, "validate")


def test_a_crash_leaves_its_traceback_in_a_file(
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
    told = Path(found[0]).read_text()
    assert "RuntimeError: the sky fell" in told
    assert "in broken" in told


def test_control_c_is_130_and_says_that_nothing_half_done_was_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "open_session", interrupted)
    result = headway(folder, "scan", code=130)
    assert result.stderr == "error: interrupted; no partial results were saved.\n"


def test_an_error_cannot_steer_the_terminal(tmp_path: Path) -> None:
    result = headway(tmp_path / "\x1b]0;owned\x07", "status", code=1)
    assert "\x1b" not in result.stderr
    assert r"\x1b]0;owned\x07" in result.stderr


def test_a_reader_that_has_seen_enough_is_no_error(folder: Path) -> None:
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
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), said) == (0, "")


def test_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from headway import __version__

    assert headway(tmp_path, "--version").stdout == f"headway, version {__version__}\n"
    monkeypatch.setenv("HEADWAY_VERSION", "1")
    headway(tmp_path, "status", code=1)


def test_every_verb_has_help_for_every_option() -> None:
    import click

    context = click.Context(cli, info_name="headway")
    for verb in COMMANDS:
        command = cli.get_command(context, verb)
        assert command is not None
        assert command.help, verb
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (verb, parameter.name)
