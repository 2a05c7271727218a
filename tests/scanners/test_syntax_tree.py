"""The `ast` scanner finds code patterns, and symbols regardless of how they are imported."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.scanner import Match
from scanners._syntax_tree.languages import LANGUAGES, grammar_for
from scanners._syntax_tree.prefilter import Prefilter, needs_of_text
from scanners._syntax_tree.trees import Tree
from scanners.syntax_tree import SyntaxTreeOptions
from tests.support.definitions import problems_in
from tests.support.scanning import content_scanner, matches_in, places_in

UnreadableFileError = sys.modules[
    f"{content_scanner('ast').__module__.rpartition('.')[0]}._syntax_tree.trees"
].UnreadableFileError
"""The class that the loaded plugin uses. Importing the module again would create another class."""

ROOT = Path(__file__).parents[2]
UTCNOW = {"language": "python", "symbol": "datetime.datetime.utcnow"}
YAML = {"language": "python", "symbol": "yaml.load"}
RENDER = {"language": "javascript", "symbol": "react-dom:render"}

PYTHON_USES: list[tuple[dict[str, Any], str, list[int]]] = [
    (UTCNOW, "import datetime\nx = datetime.datetime.utcnow()\n", [2]),
    (UTCNOW, "import datetime as dt\ndt.datetime.utcnow().isoformat()\n", [2]),
    (UTCNOW, "from datetime import datetime as D\nfield(default=D.utcnow)\n", [2]),
    (UTCNOW, "from datetime import *\ndatetime.utcnow()\n", [2]),
    (UTCNOW, "from oslo_utils import timeutils\ntimeutils.utcnow()\n", []),
    (UTCNOW, "import datetime\n# datetime.datetime.utcnow()\n'datetime.datetime.utcnow()'\n", []),
    (UTCNOW, "import datetime\nf'{datetime.datetime.utcnow()}'\n", [2]),
    (UTCNOW, "import datetime\nprint datetime.datetime.utcnow()\n", [2]),
    (UTCNOW, "from .datetime import datetime\ndatetime.utcnow()\n", []),
    (UTCNOW, "class A:\n  datetime = 1\n  def utcnow(self): return datetime.utcnow()\n", []),
    (
        UTCNOW,
        (
            "from datetime import datetime\ndef f(datetime):\n    return datetime.utcnow()\n"
            "def g(now=datetime.utcnow()):\n    pass\n"
        ),
        [4],
    ),
    (
        UTCNOW,
        (
            "from datetime import datetime\nclass A:\n    datetime = None\n"
            "    def f(self):\n        return datetime.utcnow()\n"
        ),
        [5],
    ),
    (
        UTCNOW,
        (
            "def f():\n    from datetime import datetime\n    datetime.utcnow()\n"
            "def g():\n    datetime.utcnow()\n"
        ),
        [3],
    ),
    (
        UTCNOW,
        (
            "def f():\n    global datetime\n    from datetime import datetime\n"
            "def g():\n    datetime.utcnow()\n"
        ),
        [5],
    ),
    (
        UTCNOW,
        (
            "import datetime\nfor datetime in days:\n    pass\n"
            "[datetime.utcnow() for datetime in days]\n"
        ),
        [],
    ),
    (
        YAML,
        "try:\n    from yaml import load\nexcept ImportError:\n    load = None\nload(x)\n",
        [5],
    ),
    (YAML, "import yaml\nlambda yaml: yaml.load(x)\nlambda: yaml.load(x)\n", [3]),
    (YAML, "import yaml\nwith a as (yaml, b):\n    pass\ndef f(x: yaml.load): pass\n", [4]),
    (YAML, "import yaml\n@yaml.load\ndef f(*yaml, **load): return yaml.load\n", [2]),
    (YAML, "import yaml\nmatch x:\n    case yaml.load: pass\n", [3]),
]


@pytest.mark.parametrize(("options", "text", "lines"), PYTHON_USES)
def test_python_symbols_are_found_however_they_were_imported(
    options: dict[str, Any], text: str, lines: list[int]
) -> None:
    assert [match.line for match in matches_in("ast", "a.py", text, **options)] == lines


JAVASCRIPT_USES: list[tuple[str, list[tuple[int, int]]]] = [
    ("import R from 'react-dom'\nR.render(a)", [(2, 1)]),
    ("import * as R from 'react-dom'\nR['render'](a)", [(2, 1)]),
    ("import { render as r, hydrate } from 'react-dom'\nr(a); hydrate(b)", [(2, 1)]),
    ("import { default as R } from 'react-dom'\nR.render(a)", [(2, 1)]),
    ("const R = require('react-dom')\nR.render(<A/>)", [(2, 1)]),
    ("const { render: r = null, hydrate } = require('react-dom')\nr(a)", [(2, 1)]),
    ("const R = require('react-dom')\nconst { render } = R\nrender(a)", [(3, 1)]),
    ("require('react-dom').render(a)", [(1, 1)]),
    ("let r\ntry { r = require('react-dom').render } catch (e) {}\nr(a)", [(3, 1)]),
    ("const { render } = await import('react-dom')\nrender(a)", [(2, 1)]),
    ("var R = _interopRequireDefault(require('react-dom'))\nR.default.render(a)", [(2, 1)]),
    ("import R from 'react-dom'\nfunction f(R) { R.render(a) }", []),
    ("import R from 'react-dom'\n{ const R = 1; R.render(a) }\nR.render(a)", [(3, 1)]),
    ("import R from 'react-dom'\nif (a) { var R = 1 }\nR.render(a)", [(3, 1)]),
    ("import { render } from '@testing-library/react'\nrender(a) // react-dom", []),
    ("import R from 'react-dom'\n// R.render(a)\n'R.render(a)'", []),
    ("import { render } from 'react-dom'\nconst o = { render, x: { render: 1 } }", [(2, 13)]),
    ("import { render } from 'react-dom'\nnew render(a)", [(2, 1)]),
]


@pytest.mark.parametrize(("text", "places"), JAVASCRIPT_USES)
def test_javascript_symbols_are_found_however_they_were_imported(
    text: str, places: list[tuple[int, int]]
) -> None:
    found = places_in("ast", "a.js", text, **RENDER)
    assert [(line, column) for _, line, column in found] == places


@pytest.mark.parametrize("path", ["a.ts", "a.tsx", "a.js", "a.mjs", "a.vue.ts"])
def test_typescript_uses_the_grammar_of_the_file(path: str) -> None:
    text = "import fs = require('node:fs')\nimport type { Stats } from 'fs'\nfs!.existsSync(a as B)"
    typed = {"language": "typescript", "symbol": ["fs:existsSync", "fs:Stats"]}
    assert [line for _, line, _ in places_in("ast", path, text, **typed)] == [3]


def test_the_usage_selects_calls_references_and_imports() -> None:
    text = "from imp import reload as r, find_module\nr(m)\nmap(r, ms)\nimport imp\n"
    every = {"language": "python", "symbol": ["imp", "imp.*"]}
    for usage, lines in (("import", [1, 4]), ("call", [2]), ("reference", [3])):
        found = matches_in("ast", "a.py", text, **every, usage=usage)
        assert [match.line for match in found] == lines
    (called,) = matches_in("ast", "a.py", text, **every, usage="call")
    assert called.captures == {"symbol": "imp.reload"}


def test_a_pattern_can_require_a_symbol() -> None:
    text = "from yaml import load as l\nl(x)\nl(x, Loader=L)\nother(x)\n"
    (match,) = matches_in("ast", "a.py", text, **YAML, pattern="$SYMBOL($DATA)")
    assert (match.line, match.captures) == (2, {"DATA": "x", "symbol": "yaml.load"})


PATTERNS: list[tuple[str, dict[str, Any], str, list[tuple[int, dict[str, str]]]]] = [
    (
        "a.go",
        {"language": "go", "rule": {"kind": "import_spec", "regex": "io/ioutil"}},
        'package a\n\nimport (\n\t"io/ioutil"\n)\n// "io/ioutil"\n',
        [(4, {})],
    ),
    (
        "A.java",
        {"language": "java", "pattern": "new Integer($N)"},
        "class A { int a = new Integer(1); /* new Integer(2) */ }",
        [(1, {"N": "1"})],
    ),
    (
        "a.rs",
        {"language": "rust", "pattern": "std::mem::uninitialized()"},
        "fn main() {\n    let x: u8 = unsafe { std::mem::uninitialized() };\n}\n",
        [(2, {})],
    ),
    (
        "a.rb",
        {"language": "ruby", "pattern": "File.exists?($PATH)"},
        "if File.exists?(path)\n  # File.exists?(path)\nend\n",
        [(1, {"PATH": "path"})],
    ),
    (
        "a.php",
        {"language": "php", "rule": {"kind": "function_call_expression", "regex": "^each"}},
        "<?php\nwhile (list($k, $v) = each($a)) { echo 'each($a)'; }\n",
        [(2, {})],
    ),
    (
        "a.tf",
        {"language": "hcl", "rule": {"kind": "template_interpolation", "regex": "var[.]old"}},
        'a = "${var.old}"\nb = var.old\n',
        [(1, {})],
    ),
    (
        "a.py",
        {
            "language": "python",
            "pattern": "requests.get($URL)",
            "constraints": {"URL": {"regex": "^'http:"}},
        },
        "requests.get('https://a')\nrequests.get('http://b')\n",
        [(2, {"URL": "'http://b'"})],
    ),
    (
        "a.py",
        {
            "language": "python",
            "rule": {
                "pattern": "open($$$ARGS)",
                "not": {"inside": {"kind": "with_item", "stopBy": "end"}},
            },
        },
        "with open(a) as f: pass\nf = open(a,\n  'rb')\n",
        [(2, {"ARGS": "a,'rb'"})],
    ),
]


@pytest.mark.parametrize(("path", "options", "text", "found"), PATTERNS)
def test_patterns_find_code_but_no_comments_or_strings(
    path: str, options: dict[str, Any], text: str, found: list[tuple[int, dict[str, str]]]
) -> None:
    matches = matches_in("ast", path, text, **options)
    assert [(match.line, match.captures) for match in matches] == found


def test_the_text_of_a_match_is_its_first_lines() -> None:
    text = "x = call(\r\n    1,\r\n    2,\r\n    3,\r\n)\r\n"
    (match,) = matches_in("ast", "a.py", text, language="python", pattern="call($$$)")
    assert match.text == "x = call(\n    1,\n    2,"
    assert (match.line, match.column) == (1, 5)


def test_columns_count_characters_and_invalid_bytes_are_escaped() -> None:
    content = "é = '😀', call('ü".encode() + b"\xff')\n"
    (match,) = matches_in("ast", "a.py", content, language="python", pattern="call($A)")
    assert (match.text, match.column) == ("é = '😀', call('ü\\xff')", 10)
    assert match.captures == {"A": "'ü\\xff'"}


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("import datetime\nx = = 1\ndatetime.datetime.utcnow()\n", True),
        ("import datetime\nx = = datetime.datetime.utcnow() (((\n", True),
        ("import datetime\nclass ]datetime.datetime. utcnow[\n", False),
        ("import datetime\n<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n", True),
    ],
)
def test_a_file_is_unreadable_if_a_broken_fragment_could_match(text: str, readable: bool) -> None:
    if readable:
        matches_in("ast", "a.py", text, **UTCNOW)
    else:
        with pytest.raises(UnreadableFileError, match=r"line 2, column .*does not parse"):
            matches_in("ast", "a.py", text, **UTCNOW)


def test_flow_annotations_parse() -> None:
    text = "import type { A } from './a'\nconst fs = require('fs')\n"
    text += "function f(x: ?A): void { fs.existsSync(x) }\n"
    found = matches_in("ast", "a.js", text, language="javascript", symbol="fs:existsSync")
    assert [match.line for match in found] == [3]


def search(content: bytes, *rules: dict[str, Any]) -> list[Match]:
    """Return the matches of rules in a file, or an empty list if the file is unreadable."""
    scanner = content_scanner("ast")
    with contextlib.suppress(UnreadableFileError):
        finder = scanner.compile([scanner.Options(**options) for options in rules])
        return [match for _, match in finder("a", content)]
    return []


FRAGMENTS = st.sampled_from(
    ["import yaml", "yaml.load(", ")", "(", "[", "{", "}", "'", '"""', "`${", "\n", "  ", "def f(",
     "lambda yaml:", "for yaml in", "=>", "const {load} = require('yaml')", "<a.b>", "\x00", "é",
     "\udcff", "😀", "=", ":", "@", "\\", "//", "#", "/*", "import {load} from 'yaml'", "class A",
     "global yaml", "match x:", "case yaml.load:", "as", ",", "*"]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(FRAGMENTS, max_size=30), st.sampled_from(["python", "javascript", "typescript"]))
def test_hostile_text_gives_matches_or_an_unreadable_file(parts: list[str], language: str) -> None:
    content = "".join(parts).encode("utf-8", "surrogateescape")
    symbol = "yaml.load" if language == "python" else "yaml:load"
    every = {"usage": ["call", "reference", "import"]}
    found = search(
        content,
        {"language": language, "symbol": symbol, **every},
        {"language": language, "pattern": "$A($B)"},
    )
    assert all(1 <= (match.line or 0) <= content.count(b"\n") + 1 for match in found)


@pytest.mark.parametrize(
    "text",
    [
        "import yaml\n" + "yaml.load(" * 2000,
        "import yaml\n" + "yaml.load(" * 2000 + ")" * 2000,
        "import yaml\n" + "lambda yaml: " * 2000 + "yaml.load",
        "import yaml\nyaml.load" + ".a" * 20_000,
        "import yaml\n" + "yaml.load%$#\n" * 3000,
    ],
)
@pytest.mark.parametrize(("language", "symbol"), [("python", "yaml.load"), ("tsx", "yaml:load")])
def test_deeply_nested_code_does_not_take_long(text: str, language: str, symbol: str) -> None:
    if language == "tsx":
        text = text.replace("import yaml", "import yaml from 'yaml'")
        text = text.replace("lambda yaml:", "yaml =>")
    start = time.process_time()
    search(text.encode(), {"language": language, "symbol": symbol})
    assert time.process_time() - start < 60


def test_every_language_has_a_grammar() -> None:
    for language in LANGUAGES:
        assert matches_in("ast", "a", "a", language=language, rule={"regex": "^a$"}) is not None
    assert grammar_for("javascript", "a.d.ts") == "typescript"
    assert grammar_for("python", "a.ts") == "python"


def test_the_version_contains_that_of_the_grammars() -> None:
    assert "ast-grep 0." in content_scanner("ast").version


@pytest.mark.parametrize(
    ("options", "value", "message"),
    [
        ("language: pyton, pattern: a", "pyton", "did you mean `python`?"),
        ("language: cobol, pattern: a", "cobol", "use one of bash, c, cpp"),
        ("language: python, pattern: 'foo('", "'foo(", "the pattern `foo(` does not parse"),
        ("language: go, symbol: os.Exit", "os.Exit", "symbols cannot be resolved in go"),
        ("language: python, symbol: a-b", "a-b", "`a-b` is not a Python symbol"),
        ("language: javascript, symbol: './a:b'", "'./a", "only symbols of packages"),
        ("language: python, rule: {kind: nope}", "{id", "Kind `nope` is invalid"),
        ("language: python", "{id", "add `symbol`, `pattern` or `rule`"),
        ("language: python, symbol: a.b, pattern: f($X)", "{id", "write `$SYMBOL`"),
    ],
)
def test_wrong_options_are_reported_at_their_place(
    tmp_path: Path, options: str, value: str, message: str
) -> None:
    rule = "title: a\ndeprecated:\n  - {id: one, scanner: ast, paths: ['*.py'], "
    text = f"{rule}{options}}}\n"
    problems = problems_in(tmp_path, text)
    assert message in problems
    assert f"six.yaml:3:{text.splitlines()[2].index(value) + 1}" in problems


def test_samples_are_checked_at_the_first_sample_path(tmp_path: Path) -> None:
    rule = """
        title: a
        deprecated:
          - id: one
            scanner: ast
            language: javascript
            symbol: fs:existsSync
            paths: ["*.ts"]
            sample_paths: a.ts
            sample: "import { existsSync as e } from 'fs'\\ne(a as string)"
            not_sample: ["e(a)", "// fs.existsSync(a)"]
    """
    assert problems_in(tmp_path, rule) == ""
    wrong = rule.replace("'fs'", "'gs'")
    assert "the rule `one` does not match its sample" in problems_in(tmp_path, wrong)


def test_without_the_package_a_campaign_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ast_grep_py", None)
    rule = "title: a\ndeprecated:\n  - {id: one, scanner: ast, paths: ['*.py'], language: python, "
    problems = problems_in(tmp_path, f"{rule}pattern: a}}\n")
    assert "needs the package ast-grep-py, which is not installed" in problems
    assert "pip install 'headway[ast]'" in problems


def test_other_scanners_do_not_import_the_package() -> None:
    code = (
        "import sys; from tests.support.scanning import matches_in; "
        "matches_in('regex', 'a', 'x', pattern='x'); print('ast_grep_py' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_extra_and_the_development_group_have_the_same_minimum() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    (extra,) = project["project"]["optional-dependencies"]["ast"]
    assert extra in project["dependency-groups"]["dev"]


CODE = [text for _, text, _ in PYTHON_USES] + [text for text, _ in JAVASCRIPT_USES]
RULES: list[dict[str, Any]] = [
    *({"pattern": pattern} for pattern in ("$A.utcnow()", "yaml.$X", "import $A", "f($$$B)")),
    {"rule": {"any": [{"pattern": "yaml.load"}, {"pattern": "datetime"}]}},
    {"rule": {"kind": "call", "has": {"pattern": "render", "stopBy": "end"}}},
    {"rule": {"all": [{"pattern": "yaml"}, {"not": {"pattern": "nothing"}}]}},
]


@pytest.mark.parametrize("options", RULES, ids=str)
def test_the_search_for_words_loses_no_match(options: dict[str, Any]) -> None:
    rule = SyntaxTreeOptions(language="python", **options).as_rule()
    needs = rule.needs()
    assert rule.config is not None
    for text in CODE:
        if Tree(text, "python").find_all(rule.config):
            assert needs.is_met(lambda word, text=text: word.is_in(text)), text  # type: ignore[misc]


@given(st.sets(st.text("abé_1", min_size=1, max_size=3), max_size=5), st.text("abé_1 ", max_size=9))
def test_all_words_are_found_in_one_pass(words: set[str], text: str) -> None:
    for whole in (False, True):
        needs = [needs_of_text(word, whole=whole) for word in sorted(words)]
        expected = [
            index for index, one in enumerate(needs) if one.is_met(lambda word: word.is_in(text))
        ]
        assert Prefilter(needs).candidates(text.encode()) == expected


def test_a_symbol_is_a_whole_word_but_a_keyword_may_follow_a_number() -> None:
    symbol = SyntaxTreeOptions(language="python", symbol="imp.*").as_rule()
    assert Prefilter([symbol.needs()]).candidates(b"import os\n") == []
    assert [m.line for m in matches_in("ast", "a", "import imp\nx = 1if imp.a else 2\n",
                                       language="python", symbol="imp.*")] == [2]  # fmt: skip
    pattern = {"language": "python", "pattern": "1 if $A else 2"}
    assert [m.line for m in matches_in("ast", "a", "x = 1if a else 2\n", **pattern)] == [1]
