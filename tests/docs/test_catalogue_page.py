"""docs/catalogue.md lists all campaigns."""

from __future__ import annotations

from pathlib import Path

from headway.config.catalogue import catalogue_folder
from headway.config.catalogue_page import page

PAGE = Path(__file__).parents[2] / "docs" / "catalogue.md"


def test_the_table_is_up_to_date() -> None:
    text = PAGE.read_text("utf-8")
    assert text == page(text), "run `python3 tasks.py docs`"
    for file in catalogue_folder().glob("*.yaml"):
        assert f"[{file.stem}](../campaigns/{file.name})" in text
