"""The explorer without a front end: what is chosen, what is selected, what the controls show."""

import re
import sys

import pandas as pd
import pytest
import toys

from trends.core.errors import DependencyError, InputError
from trends.explorer import Explorer
from trends.explorer._charts import NAMES, WHOLE

pytest.importorskip("ipywidgets", reason="the explorer needs ipywidgets: pip install 'trends[notebook]'")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:(ipywidgets|anywidget|comm|traitlets).*")

LABELS = ("Routing", "Pruning", "Kernels <b>x</b>")
PLOTLY = "application/vnd.plotly.v1+json"


def corpus(n=180):
    papers = toys.papers(n)
    papers.loc["local-0", ["title", "abstract"]] = ["Überraschende <script>x</script>", "of Caches"]
    papers.loc["local-1", "date"] = pd.NaT
    papers.loc["local-1", "date_precision"] = "unknown"
    topics = toys.topics(papers, LABELS)
    return papers, topics, toys.trends(papers, topics)


@pytest.fixture
def explorer():
    return Explorer(*corpus())


def drawn(explorer):
    return explorer._panel.output.outputs[0]["data"][PLOTLY]


def test_nothing_chosen_is_everything(explorer):
    selection = explorer.selection
    assert len(selection) == 180
    assert list(selection.columns[:6]) == ["title", "date", "topic_id", "label", "similarity", "period"]
    assert selection.index[-1] == "local-1"
    assert selection["date"].iloc[:-1].is_monotonic_decreasing
    assert (explorer.topics, explorer.periods, explorer.points) == ((), None, None)


def test_topics_periods_and_words_choose_as_a_plain_filter_would(explorer):
    papers, topics, _ = corpus()
    explorer.topics = ["pruning", 0]
    assert explorer.topic_ids == (1, 0)
    assert explorer.topics == ("Pruning", "Routing")
    explorer.periods = ("2018", "2020")
    assert explorer.periods == (pd.Timestamp("2018-01-01"), pd.Timestamp("2020-12-31"))
    explorer.words = "ABOUT sparse"
    text = (papers["title"] + " " + papers["abstract"]).str.lower()
    kept = (
        topics.members["topic_id"].reindex(papers.index).isin([0, 1])
        & papers["date"].dt.year.between(2018, 2020)
        & text.str.contains("about")
        & text.str.contains("sparse")
    )
    assert 0 < kept.sum() < 60
    assert set(explorer.selection.index) == set(papers.index[kept])
    assert set(explorer.selection["period"].dt.year) <= {2018, 2019, 2020}


def test_the_same_periods_set_again_are_the_same(explorer):
    explorer.periods = ("2018", "2020")
    before = explorer.periods
    explorer.periods = before
    assert explorer.periods == before
    explorer.periods = ("1900", "2100")
    assert explorer.periods is None
    assert "local-1" in explorer.selection.index


def test_words_ignore_accents_and_unassigned_can_be_chosen(explorer):
    explorer.words = "uberraschende CACHES"
    assert list(explorer.selection.index) == ["local-0"]
    explorer.words = ""
    explorer.topics = ["unassigned"]
    assert set(explorer.selection["label"]) == {"unassigned"}


def test_rows_in_another_order_give_the_same_selection():
    papers, topics, trends = corpus()
    shuffled = Explorer(papers.sample(frac=1, random_state=3), topics, trends)
    assert shuffled.selection.equals(Explorer(papers, topics, trends).selection)


def test_inputs_are_not_changed():
    papers, topics, trends = corpus()
    before = papers.copy(), topics.table.copy(), trends.shares.copy()
    explorer = Explorer(papers, topics, trends)
    for chart in NAMES:
        explorer.chart, explorer.periods = chart, ("2018", "2020")
        assert explorer.figure is not None
    selection = explorer.selection
    selection["title"] = "x"
    for table, kept in zip((papers, topics.table, trends.shares), before):
        pd.testing.assert_frame_equal(table, kept)
    assert explorer.selection["title"].ne("x").all()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("topics", ["Prunning"], "did you mean 'Pruning'"),
        ("topics", "Pruning", "list of labels or ids"),
        ("periods", ("2020", "2018"), "first and a last day"),
        ("periods", "2020", "first and a last day"),
        ("periods", ("2020",), "first and a last day"),
        ("periods", ("1900", "1901"), "no year of these papers"),
        ("words", 3, "must be a text"),
        ("points", ["nobody"], "no paper 'nobody'"),
        ("chart", "pie", "one of shares"),
        ("order", "colour", "one of size"),
        ("theme", "pink", "light or dark"),
    ],
)
def test_what_is_not_there_is_told_and_changes_nothing(explorer, name, value, told):
    before = getattr(explorer, name)
    with pytest.raises(InputError, match=told):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before


def test_papers_that_the_topics_do_not_know_are_refused():
    papers, topics, trends = corpus()
    more = pd.concat([papers, papers.iloc[:1].rename(index={papers.index[0]: "stranger"})])
    with pytest.raises(InputError, match="such as 'stranger'"):
        Explorer(more, topics, trends)


def test_without_ipywidgets_the_message_says_how_to_get_them(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(DependencyError, match=r"pip install 'trends\[notebook\]'"):
        Explorer(*corpus())


# --- the controls ----------------------------------------------------------------------------------------


def test_controls_and_attributes_follow_each_other(explorer):
    panel = explorer.widget and explorer._panel
    panel.topics.value = (1,)
    panel.periods.index = (2, 4)
    panel.search.value = "sparse"
    panel.chart.value = "heatmap"
    panel.dark.value = True
    assert explorer.topics == ("Pruning",)
    assert explorer.periods == (pd.Timestamp("2018-01-01"), pd.Timestamp("2020-12-31"))
    assert (explorer.words, explorer.chart, explorer.theme) == ("sparse", "heatmap", "dark")
    explorer.topics, explorer.periods, explorer.words = ["Routing"], None, "gates"
    assert (panel.topics.value, panel.periods.index, panel.search.value) == ((0,), (0, 7), "gates")
    panel.clear.click()
    assert len(explorer.selection) == 180
    assert panel.search.value == ""


def test_the_chart_is_drawn_anew_only_when_it_changes(explorer):
    _ = explorer.widget
    assert drawn(explorer)["data"][0]["type"] == "scatter"
    before = explorer._panel.output.outputs
    explorer.words = "sparse"
    explorer.order = "label"
    assert explorer._panel.output.outputs is before
    explorer.chart = "heatmap"
    assert drawn(explorer)["data"][0]["type"] == "heatmap"
    assert drawn(explorer)["layout"].get("meta") is None
    explorer.theme = "dark"
    assert drawn(explorer)["layout"]["paper_bgcolor"] == "#12161b"


def test_topics_are_listed_in_the_order_chosen(explorer):
    panel = explorer.widget and explorer._panel
    assert [value for _, value in panel.topics.options] == [0, 1, 2, -1]
    explorer.order = "label"
    assert [value for _, value in panel.topics.options] == [2, 1, 0, -1]
    explorer.order = "growth"
    growth = explorer._library.trends.calls["growth"]
    listed = [value for _, value in panel.topics.options][:-1]
    assert listed == list(growth.sort_values(ascending=False).index)


@pytest.mark.parametrize("chart", list(NAMES))
@pytest.mark.parametrize("topics", [[], ["Pruning"], ["unassigned"], [0, 1, 2, -1]])
def test_every_chart_draws_every_choice(explorer, chart, topics):
    explorer.topics = topics
    for periods in (None, ("2019", "2019")):
        explorer.periods = periods
        explorer.chart = chart
        assert explorer.figure.layout.title.text


def test_what_a_chart_does_not_follow_is_said(explorer):
    panel = explorer.widget and explorer._panel
    explorer.chart = "growth"
    assert WHOLE not in panel.caption.value
    explorer.periods = ("2018", "2020")
    assert WHOLE in panel.caption.value
    explorer.words = "sparse"
    assert "counts all papers" in panel.caption.value


def test_the_table_is_paged_escaped_and_links_to_the_web_only(explorer):
    panel = explorer.widget and explorer._panel
    assert panel.table.value.count("<tr>") == 16
    assert panel.previous.disabled
    panel.next.click()
    assert panel.number.value == "Page 2 of 12"
    explorer.words = "uberraschende"
    assert panel.number.value == "Page 1 of 1"
    assert "Überraschende &lt;script&gt;x&lt;/script&gt;" in panel.table.value
    assert "<script" not in panel.table.value
    assert re.findall("href='([^']*)'", panel.table.value) == ["https://example.org/zero"]
    assert "rel='noopener noreferrer'" in panel.table.value
    explorer.words = "nothing has this"
    assert "No paper fits" in panel.table.value


def test_a_link_that_is_no_web_address_is_none():
    papers, topics, trends = corpus()
    papers.loc["local-0", "url"] = "javascript:alert(1)"
    explorer = Explorer(papers, topics, trends)
    explorer.words = "uberraschende"
    assert "href" not in (explorer.widget and explorer._panel.table.value)


def test_points_of_the_map_are_picked(explorer):
    pytest.importorskip("anywidget", reason="picking needs anywidget: pip install 'trends[notebook]'")
    _ = explorer.widget
    explorer.chart = "map"
    figure = explorer._panel._map
    coordinates = {"xs": [0.0] * 3, "ys": [0.0] * 3, "point_indexes": [0, 1, 2], "trace_indexes": [0, 1, 1]}
    figure._js2py_pointsCallback = {"event_type": "plotly_selected", "points": coordinates}
    assert len(explorer.points) == 3
    for paper_id, (trace, point) in zip(explorer.points, ((0, 0), (1, 1), (1, 2))):
        place = explorer._library.topics.members.loc[paper_id, "x"]
        assert figure.data[trace].x[point] == pytest.approx(place)
    assert list(explorer.selection.index) == [
        p for p in explorer._library.papers.index if p in explorer.points
    ]
    explorer.topics = ["Routing"]
    assert explorer.points is None


def test_without_anywidget_the_map_is_a_chart_like_the_others(explorer, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    _ = explorer.widget
    explorer.chart = "map"
    assert drawn(explorer)["data"][0]["mode"] == "markers"


def test_a_notebook_gets_the_widget(explorer):
    bundle = explorer._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert repr(explorer) == "<Explorer: 180 of 180 papers chosen, chart shares>"


def test_papers_without_dates_or_topics_can_be_explored():
    papers = toys.papers(30)
    papers["date"] = pd.NaT
    papers["date"] = papers["date"].astype("datetime64[us]")
    papers["date_precision"] = papers["date_precision"].where([False] * 30, "unknown")
    topics = toys.topics(papers)
    explorer = Explorer(papers, topics, toys.trends(papers, topics))
    assert explorer.widget is not None
    for chart in NAMES:
        explorer.chart = chart
    assert len(explorer.selection) == 30
    with pytest.raises(InputError, match="no year"):
        explorer.periods = ("2020", "2021")
