"""An explorer for notebooks: pick topics, a period and words; see a chart and the papers; get them back.

What is chosen lives in a plain object that works without a front end; the controls are made when it is first
shown, and both follow each other.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from trends.core.errors import DependencyError, InputError
from trends.core.records import Topics, Trends
from trends.explorer._charts import check_chart, draw
from trends.explorer._choice import Choice, Library

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from trends.explorer._panel import Panel

__all__ = ["Explorer"]

ORDERS = ("size", "growth", "label")


class Explorer:
    """Papers, topics and trends to look around in.

    The attributes below can be read and set, and change with the controls where these are shown.

    Parameters
    ----------
    papers, topics, trends
        As in a study.
    theme
        "light" or "dark": the ground of the charts. A kernel cannot know which one the page has.

    Attributes
    ----------
    topics
        Labels of the chosen topics; set with labels or ids, -1 or "unassigned" for the papers in none. Empty
        means all.
    topic_ids
        Their ids.
    periods
        First and last day of the chosen span, or None for everything, undated papers too. Set with days,
        months or years: `("2021", "2023-06")`.
    words
        Words that a paper must all have in title or abstract, whatever their accents and capitals.
    points
        Ids of the papers picked on the map with its lasso or box, or None.
    chart
        "shares", "growth", "heatmap", "bump", "stream", "bursts", "map" or "terms".
    order
        How the list of topics is sorted: "size", "growth" or "label".

    Raises
    ------
    InputError
        The topics do not know all papers, or an attribute is set to something that is not there.
    DependencyError
        ipywidgets is missing.
    """

    def __init__(self, papers: pd.DataFrame, topics: Topics, trends: Trends, *, theme: str = "light") -> None:
        try:
            import ipywidgets  # noqa: F401
        except ImportError as error:
            raise DependencyError(
                "The explorer needs ipywidgets; install it with: pip install 'trends[notebook]'"
            ) from error
        self._library = Library(papers, topics, trends)
        self._choice = Choice()
        self._panel: Panel | None = None
        self.theme = theme

    def __repr__(self) -> str:
        n_chosen = int(self._library.fits(self._choice).sum())
        return f"<Explorer: {n_chosen:,} of {len(self._library.papers):,} papers chosen, chart {self.chart}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    @property
    def widget(self) -> Any:
        """The controls, chart and table as one ipywidgets box, for layouts of one's own."""
        if self._panel is None:
            from trends.explorer._panel import Panel

            self._panel = Panel(self._library, self._choice, self._choose)
        return self._panel.box

    @property
    def selection(self) -> pd.DataFrame:
        """The chosen papers, newest first, index paper_id.

        First title, date, topic_id, label (of the topic), similarity and period (its first day, NaT where no
        period can count the paper), then the other columns of the papers table.
        """
        return self._library.selection(self._choice)

    @property
    def figure(self) -> "go.Figure":
        """The chart of what is chosen, as a figure of its own."""
        return draw(self._library, self._choice)

    @property
    def topic_ids(self) -> tuple[int, ...]:
        """Ids of the chosen topics; empty means all."""
        return self._choice.topics

    @property
    def topics(self) -> tuple[str, ...]:
        """Labels of the chosen topics; empty means all."""
        return tuple(self._library.topics.labels.loc[list(self.topic_ids)])

    @topics.setter
    def topics(self, names: Any) -> None:
        self._choose(replace(self._choice, topics=self._library.ids(names), points=None))

    @property
    def periods(self) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """First and last day of the chosen span, or None for everything."""
        return self._library.days(self._choice.periods)

    @periods.setter
    def periods(self, periods: Any) -> None:
        self._choose(replace(self._choice, periods=self._library.places(periods), points=None))

    @property
    def words(self) -> str:
        """Words that a paper must all have."""
        return self._choice.words

    @words.setter
    def words(self, words: str) -> None:
        if not isinstance(words, str):
            raise InputError(f"words must be a text, not {words!r}.")
        self._choose(replace(self._choice, words=words, points=None))

    @property
    def points(self) -> tuple[str, ...] | None:
        """Ids of the papers picked on the map, or None."""
        return self._choice.points

    @points.setter
    def points(self, paper_ids: Any) -> None:
        chosen = None if paper_ids is None else tuple(map(str, paper_ids))
        absent = set(chosen or ()) - set(self._library.papers.index)
        if absent:
            raise InputError(f"points: there is no paper {min(absent)!r}.")
        self._choose(replace(self._choice, points=chosen))

    @property
    def chart(self) -> str:
        """Name of the chart."""
        return self._choice.chart

    @chart.setter
    def chart(self, name: str) -> None:
        self._choose(replace(self._choice, chart=check_chart(name)))

    @property
    def order(self) -> str:
        """How the list of topics is sorted."""
        return self._choice.order

    @order.setter
    def order(self, order: str) -> None:
        if order not in ORDERS:
            raise InputError(f"order must be one of {', '.join(ORDERS)}, not {order!r}.")
        self._choose(replace(self._choice, order=order))

    @property
    def theme(self) -> str:
        """Theme of the charts."""
        return self._choice.theme

    @theme.setter
    def theme(self, theme: str) -> None:
        if theme not in ("light", "dark"):
            raise InputError(f"theme must be light or dark, not {theme!r}.")
        self._choose(replace(self._choice, theme=theme))

    def _choose(self, choice: Choice) -> None:
        self._choice = choice
        if self._panel is not None:
            self._panel.show(choice)
