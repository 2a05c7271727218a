"""Read the literal requirements in `setup.py` without running it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..facts_builder import FactsBuilder
from ..records import Facts
from ..source_text import SourceText
from .requirement_text import normalise, parse_requirement
from .setup_keywords import KEYWORDS

_MAX_CHARACTERS = 1_000_000
_MAX_DEPTH = 20
_MAX_EXPRESSIONS = 50
_KEYWORD = re.compile(rf"\b({'|'.join(KEYWORDS)})['\"]?\s*[=:]\s*(?=[\[({{'\"])")
_STRINGS_AND_BRACKETS = re.compile(
    r"'''(?:[^'\\]|\\.|'(?!''))*'''|\"\"\"(?:[^\"\\]|\\.|\"(?!\"\"))*\"\"\""
    r"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|#[^\n]*|[\[\](){}]",
    re.DOTALL,
)
_NOT_NEWLINE = re.compile(r"[^\n]")


def read_setup_py(_path: str, content: bytes) -> Facts:
    """Read the requirements that are literals or refer to literals in the same module.

    If only Python 2 can parse the file, read the literals after the argument names.
    """
    source = SourceText(content)
    if len(source.text) > _MAX_CHARACTERS:
        raise ValueError("the file is too long to be a `setup.py`")
    reader = _Reader(FactsBuilder(source, normalise), source.text.split("\n"))
    module = _parsed(source.text)
    if module is not None:
        reader.read_module(module)
    else:
        for group, expression in _literal_arguments(source.text):
            reader.read_value(expression, group)
    return reader.builder.build()


def _parsed(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _literal_arguments(text: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield the literals after argument names, with their positions in the file."""
    for count, found in enumerate(_KEYWORD.finditer(text)):
        if count == _MAX_EXPRESSIONS:
            return
        start = found.end()
        before = "(" + _NOT_NEWLINE.sub(" ", text[1:start])
        module = _parsed(before + text[start : _end_of_literal(text, start)] + ")")
        if module is not None and isinstance(module.body[0], ast.Expr):
            yield KEYWORDS[found[1]], module.body[0].value


def _end_of_literal(text: str, start: int) -> int:
    depth = 0
    for found in _STRINGS_AND_BRACKETS.finditer(text, start):
        if found[0] in ("[", "(", "{"):
            depth += 1
        elif found[0] in ("]", ")", "}"):
            depth -= 1
        if depth <= 0:
            return found.end()
    return start


@dataclass(slots=True)
class _Reader:
    builder: FactsBuilder
    rows: list[str]
    names: dict[str, ast.expr] = field(default_factory=dict)

    def read_module(self, module: ast.Module) -> None:
        """Read every call with requirement arguments, and every dictionary of such arguments."""
        calls: list[tuple[str, ast.expr]] = []
        for node in ast.walk(module):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.names[target.id] = node.value
            elif isinstance(node, ast.AnnAssign):
                if isinstance(node.target, ast.Name) and node.value is not None:
                    self.names[node.target.id] = node.value
            elif isinstance(node, ast.Call):
                calls += [
                    (KEYWORDS[keyword.arg], keyword.value)
                    for keyword in node.keywords
                    if keyword.arg in KEYWORDS
                ]
            elif isinstance(node, ast.Dict):
                calls += _arguments_in(node)
        for group, value in calls:
            self.read_value(value, group)

    def read_value(self, node: ast.expr, group: str, depth: int = 0) -> None:
        """Read a list, a dictionary of lists, a string, or a name that refers to one of these."""
        if depth > _MAX_DEPTH:
            return
        match node:
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                for element in elements:
                    self.read_value(element, group, depth + 1)
            case ast.Dict(values=values):
                for value in values:
                    self.read_value(value, group, depth + 1)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                self.read_value(left, group, depth + 1)
                self.read_value(right, group, depth + 1)
            case ast.Starred(value=value):
                self.read_value(value, group, depth + 1)
            case ast.Name(id=name) if name in self.names:
                self.read_value(self.names[name], group, depth + 1)
            case ast.Call(func=ast.Name(id="dict"), keywords=keywords):
                for keyword in keywords:
                    self.read_value(keyword.value, group, depth + 1)
            case ast.Constant() | ast.JoinedStr():
                self._read_text(node, group)

    def _read_text(self, node: ast.Constant | ast.JoinedStr, group: str) -> None:
        lines = _text_of(node).split("\n")
        spans_lines = (node.end_lineno or node.lineno) - node.lineno + 1 >= len(lines) > 1
        for index, text in enumerate(lines):
            found = parse_requirement(text)
            if found is not None:
                offset = self._offset(node, index if spans_lines else 0)
                self.builder.require(found.name, found.constraint, offset, group)

    def _offset(self, node: ast.expr, lines_below: int) -> int:
        row = min(node.lineno - 1 + lines_below, len(self.rows) - 1)
        column = 0
        if not lines_below:
            column = len(self.rows[row].encode()[: node.col_offset].decode("utf-8", "ignore"))
        return sum(len(text) + 1 for text in self.rows[:row]) + column


def _arguments_in(node: ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    """Yield the arguments in a dictionary that is later passed to `setup` as keyword arguments."""
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value in KEYWORDS:
            yield KEYWORDS[key.value], value


def _text_of(node: ast.Constant | ast.JoinedStr) -> str:
    """Return a string. Expressions in an f-string become `{…}`, which is never valid in a range."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(
        _text_of(part) if isinstance(part, ast.Constant) else "{…}" for part in node.values
    )
