"""Real git repositories for tests, independent of the machine's git settings."""

from __future__ import annotations

import subprocess
from pathlib import Path

ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "TZ": "UTC",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": str(Path(__file__).with_name("git.config")),
    # Without a template, a new repository contains no sample hooks, which tests would copy.
    "GIT_TEMPLATE_DIR": "",
    "GIT_AUTHOR_NAME": "Ada Example",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada Example",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
}


def git(folder: Path, *arguments: str, stdin: bytes = b"", at: str | None = None) -> str:
    """Run a git command in `folder` and return its output.

    Args:
        folder: The working directory.
        arguments: The git command and its arguments.
        stdin: The standard input of the command.
        at: The author and committer date in UTC: a day such as 2026-01-05, which means noon, or a
            time such as 2026-01-05T08:30:00; None means the current time.
    """
    dates = {}
    if at is not None:
        moment = at if "T" in at else f"{at}T12:00:00"
        dates = {"GIT_AUTHOR_DATE": f"{moment}Z", "GIT_COMMITTER_DATE": f"{moment}Z"}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        env=ENVIRONMENT | dates,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return done.stdout.decode("utf-8", "surrogateescape")


class Repo:
    """A repository with a work tree."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        git(path, "init", "-q", "-b", "main")

    @property
    def head(self) -> str:
        folder = self.path / ".git"
        try:
            # Reading the file of the branch takes less time than starting git.
            branch = (folder / "HEAD").read_text().strip().removeprefix("ref: ")
            return (folder / branch).read_text().strip()
        except OSError:  # The commit is detached, or its branch is in a packed file.
            return git(self.path, "rev-parse", "HEAD").strip()

    def write(self, path: str, content: str | bytes) -> None:
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, at: str, files: dict[str, str | bytes | None] | None = None) -> str:
        """Write files, commit all changes and return the commit ID.

        Args:
            at: The author and committer date, such as 2026-01-05.
            files: The new content of each file, by path; None deletes a file.
        """
        for path, content in (files or {}).items():
            if content is None:
                (self.path / path).unlink()
            else:
                self.write(path, content)
        git(self.path, "add", "-A")
        git(self.path, "commit", "-q", "--allow-empty", "-m", "change", at=at)
        return self.head

    def git(self, *arguments: str, at: str | None = None) -> str:
        return git(self.path, *arguments, at=at)
