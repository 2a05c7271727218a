"""The options of rules that run an external program."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from headway import Options

from .._sarif.log_file import LEVELS

Network = Literal["block", "require-block", "allow"]
Level = Literal["error", "warning", "note", "none"]
assert Level.__args__ == LEVELS  # type: ignore[attr-defined]

_LARGEST_FILE = 1_000_000


def read_workspace_file(name: str, info: ValidationInfo) -> str:
    """Return the contents of a file in the workspace.

    Raises:
        ValueError: The file is not in the workspace, cannot be read, is too long or is not UTF-8.
    """
    root = (info.context or {}).get("workspace")
    if not isinstance(root, Path):
        raise ValueError(f"`{name}` can only be read from a campaign in a workspace")
    if not is_plain_path(name):
        raise ValueError(f"`{name}` is not a path below the folder of headway.toml")
    try:
        content = (root / name).read_bytes()
    except OSError as error:
        raise ValueError(f"the file `{name}` cannot be read: {error.strerror}") from error
    if len(content) > _LARGEST_FILE:
        raise ValueError(f"the file `{name}` has more than {_LARGEST_FILE:,} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"the file `{name}` is not UTF-8 text") from error


def is_plain_path(name: str) -> bool:
    """Return whether a name is a relative path that does not leave its folder."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _as_mapping(value: Any, info: ValidationInfo) -> Any:
    """Replace a list of workspace files with a mapping from file names to contents."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        names = [name for name in value if isinstance(name, str)]
        if len(names) < len(value):
            raise ValueError("each attachment must be the path of a file in the workspace")
        return {PurePosixPath(name).name: read_workspace_file(name, info) for name in names}
    return value


def as_list(value: Any) -> Any:
    """Return a string or number as a list with one element. Return any other value unchanged."""
    return [value] if isinstance(value, str | int) else value


Words = Annotated[tuple[str, ...], BeforeValidator(as_list)]


class LimitOptions(Options):
    """The options of all rules that run an external program."""

    version: str = Field(
        default="",
        max_length=100,
        description="The version of the program. If you change it, the next scan recomputes the "
        "history of the rule.",
    )
    seconds: float = Field(
        default=30.0, gt=0, le=600, description="The time limit of one run, in seconds."
    )
    memory_megabytes: int = Field(
        default=2000,
        ge=10,
        description="The maximum memory of the program, in millions of bytes (on Linux).",
    )
    network: Network = Field(
        default="block",
        description="block: prevents network access if possible. require-block: makes the "
        "rule unknown if the system cannot prevent network access. allow: lets the program use the "
        "network.",
    )
    rule_ids: Words = Field(
        default=(),
        description="Count only SARIF results of rules that match one of these patterns, such as "
        "`F4*`; a pattern such as `!F401` excludes rules. By default, the results of all rules "
        "count.",
    )
    levels: Annotated[tuple[Level, ...], BeforeValidator(as_list)] = Field(
        default=(),
        description="Count only SARIF results of these levels. By default, all levels count.",
    )


class CommandOptions(LimitOptions):
    """The options of a rule that names its command."""

    command: tuple[str, ...] = Field(
        min_length=1,
        description="The program and its arguments. They are not passed through a shell.",
    )
    version_command: tuple[str, ...] = Field(
        default=(),
        description="A command that prints the version of the program. If it does not print "
        "`version`, the rule is unknown.",
    )
    attachments: Annotated[Mapping[str, str], BeforeValidator(_as_mapping)] = Field(
        default_factory=dict,
        description="Files in the workspace that the program needs, such as a script or rules, or "
        "a mapping from file names to contents. `{attachments}` in an argument stands for the "
        "folder that contains them. If you change a file, the next scan recomputes the history of "
        "the rule.",
        json_schema_extra={
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "string"}},
            ]
        },
    )
    environment: Mapping[str, str] = Field(
        default_factory=dict,
        description="Environment variables for the program. From the environment of Headway, the "
        "program receives only PATH.",
    )
    output: Literal["json-lines", "sarif"] = Field(
        default="json-lines", description="The format of the program's output."
    )
    exit_codes: Annotated[tuple[int, ...], BeforeValidator(as_list)] = Field(
        default=(0,),
        description="The exit codes of a successful run. With any other exit code, the matches are "
        "unknown. Many linters exit with 1 if they find something.",
    )

    @field_validator("command", "version_command")
    @classmethod
    def _is_command(cls, command: tuple[str, ...]) -> tuple[str, ...]:
        if command and (not command[0] or command[0].startswith("-")):
            raise ValueError("the first entry must be the name of a program")
        if any("\0" in argument for argument in command):
            raise ValueError("an argument contains a NUL character")
        return command

    @field_validator("attachments")
    @classmethod
    def _are_names(cls, attachments: Mapping[str, str]) -> Mapping[str, str]:
        for name in attachments:
            if not is_plain_path(name) or "/" in name or name.startswith("-"):
                raise ValueError(f"`{name}` is not a valid file name")
        return attachments

    @field_validator("environment")
    @classmethod
    def _are_variables(cls, environment: Mapping[str, str]) -> Mapping[str, str]:
        for name, value in environment.items():
            if not name or "=" in name or "\0" in name:
                raise ValueError(f"`{name}` is not a valid name for an environment variable")
            if "\0" in value:
                raise ValueError(f"the value of `{name}` contains a NUL character")
        return environment

    @model_validator(mode="after")
    def _has_version(self) -> Self:
        if self.version_command and not self.version:
            raise ValueError("`version_command` has no effect without `version`; add `version`")
        return self
