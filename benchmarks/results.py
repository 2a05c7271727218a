"""benchmarks/RESULTS.md: where and with what it was measured, then a table for each question."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.corpus import Corpus
from benchmarks.measure import Cost, run


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. target: what the ratio is to be, in words; met: None without a target."""

    work: str
    ours: str
    against: str
    theirs: str
    ratio: str
    target: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Section:
    """One table with the sentences before and after it."""

    title: str
    text: str
    rows: tuple[Row, ...] = ()
    after: str = ""

    def with_load(self, begun: float, ended: float) -> Section:
        """Says how busy the machine was with everything together."""
        said = f"Load of the machine, this included: {begun:.1f} before, {ended:.1f} after."
        return replace(self, after="\n".join(filter(None, (self.after, said))))


class Measured:
    """The sections of this run, and of earlier ones in the same folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, part: str, section: Section) -> None:
        """In the place of what the part had measured before."""
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{part}.json").write_text(json.dumps(asdict(section)))

    def sections(self, parts: Iterable[str]) -> list[Section]:
        """Those that there are, in the order of `parts`."""
        found = []
        for part in parts:
            file = self._folder / f"{part}.json"
            if file.exists():
                said = json.loads(file.read_text())
                found.append(Section(**said | {"rows": tuple(Row(**it) for it in said["rows"])}))
        return found


def row(
    work: str,
    ours: Cost,
    against: str,
    theirs: Cost,
    *,
    faster: float | None = None,
    at_most: float | None = None,
) -> Row:
    """faster: how many times faster we are to be. at_most: how many times as long we may take."""
    target, met = "", None
    if at_most is not None:
        ratio = _ratio(ours, theirs, " times the time")
        target, met = f"at most {at_most:g} times", ours.wall <= at_most * theirs.wall
    else:
        ratio = _ratio(theirs, ours, " times faster")
        if faster is not None:
            target = f"{faster:g} times faster" if faster > 1 else "no slower"
            met = theirs.wall >= faster * ours.wall
    return Row(work, seconds(ours), against, seconds(theirs), ratio, target, met)


def _ratio(above: Cost, below: Cost, unit: str) -> str:
    by_processor = above.processor / below.processor if below.processor else float("nan")
    return f"{_number(above.wall / below.wall)}{unit} (processors: {_number(by_processor)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def seconds(cost: Cost) -> str:
    """`12.3 s (20.1 s)`: by the clock, and of all processors."""
    return f"{_number(cost.wall)} s ({_number(cost.processor)} s)"


def write(path: Path, corpus: Corpus, sections: Sequence[Section], rounds: int) -> None:
    """Everything that was measured in this run."""
    parts = [_HEAD.format(place=_machine(), corpus=corpus.describe(), rounds=rounds)]
    parts += [_section(section) for section in sections]
    notes = path.with_name("NOTES.md")
    if notes.exists():
        parts.append(notes.read_text())
    path.write_text("\n".join(parts))


_HEAD = """\
# What it costs

<!-- Written by `python -m benchmarks`; NOTES.md beside it is appended. -->

Ratios are what counts here: all contenders of a table ran in turn, in one run, on one machine.
Times are medians, by the clock; in parentheses stands the processor time of all processes together,
which other work on the machine changes less.

- {place}
- corpus: {corpus}
- rounds: {rounds}; contenders that take minutes ran once, and samples are stated
"""


def _machine() -> str:
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        found = re.search(r"model name\s*: (.*)", cpuinfo.read_text())
        model = found[1] if found else model
    git = run(["git", "--version"]).decode().strip().removeprefix("git version ")
    rg = run(["rg", "--version"]).decode().split()[1] if shutil.which("rg") else "not there"
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} on {os.cpu_count()} cores of {model}, "
        f"Python {sys.version.split()[0]}, git {git}, "
        f"ripgrep {rg}, DuckDB {version('duckdb')}, RE2 {version('google-re2')}"
    )


def _section(section: Section) -> str:
    lines = [f"## {section.title}\n", section.text + "\n"]
    if section.rows:
        lines.append("| work | headway | against | it takes | ratio | target | met |")
        lines.append("| --- | ---: | --- | ---: | --- | --- | --- |")
        for it in section.rows:
            met = "" if it.met is None else "yes" if it.met else "**no**"
            lines.append(
                f"| {it.work} | {it.ours} | {it.against} | {it.theirs} | {it.ratio} "
                f"| {it.target} | {met} |"
            )
        lines.append("")
    if section.after:
        lines.append(section.after + "\n")
    return "\n".join(lines)
