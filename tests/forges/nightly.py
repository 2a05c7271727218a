"""Two nights of an organisation of real repositories, and each fault of a forge in the second.

    python -m tests.forges.nightly FOLDER [WORDS]

FOLDER holds clones with their history, bare or not. WORDS: only the faults whose description has
them, such as "Row 2". A fake forge serves the clones, first as they were some commits ago; then
everything since is pushed and scanned once more: undisturbed, and with each fault, from the same
first night. Says for each fault how the scan ended, what `status` and the pages say, and whether
the night after it, undisturbed, ends where the undisturbed one did. Exits with 1 where that is not
so, or where a fault let a number pass as if nothing had been.
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
    """One organisation on a fake forge, and the folder that scans it."""

    server: Server
    place: Path

    @property
    def world(self) -> World:
        return self.server.world

    @property
    def first(self) -> FakeRepository:
        """The repository that a fault is for: one to which something was pushed."""
        return self.world.repositories[0]

    @property
    def mirror(self) -> Path:
        host = self.server.host.replace(":", "_")
        return self.place / ".headway" / "mirrors" / host / f"{self.first.id}.git"

    def changed(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Changes what a listing of repositories answers."""

        def after(request: Request, answer: Answer) -> Answer:
            if b"totalCount" not in request.body or not answer.body.startswith(b'{"data"'):
                return answer
            body = json.loads(answer.body)
            change(body["data"]["organization"]["repositories"])
            return replace(answer, body=json.dumps(body).encode())

        self.world.after.append(after)


def hide(night: Night) -> None:
    """Row 12: the first repository is counted and not shown."""
    night.changed(lambda found: found["nodes"].pop(0))


def bad_gateway(night: Night) -> None:
    """Row 12: the listing answers 502 for ever."""
    night.world.before.append(always(Answer(502), "graphql"))


def nothing(night: Night) -> None:
    """Row 13: the listing is empty, and says so."""
    night.changed(lambda found: found.update(nodes=[], totalCount=0))


def sign_on(night: Night) -> None:
    """Row 14: single sign-on leaves organisations out."""

    def after(request: Request, answer: Answer) -> Answer:
        answer.headers["X-GitHub-SSO"] = "partial-results; organizations=1"
        return answer

    night.world.after.append(after)


def hidden_from_git(night: Night) -> None:
    """Row 14: git is answered 404."""
    night.world.before.append(always(Answer(404), f"/{night.first.name}.git/"))


def token_ends(night: Night) -> None:
    """Row 15: the token ends when the listing is done."""

    def after(request: Request, answer: Answer) -> Answer:
        if b"teams(" in request.body:
            night.world.tokens = {"another"}
        return answer

    night.world.after.append(after)


def limited(night: Night) -> None:
    """Row 16: the rate limit ends after the deadline."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "99999999999"}
    night.world.before.append(always(Answer(403, headers, b"{}"), "graphql"))


def graphql_errors(night: Night) -> None:
    """Row 17: GraphQL answers 200 with errors."""
    body = b'{"data": null, "errors": [{"message": "Something went wrong"}]}'
    night.world.before.append(always(Answer(200, {}, body), "graphql"))


def unavailable(night: Night) -> None:
    """Row 18: git is answered 503 for ever."""
    night.world.before.append(always(Answer(503), f"/{night.first.name}.git/"))


def cut(night: Night) -> None:
    """Row 18: every pack breaks off."""

    def after(request: Request, answer: Answer) -> Answer:
        is_pack = request.path.startswith(f"/{night.first.name}.git") and b"PACK" in answer.body
        return replace(answer, cut=len(answer.body) // 2) if is_pack else answer

    night.world.after.append(after)


def redirect(night: Night) -> None:
    """Row 19: git is sent to another place."""
    elsewhere = Answer(302, {"Location": "http://127.0.0.1:9/x.git/info/refs"})
    night.world.before.append(always(elsewhere, f"/{night.first.name}.git/"))


def renamed(night: Night) -> None:
    """Row 20: the repository and its branch have other names."""
    assert night.first.git_dir is not None
    git(night.first.git_dir, "branch", "-m", "main", "trunk")
    night.first.name, night.first.branch = "acme/another-name", "trunk"


def dangling(night: Night) -> None:
    """Row 21: HEAD points to no branch."""
    assert night.first.git_dir is not None
    git(night.first.git_dir, "symbolic-ref", "HEAD", "refs/heads/nowhere")
    night.first.branch = "nowhere"


def archived(night: Night) -> None:
    """Row 21: the repository is archived."""
    night.first.archived = True


def rewritten(night: Night) -> None:
    """Row 22: the branch was pushed with force, to an older commit."""
    assert night.first.git_dir is not None
    git(night.first.git_dir, "update-ref", "refs/heads/main", f"main~{COMMITS_BETWEEN + 10}")


def damaged(night: Night) -> None:
    """Row 23: every object of the mirror is unreadable, beside a stale lock."""
    (night.mirror / "shallow.lock").touch()
    for pack in (night.mirror / "objects" / "pack").glob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(pack.read_bytes()[:16] + bytes(pack.stat().st_size - 16))


@dataclass(frozen=True)
class Fault:
    """code: how the scan must end. state: what the first repository must be in, or None: not in
    the campaign any more, or under another name. heals: whether the next night ends like the
    undisturbed one.
    """

    inject: Callable[[Night], None]
    code: int
    state: str | None
    heals: bool = True


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
class Seen:
    """What came of one night. said: on standard error; notices: sentences of the pages about what
    is not known or has happened.
    """

    said: str
    states: dict[str, str]
    status: dict[str, Any]
    items: list[tuple[str, ...]]
    notices: list[str]

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
        _say(f"{len(clones)} repositories")
        _workspace(night)
        first = _spend(night, NIGHTS[0], 0)
        _say(f"first night: {first.line}")
        for it in night.world.repositories:
            assert it.git_dir is not None
            git(it.git_dir, "update-ref", "refs/heads/main", "refs/heads/pushed")
        kept = root / "kept"
        shutil.copytree(root, kept, ignore=shutil.ignore_patterns("kept"), symlinks=True)
        undisturbed = _spend(night, NIGHTS[1], 0)
        _say(f"second night: {undisturbed.line}")
        faults = [it for it in FAULTS if words in str(it.inject.__doc__)]
        for fault in faults:
            _restore(night, kept)
            wrong += _suffer(night, fault, undisturbed)
    _say(f"\n{len(faults)} faults, {wrong} wrong")
    return 1 if wrong else 0


def _serve(place: Path, clone: Path, tip: str | None) -> Path:
    """A repository that borrows the clone's objects: `pushed` is its tip, `main` an older one."""
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


def _restore(night: Night, kept: Path) -> None:
    """All as it was before the second night, on the forge and here."""
    night.world.before.clear()
    night.world.after.clear()
    night.world.tokens = {TOKEN}
    for name in ("workspace", "served"):
        shutil.rmtree(kept.parent / name)
        shutil.copytree(kept / name, kept.parent / name, symlinks=True)
    for it in night.world.repositories:
        assert it.git_dir is not None
        it.branch, it.archived = "main", False
    night.first.name = (
        night.first.name if night.first.name != "acme/another-name" else _known(night)
    )


def _known(night: Night) -> str:
    """The name that the first night knew."""
    (row,) = rows(night.place, "query", "SELECT name FROM repositories ORDER BY key LIMIT 1")
    return str(row["name"])


def _suffer(night: Night, fault: Fault, undisturbed: Seen) -> int:
    """How many things went wrong in a night with a fault, and in the one after it."""
    name = night.first.name
    fault.inject(night)
    _say(f"\n{fault.inject.__doc__}")
    seen = _spend(night, NIGHTS[1], fault.code)
    expected = undisturbed.states[name] if fault.state == "as undisturbed" else fault.state
    _say(f"  exit {fault.code}: {seen.line}")
    for said in [it for it in seen.said.splitlines() if not _PROGRESS.match(it)][:2]:
        _say(f"  scan:  {said}")
    for notice in seen.notices[:3]:
        _say(f"  pages: {notice}")
    wrong = expected != "any" and seen.states.get(name) != expected
    wrong = wrong or (fault.code == 3 and not seen.notices)
    if not fault.heals:
        return int(wrong)
    night.world.before.clear()
    night.world.after.clear()
    night.world.tokens = {TOKEN}
    if night.first.branch == "nowhere":
        assert night.first.git_dir is not None
        git(night.first.git_dir, "symbolic-ref", "HEAD", "refs/heads/main")
        night.first.branch = "main"
    healed = _spend(night, NIGHTS[2], 0)
    same = healed.items == undisturbed.items
    _say("  next night: as the undisturbed one" if same else f"  next night: {healed.line}")
    return int(wrong) + int(not same)


def _spend(night: Night, today: str, code: int) -> Seen:
    """One night: a scan and its pages."""
    day = ("--today", today)
    done = headway(night.place, LOOPBACK, *day, "scan", "--jobs", "2", code=None)
    if done.exit_code != code:
        raise SystemExit(f"the scan ended with {done.exit_code} and not {code}:\n{done.output}")
    headway(night.place, *day, "report")
    states = rows(night.place, *day, "status", "--by", "repository")
    (status,) = rows(night.place, *day, "status")
    items = rows(night.place, *day, "items", "--state", "all")
    names = ("rule", "path", "opened_commit", "closed_commit", "excerpt")
    return Seen(
        done.stderr,
        {row["repository"]: row["state"] for row in states},
        status,
        sorted(tuple(str(item[name]) for name in names) for item in items),
        _notices(night.place / "site"),
    )


def _notices(site: Path) -> list[str]:
    """What the pages say of what could not be seen, or has happened to a repository."""
    telling = re.compile(
        r"unknown|could (?:not )?be|not listed|is now|archived|rewritten|incomplete", re.IGNORECASE
    )
    found: dict[str, None] = {}
    for page in sorted(site.rglob("*.html")):
        text = re.sub(r"(?s)<(script|style).*?</\1>", "", page.read_text("utf-8"))
        for piece in re.split(r"</?(?:p|li|td|th|h\d|dd|dt|summary|caption|tr)\b[^>]*>", text):
            said = " ".join(unescape(re.sub(r"<[^>]+>", " ", piece)).split())
            is_sentence = len(said) < 300 and not said.startswith("Burndown Ledger")
            if telling.search(said) and is_sentence:
                found.setdefault(f"{page.relative_to(site)}: {said}")
    return list(found)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - it is a program


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), "".join(sys.argv[2:])))
