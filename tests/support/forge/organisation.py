"""A fake organisation on a fake forge with real repositories, and a workspace that scans it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from click.testing import Result

from tests.support.forge.server import Server
from tests.support.forge.world import FakeRepository, World
from tests.support.git import Repo, git
from tests.support.workspaces import REMOVE_SIX, headway, rows

LOOPBACK = "--allow-loopback-http"


class Organisation:
    """root: holds a work tree for each repository, what the forge serves, and the workspace."""

    def __init__(self, root: Path, world: World) -> None:
        self.root = root
        self.world = world
        self.workspace = root / "workspace"
        self.repos: dict[str, Repo] = {}
        self._next = 1

    def add(self, name: str, *, fixed: bool = False) -> Repo:
        """A repository with one item, opened in January 2026; fixed: closed in February."""
        repo = Repo(self.root / "work" / f"{self._next}")
        repo.commit("2026-01-02", {"a.py": "x = 1\n"})
        repo.commit("2026-01-10", {"a.py": "import six\n"})
        if fixed:
            repo.commit("2026-02-10", {"a.py": "x = 1\n"})
        served = self.root / "served" / f"{self._next}.git"
        git(self.root, "clone", "-q", "--bare", str(repo.path), str(served))
        repo.git("remote", "add", "origin", str(served))
        self.world.repositories.append(FakeRepository(self._next, f"acme/{name}", served))
        self.repos[name] = repo
        self._next += 1
        return repo

    def fix(self, name: str, at: str) -> None:
        """Closes the item of a repository, and pushes that."""
        repo = self.repos[name]
        repo.commit(at, {"a.py": f"x = {at!r}\n"})
        push(repo)

    def get(self, name: str) -> FakeRepository:
        """A repository by its name now."""
        found = self.world.named(f"acme/{name}")
        assert found is not None
        return found

    def mirror(self, server: Server, name: str) -> Path:
        """Where the mirror is, or would be."""
        host = server.host.replace(":", "_")
        return self.workspace / ".headway" / "mirrors" / host / f"{self.get(name).id}.git"

    def configure(self, config: str) -> None:
        """Writes the workspace."""
        (self.workspace / "campaigns").mkdir(parents=True)
        (self.workspace / "headway.toml").write_text(config)
        campaign = REMOVE_SIX.replace("2020-01-06", "2026-01-05")
        (self.workspace / "campaigns" / "remove-six.yaml").write_text(campaign)

    def scan(self, today: str, *options: str, code: int = 0) -> Result:
        """One scan."""
        arguments = (LOOPBACK, "--today", today, "scan", "--jobs", "1", *options)
        return headway(self.workspace, *arguments, code=code)

    def states(self, today: str) -> dict[str, str]:
        """Repository to its state."""
        found = rows(self.workspace, "--today", today, "status", "--by", "repository")
        return {row["repository"]: row["state"] for row in found}

    def burndown(self, today: str) -> list[dict[str, Any]]:
        """The campaign's rows by day."""
        return rows(self.workspace, "--today", today, "burndown", "remove-six", "--by", "day")


def push(repo: Repo, *options: str) -> None:
    """Brings what was committed to the forge."""
    repo.git("push", "-q", *options, "origin", "main")


def github_config(server: Server) -> str:
    """Settings for a fake GitHub."""
    return (
        '[[sources]]\ntype = "github"\norganization = "acme"\ntoken = "GITHUB_TOKEN"\n'
        f'url = "{server.url}/api/v3"\n'
    )
