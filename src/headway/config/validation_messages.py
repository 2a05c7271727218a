"""Convert pydantic's errors to messages for the person who edits the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from headway.config.document import MAX_PROBLEMS, Document, KeyPath
from headway.config.misspelled_keys import find_misspelled_keys
from headway.config.problems import Problem, likely

NOT_A_VARIABLE = "not_a_variable"
"""The error type for a value that is not a variable name and could be a secret."""

_LONGEST_NAME = 80
"""The maximum length of a key in a message."""
_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
}
_TEXT_HINTS: Mapping[type, str] = {
    list: "put the text in single quotes: without them, `[` begins a list",
    dict: "put the text in single quotes: without them, `{` and `: ` begin a mapping",
    int: "put the value in quotes to make it text",
    float: "put the value in quotes to make it text",
    bool: "put the value in quotes to make it text",
}
"""Advice for a value that is not a string, by the type of the value."""
_PATTERNS = {
    r"^https?://\S+$": "a link that begins with http:// or https://",
    r"^[a-z0-9][a-z0-9._-]*$": "lower-case letters, digits, dots, dashes and underscores",
}


def explain(
    document: Document,
    error: ValidationError,
    model: type[BaseModel],
    prefix: KeyPath = (),
    extra_keys: tuple[str, ...] = (),
    open_keys: tuple[str, ...] = (),
) -> list[Problem]:
    """Convert the errors to problems with locations.

    Pydantic reports a misspelled required key twice, as an unknown key and as a missing key. The
    two errors become one problem, at the misspelled key.

    Args:
        document: The file.
        error: The errors that pydantic found in the file or in a part of it.
        model: The model that the file or part was validated against.
        prefix: The path of the part within the file. An empty path means the whole file.
        extra_keys: Keys that are allowed in addition to the fields of the model.
        open_keys: Keys that other models allow in the same record. They are not misspellings.
    """
    errors = [
        details
        for details in error.errors(include_url=False)
        if not document.concerns_refused((*prefix, *details["loc"]))
        # Pydantic does not count invalid entries, so ignore its error that a non-empty list is too
        # short.
        and not (details["type"] == "too_short" and details["input"])
    ]
    more = len(errors) - MAX_PROBLEMS
    errors = errors[:MAX_PROBLEMS]
    misspelled = _misspelled(errors, model, (*extra_keys, *open_keys))
    intended = {(*location[:-1], key) for location, key in misspelled.items()}
    return [
        *(_misspelled_key(document, prefix, *wrong) for wrong in misspelled.items()),
        *(
            _problem(document, details, model, prefix, extra_keys)
            for details in errors
            if details["loc"] not in misspelled and _missing_key(details) not in intended
        ),
        *([document.problem(f"there are {more:,} more errors here", prefix)] if more > 0 else []),
    ]


def _misspelled(
    errors: list[ErrorDetails], model: type[BaseModel], more_keys: tuple[str, ...]
) -> dict[KeyPath, str]:
    """Map the location of each misspelled key to the required key that was meant."""
    missing: dict[KeyPath, list[str]] = {}
    records: dict[KeyPath, Mapping[str, Any]] = {}
    for details in errors:
        key_path = _missing_key(details)
        if key_path and isinstance(details["input"], dict):
            missing.setdefault(key_path[:-1], []).append(str(key_path[-1]))
            records[key_path[:-1]] = details["input"]
    return {
        (*location, key): meant
        for location, record in records.items()
        for key, meant in find_misspelled_keys(
            record,
            missing[location],
            (*more_keys, *_keys_at(model, location), *missing[location]),
        ).items()
    }


def _missing_key(details: ErrorDetails) -> KeyPath:
    if details["type"] == "union_tag_not_found":
        return (*details["loc"], str(details.get("ctx", {}).get("discriminator")).strip("'"))
    return details["loc"] if details["type"] == "missing" else ()


def _misspelled_key(document: Document, prefix: KeyPath, location: KeyPath, meant: str) -> Problem:
    path = (*prefix, *_in_file(document, prefix, location))
    return document.problem(
        f"unknown key `{_dotted(path)}`", path, at_key=True, hint=likely(str(path[-1]), [meant])
    )


def _problem(
    document: Document,
    details: ErrorDetails,
    model: type[BaseModel],
    prefix: KeyPath,
    extra_keys: tuple[str, ...],
) -> Problem:
    kind = details["type"]
    path = (*prefix, *_in_file(document, prefix, details["loc"]))
    name = _dotted(path)
    if kind == "missing":
        colon = ":" if document.file.suffix in (".yaml", ".yml") else ""
        hint = f"add `{path[-1]}{colon}`"
        return document.problem(f"`{name}` is missing", path[:-1], hint=hint)
    if kind == "extra_forbidden":
        allowed = [*extra_keys, *_keys_at(model, details["loc"][:-1])]
        return document.problem(
            f"unknown key `{name}`",
            path,
            at_key=True,
            hint=likely(str(path[-1]), allowed),
        )
    if kind == NOT_A_VARIABLE:
        # Show neither the value nor its line, because the value may be a secret.
        message = f"`{name}` is not a valid name for an environment variable: {details['msg']}"
        return replace(document.problem(message, path), source="")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _tag_problem(document, details, path, name)
    return document.problem(_sentence(name, details), path, hint=_hint(document, details))


def _tag_problem(document: Document, details: ErrorDetails, path: KeyPath, name: str) -> Problem:
    context = details.get("ctx", {})
    word = str(context.get("discriminator")).strip("'")
    if details["type"] == "union_tag_not_found":
        return document.problem(f"`{name}.{word}` is missing", path, hint=f"add `{word}`")
    allowed = [tag.strip(" '") for tag in str(context.get("expected_tags")).split(",")]
    found = _shown(details["input"].get(word))
    return document.problem(
        f"`{name}.{word}` must be one of {', '.join(allowed)}, not {found}",
        (*path, word),
        hint=likely(str(context.get("tag")), allowed),
    )


def _sentence(name: str, details: ErrorDetails) -> str:
    kind, found = details["type"], _shown(details["input"])
    context: Mapping[str, Any] = details.get("ctx", {})
    if kind == "value_error":
        message = str(context.get("error", details["msg"]))
        concerns_mapping = not name or isinstance(details["input"], dict)
        return message if concerns_mapping else f"`{name}` is {found}: {message}"
    if kind in _EXPECTED:
        return f"`{name}` must be {_EXPECTED[kind]}, not {found}"
    if kind == "string_pattern_mismatch":
        expected = _PATTERNS.get(str(context.get("pattern")), f"like {context.get('pattern')}")
        return f"`{name}` must be {expected}, not {found}"
    if kind in ("string_too_short", "too_short"):
        return f"`{name}` is empty"
    if kind in ("literal_error", "enum"):
        return f"`{name}` must be one of {context.get('expected')}, not {found}"
    if kind == "greater_than_equal":
        return f"`{name}` must be at least {context.get('ge'):g}, not {found}"
    if kind == "greater_than":
        return f"`{name}` must be more than {context.get('gt'):g}, not {found}"
    if kind == "finite_number":
        return f"`{name}` must be a finite number, not {found}"
    return f"`{name}` is {found}: {details['msg'][:1].lower()}{details['msg'][1:]}"


def _hint(document: Document, details: ErrorDetails) -> str:
    if details["type"] == "literal_error" and isinstance(details["input"], str):
        expected = str(details.get("ctx", {}).get("expected", ""))
        words = [word.strip(" '\"") for word in expected.replace(" or ", ",").split(",")]
        return likely(details["input"], words)
    if details["type"] == "string_type" and document.file.suffix != ".toml":
        return _TEXT_HINTS.get(type(details["input"]), "")
    if details["type"] in ("tuple_type", "list_type"):
        if document.file.suffix == ".toml":
            table = isinstance(details["input"], dict)
            return "write the header as [[...]]" if table else "put the entries between [ and ]"
        return "write each entry on its own line, beginning with a dash"
    return ""


def _in_file(document: Document, prefix: KeyPath, loc: KeyPath) -> KeyPath:
    """Remove steps that are not in the file, such as union tags, from pydantic's location."""
    known: KeyPath = ()
    for position, step in enumerate(loc):
        last = position == len(loc) - 1
        path = (*prefix, *known, step)
        if path in document.places or path in document.keys or last:
            known = (*known, step)
    return known


def _keys_at(root: type[BaseModel], loc: KeyPath) -> list[str]:
    """Return the keys allowed at `loc`. For a union, these are the keys of all its models."""
    models_by_tag: dict[str, type[BaseModel]] = {}
    models = [root]
    for step in loc:
        if isinstance(step, int):
            continue
        if step in models_by_tag:
            models, models_by_tag = [models_by_tag[step]], {}
            continue
        field = models[0].model_fields.get(step)
        models = list(_models(field.annotation)) if field else []
        if not models:
            return []
        is_union = len(models) > 1
        models_by_tag = {tag: model for model in models for tag in _tags(model)} if is_union else {}
    return list(dict.fromkeys(key for model in models for key in model.model_fields))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)


def _tags(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the values that the model's field `type` allows."""
    field = model.model_fields.get("type")
    return get_args(field.annotation) if field else ()


def _dotted(path: KeyPath) -> str:
    """Format a path in the style of `scope.topics[0]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            shown = step if len(step) <= _LONGEST_NAME else f"{step[: _LONGEST_NAME - 1]}…"
            text += f".{shown}" if text else shown
    return text


def _shown(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{str(value)[:80]}`"
