"""A workspace for a corpus, and the Headway commands that are measured in it."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, measured, run
from benchmarks.rules import campaign


class Workspace:
    """A workspace with one campaign that scans the repositories below the `clones` folder."""

    def __init__(self, folder: Path, clones: Path, rules: int, starts: str | None = None) -> None:
        self.folder = folder
        (folder / "campaigns").mkdir(parents=True, exist_ok=True)
        source = f'[[sources]]\ntype = "local"\npath = {json.dumps(str(clones))}\n'
        (folder / "headway.toml").write_text(source)
        (folder / "campaigns" / "benchmark.yaml").write_text(campaign(rules, starts))

    def headway(self, *arguments: str) -> bytes:
        """Run a Headway command in the workspace and return its standard output."""
        return run([sys.executable, "-m", "headway", "-C", self.folder, *arguments])

    def first_scan(self) -> Cost:
        """Measure a scan without an existing store or mirrors."""
        self.forget()
        return self.scan()

    def scan(self) -> Cost:
        """Measure a scan of the workspace."""
        with measured() as meter:
            self.headway("scan")
        return meter.cost

    def forget(self) -> None:
        """Delete all files that scans wrote."""
        for path in self.folder.glob("headway.duckdb*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.rmtree(self.folder / ".headway", ignore_errors=True)

    def items(self, *arguments: str) -> list[dict[str, Any]]:
        """Run `headway items` and return the rows."""
        rows: list[dict[str, Any]] = json.loads(
            self.headway("items", "--format", "json", *arguments)
        )
        return rows

    @property
    def store(self) -> Path:
        """Return the path of the store."""
        return self.folder / "headway.duckdb"
