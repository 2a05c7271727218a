"""Text tables fit a narrow terminal: columns are hidden first, then cells wrap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from headway.cli.text_table import Heading, cut, render, wrap

HEADINGS = (Heading("path", fit="wrap"), Heading("rule"), Heading("open", right=True))
LONG = "services/payments/source/main/python/acme/payments/legacy/client.py"


def test_columns_fit_their_content_and_numbers_are_right_aligned() -> None:
    rows = [("a.py", "import-six", "7"), ("long/b.py", "six", "1200")]
    assert render(HEADINGS, rows, None).text.splitlines() == [
        "path       rule        open",
        "a.py       import-six     7",
        "long/b.py  six         1200",
    ]


def test_without_a_width_every_row_is_one_line() -> None:
    assert f"\n{LONG}  import-six     7" in render(HEADINGS, [(LONG, "import-six", "7")], None).text


def test_a_long_path_continues_on_the_next_line_after_a_slash() -> None:
    table = render(HEADINGS, [(LONG, "import-six", "7")], 60)
    assert table.text.splitlines() == [
        "path                                        rule        open",
        "services/payments/source/main/python/acme/  import-six     7",
        "payments/legacy/client.py",
    ]
    assert table.hidden == ()


def test_headings_use_two_lines_before_a_column_is_hidden() -> None:
    headings = (Heading("campaign"), Heading("per week", right=True, hide_first=1))
    table = render(headings, [("six", "4")], 15)
    assert table.text.splitlines() == ["           per", "campaign  week", "six          4"]
    assert table.hidden == ()


def test_the_columns_with_the_highest_number_are_hidden_first() -> None:
    headings = (
        Heading("campaign", fit="wrap"),
        Heading("fixed", right=True, hide_first=2),
        Heading("open", right=True),
        Heading("coverage", right=True, hide_first=1),
    )
    rows = [("remove-six", "3", "4", "100%")]
    assert render(headings, rows, 30).hidden == ("fixed",)
    assert render(headings, rows, 20).hidden == ("fixed", "coverage")
    assert render(headings, rows, 20).text.splitlines()[1] == "remove-six     4"


def test_code_is_shortened_and_not_wrapped() -> None:
    headings = (Heading("line", right=True), Heading("code", fit="cut"))
    table = render(headings, [("7", "from six.moves.urllib.parse import urlencode")], 30)
    assert table.text.splitlines()[1] == "   7  from si…import urlencode"


def test_wide_characters_count_as_two_cells() -> None:
    rows = [("倉庫.py", "six", "1"), ("a.py", "six", "2")]
    lines = render(HEADINGS, rows, None).text.splitlines()
    assert len({cell_len(line) for line in lines[1:]}) == 1


def test_a_table_without_rows_has_its_headings() -> None:
    assert render(HEADINGS, [], 80).text == "path  rule  open"


@given(st.text(max_size=60), st.integers(min_value=3, max_value=40))
def test_a_shortened_text_fits(value: str, width: int) -> None:
    shown = cut(value, width)
    assert cell_len(shown) <= width
    assert shown == value or "…" in shown


@given(st.text(max_size=60), st.integers(min_value=2, max_value=40))
def test_a_wrapped_text_fits_and_loses_only_white_space(value: str, width: int) -> None:
    lines = wrap(value, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(value.split())


@given(
    st.lists(st.tuples(st.text(st.characters(categories=["L", "N"]), max_size=40)), max_size=4),
    st.integers(min_value=14, max_value=60),
)
def test_a_table_with_a_column_that_wraps_fits(rows: list[tuple[str]], width: int) -> None:
    table = render((Heading("path", fit="wrap"),), rows, width)
    assert all(cell_len(line) <= width for line in table.text.splitlines())
