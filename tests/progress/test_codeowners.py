"""CODEOWNERS rules, from the documentation of both forges."""

from __future__ import annotations

import pytest

from headway.progress.codeowners import CodeOwners, Dialect, has_sections


def owners(text: str, dialect: Dialect, path: str) -> list[tuple[str, ...]]:
    return [line.owners for line in CodeOwners(text, dialect).deciding(path)]


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", "a.py", True),
        ("*", "deep/er/a.py", True),
        ("/*", "a.py", True),
        ("/*", "deep/a.py", False),
        ("*.js", "a.js", True),
        ("*.js", "deep/er/a.js", True),
        ("*.js", "a.json", False),
        ("/build/logs/", "build/logs/today", True),
        ("/build/logs/", "build/logs/deep/today", True),
        ("/build/logs/", "other/build/logs/today", False),
        ("/build/logs/", "build/logs", False),
        ("docs/*", "docs/start.md", True),
        ("docs/*", "docs/build/trouble.md", False),
        ("docs/*", "sub/docs/start.md", False),
        ("apps/", "apps/a", True),
        ("apps/", "deep/apps/er/a", True),
        ("apps/", "myapps/a", False),
        ("/apps/github", "apps/github", True),
        ("/apps/github", "apps/github/deep/a", True),
        ("/apps/github", "apps/githubs", False),
        ("**/logs", "logs/a", True),
        ("**/logs", "deep/er/logs/a", True),
        ("**/logs", "deep/mylogs/a", False),
        ("/docs/**", "docs/deep/a", True),
        ("/docs/**/a.md", "docs/a.md", True),
        ("/docs/**/a.md", "docs/deep/er/a.md", True),
        ("a?.py", "ab.py", True),
        ("a?.py", "a.py", False),
        ("with\\ space.py", "with space.py", True),
        ("README", "readme", False),
        ("a+b(c).py", "a+b(c).py", True),
        ("ünïcode.py", "deep/ünïcode.py", True),
        # supported in .gitignore, but not in CODEOWNERS
        ("!a.py", "b.py", False),
        ("!a.py", "!a.py", False),
        ("[ab].py", "a.py", False),
        ("\\#a.py", "#a.py", False),
    ],
)
def test_github_patterns(pattern: str, path: str, matches: bool) -> None:
    assert owners(f"{pattern} @x\n", "github", path) == ([("@x",)] if matches else [])


def test_on_github_the_last_matching_line_decides() -> None:
    text = """
# comment
*       @everybody
*.py    @python ada@example.com @acme/py   # and why
/apps/  @apps
/apps/github
broken.py not-an-owner
"""
    assert owners(text, "github", "a.txt") == [("@everybody",)]
    assert owners(text, "github", "a.py") == [("@python", "ada@example.com", "@acme/py")]
    assert owners(text, "github", "apps/a.py") == [("@apps",)]
    assert owners(text, "github", "apps/github/a.py") == [()]
    assert owners(text, "github", "broken.py") == [("@python", "ada@example.com", "@acme/py")]


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*", "deep/a.py", True),
        ("README.md", "README.md", True),
        ("README.md", "deep/er/README.md", True),
        ("/README.md", "deep/README.md", False),
        ("/docs/", "docs/a.md", True),
        ("/docs/", "docs/deep/a.md", True),
        ("lib/", "deep/lib/a.rb", True),
        ("/docs/*", "docs/a.md", True),
        ("/docs/*", "docs/deep/a.md", False),
        ("docs/*.md", "deep/docs/a.md", True),
        ("/docs/**/*.md", "docs/a.md", True),
        ("/docs/**/*.md", "docs/deep/er/a.md", True),
        ("/docs/**/index.md", "docs/api/graphql/index.md", True),
        ("/config", "config/a", False),
        ("\\#pound.rb", "#pound.rb", True),
        ("path\\ with\\ spaces/", "path with spaces/a", True),
        ("[ab].py", "deep/a.py", False),
        ("x[ab].py", "xa.py", True),
        ("x[^ab].py", "xa.py", False),
        ("x[^ab].py", "xc.py", True),
        ("x[b-a].py", "xa.py", False),
        ("/", "deep/a", True),
        (".*", "deep/.hidden", True),
    ],
)
def test_gitlab_patterns(pattern: str, path: str, matches: bool) -> None:
    assert owners(f"{pattern} @x\n", "gitlab", path) == ([("@x",)] if matches else [])


GITLAB = """
* @everybody
!*.lock

[Documentation] @docs
docs/
README.md @writers

^[Database][2] @dba
/migrations/
!/migrations/fixtures/
/migrations/fixtures/keep.sql @late
/migrations/big/ @dba @acme/data

[DOCUMENTATION]
README.md @owners-of-readme

[Nobody]
alone.txt
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", [("@everybody",)]),
        ("deep/a.lock", []),
        ("docs/a", [("@everybody",), ("@docs",)]),
        ("deep/docs/a", [("@everybody",), ("@docs",)]),
        ("README.md", [("@everybody",), ("@owners-of-readme",)]),
        ("migrations/1.sql", [("@everybody",), ("@dba",)]),
        ("migrations/big/1.sql", [("@everybody",), ("@dba", "@acme/data")]),
        ("migrations/fixtures/a.sql", [("@everybody",)]),
        ("migrations/fixtures/keep.sql", [("@everybody",)]),
        ("alone.txt", [("@everybody",), ()]),
    ],
)
def test_gitlab_sections_decide_independently(path: str, expected: list[tuple[str, ...]]) -> None:
    assert owners(GITLAB, "gitlab", path) == expected


def test_optional_sections_come_last() -> None:
    text = "^[Optional]\n*.py @maybe\n[Needed]\n*.py @must\n"
    assert owners(text, "gitlab", "a.py") == [("@must",), ("@maybe",)]
    assert has_sections(text)
    assert not has_sections("*.py @a\n# [no]\n")


def test_a_hostile_file_takes_time_in_proportion_to_its_size() -> None:
    text = "**/a" * 2000 + " @x\n" + "*a" * 3000 + " @y\n" + "* @z\n"
    for dialect in ("github", "gitlab"):
        assert owners(text, dialect, "a/" * 500 + "b") == [("@z",)]
