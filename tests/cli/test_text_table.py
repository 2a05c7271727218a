"""Text tables have the right widths and alignment, and shorten only long paths."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from headway.cli.text_table import Heading, cut, render

HEADINGS = (Heading("path", flexible=True), Heading("rule"), Heading("open", right=True))
LONG = "services/payments/source/main/python/acme/payments/legacy/client.py"


def test_columns_fit_their_content_and_numbers_are_right_aligned() -> None:
    rows = [("a.py", "import-six", "7"), ("long/b.py", "six", "1200")]
    assert render(HEADINGS, rows, None).splitlines() == [
        "path       rule        open",
        "a.py       import-six     7",
        "long/b.py  six         1200",
    ]


def test_without_a_width_nothing_is_cut() -> None:
    assert LONG in render(HEADINGS, [(LONG, "import-six", "7")], None)


def test_only_long_paths_are_cut_in_the_middle() -> None:
    heading, line = render(HEADINGS, [(LONG, "import-six", "7")], 60).splitlines()
    assert len(line) == 60
    assert line.startswith("services/paym…")
    assert line.endswith("legacy/client.py  import-six     7")
    assert heading.startswith("path ")


def test_a_sentence_in_the_last_column_does_not_narrow_the_paths() -> None:
    headings = (Heading("path", flexible=True), Heading("reason"))
    reason = "its pack is damaged and could not be fetched again"
    line = render(headings, [("services/payments", reason)], 50).splitlines()[1]
    assert line == f"services/payments  {reason}"


def test_wide_characters_count_as_two_cells() -> None:
    lines = render(HEADINGS, [("倉庫.py", "six", "1"), ("a.py", "six", "2")], None).splitlines()
    assert len({cell_len(line) for line in lines[1:]}) == 1


def test_a_table_without_rows_has_its_headings() -> None:
    assert render(HEADINGS, [], 80) == "path  rule  open"


@given(st.text(max_size=60), st.integers(min_value=3, max_value=40))
def test_a_shortened_text_fits(value: str, width: int) -> None:
    shown = cut(value, width)
    assert cell_len(shown) <= width
    assert shown == value or "…" in shown
