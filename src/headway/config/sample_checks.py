"""Check rules against the samples and sample paths in campaign files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from headway.config.campaign_file import RuleFile
from headway.config.document import Document, KeyPath
from headway.config.problems import Problem
from headway.model.campaign import Rule
from headway.model.scope import name_matches
from headway.model.vendored import is_vendored
from headway.plugins import text_of
from headway.printable import printable
from headway.scanner import ContentScanner, ProjectScanner, Scanner, TreeScanner, Unknown

_SHOWN = 60
"""The maximum number of characters of a sample in a message."""
_ANY_PATH = "sample"
"""The path of a sample text if the rule has no `sample_paths`."""


@dataclass(frozen=True, slots=True)
class SampledRule:
    """A rule with its scanner and its samples."""

    rule: Rule
    scanner: Scanner[Any]
    options: Any
    """The options after validation by the scanner."""
    file: RuleFile


class _ScannerFailedError(Exception):
    """The scanner raised an exception while searching a sample."""


def check_samples(document: Document, sampled: SampledRule, path: KeyPath) -> Iterator[Problem]:
    """Yield a problem for each sample with an unexpected result.

    Args:
        document: The file.
        sampled: The rule with its samples.
        path: The path of the rule in the file.
    """
    for check, key in ((_check_texts, "sample"), (_check_paths, "sample_paths")):
        try:
            yield from check(document, sampled, path)
        except _ScannerFailedError as error:
            yield document.problem(
                f"the `{sampled.scanner.name}` scanner failed on the sample: {error}", (*path, key)
            )


def _check_texts(document: Document, sampled: SampledRule, path: KeyPath) -> Iterator[Problem]:
    name, file = sampled.rule.id, sampled.file
    for key, texts, must_match in (
        ("sample", file.sample, True),
        ("not_sample", file.not_sample, False),
    ):
        if texts and not isinstance(sampled.scanner, ContentScanner | ProjectScanner):
            yield document.problem(
                f"a `{sampled.scanner.name}` rule does not read text, so it cannot have a `{key}`",
                (*path, key),
                hint=f"remove it, or list example paths in `{key}_paths`",
            )
            continue
        for position, sample in enumerate(texts):
            place = (*path, key, position)
            wrong = _wrong_form(document, sampled, sample, place)
            if wrong is not None:
                yield wrong
            elif _matches_sample(sampled, sample) != must_match:
                verb = "does not match its sample" if must_match else "matches its `not_sample`"
                shown = sample if isinstance(sample, str) else ", ".join(sample)
                yield document.problem(
                    f"the rule `{name}` {verb} `{shown[:_SHOWN]}`",
                    place,
                    hint="correct the pattern or the sample"
                    if isinstance(sample, str)
                    else "correct the options of the rule or the sample",
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


def _wrong_form(
    document: Document, sampled: SampledRule, sample: str | Mapping[str, str], place: KeyPath
) -> Problem | None:
    """Return a problem if a sample has the wrong form for its scanner, otherwise None.

    A sample of a project rule must consist of files that the scanner reads. All other samples must
    be strings.
    """
    name = sampled.scanner.name
    if isinstance(sampled.scanner, ProjectScanner):
        if isinstance(sample, str):
            return document.problem(
                f"a sample of a `{name}` rule maps the paths of files to their contents",
                place,
                hint="write `path: text`",
            )
        patterns = _files_of(sampled)
        unread = [file for file in sample if not name_matches(patterns, file)]
        if unread:
            return document.problem(
                f"the `{name}` scanner does not read `{unread[0]}`",
                place,
                hint=f"it reads {', '.join(patterns)}",
            )
    elif not isinstance(sample, str):
        return document.problem(
            f"a sample of a `{name}` rule must be a string, but this is a mapping",
            place,
            hint="put it in single quotes: without them, `{` and `: ` begin a mapping",
        )
    return None


def _matches_sample(sampled: SampledRule, sample: str | Mapping[str, str]) -> bool:
    return (
        _matches_text(sampled, sample)
        if isinstance(sample, str)
        else _matches_files(sampled, sample)
    )


def _matches_files(sampled: SampledRule, sample: Mapping[str, str]) -> bool:
    """Return whether a project rule has a match in any of the files that it reads."""
    scanner, options = sampled.scanner, sampled.options
    assert isinstance(scanner, ProjectScanner)
    try:
        facts = {
            file: scanner.read(options, file, sample[file].encode()) for file in sorted(sample)
        }
        found = list(scanner.find(options, facts))
    except Exception as error:
        raise _ScannerFailedError(text_of(error)) from error
    for match in found:
        if isinstance(match, Unknown):
            raise _ScannerFailedError(printable(f"{match.path}: {match.reason}"))
    return any(_counts_at(sampled.rule, match.path) for match in found)


def _files_of(sampled: SampledRule) -> tuple[str, ...]:
    """Return the patterns of the files that a project rule reads."""
    assert isinstance(sampled.scanner, ProjectScanner)
    try:
        return tuple(sampled.scanner.files(sampled.options))
    except Exception as error:
        raise _ScannerFailedError(text_of(error)) from error


def _counts_at(rule: Rule, path: str) -> bool:
    """Return whether a match at this path counts.

    The rule's `paths` must select the path, and the path must not be excluded as vendored code.
    """
    return name_matches(rule.paths, path) and (rule.include_vendored or not is_vendored(path))


def _matches_text(sampled: SampledRule, text: str) -> bool:
    scanner = sampled.scanner
    assert isinstance(scanner, ContentScanner)
    path = next(iter(sampled.file.sample_paths), _ANY_PATH)
    try:
        return any(True for _ in scanner.compile([sampled.options])(path, text.encode()))
    except Exception as error:
        raise _ScannerFailedError(text_of(error)) from error


def _finds_path(sampled: SampledRule, path: str) -> bool:
    """Return whether the rule searches a file, or matches the path in the case of a tree rule."""
    rule, scanner = sampled.rule, sampled.scanner
    if not _counts_at(rule, path):
        return False
    if isinstance(scanner, ProjectScanner):
        return name_matches(_files_of(sampled), path)
    if not isinstance(scanner, TreeScanner):
        return True
    try:
        return any(match.path == path for match in scanner.find(sampled.options, [path]))
    except Exception as error:
        raise _ScannerFailedError(text_of(error)) from error
