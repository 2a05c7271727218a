"""Compare Headway with the tools that people would use instead: `python -m benchmarks`.

The benchmarks check that all tools find the same matches, and write benchmarks/RESULTS.md. With
--folder, the results of each part are stored in a folder, so that you can run or repeat individual
parts.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.corpus import Corpus, make_corpus, read_corpus
from benchmarks.history import History, theseus
from benchmarks.measure import adopt_orphans, say
from benchmarks.nightly import Nightly, worker_memory
from benchmarks.results import Measured, Section, write
from benchmarks.site import measure_site
from benchmarks.store import measure_store
from benchmarks.tip import Tip

Part = Callable[[Corpus, Path, int], Section]


def _tip(corpus: Corpus, folder: Path, rounds: int) -> Section:
    return Tip(corpus, folder).measure(rounds)


def _history(corpus: Corpus, folder: Path, rounds: int) -> Section:
    return History(corpus, folder, sample=2).measure(rounds)


def _nightly(corpus: Corpus, folder: Path, rounds: int) -> Section:
    return Nightly(corpus, folder).measure(rounds)


def _memory(corpus: Corpus, folder: Path, rounds: int) -> Section:  # noqa: ARG001 - the signature of a part
    return worker_memory(corpus, folder)


def _store(corpus: Corpus, folder: Path, rounds: int) -> Section:  # noqa: ARG001 - the signature of a part
    return measure_store(folder, rounds)


def _site(corpus: Corpus, folder: Path, rounds: int) -> Section:  # noqa: ARG001 - the signature of a part
    return measure_site(folder)


PARTS: dict[str, Part] = {
    "tip": _tip,
    "history": _history,
    "theseus": theseus,
    "nightly": _nightly,
    "memory": _memory,
    "store": _store,
    "site": _site,
}


def main() -> None:
    """Run the selected parts of the benchmark and write the results after each part."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--corpus", type=Path, help="folder of mirrors (default: generate repositories)"
    )
    parser.add_argument("--made", type=int, default=20, help="number of repositories to generate")
    parser.add_argument("--rounds", type=int, default=3, help="number of runs of each tool")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--folder", type=Path, help="working folder (default: a temporary folder)")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    options = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="headway-benchmark-") as name:
        folder = options.folder or Path(name)
        corpus = (
            read_corpus(options.corpus.resolve())
            if options.corpus
            else make_corpus(folder / "clones", options.made)
        )
        measured = Measured(folder / "sections")
        for part in options.only:
            say(f"measuring: {part}")
            load_before = os.getloadavg()[0]
            section = PARTS[part](corpus, folder / part, options.rounds)
            measured.keep(part, section.with_load(load_before, os.getloadavg()[0]))
            # Write the results after each part, because all parts together may take hours.
            write(options.out, corpus, measured.sections(PARTS), options.rounds)


if __name__ == "__main__":
    main()
