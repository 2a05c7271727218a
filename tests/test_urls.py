"""Names of campaigns and repositories become valid, unique names of folders on the site."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.urls import relative, repository_page, slug


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("acme/payments-api", "acme--payments-api"),
        ("remove-six", "remove-six"),
        ("python3.12", "python3.12"),
    ],
)
def test_plain_names_stay_readable(name: str, folder: str) -> None:
    assert slug(name) == folder


@pytest.mark.parametrize("name", ["..", ".", "", "A", "a--b", "../x", "a\nb", "é", "x" * 300, "a."])
def test_other_names_become_valid_folder_names(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]+---[0-9a-f]{10}|---[0-9a-f]{10}", slug(name))
    assert slug(name) != slug(name + "x")


@settings(max_examples=40)
@given(st.lists(st.text("aA-/._é", min_size=1, max_size=6), unique=True, max_size=30))
def test_no_two_names_share_a_folder(names: list[str]) -> None:
    folders = {slug(name).lower() for name in names}
    assert len(folders) == len(names)
    assert not any("/" in folder or folder.strip(".") == "" for folder in folders)


def test_links_lead_from_one_page_to_another() -> None:
    assert relative("campaigns/a/index.html", "index.html") == "campaigns/a/index.html"
    assert relative("index.html#x", "campaigns/a/index.html") == "../../index.html#x"
    assert repository_page("a/b", 2) == "repositories/a--b/page-2.html"
