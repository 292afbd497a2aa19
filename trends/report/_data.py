"""What travels in the page for page.js: figures, the numbers of every table, papers by column.

Like stands beside like and everything is rounded, since what a page carries a reader must download.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from trends.core.escape import clean_text, safe_url, slug
from trends.report import _figures
from trends.report._report import Report, Section

_ONLY_DRAWN = frozenset(
    ["series", "totals", "complete", "exemplars", "near", "nearest", "parts", "target", "papers", "history"]
    + ["today"]
)
"""Columns of sections with a form of their own that hold no cells: sparklines, links, lists of papers."""


def data(
    report: Report, drawn: list[Section], figure_ids: Mapping[str, str], abstracts: bool
) -> dict[str, Any]:
    """Return all that page.js needs: figures, colours, the cells of tables, themes, papers by column."""
    from trends.plot import THEMES, colour_swap

    order = None if report.papers is None else _order(report.papers)
    return {
        "figures": [
            _figure(section, figure_ids[section.id], number) for number, section in enumerate(drawn, start=1)
        ],
        "swap": colour_swap(),
        "accent": THEMES["light"].accent,
        "grey": THEMES["light"].grey,
        "tables": _tables(report),
        "papers": None if order is None else _columns(report.papers, order, abstracts),
        "topics": []
        if report.topics is None
        else [[int(i), clean_text(v)] for i, v in report.topics.items()],
        "themes": [] if order is None else _themes(report, order),
    }


def _figure(section: Section, figure_id: str, number: int) -> dict[str, Any]:
    meta = _figures.meta(section.figure)
    return {
        "id": figure_id,
        "file": f"{number:02d}-{slug(section.title)}",
        "title": _figures.title(section.figure) or section.title,
        "columns": list(meta.get("columns", [])),
        "rows": [] if section.kind == "map" else clean([list(row) for row in meta.get("rows", [])]),
        "map": section.kind == "map",
        "chart": str(meta.get("id", "")),
        # Which of the two numberings the ids in the figure belong to.
        "about": "theme" if section.kind == "followed" else "topic",
        **_figures.plain(section.figure),
    }


# Tables


def _tables(report: Report) -> dict[str, dict[str, Any]]:
    """Return every table that can be saved, by the name that its button gives."""
    found = {section.id: cells(section) for section in report.sections if has_cells(section)}
    for section in report.sections:
        if section.kind == "since" and section.table is not None:
            for name, part in section.table.iterrows():
                found[f"since-{name}"] = _cells(f"since-{name}", part["rows"])
    return found


def has_cells(section: Section) -> bool:
    """Tell whether a section holds a table that can be saved; papers and cards are saved elsewhere."""
    return (
        section.table is not None
        and len(section.table) > 0
        and section.kind not in ("papers", "cards", "map", "since")
    )


def cells(section: Section) -> dict[str, Any]:
    """Return file, columns and rows of a section's table as plain unrounded values, lists joined by "; "."""
    table = section.table
    assert table is not None
    if section.kind == "findings":
        table = table.assign(finding=range(1, len(table) + 1), text=table["parts"].map(_sentence))
        table = table[["finding", "kind", "topic_id", "text"]]
    elif table.index.name:
        table = table.reset_index()
    if section.kind in ("followed", "topics", "ended"):
        table = table[[name for name in table.columns if name not in _ONLY_DRAWN]]
    return _cells(slug(section.title, fallback="table"), table)


def _cells(file: str, table: pd.DataFrame) -> dict[str, Any]:
    columns = [[_value(value) for value in table[name]] for name in table.columns]
    return {
        "file": file,
        "columns": [clean_text(str(name)) for name in table.columns],
        "rows": [list(row) for row in zip(*columns)],
    }


def _sentence(parts: Any) -> str:
    return "".join(text for text, _ in parts)


def _value(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return "; ".join(str(_value(item)) for item in value)
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return _figures.number(float(value))
    return clean_text(str(value))


# Papers


def link(paper_id: str, url: str = "") -> str:
    """Return the address of a paper: rebuilt from its id where that names one, else what it came with."""
    kind, _, name = paper_id.partition(":")
    if kind == "arxiv" and re.fullmatch(r"[\w.\-]+(/\d+)?", name):
        return f"https://arxiv.org/abs/{name}"
    if kind == "doi" and re.fullmatch(r"10\.[!-~]+", name) and not re.search(r"[\"'<>\\^`{|}%?#\s]", name):
        return f"https://doi.org/{name}"
    return safe_url(url)


def day(date: pd.Timestamp, precision: str = "day") -> str:
    """Write a date as exactly as it is known."""
    if date is pd.NaT:
        return ""
    form = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}.get(precision, "%Y-%m-%d")
    return date.strftime(form)


def _order(papers: pd.DataFrame) -> pd.Index:
    """Return paper ids by topic and date: papers of one topic share words, and gzip looks back 32 kB only."""
    sorted_ = papers.assign(_id=papers.index).sort_values(["topic_id", "date", "_id"], na_position="first")
    return sorted_.index


def _columns(papers: pd.DataFrame, order: pd.Index, abstracts: bool) -> dict[str, Any]:
    """Return the papers by column, which compresses to about 57 bytes a paper.

    Positions are in thousandths of the map's width; addresses are left out where the id gives them.
    """
    papers = papers.loc[order]
    ids = [str(paper_id) for paper_id in papers.index]
    addresses = {
        str(i): safe_url(url) for i, url in enumerate(papers["url"]) if not link(ids[i]) and safe_url(url)
    }
    columns: dict[str, Any] = {
        # A made-up id tells a reader nothing and does not compress.
        "id": [paper_id if link(paper_id) else "" for paper_id in ids],
        "url": addresses,
        "title": [clean_text(title) for title in papers["title"]],
        "date": [day(d, p) for d, p in zip(papers["date"], papers["date_precision"], strict=True)],
        "topic": papers["topic_id"].tolist(),
        "similarity": [_hundredths(value) for value in papers["similarity"]],
        "x": _scaled(papers["x"]),
        "y": _scaled(papers["y"]),
        "bounds": [
            _figures.number(v) for name in ("x", "y") for v in (papers[name].min(), papers[name].max())
        ],
    }
    if papers["venue"].astype(bool).any():
        columns["venue"] = [clean_text(venue) for venue in papers["venue"]]
    if abstracts:
        columns["abstract"] = [clean_text(text) for text in papers["abstract"]]
    return columns


def _themes(report: Report, order: pd.Index) -> list[list[Any]]:
    """Return id, label and the places of the papers of each followed theme."""
    return [
        [int(theme_id), clean_text(theme["label"]), sorted(order.get_indexer(list(theme["papers"])).tolist())]
        for section in report.sections
        if section.kind == "followed" and section.table is not None
        for theme_id, theme in section.table.iterrows()
    ]


def _hundredths(value: float) -> int | None:
    return round(100 * value) if math.isfinite(value) else None


def _scaled(values: pd.Series) -> list[int | None]:
    """Scale positions to 0 to 999."""
    low, high = values.min(), values.max()
    width = (high - low) if high > low else 1.0
    return [round(999 * (v - low) / width) if math.isfinite(v) else None for v in values]


def clean(value: Any) -> Any:
    """Return plain JSON values: texts without control characters, numbers rounded."""
    if isinstance(value, Mapping):
        return {str(key): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    if isinstance(value, str):
        return clean_text(value)
    return _figures.number(value) if isinstance(value, float) else value
