"""A campaign's findings in the latest commits, by repository and rule, and totals by rule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from headway.metrics.exemption_rows import is_exempt
from headway.metrics.permalinks import line_link
from headway.model.campaign import Campaign, Exemption, Rule
from headway.model.days import Span
from headway.model.repository import Repository
from headway.model.tip_findings import RuleFindings, TipFindings, TipMatch, Trial
from headway.progress.exemptions import ExemptionPeriod
from headway.progress.places import REPOSITORY_PATH


@dataclass(frozen=True, slots=True)
class TrialMatch:
    """A match that is shown as an example."""

    path: str
    line: int | None
    column: int | None
    excerpt: str
    captures: Mapping[str, str]
    exempt: bool
    """Whether an exemption in force covers the match."""
    url: str | None
    """A link to the line on the forge, or None if the forge is unknown."""


@dataclass(frozen=True, slots=True)
class TrialRow:
    """The findings of one rule in one repository."""

    campaign: str
    repository: str
    rule: str
    role: str
    matches: int | None
    """The number of matches, including exempt ones, or None if the rule could not search at all."""
    exempt: int | None
    """The number of exempt matches."""
    files: int | None
    """The number of files that `paths` select, excluding vendored and generated code."""
    binary: int | None
    """The number of these files that were not searched because they are binary."""
    excluded: int | None
    """The number of files that are omitted only because they are vendored or generated."""
    seconds: float | None
    """The processor time of the scanner, in seconds."""
    unknown: str | None
    """The reason why the rule did not search everything, or None if it did."""
    tip: str | None
    """The commit that was searched."""
    affected: bool | None = True
    """Whether the repository is affected, or None if this is unknown."""
    items: int | None = None
    """The number of open items that a scan would find, or None if this is unknown.

    The number is 0 for rules whose matches need not be fixed.
    """
    examples: tuple[TrialMatch, ...] = ()


@dataclass(frozen=True, slots=True)
class TrialTotal:
    """The findings of one rule in all repositories."""

    rule: str
    role: str
    repositories: int
    """The number of repositories in which the rule has matches."""
    matches: int
    exempt: int
    files: int
    binary: int
    excluded: int
    seconds: float
    unknown: int
    """The number of repositories that the rule did not search completely."""


def trial_rows(
    campaign: Campaign,
    trial: Trial,
    *,
    today: date,
    limit: int,
    counted: Collection[Rule] | None = None,
) -> list[TrialRow]:
    """Return one row per repository and rule, sorted by repository and order of rules.

    Args:
        campaign: The campaign, with the rules to show.
        trial: The results.
        today: The day for which to determine the exemptions in force.
        limit: The maximum number of examples for each repository and role.
        counted: The rules whose items must be fixed. None means those of `campaign`.
    """
    rows: list[TrialRow] = []
    ids = {rule.id for rule in (campaign.counted if counted is None else counted)}
    for repository, findings in trial.searched:
        rows += _rows_of(campaign, repository, findings, today, limit, ids)
    for entry in trial.unsearched:
        nothing = (None,) * 6
        rows += [
            TrialRow(
                campaign.id, entry.name, rule.id, rule.role, *nothing, entry.reason, None, None
            )
            for rule in campaign.rules
        ]
    return sorted(rows, key=lambda row: row.repository)


def trial_totals(campaign: Campaign, rows: Sequence[TrialRow]) -> list[TrialTotal]:
    """Return one row per rule, in the order of the campaign."""
    totals = []
    for rule in campaign.rules:
        own = [row for row in rows if row.rule == rule.id]
        totals.append(
            TrialTotal(
                rule=rule.id,
                role=rule.role,
                repositories=sum(bool(row.matches) for row in own),
                matches=sum(row.matches or 0 for row in own),
                exempt=sum(row.exempt or 0 for row in own),
                files=sum(row.files or 0 for row in own),
                binary=sum(row.binary or 0 for row in own),
                excluded=sum(row.excluded or 0 for row in own),
                seconds=sum(row.seconds or 0.0 for row in own),
                unknown=sum(row.unknown is not None for row in own),
            )
        )
    return totals


def exemptions_without_matches(campaign: Campaign, trial: Trial, today: date) -> Iterator[int]:
    """Yield the positions of the exemptions that are in force and cover no items."""
    counted = {rule.id for rule in campaign.counted}
    found = {
        (repository.name, rule.rule, path)
        for repository, findings in trial.searched
        for rule in findings.rules
        if rule.rule in counted
        for path in _item_paths(campaign, rule)
    }
    for position, exemption in enumerate(campaign.exemptions):
        periods = _periods([exemption], today)
        if periods and not any(is_exempt(periods, *place) for place in found):
            yield position


def _item_paths(campaign: Campaign, rule: RuleFindings) -> Iterator[str]:
    """Yield the path of each item of a counted rule if the repository is affected."""
    if campaign.deprecated:
        yield from (match.path for match in rule.matches)
    elif not rule.matches:
        yield REPOSITORY_PATH


def _rows_of(
    campaign: Campaign,
    repository: Repository,
    findings: TipFindings,
    today: date,
    limit: int,
    counted: Collection[str],
) -> Iterator[TrialRow]:
    counts = _example_counts(campaign, findings, limit)
    in_force = _periods(campaign.exemptions, today)
    affected = _is_affected(campaign, findings)
    for rule, shown in zip(findings.rules, counts, strict=True):
        role = campaign.rule(rule.rule).role
        exempt = [
            role == "deprecated" and is_exempt(in_force, repository.name, rule.rule, match.path)
            for match in rule.matches
        ]
        items = _item_count(rule, sum(exempt), affected, role) if rule.rule in counted else 0
        if role == "required" and items:
            items = int(not is_exempt(in_force, repository.name, rule.rule, REPOSITORY_PATH))
        known = rule.failure is None
        yield TrialRow(
            campaign=campaign.id,
            repository=repository.name,
            rule=rule.rule,
            role=role,
            matches=len(rule.matches) if known else None,
            exempt=sum(exempt) if known else None,
            files=rule.files if known else None,
            binary=rule.binary if known else None,
            excluded=rule.excluded if known else None,
            seconds=round(rule.seconds, 6) if known else None,
            unknown=_why_unknown(rule),
            tip=findings.tip,
            affected=affected,
            items=items,
            examples=tuple(
                _example(repository, findings.tip, match, exempt=is_covered)
                for match, is_covered in zip(rule.matches[:shown], exempt, strict=False)
            ),
        )


def _is_affected(campaign: Campaign, findings: TipFindings) -> bool | None:
    """Return whether the repository is affected, or None if a rule could not search everything."""
    conditions = {rule.id for rule in campaign.applies_to}
    found = [rule for rule in findings.rules if rule.rule in conditions]
    if not found or any(rule.matches for rule in found):
        return True
    return False if all(rule.is_known for rule in found) else None


def _item_count(rule: RuleFindings, exempt: int, affected: bool | None, role: str) -> int | None:
    """Return the number of open items of a counted rule, or None if it is unknown."""
    if affected is False:
        return 0
    if affected is None or rule.failure is not None:
        return None
    if role == "required":
        return 0 if rule.matches else (1 if rule.is_known else None)
    return len(rule.matches) - exempt


def _example_counts(campaign: Campaign, findings: TipFindings, limit: int) -> list[int]:
    """Return the number of matches to show for each rule, in the order of the rules.

    All rules of a role together show at most `limit` matches. Each rule with matches shows one
    match before any rule shows a second one, and so on.
    """
    counts = [0] * len(findings.rules)
    for role in ("applies_to", "deprecated", "required"):
        found = {
            index: len(rule.matches)
            for index, rule in enumerate(findings.rules)
            if campaign.rule(rule.rule).role == role
        }
        left = min(limit, sum(found.values()))
        while left:
            for index, count in found.items():
                if left and counts[index] < count:
                    counts[index] += 1
                    left -= 1
    return counts


def _example(repository: Repository, tip: str, match: TipMatch, *, exempt: bool) -> TrialMatch:
    return TrialMatch(
        match.path,
        match.line,
        match.column,
        match.excerpt,
        match.captures,
        exempt,
        line_link(repository, match.path, match.line, tip),
    )


def _why_unknown(rule: RuleFindings) -> str | None:
    if rule.failure is not None or not rule.unread:
        return rule.failure
    path, reason = rule.unread[0]
    more = f" (and {len(rule.unread) - 1:,} more)" if len(rule.unread) > 1 else ""
    return f"{path or 'the list of paths'} could not be read: {reason}{more}"


def _periods(exemptions: Iterable[Exemption], today: date) -> tuple[ExemptionPeriod, ...]:
    """Return the exemptions that are in force today."""
    return tuple(
        ExemptionPeriod(entry.repositories, entry.paths, entry.rules, Span(None, entry.until))
        for entry in exemptions
        if entry.until >= today
    )
