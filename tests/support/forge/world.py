"""What a fake forge knows: its repositories, whom it lets in, what it was asked, and its faults."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

TOKEN = "canary-4f1d8e2b7a6c4d5e9f00"  # gitleaks:allow


@dataclass
class FakeRepository:
    """git_dir: the repository that git gets; None for one that nobody fetches.

    tip, branch: as the forge states them; None: what `git_dir` says. teams: each with its
    permission, such as WRITE.
    """

    id: int
    name: str
    git_dir: Path | None = None
    branch: str | None = "main"
    tip: str | None = None
    visibility: str = "private"
    archived: bool = False
    fork: bool = False
    template: bool = False
    disabled: bool = False
    empty: bool = False
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    teams: Mapping[str, str] = field(default_factory=dict)

    @property
    def stated_tip(self) -> str | None:
        """The commit of the default branch, read from the references as they are now."""
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
    """headers: names in lower case. path: without the query."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answer:
    """cut: how many bytes of the body are sent before the connection is closed; None: all.
    stall: how many are sent before nothing more comes until `World.released`; None: no stall.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    stall: int | None = None


Before = Callable[[Request], Answer | None]
After = Callable[[Request, Answer], Answer]


@dataclass
class World:
    """before: each may answer in the forge's place. after: each may change an answer.

    tokens: who is let in; empty means everybody. page_size: the forge's own maximum. filters:
    whether git may leave out contents. released: ends every stall.
    """

    repositories: list[FakeRepository] = field(default_factory=list)
    account: str = "acme"
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    requests: list[Request] = field(default_factory=list)
    before: list[Before] = field(default_factory=list)
    after: list[After] = field(default_factory=list)
    page_size: int = 100
    checked: bool = True
    filters: bool = True
    former: dict[str, str] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)

    def named(self, name: str) -> FakeRepository | None:
        """The repository that has this name, or had it."""
        name = self.former.get(name, name)
        return next((it for it in self.repositories if it.name == name), None)

    def asked(self, part: str) -> int:
        """How many requests had `part` in their path."""
        return sum(part in request.path for request in self.requests)


def once(answer: Answer, part: str) -> Before:
    """A fault: the first request with `part` in its path gets this answer."""
    left = [answer]

    def fault(request: Request) -> Answer | None:
        return left.pop() if left and part in request.path else None

    return fault


def always(answer: Answer, part: str) -> Before:
    """A fault: every request with `part` in its path gets this answer."""
    return lambda request: answer if part in request.path else None
