"""The names in a file that stand for imported symbols, and the scopes in which they do so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from .symbols import Names, Symbol

if TYPE_CHECKING:
    from ast_grep_py import SgNode

Scope: TypeAlias = "SgNode"
"""The node of a scope, such as a function or the whole file."""


@dataclass(frozen=True, slots=True)
class Import:
    """An import in a file."""

    path: Names
    node: SgNode
    """The import statement, or the call of `require` or `import`."""


@dataclass(frozen=True, slots=True)
class Use:
    """A use of an imported name, followed by attributes."""

    path: Names
    """The path that the name stands for."""
    chain: Names
    """The attributes that follow the name."""
    nodes: Sequence[SgNode]
    """The node of the name and, for each attribute, the node that ends with it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a symbol in a file."""

    node: SgNode
    path: Names
    """The path of the symbol."""


@dataclass(slots=True)
class ScopeTable:
    """The meaning of names in each scope."""

    imported: dict[tuple[Scope, str], list[Names]] = field(
        default_factory=lambda: defaultdict(list)
    )
    bound: set[tuple[Scope, str]] = field(default_factory=set)
    """The names that have another meaning in a scope, for example parameters."""

    def add_import(self, scope: Scope, name: str, path: Names) -> bool:
        """Record that a name stands for an imported symbol. Return whether that is new."""
        paths = self.imported[scope, name]
        if path in paths:
            return False
        paths.append(path)
        return True

    def lookup(self, scopes: Iterable[Scope], name: str) -> Sequence[Names]:
        """Return the paths that a name can stand for. The result is empty without an import.

        If a scope both imports a name and assigns to it, the import counts, because the assignment
        is usually a fallback for a missing package.

        Args:
            scopes: The scopes around the name, innermost first.
            name: The name.
        """
        for scope in scopes:
            if (scope, name) in self.imported:
                return self.imported[scope, name]
            if (scope, name) in self.bound:
                return ()
        return ()


@dataclass(frozen=True, slots=True)
class SymbolTable:
    """All imports and uses of symbols that are related to the rules' symbols."""

    imports: tuple[Import, ...] = ()
    uses: tuple[Use, ...] = ()
    local_names: frozenset[tuple[str, Names]] = frozenset()
    """Each local name with the path that it stands for somewhere in the file."""

    def references(self, symbol: Symbol) -> list[Reference]:
        """Return the references to a symbol, in order of position."""
        found: dict[SgNode, Reference] = {}
        for use in self.uses:
            depth = symbol.depth_in(use.path, use.chain)
            if depth is not None:
                node = use.nodes[depth]
                found.setdefault(node, Reference(node, use.path + use.chain[:depth]))
        return sorted(found.values(), key=_place)

    def imports_of(self, symbol: Symbol) -> list[Reference]:
        """Return the imports of a symbol, in order of position."""
        found: dict[SgNode, Reference] = {}
        for entry in self.imports:
            if symbol.is_imported_by(entry.path):
                found.setdefault(entry.node, Reference(entry.node, entry.path))
        return sorted(found.values(), key=_place)


def _place(reference: Reference) -> tuple[int, int]:
    place = reference.node.range()
    return place.start.index, place.end.index
