"""Scans of a fake organisation through a fake GitHub: mirrors, faults, and what is said of them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.forge.github import github
from tests.support.forge.organisation import Organisation, github_config, push
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, Request, World, always, once
from tests.support.git import git


@pytest.fixture
def server() -> Iterator[Server]:
    with serve(World(), github) as running:
        yield running


@pytest.fixture
def acme(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """Two repositories: `open` has an item, `done` had one."""
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    acme = Organisation(tmp_path, server.world)
    acme.add("open")
    acme.add("done", fixed=True)
    acme.configure(github_config(server))
    return acme


def fetches(world: World) -> int:
    return world.asked("/git-upload-pack")


def test_two_nights_with_a_push_between_them(acme: Organisation, server: Server) -> None:
    acme.scan("2026-03-01")
    assert acme.states("2026-03-01") == {"acme/open": "open", "acme/done": "done"}
    first = fetches(server.world)
    acme.fix("open", "2026-03-01")
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02") == {"acme/open": "done", "acme/done": "done"}
    # the one that did not change was not fetched again
    asked = [it.path for it in server.world.requests if it.path.endswith("/git-upload-pack")]
    assert {path.partition(".git")[0] for path in asked[first:]} == {"/acme/open"}
    before = len(server.world.requests)
    acme.scan("2026-03-03")
    # nothing happened: one listing, its teams, no git
    assert len(server.world.requests) - before == 2


def test_a_push_is_fetched_incrementally(acme: Organisation, server: Server) -> None:
    acme.scan("2026-03-01")
    acme.fix("open", "2026-03-02")
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/open"] == "done"
    wants = [r for r in server.world.requests if b"want " in r.body and b"have " in r.body]
    assert wants


def test_no_fetch_reads_the_mirrors_as_they_are(acme: Organisation, server: Server) -> None:
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


def test_through_rest_tips_come_from_git(acme: Organisation, server: Server) -> None:
    server.world.before.append(always(Answer(404), "/api/graphql"))
    acme.scan("2026-03-01")
    assert acme.states("2026-03-01") == {"acme/open": "open", "acme/done": "done"}


def test_row_21_a_repository_without_any_commit_is_empty_and_a_dangling_head_is_unknown(
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
    for graphql in (True, False):
        if not graphql:
            server.world.before.append(always(Answer(404), "/api/graphql"))
        result = acme.scan("2026-03-01", code=3)
        states = acme.states("2026-03-01")
        assert states["acme/dangling"] == "unknown", result.output
        assert "acme/empty" not in states


def test_row_16_a_pause_says_why_and_until_when(acme: Organisation, server: Server) -> None:
    limited = Answer(403, {"Retry-After": "1"}, b'{"message": "secondary rate limit"}')
    server.world.before.append(once(limited, "graphql"))
    result = acme.scan("2026-03-01")
    said = r"^waiting until \d\d:\d\d:\d\d UTC: GitHub's secondary rate limit$"
    assert re.search(said, result.stderr, re.MULTILINE)


def test_row_18_a_server_error_while_fetching_passes(acme: Organisation, server: Server) -> None:
    server.world.before.append(once(Answer(503), "open.git/info/refs"))
    result = acme.scan("2026-03-01")
    assert acme.states("2026-03-01")["acme/open"] == "open"
    assert re.search(r"waiting until .* UTC: acme/open: git cannot fetch it", result.stderr)


def test_row_18_a_cut_transfer_leaves_no_half_mirror(acme: Organisation, server: Server) -> None:
    def cut(request: Request, answer: Answer) -> Answer:
        if request.path.endswith("open.git/git-upload-pack") and b"done" in request.body:
            answer.cut = len(answer.body) // 2
        return answer

    server.world.after.append(cut)
    acme.scan("2026-03-01", code=3)
    assert acme.states("2026-03-01") == {"acme/open": "unknown", "acme/done": "done"}
    mirror = acme.mirror(server, "open")
    assert [it.name for it in mirror.parent.iterdir()] == [acme.mirror(server, "done").name]
    server.world.after.clear()
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/open"] == "open"


def test_a_refused_token_is_not_tried_for_ever(acme: Organisation, server: Server) -> None:
    for number in range(8):
        acme.add(f"r{number}")
    server.world.before.append(always(Answer(401), "/info/refs"))
    acme.scan("2026-03-01", code=3)
    assert set(acme.states("2026-03-01").values()) == {"unknown"}
    asked = server.world.asked("/info/refs")
    # git asks twice itself; four fetches are under way when the third refusal comes
    assert asked <= 2 * 7


def test_row_19_a_redirect_of_git_is_not_followed(acme: Organisation, server: Server) -> None:
    other = World()
    with serve(other, github) as elsewhere:
        place = f"{elsewhere.url}/acme/open.git/info/refs?service=git-upload-pack"
        fault = always(Answer(302, {"Location": place}), "open.git/info/refs")
        server.world.before.append(fault)
        result = acme.scan("2026-03-01", code=3)
    assert other.requests == []
    assert "redirects git to another place" in result.output
    assert acme.states("2026-03-01") == {"acme/open": "unknown", "acme/done": "done"}


def packs(mirror: Path) -> list[Path]:
    return sorted((mirror / "objects").rglob("*.pack")) + sorted(
        path for path in (mirror / "objects").glob("??/*") if path.is_file()
    )


def damage(mirror: Path) -> None:
    """Every object becomes unreadable, and all names stay."""
    for path in packs(mirror):
        path.chmod(0o644)
        content = bytearray(path.read_bytes())
        for index in range(16, len(content)):
            content[index] ^= 0xFF
        path.write_bytes(content)


def test_row_23_a_damaged_mirror_is_fetched_afresh_once(acme: Organisation, server: Server) -> None:
    acme.scan("2026-03-01")
    damage(acme.mirror(server, "open"))
    # a rule that changed has to read everything again
    campaign = acme.workspace / "campaigns" / "remove-six.yaml"
    campaign.write_text(campaign.read_text().replace("import six", "import  *six"))
    result = acme.scan("2026-03-02")
    assert "its mirror is damaged and is fetched again" in result.output
    assert acme.states("2026-03-02")["acme/open"] == "open"
    assert acme.mirror(server, "open").with_suffix(".damaged").is_dir()


def test_row_23_what_a_killed_git_leaves_and_a_poisoned_configuration_do_no_harm(
    acme: Organisation, server: Server
) -> None:
    acme.scan("2026-03-01")
    mirror = acme.mirror(server, "open")
    marker = acme.root / "executed"
    script = acme.root / "evil"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    (mirror / "config").write_text(
        f"[core]\n\tfsmonitor = {script}\n\tsshCommand = {script}\n\tgitProxy = {script}\n"
        f"\thooksPath = {acme.root}\n\talternateRefsCommand = {script}\n\tpager = {script}\n"
        f'[credential]\n\thelper = "!{script}"\n[url "ext::{script} "]\n\tinsteadOf = http://\n'
        f"[uploadpack]\n\tpackObjectsHook = {script}\n[diff]\n\texternal = {script}\n"
    )
    (mirror / "hooks").mkdir()
    shutil.copy(script, mirror / "hooks" / "reference-transaction")
    (mirror / "refs" / "headway" / "head.lock").touch()
    (mirror / "shallow.lock").touch()
    (mirror / "objects" / "pack" / "tmp_pack_x").write_bytes(b"PACK")
    half = mirror.with_name("9.new-1")
    half.mkdir()
    acme.fix("open", "2026-03-02")
    acme.scan("2026-03-02")
    assert acme.states("2026-03-02")["acme/open"] == "done"
    assert not marker.exists()
    assert "fsmonitor" not in (mirror / "config").read_text()


def test_row_22_force_push_says_that_history_was_rewritten(
    acme: Organisation, server: Server
) -> None:
    acme.scan("2026-03-01")
    repo = acme.repos["open"]
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.commit("2026-01-20", {"b.py": "import six\nimport six.moves\n"})
    push(repo, "--force")
    result = acme.scan("2026-03-02")
    assert "history rewritten" in result.output
    assert acme.states("2026-03-02")["acme/open"] == "open"


def test_row_22_a_repository_with_sha_256_is_scanned(acme: Organisation, server: Server) -> None:
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


def test_row_22_a_shallow_source_is_unknown_or_scanned(acme: Organisation, server: Server) -> None:
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
