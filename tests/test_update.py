"""Study.update, drift and refit: parts add up to the whole, edits survive, and every id is explained."""

import json
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import trends as tr
from trends import cli
from trends import study as studies
from trends.core.tables import UNASSIGNED
from trends.papers import join
from trends.testing import HashingEncoder, papers
from trends.topics import drift, extend
from trends.topics._drift import FAR
from trends.topics._extend import LIKE, _most_like
from trends.topics._ledger import upgraded

N_EARLY, N_ALL = 200, 280
ENCODER = HashingEncoder()
THEMES = [{"name": "Graphs", "phrases": ["graph networks"]}]


@pytest.fixture(scope="module")
def toy():
    return tr.load(papers(N_ALL))


@pytest.fixture(scope="module")
def early(toy):
    return studies.study_of(
        toy.iloc[:N_EARLY], every="quarter", encoder=ENCODER, n_topics=6, title="Toy", themes=THEMES
    )


@pytest.fixture(scope="module")
def edited(early):
    """The early study after every kind of edit: 1 merged into 0, 2 split, 3 named, a paper moved."""
    parts = early.papers, early.embeddings
    topics = tr.merge(*parts, early.topics, [0, 1])
    topics = tr.split(*parts, topics, 2, into=2)
    topics = tr.rename(topics, 3, "Mine & only mine")
    return early.with_topics(tr.reassign(*parts, topics, moved_paper(early), to=3))


def moved_paper(study):
    return study.topics.members.index[study.topics.members["topic_id"] == 0][5]


@pytest.fixture(scope="module")
def later(edited, toy):
    return edited.update(toy.iloc[N_EARLY:], encoder=ENCODER)


@pytest.fixture(scope="module")
def refitted(later):
    return later.refit(encoder=ENCODER)


def same_content(one, other):
    for a, b in [
        (
            one.papers.drop(columns=["found_at", "sources"]),
            other.papers.drop(columns=["found_at", "sources"]),
        ),
        (one.topics.table, other.topics.table),
        (one.topics.members, other.topics.members),
        (one.counts.table, other.counts.table),
        (one.trends.shares, other.trends.shares),
        (one.watch.members, other.watch.members),
    ]:
        pd.testing.assert_frame_equal(a, b)


def same_bytes(one, other):
    same_content(one, other)
    assert np.array_equal(one.embeddings.to_numpy(), other.embeddings.to_numpy())


# --- update ----------------------------------------------------------------------------------------------


def test_parts_add_up_to_the_whole(early, toy):
    whole = early.update(toy.iloc[N_EARLY:], encoder=ENCODER)
    first = early.update(toy.iloc[N_EARLY : N_EARLY + 30], encoder=ENCODER)
    same_bytes(first.update(toy.iloc[N_EARLY + 30 :], encoder=ENCODER), whole)
    other_way = early.update(toy.iloc[N_EARLY + 30 :], encoder=ENCODER)
    same_bytes(other_way.update(toy.iloc[N_EARLY : N_EARLY + 30], encoder=ENCODER), whole)
    assert len(whole.papers) == N_ALL == whole.counts.table["n_papers"].sum()


def test_counts_of_old_and_new_papers_add(early, toy):
    whole = early.update(toy.iloc[N_EARLY:], encoder=ENCODER)
    new = toy.index[N_EARLY:]
    parts = [
        tr.count(whole.papers.loc[which], whole.topics, every="quarter")
        for which in (whole.papers.index.difference(new), new)
    ]
    added = parts[0] + parts[1]
    assert added.table.equals(whole.counts.table)
    assert (whole.counts - parts[1]).table["n_papers"].sum() == N_EARLY


def test_rows_in_any_order_give_the_same(early, toy):
    mixed = toy.iloc[N_EARLY - 20 :].sample(frac=1, random_state=3)
    same_bytes(early.update(mixed, encoder=ENCODER), early.update(toy.iloc[N_EARLY:], encoder=ENCODER))


def test_nothing_new_is_the_same_study(early, toy):
    assert early.update(toy.iloc[:N_EARLY], encoder=ENCODER) is early


def test_a_late_paper_lands_in_its_period(early, toy):
    late = toy.iloc[[N_EARLY]].assign(date=pd.Timestamp("2021-02-03").as_unit("us"))
    after = early.update(late, encoder=ENCODER)
    quarter = pd.Timestamp("2021-01-01")

    def n(study):
        cells = study.counts.table
        return cells.loc[cells["period"] == quarter, "n_papers"].sum()

    assert n(after) == n(early) + 1
    assert after.counts.periods.index.equals(early.counts.periods.index)


def test_a_paper_that_was_there_is_completed_and_counted_once(early):
    known = early.papers.iloc[[40]]
    again = known.assign(doi="10.1000/toy.40", venue="Journal of Toys").drop(columns="date_source")
    after = early.update(again.reset_index(drop=True), encoder=ENCODER)
    assert len(after.papers) == N_EARLY
    assert after.papers.index.difference(early.papers.index).tolist() == ["doi:10.1000/toy.40"]
    assert after.papers.loc["doi:10.1000/toy.40", "venue"] == "Journal of Toys"
    before = early.topics.members.loc[known.index[0]]
    assert after.topics.members.loc["doi:10.1000/toy.40"].drop("fitted").equals(before)
    assert known.index[0] not in after.topics.members.index
    assert all(known.index[0] not in found for found in after.topics.table["exemplars"])


def test_a_paper_with_another_date_moves_and_one_with_another_text_is_read_again(early):
    known = early.papers.iloc[[100, 101]]
    other = known.assign(
        date=[pd.Timestamp("2021-01-05"), known["date"].iloc[1]],
        abstract=[known["abstract"].iloc[0], known["abstract"].iloc[1] + " speech audio phoneme" * 20],
    )
    after = early.update(other.astype({"date": "datetime64[us]"}), encoder=ENCODER)
    assert len(after.papers) == N_EARLY
    assert after.papers.loc[known.index[0], "date"] == pd.Timestamp("2021-01-05")
    moved = tr.assign(after.papers.loc[known.index], after.embeddings, after.topics)
    kept = after.topics.members.loc[known.index]
    assert kept["topic_id"].equals(moved["topic_id"])
    assert kept["similarity"].equals(moved["similarity"])
    first = after.topics.table["first_date"].min()
    assert first == after.papers["date"].min()
    assert kept["similarity"].iloc[1] != early.topics.members.loc[known.index[1], "similarity"]


def test_two_papers_that_turn_out_to_be_one_are_counted_once(toy):
    table = toy.iloc[:60].copy()
    twins = table.iloc[[0]].assign(title="A second look at speech", doi="10.1000/twin")
    study = studies.study_of(
        tr.load(pd.concat([table.reset_index(drop=True), twins.reset_index(drop=True)])),
        every="quarter",
        encoder=ENCODER,
        n_topics=4,
    )
    bridge = table.iloc[[0]].assign(doi="10.1000/twin").reset_index(drop=True)
    after = study.update(bridge, encoder=ENCODER)
    assert len(after.papers) == len(study.papers) - 1 == len(after.topics.members)
    assert after.counts.table["n_papers"].sum() == len(after.papers)


def test_join_gives_what_load_gives_of_all_at_once(toy):
    late = toy.iloc[150:].reset_index(drop=True)
    joined = join(toy.iloc[:N_EARLY], late)
    whole = tr.load(toy)
    columns = [name for name in whole.columns if name not in ("found_at", "sources")]
    pd.testing.assert_frame_equal(joined.papers[columns], whole[columns])
    assert sorted(joined.new) == sorted(toy.index[N_EARLY:])
    assert not len(joined.changed)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, N_ALL - 1), min_size=1, max_size=40), st.integers(0, 5))
def test_any_update_reconciles(early, toy, rows, seed):
    some = toy.iloc[rows].sample(frac=1, random_state=seed)
    after = early.update(some, encoder=ENCODER, refit="never")
    assert set(after.papers.index) == set(early.papers.index) | set(some.index)
    assert after.topics.table["n_papers"].sum() + after.topics.n_unassigned == len(after.papers)
    assert after.counts.table["n_papers"].sum() == len(after.papers)
    assert sorted(after.embeddings.index) == sorted(after.topics.members.index) == sorted(after.papers.index)
    old = after.topics.members.loc[early.topics.members.index, ["topic_id", "similarity", "x", "y"]]
    assert old.sort_index().equals(early.topics.members.sort_index()[old.columns])
    assert after.topics.table["label"].equals(early.topics.table["label"])
    assert after.topics.members[["x", "y"]].notna().all(axis=None)


def test_themes_are_followed_among_later_papers_and_marks_stay(early, toy):
    marks = early.watch.to_check(12).assign(belongs=True)
    checked = replace(early, watch=early.watch.checked(marks))
    after = checked.update(toy.iloc[N_EARLY:], encoder=ENCODER)
    assert after.watch.table["n_papers"].iloc[0] > early.watch.table["n_papers"].iloc[0]
    assert after.watch.table["estimate"].tolist() == ["checked"]
    assert after.watch.table["precision"].iloc[0] == checked.watch.table["precision"].iloc[0]
    assert "before later papers came" in after.watch.table["note"].iloc[0]


def test_observation_goes_on(toy):
    made = studies.study_of(
        toy.iloc[:60], every="quarter", encoder=ENCODER, n_topics=4, observed_until="2021-12-31"
    )
    later = made.update(toy.iloc[60:90], encoder=ENCODER)
    assert later.parameters["observed_until"] is None
    told = made.update(toy.iloc[60:90], encoder=ENCODER, observed_until="2023-06-30")
    assert told.counts.observed_until == pd.Timestamp("2023-06-30")
    longer = made.update(toy.iloc[:60], encoder=ENCODER, observed_until="2022-03-31")
    assert longer.counts.observed_until == pd.Timestamp("2022-03-31")
    assert longer.counts.table["n_papers"].sum() == 60


def test_bad_options_are_told(early, toy):
    with pytest.raises(tr.InputError, match="refit must be one of propose, auto, never"):
        early.update(toy, refit="maybe", encoder=ENCODER)
    with pytest.raises(tr.InputError, match="pass it as encoder"):
        early.update(toy)
    with pytest.raises(tr.InputError, match="labels must be 'keep' or 'new'"):
        early.refit(labels="mine", encoder=ENCODER)
    with pytest.raises(tr.InputError, match="Give the later papers"):
        early.update(encoder=ENCODER)


# --- drift -----------------------------------------------------------------------------------------------


def strangers(n):
    """Papers on something that no topic of the toys is about."""
    words = "bread oven flour yeast crust dough baker sourdough".split()
    random = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "title": [f"Baking bread in the oven, loaf {k}" for k in range(n)],
            "abstract": [" ".join(random.choice(words, 30)) + "." for _ in range(n)],
            "date": "2023-12-01",
        }
    )


def test_drift_is_seen_and_a_refit_proposed(early):
    assert early.drift.verdict == "No paper came after the fit."
    after = early.update(strangers(30), encoder=ENCODER)
    found = after.drift
    assert found.propose_refit
    assert found.table.at["since", "unassigned"] == 1.0
    assert found.table.at["at fit", "n_papers"] == N_EARLY
    assert found.largest_pool > 20
    assert "Find the topics anew" in found.verdict
    assert repr(found).startswith("<Drift: Of 30 papers")


def test_papers_like_those_of_the_fit_are_no_drift(early):
    like = early.papers.iloc[:40].assign(title=early.papers["title"].iloc[:40] + " again")
    found = early.update(like.reset_index(drop=True), encoder=ENCODER).drift
    assert not found.propose_refit
    assert found.table.at["since", "unassigned"] <= 0.1


def test_drift_is_the_same_whatever_the_cut_offs_let_pass(early):
    placed = replace(early.topics, cutoffs=np.full_like(early.topics.cutoffs, -1))
    members = pd.concat([early.papers, tr.load(strangers(30))])
    embeddings = tr.embed(members, ENCODER)
    fresh = members.index.difference(early.papers.index)
    found = drift(members, embeddings, extend(members, embeddings, placed, fresh=fresh))
    assert found.table.at["since", "unassigned"] == 0
    assert found.table.at["since", "far"] == 1
    assert found.table.at["at fit", "far"] == pytest.approx(FAR, abs=0.02)
    assert found.propose_refit


def test_auto_finds_the_topics_anew_where_it_is_due(early):
    def placed(study):
        """Return the share of the strangers that are in a topic."""
        foreign = study.papers["title"].str.startswith("Baking")
        return (study.topics.members.loc[foreign, "topic_id"] >= 0).mean()

    after = early.update(strangers(30), encoder=ENCODER, refit="auto")
    assert after.topics.ledger["fit_id"].nunique() == 2
    assert after.drift.verdict == "No paper came after the fit."
    # Few of thirty papers decide a share, and which these are differs between processors.
    assert placed(after) >= 0.8
    assert placed(early.update(strangers(30), encoder=ENCODER)) <= 0.2


# --- refit -----------------------------------------------------------------------------------------------


def test_edits_survive_an_update(early, edited, later):
    assert later.topics.user_labels == {3: "Mine & only mine"}
    assert later.topics.labels[3] == "Mine & only mine"
    assert 1 not in later.topics.table.index
    assert later.topics.members.at[moved_paper(early), "how"] == "user"
    assert later.topics.ledger.equals(edited.topics.ledger)


def test_the_ledger_explains_every_id_that_ever_existed(edited, later, refitted):
    topics = refitted.topics
    ledger, alive = topics.ledger, set(topics.table.index)
    known = {k for ids in (*ledger["old_ids"], *ledger["new_ids"]) for k in ids if k >= 0}
    assert alive <= known
    assert known == set(range(topics.next_id))
    for k in known:
        assert set(topics.heirs(k)) <= alive
        ends = ledger[
            ledger["event"].isin(["merge", "split", "death"])
            & ledger["old_ids"].map(lambda ids, k=k: k in ids)
        ]
        assert k in alive or len(ends)
        assert (topics.heirs(k) == (k,)) == (k in alive)
    assert topics.heirs(1) == topics.heirs(0)
    assert ledger["event_no"].tolist() == list(range(len(ledger)))
    assert ledger.iloc[: len(later.topics.ledger)].equals(later.topics.ledger)
    assert topics.next_id >= later.topics.next_id
    with pytest.raises(tr.InputError, match="never was a topic"):
        topics.heirs(999)


def test_a_topic_that_was_merged_away_does_not_return(later, refitted):
    assert 1 not in later.topics.table.index
    assert 1 not in refitted.topics.table.index
    assert 1 not in refitted.refit(encoder=ENCODER).topics.table.index


def test_what_the_user_did_is_done_again(early, later, refitted):
    topics, before = refitted.topics, later.topics
    assert topics.parameters["not_reapplied"] == []
    assert [e["edit"] for e in tr.edits(topics)] == ["merge", "split", "rename", "reassign"]
    assert topics.labels[3] == "Mine & only mine"
    assert topics.members.at[moved_paper(early), "topic_id"] == 3
    assert topics.members.at[moved_paper(early), "how"] == "user"
    # What the user merged is one topic, and what the user split is two.
    merged = before.members.index[before.members["topic_id"] == 0]
    assert (topics.members.loc[merged, "topic_id"] == 0).mean() > 0.5
    parts = [k for k in (2, before.next_id - 1) if k in before.table.index]
    homes = {topics.members.loc[before.members["topic_id"] == k, "topic_id"].mode()[0] for k in parts}
    assert len(homes) == 2


def test_labels_stay_with_their_ids(later, refitted):
    kept = refitted.topics.table.index.intersection(later.topics.table.index)
    assert len(kept) >= 4
    assert refitted.topics.table["label"].loc[kept].equals(later.topics.table["label"].loc[kept])
    assert refitted.topics.table["label"].str.casefold().is_unique
    named = later.refit(encoder=ENCODER, labels="new")
    assert named.topics.labels[3] == "Mine & only mine"


def test_an_edit_of_a_topic_that_ended_is_told(later):
    gone = later.topics.table.index[-1]
    named = later.with_topics(tr.rename(later.topics, int(gone), "Soon gone"))
    members = named.topics.members.copy()
    inside = members["topic_id"] == gone
    members.loc[inside, ["topic_id", "how"]] = [UNASSIGNED, "none"]
    table = named.topics.table.copy()
    table.loc[gone, "n_papers"] = 0
    centroids = named.topics.centroids.copy()
    centroids[-1] = np.eye(centroids.shape[1])[0]
    emptied = replace(named.topics, members=members, table=table, centroids=centroids)
    after = later.with_topics(emptied).refit(encoder=ENCODER)
    left = after.topics.parameters["not_reapplied"]
    assert {
        "edit": "rename",
        "topic": int(gone),
        "label": "Soon gone",
        "reason": f"topic {gone} ended",
    } in left
    assert after.topics.ledger.query("event == 'death'")["old_ids"].tolist() == [(gone,)]


def test_the_same_papers_found_anew_keep_every_id(early):
    again = early.refit(encoder=ENCODER, from_nothing=True)
    assert again.topics.members["topic_id"].equals(early.topics.members["topic_id"])
    assert again.topics.table["label"].equals(early.topics.table["label"])
    assert (again.topics.ledger["event"].tail(len(early.topics.table)) == "keep").all()
    assert again.counts.table.equals(early.counts.table)


def test_a_refit_begins_from_the_topics_there_were(early, toy):
    again = early.refit(encoder=ENCODER)
    assert again.topics.table["label"].equals(early.topics.table["label"])
    later = early.update(toy.iloc[N_EARLY:], encoder=ENCODER)
    after = later.refit(encoder=ENCODER)
    for was, now in ((early, again), (later, after)):
        inside = was.topics.members["topic_id"] >= 0
        kept = was.topics.members["topic_id"] == now.topics.members["topic_id"]
        assert kept[inside].mean() >= 0.95


def test_a_refit_counts_the_whole_history_by_one_rule(refitted):
    by_rule = tr.assign(refitted.papers, refitted.embeddings, refitted.topics)
    members = refitted.topics.members
    by_hand = members["how"] == "user"
    moved = members["topic_id"][~by_hand] != by_rule["topic_id"].reindex(members.index)[~by_hand]
    # What a merge or a split moved is the user's own; all else is where the rule puts it, old or new.
    touched = {0, *(k for ids in refitted.topics.ledger.query("by == 'user'")["new_ids"] for k in ids)}
    assert set(members["topic_id"][~by_hand][moved]) <= touched | {UNASSIGNED}
    assert refitted.counts.table["n_papers"].sum() == len(refitted.papers)


@given(
    st.lists(st.lists(st.integers(-3, 3), min_size=5, max_size=5), min_size=1, max_size=6), st.integers(1, 5)
)
def test_the_papers_most_like_one_are_those_that_sorting_finds(rows, width):
    likeness = np.array(rows, dtype=np.float32)[:, :width]
    sorting = np.argsort(-likeness, axis=1, kind="stable")[:, :LIKE]
    assert np.array_equal(_most_like(likeness), sorting)


# --- on disk ---------------------------------------------------------------------------------------------


def test_a_refitted_study_is_saved_and_opened(refitted, tmp_path):
    opened = tr.open(refitted.save(tmp_path / "s"))
    assert opened.fingerprint == refitted.fingerprint
    assert opened.topics.next_id == refitted.topics.next_id
    assert opened.topics.ledger.equals(refitted.topics.ledger)
    same_content(opened, refitted)


def test_update_on_disk_is_update_in_memory(early, toy, tmp_path):
    folder = early.save(tmp_path / "s")
    after = studies.update(folder, toy.iloc[N_EARLY:], encoder=ENCODER)
    same_content(tr.open(folder), early.update(toy.iloc[N_EARLY:], encoder=ENCODER))
    stamp = (folder / "study.json").stat().st_mtime_ns
    same = studies.update(folder, toy.iloc[N_EARLY:], encoder=ENCODER)
    assert same.fingerprint == after.fingerprint
    assert (folder / "study.json").stat().st_mtime_ns == stamp


def test_the_command_says_whether_there_is_something_to_read(toy, tmp_path, monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["trends", "update", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        return stopped.value.code, *capsys.readouterr()

    for name, rows in (("early", toy.iloc[:80]), ("late", toy.iloc[70:90])):
        tr.save(rows, tmp_path / f"{name}.jsonl")
    folder = tr.run(tmp_path / "early.jsonl", encoder="lsa", n_topics=4).save(tmp_path / "s")
    code, out, err = run(folder, tmp_path / "late.jsonl", "--report", tmp_path / "r.html")
    assert (code, out.splitlines()[-1]) == (10, str(tmp_path / "r.html"))
    assert "10 more papers. Of 10 papers since the fit" in err
    assert "90 papers" in (tmp_path / "r.html").read_text(encoding="utf-8")
    code, out, err = run(folder, tmp_path / "late.jsonl")
    assert (code, out) == (0, f"{folder}\n")
    assert "Nothing new: the study has these papers already (90)." in err
    code, _, err = run(tmp_path / "absent", tmp_path / "late.jsonl")
    assert code == 2
    assert err.startswith("Error: ") and "is not a study" in err


def test_papers_edited_by_hand_go_through_the_loader(early, tmp_path):
    folder = early.save(tmp_path / "s")
    file = folder / "papers" / "0000.parquet"
    table = pd.read_parquet(file)
    changed = table["paper_id"] == early.papers.index[3]
    table.loc[changed, ["abstract", "date"]] = ["<b>Another</b>   text", pd.Timestamp("2023-05-05")]
    table.to_parquet(file)
    opened = tr.open(folder)
    assert opened.papers.loc[early.papers.index[3], "abstract"] == "Another text"
    assert any("was read anew" in line["note"] for line in opened.papers.attrs["reading"])
    assert opened.papers.index.tolist() != early.papers.index.tolist()
    pd.testing.assert_frame_equal(opened.embeddings.loc[early.embeddings.index], early.embeddings)
    for other in (table.iloc[1:], table[::-1], table.assign(title=table["title"].where(~changed, "Other"))):
        other.to_parquet(file)
        with pytest.raises(tr.InputError, match="was changed by other hands, and its papers"):
            tr.open(folder)


def test_a_study_of_format_1_opens(edited, tmp_path):
    """Format 1 had a ledger of event, topic_id and note, no hash of the papers, and these in one file."""
    folder = edited.save(tmp_path / "s")
    manifest = json.loads((folder / "study.json").read_text())
    for name in ("parts", "sorted", "papers"):
        del manifest[name]
    (folder / "study.json").write_text(json.dumps(manifest | {"format": 1}))
    (folder / "papers" / "0000.parquet").rename(folder / "papers.parquet")
    (folder / "embeddings" / "0000.safetensors").rename(folder / "embeddings.safetensors")
    n = len(edited.topics.ledger) - 4
    born = edited.topics.next_id - 1
    lines = [("birth", k, "cluster") for k in range(n)]
    lines += [
        ("merge", 0, "took in 1"),
        ("death", 1, "merged into 0"),
        ("split", 2, "into 2, of 9, 7 papers"),
    ]
    lines += [("birth", born, "split from 2"), ("rename", 3, "Mine"), ("reassign", 3, "1 papers from 0")]
    old = pd.DataFrame(lines, columns=["event", "topic_id", "note"])
    old.to_parquet(folder / "topics" / "ledger.parquet")
    opened = tr.open(folder)
    for column in ("event", "new_ids", "by"):
        assert opened.topics.ledger[column].tolist() == edited.topics.ledger[column].tolist()
    assert opened.topics.heirs(1) == (0,)
    assert opened.topics.next_id == edited.topics.next_id
    again = upgraded(opened.topics.ledger, opened.topics.table, "x")
    assert again.equals(opened.topics.ledger)


def test_drift_and_bertopic_are_of_the_updated_papers(early, toy):
    after = early.update(toy.iloc[N_EARLY:], encoder=ENCODER)
    assert drift(after.papers, after.embeddings, after.topics).verdict == after.drift.verdict
    assert after.topics.make_model is not None
