"""CODEOWNERS files are read as the manuals of GitHub and GitLab describe."""

from __future__ import annotations

import pytest

from headway.git.path_encoding import text_of, with_stand_ins
from headway.progress.codeowners import CodeOwners, Dialect, looks_like_gitlab


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
        # These patterns are supported in .gitignore, but not in CODEOWNERS.
        ("!a.py", "b.py", False),
        ("!a.py", "!a.py", False),
        ("[ab].py", "a.py", False),
        ("\\#a.py", "#a.py", False),
    ],
)
def test_github_patterns_match_as_documented(pattern: str, path: str, matches: bool) -> None:
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
        ("x[ab.py", "x[ab.py", False),
        ("x[ab.py", "xa", False),
        ("x[!ab].py", "xc.py", True),
        ("x[^a]y", "x/y", False),
        # A ** segment matches any number of folders, unless it is the last segment. In all other
        # positions, ** means *.
        ("/docs/**", "docs/a.md", True),
        ("/docs/**", "docs/api/a.md", False),
        ("/docs/**/*", "docs/api/deep/a.md", True),
        ("/**/a.md", "a.md", True),
        ("/**/**/a.md", "x/y/a.md", True),
        ("/a**/b", "ax/b", True),
        ("/a**/b", "ax/y/b", False),
        ("**", "deep/a", True),
        ("docs", "docs/a", False),
        ("ee/docs", "x/ee/docs", True),
        ("/", "deep/a", True),
        (".*", "deep/.hidden", True),
    ],
)
def test_gitlab_patterns_match_as_documented(pattern: str, path: str, matches: bool) -> None:
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
        ("docs/a", [("@docs",), ("@everybody",)]),
        ("deep/docs/a", [("@docs",), ("@everybody",)]),
        ("README.md", [("@owners-of-readme",), ("@everybody",)]),
        ("migrations/1.sql", [("@dba",), ("@everybody",)]),
        ("migrations/big/1.sql", [("@dba", "@acme/data"), ("@everybody",)]),
        ("migrations/fixtures/a.sql", [("@everybody",)]),
        ("migrations/fixtures/keep.sql", [("@everybody",)]),
        ("alone.txt", [(), ("@everybody",)]),
    ],
)
def test_gitlab_sections_decide_independently(path: str, expected: list[tuple[str, ...]]) -> None:
    assert owners(GITLAB, "gitlab", path) == expected


def test_optional_sections_come_last() -> None:
    text = "^[Optional]\n*.py @maybe\n[Needed]\n*.py @must\n"
    assert owners(text, "gitlab", "a.py") == [("@must",), ("@maybe",)]
    assert looks_like_gitlab(text)
    assert not looks_like_gitlab("*.py @a\n# [no]\n")


HUB = """\
# a shortened example from GitHub's manual
*       @global-1 @global-2
*.js    @js-owner #an inline comment
*.go    docs@example.com
*.txt   @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.com
apps/   @octocat
/docs/  @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/  @octocat
/apps/github
"""
LAB = """\
# shortened examples from GitLab's manual
* @default
README.md @docs-team @lead
*.rb @ruby
\\#file_with_pound.rb @pound
LICENSE @legal jane@example.com
README @group @group/with-nested/subgroup
/docs/ @all-docs
/docs/* @root-docs
/docs/**/*.md @markdown-docs  # in any folder
/db/**/index.md @index-docs
lib/ @lib
/config/ @@maintainer
path\\ with\\ spaces/ @space
"""
SECTIONS = """\
* @admin
[README Owners]
README.md @user1 @user2
internal/README.md @user4
[README other owners]
README.md @user3
"""
DEFAULTS = """\
[Documentation] @docs-team
docs/
README.md
[Database] @database-team @agarcia
model/db/
config/db/database-setup.md @docs-team
"""
EXCLUSIONS = """\
* @username
!pom.xml
[Ruby]
*.rb @ruby-team
!/config/**/*.rb
/config/routes.rb @ops
"""
APPROVALS = "[Documentation][2] @docs-team\ndocs/\n^[Database] @dba\nmodel/db/\n"
COMBINED = """\
[Documentation]
ee/docs/ @docs
docs/ @docs
[Database]
README.md @database
model/db/ @database
[DOCUMENTATION]
README.md @docs
"""
BROKEN = "[Docs]\ndocs/**/* @group\n[Section name\ndocs/ @docs_group\n"


@pytest.mark.parametrize(
    ("dialect", "text", "path", "expected"),
    [
        # These cases are from GitHub's page "About code owners".
        ("github", HUB, "a.c", "@global-1 @global-2"),
        ("github", HUB, "deep/a.c", "@global-1 @global-2"),
        ("github", HUB, "a.js", "@js-owner"),
        ("github", HUB, "a.go", "docs@example.com"),
        ("github", HUB, "deep/a.txt", "@octo-org/octocats"),
        ("github", HUB, "build/logs/x/y", "@octocat"),
        ("github", HUB, "sub/build/logs/x", "@octocat"),
        ("github", HUB, "sub/docs/a.c", "@global-1 @global-2"),
        ("github", HUB, "sub/apps/a.c", "@octocat"),
        ("github", HUB, "docs/start.md", "@doctocat"),
        ("github", HUB, "docs/build/trouble.md", "@doctocat"),
        ("github", HUB, "scripts/x", "@doctocat @octocat"),
        ("github", HUB, "deeply/nested/logs/x", "@octocat"),
        ("github", HUB, "apps/x", "@octocat"),
        ("github", HUB, "apps/github", ""),
        ("github", HUB, "apps/github/x", ""),
        ("github", HUB, "Apps/x", "@global-1 @global-2"),
        ("github", "docs/*  d@example.com\n", "docs/start.md", "d@example.com"),
        ("github", "docs/*  d@example.com\n", "docs/build/trouble.md", None),
        ("github", "/build/logs/ @d\n", "sub/build/logs/x", None),
        ("github", "* @a\n\\#x @b\n", "#x", "@a"),
        ("github", "* @a\n!x @b\n", "x", "@a"),
        ("github", "* @a\n[xy] @b\n", "x", "@a"),
        ("github", "* @a\nx b\n", "x", "@a"),
        ("github", "* @a\nx @b not-an-owner\n", "x", "@a"),
        ("github", "* @a\nx @@maintainer\n", "x", "@a"),
        ("github", "* @a\nx @a/b/c\n", "x", "@a"),
        ("github", "* @a\n[Docs] @b\nx\n", "x", ""),
        ("github", "* @a @b # c @d\n", "x", "@a @b"),
        ("github", "  * \t @a\r\n", "x", "@a"),
        ("github", "\ufeff* @a\r\n\r\n# x\r\n", "x", "@a"),
        ("github", "with\\ space/ @a\n", "with space/x", "@a"),
        ("github", "with space/ @a\n", "with space/x", None),
        # These cases are from GitLab's pages about the syntax of CODEOWNERS files.
        ("gitlab", LAB, "a.c", "@default"),
        ("gitlab", LAB, "deep/README.md", "@docs-team @lead"),
        ("gitlab", LAB, "deep/a.rb", "@ruby"),
        ("gitlab", LAB, "#file_with_pound.rb", "@pound"),
        ("gitlab", LAB, "LICENSE", "@legal jane@example.com"),
        ("gitlab", LAB, "README", "@group @group/with-nested/subgroup"),
        ("gitlab", LAB, "docs/a.txt", "@root-docs"),
        ("gitlab", LAB, "docs/deep/a.txt", "@all-docs"),
        ("gitlab", LAB, "docs/a.md", "@markdown-docs"),
        ("gitlab", LAB, "docs/deep/er/a.md", "@markdown-docs"),
        ("gitlab", LAB, "db/index.md", "@index-docs"),
        ("gitlab", LAB, "db/x/y/index.md", "@index-docs"),
        ("gitlab", LAB, "x/lib/y/a", "@lib"),
        ("gitlab", LAB, "config/a", "@@maintainer"),
        ("gitlab", LAB, "x/config/a", "@default"),
        ("gitlab", LAB, "x/path with spaces/a", "@space"),
        ("gitlab", "/docs/index.* @a\n", "docs/index.html", "@a"),
        ("gitlab", "/docs/*spec* @a\n", "docs/qa_specs.rb", "@a"),
        ("gitlab", "/docs/*spec* @a\n", "docs/x/qa_specs.rb", None),
        ("gitlab", "/docs/*/README.md @a\n", "docs/api/README.md", "@a"),
        ("gitlab", "/docs/*/README.md @a\n", "docs/README.md", None),
        ("gitlab", "/docs/**/index.md @a\n", "docs/index.md", "@a"),
        ("gitlab", "/README.md @a\n", "docs/README.md", None),
        ("gitlab", "internal/README.md @a\n", "docs/internal/README.md", "@a"),
        ("gitlab", "* @a\n", ".gitignore", "@a"),
        ("gitlab", "*.md @a\nterms.md @b\n", "terms.md", "@b"),
        ("gitlab", "x @a\nx @b\n", "x", "@b"),
        ("gitlab", SECTIONS, "README.md", "@user1 @user2, @user3, @admin"),
        ("gitlab", SECTIONS, "internal/README.md", "@user4, @user3, @admin"),
        ("gitlab", DEFAULTS, "docs/a", "@docs-team"),
        ("gitlab", DEFAULTS, "model/db/a", "@database-team @agarcia"),
        ("gitlab", DEFAULTS, "config/db/database-setup.md", "@docs-team"),
        ("gitlab", EXCLUSIONS, "a.c", "@username"),
        ("gitlab", EXCLUSIONS, "pom.xml", None),
        ("gitlab", EXCLUSIONS, "a.rb", "@ruby-team, @username"),
        ("gitlab", EXCLUSIONS, "config/x/a.rb", "@username"),
        ("gitlab", EXCLUSIONS, "config/routes.rb", "@username"),
        ("gitlab", APPROVALS, "docs/a", "@docs-team"),
        ("gitlab", APPROVALS, "model/db/a", "@dba"),
        ("gitlab", COMBINED, "README.md", "@docs, @database"),
        ("gitlab", COMBINED, "ee/docs/a", "@docs"),
        ("gitlab", "^[A]\n*.go @a\n[a]\n*.rb @b\n[C]\n*.go @c\n", "x.go", "@a, @c"),
        ("gitlab", "^[A]\n*.go @a\n^[a]\n*.rb @b\n[C]\n*.go @c\n", "x.go", "@c, @a"),
        ("gitlab", BROKEN, "docs/x/a", "@docs_group"),
        ("gitlab", "* @group\n[Section name\ndocs/ @docs\n", "docs/a", "@docs"),
        ("gitlab", "folder with spaces/*.md @g\n", "folder", "@g"),
        ("gitlab", "/path/* @g user_without_at @u\n", "path/a", "@g @u"),
        ("gitlab", "x @@developer @@maintainers @@guest\n", "x", "@@developer @@maintainers"),
        ("gitlab", "x # ask @a/b, (@c) or d@example.com.\n", "x", "@a/b @c d@example.com"),
        ("gitlab", "# x @a\n", "x", None),
        ("gitlab", "[C] @c # @d\nx\n", "x", "@c"),
        ("gitlab", "[C] @c\nx # no owner\n", "x", "@c"),
        ("gitlab", "x\n", "x", ""),
        ("gitlab", "\ufeff[C] @c\r\nx\r\n", "x", "@c"),
        ("gitlab", "X @a\n", "x", None),
    ],
)
def test_examples_from_both_manuals_have_the_documented_owners(
    dialect: Dialect, text: str, path: str, expected: str | None
) -> None:
    sections = [] if expected is None else [tuple(part.split()) for part in expected.split(", ")]
    assert owners(text, dialect, path) == sections


@pytest.mark.parametrize("dialect", ["github", "gitlab"])
def test_paths_with_arbitrary_bytes_can_have_owners(dialect: Dialect) -> None:
    text = with_stand_ins(b"caf\xe9/*.py @a\n/\xc3\xa9/ @b\n")
    assert owners(text, dialect, text_of(b"caf\xe9/x.py")) == [("@a",)]
    assert owners(text, dialect, text_of(b"caf\xe8/x.py")) == []
    assert owners(text, dialect, "é/x") == [("@b",)]
    assert owners("/a/ @a\n", dialect, text_of(b"a/\xff\n")) == [("@a",)]


@pytest.mark.fault(46)
@pytest.mark.parametrize("dialect", ["github", "gitlab"])
@pytest.mark.parametrize("line", ["\\", "\\ @ada", "a.py\\", "a\\\\\\ @ada", "[ @ada", "^["])
def test_a_pattern_that_ends_in_the_middle_affects_no_other_line(
    dialect: Dialect, line: str
) -> None:
    assert owners(f"*.py @all\n{line}\n", dialect, "a.py")[0] == ("@all",)


def test_a_hostile_file_takes_time_in_proportion_to_its_size() -> None:
    text = "**/a" * 2000 + " @x\n" + "*a" * 3000 + " @y\n" + "* @z\n"
    for dialect in ("github", "gitlab"):
        assert owners(text, dialect, "a/" * 500 + "b") == [("@z",)]
