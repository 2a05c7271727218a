"""Decide what each audience may see in the records of pages, digests, feeds and data files.

`POLICIES` is an allow-list of the fields that readers may see. Every other field becomes empty.
Counts are the same for every audience: readers learn that hidden repositories exist, but not what
they contain. Public pages also omit the names of hidden repositories.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal, TypeVar, cast

from headway.metrics.attention.attention_records import (
    Attention,
    DeadRepository,
    Due,
    Held,
    MilestoneNews,
    Mover,
    Moves,
    Need,
    NeedKind,
    Regression,
    ScopeChange,
    StalledTeam,
    TeamAttention,
    Unseen,
    Work,
)
from headway.metrics.forecast_records import (
    CampaignForecast,
    ForecastPoint,
    ForecastQuantile,
    ForecastRecord,
    PastForecastRow,
)
from headway.metrics.record_types import empty_value, records_by_field
from headway.metrics.records import (
    BurndownPoint,
    CampaignReport,
    ExemptionRow,
    InexactDays,
    ItemRow,
    Mark,
    RepositoryFacts,
    SeriesPoint,
    StatusRow,
    TeamContact,
)
from headway.metrics.serialize import field_names
from headway.model.audience import Audience, may_see
from headway.model.campaign import Campaign, Exemption, Milestone, Rule, Scope
from headway.model.movement import TEAM_FLOWS

HIDDEN = "a repository that not all readers may see"
"""Shown in place of the name of a hidden repository."""

_REPOSITORY_NEEDS: tuple[NeedKind, ...] = (
    "unknown",
    "regressed",
    "incomplete",
    "dead",
    "unowned",
    "scope added",
)
"""The kinds of actions needed whose subject is a list of repositories."""


@dataclass(frozen=True, slots=True)
class HiddenCounts:
    """Totals of the repositories that the readers of a page may not see."""

    repositories: int
    open: int
    """The number of open items in these repositories."""


def _always(_: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class RecordPolicy:
    """Which fields of one type of record each audience may see.

    Spaces separate several field names in one string.
    """

    everyone: str
    """The fields that every audience may see.

    If a field contains records, the policies of those records apply to them.
    """
    about: str | None = None
    """The field with the name of the record's repository; None if there is no such field."""
    dropped: Literal["never", "public", "always"] = "never"
    """When to remove records whose repository, named in the field `about`, is hidden: never, only
    for the public, or always.
    """
    names: str = ""
    """Fields with repository names. For the public, `HIDDEN` replaces the names of hidden
    repositories.
    """
    names_if: Callable[[Any], bool] = _always
    """Given a record, returns whether its fields in `names` contain repository names."""
    by_name: str = ""
    """Fields with mappings whose keys are repository names. For the public, the entries of hidden
    repositories are removed.
    """
    quotes: str = ""
    """Fields with texts that may quote the contents of repositories. They become empty if any
    repository is hidden.
    """
    not_public: Mapping[str, object] = field(default_factory=dict)
    """Maps fields to the values that the public sees instead.

    If the policy has an `about` field, this applies only to records of hidden repositories.
    """
    counted: Mapping[str, str] = field(default_factory=dict)
    """Maps each field with a list of records to the field that counts the records missing from this
    list. Removed records are added to that count.
    """
    policies: Mapping[str, RecordPolicy] = field(default_factory=dict)
    """Maps fields to the policies for the records in them, where these differ from `POLICIES`."""

    def listed(self) -> frozenset[str]:
        """Return all fields that the policy mentions."""
        groups = f"{self.everyone} {self.names} {self.by_name} {self.quotes}".split()
        return frozenset((*groups, *self.not_public))


_FLOWS = " ".join(TEAM_FLOWS)
"""The names of the ledger columns, all of which contain counts."""

_REPOSITORY_MOVER = RecordPolicy(
    everyone="moves works more", names="name", counted={"works": "more"}
)
_TEAM_MOVER = RecordPolicy(everyone="name moves works more", counted={"works": "more"})

POLICIES: Mapping[type, RecordPolicy] = {
    CampaignReport: RecordPolicy(
        everyone="campaign title summary owner guide starts due today scanned_at status forecast"
        " repositories teams days weeks regressed definition marks team_weeks team_weeks_then"
        " rule_weeks milestones exemptions contacts record",
        by_name="facts",
        quotes="capture_series",
    ),
    Attention: RecordPolicy(
        everyone="campaign title owner guide first last scanned_on status before forecast"
        " forecast_before moves open_repositories repositories teams team_parts regressions"
        " scope_added scope_removed stalled dead lapsing lapsed granted idle unseen milestones"
        " marks needs",
        names="incomplete",
        by_name="facts",
        policies={"repositories": _REPOSITORY_MOVER, "teams": _TEAM_MOVER},
    ),
    StatusRow: RecordPolicy(
        everyone="campaign title repository team state open fixed exempt completion coverage health"
        " p50 p85 due owner guide repositories unknown incomplete pace chance reason since last_fix"
        " oldest_open milestone horizon forecast_reason due_moves due_slips due_slip_days"
        " definition_changed binary_files inexact",
        about="repository",
        dropped="public",
    ),
    InexactDays: RecordPolicy(everyone="first last versions repositories"),
    ItemRow: RecordPolicy(
        everyone="item campaign rule role repository path line column excerpt team state regressed"
        " opened_at opened_commit opened_before_baseline closed_at closed_commit closed_by url"
        " captures opened_by opened_by_all closed_by_all",
        about="repository",
        dropped="always",
    ),
    BurndownPoint: RecordPolicy(
        everyone="campaign team date open exempt fixed_total completion coverage inexact " + _FLOWS
    ),
    SeriesPoint: RecordPolicy(
        everyone="campaign team series role value date open exempt fixed_total repositories"
    ),
    CampaignForecast: RecordPolicy(
        everyone="campaign team today open due reason p50 p85 horizon chance pace pace_needed"
        " growth weeks fixing_weeks unknown quantiles fan milestone pace_year due_moves due_slips"
        " due_slip_days definition_changed"
    ),
    ForecastQuantile: RecordPolicy(everyone="chance date"),
    ForecastPoint: RecordPolicy(everyone="date low median high"),
    ForecastRecord: RecordPolicy(everyone="told finished p50_passed p85_passed"),
    PastForecastRow: RecordPolicy(everyone="said_on p50 p85"),
    # The patterns of exemptions may contain names of repositories and paths.
    ExemptionRow: RecordPolicy(
        everyone="campaign reason approved_by rules since until state items days_left",
        not_public={"repositories": (), "paths": ()},
    ),
    TeamContact: RecordPolicy(everyone="team lead channel"),
    RepositoryFacts: RecordPolicy(everyone="visibility forge"),
    Mark: RecordPolicy(everyone="date kind text repository", about="repository", dropped="public"),
    Campaign: RecordPolicy(
        everyone="id title deprecated replacement summary owner guide starts due milestones"
        " exemptions",
        not_public={"scope": Scope(), "file": None},
    ),
    Rule: RecordPolicy(everyone="id role scanner options paths weight samples include_vendored"),
    Scope: RecordPolicy(everyone="repositories topics languages visibility archived forks"),
    Milestone: RecordPolicy(everyone="name due", not_public={"repositories": ()}),
    Exemption: RecordPolicy(
        everyone="reason until rules approved_by", not_public={"repositories": (), "paths": ()}
    ),
    Moves: RecordPolicy(everyone="open_before open exempt_before exempt " + _FLOWS),
    Mover: _REPOSITORY_MOVER,
    Work: RecordPolicy(
        everyone="repository commit day author fixed opened url",
        about="repository",
        dropped="always",
    ),
    Regression: RecordPolicy(
        everyone="repository team rule path line day commit author url commit_url open",
        about="repository",
        dropped="always",
    ),
    ScopeChange: RecordPolicy(everyone="day items reason", names="repository"),
    StalledTeam: RecordPolicy(everyone="team open since last_fix"),
    DeadRepository: RecordPolicy(everyone="team open last_commit", names="repository"),
    # The reason why a repository is unknown may contain a file name.
    Unseen: RecordPolicy(
        everyone="since until open fresh",
        about="repository",
        names="repository",
        not_public={"reason": "the repository cannot be read"},
    ),
    MilestoneNews: RecordPolicy(everyone="state row"),
    Due: RecordPolicy(everyone="day milestone"),
    Held: RecordPolicy(everyone="open", names="repository"),
    TeamAttention: RecordPolicy(
        everyone="team status forecast moves stalled due left contact works more",
        counted={"works": "more"},
    ),
    Need: RecordPolicy(
        everyone="kind who items day",
        names="subject",
        names_if=lambda need: need.kind in _REPOSITORY_NEEDS,
    ),
}

_Record = TypeVar("_Record")


def hidden_from(audience: Audience, facts: Mapping[str, RepositoryFacts]) -> frozenset[str]:
    """Return the names of the repositories that the audience may not see."""
    return frozenset(
        name for name, known in facts.items() if not may_see(known.visibility, audience)
    )


def report_for(
    audience: Audience, report: CampaignReport
) -> tuple[CampaignReport, HiddenCounts | None]:
    """Return the report for an audience, and the totals of the hidden repositories.

    Counts of the whole campaign and of its teams do not change. The totals are None if no
    repository is hidden.
    """
    hidden = hidden_from(audience, report.facts)
    rows = [row for row in report.repositories if row.repository in hidden]
    shown = _Redaction(audience, report.facts).required(report)
    return shown, HiddenCounts(len(rows), sum(row.open for row in rows)) if rows else None


def attention_for(audience: Audience, attention: Attention) -> Attention:
    """Return the campaign's changes as the audience may see them. Counts do not change."""
    return _Redaction(audience, attention.facts).required(attention)


def items_for(
    audience: Audience, items: Iterable[ItemRow], facts: Mapping[str, RepositoryFacts]
) -> list[ItemRow]:
    """Return the items of the repositories that the audience may see."""
    redaction = _Redaction(audience, facts)
    return [item for item in map(redaction.record, items) if item is not None]


class _Redaction:
    """Applies the policies for one audience to records."""

    def __init__(self, audience: Audience, facts: Mapping[str, RepositoryFacts]) -> None:
        self._everything = audience == "private"
        self._public = audience == "public"
        self._drops = ("always", "public") if self._public else ("always",)
        self._hidden = hidden_from(audience, facts)
        self._shown = facts.keys() - self._hidden
        self._changeable: dict[tuple[type, int], tuple[str, ...]] = {}

    def required(self, record: _Record) -> _Record:
        """Return a record as the audience may see it. Policies never remove these records."""
        shown = self.record(record)
        assert shown is not None
        return shown

    def record(self, record: _Record, policy: RecordPolicy | None = None) -> _Record | None:
        """Return a record as the audience may see it; None if the audience may not see it."""
        policy = policy or POLICIES[type(record)]
        if self._everything or not self._affects(type(record), policy):
            return record
        about_hidden = policy.about is not None and self._hides(getattr(record, policy.about))
        if about_hidden and policy.dropped in self._drops:
            return None
        if not self._changeable_fields(type(record), policy):
            return record
        changes = self._changes(record, policy, about_hidden)
        if not changes:
            return record
        changing = getattr(record, "_replace", None) or partial(replace, cast("Any", record))
        changed: _Record = changing(**changes)
        return changed

    def _changes(self, record: object, policy: RecordPolicy, about_hidden: bool) -> dict[str, Any]:
        """Return the fields with values that the audience may not see, with the values to show
        instead.
        """
        changes: dict[str, Any] = {}
        listed = policy.listed()
        replaced = self._public and (about_hidden or policy.about is None)
        named = policy.names.split() if self._public and policy.names_if(record) else ()
        for name in self._changeable_fields(type(record), policy):
            old = getattr(record, name)
            if name not in listed or (name in policy.quotes.split() and self._hidden):
                new = empty_value(type(record), name)
            elif name in policy.not_public and replaced:
                new = policy.not_public[name]
            elif name in named:
                new = self._named(old)
            elif name in policy.by_name.split() and self._public:
                new = {key: value for key, value in old.items() if key in self._shown}
            else:
                new = self._value(old, policy.policies.get(name))
            if new is not old:
                changes[name] = new
        for name, count in policy.counted.items():
            if name in changes:
                left_out = len(getattr(record, name)) - len(changes[name])
                changes[count] = changes.get(count, getattr(record, count)) + left_out
        return changes

    def _value(self, value: Any, policy: RecordPolicy | None) -> Any:
        """Return a field's value, with all records in it as the audience may see them."""
        if field_names(type(value)) is not None:
            return self.record(value, policy)
        if isinstance(value, tuple):
            return self._values(value, policy)
        if isinstance(value, Mapping):
            shown = {key: self._value(nested, policy) for key, nested in value.items()}
            return shown if any(shown[key] is not value[key] for key in value) else value
        return value

    def _values(self, values: tuple[Any, ...], policy: RecordPolicy | None) -> tuple[Any, ...]:
        if not values:
            return values
        first = type(values[0])
        if field_names(first) is not None:
            # The values may be many but all have the same type, so check only the first one.
            if not self._affects(first, policy or POLICIES[first]):
                return values
            shown = tuple(
                row for row in (self.record(value, policy) for value in values) if row is not None
            )
        else:
            shown = tuple(self._value(value, policy) for value in values)
        unchanged = len(shown) == len(values) and all(map(operator.is_, shown, values))
        return values if unchanged else shown

    def _named(self, value: str | Sequence[str] | None) -> Any:
        """Replace a name, or names in a sequence, if they belong to hidden repositories."""
        if value is None or isinstance(value, str):
            return HIDDEN if self._hides(value) else value
        return tuple(HIDDEN if self._hides(name) else name for name in value)

    def _hides(self, repository: str | None) -> bool:
        """Return whether the repository is hidden. One of unknown visibility is hidden."""
        return repository is not None and repository not in self._shown

    def _affects(self, record: type, policy: RecordPolicy) -> bool:
        """Return whether the policy can drop or change records of this type."""
        return policy.dropped in self._drops or bool(self._changeable_fields(record, policy))

    def _changeable_fields(self, record: type, policy: RecordPolicy) -> tuple[str, ...]:
        """Return the fields of this type of record that the policy can change."""
        # Cached, because there may be hundreds of thousands of records.
        key = record, id(policy)
        if key not in self._changeable:
            self._changeable[key] = tuple(
                name for name in field_names(record) or () if self._can_change(record, name, policy)
            )
        return self._changeable[key]

    def _can_change(self, record: type, name: str, policy: RecordPolicy) -> bool:
        """Return whether the policy can change a field in a record of this type."""
        public_only = f"{policy.names} {policy.by_name}".split()
        return (
            name not in policy.listed()
            or name in policy.quotes.split()
            or (self._public and (name in public_only or name in policy.not_public))
            or any(
                self._affects(nested, policy.policies.get(name, POLICIES[nested]))
                for nested in records_by_field(record)[name]
            )
        )
