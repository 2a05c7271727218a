"""Read the images in YAML files of Compose, Kubernetes, Helm, GitHub Actions and GitLab CI."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..records import Requirement
from ..yaml_scalars import Mapping, Scalar, is_template, line_scalars, read_mappings
from . import images

IMAGE = "image"
"""The group of requirements for images that are named by the `image` key."""
_HINT = re.compile(rb"image|docker://|newTag|container:|repository:|services:", re.IGNORECASE)


def read_manifest(content: bytes) -> Iterator[Requirement]:
    """Yield the images that a YAML file names, in order of position."""
    if not _HINT.search(content):
        return
    try:
        found = [one for mapping in read_mappings(content) for one in _images(mapping)]
    except ValueError:
        if not is_template(content):
            raise
        found = [one for key in ("image", "uses") for one in _in_template(content, key)]
    yield from sorted(found, key=lambda requirement: (requirement.line, requirement.column))


def read_lines(content: bytes) -> Iterator[Requirement]:
    """Yield the images in lines such as `"image": "node:18"` in JSON files with comments."""
    for scalar in line_scalars(content, "image"):
        yield from _reference(scalar)


def _in_template(content: bytes, key: str) -> Iterator[Requirement]:
    for scalar in line_scalars(content, key):
        if key == "image" or scalar.value.startswith("docker://"):
            yield from _reference(scalar)


def _images(mapping: Mapping) -> Iterator[Requirement]:
    scalars = mapping.scalars
    image = scalars.get("image")
    if image is not None:
        yield from _reference(image, mapping.text("tag") or mapping.text("imageTag"), IMAGE)
    elif mapping.name == "image" and "name" in scalars:
        yield from _reference(scalars["name"])
    if "repository" in scalars:
        yield from _parts(mapping)
    if "newTag" in scalars or "newName" in scalars:
        named = scalars.get("newName") or scalars.get("name")
        if named is not None:
            yield from _reference(named, mapping.text("newTag"))
    container = scalars.get("container")
    if container is not None and "jobs" in mapping.path:
        yield from _reference(container)
    uses = scalars.get("uses")
    if uses is not None and uses.value.startswith("docker://"):
        yield from _reference(uses)
    yield from _services(mapping)


def _parts(mapping: Mapping) -> Iterator[Requirement]:
    """Read the image whose `registry`, `repository` and `tag` are separate Helm values."""
    repository = mapping.scalars["repository"]
    is_image = "tag" in mapping.scalars or "image" in mapping.name.lower()
    if is_image and "://" not in repository.value:
        registry = mapping.text("registry")
        name = f"{registry}/{repository.value}" if registry else repository.value
        yield from _reference(
            Scalar(name, repository.line, repository.column),
            mapping.text("tag") or mapping.text("digest"),
        )


def _services(mapping: Mapping) -> Iterator[Requirement]:
    """Read the `services` of GitLab CI, which are image names or mappings with a `name`."""
    if mapping.name == "services":
        for key, scalar in mapping.scalars.items():
            if isinstance(key, int):
                yield from _reference(scalar)
    elif len(mapping.path) > 1 and mapping.path[-2] == "services" and not mapping.name:
        name = mapping.scalars.get("name")
        if name is not None:
            yield from _reference(name)


def _reference(scalar: Scalar, tag: str = "", group: str = "") -> Iterator[Requirement]:
    name, own = images.split(scalar.value)
    if name:
        yield Requirement(name, own or tag, scalar.line, scalar.column, group)
