"""Git receives a token for one host only, and only through its environment."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from headway.git.fetch import Fetcher
from headway.git.fetch_errors import FetchError
from headway.git.git_credentials import credentials
from headway.git.mirrors import Mirrors
from headway.git.process import environment, git_version, run_git
from headway.git.remote import Remote
from headway.git.transport import Transport
from tests.support.forge.github import github
from tests.support.forge.server import serve
from tests.support.forge.world import TOKEN, Answer, FakeRepository, World, always
from tests.support.git import Repo, git
from tests.support.programs import strace

OLD, NEW = (2, 45), (2, 46)


@dataclass(frozen=True)
class GrantedAccess:
    base: str = "https://example.com"
    username: str = "x-access-token"
    password: str = TOKEN


def credential_for(host: str) -> str:
    """Return the credential that git 2.46 or later uses for a host."""
    settings, variables = credentials(GrantedAccess(), NEW)
    env = environment(settings) | variables
    request = f"protocol=https\nhost={host}\n\n".encode()
    return run_git(["credential", "fill"], stdin=request, env=env).decode()


def test_a_new_git_gets_the_token_from_a_helper_that_reads_the_environment() -> None:
    settings, variables = credentials(GrantedAccess(), NEW)
    assert ("http.proactiveAuth", "basic") in settings
    assert TOKEN not in str(settings)
    assert TOKEN in variables.values()
    assert f"username=x-access-token\npassword={TOKEN}\n" in credential_for("example.com")


@pytest.mark.fault(19)
@pytest.mark.parametrize("host", ["example.com.evil.example", "evil.example", "example.com:8443"])
def test_the_helper_gives_nothing_to_another_host(host: str) -> None:
    with pytest.raises(Exception, match="credential"):
        credential_for(host)


def test_an_old_git_gets_a_header_for_one_host() -> None:
    ((name, header),), variables = credentials(GrantedAccess(), OLD)
    assert name == "http.https://example.com/.extraHeader"
    assert header.startswith("Authorization: Basic ")
    assert variables == {}


def test_unauthenticated_access_needs_no_settings() -> None:
    assert credentials(None, OLD) == credentials(None, NEW) == ((), {})


def test_the_version_of_this_git_is_known() -> None:
    assert git_version() >= (2, 39)


SCRIPT = """
import os, sys
from pathlib import Path
from headway.forges.credentials import Credential, git_access
from headway.git import transport as wire
from headway.git.remote import Remote
from headway.git.fetch import Fetcher
from headway.git.mirrors import Mirrors
wire.git_version = lambda: (2, int(sys.argv[3]))
credential = Credential(os.environ["TOKEN"], variable="TOKEN", username="x-access-token")
fetcher = Fetcher(Mirrors(Path(sys.argv[1])), wire.Transport(allow_loopback_http=True))
remote = Remote(sys.argv[2], lambda: git_access(credential, sys.argv[2]), print)
fetcher.fetch("example.com/1", remote, None)
"""


@pytest.mark.fault(32)
@pytest.mark.parametrize("minor", [45, 46])
def test_the_token_is_on_no_command_line_and_on_no_disk(tmp_path: Path, minor: int) -> None:
    repo = Repo(tmp_path / "work")
    repo.commit("2026-01-02", {"a.py": "one\n"})
    served = tmp_path / "served.git"
    git(tmp_path, "clone", "-q", "--bare", str(repo.path), str(served))
    tracing = strace("-ff", "-s", "9999", "-e", "trace=execve", "-o", f"{tmp_path}/execs")
    with serve(World([FakeRepository(1, "acme/one", served)]), github) as server:
        url = f"{server.url}/acme/one.git"
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / "mirrors"), url, str(minor)]
        done = subprocess.run(
            [*tracing, *command],
            env={"PATH": os.environ["PATH"], "TOKEN": TOKEN},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "mirrors" / "example.com" / "1.git").is_dir()
    traced = list(tmp_path.glob("execs.*"))
    assert any(
        b"upload-pack" in file.read_bytes() or b"fetch" in file.read_bytes() for file in traced
    )
    for path in (file for file in tmp_path.rglob("*") if file.is_file()):
        assert TOKEN.encode() not in path.read_bytes(), path


@pytest.mark.fault(18)
@pytest.mark.parametrize(("status", "refused"), [(401, True), (404, False)])
def test_a_page_of_a_proxy_is_not_mistaken_for_a_refusal_or_a_missing_repository(
    tmp_path: Path, status: int, refused: bool
) -> None:
    with serve(World(), github) as server:
        server.world.before += [
            always(Answer(200), "/info/refs"),
            always(Answer(status, {"WWW-Authenticate": 'Basic realm="x"'}), "/acme/a.git/"),
        ]
        fetcher = Fetcher(Mirrors(tmp_path), Transport(allow_loopback_http=True))
        remote = Remote(f"{server.url}/acme/a.git", lambda: None, lambda *_: None)
        with pytest.raises(FetchError, match="did not send a valid response to git") as raised:
            fetcher.fetch("example.com/1", remote, None)
    # A 401 response counts as a refusal, even if a proxy sent it.
    assert raised.value.refused is refused
