"""merge, split, rename, reassign, edits, apply_edits: exact, recorded, and the same when repeated."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import trends as tr
from trends import plot
from trends.core.hashing import fingerprint
from trends.core.tables import UNASSIGNED
from trends.testing import HashingEncoder, papers
from trends.topics import open_topics, save_topics
from trends.topics._reshape import words_of

N_PAPERS = 200


@pytest.fixture(scope="module")
def toy():
    return papers(N_PAPERS)


@pytest.fixture(scope="module")
def embeddings(toy):
    return tr.embed(toy, HashingEncoder())


@pytest.fixture(scope="module")
def topics(toy, embeddings):
    return tr.label(toy, tr.cluster(toy, embeddings, detail=0.4))


@pytest.fixture(scope="module")
def stray(topics):
    """Some paper of topic 0."""
    return topics.members.index[topics.members["topic_id"] == 0][3]


@pytest.fixture(scope="module")
def edited(toy, embeddings, topics, stray):
    """Topics that went through every kind of edit; 2 is dead, 1 was split, and one topic has a name."""
    found = tr.merge(toy, embeddings, topics, [0, 2])
    found = tr.split(toy, embeddings, found, 1, into=3, seed=4)
    found = tr.rename(found, 3, "<b>Mine</b> & only mine")
    found = tr.reassign(toy, embeddings, found, [stray], to=3)
    return tr.reassign(toy, embeddings, found, found.papers(4).index[:2], to=UNASSIGNED)


def contents(topics):
    return fingerprint(
        topics.table,
        topics.members,
        topics.centroids,
        topics.cutoffs,
        topics.ledger,
        topics.parameters,
        topics.fingerprint,
    )


def assert_sound(topics, toy, vectors):
    """Whatever was edited, the tables agree with the papers and with each other."""
    members = topics.members
    assert sorted(members.index) == sorted(toy.index)
    assert topics.table["n_papers"].sum() + topics.n_unassigned == len(toy)
    assert topics.table.index.is_monotonic_increasing
    assert topics.table["label"].is_unique
    assert np.allclose(np.linalg.norm(topics.centroids, axis=1), 1, atol=1e-5)
    likeness = vectors.loc[members.index].to_numpy() @ topics.centroids.T
    for row, (topic_id, topic) in enumerate(topics.table.iterrows()):
        mine = members["topic_id"] == topic_id
        dates = toy.loc[members.index[mine], "date"]
        assert topic["n_papers"] == mine.sum()
        assert members.loc[mine, "similarity"].to_numpy() == pytest.approx(likeness[mine, row], abs=2e-6)
        assert set(topic["exemplars"]) <= set(members.index[mine])
        if mine.any():
            assert (topic["first_date"], topic["last_date"]) == (dates.min(), dates.max())
            assert topic["cohesion"] == pytest.approx(members.loc[mine, "similarity"].mean(), abs=1e-4)
    nowhere = members["topic_id"] == UNASSIGNED
    best = likeness[nowhere].max(axis=1)
    assert members.loc[nowhere, "similarity"].to_numpy() == pytest.approx(best, abs=2e-6)


# --- what an edit gives ----------------------------------------------------------------------------------


def test_the_toy_has_topics_enough(topics):
    assert len(topics.table) >= 5
    assert topics.next_id == len(topics.table)


def test_merge_is_exact_and_touches_nothing_else(toy, embeddings, topics):
    found = tr.merge(toy, embeddings, topics, [2, 0, 2])
    inside = topics.members["topic_id"].isin([0, 2])
    mean = embeddings.loc[topics.members.index[inside]].to_numpy(np.float64).mean(axis=0)
    assert found.centroids[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-6)
    assert found.table.index.tolist() == [k for k in topics.table.index if k != 2]
    assert (found.members.loc[inside, "topic_id"] == 0).all()
    assert found.table.at[0, "label"] == topics.table.at[0, "label"]
    assert np.isnan(found.table.at[0, "stability"])
    least = found.members.loc[inside, "similarity"].min()
    assert least - 1.1e-4 <= found.cutoffs[0] <= least
    others = found.table.index[1:]
    assert found.table.loc[others].equals(topics.table.loc[others])
    assert found.members[["x", "y"]].equals(topics.members[["x", "y"]])
    rows = [topics.table.index.get_loc(k) for k in others]
    assert np.array_equal(found.centroids[1:], topics.centroids[rows])
    assert np.array_equal(found.cutoffs[1:], topics.cutoffs[rows])
    assert_sound(found, toy, embeddings)


def test_merged_terms_are_the_parts_averaged_by_size(toy, embeddings, topics):
    found = tr.merge(toy, embeddings, topics, [0, 2])
    sizes, pool = topics.table["n_papers"], {}
    for k in (0, 2):
        for term, weight in zip(topics.table.at[k, "terms"], topics.table.at[k, "term_weights"]):
            pool[term] = pool.get(term, 0) + weight * sizes[k]
    best = max(pool, key=pool.get)
    assert found.table.at[0, "terms"][0] == best
    assert set(found.table.at[0, "terms"]) <= set(pool)
    assert found.table.at[0, "term_weights"][0] == topics.table.at[0, "term_weights"][0]
    assert list(found.table.at[0, "term_weights"]) == sorted(found.table.at[0, "term_weights"], reverse=True)


def test_all_merged_is_one_topic_of_every_assigned_paper(toy, embeddings, topics):
    found = tr.merge(toy, embeddings, topics, topics.table.index)
    assert len(found.table) == 1
    assert found.table["n_papers"].sum() == len(toy) - topics.n_unassigned
    assert_sound(found, toy, embeddings)


def test_split_gives_new_ids_above_all_that_were(toy, embeddings, topics):
    last = topics.next_id
    merged = tr.merge(toy, embeddings, topics, [1, last - 1])
    assert last - 1 not in merged.table.index
    found = tr.split(toy, embeddings, merged, 1, into=3)
    assert found.table.index.tolist() == [*range(last - 1), last, last + 1]
    sizes = found.table["n_papers"]
    assert sizes[1] >= sizes[last] >= sizes[last + 1] > 0
    assert sizes[[1, last, last + 1]].sum() == merged.table.at[1, "n_papers"]
    assert found.table.at[1, "label"] == merged.table.at[1, "label"]
    assert found.next_id == last + 2
    assert_sound(found, toy, embeddings)


def test_split_finds_planted_halves_again(toy, embeddings, topics):
    merged = tr.merge(toy, embeddings, topics, [0, 1])
    found = tr.split(toy, embeddings, merged, 0)
    pairs = pd.crosstab(found.members["topic_id"], topics.members["topic_id"]).loc[
        [0, topics.next_id], [0, 1]
    ]
    assert (pairs.max(axis=1) / pairs.sum(axis=1) >= 0.9).all()
    assert set(pairs.idxmax(axis=1)) == {0, 1}


def test_terms_of_parts_tell_them_from_all_others():
    words = papers(3)
    words["title"] = ["apple apple pear", "plum plum pear", "quince pear"]
    words["abstract"] = ""
    found = words_of(words, np.eye(3, dtype=np.float32), np.array([4, 7, UNASSIGNED]), [4, 7])
    assert [found[4][0][0], found[7][0][0]] == ["apple", "plum"]
    # By hand: "apple" is in the one paper of its topic and in none of the two others, and is where it is.
    assert found[4][0][1] == pytest.approx(np.log(1 / (1 / 3)) * np.exp(2))


def test_rename_changes_the_label_and_keeps_the_model(topics):
    found = tr.rename(topics, 1, "Speech, mostly")
    assert found.table.at[1, "label"] == "Speech, mostly"
    assert found.table.drop(columns="label").equals(topics.table.drop(columns="label"))
    assert found.make_model is topics.make_model
    assert not found.reshaped
    assert found.user_labels == {1: "Speech, mostly"}
    assert found.fingerprint != topics.fingerprint
    assert tr.rename(found, 1, "speech, mostly").table.at[1, "label"] == "speech, mostly"


def test_reassign_moves_these_papers_and_leaves_the_rule(toy, embeddings, topics, stray):
    found = tr.reassign(toy, embeddings, topics, stray, to=2)
    assert found.members.at[stray, "topic_id"] == 2
    assert found.members.at[stray, "how"] == "user"
    others = topics.members.index != stray
    assert found.members[others].equals(topics.members[others])
    assert np.array_equal(found.centroids, topics.centroids)
    assert np.array_equal(found.cutoffs, topics.cutoffs)
    assert tr.assign(toy, embeddings, found).equals(tr.assign(toy, embeddings, topics))
    assert found.table["stability"].equals(topics.table["stability"])
    assert_sound(found, toy, embeddings)


def test_a_topic_may_be_left_empty_and_filled_again(toy, embeddings, topics):
    whole = topics.papers(3).index
    found = tr.reassign(toy, embeddings, topics, whole, to=UNASSIGNED)
    row = found.table.loc[3]
    assert (row["n_papers"], row["exemplars"]) == (0, ())
    assert pd.isna(row["first_date"])
    assert np.isnan(row["cohesion"])
    assert found.n_unassigned == topics.n_unassigned + len(whole)
    assert (tr.count(toy, found, every="year").table.query("topic_id == 3")["n_papers"] == 0).all()
    merged = tr.merge(toy, embeddings, found, [3, 4])
    assert merged.table.at[4, "n_papers"] == topics.table.at[4, "n_papers"]
    again = tr.reassign(toy, embeddings, found, whole, to=3)
    assert again.members["topic_id"].equals(topics.members["topic_id"])
    assert_sound(found, toy, embeddings)


def test_a_paper_placed_by_the_user_does_not_open_the_cutoff(toy, embeddings, topics):
    likeness = embeddings.loc[topics.members.index].to_numpy() @ topics.centroids[[1, 2]].T
    stray = topics.members.index[likeness.max(axis=1).argmin()]
    plain = tr.merge(toy, embeddings, topics, [1, 2])
    odd = tr.merge(toy, embeddings, tr.reassign(toy, embeddings, topics, stray, to=2), [1, 2])
    cutoffs = [
        found.cutoffs[found.table.index.get_loc(found.members.at[topics.papers(1).index[0], "topic_id"])]
        for found in (plain, odd)
    ]
    assert odd.members.at[stray, "similarity"] < cutoffs[1] - 0.1
    assert cutoffs[1] == pytest.approx(cutoffs[0], abs=0.05)


# --- recorded and repeated -------------------------------------------------------------------------------


def test_edited_topics_account_for_every_paper(edited, toy, embeddings):
    assert_sound(edited, toy, embeddings)
    assert 2 not in edited.table.index
    assert max(edited.table.index) == edited.next_id - 1


def test_arguments_are_not_changed(toy, embeddings, topics, stray):
    before = fingerprint(toy, embeddings), contents(topics)
    tr.merge(toy, embeddings, topics, [0, 1])
    tr.split(toy, embeddings, topics, 0)
    tr.rename(topics, 0, "Something")
    tr.reassign(toy, embeddings, topics, [stray], to=1)
    assert (fingerprint(toy, embeddings), contents(topics)) == before


def test_replay_gives_the_same_bytes_also_from_json_and_shuffled_rows(toy, embeddings, topics, edited):
    written = json.loads(json.dumps(tr.edits(edited)))
    assert [edit["edit"] for edit in written] == ["merge", "split", "rename", "reassign", "reassign"]
    mixed = toy.sample(frac=1, random_state=3)
    vectors = embeddings.sample(frac=1, random_state=4)
    vectors.attrs = embeddings.attrs
    for again in (
        tr.apply_edits(toy, embeddings, topics, written),
        tr.apply_edits(mixed, vectors, topics, written),
        tr.apply_edits(toy, embeddings, tr.apply_edits(toy, embeddings, topics, written[:2]), written[2:]),
    ):
        assert contents(again) == contents(edited)


def test_what_edits_returns_is_the_callers_own(edited):
    before = edited.fingerprint, contents(edited)
    tr.edits(edited)[0]["topics"].append(99)
    assert (edited.fingerprint, contents(edited)) == before
    assert tr.edits(edited)[0]["topics"] == [0, 2]


def test_the_ledger_tells_every_edit(edited, topics):
    told = edited.ledger.iloc[len(topics.ledger) :]
    n = len(topics.table)
    assert list(zip(told["event"], told["old_ids"], told["new_ids"])) == [
        ("merge", (0, 2), (0,)), ("split", (1,), (1, n, n + 1)), ("rename", (3,), (3,)),
        ("reassign", (0,), (3,)), ("reassign", (4,), (UNASSIGNED,)),
    ]  # fmt: skip
    assert (told["by"] == "user").all()
    assert edited.ledger["event_no"].tolist() == list(range(len(edited.ledger)))
    assert edited.heirs(2) == (0,)
    assert edited.heirs(1) == (1,)
    assert edited.ledger.iloc[: len(topics.ledger)].equals(topics.ledger)
    assert told["note"].iloc[-1] == "2 papers from 4 to -1"


def test_replay_on_other_papers_vectors_or_order_is_refused(toy, embeddings, topics, edited):
    done = tr.edits(edited)
    other = toy.copy()
    other["abstract"] = other["abstract"] + " Late correction."
    with pytest.raises(tr.InputError, match=r"Edit 1 of edits gives other topics than the first time"):
        tr.apply_edits(other, embeddings, topics, done)
    turned = embeddings * -1
    turned.attrs = embeddings.attrs
    with pytest.raises(tr.InputError, match=r"Edit 1 of edits gives other topics"):
        tr.apply_edits(toy, turned, topics, done)
    with pytest.raises(tr.InputError, match=r"Edit 1 of edits gives other topics"):
        tr.apply_edits(toy, embeddings, topics, done[1:])
    with pytest.raises(tr.InputError, match=r"Edit 2 of edits does not fit: topic_id 2 is no topic"):
        tr.apply_edits(toy, embeddings, topics, [done[0], done[0]])


def test_edits_written_by_hand_need_no_fingerprint(toy, embeddings, topics):
    found = tr.apply_edits(toy, embeddings, topics, [{"edit": "merge", "topics": [0, 2]}])
    assert contents(found) == contents(tr.merge(toy, embeddings, topics, [0, 2]))
    assert contents(tr.apply_edits(toy, embeddings, topics, [])) == contents(topics)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["edit", "topics", "topic", "into", "to"]), inner, max_size=4)
        ),
        max_leaves=6,
    )
)
def test_malformed_edits_are_told_by_their_number(edited, edit):
    with pytest.raises(tr.InputError, match="Edit 1 of edits does not fit: it is not what"):
        tr.apply_edits(None, None, edited, [edit])


wild_ids = st.lists(
    st.integers(-3, 12) | st.none() | st.booleans() | st.floats() | st.text(max_size=2), max_size=5
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=wild_ids)
def test_any_list_of_ids_merges_or_is_refused_in_a_sentence(toy, embeddings, topics, ids):
    try:
        found = tr.merge(toy, embeddings, topics, ids)
    except tr.InputError as refused:
        assert str(refused).startswith("topic_id")
        return
    assert len(found.table) == len(topics.table) - len(set(ids)) + 1
    assert found.members["topic_id"].isin([*found.table.index, UNASSIGNED]).all()
    assert found.table["n_papers"].sum() == topics.table["n_papers"].sum()


@settings(max_examples=200, deadline=None)
@given(label=st.text(max_size=30) | st.text("ab\n\t ​‮<&\x00\ud800", max_size=6))
def test_any_name_is_kept_to_the_letter_or_refused(topics, label):
    try:
        found = tr.rename(topics, 1, label)
    except tr.InputError as refused:
        assert "label" in str(refused)
        return
    assert found.table.at[1, "label"] == label == label.strip()
    assert label.isprintable() or "\n" not in label
    assert tr.edits(json_round(found))[0]["label"] == label
    assert found.table["label"].str.casefold().is_unique


def json_round(topics):
    """Return the topics as if their parameters had been on disk."""
    from dataclasses import replace

    text = json.dumps(dict(topics.parameters), ensure_ascii=False).encode("utf-8")
    return replace(topics, parameters=json.loads(text))


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("msr"), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=5
    )
)
def test_any_row_of_edits_keeps_the_books(toy, embeddings, topics, steps):
    ever, found = set(topics.table.index), topics
    for kind, a, b in steps:
        ids, alive = found.table.index.tolist(), set(found.table.index)
        first, second = ids[a % len(ids)], ids[b % len(ids)]
        try:
            if kind == "m":
                found = tr.merge(toy, embeddings, found, [first, second])
            elif kind == "s":
                found = tr.split(toy, embeddings, found, first, into=2 + b % 2)
            else:
                found = tr.reassign(toy, embeddings, found, found.members.index[b : b + 4], to=first)
        except tr.InputError:
            continue
        born = set(found.table.index) - alive
        assert not born & ever, "an id was given twice"
        ever |= born
        assert_sound(found, toy, embeddings)
    assert contents(tr.apply_edits(toy, embeddings, topics, tr.edits(found))) == contents(found)


# --- errors ------------------------------------------------------------------------------------------------


def test_what_does_not_fit_is_told(toy, embeddings, topics, stray):
    refused = {
        r"topic_ids must be several topic ids, such as \[3, 7\], not 3": lambda: tr.merge(
            toy, embeddings, topics, 3
        ),
        r"topic_ids must name two topics or more to merge, not \[1\]": lambda: tr.merge(
            toy, embeddings, topics, [1, 1]
        ),
        r"topic_id 99 is no topic; the topics are 0, 1": lambda: tr.merge(toy, embeddings, topics, [0, 99]),
        "topic_id must be a whole number, not 'graphs'": lambda: tr.rename(topics, "graphs", "x"),
        "into must be a whole number of at least 2, not 1": lambda: tr.split(
            toy, embeddings, topics, 0, into=1
        ),
        "seed must be a whole number of at least 0, not -1": lambda: tr.split(
            toy, embeddings, topics, 0, seed=-1
        ),
        r"topic_id 0 cannot be split into 500: it has \d+ papers": lambda: tr.split(
            toy, embeddings, topics, 0, into=500
        ),
        "label must be one line of text": lambda: tr.rename(topics, 0, " "),
        "is that of topic 1 already": lambda: tr.rename(topics, 0, topics.table.at[1, "label"].upper()),
        "is what papers in no topic are called": lambda: tr.rename(topics, 0, "Unassigned"),
        "paper_ids must be ids of the topics' papers; 'toy:9' is not": lambda: tr.reassign(
            toy, embeddings, topics, [stray, "toy:9"], to=0
        ),
        "paper_ids must be ids of the topics' papers; none is given": lambda: tr.reassign(
            toy, embeddings, topics, [], to=0
        ),
        "to 99 is no topic": lambda: tr.reassign(toy, embeddings, topics, [stray], to=99),
        f"papers lacks {N_PAPERS - 5} of the topics' papers": lambda: tr.merge(
            toy.head(5), embeddings, topics, [0, 1]
        ),
        "The embeddings lack": lambda: tr.merge(toy, embeddings.iloc[5:], topics, [0, 1]),
        "another space than the topics": lambda: tr.split(toy, tr.embed(toy, HashingEncoder(32)), topics, 0),
    }
    for sentence, attempt in refused.items():
        with pytest.raises(tr.InputError, match=sentence):
            attempt()


def test_reshaped_topics_say_why_they_have_no_model(edited, topics):
    assert topics.make_model is not None
    with pytest.raises(tr.InputError, match="merged, split or reassigned by hand carry no BERTopic model"):
        _ = edited.model


# --- the rest of the flow ----------------------------------------------------------------------------------


def test_saved_and_opened_the_bytes_are_the_same(toy, embeddings, topics, edited, tmp_path):
    save_topics(edited, tmp_path / "topics")
    opened = open_topics(tmp_path / "topics", toy, embeddings)
    assert contents(opened) == contents(edited)
    assert tr.edits(opened) == tr.edits(edited)
    with pytest.raises(tr.InputError, match="carry no BERTopic"):
        _ = opened.model
    named = tr.rename(topics, 0, "Renamed")
    save_topics(named, tmp_path / "named")
    model = open_topics(tmp_path / "named", toy, embeddings).model
    assert list(model.topics_) == topics.members["topic_id"].tolist()


def test_a_users_name_outlives_label_and_nobody_else_gets_it(toy, edited, topics):
    again = tr.label(toy, edited)
    assert again.table.at[3, "label"] == "<b>Mine</b> & only mine"
    assert again.table["label"].is_unique
    assert again.table.at[0, "terms"] != edited.table.at[0, "terms"]
    taken = topics.table.at[4, "label"]
    swapped = tr.rename(tr.rename(topics, 4, "Out of the way"), 0, taken.upper())
    named = tr.label(toy, swapped).table["label"]
    assert named[[0, 4]].tolist() == [taken.upper(), "Out of the way"]
    freed = tr.label(toy, tr.rename(tr.rename(swapped, 4, "away"), 4, "Topic four")).table["label"]
    assert freed.str.casefold().is_unique
    clash = tr.label(toy, replace_edits(swapped, [e for e in tr.edits(swapped) if e["topic"] == 0]))
    assert clash.table.at[0, "label"] == taken.upper()
    assert clash.table.at[4, "label"].casefold() != taken.casefold()
    assert clash.table["label"].str.casefold().is_unique


def replace_edits(topics, kept):
    from dataclasses import replace

    return replace(topics, parameters={**topics.parameters, "edits": kept})


def test_counts_shares_charts_and_report_work_on_edited_topics(toy, edited, tmp_path):
    counts = tr.count(toy, edited, every="quarter")
    assert set(counts.table["topic_id"]) == {UNASSIGNED, *edited.table.index}
    assert counts.table["n_papers"].sum() == len(toy)
    per_topic = counts.table.groupby("topic_id")["n_papers"].sum().drop(UNASSIGNED)
    assert per_topic.to_dict() == edited.table["n_papers"].to_dict()
    measured = tr.measure(counts)
    assert measured.calls.index.tolist() == edited.table.index.tolist()
    assert measured.calls["label"].equals(edited.table["label"])
    assert plot.shares(measured).data
    assert plot.heatmap(measured).data
    assert plot.growth(measured).layout.title.text
    assert plot.map(toy, edited).data
    assert len(plot.terms(edited, top=20).data) >= len(edited.table)
    page = tr.Report.standard(toy, edited, measured, title="Edited").save(tmp_path / "edited.html")
    text = page.read_text(encoding="utf-8")
    assert "<b>Mine</b>" not in text
    assert "&lt;b&gt;Mine&lt;/b&gt; &amp; only mine" in text
    for topic_id in edited.table.index:
        assert f'"topic_id":{topic_id}' in text.replace(" ", "")


def test_a_study_with_edited_topics_is_saved_opened_and_reported_alike(tmp_path):
    study = tr.run(papers(N_PAPERS), every="quarter", encoder=HashingEncoder(), detail=0.4)
    merged = tr.merge(study.papers, study.embeddings, study.topics, [0, 3])
    changed = study.with_topics(tr.rename(merged, 1, "One & all"))
    assert changed.fingerprint != study.fingerprint
    assert changed.counts.every == "quarter"
    assert changed.trends.calls.loc[1, "label"] == "One & all"
    assert 3 not in changed.trends.calls.index
    opened = tr.open(changed.save(tmp_path / "study"))
    assert contents(opened.topics) == contents(changed.topics)
    assert opened.fingerprint == changed.fingerprint
    a, b = changed.report(tmp_path / "a.html"), opened.report(tmp_path / "b.html")
    assert a.read_bytes() == b.read_bytes()
    again = tr.apply_edits(opened.papers, opened.embeddings, study.topics, tr.edits(opened.topics))
    assert contents(again) == contents(changed.topics)
