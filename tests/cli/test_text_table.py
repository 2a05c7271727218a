"""Tables: widths, alignment, and what is cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from headway.cli.text_table import Heading, cut, render

HEADINGS = (Heading("path", flexible=True), Heading("rule"), Heading("open", right=True))
LONG = "services/payments/source/main/python/acme/payments/legacy/client.py"


def test_columns_are_as_wide_as_they_must_be_and_numbers_stand_right() -> None:
    rows = [("a.py", "import-six", "7"), ("long/b.py", "six", "1200")]
    assert render(HEADINGS, rows, None).splitlines() == [
        "path       rule        open",
        "a.py       import-six     7",
        "long/b.py  six         1200",
    ]


def test_without_a_width_nothing_is_cut() -> None:
    assert LONG in render(HEADINGS, [(LONG, "import-six", "7")], None)


def test_a_long_path_is_cut_in_the_middle_and_nothing_else_is() -> None:
    heading, line = render(HEADINGS, [(LONG, "import-six", "7")], 60).splitlines()
    assert len(line) == 60
    assert line.startswith("services/paym…")
    assert line.endswith("legacy/client.py  import-six     7")
    assert heading.startswith("path ")


def test_a_sentence_at_the_end_runs_over_the_edge_and_leaves_the_paths_alone() -> None:
    headings = (Heading("path", flexible=True), Heading("reason"))
    reason = "its pack is damaged and could not be fetched again"
    line = render(headings, [("services/payments", reason)], 50).splitlines()[1]
    assert line == f"services/payments  {reason}"


def test_wide_characters_take_their_two_cells() -> None:
    lines = render(HEADINGS, [("倉庫.py", "six", "1"), ("a.py", "six", "2")], None).splitlines()
    assert len({cell_len(line) for line in lines[1:]}) == 1


def test_no_rows_leave_the_headings() -> None:
    assert render(HEADINGS, [], 80) == "path  rule  open"


@given(st.text(max_size=60), st.integers(min_value=3, max_value=40))
def test_what_is_cut_fits(value: str, width: int) -> None:
    shown = cut(value, width)
    assert cell_len(shown) <= width
    assert shown == value or "…" in shown
