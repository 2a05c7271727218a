"""Who owns a path in a repository, and which rule decided it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from headway.model.scope import compiled, name_matches
from headway.progress.codeowners import CodeOwners, Dialect, Line, has_sections

UNOWNED = "unowned"
DecidedBy = Literal["teams.yaml", "CODEOWNERS", "catalog-info.yaml", "group", "nothing"]

CODEOWNERS_PATHS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_SEARCHED: dict[Dialect, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}
CATALOG_PATHS = ("catalog-info.yaml", "catalog-info.yml")
OWNER_PATHS = (*CODEOWNERS_PATHS, *CATALOG_PATHS)
"""Every path whose contents may say who owns something."""


@dataclass(frozen=True, slots=True)
class Team:
    """A team as `teams.yaml` describes it.

    repositories, paths: patterns as in .gitignore; both: these paths in these repositories; one of
    them: all paths, or all repositories. aliases: what CODEOWNERS, a catalog or the forge calls
    it, such as `@acme/payments`.
    """

    name: str
    lead: str | None = None
    channel: str | None = None
    repositories: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """owners: everybody that the rule names, as it names them. rule: where it is written."""

    team: str
    by: DecidedBy
    rule: str
    owners: tuple[str, ...] = ()


NOBODY = Decision(UNOWNED, "nothing", "no rule names an owner")


class TeamList:
    """The teams of a workspace, and the names that they go by elsewhere."""

    def __init__(self, teams: Sequence[Team]) -> None:
        self.teams = tuple(teams)
        self._names: dict[str, str] = {}
        for team in teams:
            for alias in (team.name, *team.aliases):
                self._names.setdefault(_folded(alias), team.name)

    def known(self, owner: str) -> str | None:
        """The team that goes by this name, or None."""
        return self._names.get(_folded(owner))

    def of_owners(self, owners: Iterable[str]) -> str | None:
        """The first known team among them; without one the first owner, by its own name."""
        named = list(owners)
        for owner in named:
            if (team := self.known(owner)) is not None:
                return team
        return named[0].lstrip("@") if named else None

    def claiming(self, repository: str) -> list[Team]:
        """Those that may own something here, the one that decides first: whoever names paths
        comes before whoever names the repository only, then the later before the earlier.
        """
        claims = [
            team
            for team in reversed(self.teams)
            if (team.repositories or team.paths) and name_matches(team.repositories, repository)
        ]
        return sorted(claims, key=lambda team: not team.paths)


class Owners:
    """Who owns what in one repository, at one time.

    files: path to text of the owner files that are there. catalog_owner: the owner that
    `catalog-info.yaml` names. groups: the forge's. dialect: None where the forge is not known.
    """

    def __init__(
        self,
        teams: TeamList,
        repository: str,
        *,
        codeowners: tuple[str, str] | None = None,
        dialect: Dialect | None = None,
        catalog_owner: tuple[str, str] | None = None,
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
        self._known: dict[str, Decision] = {}
        self._elsewhere = self._of_repository()

    def of(self, path: str) -> Decision:
        """Who owns the path, and why."""
        decision = self._known.get(path)
        if decision is None:
            decision = self._known[path] = self._decide(path)
        return decision

    @property
    def is_the_same_everywhere(self) -> bool:
        """Whether every path has the same owner, whatever it is."""
        return self._codeowners is None and not any(team.paths for team in self._claims)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of CODEOWNERS that can decide."""
        return self._codeowners.lines if self._codeowners is not None else ()

    @property
    def teams(self) -> tuple[Team, ...]:
        """All teams of the workspace."""
        return self._teams.teams

    def by_pattern(self) -> list[tuple[str | None, Decision]]:
        """Every rule as (pattern, decision), the one that decides first at the top; the last one
        has no pattern: it decides about all that no other does.
        """
        rules: list[tuple[str | None, Decision]] = []
        for team in self._claims:
            decision = _claimed(team)
            if not team.paths:
                return [*rules, (None, decision)]
            rules += [(pattern, decision) for pattern in team.paths]
        for line in reversed(self.lines):
            name = self._teams.of_owners(line.owners)
            if name is not None:
                shown = _shown(self._file, line)
                rules.append((line.pattern, Decision(name, "CODEOWNERS", shown, line.owners)))
        return [*rules, (None, self._elsewhere)]

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
        return self._elsewhere

    def _of_repository(self) -> Decision:
        if self._catalog is not None:
            file, owner = self._catalog
            called = self._teams.known(owner) or entity_name(owner)
            team = self._teams.known(called) or called
            return Decision(team, "catalog-info.yaml", f"{file}: {owner}", (owner,))
        first = self._teams.of_owners(self._groups)
        if first is not None:
            return Decision(first, "group", f"the forge's group {self._groups[0]}", self._groups)
        return NOBODY


def guess_dialect(path: str, text: str) -> Dialect:
    """How a CODEOWNERS file whose forge is not known is meant to be read."""
    if path.startswith(".github/"):
        return "github"
    return "gitlab" if path.startswith(".gitlab/") or has_sections(text) else "github"


def searched(dialect: Dialect | None) -> tuple[str, ...]:
    """Where a forge looks for CODEOWNERS; the first file that is there counts."""
    return CODEOWNERS_PATHS if dialect is None else _SEARCHED[dialect]


def entity_name(reference: str) -> str:
    """`payments` from a catalog's `group:default/payments`."""
    name = reference.rpartition(":")[2].strip()
    namespace, slash, rest = name.partition("/")
    return rest if slash and namespace == "default" and rest else name or UNOWNED


def _folded(name: str) -> str:
    return name.strip().lstrip("@").casefold()


def _claimed(team: Team) -> Decision:
    patterns = ", ".join(team.paths or team.repositories)
    return Decision(team.name, "teams.yaml", f"{team.name}: {patterns}", (team.name,))


def _shown(file: str, line: Line) -> str:
    section = f"[{line.section}] " if line.section else ""
    return f"{file}:{line.number}: {section}{line.pattern} {' '.join(line.owners)}".rstrip()
