"""Read teams.yaml, which lists the teams and the paths that they own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headway.config.campaign_file import Words
from headway.config.document import Document, KeyPath, read_document
from headway.config.json_schema import allow_single_words
from headway.config.pattern_checks import check_patterns
from headway.config.problems import Problem
from headway.config.setting_types import Text
from headway.config.validation_messages import explain
from headway.progress.path_owners import UNOWNED, Team

TEAMS_NAME = "teams.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class TeamFile(_Part):
    """A team. Its `repositories` and `paths` take precedence over CODEOWNERS files."""

    name: Text = Field(description="The name of the team in Headway.")
    lead: Text | None = Field(default=None, description="The person who leads the team.")
    channel: Text | None = Field(default=None, description="Where to contact the team.")
    repositories: Words = Field(
        default=(), description="Patterns for repository names, in .gitignore syntax."
    )
    paths: Words = Field(
        default=(), description="Patterns for paths in these repositories, in .gitignore syntax."
    )
    aliases: Words = Field(
        default=(),
        description="Other names of the team, for example in CODEOWNERS: @acme/payments.",
    )


class TeamsFile(_Part):
    """The schema of teams.yaml."""

    teams: tuple[TeamFile, ...] = Field(description="One entry per team.")


@dataclass(frozen=True, slots=True)
class LoadedTeams:
    """The teams in teams.yaml, and the problems of the file."""

    teams: tuple[Team, ...] = ()
    """The teams. The tuple is empty if the file does not exist or has a problem."""
    problems: tuple[Problem, ...] = ()


def load_teams(root: Path) -> LoadedTeams:
    """Read the teams of the workspace at `root`. A missing teams.yaml is not a problem."""
    file = root / TEAMS_NAME
    if not file.exists():
        return LoadedTeams()
    document = read_document(file)
    if document.data is None:
        return LoadedTeams(problems=tuple(document.first_problems()))
    try:
        parsed = TeamsFile.model_validate(document.data)
    except ValidationError as error:
        document.problems += explain(document, error, TeamsFile)
        parsed = None
    document.problems += _name_problems(document, document.data)
    document.problems += _pattern_problems(document, document.data)
    if parsed is None or document.problems:
        ordered = document.first_problems()
        return LoadedTeams(problems=tuple(ordered))
    return LoadedTeams(tuple(Team(**dict(entry)) for entry in parsed.teams))


def teams_schema() -> dict[str, Any]:
    """Return the JSON Schema of teams.yaml in draft 2020-12."""
    schema = TeamsFile.model_json_schema()
    for definition in (schema, *schema.get("$defs", {}).values()):
        allow_single_words(definition)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Headway teams",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def _name_problems(document: Document, data: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each name that two teams share, and for the reserved name `unowned`."""
    taken: dict[str, tuple[int, str]] = {}
    for position, path, name in _names(data):
        folded = name.strip().lstrip("@").casefold()
        line = document.places[path][0]
        if folded == UNOWNED:
            yield document.problem(
                f"a team cannot be called `{name}`: this name stands for code without an owner",
                path,
                hint="give the team another name",
            )
            continue
        first, owner = taken.setdefault(folded, (position, f"line {line}"))
        if first != position:
            yield document.problem(
                f"`{name}` is already the name of another team",
                path,
                hint=f"the name is used on {owner}; each name must belong to only one team",
            )


def _pattern_problems(document: Document, data: dict[str, Any]) -> Iterator[Problem]:
    entries = data.get("teams")
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            names, paths = (("teams", position, key) for key in ("repositories", "paths"))
            yield from check_patterns(document, entry.get("repositories"), names, "repository")
            yield from check_patterns(document, entry.get("paths"), paths, "path")


def _names(data: dict[str, Any]) -> Iterator[tuple[int, KeyPath, str]]:
    """Yield the team's index, the path and the value of every name and alias."""
    entries = data.get("teams")
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        path: KeyPath = ("teams", position)
        if isinstance(entry.get("name"), str):
            yield position, (*path, "name"), entry["name"]
        aliases = entry.get("aliases")
        if isinstance(aliases, str):
            yield position, (*path, "aliases"), aliases
        for number, alias in enumerate(aliases if isinstance(aliases, list) else ()):
            if isinstance(alias, str):
                yield position, (*path, "aliases", number), alias
