"""Search files for the matches of several rules. A file is parsed once for each grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from headway import Match

from .javascript_names import javascript_names
from .languages import grammar_for
from .prefilter import ANYTHING, Needs, Prefilter, needs_of_rule, needs_of_text
from .python_names import python_names
from .scopes import Reference, SymbolTable
from .symbols import Names, Symbol, javascript_text, python_text
from .trees import Tree, UnreadableFileError, has_comment, shown, text_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode

Usage = Literal["call", "reference", "import"]
SYMBOL_VARIABLE = "SYMBOL"
"""The pattern variable that stands for a reference to the rule's symbol."""
_SHOWN_LINES = 3
"""The number of lines that identify a match. A change further down in a long match is not an edit.
"""
_VARIABLES = re.compile(r"(\$\$\$|\$)([A-Z][A-Z0-9_]*)")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the `ast` scanner, prepared for the search."""

    language: str
    config: Mapping[str, Any] | None
    """The ast-grep rule with its constraints and utilities, or None to find all uses."""
    symbols: tuple[Symbol, ...]
    usage: tuple[Usage, ...]

    def needs(self) -> Needs:
        """Return the condition that every file with a match meets."""
        needs = ANYTHING
        if self.config is not None:
            needs = needs_of_rule(
                self.config["rule"], lambda pattern: has_comment(pattern, self.language)
            )
        if self.symbols:
            choices = tuple(
                needs_of_text(" ".join(symbol.names), whole=True) for symbol in self.symbols
            )
            needs &= Needs(groups=(choices,))
        return needs


class Search:
    """Searches files for the matches of several rules."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = [_Finder(rule) for rule in rules]
        self._prefilter = Prefilter([finder.needs for finder in self._rules])

    def __call__(self, path: str, content: bytes) -> Sequence[tuple[int, Match]]:
        """Return the matches in a file, each with the position of its rule.

        Raises:
            UnreadableFileError: A fragment does not parse but could contain a match.
        """
        candidates = self._prefilter.candidates(content)
        if not candidates:
            return ()
        files: dict[str, _File] = {}
        found: list[tuple[int, Match]] = []
        for position in candidates:
            finder = self._rules[position]
            language = finder.rule.language
            grammar = grammar_for(language, path)
            if grammar not in files:
                symbols = [
                    symbol
                    for other in candidates
                    if grammar_for(self._rules[other].rule.language, path) == grammar
                    for symbol in self._rules[other].rule.symbols
                ]
                files[grammar] = _File(text_of(content), grammar, tuple(symbols))
            found += ((position, match) for match in finder.find(files[grammar]))
        return found


class _File:
    """A parsed file."""

    def __init__(self, text: str, grammar: str, symbols: Sequence[Symbol]) -> None:
        self.text, self._symbols = text, symbols
        self.tree = Tree(text, grammar)
        self.unparsed = self.tree.unparsed()
        self.is_python = grammar == "python"
        if self.unparsed and grammar == "javascript":
            # TypeScript's grammar can also parse Flow annotations.
            typed = Tree(text, "tsx")
            unparsed = typed.unparsed()
            if len(unparsed) < len(self.unparsed):
                self.tree, self.unparsed = typed, unparsed

    @cached_property
    def names(self) -> SymbolTable:
        """The imports and uses of the symbols that the rules look for."""
        read = python_names if self.is_python else javascript_names
        return read(self.tree, self._symbols)

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    def text_at(self, node: SgNode) -> str:
        """Return the first lines of a match, as they appear in the file."""
        place = node.range()
        last = min(place.end.line, place.start.line + _SHOWN_LINES - 1)
        lines = self._lines[place.start.line : last + 1]
        return shown("\n".join(line.rstrip("\r") for line in lines))


class _Finder:
    """A single rule, prepared for searching many files."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.needs = rule.needs()
        self._variables = tuple(dict.fromkeys(_VARIABLES.findall(str(rule.config or ""))))

    def find(self, file: _File) -> Iterator[Match]:
        """Yield the matches in a file, in order of position.

        Raises:
            UnreadableFileError: A fragment does not parse but could contain a match.
        """
        found = sorted(self._found_in(file), key=lambda pair: pair[0].range().start.index)
        if file.unparsed:
            self._check_unparsed(file, [node for node, _ in found])
        for node, captures in found:
            start = node.range().start
            yield Match(file.text_at(node), start.line + 1, start.column + 1, "", captures)

    def _found_in(self, file: _File) -> Iterator[tuple[SgNode, Mapping[str, str]]]:
        """Yield the matching nodes with their captured values."""
        write = python_text if file.is_python else javascript_text
        if self.rule.config is None:
            for node, path in self._uses_in(file).items():
                yield node, {"symbol": write(path)}
            return
        paths: dict[SgNode, Names] = {}
        if self.rule.symbols:
            paths = {reference.node: reference.path for reference in self._references_in(file)}
            if not paths:
                return
        for node in file.tree.find_all(self.rule.config):
            captures = dict(self._captures(node))
            if self.rule.symbols:
                symbol = node.get_match(SYMBOL_VARIABLE)
                if symbol is None or symbol not in paths:
                    continue
                captures["symbol"] = write(paths[symbol])
            yield node, captures

    def _references_in(self, file: _File) -> Iterator[Reference]:
        for symbol in self.rule.symbols:
            yield from file.names.references(symbol)

    def _uses_in(self, file: _File) -> Mapping[SgNode, Names]:
        """Map each node that uses a symbol of the rule to the path of that symbol.

        The rule's `usage` selects calls, references and imports.
        """
        found: dict[SgNode, Names] = {}
        for reference in self._references_in(file):
            call = _call_of(reference.node)
            if call is not None and "call" in self.rule.usage:
                found.setdefault(call, reference.path)
            elif call is None and "reference" in self.rule.usage:
                found.setdefault(reference.node, reference.path)
        if "import" in self.rule.usage:
            for symbol in self.rule.symbols:
                for reference in file.names.imports_of(symbol):
                    found.setdefault(reference.node, reference.path)
        return found

    def _captures(self, node: SgNode) -> Iterator[tuple[str, str]]:
        for dollars, name in self._variables:
            if name == SYMBOL_VARIABLE:
                continue
            if dollars == "$":
                one = node.get_match(name)
                several = [one] if one is not None else []
            else:
                several = node.get_multiple_matches(name)
            if several:
                yield name, shown(" ".join("".join(part.text() for part in several).split()))

    def _check_unparsed(self, file: _File, found: Sequence[SgNode]) -> None:
        """Raise an error if an unparsed fragment could contain a match.

        A fragment with a match is accepted, because the parser has recognised that part of it.
        """
        places = [(node.range().start.index, node.range().end.index) for node in found]
        for fragment in file.unparsed:
            place = fragment.range()
            start, end = place.start.index, place.end.index
            if any(start < last and first < end for first, last in places):
                continue
            if self._could_match(fragment.text(), file):
                raise UnreadableFileError(
                    f"line {place.start.line + 1}, column {place.start.column + 1}: the code does "
                    "not parse, and could contain a match"
                )

    def _could_match(self, fragment: str, file: _File) -> bool:
        if not self.rule.symbols:
            return bool(_WORD.search(fragment)) and self.needs.is_met(
                lambda word: word.is_in(fragment)
            )
        return any(
            _could_use(symbol, fragment.__contains__, file.names) for symbol in self.rule.symbols
        )


def _could_use(symbol: Symbol, has: Callable[[str], bool], names: SymbolTable) -> bool:
    """Return whether a fragment contains the names that any use or import of a symbol needs."""
    related = [(local, path) for local, path in names.local_names if symbol.is_related_to(path)]
    for local, path in related:
        if has(local) and all(has(name) for name in symbol.names[len(path) :]):
            return True
    return not related and has(symbol.names[0]) and (has("import") or has("require"))


def _call_of(node: SgNode) -> SgNode | None:
    """Return the call of a function or class, or None if it is not called."""
    parent = node.parent()
    if parent is None or parent.kind() not in ("call", "call_expression", "new_expression"):
        return None
    function = parent.field("function") or parent.field("constructor")
    return parent if function == node else None
