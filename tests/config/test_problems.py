"""A problem is printed with its location, line, caret and help, but never with a token."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.config.problems import DefinitionError, Problem, likely
from tests.support.definitions import printed

FILE = Path("/home/ada/campaigns/six.yaml")


def test_a_problem_is_printed_with_line_caret_and_help() -> None:
    problem = Problem(FILE, 12, 3, "`due` is wrong", "write a date", "  due: soon")
    assert problem.render(Path("/home/ada")) == printed("""
        error: `due` is wrong
          --> campaigns/six.yaml:12:3
            |
         12 |   due: soon
            |   ^
          help: write a date
    """)


def test_a_file_outside_the_workspace_is_shown_with_its_full_path() -> None:
    assert Problem(FILE, 1, 1, "x").render(Path("/other")) == f"error: x\n  --> {FILE}:1:1"


@pytest.mark.parametrize(
    ("source", "column", "line", "caret"),
    [
        ("a: b", 4, "a: b", "   ^"),
        ("\ta: b", 5, "\ta: b", "\t   ^"),
        ("日本: b", 5, "日本: b", "      ^"),
        ("\x1b: b", 4, r"\x1b: b", "      ^"),
    ],
)
def test_the_caret_is_below_its_character(source: str, column: int, line: str, caret: str) -> None:
    rendered = Problem(FILE, 1, column, "x", source=source).render().splitlines()
    assert rendered[-2:] == [f" 1 | {line}", f"   | {caret}"]


def test_a_long_line_is_shown_in_part() -> None:
    source = "a" * 5_000 + "!" + "b" * 5_000
    rendered = Problem(FILE, 1, 5_001, "x", source=source).render().splitlines()
    line, caret = rendered[-2:]
    assert line[caret.index("^")] == "!"
    assert len(line) < 220


def test_a_token_in_place_of_its_name_is_masked() -> None:
    token = "ghp_0123456789abcdefghij"
    problem = Problem(FILE, 1, 1, f"`token` is `{token}`", source=f'tokn = "{token}"')
    assert token not in problem.render()
    assert 'tokn = "ghp_********************"' in problem.render()


def test_the_error_lists_every_problem() -> None:
    problems = [Problem(FILE, line, 1, f"wrong {line}") for line in (1, 2, 3)]
    assert str(DefinitionError(problems)).count("error: wrong") == 3


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("titel", "did you mean `title`?"),
        ("owners", "did you mean `owner`?"),
        ("zzz", "allowed here: title, owner"),
    ],
)
def test_a_misspelled_word_gets_a_suggestion(word: str, hint: str) -> None:
    assert likely(word, ["title", "owner"]) == hint


def test_there_is_no_suggestion_if_nothing_is_allowed() -> None:
    assert likely("x", []) == ""
