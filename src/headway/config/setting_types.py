"""Types of values that occur in several files, such as URLs and variable names."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from headway.config.validation_messages import NOT_A_VARIABLE
from headway.model.object_address import parse_object_address

_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SECRET = re.compile(r"(?:gh[a-z]_|github_pat_|gl[a-z]+-|-----BEGIN)")


def _check_variable_name(value: Any) -> Any:
    if isinstance(value, str) and (_SECRET.match(value) or not _VARIABLE_NAME.match(value)):
        raise PydanticCustomError(
            NOT_A_VARIABLE, "write the name of a variable, never the secret itself"
        )
    return value


def _check_store_path(value: str) -> str:
    parse_object_address(value)
    return value


Text = Annotated[str, Field(min_length=1)]
Url = Annotated[str, Field(pattern=r"^https?://\S+$")]
StorePath = Annotated[Text, AfterValidator(_check_store_path)]
"""The path of a local store, or the address of a store in object storage."""
VariableName = Annotated[str, BeforeValidator(_check_variable_name)]
"""The name of an environment variable.

A value that could be a secret instead of a name is rejected. The error message hides the value.
"""
