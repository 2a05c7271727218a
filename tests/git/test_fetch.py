"""Mirrors are fetched with real git over HTTP on the loopback interface.

These tests cover faults that a fetch must survive, such as broken transfers and full disks.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from headway.forges.credentials import GitAccess
from headway.git import fetch as fetch_module
from headway.git import transport
from headway.git.fetch import Fetcher
from headway.git.fetch_errors import BlobRefusedError, FetchError
from headway.git.forge_connections import StallLimit
from headway.git.history import read_chain
from headway.git.mirrors import HEAD, Mirrors, is_partial
from headway.git.missing_blobs import absent
from headway.git.remote import Remote
from headway.git.transport import Transport
from tests.support.forge.certificate import certificate
from tests.support.forge.github import github
from tests.support.forge.server import Server, serve
from tests.support.forge.world import TOKEN, Answer, FakeRepository, Request, World, always, once
from tests.support.git import Repo, git

KEY = "example.com/1"


class Forge:
    """A served repository, and the mirrors that follow it."""

    def __init__(self, root: Path, server: Server, *, is_listed: bool = False) -> None:
        self.is_listed = is_listed
        self.server = server
        self.world = server.world
        self.repo = Repo(root / "work")
        self.repo.commit("2026-01-02", {"a.py": "one\n", "b.txt": "b\n"})
        self.repo.commit("2026-01-03", {"a.py": "two\n"})
        self.served = root / "served.git"
        git(root, "clone", "-q", "--bare", str(self.repo.path), str(self.served))
        self.repo.git("remote", "add", "origin", str(self.served))
        self.world.repositories.append(FakeRepository(1, "acme/one", self.served))
        self.mirrors = Mirrors(root / "mirrors")
        self.waits: list[tuple[str, float]] = []
        self.fetcher = self.with_stall_limit()
        self.remote = Remote(
            f"{server.url}/acme/one.git", lambda: None, lambda *wait: self.waits.append(wait)
        )

    def with_stall_limit(self, seconds: int = 30) -> Fetcher:
        """Return a fetcher that aborts transfers that stall for this many seconds."""
        transport = Transport(allow_loopback_http=True, stall_limit=StallLimit(seconds=seconds))
        return Fetcher(self.mirrors, transport)

    def fetch(self, *, whole: bool = False) -> Path:
        return self.fetcher.fetch(KEY, self.remote, self.tip, whole=whole)

    @property
    def tip(self) -> str | None:
        """The tip in the listing; None if the listing does not state it, so that git must fetch."""
        return self.repo.head if self.is_listed else None

    def push(self, text: str) -> str:
        head = self.repo.commit("2026-01-04", {"a.py": text})
        self.repo.git("push", "-q", "--force", "origin", "main")
        return head

    def contents(self) -> list[str]:
        """Return the IDs of all blobs in the history."""
        output = git(self.served, "rev-list", "--objects", "--all", "--filter=object:type=blob")
        blobs = [line.split()[0] for line in output.splitlines()]
        return [
            blob for blob in blobs if git(self.served, "cat-file", "-t", blob).strip() == "blob"
        ]


@pytest.fixture(params=["git", "directly"])
def forge(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Forge]:
    with serve(World(tokens=set()), github) as server:
        forge = Forge(tmp_path, server, is_listed=request.param == "directly")
        yield forge
        forge.fetcher.close()


def test_a_mirror_has_all_commits_and_trees_and_the_wanted_blobs(
    forge: Forge,
) -> None:
    mirror = forge.fetch()
    head = forge.repo.head
    assert read_chain(mirror, head).commits[-1] == head
    assert len(read_chain(mirror, head).commits) == 2
    contents = forge.contents()
    assert is_partial(mirror)
    assert sorted(absent(mirror, contents)) == sorted(contents)
    forge.fetcher.fill(KEY, forge.remote, contents[:2])
    assert sorted(absent(mirror, contents)) == sorted(contents[2:])
    # The configuration contains no URL and no promisor that git could contact on its own.
    assert (mirror / "config").read_text().count("\n") == 3


def test_later_fetches_leave_out_blobs_too(forge: Forge) -> None:
    mirror = forge.fetch()
    forge.fetcher.fill(KEY, forge.remote, forge.contents())
    head = forge.push("three\n")
    assert forge.fetch() == mirror
    assert forge.mirrors.tip(KEY) == head
    (new,) = absent(mirror, forge.contents())
    assert git(forge.served, "cat-file", "blob", new) == "three\n"


def test_a_whole_mirror_stays_whole(forge: Forge) -> None:
    mirror = forge.fetch(whole=True)
    forge.push("three\n")
    forge.fetch()
    assert not is_partial(mirror)
    assert absent(mirror, forge.contents()) == []


def test_a_forge_that_cannot_leave_out_blobs_sends_all_of_them(forge: Forge) -> None:
    forge.world.filters = False
    mirror = forge.fetch()
    assert absent(mirror, forge.contents()) == []
    forge.push("three\n")
    forge.fetch()
    assert absent(mirror, forge.contents()) == []


def test_blobs_that_the_forge_does_not_have_are_an_error(forge: Forge) -> None:
    forge.fetch()
    with pytest.raises(BlobRefusedError):
        forge.fetcher.fill(KEY, forge.remote, ["1" * 40])


def test_repacking_a_mirror_fetches_no_other_blobs(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_module, "_MAX_PACKS", 2)
    mirror = forge.fetch()
    wanted = forge.contents()[:1]
    forge.fetcher.fill(KEY, forge.remote, wanted)
    for text in ("three\n", "four\n"):
        head = forge.push(text)
        forge.fetch()
    packs = list((mirror / "objects" / "pack").glob("*.pack"))
    assert len(packs) <= 2
    assert len(read_chain(mirror, head).commits) == 4
    assert sorted(absent(mirror, forge.contents())) == sorted(set(forge.contents()) - set(wanted))
    forge.push("five\n")
    forge.fetch()
    assert len(read_chain(mirror, forge.repo.head).commits) == 5


def test_nothing_is_fetched_if_the_mirror_is_up_to_date(forge: Forge) -> None:
    forge.fetch()
    before = len(forge.world.requests)
    forge.fetcher.fetch(KEY, forge.remote, forge.repo.head)
    assert len(forge.world.requests) == before


@pytest.mark.fault(18)
def test_server_errors_and_rate_limits_are_retried_after_a_pause(forge: Forge) -> None:
    forge.world.before += [once(Answer(502), ".git/"), once(Answer(429), ".git/")]
    forge.fetch()
    assert [seconds for _, seconds in forge.waits] == [1.0, 60.0]
    assert "rate limit" in forge.waits[1][0]


@pytest.mark.fault(16)
@pytest.mark.parametrize("status", [403, 429, 503])
def test_the_forge_determines_how_long_a_rate_limit_lasts(forge: Forge, status: int) -> None:
    now = datetime.now(UTC) + timedelta(hours=3)
    forge.world.ahead = timedelta(hours=3)
    later = f"{now + timedelta(seconds=90):%a, %d %b %Y %H:%M:%S GMT}"
    for value in ("300", later, "37"):
        forge.world.before.append(once(Answer(status, {"Retry-After": value}), ".git/"))
    forge.fetch()
    (_, first), (_, second), (_, third) = forge.waits
    assert (first, third) == (300, 37)
    what = "'s git service is unavailable" if status == 503 else "'s rate limit for git is exceeded"
    assert {reason for reason, _ in forge.waits} == {f"the forge{what}"}
    assert 85 <= second <= 91


@pytest.mark.fault(16)
@pytest.mark.parametrize("value", ["", "soon", "-1", "1e9", "Fri, 99 Foo 99999"])
def test_a_rate_limit_without_a_valid_duration_lasts_longer_each_time(
    forge: Forge, value: str
) -> None:
    answer = Answer(429, {"Retry-After": value})
    forge.world.before.append(always(answer, ".git/"))
    with pytest.raises(FetchError, match="rate limit for git is exceeded"):
        forge.fetch()
    assert [seconds for _, seconds in forge.waits] == [60.0 * 2**number for number in range(8)]


@pytest.mark.fault(32)
def test_the_headers_that_git_prints_contain_no_token(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    classify = transport._fetch_error

    def record(returncode: int, errors: bytes) -> FetchError:
        seen.append(errors)
        return classify(returncode, errors)

    monkeypatch.setattr(transport, "_fetch_error", record)
    forge.world.tokens = {"another"}
    access = GitAccess(forge.server.url, "x-access-token", TOKEN)
    remote = Remote(forge.remote.url, lambda: access, forge.remote.wait)
    with pytest.raises(FetchError) as raised:
        forge.fetcher.fetch(KEY, remote, None)
    pair = base64.b64encode(f"x-access-token:{TOKEN}".encode())
    assert forge.world.requests[-1].headers["authorization"] == f"Basic {pair.decode()}"
    (errors,) = seen
    assert b"Recv header: HTTP/1.1 401" in errors
    assert pair not in errors
    assert TOKEN.encode() not in errors
    assert "http.c" not in str(raised.value)


@pytest.mark.fault(18)
@pytest.mark.parametrize("reset", [False, True])
def test_an_interrupted_transfer_leaves_nothing(forge: Forge, reset: bool) -> None:
    def cut(request: Request, answer: Answer) -> Answer:
        is_pack = b"packfile" in answer.body
        return replace(answer, cut=len(answer.body) - 30, reset=reset) if is_pack else answer

    forge.world.after.append(cut)
    with pytest.raises(FetchError, match="cannot fetch the repository"):
        forge.fetch()
    assert [seconds for _, seconds in forge.waits] == [1.0, 2.0]
    assert list(forge.mirrors.path(KEY).parent.iterdir()) == []


@pytest.mark.fault(6)
def test_a_full_disk_leaves_no_partial_mirror_and_damages_none(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # If git ignores the signal XFSZ, a file size limit has the same effect as a full disk.
    git_wrapper = tmp_path / "wrapper" / "git"
    git_wrapper.parent.mkdir()
    git_wrapper.write_text(f"#!/bin/sh\ntrap '' XFSZ\nexec {shutil.which('git')} \"$@\"\n")
    git_wrapper.chmod(0o755)

    def fetch_on_a_full_disk() -> None:
        with monkeypatch.context() as patched:
            patched.setenv("PATH", f"{git_wrapper.parent}:{os.environ['PATH']}")
            patched.setattr(transport, "_LARGEST_FILE", 100)
            with pytest.raises(FetchError, match="File too large"):
                forge.fetch()

    fetch_on_a_full_disk()
    assert list(forge.mirrors.path(KEY).parent.iterdir()) == []
    forge.fetch()
    before = forge.mirrors.tip(KEY)
    head = forge.push("another\n")
    fetch_on_a_full_disk()
    assert forge.mirrors.tip(KEY) == before
    assert not list(forge.mirrors.path(KEY).rglob("*tmp_*"))
    forge.fetch()
    assert forge.mirrors.tip(KEY) == head


@pytest.mark.fault(18)
def test_a_stalled_transfer_is_aborted(forge: Forge) -> None:
    def stall(request: Request, answer: Answer) -> Answer:
        is_pack = b"packfile" in answer.body
        return replace(answer, stall=len(answer.body) - 30) if is_pack else answer

    forge.world.after.append(stall)
    with pytest.raises(FetchError, match="cannot fetch the repository"):
        forge.with_stall_limit(seconds=1).fetch(KEY, forge.remote, None)
    assert len(forge.waits) == 2
    assert list(forge.mirrors.path(KEY).parent.iterdir()) == []


@pytest.mark.fault(18)
def test_an_untrusted_certificate_is_rejected(tmp_path: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate(tmp_path))
    with serve(World(tokens=set()), github, tls) as server:
        forge = Forge(tmp_path, server)
        with pytest.raises(FetchError, match="does not accept the forge's certificate"):
            forge.fetch()
        assert server.world.requests == []
    assert forge.waits == []


@pytest.mark.fault(18)
def test_a_failed_handshake_is_retried_and_then_an_error(forge: Forge) -> None:
    # The server does not support TLS.
    secure = replace(forge.remote, url=forge.remote.url.replace("http:", "https:"))
    with pytest.raises(FetchError, match="cannot fetch the repository"):
        forge.fetcher.fetch(KEY, secure, None)
    assert len(forge.waits) == 2
    assert forge.world.requests == []


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    ("message", "transient"),
    [
        ("gnutls_handshake() failed: An unexpected TLS packet was received.", True),
        ("GnuTLS, handshake failed: An unexpected TLS packet was received.", True),
        ("TLS connect error: error:0A00010B:SSL routines::wrong version number", True),
        ("OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to 127.0.0.1:443", True),
        ("server certificate verification failed. CAfile: none CRLfile: none", False),
        ("SSL certificate problem: unable to get local issuer certificate", False),
    ],
)
def test_a_failed_handshake_is_transient_in_every_version_of_curl(
    message: str, transient: bool
) -> None:
    line = f"fatal: unable to access 'https://127.0.0.1/x/': {message}\n"
    assert transport._fetch_error(128, line.encode()).transient is transient


def test_only_https_is_allowed(forge: Forge) -> None:
    fetcher = Fetcher(forge.mirrors, Transport())
    for url in (forge.remote.url, "file:///etc", "ext::sh -c touch% /tmp/x", "-oProxyCommand=x"):
        with pytest.raises(FetchError, match="does not begin with https"):
            fetcher.fetch(KEY, replace(forge.remote, url=url), None)


SCRIPT = """
import sys
from pathlib import Path
from headway.git.fetch import Fetcher
from headway.git.mirrors import Mirrors
from headway.git.remote import Remote
from headway.git.transport import Transport
fetcher = Fetcher(Mirrors(Path(sys.argv[1])), Transport(allow_loopback_http=True))
fetcher.fetch("example.com/1", Remote(sys.argv[2], lambda: None, print), None)
"""


def kill_during_transfer(forge: Forge) -> None:
    """Fetch in a separate process, and kill the process after most of the pack has arrived."""

    def stall(request: Request, answer: Answer) -> Answer:
        is_pack = b"packfile" in answer.body
        return replace(answer, stall=len(answer.body) - 30) if is_pack else answer

    forge.world.after.append(stall)
    before = forge.world.count_requests("/git-upload-pack")
    command = [sys.executable, "-c", SCRIPT, str(forge.mirrors.folder), forge.remote.url]
    with subprocess.Popen(command, start_new_session=True) as process:
        # The first request lists references, and the second one fetches the pack.
        while forge.world.count_requests("/git-upload-pack") < before + 2:
            assert process.poll() is None
            time.sleep(0.02)
        time.sleep(0.2)
        os.killpg(process.pid, signal.SIGKILL)
    forge.world.after.clear()


@pytest.mark.fault(23)
def test_killed_during_the_first_fetch(forge: Forge) -> None:
    kill_during_transfer(forge)
    (half,) = forge.mirrors.path(KEY).parent.iterdir()
    assert half.name.startswith("1.new-")
    assert forge.mirrors.tip(KEY) is None
    mirror = forge.fetch()
    assert [blob.name for blob in mirror.parent.iterdir()] == ["1.git"]
    assert len(read_chain(mirror, forge.repo.head).commits) == 2


@pytest.mark.fault(23)
def test_killed_during_an_update(forge: Forge) -> None:
    old = forge.repo.head
    mirror = forge.fetch()
    new = forge.push("three\n")
    kill_during_transfer(forge)
    assert forge.mirrors.tip(KEY) == old
    assert len(read_chain(mirror, old).commits) == 2
    assert forge.fetch() == mirror
    assert len(read_chain(mirror, new).commits) == 3


@pytest.mark.fault(22)
def test_a_force_push_moves_the_mirror(forge: Forge) -> None:
    mirror = forge.fetch()
    forge.repo.git("reset", "-q", "--hard", "HEAD~1")
    head = forge.push("else\n")
    forge.fetch()
    assert git(mirror, "rev-parse", HEAD).strip() == head
