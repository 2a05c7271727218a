"""Find the catalogue campaigns that match something in the repositories' latest commits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from headway.metrics.trial_rows import TrialRow, trial_rows
from headway.model.campaign import Campaign, Rule
from headway.model.tip_findings import RuleFindings, Trial

MERGED = "catalogue"
"""The ID of the campaign that combines the rules of all others, for a single search."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The findings of a catalogue campaign in the searched repositories."""

    campaign: str
    title: str
    items: int
    """The number of open items that a first scan would find."""
    repositories: int
    """The number of repositories with open items."""
    deadline: date | None
    """The next due date of the campaign or a milestone, or the last one if all are past. None if
    there are no due dates.
    """
    deadline_of: str | None
    """The name of the milestone with this due date, or None for the campaign's own due date."""
    days_left: int | None
    """The number of days until the deadline. It is negative if the deadline has passed."""
    added: bool
    """Whether the workspace already has a campaign with this name."""
    unknown: int
    """The number of repositories that at least one rule did not search completely."""
    example: str | None
    """The repository and location of an item, or the repository and the missing required rule."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The first campaign of a new workspace."""

    suggestion: Suggestion
    reason: str
    """The reason for the choice, as a clause without a final full stop."""


def merged(campaigns: Sequence[Campaign]) -> Campaign:
    """Return one campaign with all rules. Each rule ID is prefixed with its campaign's ID."""
    rules = tuple(
        replace(rule, id=_merged_id(campaign, rule))
        for campaign in campaigns
        for rule in campaign.rules
    )
    return Campaign(MERGED, "All campaigns", deprecated=rules)


def merged_reasons(broken: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], str]:
    """Return the reasons why merged rules cannot be used. See `ScanRequest.broken`."""
    return {(MERGED, f"{name}/{rule}"): reason for (name, rule), reason in broken.items()}


def suggestions(
    campaigns: Sequence[Campaign], trial: Trial, *, today: date, present: Collection[str]
) -> list[Suggestion]:
    """Return the campaigns that find open items, next deadline first.

    Args:
        campaigns: The campaigns whose rules were merged for the trial.
        trial: The findings of the merged campaign.
        today: The day from which deadlines are counted.
        present: The IDs of the campaigns that the workspace already has.
    """
    found = []
    for campaign, own in zip(campaigns, _divided(campaigns, trial), strict=True):
        suggestion = _suggestion(campaign, own, today, added=campaign.id in present)
        if suggestion.items:
            found.append(suggestion)
    return sorted(
        found,
        key=lambda entry: (
            entry.deadline or date.max,
            -entry.repositories,
            -entry.items,
            entry.campaign,
        ),
    )


def first_choice(found: Sequence[Suggestion], required_only: Collection[str]) -> Choice | None:
    """Return the first campaign for a new workspace, or None if `found` is empty.

    The chosen campaign finds items in the most repositories. Campaigns with a deadline are
    preferred. Campaigns without a deadline that have only `required` rules are the last choice.
    Among equal campaigns, the first one is chosen.

    Args:
        found: The suggestions.
        required_only: The IDs of the campaigns that have only `required` rules.
    """
    dated = [entry for entry in found if entry.deadline is not None]
    removing = [entry for entry in found if entry.campaign not in required_only]
    candidates = dated or removing or found
    if not candidates:
        return None
    chosen = max(candidates, key=lambda entry: entry.repositories)
    kind = ""
    if len(candidates) < len(found):
        kind = " with a deadline" if dated else " that removes something"
    return Choice(chosen, f"no other campaign{kind} finds items in more repositories")


def deadline_of(campaign: Campaign, today: date) -> tuple[date | None, str | None]:
    """Return the next due date (or the last one if all are past) and its milestone's name.

    The name is None for the campaign's own due date.
    """
    own: list[tuple[date, str | None]] = [(entry.due, entry.name) for entry in campaign.milestones]
    if campaign.due is not None:
        own.append((campaign.due, None))
    if not own:
        return None, None
    ordered = sorted(own, key=lambda entry: (entry[0], entry[1] or ""))
    return next((entry for entry in ordered if entry[0] >= today), ordered[-1])


def _divided(campaigns: Sequence[Campaign], trial: Trial) -> Iterator[Trial]:
    """Yield the findings of each campaign, with the original IDs of its rules."""
    start = 0
    for campaign in campaigns:
        end = start + len(campaign.rules)
        yield replace(
            trial,
            searched=tuple(
                (repository, replace(found, rules=_renamed(campaign, found.rules[start:end])))
                for repository, found in trial.searched
            ),
        )
        start = end


def _renamed(campaign: Campaign, found: Sequence[RuleFindings]) -> tuple[RuleFindings, ...]:
    return tuple(
        replace(findings, rule=rule.id)
        for rule, findings in zip(campaign.rules, found, strict=True)
    )


def _suggestion(campaign: Campaign, trial: Trial, today: date, *, added: bool) -> Suggestion:
    rows = trial_rows(campaign, trial, today=today, limit=1)
    with_items = [row for row in rows if row.items]
    deadline, name = deadline_of(campaign, today)
    return Suggestion(
        campaign.id,
        campaign.title,
        sum(row.items or 0 for row in with_items),
        len({row.repository for row in with_items}),
        deadline,
        name,
        None if deadline is None else (deadline - today).days,
        added,
        len({row.repository for row in rows if row.unknown is not None}),
        next(map(_example, with_items), None),
    )


def _example(row: TrialRow) -> str:
    if row.role == "required" or not row.examples:
        return (
            f"{row.repository}: {row.rule} is missing" if row.role == "required" else row.repository
        )
    match = row.examples[0]
    line = f":{match.line}" if match.line else ""
    return f"{row.repository}: {match.path}{line}"


def _merged_id(campaign: Campaign, rule: Rule) -> str:
    return f"{campaign.id}/{rule.id}"
