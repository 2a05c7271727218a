"""Git is independent of the machine and the repository, and its errors are explained."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from headway.git.process import GitError, environment
from tests.support.git import Repo
from tests.support.workspaces import rows, scan, workspace


@pytest.mark.parametrize(
    ("stderr", "reason"),
    [
        (
            b"error: packfile /srv/clones/a.git/objects/pack/p.pack does not match index\n",
            "packfile p.pack does not match index",
        ),
        (b"fatal: not a git repository: '/srv/clones/a.git'\n", "not a git repository: 'a.git'"),
        (b"fatal: bad object HEAD\n", "bad object HEAD"),
        (b"warning: odd\nfatal: one/two is not /a/b/c\n", "one/two is not c"),
        (b"", "exit code 128"),
    ],
)
def test_an_error_reason_is_one_line_without_local_folders(stderr: bytes, reason: str) -> None:
    assert GitError(["log"], 128, stderr).reason == reason


def test_the_environment_of_git_takes_nothing_from_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_CONFIG_GLOBAL", "GIT_SSH_COMMAND", "HTTP_PROXY", "MY_TOKEN"):
        monkeypatch.setenv(name, "hostile")
    assert "hostile" not in environment().values()


@pytest.mark.fault(23)
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("core.fsmonitor", "{trap}"),
        ("core.sshCommand", "{trap}"),
        ("core.pager", "{trap}"),
        ("core.alternateRefsCommand", "{trap}"),
        ("uploadpack.packObjectsHook", "{trap}"),
        ("diff.external", "{trap}"),
        ("filter.evil.smudge", "{trap}"),
        ("include.path", "/etc/passwd"),
    ],
)
def test_no_program_that_a_repository_configures_is_run(
    tmp_path: Path, key: str, value: str
) -> None:
    folder = workspace(tmp_path)
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    repo = Repo(folder / "clones" / "shop")
    (repo.path / ".git" / "hooks").mkdir(exist_ok=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        (repo.path / ".git" / "hooks" / hook).write_text(trap.read_text())
    repo.commit(
        "2020-01-10", {"a.py": "import six\n", ".gitattributes": "* filter=evil diff=evil\n"}
    )
    with (repo.path / ".git" / "config").open("a") as config:
        section, _, name = key.rpartition(".")
        first, _, rest = section.partition(".")
        config.write(f"[{first}{f' {chr(34)}{rest}{chr(34)}' if rest else ''}]\n")
        config.write(f"\t{name} = {value.format(trap=trap)}\n")
    assert scan(folder, date(2020, 2, 1)).complete
    assert not (tmp_path / "sprung").exists()
    assert len(rows(folder, "items", "--today", "2020-02-01")) == 1
