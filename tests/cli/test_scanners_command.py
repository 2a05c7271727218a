"""`headway scanners` lists all scanners, and describes the options of one."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from headway import plugins
from headway.config.scanner_reference import type_in_words
from headway.config.workspace import shipped_folder
from tests.support.workspaces import headway, rows, workspace

SHIPPED = shipped_folder() / "scanners"
PLUGIN = '''"""The `todo` scanner."""

from datetime import date
from typing import Literal

from pydantic import Field

from headway import Options, RepositoryScanner


class TodoOptions(Options):
    """The options."""

    words: tuple[str, ...] = Field(default=("TODO",), description="Words to look for.")
    before: date = Field(description="Finds older comments. \\x1b[2J")
    level: int = Field(default=1, ge=1, le=9)
    mode: Literal["fast", "slow"] | None = None


class Todo(RepositoryScanner[TodoOptions]):
    """Finds old promises.

    It runs a program
    in the work tree.
    """

    name = "todo"
    version = "7"
    Options = TodoOptions

    def find(self, options, tree):
        return []
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = workspace(tmp_path / "work")
    (folder / "scanners").mkdir()
    (folder / "scanners" / "todo.py").write_text(PLUGIN)
    return folder


def test_the_list_says_where_each_scanner_comes_from(folder: Path) -> None:
    by_name = {row["scanner"]: row for row in rows(folder, "scanners")}
    assert by_name["regex"] | {"summary": ""} == {
        "scanner": "regex",
        "kind": "content",
        "version": "1",
        "origin": "shipped",
        "place": str(SHIPPED / "regex.py"),
        "summary": "",
    }
    assert by_name["file"]["kind"] == "tree"
    assert by_name["todo"] == {
        "scanner": "todo",
        "kind": "repository",
        "version": "7",
        "origin": "workspace",
        "place": str(folder / "scanners" / "todo.py"),
        "summary": "Finds old promises.",
    }
    heading, *lines = headway(folder, "scanners").stdout.splitlines()
    assert heading.split() == ["scanner", "kind", "from", "finds"]
    assert [line.split()[:3] for line in lines] == [
        ["ast", "content", "shipped"],
        ["command", "content", "shipped"],
        ["command-project", "project", "shipped"],
        ["command-repository", "repository", "shipped"],
        ["config", "content", "shipped"],
        ["dependency", "project", "shipped"],
        ["file", "tree", "shipped"],
        ["regex", "content", "shipped"],
        ["runtime", "project", "shipped"],
        ["sarif", "project", "shipped"],
        ["sarif-folder", "repository", "shipped"],
        ["semgrep", "content", "shipped"],
        ["todo", "repository", "workspace"],
    ]


def test_a_scanner_of_an_installed_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "scanners" / "todo.py").rename(folder.parent / "installed_todo.py")
    monkeypatch.syspath_prepend(str(folder.parent))
    point = EntryPoint("todo", "installed_todo", "headway.scanners")
    monkeypatch.setattr(plugins, "_all_entry_points", lambda: EntryPoints([point]))
    by_name = {row["scanner"]: row for row in rows(folder, "scanners")}
    assert by_name["todo"]["origin"] == "installed"
    assert by_name["todo"]["place"] == "an unnamed package (installed_todo)"


def test_outside_a_workspace_the_shipped_scanners_are_listed(tmp_path: Path) -> None:
    assert {row["origin"] for row in rows(tmp_path, "scanners")} == {"shipped"}


def test_the_options_of_one_scanner(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert headway(folder, "scanners", "todo").stdout.splitlines() == [
        "todo: repository scanner, workspace (scanners/todo.py)",
        "",
        "Finds old promises.",
        "",
        "It runs a program in the work tree.",
        "",
        "before: date; required",
        "    Finds older comments. \\x1b[2J",
        'words: list of text; default: ["TODO"]',
        "    Words to look for.",
        "level: integer, at least 1, at most 9; default: 1",
        "mode: fast or slow; default: null",
    ]
    shown = headway(folder, "scanners", "file").stdout
    assert "A rule that uses this scanner must have `paths`." in shown
    assert "The scanner has no options." in shown


def test_every_line_fits_80_columns(folder: Path) -> None:
    for name in ("regex", "file", "todo"):
        _first, *lines = headway(folder, "scanners", name).stdout.splitlines()
        assert max(map(len, lines)) <= 80


def test_json_contains_the_options_and_the_schema_of_a_rule(folder: Path) -> None:
    (details,) = rows(folder, "scanners", "regex")
    assert [option["option"] for option in details["options"]] == ["pattern", "flags"]
    assert details["options"][1]["type"] == "list of ignore-case, span-lines or dot-all"
    validator = Draft202012Validator(details["schema"])
    rule: dict[str, Any] = {"id": "a", "scanner": "regex", "pattern": "x", "flags": ["dot-all"]}
    assert validator.is_valid(rule | {"paths": "*.py", "weight": 2})
    for wrong in ({"pattern": 5}, {"flags": ["no"]}, {"colour": "red"}, {"scanner": "file"}):
        assert not validator.is_valid(rule | wrong)
    (details,) = rows(folder, "scanners", "file")
    assert details["needs_paths"]
    assert not Draft202012Validator(details["schema"]).is_valid({"id": "a", "scanner": "file"})


def test_csv_and_markdown_list_the_options(folder: Path) -> None:
    csv = headway(folder, "scanners", "regex", "--format", "csv").stdout.splitlines()
    assert csv[0] == "option,type,required,default,description"
    assert len(csv) == 3
    markdown = headway(folder, "scanners", "regex", "--format", "markdown").stdout
    assert markdown.startswith("| option | type | required | default | description |")


def test_an_unknown_scanner_is_an_error_with_a_suggestion(folder: Path) -> None:
    result = headway(folder, "scanners", "regx", code=1)
    assert "there is no scanner `regx`; did you mean `regex`?" in result.stderr


def test_a_broken_plugin_is_named_and_the_others_are_listed(folder: Path) -> None:
    (folder / "scanners" / "broken.py").write_text("import nowhere_at_all\n")
    result = headway(folder, "scanners", "--format", "json")
    assert "broken.py: the plugin cannot be imported" in result.stderr
    assert {"file", "regex", "todo"} <= {row["scanner"] for row in json.loads(result.stdout)}


def test_options_that_have_no_schema_are_an_error_that_names_the_file(folder: Path) -> None:
    text = PLUGIN.replace("level: int = Field(default=1, ge=1, le=9)", "level: type(len) = len")
    text = text.replace(
        '    """The options."""\n',
        '    """The options."""\n\n    model_config = {"arbitrary_types_allowed": True}\n',
    )
    (folder / "scanners" / "todo.py").write_text(text)
    result = headway(folder, "scanners", "todo", code=1)
    assert "the options of the `todo` scanner cannot be described as a JSON Schema" in result.stderr
    assert "scanners/todo.py" in result.stderr
    assert headway(folder, "scanners", "regex").stdout


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "number", "exclusiveMinimum": 0}, "number, more than 0"),
        ({"type": "array", "items": {"type": "integer"}}, "list of integer"),
        ({"enum": ["a", "b", "c"]}, "a, b or c"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text"),
        ({"$ref": "#/$defs/Color"}, "red or blue"),
        ({"const": "x"}, "x"),
        ({}, "any value"),
    ],
)
def test_types_in_words(schema: dict[str, Any], words: str) -> None:
    assert type_in_words(schema, {"Color": {"enum": ["red", "blue"]}}) == words
