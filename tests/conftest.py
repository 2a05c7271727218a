"""Settings and fixtures for all tests."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.small_stores import small_stores
from tests.support.thorough import PROFILE

# Without this profile, Hypothesis would fail tests that exceed its time limits. Every run uses the
# same examples, so that its result depends on the tested change and not on luck. To search for new
# counterexamples, run the tests with `--hypothesis-profile=explore`. `python3 tasks.py thorough`
# uses the profile `thorough`, in which expensive tests also try more examples.
settings.register_profile(
    "headway", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("explore", settings.get_profile("headway"), derandomize=False)
settings.register_profile(PROFILE, settings.get_profile("explore"), max_examples=2000)
settings.load_profile("headway")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fault",
        type=int,
        action="append",
        metavar="NUMBER",
        help="run only the tests of this fault of docs/reliability.md; can be repeated",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests that inject none of the faults named by --fault."""
    wanted = config.getoption("--fault")
    if not wanted:
        return
    numbers = {item: {mark.args[0] for mark in item.iter_markers("fault")} for item in items}
    others = [item for item in items if numbers[item].isdisjoint(wanted)]
    items[:] = [item for item in items if item not in others]
    config.hook.pytest_deselected(items=others)


@pytest.fixture(scope="session", autouse=True)
def temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let this process and its children create temporary files in a folder that pytest deletes."""
    # Keep the name short, because the path of a socket is limited to about 100 characters.
    folder = str(tmp_path_factory.mktemp("t"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(scope="session", autouse=True)
def cheap_stores(
    temporary_folder: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Make small stores cheaper. See `tests.support.small_stores`."""
    with small_stores(tmp_path_factory.mktemp("empty") / "headway.duckdb"):
        yield


@pytest.fixture(autouse=True)
def no_headway_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove HEADWAY_ variables that the developer may have set."""
    for name in [name for name in os.environ if name.startswith("HEADWAY_")]:
        monkeypatch.delenv(name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the skipped tests by reason, so that nobody mistakes them for passed tests."""
    tests: dict[str, list[str]] = defaultdict(list)
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        tests[str(reason).removeprefix("Skipped: ")].append(report.nodeid)
    for reason, names in sorted(tests.items()):
        terminalreporter.section(f"{len(names)} skipped: {reason}")
        for name in sorted(names):
            terminalreporter.line(name)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in CI if tests were skipped, because nobody reads the list there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
