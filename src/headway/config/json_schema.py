"""Build the JSON Schema that editors use to check and complete campaign files."""

from __future__ import annotations

from typing import Any

from headway.config.campaign_file import (
    COMMON_RULE_KEYS,
    FILES_SCHEMA,
    GOALS,
    TEXT_SCHEMA,
    CampaignFile,
    RuleFile,
)
from headway.plugins import Scanners
from headway.scanner import ContentScanner, ProjectScanner, Scanner


def campaign_schema(scanners: Scanners) -> dict[str, Any]:
    """Return a draft 2020-12 schema in which `scanner` determines a rule's allowed options."""
    schema = CampaignFile.model_json_schema()
    definitions = schema.setdefault("$defs", {})
    common = RuleFile.model_json_schema()["properties"]
    common["scanner"] = {**common["scanner"], "enum": list(scanners.names)}
    definitions["RuleFile"] = {
        "type": "object",
        "properties": common,
        "required": ["id", "scanner"],
        "oneOf": [_alternative(scanners, name, definitions) for name in scanners.names],
    }
    for definition in (schema, *definitions.values()):
        allow_single_words(definition)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Headway campaign",
        **{key: value for key, value in schema.items() if key != "title"},
        "anyOf": [{"required": [goal], "properties": {goal: {"minItems": 1}}} for goal in GOALS],
    }


def _alternative(scanners: Scanners, name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of rules with this scanner, and add its subschemas to `definitions`."""
    scanner = scanners.get(name)
    assert scanner is not None
    options = scanner.Options.model_json_schema()
    definitions.update(options.pop("$defs", {}))
    common: dict[str, Any] = dict.fromkeys(COMMON_RULE_KEYS, True)
    required = list(options.get("required", []))
    if scanner.needs_paths:
        common["paths"] = {"minItems": 1}
        required.append("paths")
    common["sample"] = common["not_sample"] = _samples_of(scanner)
    return {
        "properties": {**options.get("properties", {}), **common, "scanner": {"const": name}},
        "required": required,
        "additionalProperties": False,
    }


def _samples_of(scanner: Scanner[Any]) -> dict[str, Any]:
    """Return the schema of the samples for rules with this scanner."""
    if isinstance(scanner, ContentScanner | ProjectScanner):
        one = TEXT_SCHEMA if isinstance(scanner, ContentScanner) else FILES_SCHEMA
        return {"anyOf": [one, {"type": "array", "items": one}]}
    return {"maxItems": 0}


def allow_single_words(definition: dict[str, Any]) -> None:
    """Change a schema to accept a single string wherever it accepts a list of strings."""
    for name, value in definition.get("properties", {}).items():
        items = value.get("items") if isinstance(value, dict) else None
        if isinstance(items, dict) and items.get("type") == "string":
            listed = {key: value[key] for key in ("type", "items") if key in value}
            rest = {key: value[key] for key in value if key not in listed}
            definition["properties"][name] = {"anyOf": [dict(items), listed], **rest}
