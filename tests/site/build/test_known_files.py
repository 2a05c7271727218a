"""Files of a site are recognised by their state, and read only if the state has changed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from headway.hashing import file_fingerprint
from headway.site.build.known_files import KnownFiles, record_states
from headway.site.build.manifest import MANIFEST

HOUR = 3_600 * 10**9


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a site whose pages are an hour older than its manifest."""
    folder = tmp_path / "site"
    (folder / "teams").mkdir(parents=True)
    (folder / MANIFEST).write_text("{}")
    for path in ("index.html", "teams/web.html"):
        (folder / path).write_text("old")
        aged(folder / path)
    return folder


def aged(file: Path) -> None:
    """Set the modification time to an hour before the first file of the site."""
    written = (file.parent if file.parent.name == "site" else file.parent.parent) / MANIFEST
    then = written.stat().st_mtime_ns - HOUR
    os.utime(file, ns=(then, then))


def files(site: Path) -> dict[str, str]:
    return {path: file_fingerprint(site / path) or "" for path in ("index.html", "teams/web.html")}


def test_unchanged_files_are_not_read(site: Path, tmp_path: Path) -> None:
    record_states(site, files(site), tmp_path / "cache" / "record")
    known = KnownFiles(site, tmp_path / "cache" / "record")
    assert known.has_all(files(site))
    assert known.files_read == 0


def edit_in_place(file: Path) -> None:
    file.write_text("new")


def edit_with_the_old_time(file: Path) -> None:
    """Replace the file by another one with the same size and modification time."""
    other = file.with_suffix(".other")
    other.write_text("new")
    aged(other)
    other.replace(file)


def lengthen_with_the_old_time(file: Path) -> None:
    file.write_text("longer")
    aged(file)


def replace_with_a_link(file: Path) -> None:
    other = file.with_suffix(".other")
    file.rename(other)
    file.symlink_to(other)


@pytest.mark.parametrize(
    "change",
    [
        edit_in_place,
        edit_with_the_old_time,
        lengthen_with_the_old_time,
        replace_with_a_link,
        Path.unlink,
    ],
)
def test_a_changed_file_is_recognised(
    site: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    before = files(site)
    record_states(site, before, tmp_path / "record")
    change(site / "index.html")
    known = KnownFiles(site, tmp_path / "record")
    assert not known.has("index.html", before["index.html"])
    assert known.has("teams/web.html", before["teams/web.html"])
    assert not known.has_all(before)


def test_a_file_with_another_content_in_the_manifest_is_recognised(
    site: Path, tmp_path: Path
) -> None:
    record_states(site, files(site), tmp_path / "record")
    known = KnownFiles(site, tmp_path / "record")
    assert not known.has("index.html", "another fingerprint")


def test_a_file_that_was_written_last_is_read_again(site: Path, tmp_path: Path) -> None:
    (site / "index.html").write_text("old")
    record_states(site, files(site), tmp_path / "record")
    known = KnownFiles(site, tmp_path / "record")
    assert known.has_all(files(site))
    assert known.files_read == 1


@pytest.mark.parametrize(
    "damaged", ["", "[]", '{"index.html": 1}', '{"index.html": ["a", 1]}', "[" * 100_000]
)
def test_a_damaged_record_is_ignored(site: Path, tmp_path: Path, damaged: str) -> None:
    (tmp_path / "record").write_text(damaged)
    known = KnownFiles(site, tmp_path / "record")
    assert known.has_all(files(site))
    assert known.files_read == 2


def test_without_a_record_all_files_are_read(site: Path) -> None:
    record_states(site, files(site), None)
    known = KnownFiles(site, None)
    assert known.has_all(files(site))
    assert known.files_read == 2


def test_the_record_cannot_be_written(site: Path, tmp_path: Path) -> None:
    (tmp_path / "record").mkdir()
    record_states(site, files(site), tmp_path / "record")
    assert KnownFiles(site, tmp_path / "record").has_all(files(site))


def test_the_record_lists_each_file_with_its_fingerprint(site: Path, tmp_path: Path) -> None:
    record_states(site, files(site), tmp_path / "record")
    recorded = json.loads((tmp_path / "record").read_text())
    assert {path: state[0] for path, state in recorded.items()} == files(site)
