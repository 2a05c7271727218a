"""How git is told a token: to one host alone, by its environment alone; row 32 of the faults."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from headway.git.process import environment, git_version, run_git
from headway.git.transport import credentials
from tests.support.forge.github import github
from tests.support.forge.server import serve
from tests.support.forge.world import TOKEN, FakeRepository, World
from tests.support.git import Repo, git

OLD, NEW = (2, 45), (2, 46)


@dataclass(frozen=True)
class Granted:
    base: str = "https://example.com"
    username: str = "x-access-token"
    password: str = TOKEN


def filled(host: str) -> str:
    """What git knows for a host by the shape that new gits get."""
    told, variables = credentials(Granted(), NEW)
    env = environment(told) | variables
    asked = f"protocol=https\nhost={host}\n\n".encode()
    return run_git(["credential", "fill"], stdin=asked, env=env).decode()


def test_a_new_git_asks_a_helper_that_reads_the_environment() -> None:
    told, variables = credentials(Granted(), NEW)
    assert ("http.proactiveAuth", "basic") in told
    assert TOKEN not in str(told)
    assert TOKEN in variables.values()
    assert f"username=x-access-token\npassword={TOKEN}\n" in filled("example.com")


@pytest.mark.parametrize("host", ["example.com.evil.example", "evil.example", "example.com:8443"])
def test_it_gives_nothing_to_another_host(host: str) -> None:
    with pytest.raises(Exception, match="credential"):
        filled(host)


def test_an_old_git_gets_the_header_for_that_host() -> None:
    ((name, header),), variables = credentials(Granted(), OLD)
    assert name == "http.https://example.com/.extraHeader"
    assert header.startswith("Authorization: Basic ")
    assert variables == {}


def test_nobody_is_told_nothing() -> None:
    assert credentials(None, OLD) == credentials(None, NEW) == ((), {})


def test_the_version_of_this_git_is_known() -> None:
    assert git_version() >= (2, 39)


SCRIPT = """
import os, sys
from pathlib import Path
from headway.forges.credentials import Credential, git_access
from headway.git import transport as wire
from headway.git.fetch import Fetcher
from headway.git.mirrors import Mirrors
wire.git_version = lambda: (2, int(sys.argv[3]))
credential = Credential(os.environ["TOKEN"], variable="TOKEN", username="x-access-token")
fetcher = Fetcher(Mirrors(Path(sys.argv[1])), wire.Transport(allow_loopback_http=True))
remote = wire.Remote(sys.argv[2], lambda: git_access(credential, sys.argv[2]), print)
fetcher.fetch("example.com/1", remote, None)
"""


@pytest.mark.parametrize("minor", [45, 46])
def test_row_32_in_either_shape_it_is_on_no_command_line_and_on_no_disk(
    tmp_path: Path, minor: int
) -> None:
    repo = Repo(tmp_path / "work")
    repo.commit("2026-01-02", {"a.py": "one\n"})
    served = tmp_path / "served.git"
    git(tmp_path, "clone", "-q", "--bare", str(repo.path), str(served))
    strace = shutil.which("strace")
    tracing = [strace or "", "-ff", "-s", "9999", "-e", "trace=execve", "-o", f"{tmp_path}/execs"]
    with serve(World([FakeRepository(1, "acme/one", served)]), github) as server:
        url = f"{server.url}/acme/one.git"
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / "mirrors"), url, str(minor)]
        done = subprocess.run(
            [*(tracing if strace else []), *command],
            env={"PATH": os.environ["PATH"], "TOKEN": TOKEN},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "mirrors" / "example.com" / "1.git").is_dir()
    traced = list(tmp_path.glob("execs.*"))
    assert any(b"upload-pack" in it.read_bytes() or b"fetch" in it.read_bytes() for it in traced)
    for path in (it for it in tmp_path.rglob("*") if it.is_file()):
        assert TOKEN.encode() not in path.read_bytes(), path
