"""Reading a forge's JSON without believing it: every value is checked before it is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from headway.forges.forge_errors import ForgeTrouble


class UnexpectedAnswer(ForgeTrouble):
    """A value in an answer is missing or of another type than its documentation says."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the forge's answer has no usable {name!r}")


def mapping(value: object, name: str) -> Mapping[str, object]:
    """An object; raises `UnexpectedAnswer` for anything else."""
    if not isinstance(value, dict):
        raise UnexpectedAnswer(name)
    return value


def sequence(value: object, name: str) -> Sequence[object]:
    """A list; raises `UnexpectedAnswer` for anything else."""
    if not isinstance(value, list):
        raise UnexpectedAnswer(name)
    return value


def text(holder: Mapping[str, object], name: str) -> str:
    """A string that is not empty; raises `UnexpectedAnswer` for anything else."""
    value = holder.get(name)
    if not isinstance(value, str) or not value:
        raise UnexpectedAnswer(name)
    return value


def text_or_none(holder: Mapping[str, object], name: str) -> str | None:
    """A string that is not empty, or None for everything else."""
    value = holder.get(name)
    return value if isinstance(value, str) and value else None


def number(holder: Mapping[str, object], name: str) -> int:
    """A whole number that is not negative; raises `UnexpectedAnswer` for anything else."""
    value = holder.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise UnexpectedAnswer(name)
    return value


def number_or_none(holder: Mapping[str, object], name: str) -> int | None:
    """A whole number that is not negative, or None for everything else."""
    value = holder.get(name)
    usable = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if usable and isinstance(value, int) else None


def flag(holder: Mapping[str, object], name: str) -> bool:
    """Whether the value is `true`; what is missing is not."""
    return holder.get(name) is True


def inside(holder: object, *names: str) -> object:
    """The value below these keys, or None as soon as one of them is not there."""
    value = holder
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def words(values: object, *names: str) -> tuple[str, ...]:
    """The strings in a list, or below these keys of each of its objects; lower case, sorted."""
    if not isinstance(values, list):
        return ()
    found = (inside(value, *names) if names else value for value in values)
    return tuple(sorted({word.lower() for word in found if isinstance(word, str) and word}))
