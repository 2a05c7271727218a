"""No content of a file makes a reader hang, or raise an exception other than `ValueError`."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanners._ecosystems import ecosystem_of
from scanners._ecosystems.records import Facts
from tests.scanners.ecosystems.reading import read

SAMPLES = {
    ("pypi", "requirements.txt"): "-r a.txt\nsix>=1.0,<2 ; python_version < '3' \\\n  # c\n-e .\n",
    ("pypi", "pyproject.toml"): '[project]\ndependencies = ["six>=1", """a""", [{b = 1}]]\n',
    ("pypi", "Pipfile"): '[packages]\nsix = {version = "*"}\n',
    ("pypi", "Pipfile.lock"): '{"default": {"six": {"version": "==1.0"}}}',
    ("pypi", "uv.lock"): '[[package]]\nname = "six"\nversion = "1.0"\n',
    ("pypi", "setup.cfg"): "[options]\ninstall_requires =\n  six>=1; x == '1'\n",
    (
        "npm",
        "package.json",
    ): '{"dependencies": {"a": "^1", "b": "npm:c@2"}, "overrides": {"d": {}}}',
    ("npm", "package-lock.json"): '{"packages": {\n"node_modules/a": {\n"version": "1.0.0"}}}',
    ("npm", "yarn.lock"): 'a@^1.0, "b@npm:^2":\n  version "1.0.0"\n',
    (
        "npm",
        "pnpm-lock.yaml",
    ): "importers:\n  .:\n    dependencies:\n      a:\n        version: 1.0.0\n",
    ("go", "go.mod"): "module a\nrequire (\n\tb.c/d v1.0.0 // indirect\n)\nreplace e.f/g => ../d\n",
    ("cargo", "Cargo.toml"): '[dependencies]\na = "1"\nb = { version = "2", package = "c" }\n',
    ("cargo", "Cargo.lock"): '[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "registry"\n',
    ("rubygems", "Gemfile"): "gem 'a', '~> 1.0', '>= 1.2'\ngem \"b\", git: 'x'\n",
    ("rubygems", "a.gemspec"): "s.add_dependency 'a', '>= 1'\n",
    ("rubygems", "Gemfile.lock"): "GEM\n  specs:\n    a (1.0.0)\n      b (>= 1)\n",
    ("packagist", "composer.json"): '{"require": {"php": ">=8", "a/b": "^1.0 || ^2.0"}}',
    ("packagist", "composer.lock"): '{\n            "name": "a/b",\n            "version": "1.0"}',
    ("npm", "bun.lock"): '{"packages": {\n"a": ["a@1.0.0", "", {}, "sha"],\n}}\n',
    ("pypi", "setup.py"): "setup(install_requires=['six>=1', \"b\"] + [f'{a}'])\nprint 1\n",
}
OTHERS = {
    ("docker", "Dockerfile"): "ARG V=1\nFROM node:$V AS a\nCOPY --from=b:2 a b\n",
    ("docker", "compose.yaml"): "services:\n  a:\n    image: node:${V:-18}\n",
    ("github-actions", "action.yml"): "runs:\n  steps:\n    - uses: a/b@v1\n",
    ("gitlab", ".gitlab-ci.yml"): "include:\n  - project: a/b\n    ref: v1\n",
    ("helm", "Chart.yaml"): "dependencies:\n  - name: a\n    version: 1.0.0\n",
    ("maven", "build.gradle"): "dependencies { implementation 'a:b:1.0', \"c:d:$v\" }\n",
    ("maven", "gradle.lockfile"): "a:b:1.0=compileClasspath\nempty=\n",
    ("maven", "pom.xml"): "<project><dependencies><dependency><groupId>a</groupId></dependency>",
    ("nuget", "a.csproj"): '<Project><PackageReference Include="A" Version="1.0" /></Project>',
    ("nuget", "packages.lock.json"): '{"dependencies": {"A": {"type": "x", "resolved": "1"}}}',
    ("pre-commit", ".pre-commit-config.yaml"): "repos:\n  - repo: https://a.b/c\n    rev: v1\n",
    ("terraform", ".terraform.lock.hcl"): 'provider "a/b/c" {\n  version = "5.0.0"\n}\n',
}
"""Valid files of formats whose own tests do not read damaged files."""
PIECES = [
    b"[",
    b"]",
    b"{",
    b"}",
    b'"',
    b"'",
    b'"""',
    b"\\",
    b"=",
    b":",
    b"#",
    b"\n",
    b"\0",
    b"\xff",
]
PIECES += [b"- ", b" ", b"&a ", b"*a", b"|", b"\xef\xbb\xbf", b"<<<<<<< HEAD\n", b"0" * 50, b"\r"]


def read_anything(ecosystem: str, path: str, content: bytes) -> None:
    try:
        facts = ecosystem_of(ecosystem).read(path, content)
    except ValueError as error:
        message = str(error)
    else:
        message = ""
        check(ecosystem, path, facts)
    assert "\n" not in message
    assert len(message) < 500


def check(ecosystem: str, path: str, facts: Facts) -> None:
    reader = ecosystem_of(ecosystem)
    for name, requirements in facts.requirements.items():
        assert reader.normalise(name) == name
        for requirement in requirements:
            requirement.constraint.encode()
            assert requirement.line >= 1
            assert requirement.column >= 1
    for package in {*facts.requirements, *facts.locked}:
        list(reader.findings({path: facts}, package))


@pytest.mark.parametrize(("ecosystem", "path"), SAMPLES)
def test_samples_are_valid(ecosystem: str, path: str) -> None:
    facts = read(ecosystem, path, SAMPLES[ecosystem, path])
    assert facts.requirements or facts.locked


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.parametrize(("ecosystem", "path"), SAMPLES)
@given(data=st.data())
def test_damaged_files(ecosystem: str, path: str, data: st.DataObject) -> None:
    content = SAMPLES[ecosystem, path].encode()
    for _ in range(data.draw(st.integers(0, 6))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 4)))
        piece = data.draw(st.sampled_from(PIECES) | st.binary(max_size=3))
        content = content[:start] + piece + content[end:]
    read_anything(ecosystem, path, content)


HUGE = {
    "nested brackets": b"[" * 100_000,
    "nested objects": b'{"dependencies":' * 16_000,
    "nested tables": b"a = " + b"{a = " * 16_000,
    "a dotted key": b"[" + b"a." * 50_000 + b"a]\n",
    "quotes": b'"' * 100_000,
    "escaped quotes": b'"\\' * 50_000,
    "single quotes": b"'\\" * 50_000,
    "spaces": b"a" + b" " * 100_000 + b"b",
    "empty lines": b"\n" * 100_000,
    "continuation lines": b"\\\n" * 50_000,
    "comments": b" #" * 50_000,
    "a long word": b"a" * 100_000,
    "a long version": b"six==" + b"1." * 50_000 + b"1",
    "digits": b"a==" + b"9" * 100_000,
    "operators": b"six" + b">=1," * 33_000,
    "minus signs": b"-" * 100_000,
    "parentheses": b"setup(install_requires=" + b"(" * 100_000,
    "sums": b"setup(install_requires=" + b"[]+" * 16_000 + b"[])",
    "arguments": b"install_requires=[" * 5_000 + b"print 1",
    "keys and values": b"a: b\n" * 16_000,
    "lock entries": b"[[package]]\n" * 8_000,
    "indentation": b"".join(b" " * depth + b"a:\n" for depth in range(700)),
    "at signs": b"@" * 100_000,
    "commas": b"a," * 50_000,
}


@pytest.mark.parametrize(("ecosystem", "path"), [*SAMPLES, *OTHERS])
@pytest.mark.parametrize("kind", HUGE)
def test_huge_files_take_little_time(ecosystem: str, path: str, kind: str) -> None:
    sample = (SAMPLES | OTHERS)[ecosystem, path].encode()
    alone = [HUGE[kind]] if (ecosystem, path) in SAMPLES else []
    for content in (*alone, sample + HUGE[kind]):
        started = time.process_time()
        read_anything(ecosystem, path, content)
        assert time.process_time() - started < 3
