"""Law 7 of ARCHITECTURE.md: unreadable file versions change no number without a mark."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from headway.model.limits import DEFAULT_LIMITS, Limits
from headway.store.store_reader import open_store
from tests.laws.test_laws import TODAY, everything, scanned_workspace
from tests.support.git import git
from tests.support.histories import History, histories, point
from tests.support.thorough import repeat
from tests.support.workspaces import rows, scan

Failure = Literal["missing", "damaged", "too large"]
failures = st.sampled_from(["missing", "damaged", "too large"])
SMALL = Limits(max_text_bytes=60)
OTHER = """title: Other
starts: 2020-10-01
deprecated:
  - {id: notes, scanner: regex, pattern: six, paths: ["*.txt"]}
  - {id: names, scanner: file, paths: ["*.py"]}
"""


@contextmanager
def two_campaigns(history: History) -> Iterator[tuple[Path, Path, list[str]]]:
    with scanned_workspace(history) as (folder, repository, chain):
        (folder / "campaigns" / "other.yaml").write_text(OTHER)
        for pack in [*(repository / "objects" / "pack").glob("*.pack")]:
            content = pack.read_bytes()
            for file in pack.parent.iterdir():
                file.unlink()
            git(repository, "unpack-objects", "-q", stdin=content)
        yield folder, repository, chain


@contextmanager
def failing(repository: Path, failure: Failure, data: st.DataObject) -> Iterator[Limits]:
    """Make one blob, or through the yielded limits all long blobs, unreadable during a block."""
    if failure == "too large":
        yield SMALL
        return
    listed = git(repository, "cat-file", "--batch-all-objects", "--batch-check").splitlines()
    blobs = [line.split()[0] for line in listed if line.split()[1] == "blob"]
    if not blobs:
        yield DEFAULT_LIMITS
        return
    blob = blobs[data.draw(st.integers(0, len(blobs) - 1), label="blob")]
    file = repository / "objects" / blob[:2] / blob[2:]
    content = file.read_bytes()
    file.chmod(0o600)
    if failure == "missing":
        file.unlink()
    else:
        file.write_bytes(content[: len(content) // 2])
    yield DEFAULT_LIMITS
    file.write_bytes(content)


def numbers(folder: Path, campaign: str) -> dict[str, Any]:
    (status,) = rows(folder, "status", campaign, "--today", TODAY.isoformat())
    days = rows(folder, "burndown", campaign, "--by", "day", "--today", TODAY.isoformat())
    return {"status": status, "days": days}


def by_rule(folder: Path) -> dict[str, Any]:
    """Return the items and movements of each rule, and the rules with gaps."""
    with open_store(folder / "headway.duckdb") as store:
        found: dict[str, Any] = {
            view: sorted(store.query(f"SELECT campaign || ' ' || rule, * FROM {view}")[1], key=repr)
            for view in ("items", "movements")
        }
        gaps = store.query("SELECT DISTINCT campaign || ' ' || rule FROM gaps")[1]
    return found | {"gapped": {rule for (rule,) in gaps}}


@settings(max_examples=repeat(4, thorough=150), deadline=None)
@given(histories, failures, st.data())
def test_every_number_is_equal_or_marked(
    history: History, failure: Failure, data: st.DataObject
) -> None:
    with two_campaigns(history) as (folder, repository, _chain):
        scan(folder, TODAY)
        expected = {name: numbers(folder, name) for name in ("law", "other")}
        rules_expected = by_rule(folder)
        (folder / "headway.duckdb").unlink()
        with failing(repository, failure, data) as limits:
            scan(folder, TODAY, limits=limits)
        found = by_rule(folder)
        for view in ("items", "movements"):
            unaffected = [row for row in found[view] if row[0] not in found["gapped"]]
            assert unaffected == [
                row for row in rules_expected[view] if row[0] not in found["gapped"]
            ]
        for name, twin in expected.items():
            assert_equal_or_marked(numbers(folder, name), twin)


def assert_equal_or_marked(found: dict[str, Any], twin: dict[str, Any]) -> None:
    status, days = found["status"], found["days"]
    if not status["inexact"]:
        assert found == twin
        return
    if status["unknown"] == 0:
        assert status["open"] == twin["status"]["open"]
        # If all matches were in unreadable versions, the scan cannot know that they were fixed.
        if status["state"] != "no matches":
            assert status["state"] == twin["status"]["state"]
        assert status["coverage"] == 1
    else:
        assert status["coverage"] == 0
        assert status["health"] not in ("done", "no matches")
        assert days[-1]["inexact"]
    first = status["inexact"][0]["first"]
    for day, same_day in zip(days, twin["days"], strict=True):
        if day["date"] < first:
            assert day == same_day
        elif not day["inexact"]:
            for name in ("date", "open", "exempt", "fixed", "coverage"):
                assert day[name] == same_day[name]
            assert day["new"] + day["regressed"] == same_day["new"] + same_day["regressed"]


@settings(max_examples=repeat(4, thorough=120), deadline=None)
@given(histories, failures, st.data())
def test_any_split_into_scans_gives_the_same_gaps(
    history: History, failure: Failure, data: st.DataObject
) -> None:
    with two_campaigns(history) as (folder, repository, chain):
        with failing(repository, failure, data) as limits:
            scan(folder, TODAY, limits=limits)
            once = everything(folder), by_rule(folder), gaps(folder)
            scan(folder, TODAY, limits=limits)
            assert (everything(folder), by_rule(folder), gaps(folder)) == once
            (folder / "headway.duckdb").unlink()
            stops = data.draw(st.sets(st.integers(0, len(chain) - 1)), label="stops")
            for stop in sorted(stops | {len(chain) - 1}):
                point(repository, chain[stop])
                scan(folder, TODAY, limits=limits)
            assert (everything(folder), by_rule(folder), gaps(folder)) == once
        # All contents are readable again, so the next scan finds the same items as a scan without
        # gaps.
        scan(folder, TODAY)
        healed = everything(folder)
        assert not gaps(folder)
        (folder / "headway.duckdb").unlink()
        scan(folder, TODAY)
        assert everything(folder) == healed


def gaps(folder: Path) -> list[tuple[Any, ...]]:
    with open_store(folder / "headway.duckdb") as store:
        return sorted(store.query("SELECT * FROM gaps")[1], key=repr)
