"""Reading papers: formats, cleaning, dates, identity, tags, the account of every entry."""

import bz2
import contextlib
import gzip
import io
import json
import lzma
import math
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.tables import PAPERS, check
from trends.papers import _clean, _identity, health, load, sample, save
from trends.papers._language import language


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def rows(folder, *records, name="papers.jsonl"):
    return write(folder, name, "\n".join(json.dumps(record) for record in records))


def reconciles(papers):
    log = papers.attrs["reading"]
    assert all(line["n_present"] == line["n_read"] + line["n_rejected"] for line in log)
    table = health(papers).table["n_papers"]
    assert table["entries present"] == table["entries read"] + table["entries rejected"]
    assert table["entries read"] == table["papers"] + table["entries merged"]
    assert sum(table[f"dated to the {p}"] for p in ("day", "month", "year")) + table["undated"] == len(papers)
    tagged = table["with tags from the source"] + table["with tags from the text"] + table["without tags"]
    assert tagged == len(papers)
    json.dumps(log)


# --- formats -------------------------------------------------------------------------------------------


def test_a_table_in_any_format_gives_the_same_papers(tmp_path):
    header = ["title", "summary", "year", "keywords", "authors", "doi", "venue"]
    cells = [
        "Sparse Attention, Revisited",
        "Long; text",
        "2021",
        "Attention;Sparsity",
        "A. One; B. Two",
        "10.1000/X",
        "ICML",
    ]
    for name, delimiter in {"a.csv": ",", "b.csv": ";", "c.tsv": "\t", "d.txt": "|"}.items():
        write(
            tmp_path,
            name,
            "\r\n".join(delimiter.join(f'"{c}"' for c in row) for row in (header, cells)) + "\r\n",
        )
    write(tmp_path, "e.json", json.dumps([dict(zip(header, cells))]))
    write(tmp_path, "f.jsonl.gz", gzip.compress(json.dumps(dict(zip(header, cells))).encode()))
    pd.DataFrame([cells], columns=header).to_parquet(tmp_path / "g.parquet")
    write(
        tmp_path,
        "h.csv",
        ("\ufeff" + ",".join(header) + "\n" + ",".join(f'"{c}"' for c in cells)).encode("utf-16"),
    )
    tables = [load(path) for path in sorted(tmp_path.iterdir())]
    assert len(tables) == 8
    for papers in tables:
        check(papers, PAPERS)
        paper = papers.loc["doi:10.1000/x"]
        assert paper["title"] == "Sparse Attention, Revisited"
        assert paper["abstract"] == "Long; text"
        assert (paper["date"], paper["date_precision"]) == (pd.Timestamp("2021-01-01"), "year")
        assert paper["tags"] == ("attention", "sparsity")
        assert paper["tag_sources"] == ("source", "source")
        assert paper["authors"] == ("A. One", "B. Two")
        assert paper["url"] == "https://doi.org/10.1000/x"
        assert paper["venue"] == "ICML"
    assert len(load(tmp_path)) == 1
    assert load(tmp_path)["sources"].iloc[0] == tuple(sorted(path.name for path in tmp_path.iterdir()))


def daily(identifier, title="A Title", **extra):
    paper = {
        "id": identifier,
        "title": title,
        "summary": "Sum\nmary.",
        "publishedAt": "2025-01-09T23:00:00.000Z",
    }
    return {"paper": paper | extra, "publishedAt": "2025-01-10T01:00:00.000Z", "title": "Outer"}


def test_a_json_list_with_one_object_per_line_is_json(tmp_path):
    text = '[\n{"title": "One"},\n{"title": "Two"}\n]'
    papers = load(write(tmp_path, "x.json", text))
    assert len(papers) == 2
    assert papers.attrs["reading"][0]["format"] == "JSON"


@pytest.mark.parametrize("wrap", ["list", "texts", "envelope", "repr", "json texts"])
def test_daily_api_responses_with_their_quirks(tmp_path, wrap):
    items = [
        daily(
            "2501.00001",
            "Wrapped\n  Title",
            ai_keywords=["RAG", "rag"],
            upvotes=7,
            authors=[{"name": "A One"}],
        ),
        daily("2501.00002", None),
    ]
    value = {
        "list": json.dumps(items),
        "texts": json.dumps([repr(item) for item in items]),
        "json texts": json.dumps([json.dumps(item) for item in items]),
        "envelope": json.dumps({"status": "success", "count": 2, "data": [repr(item) for item in items]}),
        "repr": repr(items),
    }[wrap]
    papers = load(write(tmp_path, "day.json", value))
    assert papers.attrs["reading"][0]["format"] == "Daily Papers API"
    one = papers.loc["arxiv:2501.00001"]
    assert (one["title"], one["abstract"]) == ("Wrapped Title", "Sum mary.")
    assert one["date"] == pd.Timestamp("2025-01-09")
    assert (one["tags"], one["authors"], one["upvotes"]) == (
        ("retrieval-augmented generation",),
        ("A One",),
        7,
    )
    assert one["url"] == "https://huggingface.co/papers/2501.00001"
    assert papers.loc["arxiv:2501.00002", "title"] == "Outer"


def test_a_daily_record_that_cannot_be_read_is_reported(tmp_path):
    items = [daily("2501.00001"), "{'paper': open('x')}", 3, {"paper": {"id": "2501.00003"}}]
    papers = load(write(tmp_path, "day.json", json.dumps(items)))
    line = papers.attrs["reading"][0]
    assert (line["n_present"], line["n_read"], line["n_rejected"]) == (4, 1, 3)
    assert [r["where"] for r in line["rejected"]] == ["record 2", "record 3", "record 4"]
    reconciles(papers)


def test_a_bad_row_costs_only_itself(tmp_path):
    lines = [
        '{"title": "One"}',
        "not json",
        "",
        '{"title": ""}',
        '{"title": "++"}',
        "[1]",
        '{"abstract": "x"}',
    ]
    text = "\n".join([*lines, '{"title": "Two"}'])
    papers = load(write(tmp_path, "p.jsonl", text))
    line = papers.attrs["reading"][0]
    assert sorted(papers["title"]) == ["One", "Two"]
    assert [(r["where"], r["reason"]) for r in line["rejected"]] == [
        ("line 2", "not a JSON object"),
        ("line 4", "no title"),
        ("line 5", "the title '++' has no letters"),
        ("line 6", "not a JSON object"),
        ("line 7", "no title"),
    ]
    reconciles(papers)


def test_the_log_shows_twenty_rejections_and_counts_all(tmp_path):
    papers = load(rows(tmp_path, {"title": "One"}, *[{"title": ""}] * 50))
    line = papers.attrs["reading"][0]
    assert (len(line["rejected"]), line["n_rejected"]) == (20, 50)


# --- what is refused -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("e.txt", b"", "empty"),
        ("s.txt", b" \n\n", "white space"),
        ("b.bin", bytes(range(256)) * 9, "binary"),
        ("x.xml", b"<?xml version='1.0'?><feed/>", "XML"),
        ("n.txt", b"Just a line of prose.", "no known format"),
        ("g.jsonl.gz", gzip.compress(b'{"title": "One"}', mtime=0)[:-14], "is damaged"),
        ("d.json", b"[" * 200_000, "nested too deeply"),
        ("d.json", b'[{"a":' * 50_000, "nested too deeply"),
        ("e.json", b"[]", "no entries"),
        ("o.json", b'{"results": 3}', "titles"),
        ("c.csv", b"name,abstract\nx,y\n", "'name', 'abstract'"),
        ("c.csv", b"title,abstract\n", "no entries"),
        ("j.jsonl", b'{"text": "x", "label": "y"}\n', "'text', 'label'"),
        ("p.parquet", b"PAR1 and no more PAR1", "damaged Parquet"),
        ("r.jsonl", b'{"title": ""}\n', "line 1: no title"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(tmp_path, name, content, says):
    with pytest.raises(InputError) as error:
        load(write(tmp_path, name, content))
    message = str(error.value)
    assert says in message
    assert name in message
    assert message.endswith(".") and "\n" not in message and len(message) < 600


@pytest.mark.parametrize(
    ("given_sources", "says"),
    [
        ((), "at least one"),
        (("no/such/file.txt",), "does not exist"),
        (("no/such/*.txt",), "No file matches"),
        (("",), "empty text"),
        (("a\0b",), "a\\x00b"),
        (("x" * 5000,), "x"),
        (("~nobody-of-that-name/x",), "nobody"),
        (("https://example.org/x.json",), "address"),
        ((3,), "int"),
        ((None,), "NoneType"),
        ((pd.DataFrame({"name": ["x"]}),), "no column of titles"),
        ((pd.DataFrame({"title": []}),), "no entries"),
    ],
)
def test_wrong_sources_are_refused(given_sources, says):
    with pytest.raises(InputError) as error:
        load(*given_sources)
    assert says in str(error.value) or says in repr(str(error.value))


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no files"):
        load(tmp_path)


def test_a_folder_is_read_deeply_and_reports_what_it_passes_over(tmp_path):
    rows(tmp_path, {"title": "Deep"}, name="a/b/c.jsonl")
    write(tmp_path, ".hidden.jsonl", '{"title": "Hidden"}')
    write(tmp_path, ".git/x.jsonl", '{"title": "Hidden"}')
    write(tmp_path, "LICENSE", "free")
    write(tmp_path, "README.md", "read me")
    write(tmp_path, "empty.csv", "")
    papers = load(tmp_path)
    assert list(papers["title"]) == ["Deep"]
    notes = {line["file"]: line["note"] for line in papers.attrs["reading"]}
    assert set(notes) == {"c.jsonl", ".hidden.jsonl", ".git", "LICENSE", "README.md", "empty.csv"}
    assert notes["c.jsonl"] == "" and all(note for name, note in notes.items() if name != "c.jsonl")
    reconciles(papers)


def test_a_file_is_read_once_however_often_it_is_named(tmp_path):
    path = rows(tmp_path, {"title": "One"})
    papers = load(path, str(path), tmp_path, f"{tmp_path}/*.jsonl")
    assert [line["n_read"] for line in papers.attrs["reading"]] == [1]


def test_a_name_with_brackets_is_a_name_before_it_is_a_pattern(tmp_path):
    assert list(load(rows(tmp_path, {"title": "One"}, name="p[1].jsonl"))["title"]) == ["One"]


# --- cleaning ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("piri(cid:173) form cortex(cid:7)", "piriform cortex"),
        ("co\u00ad operate", "cooperate"),
        ("  a\n b\t c ", "a b c"),
        ("x\x00y\x1b[0m\u202e", "xy[0m"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("H<sub>2</sub>O &amp; CO&lt;sub&gt;2&lt;/sub&gt;", "H2O & CO2"),
        ("if a<b and c>d &c", "if a<b and c>d &c"),
        (r"Schr\"odinger, Caf\'{e}, {\'e}, \c{c}, \v{s}", "Schrödinger, Café, é, ç, š"),
        (r"\emph{very \textbf{bold}} 5\% of $O(n \log n)$", r"very bold 5% of $O(n \log n)$"),
        ("R&amp;amp;D", "R&D"),
        ("AT&T; 中文", "AT&T; 中文"),
    ],
)
def test_cleaning_known_answers(raw, cleaned):
    assert _clean.clean(raw) == cleaned


@given(st.text(alphabet=st.sampled_from("ab<>&;#/\\{}%'\"^_psubemphlt01 \n\x00\u202eéi")))
@settings(max_examples=300, deadline=None)
def test_a_clean_text_is_cleaned_to_itself(raw):
    once = _clean.clean(raw)
    assert _clean.clean(once) == once


@pytest.mark.parametrize("piece", ["amp;", r"\emph{", "\\", "&lt;", "<!--", "<a ", "{", " "])
def test_mark_up_nested_beyond_reason_ends(piece):
    once = _clean.clean("x&" + piece * 20_000 + "%y")
    assert _clean.clean(once) == once


def test_numbers_and_lists_of_any_kind():
    assert _clean.number("1,234") == 1234 and _clean.number("1.2k") == 1200 and _clean.number(10**400) != 1
    assert all(math.isnan(_clean.number(v)) for v in ("x", None, True, math.inf, 10**400, [1]))
    assert _clean.texts('["a", "b"]') == ["a", "b"] and _clean.texts("a; b,c") == ["a", "b,c"]
    assert _clean.texts(np.array(["a", "b"], dtype=object)) == ["a", "b"]
    assert _clean.authors([{"given": "A", "family": "One"}, {"name": "B Two"}]) == ["A One", "B Two"]
    assert _clean.authors("One, A. and Two, B.") == ["One, A.", "Two, B."]
    assert _clean.authors("Ann One, Bob Two") == ["Ann One", "Bob Two"]
    assert _clean.authors("One, A.") == ["One, A."]
    assert _clean.authors("One, A., Two, B.C., de la Three, D.") == [
        "One, A.",
        "Two, B.C.",
        "de la Three, D.",
    ]
    assert _clean.authors("One, A., Two, B. & Three, C.") == ["One, A.", "Two, B.", "Three, C."]
    assert _clean.authors("Ann One, Bob Two and Cy Three") == ["Ann One", "Bob Two", "Cy Three"]
    assert _clean.authors("One A., Two B., III, Three C., Jr.") == ["One A.", "Two B., III", "Three C., Jr."]
    assert _clean.authors("A. One &amp; B. Two") == ["A. One", "B. Two"]
    assert _clean.authors(["One,Ann1 ann@example.org", "Two, Bob2", "Cy Three 0001", "Team X2"]) == [
        "One, Ann",
        "Two, Bob",
        "Cy Three",
        "Team X2",
    ]
    assert _clean.authors(["[No author name available]", "Anonymous"]) == []


# --- dates ---------------------------------------------------------------------------------------------


def test_an_arxiv_id_dates_a_paper_by_month_when_nothing_better_is_known(tmp_path):
    papers = load(
        rows(
            tmp_path,
            {"title": "One", "arxiv_id": "2411.02124v3"},
            {"title": "Two", "arxiv_id": "2411.02125", "date": "2024-12-01"},
            {"title": "Three", "arxiv_id": "2411.02126", "year": 2024},
            {"title": "Four", "arxiv_id": "math.GT/0309136"},
        )
    )
    told = papers[["date", "date_precision", "date_source"]].astype(str).agg(" ".join, axis=1).to_dict()
    assert told == {
        "arxiv:math/0309136": "2003-09-01 month arXiv id",
        "arxiv:2411.02124": "2024-11-01 month arXiv id",
        "arxiv:2411.02126": "2024-11-01 month arXiv id",
        "arxiv:2411.02125": "2024-12-01 day file",
    }


# --- identity ------------------------------------------------------------------------------------------


def test_ids_in_their_many_spellings():
    for spelling in ("2411.02124", "arXiv:2411.02124v2", "https://arxiv.org/pdf/2411.02124v1.pdf",
                     "http://arxiv.org/abs/2411.02124", "https://huggingface.co/papers/2411.02124",
                     "https://doi.org/10.48550/arXiv.2411.02124"):  # fmt: skip
        assert _identity.ids(spelling) == ("2411.02124", "")
    assert _identity.ids("https://doi.org/10.1000/ABC.") == ("", "10.1000/abc")
    assert _identity.ids("sparse-001", 12, None, "9999.99999") == ("", "")
    assert _identity.normalised("Auto-Encoders: naïve  ") == _identity.normalised("autoencoders NAIVE")


def test_one_paper_in_several_places_is_one_row(tmp_path):
    one = rows(
        tmp_path,
        {"title": "Sparse Things", "abstract": "short", "date": "2024-03", "tags": ["b"], "upvotes": 3},
        {
            "title": "SPARSE THINGS.",
            "abstract": "rather longer",
            "date": "2024-03-09",
            "tags": ["A"],
            "arxiv_id": "2403.00001",
        },
        name="one.jsonl",
    )
    two = rows(
        tmp_path,
        {
            "title": "Sparse Things (v2)",
            "arxiv_id": "2403.00001v2",
            "doi": "10.1/not-a-doi",
            "authors": ["X Y"],
        },
        {"title": "Other"},
        name="two.jsonl",
    )
    papers = load(one, two)
    assert list(papers.index) == ["arxiv:2403.00001", papers.index[1]]
    paper = papers.iloc[0]
    assert paper["abstract"] == "rather longer"
    assert (paper["date"], paper["date_precision"]) == (pd.Timestamp("2024-03-09"), "day")
    assert (paper["tags"], paper["sources"]) == (("a", "b"), ("one.jsonl", "two.jsonl"))
    assert (paper["upvotes"], paper["authors"], paper["n_authors"]) == (3, ("X Y",), 1)
    reconciles(papers)


def test_different_ids_under_one_title_are_different_papers(tmp_path):
    papers = load(
        rows(
            tmp_path,
            {"title": "Preface", "doi": "10.1000/1"},
            {"title": "Preface", "doi": "10.1000/2"},
            {"title": "Preface"},
        )
    )
    # A title that many papers bear joins nothing by itself: the one without DOI could be either or neither.
    assert [paper_id.partition(":")[0] for paper_id in sorted(papers.index)] == ["doi", "doi", "title"]
    reconciles(papers)


def test_authors_without_a_name_in_common_wrote_two_papers(tmp_path):
    title = "A Survey of Sparse Models"
    path = rows(
        tmp_path,
        {"title": title, "authors": ["Ada Lovelace", "Grace Hopper"], "year": 2020},
        {"title": title, "authors": ["Hopper, G.", "Lovelace, A."], "year": 2021},
        {"title": title, "authors": ["Alan Turing"], "year": 2022},
        {"title": title.upper()},
    )
    papers = load(path)
    assert len(papers) == 2
    assert papers["found_at"].map(len).sum() == 4
    assert papers.loc[
        papers["authors"].map(lambda names: "Alan Turing" in names), "date"
    ].dt.year.tolist() == [2022]
    assert fingerprint(load(papers.sample(frac=1, random_state=1)).index) == fingerprint(papers.index)
    reconciles(papers)


def test_a_preprint_and_its_published_version_are_one_paper(tmp_path):
    title = "Pruning Tokens in Proteins"
    path = rows(
        tmp_path,
        {"title": title, "doi": "10.1101/2023.01.02.123456", "authors": ["Ann Bee"], "date": "2023-01-02"},
        {"title": title + ".", "doi": "10.1093/bioinf/btx1", "authors": ["Bee, A."], "year": 2024},
        {"title": title, "doi": "10.1000/other", "authors": ["Carl Dee"], "year": 2024},
    )
    papers = load(path)
    assert papers.index.tolist() == ["doi:10.1093/bioinf/btx1", "doi:10.1000/other"]
    assert papers.loc["doi:10.1093/bioinf/btx1", "found_at"] == (
        "papers.jsonl, line 1",
        "papers.jsonl, line 2",
    )


def test_an_id_copied_to_the_wrong_entry_joins_nothing(tmp_path):
    path = rows(
        tmp_path,
        {"title": "Sparse Attention", "doi": "10.1000/1", "authors": ["Ann Bee"]},
        {"title": "Dense Retrieval", "doi": "10.1000/1", "authors": ["Carl Dee"]},
        {"title": "Sparse attention at last", "doi": "10.1000/1", "authors": ["A. Bee"]},
    )
    papers = load(path)
    assert sorted(papers["title"]) == ["Dense Retrieval", "Sparse Attention"]
    reconciles(papers)


def test_a_title_without_id_is_hashed(tmp_path):
    import hashlib

    papers = load(rows(tmp_path, {"id": "sparse-001", "title": "Only a Title"}))
    assert papers.index[0] == "title:" + hashlib.sha256(b"onlyatitle").hexdigest()[:16]


WILD = st.fixed_dictionaries(
    {"title": st.sampled_from(["Alpha", "ALPHA", "Beta", "Beta.", "Gamma"])},
    optional={
        "abstract": st.sampled_from(["", "aa", "bb", "ccc"]),
        "date": st.sampled_from(["2024", "2024-03", "2024-03-05", "2023-01-01", "x"]),
        "arxiv_id": st.sampled_from(["2401.00001", "2402.00002"]),
        "doi": st.sampled_from(["10.1000/a", "10.1000/b"]),
        "tags": st.lists(st.sampled_from(["p", "Q", "q"])),
        "venue": st.sampled_from(["V", "W"]),
        "upvotes": st.integers(0, 9),
    },
)


@given(st.lists(WILD, min_size=1, max_size=8), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_rows_and_files_decides_nothing(tmp_path, records, random):
    shuffled = random.sample(records, len(records))
    cut = random.randint(0, len(records))
    first = load(rows(tmp_path, *records, name="a.jsonl"))
    second = load(*[pd.DataFrame([{"sources": ["a.jsonl"]} | r]) for r in shuffled[cut:] + shuffled[:cut]])
    assert fingerprint(first.drop(columns="found_at")) == fingerprint(second.drop(columns="found_at"))
    assert first["date"].is_monotonic_increasing or first["date"].isna().any()
    reconciles(first)


# --- tags ----------------------------------------------------------------------------------------------


def test_tags_come_from_the_source_else_from_the_text(tmp_path):
    path = rows(
        tmp_path,
        {"title": "Sparse Auto-Encoders and Mixtures of Experts", "abstract": "We use sparse\nattention."},
        {"title": "Token pruning", "tags": ["Own Tag"]},
        {"title": "Sparsely attended"},
    )
    papers = load(path).set_index("title")
    by_title = papers["tags"].to_dict()
    assert {"sparse-autoencoder", "sparse-attention"} <= set(
        by_title["Sparse Auto-Encoders and Mixtures of Experts"]
    )
    assert by_title["Token pruning"] == ("own tag",)
    assert by_title["Sparsely attended"] == ()
    assert papers.loc["Token pruning", "tag_sources"] == ("source",)
    assert set(papers["tag_sources"].loc["Sparse Auto-Encoders and Mixtures of Experts"]) == {"text"}


def test_the_vocabulary_can_be_replaced(tmp_path):
    path = rows(tmp_path, {"title": "Token pruning for robots"})
    toml = write(tmp_path, "v.toml", '"machines" = ["robot"]\n')
    as_json = write(tmp_path, "v.json", '{"machines": ["Robot"]}')
    for tags in ({"machines": ["robot"]}, {"machines": "robots"}, toml, str(as_json)):
        assert load(path, tags=tags)["tags"].iloc[0] == ("machines",)
    assert load(path, tags={})["tags"].iloc[0] == ()
    for wrong in (
        {"a": 3},
        "no-such-file.toml",
        write(tmp_path, "bad.toml", "= ="),
        3,
        write(tmp_path, "l.json", "[1]"),
    ):
        with pytest.raises(InputError):
            load(path, tags=wrong)


# --- save, sample, health ------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".parquet", ".jsonl", ".csv"])
def test_what_is_saved_is_loaded_equal(tmp_path, ending):
    wild = rows(
        tmp_path,
        {
            "title": "=SUM(A1)",
            "abstract": '\'=quoted, "odd"',
            "date": "2024-05",
            "tags": ["a;b", "c,d", "[e]"],
        },
        {
            "title": "'-dash",
            "authors": ["One, A.", "Two; B."],
            "date": "2024",
            "upvotes": 1.5,
            "venue": "'=V",
        },
        {"title": "Sparse attention", "url": "https://example.org/a?b=1,2"},
        {"title": "é 中文 \\alpha", "arxiv_id": "2401.00001"},
        {"title": "Nothing known"},
    )
    papers = load(wild, tags={"sparse": ["sparse attention"]})
    path = save(papers, tmp_path / "out" / f"papers{ending}")
    pd.testing.assert_frame_equal(load(path), papers)
    before = path.read_bytes()
    save(load(path), path)
    assert path.read_bytes() == before
    again = sample()
    pd.testing.assert_frame_equal(load(save(again, tmp_path / f"sample{ending}")), again)


def test_a_formula_is_guarded_in_csv(tmp_path):
    papers = load(rows(tmp_path, {"title": "=HYPERLINK(1)", "abstract": "+1"}))
    assert "'=HYPERLINK" in save(papers, tmp_path / "x.csv").read_text("utf-8")


def test_save_refuses_other_endings(tmp_path):
    with pytest.raises(InputError, match="parquet"):
        save(sample(), tmp_path / "x.xlsx")


def test_arguments_are_not_changed(tmp_path):
    papers = sample()
    before = fingerprint(papers)
    load(papers)
    health(papers)
    save(papers, tmp_path / "x.csv")
    assert fingerprint(papers) == before


def test_the_sample_is_a_known_table():
    papers = sample()
    assert len(papers) == 311
    assert papers["date_precision"].value_counts().to_dict() == {
        "month": 194,
        "day": 116,
        "year": 1,
        "unknown": 0,
    }
    assert (papers["tag_sources"].map(set) == {"source"}).all()
    assert set(papers["sources"]) == {("sparse_papers.jsonl",)}
    assert not papers.index.str.contains("sparse-0").any()
    reconciles(papers)
    assert fingerprint(load(papers).drop(columns="sources")) == fingerprint(papers.drop(columns="sources"))


def test_health_counts_a_known_table(tmp_path):
    papers = load(
        rows(
            tmp_path,
            {"title": "One", "date": "2024-01-05", "abstract": "x", "tags": ["t"]},
            {"title": "Two", "date": "2024-04"},
            {"title": "Two"},
            {"title": "Three"},
            {"title": ""},
        )
    )
    table = health(papers).table
    expected = {
        "entries present": 5, "entries read": 4, "entries rejected": 1, "entries merged": 1, "papers": 3,
        "dated to the day": 1, "dated to the month": 1, "dated to the year": 0, "undated": 1,
        "without abstract": 2,
        "with tags from the source": 1, "without tags": 2, "file: papers.jsonl": 4,
    }  # fmt: skip
    assert {name: int(table.loc[name, "n_papers"]) for name in expected} == expected
    assert table.loc["undated", "share"] == pytest.approx(1 / 3)
    assert table.loc["last date", "note"] == "2024-04-01"
    assert table.loc["months without papers", "note"] == "2 of 4 from 2024-01 to 2024-04: 2024-02, 2024-03"
    cut = health(papers.iloc[:1]).table
    assert cut.loc["papers left out since", "n_papers"] == 2
    assert cut.loc["entries merged", "n_papers"] == 1


def test_health_of_a_table_without_a_log_and_of_an_empty_one():
    papers = sample()
    papers.attrs.clear()
    assert health(papers).table.loc["papers", "n_papers"] == 311
    assert health(papers.iloc[:0]).table.loc["papers", "n_papers"] == 0


# --- anything at all -----------------------------------------------------------------------------------

NAMES = st.sampled_from(["x.txt", "x.csv", "x.tsv", "x.json", "x.jsonl", "x.parquet", "x.gz", "x"])
STARTS = st.sampled_from(
    [b"", b"PAR1", b"\x1f\x8b\x08", b"title,date\n", b'{"title": ', b'[{"paper": {"title": ', b"Subscribe\n",
     b"[", b"\xff\xfe", b"[{'paper': {'title': '", b'["{\'paper\': ', b"\xef\xbb\xbf", b"title\tid\n",
     b'{"data": [', b"Subscribe\n\xe2\x80\xa2 3 authors"]
)  # fmt: skip


@given(NAMES, STARTS, st.binary(max_size=300))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_give_a_traceback(tmp_path, name, start, rest):
    path = write(tmp_path, name, start + rest)
    try:
        reconciles(load(path))
    except InputError as error:
        assert str(error)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["2024-05", "10.1000/x"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["name", "given", "title"]), inner, max_size=2),
    max_leaves=6,
)  # fmt: skip
FIELDS = st.sampled_from(
    ["title", "abstract", "summary", "date", "year", "tags", "tag_sources", "authors", "doi", "id",
     "url", "upvotes", "venue", "n_authors", "date_precision", "date_source", "sources",
     "publishedAt", "ai_keywords"]
)  # fmt: skip
OBJECTS = st.dictionaries(FIELDS, VALUES, max_size=6)


@example([{"title": 0, "upvotes": -1}], False)
@example([{"title": 0, "n_authors": 1035497154885760.0}], False)
@given(st.lists(OBJECTS, min_size=1, max_size=4), st.booleans())
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_values_give_a_traceback_and_what_is_read_survives_saving(tmp_path, objects, as_daily):
    value = [{"paper": one} for one in objects] if as_daily else [{"title": "Sure"}, *objects]
    path = write(tmp_path, "x.json", json.dumps(value))
    try:
        papers = load(path)
    except InputError:
        return
    reconciles(papers)
    for ending in (".jsonl", ".csv"):
        pd.testing.assert_frame_equal(load(save(papers, tmp_path / f"saved{ending}")), papers)


# --- synonyms, languages, health's findings ------------------------------------------------------------


def tags_of(tmp_path, *lists, **options):
    path = rows(tmp_path, *({"title": f"Paper {n}", "tags": tags} for n, tags in enumerate(lists)))
    return [list(tags) for tags in load(path, **options).set_index("title").sort_index()["tags"]]


def test_spellings_of_one_tag_are_joined_under_the_most_frequent(tmp_path):
    found = tags_of(
        tmp_path, ["Graph Drawing"], ["graph-drawings", "x"], ["graph drawing"], ["Graph Drawings"]
    )
    assert found == [["graph drawing"], ["graph drawing", "x"], ["graph drawing"], ["graph drawing"]]


def test_synonyms_join_acronyms_and_names(tmp_path):
    found = tags_of(tmp_path, ["LLMs"], ["large language models (LLMs)", "LLM"], ["Large Language Model"])
    assert found == [["large language models"]] * 3


def test_synonyms_are_the_users_to_edit(tmp_path):
    file = write(tmp_path, "mine.toml", '"big models" = ["llm", "foundation model"]')
    assert tags_of(tmp_path, ["LLMs"], ["Foundation models"], synonyms=file) == [["big models"]] * 2
    with pytest.raises(InputError, match=r"synonyms.*'a'"):
        tags_of(tmp_path, ["x"], synonyms={"a": 3})


def test_a_category_of_arxiv_gets_its_name_and_keeps_it(tmp_path):
    path = rows(tmp_path, {"title": "One", "tags": ["cs.LG", "machine learning"]})
    once = load(path)
    assert once["tags"].iloc[0] == ("machine learning", "machine learning (cs.LG)")
    assert load(save(once, tmp_path / "again.jsonl"))["tags"].iloc[0] == once["tags"].iloc[0]


def test_a_tag_of_the_vocabulary_names_its_spellings(tmp_path):
    found = tags_of(
        tmp_path, ["Token Pruning"], ["token prunings"], tags={"token-pruning": ["token pruning"]}
    )
    assert found == [["token-pruning"]] * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We show that the method of this paper is better than that of others on all of the data.", "en"),
        ("Wir zeigen, dass die Methode auf den Daten besser ist und nicht nur für eine Sprache gilt.", "de"),
        ("Nous montrons que la méthode est plus rapide pour les données et que le modèle apprend.", "fr"),
        ("Mostramos que el método es más rápido para los datos y que la red aprende con menos.", "es"),
        ("本文提出一种新的稀疏注意力方法，并在多个数据集上进行了实验。", "zh"),
        ("本論文では、新しい手法を提案し、その有効性を示す。", "ja"),
        ("Мы показываем, что метод лучше других.", "ru"),
        ("Token pruning", ""),
        ("", ""),
    ],
)
def test_languages_are_told_by_their_little_words(text, expected):
    assert language(text) == expected


def test_health_finds_gaps_spikes_and_uneven_tags(tmp_path):
    records = [
        {
            "title": f"Paper {month} {n}",
            "date": f"2024-{month:02}-{n % 28 + 1:02}",
            "tags": ["a"] * (month > 6),
            "abstract": "It counts." * (month > 2),
        }
        for month in (1, 2, 3, 5, 6, 7, 8, 9)
        for n in range(200 if month == 8 else 25)
    ]
    found = health(load(rows(tmp_path, *records), tags={}))
    assert found.periods.index[found.periods["gap"]].strftime("%Y-%m").tolist() == ["2024-04"]
    assert found.periods.index[found.periods["spike"]].strftime("%Y-%m").tolist() == ["2024-08"]
    assert found.periods["n_papers"].sum() == len(records)
    assert "2024-04" in found.table.loc["months without papers", "note"]
    assert found.table.loc["in months that stand out", "n_papers"] == 200
    assert found.table.loc["with tags from the source", "note"] == (
        "uneven over time: 0% in 2024-01, 100% in 2024-07; trust no trend of these tags"
    )
    assert found.table.loc["without abstract", "note"] == (
        "read by their titles alone; uneven over time: 0% in 2024-03, 100% in 2024-01; "
        "trust no trend of words or tags from the text"
    )
    assert "375 papers" in repr(found)


def test_health_tells_undated_papers_reasons_and_languages(tmp_path):
    path = rows(
        tmp_path,
        {"title": "One", "date": "n.d."},
        {"title": "Two", "language": "de", "year": 2020},
        {"title": "Three", "abstract": "We show that the method of this paper is better on all of the data."},
    )
    table = health(load(path)).table
    assert "n.d." in table.loc["undated", "note"]
    languages = table["n_papers"][table.index.str.startswith("language: ")]
    assert languages.to_dict() == {"language: de": 1, "language: en": 1, "language: unclear": 1}


def test_health_in_a_notebook_is_escaped(tmp_path):
    path = rows(
        tmp_path,
        {"title": "Shared <b>title</b> <script>alert(1)</script>", "authors": ["Ann Bee"], "date": "2024-01"},
        {"title": "Shared title <script>alert(1)</script>", "authors": ["Carl Dee"], "date": "2024-03"},
        {"title": ""},
        name="<img src=x onerror=alert(1)>.jsonl",
    )
    page = health(load(path))._repr_html_()
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("<rect") == 3
    assert "other authors" in page


# --- what is asked for, and where it comes from ----------------------------------------------------------


def test_since_until_and_tagged_pass_over_and_account(tmp_path):
    path = rows(
        tmp_path,
        {"title": "Year", "date": "2023"},
        {"title": "Day", "date": "2024-02-29", "tags": ["cs.LG"]},
        {"title": "Month", "date": "2024-03", "tags": ["cs.CL"]},
        {"title": "Undated"},
        {"title": ""},
    )
    papers = load(path, since="2023-06", until="2024-02")
    assert sorted(papers["title"]) == ["Day", "Year"]
    (log,) = papers.attrs["reading"]
    assert (log["n_present"], log["n_read"], log["n_rejected"], log["n_passed"]) == (5, 2, 1, 2)
    assert health(papers).table.loc["entries passed over", "n_papers"] == 2
    assert load(path, tagged="CS.lg")["title"].tolist() == ["Day"]
    assert len(load(path, tagged=["cs.lg", "cs.cl"])) == 2
    for wrong in ({"since": "soon"}, {"since": "2024", "until": "2023"}, {"tagged": []}):
        with pytest.raises(InputError, match=r"since|tagged"):
            load(path, **wrong)


def test_standard_input_is_a_file_like_any_other(tmp_path, monkeypatch):
    data = json.dumps({"title": "Through the Pipe", "date": "2024"}).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data + b"\n" + data)))
    papers = load("-")
    assert papers["sources"].tolist() == [("standard input",)]
    assert len(papers) == 1


def zipped(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


ONE = json.dumps({"title": "Inside", "date": "2024-01-02"}) + "\n"


def test_an_archive_is_read_file_by_file(tmp_path):
    path = zipped(
        tmp_path / "all.zip",
        {
            "a/one.jsonl": ONE,
            "a/two.csv": "title,year\nTwo,2020\n",
            "a/three.jsonl.gz": gzip.compress(ONE.replace("Inside", "Packed").encode()),
            "README.md": "about",
            "__MACOSX/a/._one.jsonl": "x",
            "empty.csv": "",
        },
    )
    papers = load(path)
    assert sorted(papers["title"]) == ["Inside", "Packed", "Two"]
    assert papers.loc[papers["title"] == "Two", "sources"].iloc[0] == ("all.zip/two.csv",)
    notes = {line["file"]: line["note"] for line in papers.attrs["reading"] if line["note"]}
    assert set(notes) == {"all.zip/README.md", "all.zip/._one.jsonl", "all.zip/empty.csv"}


def test_a_member_without_a_name_is_read_like_any_other(tmp_path):
    data = zipped(tmp_path / "named.zip", {"\x01": ONE}).read_bytes()
    headers = [at for at in range(len(data)) if data[at : at + 4] in (b"PK\x03\x04", b"PK\x01\x02")]
    nameless = bytearray(data)
    for at, length in zip(headers, (26, 28), strict=True):
        # The name's one letter becomes an extra field of a length that zip readers pass over.
        nameless[at + length : at + length + 4] = b"\x00\x00\x01\x00"
    papers_or_sentence = None
    try:
        papers_or_sentence = load(write(tmp_path, "nameless.zip", bytes(nameless)))["title"].tolist()
    except InputError as error:
        papers_or_sentence = str(error)
    assert papers_or_sentence == ["Inside"] or "nameless.zip" in papers_or_sentence


def test_names_inside_an_archive_lead_nowhere(tmp_path):
    path = zipped(tmp_path / "evil.zip", {"../../../evil.jsonl": ONE, "C:\\temp\\b.jsonl": ONE})
    papers = load(path)
    assert papers["sources"].tolist() == [("evil.zip/b.jsonl", "evil.zip/evil.jsonl")]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["evil.zip"]


@pytest.mark.parametrize("packed", ["zip", "gz", "bz2", "xz"])
def test_bombs_are_refused(tmp_path, packed):
    bomb = (ONE[:-1] + " " * 1023 + "\n").encode() * 75_000
    path = tmp_path / f"bomb.jsonl.{packed}"
    if packed == "zip":
        zipped(path, {"bomb.jsonl": bomb})
    else:
        path.write_bytes({"gz": gzip, "bz2": bz2, "xz": lzma}[packed].compress(bomb))
    with pytest.raises(InputError, match="100 times its size"):
        load(path)


def test_an_archive_in_an_archive_and_a_locked_one_are_told(tmp_path):
    inner = zipped(tmp_path / "inner.zip", {"one.jsonl": ONE}).read_bytes()
    papers = load(zipped(tmp_path / "outer.zip", {"inner.zip": inner, "one.jsonl": ONE}))
    assert "an archive inside an archive; unpack it first" in {
        line["note"] for line in papers.attrs["reading"]
    }
    locked = bytearray((tmp_path / "inner.zip").read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + at] |= 1
    path = write(tmp_path, "locked.zip", bytes(locked))
    with pytest.raises(InputError, match="password"):
        load(path)


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_archives_raise_only_our_errors(tmp_path, data):
    whole = zipped(tmp_path / "whole.zip", {"one.jsonl": ONE * 20, "two.csv": "title\nTwo\n"}).read_bytes()
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = write(tmp_path, "damaged.zip", bytes(damaged[: data.draw(st.integers(4, len(damaged)))]))
    with contextlib.suppress(InputError):
        load(path)


def test_a_packed_file_that_breaks_off_keeps_what_came_before(tmp_path):
    lines = "".join(
        json.dumps({"title": f"Paper number {n}", "year": 2000 + n % 20}) + "\n" for n in range(20_000)
    )
    packed = gzip.compress(lines.encode())
    papers = load(write(tmp_path, "cut.jsonl.gz", packed[: len(packed) - 1000]))
    assert len(papers) > 10_000
    (log,) = papers.attrs["reading"]
    assert log["rejected"][-1]["where"] == "the end"
    assert "breaks off" in log["rejected"][-1]["reason"]


# --- text that means harm --------------------------------------------------------------------------------


def test_titles_that_mean_harm_are_cleaned_or_refused(tmp_path):
    papers = load(
        rows(
            tmp_path,
            {"title": "Abc\u202edef\u2066 ghi\x07\x00", "url": "javascript:alert(1)", "abstract": "a\u0000b"},
            {"title": "x" * 10_000_000},
            {"title": "y " * 5_000_000},
        )
    )
    assert papers["title"].tolist() == ["Abcdef ghi"]
    assert papers["url"].tolist() == [""]
    (log,) = papers.attrs["reading"]
    assert [line["reason"][:20] for line in log["rejected"]] == ["a title of 10,000,00"] * 2
