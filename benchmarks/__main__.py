"""Measures Headway against the tools that people would use instead: `python -m benchmarks`.

Checks that all of them find the same, and writes benchmarks/RESULTS.md. With --folder, what parts
have measured stays there: they can be run one by one, and again.
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


def _memory(corpus: Corpus, folder: Path, rounds: int) -> Section:  # noqa: ARG001 - as all parts
    return worker_memory(corpus, folder)


def _store(corpus: Corpus, folder: Path, rounds: int) -> Section:  # noqa: ARG001 - as all parts
    return measure_store(folder, rounds)


def _site(corpus: Corpus, folder: Path, rounds: int) -> Section:  # noqa: ARG001 - as all parts
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
    """Parses, measures, writes."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("--corpus", type=Path, help="a folder of mirrors; without it one is made")
    parser.add_argument("--made", type=int, default=20, help="how many repositories are made")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender runs")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    parser.add_argument("--folder", type=Path, help="where to work; without it a temporary one")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    asked = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="headway-benchmark-") as name:
        folder = asked.folder or Path(name)
        corpus = (
            read_corpus(asked.corpus.resolve())
            if asked.corpus
            else make_corpus(folder / "clones", asked.made)
        )
        measured = Measured(folder / "sections")
        for part in asked.only:
            say(f"measuring: {part}")
            begun = os.getloadavg()[0]
            section = PARTS[part](corpus, folder / part, asked.rounds)
            measured.keep(part, section.with_load(begun, os.getloadavg()[0]))
            # as it goes, for all of it takes long
            write(asked.out, corpus, measured.sections(PARTS), asked.rounds)


if __name__ == "__main__":
    main()
