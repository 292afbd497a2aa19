"""Filling the gaps of papers from a reference: which paper is the same, what is filled, what is left."""

import gzip
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.tables import PAPERS, check
from trends.papers import _dates, _identity, complete, load, save
from trends.papers._services import _http

TEXT = "We route tokens of long texts to few experts and measure what each of them has learned so far."
OTHER = "Bridges of steel are modelled under wind and rain, with a method from another field altogether."


def table(*rows):
    return load(pd.DataFrame(list(rows)))


def filled(papers, reference, **options):
    done = complete(papers, reference, **options)
    return done, done.attrs["completion"][-1]


def same(one, other):
    pd.testing.assert_frame_equal(one, other, check_like=False)


def summed(report):
    for counts in report["filled"].values():
        by = counts["by_id"] + counts["by_title"] + counts["by_similarity"]
        assert counts["n_missing"] == by + counts["still_missing"]


# --- which paper is the same ---------------------------------------------------------------------------


def test_ids_decide_before_titles():
    papers = table({"title": "Routing Tokens", "arxiv_id": "2401.00001"}, {"title": "B", "doi": "10.1000/b"})
    reference = table(
        {"title": "Routing Tokens, Revised", "arxiv_id": "2401.00001", "date": "2024-01-09"},
        {"title": "Routing Tokens", "arxiv_id": "2402.00009", "date": "2024-02-20"},
        {"title": "Beta", "doi": "https://doi.org/10.1000/B", "date": "2023-05-06"},
    )
    done, report = filled(papers, reference)
    assert done.loc["arxiv:2401.00001", "date"] == pd.Timestamp("2024-01-09")
    assert done.loc["doi:10.1000/b", "date"] == pd.Timestamp("2023-05-06")
    assert done.loc["doi:10.1000/b", "completed"] == ("date from DataFrame by DOI",)
    assert report["matched"] == {"DOI": 1, "arXiv id": 1}
    assert report["filled"]["date"]["by_id"] == 1
    assert report["filled"]["date"]["refined"] == 1


def test_a_table_without_columns_of_ids_is_matched_by_its_index():
    papers = table({"title": "A Title", "arxiv_id": "2401.00001"}).drop(columns=["arxiv_id", "doi"])
    reference = table({"title": "Another", "arxiv_id": "2401.00001", "doi": "10.1000/x", "abstract": TEXT})
    done, _ = filled(papers, reference)
    assert done.iloc[0][["abstract", "arxiv_id", "doi"]].tolist() == [TEXT, "2401.00001", "10.1000/x"]
    assert done.index.tolist() == ["arxiv:2401.00001"]


def test_an_id_on_the_wrong_entry_joins_nothing():
    papers = table({"title": "Steel Bridges", "doi": "10.1000/x", "authors": ["Ann Lee"]})
    reference = table({"title": "Routing", "doi": "10.1000/x", "authors": ["Bo Chen"], "date": "2020"})
    done, report = filled(papers, reference)
    assert done["date"].isna().all()
    assert report["matched"] == {}


def test_titles_are_equal_but_for_case_accents_and_punctuation():
    done, report = filled(
        table({"title": "Über: Sparse-Attention"}), table({"title": "UBER sparse attention!", "date": "2021"})
    )
    assert done["date_precision"].tolist() == ["year"]
    assert report["matched"] == {"title": 1}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"title": "Routing Networks for Long Texts"}, {"title": "Routing Network for Long Texts"}),
        ({"title": "A Method for Routing the Long Texts"}, {"title": "Method for Routing Long Texts"}),
        (
            {"title": "RoutEx: Routing Long Texts to Few Experts", "abstract": TEXT},
            {"title": "Routing Long Texts to Few Experts", "abstract": TEXT + " Code is public."},
        ),
    ],
)  # fmt: skip
def test_a_similar_title_is_taken_where_more_speaks_for_it(ours, theirs):
    done, report = filled(table(ours), table(theirs | {"date": "2021-03-04"}))
    assert report["matched"] == {"similar title": 1}
    (said,) = done["completed"].iloc[0]
    assert said.startswith("date from DataFrame by title, similarity 0.")
    assert done["date_source"].tolist() == ["DataFrame by similar title"]
    assert report["filled"]["date"]["by_similarity"] == 1
    exact, _ = filled(table(ours), table(theirs | {"date": "2021-03-04"}), similarity=1)
    assert exact["date"].isna().all()


@pytest.mark.parametrize(
    ("ours", "theirs", "reason"),
    [
        ("Routing to Two Experts", "Routing to Ten Experts", "other numbers in a similar title"),
        ("Long Text Routing, Part I", "Long Text Routing, Part II", "other numbers in a similar title"),
        ("Long Text Router 2 Report", "Long Text Router 3 Report", "other numbers in a similar title"),
        ("A Supervised Router", "An Unsupervised Router", "other words in a similar title"),
        ("Routing of Long Texts", "Fast Routing of Long Texts", "other words in a similar title"),
    ],
)  # fmt: skip
def test_a_similar_title_of_another_paper_is_not_taken(ours, theirs, reason):
    for one, other in ((ours, theirs), (theirs, ours)):
        done, report = filled(table({"title": one}), table({"title": other, "date": "2021"}), similarity=0.8)
        assert done["date"].isna().all()
        assert report["unmatched"] == {reason: 1}


def test_abstracts_speak_for_and_against():
    papers = table({"title": "Routing of Long Texts by Experts", "abstract": TEXT})
    title = "Routing of Long Texts by an Expert"
    assert filled(papers, table({"title": title, "abstract": TEXT, "date": "2021"}))[1]["matched"]
    report = filled(papers, table({"title": title, "abstract": OTHER, "date": "2021"}))[1]
    assert report["unmatched"] == {"another abstract under a similar title": 1}


@pytest.mark.parametrize(
    ("ours", "theirs", "reason"),
    [
        ({"authors": ["Ann Lee"]}, {"authors": ["Bo Chen", "Cy Diaz"]}, "other authors"),
        ({"arxiv_id": "2401.00001"}, {"arxiv_id": "2402.00002"}, "two arXiv ids"),
        ({"doi": "10.1000/a"}, {"doi": "10.1000/b"}, "two DOIs"),
    ],
)
@pytest.mark.parametrize("title", ["Routing Tokens of Texts", "Routing Token of Texts"])
def test_authors_and_ids_speak_against_a_title(ours, theirs, reason, title):
    papers = table({"title": "Routing Tokens of Texts"} | ours)
    done, report = filled(papers, table({"title": title, "abstract": TEXT} | theirs))
    assert done["abstract"].tolist() == [""]
    assert report["unmatched"] == {reason: 1}
    assert report["matched"] == {}


def test_a_title_that_many_papers_bear_joins_nothing():
    done, report = filled(table({"title": "Editorial"}), table({"title": "Editorial", "date": "2020"}))
    assert done["date"].isna().all()
    assert report["unmatched"] == {"a title that many papers bear": 1}


def test_several_papers_that_fit_give_none():
    reference = table(
        {"title": "Routing", "authors": ["Ann Lee"], "date": "2020"},
        {"title": "Routing", "authors": ["Bo Chen"], "date": "2021"},
    )
    assert len(reference) == 2
    done, report = filled(table({"title": "Routing"}), reference)
    assert done["date"].isna().all()
    assert report["unmatched"] == {"several papers fit": 1}
    done, _ = filled(table({"title": "Routing", "authors": ["B. Chen"]}), reference)
    assert done["date"].dt.year.tolist() == [2021]


def test_a_paper_of_the_reference_completes_one_by_title_and_all_by_id():
    reference = table({"title": "Routing Networks of Experts", "arxiv_id": "2401.00001", "abstract": TEXT})
    papers = table({"title": "Routing Networks of Experts"}, {"title": "Routing Network of Experts"})
    done, report = filled(papers, reference)
    assert done.set_index("title")["abstract"].to_dict() == {
        "Routing Networks of Experts": TEXT,
        "Routing Network of Experts": "",
    }
    assert report["unmatched"] == {"it completes another paper": 1}
    papers = table({"title": "Routing Networks of Experts"}, {"title": "Renamed", "arxiv_id": "2401.00001"})
    done, report = filled(papers, reference)
    assert done.loc["arxiv:2401.00001", "abstract"] == TEXT
    assert report["matched"] == {"arXiv id": 1}
    papers = table({"title": "Routing Network of Experts"}, {"title": "Routing Networks of Expert"})
    assert filled(papers, reference)[1]["unmatched"] == {"it completes another paper": 2}


# --- what is filled ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs", "date", "precision", "what"),
    [
        (None, "2020-05", "2020-05-01", "month", "by_title"),
        ("2020", "2020-05-06", "2020-05-06", "day", "refined"),
        ("2020-05", "2020-05-31", "2020-05-31", "day", "refined"),
        ("2020", "2020-12", "2020-12-01", "month", "refined"),
        ("2020-05", "2020", "2020-05-01", "month", None),
        ("2020-05-06", "2020-05", "2020-05-06", "day", None),
        ("2020", "2021-01-01", "2020-01-01", "year", "conflicts"),
        ("2020-05", "2020-06-01", "2020-05-01", "month", "conflicts"),
        ("2020-05-06", "2020-05-07", "2020-05-06", "day", "conflicts"),
        ("2020-05-06", "2021", "2020-05-06", "day", "conflicts"),
        ("2020-05", "2020-04-30", "2020-05-01", "month", "conflicts"),
        ("2021", "2020-12-31", "2021-01-01", "year", "conflicts"),
        ("2020", None, "2020-01-01", "year", None),
    ],
)
def test_dates_are_filled_and_refined_never_changed(ours, theirs, date, precision, what):
    done, report = filled(
        table({"title": "A Title", "date": ours}), table({"title": "A Title", "date": theirs})
    )
    assert done[["date", "date_precision"]].iloc[0].tolist() == [pd.Timestamp(date), precision]
    counts = report["filled"]["date"]
    assert {name for name in ("by_title", "refined", "conflicts") if counts[name]} == ({what} - {None})
    assert (done["completed"].iloc[0] != ()) == (what in ("by_title", "refined"))
    assert (done["date_source"].iloc[0] == "file") == (what not in ("by_title", "refined"))
    summed(report)


def test_an_unknown_date_fills_nothing():
    done, report = filled(table({"title": "A Title"}), table({"title": "A Title"}))
    assert done["date_precision"].tolist() == ["unknown"]
    assert report["filled"]["date"]["still_missing"] == 1


def test_the_source_of_a_date_is_carried_on(tmp_path):
    (tmp_path / "known.jsonl").write_text(
        json.dumps({"title": "A Title", "date": "2020", "date_source": "listing page"}), encoding="utf-8"
    )
    done, report = filled(table({"title": "A Title"}), tmp_path / "known.jsonl")
    assert done["date_source"].tolist() == ["listing page, from known.jsonl by title"]
    assert done["completed"].tolist() == [("date from known.jsonl by title",)]
    assert report["reference"] == "known.jsonl"


def test_only_gaps_are_filled_and_only_the_fields_asked_for():
    papers = table({"title": "A Title", "abstract": "Ours.", "venue": "Ours", "date": "2020"})
    known = {
        "title": "A Title",
        "abstract": TEXT,
        "venue": "Theirs",
        "date": "2020-02-03",
        "authors": ["Ann Lee"],
    }
    done, report = filled(papers, table(known | {"doi": "10.1000/x"}), fields="authors")
    assert done["authors"].tolist() == [("Ann Lee",)]
    assert done["n_authors"].tolist() == [1.0]
    assert done[["abstract", "venue", "date_precision", "doi"]].iloc[0].tolist() == [
        "Ours.",
        "Ours",
        "year",
        "",
    ]
    assert list(report["filled"]) == ["authors"]
    done, report = filled(papers, table(known), fields=("venue", "abstract"))
    assert done[["abstract", "venue"]].iloc[0].tolist() == ["Ours.", "Ours"]
    assert {column: counts["conflicts"] for column, counts in report["filled"].items()} == {
        "abstract": 1,
        "venue": 1,
    }


def test_a_paper_is_named_by_the_ids_it_gains():
    papers = table({"title": "A Title"}, {"title": "B Title", "doi": "10.1000/b"}, {"title": "C Title"})
    reference = table(
        {"title": "A Title", "doi": "10.1000/a"},
        {"title": "B Title", "doi": "10.1000/b", "arxiv_id": "2402.00002"},
        {"title": "C Title", "doi": "10.1000/c", "arxiv_id": "2403.00003", "date": "2024-03"},
    )
    done, report = filled(papers, reference, fields="ids")
    assert sorted(done.index) == ["arxiv:2402.00002", "arxiv:2403.00003", "doi:10.1000/a"]
    assert done.loc["arxiv:2403.00003", ["arxiv_id", "doi", "url"]].tolist() == [
        "2403.00003", "10.1000/c", "https://arxiv.org/abs/2403.00003",
    ]  # fmt: skip
    assert done.loc["arxiv:2402.00002", "url"] == "https://doi.org/10.1000/b"
    assert done.loc["doi:10.1000/a", "completed"] == ("DOI from DataFrame by title",)
    assert report["filled"]["doi"]["by_title"] == 2
    assert report["filled"]["arxiv_id"]["by_id"] == 1
    summed(report)


def test_a_users_own_name_of_a_paper_is_kept():
    papers = table({"title": "A Title"})
    papers.index = pd.Index(["mine-1"], name="paper_id", dtype="str")
    done, _ = filled(papers, table({"title": "A Title", "doi": "10.1000/a"}))
    assert done.loc["mine-1", "doi"] == "10.1000/a"


def test_ids_that_another_paper_has_are_left_alone():
    papers = table(
        {"title": "Preprint Title", "doi": "10.1000/a"}, {"title": "Other", "arxiv_id": "2401.00001"}
    )
    reference = table(
        {"title": "Preprint Title", "doi": "10.1000/a", "arxiv_id": "2401.00001", "date": "2024-01-05"}
    )
    done, report = filled(papers, reference)
    assert sorted(done.index) == ["arxiv:2401.00001", "doi:10.1000/a"]
    assert done["arxiv_id"].tolist() == ["2401.00001", ""]
    assert report["n_ids_taken"] == 2
    assert done["date"].tolist() == [pd.Timestamp("2024-01-05")] * 2


@pytest.mark.parametrize("own", [["mine-1", "mine-2"], ["title:1", "title:2"]])
def test_ids_are_given_to_one_paper_only(own):
    papers = table({"title": "A Title", "arxiv_id": "2401.00001"}, {"title": "B", "doi": "10.1000/a"})
    papers = papers.sort_values("title").set_axis(pd.Index(own, name="paper_id", dtype="str"))
    reference = table({"title": "A Title", "doi": "10.1000/a", "arxiv_id": "2401.00001"})
    done, report = filled(papers, reference, fields="ids")
    same(done, papers.assign(url=done["url"]))
    assert report["n_ids_taken"] == 2


def test_an_id_that_several_papers_of_the_reference_bear_is_not_given_on():
    reference = table(
        {"title": "A Title", "doi": "10.1000/x", "authors": ["Ann Lee"], "date": "2020"},
        {"title": "Steel Bridges", "doi": "10.1000/x", "authors": ["Bo Chen"]},
    )
    assert len(reference) == 2
    done, report = filled(table({"title": "A Title"}), reference)
    assert done[["date_precision", "doi"]].iloc[0].tolist() == ["year", ""]
    assert report["filled"]["doi"]["still_missing"] == 1


def test_a_date_of_unknown_precision_stays():
    papers = table({"title": "A Title", "date": "2020-05-06"})
    papers["date_precision"] = pd.Categorical(["unknown"], dtype=papers["date_precision"].dtype)
    done, report = filled(papers, table({"title": "A Title", "date": "2021"}))
    same(done, papers)
    assert report["filled"]["date"]["n_missing"] == 0


def test_the_table_stays_what_load_makes(tmp_path):
    papers = table({"title": "B", "date": "2021"}, {"title": "A"}, {"title": "C", "date": "2019"})
    done = complete(papers, table({"title": "A", "date": "2020", "doi": "10.1000/a"}))
    assert done["title"].tolist() == ["C", "A", "B"]
    assert list(done.columns) == list(papers.columns)
    assert done.attrs["reading"] == papers.attrs["reading"]
    assert done.attrs["n_loaded"] == 3
    assert papers["date"].isna().sum() == 1
    again = complete(done, table({"title": "B", "abstract": TEXT}))
    assert len(again.attrs["completion"]) == 2
    json.dumps(again.attrs["completion"])
    save(again, tmp_path / "papers.jsonl")
    assert load(tmp_path / "papers.jsonl")["completed"].tolist() == again["completed"].tolist()


def test_several_references_are_read_as_one(tmp_path):
    (tmp_path / "a.csv").write_text("title,year,doi\nA Title,2020,\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("title,date,doi\nA Title,2020-04-05,10.1000/a\n", encoding="utf-8")
    papers = table({"title": "A Title"})
    one = complete(papers, [tmp_path / "a.csv", tmp_path / "b.csv"])
    other = complete(papers, str(tmp_path / "*.csv"))
    same(one, other)
    assert one["date_precision"].tolist() == ["day"]
    assert one["completed"].iloc[0][0] == "DOI from a.csv and 1 more by title"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"fields": ()}, "fields names nothing"),
        ({"fields": ("date", "title")}, "fields names 'title'"),
        ({"fields": 3}, "fields names 3"),
        ({"similarity": 85}, "similarity=85 must be"),
        ({"similarity": True}, "similarity=True must be"),
        ({"similarity": float("nan")}, "similarity=nan must be"),
        ({"reference": 7}, "reference must be"),
        ({"reference": "no such file.bib"}, "no such file"),
        ({"reference": []}, "at least one file"),
    ],
)
def test_what_cannot_be_used_is_refused(options, said):
    papers = table({"title": "A Title"})
    with pytest.raises(InputError, match=said):
        complete(papers, options.pop("reference", papers), **options)
    with pytest.raises(InputError, match="papers must be"):
        complete([papers], papers)


# --- laws ----------------------------------------------------------------------------------------------

WORDS = ("routing", "networks", "network", "tokens", "2", "3", "sparse", "the")
ROW = st.fixed_dictionaries(
    {"title": st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)},
    optional={
        "abstract": st.sampled_from((TEXT, OTHER, TEXT + " More.")),
        "date": st.sampled_from(("2020", "2020-05", "2020-05-06", "2020-05-07", "2021", "2021-01-02")),
        "arxiv_id": st.sampled_from(("2005.00001", "2005.00002", "2101.00003")),
        "doi": st.sampled_from(("10.1000/a", "10.1000/b", "10.1101/c")),
        "authors": st.sampled_from((["Ann Lee"], ["Bo Chen"], ["A. Lee", "Bo Chen"])),
        "venue": st.sampled_from(("Here", "There")),
    },
)
TABLE = st.lists(ROW, min_size=1, max_size=8).map(lambda rows: table(*rows))
ALL = ("date", "abstract", "ids", "venue", "authors")
FIELDS = st.lists(st.sampled_from(ALL), min_size=1, unique=True)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLE, TABLE, FIELDS, st.sampled_from((0.6, 0.85)), st.randoms(use_true_random=False))
def test_completing_keeps_its_laws(papers, reference, fields, similarity, chance):
    before = fingerprint(papers), fingerprint(reference)
    options = {"fields": fields, "similarity": similarity}
    done, report = filled(papers, reference, **options)
    assert (fingerprint(papers), fingerprint(reference)) == before
    check(done, PAPERS)
    summed(report)
    same(complete(papers, papers, fields=ALL), papers)
    same(complete(done, reference, **options), done)
    rows, others = list(range(len(papers))), list(range(len(reference)))
    chance.shuffle(rows)
    chance.shuffle(others)
    turned, turned_report = filled(papers.iloc[rows], reference.iloc[others], **options)
    same(turned, done)
    assert turned_report == report
    kept(papers, done)


def kept(papers, done):
    """Nothing that was known has changed but for dates that have become finer."""
    told = done["completed"].map(len).sum()
    assert (told == 0) == (fingerprint(papers) == fingerprint(done))
    assert sorted(papers["title"]) == sorted(done["title"])
    for row in papers.itertuples():
        twins = done[(done["title"] == row.title)]
        twins = twins[
            [
                all(not mine or mine == other for mine, other in zip(known(row), known(twin), strict=True))
                and (pd.isna(row.date) or within(twin, row))
                for twin in twins.itertuples()
            ]
        ]
        assert len(twins)


def known(row):
    return row.abstract, row.arxiv_id, row.doi, row.venue, row.authors, row.url, row.language


def within(fine, coarse):
    one, other = (_dates.Known(row.date.date(), row.date_precision, "") for row in (fine, coarse))
    return other.date <= one.date and _dates._last_day(one) <= _dates._last_day(other)


def test_wild_titles_are_no_trouble():
    papers = table(
        *({"title": title} for title in ("注意力 机制", "¿?a", "(((", "𝔸" * 300, "a" * 4000, "ß ſ ﬁ"))
    )
    done, _ = filled(papers, papers)
    same(done, papers)
    same(complete(papers.iloc[:0], papers), papers.iloc[:0])
    assert complete(papers, papers.iloc[:0]).attrs["completion"][0]["n_reference"] == 0


# --- services ------------------------------------------------------------------------------------------

FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"
xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">
<opensearch:totalResults>{n}</opensearch:totalResults>{entries}</feed>"""
ENTRY = """<entry><id>http://arxiv.org/abs/{id}v2</id><title>{title}</title><summary>{abstract}</summary>
<published>{date}T00:00:00Z</published><updated>{date}T00:00:00Z</updated>
<author><name>Ann Lee</name></author></entry>"""
KNOWN = (
    {"id": "2401.00001", "title": "Routing Tokens of Long Texts", "abstract": TEXT, "date": "2024-01-09"},
    {"id": "2402.00002", "title": "Bridges of Steel in Wind", "abstract": OTHER, "date": "2024-02-20"},
)


def arxiv(asked, found):
    return FEED.format(n=len(found), entries="".join(ENTRY.format(**paper) for paper in found))


def openalex(asked, found):
    works = [
        {
            "id": f"https://openalex.org/W{number}",
            "doi": f"https://doi.org/10.48550/arxiv.{paper['id']}",
            "title": paper["title"],
            "display_name": paper["title"],
            "publication_date": paper["date"],
            "publication_year": 2024,
            "authorships": [{"author": {"display_name": "Ann Lee"}}],
            "abstract_inverted_index": {
                word: [place for place, other in enumerate(paper["abstract"].split()) if other == word]
                for word in paper["abstract"].split()
            },
        }
        for number, paper in enumerate(found, start=1)
    ]
    return json.dumps({"meta": {"count": len(works), "next_cursor": None}, "results": works})


def s2(asked, found):
    papers = [
        {
            "paperId": f"{number:040x}",
            "title": paper["title"],
            "abstract": paper["abstract"],
            "year": 2024,
            "publicationDate": paper["date"],
            "externalIds": {"ArXiv": paper["id"]},
            "authors": [{"name": "Ann Lee"}],
        }
        for number, paper in enumerate(found)
    ]
    return json.dumps({"total": len(papers), "data": papers})


@pytest.fixture
def service(monkeypatch, tmp_path):
    """Start a service on this machine that answers with what KNOWN has of what is asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parameters = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            asked.append(parameters)
            text = " ".join(parameters.values()).lower()
            found = [p for p in KNOWN if p["id"] in text or f'"{p["title"].lower()}"' in text]
            data = answers[self.server.name](parameters, found).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    answers = {"arxiv": arxiv, "openalex": openalex, "s2": s2}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("TRENDS_CACHE", str(tmp_path / "cache"))

    def start(name):
        server.name = name
        monkeypatch.setenv(f"TRENDS_{name.upper()}_URL", f"http://127.0.0.1:{server.server_address[1]}")
        return asked

    yield start
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("name", "title"), [("arxiv", "arXiv"), ("openalex", "OpenAlex"), ("s2", "Semantic Scholar")]
)
def test_a_service_is_asked_for_what_lacks_something(service, name, title):
    asked = service(name)
    papers = table(
        {"title": "Routing tokens of long texts"},
        {"title": "Bridges of Steel in Wind", "arxiv_id": "2402.00002"},
        {"title": "Nowhere Known at All, and Dated"},
        {
            "title": "Whole",
            "arxiv_id": "2403.00003",
            "doi": "10.1000/w",
            "abstract": TEXT,
            "date": "2024-03-05",
        },
    )
    done, report = filled(papers, name)
    assert done.loc["arxiv:2401.00001", "date"] == pd.Timestamp("2024-01-09")
    assert done.loc["arxiv:2401.00001", "date_source"].endswith(f"{title} by title")
    assert done.loc["arxiv:2402.00002", "abstract"] == OTHER
    assert f"abstract from {title} by arXiv id" in done.loc["arxiv:2402.00002", "completed"]
    assert report["reference"] == title
    assert report["n_reference"] == 2
    assert len(asked) == (1 if name == "s2" else 2)
    words = json.dumps(asked).lower()
    assert "whole" not in words
    assert "2403.00003" not in words
    assert (name == "s2") == ("2402.00002" not in words)
    same(complete(papers, name), done)
    assert len(asked) == (1 if name == "s2" else 2)


def test_a_service_that_knows_nothing_leaves_all_as_it_was(service):
    asked = service("openalex")
    papers = table({"title": "Nowhere Known at All"})
    done, report = filled(papers, "openalex")
    same(done, papers)
    assert report["filled"]["date"]["still_missing"] == 1
    whole = table({"title": "W", "doi": "10.1000/w", "abstract": TEXT, "date": "2024-03-05"})
    same(complete(whole, "openalex"), whole)
    assert len(asked) == 1


def test_a_service_out_of_reach_is_named(monkeypatch, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("TRENDS_S2_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setenv("TRENDS_CACHE", str(tmp_path))
        monkeypatch.setattr(_http, "pause", lambda seconds: None)
        with pytest.raises(InputError, match="Semantic Scholar"):
            complete(table({"title": "A Title Unknown"}), "s2")


# --- real data -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def conference(shared_data, tmp_path_factory):
    """Return every 30th paper of the conferences, and all with a title of the pages."""
    wanted = {_identity.normalised(title) for title in load(shared_data / "pages")["title"]}
    path = tmp_path_factory.mktemp("conference") / "conference.jsonl"
    with gzip.open(shared_data / "conference" / "paperlists_abs.jsonl.gz", "rt", encoding="utf-8") as lines:
        some = [
            line
            for number, line in enumerate(lines)
            if number % 30 == 0 or _identity.normalised(json.loads(line)["title"]) in wanted
        ]
    path.write_text("".join(some), encoding="utf-8")
    return load(path)


@pytest.fixture(scope="module")
def daily(shared_data):
    return load(shared_data / "hf_daily" / "hf_daily.jsonl.gz")


@pytest.mark.data
def test_undated_papers_of_the_pages_get_dates_that_agree(shared_data, daily, conference):
    papers = load(shared_data / "pages")
    undated = set(papers.index[papers["date"].isna()])
    truth = load(shared_data / "sample" / "sparse_papers.jsonl").set_index("title")
    truth.index = truth.index.map(_identity.normalised)
    assert len(undated) == 266
    done = complete(complete(papers, daily), conference)
    dated = done[done["date"].notna() & done["date_source"].ne("listing page")]
    agree = near = 0
    for row in dated.itertuples():
        one = _dates.Known(row.date.date(), row.date_precision, "")
        known_ = truth.loc[_identity.normalised(row.title)]
        other = _dates.Known(known_["date"].date(), known_["date_precision"], "")
        overlap = one.date <= _dates._last_day(other) and other.date <= _dates._last_day(one)
        agree += overlap
        near += not overlap and abs(one.date.year - other.date.year) <= 1
    # Measured: 36 dated (27 to the day), 35 agree and the other is of a venue in the following January.
    assert len(dated) >= 34
    assert agree >= 33
    assert agree + near == len(dated)
    assert (dated["date_precision"] == "day").sum() >= 25
    with_ids = done[done["arxiv_id"] != ""]
    assert len(with_ids) >= 29
    own = truth.loc[with_ids["title"].map(_identity.normalised), "arxiv_id"]
    assert own.tolist() == with_ids["arxiv_id"].tolist()


@pytest.mark.data
def test_similar_titles_of_other_papers_are_not_taken(daily, conference):
    _, report = filled(conference, daily, similarity=0.7)
    # Measured on all 91,803: 5 are taken, each rightly, and 422 are not.
    assert report["matched"].get("similar title", 0) <= 3
    assert sum(report["unmatched"].values()) >= 10


@pytest.mark.data
def test_real_papers_completed_from_themselves_stay_as_they_are(daily):
    same(complete(daily, daily, fields=ALL), daily)
