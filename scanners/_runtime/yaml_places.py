"""Find versions of runtimes in YAML files: CI jobs, serverless functions and services."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .._ecosystems.docker import images
from .._ecosystems.yaml_scalars import Mapping, Scalar, read_mappings

Found = tuple[str, str, int, int, bool]
"""The name of the place, the version as written, the line, the column, and whether the place lists
several versions."""

_WORKFLOW = re.compile(r"(?:^|/)\.(?:github|gitea|forgejo)/workflows/[^/]+$")
_ACTION = re.compile(r"(?:^|/)action\.ya?ml$")
_CI = re.compile(
    r"(?:^|/)(?:\.gitlab-ci\.ya?ml|\.travis\.yml|azure-pipelines[^/]*\.ya?ml|\.circleci/config\.yml"
    r"|bitbucket-pipelines\.yml|\.readthedocs\.ya?ml|appveyor\.yml|\.cirrus\.yml|\.drone\.yml)$"
)
_SERVICES = re.compile(
    r"(?:^|/)(?:app|serverless|template|sam|docker-compose[^/]*|compose[^/]*)\.ya?ml$"
)
YAML_FILES = (
    "**/.github/workflows/*.y*ml",
    "**/.gitea/workflows/*.y*ml",
    "**/.forgejo/workflows/*.y*ml",
    "action.y*ml",
    ".gitlab-ci.y*ml",
    ".travis.yml",
    "azure-pipelines*.y*ml",
    "**/.circleci/config.yml",
    "bitbucket-pipelines.yml",
    ".readthedocs.y*ml",
    "appveyor.yml",
    ".cirrus.yml",
    ".drone.yml",
    "app.y*ml",
    "serverless.y*ml",
    "template.y*ml",
    "sam.y*ml",
    "docker-compose*.y*ml",
    "compose*.y*ml",
)
"""The patterns of the files that `yaml_places` reads."""


_KEYS = {
    "python": re.compile(r"python[-_]?versions?|python|PYTHON_VERSION", re.IGNORECASE),
    "node": re.compile(r"node(?:js)?[-_]?versions?|node(?:_?js)?|NODE_VERSION", re.IGNORECASE),
    "java": re.compile(r"(?:java|jdk)[-_]?versions?|java|jdk|JAVA_VERSION", re.IGNORECASE),
    "go": re.compile(r"go(?:lang)?[-_]?versions?|go|golang|GO_VERSION", re.IGNORECASE),
    "ruby": re.compile(r"ruby[-_]?versions?|ruby|rvm|RUBY_VERSION", re.IGNORECASE),
    "php": re.compile(r"php[-_]?versions?|php|PHP_VERSION", re.IGNORECASE),
    "dotnet": re.compile(r"dotnet[-_]?versions?|dotnet|DOTNET_VERSION", re.IGNORECASE),
}
_RUNTIMES = {
    "python": re.compile(r"python(\d)\.?(\d*)"),
    "node": re.compile(r"nodejs(\d+)()(?:\.x)?"),
    "java": re.compile(r"java(\d+)()(?:\.\w+)?"),
    "go": re.compile(r"go(1)\.?(\d*)(?:\.x)?"),
    "ruby": re.compile(r"ruby(\d)\.?(\d*)"),
    "php": re.compile(r"php(\d)\.?(\d*)"),
    "dotnet": re.compile(r"dotnet(?:core)?(\d+)\.?(\d*)"),
}
"""The names of runtimes in the settings of serverless functions and App Engine."""
_REGISTRY = r"(?:[\w-]+[.:][\w.:-]+/(?:[\w.-]+/)*)?(?:(?:library|cimg|circleci|bitnami)/)?"
_NAMES = {
    "python": "python|pypy",
    "node": "node",
    "java": "openjdk|eclipse-temurin|amazoncorretto|ibm-semeru-runtimes",
    "go": "golang|cimg/go",
    "ruby": "ruby",
    "php": "php",
}
IMAGES = {
    **{runtime: re.compile(f"{_REGISTRY}(?:{names})") for runtime, names in _NAMES.items()},
    "dotnet": re.compile(
        r"mcr\.microsoft\.com/dotnet(?:/core)?/(?:sdk|aspnet|runtime|runtime-deps)"
    ),
}
"""The names of the images whose tags are versions of a runtime. Images of other publishers, such as
kindest/node, have other versions.
"""
_HINTS = {
    "python": re.compile(rb"python|pypy", re.IGNORECASE),
    "node": re.compile(rb"node", re.IGNORECASE),
    "java": re.compile(rb"java|jdk|temurin|corretto|semeru", re.IGNORECASE),
    "go": re.compile(rb"go", re.IGNORECASE),
    "ruby": re.compile(rb"ruby|rvm", re.IGNORECASE),
    "php": re.compile(rb"php", re.IGNORECASE),
    "dotnet": re.compile(rb"dotnet", re.IGNORECASE),
}
"""What every file that states a version of the runtime contains."""
_VERSION = re.compile(r"(?:[A-Za-z_@]+[-@]?)?[<>=~^!]{0,2}\s*v?\d[\w.*+-]*|lts/\w+")


def yaml_places(runtime: str, path: str, content: bytes) -> Iterator[Found]:
    """Yield the versions of a runtime that a CI job, a function or a service uses.

    Raises:
        ValueError: The file states versions of the runtime, but is not valid YAML.
    """
    is_ci = bool(_WORKFLOW.search(path) or _ACTION.search(path) or _CI.search(path))
    if not is_ci and not _SERVICES.search(path):
        return
    if not _HINTS[runtime].search(content):
        return
    for mapping in read_mappings(content):
        if is_ci:
            yield from _settings(runtime, mapping)
        yield from _images(runtime, mapping)
        for key, scalar in mapping.scalars.items():
            if isinstance(key, str) and key.lower() == "runtime":
                yield from _named(runtime, scalar)


def _settings(runtime: str, mapping: Mapping) -> Iterator[Found]:
    """Yield the values of keys such as `python-version`, and of lists under such keys."""
    keys = _KEYS[runtime]
    listed = keys.fullmatch(mapping.name) is not None
    for key, scalar in mapping.scalars.items():
        if isinstance(key, int):
            if listed:
                yield from _several(mapping.name, scalar, many=True)
        elif keys.fullmatch(key):
            # A matrix can add single jobs in a list of mappings under `include`.
            included = isinstance(mapping.path[-1], int) and "include" in mapping.path
            yield from _several(key, scalar, many=included)


def _several(name: str, scalar: Scalar, *, many: bool) -> Iterator[Found]:
    """Yield the versions of one scalar, which may have one version per line."""
    if "${{" in scalar.value or "$(" in scalar.value:
        return
    words = [word for word in re.split(r"[\s,]+", scalar.value) if _VERSION.fullmatch(word)]
    single = _VERSION.match(scalar.value) is not None
    if len(words) > 1 and "\n" in scalar.value:
        for word in words:
            yield name, word, scalar.line, scalar.column, True
    elif single:
        yield name, scalar.value, scalar.line, scalar.column, many


def _named(runtime: str, scalar: Scalar) -> Iterator[Found]:
    found = _RUNTIMES[runtime].fullmatch(scalar.value.strip())
    if found is None:
        return
    # App Engine writes python39 for 3.9, and java11 for 11.
    version = f"{found[1]}.{found[2]}" if found[2] else found[1]
    yield "runtime", version, scalar.line, scalar.column, False


def _images(runtime: str, mapping: Mapping) -> Iterator[Found]:
    for key, scalar in mapping.scalars.items():
        if key not in ("image", "container", "name") and not (
            isinstance(key, int) and mapping.name in ("image", "images")
        ):
            continue
        if key == "name" and mapping.name not in ("image", "services"):
            continue
        name, tag = images.split(scalar.value)
        if name and tag and IMAGES[runtime].fullmatch(name):
            yield f"image {name}", tag, scalar.line, scalar.column, False
