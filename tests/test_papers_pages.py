"""Saved Daily Papers pages, and the real corpora: every entry found, nothing of the page in a paper."""

import json
import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trends.core.errors import InputError
from trends.papers import health, load, sample
from trends.papers._identity import normalised

HEADER = [
    "new",
    "Get trending papers in your email inbox!",
    "Subscribe",
    "Daily Papers",
    "byAK and the research community",
    "Aug 12",
]
OWN_TEXT = re.compile(
    r"Get trending papers|email inbox|^Subscribe|AK and the research community|^Daily Papers|•|·"
    r"|\d+ authors?\b"
    r"|^new$|^[A-Z][a-z]{2} \d{1,2}(, \d{4})?( \d+)?$"
)
LONG = (
    "We study how attention can be made sparse without loss of quality on long sequences. Our method keeps "
    "the few keys that matter for each query and drops the rest, so the cost grows with the number kept. "
    "On twelve benchmarks it is as good as dense attention at a third of the time, and it needs no training, "
    "which makes it easy to"
)
PAPERS = [
    ("SparseD", LONG),
    ("k-Sparse Autoencoders", LONG + " use."),
    ("What Is Learned, and When?", "Second: " + LONG),
    ("A Title That Ends in a Full Stop.", "Third: " + LONG),
    ("Deep Learning", "A short abstract of one sentence."),
    ("Daily Papers: A Corpus of What Was Read", "Fourth: " + LONG),
    ("Subscribers and Their Papers, Dec 3, 2024", "Fifth: " + LONG + " 6 authors agree."),
]


def page(layout, header=HEADER, end="\n", last=""):
    gap = [] if layout == "c" else [""]
    lines = [line for own in header for line in (own, *gap)]
    for number, (title, abstract) in enumerate(PAPERS):
        lines += [title, *gap, abstract, *gap]
        if layout == "b":
            lines += [
                f"  • {number + 1} author{'s' * (number > 0)}",
                "·",
                f"Dec {number + 1}, 2024" + " 12" * (number == 2),
                "",
            ]
    return end.join(lines).rstrip() + last


def read(tmp_path, text, name="page.txt"):
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8"))
    return load(path)


def found(papers):
    return set(zip(papers["title"], papers["abstract"]))


@pytest.mark.parametrize("layout", ["a", "b", "c"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n"])
def test_each_layout_is_read_with_any_line_ends(tmp_path, layout, end, last):
    papers = read(tmp_path, page(layout, end=end, last=last))
    assert found(papers) == set(PAPERS)
    assert papers["date"].notna().sum() == (len(PAPERS) if layout == "b" else 0)


@given(st.permutations(HEADER), st.integers(0, 4), st.sampled_from("abc"))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_header_in_any_order_and_number_ends_in_no_paper(tmp_path, header, dropped, layout):
    kept = header[dropped:]
    if not set(kept) & set(HEADER[1:5]):
        kept = [*kept, "Subscribe"]
    assert found(read(tmp_path, page(layout, header=kept))) == set(PAPERS)


@pytest.mark.parametrize(
    "glued",
    [
        "Subscribe",
        "Get trending papers in your email inbox!Subscribe",
        "newGet trending papers in your email inbox once a day!Subscribe",
        "SubscribeDaily PapersbyAK and the research communityAug 12",
        "Daily PapersbyAK and the research communityAug 12",
    ],
)
@pytest.mark.parametrize(
    "first", ["SparseVLM: Tokens", "k-Sparse Things", "3D Worlds", "Subscribers at Work", "Über Attention"]
)
def test_a_header_glued_to_the_first_title_comes_off(tmp_path, glued, first):
    text = f"Get trending papers in your email inbox!\n{glued}{first}\n{LONG}\nSecond\n{LONG}"
    if "Aug 12" in glued and not first[0].isupper():
        text = text.replace(f"Aug 12{first}", f"Aug 12\n{first}")
    assert set(read(tmp_path, text)["title"]) == {first, "Second"}


def test_bylines_give_date_authors_and_upvotes(tmp_path):
    papers = read(tmp_path, page("b")).set_index("title")
    third = papers.loc["What Is Learned, and When?"]
    assert str(third["date"].date()) == "2024-12-03"
    assert (third["date_precision"], third["date_source"]) == ("day", "listing page")
    assert (third["n_authors"], third["upvotes"]) == (3, 12)
    assert papers["upvotes"].notna().sum() == 1


@pytest.mark.parametrize(
    "byline",
    [
        "• 6 authors\n·\nDec 3, 2024 1",
        "• 6 authors · Dec 3, 2024",
        "  •  6 authors\n\n·\n\nDecember 3, 2024\n\n4\n",
        "·\n6 authors\nDec 3, 2024",
        "• 1,024 authors\n·\nDec 3, 2024 1.2k",
    ],
)
@pytest.mark.parametrize("place", ["after", "between", "glued"])
def test_bylines_in_other_shapes_and_places(tmp_path, byline, place):
    if place == "glued" and not byline.startswith("•"):
        pytest.skip("only the bullet marks where a glued byline begins")
    text = "Subscribe\n"
    for title in ("One Title", "Another Title"):
        parts = {
            "after": [title, LONG, byline],
            "between": [title, byline, LONG],
            "glued": [title, f"{LONG} {byline}"],
        }
        text += "\n\n".join(parts[place]) + "\n\n"
    papers = read(tmp_path, text)
    assert found(papers) == {("One Title", LONG), ("Another Title", LONG)}
    assert set(papers["date"].astype(str)) == {"2024-12-03"}


@pytest.mark.parametrize("layout", ["a", "c"])
def test_a_second_paragraph_belongs_to_its_abstract(tmp_path, layout):
    half = LONG[: LONG.index(" Our method")]
    rest = LONG[LONG.index("Our method") :]
    assert (half.strip(), LONG) in {(half, f"{half} {rest}")}
    text = page(layout).replace(f"SparseD\n\n{LONG}", f"SparseD\n\n{half}\n\n{rest}", 1)
    text = text.replace(f"SparseD\n{LONG}", f"SparseD\n{half}\n{rest}", 1)
    assert text != page(layout)
    assert found(read(tmp_path, text)) == set(PAPERS)


def test_lines_of_one_paragraph_belong_together(tmp_path):
    half = LONG[: LONG.index(" Our method")]
    rest = LONG[LONG.index("Our method") :]
    text = page("a").replace(f"SparseD\n\n{LONG}", f"SparseD\n\n{half}\n{rest}", 1)
    assert found(read(tmp_path, text)) == set(PAPERS)


@pytest.mark.parametrize("layout", ["a", "b", "c"])
def test_a_title_without_abstract_does_not_shift_the_others(tmp_path, layout):
    extra = "A Paper Without Any Abstract"
    lines = {"a": f"{extra}\n\n", "b": f"{extra}\n\n  • 2 authors\n·\nJan 1, 2024\n\n", "c": f"{extra}\n"}
    text = page(layout).replace("What Is Learned", lines[layout] + "What Is Learned", 1)
    assert found(read(tmp_path, text)) == set(PAPERS) | {(extra, "")}


def test_a_page_saved_without_its_header_is_known_by_its_turns(tmp_path):
    text = "\n".join(f"Title {number}\n{LONG} {number}" for number in ("one", "two", "three"))
    assert len(read(tmp_path, text)) == 3


def test_a_page_without_papers_is_refused(tmp_path):
    with pytest.raises(InputError, match="no entries"):
        read(tmp_path, "\n".join(HEADER))


def test_closing_buttons_end_in_no_paper(tmp_path):
    text = page("a") + "\n\nPrevious\n\nNext\n\nCompany\n\nTOS\n\nPrivacy\n\n©\n"
    assert found(read(tmp_path, text)) == set(PAPERS)


PIECES = st.sampled_from(
    [*HEADER, "·", "• 3 authors", "Dec 3, 2024 1", "", LONG, "A Title", "Another Title.", "SubscribeX", "12"]
)


@given(st.lists(PIECES, max_size=25), st.sampled_from(["\n", "\r\n", "\n\n"]))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_of_the_page_ends_in_a_paper(tmp_path, pieces, end):
    try:
        papers = read(tmp_path, end.join(pieces))
    except InputError:
        return
    texts = [*papers["title"], *papers["abstract"]]
    assert not [text for text in texts if OWN_TEXT.search(text)]
    line = papers.attrs["reading"][0]
    assert line["n_present"] == line["n_read"] + line["n_rejected"]


# --- the real corpora ----------------------------------------------------------------------------------


@pytest.mark.data
def test_the_real_pages(shared_data):
    papers = load(shared_data / "pages" / "*.txt")
    assert len(papers) == 311
    assert sum(line["n_read"] for line in papers.attrs["reading"]) == 391
    assert sum(line["n_rejected"] for line in papers.attrs["reading"]) == 0
    assert papers["date"].notna().sum() == 45
    assert set(papers.loc[papers["date"].notna(), "date_precision"]) == {"day"}
    assert not [text for text in [*papers["title"], *papers["abstract"]] if OWN_TEXT.search(text)]
    assert papers["title"].str.len().between(10, 150).all()
    assert papers["abstract"].str.len().min() > 600
    embedded = sample()
    assert set(map(normalised, papers["title"])) == set(map(normalised, embedded["title"]))
    dates = embedded.assign(key=embedded["title"].map(normalised)).set_index("key")["date"]
    dated = papers[papers["date"].notna()]
    assert (dated["title"].map(normalised).map(dates) == dated["date"]).all()


@pytest.mark.data
def test_the_real_pages_and_the_sample_are_the_same_papers(shared_data):
    pages, both = load(shared_data / "pages"), load(shared_data / "pages", shared_data / "sample")
    assert len(both) == 311
    assert set(both.index) == set(sample().index)
    table = health(both).table["n_papers"]
    assert table["entries read"] == 702 and table["entries merged"] == 391
    lengths = both.assign(key=both["title"].map(normalised)).set_index("key")["abstract"].str.len()
    assert (pages["title"].map(normalised).map(lengths) >= pages["abstract"].str.len()).all()


@pytest.mark.data
def test_the_real_api_responses(shared_data):
    folder = shared_data / "hf_daily" / "days"
    papers = load(folder)
    counted = {}
    for path in folder.iterdir():
        value = json.loads(path.read_text("utf-8"))
        counted[path.name] = len(value["data"] if isinstance(value, dict) else value)
    assert {line["file"]: line["n_present"] for line in papers.attrs["reading"]} == counted
    assert sum(line["n_rejected"] for line in papers.attrs["reading"]) == 0
    assert papers.index.str.startswith("arxiv:").all()
    assert (papers["date_precision"] == "day").all()
    assert (papers["n_authors"] > 0).all()
    corpus = load(shared_data / "hf_daily" / "hf_daily.jsonl.gz")
    assert len(corpus) == 9877
    both = papers.index.intersection(corpus.index)
    assert len(both) > 150
    assert papers.loc[both, "date"].equals(corpus.loc[both, "date"])
    assert papers.loc[both, "title"].equals(corpus.loc[both, "title"])


@pytest.mark.data
@pytest.mark.slow
def test_the_conference_corpus(shared_data):
    papers = load(shared_data / "conference" / "paperlists_abs.jsonl.gz")
    line = papers.attrs["reading"][0]
    assert (line["n_present"], line["n_read"]) == (91906, 91906)
    table = health(papers).table["n_papers"]
    assert table["papers"] + table["entries merged"] == 91906
    assert Counter(papers["date_precision"]) == {"year": len(papers)}
