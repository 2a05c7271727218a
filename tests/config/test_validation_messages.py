"""Pydantic's errors become messages with clear wording and the right location."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headway.config.document import parse_document
from headway.config.validation_messages import explain
from tests.support.definitions import printed


class Cat(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: Literal["cat"]
    lives: Annotated[int, Field(gt=0)] = 9


class Dog(BaseModel):
    model_config = ConfigDict(extra="forbid")
    type: Literal["dog"]
    tricks: tuple[str, ...] = ()


class House(BaseModel):
    model_config = ConfigDict(extra="forbid")
    pets: tuple[Annotated[Cat | Dog, Field(discriminator="type")], ...] = ()
    size: Literal["small", "large"] = "small"


def problems_in(text: str) -> str:
    document = parse_document(Path("house.yaml"), text.encode())
    with pytest.raises(ValidationError) as caught:
        House.model_validate(document.data)
    return "\n".join(problem.render() for problem in explain(document, caught.value, House))


def test_a_union_tag_is_not_part_of_the_path() -> None:
    assert problems_in("pets:\n  - type: cat\n    lives: many\n") == printed("""
        error: `pets[0].lives` must be a whole number, not `many`
          --> house.yaml:3:12
           |
         3 |     lives: many
           |            ^
    """)


def test_suggestions_for_a_key_come_from_its_own_model() -> None:
    assert problems_in("pets:\n  - {type: dog, trick: [sit]}\n") == printed("""
        error: unknown key `pets[0].trick`
          --> house.yaml:2:17
           |
         2 |   - {type: dog, trick: [sit]}
           |                 ^
          help: did you mean `tricks`?
    """)


def test_an_unknown_tag_is_reported() -> None:
    assert problems_in("pets:\n  - type: dgo\n") == printed("""
        error: `pets[0].type` must be one of cat, dog, not `dgo`
          --> house.yaml:2:11
           |
         2 |   - type: dgo
           |           ^
          help: did you mean `dog`?
    """)


def test_a_missing_tag_is_reported() -> None:
    assert "`pets[0].type` is missing\n  --> house.yaml:2:5" in problems_in("pets:\n  - lives: 3\n")


def test_a_misspelled_tag_key_is_one_error() -> None:
    assert problems_in("pets:\n  - {typ: dog, tricks: []}\n") == printed("""
        error: unknown key `pets[0].typ`
          --> house.yaml:2:6
           |
         2 |   - {typ: dog, tricks: []}
           |      ^
          help: did you mean `type`?
    """)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size: lagre\n", "`size` must be one of 'small' or 'large', not `lagre`"),
        ("size: lagre\n", "did you mean `large`?"),
        ("pets: [{type: cat, lives: 0}]\n", "`pets[0].lives` must be more than 0, not `0`"),
        ("pets: cat\n", "write each entry on its own line, beginning with a dash"),
    ],
)
def test_messages_say_what_is_allowed(text: str, message: str) -> None:
    assert message in problems_in(text)
