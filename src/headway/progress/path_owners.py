"""Find the owner of a path in a repository, and the rule that names the owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from headway.git.path_encoding import without_stand_ins
from headway.model.scope import compiled, name_matches
from headway.progress.codeowners import (
    CodeOwners,
    Dialect,
    Line,
    looks_like_gitlab,
    role_in,
)

UNOWNED = "unowned"
"""The team name for paths without an owner."""

DecidedBy = Literal["teams.yaml", "CODEOWNERS", "catalog-info.yaml", "group", "nothing"]

CODEOWNERS_PATHS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_SEARCHED: dict[Dialect, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}
CATALOG_PATHS = ("catalog-info.yaml", "catalog-info.yml")
OWNER_PATHS = (*CODEOWNERS_PATHS, *CATALOG_PATHS)
"""All possible paths of owner files, except catalog files in subfolders."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team as defined in `teams.yaml`."""

    name: str
    lead: str | None = None
    """The person who leads the team."""
    channel: str | None = None
    """Where to contact the team, such as a chat channel."""
    repositories: tuple[str, ...] = ()
    """Gitignore patterns for repositories in which the team owns paths. An empty tuple means all
    repositories.
    """
    paths: tuple[str, ...] = ()
    """Gitignore patterns for the paths that the team owns.

    If `paths` is empty, the team owns all paths in repositories that match `repositories`. If both
    are empty, the team owns paths only through other rules, such as CODEOWNERS.
    """
    aliases: tuple[str, ...] = ()
    """The team's names in CODEOWNERS files, catalogs and forges, such as `@acme/payments`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The owner of a path, and the rule that names the owner."""

    team: str
    by: DecidedBy
    """The kind of source that contains the rule."""
    rule: str
    """The rule as written, with the name of its source."""
    owners: tuple[str, ...] = ()
    """All owners as spelled in the rule."""


NOBODY = Decision(UNOWNED, "nothing", "no rule names an owner")


class TeamList:
    """Finds the teams of a workspace by name, alias or repository."""

    def __init__(self, teams: Sequence[Team]) -> None:
        self.teams = tuple(teams)
        self._names: dict[str, str] = {}
        for team in teams:
            for alias in (team.name, *team.aliases):
                self._names.setdefault(_folded(alias), team.name)

    def team_called(self, owner: str) -> str | None:
        """Return the team with this name or alias, or None if no team has it."""
        return self._names.get(_folded(owner))

    def of_owners(self, owners: Iterable[str]) -> str | None:
        """Return the first owner that is a team of the workspace, or else the first owner's name.

        A role such as `@@maintainer` is skipped unless it is an alias of a team. The result is None
        if no other owner remains.
        """
        names = list(owners)
        for name in names:
            if (team := self.team_called(name)) is not None:
                return team
        return next((own_name(name) for name in names if role_in(name) is None), None)

    def claiming(self, repository: str) -> list[Team]:
        """Return the teams that own the repository or some of its paths, according to `teams.yaml`.

        The teams are in order of precedence. Teams with `paths` come before teams that own whole
        repositories. Otherwise, teams that are listed later come first.
        """
        claims = [
            team
            for team in reversed(self.teams)
            if (team.repositories or team.paths) and name_matches(team.repositories, repository)
        ]
        return sorted(claims, key=lambda team: not team.paths)


class Owners:
    """The owners of all paths in one repository at one point in time.

    Args:
        teams: The teams of the workspace.
        repository: The name of the repository.
        codeowners: The (path, contents) of the CODEOWNERS file, or None if the repository has none.
        dialect: The dialect of CODEOWNERS files on the forge, or None for an unknown forge.
        catalog_owner: The (path, owner) of the catalog file in the root, or None if the root has
            none.
        folder_owners: Maps each folder with a catalog file to the file's (path, owner). The nearest
            folder decides.
        groups: The groups that own the repository on its forge.
    """

    def __init__(
        self,
        teams: TeamList,
        repository: str,
        *,
        codeowners: tuple[str, str] | None = None,
        dialect: Dialect | None = None,
        catalog_owner: tuple[str, str] | None = None,
        folder_owners: Mapping[str, tuple[str, str]] | None = None,
        groups: Sequence[str] = (),
    ) -> None:
        self._teams = teams
        self._claims = teams.claiming(repository)
        self._file = codeowners[0] if codeowners else ""
        self._codeowners = (
            CodeOwners(codeowners[1], dialect or guess_dialect(*codeowners)) if codeowners else None
        )
        self._catalog = catalog_owner
        self._groups = tuple(groups)
        self._decisions: dict[str, Decision] = {}
        self._folders = {
            folder: self._catalog_decision(*found)
            for folder, found in (folder_owners or {}).items()
        }
        self._default = self._repository_decision()

    def of(self, path: str) -> Decision:
        """Return the owner of a path, and the rule that names the owner."""
        decision = self._decisions.get(path)
        if decision is None:
            decision = self._decisions[path] = self._decide(path)
        return decision

    @property
    def is_the_same_everywhere(self) -> bool:
        by_path = self._codeowners is not None or bool(self._folders)
        return not by_path and not any(team.paths for team in self._claims)

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines in CODEOWNERS that assign owners, highest precedence first."""
        return self._codeowners.lines if self._codeowners is not None else ()

    @property
    def teams(self) -> tuple[Team, ...]:
        return self._teams.teams

    def by_pattern(self) -> list[tuple[str | None, Decision]]:
        """Return all rules that name an owner as (pattern, decision) pairs, highest precedence
        first.

        The last pattern is None. It applies to all paths that no other pattern matches.
        """
        rules: list[tuple[str | None, Decision]] = []
        for team in self._claims:
            decision = _claimed(team)
            if not team.paths:
                return [*rules, (None, decision)]
            rules += [(pattern, decision) for pattern in team.paths]
        for line in self.lines:
            name = self._teams.of_owners(line.owners)
            if name is not None:
                shown = _shown(self._file, line)
                pattern = without_stand_ins(line.pattern)
                rules.append((pattern, Decision(name, "CODEOWNERS", shown, line.owners)))
        folders = sorted(self._folders, key=lambda folder: (-folder.count("/"), folder))
        rules += [(f"/{folder}/", self._folders[folder]) for folder in folders]
        return [*rules, (None, self._default)]

    def _decide(self, path: str) -> Decision:
        for team in self._claims:
            if not team.paths or compiled(team.paths).match_file(path):
                return _claimed(team)
        if self._codeowners is not None:
            lines = [line for line in self._codeowners.deciding(path) if line.owners]
            owners = [owner for line in lines for owner in line.owners]
            name = self._teams.of_owners(owners)
            if name is not None:
                rule = "; ".join(_shown(self._file, line) for line in lines)
                return Decision(name, "CODEOWNERS", rule, tuple(dict.fromkeys(owners)))
        return self._nearest_catalog(path) or self._default

    def _nearest_catalog(self, path: str) -> Decision | None:
        """Return the decision of the catalog file in the nearest folder above a path."""
        folder = path
        while self._folders and "/" in folder:
            folder = folder.rpartition("/")[0]
            if folder in self._folders:
                return self._folders[folder]
        return None

    def _catalog_decision(self, file: str, owner: str) -> Decision:
        called = self._teams.team_called(owner) or entity_name(owner)
        team = self._teams.team_called(called) or own_name(called)
        return Decision(team, "catalog-info.yaml", f"{file}: {owner}", (owner,))

    def _repository_decision(self) -> Decision:
        if self._catalog is not None:
            return self._catalog_decision(*self._catalog)
        first = self._teams.of_owners(self._groups)
        if first is not None:
            return Decision(first, "group", f"the forge's group {self._groups[0]}", self._groups)
        return NOBODY


def guess_dialect(path: str, text: str) -> Dialect:
    """Guess the dialect of a CODEOWNERS file whose forge is unknown."""
    if path.startswith(".github/"):
        return "github"
    return "gitlab" if path.startswith(".gitlab/") or looks_like_gitlab(text) else "github"


def codeowners_paths(dialect: Dialect | None) -> tuple[str, ...]:
    """Return the paths at which a forge looks for CODEOWNERS, highest precedence first."""
    return CODEOWNERS_PATHS if dialect is None else _SEARCHED[dialect]


def entity_name(reference: str) -> str:
    """Return the name in a catalog's entity reference: `payments` in `group:default/payments`."""
    name = reference.rpartition(":")[2].strip()
    namespace, slash, rest = name.partition("/")
    return rest if slash and namespace == "default" and rest else name or UNOWNED


def own_name(owner: str) -> str:
    """Return the team name for an owner that is not in `teams.yaml`: lower case, without `@`.

    Forges and catalogs ignore case in owners, so `@Acme/Pay` and `@acme/pay` are the same team.
    """
    return owner.strip().lstrip("@").casefold()


def _folded(name: str) -> str:
    role = role_in(name.strip())
    return own_name(name) if role is None else f"@@{role}"


def _claimed(team: Team) -> Decision:
    patterns = ", ".join(team.paths or team.repositories)
    return Decision(team.name, "teams.yaml", f"{team.name}: {patterns}", (team.name,))


def _shown(file: str, line: Line) -> str:
    section = f"[{line.section}] " if line.section else ""
    pattern = without_stand_ins(line.pattern)
    return f"{file}:{line.number}: {section}{pattern} {' '.join(line.owners)}".rstrip()
