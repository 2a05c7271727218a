"""External programs have limits, lack Headway's environment, and leave nothing behind."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from headway.external_program import (
    ProgramError,
    ProgramLimits,
    ProgramResult,
    network_can_be_blocked,
    run_program,
)
from tests.support.processes import alive, eventually


def run(folder: Path, *arguments: str, stdin: bytes = b"", **limits: float) -> ProgramResult:
    return run_program(
        arguments,
        folder=folder,
        environment={},
        stdin=stdin,
        limits=ProgramLimits(**limits),  # type: ignore[arg-type]
    )


def python(folder: Path, code: str, **limits: float) -> ProgramResult:
    return run(folder, sys.executable, "-I", "-S", "-c", code, stdin=b"", **limits)


def test_a_program_gets_its_input_and_returns_its_output(tmp_path: Path) -> None:
    content = os.urandom(300_000)
    assert run(tmp_path, "cat", stdin=content) == ProgramResult(0, content, "")
    code = "import sys; sys.stderr.write('first\\n\\x1b[1mlast\\x07\\n\\n'); sys.exit(3)"
    assert python(tmp_path, code) == ProgramResult(3, b"", "[1mlast")


def test_a_program_need_not_read_its_input(tmp_path: Path) -> None:
    assert run(tmp_path, "true", stdin=b"x" * 3_000_000).exit_code == 0


def test_a_program_gets_few_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "canary")
    result = run_program(["env"], folder=tmp_path, environment={"MODE": "strict"})
    names = {line.split(b"=")[0].decode() for line in result.output.splitlines()}
    assert names - {"_"} == {"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TZ", "MODE"}
    assert b"canary" not in result.output


@pytest.mark.skipif(not network_can_be_blocked(), reason="needs user namespaces")
def test_a_program_cannot_read_the_environment_of_headway(tmp_path: Path) -> None:
    assert run(tmp_path, "cat", f"/proc/{os.getpid()}/environ").output == b""


@pytest.mark.skipif(not network_can_be_blocked(), reason="needs user namespaces")
def test_a_program_has_no_network_unless_it_is_allowed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        code = f"import socket; socket.create_connection({address}, timeout=9)"
        assert "Error" in python(tmp_path, code).errors
        allowed = run_program(
            [sys.executable, "-I", "-S", "-c", code],
            folder=tmp_path,
            environment={},
            network=True,
        )
    assert allowed.exit_code == 0


@pytest.mark.parametrize(
    ("code", "limits", "reason"),
    [
        ("import time; time.sleep(60)", {"seconds": 0.3}, "did not finish within 0.3 s"),
        (
            "import os, time; os.close(1); os.close(2); time.sleep(60)",
            {"seconds": 0.3},
            "did not finish within 0.3 s",
        ),
        ("while True: print('x' * 999)", {"output_bytes": 5000}, "more than 5,000 bytes"),
        (
            "import time; held = b'x' * 300_000_000; time.sleep(60)",
            {"memory_bytes": 100_000_000},
            "needs more than 100 MB",
        ),
        (
            "import os, time; [os.fork() for _ in range(4)]; time.sleep(60)",
            {"processes": 8},
            "started more than 8 processes",
        ),
    ],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_a_program_that_exceeds_a_limit_is_killed(
    tmp_path: Path, code: str, limits: dict[str, float], reason: str
) -> None:
    with pytest.raises(ProgramError, match=reason):
        python(tmp_path, code, **limits)


def test_a_program_leaves_no_process_behind(tmp_path: Path) -> None:
    result = run(tmp_path, "sh", "-c", "sleep 977 & echo $!; exec true")
    assert result.exit_code == 0
    # A process ID that is printed in a namespace belongs to another process outside.
    assert eventually(lambda: network_can_be_blocked() or not alive(int(result.output)))


@pytest.mark.parametrize("name", ["no-such-program", "/no/such/program"])
def test_a_missing_program_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProgramError, match=f"the program `{name}` is not on PATH; install it"):
        run(tmp_path, name)


def test_arguments_are_not_interpreted(tmp_path: Path) -> None:
    assert run(tmp_path, "echo", "$(id)", "`id`", "; id").output == b"$(id) `id` ; id\n"


def test_a_program_that_cannot_be_started_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="cannot be started: "):
        run(tmp_path, "echo", "a\0b")
