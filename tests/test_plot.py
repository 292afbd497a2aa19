"""Charts from hand-made tables: structure, numbers, colours, hostile text, odd inputs, repeatability."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trends import plot
from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.core.hashing import fingerprint
from trends.core.periods import PERIOD_STARTS
from trends.core.records import Topics, Trends
from trends.core.tables import PRECISION_TYPE, STATUS_TYPE
from trends.plot._series import series, ticks
from trends.plot._spread import spread
from trends.plot._theme import topic_slots
from trends.plot._words import breakable, names

HOSTILE = [
    "<script>window.__pwn=1</script>",
    '<a href="https://example.org/">click</a>',
    "%{x} %{customdata[0]} <extra>x</extra>",
    '<b style="background-image:url(https://example.org/b)">bold</b>',
    "<span style='font-size:200px'>big</span> &lt;i&gt; & \x00\x1b \u202e \ud800",
    "=HYPERLINK(1)\n\r\tnext line",
    "",
    "a" * 500,
    "注意力机制与大型语言模型的长上下文推理方法研究综述以及未来展望",
    "$\\href{javascript:alert(1)}{x}$",
]


def make_trends(
    counts, totals, *, every="quarter", start="2020-01-01", complete=None, labels=None, calls=None
):
    """Return Trends of counts (topics x periods); -1 holds what the topics leave of the totals."""
    counts, totals = np.atleast_2d(np.asarray(counts, dtype=int)), np.asarray(totals, dtype=int)
    n_topics, n_periods = counts.shape[0] if counts.size else 0, len(totals)
    freq = {"week": "W-MON", "month": "MS", "quarter": "QS", "year": "YS"}[every]
    days = pd.date_range(start, periods=n_periods, freq=freq).as_unit("us")
    complete = [True] * n_periods if complete is None else complete
    rows = []
    all_counts = {t: counts[t] for t in range(n_topics)}
    all_counts[-1] = totals - (counts.sum(axis=0) if n_topics else 0)
    for topic_id, row in all_counts.items():
        for day, n, total, whole in zip(days, row, totals, complete):
            share = n / total if total else np.nan
            rows.append((topic_id, day, n, total, share, share * 0.8, min(share * 1.2, 1.0), whole))
    names_ = ["topic_id", "period", "n_papers", "n_total", "share", "share_low", "share_high", "complete"]
    shares = pd.DataFrame(rows, columns=names_).astype(
        {"topic_id": "int64", "n_papers": "int64", "n_total": "int64", "complete": bool}
    )
    shares["period"] = shares["period"].astype("datetime64[us]")
    index = pd.Index(range(n_topics), name="topic_id", dtype="int32")
    table = pd.DataFrame(
        {
            "label": pd.Series(
                labels or [f"theme {t}" for t in range(n_topics)], index=index, dtype="object"
            ),
            "status": pd.Categorical(["steady"] * n_topics, dtype=STATUS_TYPE),
            "growth": 1.0,
            "growth_low": 0.8,
            "growth_high": 1.25,
            "p": 1.0,
            "q": 1.0,
            "n_periods": n_periods,
            "n_papers": counts.sum(axis=1) if n_topics else 0,
            "reason": "made by hand",
        },
        index=index,
    )
    for name, values in (calls or {}).items():
        table[name] = pd.Categorical(values, dtype=STATUS_TYPE) if name == "status" else values
    left_out = pd.DataFrame({"n_undated": 0, "n_too_coarse": 0}, index=index)
    return Trends(shares, table, pd.DataFrame(), pd.DataFrame(), every, left_out, "by hand")


def with_events(trends, topic_ids=None, horizon=2):
    """Return trends in which these topics (all by default) turn, burst twice and have a forecast.

    Every topic turns in the third period. It bursts in the first two, and in the fourth alone. Its forecast
    begins after the last complete period.
    """
    topic_ids = list(trends.calls.index if topic_ids is None else topic_ids)
    periods = pd.DatetimeIndex(sorted(trends.shares["period"].unique()))
    step = PERIOD_STARTS[trends.every]
    last = trends.shares.loc[trends.shares["complete"], "period"].max()
    ahead = pd.date_range(last, periods=horizon + 1, freq=step).as_unit("us")[1:]
    bursts = pd.DataFrame(
        [
            (t, kind, periods[a], periods[b], weight + t, 5, 50, 0.3, t / 10, 0.001, 0.01)
            for t in topic_ids
            for kind, a, b, weight in (("run", 0, 1, 9.0), ("spike", 3, 3, 4.0))
        ],
        columns=[
            "topic_id", "kind", "start", "end", "weight", "n_papers", "n_total", "share_inside",
            "share_outside", "p", "q",
        ],
    )  # fmt: skip
    forecast = pd.DataFrame(
        [
            (topic_id, day, share, share / 2, share * 1.5)
            for topic_id in topic_ids
            for day, share in zip(ahead, np.linspace(0.2, 0.25, horizon))
        ],
        columns=["topic_id", "period", "share", "share_low", "share_high"],
    )
    calls = trends.calls.assign(
        turned=pd.Series(periods[2], index=topic_ids, dtype="datetime64[us]").reindex(trends.calls.index),
        growth_before=1.7,
    )
    skill = pd.DataFrame(
        {
            "n_origins": 7,
            "mase": 0.8,
            "pooled_mase": 0.85,
            "pooled_limit": 0.9,
            "pooled_coverage": 0.81,
            "shown": [topic_id in topic_ids for topic_id in trends.calls.index],
            "reason": "error 0.80 of the naive rule's",
        },
        index=trends.calls.index,
    )
    return replace(trends, calls=calls, bursts=bursts, forecast=forecast, skill=skill)


def directions(n):
    """Return n centres in the plane; the angles between neighbours grow."""
    angles = 0.02 * np.arange(n) * (np.arange(n) + 1)
    return np.column_stack([np.cos(angles), np.sin(angles)]).astype("float32")


def make_papers(trends, sources=(("a.json",), ("b.csv",), ("a.json", "b.csv"))):
    """Return papers, as many in each period as were counted, from these sources by turns."""
    totals = trends.shares.drop_duplicates("period").sort_values("period")
    days = np.repeat(totals["period"].to_numpy(), totals["n_total"])
    n = len(days)
    return pd.DataFrame(
        {
            "title": pd.Series([f"Paper {i}" for i in range(n)], dtype="object").to_numpy(),
            "abstract": "",
            "date": days,
            "date_precision": pd.Categorical(["day"] * n, dtype=PRECISION_TYPE),
            "tags": pd.Series([()] * n, dtype="object").to_numpy(),
            "sources": pd.Series([sources[i % len(sources)] for i in range(n)], dtype="object").to_numpy(),
        },
        index=pd.Index([f"p{i}" for i in range(n)], name="paper_id", dtype="object"),
    ).astype({"date": "datetime64[us]"})


def make_topics(sizes, *, unassigned=4, labels=None, terms=("sparse", "attention", "kernel")):
    """Return papers and Topics with `sizes` papers per topic, on a grid of places."""
    ids = [t for t, n in enumerate(sizes) for _ in range(n)] + [-1] * unassigned
    keys = [f"arxiv:2401.{i:05d}" for i in range(len(ids))]
    places = np.array([[3 * (t % 4) + (i % 7) / 7, 3 * (t // 4) + (i % 5) / 5] for i, t in enumerate(ids)])
    places = places.reshape(-1, 2)
    members = pd.DataFrame(
        {
            "topic_id": np.array(ids, dtype="int32"),
            "similarity": 0.5,
            "x": places[:, 0],
            "y": places[:, 1],
            "how": ["none" if t < 0 else "centroid" for t in ids],
        },
        index=pd.Index(keys, name="paper_id", dtype="object"),
    )
    index = pd.Index(range(len(sizes)), name="topic_id", dtype="int32")
    day = pd.Series(pd.Timestamp("2024-01-01"), index=index, dtype="datetime64[us]")
    table = pd.DataFrame(
        {
            "label": pd.Series(labels or [f"theme {t}" for t in index], index=index, dtype="object"),
            "terms": pd.Series([tuple(terms)] * len(sizes), index=index, dtype="object"),
            "term_weights": pd.Series(
                [tuple(0.1 / (i + 1) for i in range(len(terms)))] * len(sizes), index=index, dtype="object"
            ),
            "n_papers": np.array(sizes, dtype="int64"),
            "first_date": day,
            "last_date": day,
            "stability": np.nan,
            "cohesion": 0.5,
            "exemplars": pd.Series([()] * len(sizes), index=index, dtype="object"),
        },
        index=index,
    )
    papers = pd.DataFrame({"title": [f"Paper {i}" for i in range(len(ids))]}, index=members.index)
    ledger = pd.DataFrame(columns=["event", "topic_id", "note"])
    cutoffs = np.zeros(len(sizes), "float32")
    topics = Topics(table, members, directions(len(sizes)), cutoffs, ledger, {}, "by hand")
    return papers, topics


def usual(labels=None):
    counts = [[30, 40, 50, 60, 20], [60, 50, 40, 30, 10], [5, 5, 0, 5, 1]]
    calls = {
        "status": ["growing", "declining", "too few to say"],
        "growth": [1.5, 0.7, 1.1],
        "growth_low": [1.2, 0.5, 0.2],
        "growth_high": [1.9, 0.9, np.inf],
    }
    complete = [True] * 4 + [False]
    made = make_trends(counts, [200, 200, 200, 200, 60], complete=complete, labels=labels, calls=calls)
    return with_events(made, [0, 1])


def all_charts(trends, papers, topics, corpus=None, **options):
    corpus = make_papers(trends) if corpus is None else corpus
    return {
        "bump": plot.bump(trends, **options),
        "stream": plot.stream(trends, **options),
        "coverage": plot.coverage(corpus, trends, **options),
        "hierarchy": plot.hierarchy(topics, **options),
        "similarity": plot.similarity(topics, **options),
        "shares": plot.shares(trends, **options),
        "heatmap": plot.heatmap(trends, **options),
        "growth": plot.growth(trends, **options),
        "bursts": plot.bursts(trends, **options),
        "forecast": plot.forecast(trends, **options),
        "map": plot.map(papers, topics, **options),
        "terms": plot.terms(topics, **options),
    }


def texts(value):
    """Yield every text of nested lists and mappings."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)


def without_meta(figure):
    """Return a figure as plain JSON values, its raw evidence left out."""
    plain = json.loads(figure.to_json())
    plain["layout"].pop("meta")
    return plain


def templates(figure):
    return [trace.hovertemplate for trace in figure.data if trace.type != "bar" or trace.hovertemplate]


# Structure


@pytest.mark.parametrize("theme", plot.THEMES)
def test_every_chart_is_dressed(theme):
    for name, figure in all_charts(usual(), *make_topics([5, 4, 3]), theme=theme).items():
        look = plot.THEMES[theme]
        assert {trace.type for trace in figure.data} <= {"scatter", "bar", "heatmap"}, name
        assert figure.layout.title.text
        assert figure.layout.paper_bgcolor == figure.layout.plot_bgcolor == look.ground
        assert figure.layout.font.size == look.font_size
        assert figure.layout.width == look.width
        assert any(axis.title.text for axis in figure.select_xaxes()), name
        assert figure.layout.template.layout.to_plotly_json() == {}
        assert set(figure.layout.meta) == {"id", "alt", "caption", "columns", "rows"}
        assert figure.layout.meta["id"] == name
        assert figure.layout.meta["alt"].endswith(".")
        assert "bdata" not in figure.to_json()
        assert "NaN" not in json.dumps(figure.layout.meta)


def test_default_template_is_left_alone():
    import plotly.io as pio

    before = pio.templates.default
    plot.shares(usual())
    assert pio.templates.default == before == "plotly"


def test_the_room_imports_without_plotly():
    code = "import sys, trends.plot; assert 'plotly' not in sys.modules and 'scipy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_share_axis_names_its_denominator():
    axis = plot.shares(usual()).layout.yaxis
    assert axis.title.text == "share of all papers of the quarter"
    assert axis.tickformat.endswith("%")


def test_fig_is_drawn_upon_and_not_changed():
    import plotly.graph_objects as go

    given = go.Figure(go.Scatter(x=["2020-01-01"], y=[0.1]))
    before = given.to_json()
    drawn = plot.shares(usual(), fig=given)
    assert len(drawn.data) == 1 + len(plot.shares(usual()).data)
    assert given.to_json() == before


# Numbers


def test_shares_table_equals_the_input():
    trends = usual()
    drawn = plot.table(plot.shares(trends))
    wanted = trends.shares[trends.shares["topic_id"] >= 0].sort_values(["topic_id", "period"])
    assert drawn["topic_id"].tolist() == wanted["topic_id"].tolist()
    assert drawn["period"].tolist() == wanted["period"].dt.strftime("%Y-%m-%d").tolist()
    assert drawn["n_papers"].tolist() == wanted["n_papers"].tolist()
    np.testing.assert_allclose(drawn["share"], wanted["share"], atol=1e-6)
    np.testing.assert_allclose(drawn["share_low"], wanted["share_low"], atol=1e-6)
    assert drawn["period_label"].iloc[0] == "2020 Q1"


def test_shares_draws_what_its_table_says():
    figure = plot.shares(usual())
    lines = [t for t in figure.data if t.line.dash == "solid" and t.fill is None and t.name == "theme 0"]
    assert list(lines[0].y) == [0.15, 0.2, 0.25, 0.3, None]
    assert list(lines[0].x) == ["2020-01-01", "2020-04-01", "2020-07-01", "2020-10-01", "2021-01-01"]


def test_incomplete_periods_are_dotted_and_hollow():
    figure = plot.shares(usual())
    ends = [t for t in figure.data if t.name == "theme 0" and t.line.dash == "2px,3px"]
    assert len(ends) == 1
    assert list(ends[0].y) == pytest.approx([0.3, 20 / 60], abs=1e-5)
    assert list(ends[0].marker.symbol) == ["circle", "circle-open"]
    assert "2021 Q1" in figure.layout.meta["caption"]


def test_unassigned_are_counted_in_words_and_drawn_on_request():
    figure = plot.shares(usual())
    unassigned = 860 - 406
    assert f"unassigned papers, {unassigned / 860:.1%} of all" in figure.layout.meta["caption"]
    assert -1 in set(plot.table(plot.shares(usual(), only=[-1]))["topic_id"])


def test_caption_names_the_clearest_change():
    counts = [[20, 30, 40, 80], [50, 50, 50, 50]]
    caption = plot.shares(make_trends(counts, [200] * 4)).layout.meta["caption"]
    # theme 0: .10 (.08 to .12) to .40 (.32 to .48), so .30 minus hypot(.08, .02) and plus hypot(.08, .02)
    assert "Clearest change: theme 0, 10.0% to 40.0%, 2020 Q1 to 2020 Q4 (+30.0 points" in caption
    assert "+21.8 to +38.2" in caption


def test_a_period_without_papers_is_a_gap():
    trends = make_trends([[10, 0, 30, 20]], [40, 0, 60, 60])
    figure = plot.shares(trends)
    line = next(t for t in figure.data if t.fill is None and t.line.dash == "solid")
    assert list(line.y) == [0.25, None, 0.5, pytest.approx(1 / 3, abs=1e-5)]
    heat = plot.heatmap(trends).data[0]
    assert heat.z[0][1] is None


def test_an_absent_period_is_a_gap_and_a_zero_is_not():
    trends = make_trends([[10, 5, 0, 20]], [40, 40, 60, 60])
    hole = trends.shares[trends.shares["period"] != pd.Timestamp("2020-04-01")]
    figure = plot.heatmap(replace(trends, shares=hole))
    assert list(figure.data[0].z[0]) == [0.25, None, 0.0, pytest.approx(1 / 3, abs=1e-5)]
    assert list(figure.data[0].x)[1] == "2020-04-01"


def test_thin_periods_set_no_scale():
    trends = make_trends([[1, 1, 20, 30, 40]], [1, 2, 200, 200, 200], every="year", start="2016-01-01")
    figure = plot.shares(trends)
    assert figure.layout.yaxis.range[1] == pytest.approx(0.2 * 1.15)
    assert "2 periods with fewer than 20 papers" in figure.layout.meta["caption"]
    assert plot.heatmap(trends).data[0].zmax == pytest.approx(0.2)
    tiny = make_trends([[1, 1, 2]], [1, 2, 4], every="year")
    assert plot.shares(tiny).layout.yaxis.range[1] == pytest.approx(1.15)


def test_leading_thin_periods_are_left_to_the_table():
    counts = [[1, 0, 2, 20, 30, 1, 40], [0, 1, 0, 30, 30, 2, 30]]
    trends = make_trends(counts, [1, 1, 19, 200, 200, 4, 200], every="year", start="2014-01-01")
    for name in ("shares", "heatmap"):
        figure = getattr(plot, name)(trends)
        drawn = {day for trace in figure.data for day in trace.x if day}
        # The thin year 2019 lies further on and is kept.
        assert drawn == {f"{year}-01-01" for year in range(2017, 2021)}, name
        assert len(plot.table(figure)) == 2 * 7
        caption = figure.layout.meta["caption"]
        assert (
            "Not drawn, but in the table: 2014 to 2016, 3 periods with fewer than 20 papers each" in caption
        )
        assert "21 papers in all" in caption
    assert plot.shares(trends).layout.xaxis.range[0].startswith("2016-12")
    assert "2017 to 2020, 604 papers" in plot.shares(trends).layout.meta["caption"]


def test_all_thin_periods_are_drawn():
    figure = plot.shares(make_trends([[1, 2, 3]], [2, 4, 6], every="year"))
    assert list(figure.data[-2].y) == [0.5, 0.5, 0.5]
    assert "in the table" not in figure.layout.meta["caption"]


def test_few_lines_have_bands_and_many_have_bars():
    trends = make_trends([[10 + t] * 3 for t in range(6)], [400] * 3, complete=[True, True, False])
    few = plot.shares(trends, top=3)
    assert sum(trace.fill == "toself" for trace in few.data) == 3
    assert "Bands are" in few.layout.meta["caption"]
    many = plot.shares(trends)
    assert not any(trace.fill for trace in many.data)
    bars = [trace for trace in many.data if trace.opacity == 0.45]
    for topic_id, bar in enumerate(bars):
        share = (10 + topic_id) / 400
        assert list(bar.y) == pytest.approx([share * 0.8, share * 1.2], abs=1e-5)
        assert bar.x[0] == bar.x[1] and abs(pd.Timestamp(bar.x[0]) - pd.Timestamp("2020-04-01")).days < 10
    assert len({bar.x[0] for bar in bars}) == 6
    assert "95% intervals of 2020 Q2" in many.layout.meta["caption"]
    bare = plot.shares(trends, interval=False)
    assert len(bare.data) == len(many.data) - 6
    assert "interval" not in bare.layout.meta["caption"].split("exceeds its 95% interval")[-1]


def test_the_axis_holds_every_highlighted_value_and_interval():
    trends = make_trends([[30 + t, 40, 18] for t in range(4)], [200, 200, 40], complete=[True, True, False])
    figure = plot.shares(trends)
    drawn = plot.table(figure)
    top = figure.layout.yaxis.range[1]
    assert top >= max(drawn["share"].max(), drawn["share_high"][drawn["complete"]].max())
    # A thin incomplete end sets no scale; its marker is clipped like its line.
    odd = plot.shares(make_trends([[20, 30, 3]], [200, 200, 4], complete=[True, True, False]))
    assert odd.layout.yaxis.range[1] == pytest.approx(0.15 * 1.15)
    assert odd.data[-1].cliponaxis is True
    assert max(a.y for a in odd.layout.annotations) <= odd.layout.yaxis.range[1]


def test_dotted_ends_do_not_cross_the_chart():
    complete = [False, True, True, True, True, False]
    figure = plot.shares(make_trends([[10, 20, 30, 40, 30, 20]], [100] * 6, complete=complete))
    dotted = figure.data[-1]
    assert list(dotted.y) == [0.1, 0.2, None, 0.3, 0.2]
    assert list(dotted.x) == ["2020-01-01", "2020-04-01", None, "2021-01-01", "2021-04-01"]
    assert list(dotted.marker.symbol) == ["circle-open", "circle", "circle", "circle", "circle-open"]
    assert [size > 0 for size in dotted.marker.size] == [True, False, False, False, True]
    assert [row[0] for row in dotted.customdata] == [
        "2020 Q1, incomplete", "2020 Q2", "", "2021 Q1", "2021 Q2, incomplete"
    ]  # fmt: skip


def test_heatmap_rows_follow_the_peak():
    counts = [[5, 5, 5, 50], [5, 40, 5, 5], [30, 5, 5, 5]]
    figure = plot.heatmap(make_trends(counts, [200] * 4))
    assert list(figure.data[0].y) == ["theme 2", "theme 1", "theme 0"]
    assert figure.data[0].colorscale[0][1] == "#00224e"
    assert figure.data[0].xgap == figure.data[0].ygap == 1
    assert "peak" in figure.layout.meta["caption"]
    drawn = plot.table(figure)
    assert drawn["share"].tolist()[:4] == [0.15, 0.025, 0.025, 0.025]


def test_an_incomplete_period_decides_no_peak():
    trends = make_trends([[30, 20, 59], [20, 40, 1]], [200, 200, 60], complete=[True, True, False])
    assert list(plot.heatmap(trends).data[0].y) == ["theme 0", "theme 1"]


def test_growth_draws_calls_in_order_and_counts_the_rest():
    statuses = ["growing", "steady", "declining", "too few to say", "emerging"]
    calls = {
        "status": statuses,
        "growth": [1.5, 1.2, 0.6, np.nan, 3.0],
        "growth_low": [1.2, 0.9, 0.4, np.nan, 2.0],
        "growth_high": [1.9, 1.6, 0.8, np.nan, np.inf],
    }
    figure = plot.growth(make_trends([[9] * 3] * 5, [90] * 3, calls=calls))
    drawn = plot.table(figure)
    assert drawn["topic_id"].tolist() == [4, 0, 1, 2]
    assert drawn["growth"].tolist() == [3.0, 1.5, 1.2, 0.6]
    assert np.isnan(drawn["growth_high"].iloc[0])
    sure, hollow = figure.data
    assert list(sure.x) == [3.0, 1.5, 0.6] and sure.marker.symbol == "circle"
    assert list(hollow.x) == [1.2] and hollow.marker.symbol == "circle-open"
    assert list(sure.error_x.array)[1] == pytest.approx(0.4)
    assert figure.layout.xaxis.type == "log"
    caption = figure.layout.meta["caption"]
    assert "2 topics rising, 1 falling, 1 not beyond chance, of 5 topics" in caption
    assert "1 topic with too few papers to say is not drawn" in caption


@pytest.mark.parametrize("name", ["growth", "shares", "bump", "stream", "heatmap", "bursts", "forecast"])
def test_shaky_topics_have_a_question_mark_wherever_they_are_named(name):
    calls = {"status": ["growing", "declining"], "growth": [1.5, 0.6]}
    trends = with_events(make_trends([[9] * 6, [20] * 6], [90] * 6, calls=calls))
    doubted = replace(trends, shaky=frozenset([1]))
    figure, sure = (getattr(plot, name)(found) for found in (doubted, trends))
    table = plot.table(figure)
    assert set(table.loc[table["shaky"].astype(bool), "topic_id"]) == {1}
    assert not plot.table(sure)["shaky"].astype(bool).any()
    rows = [*(figure.layout.yaxis.categoryarray or ()), *(row for trace in figure.data for row in trace.y)]
    shown = {str(name) for name in [*rows, *(note.text for note in figure.layout.annotations)]}
    assert "theme 1 ?" in shown and "theme 0" in shown and "theme 1" not in shown
    assert "question mark" in figure.layout.meta["caption"]
    assert "question mark" not in sure.layout.meta["caption"] and "?" not in "".join(texts(sure))


def test_a_shaky_topic_that_is_not_named_is_not_spoken_of():
    doubted = replace(make_trends([[9] * 4, [20] * 4], [90] * 4), shaky=frozenset([1]))
    assert "question mark" not in plot.shares(doubted, only=[0]).layout.meta["caption"]


def test_growth_keeps_the_sure_ones_each_way():
    calls = {"status": ["growing", "steady", "declining", "steady"], "growth": [1.3, 5.0, 0.8, 0.1]}
    drawn = plot.table(plot.growth(make_trends([[9] * 3] * 4, [90] * 3, calls=calls), top=1))
    assert drawn["topic_id"].tolist() == [0, 2]


def test_growth_with_nothing_to_say_is_small():
    calls = {"status": ["too few to say"] * 3, "growth": [np.nan] * 3}
    figure = plot.growth(make_trends([[1] * 3] * 3, [90] * 3, calls=calls))
    assert figure.layout.annotations[0].text == "No growth to draw: all 3 topics have too few papers."
    assert figure.layout.meta["alt"] == "No growth to draw: all 3 topics have too few papers."
    assert figure.layout.meta["caption"] == ""
    assert figure.layout.height < 120


def test_growth_since_a_turn_is_a_diamond_and_says_so():
    figure = plot.growth(usual())
    drawn = plot.table(figure)
    assert drawn[["topic_id", "since"]].to_numpy().tolist() == [[0, "2020 Q3"], [1, "2020 Q3"]]
    (trace,) = figure.data
    assert trace.marker.symbol == "diamond"
    assert trace.name == "beyond chance, since its turn"
    assert {row[5] for row in trace.customdata} == {" since 2020 Q3"}
    assert "Diamonds, 2 topics: growth since the topic turned" in figure.layout.meta["caption"]
    one = plot.growth(with_events(usual(), [1]))
    assert [(t.marker.symbol, list(t.x)) for t in one.data] == [("circle", [1.5]), ("diamond", [0.7])]
    assert [row[5] for t in one.data for row in t.customdata] == ["", " since 2020 Q3"]


def test_a_turn_is_a_tick_across_a_highlighted_line():
    trends = with_events(usual(), [1])
    figure = plot.shares(trends)
    (tick,) = (t for t in figure.data if t.marker.symbol == "line-ns-open")
    assert (tick.name, list(tick.x), list(tick.y)) == ("theme 1", ["2020-07-01"], [0.2])
    assert [list(row) for row in tick.customdata] == [["2020 Q3", "1.70", "0.70"]]
    line = next(t for t in figure.data if t.name == "theme 1" and t.line.width == 2)
    assert tick.marker.color == line.line.color
    drawn = plot.table(figure)
    turned = drawn.loc[drawn["turned"], ["topic_id", "period"]]
    assert turned.to_numpy().tolist() == [[1, "2020-07-01"]]
    assert "A tick marks where a line turned: theme 1 (2020 Q3)." in figure.layout.meta["caption"]
    without = plot.shares(trends, only=[0])
    assert not [t for t in without.data if t.marker.symbol == "line-ns-open"]
    assert "turned" not in without.layout.meta["caption"]


def test_a_turn_before_the_drawn_periods_has_no_tick():
    made = make_trends([[1, 0, 2, 20, 30, 40]], [1, 1, 19, 200, 200, 200], every="year")
    figure = plot.shares(with_events(made))
    assert not [t for t in figure.data if t.marker.symbol == "line-ns-open"]
    assert plot.table(figure)["turned"].sum() == 1


def drawn_bars(figure):
    """Return [row, first day, day after the last] of each bar, as plotly reads them."""
    return [
        [name, pd.Timestamp(base), pd.Timestamp(base) + pd.Timedelta(milliseconds=length)]
        for trace in figure.data
        for name, base, length in zip(trace.y, trace.base, trace.x)
    ]


@pytest.mark.parametrize("every", ["week", "month", "quarter", "year"])
def test_bars_reach_to_the_end_of_the_last_period(every):
    start = "2023-11-06" if every == "week" else "2019-01-01"
    trends = with_events(make_trends([[20] * 5], [100] * 5, every=every, start=start))
    figure = plot.bursts(trends)
    drawn = plot.table(figure)
    bars = drawn_bars(figure)
    first, second, _, fourth, fifth = sorted(trends.shares["period"].unique())
    third = sorted(trends.shares["period"].unique())[2]
    assert [bar[1:] for bar in bars] == [[first, third], [fourth, fifth]]
    assert drawn["start"].tolist() == [f"{first:%Y-%m-%d}", f"{fourth:%Y-%m-%d}"]
    assert drawn["end"].tolist() == [f"{second:%Y-%m-%d}", f"{fourth:%Y-%m-%d}"]
    day = pd.Timedelta(days=1)
    assert drawn["last_day"].tolist() == [f"{third - day:%Y-%m-%d}", f"{fifth - day:%Y-%m-%d}"]


def test_bursts_table_equals_the_input_and_the_bars():
    trends = usual()
    figure = plot.bursts(trends)
    drawn = plot.table(figure)
    found = trends.bursts
    for name in ("topic_id", "kind", "n_papers", "n_total", "share_inside", "share_outside", "weight", "q"):
        assert drawn[name].tolist() == found[name].tolist(), name
    assert drawn["when"].tolist() == ["2020 Q1 to 2020 Q2", "2020 Q4"] * 2
    assert drawn["times"].isna().tolist() == [True, True, False, False]
    assert drawn["times"].tolist()[2:] == pytest.approx([3, 3])
    assert [bar[:2] for bar in drawn_bars(figure)] == [
        [row.label, pd.Timestamp(row.start)] for row in drawn.itertuples()
    ]
    told = [row for trace in figure.data for row in trace.customdata]
    assert [row[0] for row in told] == drawn["label"].tolist()
    for at, name in enumerate(
        ("when", "share_inside", "share_outside", "n_papers", "n_total", "weight", "q"), 1
    ):
        assert [row[at] for row in told] == drawn[name].tolist(), name
    assert [a.text for a in figure.layout.annotations] == ["×∞, ×∞", "×3.0, ×3.0", "incomplete"]
    caption = figure.layout.meta["caption"]
    assert "4 bursts of 2 topics, of 3 topics" in caption
    assert "Strongest: theme 1, 2020 Q1 to 2020 Q2, 30.0% of papers against 10.0% otherwise" in caption
    assert "Incomplete and not searched: 2021 Q1." in caption
    assert [trace.marker.color for trace in figure.data] == list(plot.THEMES["light"].series[:2])


def test_the_heaviest_bursts_are_kept_in_the_order_of_time():
    trends = with_events(make_trends([[20] * 4] * 4, [400] * 4))
    early = trends.bursts["start"].where(trends.bursts["topic_id"] != 2, pd.Timestamp("2020-04-01"))
    trends = replace(trends, bursts=trends.bursts.assign(start=early)[::2])
    drawn = plot.table(plot.bursts(trends, top=2))
    assert drawn["topic_id"].tolist() == [3, 2]
    assert "2 topics with weaker bursts not drawn" in plot.bursts(trends, top=2).layout.meta["caption"]
    assert plot.table(plot.bursts(trends, only=[2, 0]))["topic_id"].tolist() == [0, 2]


def test_bursts_before_the_drawn_years_are_still_drawn():
    made = make_trends([[1, 1, 2, 20, 30, 40]], [1, 1, 19, 200, 200, 200], every="year", start="2014-01-01")
    figure = plot.bursts(with_events(made))
    assert figure.layout.xaxis.range[0].startswith("2014-01-01")
    assert figure.layout.xaxis.range[1].startswith("2020-01-01")


def test_without_a_burst_a_sentence_says_how_much_was_searched():
    few = plot.bursts(make_trends([[20] * 5], [200] * 5, complete=[True] * 4 + [False]))
    assert few.layout.meta["alt"] == (
        "No burst to draw: in 4 complete quarters no topic held so many papers that chance would not do it. "
        "So few quarters can hardly show any."
    )
    many = plot.bursts(make_trends([[20] * 40], [200] * 40))
    assert many.layout.meta["alt"].endswith("would not do it.")
    none = plot.bursts(with_events(usual(), [0]), only=[1])
    assert none.layout.meta["alt"] == "No burst to draw: theme 1 has none that passes the test."


def test_forecast_draws_what_its_table_says():
    trends = with_events(usual(), [0])
    figure = plot.forecast(trends)
    drawn = plot.table(figure)
    past, ahead = (drawn[drawn["part"] == part] for part in ("measured", "forecast"))
    assert past["n_papers"].tolist() == [30, 40, 50, 60, 20]
    assert (
        ahead["period"].tolist()
        == ["2021-01-01", "2021-04-01"]
        == list(trends.forecast["period"].dt.strftime("%Y-%m-%d"))
    )
    for name in ("share", "share_low", "share_high"):
        assert ahead[name].tolist() == pytest.approx(trends.forecast[name].tolist())
    assert ahead["n_papers"].isna().all() and not ahead["complete"].any()
    (dashed,) = (t for t in figure.data if t.line.dash == "9px,5px")
    assert list(dashed.x) == ["2020-10-01", "2021-01-01", "2021-04-01"]
    assert list(dashed.y) == pytest.approx([past["share"].iloc[3], *ahead["share"]])
    assert [list(row) for row in dashed.customdata][1:] == [
        ["2021 Q1", 0.1, 0.3], ["2021 Q2", 0.125, 0.375]
    ]  # fmt: skip
    fan = [t for t in figure.data if t.fill == "toself"][1]
    assert list(fan.x) == [*dashed.x, "2021-04-01", "2021-01-01"]
    assert list(fan.y) == pytest.approx([0.3, *ahead["share_high"], *ahead["share_low"][::-1]])
    hollow = next(t for t in figure.data if t.line.dash == "2px,3px")
    assert list(hollow.marker.symbol)[-1] == "circle-open"
    assert list(hollow.y)[-1] == pytest.approx(1 / 3, abs=1e-5)
    line = next(t for t in figure.data if t.line.dash == "solid")
    assert list(line.y) == [0.15, 0.2, 0.25, 0.3, None]
    assert figure.layout.yaxis.range[1] >= max(ahead["share_high"].max(), past["share_high"][:4].max())
    assert {a.text for a in figure.layout.annotations} == {"theme 0", "forecast"}


def test_forecast_says_how_far_and_how_sure():
    caption = plot.forecast(usual()).layout.meta["caption"]
    assert "theme 0 in 2021 Q2: 25.0% of papers, 80% interval 12.5 to 37.5%." in caption
    assert "Replayed from 7 quarters of the past, the error was 0.85 of the simple rules'" in caption
    assert "81% of the shares lay inside" in caption
    assert "1 topic without skill and so without one." in caption
    assert "Incomplete, hollow, not used: 2021 Q1." in caption
    one = plot.forecast(usual(), top=1)
    assert set(plot.table(one)["topic_id"]) == {0}
    assert "1 other topic with a forecast not drawn" in one.layout.meta["caption"]
    assert set(plot.table(plot.forecast(usual(), only=[1, 2]))["topic_id"]) == {1}


def test_only_topics_with_skill_are_forecast():
    trends = usual()
    hidden = replace(trends, skill=trends.skill.assign(shown=False))
    assert not plot.forecast(hidden).data
    assert not plot.forecast(replace(trends, forecast=trends.forecast.iloc[:0])).data


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pooled_mase": 1.123}, "No forecast: no better than the simple rules (error 1.12 of theirs)."),
        (
            {"pooled_mase": 0.95},
            "No forecast: no better than the simple rules by more than luck (error 0.95 of theirs, below "
            "0.90 is needed).",
        ),
        ({"mase": 1.2}, "No forecast: no topic's own past was forecast better than by the simple rules."),
        ({"reason": "too few periods"}, "No forecast: too few periods."),
        ({"mase": 0.7}, "No forecast: no interval for 2."),
    ],
)
def test_without_a_forecast_a_sentence_says_why(changes, sentence):
    trends = usual()
    skill = trends.skill.assign(shown=False, reason=[f"no interval for {n}" for n in (2, 2, 1)]).assign(
        **changes
    )
    figure = plot.forecast(replace(trends, skill=skill))
    assert figure.layout.meta["alt"] == sentence
    assert not figure.data
    assert plot.table(figure).empty


def test_a_topic_asked_for_without_skill_gives_its_own_reason():
    trends = usual()
    reason = "no skill: error 1.03 of the naive rule's"
    skill = trends.skill.assign(shown=False, reason=[reason, "other", "other"])
    alt = plot.forecast(replace(trends, skill=skill), only=[0]).layout.meta["alt"]
    assert alt == f"No forecast of theme 0: {reason}."


def test_charts_draw_what_measure_finds():
    """A burst of planted papers, and steady growth that is forecast, from counts to bars and dashes."""
    from trends.timeline import measure

    n = 45
    rng = np.random.default_rng(4)
    month = np.arange(n)
    ratios = [0.02 * np.exp((0.02 + 0.004 * t) * month) for t in range(6)]
    ratios.append(np.where((month >= 20) & (month < 26), 0.16, 0.04))
    days = pd.date_range("2020-01-01", periods=n, freq="MS").as_unit("us")
    rows = [(t, day, y, 4000) for t, r in enumerate(ratios) for day, y in zip(days, rng.binomial(4000, r))]
    found = measure(pd.DataFrame(rows, columns=["topic_id", "period", "n_papers", "n_total"]), every="month")
    burst = plot.table(plot.bursts(found, only=[6]))
    assert burst[["start", "last_day"]].to_numpy().tolist() == [["2021-09-01", "2022-02-28"]]
    ahead = plot.table(plot.forecast(found, top=8))
    ahead = ahead[ahead["part"] == "forecast"]
    shown = found.skill.index[found.skill["shown"]]
    assert len(shown) and set(ahead["topic_id"]) == set(shown)
    np.testing.assert_allclose(ahead["share"], found.forecast["share"], atol=1e-6)
    assert ahead["period"].min() == "2023-10-01"


def test_map_draws_every_paper_once():
    papers, topics = make_topics([6, 5, 4], unassigned=3)
    figure = plot.map(papers, topics, top=2)
    drawn = plot.table(figure)
    assert sorted(drawn["paper_id"]) == sorted(topics.members.index)
    assert sum(len(trace.x) for trace in figure.data) == 18
    points = [(x, y) for trace in figure.data for x, y in zip(trace.x, trace.y)]
    assert points == list(zip(drawn["x"].round(4), drawn["y"].round(4)))
    assert [trace.name for trace in figure.data] == ["unassigned", "other topics", "theme 0", "theme 1"]
    assert "18 of 18 papers drawn" in figure.layout.meta["caption"]
    assert figure.layout.yaxis.scaleanchor == "x"
    named = {a.text for a in figure.layout.annotations}
    assert {"theme 0", "theme 1"} <= named


def test_map_is_as_high_as_its_points_need():
    papers, topics = make_topics([40, 40, 40, 40], unassigned=0)
    heights = []
    for factor in (0.1, 1, 10):
        members = topics.members.assign(y=topics.members["y"] * factor)
        heights.append(plot.map(papers, replace(topics, members=members)).layout.height)
    assert heights == sorted(heights)
    assert heights[0] < 450 and heights[-1] > 700


@pytest.mark.parametrize("spread", [0.0, 1e-7, 1e-3, 1e5])
def test_map_has_room_whatever_the_spread(spread):
    papers, topics = make_topics([5, 4])
    members = topics.members.assign(x=topics.members["x"] * spread, y=1.0)
    layout = plot.map(papers, replace(topics, members=members)).layout
    assert layout.xaxis.range[0] < layout.xaxis.range[1]
    assert layout.yaxis.range[0] < layout.yaxis.range[1]


def test_names_keep_off_the_points_of_a_thin_map():
    papers, topics = make_topics([6] * 8, unassigned=0)
    members = topics.members.copy()
    for axis in ("x", "y"):
        members[axis] = members[axis] // 3 * 3 + members[axis] % 3 * 0.2
    figure = plot.map(papers, replace(topics, members=members))
    points = plot.table(figure)
    low, high = figure.layout.xaxis.range
    px = 900 / (high - low)
    notes = [a for a in figure.layout.annotations if a.name.startswith("topic-name")]
    assert len(notes) == 8

    def covered(note, right, up):
        across = abs((points["x"] - note.x) * px - right) < len(note.text) * 3.6
        return int((across & (abs((points["y"] - note.y) * px - up) < 8)).sum())

    assert sum(covered(note, 0, 0) for note in notes) >= 8
    assert sum(covered(note, note.xshift, note.yshift) for note in notes) == 0


def test_map_sample_is_stratified_and_seeded():
    papers, topics = make_topics([600, 300, 2], unassigned=98)
    drawn = plot.table(plot.map(papers, topics, sample=100))
    assert len(drawn) == 100
    assert drawn["topic_id"].value_counts().to_dict() == {0: 59, 1: 30, -1: 10, 2: 1}
    again = plot.table(plot.map(papers, topics, sample=100))
    other = plot.table(plot.map(papers, topics, sample=100, seed=1))
    assert drawn.equals(again)
    assert set(drawn["paper_id"]) != set(other["paper_id"])
    assert "100 of 1,000 papers drawn" in plot.map(papers, topics, sample=100).layout.meta["caption"]
    assert len(plot.table(plot.map(papers, topics, sample=2))) == 2


def test_map_without_hover_holds_no_title():
    papers, topics = make_topics([6, 5])
    assert "Paper 3" in plot.map(papers, topics).to_json()
    quiet = plot.map(papers, topics, hover=False)
    assert "Paper 3" not in quiet.to_json()
    assert {trace.hoverinfo for trace in quiet.data} == {"none"}


def test_map_counts_papers_without_a_place():
    papers, topics = make_topics([6, 5])
    members = topics.members.copy()
    members.iloc[:2, members.columns.get_loc("x")] = np.nan
    caption = plot.map(papers, replace(topics, members=members)).layout.meta["caption"]
    assert "13 of 15 papers drawn" in caption
    assert "2 papers without a place" in caption


def test_terms_table_equals_the_input():
    _, topics = make_topics([5, 4, 3])
    figure = plot.terms(topics, only=[0, 2])
    drawn = plot.table(figure)
    assert drawn["topic_id"].tolist() == [0, 0, 0, 2, 2, 2]
    assert drawn["term"].tolist() == ["sparse", "attention", "kernel"] * 2
    assert drawn["weight"].tolist() == pytest.approx([0.1, 0.05, 0.1 / 3] * 2, abs=1e-6)
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [list(bar.x) for bar in bars] == [[0.1, 0.05, 0.03333]] * 2


def test_table_refuses_a_foreign_figure():
    import plotly.graph_objects as go

    with pytest.raises(InputError, match=r"made by trends\.plot"):
        plot.table(go.Figure())


# Ranks, stacks, coverage, trees


def ranked(rows, totals=(100,) * 4, **options):
    return plot.table(plot.bump(make_trends(rows, list(totals), **options)))


def test_ranks_follow_the_share_then_the_id_and_leave_gaps():
    drawn = ranked([[10, 20, 0, 5], [10, 5, 0, 30], [40, 20, 30, 0]])
    ranks = drawn.pivot_table(index="topic_id", columns="period", values="rank", dropna=False).to_numpy()
    np.testing.assert_array_equal(ranks, [[2, 1, np.nan, 2], [3, 3, np.nan, 1], [1, 2, 1, np.nan]])


@given(st.lists(st.lists(st.integers(0, 6), min_size=4, max_size=4), min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_ranks_are_those_of_a_plain_sort(rows):
    drawn = ranked(rows)
    for _, period in drawn.groupby("period"):
        present = period[period["n_papers"] > 0]
        wanted = sorted(zip(-present["n_papers"], present["topic_id"]))
        assert [t for _, t in wanted] == present.sort_values("rank")["topic_id"].tolist()
        assert sorted(present["rank"]) == list(range(1, len(present) + 1))
        assert period.loc[period["n_papers"] == 0, "rank"].isna().all()


def test_bump_draws_what_its_table_says():
    rows = [[10, 40, 42, 9], [30, 20, 21, 10]]
    figure = plot.bump(make_trends(rows, [100, 100, 100, 30], complete=[True, True, True, False]))
    drawn = plot.table(figure)
    # 0.10 (.08 to .12) to 0.40 (.32 to .48) and 0.30 (.24 to .36) to 0.20 (.16 to .24): the latter touch.
    assert drawn.loc[drawn["sure"], ["topic_id", "period_label"]].to_numpy().tolist() == [[0, "2020 Q2"]]
    thin = [t for t in figure.data if t.line.width == 1.25 and t.line.dash is None]
    assert [list(t.y) for t in thin] == [[2, 1, 1, None], [1, 2, 2, None]]
    (thick,) = (t for t in figure.data if t.line.width == 4)
    assert (thick.name, list(thick.x), list(thick.y)) == (
        "theme 0", ["2020-01-01", "2020-04-01", None], [2, 1, None]
    )  # fmt: skip
    hollow = [t for t in figure.data if t.line.dash == "2px,3px"]
    assert [list(t.y) for t in hollow] == [[1, 2, None], [2, 1, None]]
    assert {t.marker.symbol for t in hollow} == {"circle-open", "square-open"}
    assert [row[0] for row in hollow[0].customdata] == ["2020 Q3", "2020 Q4, incomplete", ""]
    assert [(t.name, t.line.color) for t in thin] == list(
        zip(["theme 0", "theme 1"], plot.THEMES["light"].series)
    )
    assert list(figure.layout.yaxis.range) == [2.5, 0.5]
    assert {a.text: a.y for a in figure.layout.annotations} == {"theme 1": 1, "theme 0": 2}


def test_bump_says_who_is_first_since_when():
    caption = plot.bump(make_trends([[50, 10, 40, 42], [10, 30, 20, 20]], [100] * 4)).layout.meta["caption"]
    assert "First in 2020 Q4: theme 0, 42.0% of 100 papers, since 2020 Q3." in caption
    close = make_trends([[30, 30, 31], [30, 31, 30], [9, 9, 9]], [100] * 3, complete=[True, True, True])
    caption = plot.bump(close).layout.meta["caption"]
    assert "not in the period before; its interval overlaps that of the second, theme 1." in caption
    unfinished = make_trends([[50, 50, 1], [10, 10, 30]], [100] * 3, complete=[True, True, False])
    assert "First in 2020 Q2: theme 0" in plot.bump(unfinished).layout.meta["caption"]
    late = make_trends([[50, 50, 10], [40, 40, 10], [0, 0, 60]], [100] * 3)
    assert "1 topic not drawn held more papers then." in plot.bump(late, only=[0, 1]).layout.meta["caption"]


def test_names_of_ranks_do_not_meet():
    figure = plot.bump(make_trends([[20 - t, 20 - t, (t % 2) * 5] for t in range(12)], [400] * 3))
    heights = sorted(a.y for a in figure.layout.annotations if a.name.startswith("direct-label"))
    px = (figure.layout.height - 100) / 12
    assert len(heights) == 12 and min(b - a for a, b in pairwise(heights)) * px > 14


def test_a_stack_sums_to_the_whole():
    trends = make_trends([[30, 40, 0, 20], [20, 20, 0, 5], [10, 5, 0, 5]], [100, 100, 0, 50])
    figure = plot.stream(trends, top=2)
    drawn = plot.table(figure)
    assert drawn["label"].unique().tolist() == ["theme 0", "theme 1", "other topics", "unassigned"]
    assert drawn["topic_id"].isna().sum() == 4
    known = drawn[drawn["n_total"] > 0]
    np.testing.assert_allclose(known.groupby("period")["share"].sum(), 1, atol=1e-6)
    np.testing.assert_allclose(known["high"] - known["low"], known["share"], atol=2e-6)
    assert (known["n_papers"].groupby(known["period"]).sum() == [100, 100, 50]).all()
    assert known.loc[known["label"] == "unassigned", "high"].tolist() == pytest.approx([1, 1, 1])
    assert drawn.loc[drawn["n_total"] == 0, ["share", "low", "high"]].isna().all(axis=None)
    assert (
        "The 2 named topics hold 54.0% of them, 50.0% in 2020 Q1 and 50.0% in 2020 Q4."
        in (figure.layout.meta["caption"])
    )


def areas(figure, name, hatched=False):
    found = [t for t in figure.data if t.fill == "toself" and t.name == name]
    return [t for t in found if (t.fillpattern.shape == "/") == hatched]


def test_areas_have_the_edges_of_the_table():
    trends = make_trends(
        [[30, 40, 0, 20, 5], [20, 20, 0, 5, 5]], [100, 100, 0, 50, 20], complete=[True] * 4 + [False]
    )
    figure = plot.stream(trends)
    drawn = plot.table(figure)
    assert {a.text for a in figure.layout.annotations} >= {"theme 0", "theme 1", "unassigned", "incomplete"}
    upper = drawn[drawn["label"] == "theme 1"].set_index("period")
    (whole,) = areas(figure, "theme 1")
    days = ["2020-01-01", "2020-04-01"]
    assert list(whole.x) == [*days, *days[::-1]]
    assert list(whole.y) == pytest.approx([*upper.loc[days, "low"], *upper.loc[days[::-1], "high"]])
    (hatched,) = areas(figure, "theme 1", hatched=True)
    days = ["2020-10-01", "2021-01-01"]
    assert list(hatched.x) == [*days, *days[::-1]]
    assert list(hatched.y) == pytest.approx([*upper.loc[days, "low"], *upper.loc[days[::-1], "high"]])
    assert hatched.fillpattern.fgcolor == whole.fillcolor == plot.THEMES["light"].series[1]
    points = next(t for t in figure.data if t.name == "theme 1" and t.mode == "markers")
    assert [row[3] for row in points.customdata] == pytest.approx(upper["share"].dropna().tolist(), abs=1e-5)


def test_a_period_between_gaps_has_a_width():
    figure = plot.stream(make_trends([[30, 0, 20]], [100, 0, 50]))
    (area,) = areas(figure, "theme 0")
    assert list(area.y) == pytest.approx([0, 0, 0.3, 0.3, None, 0, 0, 0.4, 0.4], nan_ok=True)
    assert area.x[0] < "2020-01-01" < area.x[1]


def test_a_centred_stack_is_symmetric_and_holds_the_named_only():
    drawn = plot.table(plot.stream(make_trends([[30, 40], [20, 10], [1, 1]], [100] * 2), top=2, centred=True))
    assert set(drawn["label"]) == {"theme 0", "theme 1"}
    assert drawn["low"].tolist() == pytest.approx([-0.25, -0.25, 0.05, 0.15])
    assert drawn["high"].tolist() == pytest.approx([0.05, 0.15, 0.25, 0.25])


def test_overlapping_themes_are_not_stacked():
    trends = make_trends([[80, 60], [40, 30]], [100, 100])
    with pytest.raises(InputError, match=r"overlap: in 2020 Q1 they hold 120 papers together, of 100"):
        plot.stream(trends)
    with pytest.raises(InputError, match="overlap"):
        plot.coverage(make_papers(trends), trends)
    with pytest.raises(InputError, match="at most 8"):
        plot.stream(make_trends([[2] * 2] * 9, [100] * 2), only=range(9))


def test_coverage_counts_papers_by_source():
    trends = make_trends([[20, 0, 30, 5]], [40, 0, 60, 10], complete=[True, True, True, False])
    papers = make_papers(trends)
    figure = plot.coverage(papers, trends)
    drawn = plot.table(figure)
    kind = papers["sources"].map(lambda s: s[0] if len(s) == 1 else "several sources")
    wanted = papers.groupby([kind, papers["date"].dt.strftime("%Y-%m-%d")]).size()
    found = drawn.set_index(["source", "period"])["n_papers"]
    assert found[found > 0].sort_index().to_dict() == wanted.sort_index().to_dict()
    assert drawn.groupby("period")["n_papers"].sum().tolist() == [40, 0, 60, 10]
    bars = [t for t in figure.data if t.type == "bar"]
    assert {t.name: list(t.y) for t in bars} == {
        name: rows["n_papers"].tolist() for name, rows in drawn.groupby("source")
    }
    assert {tuple(t.marker.pattern.shape) for t in bars} == {("", "", "", "/")}
    points = figure.data[-1]
    assert list(points.y) == pytest.approx([0.5, None, 0.5, 0.5], nan_ok=True)
    assert list(points.marker.symbol) == ["circle", "circle", "circle", "circle-open"]
    assert drawn["unassigned"].dropna().unique().tolist() == [0.5]
    caption = figure.layout.meta["caption"]
    assert "110 papers counted, 2020 Q1 to 2020 Q4, 2 sources shown" in caption
    assert "1 quarter of 4 without papers: 2020 Q2." in caption
    assert "Incomplete, hatched and hollow: 2020 Q4." in caption


def test_coverage_pools_small_sources_and_does_without_any():
    trends = make_trends([[20, 30]], [40, 60])
    papers = make_papers(trends, sources=(("a",), ("a",), ("b",), ("c",), ()))
    assert plot.table(plot.coverage(papers, trends, top=1))["source"].unique().tolist() == [
        "a", "other sources", "no source stated"
    ]  # fmt: skip
    assert "c" in set(plot.table(plot.coverage(papers, trends, only=["c"]))["source"])
    bare = plot.coverage(papers.drop(columns="sources"), trends)
    assert plot.table(bare)["source"].unique().tolist() == ["papers"]
    assert bare.layout.showlegend is False
    with pytest.raises(InputError, match="the source 'd', which no paper has; there are a, b, c"):
        plot.coverage(papers, trends, only=["d"])
    with pytest.raises(InputError, match="top must be"):
        plot.coverage(papers, trends, top=0)


def test_coverage_refuses_other_papers():
    trends = make_trends([[20, 30]], [40, 60])
    with pytest.raises(InputError, match="in 2020 Q1 there are 39 papers and trends counted 40"):
        plot.coverage(make_papers(trends).iloc[1:], trends)


def test_coverage_leaves_out_what_has_no_period():
    trends = make_trends([[20, 30]], [40, 60])
    papers = make_papers(trends)
    undated = papers.iloc[:2].assign(
        date=pd.NaT, date_precision=pd.Categorical(["unknown"] * 2, dtype=PRECISION_TYPE)
    )
    coarse = papers.iloc[:3].assign(date_precision=pd.Categorical(["year"] * 3, dtype=PRECISION_TYPE))
    more = pd.concat([papers, undated.rename("u{}".format), coarse.rename("c{}".format)])
    more = more.astype({"date_precision": PRECISION_TYPE, "date": "datetime64[us]"})
    more.index.name = "paper_id"
    left_out = trends.left_out.assign(n_undated=2, n_too_coarse=3)
    figure = plot.coverage(more, replace(trends, left_out=left_out))
    assert plot.table(figure)["n_papers"].sum() == 100
    assert (
        "2 papers without a date not drawn. 3 papers dated too coarsely not drawn."
        in (figure.layout.meta["caption"])
    )


def test_the_tree_is_that_of_the_topics():
    _, topics = make_topics([9, 8, 7, 6, 5, 4])
    drawn = plot.table(plot.hierarchy(topics, themes=3))
    joins, tips = drawn[drawn["n_topics"] > 1], drawn[drawn["n_topics"] == 1]
    merges = topics.hierarchy()
    for name in ("node", "left", "right", "n_papers"):
        assert joins[name].tolist() == merges[name].tolist(), name
    np.testing.assert_allclose(joins["distance"], merges["distance"], atol=1e-6)
    assert tips.set_index("node")["theme_id"].sort_index().tolist() == topics.themes(3).tolist()
    assert tips["place"].tolist() == list(range(6))
    # Topics of a theme, and of every node, stand side by side: no branches cross.
    places = tips.set_index("node")["place"]
    for members in merges["topics"]:
        inside = sorted(places[list(members)])
        assert inside == list(range(int(inside[0]), int(inside[0]) + len(members)))


def test_the_tree_is_drawn_with_its_cut():
    from scipy.cluster.hierarchy import fcluster, ward

    _, topics = make_topics([9, 8, 7, 6, 5, 4])
    figure = plot.hierarchy(topics, themes=3)
    drawn = plot.table(figure)
    within, between = (
        next(t for t in figure.data if t.name == name) for name in ("within a theme", "between themes")
    )
    assert len(within.x) == 5 * 3 and len(between.x) == 5 * 2
    ends = [x for t in (within, between) for x in list(t.x)[1::5]]
    assert sorted(ends) == pytest.approx(sorted(drawn.loc[drawn["n_topics"] > 1, "distance"]), abs=1e-5)
    cut = next(s.x0 for s in figure.layout.shapes if s.type == "line")
    groups = fcluster(ward(topics.centroids.astype("float64")), cut, "distance")
    assert len(set(groups)) == 3
    mine = topics.themes(3).to_numpy()
    assert all((mine[a] == mine[b]) == (groups[a] == groups[b]) for a, b in combinations(range(6), 2))
    tips = next(t for t in figure.data if t.name == "topics")
    order = [int(t) for t in drawn.loc[drawn["n_topics"] == 1, "node"]]
    assert list(tips.marker.color) == [plot.THEMES["light"].series[t] for t in order]
    assert list(figure.layout.yaxis.ticktext) == [f"theme {t}" for t in order]


def test_a_part_of_the_topics_has_a_tree_of_its_own():
    _, topics = make_topics([9, 8, 7, 6, 5, 4])
    figure = plot.hierarchy(topics, only=[0, 2, 5], themes=1)
    drawn = plot.table(figure)
    assert set(drawn.loc[drawn["n_topics"] == 1, "node"]) == {0, 2, 5}
    assert (drawn["n_topics"] > 1).sum() == 2
    assert not [s for s in figure.layout.shapes if s.type == "line"]
    assert "3 topics not drawn and not in the tree" in figure.layout.meta["caption"]
    with pytest.raises(InputError, match="n must be"):
        plot.hierarchy(topics, themes=0)


def test_similarity_is_the_cosine_in_the_order_of_the_tree():
    _, topics = make_topics([9, 8, 7, 6, 5, 4])
    figure = plot.similarity(topics)
    drawn = plot.table(figure)
    tree = plot.table(plot.hierarchy(topics))
    order = [int(t) for t in tree.loc[tree["n_topics"] == 1, "node"]]
    rows = topics.centroids[order].astype("float64")
    wanted = rows @ rows.T / np.outer(*[np.linalg.norm(rows, axis=1)] * 2)
    drawn_cells = np.array(figure.data[0].z, dtype="float64")
    assert np.isnan(np.diag(drawn_cells)).all()
    off = ~np.eye(6, dtype=bool)
    np.testing.assert_allclose(drawn_cells[off], wanted[off], atol=1e-4)
    assert list(figure.data[0].y) == [f"theme {t}  {at}" for at, t in enumerate(order, 1)]
    assert len(drawn) == 15
    at = {t: i for i, t in enumerate(order)}
    for row in drawn.itertuples():
        assert at[row.topic_id] < at[row.other_id]
        for a, b in ((row.topic_id, row.other_id), (row.other_id, row.topic_id)):
            assert drawn_cells[at[a], at[b]] == pytest.approx(row.cosine, abs=1e-4)
    best = drawn.loc[drawn["cosine"].idxmax()]
    assert (
        f"Closest: {best['label']} and {best['other_label']}, {best['cosine']:.2f}."
        in (figure.layout.meta["caption"])
    )
    assert len(plot.table(plot.similarity(topics, top=3))) == 3


def test_one_topic_has_no_tree_and_no_pair():
    _, topics = make_topics([3])
    for draw in (plot.hierarchy, plot.similarity):
        figure = draw(topics)
        assert not figure.data and plot.table(figure).empty
        assert figure.layout.meta["alt"].endswith("there is one topic only.")


def test_charts_hold_no_more_than_fits():
    trends = make_trends([[30 - t] * 2 for t in range(14)], [400] * 2)
    for top in (14, np.int64(14)):
        assert plot.table(plot.bump(trends, top=top))["topic_id"].nunique() == 12
        assert plot.table(plot.stream(trends, top=top))["label"].nunique() == 10
    assert plot.table(plot.bump(trends, only=range(14)))["topic_id"].nunique() == 14
    assert plot.table(plot.bump(trends, theme="slide"))["topic_id"].nunique() == 6


def test_the_largest_topics_are_compared():
    _, topics = make_topics([60 - t for t in range(50)])
    drawn = plot.table(plot.similarity(topics))
    assert set(drawn["topic_id"]) | set(drawn["other_id"]) == set(range(40))
    assert "10 smaller topics not drawn" in plot.similarity(topics).layout.meta["caption"]


# Options


@pytest.mark.parametrize(
    "name",
    [
        "shares",
        "heatmap",
        "growth",
        "bursts",
        "forecast",
        "map",
        "terms",
        "bump",
        "stream",
        "hierarchy",
        "similarity",
    ],
)
def test_wrong_options_are_named(name):
    papers, topics = make_topics([5, 4])
    tables = {
        "map": (papers, topics),
        "terms": (topics,),
        "hierarchy": (topics,),
        "similarity": (topics,),
    }.get(name, (usual(),))
    draw = getattr(plot, name)
    with pytest.raises(InputError, match="light, dark, slide, print, not 'neon'"):
        draw(*tables, theme="neon")
    with pytest.raises(InputError, match="topic 99"):
        draw(*tables, only=[99])
    with pytest.raises(InputError, match="top must be"):
        draw(*tables, top=0)


def test_slides_hold_few_series():
    trends = make_trends([[20 - t] * 3 for t in range(8)], [200] * 3)
    assert plot.table(plot.shares(trends, theme="slide"))["highlighted"].sum() == 5 * 3
    assert plot.table(plot.shares(trends, theme="slide", only=range(6)))["highlighted"].sum() == 6 * 3


# Colours


def test_colour_follows_the_topic():
    assert topic_slots([3, 0, 7]) == {0: 0, 3: 3, 7: 7}
    assert topic_slots([12, 9, 0]) == {0: 0, 9: 1, 12: 2}
    assert topic_slots([-1, 2]) == {-1: None, 2: 2}
    many = topic_slots(range(20))
    assert [many[t] for t in range(8)] == list(range(8))
    assert {many[t] for t in range(8, 20)} == {None}
    trends = make_trends([[20 - t] * 3 for t in range(4)], [200] * 3)
    for shown in ([2], [2, 3], [0, 1, 2, 3]):
        figure = plot.shares(trends, only=shown)
        colour = {t.name: t.line.color for t in figure.data if t.line.dash and t.line.width == 2}
        assert colour["theme 2"] == plot.THEMES["light"].series[2] == plot.topic_colours(shown)[2]


@given(st.sets(st.integers(-1, 60)))
def test_no_colour_is_given_twice(ids):
    slots = [slot for slot in topic_slots(ids).values() if slot is not None]
    assert len(slots) == len(set(slots)) == min(8, len(ids - {-1}))


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


def contrast(one, other):
    high, low = sorted([luminance(one), luminance(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


MACHADO = {
    "normal": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def lab(colour, sight):
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(MACHADO[sight]) @ linear, 0, 1)
    xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                    [0.0193339, 0.1191920, 0.9503041]]) @ seen / [0.95047, 1, 1.08883]  # fmt: skip
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", plot.THEMES)
def test_colours_can_be_seen(theme):
    look = plot.THEMES[theme]
    assert min(contrast(c, look.ground) for c in (*look.series, look.grey, look.border)) >= 3
    assert min(contrast(c, look.ground) for c in (look.text, look.muted, look.accent)) >= 4.5
    assert min(contrast(c, look.surface) for c in (look.text, look.muted, look.accent)) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sight", MACHADO)
def test_colours_can_be_told_apart(theme, sight):
    colours = plot.THEMES[theme].series
    distances = [np.linalg.norm(lab(a, sight) - lab(b, sight)) for a, b in combinations(colours, 2)]
    assert min(distances) >= 29


def test_swapping_colours_gives_the_dark_figure():
    swap = plot.colour_swap()
    assert len(set(swap.values())) == len(swap)
    light = all_charts(usual(), *make_topics([5, 4, 3]))
    dark = all_charts(usual(), *make_topics([5, 4, 3]), theme="dark")
    for name, figure in light.items():
        text = json.dumps(without_meta(figure))
        swapped = re.sub("|".join(f'"{re.escape(c)}"' for c in swap), lambda m: f'"{swap[m[0][1:-1]]}"', text)
        assert json.loads(swapped) == without_meta(dark[name]), name


# Untrusted text

MARKUP = re.compile(r"<(?!br>|b>|/b>)")


@pytest.mark.parametrize("theme", ["light", "slide"])
def test_hostile_labels_stay_text(theme):
    n = len(HOSTILE)
    calls = {"status": ["growing"] * n, "growth": [1.5] * n}
    trends = with_events(make_trends([[20] * 4] * n, [400] * 4, labels=HOSTILE, calls=calls))
    plain = with_events(make_trends([[20] * 4] * n, [400] * 4, calls=calls))
    papers, topics = make_topics([4] * n, labels=HOSTILE, terms=HOSTILE[:6])
    papers["title"] = pd.Series((HOSTILE * n)[: len(papers)], index=papers.index, dtype="object")
    charts = all_charts(trends, papers, topics, theme=theme, title=HOSTILE[0])
    clean = all_charts(plain, *make_topics([4] * n, terms=tuple("abcdef")), theme=theme)
    for name, figure in charts.items():
        for text in texts(without_meta(figure)):
            assert not MARKUP.search(text.replace("<extra></extra>", "")), (name, text)
            assert not re.search(r"[\x00-\x1f\ud800-\udfff]", text), (name, text)
        assert templates(figure) == templates(clean[name]), name
        assert figure.layout.meta["id"] == name
        assert not any("__pwn" in (trace.hovertemplate or "") for trace in figure.data)
    assert clean_text(HOSTILE[4]) in set(plot.table(charts["shares"])["label"])


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(max_size=60), min_size=3, max_size=3), st.text(max_size=200))
def test_any_text_draws(labels, title):
    papers, topics = make_topics([4, 3, 2], labels=labels, terms=tuple(labels))
    papers["title"] = pd.Series((labels * 5)[: len(papers)], index=papers.index, dtype="object")
    for name, figure in all_charts(usual(labels), papers, topics, title=title).items():
        for text in texts(without_meta(figure)):
            assert not MARKUP.search(text.replace("<extra></extra>", "")), (name, text)
    drawn = plot.table(plot.shares(usual(labels)))
    assert drawn["label"].tolist() == [clean_text(label) for label in labels for _ in range(5)]


@given(st.text(max_size=80), st.integers(4, 40))
def test_names_keep_their_width(text, letters):
    lines = [line for line in breakable(text, letters).split("<br>") if line]
    assert len(lines) <= 2
    import html

    assert all(len(html.unescape(line)) <= letters for line in lines if "&amp;" not in line)


def test_equal_names_are_told_apart():
    assert names(pd.Series({0: "same", 4: "same", 5: ""}), 20).tolist() == ["same #0", "same #4", "#5"]


# Odd inputs


def test_nothing_to_draw_is_a_sentence():
    trends = make_trends(np.zeros((0, 0), dtype=int), [])
    papers, topics = make_topics([], unassigned=0)
    for name, figure in all_charts(trends, papers, topics).items():
        assert not figure.data, name
        assert figure.layout.annotations[0].text.endswith("."), name
        assert plot.table(figure).empty
        assert list(plot.table(figure).columns)


def test_no_topics_is_a_sentence_whatever_is_counted():
    counted = make_trends(np.zeros((0, 3), dtype=int), [5, 30, 31])
    for trends in (counted, replace(counted, shares=counted.shares.iloc[:0])):
        for draw in (plot.heatmap, plot.shares, plot.growth, plot.bursts, plot.forecast):
            figure = draw(trends)
            assert not figure.data
            assert figure.layout.height < 120
            assert list(plot.table(figure).columns)


def test_all_unassigned():
    papers, topics = make_topics([], unassigned=7)
    trends = make_trends(np.zeros((0, 3), dtype=int), [5, 1, 1])
    charts = all_charts(trends, papers, topics)
    assert [trace.name for trace in charts["map"].data] == ["unassigned"]
    assert not charts["shares"].data and not charts["terms"].data
    assert plot.table(plot.shares(trends, only=[-1]))["share"].tolist() == [1, 1, 1]


@pytest.mark.parametrize("every", ["week", "month", "quarter", "year"])
def test_one_topic_one_period_one_paper(every):
    start = {"week": "2024-01-01"}.get(every, "2024-01-01")
    trends = make_trends([[1]], [1], every=every, start=start, complete=[False])
    charts = all_charts(trends, *make_topics([1], unassigned=0))
    assert plot.table(charts["shares"])["share"].tolist() == [1.0]
    assert plot.table(charts["map"])["topic_id"].tolist() == [0]
    assert charts["heatmap"].data[0].z[0][0] == 1.0


def test_nan_and_endless_calls():
    calls = {
        "status": ["growing", "growing", "steady"],
        "growth": [np.nan, 2.0, np.inf],
        "growth_low": [np.nan, 0.0, np.nan],
        "growth_high": [np.nan, np.inf, np.nan],
    }
    figure = plot.growth(make_trends([[9] * 3] * 3, [90] * 3, calls=calls))
    assert plot.table(figure)["topic_id"].tolist() == [1]
    assert np.isfinite(figure.layout.xaxis.range).all()
    assert "∞" in figure.layout.annotations[0].text


def test_terms_without_weights():
    _, topics = make_topics([3, 2], terms=())
    assert not plot.terms(topics).data


def test_a_topic_without_a_call_still_has_a_name():
    trends = usual()
    drawn = plot.table(plot.shares(replace(trends, calls=trends.calls.drop(index=1))))
    assert "topic 1" in set(drawn["label"])


# Repeatability


def test_arguments_are_not_changed():
    trends, (papers, topics) = usual(), make_topics([5, 4, 3])
    tables = [trends.shares, trends.calls, trends.bursts, trends.forecast, trends.skill]
    tables += [topics.table, topics.members, papers]
    before = [fingerprint(table) for table in tables]
    all_charts(trends, papers, topics)
    assert [fingerprint(table) for table in tables] == before


def test_row_order_does_not_matter():
    trends, (papers, topics) = usual(), make_topics([50, 40, 30])
    shuffled = replace(
        trends,
        shares=trends.shares.sample(frac=1, random_state=1),
        calls=trends.calls.sample(frac=1, random_state=2),
        bursts=trends.bursts.sample(frac=1, random_state=5),
        forecast=trends.forecast.sample(frac=1, random_state=6),
        skill=trends.skill.sample(frac=1, random_state=7),
    )
    mixed = replace(topics, members=topics.members.sample(frac=1, random_state=3))
    first = all_charts(trends, papers, topics)
    for charts in (
        all_charts(trends, papers, topics),
        all_charts(shuffled, papers.sample(frac=1, random_state=4), mixed),
    ):
        for name, figure in charts.items():
            assert figure.to_json() == first[name].to_json(), name
    sampled = [plot.map(papers, t, sample=20).to_json() for t in (topics, mixed)]
    assert sampled[0] == sampled[1]


# Parts


@given(
    st.lists(st.tuples(st.floats(0, 300), st.floats(5, 40)), max_size=10),
)
def test_labels_never_overlap(items):
    wanted, sizes = [w for w, _ in items], [s for _, s in items]
    places = spread(wanted, sizes, 0, 400)
    order = sorted(zip(places, sizes))
    for (a, size_a), (b, size_b) in pairwise(order):
        assert b - a >= (size_a + size_b) / 2 - 1e-6
    if items:
        assert order[0][0] >= order[0][1] / 2 - 1e-6


def test_labels_with_room_stay_where_they_are():
    assert spread([10, 100, 50], [10, 10, 10], 0, 200) == [10, 100, 50]
    assert spread([50, 50], [20, 20], 0, 200) == [40, 60]


def test_direct_labels_of_equal_lines_do_not_meet():
    trends = make_trends([[20] * 4] * 8, [400] * 4)
    figure = plot.shares(trends, top=8)
    heights = sorted(a.y for a in figure.layout.annotations if a.name.startswith("direct-label"))
    assert len(heights) == 8
    assert min(b - a for a, b in pairwise(heights)) > 0


def test_ticks_stand_on_round_periods():
    trends = make_trends([[5] * 24], [50] * 24, every="quarter", start="2019-04-01")
    periods = series(trends).drop_duplicates("period")
    assert ticks(periods, "quarter", 6)["ticktext"] == [
        "2020 Q1",
        "2021 Q1",
        "2022 Q1",
        "2023 Q1",
        "2024 Q1",
        "2025 Q1",
    ]
