"""The state of a fake forge: repositories, tokens, received requests and faults."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

TOKEN = "canary-4f1d8e2b7a6c4d5e9f00"  # gitleaks:allow


@dataclass
class FakeRepository:
    """A repository on a fake forge."""

    id: int
    name: str
    git_dir: Path | None = None
    """The folder of the git repository that the forge serves; None if tests do not fetch it."""
    branch: str | None = "main"
    """The name of the default branch; None if the repository has no default branch."""
    tip: str | None = None
    """The commit ID of the default branch; None means that `git_dir` determines it."""
    visibility: str = "private"
    archived: bool = False
    fork: bool = False
    template: bool = False
    disabled: bool = False
    empty: bool = False
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    kilobytes: int | None = 100
    """The size that the forge states; None if it states no size."""
    hidden: bool = False
    """Whether the repository is hidden from the token. GitLab's GraphQL API still includes the
    repository in the total count.
    """
    deletion_on: str | None = None
    """The day on which GitLab will delete the project, such as 2026-03-09; None if it stays."""
    teams: Mapping[str, str] = field(default_factory=dict)
    """The permission of each team, such as WRITE, by team name."""

    @property
    def stated_tip(self) -> str | None:
        """The commit ID of the default branch that the forge reports."""
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
    """A request that the forge received."""

    method: str
    path: str
    """The path of the URL, without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """The headers, with names in lower case."""
    body: bytes


@dataclass
class Answer:
    """A response that the forge sends."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    """The number of bytes to send before the connection is closed; None means the whole body."""
    stall: int | None = None
    """The number of bytes to send before waiting for `World.released`; None means no wait."""
    reset: bool = False
    """Whether the connection is reset after the last byte, as a broken load balancer does."""


Before = Callable[[Request], Answer | None]
After = Callable[[Request, Answer], Answer]


@dataclass
class World:
    """The state of a fake forge, which tests set up and inspect."""

    repositories: list[FakeRepository] = field(default_factory=list)
    account: str = "acme"
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    """The tokens that the forge accepts. If the set is empty, the forge accepts every request."""
    requests: list[Request] = field(default_factory=list)
    before: list[Before] = field(default_factory=list)
    """Faults that may answer a request instead of the forge."""
    after: list[After] = field(default_factory=list)
    """Faults that may change a response before it is sent."""
    page_size: int = 100
    """The maximum number of entries per page of a listing."""
    checked: bool = True
    """Whether responses are validated against the forge's API description."""
    filters: bool = True
    """Whether git clients may make partial clones, without file contents."""
    elsewhere: list[FakeRepository] = field(default_factory=list)
    """Repositories that requests by ID find, but that no listing contains."""
    null_nodes: bool = False
    """Whether GraphQL lists null for a hidden repository, instead of omitting it."""
    former: dict[str, str] = field(default_factory=dict)
    """The current name of each renamed repository, by former name."""
    ahead: timedelta = timedelta()
    """The time by which the forge's clock is ahead of the real time."""
    knows_sizes: bool = True
    """Whether GitLab's GraphQL has the `statistics` field."""
    released: threading.Event = field(default_factory=threading.Event)
    """Set by tests to let all stalled responses continue."""

    def now(self) -> datetime:
        """Return the current time in UTC, by the forge's clock."""
        return datetime.now(UTC) + self.ahead

    def named(self, name: str) -> FakeRepository | None:
        """Return the visible repository that has or once had this name, or None."""
        name = self.former.get(name, name)
        visible = (repository for repository in self.repositories if not repository.hidden)
        return next((repository for repository in visible if repository.name == name), None)

    def numbered(self, number: str) -> FakeRepository | None:
        """Return the visible repository with this ID, or None."""
        everything = (*self.repositories, *self.elsewhere)
        visible = (entry for entry in everything if not entry.hidden)
        return next((entry for entry in visible if str(entry.id) == number), None)

    def count_requests(self, part: str) -> int:
        """Return the number of received requests whose path contains `part`."""
        return sum(part in request.path for request in self.requests)


def once(answer: Answer, part: str) -> Before:
    """Return a fault that sends `answer` to the first request whose path contains `part`."""
    remaining = [answer]

    def fault(request: Request) -> Answer | None:
        return remaining.pop() if remaining and part in request.path else None

    return fault


def always(answer: Answer, part: str) -> Before:
    """Return a fault that sends `answer` to every request whose path contains `part`."""
    return lambda request: answer if part in request.path else None
