#!/usr/bin/env python3
"""Development tasks for this checkout; they need only git and Python 3.11 or newer.

    python3 tasks.py demo        run `headway demo`
    python3 tasks.py test        run every check: ruff, mypy and pytest
    python3 tasks.py setup       create or update .venv with the versions in uv.lock
    python3 tasks.py lint        run ruff and mypy
    python3 tasks.py pytest ...  run the tests; arguments are passed to pytest
    python3 tasks.py thorough    run the tests with many more examples and rounds; takes hours
    python3 tasks.py coverage    run the tests and list the lines that no test executes
    python3 tasks.py format      format the code
    python3 tasks.py docs        regenerate the docs and CI wrappers that are derived from the code
    python3 tasks.py docs-site   build the documentation and the demo as a site in .cache/docs-site
    python3 tasks.py pins        regenerate the requirements of the nightly job from uv.lock
    python3 tasks.py oldest      run the tests with the oldest versions that pyproject.toml allows
    python3 tasks.py build       build the wheel and the sdist in dist/
    python3 tasks.py benchmark   compare Headway with other tools; --corpus FOLDER names mirrors

Every task runs `setup` first. CI runs `test`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
OWN_UV = ROOT / ".cache" / "uv-venv"
OLDEST = (3, 11)
TESTS_NEED = ("chromium", "curl", "strace")
"""Programs that some tests need; the Debian packages have the same names."""
# Without bytecode files, each of the hundreds of processes that the tests start would compile all
# modules again. Container images often set the variable that disables these files.
_REMOVED_VARIABLES = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "PYTHONDONTWRITEBYTECODE")


def say(text: str) -> None:
    """Print a message to standard error."""
    sys.stderr.write(f"tasks: {text}\n")
    sys.stderr.flush()


def run(*command: str | Path, output: BinaryIO | None = None) -> int:
    """Run a command in this checkout, without HEADWAY_ variables, and return its exit code.

    Args:
        command: The program and its arguments.
        output: The file for everything that the command prints; None means the terminal.
    """
    words = [str(word) for word in command]
    shown = [word.removeprefix(f"{ROOT}{os.sep}") for word in words]
    say(" ".join(shown))
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("HEADWAY_") and name not in _REMOVED_VARIABLES
    }
    # Tests build the wheel with uv. The folder of uv comes last in PATH, so that it hides none of
    # the user's programs.
    environment["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), str(OWN_UV / "bin")])
    done = subprocess.run(
        words, cwd=ROOT, env=environment, stdout=output, stderr=output, check=False
    )
    return done.returncode


def must(*command: str | Path) -> None:
    """Run a command as `run` does, and exit if the command fails."""
    code = run(*command)
    if code:
        say(f"failed with exit code {code}")
        raise SystemExit(code)


def tool(name: str) -> Path:
    """Return the path of a program in the virtual environment."""
    return ENVIRONMENT / "bin" / name


def uv() -> Path:
    """Return the path of uv. If no uv on PATH works, install it in this checkout."""
    found = shutil.which("uv")
    if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode:
        found = None  # A version manager provides the `uv` command, but uv is not installed.
    if found:
        return Path(found)
    own = OWN_UV / "bin" / "uv"
    if not own.exists():
        must(sys.executable, "-m", "venv", OWN_UV)
        must(OWN_UV / "bin" / "pip", "install", "--quiet", "uv>=0.9")
    return own


def setup(*_: str) -> int:
    """Create or update .venv with the versions in uv.lock."""
    if shutil.which("git") is None:
        say("git is missing; install it with the system's package manager")
        return 1
    # Keep the Python of an existing environment, because another process may be using it.
    python = () if tool("python").exists() else ("--python", sys.executable)
    must(uv(), "sync", "--quiet", "--locked", "--no-python-downloads", *python)
    return 0


def lint(*_: str, output: BinaryIO | None = None) -> int:
    """Run all linters, even if one fails, so that one run shows all problems."""
    codes = [
        run(tool("ruff"), "check", output=output),
        run(tool("ruff"), "format", "--check", output=output),
        run(tool("mypy"), output=output),
    ]
    return max(codes)


def pytest(*arguments: str) -> int:
    """Run the tests in parallel on all processors."""
    # Each worker gets a consecutive part of the tests, which share their fixtures, and takes over
    # tests from others when it has finished.
    return run(tool("pytest"), "-n", "logical", "--dist", "worksteal", *arguments)


def thorough(*arguments: str) -> int:
    """Run the tests with many more generated examples and repeated faults."""
    return pytest("--hypothesis-profile=thorough", *arguments)


def coverage(*arguments: str) -> int:
    """Run the tests and list the lines that no test executes."""
    # Killed processes leave data files, which would be counted as part of this run.
    for stale in ROOT.glob(".coverage.*"):
        stale.unlink(missing_ok=True)
    return pytest("--cov", "--cov-report=term", *arguments)


def install_programs() -> None:
    """Install the programs that some tests need, if that is possible without a password."""
    missing = [name for name in TESTS_NEED if shutil.which(name) is None]
    if not missing:
        return
    if shutil.which("apt-get"):
        as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
        apt = [*as_root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]
        if as_root == [] or shutil.which("sudo"):
            install = [*apt, "install", "--yes", "--no-install-recommends", *missing]
            if run(*apt, "update") == 0:
                run(*install)
    if shutil.which("chromium") is None:
        run(tool("playwright"), "install", "chromium")
    missing = [name for name in missing if shutil.which(name) is None]
    if missing:
        say(f"not on PATH: {', '.join(missing)}; tests that cannot find them are skipped")


def test(*arguments: str) -> int:
    """Run all checks, even if one of them fails."""
    start = time.monotonic()
    # The tests sometimes wait, and mypy uses a single processor. Running both at the same time
    # leaves no processor idle.
    with tempfile.TemporaryFile() as output, ThreadPoolExecutor(1) as background:
        linted = background.submit(lint, output=output)
        install_programs()
        code = pytest(*arguments)
        code = linted.result() or code
        output.seek(0)
        say("output of the linters:")
        shutil.copyfileobj(output, sys.stderr.buffer)
    say(f"{'failed' if code else 'all checks passed'} after {time.monotonic() - start:.0f} s")
    return code


def oldest(*arguments: str) -> int:
    """Run the tests with the oldest versions of the dependencies that pyproject.toml allows."""
    target = ROOT / ".cache" / "oldest-venv"
    floors = ("--resolution", "lowest-direct", "--editable", ".", "--group", "dev")
    must(uv(), "venv", "--quiet", "--clear", "--python", sys.executable, target)
    must(uv(), "pip", "install", "--quiet", "--python", target / "bin" / "python", *floors)
    return run(target / "bin" / "pytest", "-n", "auto", *arguments)


def demo(*arguments: str) -> int:
    """Run `headway demo` from this checkout."""
    return run(tool("headway"), "demo", *arguments)


def format_code(*_: str) -> int:
    """Sort the imports and format the code."""
    return run(tool("ruff"), "check", "--fix") or run(tool("ruff"), "format")


def docs(*_: str) -> int:
    """Regenerate the pages and CI wrappers that are derived from the code; tests check them."""
    parts = {
        "headway.cli.command_reference": ROOT / "docs" / "commands.md",
        "headway.site.context_reference": ROOT / "docs" / "pages.md",
        "headway.config.catalogue_page": ROOT / "docs" / "catalogue.md",
        "headway.config.ci_wrappers": ROOT,
        "tests.support.fault_table": ROOT / "docs" / "reliability.md",
    }
    return max(run(tool("python"), "-m", module, target) for module, target in parts.items())


def docs_site(*arguments: str) -> int:
    """Build the documentation as a site, with the pages of the demo."""
    folder = ROOT / ".cache" / "docs-demo"
    site = ROOT / ".cache" / "docs-site"
    code = run(tool("headway"), "demo", folder)
    if code:
        return code
    script = ROOT / "website" / "build.py"
    options = ("--out", site, "--demo", folder / "site", *arguments)
    code = run(tool("python"), script, *options)
    if code == 0:
        say(f"open {site / 'index.html'}")
    return code


def pins(*_: str) -> int:
    """Regenerate the requirements file of the nightly job; a test checks that it is up to date."""
    options = ("--quiet", "--frozen", "--no-header", "--no-annotate", "--no-default-groups")
    parts = (
        "--group",
        "build",
        "--all-extras",
        *("--no-extra", "dask"),
        "--no-emit-project",
        "--format",
        "requirements-txt",
    )
    target = ROOT / "src" / "headway" / "config" / "ci_files" / "requirements.txt"
    return run(uv(), "export", *options, *parts, "--output-file", target)


def build(*_: str) -> int:
    """Build the wheel and the sdist."""
    return run(uv(), "build", "--quiet", "--out-dir", ROOT / "dist")


def benchmark(*arguments: str) -> int:
    """Run the benchmarks and write benchmarks/RESULTS.md."""
    return run(tool("python"), "-m", "benchmarks", *arguments)


TASKS: dict[str, Callable[..., int]] = {
    "setup": setup,
    "test": test,
    "demo": demo,
    "lint": lint,
    "pytest": pytest,
    "thorough": thorough,
    "coverage": coverage,
    "format": format_code,
    "docs": docs,
    "docs-site": docs_site,
    "pins": pins,
    "oldest": oldest,
    "build": build,
    "benchmark": benchmark,
}


def main(arguments: Sequence[str]) -> int:
    """Set up the environment and run one task."""
    if sys.version_info < OLDEST:
        say(f"Python 3.11 or newer is required; this is {sys.version.split()[0]}")
        return 1
    if not arguments or arguments[0] not in TASKS:
        sys.stderr.write(__doc__ or "")
        return 0 if arguments and arguments[0] in ("-h", "--help", "help") else 2
    name, *rest = arguments
    if name != "setup" and setup():
        return 1
    return TASKS[name](*rest)


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
