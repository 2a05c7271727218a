"""The test kit reports each way in which a scanner breaks the rules of its interface."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import Field

from headway import (
    ContentScanner,
    Match,
    Options,
    ProjectScanner,
    RepositoryScanner,
    TreeScanner,
    Unknown,
    Unreadable,
)
from headway.testing import Example, ScannerError, check_scanner, load_scanner, matches_in


class WordOptions(Options):
    """The options of the scanner under test."""

    word: str = Field(default="x", description="The word to find.")


class Words(ContentScanner[WordOptions]):
    """Finds the lines that contain a word."""

    name = "words"
    Options = WordOptions
    path_matters = False

    def each_line_alone(self, options: WordOptions) -> bool:
        return True

    def find(self, options: WordOptions, path: str, content: bytes) -> Iterable[Match]:
        for number, line in enumerate(content.decode("utf-8", "replace").split("\n"), start=1):
            if options.word in line:
                yield Match(line, number, line.index(options.word) + 1)


FILES = {"a.txt": "x\ny\n x\n"}
EXAMPLE = Example({}, FILES, finds=[("a.txt", 1, "x"), ("a.txt", 3, " x")])


def words(
    find: Callable[..., Iterable[Any]] | None = None, **members: Any
) -> type[ContentScanner[WordOptions]]:
    """Return a scanner that differs from `Words` in one respect."""
    if find is not None:
        members["find"] = find
    return type("Changed", (Words,), members)


def found(options: WordOptions, content: bytes) -> Iterator[Match]:
    yield from Words().find(options, "", content)


def test_a_good_scanner_passes() -> None:
    check_scanner(Words, EXAMPLE, Example({"word": "y"}, FILES, finds=[("a.txt", 2, "y")]))


def with_path(self: Any, options: WordOptions, path: str, content: bytes) -> Iterator[Match]:
    yield from (Match(m.text, m.line, m.column, path) for m in found(options, content))


def only_text_files(self: Any, options: WordOptions, path: str, content: bytes) -> Iterator[Match]:
    if path.endswith(".txt"):
        yield from found(options, content)


def backwards(self: Any, options: WordOptions, path: str, content: bytes) -> list[Match]:
    return list(found(options, content))[::-1]


def past_the_end(self: Any, options: WordOptions, path: str, content: bytes) -> Iterator[Match]:
    yield from (Match(m.text, (m.line or 0) + 9) for m in found(options, content))


def text_only(self: Any, options: WordOptions, path: str, content: bytes) -> Iterator[Any]:
    yield from (m.text for m in found(options, content))


def counting(self: Any, options: WordOptions, path: str, content: bytes) -> Iterator[Match]:
    self.calls = getattr(self, "calls", 0) + 1
    yield from found(options, content) if self.calls < 3 else ()


def first_only(self: Any, options: WordOptions, path: str, content: bytes) -> list[Match]:
    return list(found(options, content))[:1]


def exits(self: Any, options: WordOptions, path: str, content: bytes) -> Iterable[Match]:
    return found(options, content) if content else os._exit(3)


def quits(self: Any, options: WordOptions, path: str, content: bytes) -> Iterable[Match]:
    if not content:
        raise SystemExit(0)
    return found(options, content)


def hangs(self: Any, options: WordOptions, path: str, content: bytes) -> Iterable[Match]:
    while not content:
        time.sleep(0.1)
    return found(options, content)


def fails(self: Any, options: WordOptions, path: str, content: bytes) -> Iterable[Match]:
    raise ValueError("no")


def no_rules(self: Any, rules: Sequence[WordOptions]) -> Any:
    return lambda path, content: [(0, m) for m in found(rules[0], content)]


class Undescribed(Options):
    word: str = "x"


@pytest.mark.parametrize(
    ("scanner", "message"),
    [
        (words(with_path), "a content scanner leaves the path empty"),
        (words(only_text_files), "`path_matters` must be True"),
        (words(backwards), "not sorted by position"),
        (words(past_the_end), "a match is on line 10 of a file with 4 lines"),
        (words(text_only), "instead of a Match"),
        (words(counting), "gave a different answer when it was called again"),
        (words(exits), r"ended its process \(exit code 3\) with nothing in a.txt"),
        (words(quits), r"ended its process \(exit code 0\) with nothing in a.txt"),
        (words(hangs), "did not end within 1 seconds; the last input was nothing in a.txt"),
        (words(fails), "cannot read {'a.txt': 'no'}"),
        (words(compile=no_rules), "when `compile` searched for several rules together"),
        (words(first_only), r"found \[\('a.txt', 1, 'x'\)\]"),
        (words(Options=Undescribed), "the `word` option of words has no description"),
        (words(name=""), "Headway cannot load the scanner: Changed has no `name`"),
        (words(version=2), "the `version` of Changed is not a string"),
        (Options, "is not a complete scanner class"),
    ],
)
def test_a_broken_content_scanner_is_reported(scanner: type[Any], message: str) -> None:
    others = Example({"word": "y"}, FILES, finds=[("a.txt", 2, "y")])
    with pytest.raises(ScannerError, match=message):
        check_scanner(scanner, EXAMPLE, others, seconds=1 if "within" in message else 60)


def test_lines_that_depend_on_each_other_are_reported() -> None:
    def find(self: Any, options: WordOptions, path: str, content: bytes) -> Iterator[Match]:
        yield from found(options, content) if b"y" in content else ()

    with pytest.raises(ScannerError, match="`each_line_alone` must return False"):
        check_scanner(words(find), EXAMPLE)


def test_wrong_examples_are_reported() -> None:
    with pytest.raises(ScannerError, match="give at least one example with matches"):
        check_scanner(Words, Example({}, FILES))
    with pytest.raises(ScannerError, match="words rejects wort: Extra inputs are not permitted"):
        check_scanner(Words, Example({"wort": "x"}, FILES, finds=EXAMPLE.finds))
    with pytest.raises(ScannerError, match=r"cannot read .* the example says \['a.txt'\]"):
        check_scanner(Words, Example({}, FILES, finds=EXAMPLE.finds, unknown=["a.txt"]))


class Tree(TreeScanner[Options]):
    """Finds a file without a licence."""

    name = "licence"
    each_path_alone: ClassVar[bool] = False

    def find(self, options: Options, paths: Sequence[str]) -> Iterable[Match]:
        if "LICENSE" not in paths:
            yield Match("no licence", path=paths[0])


def test_tree_scanners_are_checked() -> None:
    example = Example({}, {"a": "", "b": ""}, finds=[("a", None, "no licence")])
    check_scanner(Tree, example)
    alone = type("Alone", (Tree,), {"each_path_alone": True})
    with pytest.raises(ScannerError, match="with one path at a time, although `each_path_alone`"):
        check_scanner(alone, example)
    elsewhere = type("Elsewhere", (Tree,), {"find": lambda *_: [Match("a", path="c")]})
    with pytest.raises(ScannerError, match="the path 'c', which is not one of the scanned files"):
        check_scanner(elsewhere, example)


class Pair(ProjectScanner[Options, str]):
    """Finds a lock file that differs from its manifest."""

    name = "pair"
    path_matters = False

    def files(self, options: Options) -> Sequence[str]:
        return ["/manifest", "/lock"]

    def read(self, options: Options, path: str, content: bytes) -> str:
        return content.decode("ascii")

    def find(
        self, options: Options, facts: Mapping[str, str | Unreadable]
    ) -> Iterable[Match | Unknown]:
        manifest, lock = facts.get("manifest"), facts.get("lock")
        if isinstance(manifest, Unreadable):
            yield Unknown("lock", "the manifest could not be read", "manifest")
        elif lock is not None and not isinstance(lock, Unreadable) and manifest != lock:
            yield Match("differs", path="lock")


def test_project_scanners_are_checked() -> None:
    examples = (
        Example({}, {"manifest": "1", "lock": "2"}, finds=[("lock", None, "differs")]),
        Example({}, {"manifest": b"\xff", "lock": "2"}, unknown=["lock", "manifest"]),
    )
    check_scanner(Pair, *examples)
    example = Example({}, {"manifest": "2", "lock": "1"}, finds=[("manifest", None, "differs")])
    careless = type(
        "Careless", (Pair,), {"find": lambda s, o, f: [Match("differs", path=max(f, key=f.get))]}
    )
    with pytest.raises(ScannerError, match=r"an unreadable file .*: `find` raised"):
        check_scanner(careless, example)


class Long(RepositoryScanner[Options]):
    """Finds long files."""

    name = "long"

    def find(self, options: Options, tree: Path) -> Iterable[Match]:
        for file in sorted(tree.rglob("*")):
            if file.is_file() and file.stat().st_size > 3:
                yield Match("long", path=file.relative_to(tree).as_posix())


def test_repository_scanners_are_checked() -> None:
    check_scanner(Long, Example({}, {"a/b": "long", "c": ""}, finds=[("a/b", None, "long")]))


def test_matches_are_returned_for_other_assertions() -> None:
    scanner = load_scanner(Words)
    assert [match.column for match in matches_in(scanner, {}, FILES)] == [1, 2]
    with pytest.raises(ScannerError, match=r"words cannot read a.txt: no"):
        matches_in(load_scanner(words(fails)), {}, FILES)


def test_a_scanner_is_loaded_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "scanners" / "own.py"
    file.parent.mkdir()
    file.write_text("x = 1\n")
    with pytest.raises(ScannerError, match="the module defines no scanner"):
        load_scanner(file)
