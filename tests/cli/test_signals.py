"""A signal during an import waits for the end of the import, but not for the end of the command."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import signal, time
from headway.cli import signals
# a shell may run the tests in the background, where it ignores the signal
signal.signal(signal.SIGINT, signal.default_int_handler)
signals.expect(None)
signals.listen()
importing = "import os, signal; os.kill(os.getpid(), signal.SIGINT)"
exec(compile(importing, "<frozen importlib._bootstrap>", "exec"))
{then}
time.sleep(0.2)
print("ended")
"""


def run(then: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(then=then)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_signal_during_an_import_interrupts_the_command_after_the_import() -> None:
    code, output = run("")
    assert code != 0
    assert output == ""


def test_a_signal_during_the_last_import_does_not_change_the_end_of_a_command() -> None:
    assert run("signals.ignore()") == (0, "ended\n")
