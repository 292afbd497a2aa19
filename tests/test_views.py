"""What records show of themselves in a notebook, and topics by their labels."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import toys
from hypothesis import given
from hypothesis import strategies as st

import trends as tr
from trends import plot
from trends.backtest import score
from trends.core import display
from trends.core.errors import InputError
from trends.core.naming import id_of, ids_of
from trends.core.records import Topics

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></table><svg onload=alert(1)>",
    "**bold** [link](javascript:alert(1)) `code`",
    "' onmouseover='alert(1)",
    "$\\href{javascript:alert(1)}{x}$",
)
ELEMENTS = {
    *("style", "div", "b", "table", "thead", "tbody", "tr", "th", "td", "small", "code", "span"),
    *("svg", "polyline", "circle", "rect", "title", "details", "summary"),
}


class Page(HTMLParser):
    """The elements, attributes and text of a block."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.attributes, self.text = set(), set(), ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def corpus():
    papers = toys.papers(180)
    topics = toys.topics(papers, HOSTILE)
    return papers, topics, toys.trends(papers, topics)


def safe(block):
    page = Page(block)
    assert page.elements <= ELEMENTS
    assert not any(name.startswith("on") for name in page.attributes)
    assert len(block.encode()) < 15_000
    return page


def views(corpus):
    papers, topics, trends = corpus
    themes = [{"name": HOSTILE[0], "phrases": ["sparse"]}, {"name": HOSTILE[1], "phrases": ["caches"]}]
    watch = toys.followed(papers, themes)["watch"]
    counts = tr.count(papers, topics, every="year")
    study = tr.Study(papers, pd.DataFrame(), topics, counts, trends, HOSTILE[0], {}, watch)
    return {"topics": topics, "counts": counts, "trends": trends, "watch": watch, "study": study}


def test_blocks_are_small_and_hostile_labels_are_text(corpus):
    for name, record in views(corpus).items():
        page = safe(record._repr_html_())
        assert HOSTILE[0] in page.text, name
        assert HOSTILE[1] in page.text, name
        assert "javascript" not in " ".join(page.attributes)


def test_the_block_of_trends_gives_calls_in_order_with_intervals():
    page = safe(toys.eventful()._repr_html_())
    assert "2 growing, 3 steady, 1 declining" in page.text
    order = [page.text.index(label) for label in ("Tokens", "Graphs", "Routing", "Pruning")]
    assert order == sorted(order)
    calls = toys.eventful().calls.loc[4]
    growth = f"×{calls['growth']:.2f} ({calls['growth_low']:.2f} to {calls['growth_high']:.2f})"
    assert growth in page.text
    assert "since 2022-02" in page.text
    assert "polyline" in page.elements


def test_many_topics_show_ten_and_say_how_many_more():
    papers = toys.papers(400)
    topics = toys.topics(papers, tuple(f"Theme number {i} {'long ' * 40}" for i in range(25)))
    trends = toys.trends(papers, topics)
    for record in (topics, trends, tr.count(papers, topics, every="month")):
        page = safe(record._repr_html_())
        assert "15 more topics" in page.text
        assert page.text.count("Theme number") in (10, 11)


def test_no_topics_still_make_blocks():
    papers = toys.papers(30)
    papers.loc[papers.index[:5], "date"] = pd.NaT
    papers.loc[papers.index[:5], "date_precision"] = "unknown"
    none = toys.topics(papers)
    empty = Topics(
        none.table.iloc[:0],
        none.members.assign(topic_id=np.int32(-1), how="none"),
        none.centroids[:0],
        none.cutoffs[:0],
        none.ledger,
        {},
        "0",
    )
    counts = tr.count(papers, empty, every="year")
    for record in (empty, counts, tr.measure(counts)):
        safe(record._repr_html_())
    assert "5 undated" in Page(counts._repr_html_()).text


def test_the_block_of_a_backtest(corpus):
    rows = []
    for date in pd.date_range("2020-01-01", periods=6, freq="YS").as_unit("us"):
        for k in range(4):
            called = k < 2
            rows.append(
                {
                    "as_of": date, "horizon": 2, "topic_id": k, "label": HOSTILE[0],
                    "status": "growing" if called else "steady", "rank": k + 1 if called else pd.NA,
                    "n_papers": 50, "odds_ratio": 2.0 if called else 0.9, "rose": called,
                    "last change": float(k), "share": float(k), "slope": float(k), "bertrend": float(k),
                }
            )  # fmt: skip
    found = score(pd.DataFrame(rows).astype({"rank": "Int64"}), every="year")
    page = safe(found._repr_html_())
    assert found.verdict in page.text
    assert "100% to 100%" in page.text
    assert "bertrend" in page.text
    assert "not leak-free" in Page(replace(found, leak_free=False)._repr_html_()).text


def test_a_sparkline_marks_what_is_incomplete():
    whole = display.line([0.1, 0.2, 0.3], [True, True, True], [50, 50, 50])
    open_end = display.line([0.1, 0.2, 0.3], [True, True, False], [50, 50, 50])
    assert "stroke-dasharray" not in whole
    assert "stroke-dasharray" in open_end
    assert "aria-hidden='true'" in open_end
    assert display.line([], [], []) == ""


@given(st.text(), st.text())
def test_any_text_stays_text(title, cell):
    plain = Page(display.block("t", display.table(("a",), [("c",)]), hint="h")).elements
    made = Page(display.block(title or "t", display.table(("a",), [(cell,)]), hint="h" + cell))
    assert made.elements - {"code"} <= plain


# --- topics by label -------------------------------------------------------------------------------------


def test_a_topic_is_found_by_label_or_id(corpus):
    papers = corpus[0]
    topics = toys.topics(papers, ("Sparse attention", "Sparse coding", "Graphs"))
    assert topics["Sparse attention"].name == topics[0].name == 0
    assert topics["sparse  ATTENTION"]["n_papers"] == topics.table.loc[0, "n_papers"]
    assert topics._ipython_key_completions_() == ["Graphs", "Sparse attention", "Sparse coding"]
    assert "graphs" in topics
    assert 7 not in topics
    assert list(topics) == [0, 1, 2]
    assert topics.papers("Graphs").equals(topics.papers(2))
    assert len(topics.papers("unassigned")) == topics.n_unassigned


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Sparse atention", "did you mean 'Sparse attention'"),
        ("coding", "did you mean 'Sparse coding'"),
        ("zebra", "see the labels"),
        (9, "ids go from 0 to 3"),
        (True, "no topic True"),
        ("twice", r"one of \[2, 3\]"),
    ],
)
def test_a_name_that_is_none_is_told_what_comes_nearest(name, told):
    labels = pd.Series(["Sparse attention", "Sparse coding", "Twice", "twice "])
    with pytest.raises(InputError, match=told):
        id_of("TWICE" if name == "twice" else name, labels)


def test_lists_of_names():
    labels = pd.Series(["A", "B"])
    assert ids_of(["b", 0, 1], labels) == [1, 0]
    with pytest.raises(InputError, match="list of labels or ids"):
        ids_of("A", labels)


def test_charts_take_labels(corpus):
    papers = corpus[0]
    topics = toys.topics(papers, ("Sparse attention", "Sparse coding", "Graphs"))
    trends = toys.trends(papers, topics)
    for chart in (plot.shares, plot.heatmap, plot.bump, plot.growth, plot.stream, plot.bursts, plot.forecast):
        assert chart(trends, only=["graphs"]) == chart(trends, only=[2]), chart.__name__
    for chart in (plot.terms, plot.similarity, plot.hierarchy):
        assert chart(topics, only=["graphs", 0]) == chart(topics, only=[2, 0]), chart.__name__
    assert plot.map(papers, topics, only=["Graphs"]) == plot.map(papers, topics, only=[2])
    with pytest.raises(InputError, match="did you mean 'Graphs'"):
        plot.shares(trends, only=["Grahps"])


def test_a_mistyped_name_of_the_front_door_is_told():
    with pytest.raises(AttributeError, match="has no attribute 'lod'; did you mean load"):
        _ = tr.lod
    assert not hasattr(tr, "__wrapped__")
