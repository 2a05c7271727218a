"""Law 3 of ARCHITECTURE.md: the same store gives the same bytes in any environment.

The tests also check that setting the clock back loses no data.
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
ENVIRONMENTS = (
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
clock = datetime.fromisoformat(sys.argv.pop(1)).replace(tzinfo=UTC)
invocation.now = lambda: clock
main()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with commits around midnight, and names that locales sort differently."""
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


def run_at(clock: str, folder: Path, variables: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, "-c", UNDER_A_CLOCK, clock, "-C", str(folder), *arguments]
    environment = {"PATH": os.environ["PATH"]} | variables
    subprocess.run(command, env=environment, check=True, capture_output=True)


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.fault(28)
@pytest.mark.fault(29)
def test_environment_and_clock_do_not_change_pages_or_exports(folder: Path, tmp_path: Path) -> None:
    sites, exports = [], []
    for number, (variables, clock) in enumerate(zip(ENVIRONMENTS, CLOCKS, strict=True)):
        site, export = tmp_path / f"site{number}", tmp_path / f"export{number}"
        jobs = str(number % 2 + 1)
        run_at(
            clock,
            folder,
            variables,
            "report",
            "--today",
            TODAY,
            "--out",
            str(site),
            "--jobs",
            jobs,
        )
        run_at(clock, folder, variables, "export", str(export))
        sites.append(content(site))
        exports.append(content(export))
    assert any(name.endswith("index.html") for name in sites[0])
    assert sites[1] == sites[0]
    assert sites[2] == sites[0]
    assert exports[1] == exports[0]
    assert exports[2] == exports[0]


@pytest.mark.fault(29)
def test_building_a_site_twice_changes_nothing(folder: Path, tmp_path: Path) -> None:
    """The second build writes the same bytes, even if it reuses pages of the first build."""
    out = tmp_path / "site"
    headway(folder, "report", "--today", TODAY, "--out", str(out))
    once = content(out)
    headway(folder, "report", "--today", TODAY, "--out", str(out))
    assert content(out) == once


@pytest.mark.fault(9)
def test_all_pages_show_the_same_scan_while_another_one_finishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path / "ws")
    repo = Repo(folder / "clones" / "shop")
    repo.commit("2020-02-10", {"a.py": "import six\n"})
    scan(folder, date(2020, 3, 2))
    headway(folder, "report", "--today", TODAY, "--out", str(tmp_path / "first"))
    repo.commit("2020-03-03", {"b.py": "from six import x\n"})

    def scan_then_build(plan: BuildPlan, workers: int) -> AbstractContextManager[BuildPool]:
        scan(folder, date(2020, 3, 9))
        return build_pool(plan, workers)

    with monkeypatch.context() as patched:
        patched.setattr("headway.site.build.site_builder.build_pool", scan_then_build)
        headway(folder, "report", "--today", TODAY, "--out", str(tmp_path / "during"))
    headway(folder, "report", "--today", TODAY, "--out", str(tmp_path / "after"))
    assert content(tmp_path / "during") == content(tmp_path / "first")
    assert content(tmp_path / "after") != content(tmp_path / "first")
    # The next build does not reuse pages of the old scan.
    headway(folder, "report", "--today", TODAY, "--out", str(tmp_path / "during"))
    assert content(tmp_path / "during") == content(tmp_path / "after")
    assert not list(folder.glob("headway.duckdb.held*"))


@pytest.mark.fault(28)
def test_a_clock_set_back_loses_nothing(folder: Path) -> None:
    store = folder / "headway.duckdb"
    before, items = story(store), rows(folder, "items", "--state", "all", "--today", TODAY)
    days = scan_days(store)
    scan(folder, date(2020, 3, 15))
    assert story(store) == before
    assert rows(folder, "items", "--state", "all", "--today", TODAY) == items
    assert scan_days(store) == [*days, days[-1]]


@pytest.mark.fault(28)
def test_changes_found_under_a_wrong_clock_count_on_the_last_day(tmp_path: Path) -> None:
    """A later scan with the correct clock changes nothing."""
    folder = workspace(tmp_path / "ws")
    repo = Repo(folder / "clones" / "shop")
    # The first two commits have times in the right order, so the time of the third is not trusted.
    repo.commit("2020-02-03", {"README": "shop\n"})
    repo.commit("2020-02-10", {"a.py": "import six\n", "b.py": "import six\n"})
    scan(folder, date(2020, 3, 9))
    repo.commit("2020-01-01", {"a.py": None})
    scan(folder, date(2020, 2, 1))
    before = story(folder / "headway.duckdb")
    (fixed,) = [row for row in rows(folder, "items", "--state", "all") if row["closed_at"]]
    assert datetime.fromisoformat(fixed["closed_at"]) >= datetime.fromisoformat(fixed["opened_at"])
    scan(folder, date(2020, 3, 9))
    assert story(folder / "headway.duckdb") == before
