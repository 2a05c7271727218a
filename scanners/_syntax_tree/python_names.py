"""The symbols that Python code imports and uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .scopes import Import, ScopeTable, SymbolTable, Use
from .symbols import Names, Symbol, any_related
from .trees import Tree

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_IMPORTS = ("import_statement", "import_from_statement")
_FUNCTIONS = ("function_definition", "lambda")
_COMPREHENSIONS = (
    "list_comprehension",
    "set_comprehension",
    "dictionary_comprehension",
    "generator_expression",
)
_SCOPES = (*_FUNCTIONS, *_COMPREHENSIONS, "class_definition")
_TARGETS = (
    "pattern_list",
    "tuple_pattern",
    "list_pattern",
    "list_splat_pattern",
    "dictionary_splat_pattern",
    "as_pattern_target",
)
_TARGET_FIELDS = {
    "assignment": "left",
    "augmented_assignment": "left",
    "for_statement": "left",
    "for_in_clause": "left",
    "named_expression": "name",
    "function_definition": "name",
    "class_definition": "name",
    "default_parameter": "name",
    "typed_default_parameter": "name",
}
_ALWAYS_TARGETS = ("parameters", "lambda_parameters", "as_pattern")
_DECLARATIONS = ("global_statement", "nonlocal_statement")
_WILDCARD = "*"


@dataclass(frozen=True, slots=True)
class _Binding:
    """A name that an import statement binds."""

    name: str
    path: Names
    statement: SgNode


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """An occurrence of an imported name."""

    node: SgNode
    name: str
    around: Sequence[SgNode]
    """The ancestors, innermost first."""
    parent_kind: str
    scopes: Sequence[SgNode]
    """The scopes, innermost first."""
    is_target: bool
    """Whether this occurrence binds the name."""


def python_names(tree: Tree, symbols: Sequence[Symbol]) -> SymbolTable:
    """Return the imports and uses of symbols in a Python file.

    Args:
        tree: The file.
        symbols: The symbols that rules look for.
    """
    return _Reader(tree, symbols).read()


class _Reader:
    def __init__(self, tree: Tree, symbols: Sequence[Symbol]) -> None:
        self._tree, self._symbols = tree, symbols
        self._table = ScopeTable()
        self._global: set[tuple[SgNode, str]] = set()
        self._imports: list[Import] = []
        self._wildcards: dict[str, list[Names]] = {}

    def read(self) -> SymbolTable:
        bindings = [
            binding
            for statement in self._tree.of_kinds(*_IMPORTS)
            for binding in self._read_import(statement)
        ]
        names = {binding.name for binding in bindings} | self._wildcards.keys()
        if not names:
            return SymbolTable(tuple(self._imports))
        found = self._tree.identifiers(names, "identifier")
        occurrences = [_occurrence(node, self._tree) for node in found]
        self._bind_all(bindings, occurrences)
        uses = [use for occurrence in occurrences for use in self._uses_at(occurrence)]
        local = {(binding.name, binding.path) for binding in bindings}
        local |= {(name, path) for name, paths in self._wildcards.items() for path in paths}
        return SymbolTable(tuple(self._imports), tuple(uses), frozenset(local))

    def _read_import(self, statement: SgNode) -> Iterator[_Binding]:
        """Yield the names that a statement imports, if they are related to the symbols."""
        module: Names = ()
        if statement.kind() == "import_from_statement":
            source = statement.field("module_name")
            if source is None or source.kind() != "dotted_name":
                return  # A relative import refers to a module of the repository.
            module = _dotted(source)
            if any(node.kind() == "wildcard_import" for node in statement.children()):
                self._read_wildcard(module, statement)
        for node in statement.field_children("name"):
            alias = node.field("alias") if node.kind() == "aliased_import" else None
            target = node.field("name") if node.kind() == "aliased_import" else node
            imported = _dotted(target) if target is not None else ()
            if not imported:
                continue
            whole = module + imported
            if any_related(self._symbols, whole):
                self._imports.append(Import(whole, statement))
            bound = whole if alias is not None or module else imported[:1]
            if any_related(self._symbols, bound):
                name = alias.text() if alias is not None else imported[-1 if module else 0]
                yield _Binding(name, bound, statement)

    def _read_wildcard(self, module: Names, statement: SgNode) -> None:
        if any_related(self._symbols, (*module, _WILDCARD)):
            self._imports.append(Import((*module, _WILDCARD), statement))
        for symbol in self._symbols:
            length = len(module)
            if len(symbol.names) > length and symbol.names[:length] == module:
                name = symbol.names[length]
                paths = self._wildcards.setdefault(name, [])
                if (*module, name) not in paths:
                    paths.append((*module, name))

    def _bind_all(self, bindings: Sequence[_Binding], occurrences: Sequence[_Occurrence]) -> None:
        """Record the meaning of the names in each scope."""
        for occurrence in occurrences:
            if occurrence.parent_kind in _DECLARATIONS:
                self._global.add((occurrence.scopes[0], occurrence.name))
        for binding in bindings:
            around = self._tree.ancestors(binding.statement)
            scope = self._owner(_scopes(binding.statement, around), binding.name)
            self._table.add_import(scope, binding.name, binding.path)
        for occurrence in occurrences:
            if occurrence.is_target:
                scopes = occurrence.scopes
                if occurrence.parent_kind == "named_expression":
                    scopes = [scope for scope in scopes if scope.kind() not in _COMPREHENSIONS]
                owner = self._owner(scopes, occurrence.name)
                self._table.bound.add((owner, occurrence.name))

    def _owner(self, scopes: Sequence[SgNode], name: str) -> SgNode:
        """Return the scope that binds a name."""
        return scopes[-1] if (scopes[0], name) in self._global else scopes[0]

    def _uses_at(self, occurrence: _Occurrence) -> Iterator[Use]:
        node, around, name = occurrence.node, occurrence.around, occurrence.name
        if not around or occurrence.is_target or _is_label(node, around[0]):
            return
        if any(outer.kind() in _IMPORTS for outer in around[:3]):
            return
        paths = self._table.lookup(occurrence.scopes, name)
        if not paths and not any((scope, name) in self._table.bound for scope in occurrence.scopes):
            paths = self._wildcards.get(name, ())
        if paths:
            chain, nodes = _attributes(node, around)
            for path in paths:
                yield Use(path, chain, nodes)


def _occurrence(node: SgNode, tree: Tree) -> _Occurrence:
    around = tree.ancestors(node)
    return _Occurrence(
        node=node,
        name=node.text(),
        around=around,
        parent_kind=around[0].kind() if around else "",
        scopes=_scopes(node, around),
        is_target=_is_target(node, around),
    )


def _dotted(node: SgNode) -> Names:
    return tuple(part.text() for part in node.named_children() if part.kind() == "identifier")


def _is_label(node: SgNode, parent: SgNode) -> bool:
    """Return whether a name is an attribute, a keyword argument or part of a declaration."""
    kind = parent.kind()
    if kind == "attribute":
        return parent.field("attribute") == node
    if kind == "keyword_argument":
        return parent.field("name") == node
    if kind == "keyword_pattern":
        return parent.child(0) == node
    return kind in _DECLARATIONS or (kind == "dotted_name" and parent.child(0) != node)


def _is_target(node: SgNode, around: Sequence[SgNode]) -> bool:
    """Return whether a node binds the name."""
    child, was_target = node, False
    for parent in around:
        kind = parent.kind()
        if kind in _TARGETS or (was_target and kind in ("tuple", "list")):
            was_target = True
        elif kind in _ALWAYS_TARGETS:
            return kind != "as_pattern" or child.kind() == "as_pattern_target"
        elif kind == "typed_parameter":
            return parent.child(0) == child
        elif kind == "dotted_name":
            # A single name in a `match` pattern is bound to the value.
            return (
                len(around) > 1
                and around[1].kind() == "case_pattern"
                and _dotted(parent) == (node.text(),)
            )
        elif kind in ("tuple", "list"):
            return _is_in_as_target(around)
        else:
            return kind in _TARGET_FIELDS and parent.field(_TARGET_FIELDS[kind]) == child
        child = parent
    return False


def _is_in_as_target(around: Sequence[SgNode]) -> bool:
    """Return whether a name in a tuple is the target of `as`."""
    for parent in around:
        if parent.kind() not in ("tuple", "list"):
            return parent.kind() == "as_pattern_target"
    return False


def _scopes(node: SgNode, around: Sequence[SgNode]) -> list[SgNode]:
    """Return the scopes around a node, innermost first.

    The decorators, default values, annotations and base classes of a definition are outside its
    scope. Functions in a class do not see the names of the class.
    """
    scopes: list[SgNode] = []
    child = node
    for parent in around:
        kind = parent.kind()
        inside = kind in _SCOPES and _is_inside(child, parent, kind, node)
        if inside and not (kind == "class_definition" and scopes):
            scopes.append(parent)
        child = parent
    # Add the root separately. Its kind is different if the file does not parse.
    return [*scopes, around[-1] if around else node]


def _is_inside(child: SgNode, parent: SgNode, kind: str, node: SgNode) -> bool:
    if kind in _FUNCTIONS:
        if child == parent.field("body"):
            return True
        return child == parent.field("parameters") and _is_parameter(node)
    return kind != "class_definition" or child == parent.field("body")


def _is_parameter(node: SgNode) -> bool:
    """Return whether a name in a parameter list is the name of a parameter."""
    parent = node.parent()
    while parent is not None and parent.kind() in (
        "list_splat_pattern",
        "dictionary_splat_pattern",
    ):
        node, parent = parent, parent.parent()
    if parent is None or parent.kind() in ("parameters", "lambda_parameters"):
        return True
    if parent.kind() == "typed_parameter":
        return parent.child(0) == node
    return parent.kind() in _TARGET_FIELDS and parent.field("name") == node


def _attributes(node: SgNode, around: Sequence[SgNode]) -> tuple[Names, Sequence[SgNode]]:
    """Return the attributes that follow a name, and the nodes of the name and each attribute."""
    chain: list[str] = []
    nodes = [node]
    for parent in around:
        if parent.kind() == "dotted_name":
            # In a `match` pattern, the names are siblings and not nested.
            rest = _dotted(parent)[1:]
            return rest, [node, *([parent] * len(rest))]
        attribute = parent.field("attribute") if parent.kind() == "attribute" else None
        if attribute is None or parent.field("object") != nodes[-1]:
            break
        chain.append(attribute.text())
        nodes.append(parent)
    return tuple(chain), nodes
