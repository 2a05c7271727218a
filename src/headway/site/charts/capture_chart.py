"""The chart of captured values shows the number of items for each value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headway.metrics.records import SeriesPoint
from headway.site.charts.burndown_chart import BurndownChart, burndown_chart
from headway.site.charts.burndown_data import BurndownData, Layer, ordered_layers
from headway.wording.formats import number, plural

_MOST_VALUES = 4
_Line = Sequence[SeriesPoint]


@dataclass(frozen=True, slots=True)
class CaptureChart:
    """A chart that counts items by captured value.

    The chart covers both deprecated code and its replacement. All deprecated values without open
    items share one band.
    """

    name: str
    """The name of the capture in the rules, such as `version`."""

    chart: BurndownChart

    text: str
    """Sentences about the values of open items, values without open items, and replacements."""


def capture_chart(title: str, name: str, lines: Sequence[_Line]) -> CaptureChart:
    """Draw a chart with one band for each captured value, in the order of the values.

    Args:
        title: The title of the campaign.
        name: The name of the capture.
        lines: The series of each value, deprecated values first. All have the same dates.
    """
    lines = [line for line in lines if line]
    deprecated = [line for line in lines if line[0].role != "required"]
    required = [line for line in lines if line[0].role == "required"]
    gone = [line for line in deprecated if not line[-1].open and any(point.open for point in line)]
    if len(gone) < 2:
        layers = [_layer(line) for line in lines]
    else:
        sums = zip(*(_layer(line).values for line in gone), strict=True)
        together = Layer(f"{len(gone)} values at zero", tuple(map(sum, sums)))
        kept = [_layer(line) for line in deprecated if line not in gone]
        layers = [together, *kept, *map(_layer, required)]
    data = BurndownData(
        f"{title}, by {name}",
        tuple(point.date for point in lines[0]) if lines else (),
        ordered_layers(layers, "other values"),
        tuple(sum(point.exempt for point in points) for points in zip(*lines, strict=True)),
    )
    return CaptureChart(name, burndown_chart(data), _text(deprecated, required, gone))


def _layer(line: _Line) -> Layer:
    name = f"{_value(line)} (required)" if line[0].role == "required" else _value(line)
    return Layer(name, tuple(point.open for point in line))


def _value(line: _Line) -> str:
    return "others" if line[0].value is None else line[0].value


def _text(deprecated: Sequence[_Line], required: Sequence[_Line], gone: Sequence[_Line]) -> str:
    sentences = [f"Deprecated: {_counts(deprecated)}."]
    if gone:
        names = [_value(line) for line in gone]
        more = len(names) - _MOST_VALUES
        rest = f" and {more} more" if more > 0 else ""
        sentences.append(f"At zero: {', '.join(names[:_MOST_VALUES])}{rest}.")
    if required:
        sentences.append(f"In their place: {_counts(required)}.")
    else:
        sentences.append("No rule of the campaign captures the values that replace them.")
    return " ".join(sentences)


def _counts(lines: Sequence[_Line]) -> str:
    """State the number of items, and the values that most of them have."""
    total = sum(line[-1].open for line in lines)
    largest = sorted((line for line in lines if line[-1].open), key=lambda line: -line[-1].open)
    values = [f"{_value(line)} ({number(line[-1].open)})" for line in largest[:_MOST_VALUES]]
    if not values:
        return plural(total, "item")
    more = len(largest) - _MOST_VALUES
    rest = f" and {plural(more, 'more value')}" if more > 0 else ""
    return f"{plural(total, 'item')}: {', '.join(values)}{rest}"
