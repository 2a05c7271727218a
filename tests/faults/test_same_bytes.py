"""Law 3 and clocks: the same store gives the same bytes wherever, whenever and however often it is
read, and a clock that was set back takes nothing away.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path

import pytest

from headway.site.build.build_plan import BuildPlan
from headway.site.build.build_pool import BuildPool, build_pool
from tests.support.git import Repo
from tests.support.story import scan_days, story
from tests.support.workspaces import REMOVE_SIX, headway, rows, scan, workspace

TODAY = "2020-04-01"
SURROUNDINGS = (
    {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"},
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2", "COLUMNS": "40"},
    {"TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "LANGUAGE": "tr"},
)
CLOCKS = ("2020-04-01T12:00:00", "2020-04-01T23:59:59", "1999-12-31T23:59:59")
UNDER_A_CLOCK = """
import sys
from datetime import UTC, datetime
from headway.cli import invocation
from headway.cli import main
invocation.now = lambda: datetime.fromisoformat(sys.argv[1]).replace(tzinfo=UTC)
main(sys.argv[2:])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two campaigns over commits around midnight, teams, and names that locales sort apart."""
    made = workspace(
        tmp_path_factory.mktemp("same") / "ws",
        remove_six=REMOVE_SIX,
        istanbul=REMOVE_SIX.replace("Remove six", "İstanbul ıi") + "due: 2020-06-30\n",
    )
    (made / "teams.yaml").write_text(
        "teams:\n  - {name: payments, repositories: [ape, ünit]}\n"
        "  - {name: Izmir, repositories: [Bee]}\n"
    )
    for name in ("ape", "Bee", "ünit", "ijssel"):
        repo = Repo(made / "clones" / name)
        lines = "".join(f"import six  # {number}\n" for number in range(50))
        repo.commit("2020-02-09T23:30:00", {"a.py": lines, "b/a.py": "from six import x\n"})
        repo.commit("2020-02-10T00:30:00", {"a.py": None, "ü.py": "import six  # ü\n"})
        repo.commit("2020-03-29T01:30:00", {"b/a.py": "import os\n", "I.py": lines})
    for day in (date(2020, 3, 2), date(2020, 4, 1)):
        scan(made, day)
    return made


def at(clock: str, folder: Path, surroundings: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-c", UNDER_A_CLOCK, clock, "-C", str(folder), *arguments]
    environment = {"PATH": os.environ["PATH"]} | surroundings
    subprocess.run(command, env=environment, check=True, capture_output=True)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_one_store_gives_the_same_pages_and_the_same_export(folder: Path, tmp_path: Path) -> None:
    sites, exports = [], []
    for number, (surroundings, clock) in enumerate(zip(SURROUNDINGS, CLOCKS, strict=True)):
        site, export = tmp_path / f"site{number}", tmp_path / f"export{number}"
        jobs = str(number % 2 + 1)
        at(
            clock,
            folder,
            surroundings,
            "report",
            "--today",
            TODAY,
            "--out",
            str(site),
            "--jobs",
            jobs,
        )
        at(clock, folder, surroundings, "export", str(export))
        sites.append(content(site))
        exports.append(content(export))
    assert any(name.endswith("index.html") for name in sites[0])
    assert sites[1] == sites[0]
    assert sites[2] == sites[0]
    assert exports[1] == exports[0]
    assert exports[2] == exports[0]


def test_written_twice_to_one_place_nothing_changes(folder: Path, tmp_path: Path) -> None:
    """The second time the old site is there, of which pages may be taken over."""
    out = tmp_path / "site"
    headway(folder, "report", "--today", TODAY, "--out", str(out))
    once = content(out)
    headway(folder, "report", "--today", TODAY, "--out", str(out))
    assert content(out) == once


def test_pages_are_of_one_scan_although_another_one_ends_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path / "ws")
    repo = Repo(folder / "clones" / "shop")
    repo.commit("2020-02-10", {"a.py": "import six\n"})
    scan(folder, date(2020, 3, 2))
    headway(folder, "report", "--today", TODAY, "--out", str(tmp_path / "first"))
    repo.commit("2020-03-03", {"b.py": "from six import x\n"})

    def late(plan: BuildPlan, workers: int) -> AbstractContextManager[BuildPool]:
        scan(folder, date(2020, 3, 9))
        return build_pool(plan, workers)

    with monkeypatch.context() as patched:
        patched.setattr("headway.site.build.site_builder.build_pool", late)
        headway(folder, "report", "--today", TODAY, "--out", str(tmp_path / "during"))
    headway(folder, "report", "--today", TODAY, "--out", str(tmp_path / "after"))
    assert content(tmp_path / "during") == content(tmp_path / "first")
    assert content(tmp_path / "after") != content(tmp_path / "first")
    # what was made of the old scan is not taken for what the new one gives
    headway(folder, "report", "--today", TODAY, "--out", str(tmp_path / "during"))
    assert content(tmp_path / "during") == content(tmp_path / "after")
    assert not list(folder.glob("headway.duckdb.held*"))


def test_a_clock_that_was_set_back_takes_nothing_away(folder: Path) -> None:
    store = folder / "headway.duckdb"
    before, items = story(store), rows(folder, "items", "--state", "all", "--today", TODAY)
    days = scan_days(store)
    scan(folder, date(2020, 3, 15))
    assert story(store) == before
    assert rows(folder, "items", "--state", "all", "--today", TODAY) == items
    assert scan_days(store) == [*days, days[-1]]


def test_what_happens_while_the_clock_is_wrong_counts_to_the_last_day(tmp_path: Path) -> None:
    """Time goes on from where it was, and a scan with the right clock changes nothing."""
    folder = workspace(tmp_path / "ws")
    repo = Repo(folder / "clones" / "shop")
    repo.commit("2020-02-10", {"a.py": "import six\n", "b.py": "import six\n"})
    scan(folder, date(2020, 3, 9))
    repo.commit("2020-01-01", {"a.py": None})
    scan(folder, date(2020, 2, 1))
    told = story(folder / "headway.duckdb")
    (fixed,) = [row for row in rows(folder, "items", "--state", "all") if row["closed_at"]]
    assert datetime.fromisoformat(fixed["closed_at"]) >= datetime.fromisoformat(fixed["opened_at"])
    scan(folder, date(2020, 3, 9))
    assert story(folder / "headway.duckdb") == told
