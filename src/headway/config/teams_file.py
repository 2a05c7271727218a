"""`teams.yaml`: who the teams are and what is theirs; every problem at once, as for campaigns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headway.config.campaign_file import Text, Words
from headway.config.document import Document, Path_, read_document
from headway.config.json_schema import allow_single_words
from headway.config.problems import Problem
from headway.config.validation_messages import explain
from headway.progress.path_owners import UNOWNED, Team

TEAMS_NAME = "teams.yaml"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TeamFile(_Part):
    """One team. What matches `repositories` and `paths` is its own, whatever CODEOWNERS says."""

    name: Text = Field(description="What the team is called here.")
    lead: Text | None = Field(default=None, description="Who answers for it.")
    channel: Text | None = Field(default=None, description="Where it is spoken to.")
    repositories: Words = Field(
        default=(), description="Patterns over repository names, as in .gitignore."
    )
    paths: Words = Field(
        default=(), description="Patterns over paths, as in .gitignore, in those repositories."
    )
    aliases: Words = Field(
        default=(),
        description="What CODEOWNERS, a catalog or the forge calls it, such as @acme/payments.",
    )


class TeamsFile(_Part):
    """teams.yaml."""

    teams: tuple[TeamFile, ...] = Field(min_length=1, description="One entry for each team.")


@dataclass(frozen=True, slots=True)
class LoadedTeams:
    """teams: none when there is no file, or it has a problem."""

    teams: tuple[Team, ...] = ()
    problems: tuple[Problem, ...] = ()


def load_teams(root: Path) -> LoadedTeams:
    """The teams of the workspace at `root`; it need not have any."""
    file = root / TEAMS_NAME
    if not file.exists():
        return LoadedTeams()
    document = read_document(file)
    if document.data is None:
        return LoadedTeams(problems=tuple(document.problems))
    try:
        parsed = TeamsFile.model_validate(document.data)
    except ValidationError as error:
        document.problems += explain(document, error, TeamsFile)
        parsed = None
    document.problems += _clashes(document, document.data)
    if parsed is None or document.problems:
        ordered = sorted(document.problems, key=lambda problem: (problem.line, problem.column))
        return LoadedTeams(problems=tuple(ordered))
    return LoadedTeams(tuple(Team(**dict(entry)) for entry in parsed.teams))


def teams_schema() -> dict[str, Any]:
    """JSON Schema of teams.yaml, draft 2020-12."""
    schema = TeamsFile.model_json_schema()
    for definition in (schema, *schema.get("$defs", {}).values()):
        allow_single_words(definition)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Headway teams",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def _clashes(document: Document, data: dict[str, Any]) -> Iterator[Problem]:
    """Names that two teams go by, and the one name that no team can have."""
    taken: dict[str, tuple[int, str]] = {}
    for position, path, name in _names(data):
        folded = name.strip().lstrip("@").casefold()
        line = document.places[path][0]
        if folded == UNOWNED:
            yield document.problem(
                f"`{name}` cannot name a team: it means that nobody owns something",
                path,
                hint="give the team another name",
            )
            continue
        first, owner = taken.setdefault(folded, (position, f"line {line}"))
        if first != position:
            yield document.problem(
                f"`{name}` is the name of another team already",
                path,
                hint=f"{owner} has it; a name or alias belongs to one team",
            )


def _names(data: dict[str, Any]) -> Iterator[tuple[int, Path_, str]]:
    entries = data.get("teams")
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        path: Path_ = ("teams", position)
        if isinstance(entry.get("name"), str):
            yield position, (*path, "name"), entry["name"]
        aliases = entry.get("aliases")
        if isinstance(aliases, str):
            yield position, (*path, "aliases"), aliases
        for number, alias in enumerate(aliases if isinstance(aliases, list) else ()):
            if isinstance(alias, str):
                yield position, (*path, "aliases", number), alias
