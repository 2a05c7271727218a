"""The repositories to measure with: a folder of mirrors, or made ones where there is none."""

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
    """tip: the commit at which all contenders look."""

    name: str
    git_dir: Path
    tip: str

    def git(self, *arguments: str, fine: tuple[int, ...] = (0,)) -> bytes:
        """Standard output of a git command on it."""
        return run(["git", f"--git-dir={self.git_dir}", *arguments], fine=fine)


@dataclass(frozen=True, slots=True)
class Corpus:
    """folder: what Headway is pointed at. made: whether we made it ourselves."""

    folder: Path
    repositories: tuple[Repository, ...]
    made: bool = False

    def describe(self) -> str:
        """One sentence with its size."""
        commits = sum(
            int(it.git("rev-list", "--first-parent", "--count", it.tip)) for it in self.repositories
        )
        blobs = sum(len(blobs_at_tip(it)) for it in self.repositories)
        kind = "made" if self.made else "real"
        return (
            f"{len(self.repositories)} {kind} repositories, {commits:,} first-parent commits, "
            f"{blobs:,} different files at the tips"
        )


def read_corpus(folder: Path, made: bool = False) -> Corpus:
    """Every repository below a folder, by name."""
    listed = LocalSource(folder, "corpus").list_repositories().repositories
    return Corpus(
        folder,
        tuple(Repository(it.name, Path(it.clone_url), it.tip) for it in listed if it.tip),
        made,
    )


def make_corpus(folder: Path, count: int) -> Corpus:
    """`count` repositories with a commit a day, always the same."""
    with ThreadPoolExecutor(4) as executor:
        list(executor.map(lambda number: _make(folder / f"made-{number:04}", number), range(count)))
    return read_corpus(folder, made=True)


def blobs_at_tip(repository: Repository) -> list[str]:
    """The contents of the regular files at the tip, each once."""
    changes = list_tree(repository.git_dir, repository.tip, text_of, max_files=MAX_FILES)
    return list(dict.fromkeys(change.new for change in changes if change.new))


def read_blobs(repository: Repository, blobs: list[str]) -> None:
    """The floor: git reads these contents, and nothing is done to them."""
    subprocess.run(
        ["git", f"--git-dir={repository.git_dir}", "cat-file", "--batch", "--buffer"],
        input="".join(f"{blob}\n" for blob in blobs).encode(),
        stdout=subprocess.DEVNULL,
        env=environment(),
        check=True,
    )


def borrow(place: Path, it: Repository, tip: str) -> None:
    """A bare repository with the objects of another, at a commit of that."""
    for name in ("objects/info", "refs/heads"):
        (place / name).mkdir(parents=True, exist_ok=True)
    (place / "objects" / "info" / "alternates").write_text(f"{it.git_dir.resolve()}/objects\n")
    (place / "HEAD").write_text("ref: refs/heads/main\n")
    (place / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    point(place, tip)


def point(place: Path, tip: str) -> None:
    """Lets a borrowing repository stand at another commit."""
    (place / "refs" / "heads" / "main").write_text(f"{tip}\n")


def _make(path: Path, seed: int) -> None:
    path.mkdir(parents=True)
    run(["git", "init", "-q", "--bare", "-b", "main", path])
    subprocess.run(
        ["git", f"--git-dir={path}", "fast-import", "--quiet", "--done"],
        input=b"".join(_stream(random.Random(seed))),
        env=environment(),
        check=True,
    )


def _stream(chance: random.Random) -> Iterator[bytes]:
    files = [_file(chance) for _ in range(_MADE_FILES)]
    for number in range(_MADE_COMMITS):
        changed = range(_MADE_FILES) if not number else chance.sample(range(_MADE_FILES), 2)
        when = _MADE_BEGIN + number * _WEEK
        yield b"commit refs/heads/main\n"
        yield b"committer Ada Example <ada@example.com> %d +0000\ndata 6\nchange\n" % when
        for index in changed:
            lines = files[index]
            lines[chance.randrange(len(lines))] = _line(chance)
            content = "\n".join(lines).encode() + b"\n"
            yield b"M 100644 inline src/part%d/file.py\ndata %d\n" % (index, len(content))
            yield content + b"\n"
    yield b"done\n"


def _file(chance: random.Random) -> list[str]:
    return [_line(chance) for _ in range(chance.randrange(20, 400))]


def _line(chance: random.Random) -> str:
    if chance.random() < 0.02:
        samples = ("import six", "from typing import List", "self.assertEquals(a, b)", "import imp")
        return chance.choice(samples)
    return f"    value_{chance.randrange(len(RULES) * 50)} = compute({chance.random():.6f})"
