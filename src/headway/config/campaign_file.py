"""The shape of a campaign file: what may be written where."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_ID = r"^[a-z0-9][a-z0-9._-]*$"
_LINK = r"^https?://\S+$"


def _date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DATE.match(value):
        raise ValueError("a date is written as YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day in the calendar") from None


def _one_or_more(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Day = Annotated[
    date,
    BeforeValidator(_date),
    WithJsonSchema({"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]
Text = Annotated[str, Field(min_length=1)]
Words = Annotated[tuple[Text, ...], BeforeValidator(_one_or_more)]
Link = Annotated[str, Field(pattern=_LINK)]
VISIBILITIES = ("public", "internal", "private")
Visibility = Annotated[Text, WithJsonSchema({"type": "string", "enum": list(VISIBILITIES)})]
Identifier = Annotated[str, Field(pattern=_ID)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ScopeFile(_Part):
    """Which repositories the campaign is about; leave it out for all of them."""

    repositories: Words = Field(
        default=(), description="Patterns over repository names, as in .gitignore; `!` excludes."
    )
    topics: Words = Field(default=(), description="Any of these topics suffices.")
    languages: Words = Field(default=(), description="Any of these languages suffices.")
    visibility: Annotated[tuple[Visibility, ...], BeforeValidator(_one_or_more)] = Field(
        default=(), description="public, internal or private."
    )
    archived: bool = Field(
        default=False, strict=True, description="Whether archived repositories count."
    )
    forks: bool = Field(default=False, strict=True, description="Whether forks count.")


class RuleFile(BaseModel):
    """What every rule has; its scanner adds options of its own."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: Identifier = Field(description="Names the rule; unique in the campaign.")
    scanner: Text = Field(description="The scanner that finds its matches.")
    paths: Words = Field(
        default=(), description="Patterns over paths, as in .gitignore; none at all means all."
    )
    weight: float = Field(
        default=1.0, ge=0, strict=True, allow_inf_nan=False, description="How much an item counts."
    )
    sample: Words = Field(
        default=(), description="Text in which the rule must find something; it is checked."
    )


class MilestoneFile(_Part):
    """A wave with a due date of its own."""

    name: Text
    due: Day
    repositories: Words = ()


class ExemptionFile(_Part):
    """Items that need not go, why, and until when."""

    reason: Text = Field(description="Why; mandatory.")
    repositories: Words = ()
    paths: Words = ()
    rules: Words = ()
    until: Day = Field(description="The last exempt day; mandatory, as nothing is for ever.")
    approved_by: Text | None = None


class CampaignFile(_Part):
    """One migration; the file's name without its ending is the campaign's id."""

    title: Text = Field(description="What is to be done, in a few words.")
    summary: str = Field(default="", description="Why, in a sentence or two.")
    owner: Text | None = Field(default=None, description="The team that runs the campaign.")
    guide: Link | None = Field(default=None, description="Where it says how to do it.")
    starts: Day | None = Field(default=None, description="The burndown's first day.")
    due: Day | None = Field(default=None, description="The last day that is in time.")
    scope: ScopeFile = Field(default=ScopeFile())
    deprecated: tuple[RuleFile, ...] = Field(
        min_length=1, description="What must go: every match is an item."
    )
    replacement: tuple[RuleFile, ...] = Field(
        default=(), description="What must be there for a repository to be done."
    )
    milestones: tuple[MilestoneFile, ...] = ()
    exemptions: tuple[ExemptionFile, ...] = ()


COMMON_RULE_KEYS = tuple(RuleFile.model_fields)
REQUIRED_RULE_KEYS = tuple(
    key for key, field in RuleFile.model_fields.items() if field.is_required()
)
