"""The `config` scanner finds values by their key path in all formats, and locates them."""

from __future__ import annotations

import contextlib
import json
import sys
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from headway.scanner import Match
from tests.support.scanning import content_scanner, matches_in, places_in

DEPLOYMENTS = """\
# one file, two documents
apiVersion: apps/v1
kind: Deployment
spec:
  replicas: 1
  template:
    spec:
      initContainers:
      - {name: wait, image: "busybox:1.28"}
      containers:
      - name: web
        image: nginx:1.14
        resources:
          limits: {memory: 64Mi}
      - name: log
        image: fluentd
---
apiVersion: v1
kind: Service
spec: {type: NodePort}
"""
WORKFLOW = """\
defaults: &job
  runs-on: ubuntu-20.04
jobs:
  test:
    <<: *job
    timeout-minutes: 5
  lint: *job
"""
POM = """\
<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <properties>
    <java.version> 1.8</java.version>
  </properties>
  <dependencies>
    <dependency><groupId>junit</groupId><version>4.12</version></dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
    </dependency>
  </dependencies>
</project>
"""
CSPROJ = """\
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>netcoreapp3.1</TargetFramework></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="Serilog" Version = '2.10.0' />
  </ItemGroup>
</Project>
"""
PYPROJECT = """\
[project]
requires-python = ">=3.8"  # raise it
[tool.poetry.dependencies]
python = '^3.7'
django = {version = "3.2.1", extras = ["bcrypt"]}
[[tool.mypy.overrides]]
module = ["a.*", "b"]
[[tool.mypy.overrides]]
module = "c"
tool-x.level = 3
"""
SETUP_CFG = """\
[metadata]
name = shop
[options]
python_requires = >=3.6 ; keep in step with tox.ini
install_requires =
    six
    attrs>=17
[options.extras_require]
test: pytest
"""
PROPERTIES = """\
# comment
! another one
spring.datasource.url = jdbc:h2:\\
    mem
spring.datasource : x
spring.jpa.show-sql true
name=caf\\u00e9
"""
TSCONFIG = """\
{
  // the target of all builds
  "compilerOptions": {"target": "es5", "strict": false, "lib": ["dom", "es6",], },
  "extends": null, /* none */
}
"""

TABLE: list[tuple[str, str, dict[str, Any], list[tuple[str, int, int]]]] = [
    (
        "k.yaml",
        DEPLOYMENTS,
        {"key": "spec.replicas", "less_than": 2},
        [("spec.replicas: 1", 5, 13)],
    ),
    ("k.yaml", DEPLOYMENTS, {"key": "spec.replicas", "less_than": 1}, []),
    (
        "k.yaml",
        DEPLOYMENTS,
        {"key": "**.image", "matches": r":\d"},
        [
            ("spec.template.spec.initContainers[*].image: busybox:1.28", 9, 29),
            ("spec.template.spec.containers[*].image: nginx:1.14", 12, 16),
        ],
    ),
    (
        "k.yaml",
        DEPLOYMENTS,
        {"key": "**.image", "not_matches": ":"},
        [("spec.template.spec.containers[*].image: fluentd", 16, 16)],
    ),
    (
        "k.yaml",
        DEPLOYMENTS,
        {"key": "**.containers[*].resources.limits", "missing": True},
        [("**.containers[*].resources.limits is missing", 15, 9)],
    ),
    (
        "k.yaml",
        DEPLOYMENTS,
        {"key": "spec.template.spec.containers[0].image"},
        [("spec.template.spec.containers[*].image: nginx:1.14", 12, 16)],
    ),
    (
        "k.yaml",
        DEPLOYMENTS,
        {"key": "apiVersion", "where": {"kind": ["Service", "Ingress"]}},
        [("apiVersion: v1", 18, 13)],
    ),
    (
        "k.yaml",
        DEPLOYMENTS,
        {"key": "metadata.name", "missing": True},
        [("metadata.name is missing", 2, 1), ("metadata.name is missing", 18, 1)],
    ),
    (
        "w.yml",
        WORKFLOW,
        {"key": "jobs.*.runs-on", "equals": ["ubuntu-18.04", "ubuntu-20.04"]},
        [("jobs.test.runs-on: ubuntu-20.04", 2, 12)],
    ),
    (
        "w.yml",
        WORKFLOW,
        {"key": "jobs.*.timeout-minutes", "missing": True},
        [("jobs.*.timeout-minutes is missing", 2, 3)],
    ),
    (
        "pom.xml",
        POM,
        {"key": 'project.properties."java.version"', "at_most": "1.8"},
        [('project.properties."java.version": 1.8', 4, 20)],
    ),
    (
        "pom.xml",
        POM,
        {"key": "project.dependencies.dependency.version"},
        [("project.dependencies.dependency.version: 4.12", 7, 50)],
    ),
    (
        "pom.xml",
        POM,
        {"key": "project.dependencies.dependency[*].version", "missing": True},
        [("project.dependencies.dependency[*].version is missing", 8, 5)],
    ),
    (
        "a/b.csproj",
        CSPROJ,
        {"key": "Project.PropertyGroup.TargetFramework", "matches": "^netcoreapp"},
        [("Project.PropertyGroup.TargetFramework: netcoreapp3.1", 2, 35)],
    ),
    (
        "a/b.csproj",
        CSPROJ,
        {"key": "Project.ItemGroup.PackageReference.@Version", "less_than": 3},
        [("Project.ItemGroup.PackageReference.@Version: 2.10.0", 4, 52)],
    ),
    (
        "pyproject.toml",
        PYPROJECT,
        {"key": "project.requires-python"},
        [("project.requires-python: >=3.8", 2, 19)],
    ),
    (
        "pyproject.toml",
        PYPROJECT,
        {"key": "tool.poetry.dependencies.*.version", "less_than": "3.2.10"},
        [("tool.poetry.dependencies.django.version: 3.2.1", 5, 21)],
    ),
    (
        "pyproject.toml",
        PYPROJECT,
        {"key": "tool.mypy.overrides[*].module[1]"},
        [("tool.mypy.overrides[*].module[*]: b", 7, 18)],
    ),
    (
        "pyproject.toml",
        PYPROJECT,
        {"key": "tool.mypy.overrides[*].tool-x.level", "at_least": 3},
        [("tool.mypy.overrides[*].tool-x.level: 3", 10, 16)],
    ),
    (
        "setup.cfg",
        SETUP_CFG,
        {"key": "options.python_requires"},
        [("options.python_requires: >=3.6", 4, 19)],
    ),
    (
        "setup.cfg",
        SETUP_CFG,
        {"key": "options.install_requires", "matches": "(?m)^six$"},
        [("options.install_requires: six\nattrs>=17", 5, 1)],
    ),
    (
        "setup.cfg",
        SETUP_CFG,
        {"key": '"options.extras_require".test'},
        [('"options.extras_require".test: pytest', 9, 7)],
    ),
    (
        "application.properties",
        PROPERTIES,
        {"key": "spring.datasource.url"},
        [("spring.datasource.url: jdbc:h2:mem", 3, 25)],
    ),
    (
        "application.properties",
        PROPERTIES,
        {"key": "spring.jpa.show-sql", "equals": True},
        [("spring.jpa.show-sql: true", 6, 21)],
    ),
    ("application.properties", PROPERTIES, {"key": "name"}, [("name: café", 7, 6)]),
    (
        "tsconfig.json",
        TSCONFIG,
        {"key": "compilerOptions.target", "not_equals": ["es2020", "es2022"]},
        [("compilerOptions.target: es5", 3, 33)],
    ),
    (
        "tsconfig.json",
        TSCONFIG,
        {"key": "compilerOptions.strict", "equals": False},
        [("compilerOptions.strict: false", 3, 50)],
    ),
    ("tsconfig.json", TSCONFIG, {"key": "extends"}, []),
    (
        "tsconfig.json",
        TSCONFIG,
        {"key": "extends", "missing": True},
        [("extends is missing", 4, 14)],
    ),
    ("tsconfig.json", TSCONFIG, {"key": "compilerOptions"}, [("compilerOptions", 3, 22)]),
    ("a.yaml", "a: ~\nb:\nc: 'null'\n", {"key": "*"}, [("c: null", 3, 4)]),
    ("a.yaml", "a: ~\n", {"key": "a", "missing": True}, [("a is missing", 1, 4)]),
    ("config", "[a]\nb = 1\n", {"key": "a.b", "format": "ini"}, [("a.b: 1", 2, 5)]),
]


@pytest.mark.parametrize(("path", "content", "options", "expected"), TABLE)
def test_values_are_found_with_their_places(
    path: str, content: str, options: dict[str, Any], expected: list[tuple[str, int, int]]
) -> None:
    assert places_in("config", path, content, **options) == expected


@pytest.mark.parametrize("path", ["a.yaml", "a.json", "a.toml"])
def test_a_text_in_another_script_does_not_shift_columns(path: str) -> None:
    content = {
        "a.yaml": "é: 1\nx: [日本, {y: 2}]\n",
        "a.json": '{"é": 1,\n"x": ["日本", {"y": 2}]}\n',
        "a.toml": '"é" = 1\nx = ["日本", {y= 2}]\n',
    }[path]
    line = content.split("\n")[1]
    assert places_in("config", path, content, key="x[1].y") == [
        ("x[*].y: 2", 2, line.index("2") + 1)
    ]


@pytest.mark.parametrize(
    ("value", "options", "found"),
    [
        ("1.9", {"less_than": "1.10"}, True),
        ("1.10", {"less_than": "1.9"}, False),
        ("1.10.0", {"at_most": "1.10"}, True),
        ("v2.0-rc1", {"less_than": "2.0"}, True),
        ("2.0-rc1", {"greater_than": "1.9"}, True),
        ("18-alpine", {"at_least": 18}, True),
        ("18-alpine", {"greater_than": 18}, False),
        ("latest", {"less_than": 99}, False),
        ("3.10", {"equals": "3.1"}, False),
        ("True", {"equals": True}, True),
        ("yes", {"equals": True}, False),
        ("8", {"at_least": 8, "less_than": 11}, True),
        ("11", {"at_least": 8, "less_than": 11}, False),
    ],
)
def test_comparisons(value: str, options: dict[str, Any], found: bool) -> None:
    assert bool(matches_in("config", "a.yaml", f'k: "{value}"\n', key="k", **options)) == found


def test_a_name_with_an_apostrophe_is_found() -> None:
    (match,) = matches_in("config", "a.yaml", "'it''s': 1\n", key='"it\'s"', equals="1")
    assert (match.line, match.column) == (1, 10)


def test_the_value_is_captured() -> None:
    (match,) = matches_in("config", "a.yaml", "java: 8\n", key="java")
    assert match.captures == {"value": "8"}


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("templates/web.yaml", "a:\n{{- if .Values.x }}\n  b: 1\n{{- end }}\n", r"line 3, .*{{ }}"),
        ("web.yaml", "image: {{ .Values.image }}\n", r"line 1, column 9: the file is a template"),
        ("web.yml.j2", "{% for x in y %}\n- {{ x }}\n{% endfor %}\n", r"`{% %}`"),
        ("database.yml", "<% if x %>\na: 1\n<% end %>\n", r"line 2.*`<% %>`"),
        ("a.yaml", "a: [1\n", "line 2, column 1: this is not valid YAML"),
        ("a.yaml", "a: *b\n", "the alias `\\*b` has no anchor|undefined alias"),
        ("a.yaml", b"a: \xff\n", "line 1: the file is not UTF-8"),
        ("a.yaml", "a: \x07\n", "this is not valid YAML"),
        (
            "a.json",
            '["\r\x1b',
            r"line 1, column 2: this is not valid JSON: unexpected `\"\\r\\x1b`",
        ),
        (
            "a.json",
            '{"a": 1,\n "b" 2}',
            r"line 2, column 6: this is not valid JSON: unexpected `2}`",
        ),
        ("a.json", '{"a": [1, 2', r"line 1, column 12: the JSON text is cut off"),
        ("a.json", "", "cut off"),
        ("a.json", '{"a": ,}', "unexpected"),
        ("a.json", '{"a": }', "unexpected"),
        ("a.json", "[1}", "unexpected"),
        ("a.toml", "a = 1\na = 2\n", "line 2.*this is not valid TOML"),
        ("a.toml", "a = " + "[" * 5000, "nested too deeply|this is not valid TOML"),
        ("a.ini", "[a\n", "line 1: .*not closed"),
        ("a.ini", "[a]\n{% if x %}\n", "line 2.*|this is not a valid INI"),
        ("a.xml", "<a>\n<b></a>", "line 2: this is not valid XML"),
        ("a.xml", '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "line 1: the entity `x`"),
        ("strange.conf", "a = 1\n", "give the rule a `format`"),
    ],
)
def test_files_that_do_not_parse_are_reported(path: str, content: str | bytes, reason: str) -> None:
    options = {"format": "yaml"} if path.endswith(".j2") else {}
    with pytest.raises(Exception, match=reason):
        matches_in("config", path, content, key="a", missing=True, **options)


def test_a_template_is_reported_even_if_it_does_not_contain_the_key() -> None:
    with pytest.raises(Exception, match="the file is a template"):
        matches_in("config", "a.yaml", "x:\n{{- toYaml .Values.x }}\n", key="image")


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        ({"key": ""}, "must end with a key"),
        ({"key": "a.**"}, "must end with a key"),
        ({"key": "a..b"}, "put names with special characters in quotes"),
        ({"key": "a b"}, "write a dot before ` b`"),
        ({"key": "a", "where": {"b..": 1}}, "special characters"),
        ({"key": "a", "equals": 3.10}, "put the number in quotes"),
        ({"key": "a", "less_than": "soon"}, "neither a number nor a version"),
        ({"key": "a", "matches": "(?=x)"}, "RE2 rejects"),
        ({"key": "a", "missing": True, "equals": "x"}, "write two rules"),
        ({"key": "a", "format": "hcl"}, "yaml"),
    ],
)
def test_wrong_options_are_explained(options: dict[str, Any], advice: str) -> None:
    with pytest.raises(ValidationError, match=advice):
        content_scanner("config").Options(**options)


PATHS = ["a.yaml", "a.json", "a.toml", "a.ini", "a.xml", "a.properties"]
FRAGMENTS = [DEPLOYMENTS, WORKFLOW, POM, CSPROJ, PYPROJECT, SETUP_CFG, PROPERTIES, TSCONFIG]
KEYS = ["**.name", "a.*", "*[*].x", "**.image", "project.**.@x"]


def check_hostile(path: str, content: bytes, key: str, missing: bool) -> None:
    """Search a file. The only exception that may occur is the one for an unreadable file."""
    found: list[Match] = []
    with contextlib.suppress(unreadable_file_error()):
        found = matches_in("config", path, content, key=key, missing=missing)
    last = content.count(b"\n") + 1
    for match in found:
        assert match.line is not None
        assert 1 <= match.line <= last
        assert match.column is not None


def unreadable_file_error() -> type[Exception]:
    """Return the class of the exception that the scanner raises for an unreadable file."""
    module = sys.modules[type(content_scanner("config")).__module__]
    error: type[Exception] = module.UnreadableFileError
    return error


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PATHS), st.binary(max_size=200), st.sampled_from(KEYS), st.booleans())
def test_arbitrary_bytes_never_crash(path: str, content: bytes, key: str, missing: bool) -> None:
    check_hostile(path, content, key, missing)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(PATHS),
    st.sampled_from(FRAGMENTS),
    st.integers(0, 400),
    st.integers(0, 30),
    st.text("{}[]<>&*!|%\"'`:,=#-\\\n\t é\0", max_size=6),
    st.sampled_from(KEYS),
    st.booleans(),
)
def test_damaged_files_never_crash(
    path: str, text: str, at: int, cut: int, added: str, key: str, missing: bool
) -> None:
    damaged = text[:at] + added + text[at + cut :]
    check_hostile(path, damaged.encode("utf-8", "surrogatepass"), key, missing)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.yaml", "[" * 100_000),
        ("a.yaml", "- " * 20_000),
        ("a.yaml", "".join(f"{' ' * depth}a:\n" for depth in range(2000))),
        ("a.yaml", "a: " + "x" * 5_000_000),
        ("a.json", "[" * 200_000 + "]" * 200_000),
        ("a.json", '{"name": "' + "\\u0061" * 300_000 + '"}'),
        ("a.xml", "<name>" * 50_000 + "</name>" * 50_000),
        ("a.xml", "<a>" + "<name x='1'/>" * 10_000 + "</a>"),
        ("a.toml", "name = [" + "1," * 20_000 + "]"),
        ("a.ini", "[a]\n" + "name = 1\n" * 10_000),
        ("a.ini", "name " * 200_000),
        ("a.properties", "name=\\\n" * 20_000),
        ("a.properties", ".".join(["name"] * 5000)),
    ],
)
def test_large_and_deep_files_end_quickly(path: str, content: str) -> None:
    check_hostile(path, content.encode(), "**.name", False)


def test_aliases_that_multiply_values_are_refused() -> None:
    lines = ["a0: &a0 {name: x}"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    bomb = "\n".join(lines)
    assert len(matches_in("config", "a.yaml", bomb, key="**.name")) == 1
    path = "a9" + "[*]" * 9 + ".name"
    with pytest.raises(Exception, match="more than 1,000,000 values"):
        matches_in("config", "a.yaml", bomb, key=path)


# YAML, unlike JSON, does not allow control characters.
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner),
    max_leaves=12,
)


def leaves(value: Any) -> list[str]:
    """Return all scalars in a value as strings, except null."""
    if isinstance(value, dict):
        return [text for inner in value.values() for text in leaves(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in leaves(inner)]
    if value is None:
        return []
    return [str(value).lower() if isinstance(value, bool) else str(value)]


def values_of(matches: list[Match]) -> list[str]:
    return [match.captures["value"] for match in matches if "value" in match.captures]


@settings(max_examples=200, deadline=None)
@given(JSON.filter(lambda value: isinstance(value, dict)), st.sampled_from([None, 1]))
def test_json_and_yaml_readers_find_every_value(value: dict[str, Any], indent: int | None) -> None:
    # YAML has no escapes for the two halves of a surrogate pair.
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    expected = leaves(value)
    for path in ("a.json", "a.yaml"):
        found = values_of(matches_in("config", path, text, key="**.*"))
        found += values_of(matches_in("config", path, text, key="**[*]"))
        assert sorted(found) == sorted(expected)


TOML_WORDS = st.text("ab_-", min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(TOML_WORDS, st.dictionaries(TOML_WORDS, st.text(max_size=8)), max_size=4))
def test_the_toml_reader_agrees_with_tomllib(tables: dict[str, dict[str, str]]) -> None:
    text = "".join(
        f"[{name}]\n"
        + "".join(
            f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in table.items()
        )
        for name, table in tables.items()
    ).replace("\x7f", "?")
    found = matches_in("config", "a.toml", text, key="*.*")
    assert sorted(values_of(found)) == sorted(leaves(tomllib.loads(text)))
