"""The names in a file that stand for imported symbols, with the scopes in which they do."""

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
    """A place that imports something."""

    path: Names
    node: SgNode
    """The import statement."""


@dataclass(frozen=True, slots=True)
class Use:
    """A place that uses an imported name, followed by attributes."""

    path: Names
    """What the name stands for."""
    chain: Names
    """The attributes that follow the name."""
    nodes: Sequence[SgNode]
    """The name, and for each attribute the node that ends with it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A place that refers to a symbol."""

    node: SgNode
    path: Names
    """The path of the symbol."""


@dataclass(slots=True)
class ScopeTable:
    """What names stand for in each scope."""

    imported: dict[tuple[Scope, str], list[Names]] = field(
        default_factory=lambda: defaultdict(list)
    )
    bound: set[tuple[Scope, str]] = field(default_factory=set)
    """The names to which a scope gives another meaning, such as parameters."""

    def add_import(self, scope: Scope, name: str, path: Names) -> bool:
        """Record that a name stands for an imported symbol; return whether that is new."""
        paths = self.imported[scope, name]
        if path in paths:
            return False
        paths.append(path)
        return True

    def lookup(self, scopes: Iterable[Scope], name: str) -> Sequence[Names]:
        """Return what a name may stand for; nothing if it is not an import.

        If a scope both imports a name and assigns to it, the import counts, because the assignment
        is usually a fallback for a missing package.

        Args:
            scopes: The scopes around the place, the innermost first.
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
    """All places in a file that import or use symbols related to those that rules look for."""

    imports: tuple[Import, ...] = ()
    uses: tuple[Use, ...] = ()
    local_names: frozenset[tuple[str, Names]] = frozenset()
    """Each local name with what it stands for somewhere in the file."""

    def references(self, symbol: Symbol) -> list[Reference]:
        """Return the places that use a symbol, in order of position."""
        found: dict[SgNode, Reference] = {}
        for use in self.uses:
            depth = symbol.depth_in(use.path, use.chain)
            if depth is not None:
                node = use.nodes[depth]
                found.setdefault(node, Reference(node, use.path + use.chain[:depth]))
        return sorted(found.values(), key=_place)

    def imports_of(self, symbol: Symbol) -> list[Reference]:
        """Return the statements that import a symbol, in order of position."""
        found: dict[SgNode, Reference] = {}
        for entry in self.imports:
            if symbol.is_imported_by(entry.path):
                found.setdefault(entry.node, Reference(entry.node, entry.path))
        return sorted(found.values(), key=_place)


def _place(reference: Reference) -> tuple[int, int]:
    place = reference.node.range()
    return place.start.index, place.end.index
