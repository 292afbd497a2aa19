"""The chart of cost against papers, as an SVG: both axes logarithmic, n log n beside the measured line."""

import math
from collections.abc import Sequence

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 50
INK, FAINT, LINE = "#333333", "#cccccc", "#2a6fbb"


def draw(points: Sequence[tuple[float, float]], slope: float) -> str:
    """Give the SVG of (papers, seconds); the dashed line is n log n through the first point."""
    papers, seconds = zip(*sorted(points), strict=True)
    scale = seconds[0] / (papers[0] * math.log(papers[0]))
    reference = [scale * n * math.log(n) for n in papers]
    ends = [math.log10(value) for value in (*seconds, *reference)]
    low, high = math.floor(min(ends)), math.ceil(max(ends))
    first, last = math.log10(papers[0]), math.log10(papers[-1])

    def x(n: float) -> float:
        return LEFT + (math.log10(n) - first) / max(last - first, 1e-9) * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return TOP + (high - math.log10(value)) / max(high - low, 1e-9) * (HEIGHT - TOP - BOTTOM)

    def path(values: Sequence[float]) -> str:
        return " ".join(f"{x(n):.1f},{y(value):.1f}" for n, value in zip(papers, values, strict=True))

    title = f"Papers to labelled topics: seconds grow with the power {slope:.2f} of the number of papers"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{title}" font-family="sans-serif" font-size="12" fill="{INK}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="14">{title}</text>',
    ]
    for power in range(low, high + 1):
        at = y(10.0**power)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="{FAINT}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:,g} s</text>')
    for n in papers:
        parts.append(f'<text x="{x(n):.1f}" y="{HEIGHT - 28}" text-anchor="middle">{n:,}</text>')
    parts += [
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">papers</text>',
        f'<polyline points="{path(reference)}" fill="none" stroke="{INK}" stroke-dasharray="4 4"/>',
        f'<text x="{WIDTH - RIGHT}" y="{y(reference[-1]) - 8:.1f}" text-anchor="end">n log n</text>',
        f'<polyline points="{path(seconds)}" fill="none" stroke="{LINE}" stroke-width="2"/>',
    ]
    for n, value in zip(papers, seconds, strict=True):
        parts.append(f'<circle cx="{x(n):.1f}" cy="{y(value):.1f}" r="4" fill="{LINE}"/>')
        parts.append(f'<text x="{x(n):.1f}" y="{y(value) + 18:.1f}" text-anchor="middle">{value:,.0f}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
