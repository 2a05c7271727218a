"""Find the differences that a fault causes and that the scan does not mark."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import Result

from tests.support.forge.night_faults import NightFault
from tests.support.forge.night_stage import Stage
from tests.support.forge.nights import FAULTED, HEALED, Outcome, read_outcome
from tests.support.workspaces import rows

_SUCCESS, _ERROR, _UNKNOWN = 0, 1, 3
_OF_SCOPE = ("scope_added", "scope_removed", "entered", "left")
_PROGRESS = re.compile(r"(fetching|reading|listing|writing the ledger)\b.*: \d")


@dataclass(frozen=True)
class Verdict:
    """The result of one fault."""

    fault: NightFault
    exit_code: int
    unknown: int
    """The number of unknown repositories on the second night."""
    silent: tuple[str, ...]
    """The differences on the second night that the scan does not mark, as phrases."""
    unhealed: tuple[str, ...]
    """The differences on the third night, as phrases."""
    message: str
    """The first message of the scan on the second night; empty if there is none."""

    @property
    def is_good(self) -> bool:
        return not self.silent and not self.unhealed


def judge(stage: Stage, fault: NightFault) -> Verdict:
    """Scan with a fault on the second night only, and compare both nights with the control."""
    with stage.copy() as place:
        stage.begin(1)
        fault.inject(stage)
        result = stage.scan(place, FAULTED, may_stall=fault.may_stall)
        faulted = read_outcome(place, FAULTED)
        marks = _marked_text(place)
        silent = tuple(_silent(stage, result, faulted, marks, is_change=fault.is_change))
        stage.begin(2)
        next_result = stage.scan(place, HEALED)
        healed = read_outcome(place, HEALED)
    unhealed = [*_exit_problems(next_result, (_SUCCESS,))]
    unhealed += _unhealed(healed, stage.control[1], is_change=fault.is_change)
    unknown = list(faulted.states.values()).count("unknown")
    messages = [line for line in result.stderr.splitlines() if line and not _PROGRESS.match(line)]
    code = result.exit_code
    return Verdict(fault, code, unknown, silent, tuple(unhealed), "".join(messages[:1]))


def _marked_text(place: Path) -> str:
    """Return the text of all marks of the second night. It names the changed repositories."""
    sql = f"SELECT description FROM marks WHERE day = '{FAULTED}'"
    return "\n".join(row["description"] for row in rows(place, "query", sql))


def _exit_problems(result: Result, allowed: Iterable[int]) -> Iterator[str]:
    if result.exit_code not in allowed:
        yield f"exit code {result.exit_code}"
    if "crashed" in result.output or "Traceback" in result.output:
        yield "crash"


def _silent(
    stage: Stage, result: Result, found: Outcome, marks: str, *, is_change: bool
) -> Iterator[str]:
    """Yield the differences from the control that the scan does not mark.

    A failed scan must change nothing. After any other scan, a repository may differ only if its
    state is unknown or a mark names it. Days other than the second may differ only if a mark
    reports rewritten history.
    """
    yield from _exit_problems(result, (_SUCCESS, _ERROR, _UNKNOWN))
    expected = stage.without_scan if result.exit_code == _ERROR else stage.control[0]
    unknown = {name for name, state in found.states.items() if state == "unknown"}
    names = found.states.keys() | expected.states.keys()
    excused = unknown | {name for name in names if re.search(rf"{name}(?![\w/-])", marks)}
    if unknown and result.exit_code == _SUCCESS:
        yield "unknown repositories with exit code 0"
    if result.exit_code == _ERROR:
        excused = set()
    if is_change and any(found.burndown[-1][name] for name in _OF_SCOPE):
        # The ledger reports missing repositories as removed from the scope, so they are not silent.
        excused |= expected.states.keys() - found.states.keys()
    for name, word in _differing_states(found, expected).items():
        if name not in excused:
            yield f"{name} is {word}"
    for name in _differing_items(found, expected) - excused:
        yield f"items of {name}"
    for day, fields in _differing_days(found, expected).items():
        is_rewritten = is_change and "history rewritten" in marks
        is_marked = bool(excused) and (day == FAULTED or is_rewritten)
        if not is_marked:
            yield f"burndown of {day}: {', '.join(fields)}"


def _unhealed(found: Outcome, expected: Outcome, *, is_change: bool) -> Iterator[str]:
    for name, word in _differing_states(found, expected).items():
        yield f"{name} is {word}"
    for name in sorted(_differing_items(found, expected)):
        yield f"items of {name}"
    for day, fields in _differing_days(found, expected).items():
        # The coverage of the second day stays lower, because something was unknown. After a real
        # change, the ledger keeps the effect on the scope.
        if day == FAULTED and (is_change or fields == ["coverage"]):
            continue
        if is_change and set(fields) <= set(_OF_SCOPE):
            continue
        yield f"burndown of {day}: {', '.join(fields)}"


def _differing_states(found: Outcome, expected: Outcome) -> Mapping[str, str]:
    """Describe each wrong state, by the name of the repository: `X instead of Y`."""
    names = sorted(found.states.keys() | expected.states.keys())
    pairs = {name: (found.states.get(name), expected.states.get(name)) for name in names}
    return {
        name: f"{mine or 'missing'} instead of {control or 'missing'}"
        for name, (mine, control) in pairs.items()
        if mine != control
    }


def _differing_items(found: Outcome, expected: Outcome) -> set[str]:
    """Return the names of the repositories whose items differ."""
    mine, control = _by_repository(found.items), _by_repository(expected.items)
    return {name for name in mine.keys() | control.keys() if mine.get(name) != control.get(name)}


def _by_repository(items: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for item in items:
        grouped[item["repository"]].append(item)
    return dict(grouped)


def _differing_days(found: Outcome, expected: Outcome) -> Mapping[str, list[str]]:
    """Return the fields that differ, by day."""
    mine = {row["date"]: row for row in found.burndown}
    control = {row["date"]: row for row in expected.burndown}
    days = {}
    for day in sorted(mine.keys() | control.keys()):
        one, other = mine.get(day, {}), control.get(day, {})
        fields = sorted(
            name for name in one.keys() | other.keys() if one.get(name) != other.get(name)
        )
        if fields:
            days[day] = fields
    return days
