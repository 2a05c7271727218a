"""docs/reliability.md lists every fault with its tests, and every fault has a test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.fault_table import TESTS, MarkedTest, marked_tests, page
from tests.support.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"


@pytest.fixture(scope="module")
def tests() -> Mapping[int, list[MarkedTest]]:
    return marked_tests(TESTS)


def test_the_page_is_up_to_date(tests: Mapping[int, list[MarkedTest]]) -> None:
    assert PAGE.read_text("utf-8") == page(tests), "run `python3 tasks.py docs`"


def test_the_faults_are_numbered_without_gaps() -> None:
    assert [fault.number for fault in FAULTS] == list(range(1, len(FAULTS) + 1))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.number))
def test_every_fault_has_a_test_or_the_reason_why_not(
    fault: Fault, tests: Mapping[int, list[MarkedTest]]
) -> None:
    assert tests.get(fault.number) or fault.missing


def test_every_marker_has_the_number_of_a_fault(tests: Mapping[int, list[MarkedTest]]) -> None:
    assert set(tests) <= {fault.number for fault in FAULTS}


def test_markers_of_functions_and_modules_are_found(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "test_a.py").write_text(
        "pytestmark = [pytest.mark.slow, pytest.mark.fault(2)]\n"
        "@pytest.mark.fault(1)\n@pytest.mark.slow\ndef test_one(): ...\ndef test_two(): ...\n"
        "@pytest.mark.fault(3)\ndef helper(): ...\n"
    )
    one, two = MarkedTest("site/test_a.py", "test_one"), MarkedTest("site/test_a.py", "test_two")
    assert marked_tests(tmp_path) == {1: [one], 2: [one, two]}
    (row, missing) = (
        line
        for line in page(
            {1: [one]}, [Fault(1, "A crash", "None."), Fault(2, "A fire", "–", missing="no fire")]
        ).splitlines()
        if line.startswith(("| 1 |", "| 2 |"))
    )
    assert row == "| 1 | A crash | None. | [1](#fault-1) |"
    assert missing == "| 2 | A fire | – | not covered yet: no fire |"


def test_the_option_runs_the_tests_of_one_fault() -> None:
    collect = ["--collect-only", "-q", "-n0", "--fault", "27", "tests/faults/test_hostile.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *collect],
        cwd=ROOT,
        env=os.environ | {"PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    listed = [line.rpartition("::")[2] for line in done.stdout.splitlines() if "::" in line]
    assert listed == ["test_a_line_that_takes_exponential_time_in_other_engines"]
