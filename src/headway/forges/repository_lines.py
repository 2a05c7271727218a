"""Read repositories in the JSON Lines format, for the `list` source.

The last line contains the number of repositories. This number proves that the input was not
truncated. If this number is missing or wrong, the listing is incomplete. Example:

    {"id": 7, "name": "acme/shop", "clone_url": "https://git.example.com/acme/shop.git"}
    {"count": 1}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from headway.config.document import Document
from headway.config.setting_types import Url
from headway.config.validation_messages import explain
from headway.forges.address import check_url
from headway.model.repository import Repository
from headway.printable import printable

_LONGEST_LINE = 64 << 10
_MOST_PROBLEMS = 20


def _check_id(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _check_plain(value: str) -> str:
    if printable(value) != value or value != value.strip():
        raise ValueError("remove invisible characters, and spaces at the start and the end")
    return value


def _check_without_spaces(value: str) -> str:
    if any(char.isspace() for char in value):
        raise ValueError("an id must not contain spaces")
    return value


_Plain = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_check_plain)]
_Link = Annotated[Url, Field(max_length=2000), AfterValidator(_check_plain)]
_Words = tuple[Annotated[str, Field(min_length=1, max_length=100)], ...]


class RepositoryLine(BaseModel):
    """A line that describes one repository."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: Annotated[_Plain, BeforeValidator(_check_id), AfterValidator(_check_without_spaces)]
    """The permanent ID of the repository. A rename does not change it."""
    name: _Plain
    clone_url: _Link
    web_url: _Link | None = None
    default_branch: _Plain | None = None
    archived: Annotated[bool, Field(strict=True)] = False
    fork: Annotated[bool, Field(strict=True)] = False
    topics: _Words = ()
    languages: _Words = ()
    visibility: Literal["public", "internal", "private", "unknown"] = "unknown"


class CountLine(BaseModel):
    """The last line. It contains the number of repositories."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    count: Annotated[int, Field(ge=0, strict=True)]
    """The number of repositories in the preceding lines."""


@dataclass(frozen=True, slots=True)
class RepositoryLines:
    """The repositories in an input. If `problems` is empty, none is missing."""

    repositories: tuple[Repository, ...]
    problems: tuple[str, ...] = ()
    """Problems, as phrases that begin with the name of the input and, for one line, its number."""


@dataclass(frozen=True, slots=True)
class LineRules:
    """Rules for all lines of one source."""

    source: str
    key_prefix: str
    """The first part of every repository key. The second part is the ID."""
    hosts: Sequence[str] = ()
    """The hosts that are allowed in clone URLs. An empty sequence allows all hosts."""
    allow_loopback_http: bool = False


def read_repository_lines(label: str, content: bytes, rules: LineRules) -> RepositoryLines:
    """Read an input line by line. Report a problem for each invalid line.

    Args:
        label: The name of the input for messages, such as a file name.
        content: The lines, in UTF-8. Blank lines are ignored.
        rules: The rules for the lines.
    """
    reader = _Reader(label, rules)
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            reader.read(number, line)
    return reader.finish()


class _Reader:
    def __init__(self, label: str, rules: LineRules) -> None:
        self._label = label
        self._rules = rules
        self._repositories: dict[str, Repository] = {}
        self._line_of_id: dict[str, int] = {}
        self._problems: list[str] = []
        self._count: int | None = None

    def read(self, number: int, line: bytes) -> None:
        """Read one non-blank line."""
        if self._count is not None:
            self._complain(
                number, "there is a line after the count line, which must be the last line"
            )
            self._count = None
            return
        data = self._parse(number, line)
        if data is None:
            return
        try:
            if "count" in data:
                self._count = CountLine.model_validate(data).count
            else:
                self._add(number, RepositoryLine.model_validate(data))
        except ValidationError as error:
            model = CountLine if "count" in data else RepositoryLine
            for problem in _explain(line, data, error, model):
                self._complain(number, problem)

    def finish(self) -> RepositoryLines:
        """Check the number of repositories, and return the result."""
        found = len(self._repositories)
        if not self._problems and self._count is None:
            self._problems.append(
                f'{self._label} does not end with a count line such as {{"count": {found}}}, '
                "so it may have been cut off"
            )
        elif not self._problems and self._count != found:
            self._problems.append(
                f"{self._label} has {found:,} repositories, but the count line says {self._count:,}"
            )
        shown = self._problems[:_MOST_PROBLEMS]
        if len(self._problems) > len(shown):
            more = len(self._problems) - len(shown)
            shown.append(f"{self._label} has {more:,} more problems")
        return RepositoryLines(tuple(self._repositories.values()), tuple(shown))

    def _parse(self, number: int, line: bytes) -> dict[str, Any] | None:
        if len(line) > _LONGEST_LINE:
            self._complain(number, f"the line is longer than {_LONGEST_LINE:,} bytes")
            return None
        try:
            data = json.loads(line.decode("utf-8-sig"), object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError) as error:
            self._complain(number, f"the line is not JSON: {error}")
            return None
        if not isinstance(data, dict):
            self._complain(number, "the line is not a JSON object")
            return None
        return data

    def _add(self, number: int, line: RepositoryLine) -> None:
        first = self._line_of_id.setdefault(line.id, number)
        if first != number:
            self._complain(number, f"the id `{line.id}` is already on line {first}")
            return
        reason = check_url(
            line.clone_url, allow_loopback_http=self._rules.allow_loopback_http
        ) or self._check_host(line.clone_url)
        if reason is not None:
            self._complain(number, f"`clone_url` {reason}")
            return
        if line.web_url is not None and urlsplit(line.web_url).username is not None:
            self._complain(number, "`web_url` contains a user name or a password")
            return
        self._repositories[line.id] = self._repository(line)

    def _check_host(self, url: str) -> str | None:
        host = urlsplit(url).netloc.lower()
        if self._rules.hosts and host not in self._rules.hosts:
            return f"has the host {host}, but `hosts` allows only {', '.join(self._rules.hosts)}"
        return None

    def _repository(self, line: RepositoryLine) -> Repository:
        return Repository(
            key=f"{self._rules.key_prefix}/{line.id}",
            name=line.name,
            source=self._rules.source,
            clone_url=line.clone_url,
            # Scans always read the remote's HEAD. The branch name is used only for display.
            default_branch=line.default_branch or "HEAD",
            web_url=line.web_url.rstrip("/") if line.web_url else None,
            visibility=line.visibility,
            archived=line.archived,
            fork=line.fork,
            topics=_lower(line.topics),
            languages=_lower(line.languages),
        )

    def _complain(self, number: int, problem: str) -> None:
        self._problems.append(f"{self._label}:{number}: {printable(problem)}")


def _explain(
    line: bytes, data: dict[str, Any], error: ValidationError, model: type[BaseModel]
) -> Iterator[str]:
    """Yield a phrase for each error in a line."""
    document = Document(Path(), [line.decode("utf-8", "replace")], data)
    for key, value in data.items():
        document.places[key,] = (1, 1)
        entries = value if isinstance(value, list) else ()
        document.places |= {(key, position): (1, 1) for position in range(len(entries))}
    for problem in explain(document, error, model):
        yield f"{problem.message}; {problem.help}" if problem.help else problem.message


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) < len(pairs):
        raise ValueError("a key occurs twice")
    return built


def _lower(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({word.lower() for word in words}))
