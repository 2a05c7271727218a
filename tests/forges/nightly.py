"""Scan real repositories on two nights, with faults of the forge on the second night.

    python -m tests.forges.nightly FOLDER [WORDS]

FOLDER contains clones with their history, bare or not. If WORDS is given, only faults whose
description contains WORDS are injected.

A fake forge serves the clones. On the first night, each repository ends some commits before the tip
of its clone.
Then the other commits are pushed, and the second night is scanned from the same state several
times: once undisturbed, and once with each fault. For each fault, the script prints how the scan
ended, what `status` and the pages say, and whether an undisturbed third night has the same result
as the undisturbed second night. The exit code is 1 if a result differs or a fault was not reported.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

from headway.forges.sources.local import LocalSource
from tests.support.forge.github import github
from tests.support.forge.organisation import LOOPBACK, github_config
from tests.support.forge.server import Server, serve
from tests.support.forge.world import (
    TOKEN,
    Answer,
    FakeRepository,
    Request,
    World,
    always,
)
from tests.support.git import git
from tests.support.workspaces import headway, rows

_PROGRESS = re.compile(r"(fetching|reading|listing|writing the ledger)\b.*: \d")
NIGHTS = ("2026-03-02", "2026-03-03", "2026-03-04")
COMMITS_BETWEEN = 20
CAMPAIGN = """title: Modern Python
starts: 2015-01-05
deprecated:
  - {id: six, scanner: regex, pattern: '^\\s*(?:import six\\b|from six\\b)', paths: ["**/*.py"]}
  - {id: typing, scanner: regex, pattern: '^from typing import ', paths: ["**/*.py"]}
  - {id: setup-py, scanner: file, paths: ["setup.py"]}
"""


@dataclass(frozen=True)
class Night:
    """An organisation on a fake forge, and the workspace that scans it."""

    server: Server
    place: Path
    """The folder of the workspace."""

    @property
    def world(self) -> World:
        return self.server.world

    @property
    def first(self) -> FakeRepository:
        """The repository that faults affect; new commits were pushed to it."""
        return self.world.repositories[0]

    @property
    def mirror(self) -> Path:
        host = self.server.host.replace(":", "_")
        return self.place / ".headway" / "mirrors" / host / f"{self.first.id}.git"

    def changed(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Add a fault that alters the forge's responses to requests for the listing."""

        def after(request: Request, answer: Answer) -> Answer:
            if b"totalCount" not in request.body or not answer.body.startswith(b'{"data"'):
                return answer
            body = json.loads(answer.body)
            change(body["data"]["organization"]["repositories"])
            return replace(answer, body=json.dumps(body).encode())

        self.world.after.append(after)


def hide(night: Night) -> None:
    """The listing counts the first repository, but does not contain it."""
    night.changed(lambda found: found["nodes"].pop(0))


def bad_gateway(night: Night) -> None:
    """Every listing request is answered with 502."""
    night.world.before.append(always(Answer(502), "graphql"))


def nothing(night: Night) -> None:
    """The listing is empty, and its total is 0."""
    night.changed(lambda found: found.update(nodes=[], totalCount=0))


def sign_on(night: Night) -> None:
    """Single sign-on hides some organisations."""

    def after(request: Request, answer: Answer) -> Answer:
        answer.headers["X-GitHub-SSO"] = "partial-results; organizations=1"
        return answer

    night.world.after.append(after)


def hidden_from_git(night: Night) -> None:
    """Git's requests for the repository are answered with 404."""
    night.world.before.append(always(Answer(404), f"/{night.first.name}.git/"))


def token_ends(night: Night) -> None:
    """The token expires after the listing."""

    def after(request: Request, answer: Answer) -> Answer:
        if b"teams(" in request.body:
            night.world.tokens = {"another"}
        return answer

    night.world.after.append(after)


def limited(night: Night) -> None:
    """The rate limit is reset only after the deadline."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}
    night.world.before.append(always(Answer(403, headers, b"{}"), "graphql"))


def graphql_errors(night: Night) -> None:
    """GraphQL responses have status 200 and contain errors."""
    body = b'{"data": null, "errors": [{"message": "Something went wrong"}]}'
    night.world.before.append(always(Answer(200, {}, body), "graphql"))


def unavailable(night: Night) -> None:
    """Git's requests for the repository are answered with 503."""
    night.world.before.append(always(Answer(503), f"/{night.first.name}.git/"))


def cut(night: Night) -> None:
    """Every pack of the repository is cut off in the middle."""

    def after(request: Request, answer: Answer) -> Answer:
        is_pack = request.path.startswith(f"/{night.first.name}.git") and b"PACK" in answer.body
        return replace(answer, cut=len(answer.body) // 2) if is_pack else answer

    night.world.after.append(after)


def redirect(night: Night) -> None:
    """Git's requests for the repository are redirected to another server."""
    elsewhere = Answer(302, {"Location": "http://127.0.0.1:9/x.git/info/refs"})
    night.world.before.append(always(elsewhere, f"/{night.first.name}.git/"))


def renamed(night: Night) -> None:
    """The repository and its branch are renamed."""
    assert night.first.git_dir is not None
    git(night.first.git_dir, "branch", "-m", "main", "trunk")
    night.first.name, night.first.branch = "acme/another-name", "trunk"


def dangling(night: Night) -> None:
    """HEAD points to no branch."""
    assert night.first.git_dir is not None
    git(night.first.git_dir, "symbolic-ref", "HEAD", "refs/heads/nowhere")
    night.first.branch = "nowhere"


def archived(night: Night) -> None:
    """The repository is archived."""
    night.first.archived = True


def rewritten(night: Night) -> None:
    """The branch was force-pushed to an older commit."""
    assert night.first.git_dir is not None
    git(night.first.git_dir, "update-ref", "refs/heads/main", f"main~{COMMITS_BETWEEN + 10}")


def damaged(night: Night) -> None:
    """Every object of the mirror is unreadable, and a stale lock is left over."""
    (night.mirror / "shallow.lock").touch()
    for pack in (night.mirror / "objects" / "pack").glob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:16] + bytes(pack.stat().st_size - 16))


@dataclass(frozen=True)
class Fault:
    """A fault and its expected consequences."""

    inject: Callable[[Night], None]
    """Injects the fault. The function's docstring describes the fault."""
    code: int
    state: str | None
    """The state of the first repository; None if it is no longer listed under its old name."""
    heals: bool = True
    """Whether the following night must have the same result as the undisturbed second night."""


FAULTS = (
    Fault(hide, 3, "unknown"),
    Fault(bad_gateway, 3, "unknown"),
    Fault(nothing, 3, "unknown"),
    Fault(sign_on, 3, "as undisturbed"),
    Fault(hidden_from_git, 3, "unknown"),
    Fault(token_ends, 3, "unknown"),
    Fault(limited, 3, "unknown"),
    Fault(graphql_errors, 3, "unknown"),
    Fault(unavailable, 3, "unknown"),
    Fault(cut, 3, "unknown"),
    Fault(redirect, 3, "unknown"),
    Fault(renamed, 0, None),
    Fault(dangling, 3, "unknown"),
    Fault(archived, 0, None, heals=False),
    Fault(rewritten, 0, "any", heals=False),
    Fault(damaged, 0, "as undisturbed"),
)


@dataclass(frozen=True)
class Outcome:
    stderr: str
    states: dict[str, str]
    """The state of each repository, by name."""
    status: dict[str, Any]
    items: list[tuple[str, ...]]
    notices: list[str]
    """The sentences on the pages about unknown data and about changed repositories."""

    @property
    def line(self) -> str:
        counts = ", ".join(
            f"{n} {state}" for state, n in sorted(Counter(self.states.values()).items())
        )
        status = self.status
        return (
            f"{counts}; open {status['open']}, fixed {status['fixed']}, "
            f"coverage {status['coverage']:.2f}, {status['health']}"
        )


def main(folder: Path, words: str) -> int:
    os.environ["GITHUB_TOKEN"] = TOKEN
    clones = LocalSource(folder, "real").list_repositories().repositories
    wrong = 0
    with (
        tempfile.TemporaryDirectory(prefix="headway-nights-") as name,
        serve(World(), github) as server,
    ):
        root = Path(name)
        night = Night(server, root / "workspace")
        for number, clone in enumerate(clones, 1):
            served = _serve(root / "served" / f"{number}.git", Path(clone.clone_url), clone.tip)
            short = Path(clone.name).parts[0].rpartition("+")[2]
            night.world.repositories.append(FakeRepository(number, f"acme/{short}", served))
        _print(f"{len(clones)} repositories")
        _workspace(night)
        first = _scan_night(night, NIGHTS[0], 0)
        _print(f"first night: {first.line}")
        for repository in night.world.repositories:
            assert repository.git_dir is not None
            git(repository.git_dir, "update-ref", "refs/heads/main", "refs/heads/pushed")
        backup = root / "backup"
        shutil.copytree(root, backup, ignore=shutil.ignore_patterns("backup"), symlinks=True)
        undisturbed = _scan_night(night, NIGHTS[1], 0)
        _print(f"second night: {undisturbed.line}")
        faults = [fault for fault in FAULTS if words in str(fault.inject.__doc__)]
        for fault in faults:
            _restore(night, backup)
            wrong += _try_fault(night, fault, undisturbed)
    _print(f"\n{len(faults)} faults, {wrong} wrong")
    return 1 if wrong else 0


def _serve(place: Path, clone: Path, tip: str | None) -> Path:
    """Create a repository that shares a clone's objects. Its branch `main` is behind `pushed`."""
    place.parent.mkdir(exist_ok=True)
    git(place.parent, "clone", "-q", "--bare", "--shared", str(clone), place.name)
    for reference in git(place, "for-each-ref", "--format=%(refname)").split():
        git(place, "update-ref", "-d", reference)
    git(place, "update-ref", "refs/heads/pushed", str(tip))
    git(place, "update-ref", "refs/heads/main", f"{tip}~{COMMITS_BETWEEN}")
    git(place, "symbolic-ref", "HEAD", "refs/heads/main")
    return place


def _workspace(night: Night) -> None:
    (night.place / "campaigns").mkdir(parents=True)
    (night.place / "headway.toml").write_text(github_config(night.server))
    (night.place / "campaigns" / "modern-python.yaml").write_text(CAMPAIGN)


def _restore(night: Night, backup: Path) -> None:
    """Restore the forge and the workspace to their state before the second night."""
    night.world.before.clear()
    night.world.after.clear()
    night.world.tokens = {TOKEN}
    for name in ("workspace", "served"):
        shutil.rmtree(backup.parent / name)
        shutil.copytree(backup / name, backup.parent / name, symlinks=True)
    for repository in night.world.repositories:
        assert repository.git_dir is not None
        repository.branch, repository.archived = "main", False
    night.first.name = (
        night.first.name if night.first.name != "acme/another-name" else _recorded_name(night)
    )


def _recorded_name(night: Night) -> str:
    """Return the name of the first repository as recorded on the first night."""
    (row,) = rows(night.place, "query", "SELECT name FROM repositories ORDER BY key LIMIT 1")
    return str(row["name"])


def _try_fault(night: Night, fault: Fault, undisturbed: Outcome) -> int:
    """Return the number of wrong results on the night with the fault and on the next night."""
    name = night.first.name
    fault.inject(night)
    _print(f"\n{fault.inject.__doc__}")
    outcome = _scan_night(night, NIGHTS[1], fault.code)
    expected = undisturbed.states[name] if fault.state == "as undisturbed" else fault.state
    _print(f"  exit {fault.code}: {outcome.line}")
    for message in [line for line in outcome.stderr.splitlines() if not _PROGRESS.match(line)][:2]:
        _print(f"  scan:  {message}")
    for notice in outcome.notices[:3]:
        _print(f"  pages: {notice}")
    wrong = expected != "any" and outcome.states.get(name) != expected
    wrong = wrong or (fault.code == 3 and not outcome.notices)
    if not fault.heals:
        return int(wrong)
    night.world.before.clear()
    night.world.after.clear()
    night.world.tokens = {TOKEN}
    if night.first.branch == "nowhere":
        assert night.first.git_dir is not None
        git(night.first.git_dir, "symbolic-ref", "HEAD", "refs/heads/main")
        night.first.branch = "main"
    healed = _scan_night(night, NIGHTS[2], 0)
    same = healed.items == undisturbed.items
    _print("  next night: same as the undisturbed one" if same else f"  next night: {healed.line}")
    return int(wrong) + int(not same)


def _scan_night(night: Night, today: str, code: int) -> Outcome:
    """Run one night: a scan and a report."""
    day = ("--today", today)
    done = headway(night.place, LOOPBACK, *day, "scan", "--jobs", "2", code=None)
    if done.exit_code != code:
        raise SystemExit(f"the scan ended with {done.exit_code} instead of {code}:\n{done.output}")
    headway(night.place, *day, "report")
    states = rows(night.place, *day, "status", "--by", "repository")
    (status,) = rows(night.place, *day, "status")
    items = rows(night.place, *day, "items", "--state", "all")
    names = ("rule", "path", "opened_commit", "closed_commit", "excerpt")
    return Outcome(
        done.stderr,
        {row["repository"]: row["state"] for row in states},
        status,
        sorted(tuple(str(item[name]) for name in names) for item in items),
        _notices(night.place / "site"),
    )


def _notices(site: Path) -> list[str]:
    """Return `page: sentence` for each sentence about unknown data or a changed repository."""
    notable = re.compile(
        r"unknown|could (?:not )?be|not listed|is now|archived|rewritten|incomplete", re.IGNORECASE
    )
    found: dict[str, None] = {}
    for page in sorted(site.rglob("*.html")):
        text = re.sub(r"(?s)<(script|style).*?</\1>", "", page.read_text("utf-8"))
        for piece in re.split(r"</?(?:p|li|td|th|h\d|dd|dt|summary|caption|tr)\b[^>]*>", text):
            sentence = " ".join(unescape(re.sub(r"<[^>]+>", " ", piece)).split())
            is_sentence = len(sentence) < 300 and not sentence.startswith("Burndown Ledger")
            if notable.search(sentence) and is_sentence:
                found.setdefault(f"{page.relative_to(site)}: {sentence}")
    return list(found)


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this is a program


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), "".join(sys.argv[2:])))
