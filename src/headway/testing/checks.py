"""Check that a scanner finds the matches in its examples and follows its interface."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from headway.scanner import ContentScanner, ProjectScanner, Scanner, TreeScanner, Unreadable
from headway.testing.contained import failure_of
from headway.testing.examples import (
    Answer,
    Example,
    ScannerError,
    answer,
    load_scanner,
    options_of,
)
from headway.testing.hostile_inputs import hostile_contents, hostile_paths


def check_scanner(
    scanner: type[Any] | str | Path, *examples: Example, seconds: float = 60
) -> Scanner[Any]:
    """Check a scanner of any kind against examples and the rules of its interface.

    - Headway can load the scanner and describe each of its options.
    - The scanner finds exactly the expected matches of each example, in order of position.
    - Repeated calls return the same matches, even with other rules or in another order.
    - Matches do not depend on paths or other lines if the scanner declares this.
    - Hostile files and paths neither crash nor hang the scanner. The scanner may raise an exception
      for a hostile file.

    Args:
        scanner: The class of the scanner, or its file in a `scanners` folder.
        examples: The examples. At least one must have matches.
        seconds: The time limit for the hostile input of one example.

    Returns:
        The scanner.

    Raises:
        ScannerError: A check fails. The message names the check.
    """
    loaded = load_scanner(scanner)
    if not any(example.finds for example in examples):
        raise ScannerError(f"{loaded.name}: give at least one example with matches")
    _check_options(loaded)
    for example in examples:
        _check_example(loaded, example)
        _check_repetition(loaded, example)
    _check_together(loaded, examples)
    for example in examples:
        failure = failure_of(_hostile_calls(loaded, example), seconds)
        if failure is not None:
            raise ScannerError(f"{loaded.name} {failure}")
    return loaded


def _check_options(scanner: Scanner[Any]) -> None:
    """Check that each option has a description for `headway scanners`."""
    try:
        properties = scanner.Options.model_json_schema().get("properties", {})
    except Exception as error:
        raise ScannerError(f"the options of {scanner.name} have no JSON Schema: {error}") from error
    for name, schema in properties.items():
        if not schema.get("description"):
            raise ScannerError(
                f"the `{name}` option of {scanner.name} has no description; "
                f"write `Field(description=...)`"
            )


def _check_example(scanner: Scanner[Any], example: Example) -> None:
    found = answer(scanner, options_of(scanner, example.options), example.contents())
    files = ", ".join(example.files)
    if sorted(found.unknown) != sorted(example.unknown):
        raise ScannerError(
            f"{scanner.name} with {dict(example.options)} cannot read {dict(found.unknown)}, but "
            f"the example says {list(example.unknown)}"
        )
    if found.places != sorted(example.finds, key=lambda place: (place[0], place[1] or 0)):
        raise ScannerError(
            f"{scanner.name} with {dict(example.options)} found {found.places} in {files}, but "
            f"the example says {list(example.finds)}"
        )
    if isinstance(scanner, ContentScanner):
        places = [(match.path, match.line or 0, match.column or 0) for match in found.matches]
        if places != sorted(places):
            raise ScannerError(f"{scanner.name} returned matches that are not sorted by position")


def _check_repetition(scanner: Scanner[Any], example: Example) -> None:
    """Check that the matches depend only on the input."""
    options, contents = options_of(scanner, example.options), example.contents()
    first = answer(scanner, options, contents)
    fresh = type(scanner)()
    again = options_of(fresh, example.options)
    for other, how in (
        (answer(scanner, options, contents), "when it was called again"),
        (answer(fresh, again, contents), "in a new instance"),
    ):
        _require_same(scanner, first, other, how)
    if isinstance(scanner, ContentScanner) and not scanner.path_matters:
        _check_other_paths(scanner, options, example)
    if isinstance(scanner, TreeScanner) and scanner.each_path_alone:
        alone = [answer(scanner, options, {path: contents[path]}) for path in contents]
        matches = tuple(match for one in alone for match in one.matches)
        _require_same(
            scanner,
            first,
            Answer(matches),
            "when it was called with one path at a time, "
            "although `each_path_alone` promises the same answer",
        )
    if isinstance(scanner, ProjectScanner) and not scanner.path_matters:
        for path, content in contents.items():
            one = _facts(scanner, options, path, content)
            if one != _facts(scanner, options, f"other/{path}", content):
                raise ScannerError(
                    f"{scanner.name} read different facts at another path; "
                    "`path_matters` must be True"
                )


def _facts(scanner: ProjectScanner[Any, Any], options: Any, path: str, content: bytes) -> Any:
    try:
        return scanner.read(options, path, content)
    except Exception as error:  # noqa: BLE001 - an exception makes the file unreadable
        return Unreadable(str(error))


def _check_other_paths(scanner: ContentScanner[Any], options: Any, example: Example) -> None:
    for path, content in example.contents().items():
        one = answer(scanner, options, {path: content}).places
        other = answer(scanner, options, {"other": content}).places
        if [place[1:] for place in one] != [place[1:] for place in other]:
            raise ScannerError(
                f"{scanner.name} found different matches at another path; "
                "`path_matters` must be True"
            )


def _check_lines(scanner: Scanner[Any], options: Any, contents: Mapping[str, bytes]) -> None:
    """Check that matches in valid UTF-8 files depend only on their own lines."""
    for path, content in contents.items():
        found = answer(scanner, options, {path: content}).places
        alone = [
            (path, number, text)
            for number, line in enumerate(content.split(b"\n"), start=1)
            for _, _, text in answer(scanner, options, {path: line}).places
        ]
        if found != alone:
            raise ScannerError(
                f"{scanner.name} found {found} in {path}, but {alone} in its lines one by one; "
                "`each_line_alone` must return False"
            )


def _check_together(scanner: Scanner[Any], examples: Sequence[Example]) -> None:
    """Check that the rules of a content scanner do not affect each other."""
    if not isinstance(scanner, ContentScanner):
        return
    rules = [options_of(scanner, example.options) for example in examples]
    for order in (list(range(len(rules))), list(reversed(range(len(rules))))):
        finder = scanner.compile([rules[index] for index in order])
        for example in examples:
            for path, content in example.contents().items():
                _check_call(scanner, finder, [rules[index] for index in order], path, content)


def _check_call(
    scanner: ContentScanner[Any], finder: Any, rules: Sequence[Any], path: str, content: bytes
) -> None:
    try:
        alone = [(index, match) for index, rule in enumerate(rules)
                 for match in scanner.find(rule, path, content)]  # fmt: skip
    except Exception:  # noqa: BLE001 - the file is unreadable for one of the rules
        return
    together = list(finder(path, content))
    for index in range(len(rules)):
        if [m for i, m in together if i == index] != [m for i, m in alone if i == index]:
            raise ScannerError(
                f"{scanner.name} found different matches in {path} when `compile` searched for "
                "several rules together"
            )


def _require_same(scanner: Scanner[Any], first: Answer, other: Answer, how: str) -> None:
    if first.places != other.places or sorted(first.unknown) != sorted(other.unknown):
        raise ScannerError(f"{scanner.name} gave a different answer {how}: its answer must depend "
                           "only on the options and the files")  # fmt: skip


def _hostile_calls(scanner: Scanner[Any], example: Example) -> Iterator[tuple[str, Any]]:
    """Yield a description and a function for each call with hostile input."""
    options, contents = options_of(scanner, example.options), example.contents()
    if isinstance(scanner, TreeScanner):
        paths = dict.fromkeys(hostile_paths(list(contents)), b"")
        yield "hostile paths", lambda: answer(scanner, options, paths)
        return
    if isinstance(scanner, ProjectScanner):
        for path in contents:
            yield (
                f"an unreadable file {path}",
                lambda path=path: _find_without(scanner, options, contents, path),
            )
    for path, content in contents.items():
        for name, hostile in hostile_contents(content):
            changed = {**contents, path: hostile}
            yield (
                f"{name} in {path}",
                lambda changed=changed: answer(scanner, options, changed),
            )
    by_line = isinstance(scanner, ContentScanner) and not scanner.path_matters
    if by_line and cast("ContentScanner[Any]", scanner).each_line_alone(options):
        yield "lines one by one", lambda: _check_lines(scanner, options, contents)


def _find_without(
    scanner: ProjectScanner[Any, Any], options: Any, contents: dict[str, bytes], path: str
) -> None:
    """Check that `find` does not confuse an unreadable file with facts.

    A TypeError, AttributeError or LookupError indicates such a confusion. Any other exception is
    deliberate: it reports that no matches are known at this commit.
    """
    facts = {other: _facts(scanner, options, other, contents[other]) for other in contents}
    facts[path] = Unreadable("it is damaged")
    try:
        list(scanner.find(options, facts))
    except (TypeError, AttributeError, LookupError) as error:
        raise ScannerError(f"`find` raised {error!r:.200}") from error
