"""Scans of an organisation on a fake forge keep mirrors up to date and report faults."""

from __future__ import annotations

import os
import re
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from headway.forges.wait_policy import WaitPolicy
from headway.git import transport
from tests.support.forge.clock import Clock
from tests.support.forge.github import github
from tests.support.forge.nights import FORGES
from tests.support.forge.organisation import LOOPBACK, Organisation, push
from tests.support.forge.prepared import Prepared
from tests.support.forge.server import Server, serve
from tests.support.forge.world import Answer, Request, World, always, once
from tests.support.git import git
from tests.support.thorough import sample
from tests.support.workspaces import headway, rows

every_forge = pytest.mark.parametrize("forge", FORGES, indirect=True)
"""Runs a test through GraphQL and REST of both forges."""

two_forges = pytest.mark.parametrize("forge", sample(FORGES, 2), indirect=True)
"""Runs a test of git through GraphQL of one forge and REST of the other one.

The way in which a forge lists repositories and the kind of token change independently of what git
does with a mirror. A thorough run uses all four combinations.
"""


@pytest.fixture
def forge(request: pytest.FixtureRequest) -> str:
    """Return one of `FORGES`: GitHub through GraphQL, unless a test has a mark for more."""
    return str(getattr(request, "param", "github"))


def add_repositories(acme: Organisation) -> None:
    acme.add("open")
    acme.add("done", fixed=True)


def scan_once(acme: Organisation) -> None:
    add_repositories(acme)
    acme.scan("2026-03-01")


@pytest.fixture
def acme(
    prepared: Prepared, server: Server, forge: str, tmp_path: Path, tokens: None
) -> Organisation:
    """Return an organisation of two repositories. `open` has an open item, `done` a fixed one."""
    return prepared.organisation("scan", forge, tmp_path, add_repositories)


@pytest.fixture
def scanned(
    prepared: Prepared, server: Server, forge: str, tmp_path: Path, tokens: None
) -> Organisation:
    """Return the organisation of `acme` after a scan on 2026-03-01."""
    return prepared.organisation("scan once", forge, tmp_path, scan_once)


def fetches(world: World) -> int:
    return world.count_requests("/git-upload-pack")


def test_a_second_scan_fetches_only_what_was_pushed(scanned: Organisation, server: Server) -> None:
    assert scanned.states("2026-03-01") == {"acme/open": "open", "acme/done": "done"}
    first = fetches(server.world)
    scanned.fix("open", "2026-03-01")
    scanned.scan("2026-03-02")
    assert scanned.states("2026-03-02") == {"acme/open": "done", "acme/done": "done"}
    # The unchanged repository was not fetched again.
    paths = [
        request.path
        for request in server.world.requests
        if request.path.endswith("/git-upload-pack")
    ]
    assert {path.partition(".git")[0] for path in paths[first:]} == {"/acme/open"}
    before = len(server.world.requests)
    scanned.scan("2026-03-03")
    # Nothing was pushed, so the scan sends one request for repositories, one for teams, and none by
    # git.
    assert len(server.world.requests) - before == 2


def test_a_push_is_fetched_incrementally(scanned: Organisation, server: Server) -> None:
    scanned.fix("open", "2026-03-02")
    scanned.scan("2026-03-02")
    assert scanned.states("2026-03-02")["acme/open"] == "done"
    wants = [r for r in server.world.requests if b"want " in r.body and b"have " in r.body]
    assert wants


def test_no_fetch_reads_existing_mirrors(acme: Organisation, server: Server) -> None:
    acme.scan("2026-03-01", "--no-fetch", code=3)
    assert acme.states("2026-03-01") == {"acme/open": "unknown", "acme/done": "unknown"}
    acme.scan("2026-03-02")
    acme.fix("open", "2026-03-02")
    before = fetches(server.world)
    acme.scan("2026-03-03", "--no-fetch")
    assert fetches(server.world) == before
    assert acme.states("2026-03-03")["acme/open"] == "open"
    acme.scan("2026-03-03")
    assert acme.states("2026-03-03")["acme/open"] == "done"


def test_git_supplies_the_tips_that_rest_lacks(acme: Organisation, server: Server) -> None:
    server.world.before.append(always(Answer(404), "/api/graphql"))
    acme.scan("2026-03-01")
    assert acme.states("2026-03-01") == {"acme/open": "open", "acme/done": "done"}


@pytest.mark.fault(21)
@every_forge
def test_an_empty_repository_is_known_and_a_dangling_head_is_unknown(
    acme: Organisation, server: Server
) -> None:
    for name in ("empty", "dangling"):
        acme.add(name)
    empty = acme.get("empty").git_dir
    assert empty is not None
    shutil.rmtree(empty)
    git(acme.root, "init", "-q", "--bare", str(empty))
    acme.get("empty").empty = True
    dangling = acme.get("dangling").git_dir
    assert dangling is not None
    git(dangling, "symbolic-ref", "HEAD", "refs/heads/gone")
    acme.get("dangling").branch = "gone"
    result = acme.scan("2026-03-01", code=3)
    states = acme.states("2026-03-01")
    assert states["acme/dangling"] == "unknown", result.output
    assert "acme/empty" not in states


@pytest.mark.fault(16)
def test_a_wait_is_announced_with_its_reason_and_its_end(
    acme: Organisation, server: Server
) -> None:
    limited = Answer(403, {"Retry-After": "1"}, b'{"message": "secondary rate limit"}')
    server.world.before.append(once(limited, "graphql"))
    result = acme.scan("2026-03-01")
    announcement = r"^waiting until \d\d:\d\d:\d\d UTC: GitHub's secondary rate limit$"
    assert re.search(announcement, result.stderr, re.MULTILINE)


@pytest.mark.fault(18)
def test_a_server_error_while_fetching_is_retried(acme: Organisation, server: Server) -> None:
    server.world.before.append(once(Answer(503), "open.git/"))
    result = acme.scan("2026-03-01")
    assert acme.states("2026-03-01")["acme/open"] == "open"
    assert re.search(
        r"waiting until .* UTC: acme/open: git cannot fetch the repository", result.stderr
    )


@pytest.mark.fault(18)
@two_forges
def test_a_truncated_transfer_leaves_no_partial_mirror(acme: Organisation, server: Server) -> None:
    def cut(request: Request, answer: Answer) -> Answer:
        if request.path.endswith("open.git/git-upload-pack") and b"done" in request.body:
            answer.cut = len(answer.body) // 2
        return answer

    server.world.after.append(cut)
    acme.scan("2026-03-01", code=3)
    assert acme.states("2026-03-01") == {"acme/open": "unknown", "acme/done": "done"}
    mirror = acme.mirror(server, "open")
    assert [path.name for path in mirror.parent.iterdir()] == [acme.mirror(server, "done").name]
    server.world.after.clear()
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/open"] == "open"


@pytest.mark.fault(6)
def test_a_full_disk_while_fetching_makes_a_repository_unknown(
    scanned: Organisation, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned.fix("open", "2026-03-02")
    # If git ignores SIGXFSZ, a file size limit has the same effect as a full disk.
    wrapper = scanned.root / "wrapper" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f"#!/bin/sh\ntrap '' XFSZ\nexec {shutil.which('git')} \"$@\"\n")
    wrapper.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
        patched.setattr(transport, "_LARGEST_FILE", 100)
        result = scanned.scan("2026-03-02", code=3)
    assert "File too large" in result.stderr
    assert scanned.states("2026-03-02") == {"acme/open": "unknown", "acme/done": "done"}
    assert not list((scanned.workspace / ".headway").rglob("*tmp_*"))
    scanned.scan("2026-03-03")
    assert scanned.states("2026-03-03") == {"acme/open": "done", "acme/done": "done"}


@pytest.mark.fault(15)
def test_a_refused_token_is_tried_only_a_few_times(acme: Organisation, server: Server) -> None:
    """After the listing, both git and the API of the forge refuse the token."""
    for number in range(8):
        acme.add(f"r{number}")
    for path in (".git/", "/rate_limit"):
        server.world.before.append(always(Answer(401, {}, b"{}"), path))
    result = acme.scan("2026-03-01", code=3)
    assert "the forge refuses the token; create a new one and set it" in result.output
    assert set(acme.states("2026-03-01").values()) == {"unknown"}
    # Headway stops after the third refusal, when up to four more fetches are running.
    assert server.world.count_requests(".git/") <= 7


@pytest.mark.fault(19)
@two_forges
def test_git_follows_no_redirect(acme: Organisation, server: Server) -> None:
    other = World()
    with serve(other, github) as elsewhere:
        place = f"{elsewhere.url}/acme/open.git/git-upload-pack"
        fault = always(Answer(302, {"Location": place}), "open.git/")
        server.world.before.append(fault)
        acme.scan("2026-03-01", code=3)
    assert other.requests == []
    (row,) = rows(acme.workspace, "query", "SELECT repository, reason FROM unknowns")
    assert row["repository"] == "acme/open"
    assert "redirects git to another URL" in row["reason"]
    assert acme.states("2026-03-01") == {"acme/open": "unknown", "acme/done": "done"}


def packs(mirror: Path) -> list[Path]:
    return sorted((mirror / "objects").rglob("*.pack")) + sorted(
        path for path in (mirror / "objects").glob("??/*") if path.is_file()
    )


def damage(mirror: Path) -> None:
    """Make every object of a mirror unreadable, but keep all file names."""
    for path in packs(mirror):
        path.chmod(0o644)
        content = bytearray(path.read_bytes())
        for index in range(16, len(content)):
            content[index] ^= 0xFF
        path.write_bytes(content)


@pytest.mark.fault(23)
@two_forges
def test_a_damaged_mirror_is_fetched_again_once(scanned: Organisation, server: Server) -> None:
    damage(scanned.mirror(server, "open"))
    # A changed rule must read everything again.
    campaign = scanned.workspace / "campaigns" / "remove-six.yaml"
    campaign.write_text(campaign.read_text().replace("import six", "import  *six"))
    result = scanned.scan("2026-03-02")
    assert "the mirror is damaged; fetching the repository again" in result.output
    assert scanned.states("2026-03-02")["acme/open"] == "open"
    assert scanned.mirror(server, "open").with_suffix(".damaged").is_dir()


@pytest.mark.fault(23)
@two_forges
def test_leftover_locks_and_a_hostile_configuration_are_removed(
    scanned: Organisation, server: Server
) -> None:
    mirror = scanned.mirror(server, "open")
    marker = scanned.root / "executed"
    script = scanned.root / "evil"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    (mirror / "config").write_text(
        f"[core]\n\tfsmonitor = {script}\n\tsshCommand = {script}\n\tgitProxy = {script}\n"
        f"\thooksPath = {scanned.root}\n\talternateRefsCommand = {script}\n\tpager = {script}\n"
        f'[credential]\n\thelper = "!{script}"\n[url "ext::{script} "]\n\tinsteadOf = http://\n'
        f"[uploadpack]\n\tpackObjectsHook = {script}\n[diff]\n\texternal = {script}\n"
    )
    (mirror / "hooks").mkdir()
    shutil.copy(script, mirror / "hooks" / "reference-transaction")
    (mirror / "refs" / "headway" / "head.lock").touch()
    (mirror / "shallow.lock").touch()
    (mirror / "objects" / "pack" / "tmp_pack_x").write_bytes(b"PACK")
    (mirror / "objects" / "tmp_objdir-x").mkdir()
    half = mirror.with_name("9.new-1")
    half.mkdir()
    scanned.fix("open", "2026-03-02")
    scanned.scan("2026-03-02")
    assert scanned.states("2026-03-02")["acme/open"] == "done"
    assert not marker.exists()
    assert "fsmonitor" not in (mirror / "config").read_text()


@pytest.mark.fault(22)
@every_forge
def test_a_force_push_is_reported_as_rewritten_history(
    scanned: Organisation, server: Server
) -> None:
    repo = scanned.repos["open"]
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.commit("2026-01-20", {"b.py": "import six\nimport six.moves\n"})
    push(repo, "--force")
    result = scanned.scan("2026-03-02")
    assert "history rewritten" in result.output
    assert scanned.states("2026-03-02")["acme/open"] == "open"


@pytest.mark.fault(22)
@two_forges
def test_a_repository_with_sha_256_is_scanned(acme: Organisation, server: Server) -> None:
    acme.add("modern")
    served = acme.get("modern").git_dir
    assert served is not None
    work = acme.root / "modern"
    shutil.rmtree(served)
    git(acme.root, "init", "-q", "-b", "main", "--object-format=sha256", str(work))
    (work / "a.py").write_text("import six\n")
    git(work, "add", "-A")
    git(work, "commit", "-qm", "one", at="2026-01-10")
    git(acme.root, "clone", "-q", "--bare", str(work), str(served))
    acme.scan("2026-03-01")
    assert acme.states("2026-03-01")["acme/modern"] == "open"


def convert(acme: Organisation, name: str, algorithm: str) -> None:
    """Convert a served repository to another hash algorithm, as a forge can do."""
    served = acme.get(name).git_dir
    assert served is not None
    exported = git(served, "fast-export", "--all")
    shutil.rmtree(served)
    git(acme.root, "init", "-q", "--bare", "-b", "main", "--object-format", algorithm, str(served))
    git(served, "fast-import", "--quiet", stdin=exported.encode())


@pytest.mark.fault(22)
@two_forges
def test_a_repository_whose_hash_algorithm_changes_is_fetched_again(
    acme: Organisation, server: Server
) -> None:
    control = acme.root / "control"
    shutil.copytree(acme.workspace, control)
    acme.scan("2026-03-01")
    for algorithm, day in (("sha256", "2026-03-02"), ("sha1", "2026-03-03")):
        convert(acme, "done", algorithm)
        result = acme.scan(day)
        assert "history rewritten" in result.output
        assert acme.states(day) == {"acme/open": "open", "acme/done": "done"}
        tip = acme.get("done").stated_tip
        assert tip is not None
        assert (acme.mirror(server, "done") / "refs/headway/head").read_text().strip() == tip
    # A workspace that has scanned only the converted repository has the same history.
    headway(control, LOOPBACK, "--today", "2026-03-03", "scan", "--jobs", "1")
    for command in (("items", "--state", "all"), ("burndown", "remove-six", "--by", "day")):
        arguments = ("--today", "2026-03-03", *command)
        assert rows(acme.workspace, *arguments) == rows(control, *arguments)


@pytest.mark.fault(16)
def test_a_rate_limit_of_git_lasts_as_long_as_the_forge_says(
    scanned: Organisation, server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in scanned.repos:
        scanned.fix(name, "2026-03-01")
    end = ""

    def limit(request: Request) -> Answer | None:
        is_early = ".git/" in request.path and not end
        return Answer(429, {"Retry-After": "37"}) if is_early else None

    def sleep(_: WaitPolicy, reason: str, until: datetime, **_repository: str) -> None:
        nonlocal end
        seconds = (until - clock.time).total_seconds()
        end = f"{end}{reason}: {seconds:.0f};"

    monkeypatch.setattr(WaitPolicy, "wait", sleep)
    server.world.before.append(limit)
    scanned.scan("2026-03-02")
    assert "rate limit" in end
    assert ": 37;" in end
    assert set(scanned.states("2026-03-02").values()) == {"done"}


@pytest.mark.fault(22)
@every_forge
def test_a_shallow_source_is_unknown_or_scanned(acme: Organisation, server: Server) -> None:
    acme.add("cut")
    served = acme.get("cut").git_dir
    assert served is not None
    shutil.rmtree(served)
    work = acme.root / "work" / "3"
    git(acme.root, "clone", "-q", "--bare", "--depth=1", f"file://{work}", str(served))
    result = acme.scan("2026-03-01", code=3)
    assert acme.states("2026-03-01")["acme/cut"] == "unknown", result.output


def test_mirrors_stay_within_their_budget(acme: Organisation, server: Server) -> None:
    config = acme.workspace / "headway.toml"
    config.write_text(config.read_text() + "[cache]\ngigabytes = 0.000001\n")
    acme.scan("2026-03-01")
    assert list((acme.workspace / ".headway" / "mirrors").glob("*/*")) == []
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02") == {"acme/open": "open", "acme/done": "done"}
