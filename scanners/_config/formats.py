"""Configuration file formats. Most are recognised by the name of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from .json_reader import read_json
from .line_readers import read_ini, read_properties
from .nodes import File
from .toml_reader import read_toml
from .xml_reader import read_xml
from .yaml_reader import read_yaml

Format = Literal["yaml", "json", "toml", "ini", "xml", "properties"]
FORMATS: tuple[Format, ...] = get_args(Format)

READERS: Mapping[Format, Callable[[bytes], File]] = {
    "yaml": read_yaml,
    "json": read_json,
    "toml": read_toml,
    "ini": read_ini,
    "xml": read_xml,
    "properties": read_properties,
}

_BY_NAME: Mapping[str, Format] = {
    ".babelrc": "json",
    ".clang-format": "yaml",
    ".clang-tidy": "yaml",
    ".coveragerc": "ini",
    ".editorconfig": "ini",
    ".eslintrc": "json",
    ".flake8": "ini",
    ".gitmodules": "ini",
    ".npmrc": "properties",
    ".pylintrc": "ini",
    "Cargo.lock": "toml",
    "Pipfile": "toml",
    "Pipfile.lock": "json",
    "composer.lock": "json",
    "pdm.lock": "toml",
    "poetry.lock": "toml",
    "uv.lock": "toml",
}
_BY_ENDING: Mapping[str, Format] = {
    "cfg": "ini",
    "code-workspace": "json",
    "config": "xml",
    "csproj": "xml",
    "fsproj": "xml",
    "ini": "ini",
    "json": "json",
    "json5": "json",
    "jsonc": "json",
    "nuspec": "xml",
    "plist": "xml",
    "pom": "xml",
    "properties": "properties",
    "props": "xml",
    "resx": "xml",
    "targets": "xml",
    "toml": "toml",
    "vbproj": "xml",
    "xml": "xml",
    "yaml": "yaml",
    "yml": "yaml",
}


def format_of(path: str) -> Format | None:
    """Return the format of the file at a path, or None if its name is unknown."""
    name = path.rpartition("/")[2]
    return _BY_NAME.get(name) or _BY_ENDING.get(name.rpartition(".")[2].lower())
