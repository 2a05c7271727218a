"""The command of a `list` source gets few variables, has limits and leaves no processes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from headway.forges.listing_command import CommandOutput, run_listing_command
from headway.git.transport import NETWORK_VARIABLES
from tests.support.processes import PATIENCE, alive, eventually


def run(
    folder: Path,
    code: str,
    *,
    secrets: dict[str, str] | None = None,
    timeout: float = PATIENCE,
    max_bytes: int = 1 << 20,
) -> CommandOutput:
    """Run Python code as a listing command."""
    return run_listing_command(
        [sys.executable, "-c", code],
        folder=folder,
        secrets=secrets or {},
        timeout=timeout,
        max_bytes=max_bytes,
    )


def test_the_command_sees_few_variables_and_the_named_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_TOKEN", "hidden")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    code = "import json, os; print(json.dumps([dict(os.environ), os.getcwd()]))"
    output = run(tmp_path, code, secrets={"MY_TOKEN": "t"})
    variables, folder = json.loads(output.content)
    assert variables["MY_TOKEN"] == "t"
    assert variables["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert "OTHER_TOKEN" not in variables
    allowed = {"PATH", "HOME", "LC_ALL", "TZ", "MY_TOKEN", *NETWORK_VARIABLES}
    assert set(variables) <= allowed
    assert folder == str(tmp_path)


def test_arguments_reach_no_shell(tmp_path: Path) -> None:
    output = run_listing_command(
        ["echo", "$(touch here); `touch here`"],
        folder=tmp_path,
        secrets={},
        timeout=60,
        max_bytes=100,
    )
    assert output.content == b"$(touch here); `touch here`\n"
    assert not (tmp_path / "here").exists()


def test_a_failure_is_reported_with_the_last_line_and_without_the_secret(tmp_path: Path) -> None:
    code = "import sys; print('one'); print('x\\nno access with s3cret', file=sys.stderr); exit(3)"
    output = run(tmp_path, code, secrets={"MY_TOKEN": "s3cret"})
    assert output == CommandOutput(b"one\n", "failed (exit code 3): no access with ***")


def test_a_command_killed_by_a_signal_is_reported(tmp_path: Path) -> None:
    output = run(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert output.problem == "failed (SIGSEGV)"


@pytest.mark.parametrize(
    "code",
    [
        "import time; print('one', flush=True); time.sleep(600)",
        "import os, time; print('one', flush=True); os.close(1); os.close(2); time.sleep(600)",
    ],
)
def test_a_command_that_takes_too_long_is_killed(tmp_path: Path, code: str) -> None:
    output = run(tmp_path, code, timeout=2)
    assert output.problem == "did not finish within 2 s"


@pytest.mark.parametrize(("stream", "timeout"), [("stdout", 60), ("stderr", 3)])
def test_endless_output_fills_no_memory(tmp_path: Path, stream: str, timeout: float) -> None:
    code = f"import sys\nwhile True: sys.{stream}.write('x' * 9999)"
    output = run(tmp_path, code, timeout=timeout, max_bytes=1 << 20)
    expected = "wrote more than 1 MiB" if stream == "stdout" else "did not finish within 3 s"
    assert output.problem == expected
    assert len(output.content) <= 1 << 20


def test_no_process_that_the_command_started_is_left_behind(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\n"
        "null = subprocess.DEVNULL\n"
        "child = subprocess.Popen(['sleep', '600'], stdout=null, stderr=null)\n"
        "print(child.pid)"
    )
    output = run(tmp_path, code)
    assert output.problem is None
    assert eventually(lambda: not alive(int(output.content)))


def test_a_command_that_cannot_be_started_raises(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=os.strerror(2)):
        run_listing_command(
            ["./nowhere"], folder=tmp_path, secrets={}, timeout=60, max_bytes=1 << 20
        )
