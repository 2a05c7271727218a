"""Find the uses of Python symbols with Python's own parser, to check the `ast` scanner."""

from __future__ import annotations

import ast
import symtable
import warnings
from collections.abc import Iterator, Sequence

Place = tuple[int, int, str]
"""The line and column of a use, and the symbol."""


def uses_in(text: str, symbols: Sequence[str]) -> set[Place] | None:
    """Return the uses of symbols in a file; None if Python cannot parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            table = symtable.symtable(text, "file", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    lines = text.encode().split(b"\n")
    places: set[Place] = set()
    for node, path in _Walk(symbols).walk(tree, table):
        for symbol in symbols:
            if path == symbol or path.startswith(f"{symbol}."):
                line = lines[node.lineno - 1]
                column = len(line[: node.col_offset].decode("utf-8", "replace")) + 1
                places.add((node.lineno, column, symbol))
    return places


class _Walk:
    """Walks the syntax tree together with the symbol tables of Python's compiler."""

    def __init__(self, symbols: Sequence[str]) -> None:
        self._symbols = symbols
        self._imports: dict[tuple[int, str], list[str]] = {}

    def walk(self, tree: ast.Module, table: symtable.SymbolTable) -> Iterator[tuple[ast.expr, str]]:
        """Yield each expression that begins with an imported name, such as `a.b`, and its path."""
        scoped = list(self._scoped(tree, [table]))
        for node, scopes in scoped:
            for name, path in self._bindings(node):
                owner = self._owner(name, scopes)
                if owner is not None:
                    self._imports.setdefault((owner.get_id(), name), []).append(path)
        for node, scopes in scoped:
            chain = _chain(node)
            if chain is None:
                continue
            owner = self._owner(chain[0], scopes)
            for path in self._imports.get((owner.get_id(), chain[0]), ()) if owner else ():
                yield node, ".".join([path, *chain[1:]])  # type: ignore[misc]

    def _bindings(self, node: ast.AST) -> Iterator[tuple[str, str]]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                yield (alias.asname, alias.name) if alias.asname else (first, first)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            for alias in node.names:
                if alias.name == "*":
                    yield from self._wildcard(node.module)
                else:
                    yield alias.asname or alias.name, f"{node.module}.{alias.name}"

    def _wildcard(self, module: str) -> Iterator[tuple[str, str]]:
        for symbol in self._symbols:
            if symbol.startswith(f"{module}."):
                name = symbol[len(module) + 1 :].partition(".")[0]
                yield name, f"{module}.{name}"

    def _scoped(
        self, node: ast.AST, scopes: list[symtable.SymbolTable]
    ) -> Iterator[tuple[ast.AST, list[symtable.SymbolTable]]]:
        """Yield every node with the symbol tables around it."""
        yield node, scopes
        for child, inner in self._children(node, scopes):
            yield from self._scoped(child, inner)

    def _children(
        self, node: ast.AST, scopes: list[symtable.SymbolTable]
    ) -> Iterator[tuple[ast.AST, list[symtable.SymbolTable]]]:
        if not isinstance(node, _SCOPED):
            if not (isinstance(node, ast.Attribute) and _chain(node)):
                for child in ast.iter_child_nodes(node):
                    yield child, scopes
            return
        inside = [*scopes, _table_of(node, scopes[-1])]
        within = _inside_of(node)
        for child in ast.iter_child_nodes(node):
            yield child, inside if child in within else scopes

    def _owner(
        self, name: str, scopes: Sequence[symtable.SymbolTable]
    ) -> symtable.SymbolTable | None:
        """Return the symbol table in which a name is bound."""
        for depth, table in enumerate(reversed(scopes)):
            if table.get_type() == "class" and depth:
                continue
            try:
                entry = table.lookup(name)
            except KeyError:
                continue
            if entry.is_global() or entry.is_declared_global():
                return scopes[0]
            if entry.is_local():
                return table
        return scopes[0]


_SCOPED = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)


def _table_of(node: ast.AST, outer: symtable.SymbolTable) -> symtable.SymbolTable:
    names = {
        ast.Lambda: "lambda",
        ast.ListComp: "listcomp",
        ast.SetComp: "setcomp",
        ast.DictComp: "dictcomp",
        ast.GeneratorExp: "genexpr",
    }
    name = getattr(node, "name", None) or names[type(node)]
    line = node.lineno  # type: ignore[attr-defined]
    first = min([line, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    matching = [table for table in outer.get_children() if table.get_name() == name]
    return min(matching, key=lambda table: abs(table.get_lineno() - first), default=outer)


def _inside_of(node: ast.AST) -> list[ast.AST]:
    """Return the children of a node that belong to the scope that the node opens."""
    if isinstance(node, ast.Lambda):
        return [node.body]
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return list(node.body)
    return list(ast.iter_child_nodes(node))


def _chain(node: ast.AST) -> list[str] | None:
    """Return the names in an expression such as `a.b.c`; None for any other expression."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or isinstance(node.ctx, ast.Store):
        return None
    return [node.id, *reversed(names)]
