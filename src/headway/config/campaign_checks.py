"""Checks that the schema of campaign files cannot express, such as the order of dates.

The checks read the raw data, so they run even if the file has schema errors. The user therefore
sees all problems at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from headway.config.campaign_file import GOALS, VISIBILITIES, CampaignFile
from headway.config.document import Document, KeyPath
from headway.config.pattern_checks import check_patterns, words_in
from headway.config.problems import Problem, likely
from headway.model.vendored import is_vendored

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""All control characters except tabs and line endings."""
_ESCAPES = {
    "\0": "`\\0`",
    "\a": "`\\a`",
    "\b": "`\\b`",
    "\v": "`\\v`",
    "\f": "`\\f`",
    "\x1b": "`\\e`",
}
_ANY_TEXT = ("sample", "not_sample", "paths", "repositories")
"""Keys whose values this module does not check for control characters.

A sample can contain any character. `check_patterns` reports control characters in patterns.
"""

ROLES = ("applies_to", "deprecated", "required", "replacement")
"""The keys of a campaign file that contain rules."""


def check_campaign(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the problems that all checks in this module find."""
    yield from _check_goal(document, data)
    yield from _check_ids(document, data)
    yield from _check_dates(document, data)
    yield from _check_exempt_rules(document, data)
    yield from _check_visibilities(document, data)
    yield from _check_old_name(document, data)
    yield from _check_patterns(document, data)
    yield from _check_characters(document, data, ())


def mappings_in(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the index and value of each mapping in the list `data[key]`. Skip other entries."""
    entries = data.get(key)
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield position, entry


def _check_goal(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    has_unknown_key = bool(data.keys() - CampaignFile.model_fields.keys())
    has_goal = "deprecated" in data or any(data.get(key, []) != [] for key in GOALS)
    if not has_unknown_key and not has_goal:
        yield document.problem(
            "the campaign has neither `deprecated` nor `required`, so it has no goal",
            (),
            hint="add `deprecated:` for what must be removed, or `required:` for what must be "
            "present",
        )


def _check_ids(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    line_of_id: dict[str, int] = {}
    for role in ROLES:
        for position, entry in mappings_in(data, role):
            rule = entry.get("id")
            path = (role, position, "id")
            if not isinstance(rule, str) or path not in document.places:
                continue
            if rule in line_of_id:
                yield document.problem(
                    f"the rule id `{rule}` is used twice",
                    path,
                    hint=f"line {line_of_id[rule]} already uses it; give each rule its own id",
                )
            line_of_id.setdefault(rule, document.places[path][0])


def _check_dates(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    starts = _date(data.get("starts"))
    if starts is None:
        return
    due = _date(data.get("due"))
    if due is not None and due < starts:
        yield document.problem(
            f"`due` ({due}) is before `starts` ({starts})",
            ("due",),
            hint="swap the dates, or correct one of them",
        )
    for position, milestone in mappings_in(data, "milestones"):
        due = _date(milestone.get("due"))
        # A milestone without repositories can precede the start, for example to mark an end of
        # support.
        if due is not None and due < starts and "repositories" in milestone:
            name = milestone.get("name", position)
            yield document.problem(
                f"the due date of the milestone `{name}` ({due}) is before `starts` ({starts})",
                ("milestones", position, "due"),
                hint="correct one of the two dates",
            )


def _check_exempt_rules(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    rules = sorted(
        entry["id"]
        for role in ROLES
        for _, entry in mappings_in(data, role)
        if isinstance(entry.get("id"), str)
    )
    for position, exemption in mappings_in(data, "exemptions"):
        for path, rule in words_in(exemption.get("rules"), ("exemptions", position, "rules")):
            if rule not in rules:
                yield document.problem(
                    f"the exemption names the rule `{rule}`, which this campaign does not have",
                    path,
                    hint=likely(rule, rules),
                )


def _check_visibilities(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    scope = data.get("scope")
    visibility = scope.get("visibility") if isinstance(scope, dict) else None
    for path, word in words_in(visibility, ("scope", "visibility")):
        if word not in VISIBILITIES:
            yield document.problem(
                f"`{word}` is not a valid visibility", path, hint=likely(word, VISIBILITIES)
            )


def _check_old_name(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    if "required" in data and "replacement" in data:
        yield document.problem(
            "`replacement` is the former name of `required`, and this file has both",
            ("replacement",),
            at_key=True,
            hint="move its rules to `required`",
        )


def _check_patterns(document: Document, data: Mapping[str, Any]) -> Iterator[Problem]:
    scope = data.get("scope")
    repositories = scope.get("repositories") if isinstance(scope, dict) else None
    yield from check_patterns(document, repositories, ("scope", "repositories"), "repository")
    for key in (*ROLES, "milestones", "exemptions"):
        for position, entry in mappings_in(data, key):
            paths, names = ((key, position, name) for name in ("paths", "repositories"))
            yield from check_patterns(document, entry.get("paths"), paths, "path")
            if key in ROLES and not _includes_vendored(data, entry):
                yield from _check_vendored(document, entry.get("paths"), paths)
            if key not in ROLES:
                yield from check_patterns(document, entry.get("repositories"), names, "repository")


def _includes_vendored(data: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    chosen = entry.get("include_vendored")
    return bool(data.get("include_vendored") if chosen is None else chosen)


def _check_vendored(document: Document, value: object, path: KeyPath) -> Iterator[Problem]:
    for place, pattern in words_in(value, path):
        if not pattern.startswith("!") and is_vendored(pattern):
            yield document.problem(
                f"the pattern `{pattern}` matches only vendored or generated code, which is "
                "excluded by default",
                place,
                hint="add `include_vendored: true` to the rule, or remove the pattern",
            )


def _check_characters(document: Document, value: object, path: KeyPath) -> Iterator[Problem]:
    """Yield a problem for each string with a control character.

    In a double-quoted YAML string, a typo such as `\\b` silently produces a control character.
    """
    if isinstance(value, dict):
        for key, below in value.items():
            if key not in _ANY_TEXT:
                yield from _check_characters(document, below, (*path, key))
    elif isinstance(value, list):
        for position, below in enumerate(value):
            yield from _check_characters(document, below, (*path, position))
    elif isinstance(value, str):
        found = _CONTROL.search(value)
        if found:
            escape = _ESCAPES.get(found[0], "an escape")
            yield document.problem(
                f"the value contains the control character U+{ord(found[0]):04X}",
                path,
                hint=f"use single quotes: in double quotes, {escape} stands for this character",
            )


def _date(value: object) -> date | None:
    """Parse a date. Return None for anything else, because the schema reports invalid dates."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None
