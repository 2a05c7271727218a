"""The symbols that JavaScript and TypeScript code imports and uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .javascript_nodes import (
    FUNCTIONS,
    PLAIN_NAMES,
    TYPE,
    export_specifiers,
    import_specifiers,
    is_declaration,
    is_label,
    pattern_names,
    scopes_of,
    string_value,
    through_wrappers,
    value_target,
)
from .scopes import Import, ScopeTable, SymbolTable, Use
from .symbols import Names, Symbol, any_related
from .trees import Tree

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_CALLS_OF_MODULES = {
    "rule": {
        "kind": "call_expression",
        "has": {"field": "function", "regex": "^(?:require|import)$"},
    }
}
_ROUNDS = 4
"""The maximum number of destructuring steps, as in `const { a } = m; const { b } = a`."""


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """An occurrence of an imported name."""

    node: SgNode
    around: Sequence[SgNode]
    """The ancestors, innermost first."""
    scopes: Sequence[SgNode]
    """The scopes, innermost first."""
    declares: bool
    """Whether this occurrence declares the name."""


def javascript_names(tree: Tree, symbols: Sequence[Symbol]) -> SymbolTable:
    """Return the imports and uses of symbols in a JavaScript or TypeScript file.

    Args:
        tree: The file.
        symbols: The symbols that rules look for.
    """
    return _Reader(tree, symbols).read()


class _Reader:
    def __init__(self, tree: Tree, symbols: Sequence[Symbol]) -> None:
        self._tree, self._symbols = tree, symbols
        self._table = ScopeTable()
        self._imports: list[Import] = []
        self._direct: list[Use] = []
        self._assigned: list[tuple[SgNode, str, Names]] = []
        self._local: set[tuple[str, Names]] = set()
        self._known: dict[str, list[_Occurrence]] = {}

    def read(self) -> SymbolTable:
        for statement in self._tree.of_kinds("import_statement", "export_statement"):
            self._read_statement(statement)
        for call in self._tree.find_all(_CALLS_OF_MODULES):
            self._read_call(call)
        uses = self._follow()
        return SymbolTable(tuple(self._imports), (*self._direct, *uses), frozenset(self._local))

    def _read_statement(self, statement: SgNode) -> None:
        """Read the module and names of an import or of an export from another module."""
        module = _module_of(statement)
        if module is None:
            return
        if statement.kind() == "export_statement":
            for name in export_specifiers(statement):
                self._note_import((module, name), statement)
            return
        self._note_import((module,), statement)
        scope = self._tree.ancestors(statement)[-1]
        for local, names in import_specifiers(statement):
            if names:
                self._note_import((module, *names), statement)
            self._bind(scope, local, (module, *names))

    def _read_call(self, call: SgNode) -> None:
        """Read a call of `require` or `import`, and the use of the resulting module."""
        arguments = call.field("arguments")
        first = arguments.named_children()[:1] if arguments is not None else []
        module = string_value(first[0]) if first else None
        if module is None or not any_related(self._symbols, (module.removeprefix("node:"),)):
            return
        path: Names = (module.removeprefix("node:"),)
        self._note_import(path, call)
        around = self._tree.ancestors(call)
        node, outer = through_wrappers(call, around)
        names, nodes = _members(node, outer)
        target = value_target(nodes[-1], outer[len(nodes) - 1 :])
        if target is None:
            self._direct.append(Use(path, names, nodes))
            return
        if names:
            self._note_import(path + names, call)
        pattern, declares = target
        for local, keys in pattern_names(pattern):
            whole = path + names + keys
            if keys:
                self._note_import(whole, call)
            if declares:
                scopes = scopes_of(pattern, self._tree.ancestors(pattern))
                self._bind(_scope_for(pattern, scopes), local, whole)
            elif any_related(self._symbols, whole):
                self._assigned.append((pattern, local, whole))
                self._local.add((local, whole))

    def _note_import(self, path: Names, node: SgNode) -> None:
        if any_related(self._symbols, path):
            self._imports.append(Import(path, node))

    def _bind(self, scope: SgNode, name: str, path: Names) -> bool:
        if not any_related(self._symbols, path):
            return False
        self._local.add((name, path))
        return self._table.add_import(scope, name, path)

    def _follow(self) -> list[Use]:
        """Return the uses of the imported names, and of names destructured from them."""
        uses: list[Use] = []
        for _ in range(_ROUNDS):
            fresh = {name for name, _ in self._local} - self._known.keys()
            self._learn(fresh)
            uses = [
                use
                for occurrences in self._known.values()
                for occurrence in occurrences
                for use in self._uses_at(occurrence)
            ]
            if not self._destructure(uses):
                break
        return uses

    def _learn(self, names: set[str]) -> None:
        """Find all occurrences of names, and their meanings in each scope."""
        if not names:
            return
        self._known |= {name: [] for name in names}
        kinds = [kind for kind in PLAIN_NAMES if self._tree.grammar != "javascript" or kind != TYPE]
        for node in self._tree.identifiers(names, *kinds):
            around = self._tree.ancestors(node)
            scopes, declares = scopes_of(node, around), is_declaration(node, around)
            self._known[node.text()].append(_Occurrence(node, around, scopes, declares))
            if declares:
                self._table.bound.add((_scope_for(node, scopes), node.text()))
        for pattern, name, path in self._assigned:
            if name in names:
                self._assign(pattern, name, path)

    def _assign(self, pattern: SgNode, name: str, path: Names) -> None:
        """Record an assignment in the scope that declares the variable."""
        scopes = scopes_of(pattern, self._tree.ancestors(pattern))
        owner = next((scope for scope in scopes if (scope, name) in self._table.bound), scopes[-1])
        self._bind(owner, name, path)

    def _uses_at(self, occurrence: _Occurrence) -> Iterator[Use]:
        node, around = occurrence.node, occurrence.around
        if occurrence.declares or is_label(node, around):
            return
        paths = self._table.lookup(occurrence.scopes, node.text())
        if paths:
            names, nodes = _members(node, around)
            for path in paths:
                yield Use(path, names, nodes)

    def _destructure(self, uses: Sequence[Use]) -> bool:
        """Bind the names in patterns that uses are assigned to. Return whether any name is new."""
        changed = False
        for use in uses:
            last = use.nodes[-1]
            target = value_target(last, self._tree.ancestors(last))
            if target is None or target[0].kind() != "object_pattern" or not target[1]:
                continue
            pattern = target[0]
            for local, keys in pattern_names(pattern):
                scopes = scopes_of(pattern, self._tree.ancestors(pattern))
                scope = _scope_for(pattern, scopes)
                changed |= bool(keys) and self._bind(scope, local, use.path + use.chain + keys)
        return changed


def _module_of(statement: SgNode) -> str | None:
    """Return the module that a statement imports, or None if it imports no module."""
    source = statement.field("source")
    if source is None:
        clause = next(
            (node for node in statement.children() if node.kind() == "import_require_clause"), None
        )
        source = clause.field("source") if clause is not None else None
    module = string_value(source) if source is not None else None
    return module.removeprefix("node:") if module is not None else None


def _members(node: SgNode, around: Sequence[SgNode]) -> tuple[Names, list[SgNode]]:
    """Return the properties that follow a value, and the nodes of the value and each property.

    The property `default` of a module stands for the module itself.
    """
    names: list[str] = []
    nodes = [node]
    current = node
    for parent in around:
        kind = parent.kind()
        if kind in ("non_null_expression", "parenthesized_expression"):
            current = nodes[-1] = parent
            continue
        first = parent.child(0)
        if kind not in _MEMBERS or first != current:
            break
        name = _member_name(parent)
        if name is None:
            break
        current = parent
        if name == "default" and not names:
            nodes[-1] = parent
        else:
            names.append(name)
            nodes.append(parent)
    return tuple(names), nodes


_MEMBERS = (
    "member_expression",
    "subscript_expression",
    "nested_type_identifier",
    "nested_identifier",
)


def _member_name(node: SgNode) -> str | None:
    if node.kind() == "subscript_expression":
        index = node.field("index")
        return string_value(index) if index is not None else None
    for field in ("property", "name"):
        name = node.field(field)
        if name is not None:
            return name.text()
    return None


def _scope_for(node: SgNode, scopes: Sequence[SgNode]) -> SgNode:
    """Return the scope that a declaration belongs to. For `var`, this is the enclosing function."""
    outer = node.parent()
    while outer is not None and outer.kind() not in _DECLARATIONS:
        if outer.kind() in FUNCTIONS:
            return scopes[0]
        outer = outer.parent()
    if outer is None or outer.kind() != "variable_declaration":
        return scopes[0]
    return next((scope for scope in scopes if scope.kind() in FUNCTIONS), scopes[-1])


_DECLARATIONS = ("variable_declaration", "lexical_declaration", "statement_block", "program")
