"""How a record shows itself in a notebook: one small block of HTML, escaped, without scripts.

Colours come from the page, so that a block is readable on light and dark grounds alike.
"""

import math
import re
from collections.abc import Iterable, Sequence

from trends.core.escape import html_text

SPARK_PAPERS = 20
"""Papers that a period needs to set the height of a sparkline."""

STATUS_MARKS = {"emerging": "▲", "growing": "▲", "steady": "■", "declining": "▼", "too few to say": "·"}

_STYLE = """
.trends-view{font:13px/1.45 system-ui,sans-serif;max-width:70em;color:inherit}
.trends-view .q{color:color-mix(in srgb,currentColor 76%,transparent);margin:.3em 0}
.trends-view table{border-collapse:collapse;margin:.4em 0;font-size:inherit}
.trends-view table th,.trends-view table td{padding:.15em 1em .15em 0;color:inherit;
text-align:left!important;vertical-align:top;
border-bottom:1px solid color-mix(in srgb,currentColor 15%,transparent)}
.trends-view table th{font-weight:600}
.trends-view table .n{text-align:right!important;font-variant-numeric:tabular-nums;white-space:nowrap}
.trends-view .w{white-space:nowrap}
.trends-view summary{cursor:pointer;margin-top:.5em}
.trends-view code{color:inherit;background:none;font-size:.95em}
.trends-view a{color:inherit;text-decoration:underline}
.trends-view svg.l{display:block;width:96px;height:20px;overflow:visible}
""".replace("\n", "")


class Html(str):
    """HTML that was made here, which is not escaped again."""


def block(title: str, *parts: str, hint: str = "") -> str:
    """Return a block: a title in bold if any, the parts, and a line that says what to call next.

    Parameters
    ----------
    title
        Raw text.
    *parts
        HTML of `table`, `note` and `folded`.
    hint
        Raw text; what stands between backticks is shown as code.
    """
    told = _quiet(re.sub(r"`([^`]+)`", r"<code>\1</code>", html_text(hint))) if hint else ""
    heading = f"<b>{html_text(title)}</b>" if title else ""
    inside = f"{heading}{''.join(parts)}{told}"
    return f"<style>{_STYLE}</style><div class='trends-view'>{inside}</div>"


def note(text: str) -> Html:
    """Return a quiet line of raw text."""
    return Html(_quiet(html_text(text)) if text else "")


def table(names: Sequence[str], rows: Iterable[Sequence[object]], numeric: Iterable[int] = ()) -> Html:
    """Return a table: texts are escaped, `Html` stays as it is; the columns at `numeric` stand right."""
    right = set(numeric)

    def cells(tag: str, values: Sequence[object]) -> str:
        return "".join(
            f"<{tag}{' class=n' if at in right else ''}>"
            f"{value if isinstance(value, Html) else html_text(value)}</{tag}>"
            for at, value in enumerate(values)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return Html(f"<table><thead><tr>{cells('th', names)}</tr></thead><tbody>{body}</tbody></table>")


def folded(name: str, body: str) -> Html:
    """Return a part that opens on a click."""
    return Html(f"<details><summary>{html_text(name)}</summary>{body}</details>")


def spark(shares: Sequence[float], complete: Sequence[bool], totals: Sequence[int]) -> dict[str, str] | None:
    """Return a sparkline, 96 by 24: the line, its incomplete end, and the last complete point."""
    if not shares:
        return None
    # One paper in a year of two would flatten all that follows; such periods are cut at the top.
    usual = [share for share, n in zip(shares, totals, strict=True) if n >= SPARK_PAPERS]
    top = max(usual, default=0) or max(shares) or 1.0
    step = 92 / max(1, len(shares) - 1)
    points = [f"{2 + i * step:.1f},{21 - 18 * min(1, share / top):.1f}" for i, share in enumerate(shares)]
    last = max((i for i, whole in enumerate(complete) if whole), default=0)
    x, y = points[last].split(",")
    return {"line": " ".join(points[: last + 1]), "rest": " ".join(points[last:]), "x": x, "y": y}


def line(shares: Sequence[float], complete: Sequence[bool], totals: Sequence[int]) -> Html:
    """Draw a sparkline in the colour of the text: dotted where incomplete, a dot at the last complete period.

    It is hidden from screen readers, since the numbers stand beside it.
    """
    drawn = spark(shares, complete, totals)
    if drawn is None:
        return Html("")
    ends = f"<circle cx='{drawn['x']}' cy='{drawn['y']}' r='2' fill='currentColor' stroke='none'/>"
    if drawn["rest"] != f"{drawn['x']},{drawn['y']}":
        ends += f"<polyline points='{drawn['rest']}' stroke-dasharray='2 2' opacity='.7'/>"
    return Html(
        "<svg class='l' viewBox='0 0 96 24' aria-hidden='true' fill='none' stroke='currentColor' "
        f"stroke-width='1.3'><polyline points='{drawn['line']}'/>{ends}</svg>"
    )


def bar(part: float) -> Html:
    """Draw a part of 1 as a bar in the colour of the text, hidden from screen readers."""
    wide = 96 * min(1.0, max(0.0, part))
    return Html(
        "<svg class='l' viewBox='0 0 96 20' aria-hidden='true'>"
        f"<rect y='5' width='{wide:.1f}' height='10' fill='currentColor' opacity='.6'/></svg>"
    )


def small(text: str) -> Html:
    """Return a raw text in small type."""
    return Html(f"<small>{html_text(text)}</small>" if text else "")


def factor(value: float) -> str:
    """Write a factor per year; of a large one two digits mean something: 137.4 as 140."""
    if value >= 1e4:
        return "over 10,000"
    return f"{value:.2f}" if value < 100 else f"{float(f'{value:.2g}'):,.0f}"


def growth(value: float, low: float, high: float) -> str:
    """Write a factor per year with its interval; empty where it was not estimated."""
    if not all(math.isfinite(number) for number in (value, low, high)):
        return ""
    return f"×{factor(value)} ({factor(low)} to {factor(high)})"


def _quiet(inside: str) -> str:
    return f"<div class='q'>{inside}</div>"
