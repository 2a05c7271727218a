"""Run nightly scans against a fake forge with hundreds of different faults.

    python -m tests.forges.matrix [WORDS...]

With WORDS, only faults whose description contains all of them are injected, for example
`"gitlab rest:" 502`.

A small organisation is scanned on three nights, and the forge has a fault on the second night. The
script compares the states, the items and the daily burndown with those of an undisturbed control.
It prints one row per fault and a table of all faults. The exit code is 1 if a difference on the
second night was not marked (a silent difference), or if anything differs on the third night.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from tests.support.forge.night_faults import NightFault, all_faults
from tests.support.forge.night_stage import open_stage
from tests.support.forge.night_verdict import Verdict, judge
from tests.support.forge.world import TOKEN


def main(words: Sequence[str]) -> int:
    chosen = [fault for fault in all_faults() if all(word in fault.described for word in words)]
    verdicts = []
    for verdict in run(chosen):
        verdicts.append(verdict)
        _print(row(verdict))
    _print("")
    for line in table(verdicts):
        _print(line)
    return 0 if verdicts and all(verdict.is_good for verdict in verdicts) else 1


def run(faults: Iterable[NightFault]) -> Iterator[Verdict]:
    """Judge each fault. The first night is scanned once per forge and then copied."""
    os.environ |= {"GITHUB_TOKEN": TOKEN, "GITLAB_TOKEN": TOKEN}
    by_forge = sorted(faults, key=lambda fault: fault.forge)
    for forge, same_forge in groupby(by_forge, key=lambda fault: fault.forge):
        with (
            tempfile.TemporaryDirectory(prefix="headway-matrix-") as folder,
            open_stage(Path(folder), forge) as stage,
        ):
            for fault in same_forge:
                yield judge(stage, fault)


def row(verdict: Verdict) -> str:
    """Return one line about a fault, and one more for each problem."""
    parts = [
        verdict.fault.described,
        f"exit {verdict.exit_code}",
        f"{verdict.unknown} unknown",
        "healed" if not verdict.unhealed else "NOT HEALED",
        verdict.message,
    ]
    problems = [f"    SILENT: {phrase}" for phrase in verdict.silent]
    problems += [f"    NOT HEALED: {phrase}" for phrase in verdict.unhealed]
    return "\n".join([" | ".join(parts), *problems])


def table(verdicts: Iterable[Verdict]) -> Iterator[str]:
    """Yield a Markdown table with one row per fault, and a row with the totals."""
    by_name: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        by_name[verdict.fault.name].append(verdict)
    yield "| fault | nights | exit codes | unknown | silent differences | healed |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for name, same in by_name.items():
        yield _table_row(name, same)
    everything = [verdict for same in by_name.values() for verdict in same]
    yield _table_row("all", everything)


def _table_row(name: str, verdicts: Sequence[Verdict]) -> str:
    codes = Counter(verdict.exit_code for verdict in verdicts)
    cells = (
        name,
        f"{len(verdicts)}",
        ", ".join(f"{count} × {code}" for code, count in sorted(codes.items())),
        f"{sum(verdict.unknown for verdict in verdicts)}",
        f"{sum(len(verdict.silent) for verdict in verdicts)}",
        f"{sum(not verdict.unhealed for verdict in verdicts)}",
    )
    return f"| {' | '.join(cells)} |"


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this is a program


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
