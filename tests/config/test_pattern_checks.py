"""Patterns that cannot match what was intended are reported, with suggested corrections."""

from __future__ import annotations

from pathlib import Path

import pytest

from headway.config.pattern_checks import Kind, pattern_fault
from headway.config.teams_file import load_teams
from tests.support.definitions import printed, problems_in


@pytest.mark.parametrize(
    ("pattern", "message", "hint"),
    [
        ("**/*.{ts,tsx}", "contains braces", "write `**/*.ts`, `**/*.tsx`"),
        ("!{a,b}/{c,d}", "contains braces", "write `!a/c`, `!a/d`, `!b/c`, `!b/d`"),
        ("v{1..3}/*", "contains braces", "write one pattern for each alternative"),
        ("{a,{b,c}}", "contains braces", "write one pattern for each alternative"),
        ("{a,b}" * 30, "contains braces", "write one pattern for each alternative"),
        ("./src/*.py", "begins with `./`", "write `src/*.py`"),
        ("./setup.py", "begins with `./`", "write `/setup.py`"),
        ("!./src/", "begins with `./`", "write `!src/`"),
        (".py", "matches only files with exactly this name", "write `*.py`"),
        ("!.min.js", None, None),
        ("**.py", "has `**` next to other characters", "write `*.py`, `**/*.py`"),
        ("src/**.py", "has `**` next to other characters", "write `src/*.py`, `src/**/*.py`"),
        (r"src\main\App.java", "contains a backslash", "write `src/main/App.java`"),
        (r".*\.py$", "looks like a regular expression", "write a pattern as in .gitignore"),
        ("^src/", "looks like a regular expression", "write a pattern as in .gitignore"),
        ("(src|lib)/*.py", "looks like a regular expression", "write a pattern as in .gitignore"),
        ("[[:alpha:]]*.py", "contains `[:alpha:]`", "write `[a-zA-Z]*.py`"),
        ("[z-a].py", "contains the range `z-a`", "write `[a-z].py`"),
        ("[a.py", "has a `[` without a `]`", "close it"),
        (
            "/home/ada/shop/src/*.py",
            "is an absolute path",
            "relative to the root of the repository",
        ),
        (r"C:\shop\*.py", "is an absolute path", "relative to the root of the repository"),
        ("~/shop/*.py", "is an absolute path", "relative to the root of the repository"),
        ("*.py ", "begins or ends with a space", "write `*.py`"),
        ("! vendor/", "begins or ends with a space", "write `!vendor/`"),
        ("!!vendor/", "begins with more than one `!`", "write `!vendor/`"),
        ("!", "matches nothing", "write `!**`"),
        ("/", "matches nothing", "write `**`"),
        ("#vendor", "begins with `#`", r"write `\#vendor`"),
        (
            "src/../*.py",
            "has a part between slashes that is `.`, `..` or empty (`//`)",
            "write `src/*.py`",
        ),
        (
            "src//*.py",
            "has a part between slashes that is `.`, `..` or empty (`//`)",
            "write `src/*.py`",
        ),
        ("*.py, *.pyi", "contains several patterns", "write `*.py`, `*.pyi`"),
        ("\bsrc", "contains the control character U+0008", "single quotes"),
        ("src\n", "contains the control character U+000A", "single quotes"),
    ],
)
def test_a_path_pattern_with_a_fault_is_refused_with_what_to_write(
    pattern: str, message: str | None, hint: str | None
) -> None:
    fault = pattern_fault(pattern, "path")
    if message is None or hint is None:
        assert fault is None
        return
    assert fault is not None
    assert fault.message.startswith(message)
    assert hint in fault.hint


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("https://github.com/acme/shop", "write `acme/shop`"),
        ("https://gitlab.example.com/acme/platform/shop.git", "write `acme/platform/shop`"),
        ("git@github.com:acme/shop.git", "write `acme/shop`"),
        ("!acme/shop.git", "write `!acme/shop`"),
        ("acme/{shop,pay}", "write `acme/shop`, `acme/pay`"),
        ("./acme/shop", "write `acme/shop`"),
    ],
)
def test_a_repository_pattern_with_a_fault_is_refused(pattern: str, hint: str) -> None:
    fault = pattern_fault(pattern, "repository")
    assert fault is not None
    assert hint in fault.hint


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ("**", "path"),
        ("*", "path"),
        ("!**/vendor/**", "path"),
        ("!/vendor/", "path"),
        (".travis.yml", "path"),
        (".npmrc", "path"),
        (".env", "path"),
        (r"app/\[id\]/page.tsx", "path"),
        (r"\#notes", "path"),
        ("[!a-c]?.py", "path"),
        ("[]a]", "path"),
        ("{{cookiecutter.slug}}/*.py", "path"),
        ("my file.txt", "path"),
        ("docs/**/index.md", "path"),
        ("a,b.csv", "path"),
        ("acme/*", "repository"),
        ("*-archive", "repository"),
        ("acme/.github", "repository"),
        ("acme/node.js", "repository"),
    ],
)
def test_a_pattern_without_a_fault_is_accepted(pattern: str, kind: Kind) -> None:
    assert pattern_fault(pattern, kind) is None


def test_faults_are_reported_at_their_places_in_every_key(tmp_path: Path) -> None:
    text = """
        title: a
        scope: {repositories: [acme/shop.git]}
        deprecated: [{id: one, scanner: file, paths: ['*.{js,ts}', .py]}]
        replacement: [{id: two, scanner: file, paths: ./setup.py}]
        milestones: [{name: m, due: 2026-01-01, repositories: ['!!a']}]
        exemptions: [{reason: a, until: 2026-01-01, repositories: 'a ', paths: ['b//c']}]
    """
    found = [line for line in problems_in(tmp_path, text).splitlines() if "-->" in line]
    assert [line.partition("yaml")[2] for line in found] == [
        ":2:24",
        ":3:47",
        ":3:60",
        ":4:47",
        ":5:56",
        ":6:59",
        ":6:73",
    ]


def test_an_exclusion_before_the_patterns_that_it_limits_is_refused(tmp_path: Path) -> None:
    text = """
        title: a
        deprecated: [{id: one, scanner: file, paths: ['!vendor/', '*.py', '!dist/']}]
    """
    assert problems_in(tmp_path, text) == printed("""
        error: the pattern `!vendor/` excludes nothing, because no earlier pattern includes anything
          --> six.yaml:2:47
           |
         2 | deprecated: [{id: one, scanner: file, paths: ['!vendor/', '*.py', '!dist/']}]
           |                                               ^
          help: move it to the end: the last matching pattern decides
    """)


@pytest.mark.parametrize("escape", ["\\b", "\\f", "\\v", "\\a", "\\e", "\\0"])
def test_a_control_character_in_a_pattern_is_refused(tmp_path: Path, escape: str) -> None:
    text = (
        "title: a\ndeprecated:\n"
        f'  - {{id: one, scanner: regex, pattern: "{escape}import six", paths: ["*.py"]}}\n'
    )
    found = problems_in(tmp_path, text)
    assert "six.yaml:3:40" in found
    assert f"in double quotes, `{escape}` stands for this character" in found


def test_a_control_character_in_a_sample_is_allowed(tmp_path: Path) -> None:
    text = 'title: a\ndeprecated: [{id: one, scanner: regex, pattern: six, sample: "\\e six"}]\n'
    assert problems_in(tmp_path, text) == ""


def test_patterns_of_teams_are_checked(tmp_path: Path) -> None:
    (tmp_path / "teams.yaml").write_text("teams: [{name: a, repositories: './a', paths: .py}]\n")
    problems = load_teams(tmp_path).problems
    assert [problem.help for problem in problems] == ["write `/a`", "write `*.py`"]
