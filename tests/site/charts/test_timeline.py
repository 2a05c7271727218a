"""Charts of forecasts and due dates share one time scale."""

from __future__ import annotations

from datetime import date, timedelta

from headway.site.charts.timeline import Timeline, timeline, track
from tests.support.statuses import TODAY, status

DUE = TODAY + timedelta(weeks=20)
HORIZON = TODAY + timedelta(weeks=260)


def in_weeks(count: int) -> date:
    return TODAY + timedelta(weeks=count)


def test_the_bar_leads_from_today_to_the_50_and_85_percent_dates() -> None:
    row = status(due=DUE, p50=in_weeks(10), p85=in_weeks(15), horizon=HORIZON)
    scale = timeline([row], TODAY)
    assert scale is not None
    drawn = track(row, scale, TODAY)
    assert drawn is not None
    assert drawn.due is not None
    assert drawn.p50 is not None
    assert drawn.today < drawn.p50 < drawn.p85 < drawn.due
    assert drawn.p50 - drawn.today == drawn.due - drawn.p50
    assert not drawn.clipped
    assert drawn.text == (
        "Due 20 Jul 2026; 50% likely to finish by 11 May 2026, 85% likely by 15 Jun 2026."
    )


def test_a_forecast_of_years_does_not_compress_the_scale() -> None:
    near = status(due=DUE, p50=in_weeks(10), p85=in_weeks(15), horizon=HORIZON)
    far = status(due=DUE, p50=in_weeks(60), p85=None, horizon=HORIZON, health="off track")
    scale = timeline([near, far], TODAY)
    assert scale is not None
    assert scale.last == in_weeks(2 * 20 + 8)
    drawn = track(far, scale, TODAY)
    assert drawn is not None
    assert drawn.clipped
    assert drawn.p50 == drawn.p85 == scale.width - 8
    assert "85% likely after 2031" in drawn.text
    assert drawn.end == "after 2031"


def test_a_due_date_near_the_edge_leaves_no_room_for_the_end_of_the_forecast() -> None:
    row = status(due=DUE, p50=in_weeks(10), p85=in_weeks(90), horizon=HORIZON)
    scale = Timeline(TODAY, in_weeks(22), 230, ())
    drawn = track(row, scale, TODAY)
    assert drawn is not None
    assert drawn.clipped
    assert drawn.end is None
    roomy = track(row._replace(due=in_weeks(4)), scale, TODAY)
    assert roomy is not None
    assert roomy.end == "Nov 2027"


def test_a_past_due_date_is_drawn_before_today() -> None:
    late = status(due=in_weeks(-3), p50=in_weeks(10), p85=in_weeks(12), horizon=HORIZON)
    scale = timeline([late], TODAY)
    assert scale is not None
    assert scale.first == in_weeks(-3)
    drawn = track(late, scale, TODAY)
    assert drawn is not None
    assert drawn.due is not None
    assert drawn.due < drawn.today


def test_without_a_forecast_only_the_due_date_is_drawn() -> None:
    row = status(due=DUE, health="not enough history")
    scale = timeline([row], TODAY)
    assert scale is not None
    drawn = track(row, scale, TODAY)
    assert drawn is not None
    assert drawn.p50 is None
    assert not drawn.clipped
    assert drawn.text == "Due 20 Jul 2026; no forecast."
    assert track(status(health="no due date"), scale, TODAY) is None
    assert track(status(health="done", due=DUE), scale, TODAY) is None


def test_there_is_no_scale_without_a_future_date() -> None:
    assert timeline([], TODAY) is None
    assert timeline([status(health="done", due=DUE)], TODAY) is None
    assert timeline([status(due=in_weeks(-1))], TODAY) is None
