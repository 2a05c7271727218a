"""The state of a forge between the runs of a nightly job, and the stand-in for `headway`.

The stand-in appends one line per scan to `headway.duckdb`, so a test can see whether the history of
every night has survived. `Forge.programs` can replace stand-ins with real programs.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEADWAY = """#!/bin/sh
case "$1" in
scan)
  audience=$(echo "$*" | sed 's/.*--history-audience //')
  if [ "$audience" != private ] && [ -e "$FORGE/hidden" ]; then exit 1; fi
  mkdir -p .headway; echo "$NIGHT" > .headway/mirror
  # If the time is up, the runner kills the shell that runs the script, too.
  if [ -e "$FORGE/killed-by-timeout" ]; then kill -KILL $PPID; exit 137; fi
  echo "night $NIGHT" >> headway.duckdb.new
  cat headway.duckdb headway.duckdb.new > next 2> /dev/null; rm headway.duckdb.new
  mv next headway.duckdb
  exit "$(cat "$FORGE/scan-exit" 2> /dev/null || echo 0)" ;;
query) echo "count_star()"; cat "$FORGE/hidden" 2> /dev/null || echo 0 ;;
report) mkdir -p site; { echo "audience=$3"; cat headway.duckdb; } > site/index.html ;;
digest) echo "digest $*" ;;
esac
"""


@dataclass
class Forge:
    """The state of a forge between runs, kept in a folder."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    """The runs, newest first, as `gh run list --json` prints them."""
    workspace: Path | None = None
    """A folder with the files that a run checks out; None if there are none."""
    programs: dict[str, str] = field(default_factory=dict)
    """The scripts that replace stand-ins, by name."""
    branch: str = "main"
    published: str | None = None
    """The page that was published last; None if there is none."""

    def __post_init__(self) -> None:
        (self.folder / "artifacts").mkdir(parents=True)
        (self.folder / "cache").mkdir()
        self.set("visibility", "private")

    def set(self, name: str, value: object) -> None:
        """Set a setting of the forge or a result of the stand-in for `headway`."""
        (self.folder / name).write_text(f"{value}\n")

    @property
    def history(self) -> list[str]:
        """The lines of the newest history that was uploaded."""
        uploaded = sorted((self.folder / "artifacts").iterdir(), key=lambda file: int(file.name))
        return uploaded[-1].read_text().splitlines() if uploaded else []

    def cached(self, path: str) -> list[str]:
        """Return the content of a file in each cache, in the order of the cache keys."""
        return [file.read_text() for file in sorted((self.folder / "cache").glob(f"*/{path}"))]

    @property
    def saved_files(self) -> list[str]:
        """The files in artifacts and caches. Other people can download them."""
        kept = [path for name in ("artifacts", "cache") for path in (self.folder / name).rglob("*")]
        return [str(path.relative_to(self.folder)) for path in kept if path.is_file()]

    def check_out(self, work: Path) -> None:
        """Fill the working folder of a run."""
        if self.workspace is not None:
            shutil.copytree(self.workspace, work, dirs_exist_ok=True)

    def expire_artifacts(self) -> None:
        """Delete the contents of all artifacts, which GitHub still counts afterwards."""
        for file in (self.folder / "artifacts").iterdir():
            file.unlink()

    def forget_artifacts(self) -> None:
        """Delete all artifacts, as a person can. GitHub no longer counts them afterwards."""
        self.expire_artifacts()
        (self.folder / "uploaded").unlink()


def write_programs(folder: Path, programs: Mapping[str, str]) -> None:
    """Write scripts to a new folder. `programs` maps each file name to its script."""
    folder.mkdir()
    for name, script in programs.items():
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
