"""JSON of services and reference managers: what each field means, every item accounted for, wild input."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trends.core.errors import InputError
from trends.papers import _merge, load
from trends.papers._content import Content
from trends.papers._formats import FORMATS
from trends.papers._record import Rejected

SHA = "0123456789abcdef0123456789abcdef01234567"
BY_NAME = {known.name: known for known in FORMATS}


def content(value, name="papers.json"):
    text = value if isinstance(value, str) else json.dumps(value)
    return Content.of(name, text.encode("utf-8", "surrogatepass"))


def lines(*values):
    return "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values)


def first_hit(value):
    return next((known.name for known in FORMATS if known.recognise(content(value))), None)


def entries(value):
    """Read as `load` does: the first format that recognises the content, then the cleaning."""
    file = content(value)
    reader = next(known for known in FORMATS if known.recognise(file))
    return [
        found if isinstance(found, Rejected) else _merge.entry(found, "file") for found in reader.read(file)
    ]


def paper(value):
    (found,) = entries(value)
    assert not isinstance(found, Rejected), found
    return found


def day(entry):
    return (entry.date.date.isoformat(), entry.date.precision)


# --- one example of each format, as an item -----------------------------------------------------------

ITEMS = {
    "arXiv snapshot": {
        "id": "2101.00001",
        "submitter": "A. Person",
        "authors": "B. Second and C. Third",
        "title": "Sparse Moons\n  of Attention",
        "journal-ref": "J. Moons 3",
        "doi": "10.1000/moons",
        "categories": "cs.LG stat.ML",
        "abstract": "  We look at moons.\n",
        "versions": [
            {"version": "v2", "created": "Tue, 9 Feb 2021 10:00:00 GMT"},
            {"version": "v1", "created": "Mon, 4 Jan 2021 19:18:42 GMT"},
        ],
        "update_date": "2023-05-06",
        "authors_parsed": [["Second", "B.", ""], ["Third", "C.", "Jr."]],
    },
    "OpenAlex": {
        "id": "https://openalex.org/W1",
        "title": "Sparse Moons of Attention",
        "publication_date": "2021-01-04",
        "publication_year": 2021,
        "language": "en",
        "ids": {"doi": "https://doi.org/10.1000/moons"},
        "authorships": [{"author": {"display_name": "B. Second"}}, {"raw_author_name": "C. Third"}],
        "abstract_inverted_index": {"at": [2], "We": [0], "moons.": [3], "look": [1]},
        "keywords": [{"display_name": "Moons", "score": 0.6}, {"display_name": "Cheese", "score": 0.1}],
        "topics": [{"display_name": "Astronomy"}],
        "primary_location": {
            "source": {"display_name": "J. Moons"},
            "landing_page_url": "https://moons.org/1",
        },
        "locations": [{"landing_page_url": "http://arxiv.org/abs/2101.00001"}],
    },
    "Semantic Scholar": {
        "paperId": SHA,
        "externalIds": {"ArXiv": "2101.00001", "DOI": "10.1000/moons"},
        "title": "Sparse Moons of Attention",
        "abstract": "We look at moons.",
        "venue": "",
        "journal": {"name": "J. Moons"},
        "year": 2021,
        "publicationDate": "2021-01-04",
        "fieldsOfStudy": None,
        "s2FieldsOfStudy": [{"category": "Physics", "source": "external"}],
        "authors": [{"authorId": "1", "name": "B. Second"}, {"authorId": None, "name": "C. Third"}],
    },
    "Scopus JSON": {
        "dc:identifier": "SCOPUS_ID:1",
        "dc:title": "Sparse Moons of Attention",
        "dc:creator": "Second B.",
        "author": [
            {"authname": "Second B.", "given-name": "B.", "surname": "Second"},
            {"authname": "Third C."},
        ],
        "author-count": {"@total": "2", "$": "2"},
        "dc:description": "We look at moons.",
        "prism:publicationName": "J. Moons",
        "prism:coverDate": "2021-01-01",
        "prism:coverDisplayDate": "January 2021",
        "prism:doi": "10.1000/moons",
        "authkeywords": "Moons | Attention",
        "link": [{"@ref": "self", "@href": "https://x.org"}, {"@ref": "scopus", "@href": "https://y.org"}],
    },
    "IEEE Xplore JSON": {
        "article_number": "7",
        "title": "Sparse Moons of Attention",
        "abstract": "We look at moons.",
        "doi": "10.1000/moons",
        "publication_title": "J. Moons",
        "publication_date": "1-3 Dec. 2021",
        "publication_year": 2021,
        "authors": {
            "authors": [
                {"full_name": "C. Third", "author_order": 2},
                {"full_name": "B. Second", "author_order": 1},
            ]
        },
        "index_terms": {"ieee_terms": {"terms": ["Moon"]}, "author_terms": {"terms": ["-Attention"]}},
    },
    "bioRxiv": {
        "title": "Sparse Moons of Attention",
        "authors": "Second, B.; Third, C.",
        "doi": "10.1101/2021.01.04.000001",
        "date": "2021-01-04",
        "version": "1",
        "category": "neuroscience",
        "abstract": "We look at moons.",
        "server": "bioRxiv",
    },
    "OpenReview": {
        "id": "abc",
        "forum": "abc",
        "cdate": 1609754400000,
        "pdate": 1640000000000,
        "invitations": ["M/-/Submission"],
        "content": {
            "title": {"value": "Sparse Moons of Attention"},
            "abstract": {"value": "We look at moons."},
            "keywords": {"value": ["Moons", "Attention"]},
            "authors": {"value": ["B. Second", "C. Third"]},
            "venue": {"value": "Moons 2021 poster"},
        },
    },
    "Crossref": {
        "DOI": "10.1000/moons",
        "type": "journal-article",
        "title": ["Sparse Moons of Attention"],
        "issued": {"date-parts": [[2021, 1, 4]]},
        "created": {"date-parts": [[2024, 9, 9]]},
        "author": [{"given": "B.", "family": "Second"}, {"name": "The Third Group"}],
        "container-title": ["J. Moons"],
        "abstract": "<jats:p>We look at moons.</jats:p>",
        "subject": ["Moons"],
        "is-referenced-by-count": 3,
    },
    "DBLP JSON": {
        "@score": "1",
        "@id": "5",
        "info": {
            "authors": {
                "author": [{"@pid": "1", "text": "B. Second 0001"}, {"@pid": "2", "text": "C. Third"}]
            },
            "title": "Sparse Moons of Attention.",
            "venue": "CoRR",
            "volume": "abs/2101.00001",
            "year": "2021",
            "type": "Informal and Other Publications",
            "ee": "https://moons.org/1",
        },
    },
    "Zotero JSON": {
        "itemType": "journalArticle",
        "title": "Sparse Moons of Attention",
        "abstractNote": "We look at moons.",
        "date": "January 4, 2021",
        "publicationTitle": "J. Moons",
        "extra": "PMID: 12\narXiv: 2101.00001 [cs]\nDOI: 10.1000/moons",
        "language": "eng",
        "creators": [
            {"creatorType": "author", "firstName": "B.", "lastName": "Second"},
            {"creatorType": "editor", "firstName": "E.", "lastName": "Ditor"},
            {"creatorType": "author", "name": "The Third Group"},
        ],
        "tags": [{"tag": "Moons", "type": 1}, {"tag": "Attention"}],
    },
    "CSL-JSON": {
        "id": "second2021",
        "type": "article-journal",
        "title": "Sparse Moons of Attention",
        "abstract": "We look at moons.",
        "issued": {"date-parts": [["2021", 1, "04"]]},
        "author": [
            {"given": "B.", "non-dropping-particle": "van", "family": "Second"},
            {"literal": "The Third Group"},
        ],
        "container-title": "J. Moons",
        "keyword": "Moons, Attention",
        "DOI": "10.1000/moons",
        "language": "en-GB",
        "note": "arXiv: 2101.00001 [cs]",
    },
}
ANSWERS = {
    "OpenAlex": lambda item: {"meta": {"count": 1}, "results": [item]},
    "Semantic Scholar": lambda item: {"total": 1, "token": None, "data": [item]},
    "Scopus JSON": lambda item: {"search-results": {"entry": [item]}},
    "IEEE Xplore JSON": lambda item: {"total_records": 1, "articles": [item]},
    "bioRxiv": lambda item: {"messages": [{"status": "ok"}], "collection": [item]},
    "OpenReview": lambda item: {"notes": [item], "count": 1},
    "Crossref": lambda item: {"status": "ok", "message": {"items": [item]}},
    "DBLP JSON": lambda item: {"result": {"hits": {"@total": "1", "hit": [item]}}},
    "Zotero JSON": lambda item: {"config": {}, "items": [item]},
    "CSL-JSON": lambda item: {"items": [item]},
}
OTHERS = {
    "Daily Papers API": {"paper": {"id": "2101.00001", "title": "Sparse Moons"}, "publishedAt": "2021-01-04"},
    "JSON": {"title": "Sparse Moons", "author": "B. Second", "type": "article", "issued": "2021"},
}


@pytest.mark.parametrize("name", [*ITEMS, *OTHERS])
def test_each_format_is_recognised_as_itself_in_every_wrapping(name):
    item = ITEMS.get(name) or OTHERS[name]
    plain = "JSON Lines" if name == "JSON" else name
    assert first_hit([item]) == name
    if name != "Daily Papers API":
        assert first_hit(item) == name
        assert first_hit(lines(item, item)) == plain
        assert len(entries(lines(item, item))) == 2
    if name in ANSWERS:
        answer = ANSWERS[name](item)
        assert first_hit(answer) == first_hit([answer, answer]) == first_hit(lines(answer, answer)) == name
        assert len(entries([answer, answer])) == 2


def test_what_each_field_means():
    found = {name: paper(item) for name, item in ITEMS.items()}
    for entry in found.values():
        assert entry.title == "Sparse Moons of Attention"
        assert entry.n_authors == 2
    assert {name: entry.authors for name, entry in found.items()} == {
        **dict.fromkeys(ITEMS, ("B. Second", "C. Third")),
        "arXiv snapshot": ("B. Second", "C. Third Jr."),
        "bioRxiv": found["bioRxiv"].authors,
        "Scopus JSON": ("B. Second", "Third C."),
        "Crossref": ("B. Second", "The Third Group"),
        "Zotero JSON": ("B. Second", "The Third Group"),
        "CSL-JSON": ("B. van Second", "The Third Group"),
    }
    assert len(found["bioRxiv"].authors) == 2
    assert {name: day(entry) for name, entry in found.items()} == {
        **dict.fromkeys(ITEMS, ("2021-01-04", "day")),
        "Scopus JSON": ("2021-01-01", "month"),
        "IEEE Xplore JSON": ("2021-12-01", "month"),
        "DBLP JSON": ("2021-01-01", "year"),
    }
    assert found["arXiv snapshot"].date.source == "arXiv date"
    without = {"DBLP JSON"}
    assert {name for name, entry in found.items() if entry.abstract != "We look at moons."} == without
    with_arxiv = {"arXiv snapshot", "OpenAlex", "Semantic Scholar", "DBLP JSON", "Zotero JSON", "CSL-JSON"}
    assert {name for name, entry in found.items() if entry.arxiv_id == "2101.00001"} == with_arxiv
    assert {entry.doi for entry in found.values()} == {"", "10.1000/moons", "10.1101/2021.01.04.000001"}
    assert {name for name, entry in found.items() if not entry.doi} == {"DBLP JSON", "OpenReview"}
    assert {name: entry.venue for name, entry in found.items()} == {
        **dict.fromkeys(ITEMS, "J. Moons"),
        "arXiv snapshot": "J. Moons 3",
        "bioRxiv": "bioRxiv",
        "OpenReview": "Moons 2021 poster",
        "DBLP JSON": "CoRR",
    }
    assert {name: entry.language for name, entry in found.items() if entry.language} == dict.fromkeys(
        ("OpenAlex", "Zotero JSON", "CSL-JSON"), "en"
    )
    assert found["Scopus JSON"].url == "https://y.org"
    assert {name: raw_tags(name) for name in ITEMS} == {
        "arXiv snapshot": ["cs.LG", "stat.ML"],
        "OpenAlex": ["Moons"],
        "Semantic Scholar": ["Physics"],
        "Scopus JSON": ["Moons ", " Attention"],
        "IEEE Xplore JSON": ["Attention", "Moon"],
        "bioRxiv": ["neuroscience"],
        "OpenReview": ["Moons", "Attention"],
        "Crossref": ["Moons"],
        "DBLP JSON": [],
        "Zotero JSON": ["Moons", "Attention"],
        "CSL-JSON": "Moons, Attention",
    }


def raw_tags(name):
    (record,) = BY_NAME[name].read(content(ITEMS[name]))
    return record.tags if isinstance(record.tags, str) else list(record.tags)


# --- what is no paper ---------------------------------------------------------------------------------


def test_items_that_are_no_papers_say_what_they_are():
    attached = [{"itemType": kind, "title": "Full text"} for kind in ("attachment", "note", "annotation")]
    found = entries([ITEMS["Zotero JSON"], *attached])
    assert [entry.reason for entry in found[1:]] == [
        "an attachment, not a paper",
        "a note, not a paper",
        "an annotation, not a paper",
    ]
    assert [entry.where for entry in found[1:]] == ["record 2", "record 3", "record 4"]
    review = {"id": "r", "forum": "abc", "replyto": "abc", "content": {"title": "Review"}, "cdate": 1}
    journal = {"dc:title": "J. Moons", "coverageStartYear": "1999"}
    component = {"DOI": "10.1000/fig1", "type": "component", "title": ["Figure 1"]}
    volume = {"@id": "9", "info": {"type": "Editorship", "title": "Proceedings of Moons."}}
    for name, item, reason in (
        ("OpenReview", review, "a review, comment or decision, not a paper"),
        ("Scopus JSON", journal, "a journal, not a paper"),
        ("Crossref", component, "of Crossref's type component, not a paper"),
        ("DBLP JSON", volume, "an edited volume, not a paper"),
    ):
        good, bad = entries([ITEMS[name], item])
        assert good.title == "Sparse Moons of Attention"
        assert bad.reason == reason


def test_an_empty_search_is_no_paper():
    (found,) = entries({"search-results": {"entry": [{"@_fa": "true", "error": "Result set was empty"}]}})
    assert found == Rejected("record 1", "no paper but the answer 'Result set was empty'")


def test_a_pubmed_search_with_ids_only_says_what_to_do(tmp_path):
    path = tmp_path / "esearch.json"
    path.write_text('{"header": {"type": "esearch"}, "esearchresult": {"count": "1", "idlist": ["3"]}}')
    with pytest.raises(InputError, match=r"ids only; fetch the records themselves"):
        load(path)


def test_a_broken_line_costs_that_line():
    for name in ("arXiv snapshot", "OpenAlex", "Semantic Scholar"):
        good = json.dumps(ITEMS[name])
        found = entries(lines(good, good[:50], "", "[1]", good))
        assert [getattr(entry, "where", None) for entry in found] == [None, "line 2", "line 4", None]
        # The same where the first line is the broken one.
        assert [isinstance(entry, Rejected) for entry in entries(lines(good[:50], good))] == [True, False]


def test_lines_are_read_one_at_a_time(monkeypatch):
    taken = []
    plain = Content.lines

    def watched(self):
        for number, line in enumerate(plain(self), start=1):
            taken.append(number)
            yield line

    monkeypatch.setattr(Content, "lines", watched)
    for name in ("arXiv snapshot", "OpenAlex", "Semantic Scholar"):
        file = content(lines(*[ITEMS[name]] * 100))
        taken.clear()
        assert BY_NAME[name].recognise(file)
        next(BY_NAME[name].read(file))
        assert taken == [1]
        assert "text" not in vars(file)


# --- quirks of one format -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        ({"date-parts": [[2021]]}, ("2021-01-01", "year")),
        ({"date-parts": [["2021", "03"]]}, ("2021-03-01", "month")),
        ({"date-parts": [[2021, 3, 5], [2021, 3, 9]]}, ("2021-03-01", "month")),
        ({"date-parts": [[2017]], "season": 3}, ("2017-01-01", "year")),
        ({"raw": "March 2021"}, ("2021-03-01", "month")),
        ({"literal": "5 March 2021"}, ("2021-03-05", "day")),
        ([{"year": 2021, "month": 3}], ("2021-03-01", "month")),
        ("2021-03-05", ("2021-03-05", "day")),
        ({"date-parts": [[None]]}, None),
        ({"date-parts": [[-44, 3, 15]]}, None),
        ({"date-parts": [[3000]]}, None),
    ],
)
def test_dates_of_csl(issued, expected):
    entry = paper([{**ITEMS["CSL-JSON"], "issued": issued}])
    known = entry.date if hasattr(entry.date, "precision") else None
    assert (day(entry) if known else None) == expected


def test_csl_without_a_title_is_refused_and_any_type_is_read():
    items = [{"id": "a", "type": "legal_case", "title": "Moon v. Sun"}, {"id": "b", "type": "book"}]
    for found in (entries(items), entries({"references": items})):
        assert found[0].title == "Moon v. Sun"
        assert found[1] == Rejected("record 2", "no title")
    sermon = {"id": "c", "type": "sermon", "title": "On Moons", "publisher-place": "Moon"}
    assert first_hit([sermon]) == "CSL-JSON"


def test_a_table_with_names_of_its_own_is_not_csl():
    row = {"id": 1, "type": "article", "title": "Sparse Moons", "year": 2021, "keywords": "Moons"}
    row["author"] = [{"given": "B.", "family": "Second"}]
    assert first_hit([row]) == "JSON"
    assert day(paper([row])) == ("2021-01-01", "year")
    assert paper([row]).tags == ("moons",)


def test_a_work_of_doi_org_is_read():
    entry = paper({**ITEMS["Crossref"], "title": "Sparse Moons", "container-title": "J. Moons"})
    assert (entry.title, entry.venue, entry.doi) == ("Sparse Moons", "J. Moons", "10.1000/moons")


def test_crossref_takes_the_dates_of_the_work_and_not_of_its_record():
    item = {**ITEMS["Crossref"], "issued": {"date-parts": [[None]]}}
    assert paper(item).date is None
    assert day(paper({**item, "posted": {"date-parts": [[2020, 2]]}})) == ("2020-02-01", "month")


def test_items_of_the_zotero_web_api_are_read():
    data = {**ITEMS["Zotero JSON"], "date": "someday", "extra": ""}
    entry = paper(
        [{"key": "K", "version": 1, "library": {}, "meta": {"parsedDate": "2021-01"}, "data": data}]
    )
    assert entry.title == "Sparse Moons of Attention"
    assert day(entry) == ("2021-01-01", "month")
    lone = {"key": "N", "data": {"itemType": "note", "note": "x"}}
    assert entries([lone, {"key": "K", "data": data}])[0].reason == "a note, not a paper"


def test_an_inverted_index_of_any_shape_is_read_in_order():
    def abstract(index):
        return paper({**ITEMS["OpenAlex"], "abstract_inverted_index": index}).abstract

    assert abstract({"b": [7, 1_000_000_000_000], "a": [3]}) == "a b b"
    assert abstract({"a": [0, 0], "b": [1], "c": [1]}) == "a b"
    assert abstract({"a": 0, "b": None, "c": ["x", True, [1], 2.5], "d": [4]}) == "d"
    assert abstract(json.dumps({"IndexLength": 2, "InvertedIndex": {"b": [1], "a": [0]}})) == "a b"
    assert abstract(None) == abstract([]) == abstract("none") == ""
    assert len(abstract({"word" * 20: list(range(100_000))})) <= 100_000


def test_openalex_falls_back_from_keywords_to_topics_to_concepts_and_knows_unknown_days():
    item = {**ITEMS["OpenAlex"], "keywords": [], "publication_date": "2021-01-01"}
    assert paper(item).tags == ("astronomy",)
    assert day(paper(item)) == ("2021-01-01", "year")
    concepts = [{"display_name": "Moon", "score": 0.5}, {"display_name": "Sun", "score": 0.0}]
    assert paper({**item, "topics": [], "concepts": concepts}).tags == ("moon",)
    assert paper({**item, "keywords": [{"keyword": "Crater", "score": 0.9}]}).tags == ("crater",)


def test_datasets_and_citations_of_semantic_scholar_are_read():
    row = {
        "corpusid": 5,
        "externalids": {"ArXiv": "2101.00001", "DOI": None},
        "title": "Sparse Moons",
        "authors": [{"authorId": "1", "name": "B. Second"}],
        "publicationdate": "2021-01-04",
        "s2fieldsofstudy": [{"category": "Physics", "source": "s2-fos-model"}],
    }
    entry, _ = entries(lines(row, row))
    assert (entry.arxiv_id, entry.tags, day(entry)) == ("2101.00001", ("physics",), ("2021-01-04", "day"))
    cited = {"offset": 0, "data": [{"isInfluential": True, "citingPaper": ITEMS["Semantic Scholar"]}]}
    assert paper(cited).title == "Sparse Moons of Attention"


def test_a_list_with_gaps_accounts_for_them():
    found = entries([None, ITEMS["Semantic Scholar"]])
    assert found[0] == Rejected("record 1", "not a JSON object")


def test_an_abstract_of_scopus_is_read():
    entry = paper(
        {
            "abstracts-retrieval-response": {
                "coredata": {
                    "dc:title": "Sparse Moons",
                    "dc:description": "We look.",
                    "prism:coverDate": "2021-01-04",
                    "prism:coverDisplayDate": "4 January 2021",
                },
                "authors": {"author": [{"ce:given-name": "B.", "ce:surname": "Second"}]},
                "authkeywords": {"author-keyword": [{"@_fa": "true", "$": "Moons"}]},
                "language": {"@xml:lang": "eng"},
            }
        }
    )
    assert (entry.title, entry.authors, entry.tags, entry.language) == (
        "Sparse Moons",
        ("B. Second",),
        ("moons",),
        "en",
    )
    assert day(entry) == ("2021-01-04", "day")


def test_published_articles_and_collections_of_biorxiv_are_read():
    published = {
        "biorxiv_doi": "10.1101/2021.01.04.000001",
        "preprint_title": "Sparse Moons",
        "preprint_date": "2021-01-04",
        "preprint_authors": "Second, B.; Third, C.",
        "published_date": "2022-02-02",
    }
    assert day(paper({"collection": [published]})) == ("2021-01-04", "day")
    related = {
        "rel_doi": "10.1101/2021.01.04.000001",
        "rel_title": "Sparse Moons",
        "rel_date": "2021-01-04",
        "rel_authors": [{"author_name": "B. Second", "author_inst": "Moon"}],
    }
    assert paper({"rels": [related]}).authors == ("B. Second",)


def test_versions_of_a_preprint_become_one_paper(tmp_path):
    later = {**ITEMS["bioRxiv"], "version": "2", "date": "2021-06-01", "title": "Sparser Moons of Attention"}
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"messages": [], "collection": [later, ITEMS["bioRxiv"]]}))
    papers = load(path)
    assert len(papers) == 1
    assert papers["date"].iloc[0].isoformat() == "2021-01-04T00:00:00"
    assert papers.attrs["reading"][0]["n_read"] == 2


def test_openreview_of_both_versions_and_odd_times():
    plain = {**ITEMS["OpenReview"], "content": {"title": "Sparse Moons", "keywords": ["Moons"]}}
    assert paper({"notes": [plain]}).tags == ("moons",)
    # The first moment of a year is what imports write of which the year is known.
    assert day(paper({**plain, "cdate": 1609459200000})) == ("2021-01-01", "year")
    assert paper({**plain, "cdate": 10**40}).date is None


def test_a_snapshot_line_without_versions_is_dated_by_its_id(tmp_path):
    item = {name: value for name, value in ITEMS["arXiv snapshot"].items() if name != "versions"}
    path = tmp_path / "arxiv.json"
    path.write_text(lines(item, {**item, "id": "2102.00002", "title": "Other Moons", "doi": None}))
    papers = load(path)
    assert list(papers["date_precision"]) == ["month", "month"]
    assert [when.month for when in papers["date"]] == [1, 2]


# --- wild input ---------------------------------------------------------------------------------------

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("name", ITEMS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_values_of_any_type_are_read_or_refused(name, data):
    item = ITEMS[name]
    inner = [key for key, value in item.items() if isinstance(value, dict)]
    wild = dict(item)
    for key in data.draw(st.lists(st.sampled_from(sorted(item)), min_size=1, max_size=6)):
        wild[key] = data.draw(VALUES)
    for key in inner:
        if isinstance(wild[key], dict) and wild[key]:
            chosen = data.draw(st.sampled_from(sorted(wild[key])))
            wild[key] = {**wild[key], chosen: data.draw(VALUES)}
    for key, value in item.items():
        if isinstance(value, list) and isinstance(wild[key], list):
            wild[key] = [*wild[key], data.draw(VALUES)]
    other = data.draw(VALUES)
    for wrapped in ([item, wild, other], lines(item, wild, json.dumps(other))):
        file = content(wrapped)
        assert BY_NAME[name].recognise(file)
        found = list(BY_NAME[name].read(file))
        # A value may itself be an answer around nothing; the first two are entries in any case.
        assert len(found) >= 2
        for record in found:
            if not isinstance(record, Rejected):
                _merge.entry(record, "file")


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_no_recogniser_fails_on_any_json(value):
    file = content(value)
    for known in FORMATS:
        if known.name in ITEMS or known.name == "PubMed search":
            assert known.recognise(file) is False


def test_broken_characters_and_deep_nesting_cost_nothing_more(tmp_path):
    half = {**ITEMS["OpenAlex"], "title": "Sparse \ud800 Moons", "keywords": [{"display_name": "\udfff"}]}
    deep = '{"id": "https://openalex.org/W2", "title": ' + "[" * 100_000
    path = tmp_path / "works.jsonl"
    path.write_text(lines(half, deep, half))
    line = load(path).attrs["reading"][0]
    assert (line["format"], line["n_read"], line["n_rejected"]) == ("OpenAlex", 2, 1)


# --- real files ---------------------------------------------------------------------------------------


def counted(value):
    """Count the items of a real file without the code under test."""
    if isinstance(value, list):
        wrapped = [part["raw_response"]["collection"] for part in value if "raw_response" in part]
        return sum(map(len, wrapped)) if wrapped else len(value)
    for keys in (("results",), ("data",), ("articles",), ("collection",), ("items",)):
        if keys[0] in value:
            return len(value[keys[0]])
    return len(next(iter(value.values()))["entry"])


@pytest.mark.data
def test_every_item_of_the_real_files_is_accounted_for(shared_data):
    files = sorted((shared_data / "exports").glob("*/*.json"))
    assert len(files) > 20
    n_read = {}
    for path in files:
        if path.name == "pubmed-esearch_response.json":
            continue
        file = Content.of(path.name, path.read_bytes())
        reader = next(known for known in FORMATS if known.recognise(file))
        assert reader.name in ITEMS, path.name
        records = list(reader.read(file))
        assert len(records) == counted(json.loads(path.read_text("utf-8-sig"))), path.name
        made = [r if isinstance(r, Rejected) else _merge.entry(r, path.name) for r in records]
        good = [entry for entry in made if not isinstance(entry, Rejected)]
        n_read[reader.name] = n_read.get(reader.name, 0) + len(good)
        if path.name == "scopus-api-publication.json":
            assert [entry.reason for entry in made] == ["a journal, not a paper"]
        else:
            assert len(good) == len(made), path.name
    assert n_read["Zotero JSON"] == 1241
    assert n_read["OpenAlex"] == n_read["Semantic Scholar"] == 50
    assert (n_read["IEEE Xplore JSON"], n_read["Scopus JSON"], n_read["bioRxiv"]) == (25, 25, 58)


@pytest.mark.data
def test_the_real_answers_keep_what_they_know(shared_data):
    folder = shared_data / "exports" / "findpapers"
    papers = load(folder / "openalex-sample_response.json")
    assert (papers["abstract"] != "").sum() == 49
    assert set(papers["date_precision"]) == {"day"}
    assert (papers["tags"].map(len) > 0).all()
    papers = load(folder / "semanticscholar-relevance_search_response.json")
    assert (papers["arxiv_id"] != "").sum() == 7
    papers = load(folder / "ieee-api-search.json")
    assert papers["date"].notna().all()
    assert (papers["authors"].map(len) > 0).all()


# --- damaged documents ---------------------------------------------------------------------------------

ROWS = [{"title": f"Kites {number}", "authors": [{"name": "Ada Moth"}]} for number in range(5)]


def tried(text):
    """Return how many entries of a text are read, and what is said of those that are not."""
    found = entries(text)
    refused = [one.reason for one in found if isinstance(one, Rejected)]
    return len(found) - len(refused), refused


@pytest.mark.parametrize("indent", [None, 1])
def test_the_whole_items_of_a_list_that_breaks_off_are_read(indent):
    text = json.dumps(ROWS, indent=indent)
    n_read, (reason,) = tried(text[: text.index("Kites 3")])
    assert n_read == 3
    assert "breaks off" in reason


def test_an_answer_that_breaks_off_is_read_by_its_format():
    item = ITEMS["arXiv snapshot"]
    works = [
        {"id": f"https://openalex.org/W{number}", "title": f"Kites {number}", "authorships": []}
        for number in range(4)
    ]
    text = json.dumps({"meta": {"count": 4}, "results": works})
    assert first_hit(text[:-40]) == "OpenAlex"
    n_read, (reason,) = tried(text[:-40])
    assert (n_read, "damaged" in reason) == (3, True)
    text = json.dumps([item, item])
    assert first_hit(text[:-1]) == "arXiv snapshot"


@pytest.mark.parametrize(
    "text",
    [
        ",\n".join(map(json.dumps, ROWS)) + ",\n",
        json.dumps(ROWS)[:-1] + ",]",
        "[\n" + ",\n".join(map(json.dumps, ROWS)) + "\n]\n",
        json.dumps(ROWS[:2], indent=1) + "\n" + json.dumps(ROWS[2:], indent=1),
        json.dumps(ROWS).replace("}]}", "},]}"),
    ],
    ids=["a comma behind each line", "a comma too many", "an item a line", "two documents", "commas within"],
)
def test_commas_too_many_and_several_documents_lose_nothing(text):
    assert tried(text) == (5, [])
    file = content(text, "papers.jsonl")
    reader = next(known for known in FORMATS if known.recognise(file))
    assert len(list(reader.read(file))) == 5


def test_a_paper_that_breaks_off_is_no_paper(tmp_path):
    path = tmp_path / "one.json"
    path.write_text(json.dumps(ROWS[0])[:-5])
    with pytest.raises(InputError, match="damaged"):
        load(path)


def test_a_deep_damaged_document_costs_nothing():
    for text in ("[" * 100_000, '{"a":' * 100_000, '[{"a":' * 50_000):
        assert first_hit(text) in (None, "CSV")
