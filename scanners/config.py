"""The `config` scanner tests values in YAML, JSON, TOML, INI, XML and `.properties` files."""

from __future__ import annotations

import re as plain_patterns
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any

import re2
from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from headway import ContentScanner, Match, Options

from ._config.conditions import COMPARISONS, is_equal, version_of
from ._config.formats import FORMATS, READERS, Format, format_of
from ._config.key_path import Place, Step, names_in, parse_key, values_at
from ._config.nodes import TEMPLATES, File, Node, UnreadableFileError

_ESCAPABLE = plain_patterns.compile(r"['\"\s]")
_MAY_HIDE_NAMES = plain_patterns.compile(
    rb"\\|&#|" + b"|".join(plain_patterns.escape(begin.encode()) for begin in TEMPLATES)
)
"""Finds escapes and template instructions, which can hide the name of a key."""


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        raise ValueError(
            f"put the number in quotes, as in `'{value}'`, because YAML reads 3.10 as 3.1"
        )
    return str(value) if isinstance(value, int) else value


def _as_texts(value: Any) -> Any:
    return [_as_text(entry) for entry in (value if isinstance(value, list) else [value])]


_ONE = {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]}
_SEVERAL = {"anyOf": [*_ONE["anyOf"], {"type": "array", "items": _ONE}]}
Value = Annotated[str, BeforeValidator(_as_text), WithJsonSchema(_ONE)]
Values = Annotated[tuple[str, ...], BeforeValidator(_as_texts), WithJsonSchema(_SEVERAL)]

_TESTS = ("equals", "not_equals", "matches", "not_matches", *COMPARISONS)


class ConfigOptions(Options):
    """The options of a `config` rule."""

    key: str = Field(
        description="The path of the value, such as `spec.containers[*].image`. `*` stands for any "
        "key, `[*]` for any item of a list, `[0]` for the first item, and `**` for any number of "
        "levels. Put names with special characters in quotes. `@name` is an XML attribute.",
    )
    equals: Values = Field(default=(), description="Finds values that equal one of these strings.")
    not_equals: Values = Field(
        default=(), description="Finds values that equal none of these strings."
    )
    matches: str | None = Field(
        default=None, description="Finds values that match a regular expression in RE2 syntax."
    )
    not_matches: str | None = Field(
        default=None, description="Finds values that do not match a regular expression."
    )
    less_than: Value | None = Field(
        default=None, description="Finds numbers and versions below this one."
    )
    at_most: Value | None = Field(
        default=None, description="Finds numbers and versions equal to or below this one."
    )
    greater_than: Value | None = Field(
        default=None, description="Finds numbers and versions above this one."
    )
    at_least: Value | None = Field(
        default=None, description="Finds numbers and versions equal to or above this one."
    )
    missing: bool = Field(
        default=False,
        strict=True,
        description="Finds the documents without this value. If the path has wildcards, the part "
        "up to the last wildcard selects values, and the option finds the selected values that "
        "lack the rest of the path.",
    )
    where: Mapping[str, Values] = Field(
        default_factory=dict,
        description="Searches only the documents in which each of these paths has one of the given "
        "values, as in `{kind: [Deployment, StatefulSet]}`.",
    )
    format: Format | None = Field(
        default=None,
        description="The format of the files. By default, the name of the file determines it.",
    )

    @field_validator("key")
    @classmethod
    def _is_path(cls, key: str) -> str:
        parse_key(key)
        return key

    @field_validator("where")
    @classmethod
    def _are_paths(cls, where: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        for key in where:
            parse_key(key)
        return where

    @field_validator("matches", "not_matches")
    @classmethod
    def _is_pattern(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                _compiled(pattern)
            except re2.error as error:
                reason = error.args[0] if error.args else error
                text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
                raise ValueError(f"RE2 rejects the pattern: {text}; correct it") from error
        return pattern

    @field_validator(*COMPARISONS)
    @classmethod
    def _is_version(cls, value: str | None) -> str | None:
        if value is not None and version_of(value) is None:
            raise ValueError(f"`{value}` is neither a number nor a version, such as 1.26")
        return value

    @model_validator(mode="after")
    def _go_together(self) -> ConfigOptions:
        tests = [name for name in _TESTS if getattr(self, name) not in ((), None)]
        if self.missing and tests:
            raise ValueError(
                f"`missing` and `{tests[0]}` cannot be combined; write two rules instead"
            )
        return self


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    settings = re2.Options()
    settings.log_errors = False
    return re2.compile(pattern, settings)


class Config(ContentScanner[ConfigOptions]):
    """Finds values in configuration files by path, and files in which a value is missing.

    Without a test such as `equals`, the rule finds every value at the path. If a file that does not
    parse, such as a template, could contain the value, the file is reported as unreadable.
    """

    name = "config"
    version = "1"
    Options = ConfigOptions
    needs_paths = True

    def find(self, options: ConfigOptions, path: str, content: bytes) -> Iterable[Match]:
        """Find the matches of one rule in one file."""
        return [match for _, match in self.compile([options])(path, content)]

    def compile(self, rules: Sequence[ConfigOptions]) -> _Search:
        """Return a function that reads each file once for all rules."""
        return _Search(rules)


class _Search:
    def __init__(self, rules: Sequence[ConfigOptions]) -> None:
        self._rules = [_Rule(options) for options in rules]

    def __call__(self, path: str, content: bytes) -> Iterator[tuple[int, Match]]:
        hides_names = _MAY_HIDE_NAMES.search(content) is not None
        files: dict[Format, File] = {}
        for index, rule in enumerate(self._rules):
            if not hides_names and not rule.can_match(content):
                continue
            kind = rule.format or format_of(path)
            if kind is None:
                raise UnreadableFileError(
                    "the name of the file does not show its format; give the rule a `format`: "
                    + ", ".join(FORMATS)
                )
            if kind not in files:
                files[kind] = READERS[kind](content)
            for match in rule.find(files[kind]):
                yield index, match


class _Rule:
    """A single rule, prepared for searching many files."""

    def __init__(self, options: ConfigOptions) -> None:
        self.format = options.format
        self._key = options.key
        self._steps = parse_key(options.key)
        self._missing = options.missing
        self._where = [(parse_key(key), values) for key, values in options.where.items()]
        self._tests = list(_tests(options))
        names = frozenset[str]().union(*(names_in(steps) for steps, _ in self._where))
        if not options.missing:
            names |= names_in(self._steps)
        # Omit names that a file can write in other ways, such as with a doubled apostrophe.
        plain = (name for name in names if not _ESCAPABLE.search(name))
        self._names = [name.lstrip("@").encode() for name in plain]

    def can_match(self, content: bytes) -> bool:
        """Return whether a file contains the names that the rule needs."""
        return all(name in content for name in self._names)

    def find(self, file: File) -> list[Match]:
        """Return the matches in a file, in order of position."""
        by_place: dict[tuple[int, int], Match] = {}
        for document in file.documents:
            if document.is_null or not self._is_searched(document):
                continue
            for place in self._missing_in(document) if self._missing else self._found_in(document):
                node = place.node
                text, captures = self._describe(place)
                # A YAML alias can repeat a value, but the value is still in one place.
                by_place.setdefault(
                    (node.line, node.column), Match(text, node.line, node.column, "", captures)
                )
        return [by_place[place] for place in sorted(by_place)]

    def _describe(self, place: Place) -> tuple[str, Mapping[str, str]]:
        value = place.node.text
        if self._missing:
            return f"{self._key} is missing", {}
        if value is None:
            return place.path, {}
        return f"{place.path}: {value}", {"value": value}

    def _is_searched(self, document: Node) -> bool:
        return all(
            any(
                place.node.text is not None
                and any(is_equal(place.node.text, wanted) for wanted in values)
                for place in values_at(document, steps)
            )
            for steps, values in self._where
        )

    def _found_in(self, document: Node) -> Iterator[Place]:
        for place in values_at(document, self._steps):
            if place.node.is_value and self._passes(place.node.text):
                yield place

    def _passes(self, value: str | None) -> bool:
        if value is None:
            return not self._tests
        return all(test(value) for test in self._tests)

    def _missing_in(self, document: Node) -> Iterator[Place]:
        wildcards = [number for number, step in enumerate(self._steps) if step.is_wildcard]
        split = wildcards[-1] + 1 if wildcards else 0
        rest = self._steps[split:]
        for place in values_at(document, self._steps[:split]):
            if not any(found.node.is_value for found in values_at(place.node, rest)):
                yield Place(_nearest(place.node, rest))


def _nearest(node: Node, steps: Sequence[Step]) -> Node:
    """Return the innermost existing value on the path to a missing one."""
    for length in range(len(steps), 0, -1):
        found = values_at(node, steps[:length])
        if found:
            return found[0].node
    return node


def _tests(options: ConfigOptions) -> Iterator[Callable[[str], bool]]:
    """Yield the conditions that the value of a match must meet."""
    if options.equals:
        yield lambda value: any(is_equal(value, wanted) for wanted in options.equals)
    if options.not_equals:
        yield lambda value: not any(is_equal(value, wanted) for wanted in options.not_equals)
    if options.matches is not None:
        wanted = _compiled(options.matches)
        yield lambda value: wanted.search(value) is not None
    if options.not_matches is not None:
        unwanted = _compiled(options.not_matches)
        yield lambda value: unwanted.search(value) is None
    for name, compare in COMPARISONS.items():
        limit = getattr(options, name)
        if limit is not None:
            yield _comparison(compare, limit)


def _comparison(compare: Callable[[Any, Any], bool], limit: str) -> Callable[[str], bool]:
    bound = version_of(limit)

    def test(value: str) -> bool:
        version = version_of(value)
        return version is not None and compare(version, bound)

    return test
