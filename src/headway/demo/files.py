"""Contents of the files in the fictional repositories, except Python modules."""

from __future__ import annotations

from headway.demo.teams import FORGE, ORGANISATION

TRAVIS = {
    "python": """\
language: python
dist: xenial
python:
  - "3.9"
install: pip install -r requirements.txt
script: pytest
""",
    "node": """\
language: node_js
node_js: "16"
script: npm test
""",
    "go": """\
language: go
go: "1.18"
script: go test ./...
""",
    "java": """\
language: java
jdk: openjdk11
script: ./gradlew check
""",
}

IMAGES = {
    "python": ("python:3.7-slim", "python:3.9-slim", "python:3.12-slim"),
    "node": ("node:14-alpine", "node:16-alpine", "node:22-alpine"),
    "go": ("debian:buster-slim", "debian:bookworm-slim"),
    "java": ("ubuntu:18.04", "ubuntu:20.04", "ubuntu:24.04"),
}
"""The base images for each kind of repository, from oldest to current."""

_COMMANDS = {
    "python": "RUN pip install -r requirements.txt",
    "node": "RUN npm ci --omit=dev",
    "go": "COPY bin/server /usr/local/bin/server",
    "java": "COPY build/libs/app.jar /app/app.jar",
}

_STEPS = {
    "python": ("actions/setup-python@v5", "pip install -r requirements.txt && pytest"),
    "node": ("actions/setup-node@v4", "npm ci && npm test"),
    "go": ("actions/setup-go@v5", "go test ./..."),
    "java": ("actions/setup-java@v4", "./gradlew check"),
}


def workflow(kind: str) -> str:
    """Return the contents of a GitHub Actions workflow."""
    setup, script = _STEPS[kind]
    return f"""\
name: checks
on: [push, pull_request]
jobs:
  checks:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: {setup}
      - run: {script}
"""


def readme(name: str, team: str, *, on_travis: bool) -> str:
    """Return the contents of README.md, with a badge for Travis or GitHub Actions."""
    page = f"{FORGE}/{ORGANISATION}/{name}"
    badge = (
        f"[![build](https://travis-ci.com/{ORGANISATION}/{name}.svg)]"
        f"(https://travis-ci.com/{ORGANISATION}/{name})"
        if on_travis
        else f"[![checks]({page}/actions/workflows/checks.yml/badge.svg)]({page}/actions)"
    )
    title = name.replace("-", " ").capitalize()
    return f"# {title}\n\n{badge}\n\nMaintained by the {team} team. Ask questions in #{team}.\n"


def codeowners(team: str, parts: tuple[tuple[str, str], ...]) -> str:
    """Return the contents of .github/CODEOWNERS."""
    lines = [f"* @{ORGANISATION}/{team}"]
    lines += [f"{path} @{ORGANISATION}/{owner}" for path, owner in parts]
    return "\n".join(lines) + "\n"


def requirements(pins: dict[str, str]) -> str:
    """Return the contents of requirements.txt."""
    return "".join(f"{name}=={version}\n" for name, version in sorted(pins.items()))


def setup_py(name: str, package: str, release: int) -> str:
    """Return the contents of setup.py."""
    return f"""\
from setuptools import find_packages, setup

setup(
    name="{name}",
    version="1.{release}.0",
    packages=find_packages(include=["{package}*"]),
    python_requires=">=3.8",
)
"""


def pyproject(name: str, package: str, release: int) -> str:
    """Return the contents of pyproject.toml."""
    return f"""\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "1.{release}.0"
requires-python = ">=3.9"

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""


def dockerfile(kind: str, image: int) -> str:
    """Return the contents of a Dockerfile."""
    return f"FROM {IMAGES[kind][image]}\nWORKDIR /app\nCOPY . .\n{_COMMANDS[kind]}\n"


def makefile(kind: str, *, with_setup_py: bool) -> str:
    """Return the contents of a Makefile."""
    if kind != "python":
        return "build:\n\tdocker build -t $(IMAGE) .\n"
    sdist = "python setup.py sdist bdist_wheel" if with_setup_py else "python -m build"
    return f"dist:\n\t{sdist}\n\ntest:\n\tpytest\n"


def other_code(kind: str, noun: str, functions: int) -> tuple[str, str]:
    """Return the extension and contents of a source file in a language other than Python."""
    if kind == "node":
        body = "".join(
            f"export function step{n}({noun}) {{\n  return {noun}.step{n};\n}}\n\n"
            for n in range(functions)
        )
        return "js", f'import {{ log }} from "./log.js";\n\n{body}'
    if kind == "go":
        body = "".join(
            f"func step{n}(id string) error {{\n\treturn nil\n}}\n\n" for n in range(functions)
        )
        return "go", f"package main\n\n{body}"
    name = "".join(word.capitalize() for word in noun.split("_"))
    body = "".join(f"    void step{n}() {{}}\n" for n in range(functions))
    return "java", f"package com.acme;\n\nclass {name} {{\n{body}}}\n"
