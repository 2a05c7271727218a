"""The programming languages of ast-grep, and the grammar for each file."""

from __future__ import annotations

LANGUAGES = (
    "bash",
    "c",
    "cpp",
    "csharp",
    "css",
    "elixir",
    "go",
    "haskell",
    "hcl",
    "html",
    "java",
    "javascript",
    "json",
    "kotlin",
    "lua",
    "nix",
    "php",
    "python",
    "ruby",
    "rust",
    "scala",
    "solidity",
    "swift",
    "tsx",
    "typescript",
    "yaml",
)
"""The languages that the oldest supported version of ast-grep-py can parse. It would panic on any
other name.
"""

_WITH_TYPES = (".ts", ".mts", ".cts")
_WITH_TAGS = (".tsx", ".jsx", ".js", ".mjs", ".cjs")


def grammars_of(language: str) -> tuple[str, ...]:
    """Return the grammars for files of a language. The first one is the default."""
    if language == "javascript":
        return "javascript", "typescript", "tsx"
    if language == "typescript":
        return "typescript", "tsx"
    return (language,)


def grammar_for(language: str, path: str) -> str:
    """Return the grammar for a file.

    For JavaScript and TypeScript, the grammar depends on the file name, so that one rule can search
    the files of both languages.
    """
    if language == "javascript" and path.endswith(_WITH_TYPES):
        return "typescript"
    if language == "javascript" and path.endswith(".tsx"):
        return "tsx"
    if language == "typescript" and path.endswith(_WITH_TAGS):
        return "tsx"
    return language
