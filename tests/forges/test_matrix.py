"""The script that scans a forge with hundreds of faults works and finds silent differences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.forges.matrix import row, run, table
from tests.support.forge.night_faults import NightFault, all_faults
from tests.support.forge.night_stage import Stage, open_stage
from tests.support.forge.night_verdict import judge
from tests.support.forge.nights import FORGES
from tests.support.forge.world import TOKEN
from tests.support.thorough import sample

SAMPLE = (
    "page 2 is empty (listing)",
    "c is archived (repository)",
    "502 (page 1)",
    "401 (page 2)",
    "404 (lookup, not listed)",
    "200 empty (git refs of a)",
    "200 wrong types (page 2)",
    "connection cut (git pack of a)",
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_TOKEN", TOKEN)
        with open_stage(tmp_path_factory.mktemp("matrix"), "github") as opened:
            yield opened


def test_there_are_at_least_200_different_faults() -> None:
    counts = Counter(fault.described for fault in all_faults())
    assert counts.total() >= 200
    assert set(counts.values()) == {1}
    assert {fault.forge for fault in all_faults()} == set(FORGES)


@pytest.mark.fault(12)
@pytest.mark.fault(18)
def test_faults_are_marked_and_heal(stage: Stage) -> None:
    chosen = [
        fault
        for fault in all_faults()
        if fault.forge == "github" and fault.described.partition(": ")[2] in sample(SAMPLE, 5)
    ]
    assert len(chosen) == len(sample(SAMPLE, 5))
    verdicts = [judge(stage, fault) for fault in chosen]
    assert not [row(verdict) for verdict in verdicts if not verdict.is_good]
    assert {verdict.exit_code for verdict in verdicts} == {0, 3}
    assert any(verdict.unknown for verdict in verdicts)


def test_a_silent_difference_is_found(stage: Stage) -> None:
    """On the second night, the forge withholds a commit, so numbers change without any mark."""

    def swap_commits(on: Stage) -> None:
        on.set_tip(on.get("a"), on.tip("a", 0))

    verdict = judge(stage, NightFault("a commit is held back", "github", "git", swap_commits))
    assert verdict.exit_code == 0
    assert verdict.silent == (
        "acme/a is open instead of done",
        "items of acme/a",
        "burndown of 2026-03-02: completion, fixed, fixed_total, open",
    )
    assert not verdict.unhealed
    assert "SILENT: items of acme/a" in row(verdict)
    assert list(table([verdict]))[-1] == "| all | 1 | 1 × 0 | 0 | 3 | 1 |"


def test_a_difference_that_does_not_heal_is_found(stage: Stage) -> None:
    def keep_archived(on: Stage) -> None:
        begin = on.begin

        def begin_archived(night: int) -> None:
            begin(night)
            on.get("a").archived = True

        on.begin = begin_archived  # type: ignore[method-assign]

    try:
        verdict = judge(stage, NightFault("archived for good", "github", "git", keep_archived))
    finally:
        del stage.begin
    assert not verdict.silent
    assert "acme/a is missing instead of done" in verdict.unhealed
    assert list(table([verdict]))[-1] == "| all | 1 | 1 × 0 | 0 | 0 | 0 |"


def test_the_script_opens_the_forge_of_each_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    described = "gitlab rest: a not listed, lookup 404 (listing)"
    (verdict,) = run(fault for fault in all_faults() if fault.described == described)
    assert (verdict.exit_code, verdict.unknown) == (3, 1)
    assert verdict.is_good, row(verdict)
