"""Labels: known answers on small corpora, and what must hold of every label whatever the papers say."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trends import labels as labels_room
from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.tables import PRECISION_TYPE
from trends.core.words import stop_words, tokens
from trends.labels import _reading, label
from trends.labels._acronyms import definitions, expansions, long_form
from trends.labels._candidates import Candidate
from trends.labels._headings import headings, qualify
from trends.labels._phrases import count
from trends.labels._stream import read
from trends.labels._variants import singular


def make_papers(texts):
    """Make a papers table of (title, abstract) pairs."""
    index = pd.Index([f"p{k:03d}" for k in range(len(texts))], name="paper_id", dtype="str")
    return pd.DataFrame(
        {
            "title": pd.Series([title for title, _ in texts], index=index, dtype="str"),
            "abstract": pd.Series([abstract for _, abstract in texts], index=index, dtype="str"),
            "date": pd.Series(pd.Timestamp("2024-01-01"), index=index).astype("datetime64[us]"),
            "date_precision": pd.Series("day", index=index).astype(PRECISION_TYPE),
            "tags": pd.Series([() for _ in texts], index=index, dtype=object),
        }
    )


def make_topics(papers, topic_ids):
    """Make a Topics record in which the papers belong to the given topics."""
    ids = sorted(set(topic_ids) - {-1})
    dates = pd.Series(pd.Timestamp("2024-01-01"), index=ids).astype("datetime64[us]")
    table = pd.DataFrame(
        {
            "label": pd.Series([f"topic {k}" for k in ids], index=ids, dtype="str"),
            "terms": pd.Series([() for _ in ids], index=ids, dtype=object),
            "term_weights": pd.Series([() for _ in ids], index=ids, dtype=object),
            "n_papers": pd.Series([topic_ids.count(k) for k in ids], index=ids, dtype="int64"),
            "first_date": dates,
            "last_date": dates,
            "stability": pd.Series(np.nan, index=ids),
            "cohesion": pd.Series(0.5, index=ids),
            "exemplars": pd.Series([() for _ in ids], index=ids, dtype=object),
        }
    )
    table.index = pd.Index(ids, name="topic_id", dtype="int32")
    members = pd.DataFrame(
        {
            "topic_id": np.array(topic_ids, dtype="int32"),
            "similarity": 0.9,
            "x": 0.0,
            "y": 0.0,
            "how": pd.Series(["centroid"] * len(papers), index=papers.index, dtype="str"),
        },
        index=papers.index,
    )
    centroids = np.eye(len(ids), dtype="float32")
    return Topics(
        table, members, centroids, np.zeros(len(ids), "float32"), pd.DataFrame(), pd.DataFrame(), {}, ""
    )


FIELD = [
    # sparse autoencoders
    ("Scaling sparse autoencoders", "Sparse autoencoders (SAEs) find features inside language models."),
    ("What SAEs learn", "We train SAEs on activations. A sparse autoencoder finds interpretable features."),
    ("Evaluating a sparse autoencoder", "SAEs are judged by steering. Sparse autoencoders help."),
    ("Top-k sparse autoencoders", "Features of the SAE are sparse in language models."),
    # mixture of experts
    ("Sparse mixture of experts", "A Mixture-of-Experts (MoE) routes tokens to experts in language models."),
    ("Routing in mixture-of-experts", "MoE routers balance the load. The MoE scales."),
    ("Mixtures of experts for vision", "Sparse routing with a mixture of experts scales models."),
    ("Upcycling a mixture of experts", "We upcycle dense models to MoE. Routers matter."),
    # point clouds
    ("Point cloud detection in 3D", "Sparse convolutions over point clouds detect objects in 3D."),
    ("LiDAR point clouds", "Each point cloud from LiDAR is sparse. 3D boxes are found."),
    ("A transformer for point clouds", "Voxels of point clouds, in 3D, with LiDAR."),
    ("Segmenting point clouds", "A point cloud is segmented with sparse voxels in 3D scenes."),
]
FIELD_TOPICS = [0] * 4 + [1] * 4 + [2] * 4


@pytest.fixture
def field():
    papers = make_papers(FIELD)
    return papers, make_topics(papers, FIELD_TOPICS)


def test_labels_of_a_field_are_its_themes(field):
    labels = label(*field).table["label"]
    assert labels[0] == "Sparse autoencoders"
    assert labels[1].startswith("Mixture-of-experts")
    assert labels[2].startswith("Point clouds")


def test_acronyms_are_their_long_forms(field):
    named = label(*field).table
    assert "sparse autoencoders" in named.loc[0, "terms"]
    assert not {"SAE", "SAEs", "MoE"} & {term for terms in named["terms"] for term in terms}


def test_only_labels_and_terms_change_and_arguments_stay(field):
    papers, topics = field
    before = fingerprint(papers, topics.table, topics.members, topics.centroids)
    named = label(papers, topics)
    assert fingerprint(papers, topics.table, topics.members, topics.centroids) == before
    new = ["label", "terms", "term_weights"]
    pd.testing.assert_frame_equal(named.table.drop(columns=new), topics.table.drop(columns=new))
    assert named.members is topics.members
    assert named.centroids is topics.centroids


def test_row_order_does_not_matter(field):
    papers, topics = field
    backwards = make_topics(papers, FIELD_TOPICS)
    object.__setattr__(backwards, "members", topics.members.iloc[::-1])
    expected = label(papers, topics).table
    pd.testing.assert_frame_equal(label(papers.sample(frac=1, random_state=1), backwards).table, expected)


def test_weights_fall_from_one(field):
    for weights in label(*field).table["term_weights"]:
        assert weights[0] == 1
        assert list(weights) == sorted(weights, reverse=True)


def test_top_terms_bounds_the_terms(field):
    named = label(*field, top_terms=3).table
    assert named["terms"].map(len).tolist() == [3, 3, 3]
    assert named["term_weights"].map(len).tolist() == [3, 3, 3]
    with pytest.raises(InputError, match="top_terms must be at least 1, not 0"):
        label(*field, top_terms=0)


def test_papers_that_are_missing_are_named(field):
    papers, topics = field
    with pytest.raises(InputError, match="'p000'"):
        label(papers.drop(index="p000"), topics)


def test_nested_phrases_and_plurals_are_one_term(field):
    for terms in label(*field).table["terms"]:
        folded = [term.lower().rstrip("s") for term in terms]
        assert len(set(folded)) == len(folded)
    terms = label(*field).table.loc[0, "terms"]
    assert "autoencoder" not in terms
    assert "autoencoders" not in terms


def test_word_common_to_the_corpus_is_no_label():
    themes = ["token pruning", "graph coloring", "speech recognition", "protein folding"]
    texts = [
        (f"Sparse models for {theme} {n}", f"Sparse models: {theme} is studied with sparse models.")
        for theme in themes
        for n in "abcdef"
    ]
    papers = make_papers(texts)
    named = label(papers, make_topics(papers, [k for k in range(4) for _ in range(6)])).table
    assert named["label"].str.lower().tolist() == themes


def test_chained_phrases_make_one_heading():
    texts = [
        ("Pruning", "We drop visual tokens; token pruning is cheap."),
        ("Cutting", "Every visual token costs. With token pruning it is gone."),
        ("Saving", "Most visual tokens are idle, and token pruning removes them."),
        ("Hearing", "Speech recognition for noisy rooms."),
        ("Listening", "Speech recognition for children."),
        ("Talking", "Speech recognition in meetings."),
    ]
    papers = make_papers(texts)
    assert label(papers, make_topics(papers, [0] * 3 + [1] * 3)).table["label"].tolist() == [
        "Visual token pruning",
        "Speech recognition",
    ]


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        (
            "linear attention",
            "sparse attention",
            ("Linear and sparse attention", "Sparse and linear attention"),
        ),
        (
            "image restoration",
            "image segmentation",
            ("Image restoration and segmentation", "Image segmentation and restoration"),
        ),
    ],
)
def test_two_kinds_of_one_thing_and_two_things_done_with_one_make_one_heading(one, two, expected):
    texts = [
        ("Cheap layers", f"We study {one}. The gain is large."),
        ("Fewer steps", f"With {one} memory stays small."),
        ("Long inputs", f"{one.capitalize()} forgets little."),
        ("Blocks", f"We study {two}. The gain is large."),
        ("Patterns", f"With {two} memory stays small."),
        ("Selection", f"{two.capitalize()} forgets little."),
        ("Hearing", "Speech recognition for noisy rooms."),
        ("Listening", "Speech recognition for children."),
        ("Talking", "Speech recognition in meetings."),
    ]
    papers = make_papers(texts)
    heading, other = label(papers, make_topics(papers, [0] * 6 + [1] * 3)).table["label"]
    assert heading in expected
    assert other == "Speech recognition"


@pytest.mark.parametrize("near", ["linear attention", "visual tokens"])
def test_of_two_phrases_that_others_use_as_much_that_of_near_topics_comes_first(near):
    far = {"linear attention": "visual tokens", "visual tokens": "linear attention"}[near]
    texts = (
        [("", f"We study {near} and {far}.")] * 6
        + [("Speech recognition", f"We study {near}.")] * 2
        + [("Speech recognition", "")] * 4
        + [("Protein folding", f"We study {far}.")] * 2
        + [("Protein folding", "")] * 4
    )
    papers = make_papers(texts)
    topics = make_topics(papers, [0] * 6 + [1] * 6 + [2] * 6)
    angles = np.radians([0, 40, 150])
    apart = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    terms = label(papers, replace(topics, centroids=apart)).table["terms"][0]
    assert terms.index(near) < terms.index(far)


def test_case_follows_the_corpus():
    texts = [
        ("3D Gaussian Splatting", "We render with 3D Gaussian splatting from photos."),
        ("Fast 3D Gaussian Splatting", "Compact 3D Gaussian splatting on phones."),
        ("Token Merging", "Merged tokens; token merging is fast."),
        ("More Token Merging", "A fast token merging for images."),
    ]
    papers = make_papers(texts)
    named = label(papers, make_topics(papers, [0, 0, 1, 1])).table["label"]
    assert named.tolist() == ["3D Gaussian splatting", "Token merging"]


def test_titles_alone_do_not_say_how_words_are_written_and_names_keep_their_inner_capitals():
    titles = [
        ["Low-Resource Translation", "Low-Resource Translation at Home", "Rapid Low-Resource Translation"],
        ["Sparse Autoencoders", "Sparse Autoencoders for Vision", "Probing Sparse AutoEncoders"],
        ["LiDAR Maps from Cars", "Dense LiDAR Maps", "LiDAR Maps"],
    ]
    papers = make_papers([(title, "") for some in titles for title in some])
    named = label(papers, make_topics(papers, [0] * 3 + [1] * 3 + [2] * 3)).table["label"]
    assert named.tolist() == ["Low-resource translation", "Sparse autoencoders", "LiDAR maps"]


def named_as(*topics):
    """Return the table of topics whose papers have these texts."""
    papers = make_papers([("", text) for texts in topics for text in texts])
    return label(papers, make_topics(papers, [k for k, texts in enumerate(topics) for _ in texts])).table


SPEECH = ["Speech recognition for noisy rooms.", "Speech recognition at home.", "Speech recognition in cars."]


def test_one_telling_phrase_stands_alone():
    codes = ["Sparse coding finds codes.", "Sparse coding has accuracy.", "Codes of sparse coding, accuracy."]
    assert named_as(codes, SPEECH)["label"].tolist() == ["Sparse coding", "Speech recognition"]


def test_words_of_every_field_head_no_slide():
    matching = ["Accuracy of matching.", "Accuracy; matching; accuracy.", "Matching. Accuracy, accuracy."]
    assert named_as(matching, SPEECH)["label"].tolist() == ["Matching", "Speech recognition"]


def test_single_word_gives_way_to_a_fuller_phrase():
    skills = [
        "Skills: agent skills help.",
        "Skills of agents. Skills grow; agent skills.",
        "Skills for agents.",
    ]
    assert named_as(skills, SPEECH)["label"].tolist() == ["Agent skills", "Speech recognition"]


def test_verbs_are_no_terms():
    pruning = ["Token pruning prunes the tokens.", "It prunes a token; token pruning.", "Prunes its tokens."]
    terms = named_as(pruning, SPEECH).loc[0, "terms"]
    assert "token pruning" in terms
    assert not {"prune", "prunes"} & set(terms)


def test_capitals_of_titles_are_no_names():
    texts = [("Steering Llama Chatbots", "Steering of Llama here; Llama again.")] * 3 + [
        ("", s) for s in SPEECH
    ]
    papers = make_papers(texts)
    terms = " ".join(label(papers, make_topics(papers, [0] * 3 + [1] * 3)).table.loc[0, "terms"])
    assert "Llama" in terms
    assert "chatbots" in terms


def test_acronyms_with_a_hyphen_are_written_out():
    texts = ["Sparse autoencoders (SAEs) help.", "SAE-based steering.", "SAE-based tests of an SAE."]
    named = named_as(texts, SPEECH)
    assert named.loc[0, "label"] == "Sparse autoencoders"
    assert not any("SAE" in term for term in named.loc[0, "terms"])


def test_names_are_kept_for_the_same_content(field, tmp_path, monkeypatch):
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path))
    papers, topics = field
    first = label(papers, topics).table

    def refuse(*_):
        raise AssertionError("read again")

    with monkeypatch.context() as patch:
        patch.setattr("trends.labels.choose", refuse)
        pd.testing.assert_frame_equal(label(papers.iloc[::-1], topics).table, first)
        other = papers.assign(title=papers["title"].where(papers.index != "p000", "Another title"))
        for changed in (lambda: label(papers, topics, top_terms=2), lambda: label(other, topics)):
            with pytest.raises(AssertionError, match="read again"):
                changed()


def test_one_topic_of_all_papers():
    papers = make_papers([("Token pruning", "Token pruning for images.")] * 5)
    assert label(papers, make_topics(papers, [0] * 5)).table["label"].tolist() == ["Token pruning"]


def test_equal_topics_get_different_labels():
    papers = make_papers([("Token pruning", "Token pruning for images.")] * 8)
    labels = label(papers, make_topics(papers, [0, 0, 1, 1, 2, 2, 3, 3])).table["label"]
    assert labels.is_unique


def test_topic_without_words_is_called_by_its_id():
    papers = make_papers(
        [("", ""), ("The of and", "We propose it."), ("Token pruning", ""), ("Token pruning", "")]
    )
    assert label(papers, make_topics(papers, [3, 3, 1, 1])).table["label"].to_dict() == {
        1: "Token pruning",
        3: "Topic 3",
    }


def test_no_topics_at_all():
    papers = make_papers([("Token pruning", "")])
    assert label(papers, make_topics(papers, [-1])).table.empty


def test_another_language_has_labels_too():
    texts = [("稀疏 注意力", "稀疏 注意力 模型")] * 3 + [("Réseaux épars", "Réseaux épars élagués")] * 3
    papers = make_papers(texts)
    named = label(papers, make_topics(papers, [0] * 3 + [1] * 3)).table["label"]
    assert "稀疏" in named[0]
    assert named[1].lower().startswith("réseaux épars")


JOINED = re.compile(r"^(\S+) and (\S+ \S+)$")
"""Two kinds of one thing, as "Sparse and linear attention": the one place of a stop word in a label."""


def offences(labels):
    """Return the labels that break the promises of every label."""
    return [
        text
        for text in labels
        if len(text.split()) > 4
        or {word.strip(",").lower() for word in JOINED.sub(r"\1 \2", text).split()} & stop_words()
        or len({singular(w, dict.fromkeys(tokens(text), 1)) for w in tokens(text)}) < len(tokens(text))
    ]


WORDS = st.sampled_from(
    "sparse token tokens pruning the of we propose attention visual-token (SAE) SAEs 3D mixture experts "
    "mixture-of-experts . , - ' ’s état 注意 \u0301 $x^2$ state-of-the-art models".split()
)
TEXT = st.one_of(
    st.lists(WORDS, max_size=25).map(" ".join), st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT, st.integers(-1, 3)), min_size=1, max_size=12))
@example([("", "sparse token", 0), ("", "attention token", 0), ("", "attention token sparse token", 0)])
def test_any_text_keeps_the_promises(rows):
    papers = make_papers([(title, abstract) for title, abstract, _ in rows])
    named = label(papers, make_topics(papers, [topic for _, _, topic in rows])).table
    assert named["label"].is_unique
    assert named["label"].str.len().gt(0).all()
    assert offences(label_ for label_ in named["label"] if not label_.startswith("Topic ")) == []
    assert named["terms"].map(len).equals(named["term_weights"].map(len))


@pytest.mark.parametrize(
    ("short", "before", "expected"),
    [
        ("SAE", "we train Sparse Autoencoders ", ["Sparse", "Autoencoders"]),
        ("MoE", "a Mixture-of-Experts ", ["Mixture-of-Experts"]),
        ("LLM", "of large language models ", ["large", "language", "models"]),
        ("KV", "the key-value ", ["key-value"]),
        ("XYZ", "nothing of the kind ", []),
    ],
)
def test_long_form_spells_its_short_form(short, before, expected):
    assert long_form(short, before) == expected


def test_definitions_are_read_in_both_orders():
    assert list(definitions("Sparse autoencoders (SAEs) work. A VLM (vision language model) sees.")) == [
        ("SAE", ("Sparse", "autoencoders")),
        ("VLM", ("vision", "language", "model")),
    ]


def test_majority_of_definitions_wins_and_a_split_vote_decides_nothing():
    def fold(words):
        return tuple(word.lower() for word in words)

    speech, scaling = "text to speech (TTS)", "test time scaling (TTS)"
    assert expansions([speech, speech, scaling], {"TTS": [0, 1, 2]}, fold) == {
        "TTS": ("text", "to", "speech")
    }
    assert expansions([speech, scaling], {"TTS": [0, 1]}, fold) == {}


@given(st.text(max_size=80))
def test_definitions_read_any_text(text):
    for short, words in definitions(text):
        assert short
        assert words


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("tokens", "token"),
        ("queries", "query"),
        ("matrices", "matrix"),
        ("biases", "bias"),
        ("dynamics", "dynamics"),
        ("topics", "topic"),
        ("loss", "loss"),
        ("gpus", "gpu"),
        ("focus", "focus"),
        ("unseens", "unseens"),
    ],
)
def test_plurals_are_folded_where_the_corpus_knows_the_singular(word, expected):
    known = dict.fromkeys("token query matrix bias dynamic topic los gpu gpus focus".split(), 3)
    assert singular(word, known) == expected


def test_phrases_stop_at_stop_words_punctuation_and_papers():
    papers = make_papers([("alpha beta", "gamma of delta, epsilon")] * 2)
    found = {" ".join(words) for words in count(read(papers), 2).words}
    assert found == {"alpha", "beta", "gamma", "delta", "epsilon", "alpha beta"}


def test_counts_are_papers_by_phrases():
    papers = make_papers([("token pruning", "token pruning"), ("pruned", "token")])
    phrases = count(read(papers), 2)
    column = phrases.words.index(("token",))
    assert phrases.counts[:, [column]].toarray().ravel().tolist() == [2, 1]


# --- which papers are read ------------------------------------------------------------------------------


def test_small_corpora_are_read_whole_and_large_topics_in_part(monkeypatch):
    monkeypatch.setattr(_reading, "READ", 30)
    monkeypatch.setattr(_reading, "LEAST", 4)
    ids = [0] * 100 + [1] * 5 + [-1] * 40
    members = pd.DataFrame(
        {"topic_id": ids, "similarity": np.linspace(0, 1, len(ids))},
        index=pd.Index([f"p{k:03d}" for k in range(len(ids))], dtype="str"),
    )
    read_ids = _reading.chosen(members)
    assert read_ids.is_monotonic_increasing
    found = members.loc[read_ids]
    # What the small topic leaves of its third goes to the others; the nearest papers come first.
    assert found["topic_id"].value_counts().to_dict() == {0: 12, 1: 5, -1: 12}
    assert found.index[found["topic_id"] == 0].tolist() == [f"p{k:03d}" for k in range(88, 100)]
    shuffled = members.sample(frac=1, random_state=1)
    assert _reading.chosen(shuffled).equals(read_ids)
    assert len(_reading.chosen(members.head(30))) == 30


def test_a_part_of_the_papers_gives_the_same_names(monkeypatch):
    many = make_papers(FIELD * 5)
    wide = make_topics(many, FIELD_TOPICS * 5)
    whole = label(many, wide).table["label"]
    monkeypatch.setattr(_reading, "READ", 24)
    monkeypatch.setattr(_reading, "LEAST", 4)
    asked = []
    real = labels_room.read
    monkeypatch.setattr(labels_room, "read", lambda found: asked.append(len(found)) or real(found))
    monkeypatch.setattr(labels_room, "plain", lambda kind, key, make: make())
    assert label(many, wide).table["label"].tolist() == whole.tolist()
    assert asked == [24]


def test_topics_count_by_their_size_not_by_what_is_read_of_them(monkeypatch):
    # "Deep" is in every paper of the large topic, so it is common however few of them are read.
    large = [("", "deep nets for speech recognition")] * 300
    small = [("", f"deep gardens, rose {k % 2}") for k in range(6)]
    papers = make_papers(large + small)
    topics = make_topics(papers, [0] * 300 + [1] * 6)
    monkeypatch.setattr(_reading, "READ", 12)
    monkeypatch.setattr(_reading, "LEAST", 4)
    assert "eep" not in label(papers, topics).table.loc[0, "label"]


# --- what is read of them -------------------------------------------------------------------------------


def test_formulas_are_no_words():
    text = r"Bounds of $O(\log n \cdot \epsilon)$ and \mathbb R; costs of $5 and $6 for speech recognition."
    papers = make_papers([(r"Search in $\log^2 n$ time", text)] * 2)
    found = {word for words in count(read(papers), 2).words for word in words}
    assert not {"log", "epsilon", "cdot", "mathbb"} & found
    assert {"search", "bounds", "speech", "recognition"} <= found


def test_texts_without_sentences_are_named_by_words_that_belong_together():
    draw = np.random.default_rng(0)
    loose = [*map("".join, itertools.product("bdkmt", "aeio", "lnrs"))]
    texts = [
        " ".join([*draw.permutation(loose), "mobile phone", *draw.permutation(loose)]) for _ in range(20)
    ]
    papers = make_papers([("", text) for text in texts])
    stream = read(papers)
    assert not stream.prose
    assert read(make_papers([("", "We look at the film, and at the award of it.")])).prose
    assert {words for words in count(stream, 20).words if len(words) > 1} == {("mobile", "phone")}
    # With sentences, what is said side by side would belong together.
    assert len([words for words in count(replace(stream, prose=True), 20).words if len(words) > 1]) > 1


def test_number_follows_uses_that_end():
    texts = ["Medical images. Medical image analysis.", "Medical image registration of medical images."]
    texts += ["Medical image fusion.", "Medical image denoising.", "Medical images."]
    assert "Medical images" in named_as(texts, SPEECH).loc[0, "label"]


# --- which phrase heads ---------------------------------------------------------------------------------


def test_adjectives_and_vague_words_do_not_stand_alone():
    texts = ["Multilingual parsing.", "Multilingual parsing of verbs.", "Multilingual tagging."]
    assert named_as(texts, SPEECH).loc[0, "label"] == "Multilingual parsing"


def test_measures_do_not_name_what_they_measure():
    texts = ["Jailbreak attacks; attack success rate.", "Attack success rate of jailbreak attacks."] * 2
    assert named_as(texts, SPEECH).loc[0, "label"] == "Jailbreak attacks"


def test_a_heading_does_not_stutter():
    texts = ["Generated images. Image generation.", "Image generation: generated images."] * 2
    label_ = named_as(texts, SPEECH).loc[0, "label"]
    assert label_ in ("Image generation", "Generated images")


def test_a_name_that_a_sibling_holds_is_qualified():
    deep = ["Deep search agents browse.", "Deep search agents, on the web.", "A deep search agent."] * 2
    broad = ["Search agents.", "Search agents; retrieval indexes.", "Search agents here."] * 2
    labels = named_as(deep, broad, SPEECH * 20)["label"]
    assert labels.tolist()[:2] == ["Deep search agents", "Search agents, retrieval indexes"]


def candidate(text, score, spread, **known):
    """Make a phrase of a topic, a pair of words that no other topic uses unless told otherwise."""
    told = {"share": spread, "users": 100 * spread, "outside": 0.0, "support": 0.5, "single": False}
    told |= {"closing": 0.9, "prose": True} | known
    return Candidate(phrase=0, words=tuple(text.split()), score=score, spread=spread, **told)


def heading(*pool):
    """Return the words that head a topic with these phrases."""
    return [" ".join(c.words) for c in headings([list(pool)])[0]]


def test_a_part_stands_behind_the_whole():
    part = candidate("flow matching", 0.08, 0.35)
    whole = candidate("diffusion sampler", 0.04, 0.8)
    assert heading(part, whole) == ["diffusion sampler", "flow matching"]
    # Nothing wider, or hardly: the best stands alone.
    assert heading(part, candidate("diffusion sampler", 0.02, 0.4)) == ["flow matching"]
    assert heading(part, candidate("diffusion sampler", 0.01, 0.8)) == ["flow matching"]
    assert heading(candidate("flow matching", 0.08, 0.75), whole) == ["flow matching"]


def test_what_says_nearly_as_much_stands_beside_a_part():
    cache, attention = candidate("key-value cache", 0.08, 0.39), candidate("sparse attention", 0.05, 0.31)
    assert heading(cache, attention) == ["key-value cache", "sparse attention"]
    assert heading(cache, replace(attention, score=0.02)) == ["key-value cache"]
    assert heading(cache, replace(attention, outside=0.2)) == ["key-value cache"]
    assert heading(cache, replace(attention, words=("data", "point"))) == ["key-value cache"]
    assert heading(replace(cache, spread=0.75), attention) == ["key-value cache"]
    # What a fifth of the papers say does not stand for all of them if there is anything beside it.
    few = replace(cache, spread=0.2)
    for score, expected in ((0.03, 2), (0.005, 1)):
        assert len(heading(few, replace(attention, score=score))) == expected


def test_a_name_with_which_another_begins_is_qualified():
    head, other = candidate("object detection", 0.1, 0.8), candidate("semantic segmentation", 0.08, 0.5)
    for beside, expected in (
        (candidate("traffic scene", 0.03, 0.4), 2),
        (candidate("traffic scene", 0.002, 0.1), 1),
    ):
        heads = [[head], [head, other]]
        qualify(heads, [[head, beside], [head, other]], [{}, {}], [np.array([], dtype=int)] * 2)
        assert [len(found) for found in heads] == [expected, 2]


def test_the_phrase_around_a_word_comes_before_others_unless_they_are_worth_more():
    word = candidate("document", 0.2, 0.8, single=True)
    around = candidate("document parsing", 0.05, 0.3)
    assert heading(word, around, candidate("character recognition", 0.06, 0.3))[0] == "document parsing"
    other = candidate("character recognition", 0.12, 0.3)
    assert heading(word, around, other)[0] == "character recognition"


def test_what_papers_of_every_theme_use_heads_behind_what_they_study():
    for method in ("deep learning", "artificial intelligence", "machine learning model"):
        used = candidate(method, 0.1, 0.8)
        assert heading(used, candidate("crop disease", 0.08, 0.8)) == ["crop disease"]
        assert heading(used, candidate("crop disease", 0.05, 0.8)) == [method]
    assert heading(candidate("federated learning", 0.1, 0.8), candidate("crop disease", 0.08, 0.8)) == [
        "federated learning"
    ]


def test_a_phrase_that_holds_the_best_adjective_comes_before_one_that_is_hardly_better():
    adjective = candidate("long-context", 0.6, 0.9, single=True, closing=0.2)
    window, models = candidate("input window", 0.1, 0.8), candidate("long-context parser", 0.095, 0.8)
    assert heading(adjective, window, models) == ["long-context parser"]
    assert heading(adjective, window, replace(models, score=0.08)) == ["input window"]
    assert heading(replace(adjective, score=0.1), window, models) == ["input window"]


def test_a_compound_stands_alone_where_no_phrase_around_it_is_worth_much():
    compound = candidate("mixture-of-experts", 0.5, 0.9, single=True)
    around = candidate("sparse mixture-of-experts", 0.02, 0.3)
    assert heading(compound, around) == ["mixture-of-experts"]
    assert heading(compound, replace(around, score=0.2))[0] == "sparse mixture-of-experts"
    word = replace(compound, words=("experts",))
    assert heading(word, replace(around, words=("sparse", "experts")))[0] == "sparse experts"


def test_a_common_word_gives_way_sooner_than_another():
    word = candidate("tokens", 0.3, 0.8, single=True)
    other = candidate("beam search", 0.06, 0.5)
    assert heading(word, other) == ["tokens"]
    assert heading(replace(word, outside=0.08), other) == ["beam search"]


def test_where_another_topic_has_the_phrase_the_next_stands_alone_rather_than_a_single_word_beside_it():
    taken, own = candidate("object detection", 0.2, 0.8), candidate("object detection", 0.1, 0.8)
    word = candidate("fusion", 0.02, 0.3, single=True)
    for text, score, expected in (
        ("object tracking", 0.09, ["object tracking"]),
        ("object tracking", 0.03, ["object detection", "fusion"]),
        ("scene parsing", 0.09, ["object detection", "scene parsing"]),
    ):
        heads = headings([[taken], [own, word, candidate(text, score, 0.8)]])
        assert [" ".join(c.words) for c in heads[1]] == expected


def test_a_common_phrase_gives_way_to_one_around_it_rather_than_take_a_single_word():
    common, word = candidate("language models", 0.3, 1.0, outside=0.5), candidate("judge", 0.02, 0.2)
    word = replace(word, single=True)
    around = candidate("language models evaluation", 0.03, 0.5)
    assert heading(common, word, around) == ["language models evaluation"]
    assert heading(common, word, replace(around, spread=0.2, share=0.2)) == ["language models", "judge"]


def test_terms_are_not_shared_where_better_ones_are_there():
    first = ["Data, token pruning, visual tokens, sparse kernels."] * 4
    second = ["Data, speech recognition, phonemes, acoustic frames."] * 4
    papers = make_papers([("", text) for text in first + second])
    named = label(papers, make_topics(papers, [0] * 4 + [1] * 4), top_terms=3).table
    assert not set(named.loc[0, "terms"]) & set(named.loc[1, "terms"])
    assert not any(term.lower() == "data" for terms in named["terms"] for term in terms)


@pytest.mark.data
def test_sample_of_real_titles_has_readable_labels(shared_data):
    rows = pd.read_json(shared_data / "sample" / "sparse_papers.jsonl", lines=True, dtype=str)
    themes = {
        "sparse autoencoder": "sparse autoencoders",
        "point cloud": "point clouds",
        "mixture of experts|moe": "mixture-of-experts",
    }
    texts = rows["title"] + " " + rows["summary"]
    topic_ids = [-1] * len(rows)
    for topic, pattern in enumerate(themes):
        for k in np.flatnonzero(texts.str.contains(pattern, case=False)):
            topic_ids[k] = topic
    papers = make_papers(list(zip(rows["title"], rows["summary"])))
    labels = label(papers, make_topics(papers, topic_ids)).table["label"]
    assert offences(labels) == []
    for found, wanted in zip(labels, themes.values()):
        assert wanted in found.lower()
