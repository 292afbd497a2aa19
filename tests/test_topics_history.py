"""A topic's history in words: every event is told, every id is explained, and no name can harm."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import toys
from hypothesis import given, settings
from hypothesis import strategies as st

import trends as tr
from trends.core import summaries
from trends.core.history import lines
from trends.core.records import Topics
from trends.core.tables import UNASSIGNED
from trends.report import Report
from trends.report._lives import MOST, shortened
from trends.topics import match, open_topics, renumber, save_topics
from trends.topics._ledger import BY_FIT, appended, births, told

N, SIZES = 60, (15, 24, 9, 12)


@pytest.fixture(scope="module")
def papers():
    return toys.papers(N)


@pytest.fixture(scope="module")
def vectors(papers):
    rows = np.random.default_rng(0).standard_normal((N, 4)).astype("float32")
    rows /= np.linalg.norm(rows, axis=1)[:, None]
    return pd.DataFrame(rows, index=papers.index)


def fitted(papers, placed, labels):
    """Topics of these papers in this order, freshly found: `placed` holds each one's topic."""
    found = toys.topics(papers, labels)
    placed = np.asarray(placed, dtype="int32")
    sizes = pd.Series(placed).value_counts().reindex(found.table.index, fill_value=0)
    table = found.table.assign(n_papers=sizes.to_numpy("int64"))
    members = found.members.assign(topic_id=placed)
    return replace(found, table=table, members=members, ledger=births(table, "first", "cluster"))


def refitted(earlier: Topics, later: Topics, fit_id: str) -> Topics:
    """The later topics under the ids of the earlier ones, as `refit` has them, without edits."""
    matching = match(earlier, later, same_encoder=False)
    found = renumber(later, matching.ids, earlier.next_id)
    rows = told(matching.events.to_dict("records"), earlier, found)
    ledger = appended(earlier.ledger, rows, found.table, fit_id=fit_id, by=BY_FIT)
    return replace(found, ledger=ledger)


@pytest.fixture(scope="module")
def first(papers):
    """Four topics, of 15, 24, 9 and 12 papers."""
    return fitted(papers, np.repeat(range(4), SIZES), ("Routing", "Pruning", "Kernels", "Codes"))


@pytest.fixture(scope="module")
def again(papers, first):
    """Routing lost 5 papers to a new topic, Kernels went into Pruning, and Codes was scattered."""
    placed = np.repeat([0, 2, 1], [10, 5, 45])
    placed[48:] = np.repeat([0, 1, 2, -1], [4, 2, 2, 4])
    return refitted(first, fitted(papers, placed, ("Gates", "Pruning", "New")), "second")


def text(topics, k):
    return topics.history(k)["text"].tolist()


# What a fit did


def test_a_birth_says_from_what(first, again):
    assert text(first, 0) == ["Born in the first fit with 15 papers."]
    assert text(again, 4) == ["Born in a refit with 7 papers, from “Gates” (71%), “Codes” (29%)."]


def test_a_topic_that_took_over_another_says_how_much(again):
    assert text(again, 1)[1:] == [
        "In a refit all its 24 papers stayed; it took over all 9 papers of “Kernels”."
    ]


def test_a_split_says_what_stayed_and_what_went(again):
    assert text(again, 0)[1:] == ["In a refit 10 of its 15 papers stayed, 5 went to “New”."]


def test_an_ended_topic_says_where_its_papers_went(again):
    assert text(again, 2)[-1] == "Ended: its 9 papers went to “Pruning” (100%)."
    assert text(again, 3)[-1] == (
        "Ended: its 12 papers went to “Gates” (33%), no topic (33%), “Pruning” (17%), “New” (17%)."
    )
    gone = again.ended
    assert gone.index.tolist() == [2, 3]
    assert gone["label"].tolist() == ["Kernels", "Codes"]
    assert gone["n_papers"].tolist() == [9, 12]
    assert gone["heirs"].tolist() == [again.heirs(2), again.heirs(3)] == [(1,), ()]
    assert (gone["born"] <= gone["ended"]).all()


def test_refits_in_which_a_topic_goes_on_share_a_line(papers, first):
    moved = np.repeat(range(4), SIZES)
    moved[0] = 1
    labels = ("Routing", "Pruning", "Kernels", "Codes")
    topics = refitted(first, fitted(papers, moved, labels), "second")
    assert text(topics, 0)[1:] == ["Found again in a refit, with 14 of its 15 papers."]
    topics = refitted(topics, fitted(papers, moved, labels), "third")
    day = f"{first.table['last_date'].max():%Y-%m-%d}"
    assert text(topics, 0)[1:] == [
        f"Found again in 2 refits since {day}, with 93% to 100% of its papers each time."
    ]
    assert topics.history(0)["event"].tolist() == ["birth", "keep"]
    assert topics.ended.empty


# What the user did


def test_edits_are_told_on_both_sides(papers, vectors, first):
    topics = tr.rename(first, 0, "Mine")
    topics = tr.merge(papers, vectors, topics, [1, 2])
    topics = tr.split(papers, vectors, topics, 3, into=2)
    one = topics.members.index[topics.members["topic_id"] == 0][0]
    topics = tr.reassign(papers, vectors, topics, one, to=1)
    sizes = topics.table["n_papers"]
    assert text(topics, 0)[1:] == [
        "Renamed by hand from “Routing” to “Mine”.",
        "Gave 1 paper by hand to “Pruning”.",
    ]
    assert text(topics, 1)[1:] == [
        "Took in “Kernels” (9 papers) by hand.",
        "Got 1 paper by hand from “Mine”.",
    ]
    assert text(topics, 2)[1:] == ["Ended: merged by hand into “Pruning”."]
    new = topics.table.at[4, "label"]
    assert text(topics, 3)[1:] == [
        f"Split by hand: {sizes[3]} of its 12 papers stayed, {sizes[4]} became “{new}”."
    ]
    assert text(topics, 4) == [f"Split by hand from “Codes”, with {sizes[4]} papers."]
    assert topics.history()["by"].value_counts().to_dict() == {"user": 7, "fit": 4}
    assert topics.ended["text"].tolist() == ["Ended: merged by hand into “Pruning”."]
    assert "1 topic ended: <code>topics.ended</code>" in summaries.topics(topics)


# Asking


def test_a_topic_is_asked_for_by_id_or_label_and_a_wrong_one_is_told(again):
    assert again.history("Pruning").equals(again.history(1))
    with pytest.raises(tr.InputError, match="never was a topic"):
        again.history(17)
    with pytest.raises(tr.InputError, match="labelled 'Kernels'"):
        again.history("Kernels")


def test_topics_without_a_ledger_have_no_history(papers):
    topics = toys.topics(papers)
    assert topics.history().empty
    assert topics.history(0).empty
    assert topics.ended.empty
    assert topics.history().columns.tolist() == ["topic_id", "date", "by", "event", "text"]


def test_a_ledger_survives_the_disk_and_an_older_one_is_told_without_numbers(
    papers, vectors, again, tmp_path
):
    save_topics(again, tmp_path / "topics")
    opened = open_topics(tmp_path / "topics", papers, vectors)
    assert opened.ledger.equals(again.ledger)
    assert opened.history().equals(again.history())
    older = again.ledger.drop(columns=["labels", "flows"])
    older.to_parquet(tmp_path / "topics" / "ledger.parquet")
    opened = open_topics(tmp_path / "topics", papers, vectors)
    assert text(opened, 0) == ["Born in the first fit.", "In a refit 10 papers stayed."]
    assert text(opened, 2) == ["Born in the first fit.", "Ended: it went into “Pruning”."]
    assert opened.ended["label"].tolist() == ["topic 2", "topic 3"]
    assert opened.ended["n_papers"].isna().all()


placements = st.lists(st.integers(-1, 3), min_size=N, max_size=N)


@settings(deadline=None, max_examples=40)
@given(st.lists(placements, min_size=2, max_size=4))
def test_any_history_tells_every_id_and_counts_every_paper(fits):
    corpus = toys.papers(N)
    labels = ("A", "B", "C", "D")
    topics = fitted(corpus, fits[0], labels)
    for number, placed in enumerate(fits[1:]):
        topics = refitted(topics, fitted(corpus, placed, labels), f"fit {number}")
    found = lines(topics.ledger, topics.table["label"].to_dict())
    known = {k for ids in (*topics.ledger["old_ids"], *topics.ledger["new_ids"]) for k in ids}
    assert set(found) == known - {UNASSIGNED}
    assert set(topics.ended.index) == known - set(topics.table.index) - {UNASSIGNED}
    for k, mine in found.items():
        assert mine[0].event == "birth"
        assert (mine[-1].event == "end") == (k not in topics.table.index)
        assert all(line.text.endswith(".") for line in mine)
    for row in topics.ledger.itertuples():
        if row.event == "keep":
            n = sum(flow[2] for flow in row.flows if flow[1] in row.new_ids)
            assert n == row.n_shared


# On the page


def page_of(papers, topics):
    return Report.standard(papers, topics, toys.trends(papers, topics), title="Toy")


def test_a_page_of_one_fit_says_nothing_of_history(papers, first):
    page = page_of(papers, first).html()
    assert 'class="history"' not in page
    assert "Topics that ended" not in page
    assert "newest paper at the time" not in page


def test_cards_tell_histories_and_an_old_link_arrives(papers, again):
    report = page_of(papers, again)
    page = report.html()
    assert page.count('class="history"') == 2
    assert page.count('id="topic-3"') == 1
    assert '<a href="#topic-2">“Kernels”</a>' in page
    section = next(section for section in report.sections if section.kind == "ended")
    assert section.table.index.tolist() == [2, 3]
    assert section.text.startswith("2 topics are no more.")


def test_a_long_history_is_cut_in_the_middle():
    mine = tuple(range(20))
    born, left, latest = shortened(mine)
    assert born == (0,)
    assert left == 20 - MOST
    assert latest == tuple(range(20 - MOST + 1, 20))
    assert shortened(mine[:MOST]) == ((0,), 0, mine[1:MOST])


def test_hostile_names_are_shown_as_they_are_written(papers, first):
    for payload in toys.PAYLOADS:
        topics = tr.rename(first, 0, tr.core.escape.clean_text(payload)[:60].strip() or "x")
        page = page_of(papers, topics).html()
        assert (
            "<script>window" not in page.split("</style>")[1].split("<script>", 1)[1].split("</script>", 1)[1]
        )
        assert "Renamed by hand from “Routing”" in page
