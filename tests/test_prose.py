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
COUNT = 2  # comment after code
OPTIONS = {"name": "the name of the team"}


def fail(name: str) -> None:
    """Docstring of a function."""
    raise ValueError(f"{name} is not a team; choose another one. Run `headway owners` to see all.")
'''
FILES = {
    "src/module.py": MODULE,
    "README.md": "# The title of this page\n\nA sentence with words\nover two lines. "
    "Another one comes here.\n\n"
    "1. First item of a numbered list\n2. Second item of this list\n\n"
    "| name | meaning |\n| --- | --- |\n| `due` | the last day to finish |\n",
    "reports/page.html": "<h2>How far we are</h2>\n<p>{{ count }} of <b>all the</b> items</p>\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_comments_are_docstrings_and_blocks_of_comments_with_the_code_they_describe(
    root: Path,
) -> None:
    function = "def fail(name: str) -> None:"
    assert sorted(prose.comments(root)) == [
        ("src/module.py", 1, "Docstring of a module.", "module"),
        ("src/module.py", 4, "Docstring of a constant.", "LIMIT = 3"),
        (
            "src/module.py",
            6,
            "first line of a comment\nsecond line of it",
            'SQL = "SELECT name FROM the table WHERE it is"\nCOUNT = 2  # comment after code',
        ),
        ("src/module.py", 9, "comment after code", "COUNT = 2"),
        ("src/module.py", 14, "Docstring of a function.", function),
    ]


def test_sentences_come_from_messages_pages_and_templates(root: Path) -> None:
    title, list_item = "# The title of this page", "First item of a numbered list"
    raised = "def fail(name: str) -> None:\nValueError(f'{name} is not a team; choose another one."
    drawn = sorted(prose.sentences(root))
    assert [passage for passage in drawn if not passage.file.startswith("src")] == [
        ("README.md", 1, title, "heading"),
        ("README.md", 3, "A sentence with words over two lines.", title),
        (
            "README.md",
            3,
            "Another one comes here.",
            f"{title}\nA sentence with words over two lines.",
        ),
        ("README.md", 6, list_item, f"{title}\nAnother one comes here."),
        ("README.md", 7, "Second item of this list", f"{title}\n{list_item}"),
        ("README.md", 11, "| `due` | the last day to finish |", f"{title}\n| name | meaning |"),
        ("reports/page.html", 1, "How far we are", "<h2>How far we are</h2>"),
        (
            "reports/page.html",
            2,
            "{{ count }} of all the items",
            "<p>{{ count }} of <b>all the</b> items</p>",
        ),
    ]
    first, second, third = drawn[-3:]
    assert first == ("src/module.py", 10, "the name of the team", "OPTIONS = 'name':")
    assert second[2] == "Run `headway owners` to see all."
    assert third[2] == "{name} is not a team; choose another one."
    assert second.context.startswith(raised)


def test_each_line_of_a_list_of_terms_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/command.py").write_text(
        "@click.command()\ndef run() -> None:\n"
        '    """Print the progress of campaigns.\n\n    \\b\n'
        "    done      share of the fixed items,\n              in per cent\n"
        '    per week  items fixed in each week\n    """\n'
    )
    assert [passage.text for passage in prose.sentences(tmp_path)] == [
        "Print the progress of campaigns.",
        "done: share of the fixed items, in per cent",
        "per week: items fixed in each week",
    ]


def test_the_context_is_printed_above_the_passage() -> None:
    passage = prose.Passage("src/module.py", 4, "First line.\n\n    Second.", "class A:\nX = 3")
    assert passage.render() == (
        "src/module.py:4\n  | class A:\n  | X = 3\n    First line.\n\n    Second.\n"
    )


def test_a_seed_always_draws_the_same_passages() -> None:
    passages = [prose.Passage("file", line, "text") for line in range(100)]
    drawn = prose.draw(passages, 10, "seed")
    assert len(drawn) == 10
    assert drawn == prose.draw(passages[::-1], 10, "seed")
    assert drawn != prose.draw(passages, 10, "another seed")


def test_the_command_prints_the_number_of_passages_that_it_is_given(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prose, "_CODE", ("website",))
    prose.main(["comments", "3", "1"])
    places = re.findall(r"^\S+:\d+$", capsys.readouterr().out, re.MULTILINE)
    assert len(places) == 3
    with pytest.raises(SystemExit):
        prose.main(["poems", "3", "1"])
