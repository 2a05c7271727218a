"""The names of container images."""

from __future__ import annotations

import re

_DEFAULT_REGISTRIES = ("docker.io/", "index.docker.io/", "registry-1.docker.io/")
_NAME = re.compile(
    r"(?:[a-z0-9](?:[\w.\-]*[a-z0-9])?(?::\d+)?/)?[a-z0-9]+(?:[._\-/]+[a-z0-9]+)*",
    re.ASCII | re.IGNORECASE,
)
_LONGEST = 400


def normalise(name: str) -> str:
    """Return the short name: `docker.io/library/python` becomes `python`.

    Raises:
        ValueError: The name is not a valid image name.
    """
    if len(name) > _LONGEST or not _NAME.fullmatch(name) or name.lower() != name:
        raise ValueError(f"`{name:.80}` is not a valid image name; write it without a tag")
    for registry in _DEFAULT_REGISTRIES:
        name = name.removeprefix(registry)
    return name.removeprefix("library/")


def split(reference: str) -> tuple[str, str]:
    """Return the normalised name and the tag of `name:tag@digest`.

    Without a tag, the digest takes the place of the tag. For an invalid name, both strings are
    empty.
    """
    reference = reference.strip().removeprefix("docker://")
    before, _, digest = reference.partition("@")
    slash = _last_slash(before)
    name, _, tag = before[slash:].partition(":")
    try:
        return normalise(before[:slash] + name), tag or digest
    except ValueError:
        return "", ""


def _last_slash(text: str) -> int:
    """Return the offset after the last slash outside template expressions."""
    depth = 0
    last = 0
    for index, character in enumerate(text):
        if character in "{}":
            depth += 1 if character == "{" else -1
        elif character == "/" and depth == 0:
            last = index + 1
        elif character == ":" and depth == 0 and "/" not in text[index:]:
            break
    return last
