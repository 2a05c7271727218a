"""Resolve the URIs of files in SARIF to paths in the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from .json_values import ReportError, index, mapping, text

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"/?([A-Za-z]:)/")
_MOST_BASES = 20


class Address(NamedTuple):
    """The location of a file, as stated by the tool."""

    path: str
    """The path relative to the root of the repository, or an empty string if it is unknown."""
    absolute: str = ""
    """The path on the machine that ran the tool, or an empty string if it is unknown."""

    def in_repository(self, root: str) -> str:
        """Return the path relative to the root of the repository.

        Args:
            root: The folder of the repository when the tool ran. `*` stands for any folder name. If
                it is empty, the returned path is relative to the topmost base of the URI.

        Raises:
            ReportError: The file is not in the repository, or the root is needed but unknown.
        """
        if root and self.absolute:
            below = _below(self.absolute.split("/"), _plain(root).rstrip("/").split("/"))
            if below is None:
                raise ReportError(f"a result is not in the folder {root}: {self.absolute:.100}")
            return below
        if not self.path:
            raise ReportError(
                f"a result has an absolute path: {self.absolute:.100}; set `root` to the folder "
                "of the repository on the machine on which the tool ran"
            )
        return self.path


def address_of(path: str, place: str) -> Address:
    """Return the address of an unencoded path.

    Raises:
        ReportError: The path has too many `..` parts, or is not the path of a file.
    """
    if path.startswith("/") or _DRIVE.match(path):
        parts = _without_dots(path.split("/"), place)
        return Address("", "/".join(parts) if _DRIVE.match(path) else f"/{'/'.join(parts)}")
    return Address("/".join(_without_dots(path.split("/"), place)))


class Locations:
    """Resolves the URIs of files in one run of a tool."""

    def __init__(self, run: Mapping[str, Any], place: str) -> None:
        """Prepare to resolve URIs.

        Args:
            run: The run of the tool.
            place: The location of the run, for error messages.
        """
        self._place = place
        self._bases = mapping(run.get("originalUriBaseIds"), f"{place}.originalUriBaseIds")
        artifacts = run.get("artifacts")
        self._artifacts: Sequence[Any] = artifacts if isinstance(artifacts, list) else ()
        self._folders = list(self._working_folders(run))

    def _working_folders(self, run: Mapping[str, Any]) -> Iterator[str]:
        invocations = run.get("invocations")
        for invocation in invocations if isinstance(invocations, list) else ():
            folder = invocation.get("workingDirectory") if isinstance(invocation, dict) else None
            uri = folder.get("uri") if isinstance(folder, dict) else None
            if isinstance(uri, str) and _is_absolute(uri):
                yield _plain(uri).rstrip("/")

    def address_of(self, location: Mapping[str, Any], place: str) -> Address:
        """Return the address of an artifact location.

        Raises:
            ReportError: The URI is invalid, or is outside the repository.
        """
        uri = text(location.get("uri"), f"{place}.uri")
        base = text(location.get("uriBaseId"), f"{place}.uriBaseId")
        number = index(location.get("index"), f"{place}.index")
        if not uri and number is not None:
            uri, base = self._artifact(number, place)
        if not uri:
            raise ReportError(f"`{place}` has no `uri`")
        for _ in range(_MOST_BASES):
            if not base or _is_absolute(uri):
                return self._without_base(uri, place)
            where = f"{self._place}.originalUriBaseIds.{base:.60}"
            known = mapping(self._bases.get(base), where)
            parent = text(known.get("uri"), f"{where}.uri")
            if _is_absolute(parent):
                absolute = address_of(f"{_plain(parent).rstrip('/')}/{_plain(uri)}", place).absolute
                return Address(address_of(_plain(uri), place).path, absolute)
            uri = f"{parent.rstrip('/')}/{uri}" if parent else uri
            base = text(known.get("uriBaseId"), f"{where}.uriBaseId")
        raise ReportError(f"`{self._place}.originalUriBaseIds` refers to itself")

    def _artifact(self, number: int, place: str) -> tuple[str, str]:
        if number >= len(self._artifacts):
            raise ReportError(f"`{place}.index` is not the index of an artifact")
        where = f"{self._place}.artifacts[{number}]"
        artifact = mapping(self._artifacts[number], where)
        location = mapping(artifact.get("location"), f"{where}.location")
        return text(location.get("uri"), where), text(location.get("uriBaseId"), where)

    def _without_base(self, uri: str, place: str) -> Address:
        address = address_of(_plain(uri), place)
        for folder in self._folders:
            below = _below(address.absolute.split("/"), folder.split("/"))
            if below is not None:
                return Address(below, address.absolute)
        return address


def _without_dots(parts: Sequence[str], place: str) -> list[str]:
    """Resolve `.` and `..` in the parts of a path."""
    kept: list[str] = []
    for part in parts:
        if part == ".." and not kept:
            raise ReportError(
                f"`{place}` names a file outside the repository: {'/'.join(parts):.100}"
            )
        if part == "..":
            kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    if not kept:
        raise ReportError(f"`{place}` is not the path of a file: {'/'.join(parts):.100}")
    return kept


def _below(path: Sequence[str], root: Sequence[str]) -> str | None:
    if len(path) <= len(root):
        return None
    pairs = zip(path, root, strict=False)
    return (
        "/".join(path[len(root) :])
        if all(wanted in ("*", part) for part, wanted in pairs)
        else None
    )


def _is_absolute(uri: str) -> bool:
    return uri.startswith("/") or _SCHEME.match(uri) is not None or bool(_DRIVE.match(uri))


def _plain(uri: str) -> str:
    """Return the decoded path of a URI, with slashes, but without `file://` and the host.

    Raises:
        ReportError: The URI is not the URI of a file.
    """
    uri = uri.replace("\\", "/")
    if uri[:5].lower() == "file:":
        rest = uri[5:]
        if rest.startswith("//"):
            rest = "/" + rest[2:].partition("/")[2]
    elif _SCHEME.match(uri) and not _DRIVE.match(uri):
        raise ReportError(f"`{uri:.100}` is not the URI of a file")
    else:
        rest = uri
    path = unquote(rest, errors="surrogateescape")
    drive = _DRIVE.match(path)
    return path.lstrip("/") if drive else path
