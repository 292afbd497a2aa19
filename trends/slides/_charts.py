"""Editable charts of a slide: lines, stacked columns, and bars with intervals, each with its workbook."""

from datetime import datetime
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_AXIS_CROSSES,
    XL_CHART_TYPE,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE, MSO_PATTERN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Pt

from trends.plot._theme import THEMES
from trends.slides._bytes import workbook
from trends.slides._native import Native, Series

SIZE = 18
MANY = 24
"""More periods than this have markers only where a period is incomplete."""

LABELS = 8
"""About so many names of periods fit below the axis."""

LOOK = THEMES["slide"]
FORMATS = {"week": r"yyyy\-mm\-dd", "month": r"yyyy\-mm", "quarter": r"yyyy\-mm", "year": "yyyy"}
STEPS = {
    "week": ("days", 7, (1, 2, 4, 8, 13)), "month": ("months", 1, (1, 2, 3, 6, 12)),
    "quarter": ("months", 3, (1, 2, 4, 8)), "year": ("years", 1, (1, 2, 5, 10)),
}  # fmt: skip
"""By period: unit of an axis of dates, how many of it a period has, after how many periods one is named."""

KINDS = {
    "lines": XL_CHART_TYPE.LINE_MARKERS,
    "columns": XL_CHART_TYPE.COLUMN_STACKED,
    "bars": XL_CHART_TYPE.BAR_CLUSTERED,
}
DASHES = (MSO_LINE.SOLID, MSO_LINE.DASH, MSO_LINE.SOLID, MSO_LINE.DASH_DOT)
MARKERS = (
    XL_MARKER_STYLE.CIRCLE,
    XL_MARKER_STYLE.SQUARE,
    XL_MARKER_STYLE.DIAMOND,
    XL_MARKER_STYLE.TRIANGLE,
    XL_MARKER_STYLE.PLUS,
    XL_MARKER_STYLE.STAR,
    XL_MARKER_STYLE.X,
    XL_MARKER_STYLE.DASH,
)


def add_chart(slide: Any, native: Native, box: tuple[Any, Any, Any, Any], day: datetime) -> Any:
    """Put an editable chart on a slide and return its frame."""
    data = CategoryChartData(number_format=native.number_format)
    data.categories = native.days or native.categories
    if native.days:
        data.categories.number_format = FORMATS[native.every]
    for series in native.columns:
        data.add_series(series.name, series.values)
    frame = slide.shapes.add_chart(KINDS[native.kind], *box, data)
    chart = frame.chart
    columns = [(series.name, series.values) for series in native.columns]
    if native.kind == "bars":
        columns += _lengths(native)
    # The workbook that pptx writes takes text for formulas and links.
    chart.part.chart_workbook.update_from_xlsx_blob(workbook(native.days or native.categories, columns, day))
    chart.font.size = Pt(SIZE)
    chart.font.color.rgb = _rgb(LOOK.text)
    chart.has_title = False
    chart.has_legend = len(native.series) > 1
    if chart.has_legend:
        chart.legend.position = XL_LEGEND_POSITION.RIGHT
        chart.legend.include_in_layout = False
        chart.legend.font.size = Pt(SIZE)
        _hide(chart.legend, range(len(native.series), len(native.columns)))
    _axes(chart, native)
    dress = {"lines": _lines, "columns": _columns, "bars": _bars}[native.kind]
    dress(chart.plots[0], native)
    return frame


def _axes(chart: Any, native: Native) -> None:
    names, values = chart.category_axis, chart.value_axis
    for axis in (names, values):
        axis.tick_labels.font.size = Pt(SIZE)
        axis.tick_labels.font.color.rgb = _rgb(LOOK.muted)
        axis.major_tick_mark = XL_TICK_MARK.NONE
        axis.minor_tick_mark = XL_TICK_MARK.NONE
        axis.format.line.color.rgb = _rgb(LOOK.hairline)
    names.has_major_gridlines = False
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    values.has_major_gridlines = True
    values.major_gridlines.format.line.color.rgb = _rgb(LOOK.hairline)
    values.tick_labels.number_format = native.number_format
    values.tick_labels.number_format_is_linked = False
    if native.axis:
        title = values.axis_title.text_frame
        title.text = native.axis
        font = title.paragraphs[0].runs[0].font
        font.size, font.bold, font.color.rgb = Pt(SIZE), False, _rgb(LOOK.muted)
    if native.kind == "bars":
        names.reverse_order = True
        names.crosses = XL_AXIS_CROSSES.MAXIMUM
        _log(values, native)
    elif native.days:
        _dates(names, native)
        values.minimum_scale = 0
    else:
        _skip(names, len(native.categories))
        values.minimum_scale = 0
    if native.top is not None:
        values.maximum_scale = native.top
    if native.ranks:
        ranks = [value for series in native.series for value in series.values if value is not None]
        values.reverse_order = True
        # Ticks are named from the lower end on; room for half a mark at both ends takes a whole rank.
        values.minimum_scale, values.maximum_scale, values.major_unit = 0, max(ranks) + 1, 1
        values.tick_labels.number_format = f'[=0]"";[={max(ranks) + 1:.0f}]"";0'
        names.tick_label_position = XL_TICK_LABEL_POSITION.HIGH


def _dates(axis: Any, native: Native) -> None:
    """Name every few periods of an axis of dates."""
    unit, length, steps = STEPS[native.every]
    step = length * next((s for s in steps if len(native.days) <= s * LABELS), steps[-1])
    axis.tick_labels.number_format = FORMATS[native.every]
    axis.tick_labels.number_format_is_linked = False
    base = axis._element.find("{*}baseTimeUnit")
    base.set("val", unit)
    parts = (f'majorUnit {nsdecls("c")} val="{step}"', f'majorTimeUnit {nsdecls("c")} val="{unit}"')
    for part in reversed(parts):
        base.addnext(parse_xml(f"<c:{part}/>"))


def _skip(axis: Any, n: int) -> None:
    """Name only every few periods, level, so that the names do not touch."""
    step = -(-n // LABELS)
    element = axis._element
    for name in ("tickLblSkip", "tickMarkSkip"):
        found = element.find(f"{{*}}{name}")
        if found is not None:
            element.remove(found)
    after = element.find("{*}noMultiLvlLbl")
    for name in ("tickLblSkip", "tickMarkSkip"):
        made = parse_xml(f'<c:{name} {nsdecls("c")} val="{step}"/>')
        if after is not None:
            after.addprevious(made)
        else:
            element.append(made)
    body = element.find("{*}txPr/{*}bodyPr")
    if body is not None:
        body.set("rot", "0")
        body.set("vert", "horz")


def _log(axis: Any, native: Native) -> None:
    """Make the axis of values logarithmic, with bars that begin at 1."""
    scaling = axis._element.find("{*}scaling")
    scaling.insert(0, parse_xml(f'<c:logBase {nsdecls("c")} val="10"/>'))
    ends = [value for value in (*native.lows, *native.highs) if value is not None]
    low, high = min([*ends, 0.9]), max([*ends, 1.1])
    axis.minimum_scale, axis.maximum_scale = _decade(low, down=True), _decade(high, down=False)
    axis.crosses_at = 1


def _decade(value: float, *, down: bool) -> float:
    """Return a round value below or above, of 1, 2 and 5 by decade."""
    steps = [base * 10.0**power for power in range(-6, 7) for base in (1, 2, 5)]
    if down:
        return max(step for step in steps if step <= max(value, 1e-6))
    return min(step for step in steps if step >= min(value, 1e6))


def _hide(legend: Any, places: range) -> None:
    """Take series out of the key: what leads to an incomplete period is named by its topic."""
    position = legend._element.find("{*}legendPos")
    for place in reversed(places):
        position.addnext(
            parse_xml(
                f'<c:legendEntry {nsdecls("c")}><c:idx val="{place}"/><c:delete val="1"/></c:legendEntry>'
            )
        )


def _lines(plot: Any, native: Native) -> None:
    none = len(native.categories) > MANY
    for drawn, series in zip(plot.series, native.columns):
        drawn.smooth = False
        line = drawn.format.line
        line.color.rgb, line.width = _rgb(series.colour), Pt(2.5)
        if series.unfinished:
            line.dash_style = MSO_LINE.ROUND_DOT
        elif series.slot is not None and not native.ranks:
            line.dash_style = DASHES[series.slot % len(DASHES)]
        _marker(drawn.marker, series, none=none and not series.unfinished)
        if series.unfinished:
            for at, hollow in enumerate(native.hollow):
                if not hollow and series.values[at] is not None:
                    drawn.points[at].marker.style = XL_MARKER_STYLE.NONE


def _marker(marker: Any, series: Series, *, none: bool) -> None:
    if none:
        marker.style = XL_MARKER_STYLE.NONE
        return
    marker.style = MARKERS[series.slot or 0]
    marker.size = 10 if series.unfinished else 8
    marker.format.fill.solid()
    marker.format.fill.fore_color.rgb = _rgb(LOOK.ground if series.unfinished else series.colour)
    marker.format.line.color.rgb = _rgb(series.colour)
    marker.format.line.width = Pt(1.75)
    marker.format.line.dash_style = MSO_LINE.SOLID


def _columns(plot: Any, native: Native) -> None:
    plot.gap_width = 25
    plot.overlap = 100
    for drawn, series in zip(plot.series, native.series):
        drawn.format.fill.solid()
        drawn.format.fill.fore_color.rgb = _rgb(series.colour)
        drawn.format.line.color.rgb = _rgb(LOOK.ground)
        drawn.invert_if_negative = False
        for at, hollow in enumerate(native.hollow):
            if hollow:
                fill = drawn.points[at].format.fill
                fill.patterned()
                fill.pattern = MSO_PATTERN.WIDE_UPWARD_DIAGONAL
                fill.fore_color.rgb, fill.back_color.rgb = _rgb(series.colour), _rgb(LOOK.ground)


def _bars(plot: Any, native: Native) -> None:
    plot.gap_width = 60
    drawn, series = plot.series[0], native.series[0]
    drawn.invert_if_negative = False
    drawn.format.fill.solid()
    drawn.format.fill.fore_color.rgb = _rgb(series.colour)
    drawn.format.line.color.rgb = _rgb(series.colour)
    for at, hollow in enumerate(native.hollow):
        if hollow:
            point = drawn.points[at].format
            point.fill.solid()
            point.fill.fore_color.rgb = _rgb(LOOK.ground)
            point.line.color.rgb = _rgb(series.colour)
            point.line.width = Pt(1.5)
    drawn._element.find("{*}cat").addprevious(_error_bars(native))


def _lengths(native: Native) -> list[tuple[str, tuple[float | None, ...]]]:
    """Return how far each interval reaches below and above its value."""
    values = native.series[0].values
    below = tuple(None if v is None or e is None else max(v - e, 0) for v, e in zip(values, native.lows))
    above = tuple(None if v is None or e is None else max(e - v, 0) for v, e in zip(values, native.highs))
    return [("below, to the 95% interval's end", below), ("above, to the 95% interval's end", above)]


def _error_bars(native: Native) -> Any:
    """Return error bars with ends from the workbook, which pptx has no call for."""
    parts = []
    for tag, column, (_, lengths) in zip(("minus", "plus"), "CD", _lengths(native)):
        points = "".join(
            f'<c:pt idx="{at}"><c:v>{value!r}</c:v></c:pt>'
            for at, value in enumerate(lengths)
            if value is not None
        )
        n = len(lengths)
        parts.append(
            f"<c:{tag}><c:numRef><c:f>Sheet1!${column}$2:${column}${n + 1}</c:f><c:numCache>"
            f'<c:formatCode>General</c:formatCode><c:ptCount val="{n}"/>{points}'
            f"</c:numCache></c:numRef></c:{tag}>"
        )
    minus, plus = parts
    colour = LOOK.text.removeprefix("#")
    return parse_xml(
        f'<c:errBars {nsdecls("c", "a")}><c:errBarType val="both"/><c:errValType val="cust"/>'
        f'<c:noEndCap val="0"/>{plus}{minus}<c:spPr><a:ln w="22225"><a:solidFill>'
        f'<a:srgbClr val="{colour}"/></a:solidFill></a:ln></c:spPr></c:errBars>'
    )


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.removeprefix("#").upper())
