"""Print warnings about parts of definitions that match nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from headway.cli.tip_trees import TipTree
    from headway.config.workspace import Workspace
    from headway.metrics.unmatched import PathPatterns, Unmatched
    from headway.model.campaign import Campaign
    from headway.model.repository import Repository
    from headway.model.tip_findings import Trial
    from headway.plugins import Scanners
    from headway.progress.path_owners import Team
    from headway.store.store_reader import Store

_MOST_TREES = 500
"""The maximum number of repositories whose files are listed to check path patterns."""


def print_unmatched(
    workspace: Workspace,
    store: Store,
    scanners: Scanners,
    campaigns: Sequence[Campaign],
    teams: Sequence[Team],
    *,
    paths: bool = True,
) -> None:
    """Warn about the parts of campaigns and teams that match nothing.

    Args:
        workspace: The workspace.
        store: The store, which contains the last listing and the matches of each rule.
        scanners: The scanners of the workspace.
        campaigns: The campaigns to check.
        teams: The teams to check.
        paths: Whether to check path patterns too. This check lists the files of repositories.
    """
    from headway.cli.tip_trees import tip_tree
    from headway.config.teams_file import TEAMS_NAME
    from headway.metrics.unmatched import (
        path_patterns,
        unmatched_names,
        unmatched_rules,
        unmatched_team_names,
    )

    listed = [
        record.listed for record in store.repositories.records().values() if record.gone_on is None
    ]
    used = {rule.scanner for campaign in campaigns for rule in campaign.rules}
    versions = {name: scanners.by_name[name].version for name in used & scanners.by_name.keys()}
    found: dict[str, list[Unmatched]] = defaultdict(list)
    for campaign in campaigns:
        found[campaign.id] += unmatched_names(campaign, listed)
        found[campaign.id] += unmatched_rules(store, campaign, versions)
    found[""] += unmatched_team_names(teams, listed)
    if paths:
        patterns = path_patterns(campaigns, teams, listed)
        if _match_trees(patterns, listed, lambda key: tip_tree(workspace, key)):
            for owner, unmatched in patterns.unmatched():
                found[owner].append(unmatched)
    for campaign in campaigns:
        if campaign.file is not None:
            _print(campaign.file, found[campaign.id], workspace.root)
    _print(workspace.root / TEAMS_NAME, found[""], workspace.root)


def print_unmatched_at_tips(
    workspace: Workspace,
    campaign: Campaign,
    trial: Trial,
    *,
    today: date,
    rule: str | None = None,
    everywhere: bool = True,
) -> None:
    """Warn about the parts of a campaign that match nothing at the tips of its repositories.

    Args:
        workspace: The workspace.
        campaign: The campaign, with all its rules.
        trial: The findings of the rules.
        today: The day for which to determine the exemptions in force.
        rule: The ID of the only rule that was tried. None means all rules.
        everywhere: Whether all repositories in scope were searched. If not, the function prints no
            warnings about rules, path patterns and exemptions.
    """
    from headway.metrics.unmatched import unmatched_names

    found = unmatched_names(campaign, trial.listed)
    if everywhere:
        max_files = workspace.settings.limits.max_files
        found += _unmatched_in_files(campaign, trial, found, today, max_files)
    concerned = [part for part in found if _concerns(campaign, part, rule)]
    if campaign.file is not None and _is_shipped(campaign.file, workspace):
        _print_count(len(concerned))
    elif campaign.file is not None:
        _print(campaign.file, concerned, workspace.root)


def _is_shipped(file: Path, workspace: Workspace) -> bool:
    """Return whether a campaign file is part of the catalogue. Users do not edit such files."""
    from headway.config.catalogue import catalogue_folder

    folder = catalogue_folder().resolve()
    return file.resolve().parent == folder and workspace.campaigns.resolve() != folder


def _print_count(count: int) -> None:
    """Print the number of parts of a catalogue campaign that match nothing, unless it is 0."""
    if count:
        several = f"{count:,} parts of the campaign match"
        parts = "1 part of the campaign matches" if count == 1 else several
        click.echo(
            f"{parts} nothing here, which is normal for a campaign from the catalogue; if you copy "
            "the campaign into the workspace, `headway try` names each part",
            err=True,
        )


def _unmatched_in_files(
    campaign: Campaign, trial: Trial, known: Sequence[Unmatched], today: date, max_files: int
) -> list[Unmatched]:
    """Return the path patterns, rules and exemptions that match nothing in the searched files.

    Args:
        campaign: The campaign.
        trial: The findings of the rules.
        known: The parts that have already been reported.
        today: The day for which to determine the exemptions in force.
        max_files: The maximum number of files in a repository.
    """
    from headway.cli.tip_trees import tree_of_commit
    from headway.metrics.trial_rows import exemptions_without_matches
    from headway.metrics.unmatched import path_patterns, unmatched_at_tips

    searched = {repository.key: found for repository, found in trial.searched}
    repositories = [repository for repository, _ in trial.searched]
    patterns = path_patterns([campaign], (), repositories)

    def tree_of(key: str) -> TipTree | None:
        return tree_of_commit(searched[key].git_dir, searched[key].tip, max_files)

    found = []
    if _match_trees(patterns, repositories, tree_of):
        found = [unmatched for _, unmatched in patterns.unmatched()]
    exemptions = exemptions_without_matches(campaign, trial, today)
    return found + unmatched_at_tips(campaign, trial, exemptions, [*known, *found])


def _concerns(campaign: Campaign, part: Unmatched, rule: str | None) -> bool:
    """Return whether a part of a campaign is relevant to the only rule that was tried."""
    from headway.metrics.unmatched import rules_by_role

    if rule is None or len(part.place) < 2:
        return True
    section, position = part.place[:2]
    assert isinstance(position, int) or section == "scope"
    if section == "exemptions":
        rules = campaign.exemptions[int(position)].rules
        return not rules or rule in rules
    for role, own in rules_by_role(campaign):
        if section == role:
            return own[int(position)].id == rule
    return True


def _match_trees(
    patterns: PathPatterns,
    repositories: Iterable[Repository],
    tree_of: Callable[[str], TipTree | None],
) -> bool:
    """Match path patterns against repository files until all patterns have matched.

    Args:
        patterns: The patterns. Patterns that match are removed from this object.
        repositories: The repositories to search.
        tree_of: Returns the files of the repository with this key, or None if they cannot be
            listed.

    Returns:
        False if some patterns remain unchecked, because too many repositories had to be searched
            or the files of one of them could not be listed.
    """
    listed = 0
    for repository in sorted(repositories, key=lambda repository: repository.name):
        if not patterns.wanted(repository.key):
            continue
        if listed == _MOST_TREES:
            click.echo(_limit_note(len(patterns.patterns)), err=True)
            return False
        listed += 1
        tree = tree_of(repository.key)
        if tree is None:
            return False
        patterns.look_at(repository.key, tree.paths, tree.excluded)
    return True


def _limit_note(count: int) -> str:
    subject = "1 path pattern matches" if count == 1 else f"{count:,} path patterns match"
    return (
        f"{subject} no file in the first {_MOST_TREES:,} repositories by name; the other "
        "repositories were not searched, so Headway prints no warnings about path patterns"
    )


def _print(file: Path, unmatched: Sequence[Unmatched], root: Path) -> None:
    from headway.config.document import read_document
    from headway.metrics.unmatched import joint_messages

    if not unmatched:
        return
    document = read_document(file)
    problems = []
    for part in joint_messages(unmatched):
        place = part.place
        if place[0] == "required" and ("replacement",) in document.keys:
            # The file uses the old name of the key.
            place = ("replacement", *place[1:])
        problems.append(document.problem(part.message, place))
    for problem in sorted(problems, key=lambda problem: (problem.line, problem.column)):
        click.echo(replace(problem, severity="warning").render(root) + "\n", err=True)
