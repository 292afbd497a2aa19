"""diff: what changed between two studies, on corpora changed in one known way at a time."""

import base64
import gzip
import json
import re
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import toys
from trends import cli, plot, timeline
from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import PRECISION_TYPE
from trends.diff import Side, compare, side_of_page
from trends.study import Study, open

LABELS = {0: "Routing", 1: "Pruning", 2: "Kernels", 3: "Codes"}
HOSTILE = "<script>alert(1)</script> [x](javascript:alert) **b** `c` http://evil.example @all ~~s~~ | # =1+1"


def corpus(n=240, first_year=2016, years=6):
    """Return day-precise papers, as many in each year, the last year observed to its end."""
    day = np.arange(n) * (365 * years) // n
    dates = pd.Timestamp(f"{first_year}-01-01") + pd.to_timedelta(day, "D")
    table = pd.DataFrame(
        {
            "title": [f"About {toys.WORDS[i % 10]} number {i}" for i in range(n)],
            "abstract": "",
            "date": dates.as_unit("us"),
            "date_precision": pd.Categorical(["day"] * n, dtype=PRECISION_TYPE),
            "tags": [()] * n,
        },
        index=pd.Index([f"arxiv:2001.{i:05d}" for i in range(n)], name="paper_id", dtype="str"),
    )
    return table.astype({"title": "str", "abstract": "str"})


def turns(papers, k=4):
    """Return the topic of each paper: by turns, every ninth in none."""
    number = np.arange(len(papers))
    return pd.Series(np.where(number % 9 == 8, -1, number % k), index=papers.index)


def topics(papers, assigned, labels=None):
    """Return topics of these papers as assigned; each direction is that of its lowest former place."""
    labels = labels or LABELS
    base = toys.topics(papers, tuple(labels.values()))
    members = base.members.reindex(papers.index).assign(topic_id=assigned.astype("int32"))
    members["how"] = pd.Series(
        ["none" if t < 0 else "centroid" for t in assigned], index=members.index, dtype="str"
    )
    index = pd.Index(sorted(labels), name="topic_id", dtype="int32")
    dates = papers["date"].groupby(assigned)
    table = base.table.set_axis(index).assign(
        n_papers=assigned.value_counts().reindex(index, fill_value=0).astype("int64"),
        first_date=dates.min().reindex(index),
        last_date=dates.max().reindex(index),
        exemplars=[tuple(assigned.index[assigned == t][:3]) for t in index],
    )
    found = np.eye(12, dtype="float32")[list(index)]
    return replace(
        base, table=table, members=members, centroids=found, fingerprint=fingerprint(members, table)
    )


def study(papers, assigned=None, labels=None, *, every="year", title="Toy", until=None, **parameters):
    assigned = turns(papers) if assigned is None else assigned
    found = topics(papers, assigned, labels)
    until = until or f"{papers['date'].max().year}-12-31"
    counts = timeline.count(papers, found, every=every, observed_until=until)
    embeddings = pd.DataFrame(np.eye(len(papers), 8, dtype="float32"), index=papers.index)
    embeddings.attrs = {"encoder": "given", "revision": "1"}
    given_ = {
        "every": every,
        "detail": None,
        "n_topics": None,
        "seed": 0,
        "observed_until": until,
        **parameters,
    }
    return Study(papers, embeddings, found, counts, timeline.measure(counts), title, given_)


@pytest.fixture(scope="module")
def before():
    return study(corpus())


def lines(diff):
    """Return the lines of the text that tell of a change."""
    return [line for line in diff.text.splitlines() if line.startswith("- ")]


# One change at a time


def test_nothing_changed(before):
    diff = before.diff(before)
    assert diff.nothing_changed
    assert diff.summary == "Nothing changed: the same papers, topics, calls and settings."
    assert lines(diff) == []
    assert diff.notes == ()
    assert diff.topics["event"].tolist() == ["kept"] * 4


def test_other_numbers_of_the_same_topics_change_nothing(before):
    swapped = turns(before.papers).replace({0: 3, 3: 0})
    now = study(before.papers, swapped, {0: "Codes", 1: "Pruning", 2: "Kernels", 3: "Routing"})
    assert now.diff(before).nothing_changed


def test_a_renamed_topic_is_one_line(before):
    diff = study(before.papers, labels={**LABELS, 2: "Graphs"}).diff(before)
    assert lines(diff) == ["- **Renamed:** “Kernels” is now “Graphs”."]
    assert diff.summary == "1 topic renamed."
    assert diff.topics["event"].tolist() == ["renamed", "kept", "kept", "kept"]


def test_a_split_is_one_line_and_its_papers_are_not_told_twice(before):
    assigned = turns(before.papers)
    mine = assigned.index[assigned == 1]
    assigned[mine[::3]] = 4
    diff = study(before.papers, assigned, {**LABELS, 4: "Trimming"}).diff(before)
    n = int(diff.topics.loc[0, "n_shared"])
    assert lines(diff) == [f"- **Split:** “Pruning” into “Pruning” and “Trimming” ({n} papers)."]
    assert n == len(mine)
    assert diff.papers.empty
    assert (diff.topics.loc[0, "earlier_ids"], diff.topics.loc[0, "topic_ids"]) == ((1,), (1, 4))


def test_a_merge_is_one_line(before):
    assigned = turns(before.papers).replace({3: 0})
    labels = {t: label for t, label in LABELS.items() if t != 3}
    diff = study(before.papers, assigned, labels).diff(before)
    n = int(assigned.eq(0).sum())
    assert lines(diff) == [f"- **Merged:** “Routing” and “Codes” into “Routing” ({n} papers)."]
    assert diff.papers.empty


def test_a_topic_that_ends_and_one_that_is_born(before):
    papers = corpus(300, years=7).iloc[40:]
    papers.index = pd.Index([f"arxiv:2001.{i:05d}" for i in range(40, 300)], name="paper_id", dtype="str")
    both = papers.index.intersection(before.papers.index)
    papers.loc[both, "date"] = before.papers.loc[both, "date"]
    assigned = turns(before.papers).reindex(papers.index, fill_value=4)
    assigned[assigned == 2] = -1
    labels = {t: label for t, label in {**LABELS, 4: "Caches"}.items() if t != 2}
    diff = study(papers, assigned, labels).diff(before)
    events = diff.topics.set_index("event")
    assert events.loc["ended", "before"] == ("Kernels",)
    assert events.loc["born", "now"] == ("Caches",)
    changes = diff.papers["change"].value_counts().to_dict()
    gone = int(turns(before.papers).iloc[40:].eq(2).sum())
    assert changes == {"new": 60, "gone": 40, "another topic": gone}


def added(papers, date, paper_id="arxiv:2001.90000", title="A late paper"):
    row = papers.iloc[[0]].assign(title=title, date=pd.Timestamp(date)).set_axis([paper_id])
    row.index = row.index.astype("str").rename("paper_id")
    return pd.concat([papers, row.astype(papers.dtypes.to_dict())]).sort_values(["date"], kind="stable")


def test_a_late_paper_is_counted_where_it_belongs(before):
    papers = added(before.papers, "2018-05-05")
    assigned = turns(before.papers).reindex(papers.index, fill_value=1)
    diff = study(papers, assigned).diff(before)
    n = int(before.counts.periods.loc["2018-01-01", "n_total"])
    assert lines(diff) == [
        "- **Papers:** 1 new, 1 of them late.",
        f"- **Earlier counts:** 2018 has {n + 1} papers, had {n}.",
    ]
    assert diff.papers["late"].tolist() == [True]
    row = diff.counts.loc["2018-01-01"]
    assert (row["n_before"], row["n_now"], row["n_added"], row["n_gone"]) == (n, n + 1, 1, 0)


def test_a_paper_whose_date_moved_moves_its_period(before):
    papers = before.papers.copy()
    papers.loc[papers.index[50], "date"] = pd.Timestamp("2019-03-03")
    diff = study(papers, turns(before.papers)).diff(before)
    assert diff.papers[["change", "before", "now"]].to_numpy().tolist() == [
        ["another period", "2017", "2019"]
    ]
    assert diff.counts[["n_moved_in", "n_moved_out"]].to_numpy().tolist() == [[0, 1], [1, 0]]
    assert "- **Papers:** 1 dated to another year." in lines(diff)


def test_a_paper_that_lost_its_date_has_no_period(before):
    papers = before.papers.copy()
    papers.loc[papers.index[50], ["date", "date_precision"]] = [pd.NaT, "unknown"]
    diff = study(papers, turns(before.papers)).diff(before)
    assert diff.papers["now"].tolist() == ["no period"]


# Shares and calls


def grown(before, more=60):
    """Return the corpus a year later, in which most new papers are of topic 0."""
    papers = corpus(240 + more, years=6)
    papers["date"] = [
        *before.papers["date"],
        *(pd.Timestamp("2021-12-31") + pd.to_timedelta(np.arange(1, more + 1) * 364 // more, "D")),
    ]
    assigned = turns(before.papers).reindex(papers.index)
    assigned[assigned.isna()] = [0 if i % 3 else 1 + i // 3 % 3 for i in range(more)]
    return papers.astype({"date": "datetime64[us]"}), assigned.astype(int)


def test_movers_are_a_plain_recount_of_the_periods_completed_since(before):
    papers, assigned = grown(before)
    # A refit: papers of topic 1 went to topic 2.
    moved = assigned.index[assigned == 1][10:16]
    assigned[moved] = 2
    now = study(papers, assigned)
    diff = now.diff(before)
    assert set(diff.movers["then"]) == {"2021"}
    assert set(diff.movers["now"]) == {"2022"}
    year = papers["date"].dt.year
    for topic_id, row in diff.movers.iterrows():
        for side, when in (("then", 2021), ("now", 2022)):
            assert row[f"n_{side}"] == int(((assigned == topic_id) & (year == when)).sum())
            assert row[f"total_{side}"] == int((year == when).sum())
            assert row[f"share_{side}"] == pytest.approx(row[f"n_{side}"] / row[f"total_{side}"])
        assert row["change"] == pytest.approx(row["share_now"] - row["share_then"])
        assert row["change_low"] <= row["change"] <= row["change_high"]
        # What the earlier report said, what the refit and what other papers made of it.
        said = before.trends.shares.set_index(["topic_id", "period"])["share"]
        was = said[(topic_id, pd.Timestamp("2021-01-01"))]
        assert row["share_before"] == pytest.approx(was)
        parts = row["share_before"] + row["refit_effect"] + row["papers_effect"]
        assert parts == pytest.approx(row["share_then"])
        assert row["papers_effect"] == pytest.approx(0)
    assert diff.movers.index[0] == 0
    assert diff.movers["moved"].to_dict()[0]
    assert any(line.startswith("- **Shares:** 2022 against 2021: “Routing” ") for line in lines(diff))


def test_a_refit_is_no_change_of_share(before):
    """The same papers in other topics move no share: nothing is tested, and the effect is told apart."""
    assigned = turns(before.papers)
    late = before.papers["date"].dt.year == 2021
    moved = assigned.index[(assigned == 1) & late]
    assigned[moved[: len(moved) // 2]] = 2
    diff = study(before.papers, assigned).diff(before)
    assert diff.movers["q"].isna().all()
    assert not diff.movers["moved"].any()
    assert diff.movers.loc[1, "refit_effect"] == pytest.approx(-(len(moved) // 2) / late.sum())
    assert diff.movers.loc[2, "refit_effect"] == pytest.approx(len(moved) // 2 / late.sum())
    assert diff.papers["change"].tolist() == ["another topic"] * (len(moved) // 2)
    assert any("No further year was completed" in note for note in diff.notes)


def test_a_topic_born_since_is_not_tested(before):
    papers, assigned = grown(before)
    new = papers.index.difference(before.papers.index)
    assigned[new[:30]] = 5
    diff = study(papers, assigned, {**LABELS, 5: "Caches"}).diff(before)
    assert np.isnan(diff.movers.loc[5, "q"])
    assert not diff.movers.loc[5, "moved"]
    assert diff.movers.loc[5, "change"] > 0.3


def rising(n=600, years=8, cease=None):
    """Return papers of which topic 0 takes ever more by year, none of them after `cease`."""
    papers = corpus(n, 2010, years)
    year = papers["date"].dt.year.to_numpy() - 2010
    number = np.arange(n)
    first = number * 7 % 20 < 2 + 2 * year
    if cease is not None:
        first &= year < cease
    return papers, pd.Series(np.where(first, 0, 1 + number % 3), index=papers.index)


def test_a_call_changed_by_later_periods_says_so():
    papers, assigned = rising(cease=6)
    early = papers["date"].dt.year < 2016
    earlier = study(papers[early], assigned[early], until="2015-12-31")
    now = study(papers, assigned, until="2017-12-31")
    assert str(earlier.trends.calls.loc[0, "status"]) in ("growing", "emerging")
    diff = now.diff(earlier)
    call = diff.calls.loc[0]
    assert call["before"] != call["now"]
    assert call["because"] == f"2016 to 2017 are complete since ({call['before']} to {call['now']})"
    assert any(line.startswith("- **Calls:** ") and "“Routing” was " in line for line in lines(diff))


def test_a_call_changed_by_a_refit_says_so():
    papers, assigned = rising()
    other = assigned.copy()
    late = assigned.index[(assigned == 0) & (papers["date"].dt.year > 2014)]
    other[late[::2]] = 1
    earlier, now = study(papers, assigned), study(papers, other)
    diff = now.diff(earlier)
    assert 0 in diff.calls.index
    because = diff.calls.loc[0, "because"]
    assert because.startswith("papers that lie in other topics (")
    assert "complete since" not in because


def test_a_call_changed_by_late_papers_says_so():
    papers, assigned = rising()
    flat = (assigned != 0) | (np.arange(len(papers)) % 4 > 0)
    earlier = study(papers[flat], assigned[flat], until="2017-12-31")
    kept = earlier.trends.calls["status"].astype(str)
    late = assigned.index[(assigned == 0) & (papers["date"].dt.year > 2014)]
    fewer = papers.drop(index=late)
    earlier = study(fewer, assigned[fewer.index], until="2017-12-31")
    now = study(papers, assigned, until="2017-12-31")
    diff = now.diff(earlier)
    assert kept.notna().all()
    assert diff.calls.loc[0, "because"].startswith("papers added or moved in earlier periods (")


# What limits a comparison


def test_another_encoder_is_said_first_and_papers_alone_match(before):
    now = study(before.papers)
    now.embeddings.attrs = {"encoder": "another", "revision": "1"}
    diff = now.diff(before)
    assert diff.notes[0].startswith(
        "another read the papers, given before: topics are matched by shared papers"
    )
    assert diff.text.splitlines()[4].startswith("> another read the papers")
    assert not diff.nothing_changed
    assert diff.parameters.to_numpy().tolist() == [["encoder.encoder", "given", "another"]]
    assert diff.topics["event"].tolist() == ["kept"] * 4


def test_other_options_and_periods_are_said(before):
    now = study(before.papers, every="quarter", seed=3, detail=0.5)
    diff = now.diff(before)
    assert "another detail and seed" in diff.notes[0]
    assert "counted by year and is counted again by quarter" in diff.notes[1]
    assert diff.parameters["name"].tolist() == ["counted by", "detail", "seed"]
    assert diff.every == "quarter"


def test_other_versions_are_settings_and_are_said(before, tmp_path):
    old = {"hdbscan": "0.8.44", "numpy": "2.4.6", "torch": "2.13.0", "umap-learn": "0.5.12"}
    new = {**old, "hdbscan": "0.9.0", "torch": "2.14.0", "other": "1"}
    earlier, now = study(before.papers, versions=old), study(before.papers, versions=new)
    diff = now.diff(earlier)
    assert diff.parameters.to_numpy().tolist() == [
        ["version of hdbscan", "0.8.44", "0.9.0"],
        ["version of torch", "2.13.0", "2.14.0"],
    ]
    assert diff.notes[0].startswith("The topics were found with other versions of hdbscan and torch: ")
    assert lines(diff) == [
        "- **Settings:** version of hdbscan is 0.9.0, was 0.8.44; version of torch is 2.14.0, was 2.13.0."
    ]
    page = now.diff(earlier.report(tmp_path / "earlier.html"))
    assert page.parameters.equals(diff.parameters)
    assert "version of torch" in now.report(tmp_path / "now.html", compare=earlier).read_text("utf-8")
    assert now.diff(before).nothing_changed  # of a study of before, the versions are not known
    assert now.fingerprint == earlier.fingerprint


def test_two_corpora_are_refused(before):
    other = corpus(100)
    other.index = pd.Index([f"doi:10.1/{i}" for i in range(100)], name="paper_id", dtype="str")
    with pytest.raises(InputError, match="share 0 of 100 papers, too few to compare"):
        study(other).diff(before)


def test_a_corpus_of_which_little_is_left_is_said(before):
    papers = before.papers.iloc[150:]
    diff = study(papers, turns(before.papers)[papers.index]).diff(before)
    assert any("Only 90 of the 240 papers" in note for note in diff.notes)


def test_arguments_are_not_changed_and_rows_have_no_order(before):
    papers, assigned = grown(before)
    now = study(papers, assigned)
    marks = [fingerprint(s.papers, s.topics.table, s.topics.members, s.counts.table) for s in (before, now)]
    first = now.diff(before)
    assert marks == [
        fingerprint(s.papers, s.topics.table, s.topics.members, s.counts.table) for s in (before, now)
    ]
    mixed = papers.sample(frac=1, random_state=4)
    again = study(mixed, assigned[mixed.index]).diff(before)
    assert again.text == first.text
    assert again.json() == first.json()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(-1, 3), min_size=60, max_size=60), st.integers(0, 30), st.integers(0, 25))
def test_whatever_changed_the_tables_reconcile(assigned, gone, new):
    papers = corpus(90)
    earlier = papers.iloc[:60]
    later = papers.iloc[gone : 60 + new]
    was = turns(earlier)
    now = pd.Series([*assigned, *([2] * 30)], index=papers.index)[later.index]
    one, other = study(earlier, was), study(later, now)
    diff = other.diff(one)
    flows = diff.flows
    for side, name in ((one, "earlier_id"), (other, "topic_id")):
        sizes = flows.dropna(subset=[name]).groupby(name)["n_papers"].sum().to_dict()
        assert sizes == side.topics.members["topic_id"].value_counts().to_dict()
    changes = diff.papers["change"].value_counts()
    assert changes.get("new", 0) == new
    assert changes.get("gone", 0) == gone
    assert {i for ids in diff.topics["earlier_ids"] for i in ids} == set(one.topics.table.index)
    assert {i for ids in diff.topics["topic_ids"] for i in ids} == set(other.topics.table.index)
    assert (diff.counts["n_before"] + diff.counts["n_added"] + diff.counts["n_moved_in"]).equals(
        diff.counts["n_now"] + diff.counts["n_gone"] + diff.counts["n_moved_out"]
    )
    assert len(diff.text.splitlines()) <= 25
    assert json.loads(diff.json())["summary"] == diff.summary


# Hostile text


@pytest.fixture(scope="module")
def hostile(before):
    papers, assigned = grown(before)
    papers = papers.assign(title=HOSTILE).astype({"title": "str"})
    labels = {0: HOSTILE, 1: HOSTILE + " 2", 2: "=HYPERLINK(1)", 3: "\u202e\x00 a\nb"}
    earlier = study(
        before.papers, labels={t: f"{label} before" for t, label in labels.items()}, title=HOSTILE
    )
    return study(papers, assigned, labels, title=HOSTILE + "!"), earlier


def test_labels_stay_text_in_markdown_and_html(hostile):
    mistune = pytest.importorskip("mistune")
    diff = hostile[0].diff(hostile[1])
    page = mistune.create_markdown(escape=True, plugins=["url", "strikethrough", "table", "footnotes"])(
        diff.text
    )
    assert set(re.findall(r"<(\w+)", page)) <= {"p", "ul", "li", "strong", "blockquote"}
    assert "alert(1)" in page
    assert len(diff.text.splitlines()) <= 25
    assert "<script" not in diff._repr_html_()
    assert "\u202e" not in diff.text + diff._repr_html_()


def test_labels_stay_text_in_figure_and_page(hostile, tmp_path):
    figure = plot.evolution(hostile[0].diff(hostile[1]))
    content = figure.to_dict()
    content["layout"].pop("meta")
    assert not re.search(r"<(?!br>|/?b>|/?extra>)", json.dumps(content, default=str))
    page = hostile[0].report(tmp_path / "r.html", compare=hostile[1]).read_text("utf-8")
    section = page[page.index('<section id="since"') :]
    section = section[: section.index("</section>")]
    assert "<script" not in section
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in section


# Where the earlier study comes from


def test_saved_studies_and_reports_tell_the_same(before, tmp_path):
    papers, assigned = grown(before)
    now = study(papers, assigned)
    direct = now.diff(before)
    page = now.diff(before.report(tmp_path / "earlier.html"))
    assert page.notes[-1].startswith("The earlier study was read from its report")
    for name in ("papers", "calls", "counts"):
        pd.testing.assert_frame_equal(getattr(page, name), getattr(direct, name))
    pd.testing.assert_frame_equal(page.movers, direct.movers)
    assert page.topics["event"].tolist() == direct.topics["event"].tolist()
    assert page.titles == direct.titles
    assert before.diff(tmp_path / "earlier.html").nothing_changed


def test_papers_without_public_ids_are_found_in_a_page_by_title(before, tmp_path):
    papers = before.papers.set_axis([f"local-{i}" for i in range(len(before.papers))])
    papers.index = papers.index.astype("str").rename("paper_id")
    papers.iloc[3, 0] = papers.iloc[2, 0]
    earlier = study(papers)
    diff = earlier.diff(earlier.report(tmp_path / "r.html"))
    # Two papers of one title cannot be told apart.
    assert diff.papers["change"].value_counts().to_dict() == {"new": 2, "gone": 2}


def test_a_damaged_study_is_refused(before, tmp_path):
    with pytest.raises(InputError, match="is not a study"):
        before.diff(tmp_path / "absent")
    folder = tmp_path / "half"
    folder.mkdir()
    (folder / "study.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="damaged"):
        before.diff(folder)
    with pytest.raises(InputError, match="earlier must be a Study"):
        before.diff(3)


def page_with(text, change):
    """Return a page whose data went through `change`."""
    found = re.search(r'(<script type="text/plain" id="data">)([^<]*)', text)
    data = change(json.loads(gzip.decompress(base64.b64decode(found[2]))))
    packed = base64.b64encode(gzip.compress(json.dumps(data).encode())).decode()
    return text[: found.start(2)] + packed + text[found.end(2) :]


@pytest.fixture(scope="module")
def side_and_page(before, tmp_path_factory):
    page = before.report(tmp_path_factory.mktemp("page") / "r.html")
    later = Side(before.papers, before.topics, before.counts, before.trends, "Toy")
    return later, page.read_text("utf-8")


@pytest.mark.parametrize(
    "change",
    [
        lambda d: [],
        lambda d: {**d, "papers": None},
        lambda d: {**d, "topics": [[0, ["a"]]]},
        lambda d: {**d, "topics": []},
        lambda d: {**d, "topics": 3},
        lambda d: {**d, "papers": {**d["papers"], "id": d["papers"]["id"][1:]}},
        lambda d: {**d, "papers": {**d["papers"], "title": [3] * len(d["papers"]["id"])}},
        lambda d: {**d, "papers": {**d["papers"], "date": ["2020-99-99"] * len(d["papers"]["id"])}},
        lambda d: {**d, "papers": {**d["papers"], "date": ["tomorrow"] * len(d["papers"]["id"])}},
        lambda d: {**d, "papers": {**d["papers"], "topic": [1e400] * len(d["papers"]["id"])}},
        lambda d: {**d, "papers": {**d["papers"], "topic": [10**30] * len(d["papers"]["id"])}},
        lambda d: {**d, "papers": {**d["papers"], "topic": [77] * len(d["papers"]["id"])}},
    ],
)
def test_a_hostile_page_is_refused(side_and_page, tmp_path, change):
    later, text = side_and_page
    (tmp_path / "bad.html").write_text(page_with(text, change), encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.html cannot be read as a report"):
        side_of_page(tmp_path / "bad.html", later)


def test_a_cut_or_swollen_page_is_refused(side_and_page, tmp_path, monkeypatch):
    later, text = side_and_page
    start = text.index('id="data">') + 10
    bad = {
        "cut": text[: start + 4_000] + text[text.index("</script>", start) :],
        "letters": text[:start] + "%%%" + text[text.index("</script>", start) :],
        "none": "<!DOCTYPE html><html></html>",
        "deep": re.sub(r'(id="provenance">)[^<]*', lambda at: at[1] + "[" * 200_000, text),
    }
    for name, content in bad.items():
        (tmp_path / f"{name}.html").write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=f"{name}.html cannot be read"):
            side_of_page(tmp_path / f"{name}.html", later)
    (tmp_path / "binary.html").write_bytes(b"\xff\xfe\x00" * 99)
    with pytest.raises(InputError, match=r"binary\.html cannot be read"):
        side_of_page(tmp_path / "binary.html", later)
    (tmp_path / "whole.html").write_text(text, encoding="utf-8")
    monkeypatch.setattr("trends.diff._page.LARGEST", 1_000)
    with pytest.raises(InputError, match="larger than any report"):
        side_of_page(tmp_path / "whole.html", later)


def test_a_page_that_names_only_a_sample_is_refused(side_and_page, tmp_path):
    later, text = side_and_page
    sampled = re.sub(r'("corpus":\s*\{)', r'\1"n_shown": 40, ', text)
    assert sampled != text
    (tmp_path / "sampled.html").write_text(sampled, encoding="utf-8")
    with pytest.raises(InputError, match=r"sampled\.html names only a sample"):
        side_of_page(tmp_path / "sampled.html", later)


# Report, chart, command


@pytest.fixture(scope="module")
def pair(before):
    papers, assigned = grown(before)
    assigned[assigned.index[assigned == 3][:20]] = -1
    return study(papers, assigned, {**LABELS, 2: "Graphs"}), before


def test_the_report_says_what_changed_and_repeats_exactly(pair, tmp_path):
    now, earlier = pair
    first = now.report(tmp_path / "a.html", compare=earlier).read_bytes()
    second = now.report(tmp_path / "b.html", compare=earlier.save(tmp_path / "earlier")).read_bytes()
    assert first == second
    text = first.decode()
    assert (
        text.index('<section id="findings"')
        < text.index('<section id="since"')
        < text.index('<section id="health"')
    )
    assert now.diff(earlier).summary in text
    found = re.search(r'<script type="text/plain" id="data">([^<]*)', text)
    data = json.loads(gzip.decompress(base64.b64decode(found[1])))
    tables = {name: table for name, table in data["tables"].items() if name.startswith("since-")}
    assert {"since-topics", "since-shares", "since-papers"} <= set(tables)
    papers = tables["since-papers"]
    assert len(papers["rows"]) == len(now.diff(earlier).papers)
    buttons = set(re.findall(r'data-save="(since-[^"]+)"', text))
    assert buttons == set(tables)
    assert all(table["rows"] for table in tables.values())
    assert "No earlier period holds other papers than before." in text
    assert "<td>renamed</td>" in text


def test_without_an_earlier_study_there_is_no_such_section(pair, tmp_path):
    text = pair[0].report(tmp_path / "a.html").read_text("utf-8")
    assert 'id="since"' not in text
    same = pair[0].report(tmp_path / "b.html", compare=pair[0]).read_text("utf-8")
    assert "Nothing changed: the same papers" in same


@pytest.mark.parametrize("theme", ["light", "dark", "slide", "print"])
def test_ribbons_are_as_wide_as_their_papers_and_sum_to_the_topics(pair, theme):
    now, earlier = pair
    diff = now.diff(earlier)
    figure = plot.evolution(diff, theme=theme)
    table = plot.table(figure)
    for side, name in ((earlier, "earlier_id"), (now, "topic_id")):
        sizes = table[table[name].notna()].groupby(name)["n_papers"].sum()
        assert sizes.to_dict() == side.topics.members["topic_id"].value_counts().to_dict()
    ribbons = [t for t in figure.data if t.name == "ribbon"]
    drawn = sorted((t.y[0], t.y[19], t.y[-1] - t.y[0], t.y[20] - t.y[19]) for t in ribbons)
    rows = table[["left", "right", "n_papers", "n_papers"]].sort_values(["left", "right"]).to_numpy()
    assert np.allclose(drawn, rows, atol=2e-3)
    assert {t.type for t in figure.data} == {"scatter"}
    bars = [t for t in figure.data if t.name == "topic"]
    # New papers stand on the left as well.
    assert sum(t.y[2] - t.y[0] for t in bars) == pytest.approx(2 * len(now.papers), abs=0.01)
    assert figure.layout.meta["id"] == "evolution"
    texts = [a.text for a in figure.layout.annotations]
    assert any(text.startswith("Routing  ") for text in texts)


def test_many_topics_are_drawn_together(before):
    labels = {t: f"Topic {t}" for t in range(12)}
    twelve = study(before.papers, pd.Series(np.arange(240) % 12, index=before.papers.index), labels)
    figure = plot.evolution(twelve.diff(twelve), top=5)
    table = plot.table(figure)
    other = table[(table["label"] == "other topics") & (table["label_before"] == "other topics")]
    assert other["n_papers"].tolist() == [140]
    assert "Drawn together as other topics: 7 earlier and 7 later ones." in figure.layout.meta["caption"]
    with pytest.raises(InputError, match="top must be"):
        plot.evolution(twelve.diff(twelve), top=0)


def run(arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["trends", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    out, err = capsys.readouterr()
    return stopped.value.code or 0, out, err


def test_the_command_says_it_by_text_and_by_exit_code(pair, tmp_path, monkeypatch, capsys):
    now, earlier = pair[0].save(tmp_path / "now"), pair[1].save(tmp_path / "earlier")
    code, out, _ = run(["diff", earlier, now], monkeypatch, capsys)
    assert (code, out) == (10, open(now).diff(earlier).text)
    code, out, _ = run(["diff", now, now, "--markdown"], monkeypatch, capsys)
    assert code == 0
    assert "Nothing changed" in out
    code, out, _ = run(["diff", earlier, now, "--json"], monkeypatch, capsys)
    assert code == 10
    assert json.loads(out)["nothing_changed"] is False
    assert len(json.loads(out)["papers"]) == len(open(now).diff(earlier).papers)
    code, out, err = run(["diff", tmp_path / "absent", now], monkeypatch, capsys)
    assert (code, out) == (2, "")
    assert "is not a study" in err
    code, _, err = run(["diff", earlier, now, "--json", "--markdown"], monkeypatch, capsys)
    assert code == 2
    assert "exclude each other" in err


def test_sides_need_no_study(before):
    side = Side(before.papers, before.topics, before.counts, before.trends, "Toy")
    assert compare(side, side).nothing_changed
    assert isinstance(side.topics, Topics)


def test_no_topics_and_no_dates_still_compare(before):
    none = study(before.papers, turns(before.papers) * 0 - 1, {0: "Empty"})
    diff = none.diff(before)
    assert set(diff.topics["event"]) == {"ended", "born"}
    assert plot.evolution(diff).data
    papers = before.papers.assign(date=pd.Series(pd.NaT, index=before.papers.index, dtype="datetime64[us]"))
    unknown = pd.Categorical(["unknown"] * len(papers), dtype=PRECISION_TYPE)
    papers = papers.assign(date_precision=pd.Series(unknown, index=papers.index))
    undated = study(papers, turns(papers), until="2021-12-31")
    assert undated.diff(undated).nothing_changed
    assert undated.diff(before).papers["now"].eq("no period").all()
    assert before.diff(undated).movers.empty
