"""Counting: every paper is in one cell or in one reported exclusion, and counts of disjoint papers add up."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import EVERY, PRECISION_TYPE
from trends.timeline import count, measure, period_label


def make_papers(rows):
    """Make papers from (date, precision) pairs."""
    return pd.DataFrame(
        {
            "title": [f"Paper {i}" for i in range(len(rows))],
            "abstract": "",
            "date": pd.to_datetime([date for date, _ in rows]).as_unit("us"),
            "date_precision": pd.Categorical([precision for _, precision in rows], dtype=PRECISION_TYPE),
            "tags": [()] * len(rows),
        },
        index=pd.Index([f"p{i:05d}" for i in range(len(rows))], name="paper_id", dtype=str),
    ).astype({"title": str, "abstract": str})


def make_topics(papers, topic_ids, n_topics=3):
    """Make topics with the given member of each paper."""
    table = pd.DataFrame(
        {
            "label": [f"theme {k}" for k in range(n_topics)],
            "terms": [("a",)] * n_topics,
            "term_weights": [(1.0,)] * n_topics,
            "n_papers": 1,
            "first_date": pd.Timestamp("2020-01-01").as_unit("us"),
            "last_date": pd.Timestamp("2020-01-01").as_unit("us"),
            "stability": 1.0,
            "cohesion": 1.0,
            "exemplars": [()] * n_topics,
        },
        index=pd.Index(np.arange(n_topics, dtype=np.int32), name="topic_id"),
    )
    members = pd.DataFrame(
        {
            "topic_id": np.asarray(topic_ids, dtype=np.int32),
            "similarity": 0.5,
            "x": 0.0,
            "y": 0.0,
            "how": "centroid",
        },
        index=papers.index,
    )
    return Topics(
        table=table,
        members=members,
        centroids=np.eye(n_topics, dtype=np.float32),
        cutoffs=np.zeros(n_topics, np.float32),
        ledger=pd.DataFrame(),
        parameters={},
        fingerprint="x",
    )


def counted(rows, topic_ids=None, **options):
    papers = make_papers(rows)
    return count(papers, make_topics(papers, topic_ids or [0] * len(rows)), **options)


MIXED = [
    ("2024-01-01", "year"),
    ("2024-02-01", "month"),
    ("2024-02-05", "day"),
    ("2024-12-30", "day"),
    ("2024-12-30", "unknown"),
    (None, "unknown"),
    (None, "day"),
]


@pytest.mark.parametrize(
    ("every", "n_counted", "n_too_coarse"),
    [("week", 2, 2), ("month", 3, 1), ("quarter", 3, 1), ("year", 4, 0)],
)
def test_a_date_enters_only_the_periods_that_it_can_tell(every, n_counted, n_too_coarse):
    counts = counted(MIXED, [0, 1, 2, -1, 0, 1, -1], every=every)
    assert counts.table["n_papers"].sum() == n_counted
    assert counts.periods["n_total"].sum() == n_counted
    assert (counts.periods["n_undated"] == 3).all()
    assert (counts.periods["n_too_coarse"] == n_too_coarse).all()
    assert counts.left_out["n_undated"].to_dict() == {-1: 1, 0: 1, 1: 1, 2: 0}
    assert counts.left_out["n_too_coarse"].sum() == n_too_coarse


def test_the_right_cells_hold_the_papers():
    counts = counted(MIXED, [0, 1, 2, -1, 0, 1, -1], every="quarter")
    cells = counts.table.set_index(["topic_id", "period"])["n_papers"]
    assert cells[cells > 0].to_dict() == {
        (-1, pd.Timestamp("2024-10-01")): 1,
        (1, pd.Timestamp("2024-01-01")): 1,
        (2, pd.Timestamp("2024-01-01")): 1,
    }
    assert len(cells) == 4 * 4
    assert counts.periods.index.tolist() == list(pd.date_range("2024-01-01", periods=4, freq="QS"))
    assert counts.periods["end"].tolist() == list(
        pd.to_datetime(["2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31"])
    )
    assert counts.labels.to_dict() == {-1: "unassigned", 0: "theme 0", 1: "theme 1", 2: "theme 2"}


def test_weeks_begin_on_monday_and_cross_the_year():
    counts = counted([("2024-12-29", "day"), ("2024-12-30", "day"), ("2025-01-05", "day")], every="week")
    assert counts.periods["n_total"].tolist() == [1, 2]
    assert counts.periods.index.tolist() == [pd.Timestamp("2024-12-23"), pd.Timestamp("2024-12-30")]


@pytest.mark.parametrize(
    ("rows", "options", "complete"),
    [
        # The newest day seen ends the observation; the first month began with it on the 20th.
        ([("2024-01-20", "day"), ("2024-02-10", "day"), ("2024-03-30", "day")], {}, [False, True, False]),
        ([("2024-01-02", "day"), ("2024-03-31", "day")], {}, [True, True, True]),
        (
            [("2024-01-02", "day"), ("2024-03-30", "day")],
            {"observed_until": "2024-03-31"},
            [True, True, True],
        ),
        (
            [("2024-01-02", "day"), ("2024-03-31", "day")],
            {"observed_until": "2024-02-28"},
            [True, False, False],
        ),
        # A date known by month cannot tell that a month began late or ended early.
        ([("2024-01-01", "month"), ("2024-03-01", "month")], {}, [True, True, True]),
        ([("2024-01-20", "day"), ("2024-01-01", "month"), ("2024-02-29", "day")], {}, [True, True]),
    ],
)
def test_complete_months(rows, options, complete):
    assert counted(rows, every="month", **options).periods["complete"].tolist() == complete


@pytest.mark.parametrize(
    ("rows", "complete"),
    [
        ([("2022-01-01", "year"), ("2024-01-01", "year")], [True, True, True]),
        ([("2022-05-01", "month"), ("2024-06-01", "month")], [True, True, False]),
        ([("2022-05-01", "day"), ("2024-12-31", "day")], [False, True, True]),
        # An exact date as new as a year-only one keeps the year open.
        ([("2023-01-01", "year"), ("2024-01-01", "year"), ("2024-01-01", "day")], [True, False]),
    ],
)
def test_complete_years(rows, complete):
    assert counted(rows, every="year").periods["complete"].tolist() == complete


def spread(n, start, end, precision="day"):
    dates = pd.date_range(start, end, periods=n).normalize()
    return [(date, precision) for date in dates]


@pytest.mark.parametrize(
    ("rows", "every"),
    [
        (spread(600, "2024-01-01", "2024-08-31"), "month"),
        (spread(600, "2024-01-01", "2024-07-31"), "month"),  # 7 months: nothing else has 5 complete periods
        (spread(420, "2022-01-01", "2023-12-31"), "quarter"),
        (spread(300, "2010-01-01", "2024-12-31"), "year"),
        (spread(900, "2010-01-01", "2024-12-31", "year"), "year"),
        (spread(30, "2024-01-01", "2024-03-31"), "month"),
        # Too few exact dates to choose months for the sake of them.
        (spread(20, "2024-01-01", "2024-12-31") + spread(60, "2023-01-01", "2025-01-01", "year"), "year"),
        ([("2024-05-05", "day")], "year"),
        ([(None, "unknown")], "year"),
        ([], "year"),
    ],
)
def test_auto_takes_the_finest_period_that_bears_it(rows, every):
    assert counted(rows).every == every


@pytest.mark.parametrize("every", ["auto", *EVERY])
def test_no_dates_give_no_periods_and_no_error(every):
    counts = counted([(None, "unknown"), (None, "day")], [0, -1], every=every)
    assert counts.table.empty
    assert counts.periods.empty
    assert counts.left_out["n_undated"].to_dict() == {-1: 1, 0: 1, 1: 0, 2: 0}
    trends = measure(counts)
    assert trends.calls.index.tolist() == [0, 1, 2]
    assert (trends.calls["status"] == "too few to say").all()
    assert trends.calls["reason"].iloc[0].startswith("Too few to say: 0 complete")


@pytest.mark.parametrize("every", EVERY)
def test_one_paper(every):
    counts = counted([("2024-05-05", "day")], every=every)
    assert len(counts.periods) == 1
    assert len(counts.table) == 4
    assert measure(counts).shares["share"].tolist() == [0, 1, 0, 0]


dates = st.dates(pd.Timestamp("2019-06-01").date(), pd.Timestamp("2022-03-01").date())
paper = st.tuples(
    st.one_of(st.none(), dates),
    st.sampled_from(["day", "month", "year", "unknown"]),
    st.integers(-1, 2),
    st.booleans(),
)


def assert_same_counts(a, b):
    pd.testing.assert_frame_equal(a.table, b.table, check_index_type=False)
    pd.testing.assert_frame_equal(a.periods, b.periods, check_freq=False)
    pd.testing.assert_frame_equal(a.left_out, b.left_out)
    pd.testing.assert_series_equal(a.labels, b.labels)
    assert (a.observed_from, a.observed_until) == (b.observed_from, b.observed_until)
    assert a.shaky == b.shaky


@settings(max_examples=80, deadline=None)
@given(
    st.lists(paper, max_size=25),
    st.sampled_from(EVERY),
    st.sampled_from(["2019-12-31", "2021-07-15", "2023-01-01"]),
)
def test_counts_of_disjoint_papers_add_up(rows, every, until):
    papers = make_papers([(date, precision) for date, precision, _, _ in rows])
    topics = make_topics(papers, [topic for _, _, topic, _ in rows])
    mine = np.array([side for *_, side in rows], dtype=bool)
    whole = count(papers, topics, every=every, observed_until=until)
    parts = [count(papers[side], topics, every=every, observed_until=until) for side in (mine, ~mine)]
    assert_same_counts(parts[0] + parts[1], whole)
    assert_same_counts(parts[1] + parts[0], whole)
    # Every paper is in one cell or in one exclusion, and every period sums to its total.
    counted_papers = whole.table["n_papers"].sum()
    assert counted_papers + whole.left_out.to_numpy().sum() == len(papers)
    sums = whole.table.groupby("period")["n_papers"].sum()
    assert sums.tolist() == whole.periods["n_total"].tolist()
    assert not whole.table.duplicated(["topic_id", "period"]).any()


def test_counts_and_calls_know_which_topics_are_shaky():
    papers = make_papers(spread(60, "2024-01-01", "2024-02-29"))
    topics = make_topics(papers, [0, 1, 2] * 20)
    topics = replace(topics, table=topics.table.assign(stability=[0.9, 0.4, np.nan]))
    counts = count(papers, topics, every="month")
    assert counts.shaky == measure(counts).shaky == frozenset([1])
    other = replace(counts, shaky=frozenset([0]))
    assert (counts + other).shaky == frozenset([0, 1]) and (counts - counts).shaky == counts.shaky
    assert measure(counts.table).shaky == frozenset()


def test_a_new_week_completes_the_month_that_was_open():
    papers = make_papers(spread(60, "2024-01-01", "2024-02-29"))
    topics = make_topics(papers, [0] * 60)
    old = papers["date"] <= "2024-02-15"
    summed = count(papers[old], topics, every="month") + count(papers[~old], topics, every="month")
    assert_same_counts(summed, count(papers, topics, every="month"))
    assert summed.periods["complete"].tolist() == [True, True]


def test_hand_made_counts_without_observation_dates_keep_their_flags():
    counts = counted(spread(30, "2024-01-01", "2024-03-20"), every="month")
    bare = replace(counts, observed_from=None, observed_until=None)
    assert (bare + bare).periods["complete"].tolist() == [True, True, False]
    assert (bare + bare).periods["n_total"].tolist() == (2 * counts.periods["n_total"]).tolist()


def test_counts_by_different_periods_do_not_add():
    rows = spread(30, "2024-01-01", "2024-03-20")
    with pytest.raises(InputError, match="by month and by year"):
        counted(rows, every="month") + counted(rows, every="year")


def test_row_order_and_arguments_are_left_alone():
    papers = make_papers(spread(200, "2022-01-01", "2023-12-31"))
    topics = make_topics(papers, [i % 4 - 1 for i in range(200)])
    before = fingerprint(papers, topics.members, topics.table)
    counts = count(papers, topics, every="month")
    assert fingerprint(papers, topics.members, topics.table) == before
    shuffled = replace(topics, members=topics.members.sample(frac=1, random_state=1))
    again = count(papers.sample(frac=1, random_state=2), shuffled, every="month")
    assert_same_counts(again, counts)
    assert measure(again).fingerprint == measure(counts).fingerprint


def test_bad_input_is_named():
    papers = make_papers([("2024-01-01", "day"), ("2024-02-01", "day")])
    topics = make_topics(papers, [0, 1])
    with pytest.raises(InputError, match="every must be one of auto, week, month, quarter, year, not 'day'"):
        count(papers, topics, every="day")
    with pytest.raises(InputError, match="observed_until must be a date"):
        count(papers, topics, observed_until="soon")
    with pytest.raises(InputError, match=r"1 of 2 papers are not in topics\.members, such as 'p00001'"):
        count(papers, make_topics(papers.iloc[:1], [0]))
    with pytest.raises(InputError, match="topics must be Topics"):
        count(papers, topics.members)
    with pytest.raises(InputError, match="papers repeats the paper_id"):
        count(pd.concat([papers, papers]), topics)


@pytest.mark.parametrize(
    ("day", "every", "label"),
    [
        ("2024-01-29", "week", "2024-W05"),
        ("2024-12-30", "week", "2025-W01"),
        ("2024-03-01", "month", "2024-03"),
        ("2024-01-01", "quarter", "2024 Q1"),
        ("2024-12-31", "quarter", "2024 Q4"),
        ("2024-01-01", "year", "2024"),
    ],
)
def test_period_label(day, every, label):
    assert period_label(pd.Timestamp(day), every) == label


def test_period_label_refuses_an_unknown_period():
    with pytest.raises(InputError, match="every must be one of"):
        period_label("2024-01-01", "decade")


@pytest.mark.data
def test_the_conference_history_counts_whole_years(shared_data):
    rows = pd.read_json(shared_data / "conference" / "paperlists_abs.jsonl.gz", lines=True, dtype=False)
    papers = make_papers([(f"{str(date)[:4]}-01-01", "year") for date in rows["date"]])
    topics = make_topics(papers, np.arange(len(papers)) % 4 - 1)
    counts = count(papers, topics)
    assert counts.every == "year"
    assert counts.periods["complete"].all()
    assert counts.periods["n_total"].sum() == len(papers)
    # Papers dealt out in turn have no trend.
    assert measure(counts).calls["status"].eq("steady").all()
