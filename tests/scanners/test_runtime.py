"""The `runtime` scanner finds all versions in files that are modelled on real ones."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from headway import Match
from scanners._runtime.versions import RUNTIMES, end_dates, end_of, stated
from scanners.runtime import Runtime, RuntimeOptions

SCANNER = Runtime()


def find(options: RuntimeOptions, path: str, text: str | bytes) -> list[Match]:
    content = text.encode() if isinstance(text, str) else text
    facts = {path: SCANNER.read(options, path, content)}
    return [match for match in SCANNER.find(options, facts) if isinstance(match, Match)]


def versions(runtime: str, path: str, text: str) -> list[str]:
    """Return all versions below 99 that a file states."""
    options = RuntimeOptions.model_validate({"runtime": runtime, "versions": "<99"})
    return [match.captures["version"] for match in find(options, path, text)]


@pytest.mark.parametrize(
    ("runtime", "path", "text", "expected"),
    [
        ("python", ".python-version", "# used by pyenv\n3.9.18\n", ["3.9.18"]),
        ("python", "runtime.txt", "python-3.8.12\n", ["3.8.12"]),
        ("python", "pyproject.toml", '[project]\nrequires-python = ">=3.8,<4"\n', ["3.8"]),
        ("python", "pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.9"\n', ["3.9"]),
        ("python", "setup.py", "setup(python_requires='>=3.6, !=3.7.*')", ["3.6"]),
        ("python", "setup.cfg", "[options]\npython_requires = >=3.7\n", ["3.7"]),
        (
            "python",
            "setup.cfg",
            (
                "classifiers =\n    Programming Language :: Python :: 3\n"
                "    Programming Language :: Python :: 3.8\n"
                "    Programming Language :: Python :: 3.10\n"
            ),
            ["3.8", "3.10"],
        ),
        ("python", "tox.ini", "[tox]\nenvlist = {py38,py310}-django, lint\n", ["3.8", "3.10"]),
        ("python", "tox.ini", "[tox]\nenvlist = py27, py36\n", ["2.7", "3.6"]),
        (
            "python",
            "tox.toml",
            (
                'requires = ["tox>=4.27"]\nenv_list = [\n  "3.14t",\n  "py39-django-32",\n'
                '  "3.8-django-3.2",\n  "docs",\n'
                '  {product = [["3.10"], ["a"]]},\n]\n[env.docs]\nbase_python = ["python3.11"]\n'
            ),
            ["3.14", "3.9", "3.8", "3.10", "3.11"],
        ),
        ("python", "noxfile.py", '@nox.session(python=["3.8", "3.12"])\n', ["3.8", "3.12"]),
        ("python", "Pipfile", '[requires]\npython_version = "3.7"\n', ["3.7"]),
        ("python", "environment.yml", "dependencies:\n  - python>=3.8\n", ["3.8"]),
        ("python", "Dockerfile", "FROM python:3.8-slim AS build\nFROM scratch\n", ["3.8"]),
        ("python", "Dockerfile", "FROM registry.example.com/mirror/python:3.8\n", ["3.8"]),
        ("python", "Dockerfile", "ARG V=3.9\nFROM python:${V}-alpine\n", ["3.9"]),
        ("python", ".tool-versions", "nodejs 18.1.0\npython 3.8.1\n", ["3.8.1"]),
        ("python", ".tool-versions", "python 3.12.1 3.8.1 system # 3.7\n", ["3.12.1", "3.8.1"]),
        ("python", "mise.toml", '[tools]\npython = "3.9"\n', ["3.9"]),
        ("python", "mise.toml", '[tools]\npython = ["3.12", "3.8"]\n', ["3.12", "3.8"]),
        (
            "python",
            ".github/workflows/test.yml",
            (
                "jobs:\n  a:\n    strategy:\n      matrix:\n        python-version: ['3.8', 3.10]\n"
                "    steps:\n      - with:\n          python-version: ${{ matrix.python }}\n"
            ),
            ["3.8", "3.10"],
        ),
        (
            "python",
            ".github/workflows/test.yml",
            (
                "jobs:\n  a:\n    steps:\n      - with:\n          python-version: |\n"
                "            3.8\n            3.12\n"
            ),
            ["3.8", "3.12"],
        ),
        ("python", ".gitlab-ci.yml", "image: python:3.7\n", ["3.7"]),
        ("python", ".travis.yml", "language: python\npython:\n  - 3.6\n  - nightly\n", ["3.6"]),
        ("python", "serverless.yml", "provider:\n  runtime: python3.8\n", ["3.8"]),
        ("python", "app.yaml", "runtime: python39\n", ["3.9"]),
        ("python", "main.tf", '  runtime = "python3.8"\n', ["3.8"]),
        ("node", ".nvmrc", "v14.17.0\n", ["14.17.0"]),
        ("node", ".nvmrc", "lts/fermium\n", ["14"]),
        ("node", ".nvmrc", "lts/*\n", []),
        ("node", "package.json", '{"engines": {"npm": ">=8", "node": "^16 || >=18"}}', ["16"]),
        ("node", "package.json", '{"engines": {"node": "14 - 16"}}', ["14"]),
        ("node", "package.json", '{"volta": {"node": "12.22.1"}}', ["12.22.1"]),
        ("node", "Dockerfile", "FROM node:16-alpine\nFROM kindest/node:v1.27.3\n", ["16"]),
        ("node", "template.yaml", "Globals:\n  Function:\n    Runtime: nodejs14.x\n", ["14"]),
        ("java", "pom.xml", "<maven.compiler.source>1.8</maven.compiler.source>", ["8"]),
        (
            "java",
            "pom.xml",
            (
                "<plugin><artifactId>maven-compiler-plugin</artifactId><configuration>\n"
                "<release>11</release></configuration></plugin>"
            ),
            ["11"],
        ),
        ("java", "build.gradle", "sourceCompatibility = 1.8\n", ["8"]),
        ("java", "build.gradle.kts", "sourceCompatibility = JavaVersion.VERSION_11\n", ["11"]),
        ("java", "build.gradle", "languageVersion = JavaLanguageVersion.of(17)\n", ["17"]),
        ("java", "Dockerfile", "FROM eclipse-temurin:11.0.2-jre\n", ["11.0.2"]),
        ("go", "go.mod", "module a\n\ngo 1.19\n", ["1.19"]),
        ("go", ".github/workflows/a.yaml", "jobs:\n  a:\n    go-version: '1.20'\n", ["1.20"]),
        ("ruby", ".ruby-version", "ruby-2.7.5\n", ["2.7.5"]),
        ("ruby", "Gemfile", "source 'x'\nruby '~> 3.0'\n", ["3.0"]),
        ("ruby", "a.gemspec", "  s.required_ruby_version = '>= 2.6'\n", ["2.6"]),
        ("php", "composer.json", '{"require": {"php": "^7.4|^8.0"}}', ["7.4"]),
        ("dotnet", "a.csproj", "<TargetFrameworks>net8.0;net6.0;net472<", ["8.0"]),
        (
            "dotnet",
            "a.csproj",
            "<TargetFrameworks>net8.0;net6.0;net472</TargetFrameworks>",
            ["8.0", "6.0"],
        ),
        ("dotnet", "a.csproj", "<TargetFramework>netcoreapp3.1</TargetFramework>", ["3.1"]),
        ("dotnet", "global.json", '{"sdk": {"version": "6.0.100"}}', ["6.0.100"]),
        (
            "dotnet",
            "Dockerfile",
            "FROM mcr.microsoft.com/dotnet/aspnet:6.0 AS base\nFROM mcr.microsoft.com/powershell\n",
            ["6.0"],
        ),
    ],
)
def test_every_place_is_read(runtime: str, path: str, text: str, expected: list[str]) -> None:
    assert versions(runtime, path, text) == expected


@pytest.mark.parametrize(
    ("runtime", "text", "expected"),
    [
        ("python", "3.9-alpine3.18", (3, 9)),
        ("python", "3.6-windowsservercore-1809", (3, 6)),
        ("python", "3.8-7.3.11", (3, 8)),
        ("python", "pypy-3.8-v7.3.x", (3, 8)),
        ("python", "3.9.0rc12", (3, 9, 0)),
        ("python", ">=3.8<4", (3, 8)),
        ("python", ">= 3.8, != 3.9.1, < 4", (3, 8)),
        ("ruby", "2.7-alpine3.16", (2, 7)),
        ("ruby", "~> 3.0, >= 3.0.2", (3, 0, 2)),
        ("go", "1.19-alpine3.18", (1, 19)),
        ("java", "8u302-jdk", (8,)),
        ("java", "1.8.0_265", (8, 0)),
        ("java", "graalvm-ce-17.0.7+7", (17, 0, 7)),
        ("dotnet", "6.0.100-preview.7", (6, 0, 100)),
        ("dotnet", "6.0-windowsservercore-ltsc2019", (6, 0)),
    ],
)
def test_the_first_number_of_a_word_is_the_version(
    runtime: str, text: str, expected: tuple[int, ...]
) -> None:
    found = stated(runtime, text)
    assert found is not None
    assert found.version == expected


def test_a_match_has_its_line_and_keeps_its_text_when_the_version_changes() -> None:
    options = RuntimeOptions(runtime="python", versions="<3.10")
    (old,) = find(options, "pyproject.toml", '[project]\nrequires-python = ">=3.8"\n')
    (new,) = find(options, "pyproject.toml", '[project]\n\nrequires-python = ">=3.9"\n')
    assert (old.text, old.line, old.column) == ("requires-python", 2, 20)
    assert (new.text, new.line) == ("requires-python", 3)
    assert (old.captures["version"], new.captures["version"]) == ("3.8", "3.9")


def test_each_version_of_a_matrix_is_an_item_of_its_own() -> None:
    options = RuntimeOptions(runtime="node", versions="<18")
    text = "jobs:\n  a:\n    strategy:\n      matrix:\n        node: [14, 16, 18]\n"
    found = find(options, ".github/workflows/a.yml", text)
    assert [match.text for match in found] == ["node-version: 14", "node-version: 16"]


@pytest.mark.parametrize(
    ("condition", "version", "expected"),
    [
        ("<3.10", "3.9.18", True),
        ("<3.10", "3.10.1", False),
        ("<3.10", "3", True),
        ("3.9", "3.9.18", True),
        (">=3.0,<3.9", "2.7", False),
        (">3.9", "3.9.18", False),
        ("<=3.9", "3.9.18", True),
    ],
)
def test_versions_compare_by_their_numbers(condition: str, version: str, expected: bool) -> None:
    options = RuntimeOptions(runtime="python", versions=condition)
    assert bool(find(options, ".python-version", version)) is expected


def test_a_version_is_deprecated_if_it_ends_by_the_day() -> None:
    text = "3.9\n3.10\n2.3\n3.99\n"
    before = RuntimeOptions(runtime="python", ends_by=date(2025, 10, 30))
    after = RuntimeOptions(runtime="python", ends_by=date(2025, 10, 31))
    assert [match.captures["version"] for match in find(before, ".python-version", text)] == ["2.3"]
    assert [match.captures["version"] for match in find(after, ".python-version", text)] == [
        "3.9",
        "2.3",
    ]


def test_the_newest_version_of_a_short_one_decides() -> None:
    options = RuntimeOptions(runtime="go", ends_by=date(2026, 12, 31))
    assert find(options, ".go-version", "1.x\n1.26\n") == []
    assert len(find(options, ".go-version", "1.25\n")) == 1


def test_a_broken_yaml_file_is_an_error_only_if_it_names_the_runtime() -> None:
    options = RuntimeOptions(runtime="node", versions="<18")
    assert find(options, "template.yaml", "a: [\n") == []
    with pytest.raises(ValueError, match="line 3"):
        find(options, "template.yaml", "runtime: nodejs14.x\na: [\n")


def test_a_broken_tox_file_is_an_error() -> None:
    options = RuntimeOptions(runtime="python", versions="<3.10")
    with pytest.raises(ValueError, match="line 2"):
        find(options, "tox.toml", "env_list = [\n")


def test_a_workspace_can_give_other_end_dates() -> None:
    ends = {"3.9": date(2027, 1, 1)}
    options = RuntimeOptions(runtime="python", ends_by=date(2026, 1, 1), ends=ends)
    assert find(options, ".python-version", "3.9\n") == []


def test_ranges_that_allow_other_versions_can_be_left_out() -> None:
    options = RuntimeOptions(runtime="python", versions="<3.10", allows=False)
    assert find(options, "pyproject.toml", '[project]\nrequires-python = ">=3.8"\n') == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runtime": "python"}, "give either `versions` or `ends_by`"),
        ({"runtime": "python", "versions": "3.x"}, "is not a condition such as `<3.10` or `18`"),
        ({"runtime": "pyhton", "versions": "3"}, "Input should be"),
        (
            {"runtime": "python", "versions": "3", "ends": {"3.9": "2027-01-01"}},
            "`ends` has no effect without `ends_by`",
        ),
        (
            {"runtime": "python", "ends_by": "2027-01-01", "ends": {"three": "2027-01-01"}},
            "`three` is not a version such as 3.9 or 18",
        ),
    ],
)
def test_wrong_options_are_explained(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        RuntimeOptions.model_validate(options)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_end_dates_of_each_runtime_are_complete(runtime: str) -> None:
    dates = end_dates(runtime)
    assert len(dates) >= 10
    assert end_of((0,), dates) == date.min


NAMES = (
    "pyproject.toml tox.ini package.json pom.xml a.csproj Dockerfile .nvmrc go.mod app.yaml "
    "composer.json build.gradle a.tf tox.toml .github/workflows/a.yml"
)
FILES = st.sampled_from(re.findall(r"\S+", NAMES))
WORDS = (
    'python node "engines" : { } [ 3.9 ">=3.8" <release> FROM ${V} net6.0; </TargetFrameworks> '
    "> env_list [ ] '[\"3.9\"]' {\"python\": matrix: env: A: ${{ fromJSON('[3.9' env.A }} "
    "py39 - | &a *a \x00 requires-python = java-version 𝟛.9 99999999999999999999 runtime"
)
FRAGMENTS = st.lists(st.sampled_from([*re.findall(r"\S+", WORDS), "\n", " "]), max_size=60).map(
    "".join
)


@given(
    st.sampled_from(RUNTIMES), FILES, st.one_of(st.binary(max_size=200), FRAGMENTS.map(str.encode))
)
def test_hostile_files_are_errors_or_matches(runtime: str, path: str, content: bytes) -> None:
    options = RuntimeOptions.model_validate({"runtime": runtime, "versions": ">=0"})
    found = []
    with suppress(ValueError):
        found = find(options, path, content)
    for match in found:
        assert match.line is not None
        assert 1 <= match.line <= content.count(b"\n") + 1


@given(st.sampled_from(RUNTIMES), st.text(max_size=300))
def test_any_text_states_a_version_or_none(runtime: str, text: str) -> None:
    found = stated(runtime, text)
    assert found is None or all(number >= 0 for number in found.version)
