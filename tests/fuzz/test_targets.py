"""No seed, and no random change of a seed, makes a reader break its rules.

The inputs are always the same. `python -m tests.fuzz` searches for others.
"""

from __future__ import annotations

import random
from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz.__main__ import Session
from tests.fuzz.mutation import mutations
from tests.fuzz.targets import TARGETS, Target, Violation, check_message, ecosystem_of

_CHANGED = 150


@pytest.mark.parametrize("name", TARGETS)
def test_changed_inputs_break_no_promise(name: str) -> None:
    target = TARGETS[name]
    changed = islice(mutations(target.seeds, random.Random(name)), _CHANGED)
    for content in (b"", *target.seeds, *changed):
        try:
            target.check(content)
        except Exception as error:
            error.add_note(f"input: {content!r}")
            raise


def test_each_seed_of_a_manifest_is_read() -> None:
    """A seed that cannot be read would test only the error message."""
    for name, target in TARGETS.items():
        if name.startswith("dependency-"):
            assert all(_has_facts(target, seed) for seed in target.seeds), name


def _has_facts(target: Target, seed: bytes) -> bool:
    ecosystem, paths = target.check.args[:2]  # type: ignore[attr-defined]
    facts = ecosystem_of(ecosystem).read(paths[seed[0]], seed[1:])
    return bool(facts.requirements or facts.locked or facts.variables)


def test_messages_are_checked() -> None:
    check_message("line 1, column 2: this is not valid JSON")
    for text in ("a\nb", "a\x1bb", "a\N{RIGHT-TO-LEFT OVERRIDE}b", "x" * 9999):
        with pytest.raises(Violation):
            check_message(text)


def test_one_finding_is_kept_for_each_place(tmp_path: Path) -> None:
    def check(content: bytes) -> None:
        if b"!" in content:
            raise KeyError(content)
        content.decode()

    session = Session(tmp_path, 1)
    for content in (b"a", b"!", b"!!", b"\xff", b"\xfe"):
        session.run(check, content)
    kept = sorted(path.read_bytes() for path in tmp_path.glob("findings/*-input"))
    assert (session.inputs, kept) == (5, [b"!", b"\xff"])
    again = Session(tmp_path, 1)
    again.run(check, b"!!!")
    assert len(list(tmp_path.glob("findings/*-input"))) == 2
