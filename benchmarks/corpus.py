"""The repositories used for measurements: real mirrors or generated repositories."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import environment, run
from benchmarks.rules import RULES
from headway.forges.sources.local import LocalSource
from headway.git.history import list_tree
from headway.git.path_encoding import text_of

MAX_FILES = 2_000_000
_MADE_COMMITS = 200
_MADE_FILES = 40
_WEEK = 7 * 86_400
_MADE_BEGIN = 1_600_000_000


@dataclass(frozen=True, slots=True)
class Repository:
    name: str
    git_dir: Path
    tip: str
    """The ID of the commit that all tools search."""

    def git(self, *arguments: str, fine: tuple[int, ...] = (0,)) -> bytes:
        """Return the standard output of a git command in this repository."""
        return run(["git", f"--git-dir={self.git_dir}", *arguments], fine=fine)


@dataclass(frozen=True, slots=True)
class Corpus:
    folder: Path
    """The folder that contains the repositories and that Headway scans."""
    repositories: tuple[Repository, ...]
    made: bool = False
    """Whether `make_corpus` generated the repositories."""

    def describe(self) -> str:
        """Describe the size of the corpus."""
        commits = sum(first_parent_commits(repository) for repository in self.repositories)
        blobs = sum(len(blobs_at_tip(repository)) for repository in self.repositories)
        kind = "generated" if self.made else "real"
        return (
            f"{len(self.repositories)} {kind} repositories, {commits:,} first-parent commits, "
            f"{blobs:,} different files at the tips"
        )


def read_corpus(folder: Path, made: bool = False) -> Corpus:
    """Return a corpus of all repositories below a folder, sorted by name."""
    listed = LocalSource(folder, "corpus").list_repositories().repositories
    return Corpus(
        folder,
        tuple(
            Repository(repository.name, Path(repository.clone_url), repository.tip)
            for repository in listed
            if repository.tip
        ),
        made,
    )


def make_corpus(folder: Path, count: int) -> Corpus:
    """Generate `count` repositories with one commit per week. The content is always the same."""
    with ThreadPoolExecutor(4) as executor:
        list(
            executor.map(
                lambda number: make_repository(folder / f"made-{number:04}", number), range(count)
            )
        )
    return read_corpus(folder, made=True)


def first_parent_commits(repository: Repository) -> int:
    """Return the number of commits in the first-parent chain of the tip."""
    return int(repository.git("rev-list", "--first-parent", "--count", repository.tip))


def blobs_at_tip(repository: Repository) -> list[str]:
    """Return the unique blob IDs of all regular files at the tip."""
    changes = list_tree(repository.git_dir, repository.tip, text_of, max_files=MAX_FILES)
    return list(dict.fromkeys(change.new for change in changes if change.new))


def read_blobs(repository: Repository, blobs: list[str]) -> None:
    """Let git read blobs and do nothing else. This is a lower bound for the time of any search."""
    subprocess.run(
        ["git", f"--git-dir={repository.git_dir}", "cat-file", "--batch", "--buffer"],
        input="".join(f"{blob}\n" for blob in blobs).encode(),
        stdout=subprocess.DEVNULL,
        env=environment(),
        check=True,
    )


def borrow(place: Path, repository: Repository, tip: str) -> None:
    """Create a bare repository with this tip that shares the objects of another repository."""
    for name in ("objects/info", "refs/heads"):
        (place / name).mkdir(parents=True, exist_ok=True)
    (place / "objects" / "info" / "alternates").write_text(
        f"{repository.git_dir.resolve()}/objects\n"
    )
    (place / "HEAD").write_text("ref: refs/heads/main\n")
    (place / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    point(place, tip)


def point(place: Path, tip: str) -> None:
    """Set the tip of a repository that `borrow` created."""
    (place / "refs" / "heads" / "main").write_text(f"{tip}\n")


def make_repository(
    path: Path, seed: int, commits: int = _MADE_COMMITS, files: int = _MADE_FILES
) -> None:
    """Generate a bare repository with one commit per week."""
    path.mkdir(parents=True)
    run(["git", "init", "-q", "--bare", "-b", "main", path])
    subprocess.run(
        ["git", f"--git-dir={path}", "fast-import", "--quiet", "--done"],
        input=b"".join(_stream(random.Random(seed), commits, files)),
        env=environment(),
        check=True,
    )


def _stream(generator: random.Random, commits: int, count: int) -> Iterator[bytes]:
    files = [generated_lines(generator, generator.randrange(20, 400)) for _ in range(count)]
    for number in range(commits):
        changed = range(count) if not number else generator.sample(range(count), 2)
        when = _MADE_BEGIN + number * _WEEK
        yield b"commit refs/heads/main\n"
        yield b"committer Ada Example <ada@example.com> %d +0000\ndata 6\nchange\n" % when
        for index in changed:
            lines = files[index]
            lines[generator.randrange(len(lines))] = _line(generator)
            content = "\n".join(lines).encode() + b"\n"
            yield b"M 100644 inline src/part%d/file.py\ndata %d\n" % (index, len(content))
            yield content + b"\n"
    yield b"done\n"


def generated_lines(generator: random.Random, count: int) -> list[str]:
    """Return lines of Python code. On average, a rule matches one line in fifty."""
    return [_line(generator) for _ in range(count)]


def _line(generator: random.Random) -> str:
    if generator.random() < 0.02:
        samples = ("import six", "from typing import List", "self.assertEquals(a, b)", "import imp")
        return generator.choice(samples)
    return f"    value_{generator.randrange(len(RULES) * 50)} = compute({generator.random():.6f})"
