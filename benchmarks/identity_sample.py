"""Measure how well Headway recognises an edited line as the same item.

For a sample of pairs, a person has judged whether a match that a commit closed and a match that it
opened are the same item. `identity_sample.tsv` contains the judgements, but no code.

    python -m benchmarks.identity_sample draw FOLDER    print a sample of pairs with their context
    python -m benchmarks.identity_sample score FOLDER   compare the judgements with Headway's result

FOLDER contains clones with their whole history, named OWNER_NAME. `score` prints precision and
recall for several similarity thresholds, separately for each half of the judged pairs.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from headway.git.history import Change, Step, walk
from headway.git.objects import BlobReader, UnreadableObjectError
from headway.git.path_encoding import text_of
from headway.progress import identity
from headway.progress.places import Place
from headway.scan.changed_files import ChangedFiles

TABLE = Path(__file__).with_suffix(".tsv")
_PAIRS_PER_REPOSITORY = 17
_PAIRS_PER_COMMIT = 2
_MOST_FILES = 60
_MOST_BYTES = 1 << 20
_LINE_LENGTH = 88
_SEED = 13


class Rule(NamedTuple):
    """A rule as in a campaign: a pattern for lines in certain files."""

    name: str
    paths: str
    """A regular expression that must match the end of a file's path."""
    pattern: bytes


RULES = (
    Rule("python-import", r"\.py", rb"^\s*(?:from|import)\s+(?:six|unittest|mock|simplejson|os)\b"),
    Rule("python-assert", r"\.py", rb"\bassert(?:Equals?|True|Raises)\("),
    Rule("javascript-require", r"\.js", rb"\brequire\("),
    Rule("javascript-var", r"\.js", rb"^\s*var\s"),
    Rule("go-interface", r"\.go", rb"interface\{\}|ioutil|assert\.\w+\("),
    Rule("maven-version", r"pom\.xml", rb"<version>|\.version>"),
    Rule("gradle-dependency", r"\.gradle(?:\.kts)?", rb"(?i)(?:compile|implementation)\s*[('\"]"),
    Rule("npm-version", r"package\.json", rb"\"[~^]?\d+\.\d+"),
    Rule("python-version", r"(?:requirements.*\.txt|setup\.py|tox\.ini)", rb"[=<>~]=\s*\d"),
    Rule("ruby-gem", r"(?:Gemfile|\.gemspec)", rb"dependency|^\s*gem\s"),
    Rule("cargo-version", r"Cargo\.toml", rb"\"\^?\d+\."),
    Rule("ci-image", r"(?:workflows/.*|\.travis\.yml)", rb"uses:|image:|- ['\"]?\d"),
    Rule("java-junit", r"\.java", rb"@Test|\borg\.junit|assert(?:Equals|True|That)\("),
    Rule("csharp-assert", r"\.cs", rb"\bAssert\.\w+\(|^using System"),
    Rule("php-array", r"\.php", rb"\barray\(|->assert\w+\("),
    Rule("swift-call", r"\.swift", rb"XCTAssert\w*\(|NSURL|public func"),
    Rule("rust-unwrap", r"\.rs", rb"\.unwrap\(\)|^use "),
    Rule("ruby-assert", r"\.rb", rb"\bassert_?\w*[ (]|^\s*require "),
)  # fmt: skip


class Sampled(NamedTuple):
    """A match that a commit closed, and a match that the same commit opened."""

    repository: str
    commit: str
    rule: str
    old: Place
    new: Place


def main(action: str, folder: Path) -> None:
    """Run the action `draw` or `score`."""
    if action == "draw":
        for number, (git_dir, pair) in enumerate(_draw(folder), 1):
            _show(number, git_dir, pair)
    else:
        _score(folder)


def _draw(folder: Path) -> Iterator[tuple[Path, Sampled]]:
    for git_dir in sorted(folder.iterdir()):
        steps = [
            step
            for step in walk(git_dir, "HEAD", None, _kept, max_files=1 << 20)
            if len(step.changes) <= _MOST_FILES
        ]
        chance = random.Random(f"{_SEED} {git_dir.name}")
        chance.shuffle(steps)
        found = 0
        with closing(BlobReader(git_dir, max_bytes=_MOST_BYTES)) as blobs:
            for step in steps:
                for pair in _pairs_of(git_dir.name, step, blobs, chance):
                    yield git_dir, pair
                    found += 1
                if found >= _PAIRS_PER_REPOSITORY:
                    break


def _pairs_of(
    repository: str, step: Step, blobs: BlobReader, chance: random.Random
) -> Iterator[Sampled]:
    """Yield a few pairs from one commit. Try the rules in random order."""
    rules = list(RULES)
    chance.shuffle(rules)
    found = 0
    for rule in rules:
        changes = [change for change in step.changes if re.search(rule.paths + "$", change.path)]
        if not changes or found >= _PAIRS_PER_COMMIT:
            continue
        old, new = _places(rule, changes, blobs, old=True), _places(rule, changes, blobs, old=False)
        files = ChangedFiles(step.changes, blobs, must_read=False)
        old_left, new_left = identity.neither_same_nor_moved(old, new, files)
        if old_left and new_left:
            before = old[chance.choice(old_left)]
            near = [index for index in new_left if new[index].path == before.path]
            # Prefer pairs within one file, which are the difficult ones.
            chosen = chance.choice(near if near and chance.random() < 0.75 else new_left)
            yield Sampled(repository, step.commit, rule.name, before, new[chosen])
            found += 1


def _places(rule: Rule, changes: Sequence[Change], blobs: BlobReader, *, old: bool) -> list[Place]:
    places = []
    pattern = re.compile(rule.pattern)
    for change in sorted(changes):
        blob = change.old if old else change.new
        try:
            content = blobs.read(blob) if blob is not None else None
        except UnreadableObjectError:
            content = None
        for number, line in enumerate((content or b"").split(b"\n"), 1):
            if pattern.search(line):
                text = " ".join(line.decode("utf-8", "backslashreplace").split())
                places.append(Place(change.path, text, blob or "", number))
    return places


def _kept(name: bytes) -> str | None:
    path = text_of(name)
    return path if any(re.search(rule.paths + "$", path) for rule in RULES) else None


def _show(number: int, git_dir: Path, pair: Sampled) -> None:
    print(f"#{number} {pair.repository} {pair.commit[:12]} {pair.rule}")
    with closing(BlobReader(git_dir, max_bytes=_MOST_BYTES)) as blobs:
        for sign, place in (("-", pair.old), ("+", pair.new)):
            assert place.line is not None
            lines = (blobs.read(place.blob) or b"").split(b"\n")
            shown = lines[max(0, place.line - 2) : place.line + 1]
            text = " | ".join(
                line.decode("utf-8", "replace").strip()[:_LINE_LENGTH] for line in shown
            )
            print(f" {sign} {place.path}:{place.line}: {text}")


class Judged(NamedTuple):
    """A judged pair: one row of the table."""

    repository: str
    commit: str
    rule: str
    old: str
    """The path and line of the closed match, as `path:line`."""
    new: str
    """The path and line of the opened match, as `path:line`."""
    same: bool


def judged() -> list[Judged]:
    """Return all judged pairs, in the order of the table."""
    rows = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines()[1:]]
    return [
        Judged(repository, commit, rule, old, new, verdict == "same")
        for repository, commit, rule, old, new, verdict in rows
    ]


def _score(folder: Path) -> None:
    table = judged()
    halves = table[::2], table[1::2]
    for threshold in (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9):
        identity.SIMILAR = threshold
        print(f"{threshold}: " + "; ".join(_rates(_verdicts(folder, half)) for half in halves))


def _rates(verdicts: Sequence[tuple[Judged, bool]]) -> str:
    right = sum(1 for pair, paired in verdicts if paired and pair.same)
    wrong = sum(1 for pair, paired in verdicts if paired and not pair.same)
    missed = sum(1 for pair, paired in verdicts if not paired and pair.same)
    precision, recall = right / max(right + wrong, 1), right / max(right + missed, 1)
    return f"{len(verdicts)} pairs, precision {precision:.1%}, recall {recall:.1%}"


def _verdicts(folder: Path, pairs: Sequence[Judged]) -> list[tuple[Judged, bool]]:
    """Return each judged pair, and whether Headway treats both matches as one item."""
    rules = {rule.name: rule for rule in RULES}
    found = []
    for pair in pairs:
        git_dir = folder / pair.repository
        (step,) = walk(git_dir, pair.commit, f"{pair.commit}^1", _kept, max_files=1 << 20)
        rule = rules[pair.rule]
        changes = [change for change in step.changes if re.search(rule.paths + "$", change.path)]
        with closing(BlobReader(git_dir, max_bytes=_MOST_BYTES)) as blobs:
            old = _places(rule, changes, blobs, old=True)
            new = _places(rule, changes, blobs, old=False)
            files = ChangedFiles(step.changes, blobs, must_read=False)
            kept = identity.pair(old, new, files).kept
        names = {(_name(old[before]), _name(new[after])) for before, after in kept}
        found.append((pair, (pair.old, pair.new) in names))
    return found


def _name(place: Place) -> str:
    return f"{place.path}:{place.line}"


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("draw", "score"):
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
