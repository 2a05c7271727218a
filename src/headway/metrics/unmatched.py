"""Find parts of definitions that match no listed repository or file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from headway.model.campaign import Campaign, Milestone, Role, Rule
from headway.model.repository import Repository
from headway.model.scope import compiled, name_matches, reason_outside
from headway.model.tip_findings import Trial
from headway.model.vendored import is_vendored
from headway.progress.path_owners import Team
from headway.store.store_reader import Store

Place = tuple[str | int, ...]
"""The location of a value in a YAML file, as a path of keys and list indices."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A part of a definition that matches nothing."""

    place: Place
    message: str
    name: str = ""
    """The pattern or rule that `message` names. Empty if `joint` is empty."""
    joint: str = ""
    """A message about several parts of the same list, with a placeholder for their names."""


def joint_messages(unmatched: Iterable[Unmatched]) -> list[Unmatched]:
    """Combine the messages about the same list, or about equal lists, into one message."""
    by_list: dict[tuple[str, Place], list[Unmatched]] = {}
    for part in unmatched:
        key = (part.joint, part.place[:-1]) if part.joint else ("", part.place)
        by_list.setdefault(key, []).append(part)
    equal: dict[tuple[str, ...], list[Unmatched]] = {}
    for (joint, place), parts in by_list.items():
        names = tuple(part.name for part in parts) if joint else map(str, place)
        equal.setdefault((joint, *names), []).append(_joint(parts))
    return [
        first
        if not others
        else replace(first, message=f"{first.message} (in {len(others) + 1} rules)")
        for first, *others in equal.values()
    ]


def _joint(parts: Sequence[Unmatched]) -> Unmatched:
    first, *others = parts
    if not others:
        return first
    *names, last = (f"`{part.name}`" for part in parts)
    return replace(first, message=first.joint.format(f"{', '.join(names)} and {last}"))


@dataclass(slots=True)
class PathPatterns:
    """Path patterns that have not yet matched any path."""

    patterns: dict[tuple[str, Place], tuple[str, frozenset[str] | None, bool]] = field(
        default_factory=dict
    )
    """Maps (campaign ID, place) to (pattern, repository keys, whether vendored code can match).

    The campaign ID is empty for patterns of teams. None in place of repository keys means all
    repositories.
    """

    def add(
        self,
        owner: str,
        place: Place,
        patterns: Sequence[str],
        keys: frozenset[str] | None,
        *,
        vendored: bool = True,
    ) -> None:
        """Add the patterns in a list.

        Args:
            owner: The ID of the campaign, or an empty string for a team.
            place: The location of the list.
            patterns: The patterns in the list.
            keys: The keys of the repositories that the patterns apply to. None means all
                repositories.
            vendored: Whether the patterns can match vendored code.
        """
        for position, pattern in enumerate(patterns):
            # Patterns that exclude vendored code are redundant but harmless, so they are not
            # reported.
            if not pattern.startswith("!") or not is_vendored(pattern[1:]):
                with_vendored = vendored or pattern.startswith("!")
                self.patterns[owner, (*place, position)] = pattern, keys, with_vendored

    def look_at(self, key: str, paths: Sequence[str], excluded: Collection[str]) -> None:
        """Remove the patterns that match any path in a repository.

        Args:
            key: The key of the repository.
            paths: The paths in the repository.
            excluded: The paths of vendored and generated files.
        """
        own: list[str] | None = None
        for name, (pattern, keys, vendored) in list(self.patterns.items()):
            if keys is not None and key not in keys:
                continue
            if not vendored and own is None:
                own = [path for path in paths if path not in excluded]
            regex = compiled((pattern.removeprefix("!"),)).patterns[0].regex
            if regex is not None and any(map(regex.match, paths if vendored else own or ())):
                del self.patterns[name]

    def wanted(self, key: str) -> bool:
        """Return whether any pattern applies to a repository."""
        return any(keys is None or key in keys for _, keys, _ in self.patterns.values())

    def unmatched(self) -> Iterator[tuple[str, Unmatched]]:
        """Yield (campaign ID, message) for each pattern that has not matched any path.

        The campaign ID is empty for patterns of teams.
        """
        for (owner, place), (pattern, _, _) in self.patterns.items():
            message = f"the pattern `{pattern}` matches no file"
            yield owner, Unmatched(place, message, pattern, "the patterns {} match no file")


def rules_by_role(campaign: Campaign) -> tuple[tuple[Role, Sequence[Rule]], ...]:
    """Return the rules of a campaign by role, in the order of roles in a campaign file."""
    return (
        ("applies_to", campaign.applies_to),
        ("deprecated", campaign.deprecated),
        ("required", campaign.replacement),
    )


def unmatched_rules(
    store: Store, campaign: Campaign, versions: Mapping[str, str]
) -> list[Unmatched]:
    """Return the rules that never matched anything and are unchanged since the last scan.

    Args:
        store: The store.
        campaign: The campaign.
        versions: Maps each scanner's name to its version.
    """
    recorded = store.campaigns.rules()
    matched = {total.rule for total in store.ledger.totals(campaign.id, date.max)}
    if campaign.has_conditions:
        matched = store.matches.matched_rules(campaign.id)
    found = []
    for role, rules in rules_by_role(campaign):
        for position, rule in enumerate(rules):
            record = recorded.get((campaign.id, rule.id))
            current = rule.fingerprint(versions.get(rule.scanner, ""))
            if record is not None and record.fingerprint == current and rule.id not in matched:
                message = f"the rule `{rule.id}` has never matched anything"
                joint = "the rules {} have never matched anything"
                found.append(Unmatched((role, position), message, rule.id, joint))
    return found


def unmatched_at_tips(
    campaign: Campaign, trial: Trial, exemptions: Iterable[int], known: Sequence[Unmatched]
) -> list[Unmatched]:
    """Return the rules without matches at the tips, and the exemptions that cover no match.

    A rule that could not read a file is not reported, because it might match in that file.
    Exemptions for such rules are not reported either.

    Args:
        campaign: The campaign.
        trial: The findings of the rules in the repositories in scope.
        exemptions: The positions of the exemptions that cover no matches.
        known: Parts that have already been reported. Exemptions with such a part are not reported
            again.
    """
    rules = [rule for _, findings in trial.searched for rule in findings.rules]
    matched = {rule.rule for rule in rules if rule.matches}
    unknown = {rule.rule for rule in rules if not rule.is_known}
    found = [
        Unmatched(
            (role, position),
            f"the rule `{rule.id}` matches nothing",
            rule.id,
            "the rules {} match nothing",
        )
        for role, own in rules_by_role(campaign)
        for position, rule in enumerate(own)
        if rule.id not in matched | unknown
    ]
    reported = {part.place[:2] for part in known}
    for position in exemptions:
        rules_of = campaign.exemptions[position].rules
        covered = set(rules_of) if rules_of else {rule.id for rule in campaign.counted}
        if ("exemptions", position) not in reported and not covered & unknown:
            found.append(Unmatched(("exemptions", position), "the exemption covers no match"))
    return found


def unmatched_names(campaign: Campaign, repositories: Sequence[Repository]) -> list[Unmatched]:
    """Return the patterns of the scope, milestones and exemptions that match no repository.

    Args:
        campaign: The campaign.
        repositories: The last listed repositories. If the list is empty, no pattern is reported.
    """
    if not repositories:
        return []
    scope = campaign.scope
    names = [repository.name for repository in repositories]
    members = [
        repository.name for repository in repositories if reason_outside(scope, repository) is None
    ]
    found = [*_patterns(("scope", "repositories"), scope.repositories, names)]
    for key, wanted, present in (
        (
            "topics",
            scope.topics,
            [topic for repository in repositories for topic in repository.topics],
        ),
        (
            "languages",
            scope.languages,
            [language for repository in repositories for language in repository.languages],
        ),
        ("visibility", scope.visibility, [repository.visibility for repository in repositories]),
    ):
        known = {str(word).lower() for word in present}
        found += [
            Unmatched(("scope", key, position), f"no repository has `{word}` in its {key}")
            for position, word in enumerate(wanted)
            if word.lower() not in known
        ]
    if not members:
        found.append(Unmatched(("scope",), "no repository is in scope"))
    for position, milestone in enumerate(campaign.milestones):
        found += _milestone(("milestones", position), milestone, names, members)
    for position, exemption in enumerate(campaign.exemptions):
        place = ("exemptions", position, "repositories")
        found += _patterns(place, exemption.repositories, names)
    return found


def unmatched_team_names(
    teams: Sequence[Team], repositories: Sequence[Repository]
) -> list[Unmatched]:
    """Return the repository patterns of teams that match no listed repository."""
    names = [repository.name for repository in repositories]
    found: list[Unmatched] = []
    for position, team in enumerate(teams if names else ()):
        found += _patterns(("teams", position, "repositories"), team.repositories, names)
    return found


def path_patterns(
    campaigns: Iterable[Campaign], teams: Sequence[Team], repositories: Sequence[Repository]
) -> PathPatterns:
    """Return all path patterns of campaigns and teams, with the repositories that they apply to."""
    wanted = PathPatterns()
    for campaign in campaigns:
        members = [
            repository
            for repository in repositories
            if reason_outside(campaign.scope, repository) is None
        ]
        keys = frozenset(repository.key for repository in members)
        for role, rules in rules_by_role(campaign) if keys else ():
            for position, rule in enumerate(rules):
                place = (role, position, "paths")
                vendored = rule.include_vendored
                wanted.add(campaign.id, place, rule.paths, keys, vendored=vendored)
        for position, exemption in enumerate(campaign.exemptions):
            covered = frozenset(
                repository.key
                for repository in members
                if name_matches(exemption.repositories, repository.name)
            )
            if covered:
                wanted.add(campaign.id, ("exemptions", position, "paths"), exemption.paths, covered)
    for position, team in enumerate(teams):
        owned = frozenset(
            repository.key
            for repository in repositories
            if name_matches(team.repositories, repository.name)
        )
        if owned:
            wanted.add("", ("teams", position, "paths"), team.paths, owned)
    return wanted


def _milestone(
    place: Place, milestone: Milestone, names: Sequence[str], members: Sequence[str]
) -> list[Unmatched]:
    found = list(_patterns((*place, "repositories"), milestone.repositories, names))
    named = any(name_matches(milestone.repositories, name) for name in members)
    if not found and members and not named:
        message = f"the milestone `{milestone.name}` matches no repository in scope"
        found.append(Unmatched(place, message))
    return found


def _patterns(place: Place, patterns: Sequence[str], names: Sequence[str]) -> Iterator[Unmatched]:
    for position, pattern in enumerate(patterns):
        alone = compiled((pattern.removeprefix("!"),))
        if not any(alone.match_file(name) for name in names):
            yield Unmatched((*place, position), f"the pattern `{pattern}` matches no repository")
