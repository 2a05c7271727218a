"""Messages about common YAML mistakes suggest the correct notation."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.config.document import parse_document
from tests.support.definitions import problems_in


def first_problem(text: str) -> tuple[int, int, str, str]:
    problem = parse_document(Path("six.yaml"), f"{text}\n".encode()).problems[0]
    return problem.line, problem.column, problem.message, problem.help


@pytest.mark.parametrize(
    ("text", "column", "message", "hint"),
    [
        (r'pattern: "\s+six"', 11, r"`\s` is not a valid escape", r"character: '\s+six'"),
        (r'pattern: "^a\.b"', 13, r"`\.` is not a valid escape", r"character: '^a\.b'"),
        ("paths: *.py", 8, "begins with `*` is read as a reference", "in quotes: '*.py'"),
        (
            "paths: [**/*.py, a]",
            9,
            "begins with `*` is read as a reference",
            "in quotes: '**/*.py'",
        ),
        ("paths: [a, *.js]", 12, "begins with `*` is read as a reference", "in quotes: '*.js'"),
        ("paths: !vendor/", 8, "the tag `!vendor/` is not allowed", "in quotes: '!vendor/'"),
        ("paths: [!vendor/]", 9, "begins with `!` is read as a tag", "in quotes: '!vendor/'"),
        (
            "owner: @acme/pay",
            8,
            "cannot begin with `@`, which is reserved",
            "in quotes: '@acme/pay'",
        ),
        ("owner: %pay", 8, "cannot begin with `%`, which marks a directive", "in quotes: '%pay'"),
        ("pattern: |six", 10, "begins with `|` is read as a block of text", "in quotes: '|six'"),
        ("pattern: - six", 10, "begins with `-` is read as a list entry", "in quotes: '- six'"),
        ("title: Fix: it", 11, "mapping values are not allowed", "text that contains a colon"),
        ("pattern: [0-9]+", 15, "`[` begins a list, which ends", "in single quotes"),
        ("pattern: 'it's'", 14, "the quoted text ends before this", "write '' for a single quote"),
        ('paths: "a" "b"', 12, "the quoted text ends before this", "quote the whole text"),
        ("paths: [a, b", 8, "this bracket is not closed", "close it with `]`"),
        ("\ttitle: a", 1, "a tab is used", "indent with spaces"),
        ("title:a", 1, "must contain a mapping", "write a space after each colon"),
        ("title: Issue #12", 8, "the value ends before `#12`", "in single quotes"),
        ("title: #12 first", 7, "there is no value before `#12 first`", "in single quotes"),
        ("pattern: six # old", 10, "the value ends before `# old`", "in single quotes"),
    ],
)
def test_a_mistake_is_explained_at_its_place(
    text: str, column: int, message: str, hint: str
) -> None:
    found = first_problem(text)
    assert found[:2] == (1, column)
    assert message in found[2]
    assert hint in found[3]


def test_a_line_without_a_key_is_reported_at_that_line() -> None:
    assert first_problem("title: a\ndue")[:3] == (2, 1, "this line has no key")


@pytest.mark.parametrize(
    "text",
    [
        "title: Remove six # the old one",
        "title: Remove six  ## heading",
        "owner: C#",
        "pattern: ^#include",
        "pattern: '^#include' # old",
        'pattern: "a" #old',
        "weight: 1 #heavy",
        "due: 2026-01-01 #soon",
        "paths: [a] #b",
    ],
)
def test_a_comment_is_not_taken_for_a_part_of_the_value(text: str) -> None:
    assert not parse_document(Path("six.yaml"), text.encode()).problems


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("[a-z]", "without them, `[` begins a list"),
        ("{a}", "without them, `{` and `: ` begin a mapping"),
        ("5", "put the value in quotes to make it text"),
        ("true", "put the value in quotes to make it text"),
    ],
)
def test_a_pattern_that_is_not_text_is_explained(tmp_path: Path, value: str, hint: str) -> None:
    text = f"title: a\ndeprecated:\n  - id: one\n    scanner: regex\n    pattern: {value}\n"
    assert hint in problems_in(tmp_path, text)
