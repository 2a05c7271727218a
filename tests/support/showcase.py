"""A small organisation whose pages show every kind of content, including malicious text."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from tests.support.git import Repo
from tests.support.workspaces import scan, workspace

TODAY = date(2024, 6, 12)
FIRST_SCAN = date(2024, 6, 5)
START = date(2024, 1, 1)

SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd('/C calc')!A0"
LINK = "[x](javascript:alert(2))"
# This character reverses the reading direction of the text that follows.
TURN = "\u202e"

_SIX = r"""title: Remove six
summary: Python 2 is gone; its compatibility layer can go too.
owner: developer-productivity
guide: https://wiki.example.com/remove-six
starts: 2024-01-01
due: 2024-08-30
deprecated:
  - id: import-six
    scanner: regex
    pattern: '{pattern}'
    paths: ["**/*.py"]
  - id: require-six
    scanner: regex
    pattern: '^six==(?P<version>[0-9.]+)'
    paths: [requirements.txt]
    weight: 0.5
milestones:
  - {{name: Money first, due: 2024-05-31, repositories: ["acme/pay-*"]}}
  - {{name: Customers, due: 2024-07-31, repositories: ["acme/shop-*"]}}
exemptions:
  - repositories: ["acme/legacy"]
    reason: Switched off in autumn
    until: 2024-06-20
    approved_by: platform
"""
_SETUP = """title: setup.py to pyproject.toml
summary: Metadata that is data.
starts: 2024-01-01
due: 2024-12-20
deprecated:
  - {id: setup-py, scanner: file, paths: [setup.py]}
replacement:
  - {id: project-table, scanner: regex, pattern: '^\\[project\\]', paths: [pyproject.toml]}
"""
_DONE = """title: No more Dockerfile.old
scope: {repositories: [acme/tools]}
starts: 2024-01-01
due: 2024-05-01
deprecated:
  - {id: old-file, scanner: file, paths: [Dockerfile.old]}
"""
_HOSTILE = f"""title: "{SCRIPT} {FORMULA}"
summary: "{SCRIPT} {LINK} \\u202e"
owner: "{FORMULA}"
guide: https://wiki.example.com/?q="><script>alert(3)</script>
starts: 2024-01-01
deprecated:
  - {{id: hostile, scanner: regex, pattern: 'HOSTILE|<script>', paths: ["*.txt"]}}
milestones:
  - {{name: "{SCRIPT}", due: 2024-07-01}}
exemptions:
  - paths: ["{FORMULA}.txt"]
    reason: "{FORMULA} {SCRIPT}"
    until: 2030-01-01
    approved_by: "{LINK}"
"""
_TEAMS = f"""teams:
  - {{name: payments, lead: Maria Castell, channel: "#payments", repositories: ["acme/pay-*"]}}
  - {{name: web, repositories: ["acme/shop-*"]}}
  - {{name: "{SCRIPT}", repositories: ["acme/a<script>*"]}}
  - {{name: "{FORMULA}", repositories: ["acme/=cmd*"]}}
"""
# This text has so many matches that the list of items needs more than one page.
_LONG = "".join(f"HOSTILE line {number}\n" for number in range(1500))


def showcase(folder: Path) -> Path:
    """Create a workspace, scan it, change its campaigns and repositories, and scan it again."""
    place = workspace(
        folder,
        remove_six=_SIX.format(pattern=r"^\s*import six\b"),
        setup_py=_SETUP,
        dockerfile_old=_DONE,
        hostile=_HOSTILE,
    )
    (place / "teams.yaml").write_text(_TEAMS)
    clones = place / "clones" / "acme"
    for number, name in enumerate(("pay-api", "pay-ledger", "pay-web", "shop-front", "shop-cart")):
        _migrating(clones, name, files=9 + number, fixed=2 + number, every=21 + number)
    for number, name in enumerate(("search", "ads", "mail", "docs", "legacy")):
        _migrating(clones, name, files=2 + number, fixed=0, every=7)
    Repo(clones / "docs").commit("2023-04-01", {"long.txt": _LONG})
    _finished(clones / "tools")
    _hostile(clones)
    scan(place, FIRST_SCAN)
    (place / "campaigns" / "remove-six.yaml").write_text(
        _SIX.format(pattern=r"^\s*(?:import six\b|from six\b)")
    )
    _migrating(clones, "late", files=5, fixed=0, every=7)
    (clones / "ads" / ".git" / "HEAD").write_text("ref: refs/heads/nowhere\n")
    scan(place, TODAY)
    return place


def _repo(folder: Path) -> Repo:
    repo = Repo(folder)
    name = folder.name if folder.name.replace("-", "").isalpha() else "other"
    repo.git("config", "remote.origin.url", f"https://github.com/acme/{name}.git")
    return repo


def _migrating(clones: Path, name: str, *, files: int, fixed: int, every: int) -> None:
    """Create a repository whose commits remove the `six` package from one file at a time.

    Args:
        clones: The folder of the new repository.
        name: The name of the repository.
        files: The number of files that use six.
        fixed: The number of files from which six is removed. If there are more than four, the first
            file regresses.
        every: The number of days from one removal to the next.
    """
    repo = _repo(clones / name)
    content: dict[str, str | bytes | None] = {
        f"src/{name}/module_{number}.py": "import six\nfrom six import moves\n"
        for number in range(files)
    }
    repo.commit(
        "2023-03-01", {**content, "setup.py": "\n", "requirements.txt": f"six==1.{files}\n"}
    )
    day = START
    for path in list(content)[:fixed]:
        day += timedelta(days=every)
        repo.commit(day.isoformat(), {path: "import sys\n"})
    if fixed:
        repo.commit("2024-06-03", {"pyproject.toml": "[project]\n", "setup.py": None})
    if fixed > 4:
        repo.commit("2024-06-04", {next(iter(content)): "import six\n"})


def _finished(folder: Path) -> None:
    repo = _repo(folder)
    repo.commit("2023-01-01", {"Dockerfile.old": "FROM x\n", "setup.py": "\n", "a.py": "\n"})
    repo.commit("2024-04-02", {"Dockerfile.old": None, "setup.py": None})


def _hostile(clones: Path) -> None:
    repo = _repo(clones / "a<script>alert(4)<script>")
    repo.commit(
        "2023-05-01",
        {
            "x'\"><img src=y onerror=z>.txt": f"HOSTILE {SCRIPT} {TURN} ]]> --> </textarea>\n",
            f"{FORMULA}.txt": "HOSTILE\n",
            "`;|[x](javascript:alert(5))\n\x1b.txt": f"{LINK} ``` HOSTILE @everyone\n",
        },
    )
    repo.git("config", "remote.origin.url", "javascript:alert(6)")
    other = _repo(clones / "=cmd()")
    other.commit("2023-05-01", {"@SUM(1).txt": "=HYPERLINK(1) HOSTILE\n", "-1+1.txt": "HOSTILE\n"})
