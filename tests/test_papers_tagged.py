"""Tagged text: RIS, MEDLINE, Web of Science and refer, in the dialects of those who write them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trends.core.errors import InputError
from trends.papers import load
from trends.papers._content import Content
from trends.papers._formats import FORMATS, _endnote, _medline, _ris, _tagged, _wos
from trends.papers._record import Record

RIS = """TY  - JOUR
T1  - Sparse Kites over Dense Fields
A1  - Moth, Ada
AU  - Heron, Bo
N2  - Kites are flown; fields are counted.
JF  - Journal of Kites
Y1  - 2019/05/03/
PY  - 2019
KW  - kites
KW  - *fields
DO  - https://doi.org/10.1000/KITE.1
LA  - English
UR  - https://example.org/kites
ER  -
"""
MEDLINE = """PMID- 10000001
OWN - NLM
DP  - 2021 Mar-Apr
TI  - A survey of paper
      lanterns.
LID - 10.1000/lantern.1 [doi]
LID - S1000-1 [pii]
AB  - Lanterns glow. They
      also float.
FAU - Moth, Ada B
AU  - Moth AB
FAU - Heron, Bo
AU  - Heron B
CN  - Lantern Study Group
LA  - eng
TA  - J Lantern
JT  - Journal of lanterns
OT  - *floating
MH  - *Paper/analysis/*history
MH  - Models, Molecular
EDAT- 2021/02/01 06:00
DEP - 20210105
SO  - J Lantern. 2021 Mar-Apr;1(1):1-9. doi: 10.1000/lantern.1.
"""
WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Moth, A
   Heron, B
AF Moth, Ada
   Heron, Bo
TI Weaving nets
   for small fish
SO FISHERIES OF NOWHERE
LA English
DE nets; small fish;
   weaving
ID FISH
AB Nets are woven. Fish
   are small.
CR Someone A, 2001, NETS, V1, P1, DOI 10.1000/other
PD SEP 15
PY 2018
DI 10.1000/net.1
ER

EF
"""
REFER = """%0 Journal Article
%T Counting Stones
%A Moth, Ada
%A Heron, Bo
%J Stones
%D 2017
%8 March 3
%X Stones were counted.
Twice.
%K stones
counting
%R doi:10.1000/stone.1
%G English
"""
SAMPLES = {
    "RIS": (_ris.FORMAT, RIS),
    "MEDLINE": (_medline.FORMAT, MEDLINE),
    "Web of Science": (_wos.FORMAT, WOS),
    "EndNote": (_endnote.FORMAT, REFER),
}


def content(text):
    return Content.of("x.txt", text if isinstance(text, bytes) else text.encode("utf-8"))


def records(form, text):
    made = list(form.read(content(text)))
    assert all(isinstance(record, Record) for record in made)
    return made


def ris(*lines):
    return records(_ris.FORMAT, "\n".join(("TY  - JOUR", "TI  - Sparse Kites", *lines, "ER  - ")))[0]


def loaded(folder, text, name="papers.txt"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return load(path)


# --- the four formats ----------------------------------------------------------------------------------


def test_a_ris_entry_becomes_a_paper(tmp_path):
    papers = loaded(tmp_path, RIS)
    paper = papers.loc["doi:10.1000/kite.1"]
    assert papers.attrs["reading"][0]["format"] == "RIS"
    assert paper["title"] == "Sparse Kites over Dense Fields"
    assert paper["abstract"] == "Kites are flown; fields are counted."
    assert (str(paper["date"].date()), paper["date_precision"]) == ("2019-05-03", "day")
    assert set(paper["authors"]) == {"Moth, Ada", "Heron, Bo"}
    assert paper["tags"] == ("fields", "kites")
    assert (paper["venue"], paper["url"]) == ("Journal of Kites", "https://example.org/kites")
    assert paper["language"] == "en"


def test_a_medline_entry_becomes_a_paper(tmp_path):
    papers = loaded(tmp_path, MEDLINE, "pubmed.nbib")
    paper = papers.loc["doi:10.1000/lantern.1"]
    assert papers.attrs["reading"][0]["format"] == "MEDLINE"
    assert paper["title"] == "A survey of paper lanterns."
    assert paper["abstract"] == "Lanterns glow. They also float."
    assert (str(paper["date"].date()), paper["date_precision"]) == ("2021-01-05", "day")
    assert paper["authors"] == ("Moth, Ada B", "Heron, Bo", "Lantern Study Group")
    assert paper["tags"] == ("floating", "models, molecular", "paper")
    assert paper["venue"] == "Journal of lanterns"
    assert paper["url"] == "https://pubmed.ncbi.nlm.nih.gov/10000001/"
    assert paper["language"] == "en"


def test_a_web_of_science_entry_becomes_a_paper(tmp_path):
    papers = loaded(tmp_path, "\ufeff" + WOS.replace("\n", "\r\n"), "savedrecs.txt")
    paper = papers.loc["doi:10.1000/net.1"]
    assert papers.attrs["reading"][0]["format"] == "Web of Science"
    assert paper["title"] == "Weaving nets for small fish"
    assert paper["abstract"] == "Nets are woven. Fish are small."
    assert (str(paper["date"].date()), paper["date_precision"]) == ("2018-09-15", "day")
    assert paper["authors"] == ("Moth, Ada", "Heron, Bo")
    assert paper["tags"] == ("fish", "nets", "small fish", "weaving")
    assert paper["venue"].upper() == "FISHERIES OF NOWHERE"


def test_a_refer_entry_becomes_a_paper(tmp_path):
    papers = loaded(tmp_path, REFER, "export.enw")
    paper = papers.loc["doi:10.1000/stone.1"]
    assert papers.attrs["reading"][0]["format"] == "EndNote"
    assert paper["title"] == "Counting Stones"
    assert paper["abstract"] == "Stones were counted. Twice."
    assert (str(paper["date"].date()), paper["date_precision"]) == ("2017-03-03", "day")
    assert paper["authors"] == ("Moth, Ada", "Heron, Bo")
    assert paper["tags"] == ("counting", "stones")
    assert paper["language"] == "en"


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_a_sample_is_of_its_own_format_only(name, encoding, ends):
    encoded = content(("\n\n" + SAMPLES[name][1]).replace("\n", ends).encode(encoding))
    assert next(form for form in FORMATS if form.recognise(encoded)).name == name
    for other, (form, _) in SAMPLES.items():
        assert form.recognise(encoded) == (other == name)
    assert len(list(SAMPLES[name][0].read(encoded))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "title,abstract\nTY,- a paper\n",
        '{"title": "a"}\n{"title": "TY  - b"}\n',
        "@article{a, title = {One}}\nPT J\n",
        "PT\tAU\tTI\tSO\nJ\tMoth, A\tNets\tFish\n",
        "A text that speaks of PMID- 123 and of\nthe tag TY.\n",
        "% A comment\n%Another one\nx = 1\n",
        "",
    ],
)
def test_other_files_are_left_to_other_formats(text):
    assert not any(form.recognise(content(text)) for form, _ in SAMPLES.values())


# --- RIS -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "TY  - JOUR\nTI  - One\nTY  - JOUR\nTI  - Two\nER  - \nTY  - JOUR\nTI  - Three\n",
        "TY - JOUR\nTI - One\nER - \n\nTY - JOUR\nTI - Two\nER -\nTY - JOUR\nTI - Three\nER -",
        "ty  - JOUR\nti  - One\ner  - \nty  - JOUR\nti  - Two\ner  - \nty  - JOUR\nti  - Three\ner  -\n",
        "TY  -JOUR\nTI  -One\nER  -\nTY  -JOUR\nTI  -Two\nER  -\nTY  -JOUR\nTI  -Three\nER  -\n",
        "TY\u00a0\u00a0- JOUR\nTI\u00a0\u00a0- One\nER\u00a0\u00a0-\n"
        "TY  – JOUR\nTI  – Two\nER  –\n  TY  - JOUR\n  TI  - Three",
        "TY  - JOUR\nTI  - One\nER  - TY  - JOUR\nTI  - Two\nER  -\ufeffTY  - JOUR\nTI  - Three\nER  -",
        "1.\nTY  - JOUR\nTI  - One\nER  - \nNL  - Kites\n\nLink: https://example.org\n\n2.\nTY  - JOUR\n"
        "TI  - Two\n"
        "ER  - \nNL  - Kites\n\n3.\nTY  - JOUR\nTI  - Three\nER  - \n",
        "TY  - JOUR\nTI  - One\nER  - \nER  - \nAU  - Moth, Ada\nTI  - Two\nER  - \n\nTI  - Three\n",
        "Provider: Kites\nContent: text/plain\n\n\nTY  - JOUR\nTI  - One\nER\nTY  - JOUR\nTI  - Two\nER\n"
        "TY  - BOOK\nBT  - Three\nER\n",
    ],
)
def test_every_entry_is_found_in_every_spelling(text):
    assert _ris.FORMAT.recognise(content(text))
    assert [record.title for record in records(_ris.FORMAT, text)] == ["One", "Two", "Three"]


def test_an_entry_without_title_is_refused_and_named_by_its_line(tmp_path):
    papers = loaded(
        tmp_path, "\ufeff" + RIS + "\n\nTY  - JOUR\nTI  - \nN1  - Only a note\nER  - \n\nTY  - \nER  - \n"
    )
    line = papers.attrs["reading"][0]
    assert (line["n_present"], line["n_read"]) == (3, 1)
    assert [refused["where"] for refused in line["rejected"]] == ["line 17", "line 22"]


def test_lines_without_tag_go_on_or_are_values_of_their_own():
    record = ris(
        "AB  - First line,",
        "AD - was a word here,",
        "      and an indented one",
        "",
        "after a gap",
        "KW  - Inflammation/drug therapy/*physiopathology",
        "TCP/IP",
        "a keyword that goes",
        "      on",
    )
    assert record.abstract == "First line, AD - was a word here, and an indented one after a gap"
    assert record.tags == ["Inflammation", "TCP/IP", "a keyword that goes on"]


def test_keywords_are_parted_as_they_were_joined():
    assert ris("KW  - one; two;three").tags == ["one", "two", "three"]
    assert ris("KW  - one, two, three").tags == ["one", "two", "three"]
    assert ris("KW  - R&amp;D; two").tags == ["R&D", "two"]
    assert ris("KW  - Models, Molecular", "KW  - A, B, and C").tags == ["Models, Molecular", "A, B, and C"]


def test_authors_are_parted_and_named_once():
    assert ris("AU  - Moth, Ada; Heron, Bo", "A1  - Moth, Ada").authors == ["Moth, Ada", "Heron, Bo"]
    assert ris("AU  - Moth, Ada, Jr.").authors == ["Moth, Ada, Jr."]
    assert ris("A2  - Editor, An").authors == []


def test_the_date_is_that_of_publication():
    assert (ris("DA  - Jun", "PY  - 2011").date, ris("DA  - Jun", "PY  - 2011").year) == ("Jun", "2011")
    assert ris("DA  - 2021/11/03", "PY  - 2013").date == ""
    assert ris("DA  - 2019/12/20", "PY  - 2020").date == "2019/12/20"
    assert ris("DA  - 2013///", "Y1  - 18-21 March 2013").date == "18-21 March 2013"
    assert ris("Y1  - 2019//").year == "2019//"
    assert ris("Y2  - 2020/01/02").date == ""


def test_the_abstract_is_the_longer_one_or_a_note_that_says_so():
    assert ris("AB  - Short", "N2  - Somewhat longer").abstract == "Somewhat longer"
    assert ris("AB  - One part", "AB  - and another").abstract == "One part and another"
    assert ris("N1  - Abstract: From a note").abstract == "From a note"
    assert ris("N1  - Read this").abstract == ""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DO  - doi:10.1000/a(1)", "10.1000/a(1)"),
        ("DO  - http://dx.doi.org/10.1000/a", "10.1000/a"),
        ("DO  - 10.1000/a; 10.1000/b", "10.1000/a"),
        ("UR  - https://doi.org/10.1000%2Fa", "10.1000/a"),
        ("UR  - https://doi-org.proxy.example.edu/10.1000/a", "10.1000/a"),
        ("UR  - https://example.org/record.uri?eid=2&doi=10.1000%2fa&partnerID=40", "10.1000/a"),
        ("UR  - https://example.org/doi/full/10.1000/a", "10.1000/a"),
        ("UR  - https://example.org/10.1000/a/b", ""),
        ("L2  - https://example.org/?x=1&rft_id=info:doi/10.1000%2Fa", "10.1000/a"),
        ("M3  - 10.1000/A", "10.1000/a"),
        ("N1  - J Kites. 2011 Jun;50(6):1-9. doi: 10.1000/a.", "10.1000/a"),
        ("N1  - References: Moth, A., Kites, doi: 10.1000/other", ""),
        ("N1  - doi: 10.1000/a\nUR  - https://doi.org/10.1000/b", ""),
    ],
)
def test_a_doi_is_taken_from_where_it_is_certain(line, expected):
    assert ris(*line.split("\n")).doi == expected


def test_an_arxiv_id_is_taken_from_where_it_is_certain():
    assert ris("UR  - http://arxiv.org/abs/2301.00001v2").arxiv_id == "2301.00001"
    assert ris("JO  - arXiv preprint arXiv:2301.00001").arxiv_id == "2301.00001"
    assert ris("N1  - References: arXiv:2301.00001").arxiv_id == ""
    assert ris("N1  - arXiv:2301.00001", "UR  - https://arxiv.org/abs/2301.00002").arxiv_id == ""


def test_the_address_is_the_papers_and_not_a_files():
    assert ris("UR  - https://example.org/a", "L2  - https://example.org/b").url == ["https://example.org/a"]
    assert ris("L2  - https://example.org/b").url == ["https://example.org/b"]
    assert ris("L2  - https://example.org/b", "DO  - 10.1000/a").url == []


def test_a_part_of_a_book_is_not_called_by_the_book():
    text = "TY  - CHAP\nTI  - A Chapter\nBT  - A Book\nER  - \nTY  - CHAP\nBT  - A Book\nER  - \n"
    chapter, untitled = records(_ris.FORMAT, text)
    assert (chapter.title, chapter.venue) == ("A Chapter", "A Book")
    assert (untitled.title, untitled.venue) == ("", "A Book")


# --- MEDLINE -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "PMID- 1\nTI  - One\n\nPMID- 2\nTI  - Two\n",
        "PMID- 1\nTI  - One\nPMID- 2\nTI  - Two\n",
        "PMID- 1\n\nTI  - One\n\nPMID- 2\n\nTI  - Two\n",
        "OWN - ERIC\nTI  - One\nOID - EJ1\n\nOWN - ERIC\nTI  - Two\nOID - EJ2\n",
        "<1>\nVN  - Ovid Technologies\nUI  - 1\nTI  - One\n\n<2>\nVN  - Ovid Technologies\nUI  - 2\n"
        "TI  - Two\n",
        "UI  - 9\nPMID- 1\nTI  - One\n\nUI  - 8\nPMID- 2\nTI  - Two\n",
        "A search of 2 results\n\nPMID-1\nTI - One\n\nPMID-2\nTI - Two\n",
    ],
)
def test_medline_entries_are_parted(text):
    assert _medline.FORMAT.recognise(content(text))
    assert [record.title for record in records(_medline.FORMAT, text)] == ["One", "Two"]


def test_medline_titles_lose_the_brackets_of_a_translation():
    text = (
        "PMID- 1\nTI  - [A title in words].\n\nPMID- 2\nTI  - [Not Available].\nTT  - Ein Titel.\n\n"
        "PMID- 3\nBTI - A book\n"
    )
    assert [r.title for r in records(_medline.FORMAT, text)] == ["A title in words", "Ein Titel.", "A book"]


def test_medline_authors_dates_and_ids_have_second_choices():
    text = (
        "PMID- 1\nTI  - One\nAU  - Moth AB\nAU  - Heron B\nFAU - Moth, Ada B\nDEP - 20210105\n"
        "AID - arXiv:2301.00001v1 [pii]\nAID - 10.1000/pii [pii]\nSO  - J. 2021. doi: 10.1000/a.\n"
    )
    record = records(_medline.FORMAT, text)[0]
    assert record.authors == ["Moth AB", "Heron B"]
    assert record.date == "20210105"
    assert (record.arxiv_id, record.doi) == ("2301.00001", "10.1000/a")


# --- Web of Science and refer --------------------------------------------------------------------------


def test_web_of_science_entries_are_parted_with_and_without_their_ends():
    start = "FN ISI Export Format\nVR 1.0\n"
    text = f"{start}PT J\nTI One\nPT J\nTI Two\nER\n\nEF\n{start}TI Three\nER\nEF\n"
    assert [r.title for r in records(_wos.FORMAT, text)] == ["One", "Two", "Three"]
    assert [r.where for r in records(_wos.FORMAT, text)] == ["line 3", "line 5", "line 12"]
    assert records(_wos.FORMAT, "FN Clarivate Analytics Web of Science\nVR 1.0\nEF\n") == []


def test_web_of_science_lines_without_indentation_go_on():
    text = (
        "PT J\nAU Moth, A\nHeron, B\n[Anonymous]\nTI Nets\nDNA and fish\nAB Fish.\nQQ is no tag here.\nER\n"
    )
    record = records(_wos.FORMAT, text)[0]
    assert (record.title, record.authors) == ("Nets DNA and fish", ["Moth, A", "Heron, B"])
    assert record.abstract == "Fish. QQ is no tag here."
    record = records(_wos.FORMAT, text.replace("\nHeron", "\n   Heron").replace("[Anon", "   [Anon"))[0]
    assert record.abstract == "Fish."


def test_web_of_science_dates_early_access_without_a_year():
    dated = records(_wos.FORMAT, "PT J\nTI One\nEA JUN 2020\nER\nPT J\nTI Two\nEA JUN 2020\nPY 2021\nER\n")
    assert [(record.date, record.year) for record in dated] == [("JUN 2020", ""), ("", "2021")]


def test_refer_entries_are_parted_with_and_without_types():
    text = "%0 Journal Article\n%T One\n\n%X In two\n\nparagraphs\n%0 Book\n%T Two\n\n%T Three\n"
    assert [(r.title, r.abstract) for r in records(_endnote.FORMAT, text)] == [
        ("One", "In two paragraphs"),
        ("Two", ""),
        ("Three", ""),
    ]
    text = "%A Moth, Ada\n%T One\n%D 1979\n\n%A Heron, Bo\n%T Two\n"
    assert _endnote.FORMAT.recognise(content(text))
    assert [(r.title, r.authors) for r in records(_endnote.FORMAT, text)] == [
        ("One", ["Moth, Ada"]),
        ("Two", ["Heron, Bo"]),
    ]


def test_refer_lists_are_parted_as_in_china():
    record = records(
        _endnote.FORMAT,
        "%0 Journal Article\n%A 张三;李四\n%T 稀疏模型\n%K 稀疏；模型\n%U https://doi.org/10.1000/a\n",
    )[0]
    assert record.authors == ["张三", "李四"]
    assert record.tags == ["稀疏", "模型"]
    assert record.doi == "10.1000/a"


# --- what may come -------------------------------------------------------------------------------------

ENTRIES = {
    "RIS": "TY  - JOUR\nTI  - Paper {0}\nAB  - One line\n      and more\nKW  - a\nb\nER  - \n\n",
    "MEDLINE": "PMID- 1{0}\nTI  - Paper {0}\nAB  - One line\n      and more\n\n",
    "Web of Science": "PT J\nAU A, B\n   C, D\nTI Paper {0}\nAB One line\n   and more\nER\n\n",
    "EndNote": "%0 Journal Article\n%T Paper {0}\n%X One line\nand more\n\n",
}


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_cut_costs_no_entry_before_it(name, data):
    form, entries = SAMPLES[name][0], [ENTRIES[name].format(number) for number in range(5)]
    cut = data.draw(st.integers(0, sum(map(len, entries))))
    text = "".join(entries)[:cut]
    whole = next(n for n in range(5, -1, -1) if len("".join(entries[:n])) <= cut)
    made = records(form, text)
    assert [record.title for record in made[:whole]] == [f"Paper {number}" for number in range(whole)]
    assert all(record.abstract == "One line and more" for record in made[:whole])
    assert len(made) <= whole + 1


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_files_joined_hold_the_sum_of_their_entries(name, data):
    form, sample = SAMPLES[name]
    numbers = data.draw(st.lists(st.integers(0, 99), min_size=2, max_size=4))
    gap = data.draw(st.sampled_from(["", "\n", "\n\n\n", "\ufeff"]))
    joined = gap.join([sample, *(ENTRIES[name].format(number) for number in numbers), sample])
    made = records(form, joined)
    title = records(form, sample)[0].title
    assert [record.title for record in made] == [title, *(f"Paper {number}" for number in numbers), title]
    starts = joined.removeprefix("\ufeff").split("\n")
    for record in made:
        assert re.match(r"\ufeff?(TY|PMID|PT|%0)", starts[int(record.where.split()[1]) - 1])


PIECES = st.sampled_from(
    "TY  - |ER  - |TI  - |T1 - |KW  - |N1  - |PMID- |FAU - |MH  - |PT J|ER|TI |DE |%0 |%T |%K |%|\n|\n\n|   "
    "|      "
    "|;|,|/|*|[|]|&amp;|doi.org/10.1000%2f|10.1000/|arXiv:2301.00001|References:|\ufeff|\x00|\u2028|-|2019///".split(
        "|"
    )
)


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=60, deadline=None)
@given(text=st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join))
def test_wild_text_is_read_without_surprise(name, text):
    form = SAMPLES[name][0]
    for wild in (text, SAMPLES[name][1] + text, text + SAMPLES[name][1]):
        found = content(wild)
        form.recognise(found)
        assert all(record.where.startswith("line ") for record in form.read(found))


@settings(max_examples=30, deadline=None)
@given(text=st.lists(PIECES | st.text(max_size=8), min_size=1, max_size=30).map("".join))
def test_wild_files_are_read_or_refused(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("wild") / "x.txt"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        line = load(path).attrs["reading"][0]
    except InputError:
        return
    assert line["n_present"] == line["n_read"] + line["n_rejected"]


def test_long_values_take_linear_work():
    text = "TY  - JOUR\nTI  - Long\nAB  - start\n" + "word\n" * 200_000 + "KW  - k\n" + "key\n" * 50_000
    text += "UR  - " + "https://doi.org/10.1000/" * 20_000 + ";doi=10.1000%2f" * 20_000 + "/\nER  - \n"
    record = records(_ris.FORMAT, text)[0]
    assert len(record.abstract) == len("start") + 5 * 200_000
    assert len(record.tags) == 50_001


def test_a_doi_keeps_its_own_brackets_and_loses_those_around_it():
    assert _tagged.doi(["(10.1000/a)"]) == "10.1000/a"
    assert _tagged.doi(["10.1000/(SICI)1097(1998)17:15<16::AID-1>3.0.CO;2-2"]).endswith("3.0.CO;2-2")
    assert _tagged.doi(["no doi", "10.1000/b[doi]"]) == "10.1000/b"


# --- real files ----------------------------------------------------------------------------------------


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "n_present", "n_read"),
    [
        ("asreview/baseline_empty_values.ris", 4, 2),
        ("asreview/baseline_tag-notes.ris", 12, 1),
        ("asreview/baseline_tag-notes_labels.ris", 32, 32),
        ("asreview/baseline_tag-notes_zotero.ris", 4, 4),
        ("asreview/ovid_psycinfo.ris", 6, 6),
        ("asreview/proquest.ris", 6, 6),
        ("asreview/pubmed_endnote.txt", 6, 6),
        ("asreview/scopus.ris", 6, 6),
        ("asreview/web_of_science.txt", 10, 10),
        ("litstudy/exclude.ris", 1, 1),
    ],
)
def test_real_exports_are_accounted_for(shared_data, name, n_present, n_read):
    path = shared_data / "exports" / name
    assert len(re.findall(rb"^(?:\xef\xbb\xbf)?TY  - ", path.read_bytes(), re.MULTILINE)) == n_present
    papers = load(path)
    line = papers.attrs["reading"][0]
    assert (line["format"], line["n_present"], line["n_read"]) == ("RIS", n_present, n_read)
    if "baseline" not in name:
        assert (papers["doi"] != "").all()
        assert (papers["n_authors"] > 0).all()
        assert (papers["venue"] != "").all()
        assert papers["date"].notna().all()
        assert (papers["abstract"] != "").all() or name.startswith("litstudy")


@pytest.mark.data
def test_a_real_file_without_titles_is_refused(shared_data):
    with pytest.raises(InputError, match="no title"):
        load(shared_data / "exports/asreview/baseline_tag_and_field_definitions_lists.ris")


# --- RefWorks, Cochrane, and the plain text of Ovid and Embase ------------------------------------------

REFWORKS = """Refworks Export Tagged Format

Tag legend
*****
RT=Reference Type
T1=Primary Title

BEGIN EXPORTED REFERENCES

RT Journal Article
SR Electronic(1)
ID 206
A1 Moth,Ada
A1 Heron,Bo
T1 Kites over fields
JF Journal of Kites
YR 2012
FD Mar
K1 Wind
K1 Fields, flat
AB Kites are flown;
they land again.
LA English
NO doi: 10.1000/kite.9
LK https://example.org/kites

RT Book, Section
A1 Gull,C. T.
T1 Second kites
T2 The Book of Kites
YR 2013
"""
COCHRANE = """Record #1 of 2
ID: CN-01234567
AU: Moth A
AU: Heron B
TI: Kites: a trial
SO: Journal of Kites
YR: 2019
KY: *Wind [therapy]; Humans
DOI: 10.1000/kite.1
AB: Kites are flown.
OBJECTIVE: They land.
US: https://example.org/central/CN-01234567/full


Record #2 of 2
ID: CN-01234568
AU: Gull C
YR: 2020
"""
OVID = """<1>
Accession Number
  01445406-201509000-00006.
Author
  Moth, Ada 1;  Heron, Bo RN; PhD; FAAN 1
Title
  Kites over fields.[Article]
Source
  Journal of Kites.   8(6):1048-1064, September 2015.
Abstract
  : Kites are flown.

  They land.
Author Keywords
  wind;  fields.
References
  Other A. 1989. Another title.

<2>
Unique Identifier
  22222223
Authors
  Moth A.  Heron B.
Title
  Second kites.
Source
  Field Studies.  28(2):103-106, 2014 Apr.
DOI Number
  https://dx.doi.org/10.1000/kite.2
"""
EMBASE = """RECORD 1
TITLE
KITES OVER FIELDS
AUTHOR NAMES
Moth A.; Heron B.
AUTHOR ADDRESSES
(Moth A.) Kite Hall
SOURCE
Journal of Kites (2014) 3:3 (152-160). Date of Publication: 25 Aug 2014
ABSTRACT
Kites are flown.

RECORD 2
TITLE
Second kites
"""


def made(text):
    """Return the format of a text and its records."""
    content = Content.of("export.txt", text.encode())
    form = next(known for known in FORMATS if known.recognise(content))
    return form.name, list(form.read(content))


def test_refworks_is_read_below_its_legend():
    name, (one, two) = made(REFWORKS)
    assert name == "RefWorks"
    assert (one.title, one.authors, one.venue) == (
        "Kites over fields",
        ["Moth,Ada", "Heron,Bo"],
        "Journal of Kites",
    )
    assert (one.date, one.year, one.tags) == ("Mar", "2012", ["Wind", "Fields, flat"])
    assert one.abstract == "Kites are flown; they land again."
    assert (one.doi, one.language, one.where) == ("10.1000/kite.9", "en", "line 10")
    assert (two.title, two.venue) == ("Second kites", "The Book of Kites")


def test_cochrane_is_read_and_a_record_without_title_counts():
    name, (one, two) = made(COCHRANE)
    assert name == "Cochrane"
    assert (one.title, one.authors, one.year) == ("Kites: a trial", ["Moth A", "Heron B"], "2019")
    assert (one.tags, one.doi) == (["Wind", "Humans"], "10.1000/kite.1")
    assert one.abstract == "Kites are flown. OBJECTIVE: They land."
    assert (two.title, two.authors, two.where) == ("", ["Gull C"], "line 15")


def test_ovids_plain_text_is_read():
    name, (one, two) = made(OVID)
    assert name == "Ovid or Embase text"
    assert (one.title, one.authors) == ("Kites over fields", ["Moth, Ada", "Heron, Bo"])
    assert (one.venue, one.date) == ("Journal of Kites", "September 2015")
    assert (one.abstract, one.tags) == ("Kites are flown. They land.", ["wind", "fields"])
    assert (two.authors, two.venue, two.date) == (["Moth A.", "Heron B."], "Field Studies", "2014 Apr")
    assert two.doi.endswith("10.1000/kite.2")


def test_embases_plain_text_is_read_and_a_title_in_capitals_is_no_name_of_a_field():
    _, (one, two) = made(EMBASE)
    assert (one.title, one.authors) == ("KITES OVER FIELDS", ["Moth A.", "Heron B."])
    assert (one.venue, one.date, one.abstract) == ("Journal of Kites", "25 Aug 2014", "Kites are flown.")
    assert (two.title, two.where) == ("Second kites", "line 13")


def test_ovids_tagged_records_with_numbers_in_brackets_are_read():
    name, (one, two) = made(
        "<3001. >\nVN  - Ovid Technologies\nDB  - Embase\nUI  - 1\nTI  - Kites over fields.\n"
        "SO  - Kite Notes. Conference: 2nd Kite Days. 12 (no pagination), 2018. "
        "Date of Publication: 15 Mar 2018.\n"
        "AU  - Moth A.\nAB  - Background: Kites fly. \nMethod(s): We looked. \nLG  - English\nYR  - 2018\n\n"
        "<3002. >\nVN  - Ovid Technologies\nUI  - 2\nTI  - Second kites.\n"
        "SO  - Journal of Kites. 12(3):1-9, 2018 Mar.\nYR  - 2018\n"
    )
    assert name == "MEDLINE"
    assert (one.venue, one.date, one.year) == ("Kite Notes", "15 Mar 2018", "2018")
    assert one.abstract == "Background: Kites fly. Method(s): We looked."
    assert (two.title, two.venue, two.date) == ("Second kites.", "Journal of Kites", "2018 Mar")


def test_dates_behind_a_label_are_dates():
    _, (trid, jstor) = made(
        "TY  - ABST\nTI  - Kites\nPY  - Start date: 20170812\nER  - \n\n"
        "TY  - JOUR\nTI  - More kites\nC1  - Full publication date: July-August 2016\nPY  - 2016\nER  - \n"
    )
    assert trid.date == "20170812"
    assert (jstor.date, jstor.year) == ("July-August 2016", "2016")


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from([REFWORKS, COCHRANE, OVID, EMBASE]), st.lists(st.integers(0, 60), max_size=6), st.text()
)
def test_shuffled_plain_text_gives_entries(text, lost, wild):
    lines = text.split("\n")
    for at in lost:
        lines[at % len(lines)] = wild
    content = Content.of("export.txt", "\n".join(lines).encode("utf-8", "replace"))
    for known in FORMATS:
        if known.recognise(content):
            try:
                assert all(found.where for found in known.read(content))
            except InputError as error:
                assert str(error)
