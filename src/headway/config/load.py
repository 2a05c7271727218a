"""Campaign files to campaigns: every problem of every file at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from headway.config.campaign_file import (
    COMMON_RULE_KEYS,
    REQUIRED_RULE_KEYS,
    VISIBILITIES,
    CampaignFile,
    RuleFile,
)
from headway.config.document import Document, Path_, read_document
from headway.config.misspelled_keys import slips
from headway.config.problems import Problem, likely
from headway.config.validation_messages import explain
from headway.model.campaign import (
    Campaign,
    Exemption,
    Milestone,
    Role,
    Rule,
    Scope,
)
from headway.plugins import Scanners
from headway.scanner import ContentScanner, Scanner

_ENDINGS = (".yaml", ".yml")
_CAMPAIGN_ID = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")


@dataclass(frozen=True, slots=True)
class LoadedCampaigns:
    """campaigns: those without problems, by id. problems: everything wrong, by file and line.

    broken: (campaign, rule) to why the rule cannot be carried out: its scanner's plugin would not
    load. Such a campaign is there, so that a scan can say what it cannot see.
    """

    campaigns: tuple[Campaign, ...]
    problems: tuple[Problem, ...] = ()
    broken: Mapping[tuple[str, str], str] = field(default_factory=dict)


def load_campaigns(folder: Path, scanners: Scanners) -> LoadedCampaigns:
    """All campaign files of a folder (not of those below it)."""
    campaigns: dict[str, Campaign] = {}
    problems: list[Problem] = []
    broken: dict[tuple[str, str], str] = {}
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.suffix not in _ENDINGS or file.name.startswith("."):
            continue
        document = read_document(file)
        reader = _Reader(document, scanners)
        campaign = reader.read()
        if campaign is not None and campaign.id in campaigns:
            other = campaigns[campaign.id].file
            problems.append(
                document.problem(
                    f"the campaign id `{campaign.id}` is used twice",
                    hint=f"{other.name if other else 'another file'} has it already; rename one",
                )
            )
        elif campaign is not None:
            campaigns[campaign.id] = campaign
            broken |= reader.broken
        problems += document.problems
    ordered = sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))
    return LoadedCampaigns(
        tuple(campaigns[name] for name in sorted(campaigns)), tuple(ordered), broken
    )


class _Reader:
    def __init__(self, document: Document, scanners: Scanners) -> None:
        self.document = document
        self.scanners = scanners
        self.id = document.file.stem
        self.option_keys = _option_keys(scanners)
        self.broken: dict[tuple[str, str], str] = {}

    def read(self) -> Campaign | None:
        """The campaign, or None when its file has a problem."""
        if not _CAMPAIGN_ID.match(self.id):
            self._complain(
                f"the file's name gives the campaign id `{self.id}`, which must be lower-case "
                "letters, digits, dots, dashes and underscores",
                (),
                "rename the file",
            )
        data = self.document.data
        if data is None:
            return None
        parsed = None
        try:
            parsed = CampaignFile.model_validate(data)
        except ValidationError as error:
            self.document.problems += explain(
                self.document, error, CampaignFile, open_keys=self.option_keys
            )
        meant = self._as_meant(data)
        rules = {
            role: list(self._rules(role, meant.get(role))) for role in ("deprecated", "replacement")
        }
        self._check_ids(data)
        self._check_dates(data)
        self._check_words(meant)
        if parsed is None or self.document.problems:
            return None
        return self._campaign(parsed, rules["deprecated"], rules["replacement"])

    def _as_meant(self, data: dict[str, Any]) -> dict[str, Any]:
        """With the keys of rules that were meant, so that the rest of a rule can be checked too."""
        known = (*COMMON_RULE_KEYS, *self.option_keys)
        meant = dict(data)
        for role in ("deprecated", "replacement"):
            for position, entry in _mappings(data, role):
                wrong = slips(entry, REQUIRED_RULE_KEYS, known)
                if wrong:
                    meant[role] = list(meant[role])
                    meant[role][position] = {wrong.get(key, key): entry[key] for key in entry}
        return meant

    def _rules(self, role: str, entries: object) -> Iterator[Rule]:
        if not isinstance(entries, list):
            return
        for position, entry in enumerate(entries):
            path: Path_ = (role, position)
            if not isinstance(entry, dict):
                continue
            rule = self._rule("deprecated" if role == "deprecated" else "replacement", entry, path)
            if rule is not None:
                yield rule

    def _rule(self, role: Role, entry: dict[str, Any], path: Path_) -> Rule | None:
        name = entry.get("scanner")
        if not isinstance(name, str):
            return None
        scanner = self.scanners.get(name)
        options = {key: value for key, value in entry.items() if key not in COMMON_RULE_KEYS}
        if scanner is None:
            return self._without_scanner(role, name, entry, options, path)
        try:
            checked = scanner.Options.model_validate(options)
        except ValidationError as error:
            self.document.problems += explain(
                self.document, error, scanner.Options, path, COMMON_RULE_KEYS
            )
            return None
        try:
            common = RuleFile.model_validate(entry)
        except ValidationError:
            # reported with the whole file
            return None
        if scanner.needs_paths and not common.paths:
            self._complain(
                f"a `{name}` rule needs `paths`: they say which files are meant",
                path,
                "add `paths:`",
            )
        self._check_samples(scanner, checked, common, path)
        return Rule(
            id=common.id,
            role=role,
            scanner=name,
            options=checked.model_dump(mode="json"),
            paths=common.paths,
            weight=common.weight,
            samples=common.sample,
        )

    def _without_scanner(
        self, role: Role, name: str, entry: dict[str, Any], options: dict[str, Any], path: Path_
    ) -> Rule | None:
        failed = [
            problem for problem in self.scanners.problems if Path(problem.origin).stem == name
        ]
        if not failed:
            self._complain(
                f"there is no scanner `{name}`",
                (*path, "scanner"),
                likely(name, self.scanners.names),
            )
            return None
        try:
            common = RuleFile.model_validate(entry)
        except ValidationError:
            return None
        self.broken[self.id, common.id] = str(failed[0])
        return Rule(common.id, role, name, options, common.paths, common.weight, common.sample)

    def _check_samples(
        self,
        scanner: Scanner[Any],
        options: Any,
        rule: RuleFile,
        path: Path_,
    ) -> None:
        if not rule.sample:
            return
        if not isinstance(scanner, ContentScanner):
            self._complain(
                f"a `{scanner.name}` rule looks at no text, so it has no `sample`",
                (*path, "sample"),
                "leave it out",
            )
            return
        for sample in rule.sample:
            try:
                found = any(True for _ in scanner.compile([options])("sample", sample.encode()))
            except Exception as error:  # noqa: BLE001 - a plugin may raise anything
                self._complain(
                    f"the scanner `{scanner.name}` failed on the sample: {error}",
                    (*path, "sample"),
                    "",
                )
                return
            if not found:
                self._complain(
                    f"rule `{rule.id}` finds nothing in its sample `{sample[:60]}`",
                    (*path, "sample"),
                    "correct the pattern or the sample",
                )

    def _check_ids(self, data: Mapping[str, Any]) -> None:
        seen: dict[str, int] = {}
        for role in ("deprecated", "replacement"):
            for position, entry in _mappings(data, role):
                name = entry.get("id")
                if not isinstance(name, str):
                    continue
                path = (role, position, "id")
                if name in seen:
                    self._complain(
                        f"the rule id `{name}` is used twice",
                        path,
                        f"line {seen[name]} has it already; give each rule its own",
                    )
                seen.setdefault(name, self.document.places[path][0])

    def _check_dates(self, data: Mapping[str, Any]) -> None:
        starts = _day(data.get("starts"))
        if starts is None:
            return
        due = _day(data.get("due"))
        if due is not None and due < starts:
            self._complain(
                f"`due` ({due}) is before `starts` ({starts})",
                ("due",),
                "exchange them, or correct one",
            )
        for position, milestone in _mappings(data, "milestones"):
            due = _day(milestone.get("due"))
            if due is not None and due < starts:
                name = milestone.get("name", position)
                self._complain(
                    f"the milestone `{name}` is due ({due}) before `starts` ({starts})",
                    ("milestones", position, "due"),
                    "correct one of them",
                )

    def _check_words(self, data: Mapping[str, Any]) -> None:
        rules = sorted(
            entry["id"]
            for role in ("deprecated", "replacement")
            for _, entry in _mappings(data, role)
            if isinstance(entry.get("id"), str)
        )
        for position, exemption in _mappings(data, "exemptions"):
            for path, rule in _words(exemption.get("rules"), ("exemptions", position, "rules")):
                if rule not in rules:
                    self._complain(
                        f"the exemption names the rule `{rule}`, which this campaign does not have",
                        path,
                        likely(rule, rules),
                    )
        scope = data.get("scope")
        visibility = scope.get("visibility") if isinstance(scope, dict) else None
        for path, word in _words(visibility, ("scope", "visibility")):
            if word not in VISIBILITIES:
                self._complain(f"`{word}` is no visibility", path, likely(word, VISIBILITIES))

    def _campaign(
        self, parsed: CampaignFile, deprecated: Sequence[Rule], replacement: Sequence[Rule]
    ) -> Campaign:
        return Campaign(
            id=self.id,
            title=parsed.title,
            deprecated=tuple(deprecated),
            replacement=tuple(replacement),
            summary=parsed.summary,
            owner=parsed.owner,
            guide=parsed.guide,
            starts=parsed.starts,
            due=parsed.due,
            scope=Scope(**dict(parsed.scope)),
            milestones=tuple(
                Milestone(entry.name, entry.due, entry.repositories) for entry in parsed.milestones
            ),
            exemptions=tuple(Exemption(**dict(entry)) for entry in parsed.exemptions),
            file=self.document.file,
        )

    def _complain(self, message: str, path: Path_, hint: str) -> None:
        self.document.problems.append(self.document.problem(message, path, hint=hint))


def _option_keys(scanners: Scanners) -> tuple[str, ...]:
    """Every key that some scanner takes in a rule."""
    every = (scanner.Options.model_fields for scanner in scanners.by_name.values())
    return tuple(sorted({key for fields in every for key in fields}))


def _mappings(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The entries of a list that may be anything, as far as they are mappings."""
    entries = data.get(key)
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield position, entry


def _words(value: object, path: Path_) -> Iterator[tuple[Path_, str]]:
    """Words and their places, of one word or of a list of them; what is no word is left out."""
    if isinstance(value, str):
        yield path, value
    for position, word in enumerate(value if isinstance(value, list) else ()):
        if isinstance(word, str):
            yield (*path, position), word


def _day(value: object) -> date | None:
    """The day, or None for what is none, which is reported elsewhere."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None
