"""What is drawn equals its table, and its table a plain recount of the papers; what charts are made of.

The values are read back from the traces, by the topic that each trace says it draws, and compared with
`plot.table` and with a groupby of the papers that went in.
"""

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import toys

from trends import plot
from trends.plot._theme import topic_slots

GOLDEN = Path(__file__).parent / "golden" / "charts.json"
LABELS = ("Routing", "Pruning", "Kernels", "Codes", "Graphs", "Tokens")
TOLERANCE = 6e-6
"""Shares are drawn to five digits."""


def corpus(n=240, years=8):
    papers = toys.papers(n, years=years)
    sources = [(("a.bib",), ("b.csv",), ("a.bib", "b.csv"))[i % 3] for i in range(n)]
    papers = papers.assign(sources=sources)
    topics = toys.topics(papers, LABELS)
    rng = np.random.default_rng(3)
    centroids = rng.standard_normal((len(LABELS), 12)) + 1
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    return papers, replace(topics, centroids=centroids.astype("float32")), toys.trends(papers, topics)


@pytest.fixture(scope="module")
def made():
    return corpus()


@pytest.fixture(scope="module")
def eventful():
    return toys.eventful()


def recount(papers, topics):
    """Return papers by (topic_id, ISO day of the year's start), and all papers by day, from rows alone."""
    day = papers["date"].dt.year.map("{}-01-01".format)
    counts = Counter(zip(topics.members["topic_id"].reindex(papers.index).astype(int), day))
    return counts, Counter(day)


def traces(figure, topic_id=None, **wanted):
    """Return the traces of a topic, or all, that have these attributes."""
    return [
        trace
        for trace in figure.data
        if (topic_id is None or (trace.meta or {}).get("topic") == topic_id)
        and all(getattr(trace, name, None) == value for name, value in wanted.items())
    ]


def points(drawn):
    """Return (x, y) of the points of traces; None and what is no calendar day left out."""
    return {
        (x, round(float(y), 6))
        for trace in drawn
        for x, y in zip(trace.x, trace.y)
        if y is not None and x is not None and len(str(x)) == 10
    }


def near(found, expected):
    """Compare sets of (key, value) by value within TOLERANCE."""
    found, expected = dict(found), dict(expected)
    assert found.keys() == expected.keys()
    assert all(abs(found[key] - expected[key]) <= TOLERANCE for key in found)


def tabled(figure, topic_id, column="share"):
    """Return (period, value) of a topic as the chart's table gives them."""
    rows = plot.table(figure)
    rows = rows[rows["topic_id"] == topic_id].dropna(subset=column)
    return set(zip(rows["period"], rows[column].astype(float)))


# Shares over time


@pytest.mark.parametrize(
    "options",
    [{}, {"top": 2}, {"only": [-1, 4]}, {"interval": False}, {"top": 1, "theme": "slide"}],
    ids=["six", "bands", "unassigned", "bare", "slide"],
)
def test_shares_are_those_of_the_papers(made, options):
    papers, topics, trends = made
    figure = plot.shares(trends, **options)
    counts, totals = recount(papers, topics)
    drawn = sorted({trace.meta["topic"] for trace in figure.data})
    assert drawn == ([-1] if -1 in options.get("only", []) else []) + list(range(len(LABELS)))
    for topic_id in drawn:
        # Bands and bars of intervals say nothing when pointed at; all else is a share.
        lines = [trace for trace in traces(figure, topic_id) if trace.hoverinfo != "skip"]
        expected = {(day, counts[topic_id, day] / n) for day, n in totals.items()}
        near(points(lines), expected)
        near(tabled(figure, topic_id), expected)


@pytest.mark.parametrize("top", [2, 6])
def test_intervals_are_those_of_the_table(made, top):
    figure = plot.shares(made[2], top=top)
    table = plot.table(figure).set_index(["topic_id", "period"])
    drawn = [trace for trace in figure.data if trace.hoverinfo == "skip"]
    assert len(drawn) == top
    for trace in drawn:
        rows = table.loc[trace.meta["topic"]]
        rows = rows[rows["complete"]]
        if trace.fill:
            half = len(trace.x) // 2
            assert list(trace.x[:half]) == list(rows.index)
            assert list(trace.y[:half]) == pytest.approx(rows["share_high"].tolist(), abs=TOLERANCE)
            assert list(trace.y[half:])[::-1] == pytest.approx(rows["share_low"].tolist(), abs=TOLERANCE)
        else:
            last = rows.iloc[-1]
            assert list(trace.y) == pytest.approx([last["share_low"], last["share_high"]], abs=TOLERANCE)


def test_shares_of_followed_themes_are_those_of_their_papers():
    papers = toys.papers(240)
    found = toys.followed(papers)
    figure = plot.shares(found["followed"], noun="theme")
    day = papers["date"].dt.year.map("{}-01-01".format)
    totals = Counter(day)
    for theme_id, members in found["watch"].members.groupby("theme_id"):
        counts = Counter(day[members["paper_id"]])
        lines = [trace for trace in traces(figure, theme_id) if trace.hoverinfo != "skip"]
        near(points(lines), {(d, counts[d] / n) for d, n in totals.items()})


@pytest.mark.parametrize("options", [{}, {"only": [1, 3, 5]}, {"only": [-1, 0, 2]}, {"top": 4}])
def test_ranks_are_those_of_the_papers(made, options):
    papers, topics, trends = made
    figure = plot.bump(trends, **options)
    counts, totals = recount(papers, topics)
    chosen = sorted({trace.meta["topic"] for trace in figure.data})
    assert chosen == sorted(options.get("only", range(options.get("top", len(LABELS)))))
    for topic_id in chosen:
        expected = set()
        for day in totals:
            order = sorted((t for t in chosen if counts[t, day]), key=lambda t: (-counts[t, day], t))
            if topic_id in order:
                expected.add((day, order.index(topic_id) + 1))
        near(points(traces(figure, topic_id)), expected)
        near(tabled(figure, topic_id, "rank"), expected)


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("top", [2, 6])
def test_the_stack_has_the_shares_of_the_papers(made, top, centred):
    papers, topics, trends = made
    figure = plot.stream(trends, top=top, centred=centred)
    counts, totals = recount(papers, topics)
    floor = Counter()
    layers = [trace for trace in figure.data if trace.customdata is not None]
    assert len(layers) == top + (0 if centred else 1 + (top < len(LABELS)))
    for layer in layers:
        topic_id = (layer.meta or {}).get("topic")
        members = [topic_id] if topic_id is not None else list(range(top, len(LABELS)))
        edges = [t for t in figure.data if t.fill and t.name == layer.name]
        for at, day in enumerate(layer.x):
            share = sum(counts[t, day] for t in members) / totals[day]
            assert layer.customdata[at][3] == pytest.approx(share, abs=TOLERANCE)
            heights = [y for trace in edges for x, y in zip(trace.x, trace.y) if x == day]
            assert max(heights) - min(heights) == pytest.approx(share, abs=2 * TOLERANCE)
            if not centred:
                assert min(heights) == pytest.approx(floor[day], abs=3 * TOLERANCE)
            floor[day] += share
        assert list(layer.x) == sorted(totals)
    if not centred:
        assert list(floor.values()) == pytest.approx([1] * len(totals))


@pytest.mark.parametrize("options", [{}, {"top": 3}, {"only": [-1, 2]}, {"theme": "slide"}])
def test_cells_are_the_shares_of_the_papers(made, options):
    papers, topics, trends = made
    figure = plot.heatmap(trends, **options)
    counts, totals = recount(papers, topics)
    (cells,) = figure.data
    assert sorted(cells.meta["rows"]) == sorted(options.get("only", range(options.get("top", len(LABELS)))))
    for topic_id, row, told in zip(cells.meta["rows"], cells.z, cells.customdata):
        expected = {(day, counts[topic_id, day] / n) for day, n in totals.items()}
        near(set(zip(cells.x, row)), expected)
        near(tabled(figure, topic_id), expected)
        assert [(n, total) for n, total, _, _ in told] == [(counts[topic_id, d], totals[d]) for d in cells.x]


def test_bars_of_a_corpus_add_up_to_its_papers(made):
    papers, topics, trends = made
    figure = plot.coverage(papers, trends)
    counts, totals = recount(papers, topics)
    day = papers["date"].dt.year.map("{}-01-01".format)
    source = papers["sources"].map(lambda names: names[0] if len(names) == 1 else "several sources")
    expected = Counter(zip(source, day))
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert {(bar.name, x): y for bar in bars for x, y in zip(bar.x, bar.y)} == expected
    assert sum(sum(bar.y) for bar in bars) == len(papers)
    line = [trace for trace in figure.data if getattr(trace, "mode", None) == "markers"]
    near(points(line), {(d, counts[-1, d] / n) for d, n in totals.items()})
    table = plot.table(figure)
    assert dict(zip(zip(table["source"], table["period"]), table["n_papers"])) == expected


# Calls, bursts, forecasts


@pytest.mark.parametrize("options", [{}, {"only": [0, 4]}, {"top": 1}])
def test_growth_is_that_of_the_calls(eventful, options):
    figure = plot.growth(eventful, **options)
    calls, table = eventful.calls, plot.table(figure).set_index("topic_id")
    drawn = {}
    for trace in figure.data:
        for at, topic_id in enumerate(trace.meta["points"]):
            drawn[topic_id] = trace.x[at]
            call = calls.loc[topic_id]
            assert list(trace.customdata[at][2:4]) == [call["n_papers"], str(call["status"])]
            # A diamond stands where the topic turned, a filled mark where the call is beyond chance.
            assert trace.marker.symbol.startswith("diamond") == pd.notna(call["turned"])
            assert trace.marker.symbol.endswith("open") == (
                call["status"] not in ("growing", "emerging", "declining")
            )
            ends = (trace.x[at] - trace.error_x.arrayminus[at], trace.x[at] + trace.error_x.array[at])
            assert ends == pytest.approx((call["growth_low"], call["growth_high"]), abs=2e-4)
    assert drawn == pytest.approx(calls.loc[list(drawn), "growth"].to_dict(), abs=1e-4)
    assert drawn == pytest.approx(table["growth"].to_dict(), abs=1e-4)
    said = figure.layout.meta["caption"]
    rest = len(calls) - len(drawn)
    few = int((calls["status"].astype(str) == "too few to say").sum())
    assert options.get("only") or rest == few or f"{rest - few} more not drawn" in said


def test_bars_are_the_bursts_that_were_found(eventful):
    figure = plot.bursts(eventful)
    drawn = {
        (trace.meta["topic"], start, pd.Timestamp(start) + pd.Timedelta(milliseconds=int(length)))
        for trace in figure.data
        for start, length in zip(trace.base, trace.x)
    }
    found = eventful.bursts
    expected = {
        (int(row.topic_id), f"{row.start:%Y-%m-%d}", row.end + pd.DateOffset(months=1))
        for row in found.itertuples()
    }
    assert drawn == expected
    assert len(plot.table(figure)) == len(found)
    told = {(t.meta["topic"], n, total) for t in figure.data for _, _, _, _, n, total, _, _ in t.customdata}
    assert told == set(zip(found["topic_id"].astype(int), found["n_papers"], found["n_total"]))


def test_forecasts_begin_where_the_shares_end(eventful):
    figure = plot.forecast(eventful)
    whole = eventful.shares[eventful.shares["complete"]]
    for topic_id, ahead in eventful.forecast.groupby("topic_id"):
        past = whole[whole["topic_id"] == topic_id].sort_values("period")
        rows = [*past.tail(1).itertuples(), *ahead.itertuples()]
        expected = {(f"{row.period:%Y-%m-%d}", row.share) for row in rows}
        (dashed,) = (t for t in traces(figure, topic_id) if t.mode == "lines" and not t.fill)
        near(points([dashed]), expected)
        solid = [t for t in traces(figure, topic_id, mode="lines+markers") if t.line.dash != "1px,4px"]
        measured = {(f"{row.period:%Y-%m-%d}", row.share) for row in past.itertuples()}
        assert points(solid) >= {(d, round(s, 5)) for d, s in measured}
        fan = [t for t in traces(figure, topic_id) if t.fill][-1]
        low, high = (
            set(zip(ahead["period"].dt.strftime("%Y-%m-%d"), ahead[n])) for n in ("share_low", "share_high")
        )
        assert points([fan]) >= {(d, round(v, 5)) for d, v in low | high}


# Topics


@pytest.mark.parametrize("sample", [5_000, 60])
@pytest.mark.parametrize("homeless", [0, 17])
def test_every_paper_is_on_the_map_or_counted(made, sample, homeless):
    papers, topics, _ = made
    members = topics.members.copy()
    members.loc[members.index[:homeless], ["x", "y"]] = np.nan
    topics = replace(topics, members=members)
    figure = plot.map(papers, topics, sample=sample)
    drawn = [(x, y) for trace in figure.data for x, y in zip(trace.x, trace.y)]
    placed = members.dropna(subset=["x", "y"])
    assert len(drawn) == min(sample, len(placed))
    assert len(plot.table(figure)) == len(drawn)
    assert not Counter(drawn) - Counter(zip(placed["x"].round(4), placed["y"].round(4)))
    said = figure.layout.meta["caption"]
    assert f"{len(drawn):,} of {len(papers):,} papers drawn" in said
    assert (f"{homeless} papers without a place" in said) == bool(homeless)
    for topic_id in range(len(LABELS)):
        mine = {(x, y) for trace in traces(figure, topic_id) for x, y in zip(trace.x, trace.y)}
        rows = placed[placed["topic_id"] == topic_id].round(4)
        assert mine <= set(zip(rows["x"], rows["y"]))
        assert mine


def test_bars_of_words_are_their_weights(made):
    topics = made[1]
    figure = plot.terms(topics)
    for topic_id, topic in topics.table.iterrows():
        (bars,) = traces(figure, topic_id, type="bar")
        assert list(bars.x) == pytest.approx(topic["term_weights"][:8], abs=TOLERANCE)
        assert list(bars.customdata) == list(topic["terms"][:8])
        (words,) = traces(figure, topic_id, mode="text")
        assert list(words.text) == list(topic["terms"][:8])


@pytest.mark.parametrize("only", [None, [5, 1, 3]])
def test_cells_of_similarity_are_cosines(made, only):
    topics = made[1]
    figure = plot.similarity(topics, only=only)
    (cells,) = figure.data
    ids = cells.meta["rows"]
    assert sorted(ids) == sorted(only or range(len(LABELS)))
    assert cells.meta["columns"] == ids
    cosines = topics.centroids[list(ids)] @ topics.centroids[list(ids)].T
    for i, row in enumerate(cells.z):
        assert row[i] is None or np.isnan(row[i])
        assert [v for j, v in enumerate(row) if j != i] == pytest.approx(
            [v for j, v in enumerate(cosines[i]) if j != i], abs=6e-5
        )
    table = plot.table(figure)
    assert len(table) == len(ids) * (len(ids) - 1) // 2
    for row in table.itertuples():
        assert row.cosine == pytest.approx(
            cells.z[ids.index(row.topic_id)][ids.index(row.other_id)], abs=6e-5
        )


def test_the_tree_joins_at_the_distances_of_the_topics(made):
    topics = made[1]
    figure = plot.hierarchy(topics)
    joins = topics.hierarchy()
    (drawn,) = (t for t in figure.data if t.name == "joins")
    assert list(drawn.x) == pytest.approx(joins["distance"].tolist(), abs=TOLERANCE)
    assert [n for _, _, n in drawn.customdata] == joins["n_papers"].tolist()
    (leaves,) = (t for t in figure.data if t.name == "topics")
    sizes = {topic_id: n for topic_id, (_, n) in zip(leaves.meta["points"], leaves.customdata)}
    assert sizes == topics.table["n_papers"].to_dict()
    table = plot.table(figure)
    assert table[table["n_topics"] > 1]["distance"].tolist() == pytest.approx(
        joins["distance"].tolist(), abs=TOLERANCE
    )


# What each chart is made of


def charts(made, eventful):
    papers, topics, trends = made
    themes = toys.followed(papers)["followed"]
    return {
        "shares": plot.shares(trends),
        "shares with bands": plot.shares(trends, top=2),
        "shares of themes": plot.shares(themes, noun="theme"),
        "shares with a turn": plot.shares(eventful),
        "growth": plot.growth(eventful),
        "bump": plot.bump(trends),
        "stream": plot.stream(trends),
        "stream around a middle": plot.stream(trends, centred=True),
        "heatmap": plot.heatmap(trends),
        "bursts": plot.bursts(eventful),
        "forecast": plot.forecast(eventful),
        "map": plot.map(papers, topics),
        "terms": plot.terms(topics),
        "similarity": plot.similarity(topics),
        "hierarchy": plot.hierarchy(topics),
        "coverage": plot.coverage(papers, trends),
        "nothing": plot.growth(trends),
    }


def structure(figure):
    """Return a line per kind of trace, then axes and notes: no numbers, so that it changes only by design."""
    kinds = Counter(
        " ".join(
            filter(None, (trace.type, getattr(trace, "mode", ""), getattr(trace, "fill", "") and "filled"))
        )
        for trace in figure.data
    )
    layout = figure.layout.to_plotly_json()
    axes = [
        f"{name}: {axis.get('title', {}).get('text') or '-'}"
        for name, axis in sorted(layout.items())
        if name.startswith(("xaxis", "yaxis"))
    ]
    notes = Counter((note.get("name") or "note").split()[0] for note in layout.get("annotations", []))
    return {
        "title": layout["title"]["text"],
        "traces": [f"{n} {kind}" for kind, n in sorted(kinds.items())],
        "axes": axes,
        "notes": [f"{n} {kind}" for kind, n in sorted(notes.items())],
        "columns": list(layout["meta"]["columns"]),
    }


def test_charts_are_made_of_what_they_were(made, eventful):
    found = {name: structure(figure) for name, figure in charts(made, eventful).items()}
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    expected = json.loads(GOLDEN.read_text(encoding="utf-8"))
    for name, parts in found.items():
        assert parts == expected.get(name), f"{name}: renew with UPDATE_GOLDEN=1 if this was meant"
    assert found.keys() == expected.keys()


def test_every_mark_of_a_topic_says_which(made, eventful):
    """A page follows a topic by what its traces say; a chart that forgets it cannot be followed."""
    for name, figure in charts(made, eventful).items():
        if name in ("coverage", "nothing"):
            continue
        ids = set()
        for trace in figure.data:
            meta = trace.meta or {}
            ids |= {meta["topic"]} if "topic" in meta else set(meta.get("points", meta.get("rows", [])))
        assert ids - {-1} <= set(range(len(LABELS))), name
        assert ids, name
        named = [n.name for n in figure.layout.annotations if (n.name or "").startswith("direct-label")]
        assert len(named) <= len(topic_slots(ids)) + 2, name
