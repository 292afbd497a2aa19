"""The chosen papers as a page of a table, escaped; links lead to http(s) only."""

import pandas as pd

from trends.core import display
from trends.core.summaries import short
from trends.report._render import link

ROWS = 15
"""Papers on a page."""
LETTERS = 160
_DAYS = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}


def pages(n_papers: int) -> int:
    """Return how many pages so many papers fill, one at least."""
    return max(1, -(-n_papers // ROWS))


def page(selection: pd.DataFrame, number: int) -> str:
    """Return page `number` of a selection, from 0, as HTML."""
    shown = selection.iloc[number * ROWS : (number + 1) * ROWS]
    urls = shown["url"] if "url" in shown else [""] * len(shown)
    rows = [
        (_title(str(paper_id), row.title, str(url or "")), _day(row), short(row.label))
        for paper_id, row, url in zip(shown.index, shown.itertuples(), urls)
    ]
    return display.table(("title", "date", "topic"), rows) if rows else display.note("No paper fits.")


def _title(paper_id: str, title: object, url: str) -> display.Html:
    text = str(title) or "(no title)"
    text = display.html_text(text if len(text) <= LETTERS else text[: LETTERS - 1] + "…")
    address = link(paper_id, url)
    if not address:
        return display.Html(text)
    return display.Html(
        f"<a href='{display.html_text(address)}' target='_blank' rel='noopener noreferrer'>{text}</a>"
    )


def _day(row: object) -> display.Html:
    date = row.date  # type: ignore[attr-defined]
    form = _DAYS.get(str(row.date_precision))  # type: ignore[attr-defined]
    day = "" if form is None or pd.isna(date) else date.strftime(form)
    return display.Html(f"<span class='w'>{day}</span>")
