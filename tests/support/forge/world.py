"""The state of a fake forge: repositories, tokens, received requests and faults."""

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
    """Folder of the repository that is served to git; None if no test fetches it."""
    branch: str | None = "main"
    """The default branch."""
    tip: str | None = None
    """Commit of the default branch; None means that it is read from `git_dir`."""
    visibility: str = "private"
    archived: bool = False
    fork: bool = False
    template: bool = False
    disabled: bool = False
    empty: bool = False
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    teams: Mapping[str, str] = field(default_factory=dict)
    """Permissions such as WRITE, by team name."""

    @property
    def stated_tip(self) -> str | None:
        """The commit that the forge reports: `tip`, or the branch's commit in `git_dir`."""
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
    """Path of the URL, without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass
class Answer:
    """A reply of the forge."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    """Number of bytes of the body after which the connection is closed; None sends all."""
    stall: int | None = None
    """Number of bytes after which the reply waits for `World.released`; None means no wait."""


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
    """Faults that may reply instead of the forge."""
    after: list[After] = field(default_factory=list)
    """Faults that may change a reply of the forge."""
    page_size: int = 100
    """Maximum number of entries per page."""
    checked: bool = True
    """Whether replies are validated against the forge's API description."""
    filters: bool = True
    """Whether git clients may leave out file contents."""
    former: dict[str, str] = field(default_factory=dict)
    """Current names of renamed repositories, by former name."""
    released: threading.Event = field(default_factory=threading.Event)
    """Set to end every stall."""

    def named(self, name: str) -> FakeRepository | None:
        """Return the repository with this current or former name."""
        name = self.former.get(name, name)
        return next(
            (repository for repository in self.repositories if repository.name == name), None
        )

    def count_requests(self, part: str) -> int:
        """Count the requests whose path contains `part`."""
        return sum(part in request.path for request in self.requests)


def once(answer: Answer, part: str) -> Before:
    """Return a fault: the first request whose path contains `part` gets this reply."""
    remaining = [answer]

    def fault(request: Request) -> Answer | None:
        return remaining.pop() if remaining and part in request.path else None

    return fault


def always(answer: Answer, part: str) -> Before:
    """Return a fault: every request whose path contains `part` gets this reply."""
    return lambda request: answer if part in request.path else None
