"""Signals interrupt commands at any point, but never change the result of a finished one."""

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


DROPPED = """
import os, signal, time
from headway.cli import signals

class Signalling:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0)

signals.expect(None)
signals.listen()
Signalling()
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", signals.exit_code())
"""


def test_a_signal_in_a_destructor_interrupts_the_command_soon_afterwards() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DROPPED], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted 143\n", "")


ENDING = """
import os, signal, sys
import click
from headway.cli import command_group, signals

signals.expect(None)
ignore = signals.ignore

def ignore_late():
    signals.ignore = ignore
    os.kill(os.getpid(), signal.SIGTERM)
    ignore()

@click.group(cls=command_group.CommandGroup, invoke_without_command=True)
def cli():
    signals.ignore = ignore_late
    print("result")

cli.main(prog_name="headway", args=[])
"""


def test_a_signal_when_a_command_has_just_ended_exits_like_an_earlier_one() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENDING], capture_output=True, text=True, check=False
    )
    assert done.returncode == 143
    assert done.stdout == "result\n"
    assert done.stderr == "error: interrupted; no partial results were saved.\n"
