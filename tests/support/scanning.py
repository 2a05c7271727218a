"""Call shipped content scanners in tests."""

from __future__ import annotations

from typing import Any

from headway.scanner import ContentScanner, Match
from tests.support.definitions import SHIPPED


def content_scanner(name: str) -> ContentScanner[Any]:
    """Return a shipped content scanner."""
    scanner = SHIPPED.get(name)
    assert isinstance(scanner, ContentScanner), SHIPPED.problems
    return scanner


def matches_in(name: str, path: str, content: str | bytes, **options: Any) -> list[Match]:
    """Return a rule's matches in a file. Check that a search for two rules finds the same."""
    scanner = content_scanner(name)
    rule = scanner.Options(**options)
    data = content.encode() if isinstance(content, str) else content
    alone = list(scanner.find(rule, path, data))
    together = list(scanner.compile([rule, rule])(path, data))
    assert [match for index, match in together if index == 1] == alone
    return alone


def places_in(
    name: str, path: str, content: str | bytes, **options: Any
) -> list[tuple[str, int | None, int | None]]:
    """Return the text, line and column of each match."""
    found = matches_in(name, path, content, **options)
    return [(match.text, match.line, match.column) for match in found]
