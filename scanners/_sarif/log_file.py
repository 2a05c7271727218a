"""The open results in a SARIF 2.1.0 file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Any

from .json_values import ReportError, entries, index, mapping, parse, position, text
from .locations import Address, Locations

_VERSION = "2.1.0"
_OPEN_KINDS = ("fail", "review", "open")
"""The kinds of results that are problems or may be problems."""
_UNDECIDED = ("underReview", "rejected")
LEVELS = ("error", "warning", "note", "none")


@dataclass(frozen=True, slots=True)
class Result:
    """An open result of a tool."""

    rule: str
    level: str
    message: str
    address: Address | None
    """The file that the result is about, or None if the result has no location."""
    line: int | None
    column: int | None
    snippet: str
    """The line of code if the SARIF file contains it, or an empty string."""
    fingerprint: str
    """A partial fingerprint, or an empty string if the result has none."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a tool."""

    tool: str
    revision: str
    """The commit that the tool analysed, or an empty string if the SARIF file does not state it."""
    results: tuple[Result, ...]
    unread: tuple[tuple[Address, str], ...]
    """(Address, reason) for each file that the tool could not analyse."""


def read_log(content: bytes) -> tuple[Run, ...]:
    """Return the runs in a UTF-8 encoded SARIF file.

    Raises:
        ReportError: The file is not valid SARIF 2.1.0, or reports that the tool failed.
    """
    log = parse(content)
    if not isinstance(log, dict) or not isinstance(log.get("runs"), list):
        raise ReportError("the file is not SARIF: it has no `runs` list")
    version = log.get("version")
    if version != _VERSION:
        raise ReportError(f"the file is SARIF of version {version!r:.20}, not {_VERSION}")
    return tuple(_Reader(run, place).read() for run, place in entries(log["runs"], "runs"))


class _Reader:
    """Reads one run of a tool."""

    def __init__(self, run: Mapping[str, Any], place: str) -> None:
        self._run = run
        self._place = place
        self._locations = Locations(run, place)
        tool = mapping(run.get("tool"), f"{place}.tool")
        self._driver = mapping(tool.get("driver"), f"{place}.tool.driver")
        self._extensions = [
            entry for entry, _ in entries(tool.get("extensions"), f"{place}.tool.extensions")
        ]
        self._rules: dict[int | None, Sequence[Mapping[str, Any]]] = {}
        self._by_name: dict[int | None, Mapping[str, Mapping[str, Any]]] = {}

    def read(self) -> Run:
        unread = tuple(self._unread())
        external = mapping(self._run.get("externalPropertyFileReferences"), f"{self._place}")
        if external.get("results"):
            raise ReportError(
                f"the results of `{self._place}` are in other files, which Headway does not read"
            )
        if self._run.get("results") is None:
            raise ReportError(f"`{self._place}` has no `results`, so the tool did not finish")
        return Run(
            text(self._driver.get("name"), f"{self._place}.tool.driver.name"),
            self._revision(),
            tuple(self._results()),
            unread,
        )

    def _revision(self) -> str:
        key = "versionControlProvenance"
        for details, place in entries(self._run.get(key), f"{self._place}.{key}"):
            revision = text(details.get("revisionId"), f"{place}.revisionId")
            if revision:
                return revision
        return ""

    def _unread(self) -> Iterator[tuple[Address, str]]:
        """Yield the files that the tool could not analyse.

        Raises:
            ReportError: The tool failed as a whole.
        """
        for invocation, place in entries(
            self._run.get("invocations"), f"{self._place}.invocations"
        ):
            reasons = []
            for key in ("toolExecutionNotifications", "toolConfigurationNotifications"):
                for notice, where in entries(invocation.get(key), f"{place}.{key}"):
                    if notice.get("level") != "error":
                        continue
                    message = _message(notice.get("message"), f"{where}.message")
                    addresses = [address for address, _, _ in self._places(notice, where)]
                    yield from ((address, message) for address in addresses if address)
                    if not addresses:
                        reasons.append(message)
            if invocation.get("executionSuccessful") is False or reasons:
                said = f": {reasons[0]:.200}" if reasons else ""
                raise ReportError(f"the tool reports that it failed{said}")

    def _results(self) -> Iterator[Result]:
        for result, place in entries(self._run["results"], f"{self._place}.results"):
            if not _is_open(result, place):
                continue
            rule, level = self._rule(result, place)
            found: list[tuple[Address | None, Mapping[str, Any], str]] = [
                *self._places(result, place)
            ]
            message = _message(result.get("message"), f"{place}.message")
            prints = mapping(result.get("partialFingerprints"), f"{place}.partialFingerprints")
            name = min(prints, default="")
            fingerprint = text(prints.get(name), f"{place}.partialFingerprints")
            for address, region, where in found or [(None, {}, place)]:
                yield Result(
                    rule,
                    level,
                    message,
                    address,
                    position(region.get("startLine"), f"{where}.region.startLine"),
                    position(region.get("startColumn"), f"{where}.region.startColumn"),
                    _snippet(region, where),
                    fingerprint,
                )

    def _places(
        self, result: Mapping[str, Any], place: str
    ) -> Iterator[tuple[Address, Mapping[str, Any], str]]:
        """Yield the address and region of each location. Related locations are ignored."""
        for location, at in entries(result.get("locations"), f"{place}.locations"):
            where = f"{at}.physicalLocation"
            physical = mapping(location.get("physicalLocation"), where)
            artifact = mapping(physical.get("artifactLocation"), f"{where}.artifactLocation")
            if artifact:
                address = self._locations.address_of(artifact, f"{where}.artifactLocation")
                yield address, mapping(physical.get("region"), f"{where}.region"), where

    def _rule(self, result: Mapping[str, Any], place: str) -> tuple[str, str]:
        """Return the rule ID and the level of a result."""
        reference = mapping(result.get("rule"), f"{place}.rule")
        number = index(result.get("ruleIndex"), f"{place}.ruleIndex")
        if number is None:
            number = index(reference.get("index"), f"{place}.rule.index")
        name = text(result.get("ruleId"), f"{place}.ruleId") or text(
            reference.get("id"), f"{place}.rule.id"
        )
        described = self._described(reference, number, name, place)
        name = name or text(described.get("id"), f"{place}.rule.id")
        defaults = mapping(described.get("defaultConfiguration"), f"{place}.rule")
        level = result.get("level") or defaults.get("level") or "warning"
        if level not in LEVELS:
            raise ReportError(f"`{place}.level` is not one of {', '.join(LEVELS)}")
        return name, level

    def _described(
        self, reference: Mapping[str, Any], number: int | None, name: str, place: str
    ) -> Mapping[str, Any]:
        """Return the description of a rule in the tool or an extension, or an empty mapping."""
        component = mapping(reference.get("toolComponent"), f"{place}.rule.toolComponent")
        extension = index(component.get("index"), f"{place}.rule.toolComponent.index")
        rules = self._rules_of(extension, place)
        if number is None:
            if extension not in self._by_name:
                self._by_name[extension] = {text(rule.get("id"), place): rule for rule in rules}
            return self._by_name[extension].get(name, {})
        if number >= len(rules):
            raise ReportError(f"`{place}.ruleIndex` is not the index of a rule")
        return rules[number]

    def _rules_of(self, extension: int | None, place: str) -> Sequence[Mapping[str, Any]]:
        """Return the rules of an extension, or of the tool itself if the extension is None."""
        if extension not in self._rules:
            if extension is not None and extension >= len(self._extensions):
                raise ReportError(f"`{place}.rule.toolComponent.index` is not the index of a tool")
            owner = self._driver if extension is None else self._extensions[extension]
            self._rules[extension] = [
                rule for rule, _ in entries(owner.get("rules"), f"{self._place}.tool: `rules`")
            ]
        return self._rules[extension]


def _is_open(result: Mapping[str, Any], place: str) -> bool:
    """Return whether a result is a current problem and not suppressed."""
    if result.get("kind", "fail") not in _OPEN_KINDS or result.get("baselineState") == "absent":
        return False
    statuses = [
        suppression.get("status")
        for suppression, _ in entries(result.get("suppressions"), f"{place}.suppressions")
    ]
    return not statuses or any(status in _UNDECIDED for status in statuses)


def _message(value: object, place: str) -> str:
    message = mapping(value, place)
    words = text(message.get("text"), f"{place}.text") or text(message.get("id"), f"{place}.id")
    return " ".join(words.split())


def _snippet(region: Mapping[str, Any], place: str) -> str:
    snippet = mapping(region.get("snippet"), f"{place}.region.snippet")
    lines = text(snippet.get("text"), f"{place}.region.snippet.text").split("\n")
    return next((line.strip("\r") for line in lines if line.strip()), "")


class Filter:
    """Selects results by tool, rule and level."""

    def __init__(
        self, rule_ids: Sequence[str] = (), levels: Sequence[str] = (), tools: Sequence[str] = ()
    ) -> None:
        self._levels = frozenset(levels)
        self._rules, self._not_rules, self._tools = (
            [re.compile(translate(pattern)) for pattern in patterns]
            for patterns in (
                [pattern for pattern in rule_ids if not pattern.startswith("!")],
                [pattern[1:] for pattern in rule_ids if pattern.startswith("!")],
                tools,
            )
        )

    def results(self, runs: Sequence[Run]) -> Iterator[Result]:
        """Yield the selected results."""
        for run in self.runs(runs):
            for result in run.results:
                if (
                    (not self._levels or result.level in self._levels)
                    and _matches(self._rules, result.rule, default=True)
                    and not _matches(self._not_rules, result.rule, default=False)
                ):
                    yield result

    def runs(self, runs: Sequence[Run]) -> Iterator[Run]:
        """Yield the runs of the selected tools."""
        return (run for run in runs if _matches(self._tools, run.tool, default=True))


def _matches(patterns: Sequence[Any], name: str, *, default: bool) -> bool:
    return any(pattern.match(name) for pattern in patterns) if patterns else default
