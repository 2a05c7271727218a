"""The wheel and the sdist contain the right files and work after installation."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHIPPED = ("campaigns", "scanners", "reports")

pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that cannot import this checkout, and return its standard output."""
    hidden = ("HEADWAY_", "PYTHONPATH", "VIRTUAL_ENV", "COV")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def uv() -> str:
    found = shutil.which("uv")
    assert found, "uv is not on PATH: run the tests by `python3 tasks.py test`"
    return found


@pytest.fixture(scope="module")
def dist(uv: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the sdist, build the wheel from it, and return the folder that contains both."""
    folder = tmp_path_factory.mktemp("dist")
    run(uv, "build", "--quiet", "--out-dir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel and its locked dependencies in a new environment, and return its bin
    folder.
    """
    folder = tmp_path_factory.mktemp("environment")
    pins = folder / "pins.txt"
    export = ("export", "--quiet", "--locked", "--no-dev", "--no-emit-project", "--no-hashes")
    pins.write_text(run(uv, *export, cwd=ROOT))
    run(uv, "venv", "--quiet", "--python", sys.executable, folder / "env", cwd=folder)
    python = folder / "env" / "bin" / "python"
    run(uv, "pip", "install", "--quiet", "--python", python, "-c", pins, wheel, cwd=folder)
    return python.parent


def on_disk(folder: str) -> set[str]:
    """Return the names that the files of a shipped folder have in the wheel."""
    return {
        f"headway/_builtin/{file.relative_to(ROOT)}"
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


@pytest.mark.parametrize("folder", SHIPPED)
def test_the_wheel_contains_all_shipped_files(wheel: Path, folder: str) -> None:
    # A pattern in .gitignore would silently remove a folder from the wheel.
    shipped = on_disk(folder)
    names = set(zipfile.ZipFile(wheel).namelist())
    assert shipped
    assert shipped == {name for name in names if name.startswith(f"headway/_builtin/{folder}/")}


def test_the_wheel_contains_only_the_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"headway/__init__.py", "headway/py.typed", "headway/cli/application.py"} <= set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"headway"}
    assert not [name for name in names if name.endswith((".pyc", ".duckdb"))]


def test_the_sdist_contains_everything_for_testing(dist: Path) -> None:
    (archive,) = dist.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    wanted = {"pyproject.toml", "uv.lock", "tasks.py", "README.md", "LICENSE", "CHANGELOG.md"}
    assert wanted | {"tests/test_packaging.py"} <= names
    assert not [name for name in names if name.startswith((".venv", ".cache"))]


def test_the_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    headway = installed / "headway"
    printed = run(headway, "demo", "--today", "2026-06-30", cwd=tmp_path)
    index = Path(printed.strip())
    assert index == tmp_path / "headway-demo" / "site" / "index.html"
    assert "<html" in index.read_text("utf-8")
    listed = run(headway, "-C", "headway-demo", "status", "--format", "csv", cwd=tmp_path)
    assert len(listed.splitlines()) > 2


def test_an_installed_package_provides_a_scanner(installed: Path, uv: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "plugin.md").read_text("utf-8")
    for name, text in re.findall(r"```\w+\n# (\S+)\n(.*?)```", page, re.DOTALL):
        (tmp_path / "plugin" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "plugin" / name).write_text(text)
    python = installed / "python"
    run(uv, "pip", "install", "--quiet", "--no-deps", "--python", python, tmp_path / "plugin",
        cwd=tmp_path)  # fmt: skip
    run(installed / "headway", "init", "work", cwd=tmp_path)
    listed = run(installed / "headway", "-C", "work", "scanners", "--format", "csv", cwd=tmp_path)
    assert "long-function,content,1,installed,headway-long-function (long_function)" in listed
    code = "import long_function as m, headway.testing as t; t.load_scanner(m.LongFunction)"
    run(python, "-c", code, cwd=tmp_path)


def test_init_and_validate_run_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    headway = installed / "headway"
    run(headway, "init", cwd=tmp_path)
    assert "no errors" in run(headway, "validate", cwd=tmp_path)


def test_the_requirements_of_the_nightly_job_follow_the_lock_file(uv: str, wheel: Path) -> None:
    options = ("--quiet", "--locked", "--no-header", "--no-annotate", "--no-default-groups")
    parts = (
        "--group",
        "build",
        "--all-extras",
        *("--no-extra", "dask"),
        "--no-emit-project",
        "--format",
        "requirements-txt",
    )
    name = "headway/config/ci_files/requirements.txt"
    with zipfile.ZipFile(wheel) as archive:
        shipped = archive.read(name).decode()
        assert {"headway/config/ci_files/github.yml", "headway/config/ci_files/gitlab.yml"} <= set(
            archive.namelist()
        )
    assert shipped == run(uv, "export", *options, *parts, cwd=ROOT), "run `tasks.py pins`"
