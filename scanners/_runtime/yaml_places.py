"""Find runtime versions in YAML files: CI jobs, serverless functions and services."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .._ecosystems.docker import images
from .._ecosystems.yaml_scalars import Mapping, Scalar, read_mappings
from .references import References
from .scalar_places import ScalarPlaces
from .scalar_versions import versions_in

Found = tuple[str, str, int, int, bool]
"""The name of the place, the version as written, the line, the column, and whether the place lists
several versions.
"""

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


_PREFIX = r"(?:(?:default|latest|oldest|lowest|min|minimum|primary|supported|test)[-_]?)?"
_SUFFIX = r"[-_.]?versions?(?:[-_](?:json|list|array|matrix))?"
_KEYS = {
    runtime: re.compile(rf"{_PREFIX}(?:{names}){_SUFFIX}|{alone}", re.IGNORECASE)
    for runtime, names, alone in (
        ("python", "c?python", "python"),
        ("node", "node(?:js)?", "node(?:_?js)?"),
        ("java", "java|jdk", "java|jdk"),
        ("go", "go(?:lang)?", "go|golang"),
        ("ruby", "ruby", "ruby|rvm"),
        ("php", "php", "php"),
        ("dotnet", "dotnet", "dotnet"),
    )
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
"""Patterns for runtime names in the settings of serverless functions and App Engine."""
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
"""Patterns for image names whose tags are runtime versions. Images of other publishers, such as
kindest/node, have unrelated versions.
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
"""Patterns by runtime. A file without a match for its runtime cannot state a version, so the file
is not parsed.
"""
_NUMBER = re.compile(r"(?:pypy|graalpy)?-?[<>=~^]{0,2}\s*v?\d")
_VARIABLE_TAG = re.compile(r"([^\s$<]+):(?:\$|<<)")
_NO_SETTINGS = ("description", "if", "name", "run", "script")


def yaml_places(runtime: str, path: str, content: bytes) -> Iterator[Found]:
    """Yield the versions of a runtime that CI jobs, functions and services use.

    Raises:
        ValueError: The file is invalid YAML, but could state a version of the runtime.
    """
    is_ci = bool(_WORKFLOW.search(path) or _ACTION.search(path) or _CI.search(path))
    if not is_ci and not _SERVICES.search(path):
        return
    if not _HINTS[runtime].search(content):
        return
    mappings = list(read_mappings(content))
    if is_ci:
        yield from _settings(runtime, mappings, content)
    for mapping in mappings:
        yield from _images(runtime, mapping)
        for key, scalar in mapping.scalars.items():
            if isinstance(key, str) and key.lower() == "runtime":
                yield from _named(runtime, scalar)


def _settings(runtime: str, mappings: Sequence[Mapping], content: bytes) -> Iterator[Found]:
    """Yield the versions in settings such as `python-version`, or in their definitions."""

    def is_key(name: str) -> bool:
        return _KEYS[runtime].fullmatch(name) is not None

    def is_setting(mapping: Mapping, key: str | int) -> bool:
        if isinstance(key, int):
            return is_key(mapping.name)
        is_default = key == "default" and mapping.path[-2:-1] in (("inputs",), ("parameters",))
        return is_key(key) or (is_default and is_key(mapping.name))

    def is_use(mapping: Mapping, key: str | int) -> bool:
        if is_setting(mapping, key):
            return True
        image = _VARIABLE_TAG.match(mapping.scalars[key].value) if _is_image(mapping, key) else None
        return image is not None and IMAGES[runtime].fullmatch(image[1]) is not None

    references = References(mappings, is_use)
    places = ScalarPlaces(content)
    # The name ignores the spelling of the setting, so a new spelling does not create a new item.
    name = f"{runtime}-version"
    for mapping in mappings:
        for key, scalar in mapping.scalars.items():
            if key in _NO_SETTINGS:
                continue
            is_version = is_setting(mapping, key)
            if not is_version and references.include(mapping, key):
                # The same variable can also have other values, such as `ubuntu-24.04`.
                is_version = (
                    _NUMBER.match(scalar.value) is not None or not scalar.value[:1].isalnum()
                )
            parts = list(versions_in(scalar.value, is_key, is_version=is_version))
            many = _is_in_list(mapping, key)
            for part, (line, column) in zip(parts, places.of(scalar, parts), strict=True):
                yield name, part.version, line, column, many or part.is_one_of_many


def _is_in_list(mapping: Mapping, key: str | int) -> bool:
    """Return whether a scalar is a value in a list, or in a job of a matrix."""
    if isinstance(key, int):
        return True
    for name in ("matrix", "include"):
        if name in mapping.path:
            inside = mapping.path[mapping.path.index(name) :]
            return any(isinstance(part, int) for part in inside)
    return False


def _named(runtime: str, scalar: Scalar) -> Iterator[Found]:
    found = _RUNTIMES[runtime].fullmatch(scalar.value.strip())
    if found is None:
        return
    # App Engine writes python39 for 3.9, and java11 for 11.
    version = f"{found[1]}.{found[2]}" if found[2] else found[1]
    yield "runtime", version, scalar.line, scalar.column, False


def _images(runtime: str, mapping: Mapping) -> Iterator[Found]:
    for key, scalar in mapping.scalars.items():
        if not _is_image(mapping, key):
            continue
        name, tag = images.split(scalar.value)
        if name and tag and IMAGES[runtime].fullmatch(name):
            yield f"image {name}", tag, scalar.line, scalar.column, False


def _is_image(mapping: Mapping, key: str | int) -> bool:
    """Return whether a scalar is the name of a container image."""
    if key == "name":
        return mapping.name in ("image", "services")
    return key in ("image", "container") or (
        isinstance(key, int) and mapping.name in ("image", "images")
    )
