"""Apply the policies of `audience_policy` to records."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar, cast

from headway.metrics.attention.attention_records import (
    Attention,
)
from headway.metrics.audience_policy import POLICIES, HiddenCounts, RecordPolicy
from headway.metrics.record_types import empty_value, records_by_field
from headway.metrics.records import (
    CampaignReport,
    ItemRow,
    RepositoryFacts,
)
from headway.metrics.serialize import field_names
from headway.model.audience import HIDDEN, Audience, may_see

_Record = TypeVar("_Record")


def hidden_from(audience: Audience, facts: Mapping[str, RepositoryFacts]) -> frozenset[str]:
    """Return the names of the repositories that the audience is not allowed to see."""
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
    """Return the campaign's changes that the audience is allowed to see. Counts do not change."""
    return _Redaction(audience, attention.facts).required(attention)


def items_for(
    audience: Audience, items: Iterable[ItemRow], facts: Mapping[str, RepositoryFacts]
) -> list[ItemRow]:
    """Return the items of the repositories that the audience is allowed to see."""
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
        """Return a record without hidden data. The policy of its type must never remove records."""
        shown = self.record(record)
        assert shown is not None
        return shown

    def record(self, record: _Record, policy: RecordPolicy | None = None) -> _Record | None:
        """Return a record without hidden data, or None if the policy removes the whole record."""
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
        """Return new values for the fields with data that the audience is not allowed to see."""
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
        """Return a field's value without hidden data."""
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
            # The list can be long, but all its values have the same type, so check only the first
            # one.
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
        """Replace names of hidden repositories, either a single name or names in a sequence."""
        if value is None or isinstance(value, str):
            return HIDDEN if self._hides(value) else value
        return tuple(HIDDEN if self._hides(name) else name for name in value)

    def _hides(self, repository: str | None) -> bool:
        """Return whether a repository is hidden. A repository of unknown visibility is hidden."""
        return repository is not None and repository not in self._shown

    def _affects(self, record: type, policy: RecordPolicy) -> bool:
        """Return whether the policy can remove or change records of this type."""
        return policy.dropped in self._drops or bool(self._changeable_fields(record, policy))

    def _changeable_fields(self, record: type, policy: RecordPolicy) -> tuple[str, ...]:
        """Return the fields of this type of record that the policy can change."""
        # The result is cached, because there can be hundreds of thousands of records.
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
