"""Read declarations (line, package, version) from a file with parsers by other authors.

The line is 0 if the parser does not report lines.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

Declaration = tuple[int, str, str]
Reader = Callable[[str, bytes], Iterator[Declaration]]

COMMIT = re.compile(r"[0-9a-f]{40}")


def split_image(reference: str) -> tuple[str, str]:
    """Return the short name of an image, and its tag or, without a tag, its digest."""
    rest, _, digest = reference.strip().removeprefix("docker://").partition("@")
    before, variable, after = rest.partition("${")
    head, colon, tag = before.rpartition(":")
    if not colon or "/" in tag:
        head, tag = rest, ""
    else:
        tag += variable + after
    for prefix in ("docker.io/", "index.docker.io/", "library/"):
        head = head.removeprefix(prefix)
    return head, tag or digest


def dockerfile(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read the base images with dockerfile-parse."""
    from dockerfile_parse import DockerfileParser

    parser = DockerfileParser(fileobj=io.BytesIO(content))
    froms = [entry for entry in parser.structure if entry["instruction"] == "FROM"]
    stages: set[str] = set()
    for entry, image in zip(froms, parser.parent_images, strict=True):
        if image.lower() not in stages and image != "scratch" and "/$" not in image:
            name, tag = split_image(image)
            if "$" not in name:
                yield entry["startline"] + 1, name, tag
        words = [word for word in entry["value"].split() if not word.startswith("--")]
        if len(words) == 3:
            stages.add(words[2].lower())


def _documents(content: bytes) -> Iterator[Any]:
    from ruamel.yaml import YAML

    yield from YAML(typ="rt", pure=True).load_all(content)


def _mappings(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield all mappings of a document with their paths."""
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from _mappings(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _mappings(value, (*path, index))


def _line(mapping: Any, key: str) -> int:
    return int(mapping.lc.value(key)[0]) + 1


def actions(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read the values of `uses` with ruamel.yaml."""
    for document in _documents(content):
        for _, mapping in _mappings(document):
            uses = mapping.get("uses")
            if isinstance(uses, str) and not uses.startswith((".", "$/", "docker:")):
                name, _, reference = uses.partition("@")
                yield _line(mapping, "uses"), name.lower().rstrip("/"), reference


def hooks(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read the repositories of hooks with ruamel.yaml."""
    for document in _documents(content):
        for _, mapping in _mappings(document):
            repository = mapping.get("repo")
            if isinstance(repository, str) and "/" in repository:
                name = repository.partition("://")[2].lower().removesuffix(".git").rstrip("/")
                revision = mapping.get("rev", mapping.get("sha", ""))
                yield _line(mapping, "repo"), name, str(revision)


def charts(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read the dependencies of a chart with ruamel.yaml."""
    for document in _documents(content):
        for entry in document.get("dependencies") or ():
            yield _line(entry, "name"), entry["name"].lower(), str(entry.get("version", ""))


def images(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read the values of `image` that are whole references, with ruamel.yaml."""
    for document in _documents(content) if b"image" in content else ():
        for _, mapping in _mappings(document):
            image = mapping.get("image")
            if isinstance(image, str) and ":" in image and "://" not in image:
                name, tag = split_image(image)
                if re.fullmatch(r"[a-z0-9][a-z0-9._/:-]*", name):
                    yield _line(mapping, "image"), name, tag


def includes(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read the projects and components that a pipeline includes, with ruamel.yaml."""
    for document in _documents(content) if b"include" in content else ():
        for path, mapping in _mappings(document):
            if "include" not in path:
                continue
            project, component = mapping.get("project"), mapping.get("component")
            if isinstance(project, str):
                name, version = project.strip("/"), str(mapping.get("ref", ""))
                yield _line(mapping, "project"), name.lower(), version
            if isinstance(component, str):
                name, _, version = component.partition("@")
                yield _line(mapping, "component"), name.partition("/")[2].lower(), version


def terraform(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read providers, modules and the version of Terraform with python-hcl2."""
    import hcl2

    document = hcl2.loads(content.decode())
    for block in document.get("terraform", ()):
        if "required_version" in block:
            yield 0, "terraform", _unquoted(block["required_version"])
        for providers in block.get("required_providers", ()):
            yield from _required_providers(providers)
    for block in document.get("provider", ()):
        for name, provider in block.items():
            if isinstance(provider, dict) and "version" in provider:
                yield 0, f"hashicorp/{_unquoted(name)}", _unquoted(provider["version"])
    for block in document.get("module", ()):
        for name, module in block.items():
            source = _unquoted(module.get("source", "")) if not name.startswith("__") else "."
            if not source.startswith(".") and "::" not in source and "?" not in source:
                name = source.partition("//")[0].lower()  # noqa: PLW2901 - not the local name
                yield 0, name, _unquoted(module.get("version", ""))


def _unquoted(value: Any) -> str:
    return str(value).strip('"')


def _required_providers(providers: Any) -> Iterator[Declaration]:
    for name, value in providers.items():
        if isinstance(value, dict):
            source = _unquoted(value.get("source", name)).lower()
            source = source.removeprefix("registry.terraform.io/")
            source = source if "/" in source else f"hashicorp/{source}"
            yield 0, source, _unquoted(value.get("version", ""))
        elif not name.startswith("__"):
            yield 0, f"hashicorp/{name.lower()}", _unquoted(value)


def projects(_path: str, content: bytes) -> Iterator[Declaration]:
    """Read the packages of a .NET project with lxml."""
    from lxml import etree

    root = etree.fromstring(content)
    for element in root.iter("{*}PackageReference", "{*}PackageVersion", "{*}package"):
        name = element.get("Include") or element.get("Update") or element.get("id") or ""
        version = element.get("VersionOverride") or element.get("Version") or element.get("version")
        if version is None:
            version = next((child.text for child in element.iter("{*}Version")), "")
        if name:
            yield 0, name.strip().lower(), version or ""
