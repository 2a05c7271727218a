#!/usr/bin/env python3
"""Everything that is done with this checkout; needs only git and Python 3.11 or newer.

    python3 tasks.py demo        sets up, and runs `headway demo`
    python3 tasks.py test        sets up, and runs every check: ruff, mypy, pytest
    python3 tasks.py setup       makes or refreshes .venv with exactly what uv.lock says
    python3 tasks.py lint        ruff and mypy alone
    python3 tasks.py pytest ...  the tests alone; what follows goes to pytest
    python3 tasks.py coverage    the tests, and which lines none of them reaches; a third slower
    python3 tasks.py format      formats the code
    python3 tasks.py docs        writes what docs/ has from the code anew
    python3 tasks.py oldest      the tests with the oldest versions that pyproject.toml allows
    python3 tasks.py build       wheel and sdist into dist/
    python3 tasks.py benchmark   measures against other tools; --corpus FOLDER names mirrors

CI runs `test`, word for word.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
OWN_UV = ROOT / ".cache" / "uv-venv"
OLDEST = (3, 11)
TESTS_NEED = ("/usr/bin/chromium", "curl", "ps", "strace")


def say(text: str) -> None:
    """One line for whoever watches."""
    sys.stderr.write(f"tasks: {text}\n")
    sys.stderr.flush()


def run(*command: str | Path) -> int:
    """Runs in this folder, with nothing of the user's own Headway settings; gives the exit code."""
    words = [str(word) for word in command]
    shown = [word.removeprefix(f"{ROOT}{os.sep}") for word in words]
    say(" ".join(shown))
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("HEADWAY_") and name not in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT")
    }
    # the tests build the wheel with it; last, so that it hides nothing of the user's
    environment["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), str(OWN_UV / "bin")])
    return subprocess.run(words, cwd=ROOT, env=environment, check=False).returncode


def must(*command: str | Path) -> None:
    """As `run`, and stops at a failure."""
    code = run(*command)
    if code:
        say(f"failed with exit code {code}")
        raise SystemExit(code)


def tool(name: str) -> Path:
    """A program of the environment."""
    return ENVIRONMENT / "bin" / name


def uv() -> Path:
    """The uv on PATH when it works, else one of this checkout's own."""
    found = shutil.which("uv")
    if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode:
        found = None  # a shim of a version manager, with nothing behind it
    if found:
        return Path(found)
    own = OWN_UV / "bin" / "uv"
    if not own.exists():
        must(sys.executable, "-m", "venv", OWN_UV)
        must(OWN_UV / "bin" / "pip", "install", "--quiet", "uv>=0.9")
    return own


def setup(*_: str) -> int:
    """Makes .venv what uv.lock says; quick when it is so already."""
    if shutil.which("git") is None:
        say("git is missing; install it with the system's package manager")
        return 1
    # an environment that is there keeps its Python: others may be using it
    python = () if tool("python").exists() else ("--python", sys.executable)
    must(uv(), "sync", "--quiet", "--locked", "--no-python-downloads", *python)
    return 0


def lint(*_: str) -> int:
    """All three, also when the first fails: one run shows everything."""
    codes = [
        run(tool("ruff"), "check"),
        run(tool("ruff"), "format", "--check"),
        run(tool("mypy")),
    ]
    return max(codes)


def pytest(*arguments: str) -> int:
    """The tests, on all processors."""
    return run(tool("pytest"), "-n", "auto", *arguments)


def coverage(*arguments: str) -> int:
    """The tests, with the lines that none of them reaches, in any process."""
    # files left by processes that were killed would be counted into the next run
    for left in ROOT.glob(".coverage.*"):
        left.unlink(missing_ok=True)
    return pytest("--cov", "--cov-report=term", *arguments)


def tell_missing() -> None:
    """Names the programs that some tests call and that are not here: those tests will fail."""
    missing = [name for name in TESTS_NEED if shutil.which(name) is None]
    if missing:
        say(f"some tests will fail without {', '.join(missing)}; .ci/run installs what is missing")


def test(*arguments: str) -> int:
    """Every check there is; fails when one does."""
    begun = time.monotonic()
    tell_missing()
    code = lint()
    code = pytest(*arguments) or code
    say(f"{'failed' if code else 'all checks passed'} after {time.monotonic() - begun:.0f} s")
    return code


def oldest(*arguments: str) -> int:
    """The floors of all dependencies are promises: this keeps them."""
    target = ROOT / ".cache" / "oldest-venv"
    floors = ("--resolution", "lowest-direct", "--editable", ".", "--group", "dev")
    must(uv(), "venv", "--quiet", "--clear", "--python", sys.executable, target)
    must(uv(), "pip", "install", "--quiet", "--python", target / "bin" / "python", *floors)
    return run(target / "bin" / "pytest", "-n", "auto", *arguments)


def demo(*arguments: str) -> int:
    """`headway demo`, from this checkout."""
    return run(tool("headway"), "demo", *arguments)


def format_code(*_: str) -> int:
    """Imports and layout."""
    return run(tool("ruff"), "check", "--fix") or run(tool("ruff"), "format")


def docs(*_: str) -> int:
    """The parts of docs/ that follow from the code; tests compare the two."""
    parts = {
        "headway.cli.command_reference": "commands.md",
        "headway.site.context_reference": "pages.md",
    }
    return max(
        run(tool("python"), "-m", module, ROOT / "docs" / page) for module, page in parts.items()
    )


def build(*_: str) -> int:
    """What is published."""
    return run(uv(), "build", "--quiet", "--out-dir", ROOT / "dist")


def benchmark(*arguments: str) -> int:
    """Writes benchmarks/RESULTS.md anew."""
    return run(tool("python"), "-m", "benchmarks", *arguments)


TASKS: dict[str, Callable[..., int]] = {
    "setup": setup,
    "test": test,
    "demo": demo,
    "lint": lint,
    "pytest": pytest,
    "coverage": coverage,
    "format": format_code,
    "docs": docs,
    "oldest": oldest,
    "build": build,
    "benchmark": benchmark,
}


def main(arguments: Sequence[str]) -> int:
    """Sets up, then carries out one task."""
    if sys.version_info < OLDEST:
        say(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
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
