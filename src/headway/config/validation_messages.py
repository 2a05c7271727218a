"""pydantic's findings in the words of somebody who edits the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from headway.config.document import Document, Path_
from headway.config.misspelled_keys import slips
from headway.config.problems import Problem, likely

NOT_A_VARIABLE = "not_a_variable"
"""pydantic's type for a value that must name an environment variable, and that may be a secret."""

_WANTED = {
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
_PATTERNS = {
    r"^https?://\S+$": "a link that begins with http:// or https://",
    r"^[a-z0-9][a-z0-9._-]*$": "lower-case letters, digits, dots, dashes and underscores",
}


def explain(
    document: Document,
    error: ValidationError,
    model: type[BaseModel],
    prefix: Path_ = (),
    extra_keys: tuple[str, ...] = (),
    open_keys: tuple[str, ...] = (),
) -> list[Problem]:
    """Every finding at its place. prefix: where in the document the model's data lies.
    extra_keys: what else may stand beside the model's own keys. open_keys: what may stand in a
    record that takes any key, and is therefore no slip of another.

    A required key that is missing because it is misspelt is one finding, at the key that is there.
    """
    findings = [
        details
        for details in error.errors(include_url=False)
        if not document.concerns_refused((*prefix, *details["loc"]))
        # pydantic counts only entries without a problem: a list may be short of nothing else
        and not (details["type"] == "too_short" and details["input"])
    ]
    meant = _meant(findings, model, (*extra_keys, *open_keys))
    instead = {(*at[:-1], wanted) for at, wanted in meant.items()}
    return [
        *(_misspelt(document, prefix, at, wanted) for at, wanted in meant.items()),
        *(
            _problem(document, details, model, prefix, extra_keys)
            for details in findings
            if details["loc"] not in meant and _lacks(details) not in instead
        ),
    ]


def _meant(
    findings: list[ErrorDetails], model: type[BaseModel], more_keys: tuple[str, ...]
) -> dict[Path_, str]:
    """pydantic's locations of misspelt keys, each with the required key that was meant."""
    wanted: dict[Path_, list[str]] = {}
    records: dict[Path_, Mapping[str, Any]] = {}
    for details in findings:
        lacking = _lacks(details)
        if lacking and isinstance(details["input"], dict):
            wanted.setdefault(lacking[:-1], []).append(str(lacking[-1]))
            records[lacking[:-1]] = details["input"]
    return {
        (*at, key): meant
        for at, record in records.items()
        for key, meant in slips(
            record, wanted[at], (*more_keys, *_keys_at(model, at), *wanted[at])
        ).items()
    }


def _lacks(details: ErrorDetails) -> Path_:
    """pydantic's location of the key that is not there; () for any other finding."""
    if details["type"] == "union_tag_not_found":
        return (*details["loc"], str(details.get("ctx", {}).get("discriminator")).strip("'"))
    return details["loc"] if details["type"] == "missing" else ()


def _misspelt(document: Document, prefix: Path_, at: Path_, wanted: str) -> Problem:
    path = (*prefix, *_in_file(document, prefix, at))
    return document.problem(
        f"`{_dotted(path)}` is not known here",
        path,
        at_key=True,
        hint=likely(str(path[-1]), [wanted]),
    )


def _problem(
    document: Document,
    details: ErrorDetails,
    model: type[BaseModel],
    prefix: Path_,
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
            f"`{name}` is not known here",
            path,
            at_key=True,
            hint=likely(str(path[-1]), allowed),
        )
    if kind == NOT_A_VARIABLE:
        # neither the value nor its line: it may be the secret itself
        at = document.problem(f"`{name}` is no variable's name: {details['msg']}", path)
        return replace(at, source="")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _tag_problem(document, details, path, name)
    return document.problem(_sentence(name, details), path, hint=_hint(document, details))


def _tag_problem(document: Document, details: ErrorDetails, path: Path_, name: str) -> Problem:
    """A mapping whose word does not say which kind it is of."""
    context = details.get("ctx", {})
    word = str(context.get("discriminator")).strip("'")
    if details["type"] == "union_tag_not_found":
        return document.problem(f"`{name}.{word}` is missing", path, hint=f"add `{word}`")
    allowed = [tag.strip(" '") for tag in str(context.get("expected_tags")).split(",")]
    found = _shown(details["input"].get(word))
    return document.problem(
        f"`{name}.{word}` must be one of {', '.join(allowed)}, and is {found}",
        (*path, word),
        hint=likely(str(context.get("tag")), allowed),
    )


def _sentence(name: str, details: ErrorDetails) -> str:
    kind, found = details["type"], _shown(details["input"])
    context: Mapping[str, Any] = details.get("ctx", {})
    if kind == "value_error":
        said = str(context.get("error", details["msg"]))
        whole = not name or isinstance(details["input"], dict)
        return said if whole else f"`{name}` is {found}: {said}"
    if kind in _WANTED:
        return f"`{name}` must be {_WANTED[kind]}, and is {found}"
    if kind == "string_pattern_mismatch":
        wanted = _PATTERNS.get(str(context.get("pattern")), f"like {context.get('pattern')}")
        return f"`{name}` must be {wanted}, and is {found}"
    if kind in ("string_too_short", "too_short"):
        return f"`{name}` is empty"
    if kind in ("literal_error", "enum"):
        return f"`{name}` must be one of {context.get('expected')}, and is {found}"
    if kind == "greater_than_equal":
        return f"`{name}` must be at least {context.get('ge'):g}, and is {found}"
    if kind == "greater_than":
        return f"`{name}` must be more than {context.get('gt'):g}, and is {found}"
    if kind == "finite_number":
        return f"`{name}` must be a finite number, and is {found}"
    return f"`{name}` is {found}: {details['msg'][:1].lower()}{details['msg'][1:]}"


def _hint(document: Document, details: ErrorDetails) -> str:
    if details["type"] == "literal_error" and isinstance(details["input"], str):
        expected = str(details.get("ctx", {}).get("expected", ""))
        words = [word.strip(" '\"") for word in expected.replace(" or ", ",").split(",")]
        return likely(details["input"], words)
    if details["type"] in ("tuple_type", "list_type"):
        if document.file.suffix == ".toml":
            table = isinstance(details["input"], dict)
            return "write its header as [[...]]" if table else "put the entries between [ and ]"
        return "write each entry on a line of its own that begins with a dash"
    return ""


def _in_file(document: Document, prefix: Path_, loc: Path_) -> Path_:
    """pydantic's location without the steps that are not in the file, such as union tags."""
    known: Path_ = ()
    for position, step in enumerate(loc):
        last = position == len(loc) - 1
        there = (*prefix, *known, step)
        if there in document.places or there in document.keys or last:
            known = (*known, step)
    return known


def _keys_at(model: type[BaseModel], loc: Path_) -> list[str]:
    """The keys that a record at `loc` may have: those of all kinds where it may be any."""
    kinds: dict[str, type[BaseModel]] = {}
    models = [model]
    for step in loc:
        if isinstance(step, int):
            continue
        if step in kinds:
            models, kinds = [kinds[step]], {}
            continue
        field = models[0].model_fields.get(step)
        models = list(_models(field.annotation)) if field else []
        if not models:
            return []
        kinds = {tag: each for each in models for tag in _tags(each)} if len(models) > 1 else {}
    return list(dict.fromkeys(key for each in models for key in each.model_fields))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """All models that a value of this type may be."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models(argument)


def _tags(model: type[BaseModel]) -> tuple[str, ...]:
    """The words of a model's `type`."""
    field = model.model_fields.get("type")
    return get_args(field.annotation) if field else ()


def _dotted(path: Path_) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
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
