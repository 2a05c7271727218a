"""The `command` scanners read the output of programs, and reject invalid output."""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from headway import Match, ProgramError, ProgramUnavailableError, Unknown, Unreadable
from headway.scanner import Checkout
from scanners._programs.findings import FoundInFiles
from scanners._programs.runner import safe_path
from scanners._sarif.json_values import ReportError
from scanners._sarif.log_file import Filter
from scanners.command import (
    Command,
    CommandFileOptions,
    CommandProject,
    CommandProjectOptions,
    CommandRepository,
    CommandRepositoryOptions,
)

PYTHON = (sys.executable, "-I", "-S")
FINDS_X = """
import json, sys
paths = sys.argv[1:]
contents = [open(path).read() for path in paths] if paths else [sys.stdin.read()]
for number, content in enumerate(contents):
    for line, text in enumerate(content.splitlines(), start=1):
        if "x" in text:
            match = {"line": line, "column": text.index("x") + 1}
            match["captures"] = {"size": str(len(text))}
            print(json.dumps(match | ({"path": paths[number]} if paths else {})))
"""


def options(script: str, *arguments: str, **others: Any) -> CommandFileOptions:
    return CommandFileOptions(
        command=(*PYTHON, "{attachments}/run.py", *arguments),
        attachments={"run.py": script},
        **others,
    )


def find(rule: CommandFileOptions, path: str, content: bytes) -> list[Match]:
    return [match for _, match in Command().compile([rule])(path, content)]


def prints(output: str, code: int = 0) -> CommandFileOptions:
    return options(f"import sys\nsys.stdout.write({output!r})\nsys.exit({code})")


@pytest.mark.parametrize("arguments", [(), ("{file}",), ("{files}",)])
@pytest.mark.parametrize("path", ["a.txt", "src/--help.py", "-rf", "ü\n x/\udcff.py", "x" * 3000])
def test_a_program_finds_lines(arguments: tuple[str, ...], path: str) -> None:
    found = find(options(FINDS_X, *arguments), path, b"a\n  ax\nb\n")
    assert found == [Match("  ax", 2, 4, "", {"size": "4"})]


def test_several_files_are_searched_in_one_run(tmp_path: Path) -> None:
    log = tmp_path / "runs"
    script = f"import os\nopen({str(log)!r}, 'a').write('run ')\n{FINDS_X}"
    finder = Command().compile([options(script, "{files}", contains=["x"])])
    files = [("a.py", b"x"), ("b/a.py", b"\nx"), ("a.py", b"\n\nx"), ("c.py", b"c")]
    finder.prepare(files)
    found = [[match.line for _, match in finder(*file)] for file in files]
    assert found == [[1], [2], [3], []]
    assert log.read_text() == "run "


def test_a_file_that_fails_does_not_affect_the_others_of_its_run() -> None:
    script = f"{FINDS_X}\nif any('bad' in content for content in contents): sys.exit(9)\n"
    finder = Command().compile([options(script, "{files}")])
    files = [("a.py", b"x"), ("b.py", b"bad x"), ("c.py", b"\nx")]
    finder.prepare(files)
    assert [match.line for _, match in finder(*files[0])] == [1]
    with pytest.raises(ProgramError, match=r"ended with exit code 9"):
        list(finder(*files[1]))
    assert [match.line for _, match in finder(*files[2])] == [2]


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("found it\n", r"line 1 is not valid JSON: .*: b'found it'"),
        ('{"line": 1}\n{"line": 2', "line 2 is not valid JSON"),
        ("[]", "line 1 is not a JSON object"),
        ("null", "line 1 is not a JSON object"),
        ('{"lineno": 1}', "line 1 has the unknown key `lineno`"),
        ('{"line": 0}', "`line 1: line` is not a whole number from 1"),
        ('{"line": 1000000000000}', "is not a whole number from 1 to 2,147,483,647"),
        ('{"line": 3}', "a match is on line 3, but the file has only 2 lines"),
        ('{"line": true}', "is not a whole number"),
        ('{"line": NaN}', "`NaN` is not valid JSON"),
        ('{"line": 1, "text": 5}', "`line 1: text` is not a string"),
        ('{"line": 1, "captures": {"a": 1}}', "captures.a` is not a string"),
        ('{"line": 1, "path": "../../etc/passwd"}', "outside the repository"),
        ('{"line": 1, "path": "/etc/passwd"}', "a result is not in "),
        ('{"line": 1, "path": "other.py"}', "a file that was not passed to the program: other.py"),
        ("{}", "a match has neither `line` nor `text`"),
        ("[" * 100_000, "nested too deeply"),
        ("\x00", "not valid JSON"),
    ],
)
def test_invalid_output_is_an_error(output: str, reason: str) -> None:
    with pytest.raises(ReportError, match=reason):
        find(prints(output), "a.py", b"a\nb")


def test_what_a_program_may_print() -> None:
    lines = [{"text": "whole file"}, {"line": 2, "text": "\ud800"}, {"line": 1, "path": "a.py"}]
    output = "\n".join(["", *map(json.dumps, lines), ""])
    assert find(prints(output), "a.py", b"a\r\nb") == [
        Match("whole file"),
        Match("\ud800", 2),
        Match("a", 1),
    ]


def test_a_program_can_say_that_it_cannot_tell() -> None:
    with pytest.raises(ProgramError, match="does not parse"):
        find(prints('{"unknown": "does not parse"}'), "a.py", b"a")


@pytest.mark.parametrize("code", [1, 2, 127])
def test_other_exit_codes_are_failures(code: int) -> None:
    with pytest.raises(ProgramError, match=f"ended with exit code {code}"):
        find(prints('{"line": 1}', code), "a.py", b"a")
    rule = prints('{"line": 1}', code).model_copy(update={"exit_codes": (0, code)})
    assert find(rule, "a.py", b"a") == [Match("a", 1)]


def test_a_traceback_is_a_failure_and_its_last_line_is_shown() -> None:
    with pytest.raises(ProgramError, match=r"exit code 1: ValueError: no$"):
        find(options("raise ValueError('no')"), "a.py", b"a")


def test_the_program_must_exist_when_the_rule_begins() -> None:
    for rule in (
        CommandFileOptions(command=("no-such-program",)),
        CommandFileOptions(command=("true",), version="1", version_command=("no-such-program",)),
    ):
        with pytest.raises(ProgramError, match="`no-such-program` is not on PATH; install it"):
            Command().compile([rule])
    project = CommandProjectOptions(command=("no-such-program",), files=["a"])
    with pytest.raises(ProgramError, match="`no-such-program` is not on PATH; install it"):
        CommandProject().files(project)


@pytest.mark.parametrize(
    ("version", "matches"), [("1.100", True), ("1.100.2", True), ("1", True), ("1.10", False),
                             ("100.2", False), ("2", False)],
)  # fmt: skip
def test_the_version_of_the_program_is_checked(version: str, matches: bool) -> None:
    rule = options(
        "",
        version=version,
        version_command=(*PYTHON, "-c", "print('tool 1.100.2')"),
    )
    if matches:
        assert find(rule, "a.py", b"a") == []
        return
    with pytest.raises(ProgramError, match=r"this machine has tool 1\.100\.2; install version "):
        Command().compile([rule])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"command": []}, "at least 1 item"),
        ({"command": ["--help"]}, "must be the name of a program"),
        ({"command": ["a\0"]}, "NUL"),
        ({"command": ["a", "{folder}"]}, "no `{folder}`"),
        ({"command": ["a", "{file}", "{files}"]}, "use one of them"),
        ({"command": ["a", "--in={files}"]}, "a separate argument"),
        ({"attachments": {"../a": ""}}, "not a valid file name"),
        ({"attachments": {"a/b": ""}}, "not a valid file name"),
        ({"attachments": ["tools/a.py"]}, "only be read from a campaign in a workspace"),
        ({"environment": {"A=B": ""}}, "not a valid name for an environment variable"),
        ({"version_command": ["a"]}, "no effect without `version`"),
        ({"seconds": 0}, "greater than 0"),
        ({"network": "maybe"}, "'block', 'require-block' or 'allow'"),
    ],
)
def test_wrong_options_are_refused(changes: Mapping[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        CommandFileOptions(**{"command": ["true"], **changes})


def test_attachments_are_read_from_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "run.py").write_text("print()\n")
    given = {"command": ["python3", "{attachments}/run.py"], "attachments": ["tools/run.py"]}
    context = {"workspace": tmp_path}
    rule = CommandFileOptions.model_validate(given, context=context)
    assert rule.attachments == {"run.py": "print()\n"}
    assert CommandFileOptions(**rule.model_dump(mode="json")) == rule
    for name, reason in (("../x", "not a path below"), ("tools/no.py", "No such file")):
        with pytest.raises(ValidationError, match=reason):
            CommandFileOptions.model_validate(given | {"attachments": [name]}, context=context)


def test_a_project_is_searched_in_one_folder() -> None:
    scanner = CommandProject()
    script = (
        "import json, os\n"
        "print(json.dumps({'path': 'b/lock', 'text': ' '.join(sorted(os.listdir()))}))\n"
        "print(json.dumps({'path': 'manifest', 'unknown': 'odd'}))\n"
    )
    rule = CommandProjectOptions(
        command=(*PYTHON, "{attachments}/run.py"),
        attachments={"run.py": script},
        files=["/manifest", "b/*"],
    )
    facts = {path: scanner.read(rule, path, b"1") for path in ("b/lock", "manifest")}
    assert list(scanner.find(rule, facts)) == [
        Match("b manifest", path="b/lock"),
        Unknown("manifest", "odd"),
    ]
    assert list(scanner.find(rule, {**facts, "b/x": Unreadable("binary")})) == [
        Unknown("b/lock", "b/x could not be read", "b/x"),
        Unknown("manifest", "b/x could not be read", "b/x"),
    ]
    assert list(scanner.find(rule, {})) == []
    with pytest.raises(ProgramError, match="characters that programs may misread"):
        scanner.read(rule, "-rf", b"")


def test_a_repository_is_searched_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("one\ntwo\n")
    script = "import json\nprint(json.dumps({'path': 'src/a.py', 'line': 2}))\n"
    rule = CommandRepositoryOptions(
        command=(*PYTHON, "{attachments}/run.py"), attachments={"run.py": script}
    )
    checkout = Checkout(tmp_path, "shop", "0" * 40, tmp_path)
    assert list(CommandRepository().find_in(rule, checkout)) == [Match("two", 2, path="src/a.py")]
    escaping = rule.model_copy(update={"attachments": {"run.py": script.replace("src", "no")}})
    with pytest.raises(ReportError, match=r"was not passed to the program: no/a\.py"):
        list(CommandRepository().find(escaping, tmp_path))


@settings(max_examples=100)
@given(st.text(max_size=40))
def test_names_of_files_become_harmless(path: str) -> None:
    safe = safe_path(path)
    assert safe_path(safe) == safe
    assert all(part and part not in (".", "..") and part[0] != "-" for part in safe.split("/"))
    assert safe.isascii()
    assert safe.isprintable()


@settings(max_examples=100)
@given(st.binary(max_size=80) | st.text(alphabet='{}[]":,linetxpah0159\\ud\n', max_size=80))
def test_any_output_is_read_or_refused(output: bytes | str) -> None:
    found = FoundInFiles({"a.py": b"a\nb"}, Path("/work"))
    given_output = output if isinstance(output, bytes) else output.encode("utf-8", "replace")
    for add in (found.add_lines, lambda data: found.add_sarif(data, Filter())):
        try:
            add(given_output)
        except ReportError:
            continue
    assert set(found.matches) <= {"a.py"}


def test_a_full_disk_is_not_a_failure_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    finder = Command().compile([options(FINDS_X, "{file}")])

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(ProgramUnavailableError, match="folder cannot be used: No space left"):
        list(finder("a.py", b"x"))
