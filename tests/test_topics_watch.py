"""Followed themes: phrases, lists, membership, estimates against planted truth, marks, counts."""

import re

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import trends as tr
from trends.core.hashing import fingerprint
from trends.core.tables import PRECISION_TYPE
from trends.core.watch import square_and_add
from trends.core.words import bare
from trends.testing import papers
from trends.timeline import compared
from trends.topics import read_themes, shipped_themes
from trends.topics._watch_rule import cut_off, estimate, even_space, likeness
from trends.topics._watch_words import Phrases, plain

# Phrases


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("mixture of experts", "A Mixture-of-Experts model"),
        ("mixture of experts", "mixtures of expert"),
        ("sparse autoencoder", "k-Sparse Auto-Encoders"),
        ("auto-encoder", "autoencoders"),
        ("token pruning", "token\npruning"),
        ("SAE", "we train SAEs."),
        ("SAE", "SAE-based circuits"),
        ("MoE", "(MoE)"),
        ("sae", "an SAE"),
        ("KV cache", "the kv-caches"),
        ("theory", "two theories"),
        ("sparse attention", "sparse atten-\n tion"),
        ("sparse attention", "sparse\u2013attention"),
        ("bias", "biases"),
        ("naïve Bayes", "naive bayes"),
        ("3D", "in 3D."),
        ("N:M sparsity", "n:m sparsity"),
        ("N:M sparsity", "the N-M Sparsity"),
        ("C++", "in C++."),
    ],
)
def test_a_phrase_is_said(phrase, text):
    assert Phrases([phrase]).said(plain(text))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("sparse attention", "sparse, attention"),
        ("sparse attention", "sparse attentional"),
        ("SAE", "sae in Korean, saes"),
        ("MoE", "moe and MOE"),
        ("gan", "began, organ"),
        ("attention", ""),
        ("sparse attention", "sparse \u2013 attention"),
        ("loss", "los"),
        ("C++", "C and c#"),
        ("N:M sparsity", "n, m sparsity"),
    ],
)
def test_a_phrase_is_not_said(phrase, text):
    assert not Phrases([phrase]).said(plain(text))


@given(st.text(alphabet="ab -()[].*+?\\|é", max_size=12), st.text(alphabet="ab -()[]|é", max_size=30))
def test_any_text_is_a_phrase_that_says_itself(phrase, rest):
    found = Phrases([phrase])
    if re.search("[abé]", phrase):
        assert found.said(plain(f"{rest} , {phrase}. {rest}"))
    else:
        assert not found.said(plain(rest))


# Lists


def written(tmp_path, text):
    (tmp_path / "my.yml").write_text(text, encoding="utf-8")
    return tmp_path / "my.yml"


def test_the_shipped_list_names_the_themes_of_the_sample():
    assert [theme.name for theme in shipped_themes()] == [
        "Sparse attention",
        "Sparse autoencoders",
        "Token pruning",
        "Mixture of experts",
    ]


def test_every_scalar_stays_the_text_that_was_typed(tmp_path):
    text = "themes:\n- name: 2025\n  phrases: [NO, on, 1e3]\n  papers: [2411.02120, 2025-01-01]\n  not: ~\n"
    (theme,) = read_themes(written(tmp_path, text))
    assert theme.plain() == {
        "name": "2025",
        "phrases": ["NO", "on", "1e3"],
        "papers": ["2411.02120", "2025-01-01"],
    }
    assert read_themes([theme.plain()]) == (theme,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "my.yml is empty"),
        ("themes: {", "my.yml cannot be read as YAML at line 1"),
        ("theme: []", "the key 'theme'"),
        ("{}", "no key themes"),
        ("themes: sparse", "a list of themes, not a text"),
        ("themes: [sparse]", "my.yml, theme 1 is a text"),
        ("themes: [{phrases: [a]}]", "theme 1 has no name"),
        ("themes: [{name: '...', phrases: [a]}]", "theme 1 has no name"),
        (
            "themes: [{name: A, phrases: [x]}, {name: a, phrases: [y]}]",
            "theme 2: the name 'a' is that of theme 1",
        ),
        ("themes: [{name: A}]", "theme 1 has neither phrases nor papers"),
        ("themes: [{name: A, phrase: [x]}]", "theme 1 has the key 'phrase'"),
        ("themes: [{name: A, phrases: {x: y}}]", "phrases must be a list of texts, not a mapping"),
        ("themes: [{name: A, phrases: [[x]]}]", "nested too deeply"),
        ("themes: [{name: A, phrases: ['--']}]", "the phrase '--' under phrases has no letter"),
        ("themes:\n- name: A\n  name: B\n  phrases: [x]", "line 2: the key 'name' stands here twice"),
        ("themes: [&a {name: A, phrases: [x]}, *a]", "by an alias"),
        ("themes: [[[[[[x]]]]]]", "nested too deeply"),
        ("themes: " + "[" * 3000, "my.yml"),
        ("a: 1\n---\nb: 2", "cannot be read as YAML"),
        ("themes: [!!python/object/apply:os.system [ls]]", "theme 1 is a list"),
        ("x" * 100_001, "too many"),
    ],
)
def test_a_mistake_in_the_list_is_one_sentence(tmp_path, text, told):
    with pytest.raises(tr.InputError) as error:
        read_themes(written(tmp_path, text))
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_cannot_be_read_are_named(tmp_path):
    with pytest.raises(tr.InputError, match=r"watch list none\.yml cannot be read"):
        read_themes(tmp_path / "none.yml")
    with pytest.raises(tr.InputError, match="cannot be read"):
        read_themes("a\0b.yml")
    (tmp_path / "l.yml").write_bytes(b"themes: \xff")
    with pytest.raises(tr.InputError, match=r"l\.yml is not UTF-8"):
        read_themes(tmp_path / "l.yml")
    for given_list in (3, "", None, b"x", [None], [{"name": "A", "phrases": [3]}]):
        with pytest.raises(tr.InputError):
            read_themes(given_list)


WILD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["themes", "name", "phrases", "papers", "not", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(WILD | st.fixed_dictionaries({"themes": st.lists(WILD, max_size=3)}))
def test_wild_lists_are_read_or_refused(tmp_path, value):
    for source in (value, written(tmp_path, yaml.safe_dump(value, allow_unicode=True))):
        if isinstance(source, str):  # a path, tried below
            continue
        try:
            themes = read_themes(source)
        except tr.InputError as error:
            assert str(error).count(". ") == 0
        else:
            assert all(theme.name and (theme.phrases or theme.papers) for theme in themes)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet=st.sampled_from("themesna:-[]{}&*!|>'\"# \n\t\0%@`,?é\x85"), max_size=60))
def test_wild_text_is_read_or_refused(tmp_path, text):
    for prefix in ("", "themes:\n- name: A\n  phrases: "):
        (tmp_path / "my.yml").write_bytes((prefix + text).encode())
        try:
            read_themes(tmp_path / "my.yml")
        except tr.InputError as error:
            assert "my.yml" in str(error)


# Membership


@pytest.fixture(scope="module")
def corpus():
    """Toy papers of four themes, whose vectors tell the theme, and whose titles do in five of six papers."""
    toy = papers(160)
    silent = np.arange(len(toy)) // 4 % 6 == 5
    toy.loc[silent, "title"] = [f"Paper number {i}" for i in range(silent.sum())]
    vectors = 0.4 * np.random.default_rng(3).standard_normal((160, 24))
    vectors[np.arange(160), np.arange(160) % 4] += 3
    return toy, pd.DataFrame(vectors.astype(np.float32), index=toy.index)


THEMES = [
    {"name": "Graphs", "phrases": ["graph network"]},
    {"name": "Speech", "phrases": ["speech recognition"], "not": ["phoneme"]},
    {"name": "Nothing", "phrases": ["zebra crossing"]},
    {
        "name": "Proteins by example",
        "papers": ["toy:0002", "Protein folding with enzyme number 30", "absent"],
    },
]


def papers_of(watch, theme_id, *hows):
    rows = watch.members[watch.members["theme_id"] == theme_id]
    return set(rows["paper_id"] if not hows else rows.loc[rows["how"].isin(hows), "paper_id"])


@pytest.fixture(scope="module")
def watch(corpus):
    return tr.watch(*corpus, THEMES)


def test_a_theme_holds_its_papers_and_few_others(corpus, watch):
    toy, _ = corpus
    graphs = set(toy.index[["graph-networks" in tags for tags in toy["tags"]]])
    found = papers_of(watch, 0)
    assert papers_of(watch, 0, "phrase", "both") == set(
        toy.index[toy["title"].str.contains("Graph networks")]
    )
    assert found <= graphs
    assert len(papers_of(watch, 0, "likeness")) >= 3
    row = watch.table.loc[0]
    assert (row["n_papers"], row["n_by_phrase"]) == (len(found), 34)
    assert row["n_by_likeness"] == len(found) - 34
    assert row["precision_low"] <= 1.0 <= row["precision_high"] + 1e-9
    assert row["recall_low"] <= len(found) / len(graphs) <= row["recall_high"]
    near = watch.near[watch.near["theme_id"] == 0]
    assert set(near["paper_id"].head(3)) == graphs - found
    assert near["score"].is_monotonic_decreasing
    assert near["score"].max() <= watch.members.loc[watch.members["how"] == "likeness", "score"].max()


def test_excluded_phrases_keep_papers_out(corpus, watch):
    toy, _ = corpus
    phoneme = toy["abstract"].str.contains("phoneme") | toy["title"].str.contains("phoneme")
    assert phoneme.any()
    assert not papers_of(watch, 1) & set(toy.index[phoneme])
    assert not set(watch.near.loc[watch.near["theme_id"] == 1, "paper_id"]) & set(toy.index[phoneme])


def test_a_theme_without_papers_is_there(watch):
    row = watch.table.loc[2]
    assert (row["label"], row["n_papers"], row["estimate"]) == ("Nothing", 0, "none")
    assert np.isnan(row["precision"])
    assert np.isnan(row["recall"])
    assert row["note"] == "No paper says a phrase of it."


def test_examples_are_found_by_id_and_title_and_too_few_give_no_estimate(watch):
    assert papers_of(watch, 3) == {"toy:0002", "toy:0030"}
    row = watch.table.loc[3]
    assert np.isnan(row["recall"])
    assert "Fewer than 5 papers" in row["note"]
    assert "Not among these papers: 'absent'." in row["note"]
    near = watch.near[watch.near["theme_id"] == 3]
    assert len(near) == 10


def test_examples_alone_make_a_theme(corpus):
    toy, embeddings = corpus
    proteins = toy.index[["protein-folding" in tags for tags in toy["tags"]]]
    made = tr.watch(toy, embeddings, [{"name": "P", "papers": list(proteins[:12])}])
    row = made.table.loc[0]
    assert papers_of(made, 0) <= set(proteins)
    assert row["n_papers"] > 14
    assert row["n_by_phrase"] == 0
    assert row["recall"] == 0.5
    assert "no phrases" in row["note"]


@pytest.mark.parametrize("example", ["2411.02120", "arxiv:2411.02120v3", "https://arxiv.org/abs/2411.02120"])
def test_an_arxiv_id_may_be_written_in_any_way(corpus, example):
    toy, embeddings = corpus
    renamed = {"toy:0005": "arxiv:2411.02120"}
    toy, embeddings = toy.rename(index=renamed), embeddings.rename(index=renamed)
    made = tr.watch(toy, embeddings, [{"name": "P", "papers": [example]}])
    assert papers_of(made, 0, "example") == {"arxiv:2411.02120"}


def test_near_misses_by_words_where_no_paper_says_a_phrase(corpus):
    made = tr.watch(*corpus, [{"name": "A", "phrases": ["folding speaker"]}])
    toy = corpus[0]
    near = made.near.set_index("paper_id")
    assert set(near["how"]) == {"words"}
    texts = toy.loc[near.index, "title"] + toy.loc[near.index, "abstract"]
    assert texts.str.contains("(?i)folding|speaker").all()
    assert made.table.loc[0, "n_papers"] == 0


def test_themes_may_overlap(corpus):
    made = tr.watch(*corpus, [{"name": "A", "phrases": ["graph"]}, {"name": "B", "phrases": ["node"]}])
    assert papers_of(made, 0) & papers_of(made, 1)


def test_likeness_that_knows_nothing_estimates_nothing(corpus):
    toy, _ = corpus
    noise = np.random.default_rng(0).standard_normal((160, 24)).astype(np.float32)
    made = tr.watch(toy, pd.DataFrame(noise, index=toy.index), THEMES[:1])
    row = made.table.loc[0]
    assert (row["n_papers"], row["n_by_likeness"], row["estimate"]) == (34, 0, "none")
    assert "likeness tells nothing" in row["note"]


def test_the_order_of_rows_does_not_matter(corpus, watch):
    toy, embeddings = corpus
    again = tr.watch(toy.sample(frac=1, random_state=1), embeddings.sample(frac=1, random_state=2), THEMES)
    assert again.fingerprint == watch.fingerprint
    for name in ("table", "members", "near"):
        assert fingerprint(getattr(again, name)) == fingerprint(getattr(watch, name))


def test_arguments_are_not_changed_and_another_list_is_another_watch(corpus, watch):
    toy, embeddings = corpus
    before = fingerprint(toy, embeddings)
    other = tr.watch(toy, embeddings, THEMES[:3])
    assert fingerprint(toy, embeddings) == before
    assert other.fingerprint != watch.fingerprint


@pytest.mark.parametrize("n_papers", [0, 1, 2, 6])
def test_tiny_corpora(n_papers):
    toy = papers(n_papers)
    vectors = pd.DataFrame(np.zeros((n_papers, 4), np.float32), index=toy.index)
    made = tr.watch(toy, vectors, [{"name": "A", "phrases": ["graph", "speech", "protein", "reinforcement"]}])
    assert made.table.loc[0, "n_papers"] == n_papers
    assert len(tr.measure(tr.count_themes(toy, made, every="year")).calls) == min(1, n_papers)


def test_a_paper_without_a_vector_is_refused(corpus):
    toy, embeddings = corpus
    with pytest.raises(tr.InputError, match="lack 1 of 160 papers"):
        tr.watch(toy, embeddings.iloc[1:], THEMES)


# The rule


def test_a_seed_is_compared_with_the_mean_of_the_others():
    space = even_space(np.random.default_rng(0).standard_normal((30, 5)).astype(np.float32))
    seeds = np.arange(30) < 7
    scores = likeness(space, seeds)
    for i in (0, 3, 6):
        others = space[[j for j in range(7) if j != i]].sum(axis=0)
        assert scores[i] == pytest.approx(space[i] @ others / np.linalg.norm(others), abs=1e-5)
    total = space[:7].sum(axis=0)
    assert scores[20] == pytest.approx(space[20] @ total / np.linalg.norm(total), abs=1e-5)


def test_one_seed_has_no_likeness_of_its_own_and_no_seed_gives_none():
    space = even_space(np.random.default_rng(0).standard_normal((9, 3)).astype(np.float32))
    scores = likeness(space, np.arange(9) == 4)
    assert np.isnan(scores).tolist() == [i == 4 for i in range(9)]
    assert scores[0] == pytest.approx(space[0] @ space[4], abs=1e-5)
    assert np.isnan(likeness(space, np.zeros(9, bool))).all()


def test_an_even_space_is_a_whitened_one(monkeypatch):
    vectors = (np.random.default_rng(1).standard_normal((500, 4)) * [9, 3, 1, 1] + 5).astype(np.float32)
    centred = vectors - vectors.mean(axis=0)
    covariance = np.cov(centred.T, bias=True)
    ridged = covariance + 3 * np.trace(covariance) / 4 * np.eye(4)
    products = centred @ np.linalg.inv(ridged) @ centred.T
    lengths = np.sqrt(np.diag(products))
    expected = products / np.outer(lengths, lengths)
    assert even_space(vectors) @ even_space(vectors).T == pytest.approx(expected, abs=1e-4)
    monkeypatch.setattr("trends.topics._watch_rule.BLOCK", 64)
    assert even_space(vectors) @ even_space(vectors).T == pytest.approx(expected, abs=1e-4)


@given(
    st.lists(st.integers(0, 12), min_size=5, max_size=30),
    st.lists(st.integers(0, 12), max_size=60),
)
def test_the_cut_off_lets_in_one_in_five_at_most(seeded, rest):
    scores = np.array(seeded + rest, float)
    seeds = np.arange(len(scores)) < len(seeded)
    cutoff = cut_off(scores, seeds, pure=True)
    said, let_in = (scores[seeds] >= cutoff).sum(), (scores[~seeds] >= cutoff).sum()
    assert let_in <= 0.25 * said + 1e-9
    assert cutoff >= np.median(scores[seeds])
    lower = [s for s in set(scores) if np.median(scores[seeds]) <= s < cutoff]
    for level in lower:
        assert (scores[~seeds] >= level).sum() > 0.25 * (scores[seeds] >= level).sum() - 1e-9


def planted(random, n_theme=60, n_foreign=900, said=0.5, strays=0, gap=4.0):
    """Scores of a theme and of foreign papers, of which phrases catch some at random."""
    truth = np.arange(n_theme + n_foreign) < n_theme
    scores = random.standard_normal(n_theme + n_foreign) + gap * truth
    seeds = truth & (random.random(len(truth)) < said)
    seeds[n_theme : n_theme + strays] = True
    return scores, seeds, truth


@pytest.mark.parametrize(("said", "strays"), [(0.8, 0), (0.8, 6), (0.5, 0)])
def test_the_estimates_are_right_where_phrases_and_likeness_are_independent(said, strays):
    random = np.random.default_rng(7)
    errors, held = [], []
    for _ in range(150):
        scores, seeds, truth = planted(random, said=said, strays=strays)
        cutoff = cut_off(scores, seeds, pure=True)
        inside = seeds | (scores >= cutoff)
        made = estimate(scores, seeds, ~seeds, cutoff, pure=True)
        precision, recall = truth[inside].mean(), (truth & inside).sum() / truth.sum()
        errors.append((made.precision - precision, made.recall - recall))
        held.append((made.precision_low <= precision <= made.precision_high,
                     made.recall_low <= recall <= made.recall_high))  # fmt: skip
    bias = np.mean(errors, axis=0)
    assert np.abs(bias).max() < 0.05
    assert np.mean(held, axis=0).min() > 0.9


def test_intervals_hold_their_value():
    assert square_and_add(0.5, [[0.4, 0.6], [0.5, 0.5]]) == pytest.approx((0.4, 0.6))
    assert square_and_add(0.9, [[0.6, 1.0], [0.5, 0.95]]) == pytest.approx((0.4, 1.0))


# Marks


def test_papers_to_check_are_the_same_and_shared_evenly(corpus, watch):
    drawn = watch.to_check(9, corpus[0])
    mine = drawn[drawn["theme_id"] == 0]
    assert mine["stratum"].value_counts().to_dict() == {"phrase": 3, "likeness": 3, "near": 3}
    assert mine["title"].tolist() == corpus[0].loc[mine["paper_id"], "title"].tolist()
    assert drawn["belongs"].isna().all()
    assert set(watch.to_check(6)["paper_id"]) <= set(drawn["paper_id"])
    assert len(watch.to_check(10_000)) == len(watch.members) + len(watch.near)


def test_marks_of_all_papers_give_the_very_numbers(corpus, watch):
    toy, _ = corpus
    graphs = set(toy.index[["graph-networks" in tags for tags in toy["tags"]]])
    marks = watch.to_check(10_000)
    marks = marks[marks["theme_id"] == 0].assign(belongs=lambda t: t["paper_id"].isin(graphs))
    row = watch.checked(marks).table.loc[0]
    inside, near = papers_of(watch, 0), set(watch.near.loc[watch.near["theme_id"] == 0, "paper_id"])
    assert row["estimate"] == "checked"
    assert row["precision"] == row["precision_low"] == row["precision_high"] == 1.0
    recall = len(inside) / (len(inside) + len(near & graphs))
    assert row["recall"] == pytest.approx(recall)
    assert row["recall_low"] == pytest.approx(recall)
    assert watch.table.loc[0, "estimate"] == "estimated"
    assert watch.checked(marks).fingerprint == watch.checked(marks[::-1]).fingerprint != watch.fingerprint


def test_marks_of_some_papers_weigh_by_the_size_of_their_kind(watch):
    kinds = watch.to_check(10_000)
    kinds = kinds[kinds["theme_id"] == 0].groupby("stratum")["paper_id"].apply(list)
    said, like, near = kinds["phrase"], kinds["likeness"], kinds["near"]
    marks = {said[0]: True, said[1]: False, like[0]: True, near[0]: False}
    row = watch.checked(marks, theme="graphs").table.loc[0]
    precision = (0.5 * len(said) + len(like)) / (len(said) + len(like))
    assert row["precision"] == pytest.approx(precision)
    assert row["precision_low"] < precision < row["precision_high"]
    assert row["recall"] == 1.0
    assert row["recall_low"] < 0.9
    only = watch.checked({said[0]: True}, theme=0).table.loc[0]
    assert np.isnan(only["precision"])
    assert "no precision, since none by likeness was marked" in only["note"]


@pytest.mark.parametrize(
    ("marks", "theme", "told"),
    [
        ({"toy:0001": True}, 0, "neither in|not in the theme 0"),
        ({"toy:0000": "yes"}, 0, "must be True or False"),
        ({"toy:0000": True}, "Birds", "theme must be the id or label"),
        ({"toy:0000": True}, 9, "there is no theme 9"),
        ([True], 0, "filled table"),
        (pd.DataFrame({"paper_id": ["x"]}), None, "lacks the column theme_id"),
    ],
)
def test_wrong_marks_are_told(watch, marks, theme, told):
    with pytest.raises(tr.InputError, match=told):
        watch.checked(marks, theme=theme)


def test_a_number_of_papers_to_check_is_needed(watch):
    with pytest.raises(tr.InputError, match="n must be"):
        watch.to_check(0)


# Counts


def test_themes_are_counted_against_all_papers(corpus, watch):
    toy, _ = corpus
    toy = toy.copy()
    toy.loc[toy.index[:8], "date_precision"] = "year"
    toy.loc[toy.index[8:12], "date_precision"] = "unknown"
    toy["date_precision"] = toy["date_precision"].astype(PRECISION_TYPE)
    table = tr.count_themes(toy, watch, every="quarter")
    n_periods = table["period"].nunique()
    assert len(table) == 4 * n_periods
    assert table.drop_duplicates("period")["n_total"].sum() == len(toy) - 12
    assert table.loc[table["topic_id"] == 2, "n_papers"].eq(0).all()
    counted = papers_of(watch, 0) - set(toy.index[:12])
    assert table.loc[table["topic_id"] == 0, "n_papers"].sum() == len(counted)
    measured = tr.measure(table)
    assert measured.calls["label"].tolist() == watch.table["label"].tolist()
    assert str(measured.calls.loc[2, "status"]) == "too few to say"


def test_the_periods_are_those_of_the_topics(corpus, watch):
    toy, embeddings = corpus
    counts = tr.count(toy, tr.cluster(toy, embeddings, seed=0), every="month", observed_until="2024-10-10")
    table = tr.count_themes(toy, watch, every="month", observed_until="2024-10-10").drop_duplicates("period")
    assert table["period"].tolist() == counts.periods.index.tolist()
    assert table["n_total"].tolist() == counts.periods["n_total"].tolist()
    assert table["complete"].tolist() == counts.periods["complete"].tolist()
    assert not table["complete"].iloc[-1]


def abstracts_come(toy, to, seed=0):
    """Take abstracts away, of all of the first papers and up to so few of the last."""
    shares = np.linspace(1, to, len(toy))[toy["date"].rank(method="first").astype(int) - 1]
    return toy.assign(
        abstract=toy["abstract"].mask(np.random.default_rng(seed).random(len(toy)) < shares, "")
    )


def test_a_theme_does_not_grow_because_abstracts_come(monkeypatch):
    toy = papers(2_400)
    # One in five says the phrase at any time: in the abstract alone, or one in four of these in the title.
    said, in_title = (np.arange(len(toy)) % 5 == 0), (np.arange(len(toy)) % 20 == 0)
    toy["abstract"] = toy["abstract"].mask(said, toy["abstract"] + " token pruning")
    toy["title"] = pd.Series([f"A title {k}" for k in range(len(toy))], toy.index).mask(
        in_title, toy["title"] + " token pruning"
    )
    toy = abstracts_come(toy, 0)
    made = tr.watch(toy, tr.embed(toy, "lsa"), [{"name": "Pruning", "phrases": ["token pruning"]}])
    lacks = bare(toy)
    assert (compared(toy, made) == ~lacks).all()
    table = tr.count_themes(toy, made, every="month")
    assert table["n_total"].sum() == (~lacks).sum()
    assert table["n_papers"].sum() == (~lacks & toy.index.isin(made.members["paper_id"])).sum()
    assert tr.measure(table).whole == table.attrs["whole"] == "papers with an abstract"
    call = tr.measure(table).calls.iloc[0]
    assert str(call["status"]) in ("steady", "too few to say")
    assert call["growth_low"] < 1 < call["growth_high"]
    # Were every paper counted, the theme would grow.
    monkeypatch.setattr("trends.timeline._themes.compared", lambda papers, watch: np.full(len(papers), True))
    assert str(tr.measure(tr.count_themes(toy, made, every="month")).calls.iloc[0]["status"]) == "growing"


def test_papers_without_an_abstract_are_compared_where_they_are_more_of_the_themes(corpus):
    toy, embeddings = corpus
    toy = toy.assign(title=[f"{title} {text}" for title, text in zip(toy["title"], toy["abstract"])])
    mostly = toy.assign(abstract=[text if k % 10 == 0 else "" for k, text in enumerate(toy["abstract"])])
    made = tr.watch(mostly, embeddings, THEMES)
    assert (compared(mostly, made) == bare(mostly)).all()
    assert tr.count_themes(mostly, made, every="month").attrs == {"whole": "papers without an abstract"}
    for alike in (toy, toy.assign(abstract="")):
        assert compared(alike, tr.watch(alike, embeddings, THEMES)).all()
        assert compared(alike, tr.watch(alike, embeddings, [])).all()
    assert compared(toy.iloc[:0], made).tolist() == []


def test_only_a_watch_can_be_counted(corpus):
    with pytest.raises(tr.InputError, match="watch must be a Watch"):
        tr.count_themes(corpus[0], THEMES)
