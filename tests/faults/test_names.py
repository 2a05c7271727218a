"""Arbitrary bytes in file names and contents are stored without loss and shown safely."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from headway.git.path_encoding import bytes_of
from tests.support.git import Repo, git
from tests.support.workspaces import headway, rows, scan, workspace

TODAY = date(2020, 3, 2)
BY_REPOSITORY = ("status", "--by", "repository", "--today", str(TODAY))
NAMES = (
    b"line\nbreak.py",
    b"carriage\rreturn.py",
    b"escape\x1b[31m.py",
    b"\x01before\x7f.py",
    b"caf\xe9.py",
    b"\xed\xa0\x80.py",
    b"-rf.py",
    b"--help.py",
    b"..py",
    b" space .py",
    b"tab\t.py",
    b'"quoted".py',
    b"back\\slash.py",
    "\u202egpj.py".encode(),
)
CONTROL = {"\x01", "\r", "\x1b", "\x7f", "\u202e"}
CONTENTS = {
    "crlf.py": b"import six\r\nx = 1\r\n",
    "bom.py": b"\xef\xbb\xbfimport six\n",
    "utf16.py": "\ufeffimport six\n".encode("utf-16-le"),
    "minified.py": b"import six;" + b"x=1;" * 2_500_000 + b"\n",
    "binary.py": b"import six\n\0",
    "no-newline.py": b"import six",
}


def commit_entries(place: Path, entries: list[bytes], content: bytes) -> None:
    """Commit entries of these names in a folder, even names that git would not check out."""
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    blob = git(place, "hash-object", "-w", "--stdin", stdin=content).strip().encode()
    listed = b"".join(b"100644 blob " + blob + b"\t" + name + b"\0" for name in entries)
    tree = git(place, "mktree", "-z", stdin=listed).strip()
    # A folder called `..` must not lead out of the folder that contains it.
    folders = "".join(f"040000 tree {tree}\t{name}\0" for name in ("..", "src"))
    top = git(place, "mktree", "-z", stdin=folders.encode()).strip()
    commit = git(place, "commit-tree", "-m", "names", top, at="2020-02-10").strip()
    git(place, "update-ref", "refs/heads/main", commit)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = workspace(tmp_path_factory.mktemp("names") / "ws")
    commit_entries(made / "clones" / "names", list(NAMES), b"import six\n")
    Repo(made / "clones" / "contents").commit("2020-02-10", {**CONTENTS})
    assert scan(made, TODAY).complete
    headway(made, "report", "--today", str(TODAY))
    return made


@pytest.mark.fault(25)
def test_names_are_stored_without_loss(folder: Path) -> None:
    found = [bytes_of(item["path"]) for item in rows(folder, "items", "--repository", "names")]
    assert sorted(found) == sorted(part + name for part in (b"../", b"src/") for name in NAMES)


@pytest.mark.fault(25)
@pytest.mark.parametrize("output_format", ["table", "markdown"])
def test_names_cannot_control_a_terminal_or_add_rows(folder: Path, output_format: str) -> None:
    printed = headway(folder, "items", "--repository", "names", "--format", output_format).stdout
    assert not set(printed) & CONTROL
    assert len([line for line in printed.splitlines() if ".py" in line]) == 2 * len(NAMES)


@pytest.mark.fault(25)
def test_names_add_no_rows_to_csv(folder: Path) -> None:
    printed = headway(folder, "items", "--repository", "names", "--format", "csv").stdout
    head, *lines = csv.reader(io.StringIO(printed, newline=""))
    assert len(lines) == 2 * len(NAMES)
    assert {len(line) for line in lines} == {len(head)}


@pytest.mark.fault(25)
def test_names_are_inert_in_pages_and_files_of_the_site(folder: Path) -> None:
    site = folder / "site"
    assert "-rf.py" in "".join(page.read_text("utf-8") for page in site.rglob("*.html"))
    for page in site.rglob("*.html"):
        assert not set(page.read_text("utf-8")) & CONTROL, page
    # No file in the site or the workspace is named after a file in the repository.
    assert not [path for path in folder.parent.rglob("*.py") if "clones" not in path.parts]


@pytest.mark.fault(25)
def test_contents_of_any_encoding_are_searched_and_long_lines_are_shortened(folder: Path) -> None:
    items = {item["path"]: item for item in rows(folder, "items", "--repository", "contents")}
    assert sorted(items) == sorted(set(CONTENTS) - {"binary.py"})
    assert {(item["line"], item["column"]) for item in items.values()} == {(1, 1)}
    assert max(len(item["excerpt"]) for item in items.values()) < 210
    binary = {row["repository"]: row["binary_files"] for row in rows(folder, *BY_REPOSITORY)}
    assert binary["contents"] == {"import-six": 1}
