"""The `semgrep` scanner runs an installed Semgrep with rules from the workspace."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo

from headway import ContentScanner, Match

from ._programs.file_search import FileSearch, RuleSearches
from ._programs.options import CommandOptions, LimitOptions, Words, read_workspace_file
from ._programs.runner import ATTACHMENTS, FILES, Program

_RULES = "rules.yaml"
_VERSION_COMMAND = ("semgrep", "--disable-version-check", "--version")


def _as_text(value: Any, info: ValidationInfo) -> Any:
    """Return the rules as a string: from a file in the workspace, or from the campaign."""
    if isinstance(value, str) and "\n" not in value:
        return read_workspace_file(value, info)
    if isinstance(value, list):
        # JSON is also valid YAML.
        return json.dumps({"rules": value}, sort_keys=True, indent=1) + "\n"
    return value


class SemgrepOptions(LimitOptions):
    """The options of a `semgrep` rule."""

    rules: Annotated[str, BeforeValidator(_as_text)] = Field(
        description="A list of Semgrep rules, or the path of a file in the workspace that contains "
        "such rules.",
        json_schema_extra={"anyOf": [{"type": "string"}, {"type": "array"}]},
    )
    seconds: float = Field(
        default=110.0, gt=0, le=600, description="The time limit of one run, in seconds."
    )
    contains: Words = Field(
        default=(),
        description="Semgrep runs only on files that contain at least one of these strings, "
        "which saves time.",
    )


class Semgrep(ContentScanner[SemgrepOptions]):
    """Runs Semgrep on each version of a file, with your own rules.

    Semgrep is not part of Headway, and must be on PATH. It runs without sending metrics. If the
    rule has a `version`, Semgrep must have this version.
    """

    name = "semgrep"
    version = "1"
    Options = SemgrepOptions
    needs_paths = True
    starts_programs = True

    def check_machine(self, options: SemgrepOptions) -> None:
        """Check that Semgrep can be used: its presence, version and network access.

        Raises:
            ProgramUnavailableError: Semgrep cannot be used on this machine.
        """
        Program(_command(options)).check()

    def find(self, options: SemgrepOptions, path: str, content: bytes) -> Iterable[Match]:
        """Run Semgrep on one file."""
        return _search(options).find(path, content)

    def compile(self, rules: Sequence[SemgrepOptions]) -> RuleSearches:
        """Return a function that runs Semgrep for several rules.

        Raises:
            ProgramUnavailableError: Semgrep cannot be used on this machine.
        """
        return RuleSearches([_search(options) for options in rules])


def _search(options: SemgrepOptions) -> FileSearch:
    # Semgrep prefixes rule IDs with the folder of the rule file.
    return FileSearch(_command(options), options.contains, f"{ATTACHMENTS.strip('{}')}.")


def _command(options: SemgrepOptions) -> CommandOptions:
    """Return the command that runs Semgrep for a rule."""
    given = {name: getattr(options, name) for name in LimitOptions.model_fields}
    return CommandOptions(
        **given,
        command=(
            "semgrep",
            "scan",
            f"--config={ATTACHMENTS}/{_RULES}",
            "--sarif",
            "--quiet",
            "--metrics=off",
            "--disable-version-check",
            "--no-git-ignore",
            "--x-ignore-semgrepignore-files",
            "--max-target-bytes=0",
            "--jobs=1",
            FILES,
        ),
        version_command=_VERSION_COMMAND if options.version else (),
        attachments={_RULES: options.rules},
        environment={"SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0"},
        output="sarif",
    )
