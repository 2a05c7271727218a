"""Describe scanners and their options to campaign authors."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from headway.config.json_schema import campaign_schema
from headway.errors import HeadwayError
from headway.plugins import Plugins, Scanners
from headway.scanner import ContentScanner, ProjectScanner, RepositoryScanner, Scanner

Kind = Literal["content", "tree", "project", "repository"]
Origin = Literal["shipped", "workspace", "installed"]


class UndescribedOptionsError(HeadwayError):
    """The options of a scanner cannot be described as a JSON Schema."""

    def __init__(self, name: str, place: str, error: Exception) -> None:
        super().__init__(
            f"the options of the `{name}` scanner cannot be described as a JSON Schema "
            f"({type(error).__name__}: {str(error).partition(chr(10))[0]:.200}); "
            f"correct the scanner's options class in {place}."
        )


@dataclass(frozen=True, slots=True)
class ScannerRow:
    """One scanner."""

    scanner: str
    kind: Kind
    """The scanner's input: individual files, the paths of a commit, several files together, or a
    work tree.
    """
    version: str
    origin: Origin
    """The origin of the scanner: Headway, the workspace or another package."""
    place: str
    """The scanner's file, or its package and entry point."""
    summary: str
    """The first line of the scanner's documentation."""


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option of a scanner."""

    option: str
    type: str
    """A description of the allowed values."""
    required: bool
    default: Any
    """The default as a JSON value, or None if the option is required."""
    description: str


@dataclass(frozen=True, slots=True)
class ScannerDetails:
    """A scanner with its options."""

    scanner: str
    kind: Kind
    version: str
    origin: Origin
    place: str
    summary: str
    documentation: str
    """The whole documentation of the scanner."""
    needs_paths: bool
    """Whether every rule with this scanner must have `paths`."""
    options: tuple[OptionRow, ...]
    schema: Mapping[str, Any]
    """The JSON Schema of rules with this scanner."""


def scanner_rows(scanners: Scanners, folders: Sequence[Path]) -> list[ScannerRow]:
    """Return one row per scanner, sorted by name.

    Args:
        scanners: The scanners.
        folders: The folders of the scanners. The last folder contains the shipped scanners.
    """
    rows = []
    for name in scanners.names:
        scanner, place = scanners.by_name[name], scanners.origins[name]
        rows.append(
            ScannerRow(
                scanner=name,
                kind=_kind(scanner),
                version=scanner.version,
                origin=_origin(place, folders),
                place=place,
                summary=_documentation(scanner).partition("\n")[0],
            )
        )
    return rows


def scanner_details(scanners: Scanners, folders: Sequence[Path], name: str) -> ScannerDetails:
    """Return the complete description of one scanner.

    Args:
        scanners: The scanners.
        folders: The folders of the scanners. The last folder contains the shipped scanners.
        name: The name of the scanner.

    Raises:
        UndescribedOptionsError: The plugin's options have no JSON Schema.
    """
    (row,) = (row for row in scanner_rows(scanners, folders) if row.scanner == name)
    scanner = scanners.by_name[name]
    try:
        options, schema = tuple(_options(scanner)), _rule_schema(scanners, name)
    except Exception as error:  # A plugin can raise any exception.
        raise UndescribedOptionsError(name, row.place, error) from error
    return ScannerDetails(
        scanner=row.scanner,
        kind=row.kind,
        version=row.version,
        origin=row.origin,
        place=row.place,
        summary=row.summary,
        documentation=_documentation(scanner),
        needs_paths=scanner.needs_paths,
        options=options,
        schema=schema,
    )


def _kind(scanner: Scanner[Any]) -> Kind:
    kinds: dict[type, Kind] = {
        ContentScanner: "content",
        ProjectScanner: "project",
        RepositoryScanner: "repository",
    }
    return next((kind for base, kind in kinds.items() if isinstance(scanner, base)), "tree")


def _origin(place: str, folders: Sequence[Path]) -> Origin:
    for folder in folders:
        if Path(place).parent == folder:
            return "shipped" if folder == folders[-1] else "workspace"
    return "installed"


def _documentation(scanner: Scanner[Any]) -> str:
    """Return the docstring of the scanner's class, or an empty string if the class has none."""
    return inspect.cleandoc(type(scanner).__dict__.get("__doc__") or "")


def _options(scanner: Scanner[Any]) -> Iterator[OptionRow]:
    """Yield the options of a scanner, required options first."""
    schema = scanner.Options.model_json_schema()
    definitions, options = schema.get("$defs", {}), schema.get("properties", {})
    required = [name for name in options if name in schema.get("required", ())]
    for name in dict.fromkeys([*required, *options]):
        option = options[name]
        yield OptionRow(
            option=name,
            type=type_in_words(option, definitions),
            required=name in required,
            default=option.get("default"),
            description=option.get("description", ""),
        )


def type_in_words(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Describe the values that a JSON Schema allows, for example as `list of text`.

    Args:
        schema: The schema of the option's value.
        definitions: The schemas that `schema` can refer to, by name.
    """
    if "$ref" in schema:
        target = definitions.get(schema["$ref"].rpartition("/")[2], {})
        return type_in_words(target, {})
    if "enum" in schema:
        return _alternatives([str(value) for value in schema["enum"]])
    if "const" in schema:
        return str(schema["const"])
    choices = [choice for key in ("anyOf", "oneOf") for choice in schema.get(key, ())]
    if choices:
        # An option that can be null can also be omitted, so null is not mentioned.
        words = [type_in_words(choice, definitions) for choice in choices if choice != _NULL]
        return _alternatives(words)
    kind = schema.get("type")
    if kind == "array":
        return f"list of {type_in_words(schema.get('items', {}), definitions)}"
    if kind == "string" and "format" in schema:
        return str(schema["format"])
    return _TYPES.get(str(kind), "any value") + _limits(schema)


_NULL = {"type": "null"}
_TYPES = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "true or false",
    "object": "mapping",
}

_LIMITS = (
    ("minimum", "at least"),
    ("exclusiveMinimum", "more than"),
    ("maximum", "at most"),
    ("exclusiveMaximum", "less than"),
)


def _limits(schema: Mapping[str, Any]) -> str:
    parts = [f", {words} {json.dumps(schema[key])}" for key, words in _LIMITS if key in schema]
    return "".join(parts)


def _alternatives(words: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(words))
    if len(distinct) < 2:
        return "".join(distinct)
    return f"{', '.join(distinct[:-1])} or {distinct[-1]}"


def _rule_schema(scanners: Scanners, name: str) -> dict[str, Any]:
    """Return the JSON Schema of rules with this scanner, including the keys of all rules."""
    alone = Plugins({name: scanners.by_name[name]}, {name: scanners.origins[name]})
    schema = campaign_schema(alone)
    definitions = schema["$defs"]
    rule = definitions.pop("RuleFile")
    (own,) = rule["oneOf"]
    common = rule["properties"] | {"scanner": {"const": name}}
    properties = {
        key: {**common.get(key, {}), **(value if isinstance(value, dict) else {})}
        for key, value in own["properties"].items()
    }
    return {
        "$schema": schema["$schema"],
        "title": f"Headway rule with the scanner {name}",
        "type": "object",
        "properties": properties,
        "required": [*rule["required"], *own["required"]],
        "additionalProperties": False,
        "$defs": definitions,
    }
