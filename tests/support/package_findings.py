"""Read small repositories with one of the ecosystems of the `dependency` scanner."""

from __future__ import annotations

from collections.abc import Mapping

from scanners._ecosystems.records import Ecosystem, Finding


def findings_in(ecosystem: Ecosystem, package: str, files: Mapping[str, str]) -> list[Finding]:
    """Find a package in `files`, which maps each path to its content."""
    facts = {path: ecosystem.read(path, text.encode()) for path, text in files.items()}
    return list(ecosystem.findings(facts, ecosystem.normalise(package)))


def place_of(text: str, content: str) -> tuple[int, int]:
    """Return the 1-based line and column of the first occurrence of a string."""
    before = content[: content.index(text)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


_WITHOUT_LINE = (
    "nested too deeply",
    "number that is too long",
    "file is too long",
    "no XML element",
    "encoding of the XML file is unknown",
)
"""Words in messages about problems whose lines the parsers do not state."""


def read_hostile(ecosystem: Ecosystem, path: str, content: bytes) -> None:
    """Read a file, and check that it gives valid findings or raises a short `ValueError`."""
    facts = None
    message = ""
    try:
        facts = ecosystem.read(path, content)
    except ValueError as error:
        message = str(error)
    if facts is None:
        assert "line " in message or any(reason in message for reason in _WITHOUT_LINE)
        assert len(message) < 300
        return
    for package in {*facts.requirements, *facts.locked}:
        for found in ecosystem.findings({path: facts}, package):
            assert found.path == path
            assert 1 <= found.line <= content.count(b"\n") + content.count(b"\r") + 1
            assert found.column >= 1
