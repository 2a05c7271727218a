"""A small organisation on a fake forge that can be reset to any of three nights."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

from click.testing import Result

from headway.forges import github_connection, gitlab_client
from headway.git.forge_connections import StallLimit
from headway.git.transport import Transport
from headway.scan import mirror_provider
from tests.support.forge.clock import virtual_waits
from tests.support.forge.github import github
from tests.support.forge.gitlab import gitlab
from tests.support.forge.nights import (
    FAULTED,
    FIRST,
    HEALED,
    Outcome,
    read_outcome,
    without_graphql,
)
from tests.support.forge.organisation import LOOPBACK, Organisation, github_config, gitlab_config
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, FakeRepository, World
from tests.support.workspaces import headway

PAGE_SIZE = 3
_DAYS = (FIRST, FAULTED, HEALED)


class Stage:
    """Six repositories, and a workspace that scanned them on the first night.

    On the second night, an item of `a` is fixed and `b` has a new one. On the third night, `b` has
    a fix and `secret` has a new item. `c` has no new commits, `done` has no open item, `old` is
    archived and `secret` is private. The control is scanned on all three nights, without faults.

    Args:
        root: An empty folder.
        forge: One of `FORGES`.
        server: The fake forge, without repositories.
    """

    def __init__(self, root: Path, forge: str, server: Server) -> None:
        self.root = root
        self.forge = forge
        self.world = server.world
        # Validating responses against the API description is slow, and other tests already do so.
        self.world.checked = False
        self._acme = Organisation(root, server.world)
        self._tips: list[dict[int, str]] = []
        self._create_repositories()
        self._repositories = [replace(entry) for entry in self.world.repositories]
        self._acme.configure((github_config if self.is_github else gitlab_config)(server))
        campaign = self._acme.workspace / "campaigns" / "remove-six.yaml"
        campaign.write_text(campaign.read_text() + "scope: {languages: [python]}\n")
        self.begin(0)
        self.scan(self._acme.workspace, FIRST, code=0)
        self.without_scan = read_outcome(self._acme.workspace, FAULTED)
        """The outcome for the second day if the second night has no scan."""
        self.control = self._scan_control()
        """The outcomes of the second and the third night without a fault."""

    @property
    def is_github(self) -> bool:
        return self.forge.startswith("github")

    def get(self, name: str) -> FakeRepository:
        """Return the repository that has this name without the owner."""
        return self._acme.get(name)

    def begin(self, night: int) -> None:
        """Set the forge to its undisturbed state on a night. The first night is 0."""
        world = self.world
        world.repositories[:] = [replace(entry) for entry in self._repositories]
        for faults in (world.before, world.after, world.elsewhere, world.requests):
            faults.clear()
        world.released.set()
        world.released = threading.Event()
        world.tokens = {TOKEN}
        world.page_size = PAGE_SIZE
        without_graphql(world, self.forge)
        for entry in world.repositories:
            self.set_tip(entry, self._tips[night][entry.id])

    def set_tip(self, entry: FakeRepository, tip: str | None, branch: str = "main") -> None:
        """Leave only this branch in a repository, or empty the repository if `tip` is None."""
        assert entry.git_dir is not None
        heads = entry.git_dir / "refs" / "heads"
        shutil.rmtree(heads)
        heads.mkdir()
        if tip is not None:
            (heads / branch).write_text(f"{tip}\n")
        (entry.git_dir / "HEAD").write_text(f"ref: refs/heads/{branch}\n")

    def tip(self, name: str, night: int) -> str:
        """Return the commit ID of a repository's branch on a night."""
        return self._tips[night][self.get(name).id]

    @contextlib.contextmanager
    def copy(self) -> Iterator[Path]:
        """Provide a copy of the workspace as it is after the first night."""
        place = self.root / "copy"
        shutil.copytree(self._acme.workspace, place, symlinks=True)
        try:
            yield place
        finally:
            shutil.rmtree(place)

    def scan(
        self, place: Path, day: str, *, code: int | None = None, may_stall: bool = False
    ) -> Result:
        """Scan a workspace. Waits for the forge only move a test clock forward.

        Args:
            place: The workspace.
            day: The day of the scan.
            code: The expected exit code; None accepts any.
            may_stall: Whether the forge may stall, so that timeouts must be short. Otherwise, they
                are long, because even a forge without a fault can exceed a short timeout on a busy
                machine.
        """
        options = (LOOPBACK, "--today", day, "scan", "--jobs", "1")
        with virtual_waits(), _short_timeouts() if may_stall else contextlib.nullcontext():
            return headway(place, *options, code=code)

    def _create_repositories(self) -> None:
        for name in ("a", "b", "c", "done", "old", "secret"):
            self._acme.add(name, fixed=name == "done")
            entry = self.get(name)
            entry.visibility = "private" if name == "secret" else "internal"
            entry.archived = name == "old"
            entry.languages = ("Python",)
            entry.teams = {"payments": "WRITE"}
            assert entry.git_dir is not None
            (entry.git_dir / "packed-refs").unlink(missing_ok=True)
        self._record_tips()
        self._commit("a", FAULTED, {"a.py": "x = 2\n"})
        self._commit("b", FAULTED, {"b.py": "import six\n"})
        self._record_tips()
        self._commit("b", HEALED, {"a.py": "x = 2\n"})
        self._commit("secret", HEALED, {"c.py": "from six import moves\n"})
        self._record_tips()

    def _commit(self, name: str, day: str, files: dict[str, str | bytes | None]) -> None:
        """Add a commit, and store its objects on the forge."""
        repo = self._acme.repos[name]
        repo.commit(day, files)
        repo.git("push", "-q", "origin", "main")

    def _record_tips(self) -> None:
        entries = zip(self.world.repositories, self._acme.repos.values(), strict=True)
        self._tips.append({entry.id: repo.head for entry, repo in entries})

    def _scan_control(self) -> Sequence[Outcome]:
        outcomes = []
        with self.copy() as place:
            for night in (1, 2):
                self.begin(night)
                self.scan(place, _DAYS[night], code=0)
                outcomes.append(read_outcome(place, _DAYS[night]))
        return outcomes


_TIMEOUT = 1.0
_SHORT_STALL_LIMIT = StallLimit(seconds=1)


@contextlib.contextmanager
def _short_timeouts() -> Iterator[None]:
    with (
        patch.object(github_connection, "_TIMEOUT", _TIMEOUT),
        patch.object(gitlab_client, "_TIMEOUT", _TIMEOUT),
        patch.object(
            mirror_provider, "Transport", partial(Transport, stall_limit=_SHORT_STALL_LIMIT)
        ),
    ):
        yield


@contextlib.contextmanager
def open_stage(root: Path, forge: str) -> Iterator[Stage]:
    """Run a fake forge with a stage during a block. The environment must contain the tokens."""
    with serve(World(), github if forge.startswith("github") else gitlab) as server:
        yield Stage(root, forge, server)
