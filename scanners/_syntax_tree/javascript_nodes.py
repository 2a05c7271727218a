"""The syntax nodes of JavaScript and TypeScript: imports, declarations, patterns and scopes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .symbols import Names

if TYPE_CHECKING:
    from ast_grep_py import SgNode

TYPE = "type_identifier"
"""The kind of node for the name of a type. Only TypeScript's grammar has this kind."""
PLAIN_NAMES = (
    "identifier",
    "shorthand_property_identifier",
    "shorthand_property_identifier_pattern",
    TYPE,
)
"""The kinds of nodes that can be variable names."""
FUNCTIONS = (
    "function_declaration",
    "function_expression",
    "arrow_function",
    "method_definition",
    "generator_function",
    "generator_function_declaration",
)
_BLOCKS = ("statement_block", "for_statement", "for_in_statement", "catch_clause", "switch_body")
_NAMED_OUTSIDE = (
    "function_declaration",
    "generator_function_declaration",
    "class_declaration",
    "abstract_class_declaration",
    "interface_declaration",
    "type_alias_declaration",
    "enum_declaration",
    "internal_module",
)
"""Declarations that bind their name in the enclosing scope."""
_NAMED_INSIDE = ("function_expression", "generator_function", "class")
_PATTERNS = (
    "object_pattern",
    "array_pattern",
    "rest_pattern",
    "pair_pattern",
    "assignment_pattern",
    "object_assignment_pattern",
)
_TARGET_FIELDS = {
    "variable_declarator": "name",
    "for_in_statement": "left",
    "catch_clause": "parameter",
    "arrow_function": "parameter",
    "required_parameter": "pattern",
    "optional_parameter": "pattern",
}
_TYPES = ("as_expression", "satisfies_expression", "non_null_expression")
_INTEROP = ("_interop", "__import", "__toESM", "interop")
"""The prefixes of functions with which compilers wrap the result of `require`."""


def string_value(node: SgNode) -> str | None:
    """Return the value of a non-empty string without escapes, or None for any other node."""
    if node.kind() not in ("string", "template_string"):
        return None
    parts = node.named_children()
    if len(parts) != 1 or parts[0].kind() != "string_fragment":
        return None
    return parts[0].text()


def import_specifiers(statement: SgNode) -> Iterator[tuple[str, Names]]:
    """Yield each local name that an import statement binds, with the name that it imports.

    The imported name is `()` for the whole module and for its default export. Both have the same
    value in a module that was written for `require`.
    """
    for clause in statement.named_children():
        for node in clause.named_children():
            kind = node.kind()
            if kind == "identifier":
                yield node.text(), ()
            elif kind == "namespace_import":
                yield node.named_children()[-1].text(), ()
            elif kind == "named_imports":
                for specifier in node.named_children():
                    name, alias = specifier.field("name"), specifier.field("alias")
                    if name is not None:
                        yield (alias or name).text(), _below_module(name.text())


def _below_module(name: str) -> Names:
    return () if name == "default" else (name,)


def export_specifiers(statement: SgNode) -> Iterator[str]:
    """Yield the names that an export statement re-exports from another module."""
    for clause in statement.named_children():
        for specifier in clause.named_children() if clause.kind() == "export_clause" else ():
            name = specifier.field("name")
            if name is not None:
                yield name.text()
    if any(node.kind() in ("*", "namespace_export") for node in statement.children()):
        yield "*"


def pattern_names(pattern: SgNode, keys: Names = ()) -> Iterator[tuple[str, Names]]:
    """Yield the names that a pattern binds, with the properties that lead to their values."""
    kind = pattern.kind()
    if kind in ("identifier", "shorthand_property_identifier_pattern"):
        name = pattern.text()
        yield name, keys if kind == "identifier" else keys + _below(keys, name)
    elif kind == "object_pattern":
        for part in pattern.named_children():
            yield from pattern_names(part, keys)
    elif kind == "pair_pattern":
        key, value = pattern.field("key"), pattern.field("value")
        if key is not None and value is not None:
            name = string_value(key) or key.text()
            yield from pattern_names(value, keys + _below(keys, name))
    elif kind in ("assignment_pattern", "object_assignment_pattern"):
        left = pattern.field("left")
        if left is not None:
            yield from pattern_names(left, keys)


def _below(keys: Names, name: str) -> Names:
    return () if name == "default" and not keys else (name,)


def through_wrappers(node: SgNode, around: Sequence[SgNode]) -> tuple[SgNode, list[SgNode]]:
    """Return the outermost expression with the same value as a node, and its ancestors."""
    outer = list(around)
    while outer:
        parent = outer[0]
        kind = parent.kind()
        if kind == "arguments" and len(outer) > 1 and _is_interop(outer[1], parent, node):
            outer.pop(0)
        elif kind not in ("await_expression", "parenthesized_expression", *_TYPES):
            break
        node = outer.pop(0)
    return node, outer


def _is_interop(call: SgNode, arguments: SgNode, node: SgNode) -> bool:
    function = call.field("function") if call.kind() == "call_expression" else None
    if function is None or arguments.named_children()[:1] != [node]:
        return False
    return function.text().rpartition(".")[2].startswith(_INTEROP)


def value_target(value: SgNode, around: Sequence[SgNode]) -> tuple[SgNode, bool] | None:
    """Return the target of an assigned value and whether it is a declaration, or None."""
    value, outer = through_wrappers(value, around)
    parent = outer[0] if outer else None
    if parent is None:
        return None
    if parent.kind() == "variable_declarator" and parent.field("value") == value:
        name = parent.field("name")
        return (name, True) if name is not None else None
    if parent.kind() == "assignment_expression" and parent.field("right") == value:
        left = parent.field("left")
        if left is not None and left.kind() in ("identifier", "object_pattern"):
            return left, False
    return None


def is_label(node: SgNode, around: Sequence[SgNode]) -> bool:
    """Return whether a name is a label instead of a reference to a variable."""
    if not around:
        return True
    parent = around[0]
    kind = parent.kind()
    if kind in ("import_specifier", "import_clause", "namespace_import", "import_require_clause"):
        return True
    if kind == "export_specifier":
        # If the export has a source, the name belongs to the other module.
        return parent.field("name") != node or around[2].field("source") is not None
    if kind in ("nested_type_identifier", "nested_identifier"):
        return parent.child(0) != node
    if kind == "assignment_expression" and parent.field("left") == node:
        return True
    if kind == "jsx_closing_element":
        return True
    return kind == "member_expression" and any(
        outer.kind() == "jsx_closing_element" for outer in around[1:6]
    )


def is_declaration(node: SgNode, around: Sequence[SgNode]) -> bool:
    """Return whether a variable is declared at this node."""
    child = node
    for parent in around:
        kind = parent.kind()
        if kind in _PATTERNS:
            if not _is_bound_by(parent, kind, child):
                return False
        elif kind == "formal_parameters":
            return True
        elif kind in _NAMED_OUTSIDE or kind in _NAMED_INSIDE:
            return parent.field("name") == child
        else:
            return kind in _TARGET_FIELDS and parent.field(_TARGET_FIELDS[kind]) == child
        child = parent
    return False


def _is_bound_by(pattern: SgNode, kind: str, child: SgNode) -> bool:
    if kind == "pair_pattern":
        return pattern.field("value") == child
    if kind in ("assignment_pattern", "object_assignment_pattern"):
        return pattern.field("left") == child
    return True


def scopes_of(node: SgNode, around: Sequence[SgNode]) -> list[SgNode]:
    """Return the scopes around a node, innermost first. The last one is the file."""
    scopes: list[SgNode] = []
    child = node
    for parent in around:
        kind = parent.kind()
        if kind in FUNCTIONS:
            outside = kind in _NAMED_OUTSIDE and parent.field("name") == child
            if not outside and not (kind == "method_definition" and parent.field("name") == child):
                scopes.append(parent)
        elif kind in _BLOCKS:
            scopes.append(parent)
        child = parent
    return [*scopes, around[-1] if around else node]
