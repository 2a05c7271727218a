"""Measured costs include all processes that the measured code starts, and no others."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.measure import measured

SPEND = "import time\nwhile time.process_time() < 0.3: pass"
START_AND_LEAVE = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SPEND!r}])"
ADOPT_AND_MEASURE = f"""
import subprocess, sys
from benchmarks.measure import adopt_orphans, measured
adopt_orphans()
with measured() as meter:
    subprocess.run([sys.executable, "-c", {START_AND_LEAVE!r}], check=True)
"""


def test_earlier_processes_are_not_waited_for() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        with measured():
            subprocess.run([sys.executable, "-c", "pass"], check=True)
        assert other.poll() is None
        other.communicate(b"\n")
    assert other.returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="orphans can only be adopted on Linux")
def test_processes_left_behind_are_measured() -> None:
    # A process cannot stop adopting orphans, so the code runs in its own process.
    done = subprocess.run(
        [sys.executable, "-c", f"{ADOPT_AND_MEASURE}\nprint(meter.cost.processor)"],
        capture_output=True,
        check=True,
    )
    assert float(done.stdout) >= 0.3
