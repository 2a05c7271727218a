"""What work costs is told of that work alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.measure import measured

SPEND = "import time\nwhile time.process_time() < 0.3: pass"
LEAVING = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SPEND!r}])"
ADOPTING = f"""
import subprocess, sys
from benchmarks.measure import adopt_orphans, measured
adopt_orphans()
with measured() as meter:
    subprocess.run([sys.executable, "-c", {LEAVING!r}], check=True)
"""


def test_processes_that_were_there_before_are_not_waited_for() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        with measured():
            subprocess.run([sys.executable, "-c", "pass"], check=True)
        assert other.poll() is None
        other.communicate(b"\n")
    assert other.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only there are orphans adopted")
def test_what_a_command_leaves_behind_counts() -> None:
    # in a process of its own: who adopts once adopts for ever
    done = subprocess.run(
        [sys.executable, "-c", f"{ADOPTING}\nprint(meter.cost.processor)"],
        capture_output=True,
        check=True,
    )
    assert float(done.stdout) >= 0.3
