"""A burndown chart has the right shapes, labels and text alternative."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from headway.metrics.forecast_records import ForecastPoint
from headway.site.campaign_page import scope_steps
from headway.site.charts.burndown_chart import Plot, burndown_chart
from headway.site.charts.burndown_data import BurndownData, Layer, few_layers, ordered_layers
from tests.support.statuses import week

SUNDAY = date(2026, 1, 4)
DAYS = tuple(SUNDAY + timedelta(weeks=number) for number in range(10))
DATA = BurndownData(
    title="Remove six",
    days=DAYS,
    layers=(Layer("web", tuple(range(20, 10, -1))), Layer("data", (10,) * 10)),
    exempt=(0,) * 10,
    due=DAYS[-1] + timedelta(weeks=4),
)
LETTER = 6.6


def drawn(data: BurndownData) -> Plot:
    plot = burndown_chart(data).wide
    assert plot is not None
    return plot


def test_the_table_below_the_chart_has_its_numbers() -> None:
    chart = burndown_chart(replace(DATA, exempt=(0,) * 9 + (3,)))
    assert chart.names == ("web", "data", "exempt")
    newest = chart.rows[0]
    assert (newest.day, newest.values, newest.open) == (DAYS[-1], (11, 10, 3), 21)
    assert [row.day for row in chart.rows] == sorted(DAYS, reverse=True)
    assert burndown_chart(DATA).names == ("web", "data")


def test_even_progress_leads_from_the_first_day_to_the_due_date() -> None:
    plot = drawn(DATA)
    assert plot.ideal is not None
    first, last = re.findall(r"[ML]([\d.]+) ([\d.]+)", plot.ideal)
    area = plot.drawn
    assert (float(first[0]), float(first[1])) == (area.left, round(area.y(30), 1))
    assert float(last[1]) == area.bottom
    assert drawn(replace(DATA, due=None)).ideal is None


def test_the_fan_spans_the_confidence_band() -> None:
    fan = tuple(
        ForecastPoint(DAYS[-1] + timedelta(weeks=number), *counts)
        for number, counts in enumerate([(21, 21, 21), (15, 18, 20), (0, 10, 30), (0, 0, 5)])
    )
    plot = drawn(replace(DATA, fan=fan))
    assert plot.fan is not None
    ys = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", plot.fan.area)]
    assert min(ys) >= plot.drawn.top
    assert max(ys) == plot.drawn.bottom
    assert drawn(DATA).fan is None


FAN = tuple(
    ForecastPoint(DAYS[-1] + timedelta(weeks=number), *counts)
    for number, counts in enumerate([(21, 21, 21), (15, 18, 20), (0, 10, 18), (0, 0, 16)])
)
HORIZON = date(2031, 3, 8)


def test_a_distant_end_of_the_forecast_is_drawn_after_a_break_of_the_axis() -> None:
    far = replace(DATA, fan=FAN, p50=DAYS[-1] + timedelta(weeks=3), horizon=HORIZON)
    plot = drawn(replace(far, p85=date(2028, 5, 17)))
    assert plot.beyond is not None
    assert plot.beyond.text == "May 2028"
    assert plot.drawn.right == plot.beyond.cut < plot.beyond.at < plot.drawn.width
    points = [
        (float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", plot.beyond.area)
    ]
    # The upper edge continues the fan, and reaches 0 at the 85% date.
    assert points[0] == (plot.beyond.cut, round(plot.drawn.y(16), 1))
    assert points[1] == (plot.beyond.at, plot.drawn.bottom)
    endless = drawn(replace(far, p85=None)).beyond
    assert endless is not None
    assert endless.text == "after 2031"
    assert drawn(replace(far, p85=DAYS[-1] + timedelta(weeks=5))).beyond is None
    assert drawn(replace(far, horizon=None)).beyond is None


def test_the_fan_reaches_the_edge_of_the_chart_if_its_points_are_far_apart() -> None:
    fan = tuple(
        ForecastPoint(DAYS[-1] + timedelta(weeks=number), *counts)
        for number, counts in [(0, (20, 20, 20)), (5, (5, 10, 20)), (15, (0, 0, 10))]
    )
    plot = drawn(replace(DATA, fan=fan, horizon=HORIZON))
    assert plot.fan is not None
    assert plot.beyond is not None
    xs = [float(x) for x in re.findall(r"[ML]([\d.]+) ", plot.fan.area)]
    assert max(xs) == plot.drawn.right
    # Eight weeks are shown. The edge is three weeks after the second point, and the third point
    # is ten weeks after the second.
    height = round(plot.drawn.y(17), 1)
    assert f"L{plot.drawn.right:g} {height:g}L" in plot.fan.area
    assert f"M{plot.beyond.cut:g} {height:g}L" in plot.beyond.area


def test_a_band_has_its_name_where_the_name_fits() -> None:
    growing = Layer("grows", (0, 0, 0, 0, 20, 20, 20, 20, 20, 20))
    falling = Layer("falls", (20, 20, 20, 20, 20, 20, 0, 0, 0, 0))
    thin = Layer("thin", (1,) * 10)
    plot = drawn(replace(DATA, layers=(growing, falling, thin), due=None))
    labels = {band.name: band.label for band in plot.bands}
    assert labels["thin"] is None
    assert labels["grows"] is not None
    assert labels["falls"] is not None
    assert (labels["grows"].anchor, labels["falls"].anchor) == ("end", "start")
    assert plot.drawn.top < labels["falls"].y < plot.drawn.bottom


@given(st.lists(st.lists(st.integers(0, 60), min_size=10, max_size=10), min_size=1, max_size=7))
def test_names_of_bands_never_overlap_and_stay_inside(counts: list[list[int]]) -> None:
    layers = tuple(Layer(f"team {number}", tuple(row)) for number, row in enumerate(counts))
    plot = drawn(replace(DATA, layers=layers))
    for anchor in ("start", "end"):
        lines = sorted(
            band.label.y for band in plot.bands if band.label and band.label.anchor == anchor
        )
        assert all(below - above >= 18 - 0.2 for above, below in pairwise(lines))
        assert all(plot.drawn.top < line < plot.drawn.bottom for line in lines)


@given(st.lists(st.tuples(st.integers(-30, 200), st.text("abc", min_size=1, max_size=30))))
def test_labels_never_overlap(named: list[tuple[int, str]]) -> None:
    """The label of the due date is in the first row, even if there are many labels."""
    flags = tuple((DAYS[0] + timedelta(days=day), text, "milestone") for day, text in named)
    assert DATA.due is not None
    plot = drawn(replace(DATA, flags=(*flags, (DATA.due, "due", "due"))))
    taken: dict[int | None, list[tuple[float, float]]] = {0: [], 1: [], None: []}
    for flag in plot.flags:
        length = LETTER * min(len(flag.text), 24)
        begin = {"start": flag.at, "middle": flag.at - length / 2, "end": flag.at - length}
        taken[flag.row].append((begin[flag.anchor], begin[flag.anchor] + length))
        if flag.kind == "due":
            assert flag.row == 0
    for row in (0, 1):
        for (_, end), (start, _) in pairwise(sorted(taken[row])):
            assert end < start
    assert not taken[None] or (taken[0] and taken[1])


def test_changes_of_scope_and_exemptions_are_marked() -> None:
    """Removed scope must not look like progress, and added scope must not look like a setback."""
    weeks = [
        week(DAYS[0], open=100, scope_added=100),
        week(DAYS[1], open=98, fixed=2),
        week(DAYS[2], open=120, scope_added=22),
        week(DAYS[3], open=118, scope_removed=2),
        week(DAYS[4], open=100, scope_removed=8, exempted=10),
        week(DAYS[5], open=110, lapsed=10),
    ]
    assert [(point.date, text) for point, text in scope_steps(weeks)] == [
        (DAYS[2], "scope added: 22"),
        (DAYS[4], "scope removed: 8, newly exempt: 10"),
        (DAYS[5], "exemptions lapsed: 10"),
    ]


def test_small_layers_are_combined_without_changing_the_total() -> None:
    layers = [Layer(f"team {number}", (number, number)) for number in range(1, 12)]
    shown = few_layers(layers, "other teams")
    assert [layer.name for layer in shown] == [
        "team 11", "team 10", "team 9", "team 8", "team 7", "team 6", "other teams",
    ]  # fmt: skip
    assert sum(layer.values[0] for layer in shown) == sum(range(1, 12))
    assert len(few_layers(layers[:7], "other teams")) == 7


def test_meaningful_layer_order_is_kept() -> None:
    """Layers of versions keep their order. The smallest layers are combined at the end."""
    layers = [Layer(f"3.{number}", (number % 5 + 1, 0)) for number in range(10)]
    shown = ordered_layers([*layers, Layer("never", (0, 0))], "other values")
    assert [layer.name for layer in shown] == [
        "3.2", "3.3", "3.4", "3.7", "3.8", "3.9", "other values",
    ]  # fmt: skip
    assert sum(layer.values[0] for layer in shown) == sum(layer.values[0] for layer in layers)
    assert ordered_layers(layers[:7], "other values") == tuple(layers[:7])


def test_the_text_alternative_describes_the_chart() -> None:
    text = burndown_chart(replace(DATA, p50=DAYS[-1] + timedelta(weeks=2))).text
    assert text == (
        "Remove six: 30 open on 4 Jan 2026, 21 open on 8 Mar 2026; due 5 Apr 2026; "
        "50% likely to finish by 22 Mar 2026."
    )
    assert burndown_chart(replace(DATA, days=())).text == "Remove six: no history yet."
