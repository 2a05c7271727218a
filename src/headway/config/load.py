"""Load campaign files and report the problems of all files together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from headway.config.campaign_checks import ROLES, check_campaign, mappings_in
from headway.config.campaign_file import (
    COMMON_RULE_KEYS,
    REQUIRED_RULE_KEYS,
    CampaignFile,
    RuleFile,
)
from headway.config.document import Document, KeyPath, read_document
from headway.config.misspelled_keys import find_misspelled_keys
from headway.config.problems import Problem, likely
from headway.config.sample_checks import SampledRule, check_samples
from headway.config.validation_messages import explain
from headway.contained_import import contain_plugins
from headway.model.campaign import Campaign, Exemption, Milestone, Reference, Role, Rule, Scope
from headway.plugins import Scanners, text_of

_EXTENSIONS = (".yaml", ".yml")
_CAMPAIGN_ID = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")


@dataclass(frozen=True, slots=True)
class LoadedCampaigns:
    campaigns: tuple[Campaign, ...]
    """The campaigns without problems, sorted by ID."""
    problems: tuple[Problem, ...] = ()
    """The problems of all files, sorted by file and line."""
    broken: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Maps (campaign ID, rule ID) to the reason why the rule's scanner cannot be loaded.

    `campaigns` includes the campaigns of these rules, so that a scan can report the rules as
    unknown.
    """


def load_campaigns(
    folder: Path, scanners: Scanners, workspace: Path | None = None, *, run_programs: bool = False
) -> LoadedCampaigns:
    """Load the campaign files directly in a folder. Subfolders are ignored.

    Args:
        folder: The folder with the campaign files.
        scanners: The scanners that rules may use.
        workspace: The base folder for file paths in rules, or None outside a workspace.
        run_programs: Whether to also check the samples of rules that run external programs.
    """
    campaigns: dict[str, Campaign] = {}
    problems: list[Problem] = []
    broken: dict[tuple[str, str], str] = {}
    for file in sorted(folder.iterdir()) if folder.is_dir() else ():
        if file.suffix not in _EXTENSIONS or file.name.startswith("."):
            continue
        document = read_document(file)
        reader = _CampaignReader(document, scanners, workspace, run_programs)
        with contain_plugins() if scanners.foreign else nullcontext():
            campaign = reader.read()
        if campaign is not None and campaign.id in campaigns:
            other = campaigns[campaign.id].file
            name = other.name if other else "another file"
            problems.append(
                document.problem(
                    f"the campaign id `{campaign.id}` is used twice",
                    hint=f"{name} already uses it; rename one of the files",
                )
            )
        elif campaign is not None:
            campaigns[campaign.id] = campaign
            broken |= reader.broken
        problems += document.first_problems()
    problems.sort(key=lambda problem: (problem.file, problem.line, problem.column))
    ordered = tuple(campaigns[name] for name in sorted(campaigns))
    return LoadedCampaigns(ordered, tuple(problems), broken)


def load_campaign_file(
    file: Path, scanners: Scanners, workspace: Path | None = None
) -> LoadedCampaigns:
    """Load a single campaign file from any folder, and check all of its samples."""
    document = read_document(file)
    reader = _CampaignReader(document, scanners, workspace, run_programs=True)
    campaign = reader.read()
    problems = tuple(document.first_problems())
    return LoadedCampaigns(() if campaign is None else (campaign,), problems, reader.broken)


class _CampaignReader:
    """Reads one campaign file, and adds its problems to `document.problems`."""

    def __init__(
        self,
        document: Document,
        scanners: Scanners,
        workspace: Path | None,
        run_programs: bool,
    ) -> None:
        self.document = document
        self.context = {"workspace": workspace}
        self.run_programs = run_programs
        self.scanners = scanners
        self.id = document.file.stem
        self.broken: dict[tuple[str, str], str] = {}

    @cached_property
    def option_keys(self) -> tuple[str, ...]:
        """The option keys of all scanners. Reading them imports every scanner, which is slow."""
        return _option_keys(self.scanners)

    def read(self) -> Campaign | None:
        """Return the campaign, or None if its file has a problem."""
        if not _CAMPAIGN_ID.match(self.id):
            self._complain(
                f"the file name gives the campaign id `{self.id}`, which must consist of "
                "lower-case letters, digits, dots, dashes and underscores",
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
        corrected = self._with_corrected_rules(data)
        applies_to = list(self._rules("applies_to", corrected))
        deprecated = list(self._rules("deprecated", corrected))
        replacement = [
            rule
            for key in ("required", "replacement")
            for rule in self._rules("required", corrected, key)
        ]
        self.document.problems += check_campaign(self.document, corrected)
        if parsed is None or self.document.problems:
            return None
        return self._campaign(parsed, applies_to, deprecated, replacement)

    def _with_corrected_rules(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the data with misspelled rule keys corrected, so that the rules can be checked."""
        corrected = dict(data)
        for role in ROLES:
            for position, entry in mappings_in(data, role):
                if entry.keys() >= set(REQUIRED_RULE_KEYS):
                    continue
                known = (*COMMON_RULE_KEYS, *self.option_keys)
                misspelled = find_misspelled_keys(entry, REQUIRED_RULE_KEYS, known)
                if misspelled:
                    corrected[role] = list(corrected[role])
                    corrected[role][position] = {
                        misspelled.get(key, key): entry[key] for key in entry
                    }
        return corrected

    def _rules(self, role: Role, data: Mapping[str, Any], key: str | None = None) -> Iterator[Rule]:
        """Yield the rules in the list `data[key]`. The key defaults to the name of the role."""
        for position, entry in mappings_in(data, key or role):
            rule = self._rule(role, entry, (key or role, position))
            if rule is not None:
                yield rule

    def _rule(self, role: Role, entry: dict[str, Any], path: KeyPath) -> Rule | None:
        name = entry.get("scanner")
        if not isinstance(name, str):
            return None
        scanner = self.scanners.get(name)
        options = {key: value for key, value in entry.items() if key not in COMMON_RULE_KEYS}
        if scanner is None:
            return self._rule_without_scanner(role, name, entry, options, path)
        try:
            checked_options = scanner.Options.model_validate(options, context=self.context)
            dumped = checked_options.model_dump(mode="json")
        except ValidationError as error:
            self.document.problems += explain(
                self.document, error, scanner.Options, path, COMMON_RULE_KEYS
            )
            return None
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything
            message = f"the `{name}` scanner failed on these options: {text_of(error)}"
            self._complain(message, path, "correct the scanner or the options")
            return None
        common = _common_keys(entry)
        if common is None:
            return None
        if scanner.needs_paths and not common.paths:
            message = f"a `{name}` rule needs `paths` to select its files"
            self._complain(message, path, "add `paths:`")
        rule = self._make_rule(role, common, dumped)
        if self.run_programs or not scanner.starts_programs:
            sampled = SampledRule(rule, scanner, checked_options, common)
            self.document.problems += check_samples(self.document, sampled, path)
        return rule

    def _rule_without_scanner(
        self, role: Role, name: str, entry: dict[str, Any], options: dict[str, Any], path: KeyPath
    ) -> Rule | None:
        """Return a rule whose scanner plugin cannot be loaded.

        For an unknown scanner, report a problem and return None.
        """
        plugin_problem = self.scanners.problem_of(name)
        if plugin_problem is None:
            hint = likely(name, self.scanners.names)
            self._complain(f"there is no scanner `{name}`", (*path, "scanner"), hint)
            return None
        common = _common_keys(entry)
        if common is None:
            return None
        self.broken[self.id, common.id] = str(plugin_problem)
        return self._make_rule(role, common, options)

    def _campaign(
        self,
        parsed: CampaignFile,
        applies_to: Sequence[Rule],
        deprecated: Sequence[Rule],
        replacement: Sequence[Rule],
    ) -> Campaign:
        return Campaign(
            id=self.id,
            title=parsed.title,
            deprecated=tuple(deprecated),
            replacement=tuple(replacement),
            applies_to=tuple(applies_to),
            summary=parsed.summary,
            owner=parsed.owner,
            guide=parsed.guide,
            references=tuple(Reference(**dict(entry)) for entry in parsed.references),
            starts=parsed.starts,
            due=parsed.due,
            scope=Scope(**dict(parsed.scope)),
            milestones=tuple(
                Milestone(entry.name, entry.due, entry.repositories) for entry in parsed.milestones
            ),
            exemptions=tuple(Exemption(**dict(entry)) for entry in parsed.exemptions),
            file=self.document.file,
        )

    def _make_rule(self, role: Role, common: RuleFile, options: dict[str, Any]) -> Rule:
        vendored = common.include_vendored
        if vendored is None:
            vendored = (self.document.data or {}).get("include_vendored") is True
        return Rule(
            id=common.id,
            role=role,
            scanner=common.scanner,
            options=options,
            paths=common.paths,
            weight=common.weight,
            samples=tuple(map(_text_of_sample, common.sample)),
            include_vendored=vendored,
        )

    def _complain(self, message: str, path: KeyPath, hint: str) -> None:
        self.document.problems.append(self.document.problem(message, path, hint=hint))


def _common_keys(entry: dict[str, Any]) -> RuleFile | None:
    """Return the keys that all rules share. Return None if the schema reports them as invalid."""
    try:
        return RuleFile.model_validate(entry)
    except ValidationError:
        return None


def _text_of_sample(sample: str | Mapping[str, str]) -> str:
    return sample if isinstance(sample, str) else "\n".join(sample.values())


def _option_keys(scanners: Scanners) -> tuple[str, ...]:
    fields = (scanner.Options.model_fields for scanner in scanners.by_name.values())
    return tuple(sorted({key for keys in fields for key in keys}))
