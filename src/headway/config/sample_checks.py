"""Check rules against the example texts and paths that their authors give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from headway.config.campaign_file import RuleFile
from headway.config.document import Document, KeyPath
from headway.config.problems import Problem
from headway.model.campaign import Rule
from headway.model.scope import name_matches
from headway.model.vendored import is_vendored
from headway.plugins import text_of
from headway.scanner import ContentScanner, Scanner, TreeScanner

_SHOWN = 60
"""The maximum number of characters of a sample in a message."""
_ANY_PATH = "sample"
"""The path at which a text is searched if the rule has no `sample_paths`."""


@dataclass(frozen=True, slots=True)
class SampledRule:
    """A rule with its scanner and with the samples in its file."""

    rule: Rule
    scanner: Scanner[Any]
    options: Any
    """The options as validated by the scanner."""
    file: RuleFile


class _ScannerFailedError(Exception):
    """The scanner raised an exception for a sample."""


def check_samples(document: Document, sampled: SampledRule, path: KeyPath) -> Iterator[Problem]:
    """Yield a problem for each sample that the rule treats in the wrong way.

    Args:
        document: The file.
        sampled: The rule.
        path: The path of the rule in the file.
    """
    for check, key in ((_check_texts, "sample"), (_check_paths, "sample_paths")):
        try:
            yield from check(document, sampled, path)
        except _ScannerFailedError as error:
            yield document.problem(
                f"the scanner `{sampled.scanner.name}` failed on the sample: {error}", (*path, key)
            )


def _check_texts(document: Document, sampled: SampledRule, path: KeyPath) -> Iterator[Problem]:
    name, file = sampled.rule.id, sampled.file
    for key, texts, must_match in (
        ("sample", file.sample, True),
        ("not_sample", file.not_sample, False),
    ):
        if texts and not isinstance(sampled.scanner, ContentScanner):
            yield document.problem(
                f"a `{sampled.scanner.name}` rule does not read text, so it cannot have a `{key}`",
                (*path, key),
                hint=f"remove it, or list example paths in `{key}_paths`",
            )
            continue
        for position, text in enumerate(texts):
            if _matches_text(sampled, text) != must_match:
                verb = "does not match its sample" if must_match else "matches its `not_sample`"
                yield document.problem(
                    f"the rule `{name}` {verb} `{text[:_SHOWN]}`",
                    (*path, key, position),
                    hint="correct the pattern or the sample",
                )


def _check_paths(document: Document, sampled: SampledRule, path: KeyPath) -> Iterator[Problem]:
    name, file = sampled.rule.id, sampled.file
    for key, paths, must_find in (
        ("sample_paths", file.sample_paths, True),
        ("not_sample_paths", file.not_sample_paths, False),
    ):
        for position, sample in enumerate(paths):
            place = (*path, key, position)
            if sample.startswith("/"):
                yield document.problem(
                    f"the path `{sample}` begins with a slash",
                    place,
                    hint=f"write `{sample.lstrip('/')}`: paths begin at the root of the repository",
                )
            elif _finds_path(sampled, sample) != must_find:
                verb = "does not search" if must_find else "searches"
                yield document.problem(
                    f"the rule `{name}` {verb} `{sample}`, which is in its `{key}`",
                    place,
                    hint=_path_hint(sampled.rule, sample, key),
                )


def _path_hint(rule: Rule, path: str, key: str) -> str:
    if is_vendored(path) and not rule.include_vendored:
        return "vendored and generated code is excluded; add `include_vendored: true` to the rule"
    return f"correct `paths` or `{key}`"


def _matches_text(sampled: SampledRule, text: str) -> bool:
    scanner = sampled.scanner
    assert isinstance(scanner, ContentScanner)
    path = next(iter(sampled.file.sample_paths), _ANY_PATH)
    try:
        return any(True for _ in scanner.compile([sampled.options])(path, text.encode()))
    except Exception as error:
        raise _ScannerFailedError(text_of(error)) from error


def _finds_path(sampled: SampledRule, path: str) -> bool:
    """Return whether the rule searches a file, or matches its path if it only looks at paths."""
    rule, scanner = sampled.rule, sampled.scanner
    if not name_matches(rule.paths, path) or (is_vendored(path) and not rule.include_vendored):
        return False
    if not isinstance(scanner, TreeScanner):
        return True
    try:
        return any(match.path == path for match in scanner.find(sampled.options, [path]))
    except Exception as error:
        raise _ScannerFailedError(text_of(error)) from error
