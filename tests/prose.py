"""Draw random passages of prose for an editor to judge. This module is a tool, not a test.

    python -m tests.prose comments 100 SEED     docstrings and comments
    python -m tests.prose sentences 100 SEED    sentences that users read

Each passage is printed with what a reader sees around it: the definition that a docstring
documents, the code below a comment, the heading above a paragraph, the header of a table.

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
_LONGEST_CONTEXT = 200
"""The maximum number of characters of code in a context."""
_WORD = re.compile(r"\b[A-Za-z][a-z]+\b")
_PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{[^{}]*\}|`[^`]*`|\]\([^)]*\)")
_NOT_PROSE = re.compile(r"<(style|script)\b.*?</\1>|<meta http-equiv[^>]*>", re.DOTALL)
_GENERATED_CODE = (
    *(f"src/headway/demo/{name}.py" for name in ("demo_workspace", "files", "module")),
    "src/headway/cli/command_reference.py",
    "src/headway/config/ci_templates.py",
    "src/headway/config/ci_wrappers.py",
    "src/headway/store/key_columns.py",
    "src/headway/store/table_rules.py",
)
"""Modules whose strings are contents of generated files or lists of columns, and not messages."""
_NOT_MESSAGES = re.compile(
    r"RecordPolicy|TableRules|Migration|re\.\w+|.*\.(starts|ends)with|.*_stage"
)
"""Calls whose string arguments are lists of fields, patterns or SQL."""
_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*\[“\"])")
_NOT_A_SENTENCE = re.compile(
    r"\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|FROM|WHERE|ALTER|JOIN|ORDER BY|CASE|NULLS)\b|::[A-Z]"
    r"|\b\w\.\w+ = |\b(?:nodes|languages) \{|\bquery\(|^fragment |\(\?|\w\|\w|<a |^\[\w+\W|^- "
    r"|^if .* else$|^[a-z]\w+ = |^[a-z-]+:\S+.*;|^\)|^https?:\S+$|^\S*$|^(?:[\w\".]+,\s+)*[\w\".]+$"
)
"""Matches SQL, GraphQL, patterns, HTML, CSS, settings, single names and lists of names."""
_TERM = re.compile(r"^(\S(?:.*?\S)?) {2,}(?=\S)", re.MULTILINE)
"""The term in a line of a help text such as `done  the share of fixed items`."""
_NUMBERED = re.compile(r"\s*\d+\. ")
_PRAGMA = re.compile(r"#\s*(?:noqa|type:|fmt:|pragma|!)")

Defined = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class Passage(NamedTuple):
    """A passage of prose, with the file and line in which it begins."""

    file: str
    line: int
    text: str
    context: str = ""
    """The text around the passage, which helps the reader to judge it."""

    def render(self) -> str:
        """Return the file and line, the context after `|`, and the indented text."""
        context = "".join(f"  | {line.rstrip()}\n" for line in self.context.splitlines())
        shown = "\n".join(f"    {line.strip()}".rstrip() for line in self.text.splitlines())
        return f"{self.file}:{self.line}\n{context}{shown}\n"


def comments(root: Path = ROOT) -> list[Passage]:
    """Return the docstrings and comments of all Python files."""
    return [passage for file in _files(root, _CODE, ".py") for passage in _comments(root, file)]


def sentences(root: Path = ROOT) -> list[Passage]:
    """Return the sentences of help texts, messages, templates and documentation."""
    found: list[Passage] = []
    for file in _files(root, _PROGRAM, ".py"):
        if str(file.relative_to(root)) not in _GENERATED_CODE:
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
    name, source = str(file.relative_to(root)), file.read_text("utf-8")
    tree = ast.parse(source)
    definitions = _Definitions(tree, source)
    for node, documented in _docstrings(tree):
        context = "\n".join((*definitions.around(node.lineno), _shorten(documented)))
        yield Passage(name, node.lineno, str(node.value).strip(), context.strip() or "module")
    for line, code, text in _comment_blocks(source):
        yield Passage(name, line, text, "\n".join((*definitions.around(line), code)))


def _docstrings(tree: ast.AST) -> Iterator[tuple[ast.Constant, str]]:
    """Yield all docstrings, each with the source of the assignment that it documents, if any."""
    for node in ast.walk(tree):
        if not isinstance(node, Defined):
            continue
        for before, statement in zip([None, *node.body], node.body, strict=False):
            assigned = isinstance(before, ast.Assign | ast.AnnAssign)
            if (
                (before is None or assigned)
                and isinstance(statement, ast.Expr)
                and isinstance(statement.value, ast.Constant)
                and isinstance(statement.value.value, str)
            ):
                yield statement.value, ast.unparse(before) if before is not None else ""


class _Definitions:
    """The classes and functions of a module."""

    def __init__(self, tree: ast.Module, source: str) -> None:
        lines = source.splitlines()
        self._spans = [
            (node.lineno, node.end_lineno or node.lineno, _join(lines, node))
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        ]

    def around(self, line: int) -> list[str]:
        """Return the headers of the definitions around a line, outermost first."""
        return [header for first, last, header in self._spans if first <= line <= last]


def _join(lines: Sequence[str], node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return " ".join(" ".join(lines[node.lineno - 1 : node.body[0].lineno - 1]).split())


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_CONTEXT else f"{text[:_LONGEST_CONTEXT]} ..."


def _comment_blocks(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line, code, text) of each comment.

    Comments on consecutive lines form one block, whose code is the next two non-blank lines. A
    comment after code forms its own block, whose code is the code before it on the same line.
    """
    lines = source.splitlines()
    block: list[str] = []
    last = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT or _PRAGMA.match(token.string):
            continue
        number, code = token.start[0], token.line[: token.start[1]].strip()
        if block and (code or number != last + 1):
            yield last - len(block) + 1, _code_below(lines, last), "\n".join(block)
            block = []
        text = token.string.lstrip("#: ")
        if code:
            yield number, code, text
        else:
            block.append(text)
            last = number
    if block:
        yield last - len(block) + 1, _code_below(lines, last), "\n".join(block)


def _code_below(lines: Sequence[str], number: int) -> str:
    code = [line.strip() for line in lines[number:] if line.strip()]
    return "\n".join(code[:2])


def _literals(root: Path, file: Path) -> Iterator[Passage]:
    """Yield the sentences in string literals and in the docstrings of commands."""
    name, source = str(file.relative_to(root)), file.read_text("utf-8")
    tree = ast.parse(source)
    definitions = _Definitions(tree, source)
    hidden = {id(node) for node, _ in _docstrings(tree)}
    users: dict[ast.AST, ast.AST] = {}
    for node in ast.walk(tree):
        users |= dict.fromkeys(ast.iter_child_nodes(node), node)
        if isinstance(node, ast.JoinedStr):
            hidden |= {id(part) for part in ast.walk(node)} - {id(node)}
        if isinstance(node, ast.Call) and _NOT_MESSAGES.fullmatch(ast.unparse(node.func)):
            for value in (*node.args, *(keyword.value for keyword in node.keywords)):
                if not isinstance(value, ast.Dict):
                    hidden |= {id(part) for part in ast.walk(value)}
        if isinstance(node, ast.FunctionDef) and _is_command(node):
            help_text = _TERM.sub(r"\n\n\1: ", ast.get_docstring(node) or "")
            yield from _split(name, node.lineno, help_text, f"help of {node.name}")
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        elif isinstance(node, ast.JoinedStr):
            text = "".join(map(_part, node.values))
        else:
            continue
        context = [*definitions.around(node.lineno)[-1:], _user(users, node)]
        yield from _split(name, node.lineno, text, "\n".join(context))


def _user(users: dict[ast.AST, ast.AST], node: ast.AST) -> str:
    """Return the call, assignment or statement that contains a string literal."""
    key = ""
    while not isinstance(node, ast.Call | ast.stmt):
        user = users[node]
        if isinstance(user, ast.Dict) and node in user.values:
            position = user.values.index(node)
            key = f" {ast.unparse(user.keys[position] or node)}:"
        node = user
    if isinstance(node, ast.Call):
        first = [_shorten(ast.unparse(argument)) for argument in node.args[:1]]
        return f"{ast.unparse(node.func)}({', '.join([*first, '...'])}){key}"
    if isinstance(node, ast.Assign | ast.AnnAssign):
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        return f"{ast.unparse(target)} ={key}"
    return _shorten(ast.unparse(node).splitlines()[0])


def _is_command(function: ast.FunctionDef) -> bool:
    return any("click.command" in ast.unparse(decorator) for decorator in function.decorator_list)


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.FormattedValue)
    return f"{{{ast.unparse(node.value)}}}"


def _markdown(root: Path, file: Path) -> Iterator[Passage]:
    """Yield sentences with the text before them, and rows of tables with the header."""
    name = str(file.relative_to(root))
    heading = before = header = ""
    for line, text in _paragraphs(file.read_text("utf-8")):
        if text.startswith("#"):
            heading, before = text, ""
            yield from _split(name, line, text, "heading")
        elif text.startswith("|"):
            header = header or text
            if text != header and max(map(_word_count, text.split(" | "))) >= _FEWEST_WORDS:
                yield Passage(name, line, text, f"{heading}\n{header}")
            continue
        else:
            for passage in _split(name, line, text, ""):
                yield passage._replace(context=f"{heading}\n{before}".strip())
                before = passage.text
        header = ""


def _paragraphs(markdown: str) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of each paragraph, list item, table row and heading outside code."""
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
            text = line[numbered.end() :] if numbered else re.sub(r"^(?:- |> )", "", line.strip())
            block.append(text.strip())


def _template(root: Path, file: Path) -> Iterator[Passage]:
    """Yield the sentences of a template: between tags, in attributes and in quoted strings."""
    name, text = str(file.relative_to(root)), file.read_text("utf-8")
    text = _NOT_PROSE.sub(_blank_lines, text)
    lines = text.splitlines()
    quoted = re.compile(r'"([^"<>{}=\n]+)"|`([^`\n]+)`|\'([^\'<>{}=\n]+)\'')
    for found in quoted.finditer(text):
        line, quotation = _line_of(text, found.start()), next(filter(None, found.groups()))
        yield from _split(name, line, quotation, _shorten(lines[line - 1].strip()))
    if file.suffix != ".js":
        text = _EXPRESSION.sub(lambda found: re.sub("[<>]", " ", found[0]), text)
        plain = re.sub(r"\{[%#].*?[%#]\}|<[^>]*>", _blank, text, flags=re.DOTALL)
        for found in re.finditer(r"\S(?:.|\n(?!\s*\n))*", plain):
            line = _line_of(text, text.find(found[0][:20]))
            yield from _split(name, line, found[0], _shorten(lines[line - 1].strip()))


def _blank_lines(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def _blank(found: re.Match[str]) -> str:
    """Replace a tag with spaces, or with a newline if the tag cannot be inside a sentence."""
    blank = re.sub(r"[^\n]", " ", found[0])
    inline = re.match(r"</?(?:a|b|em|strong|code|span|time)\b|\{", found[0])
    return blank if inline else f"\n\n{blank}"


def _line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _split(file: str, line: int, text: str, context: str) -> Iterator[Passage]:
    """Yield the sentences in `text` that have enough words to be judged and are not code."""
    for paragraph in re.split(r"\n\s*\n|\x08", text):
        for sentence in _SENTENCE_END.split(" ".join(paragraph.split())):
            if _word_count(sentence) >= _FEWEST_WORDS and not _NOT_A_SENTENCE.search(sentence):
                yield Passage(file, line, sentence, context)


def _word_count(sentence: str) -> int:
    return len(_WORD.findall(_PLACEHOLDER.sub(" ", sentence)))


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
