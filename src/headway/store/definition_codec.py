"""Convert recorded definitions to the JSON text in the store, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from headway.model.campaign import Exemption, Milestone, Scope
from headway.model.definition_record import DefinitionRecord, RecordedRule


def definition_json(definition: DefinitionRecord) -> str:
    """Encode a definition as JSON text. Equal definitions have the same text."""
    content = asdict(definition)
    content["rules"] = [rule._asdict() for rule in definition.rules]
    return json.dumps(content, default=date.isoformat, ensure_ascii=False, sort_keys=True)


def definition_of(text: str) -> DefinitionRecord:
    """Decode a result of `definition_json`."""
    content = json.loads(text)
    return DefinitionRecord(
        starts=_date(content["starts"]),
        due=_date(content["due"]),
        scope=Scope(**_settings(content["scope"])),
        milestones=tuple(
            Milestone(**{**_settings(value), "due": date.fromisoformat(value["due"])})
            for value in content["milestones"]
        ),
        exemptions=tuple(
            Exemption(**{**_settings(value), "until": date.fromisoformat(value["until"])})
            for value in content["exemptions"]
        ),
        rules=tuple(RecordedRule(**value) for value in content["rules"]),
    )


def _settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with tuples in place of lists."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None
