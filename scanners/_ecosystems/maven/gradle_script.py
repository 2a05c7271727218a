"""Read the dependencies, plugins and version variables of a Gradle script.

The script is never run. The reader recognises the usual notations by their tokens. If a version
is computed in any other way, the reader keeps the name of its variable.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from ..records import Facts, Requirement
from ..text_position import Lines
from .gradle_tokens import END, MARK, NAME, TEXT, Token, tokens_of

ALIAS = "alias "
"""The prefix of a requirement's group if scripts use an alias for it: `alias libs.guava`."""
PLATFORM = "platform"
"""The group of a BOM that sets versions of other packages."""
PLUGIN = "plugin"
_INDIRECT = "indirect"
"""The kind of link to a BOM, or to a package that is used under another name."""

_NAME_PART = r"[A-Za-z$][\w.\-${}\[\]()\"']*"
_COORDINATES = re.compile(rf"({_NAME_PART}):({_NAME_PART}):([^:@/\s]*)(?::[^@/\s]*)?(?:@\w+)?")
_WITHOUT_VERSION = re.compile(rf"({_NAME_PART}):({_NAME_PART})(?:::[^@/\s]*)?(?:@\w+)?")
_NO_DEPENDENCY = frozenset({"exclude", "project", "because", "module", "capability", "task"})
_PLATFORMS = frozenset({"platform", "enforcedPlatform", "mavenBom"})
_RICH = frozenset({"strictly", "require", "prefer"})
_NEAR = 24
"""The maximum number of tokens between a name and its version."""


def read_script(content: bytes) -> Facts:
    """Read a Gradle script, or a Kotlin file with constants."""
    text = content.decode("utf-8", "replace")
    return _ScriptReader(text).read()


class _ScriptReader:
    """Goes through the tokens of a script once."""

    def __init__(self, text: str) -> None:
        self._tokens: Sequence[Token] = [*tokens_of(text), Token(END, "\n", len(text))]
        self._lines = Lines(text)
        self._requirements = defaultdict[str, list[Requirement]](list)
        self._variables: dict[str, str] = {}
        self._blocks: list[str] = []
        """The name of the block or map of each open bracket, such as `dependencies`."""

    def read(self) -> Facts:
        for index, token in enumerate(self._tokens):
            if token.kind == MARK:
                self._bracket(index, token.value)
            elif token.kind == TEXT:
                self._string(index, token)
            elif token.kind == NAME:
                self._name(index, token)
        indirect = [
            (_INDIRECT, f"{one.package}:{one.constraint}:{one.line}:{one.column}")
            for name, found in self._requirements.items()
            for one in found
            if ":" not in name or one.group == PLATFORM
        ]
        return Facts(
            requirements={name: tuple(found) for name, found in self._requirements.items()},
            variables=self._variables,
            links=tuple(indirect),
        )

    def _add(self, package: str, constraint: str, token: Token, group: str = "") -> None:
        line, column = self._lines.place(token.offset)
        self._requirements[package].append(Requirement(package, constraint, line, column, group))

    def _at(self, index: int) -> Token:
        return self._tokens[min(max(index, 0), len(self._tokens) - 1)]

    def _bracket(self, index: int, mark: str) -> None:
        if mark in "{[(":
            self._blocks.append(self._owner(index))
        elif mark in "}])" and self._blocks:
            self._blocks.pop()

    def _owner(self, index: int) -> str:
        """Return the name before an opening bracket, or an empty string."""
        back = index - 1
        for _ in range(6):
            token = self._at(back)
            if token.kind == NAME:
                return token.value
            if token.kind == END or token.value in ("{", "}", ","):
                return ""
            back -= 1
        return ""

    def _string(self, index: int, token: Token) -> None:
        found = _COORDINATES.fullmatch(token.value)
        if found is not None:
            version = found[3]
            following = self._at(index + 1)
            if not version and following.value == "+" and self._at(index + 2).kind == NAME:
                version = f"${{{self._at(index + 2).value}}}"
            group = self._group(index)
            self._add(f"{found[1]}:{found[2]}", version or self._rich(index), token, group)
            return
        found = _WITHOUT_VERSION.fullmatch(token.value)
        if found is not None and self._is_dependency(index):
            self._add(f"{found[1]}:{found[2]}", self._rich(index), token, self._group(index))

    def _callee(self, index: int) -> str:
        """Return the name of the function whose argument is the string at `index`."""
        for back in range(index - 1, max(index - _NEAR, -1), -1):
            token = self._tokens[back]
            if token.kind == NAME:
                return token.value
            if token.kind == END or token.value in ("{", "}"):
                return ""
        return ""

    def _is_dependency(self, index: int) -> bool:
        """Return whether a string in `dependencies` names a package without a version."""
        return ("dependencies" in self._blocks or "constraints" in self._blocks) and self._callee(
            index
        ).rpartition(".")[2] not in _NO_DEPENDENCY

    def _group(self, index: int) -> str:
        """Return the group of a dependency: `platform`, its alias, or an empty string."""
        if self._callee(index).rpartition(".")[2] in _PLATFORMS:
            return PLATFORM
        name, mark = self._at(index - 2), self._at(index - 1).value
        if name.kind != NAME or mark not in (":", "="):
            return ""
        return ALIAS + self._qualified(name.value)

    def _qualified(self, name: str) -> str:
        """Return a variable's name, prefixed with the map or object that contains it."""
        owner = self._blocks[-1] if self._blocks else ""
        if owner in ("", "ext", "extra", "buildscript", "allprojects") or "." in name:
            return name
        return f"{owner}.{name}"

    def _rich(self, index: int) -> str:
        """Return the version in a block such as `{ version { strictly '[1, 2)' } }`."""
        following = [self._at(index + ahead) for ahead in range(1, _NEAR)]
        values = [token.value for token in following if token.kind != END]
        if values[:1] == [")"]:
            del values[0]
        if values[:3] != ["{", "version", "{"] or not _RICH.intersection(values):
            return ""
        at = next(position for position, value in enumerate(values) if value in _RICH) + 1
        return values[at + 1] if values[at] == "(" else values[at]

    def _name(self, index: int, token: Token) -> None:
        last = token.value.rpartition(".")[2]
        following = self._at(index + 1)
        if last == "group" and following.value in (":", "="):
            self._map_notation(index, token)
        elif last in ("id", "kotlin") and (following.kind == TEXT or following.value == "("):
            self._plugin(index, token)
        elif last in ("extra", "set", "ext", "versions") and following.value in ("(", "["):
            self._keyed_variable(index, token)
        elif following.value in ("=", ":") or (
            following.value == "+" and self._at(index + 2).value == "="
        ):
            self._variable(index, token)
        elif "." in token.value and self._uses_names():
            is_platform = self._at(index - 2).value in _PLATFORMS
            self._add(accessor(token.value), "", token, PLATFORM if is_platform else "")

    def _uses_names(self) -> bool:
        return bool({"dependencies", "plugins", "alias", "constraints"}.intersection(self._blocks))

    def _map_notation(self, index: int, token: Token) -> None:
        """Read `group: 'g', name: 'a', version: 'v'`, in any order after the group."""
        values = {"group": self._value(index + 2)}
        depth = 0
        for ahead in range(index + 3, min(index + _NEAR, len(self._tokens) - 2)):
            value = self._tokens[ahead].value
            depth += (value in ("(", "[")) - (value in (")", "]"))
            if depth < 0 or value in ("{", "}"):
                break
            if value in ("name", "version") and self._tokens[ahead + 1].value in (":", "="):
                values.setdefault(value, self._value(ahead + 2))
        if values["group"] and values.get("name"):
            package = f"{values['group']}:{values['name']}"
            self._add(package, values.get("version", ""), token, self._group(index))

    def _value(self, index: int) -> str:
        """Return the string at `index`, or `${name}` for a variable."""
        token = self._at(index)
        if token.kind == TEXT:
            return token.value
        return f"${{{token.value}}}" if token.kind == NAME else ""

    def _plugin(self, index: int, token: Token) -> None:
        """Read `id 'x' version 'v'` and `kotlin("jvm") version "v"`."""
        at = index + 1
        if self._at(at).value == "(":
            at += 1
        identifier = self._at(at)
        if identifier.kind != TEXT or "plugins" not in self._blocks:
            return
        at += 1
        if self._at(at).value == ")":
            at += 1
        version = ""
        if self._at(at).value == "version":
            at += 2 if self._at(at + 1).value == "(" else 1
            version = self._value(at)
        name = identifier.value
        if token.value == "kotlin":
            name = f"org.jetbrains.kotlin.{name}"
        self._add(f"{name}:{name}.gradle.plugin", version, token, PLUGIN)

    def _keyed_variable(self, index: int, token: Token) -> None:
        """Read `extra["x"] = "1"`, `set("x", "1")` and `versions["x"] = "1"`."""
        key, closing = self._at(index + 2), self._at(index + 3).value
        if key.kind != TEXT:
            return
        value = self._value(index + 4 if closing == "," else index + 5)
        is_assignment = closing == "," or (closing == "]" and self._at(index + 4).value == "=")
        if value and is_assignment:
            name = token.value.rpartition(".")[2]
            prefix = "" if name in ("extra", "set", "ext") else f"{name}."
            self._variables.setdefault(prefix + key.value, value)

    def _variable(self, index: int, token: Token) -> None:
        """Read `x = "1"`, `x: "1"` in a map, and the default in `x = a ? b : "1"`."""
        value = self._value(index + 2)
        if self._at(index + 1).value == "=":
            value = self._default(index + 2) or value
        if value:
            name = without_scope(self._qualified(token.value))
            self._variables.setdefault(name, value)
            self._variables.setdefault(without_scope(token.value), value)

    def _default(self, index: int) -> str:
        """Return the string after the last colon of a statement such as `a ?: "1"`."""
        line: list[Token] = []
        for at in range(index, min(index + _NEAR, len(self._tokens))):
            if self._tokens[at].kind == END:
                break
            line.append(self._tokens[at])
        if len(line) > 2 and line[-1].kind == TEXT and line[-2].value == ":":
            return line[-1].value
        return ""


_SCOPES = ("rootProject.", "project.", "ext.", "extra.", "this.", "properties.")


def without_scope(name: str) -> str:
    """Remove a prefix such as `project.` or `rootProject.ext.` from the name of a variable."""
    scoped = True
    while scoped:
        scoped = False
        for scope in _SCOPES:
            if name.startswith(scope) and len(name) > len(scope):
                name, scoped = name[len(scope) :], True
    return name


def accessor(name: str) -> str:
    """Return the canonical spelling of a name from a catalogue, such as `libs.kotlin.stdlib`."""
    return re.sub(r"[-_]", ".", name.removesuffix(".get").removesuffix(".asProvider"))


_KEY = re.compile(r"""[\[(]\s*["']([\w.-]+)["']\s*[\])]""")
_VARIABLE = re.compile(r"\$\{([^{}]*)\}|\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")


def variables_in(text: str) -> Iterator[tuple[str, str]]:
    """Yield each `$name` or `${name}` in a string, with the variable's name without its prefix."""
    for found in _VARIABLE.finditer(text):
        name = (found[1] if found[1] is not None else found[2]).strip()
        name = name.removesuffix(".get()").removesuffix(".toString()")
        name = re.sub(r"^(?:\w+\.)*(?:findProperty|property|extra|getProperty)\b", "extra", name)
        name = _KEY.sub(r".\1", name)
        yield found[0], without_scope(name)
