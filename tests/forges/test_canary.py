"""The token is sent to the forge, but never appears in process lists, files or output."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from headway.forges.credentials import Credential, git_access
from tests.support.forge.github import github
from tests.support.forge.gitlab import gitlab
from tests.support.forge.nights import FORGES, without_graphql
from tests.support.forge.organisation import LOOPBACK, Organisation, github_config, gitlab_config
from tests.support.forge.server import serve
from tests.support.forge.world import TOKEN, Answer, World, always
from tests.support.processes import PATIENCE
from tests.support.programs import strace

SECRETS = (
    TOKEN.encode(),
    base64.b64encode(f"x-access-token:{TOKEN}".encode()),
    base64.b64encode(f"oauth2:{TOKEN}".encode()),
)


def trace(command: list[str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a command. Log the programs that it starts, and their arguments, to `execs.*`."""
    # With seccomp, untraced system calls run at full speed.
    fast = strace("-ff", "--seccomp-bpf")
    prefix = [*fast, "-s", "4096", "-e", "trace=execve", "-o", f"{folder}/execs"]
    return subprocess.run(
        [*prefix, *command],
        capture_output=True,
        env={
            "PATH": os.environ["PATH"],
            "GITHUB_TOKEN": TOKEN,
            "GITLAB_TOKEN": TOKEN,
            "HOME": str(folder),
        },
        check=False,
        timeout=PATIENCE,
    )


@pytest.mark.fault(32)
@pytest.mark.parametrize("forge", FORGES)
def test_the_token_is_only_on_the_wire(tmp_path: Path, forge: str) -> None:
    is_github = forge.startswith("github")
    with serve(World(), github if is_github else gitlab) as server:
        acme = Organisation(tmp_path / "acme", server.world)
        for name in ("one", "refused", "broken"):
            acme.add(name)
        acme.configure((github_config if is_github else gitlab_config)(server))
        without_graphql(server.world, forge)
        server.world.before += [
            always(Answer(401), "refused.git"),
            always(Answer(500, {}, TOKEN.encode()), "broken.git"),
        ]
        program = [sys.executable, "-m", "headway", "-C", str(acme.workspace)]
        commands = [("scan", 3), ("doctor", 3)]
        if forge == "github":  # These commands do not read from the forge.
            commands += [("report", 0), ("status", 0)]
        outputs = []
        for command, code in commands:
            done = trace([*program, LOOPBACK, command], tmp_path)
            assert done.returncode == code, done.stderr
            outputs += [done.stdout, done.stderr]
        assert server.world.count_requests("/git-upload-pack") > 0
    for output in outputs:
        assert not any(secret in output for secret in SECRETS)
    traced = list(tmp_path.glob("execs.*"))
    assert any(b"index-pack" in path.read_bytes() for path in traced)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".duckdb" for path in files)
    for path in files:
        content = path.read_bytes()
        assert not any(secret in content for secret in SECRETS), path


PLUGIN = '''
import os
from pathlib import Path
from headway import ContentScanner, Options

SEEN = Path({seen!r})

def note(when):
    (SEEN / f"{{when}}-{{os.getpid()}}").write_text(repr(dict(os.environ)))

note("import")

class Curious(ContentScanner[Options]):
    """Finds nothing."""

    name = "curious"
    version = "1"
    Options = Options

    def find(self, options, path, content):
        note("call")
        os.system(f"env > {{SEEN}}/child-{{os.getpid()}}")
        return []
'''


@pytest.mark.fault(32)
@pytest.mark.parametrize(("forge", "jobs"), [("github", "1"), ("github", "2"), ("gitlab", "2")])
def test_a_scanner_plugin_and_its_child_processes_get_no_token(
    tmp_path: Path, forge: str, jobs: str
) -> None:
    seen = tmp_path / "seen"
    seen.mkdir()
    with serve(World(), github if forge == "github" else gitlab) as server:
        acme = Organisation(tmp_path / "acme", server.world)
        for name in ("one", "two"):
            acme.add(name)
        acme.configure((github_config if forge == "github" else gitlab_config)(server))
        scanners = acme.workspace / "scanners"
        scanners.mkdir()
        (scanners / "curious.py").write_text(PLUGIN.format(seen=str(seen)))
        campaign = "title: Curious\ndeprecated: [{id: any, scanner: curious, paths: '*.py'}]\n"
        (acme.workspace / "campaigns" / "curious.yaml").write_text(campaign)
        command = [sys.executable, "-m", "headway", "-C", str(acme.workspace), LOOPBACK, "scan"]
        done = subprocess.run(
            [*command, "--jobs", jobs],
            capture_output=True,
            env={
                "PATH": os.environ["PATH"],
                "GITHUB_TOKEN": TOKEN,
                "GITLAB_TOKEN": TOKEN,
                "CI_REPOSITORY_URL": f"https://gitlab-ci-token:{TOKEN}@gitlab.example.com/a.git",
                "HOME": str(tmp_path),
            },
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
    kinds = {path.name.partition("-")[0] for path in seen.iterdir()}
    assert kinds == {"import", "call", "child"}
    for path in seen.iterdir():
        assert "PATH" in path.read_text()
        assert TOKEN not in path.read_text(), path.name


@pytest.mark.fault(32)
def test_a_credential_never_shows_its_secret() -> None:
    import pickle

    credential = Credential(TOKEN, variable="GITHUB_TOKEN", username="x-access-token")
    access = git_access(credential, "https://example.com/acme/one.git")
    assert access is not None
    for secret_holder in (credential, access):
        assert TOKEN not in repr(secret_holder)
        assert not any(
            secret.decode() in f"{secret_holder!r} {secret_holder}" for secret in SECRETS
        )
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(secret_holder)
    assert access.base == "https://example.com"
