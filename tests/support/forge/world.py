"""The state of a fake forge: repositories, tokens, the requests that it got, and faults."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TOKEN = "canary-4f1d8e2b7a6c4d5e9f00"  # gitleaks:allow


@dataclass
class FakeRepository:
    """A repository on a fake forge."""

    id: int
    name: str
    git_dir: Path | None = None
    """The repository that is served to git; None if no test fetches it."""
    branch: str | None = "main"
    """The default branch."""
    tip: str | None = None
    """The commit of the default branch; None to read it from `git_dir`."""
    visibility: str = "private"
    archived: bool = False
    fork: bool = False
    template: bool = False
    disabled: bool = False
    empty: bool = False
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    teams: Mapping[str, str] = field(default_factory=dict)
    """Name of a team to its permission, such as WRITE."""

    @property
    def stated_tip(self) -> str | None:
        """The commit of the default branch; read from the references unless `tip` is set."""
        if self.tip is not None or self.git_dir is None or self.branch is None:
            return self.tip
        name = f"refs/heads/{self.branch}"
        if (self.git_dir / name).is_file():
            return (self.git_dir / name).read_text("ascii").strip()
        packed = self.git_dir / "packed-refs"
        lines = packed.read_text("ascii").splitlines() if packed.is_file() else []
        return next((line.split()[0] for line in lines if line.endswith(f" {name}")), None)


@dataclass(frozen=True)
class Request:
    """A request that the forge got."""

    method: str
    path: str
    """Without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass
class Answer:
    """An answer of the forge."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    """The connection is closed after so many bytes of the body; None sends all."""
    stall: int | None = None
    """After so many bytes, the rest waits for `World.released`; None does not wait."""


Before = Callable[[Request], Answer | None]
After = Callable[[Request, Answer], Answer]


@dataclass
class World:
    """The state of a fake forge."""

    repositories: list[FakeRepository] = field(default_factory=list)
    account: str = "acme"
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    """The tokens that are accepted; an empty set accepts every request."""
    requests: list[Request] = field(default_factory=list)
    before: list[Before] = field(default_factory=list)
    """Faults that may answer in place of the forge."""
    after: list[After] = field(default_factory=list)
    """Faults that may change an answer of the forge."""
    page_size: int = 100
    """The most entries that the forge puts on a page."""
    checked: bool = True
    """Whether answers are validated against the forge's own API description."""
    filters: bool = True
    """Whether git may leave out file contents."""
    former: dict[str, str] = field(default_factory=dict)
    """Former name of a repository to its current one."""
    released: threading.Event = field(default_factory=threading.Event)
    """Ends every stall."""

    def named(self, name: str) -> FakeRepository | None:
        """The repository with this current or former name."""
        name = self.former.get(name, name)
        return next(
            (repository for repository in self.repositories if repository.name == name), None
        )

    def count_requests(self, part: str) -> int:
        """Count the requests whose path contains `part`."""
        return sum(part in request.path for request in self.requests)


def once(answer: Answer, part: str) -> Before:
    """A fault: only the first request whose path contains `part` gets this answer."""
    remaining = [answer]

    def fault(request: Request) -> Answer | None:
        return remaining.pop() if remaining and part in request.path else None

    return fault


def always(answer: Answer, part: str) -> Before:
    """A fault: every request whose path contains `part` gets this answer."""
    return lambda request: answer if part in request.path else None
