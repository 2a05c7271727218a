"""The organisation on disk: its repositories, and a workspace that follows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from headway.demo.cast import HOMES, SIX_BEGINS, TRAVIS_BEGINS, UTC_BEGINS, WEEKS
from headway.demo.story import tell
from headway.demo.stream import write_repository
from headway.workspace import shipped_folder

_CONFIG = """\
# What Headway reads, and where it puts things.

[[sources]]
type = "local"
path = "clones"  # every git repository below this folder

[store]
path = "headway.duckdb"

[report]
out = "site"
"""


def make_organisation(target: Path, *, today: date) -> None:
    """Writes all repositories below `target/clones/acme`; the story ends the day before `today`.

    Raises `OSError`, and `GitError` when git fails.
    """
    began = int(datetime.combine(_day(today, 0), time(), UTC).timestamp())
    for home in HOMES:
        git_dir = target / "clones" / "acme" / f"{home.name}.git"
        git_dir.parent.mkdir(parents=True, exist_ok=True)
        write_repository(git_dir, tell(home), began, f"https://github.example.com/acme/{home.name}")
        if not home.readable:
            _damage(git_dir)


def write_workspace(target: Path, *, today: date) -> None:
    """headway.toml and three campaigns of the catalogue, each with dates of its own."""
    (target / "headway.toml").write_text(_CONFIG, "utf-8")
    (target / "campaigns").mkdir(exist_ok=True)
    for name, begins, due in (
        ("remove-six", SIX_BEGINS, WEEKS + 16),
        ("travis-to-github-actions", TRAVIS_BEGINS, WEEKS - 10),
        ("utcnow", UTC_BEGINS, WEEKS + 30),
    ):
        text = (shipped_folder() / "campaigns" / f"{name}.yaml").read_text("utf-8")
        dates = f"starts: {_day(today, begins)}\ndue: {_day(today, due)}\n"
        dates += "owner: developer-productivity\n"
        (target / "campaigns" / f"{name}.yaml").write_text(text + dates, "utf-8")


def _day(today: date, week: int) -> date:
    """The Monday of a week of the story, which ends before today."""
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(weeks=WEEKS - week)


def _damage(git_dir: Path) -> None:
    """Half of every pack is lost, as after a disk that failed."""
    for pack in (git_dir / "objects" / "pack").glob("*.pack"):
        pack.chmod(0o600)
        content = pack.read_bytes()
        pack.write_bytes(content[: len(content) // 2])
    for loose in (git_dir / "objects").glob("[0-9a-f][0-9a-f]/*"):
        loose.chmod(0o600)
        loose.write_bytes(b"")
