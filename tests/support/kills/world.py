"""The repositories and definitions that a killed workspace and its undisturbed twin share."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from tests.support.git import Repo

STARTS = date(2026, 1, 5)
CONFIG = '[[sources]]\ntype = "local"\npath = "{}"\n'
TEAMS = """teams:
  - {name: payments, repositories: [shop]}
  - {name: platform, repositories: [api, lib]}
"""
_SCANNER = """from headway import ContentScanner, Match, Options


class Note(ContentScanner[Options]):
    name = "note"

    def find(self, options, path, content):
        lines = content.decode().splitlines()
        return [Match(text=line, line=at) for at, line in enumerate(lines, 1) if "FIXME" in line]
"""
_LINES = ("import six  # {}\n", "x = {}\n", "# FIXME {}\n", "from six import moves  # {}\n")


@dataclass(frozen=True)
class Definitions:
    """The campaign files of one day."""

    title: str = "Remove six"
    due: date = date(2026, 9, 30)
    weight: int = 1
    pattern: str = "import six"
    notes: bool = True
    exempt: bool = False
    milestone: bool = False
    second: bool = True

    def edited(self, rng: random.Random) -> Definitions:
        """Return the definitions after one random edit."""
        edits: list[dict[str, object]] = [
            {"title": f"Remove six ({rng.randrange(100)})"},
            {"due": self.due + timedelta(days=rng.randrange(-20, 40))},
            {"weight": rng.randrange(1, 5)},
            {"pattern": rng.choice(["import six", "six", "import (six|moves)"])},
            {"notes": not self.notes},
            {"exempt": not self.exempt},
            {"milestone": not self.milestone},
            {"second": not self.second},
        ]
        return replace(self, **rng.choice(edits))  # type: ignore[arg-type]

    def write(self, folder: Path) -> None:
        """Write the campaign files into the `campaigns` folder."""
        campaigns = {"remove-six": self._six()} | ({"setup-py": _SETUP} if self.second else {})
        for stale in folder.glob("*.yaml"):
            if stale.stem not in campaigns:
                stale.unlink()
        for name, content in campaigns.items():
            (folder / f"{name}.yaml").write_text(json.dumps(content, indent=1, default=str))

    def _six(self) -> dict[str, object]:
        rule = {"id": "six", "scanner": "regex", "pattern": self.pattern, "weight": self.weight}
        rules: list[dict[str, object]] = [{**rule, "paths": ["**/*.py"]}]
        if self.notes:
            rules.append({"id": "note", "scanner": "note"})
        campaign: dict[str, object] = {"title": self.title, "starts": STARTS, "due": self.due}
        campaign["deprecated"] = rules
        if self.exempt:
            exemption = {"repositories": ["lib"], "paths": ["**"], "reason": "old"}
            campaign["exemptions"] = [{**exemption, "until": self.due, "approved_by": "ada"}]
        if self.milestone:
            campaign["milestones"] = [{"name": "Tier 1", "due": self.due, "repositories": ["shop"]}]
        return campaign


_SETUP = {
    "title": "No setup.py",
    "starts": STARTS,
    "deprecated": [{"id": "setup", "scanner": "file", "paths": ["setup.py"]}],
    "required": [{"id": "pyproject", "scanner": "file", "paths": ["pyproject.toml"]}],
}


@dataclass
class World:
    """Three repositories that change from day to day.

    Args:
        root: The `clones` folder is created here; workspaces are folders beside it.
        rng: Determines the changes.
    """

    root: Path
    rng: random.Random
    today: date = STARTS + timedelta(days=30)
    definitions: Definitions = field(default_factory=Definitions)
    _commits: int = 0

    def create(self) -> None:
        """Create the repositories, with up to four weeks of history."""
        for name in ("shop", "api", "lib"):
            repo = Repo(self.root / "clones" / name)
            files: dict[str, str | bytes | None] = {
                f"{at}.py": "".join(self._line() for _ in range(4)) for at in range(3)
            }
            repo.commit(str(STARTS - timedelta(days=5)), {**files, "setup.py": "# setup\n"})
        for day in range(3):
            self.today = STARTS + timedelta(days=day * 9)
            self.change()

    def workspace(self, name: str) -> Path:
        """Create a workspace that scans the repositories."""
        folder = self.root / name
        for part in ("campaigns", "scanners"):
            (folder / part).mkdir(parents=True)
        (folder / "headway.toml").write_text(CONFIG.format(self.root / "clones"))
        (folder / "teams.yaml").write_text(TEAMS)
        (folder / "scanners" / "note.py").write_text(_SCANNER)
        self.definitions.write(folder / "campaigns")
        return folder

    def change(self) -> list[str]:
        """Let some days pass, change repositories and definitions, and describe the changes."""
        self.today += timedelta(days=self.rng.randrange(1, 6))
        return list(self._changes())

    def _changes(self) -> Iterator[str]:
        for name in self.rng.sample(("shop", "api", "lib"), k=self.rng.randrange(1, 3)):
            repo = Repo.__new__(Repo)
            repo.path = self.root / "clones" / name
            if self.rng.random() < 0.15 and repo.git("rev-list", "--count", "HEAD").strip() != "1":
                repo.git("reset", "-q", "--hard", "HEAD~1")
                yield f"{name}: force push"
            self._commit(repo)
            yield f"{name}: commit"
        if self.rng.random() < 0.3:
            self.definitions = self.definitions.edited(self.rng)
            yield "definition edit"

    def _commit(self, repo: Repo) -> None:
        rng = self.rng
        self._commits += 1
        chosen = rng.choice(("0.py", "1.py", "2.py", "new.py", "setup.py", "pyproject.toml"))
        place = repo.path / chosen
        if place.exists() and rng.random() < 0.2 and len(list(repo.path.glob("*.*"))) > 1:
            place.unlink()
        else:
            lines = place.read_text().splitlines(keepends=True) if place.exists() else []
            if lines and rng.random() < 0.5:
                lines.pop(rng.randrange(len(lines)))
            lines.insert(rng.randrange(len(lines) + 1), self._line())
            place.write_text("".join(lines))
        moment = f"{self.today}T08:{self._commits // 60 % 60:02}:{self._commits % 60:02}"
        repo.commit(moment)

    def _line(self) -> str:
        return self.rng.choice(_LINES).format(self.rng.randrange(1000))
