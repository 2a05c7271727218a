"""A rule with its scanner, and functions that query the scanner about the rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headway.model.campaign import Rule
from headway.model.scope import compiled
from headway.printable import printable
from headway.scan.isolation import Failure
from headway.scan.spots import InvalidMatchError
from headway.scanner import Options, ProjectScanner, Scanner
from headway.workers.active_rule import error_text


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule with its scanner and validated options."""

    rule: Rule
    scanner: Scanner[Any]
    options: Options
    foreign: bool = False
    """Whether the scanner is not a shipped one."""


def files_to_read(bound: BoundRule) -> tuple[str, ...] | Failure:
    """Return the patterns of the files that a project rule reads, according to its scanner."""
    assert isinstance(bound.scanner, ProjectScanner)
    try:
        patterns = tuple(str.__str__(pattern) for pattern in bound.scanner.files(bound.options))
        if not patterns:
            return Failure(None, f"scanner {bound.rule.scanner} failed: `files` returned nothing")
        compiled(patterns)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        return Failure(None, failure_text(bound, error))
    return patterns


def failure_text(bound: BoundRule, error: Exception) -> str:
    """Describe a scanner's exception. Call this function within the scanner's time limit.

    The exception's own code creates the description and can take any amount of time.
    """
    why = str(error) if isinstance(error, InvalidMatchError) else error_text(error)
    return f"scanner {bound.rule.scanner} failed: {printable(why):.300}"
