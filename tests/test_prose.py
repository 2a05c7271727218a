"""The tool that draws passages for editors finds prose in every kind of file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import prose

MODULE = '''"""Docstring of a module."""

LIMIT = 3
"""Docstring of a constant."""

# first line of a comment
# second line of it
SQL = "SELECT name FROM the table WHERE it is"


def fail(name: str) -> None:
    raise ValueError(f"{name} is not a team; choose another one. Run `headway owners` to see all.")
'''
FILES = {
    "src/module.py": MODULE,
    "README.md": "# Title\n\nA sentence with words\nover two lines. Another one comes here.\n\n"
    "1. First item of a numbered list\n2. Second item of this list\n",
    "reports/page.html": "<h2>How far we are</h2>\n<p>{{ count }} of <b>all the</b> items</p>\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_comments_are_docstrings_and_blocks_of_comments(root: Path) -> None:
    assert sorted(prose.comments(root)) == [
        ("src/module.py", 1, "Docstring of a module."),
        ("src/module.py", 4, "Docstring of a constant."),
        ("src/module.py", 6, "first line of a comment\nsecond line of it"),
    ]


def test_sentences_come_from_messages_pages_and_templates(root: Path) -> None:
    assert sorted(prose.sentences(root)) == [
        ("README.md", 3, "A sentence with words over two lines."),
        ("README.md", 3, "Another one comes here."),
        ("README.md", 6, "First item of a numbered list"),
        ("README.md", 7, "Second item of this list"),
        ("reports/page.html", 1, "How far we are"),
        ("reports/page.html", 2, "{{ count }} of all the items"),
        ("src/module.py", 12, "Run `headway owners` to see all."),
        ("src/module.py", 12, "{name} is not a team; choose another one."),
    ]


def test_a_seed_always_draws_the_same_passages() -> None:
    passages = [prose.Passage("file", line, "text") for line in range(100)]
    drawn = prose.draw(passages, 10, "seed")
    assert len(drawn) == 10
    assert drawn == prose.draw(passages[::-1], 10, "seed")
    assert drawn != prose.draw(passages, 10, "another seed")


def test_the_command_prints_the_number_of_passages_that_it_is_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    prose.main(["comments", "3", "1"])
    places = re.findall(r"^\S+:\d+$", capsys.readouterr().out, re.MULTILINE)
    assert len(places) == 3
    with pytest.raises(SystemExit):
        prose.main(["poems", "3", "1"])
