"""The `ast` scanner finds code by its structure, and symbols however they are imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar

from pydantic import (
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from headway import ContentScanner, Match, Options

from ._syntax_tree.languages import LANGUAGES, grammars_of
from ._syntax_tree.search import SYMBOL_VARIABLE, Rule, Search, Usage
from ._syntax_tree.symbols import Symbol, parse_javascript_symbol, parse_python_symbol
from ._syntax_tree.trees import (
    InvalidPatternError,
    Tree,
    check_pattern,
    installed_version,
    require_package,
)

_SYMBOL_PARSERS = {
    "python": parse_python_symbol,
    "javascript": parse_javascript_symbol,
    "typescript": parse_javascript_symbol,
    "tsx": parse_javascript_symbol,
}


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


Texts = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
_USAGE = {"enum": ["call", "reference", "import"]}
Usages = Annotated[
    tuple[Usage, ...],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [_USAGE, {"type": "array", "items": _USAGE}]}),
]


class SyntaxTreeOptions(Options):
    """The options of an `ast` rule."""

    language: str = Field(
        description="The language of the files. A `javascript` or `typescript` rule reads both "
        "languages; the file name determines which.",
        json_schema_extra={"enum": list(LANGUAGES)},
    )
    symbol: Texts = Field(
        default=(),
        description="Finds the uses of a function, class or module, regardless of how it was "
        "imported, such as `datetime.datetime.utcnow` in Python or `react-dom:render` in "
        "JavaScript. `six.moves.*`"
        " and `lodash:*` find everything below a module.",
    )
    usage: Usages = Field(
        default=("call", "reference"),
        description="The uses of the symbol to find: call, reference (any other expression) or "
        "import.",
    )
    pattern: str | None = Field(
        default=None,
        min_length=1,
        description="Finds code that matches this ast-grep pattern. `$NAME` stands for one node of "
        "the syntax tree and `$$$NAME` for any number of nodes. With `symbol`, `$SYMBOL` stands "
        "for a reference to the symbol.",
    )
    rule: Mapping[str, Any] | None = Field(
        default=None,
        description="Finds code that matches this ast-grep rule object, in place of `pattern`.",
    )
    constraints: Mapping[str, Mapping[str, Any]] = Field(
        default_factory=dict,
        description="Maps the names of variables to rule objects that their nodes must match.",
    )
    utils: Mapping[str, Mapping[str, Any]] = Field(
        default_factory=dict,
        description="Maps names to ast-grep rule objects, to which `rule` can refer with "
        "`matches`.",
    )

    @field_validator("language")
    @classmethod
    def _is_known(cls, language: str) -> str:
        if language not in LANGUAGES:
            near = get_close_matches(language.lower(), LANGUAGES, 3)
            hint = f"did you mean {_or(near)}?" if near else f"use one of {', '.join(LANGUAGES)}"
            raise ValueError(f"`{language}` is not a language that ast-grep can parse; {hint}")
        require_package()
        return language

    @field_validator("symbol")
    @classmethod
    def _are_symbols(cls, symbol: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if "language" in info.data:
            _parse_symbols(symbol, info.data["language"])
        return symbol

    @field_validator("pattern")
    @classmethod
    def _parses(cls, pattern: str | None, info: ValidationInfo) -> str | None:
        if pattern is not None and "language" in info.data:
            _check({"rule": {"pattern": pattern}}, info.data["language"])
        return pattern

    @model_validator(mode="after")
    def _go_together(self) -> SyntaxTreeOptions:
        if self.pattern is not None and self.rule is not None:
            raise ValueError("`pattern` and `rule` cannot be combined; write `pattern` in the rule")
        if self.pattern is None and self.rule is None and not self.symbol:
            raise ValueError("add `symbol`, `pattern` or `rule` to define what to find")
        config = self._config()
        if config is None:
            if self.constraints or self.utils:
                raise ValueError("`constraints` and `utils` need a `pattern` or a `rule`")
            return self
        if self.symbol and f"${SYMBOL_VARIABLE}" not in str(config):
            raise ValueError(
                f"write `${SYMBOL_VARIABLE}` in the pattern where the symbol is used, as in "
                f"`${SYMBOL_VARIABLE}($$$)`"
            )
        if self.symbol and "usage" in self.model_fields_set:
            raise ValueError(
                "`usage` and `pattern` cannot be combined; the pattern determines which uses match"
            )
        if self.rule is not None or self.constraints or self.utils:
            _check(config, self.language)
        return self

    def _config(self) -> Mapping[str, Any] | None:
        """Return the configuration for ast-grep, or None to find all uses of the symbol."""
        rule = {"pattern": self.pattern} if self.pattern is not None else self.rule
        if rule is None:
            return None
        config: dict[str, Any] = {"rule": _plain(rule)}
        if self.constraints:
            config["constraints"] = _plain(self.constraints)
        if self.utils:
            config["utils"] = _plain(self.utils)
        return config

    def as_rule(self) -> Rule:
        """Return the rule in the form that the search needs."""
        symbols = _parse_symbols(self.symbol, self.language)
        return Rule(self.language, self._config(), symbols, self.usage)


def _parse_symbols(texts: Sequence[str], language: str) -> tuple[Symbol, ...]:
    parse = _SYMBOL_PARSERS.get(language)
    if parse is None and texts:
        raise ValueError(
            f"symbols cannot be resolved in {language}, only in {_or(list(_SYMBOL_PARSERS))}; "
            "use a `pattern`"
        )
    return tuple(parse(text) for text in texts) if parse is not None else ()


def _check(config: Mapping[str, Any], language: str) -> None:
    """Check a rule with every grammar that its files may need."""
    for grammar in grammars_of(language):
        for pattern in _patterns_in(config):
            try:
                check_pattern(pattern, grammar)
            except InvalidPatternError as error:
                raise ValueError(f"the pattern `{pattern[:40]}` {error}; correct it") from error
        try:
            Tree("", grammar).find_all(config)
        except InvalidPatternError as error:
            raise ValueError(f"ast-grep rejects the rule: {error}; correct it") from error


def _plain(value: Any) -> Any:
    """Convert a value to plain dictionaries and lists, as ast-grep requires."""
    if isinstance(value, Mapping):
        return {str(key): _plain(below) for key, below in value.items()}
    return [_plain(below) for below in value] if isinstance(value, list | tuple) else value


def _patterns_in(value: Any) -> Iterable[str]:
    """Yield every pattern in a rule object, including those with a context."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            if key in ("pattern", "context") and isinstance(below, str):
                yield below
            else:
                yield from _patterns_in(below)
    elif isinstance(value, list):
        for below in value:
            yield from _patterns_in(below)


def _or(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"


class SyntaxTree(ContentScanner[SyntaxTreeOptions]):
    """Finds uses of a symbol, or code that matches a pattern, with ast-grep.

    Comments and strings never match. If a fragment that does not parse could contain a match, the
    file is reported as unreadable. The scanner needs the package ast-grep-py: `pip install
    'headway[ast]'`.
    """

    name = "ast"
    version: ClassVar[str] = f"1 with ast-grep {installed_version()}"
    Options = SyntaxTreeOptions
    needs_paths = True

    def find(self, options: SyntaxTreeOptions, path: str, content: bytes) -> Iterable[Match]:
        """Find the matches of one rule in one file."""
        return [match for _, match in self.compile([options])(path, content)]

    def compile(self, rules: Sequence[SyntaxTreeOptions]) -> Search:
        """Return a function that searches a file for all rules and parses it once per grammar."""
        return Search([options.as_rule() for options in rules])
