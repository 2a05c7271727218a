"""Headway fetches a repository with one request, or with git if this request fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from headway.forges.credentials import GitAccess
from headway.git.fetch import Fetcher, Tip
from headway.git.fetch_errors import FetchError
from headway.git.history import read_chain
from headway.git.mirrors import HEAD, Mirrors, is_partial
from headway.git.missing_blobs import absent
from headway.git.remote import Remote
from headway.git.transport import Transport
from tests.support.forge.github import github
from tests.support.forge.server import Server, serve
from tests.support.forge.world import (
    TOKEN,
    Answer,
    FakeRepository,
    Request,
    World,
    always,
    once,
)
from tests.support.git import Repo, git

KEY = "example.com/1"
UPLOAD_PACK = "/git-upload-pack"


class Forge:
    """A forge with two repositories, and their mirrors."""

    def __init__(self, root: Path, server: Server) -> None:
        self.world = server.world
        self.root = root
        self.repo = Repo(root / "work")
        for day in range(1, 9):
            self.repo.commit(f"2026-01-0{day}", {"a.py": f"{day}\n", f"{day}/b.py": f"b{day}\n"})
        self.served = root / "served.git"
        git(root, "clone", "-q", "--bare", str(self.repo.path), str(self.served))
        self.repo.git("remote", "add", "origin", str(self.served))
        self.world.repositories += [
            FakeRepository(1, "acme/one", self.served),
            FakeRepository(2, "acme/two", self.served),
        ]
        self.mirrors = Mirrors(root / "mirrors")
        self.waits: list[float] = []
        self.fetcher = Fetcher(self.mirrors, Transport(allow_loopback_http=True))
        access = GitAccess(server.url, "x-access-token", TOKEN)
        self.remote = Remote(
            f"{server.url}/acme/one.git", lambda: access, lambda _, time: self.waits.append(time)
        )

    def fetch(self, *, small: bool = False) -> Path:
        return self.fetcher.fetch(KEY, self.remote, self.repo.head, small=small)

    def push(self, day: int, *options: str) -> str:
        head = self.repo.commit(f"2026-02-{day:02}", {"a.py": f"february {day}\n"})
        self.repo.git("push", "-q", *options, "origin", "main")
        return head

    def requests(self) -> list[str]:
        """Return the methods and paths of all requests since the previous call."""
        found = [f"{request.method} {request.path}" for request in self.world.requests]
        self.world.requests.clear()
        return found

    def blobs(self) -> list[str]:
        output = git(self.served, "cat-file", "--batch-check", "--batch-all-objects")
        return [line.split()[0] for line in output.splitlines() if " blob " in line]


@pytest.fixture
def forge(tmp_path: Path) -> Iterator[Forge]:
    with serve(World(), github) as server:
        forge = Forge(tmp_path, server)
        yield forge
        forge.fetcher.close()


def check(mirror: Path) -> None:
    """Fail unless the mirror has all objects of its commits."""
    git(mirror, "rev-list", "--objects", "--quiet", HEAD)


ONE = f"POST /acme/one.git{UPLOAD_PACK}"


def test_a_small_repository_takes_one_request_and_five_files(forge: Forge) -> None:
    mirror = forge.fetch(small=True)
    assert forge.requests() == [ONE]
    assert not is_partial(mirror)
    assert absent(mirror, forge.blobs()) == []
    assert len(read_chain(mirror, forge.repo.head).commits) == 8
    names = sorted(path.name for path in mirror.rglob("*") if path.is_file())
    pack = next((mirror / "objects" / "pack").glob("*.pack"))
    assert names == sorted(["HEAD", "config", "head", f"{pack.stem}.idx", pack.name])
    check(mirror)


def test_a_large_repository_takes_two_requests(forge: Forge) -> None:
    mirror = forge.fetch()
    wanted = forge.blobs()[:5]
    forge.fetcher.fill(KEY, forge.remote, wanted)
    assert forge.requests() == [ONE, ONE]
    assert is_partial(mirror)
    assert sorted(absent(mirror, forge.blobs())) == sorted(set(forge.blobs()) - set(wanted))


@pytest.mark.parametrize("small", [False, True])
def test_later_commits_take_one_request_without_the_known_objects(
    forge: Forge, small: bool
) -> None:
    mirror = forge.fetch(small=small)
    packs = set((mirror / "objects" / "pack").glob("*.pack"))
    head = forge.push(1)
    forge.requests()
    forge.fetch(small=small)
    assert forge.requests() == [ONE]
    assert forge.mirrors.tip(KEY) == head
    (new,) = set((mirror / "objects" / "pack").glob("*.pack")) - packs
    assert git(mirror, "show-index", stdin=new.with_suffix(".idx").read_bytes()).count("\n") <= 4
    assert is_partial(mirror) is not small


def test_after_a_force_push_only_the_new_commits_are_fetched(forge: Forge) -> None:
    forge.fetch(small=True)
    forge.repo.git("reset", "-q", "--hard", "HEAD~1")
    head = forge.push(2, "--force")
    git(forge.served, "reflog", "expire", "--expire=now", "--all")
    git(forge.served, "gc", "-q", "--prune=now")
    received: list[int] = []

    def measure(_: Request, answer: Answer) -> Answer:
        received.append(len(answer.body))
        return answer

    forge.world.after.append(measure)
    mirror = forge.fetch()
    assert forge.mirrors.tip(KEY) == head
    assert len(read_chain(mirror, head).commits) == 8
    check(mirror)
    assert sum(received) < 1000


def test_one_connection_serves_all_repositories(forge: Forge) -> None:
    forge.fetch(small=True)
    (connection,) = forge.fetcher._transport.connections._open
    socket = connection.sock
    two = replace(forge.remote, url=forge.remote.url.replace("one", "two"))
    forge.fetcher.fetch("example.com/2", two, forge.repo.head, small=True)
    assert connection.sock is socket


def test_a_connection_that_the_server_has_closed_is_opened_again(forge: Forge) -> None:
    forge.fetch()
    (connection,) = forge.fetcher._transport.connections._open
    assert connection.sock is not None
    connection.sock.shutdown(2)
    forge.push(1)
    forge.requests()
    forge.fetch()
    assert forge.requests() == [ONE]
    assert forge.waits == []


def test_the_tip_takes_one_request(forge: Forge) -> None:
    assert forge.fetcher.remote_tip(forge.remote) == Tip(forge.repo.head)
    assert forge.requests() == [ONE]


@pytest.mark.fault(21)
def test_git_finds_out_why_there_is_no_tip(forge: Forge) -> None:
    git(forge.served, "symbolic-ref", "HEAD", "refs/heads/nowhere")
    assert forge.fetcher.remote_tip(forge.remote) == Tip(None, empty=False)
    git(forge.served, "update-ref", "-d", "refs/heads/main")
    assert forge.fetcher.remote_tip(forge.remote) == Tip(None, empty=True)


ANSWERS = (
    Answer(200, {"Content-Type": "text/html"}, b"<html>sign in</html>"),
    Answer(200, {"Content-Type": "application/x-git-upload-pack-result"}, b""),
    Answer(200, {"Content-Type": "application/x-git-upload-pack-result"}, b"0000"),
    Answer(200, {"Content-Type": "application/x-git-upload-pack-result"}, b"zzzzpackfile"),
    Answer(200, {"Content-Type": "application/x-git-upload-pack-result"}, b"-001"),
    Answer(200, {"Content-Type": "application/x-git-upload-pack-result"}, b"0009ERR a"),
    Answer(200, {"Content-Type": "application/x-git-upload-pack-result"}, b"000dpackfile\n0000"),
    Answer(400, {}, b"{}"),
    Answer(405),
)


@pytest.mark.fault(18)
@pytest.mark.parametrize("answer", ANSWERS)
def test_git_fetches_if_the_answer_is_not_one_of_a_git_server(forge: Forge, answer: Answer) -> None:
    forge.world.before.append(once(answer, UPLOAD_PACK))
    mirror = forge.fetch(small=True)
    assert forge.requests()[:2] == [ONE, "GET /acme/one.git/info/refs"]
    assert len(read_chain(mirror, forge.repo.head).commits) == 8
    assert [path.name for path in mirror.parent.iterdir()] == ["1.git"]
    check(mirror)


def test_a_forge_without_direct_answers_is_asked_once(forge: Forge) -> None:
    forge.world.filters = False
    forge.fetch()
    two = replace(forge.remote, url=forge.remote.url.replace("one", "two"))
    forge.requests()
    forge.fetcher.fetch("example.com/2", two, forge.repo.head)
    assert forge.requests()[0] == "GET /acme/two.git/info/refs"


@pytest.mark.fault(18)
def test_a_broken_pack_is_not_trusted(forge: Forge) -> None:
    def flip(request: Request, answer: Answer) -> Answer:
        place = answer.body.find(b"PACK")
        if place < 0:
            return answer
        return replace(answer, body=answer.body[:-40] + b"\xff" * 4 + answer.body[-36:])

    forge.world.after.append(flip)
    with pytest.raises(FetchError, match="cannot fetch the repository"):
        forge.fetch(small=True)
    assert forge.mirrors.tip(KEY) is None
    assert list(forge.mirrors.path(KEY).parent.iterdir()) == []
    forge.world.after.clear()
    forge.fetch(small=True)


@pytest.mark.fault(18)
def test_a_pack_without_the_tip_is_not_trusted(forge: Forge) -> None:
    """The server answers with the pack of another commit."""
    old = forge.repo.git("rev-parse", "HEAD~1").strip()
    head = forge.repo.head
    answers: list[Answer] = []

    def record(_: Request, answer: Answer) -> Answer:
        answers.append(answer)
        return answer

    forge.world.after.append(record)
    forge.fetcher.fetch("example.com/9", forge.remote, old, small=True)
    forge.world.after.clear()
    forge.world.before.append(once(answers[0], UPLOAD_PACK))
    mirror = forge.fetch(small=True)
    assert forge.mirrors.tip(KEY) == head
    check(mirror)


@pytest.mark.fault(22)
@pytest.mark.parametrize("small", [False, True])
def test_a_shallow_source_is_not_fetched(forge: Forge, tmp_path: Path, small: bool) -> None:
    shallow = tmp_path / "shallow.git"
    git(tmp_path, "clone", "-q", "--bare", "--depth=3", f"file://{forge.served}", str(shallow))
    forge.world.repositories[0].git_dir = shallow
    with pytest.raises(FetchError):
        forge.fetch(small=small)
    assert list(forge.mirrors.path(KEY).parent.iterdir()) == []


@pytest.mark.fault(22)
def test_sha256_takes_one_request_too(forge: Forge, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256", "-b", "main", "new")
    (tmp_path / "new" / "a.py").write_text("x\n")
    git(tmp_path / "new", "add", "-A")
    git(tmp_path / "new", "commit", "-q", "-m", "change", at="2026-01-02")
    head = git(tmp_path / "new", "rev-parse", "HEAD").strip()
    forge.world.repositories[0].git_dir = tmp_path / "new" / ".git"
    mirror = forge.fetcher.fetch(KEY, forge.remote, head, small=True)
    assert forge.requests() == [ONE]
    assert read_chain(mirror, head).commits == [head]


def with_harmless_defects(forge: Forge) -> str:
    """Add a commit with a zero-padded file mode and a malformed author line, and return its ID."""
    blob = git(forge.served, "hash-object", "-w", "--stdin", stdin=b"old\n").strip()

    def write(kind: str, content: bytes) -> str:
        arguments = ("hash-object", "-t", kind, "--literally", "-w", "--stdin")
        return git(forge.served, *arguments, stdin=content).strip()

    inner = write("tree", b"100644 b.py\0" + bytes.fromhex(blob))
    tree = write("tree", b"040000 a\0" + bytes.fromhex(inner))
    head = write(
        "commit",
        f"tree {tree}\nparent {forge.repo.head}\nauthor Ada<ada@example.com> 1767225600 +51800\n"
        "committer Ada <ada@example.com> 1767225600 +0000\n\nold\n".encode(),
    )
    git(forge.served, "update-ref", "refs/heads/main", head)
    return head


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("direct", [False, True])
def test_harmless_defects_of_old_repositories_are_tolerated(
    forge: Forge, small: bool, direct: bool
) -> None:
    head = with_harmless_defects(forge)
    tip = head if direct else None
    mirror = forge.fetcher.fetch(KEY, forge.remote, tip, small=small)
    assert forge.mirrors.tip(KEY) == head
    assert is_partial(mirror) is not small
    assert len(read_chain(mirror, head).commits) == 9
    assert ("GET /acme/one.git/info/refs" in forge.requests()) is not direct


REFUSALS: tuple[tuple[Answer, Callable[[FetchError], bool], str], ...] = (
    (Answer(401), lambda error: error.refused, "refuses the token"),
    (Answer(403), lambda error: error.refused, "refuses the token"),
    (Answer(404), lambda error: not error.transient, "not found"),
    (Answer(302, {"Location": "http://127.0.0.1:9/"}), lambda error: True, "redirects git"),
    (Answer(500), lambda error: error.transient, "status 500"),
)


@pytest.mark.fault(14)
@pytest.mark.parametrize(("answer", "check", "reason"), REFUSALS)
def test_a_refusal_is_not_repeated_by_git(
    forge: Forge, answer: Answer, check: Callable[[FetchError], bool], reason: str
) -> None:
    forge.world.before.append(always(answer, UPLOAD_PACK))
    with pytest.raises(FetchError, match=reason) as raised:
        forge.fetch()
    assert check(raised.value)
    assert set(forge.requests()) == {ONE}


@pytest.mark.fault(19)
def test_the_token_is_sent_only_to_its_own_host(forge: Forge, tmp_path: Path) -> None:
    with serve(World(tokens=set()), github) as other:
        other.world.repositories.append(FakeRepository(1, "acme/one", forge.served))
        remote = replace(forge.remote, url=f"{other.url}/acme/one.git")
        forge.fetcher.fetch("example.com/3", remote, forge.repo.head, small=True)
        (request,) = other.world.requests
    assert "authorization" not in request.headers
    assert TOKEN not in str(request)
