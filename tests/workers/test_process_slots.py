"""No more processes work at the same time than there are slots."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from headway.workers.process_slots import ProcessSlots

HOLDER = """
import sys, time
from pathlib import Path
from headway.workers.process_slots import ProcessSlots
with ProcessSlots(Path(sys.argv[1]), 2).held():
    print("held", flush=True)
    time.sleep(600)
"""


def test_there_are_as_many_slots_as_processes(tmp_path: Path) -> None:
    slots = ProcessSlots(tmp_path, 2)
    first, second = slots.take(), slots.take()
    assert first is not None
    assert second is not None
    assert slots.take() is None
    assert not slots.has_free()
    os.close(first)
    assert slots.has_free()
    assert slots.has_free()
    with slots.held():
        assert not slots.has_free()
    os.close(second)


def test_a_killed_process_holds_no_slot(tmp_path: Path) -> None:
    slots = ProcessSlots(tmp_path / "slots", 1)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, os.fspath(slots.folder)], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    assert not slots.has_free()
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert slots.has_free()


def test_a_process_waits_for_a_slot(tmp_path: Path) -> None:
    slots = ProcessSlots(tmp_path, 1)
    order: list[str] = []

    def work() -> None:
        with slots.held():
            order.append("second")

    with slots.held():
        thread = threading.Thread(target=work)
        thread.start()
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_work_goes_on_if_files_cannot_be_locked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    slots = ProcessSlots(tmp_path / "file", 2)
    assert not slots.has_free()
    with slots.held():
        pass
