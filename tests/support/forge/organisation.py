"""An organisation with real repositories on a fake forge, and a workspace that scans it."""

from __future__ import annotations

import copy
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from click.testing import Result

from tests.support.forge.server import Server
from tests.support.forge.world import FakeRepository, World
from tests.support.git import Repo, git
from tests.support.workspaces import REMOVE_SIX, headway, rows

LOOPBACK = "--allow-loopback-http"


class Organisation:
    """An organisation on a fake forge, and the workspace that scans it.

    Args:
        root: The folder for work trees, served repositories and the workspace.
        world: The state of the fake forge.
    """

    def __init__(self, root: Path, world: World) -> None:
        self.root = root
        self.world = world
        self.workspace = root / "workspace"
        self.repos: dict[str, Repo] = {}
        self._next = 1

    def add(self, name: str, *, fixed: bool = False) -> Repo:
        """Add a repository whose item is from January 2026, and if `fixed`, fix it in February."""
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
        """Fix the item of a repository and push the commit."""
        repo = self.repos[name]
        repo.commit(at, {"a.py": f"x = {at!r}\n"})
        push(repo)

    def get(self, name: str) -> FakeRepository:
        """Return the repository that currently has this name."""
        found = self.world.named(f"acme/{name}")
        assert found is not None
        return found

    def mirror(self, server: Server, name: str) -> Path:
        """Return the path of a repository's mirror. The mirror need not exist."""
        host = server.host.replace(":", "_")
        return self.workspace / ".headway" / "mirrors" / host / f"{self.get(name).id}.git"

    def copy(self, root: Path) -> Organisation:
        """Copy all repositories, the workspace and the state of the forge to another folder."""
        shutil.copytree(self.root, root, symlinks=True, dirs_exist_ok=True)
        copied = Organisation(root, _copy_world(self.world, root))
        copied._next = self._next
        for name, repo in self.repos.items():
            copied.repos[name] = copy.copy(repo)
            copied.repos[name].path = root / repo.path.relative_to(self.root)
            config = copied.repos[name].path / ".git" / "config"
            config.write_text(config.read_text().replace(str(self.root), str(root)))
        return copied

    def configure(self, config: str) -> None:
        """Write the workspace. `config` is the text of headway.toml."""
        (self.workspace / "campaigns").mkdir(parents=True)
        (self.workspace / "headway.toml").write_text(config)
        campaign = REMOVE_SIX.replace("2020-01-06", "2026-01-05")
        (self.workspace / "campaigns" / "remove-six.yaml").write_text(campaign)

    def scan(self, today: str, *options: str, code: int = 0) -> Result:
        """Scan the workspace as of `today`, and check the exit code."""
        arguments = (LOOPBACK, "--today", today, "scan", "--jobs", "1", *options)
        return headway(self.workspace, *arguments, code=code)

    def states(self, today: str) -> dict[str, str]:
        """Return the state of each repository, by repository name."""
        found = rows(self.workspace, "--today", today, "status", "--by", "repository")
        return {row["repository"]: row["state"] for row in found}

    def burndown(self, today: str) -> list[dict[str, Any]]:
        """Return the daily rows of the campaign's burndown."""
        return rows(self.workspace, "--today", today, "burndown", "remove-six", "--by", "day")


def _copy_world(world: World, root: Path) -> World:
    """Copy the state of a forge whose repositories are now in the `served` folder of `root`."""

    def moved(entry: FakeRepository) -> FakeRepository:
        assert entry.git_dir is not None
        return replace(entry, git_dir=root / "served" / entry.git_dir.name)

    return replace(
        world,
        repositories=[moved(entry) for entry in world.repositories],
        elsewhere=[moved(entry) for entry in world.elsewhere],
        tokens=set(world.tokens),
        requests=list(world.requests),
        before=list(world.before),
        after=list(world.after),
        former=dict(world.former),
        released=threading.Event(),
    )


def push(repo: Repo, *options: str) -> None:
    """Push the commits of a repository to the fake forge."""
    repo.git("push", "-q", *options, "origin", "main")


def gitlab_config(server: Server) -> str:
    """Return the text of a headway.toml with a fake GitLab as the source."""
    return (
        '[[sources]]\ntype = "gitlab"\ngroup = "acme"\ntoken = "GITLAB_TOKEN"\n'
        f'url = "{server.url}"\n'
    )


def github_config(server: Server) -> str:
    """Return the text of a headway.toml with a fake GitHub as the source."""
    return (
        '[[sources]]\ntype = "github"\norganization = "acme"\ntoken = "GITHUB_TOKEN"\n'
        f'url = "{server.url}/api/v3"\n'
    )
