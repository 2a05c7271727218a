"""Compare the `ast` scanner with other parsers: `python -m benchmarks.symbol_uses MIRRORS`.

MIRRORS is a folder of bare repositories. Python's own parser and compiler find the uses of Python
symbols. If --babel names a folder in which `npm install @babel/parser @babel/traverse` was run,
Babel finds the uses of JavaScript symbols.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.symbol_uses.python_uses import Place, uses_in
from scanners._syntax_tree.trees import UnreadableFileError
from scanners.syntax_tree import SyntaxTree, SyntaxTreeOptions

PYTHON = (
    "datetime.datetime.utcnow",
    "datetime.datetime.utcfromtimestamp",
    "yaml.load",
    "imp.load_source",
    "imp.find_module",
    "collections.Mapping",
    "collections.Iterable",
    "collections.OrderedDict",
    "pkg_resources.get_distribution",
    "pkg_resources.iter_entry_points",
    "six.iteritems",
    "six.moves.range",
    "typing.Optional",
    "os.path.join",
    "json.loads",
)
JAVASCRIPT = (
    "react-dom:render",
    "react-dom:findDOMNode",
    "fs:readFileSync",
    "fs:existsSync",
    "url:parse",
    "util:inherits",
    "util:isArray",
    "lodash:merge",
    "moment",
    "enzyme:mount",
    "querystring",
    "assert:deepEqual",
    "path:join",
    "react:useState",
    "react:Component",
)
_BABEL = Path(__file__).with_name("javascript_uses.mjs")
_SHOWN = 12
"""The maximum number of differences that are printed for each comparison."""


@dataclass(slots=True)
class Result:
    """The counts of one comparison."""

    files: int = 0
    repositories: set[str] = field(default_factory=set)
    unreadable: Counter[str] = field(default_factory=Counter)
    uses: Counter[str] = field(default_factory=Counter)
    by_symbol: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)

    def add(self, name: str, ours: set[Place] | None, theirs: set[Place] | None) -> None:
        """Count the uses in one file."""
        if ours is None or theirs is None:
            self.unreadable["scanner"] += ours is None
            self.unreadable["other"] += theirs is None
            return
        self.files += 1
        self.repositories.add(name.partition(" ")[0])
        self.uses["same"] += len(ours & theirs)
        self.by_symbol.update(symbol for _, _, symbol in ours & theirs)
        for side, only in (("only scanner", ours - theirs), ("only other", theirs - ours)):
            self.uses[side] += len(only)
            if only and len(self.shown) < _SHOWN:
                self.shown.append(f"{side}: {name}: {min(only)}")


def files_of(
    repository: Path, words: Sequence[str], patterns: Sequence[str], limit: int
) -> Iterator[tuple[str, bytes]]:
    """Yield at most `limit` files at the tip that contain one of the words."""
    git = ["git", f"--git-dir={repository}"]
    wanted = [part for word in words for part in ("-e", word)]
    found = subprocess.run(
        [*git, "grep", "-z", "-l", "-I", "-w", "-F", *wanted, "HEAD", "--", *patterns],
        capture_output=True,
        check=False,
    ).stdout.decode("utf-8", "replace")
    for name in [name for name in found.split("\0") if name][:limit]:
        shown = subprocess.run([*git, "cat-file", "blob", name], capture_output=True, check=False)
        if shown.returncode == 0:
            yield name.partition(":")[2], shown.stdout


def scanner_uses(
    language: str, symbols: Sequence[str]
) -> Callable[[str, bytes], set[Place] | None]:
    """Return a function that finds uses with the scanner."""
    rules = [SyntaxTreeOptions(language=language, symbol=(symbol,)) for symbol in symbols]
    search = SyntaxTree().compile(rules)

    def find(path: str, content: bytes) -> set[Place] | None:
        try:
            return {
                (match.line or 0, match.column or 0, symbols[position])
                for position, match in search(path, content)
            }
        except UnreadableFileError:
            return None

    return find


def compare_python(repositories: Sequence[Path], limit: int) -> Result:
    """Compare the scanner with Python's own parser."""
    result, find = Result(), scanner_uses("python", PYTHON)
    words = [symbol.rpartition(".")[2] for symbol in PYTHON]
    for repository in repositories:
        for path, content in files_of(repository, words, ["*.py"], limit):
            try:
                text = content.decode()
            except UnicodeDecodeError:
                continue
            name = f"{repository.parent.name} {path}"
            result.add(name, find(path, content), uses_in(text.replace("\r\n", "\n"), PYTHON))
    return result


def compare_javascript(repositories: Sequence[Path], limit: int, babel: Path) -> Result:
    """Compare the scanner with Babel."""
    result, find = Result(), scanner_uses("javascript", JAVASCRIPT)
    words = [symbol.rpartition(":")[2] for symbol in JAVASCRIPT]
    patterns = ["*.js", "*.jsx", "*.ts", "*.tsx", "*.mjs", "*.cjs", ":!*.min.js"]
    with subprocess.Popen(
        ["node", _BABEL, babel.resolve(), json.dumps(JAVASCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        for repository in repositories:
            for path, content in files_of(repository, words, patterns, limit):
                text = content.decode("utf-8", "replace")
                other.stdin.write(json.dumps({"path": path, "text": text}) + "\n")
                other.stdin.flush()
                found: Mapping[str, list[Place]] = json.loads(other.stdout.readline())
                theirs = _places(found["uses"]) if "uses" in found else None
                result.add(f"{repository.parent.name} {path}", find(path, content), theirs)
        other.stdin.close()
    return result


def _places(uses: Sequence[Sequence[Any]]) -> set[Place]:
    return {(line, column, symbol) for line, column, symbol in uses}


def report(language: str, parser: str, result: Result) -> None:
    """Print the result of one comparison."""
    same, ours, theirs = (result.uses[key] for key in ("same", "only scanner", "only other"))
    unreadable = ", ".join(f"{key} {count}" for key, count in sorted(result.unreadable.items()))
    cells = [language, parser, len(result.repositories), result.files, same, ours, theirs]
    print("|", " | ".join(map(str, [*cells, unreadable or 0])), "|")
    print(f"  by symbol: {dict(result.by_symbol.most_common())}")
    print("\n".join(f"  {line}" for line in result.shown), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mirrors", type=Path)
    parser.add_argument("--files", type=int, default=100, help="at most, per repository")
    parser.add_argument("--babel", type=Path, help="the folder with Babel's packages")
    arguments = parser.parse_args()
    repositories = sorted(
        found.parent for found in arguments.mirrors.glob("*/*/HEAD") if found.is_file()
    )
    print(
        "| language | other parser | repositories | files | same | only scanner | only other |",
        end="",
    )
    print(" unreadable |\n| --- | --- | --- | --- | --- | --- | --- | --- |")
    report("Python", "ast", compare_python(repositories, arguments.files))
    if arguments.babel:
        report(
            "JavaScript",
            "Babel",
            compare_javascript(repositories, arguments.files, arguments.babel),
        )


if __name__ == "__main__":
    main()
