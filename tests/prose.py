"""Draw random passages of prose for an editor to judge. This module is a tool, not a test.

    python -m tests.prose comments 100 SEED     docstrings and comments
    python -m tests.prose sentences 100 SEED    sentences that users read

With the same files and the same seed, the same passages are drawn.
"""

from __future__ import annotations

import ast
import io
import random
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
_CODE = ("src", "scanners", "tests", "benchmarks")
_PROGRAM = ("src", "scanners")
_PAGES = ("README.md", "CHANGELOG.md", "ARCHITECTURE.md", "docs", "benchmarks")
_TEMPLATES = "reports"

_FEWEST_WORDS = 4
_WORD = re.compile(r"\b[A-Za-z][a-z]+\b")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{[^{}]*\}|`[^`]*`|\]\([^)]*\)")
_NOT_PROSE = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL)
_GENERATED_CODE = "src/headway/demo/files.py"
"""A module whose strings are the contents of demo files, and not messages for users."""
_FIELD_LISTS = "RecordPolicy"
"""A class whose string arguments list names of fields. They are not messages."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*\[“\"])")
_SQL = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|FROM|WHERE|ALTER|JOIN|ORDER BY)\b")
_NUMBERED = re.compile(r"\s*\d+\. ")
_PRAGMA = re.compile(r"#\s*(?:noqa|type:|fmt:|pragma|!)")

Defined = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Passage(NamedTuple):
    """A passage of prose, with the file and line in which it begins."""

    file: str
    line: int
    text: str

    def render(self) -> str:
        """Return the file and line, followed by the indented text on the lines below."""
        shown = "\n".join(f"    {line.strip()}".rstrip() for line in self.text.splitlines())
        return f"{self.file}:{self.line}\n{shown}\n"


def comments(root: Path = ROOT) -> list[Passage]:
    """Return the docstrings and comments of all Python files."""
    return [passage for file in _files(root, _CODE, ".py") for passage in _comments(root, file)]


def sentences(root: Path = ROOT) -> list[Passage]:
    """Return the sentences of help texts, messages, templates and documentation."""
    found: list[Passage] = []
    for file in _files(root, _PROGRAM, ".py"):
        if file != root / _GENERATED_CODE:
            found += _literals(root, file)
    for file in _files(root, _PAGES, ".md"):
        found += _markdown(root, file)
    for suffix in (".html", ".xml", ".md", ".txt", ".js"):
        for file in _files(root, [_TEMPLATES], suffix):
            found += _template(root, file)
    return found


def draw(passages: Sequence[Passage], count: int, seed: str) -> list[Passage]:
    """Return `count` random passages (all if there are fewer), sorted by file and line."""
    unique = sorted(set(passages))
    return sorted(random.Random(seed).sample(unique, min(count, len(unique))))


def _files(root: Path, places: Iterable[str], suffix: str) -> Iterator[Path]:
    for place in places:
        path = root / place
        if path.is_file() and path.suffix == suffix:
            yield path
        yield from sorted(path.rglob(f"*{suffix}") if path.is_dir() else ())


def _comments(root: Path, file: Path) -> Iterator[Passage]:
    name, text = str(file.relative_to(root)), file.read_text("utf-8")
    for node in _docstrings(ast.parse(text)):
        yield Passage(name, node.lineno, str(node.value).strip())
    yield from _comment_blocks(name, text)


def _docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    """Yield all docstrings, including strings that document the assignment above them."""
    for node in ast.walk(tree):
        if not isinstance(node, Defined):
            continue
        for before, statement in zip([None, *node.body], node.body, strict=False):
            is_documentation = before is None or isinstance(before, ast.Assign | ast.AnnAssign)
            if (
                is_documentation
                and isinstance(statement, ast.Expr)
                and isinstance(statement.value, ast.Constant)
                and isinstance(statement.value.value, str)
            ):
                yield statement.value


def _comment_blocks(name: str, text: str) -> Iterator[Passage]:
    """Yield all comments; comments on consecutive lines form one passage."""
    block: list[str] = []
    first = last = 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT or _PRAGMA.match(token.string):
            continue
        comment = token.string.lstrip("#: ")
        if block and token.start[0] != last + 1:
            yield Passage(name, first, "\n".join(block))
            block = []
        if not block:
            first = token.start[0]
        block.append(comment)
        last = token.start[0]
    if block:
        yield Passage(name, first, "\n".join(block))


def _literals(root: Path, file: Path) -> Iterator[Passage]:
    """Yield the sentences in string literals and in the docstrings of commands."""
    name, tree = str(file.relative_to(root)), ast.parse(file.read_text("utf-8"))
    hidden = {id(node) for node in _docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            hidden |= {id(part) for part in ast.walk(node)} - {id(node)}
        if isinstance(node, ast.Call) and ast.unparse(node.func) == _FIELD_LISTS:
            for keyword in node.keywords:
                if not isinstance(keyword.value, ast.Dict):
                    hidden |= {id(part) for part in ast.walk(keyword.value)}
        if isinstance(node, ast.FunctionDef) and _is_command(node):
            yield from _split(name, node.lineno, ast.get_docstring(node) or "")
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(map(_part, node.values))
        else:
            continue
        if not _SQL.search(text):
            yield from _split(name, node.lineno, text)


def _is_command(function: ast.FunctionDef) -> bool:
    return any("click.command" in ast.unparse(decorator) for decorator in function.decorator_list)


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.FormattedValue)
    return f"{{{ast.unparse(node.value)}}}"


def _markdown(root: Path, file: Path) -> Iterator[Passage]:
    name = str(file.relative_to(root))
    for line, text in _paragraphs(file.read_text("utf-8")):
        for cell in text.strip("|").split(" | ") if text.startswith("|") else [text]:
            yield from _split(name, line, cell)


def _paragraphs(markdown: str) -> Iterator[tuple[int, str]]:
    """Yield each paragraph, list item, table row and heading outside code, with its line number."""
    block: list[str] = []
    first, in_code = 0, False
    for number, line in enumerate([*markdown.splitlines(), ""], 1):
        if line.startswith("```"):
            in_code = not in_code
            continue
        numbered = _NUMBERED.match(line)
        starts_block = (
            not line.strip() or line.lstrip().startswith(("|", "- ", "#")) or numbered is not None
        )
        if in_code or starts_block:
            if block:
                yield first, " ".join(block)
            block = []
        if not in_code and line.strip() and not line.startswith("<!--"):
            first = first if block else number
            text = line[numbered.end() :] if numbered else line.strip().removeprefix("- ")
            block.append(text.strip().lstrip("# "))


def _template(root: Path, file: Path) -> Iterator[Passage]:
    """Yield the sentences of a template: between tags, in attributes and in quoted strings."""
    name, text = str(file.relative_to(root)), file.read_text("utf-8")
    text = _NOT_PROSE.sub(_blank_lines, text)
    quoted = re.compile(r'"([^"<>{}=\n]+)"|`([^`\n]+)`|\'([^\'<>{}=\n]+)\'')
    for found in quoted.finditer(text):
        yield from _split(name, _line_of(text, found.start()), next(filter(None, found.groups())))
    if file.suffix != ".js":
        plain = re.sub(r"\{[%#].*?[%#]\}|<[^>]*>", _blank, text, flags=re.DOTALL)
        for found in re.finditer(r"\S(?:.|\n(?!\s*\n))*", plain):
            yield from _split(name, _line_of(text, text.find(found[0][:20])), found[0])


def _blank_lines(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def _blank(found: re.Match[str]) -> str:
    """Replace a tag with spaces, or with a newline if the tag cannot be inside a sentence."""
    blank = re.sub(r"[^\n]", " ", found[0])
    inline = re.match(r"</?(?:a|b|em|strong|code|span|time)\b|\{", found[0])
    return blank if inline else f"\n\n{blank}"


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _split(file: str, line: int, text: str) -> Iterator[Passage]:
    """Yield those sentences of a text that have enough words to be judged."""
    for paragraph in re.split(r"\n\s*\n|\x08", text):
        for sentence in _SENTENCE_END.split(" ".join(paragraph.split())):
            if len(_WORD.findall(_PLACEHOLDER.sub(" ", sentence))) >= _FEWEST_WORDS:
                yield Passage(file, line, sentence)


def main(arguments: Sequence[str]) -> None:
    """Print the passages that the command-line arguments select."""
    kinds = {"comments": comments, "sentences": sentences}
    if len(arguments) != 3 or arguments[0] not in kinds or not arguments[1].isdigit():
        raise SystemExit(__doc__)
    kind, count, seed = arguments
    for passage in draw(kinds[kind](), int(count), seed):
        sys.stdout.write(passage.render() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
