"""The measurements as tables of Markdown, which docs/side-by-side.md shows."""

from collections.abc import Iterable
from typing import Any

HELD = " (its scripts at hand)"
"""Marks a page seen with the scripts that it asks the network for."""

SHOWN = {
    "BERTopic, six charts": ("bertopic/",),
    "BERTrend, chart of signals": ("bertrend/signals",),
    "DataMapPlot, map": ("datamapplot/map",),
    "DataMapPlot, map with dates": ("datamapplot/map_dates",),
    "trends, six charts": tuple(
        f"trends/{name}" for name in ("map", "terms", "similarity", "hierarchy", "shares", "growth")
    ),
    "trends, whole report": ("trends/report",),
}
"""Row of the table, and the pages that it sums up."""

NAMES = {"sample": "the embedded sample", "hf_daily": "Daily Papers"}


def lines(found: dict[str, Any]) -> list[str]:
    """Give one table a corpus."""
    told: list[str] = []
    for corpus, measured in found["corpora"].items():
        told += [
            f"**{measured['papers']:,} papers of {NAMES[corpus]}, {measured['topics']} topics, "
            f"{measured['unassigned']} papers unassigned**",
            "",
            "| | size | first chart | scripts and styles asked of the network | JavaScript heap | "
            "axe: rules broken |",
            "|---|---|---|---|---|---|",
        ]
        told += [row(name, measured["pages"], starts) for name, starts in SHOWN.items()]
        told.append("")
    return told


def row(name: str, pages: dict[str, Any], starts: Iterable[str]) -> str:
    """Give one row: sums of sizes, ranges of the rest."""
    chosen = {
        page: figures
        for page, figures in pages.items()
        if any(page == start or (start.endswith("/") and page.startswith(start)) for start in starts)
    }
    if not chosen:
        return f"| {name} | not drawn | | | | |"
    held = [pages[page + HELD] for page in chosen if page + HELD in pages]
    sizes = sum(figures["bytes"] for figures in chosen.values()) / 1e6
    requests = max(len(figures["requests"]) for figures in chosen.values())
    each = f" ({len(chosen)} files)" if len(chosen) > 1 else ""
    heaps = [figures["heap, MB"] for figures in held or chosen.values()]
    broken = sorted({rule for figures in held or chosen.values() for rule in figures["axe"]})
    return (
        f"| {name} | {sizes:.2f} MB{each} | {first(chosen.values(), held)} | {requests or 'none'} | "
        f"{spread(heaps, 0)} MB | {len(broken)} |"
    )


def first(chosen: Iterable[dict[str, Any]], held: list[dict[str, Any]]) -> str:
    """Say when charts stand: in seconds, or never without a network and then with its scripts."""
    times = [figures["first chart, ms"] for figures in chosen]
    if None not in times:
        return f"{spread([time / 1000 for time in times])} s"
    later = [figures["first chart, ms"] for figures in held]
    if not later or None in later:
        return "never"
    return f"never; with its scripts {spread([time / 1000 for time in later])} s"


def spread(values: list[float], digits: int = 1) -> str:
    """Give a number, or the least and the most."""
    low, high = f"{min(values):.{digits}f}", f"{max(values):.{digits}f}"
    return low if low == high else f"{low} to {high}"
