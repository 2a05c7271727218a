"""Starting git: what is said of its failures."""

from __future__ import annotations

import pytest

from headway.git.process import GitError


@pytest.mark.parametrize(
    ("said", "reason"),
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
def test_the_reason_is_one_line_without_folders_of_this_machine(said: bytes, reason: str) -> None:
    assert GitError(["log"], 128, said).reason == reason
