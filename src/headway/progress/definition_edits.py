"""Changes to a campaign's definition: edits that charts mark, and slipped due dates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from headway.model.campaign import Exemption, Milestone, Scope
from headway.model.days import day_text
from headway.model.definition_record import DatedDefinition, DefinitionRecord, RecordedRule


class DefinitionEdit(NamedTuple):
    """A change to a setting that affects a campaign's numbers or dates."""

    kind: str
    """One of `EDIT_KINDS`."""
    description: str
    """A description of the change. It never names a repository, because pages can be public."""
    before: str | None
    """The setting's value before the change, or None if it had no value."""
    after: str | None
    """The setting's value after the change, or None if it has no value."""


EDIT_KINDS = ("start", "due date", "scope", "milestone", "exemption", "role", "weight")
"""The kinds of edits that charts mark.

Edits that change a rule's matches have marks of a different kind, because the rule's history is
recomputed.
"""


@dataclass(frozen=True, slots=True)
class DueHistory:
    """A summary of the changes to a due date."""

    first: date | None = None
    """The first due date, or None if no due date was ever set."""
    current: date | None = None
    """The current due date, or None if no due date is set."""
    moves: int = 0
    """The number of changes to an earlier or later date."""
    slips: int = 0
    """The number of changes to a later date."""

    @property
    def days(self) -> int:
        """The number of days from the first due date to the current one.

        The number is negative if the current due date is earlier, and 0 if either date is None.
        """
        if self.first is None or self.current is None:
            return 0
        return (self.current - self.first).days


def due_history(dates: Sequence[date | None]) -> DueHistory:
    """Summarise the history of a due date.

    A date that is removed and later set again counts as changed if it differs from the removed
    date.

    Args:
        dates: The due date in each definition, oldest first. None means no due date.
    """
    known = [due for due in dates if due is not None]
    pairs = list(pairwise(known))
    return DueHistory(
        first=known[0] if known else None,
        current=dates[-1] if dates else None,
        moves=sum(before != after for before, after in pairs),
        slips=sum(before < after for before, after in pairs),
    )


def milestone_due_history(definitions: Sequence[DefinitionRecord], name: str) -> DueHistory:
    """Return the history of a milestone's due date."""
    return due_history(
        [
            next(
                (milestone.due for milestone in definition.milestones if milestone.name == name),
                None,
            )
            for definition in definitions
        ]
    )


def recorded(
    history: Sequence[DatedDefinition], definition: DefinitionRecord, today: date
) -> tuple[DatedDefinition, ...]:
    """Append the definition that a scan uses to a history of definitions.

    For each day, the history contains at most one definition: that of the day's last scan, unless
    it equals the previous definition.

    Args:
        history: The definitions that earlier scans recorded, oldest first.
        definition: The definition that this scan uses.
        today: The day of this scan, which is not before any day in `history`.
    """
    earlier = tuple(dated for dated in history if dated.day < today)
    if earlier and earlier[-1].definition == definition:
        return earlier
    return (*earlier, DatedDefinition(today, definition))


def edits_on(history: Sequence[DatedDefinition], day: date) -> list[DefinitionEdit]:
    """Return the edits that the scans on `day` found."""
    for before, after in pairwise(history):
        if after.day == day:
            return definition_edits(before.definition, after.definition)
    return []


def definition_edits(before: DefinitionRecord, after: DefinitionRecord) -> list[DefinitionEdit]:
    """Compare two definitions, and return the edits that charts mark."""
    return [
        *_date_edits("start", "start date", before.starts, after.starts),
        *_date_edits("due date", "due date", before.due, after.due),
        *_scope_edits(before.scope, after.scope),
        *_milestone_edits(before.milestones, after.milestones),
        *_exemption_edits(before.exemptions, after.exemptions),
        *_rule_edits(before.rules, after.rules),
    ]


def changed_keys(before: DefinitionRecord, after: DefinitionRecord) -> tuple[str, ...]:
    """Return the keys of the campaign file whose values differ between two definitions."""
    keys = [
        key for key in ("starts", "due", "scope") if getattr(before, key) != getattr(after, key)
    ]
    roles = dict.fromkeys(rule.role for rule in (*before.rules, *after.rules))
    keys += [
        role
        for role in sorted(roles)
        if _of_role(before.rules, role) != _of_role(after.rules, role)
    ]
    if before.milestones != after.milestones:
        keys.append("milestones")
    if _terms(before.exemptions) != _terms(after.exemptions):
        keys.append("exemptions")
    return tuple(keys)


def _of_role(rules: Sequence[RecordedRule], role: str) -> list[RecordedRule]:
    return [rule for rule in rules if rule.role == role]


def _date_edits(
    kind: str, name: str, before: date | None, after: date | None
) -> Iterator[DefinitionEdit]:
    if before == after:
        return
    if before is None:
        assert after is not None
        text = f"{name} set to {day_text(after)}"
    elif after is None:
        text = f"{name} removed; it was {day_text(before)}"
    else:
        text = f"{name} moved from {day_text(before)} to {day_text(after)}"
    yield DefinitionEdit(kind, text, _iso(before), _iso(after))


def _scope_edits(before: Scope, after: Scope) -> Iterator[DefinitionEdit]:
    changed = [
        field.name
        for field in fields(Scope)
        if getattr(before, field.name) != getattr(after, field.name)
    ]
    if changed:
        # Omit the patterns, because they can name repositories that some readers must not see.
        text = f"scope changed: {', '.join(changed)}"
        yield DefinitionEdit("scope", text, _settings(before, changed), _settings(after, changed))


def _settings(scope: Scope, names: Sequence[str]) -> str:
    settings = asdict(scope)
    return "; ".join(f"{name}: {_listed(settings[name])}" for name in names)


def _listed(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "any"
    return str(value).lower()


def _milestone_edits(
    before: Sequence[Milestone], after: Sequence[Milestone]
) -> Iterator[DefinitionEdit]:
    olds = {milestone.name: milestone for milestone in before}
    news = {milestone.name: milestone for milestone in after}
    for name in sorted(olds.keys() | news.keys()):
        old, new = olds.get(name), news.get(name)
        title = f"milestone {name}"
        if old is None or new is None:
            yield from _added_or_removed(
                "milestone",
                title,
                f"due {old.due}" if old is not None else None,
                f"due {new.due}" if new is not None else None,
            )
            continue
        yield from _date_edits("milestone", f"due date of {title}", old.due, new.due)
        if old.repositories != new.repositories:
            yield DefinitionEdit(
                "milestone",
                f"repositories of {title} changed",
                _listed(old.repositories),
                _listed(new.repositories),
            )


def _exemption_edits(
    before: Sequence[Exemption], after: Sequence[Exemption]
) -> Iterator[DefinitionEdit]:
    olds, news = _terms(before), _terms(after)
    reasons = {**_reasons(before), **_reasons(after)}
    for key in sorted(olds.keys() | news.keys()):
        old, new = olds.get(key), news.get(key)
        title = f"exemption “{reasons[key]}”"
        if old is None or new is None:
            yield from _added_or_removed(
                "exemption",
                title,
                f"until {old}" if old is not None else None,
                f"until {new}" if new is not None else None,
            )
        else:
            yield from _date_edits("exemption", f"expiry date of {title}", old, new)


_Covered = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""The coverage of an exemption: (patterns for repositories, patterns for paths, rule IDs)."""


def _covered(exemption: Exemption) -> _Covered:
    return exemption.repositories, exemption.paths, exemption.rules


def _terms(exemptions: Sequence[Exemption]) -> Mapping[_Covered, date]:
    """Map the coverage of each exemption to its last day.

    The reason and the approver are omitted, because they do not affect any numbers.
    """
    return {_covered(exemption): exemption.until for exemption in exemptions}


def _reasons(exemptions: Sequence[Exemption]) -> Mapping[_Covered, str]:
    return {_covered(exemption): exemption.reason for exemption in exemptions}


def _added_or_removed(
    kind: str, title: str, before: str | None, after: str | None
) -> Iterator[DefinitionEdit]:
    text = f"{title} removed" if after is None else f"{title} added"
    yield DefinitionEdit(kind, text, before, after)


def _rule_edits(
    before: Sequence[RecordedRule], after: Sequence[RecordedRule]
) -> Iterator[DefinitionEdit]:
    olds = {rule.id: rule for rule in before}
    for new in after:
        old = olds.get(new.id)
        if old is None:
            continue
        if old.role != new.role:
            text = f"role of rule {new.id} changed from {old.role} to {new.role}"
            yield DefinitionEdit("role", text, old.role, new.role)
        if old.weight != new.weight:
            text = f"weight of rule {new.id} changed from {old.weight:g} to {new.weight:g}"
            yield DefinitionEdit("weight", text, f"{old.weight:g}", f"{new.weight:g}")


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None
