"""Fuzz the readers of untrusted files, responses of forges and outputs of programs.

    uv run --with atheris python -m tests.fuzz TARGET [--minutes M] [--corpus FOLDER]
    python -m tests.fuzz --list

TARGET is a name from the list, or `all`, which divides the time among the targets. With the package
atheris, code coverage guides the mutation of inputs. Each input that reaches new code is kept in
the corpus, and the next run continues from there. Without the package, the seeds are changed at
random.

Inputs that violate the rules of a target are written to the `findings` folder in the corpus, one
for each failing line of code, and the exit code is 1. An input that takes more than ten seconds is
also a violation. With atheris, using more than 1 GiB of memory is a violation too, and both of
these violations end the run of the target.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import random
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

_DEFAULT_CORPUS = Path(__file__).parents[2] / ".cache" / "fuzz"
_SECONDS, _MEGABYTES = 10, 1024
_INSTRUMENTED = ("headway", "headway_scanners")


def main(arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    if options.child:
        return _fuzz(options)
    from tests.fuzz.targets import TARGETS

    if options.list:
        _print("\n".join(TARGETS))
        return 0
    chosen = list(TARGETS) if options.target == "all" else [options.target]
    worst = 0
    for name in chosen:
        minutes = options.minutes / len(chosen)
        command = [sys.executable, "-m", "tests.fuzz", name, "--child", "--seed", options.seed]
        command += ["--minutes", f"{minutes}", "--corpus", str(options.corpus)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        findings = len(list((options.corpus / name / "findings").glob("*")))
        counted = done.stdout.strip().splitlines()[-1:] or ["no result"]
        _print(f"{name}: {counted[0]}, {findings} findings in the corpus")
        if done.returncode:
            _print(done.stderr[-2000:])
        worst = max(worst, int(bool(done.returncode or findings)))
    return worst


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("tests.fuzz", description=__doc__)
    parser.add_argument("target", nargs="?", default="all")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--corpus", type=Path, default=_DEFAULT_CORPUS)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    return parser


class Session:
    """The inputs of one run, and the violations that they caused."""

    def __init__(self, folder: Path, minutes: float) -> None:
        self._findings = folder / "findings"
        self._findings.mkdir(parents=True, exist_ok=True)
        self._places = {path.name.partition("-")[0] for path in self._findings.iterdir()}
        self.until = time.monotonic() + minutes * 60
        self.inputs = 0
        self._minutes = minutes

    def run(self, check: Callable[[bytes], None], content: bytes) -> None:
        """Check one input. Keep it if it is the first one that fails at a line of code."""
        self.inputs += 1
        started = time.process_time()
        try:
            check(content)
            if time.process_time() - started > _SECONDS:
                raise TimeoutError(f"more than {_SECONDS} s")
        except Exception as error:  # noqa: BLE001 - each one is a finding
            self._keep(content, error)

    def _keep(self, content: bytes, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{type(error).__name__} {frames[-1].filename}:{frames[-1].lineno}"
        digest = hashlib.sha256(place.encode()).hexdigest()[:12]
        if digest not in self._places:
            self._places.add(digest)
            (self._findings / f"{digest}-input").write_bytes(content)
            report = f"{content!r}\n\n{''.join(traceback.format_exception(error))}"
            (self._findings / f"{digest}-report.txt").write_text(report, errors="backslashreplace")

    def report(self) -> str:
        return f"{self.inputs:,} inputs in {self._minutes:.1f} minutes"


def _fuzz(options: argparse.Namespace) -> int:
    folder = options.corpus / options.target
    session = Session(folder, options.minutes)
    if importlib.util.find_spec("atheris") is None:
        from tests.fuzz.mutation import mutations
        from tests.fuzz.targets import TARGETS

        target = TARGETS[options.target]
        inputs = mutations(target.seeds, random.Random(options.seed))
        while time.monotonic() < session.until:
            session.run(target.check, next(inputs))
        _print(session.report())
        return 0
    return _fuzz_with_coverage(options, folder, session)


def _fuzz_with_coverage(options: argparse.Namespace, folder: Path, session: Session) -> int:
    import atheris

    with atheris.instrument_imports(include=list(_INSTRUMENTED)):
        from tests.fuzz.targets import TARGETS, scanners

        scanners()
    inputs = folder / "inputs"
    inputs.mkdir(exist_ok=True)
    target = TARGETS[options.target]
    for number, seed in enumerate(target.seeds):
        (inputs / f"seed-{number}").write_bytes(seed)

    def check(content: bytes) -> None:
        if time.monotonic() > session.until:
            _print(session.report())
            os._exit(0)
        session.run(target.check, content)

    words = [sys.argv[0], str(inputs), "-max_len=8192", f"-timeout={_SECONDS}"]
    words += [f"-rss_limit_mb={_MEGABYTES}", f"-artifact_prefix={folder / 'findings'}/"]
    atheris.Setup([*words, "-verbosity=0", "-print_final_stats=0"], check)
    atheris.Fuzz()
    return 1


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this is a program


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
