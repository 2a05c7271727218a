"""The schema of a campaign file."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import PydanticKnownError

from headway.config.setting_types import Text
from headway.model.days import FIRST_DAY, LAST_DAY

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_ID = r"^[a-z0-9][a-z0-9._-]*$"
_LINK = r"^https?://\S+$"


SMALLEST_WEIGHT, LARGEST_WEIGHT = 0.000001, 1_000_000
"""The range of nonzero weights. Outside this range, sums of weights would be inexact."""


def _date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DATE.match(value):
        raise ValueError("write a date as YYYY-MM-DD")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such date") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"write a date from {FIRST_DAY} to {LAST_DAY}")
    return day


def _weight(value: float) -> float:
    if 0 < value < SMALLEST_WEIGHT or value > LARGEST_WEIGHT:
        raise ValueError(f"write 0, or a number from {SMALLEST_WEIGHT:f} to {LARGEST_WEIGHT:,}")
    return value


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _one_or_more_samples(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


def _sample(value: Any) -> Any:
    if isinstance(value, dict):
        if value and all(isinstance(text, str) for text in (*value, *value.values())):
            return value
        raise ValueError("map the path of each file to its content")
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    if not value:
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return value


TEXT_SCHEMA = {"type": "string", "minLength": 1}
FILES_SCHEMA = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "minProperties": 1,
}
"""The JSON Schema of a sample that consists of files: a mapping from paths to contents."""


Day = Annotated[
    date,
    BeforeValidator(_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]
Sample = Annotated[str | dict[str, str], PlainValidator(_sample)]
"""A string, or a mapping from the paths of several files to their contents."""
Samples = Annotated[
    tuple[Sample, ...],
    BeforeValidator(_one_or_more_samples),
    WithJsonSchema(
        {
            "anyOf": [
                TEXT_SCHEMA,
                FILES_SCHEMA,
                {"type": "array", "items": {"anyOf": [TEXT_SCHEMA, FILES_SCHEMA]}},
            ]
        }
    ),
]
Words = Annotated[tuple[Text, ...], BeforeValidator(_one_or_more)]
Link = Annotated[str, Field(pattern=_LINK)]
VISIBILITIES = ("public", "internal", "private")
Visibility = Annotated[Text, WithJsonSchema({"type": "string", "enum": list(VISIBILITIES)})]
Identifier = Annotated[str, Field(pattern=_ID)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class ScopeFile(_Part):
    """The repositories that a campaign covers."""

    repositories: Words = Field(
        default=(),
        description="Patterns for repository names, in .gitignore syntax; `!` excludes names.",
    )
    topics: Words = Field(
        default=(), description="Topics of which a repository must have at least one."
    )
    languages: Words = Field(
        default=(), description="Languages of which a repository must use at least one."
    )
    visibility: Annotated[tuple[Visibility, ...], BeforeValidator(_one_or_more)] = Field(
        default=(),
        description="Visibilities to include: public, internal or private.",
    )
    archived: bool = Field(
        default=False, strict=True, description="Whether archived repositories are included."
    )
    forks: bool = Field(default=False, strict=True, description="Whether forks are included.")


class RuleFile(BaseModel):
    """The keys that all rules share. Each scanner adds its own options."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    id: Identifier = Field(description="The ID of the rule, which must be unique in the campaign.")
    scanner: Text = Field(description="The scanner that finds the matches.")
    paths: Words = Field(
        default=(),
        description="Patterns for the paths to search, in .gitignore syntax; default: all files.",
    )
    weight: Annotated[float, AfterValidator(_weight)] = Field(
        default=1.0,
        ge=0,
        json_schema_extra={"maximum": LARGEST_WEIGHT},
        strict=True,
        allow_inf_nan=False,
        description="How much each item of this rule counts in the completion of the campaign, "
        "compared with an item of weight 1.",
    )
    include_vendored: bool | None = Field(
        default=None,
        strict=True,
        description="Whether to search vendored and generated code; default: the setting of the "
        "campaign.",
    )
    sample: Samples = Field(
        default=(),
        description="Example text or, for a project scanner, a mapping from paths of files to "
        "their contents; `headway validate` checks that the rule matches it.",
    )
    not_sample: Samples = Field(
        default=(),
        description="Example text or files; `headway validate` checks that the rule does not match "
        "them.",
    )
    sample_paths: Words = Field(
        default=(),
        description="Example paths; `headway validate` checks that the rule searches these files.",
    )
    not_sample_paths: Words = Field(
        default=(),
        description="Example paths; `headway validate` checks that the rule does not search these "
        "files.",
    )


class MilestoneFile(_Part):
    """A part of the campaign with its own due date."""

    name: Text
    due: Day
    repositories: Words = ()


class ExemptionFile(_Part):
    """Items that need not be fixed until the exemption expires."""

    reason: Text = Field(description="The reason for the exemption.")
    repositories: Words = ()
    paths: Words = ()
    rules: Words = ()
    until: Day = Field(description="The last day on which the items are exempt.")
    approved_by: Text | None = None


class ReferenceFile(_Part):
    """A public source for the campaign's advice."""

    url: Link
    read_on: Day = Field(description="The day on which somebody last checked the source.")
    says: Text = Field(description="What the source says, in one sentence.")


class CampaignFile(_Part):
    """A campaign file. The file name without its extension is the campaign's ID."""

    title: Text = Field(description="The goal of the campaign, in a few words.")
    summary: str = Field(
        default="", description="The reason for the campaign, in one or two sentences."
    )
    owner: Text | None = Field(default=None, description="The team that runs the campaign.")
    guide: Link | None = Field(
        default=None, description="A link to the instructions for fixing an item."
    )
    references: tuple[ReferenceFile, ...] = Field(
        default=(), description="The public sources of the campaign's advice."
    )
    starts: Day | None = Field(default=None, description="The first day of the burndown.")
    due: Day | None = Field(default=None, description="The due date of the campaign (inclusive).")
    scope: ScopeFile = Field(default_factory=ScopeFile)
    include_vendored: bool = Field(
        default=False,
        strict=True,
        description="Whether to search vendored and generated code, such as node_modules/.",
    )
    applies_to: tuple[RuleFile, ...] = Field(
        default=(),
        min_length=1,
        description="Rules that find the affected repositories. A repository in which none of "
        "these rules matches is not affected. Default: all repositories in scope may be affected.",
    )
    deprecated: tuple[RuleFile, ...] = Field(
        default=(),
        min_length=1,
        description="Rules that find what must be removed; every match is an item.",
    )
    required: tuple[RuleFile, ...] = Field(
        default=(),
        description="Rules that find what a repository must contain to count as done. Without "
        "`deprecated`, each of these rules that finds nothing in an affected repository is an "
        "item.",
    )
    replacement: tuple[RuleFile, ...] = Field(
        default=(), description="The former name of `required`."
    )
    milestones: tuple[MilestoneFile, ...] = ()
    exemptions: tuple[ExemptionFile, ...] = ()


COMMON_RULE_KEYS = tuple(RuleFile.model_fields)
REQUIRED_RULE_KEYS = tuple(
    key for key, field in RuleFile.model_fields.items() if field.is_required()
)

GOALS = ("deprecated", "required", "replacement")
"""A campaign file needs at least one of these keys."""
