"""The controls of an explorer, made of ipywidgets, and the chart and table beside them.

Charts are drawn by the page's own plotly renderer from their JSON: 20 to 90 kB each and no outside request.
Only the map is a FigureWidget, which sends 5 MB once, because it alone must tell which points were picked; it
needs anywidget, and without it the map is a chart like the others.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import ipywidgets as w

from trends.core import display
from trends.core.summaries import short
from trends.core.tables import UNASSIGNED
from trends.explorer import _charts, _papers
from trends.explorer._choice import Choice, Library
from trends.timeline import period_label

PLOTLY = "application/vnd.plotly.v1+json"
TOO_FEW = "too few to say"
CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "modeBarButtonsToRemove": ["lasso2d", "select2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
}
MAP_WIDTH = 600
"""Width in px of the map that can be picked from."""


class Panel:
    """The shown side of an explorer: `box` is the widget, `show` brings it to a choice.

    Parameters
    ----------
    library
        The papers.
    choice
        What is chosen at first.
    choose
        Called with the new choice when a person changes a control.
    """

    def __init__(self, library: Library, choice: Choice, choose: Callable[[Choice], None]) -> None:
        self.library, self.choice, self._choose = library, choice, choose
        self._drawn: tuple[Any, ...] = ()
        self._busy = False
        self._page = 0
        self._caption = ""
        self._map: Any = None
        self._ids: list[str] = []
        self._build()
        self.show(choice)

    def _build(self) -> None:
        wide = {"width": "auto"}
        labels = [period_label(period, self.library.trends.every) for period in self.library.periods]
        options = [(label, place) for place, label in enumerate(labels)]
        self.search = w.Text(
            placeholder="Words in title or abstract, then Enter", continuous_update=False, layout=wide
        )
        self.topics = w.SelectMultiple(rows=14, layout=wide, tooltip="Topics; none chosen means all")
        self.order = w.Dropdown(
            description="Sort by",
            options=[("size", "size"), ("growth", "growth"), ("label", "label")],
            layout=wide,
            style={"description_width": "initial"},
        )
        self.periods = w.SelectionRangeSlider(
            options=options or [("no dates", 0)],
            index=(0, max(0, len(options) - 1)),
            disabled=len(options) < 2,
            tooltip="First and last period",
            continuous_update=False,
            layout=wide,
        )
        self.chart = w.Dropdown(
            description="Chart", options=[(text, name) for name, text in _charts.NAMES.items()],
            layout={"width": "18em"}, style={"description_width": "initial"},
        )  # fmt: skip
        self.dark = w.Checkbox(description="dark chart", indent=False, layout={"width": "auto"})
        self.clear = w.Button(description="Clear", tooltip="Choose everything again")
        self.previous = w.Button(description="Previous", layout={"width": "auto"})
        self.next = w.Button(description="Next", layout={"width": "auto"})
        self.output = w.Output(layout=wide)
        self.drawing = w.VBox([self.output], layout=wide)
        self.caption, self.line, self.number, self.table = w.HTML(), w.HTML(), w.HTML(), w.HTML(layout=wide)
        picks = [self.search, w.HTML("Topics (none chosen: all)"), self.topics, self.order, w.HTML("Period")]
        left = w.VBox([*picks, self.periods, self.clear], layout={"width": "19em", "flex": "0 0 auto"})
        right = w.VBox(
            [
                w.HBox([self.chart, self.dark]), self.drawing, self.caption, self.line, self.table,
                w.HBox([self.previous, self.next, self.number]),
            ],
            layout={"flex": "1 1 30em", "width": "auto", "min_width": "0"},
        )  # fmt: skip
        self.box = w.Box([left, right], layout={"flex_flow": "row wrap", "grid_gap": "1em", "width": "100%"})
        self._listen()

    def _listen(self) -> None:
        def follow(widget: Any, name: str, read: Callable[[Any], dict[str, Any]]) -> None:
            widget.observe(lambda change: self._changed(**read(change["new"])), name)

        follow(self.search, "value", lambda value: {"words": value, "points": None})
        follow(self.topics, "value", lambda value: {"topics": tuple(value), "points": None})
        follow(self.order, "value", lambda value: {"order": value})
        follow(self.periods, "index", lambda index: {"periods": self._span(index), "points": None})
        follow(self.chart, "value", lambda value: {"chart": value})
        follow(self.dark, "value", lambda value: {"theme": "dark" if value else "light"})
        self.clear.on_click(lambda _: self._changed(topics=(), periods=None, words="", points=None))
        self.previous.on_click(lambda _: self._turn(-1))
        self.next.on_click(lambda _: self._turn(1))

    def _changed(self, **parts: Any) -> None:
        if not self._busy:
            self._choose(replace(self.choice, **parts))

    def _span(self, index: tuple[int, int]) -> tuple[int, int] | None:
        whole = (0, len(self.periods.options) - 1)
        return None if tuple(index) == whole else (int(index[0]), int(index[1]))

    def _turn(self, step: int) -> None:
        self._page += step
        self._tell()

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """Set controls without taking it for a person's doing."""
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before

    def show(self, choice: Choice) -> None:
        """Bring controls, chart, line and table to a choice."""
        self.choice, self._page = choice, 0
        with self._quietly():
            self._list(choice)
            self.search.value, self.order.value = choice.words, choice.order
            self.periods.index = choice.periods or (0, len(self.periods.options) - 1)
            self.chart.value, self.dark.value = choice.chart, choice.theme == "dark"
        if self._drawn != _charts.drawn_from(choice):
            self._drawn = _charts.drawn_from(choice)
            self._draw(choice)
        said = " ".join(filter(None, [self._caption, _charts.note(choice)]))
        self.caption.value = display.block("", display.note(said))
        self._tell()

    def _list(self, choice: Choice) -> None:
        """Fill the list of topics in the order chosen, the papers in none at the end."""
        sizes, calls = self.library.sizes, self.library.trends.calls
        growth = calls["growth"].reindex(sizes.index)
        key = {"size": -sizes, "growth": -growth, "label": self.library.topics.labels.str.casefold()}
        ids = (
            key[choice.order]
            .drop(UNASSIGNED)
            .sort_index()
            .sort_values(kind="stable", na_position="last")
            .index
        )
        status = calls["status"].astype(str).reindex(sizes.index)
        options = [(self._listed(t, status.get(t)), t) for t in map(int, [*ids, UNASSIGNED])]
        if tuple(options) != tuple(self.topics.options):
            self.topics.options = options
        self.topics.value = choice.topics

    def _listed(self, topic_id: int, status: str | None) -> str:
        """Return what the list says of a topic: label, papers, and a mark for its status."""
        mark = "" if status == TOO_FEW else display.STATUS_MARKS.get(str(status), "")
        label = short(self.library.topics.labels[topic_id])
        return f"{label} ({self.library.sizes[topic_id]:,}) {mark}".rstrip()

    # Chart

    def _draw(self, choice: Choice) -> None:
        fig = _charts.draw(self.library, choice)
        meta = fig.layout.meta or {}
        self._caption = str(meta.get("caption", ""))
        self._ids = [str(row[0]) for row in meta.get("rows", [])] if meta.get("id") == "map" else []
        fig.layout.meta = None
        if choice.chart == "map" and self._ids and self._pick(fig):
            self.drawing.children = [self._map]
            return
        bundle = {**json.loads(fig.to_json()), "config": CONFIG}
        data = {PLOTLY: bundle, "text/plain": "chart"}
        self.output.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)
        self.drawing.children = [self.output]

    def _pick(self, fig: Any) -> bool:
        """Put a map into the widget that tells which points are picked; False where that is not there."""
        try:
            import anywidget  # noqa: F401
        except ImportError:
            return False
        import plotly.graph_objects as go

        # A FigureWidget takes its 700 px whatever the room, until the window changes its size.
        fig.layout.update(dragmode="lasso", width=MAP_WIDTH)
        if self._map is not None:
            self._map.close()
        self._map = go.FigureWidget(fig)
        self._map._config = {"displaylogo": False}
        sizes = [len(trace.x) for trace in self._map.data]
        firsts = [sum(sizes[:at]) for at in range(len(sizes))]
        picked: dict[int, list[str]] = {}

        def take(trace: Any, points: Any, _: Any) -> None:
            at = trace._trace_ind
            picked[at] = [self._ids[firsts[at] + i] for i in points.point_inds]
            # One message of the page calls for every trace in turn.
            if at == len(sizes) - 1:
                chosen = tuple(paper_id for place in sorted(picked) for paper_id in picked[place])
                self._changed(points=chosen or None)

        for trace in self._map.data:
            trace.on_selection(take)
            trace.on_deselect(lambda *_: self._changed(points=None))
        return True

    # Papers

    def _tell(self) -> None:
        """Write the line of counts and the page of papers."""
        selection = self.library.selection(self.choice)
        n_pages = _papers.pages(len(selection))
        self._page = min(max(0, self._page), n_pages - 1)
        self.line.value = display.block(self._said(len(selection)))
        self.table.value = display.block("", _papers.page(selection, self._page))
        self.number.value = f"Page {self._page + 1:,} of {n_pages:,}"
        self.previous.disabled = self._page == 0
        self.next.disabled = self._page == n_pages - 1

    def _said(self, n_chosen: int) -> str:
        choice, said = self.choice, [f"{n_chosen:,} of {len(self.library.papers):,} papers"]
        if choice.topics:
            labels = [short(self.library.topics.labels[t]) for t in choice.topics[:3]]
            more = len(choice.topics) - 3
            said.append(", ".join(labels) + (f" and {more} more" if more > 0 else ""))
        if choice.periods is not None:
            every = self.library.trends.every
            said.append(" to ".join(period_label(self.library.periods[p], every) for p in choice.periods))
        if choice.words:
            said.append(f"with “{short(choice.words)}”")
        if choice.points is not None:
            said.append("picked on the map")
        return "; ".join(said)
