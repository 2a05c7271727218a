"""A file of 1 GiB makes its rule unknown and takes limited time and memory."""

from __future__ import annotations

import hashlib
import os
import zlib
from pathlib import Path

import pytest

from tests.support.git import Repo
from tests.support.processes import begin
from tests.support.workspaces import rows, workspace

TODAY = ("--today", "2020-03-02")
PIECE = (b"import six\n" + b"x = 1\n" * 200_000)[: 1 << 20]
GIBIBYTE = 1 << 30


def write_large_blob(git_dir: Path) -> str:
    """Write a loose object of 1 GiB that compresses to a few megabytes, and return its ID."""
    header = f"blob {GIBIBYTE}\0".encode()
    compressor = zlib.compressobj()
    begin = compressor.compress(header) + compressor.flush(zlib.Z_FULL_FLUSH)
    # After a full flush, equal input gives equal output, so it is enough to compress one piece.
    middle = compressor.compress(PIECE) + compressor.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(wbits=-15).flush()
    sha1, checksum = hashlib.sha1(header), zlib.adler32(header)
    for _ in range(GIBIBYTE // len(PIECE)):
        sha1.update(PIECE)
        checksum = zlib.adler32(PIECE, checksum)
    name = sha1.hexdigest()
    place = git_dir / "objects" / name[:2] / name[2:]
    place.parent.mkdir(exist_ok=True)
    with place.open("wb") as file:
        file.write(begin)
        file.writelines([middle] * (GIBIBYTE // len(PIECE)))
        file.write(end + checksum.to_bytes(4, "big"))
    return name


@pytest.mark.fault(24)
@pytest.mark.slow
def test_a_file_of_a_gibibyte_is_unknown_within_limits_of_time_and_memory(tmp_path: Path) -> None:
    folder = workspace(tmp_path)
    repo = Repo(folder / "clones" / "large")
    repo.commit("2020-01-10", {"b.py": "import six\n"})
    blob = write_large_blob(repo.path / ".git")
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{blob},a.py")
    tree = repo.git("write-tree").strip()
    commit = repo.git("commit-tree", "-p", "HEAD", "-m", "large", tree, at="2020-02-01").strip()
    repo.git("update-ref", "refs/heads/main", commit)
    Repo(folder / "clones" / "small").commit("2020-01-01", {"a.py": "import six\n"})
    process = begin(folder, "scan", "--jobs", "1", *TODAY)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    _, errors = process.communicate()
    assert process.returncode == 3, errors
    assert used.ru_utime + used.ru_stime < 20
    assert used.ru_maxrss < 600_000  # The unit is KiB. The file alone would need 1,048,576 KiB.
    states = {
        row["repository"]: row for row in rows(folder, "status", "--by", "repository", *TODAY)
    }
    assert states["large"]["state"] == "unknown"
    assert "`file_megabytes` under [limits]" in states["large"]["reason"]
    assert (states["small"]["state"], states["small"]["open"]) == ("open", 1)
    assert {item["path"] for item in rows(folder, "items", "--repository", "large")} == {"b.py"}
