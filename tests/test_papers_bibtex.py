"""Reading BibTeX and BibLaTeX: the grammar, its faults, the fields, and real files."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trends.core.errors import InputError
from trends.papers import _clean, _latex, load
from trends.papers._content import Content
from trends.papers._formats import _bibtex
from trends.papers._record import Record, Rejected


def read(text, name="library.bib"):
    content = Content.of(name, text if isinstance(text, bytes) else text.encode("utf-8"))
    assert _bibtex.recognise(content)
    return list(_bibtex.read(content))


def one(fields, kind="article"):
    (record,) = read(f"@{kind}{{key,\n  {fields}\n}}\n")
    assert isinstance(record, Record), record
    return record


def titles(text):
    return [record.title for record in read(text) if isinstance(record, Record)]


NEXT = "\n\n@article{next,\n  title = {The Next One},\n  year = 2021\n}\n"


# --- the grammar ---------------------------------------------------------------------------------------


def test_an_entry_gives_a_record():
    (record,) = read(
        "% Encoding: UTF-8\n\n"
        "@Article{one2020,\n"
        '  Title = {Sparse {GAN}s for {M}\\"unchen},\n'
        '  AUTHOR = "von One, Ann and {Two and Sons, Inc.} and Three, Jr, Cas and others",\n'
        "  journal = {Journal of Tests}, year = 2020, month = mar,\n"
        "  abstract = {A first line\n    and 5\\% more.},\n"
        "  keywords = {sparsity, neural networks},\n"
        "  doi = {10.1000/a\\_b}, url = {\\url{http://example.org/~ann/x\\_y.pdf}},\n"
        "  eprint = {2003.01234}, archivePrefix = {arXiv}, language = {english}\n}\n"
    )
    assert record == Record(
        "entry one2020 (line 3)",
        title="Sparse GANs for München",
        abstract="A first line\n    and 5% more.",
        date="mar",
        year="2020",
        tags=["sparsity", "neural networks"],
        authors=["Ann von One", "Two and Sons, Inc.", "Cas Three Jr"],
        venue="Journal of Tests",
        url="http://example.org/~ann/x_y.pdf",
        arxiv_id="2003.01234",
        doi="10.1000/a_b",
        identifier="one2020",
        language="en",
    )


@pytest.mark.parametrize(
    "text",
    [
        "@article{a, title={One}, year=2020}",
        "@article(a, title={One}, year=2020)",
        '@ARTICLE {a,title="One",year="2020"}',
        "@article  (a ,\n title\n=\n{One}\n,\n year = 2020 ,,)",
        "@article{\n  a,\n  title = {One}, % the title\n  % note = {none},\n  year = 2020,\n}",
        "@article{a\n  title = {One},\n  year = 2020}",
        "@article{,\n  title = {One},\n  year = 2020}",
        "@article{title = {One}, year = 2020}",
        "@article{a,\n  title = {One}\n  year = 2020\n}",
        "@article{a,\n  title = {One},\n  year = 2020\n",
        "@article{a, Early Access Date = {MAY 2019}, bdsk-url-1 = {}, title = {One}, year = {2020}}",
        '@string{o = "On"}\n@article{a, title = o # {e}, year = "20" # 20}',
        '@string(o = {On})@article{a, title = O # "e", year = 2020}',
        "@misc{a, title = {One}, title = {Other}, year = 2020, year = 1999}",
        "\ufeff@article{a,\r\n title = {{One}},\r\n year = {{2020}}\r\n}\r\n",
        "Words about this file, by ann@example.org (Ann).\n\n@online{a, title={One}, year=2020}",
    ],
)
def test_ways_to_write_an_entry(text):
    (record,) = read(text)
    assert (record.title, record.year) == ("One", "2020")


def test_what_is_no_entry_is_not_counted():
    text = (
        '@preamble{"\\makeatletter @article{x, title={No}}"}\n@string{j = {J. of Tests}}\n'
        "@comment{jabref-meta: groupstree:\n0 AllEntriesGroup:;\n1 ExplicitGroup:a\\;0\\;x@y (z)\\;;\n}\n"
        "@Comment{@article{old, title = {Old}}}\n% @article{older, title = {Older}}\n"
        "@article{a, title = {One}, journal = j}\n"
    )
    (record,) = read(text)
    assert (record.title, record.venue) == ("One", "J. of Tests")


def test_a_line_of_an_abstract_begins_no_entry():
    abstract = "We used\n@risk (a program)\nand\n@Test(expected = x)\nfor it."
    first, second = read(f"@article{{a,\n abstract = {{{abstract}}},\n title = {{One}}}}{NEXT}")
    assert (first.title, first.abstract, second.title) == ("One", abstract, "The Next One")


def test_entries_of_one_key_are_all_kept():
    assert titles("@misc{a, title={One}}\n@misc{A, title={Two}}@misc{a, title={Three}}") == [
        "One",
        "Two",
        "Three",
    ]


def test_names_that_stand_for_names_do_not_grow_without_end():
    doubled = "".join(f"@string{{s{n + 1} = s{n} # s{n}}}\n" for n in range(60))
    (record,) = read(f"@string{{s0 = {{word }}}}\n{doubled}@misc{{a, title = {' # '.join(['s60'] * 60)}}}")
    assert len(record.title) < 5000


# --- faults --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "title"),
    [
        ("@article{a,\n  title = {Deep {Nets for Vision},\n  year = {2020}\n}", "Deep Nets for Vision"),
        ("@article{a,\n  title = {Deep {Nets}} for Vision},\n  year = {2020}\n}", "Deep Nets for Vision"),
        ("@article{a,\n  title = {Deep Nets,\n  year = {2020}\n}", "Deep Nets"),
        ("@article{a,\n  title = {Deep {Nets},\n  abstract = {Of}},\n  year = {2020}\n}", "Deep Nets"),
        ("@article{a, title = {Deep {Nets}, abstract = {Of}}, year = {2020}}", "Deep Nets"),
        ('@article{a,\n  title = "Deep "Nets" Again",\n  year = {2020}\n}', 'Deep "Nets" Again'),
        ('@article{a,\n  title = "G\\"odel Nets",\n  year = {2020}\n}', "Gödel Nets"),
        ("@article{a,\n  title = {Sets \\{ of Nets},\n  year = {2020}\n}", "Sets { of Nets"),
        ("@article{a,\n  title = Deep Nets,\n  year = {2020}\n}", "Deep Nets"),
        ("@article{a,\n  title = {Deep Nets}},\n  year = {2020}\n}", "Deep Nets"),
        ("@article{a,\n  title = {Deep Nets},\n  year = {2020},\n  note = {A {b\n}", "Deep Nets"),
        ("@article{a{b,\n  title = {Deep Nets},\n  year = {2020}\n}", "Deep Nets"),
    ],
)
def test_a_faulty_entry_keeps_what_is_beyond_doubt(entry, title):
    first, second = read(entry + NEXT)
    assert (first.title, first.year) == (title, "2020")
    assert (second.title, second.year, second.where) == (
        "The Next One",
        "2021",
        f"entry next (line {entry.count(chr(10)) + 3})",
    )


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("@article{a,\n  title = {Deep {Nets", "unbalanced braces"),
        ("@article{a,\n  title = {Deep {Nets}", "unbalanced braces"),
        ('@article{a,\n  title = "Deep Nets', "unbalanced braces"),
        ("@article{a, some words}", "text between its fields that belongs to none"),
        ("@article{a, title = {x} # }", "a field without a value"),
    ],
)
def test_a_faulty_entry_without_a_certain_title_is_refused_alone(entry, reason):
    refused, kept = read(entry + NEXT)
    assert refused == Rejected("entry a (line 1)", reason)
    assert kept.title == "The Next One"


def test_the_fields_of_an_entry_with_a_spoilt_start_go_to_no_other():
    first, last = read(
        "@misc{a, title = {One}}\n{@misc{b,\n  title = {Two},\n  doi = {10.1000/two}\n}" + NEXT
    )
    assert (first.title, first.doi, last.title) == ("One", "", "The Next One")


def test_an_entry_without_a_title_is_accounted_for(tmp_path):
    path = tmp_path / "library.bib"
    path.write_text("@misc{a, year = 2020}\n@xdata{b, title = {B}}\n@misc{c}" + NEXT, "utf-8")
    (line,) = load(path).attrs["reading"]
    assert (line["format"], line["n_present"], line["n_read"]) == ("BibTeX", 4, 1)
    assert [refused["reason"] for refused in line["rejected"]] == [
        "no title",
        "fields for other entries, no paper",
        "no title",
    ]


ENTRIES = [
    "@article{a1,\n  title = {{First} Title},\n  author = {One, Ann},\n  year = 2001\n}\n",
    '@book(b2,\n  title = "Second {T}itle",\n  abstract = {Two @lines (of)\n  text = 5, more.}\n)\n',
    "@misc{c3, title = {Third Title}, note = {x {y} z}}\n",
    "@comment{jabref-meta: databaseType:bibtex;}\n",
    "@online{d4,\n\ttitle\t= {Fourth Title},\n\tdate = {2004-05-06},\n}\n",
]
TITLES = ["First Title", "Second Title", "Third Title", "Fourth Title"]
WILD = st.text(alphabet=st.sampled_from('@{}()",=#%\\ \n\tatile1$~-;'), max_size=60)
PIECES = st.lists(
    st.one_of(WILD, st.sampled_from([*ENTRIES, "@article{", "title = {", "},\n", "year = ", " and "])),
    max_size=8,
).map("".join)


@given(PIECES)
@settings(max_examples=200, deadline=None)
def test_text_after_a_valid_file_loses_none_of_its_entries(junk):
    assert titles("".join(ENTRIES) + junk)[:4] == TITLES


@given(PIECES)
@settings(max_examples=200, deadline=None)
def test_wild_text_gives_records_or_reasons(text):
    for entry in _bibtex.read(Content.of("x.bib", ("@" + text).encode())):
        assert isinstance(entry, Rejected) or _clean.clean(entry.title) is not None
        assert entry.where.startswith("entry ")


def _end_of(title):
    """Return where the entry of a title ends in the whole text."""
    own = [entry for entry in ENTRIES if not entry.startswith("@comment")][TITLES.index(title)]
    return "".join(ENTRIES).index(own) + len(own.rstrip())


@pytest.mark.parametrize("end", range(1, len("".join(ENTRIES)), 3))
def test_a_truncated_file_keeps_every_whole_entry(end):
    text = "".join(ENTRIES)
    whole = [title for title in TITLES if _end_of(title) <= end]
    found = list(_bibtex.read(Content.of("x.bib", text[:end].encode())))
    kept = [record.title for record in found if isinstance(record, Record)]
    assert kept[: len(whole)] == whole
    # A cut title is no title.
    assert set(kept) <= {*TITLES, ""}


@given(st.integers(0, len("".join(ENTRIES))), st.sampled_from(["{", "}", "{{", "}}", "}{"]))
@settings(max_examples=300, deadline=None)
def test_braces_put_anywhere_cost_one_entry_at_most(place, braces):
    text = "".join(ENTRIES)
    found = list(_bibtex.read(Content.of("x.bib", (text[:place] + braces + text[place:]).encode())))
    kept = {record.title for record in found if isinstance(record, Record)}
    assert len(kept & set(TITLES)) >= 3


@pytest.mark.parametrize(
    "piece", ["@x(\n", "@x{a={\n", "@article{a,title={\n", "}@misc{", "\na = ", "{", "{{,"]
)
@pytest.mark.parametrize("frame", ["%s", "@misc{a,%s}", "@misc{a,title={%s},author={%s},month={1%s}}"])
def test_repeated_pieces_come_to_an_end(piece, frame):
    text = frame.replace("%s", piece * 5000)
    assert all(entry.where for entry in _bibtex.read(Content.of("x.bib", text.encode())))


# --- fields --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "date", "year"),
    [
        ("year = 2020", "", "2020"),
        ("year = {2020}, month = {March}", "mar", "2020"),
        ("year = 2020, month = 3", "mar", "2020"),
        ("year = 2020, month = {03}, day = {7}", "mar 7", "2020"),
        ('year = 2020, month = "10~" # mar', "mar 10", "2020"),
        ("year = 2020, month = 10~#~mar", "mar 10", "2020"),
        ('year = 2020, month = aug # "~20--25"', "aug 20", "2020"),
        ("year = 2020, month = {28 Feb. -- 2 Mar.}", "feb 28", "2020"),
        ("year = 2020, month = {10-12 June}", "jun 10", "2020"),
        ("year = 2020, month = {JAN-FEB}", "jan", "2020"),
        ("year = 2020, month = {Spring}", "", "2020"),
        ("year = 2020, month = {March 2020}", "mar", "2020"),
        ("year = {c2020}", "", "c2020"),
        ("issue_date = {March 2020}", "March 2020", ""),
        ("date = {2020-03-05}", "2020-03-05", ""),
        ("date = {2020-03-05/2020-04-01}, year = 2020", "2020-03-05", "2020"),
        ("date = {2020-05/}", "2020-05", ""),
        ("date = {/2020-05}", "2020-05", ""),
        ("date = {2020~}", "2020", ""),
        ("date = {2020-XX}", "2020", ""),
        ("date = {2020-21}", "2020", ""),
        ("date = {2013-10-30T11:20:51-07:00}", "2013-10-30", ""),
        ("date = {05/03/2020}", "05/03/2020", ""),
    ],
)
def test_dates(fields, date, year):
    record = one(f"title = {{One}}, {fields}")
    assert (record.date, record.year) == (date, year)


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Ann One", ["Ann One"]),
        ("One, A. and Two, B.", ["A. One", "B. Two"]),
        ("van der One, Ann AND\n  {\\'E}. Two", ["Ann van der One", "É. Two"]),
        ("{World Health Organization and Friends}", ["World Health Organization and Friends"]),
        ("{One}, {Ann}", ["Ann One"]),
        ("One, III, Ann", ["Ann One III"]),
        ("A.~B. One and others", ["A. B. One"]),
        ("Tw\\{'o One and Bob Two", ["Twó One", "Bob Two"]),
        ("family=One, given=Ann, prefix=von, useprefix=true", ["Ann von One"]),
        ("One, A.; Two, B.", ["A. One", "B. Two"]),
        ("Ann One, Bob Two, Cas Three", ["Ann One", "Bob Two", "Cas Three"]),
        ("One, A., Two, B.", ["A. One", "B. Two"]),
        ("M&uuml;ller, Jo", ["Jo Müller"]),
        ("and", ["and"]),
        ("", []),
    ],
)
def test_authors(written, names):
    assert one(f"title = {{One}}, author = {{{written}}}").authors == names


def test_authors_in_a_field_each():
    assert one("title = {One}, author = {One, A.}, author = {Two, B.}").authors == ["A. One", "B. Two"]


@pytest.mark.parametrize(
    ("fields", "tags"),
    [
        ("keywords = {one, two; three}", ["one, two", "three"]),
        ("keywords = {{one; {two; three}}}", ["one", "two; three"]),
        ("keywords = {one,two,,{three, four}}", ["one", "two", "three, four"]),
        ("keywords = {one\ntwo}", ["one", "two"]),
        ("keywords = {index term}, author_keywords = {own term}", ["own term"]),
        ("mendeley-tags = {R\\&D, a--b}", ["R&D", "a–b"]),
        ("keywords = {}", []),
    ],
)
def test_keywords(fields, tags):
    assert one(f"title = {{One}}, {fields}").tags == tags


@pytest.mark.parametrize(
    ("fields", "arxiv_id"),
    [
        ("eprint = {2003.01234v2}, eprinttype = {arxiv}", "2003.01234v2"),
        ("eprint = {hep-th/9901001}", "hep-th/9901001"),
        ("eprint = {2003.01234}, eprinttype = {pubmed}", ""),
        ("journal = {arXiv preprint arXiv:2003.01234}", "2003.01234"),
        ("number = {arXiv:2003.01234}", "2003.01234"),
        ("note = {arXiv: 2003.01234 [cs]}", "2003.01234"),
        ("note = {A longer version is arXiv:2003.01234}", ""),
        ("howpublished = {\\url{https://arxiv.org/abs/2003.01234}}", "2003.01234"),
    ],
)
def test_arxiv_ids(fields, arxiv_id):
    assert one(f"title = {{One}}, {fields}").arxiv_id == arxiv_id


def test_other_fields():
    assert one("title = {One}, subtitle = {Two}, maintitle = {Three}").title == "One: Two"
    assert one("title = {One?}, subtitle = {Two}").title == "One? Two"
    assert (
        one("title = {One}, journal = {\\mnras}").venue == "Monthly Notices of the Royal Astronomical Society"
    )
    assert one("title = {One}, journal = {arXiv:2003.01234 [cs]}").venue == "arXiv"
    assert one("title = {One}, booktitle = {Proc. of {T}}").venue == "Proc. of T"
    assert one("title = {One}, note = {See https://example.org/code}").url == ""
    assert one("title = {One}, url = {http://example.org/a--b{\\_}c}").url == "http://example.org/a--b_c"
    for written, code in {"eng": "en", "ngerman": "de", "en-US": "en", "langfrench": "fr", "odd": ""}.items():
        assert one(f"title = {{One}}, language = {{{written}}}").language == code


def test_an_acm_key_is_an_identifier(tmp_path):
    path = tmp_path / "acm.bib"
    path.write_text("@article{10.1145/1234.5678, title = {One}, year = 2020}", "utf-8")
    assert list(load(path).index) == ["doi:10.1145/1234.5678"]


def test_venue_and_date_come_from_the_entries_referred_to():
    parents = (
        "@proceedings{conf, title = {Proc. of Tests}, year = 2020, month = may}\n"
        "@xdata{shared, date = {2019-02}, journal = {J. of Tests}}\n"
    )
    children = (
        "@inproceedings{a, title = {One}, crossref = {CONF}}\n"
        "@article{b, title = {Two}, xdata = {none, shared}}\n"
        "@inproceedings{c, title = {Three}, crossref = conf, booktitle = {Own}, year = 1999}\n"
        "@misc{d, title = {Four}, crossref = {d}}\n@misc{e, crossref = conf}\n"
    )
    _, refused, *records = read(parents + children)
    assert refused == Rejected("entry shared (line 2)", "fields for other entries, no paper")
    assert [(r.title, r.venue, r.date, r.year) for r in records] == [
        ("One", "Proc. of Tests", "may", "2020"),
        ("Two", "J. of Tests", "2019-02", ""),
        ("Three", "Own", "", "1999"),
        ("Four", "", "", ""),
        ("", "Proc. of Tests", "may", "2020"),
    ]


# --- recognition ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "% This file was created with JabRef 2.10.\n% Encoding: UTF8\n\n@Article{a,\n title = {One}}",
        "@Comment{jabref-meta: x}\n",
        "@STRING(j = {J})\n",
        "@newtype{a,\n  title = {One}}",
        "@article{\n  title = {One}}",
    ],
)
def test_bibtex_is_recognised(text):
    assert _bibtex.recognise(Content.of("x", text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "From: ann@example.org (Ann)\nTo: bob@example.org\n\n@bob (see below)\n",
        'title,note\n"One","ann@article{a, title={x}}"\n',
        'title,bibtex\n"One","\n@article{a, title={x}}\n"\n',
        '{"bibtex": "\n@article{a, title={x}}"}',
        "<pre>\n@article{a, title={x}}\n</pre>",
        "@media (max-width: 600px) {\n  a { b: c }\n}\n@page { margin: 0 }\n",
        "@given(x, y)\n@lru_cache(maxsize=1)\n@Data(of=1)\n",
        "TY  - JOUR\nAB  - see\n@risk (Palisade)\nER  - \n",
    ],
)
def test_other_texts_are_not(text):
    assert not _bibtex.recognise(Content.of("x.txt", text.encode()))


def test_a_file_too_large_for_a_text_is_refused(monkeypatch):
    content = Content.of("x.bib", b"@misc{a, title = {One}}")
    content.__dict__["text"] = None
    with pytest.raises(InputError, match=r"x\.bib is too large"):
        list(_bibtex.read(content))


# --- LaTeX ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        (r"S{\o}ren \O stergaard, Stra\ss e, \L{}ukasz", "Søren Østergaard, Straße, Łukasz"),
        (r"{\AA}se na\"{\i}ve \ldots{} and \textregistered x", "Åse naïve … and ® x"),
        (r"\emph{caf\'e} {x \'e}", "café {x é}"),
        (r"pages 1\textendash 2, \textquotedblleft x\textquotedblright{}", "pages 1–2, “x”"),
        (r"\oint \l_1 $x_1, \ldots, \l$", r"\oint ł_1 $x_1, \ldots, \l$"),
        (r"\d{s}\b{k}", "ṣḵ"),
    ],
)  # fmt: skip
def test_letters_written_as_commands_are_cleaned_in_any_text(raw, cleaned):
    assert _clean.clean(raw) == cleaned
    assert _clean.clean(cleaned) == cleaned


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("{A {GAN}} for {\\'E}tudes", "A GAN for Études"),
        ("Bose--Einstein---not -- nor ----", "Bose–Einstein—not – nor ----"),
        ("Fig.~1 of ~10 \\~{n} a\\textasciitilde{}b", "Fig. 1 of ~10 ñ a~b"),
        ("``Quoted'' and {\\em very} \\textbf{bold \\emph{it}}", "“Quoted” and very bold it"),
        ("{Cu$_{2}$O} \\ensuremath{\\alpha_{1}} \\(x^{2}\\)", "Cu$_{2}$O $\\alpha_{1}$ \\(x^{2}\\)"),
        ("from $5 {to} $10 \\$7", "from $5 to $10 $7"),
        ("\\{x\\} \\& 5\\% a\\_b \\#1", "{x} & 5% a_b #1"),
        ("see \\cite{a,b}\\href{http://x.y}{here}\\ now\\\\then", "see here now then"),
        ("Milo\\v sevi\\'c and \\c Cetin", "Milošević and Çetin"),
        ("50% of it {\\textless}i{\\textgreater} \\textbackslash", "50% of it <i> \\"),
        ("plain words", "plain words"),
    ],
)
def test_latex_as_plain_text(raw, plain):
    assert _latex.plain(raw) == plain


# --- real files ----------------------------------------------------------------------------------------


@pytest.mark.data
@pytest.mark.parametrize(
    ("number", "n_entries", "n_untitled"),
    [("97", 911, 10), ("873", 988, 1), ("1641", 20, 0), ("3430", 55, 0)],
)
def test_real_files_keep_every_entry(shared_data, number, n_entries, n_untitled):
    (path,) = (shared_data / "exports" / "better-bibtex").glob(f"*#{number}.bib*")
    text = path.read_bytes().decode("utf-8", "replace")
    starts = [kind.lower() for kind in re.findall(r"(?m)^[ \t]*@(\w+)\s*[{(]", text)]
    present = [kind for kind in starts if kind not in ("comment", "string", "preamble")]
    (line,) = load(path).attrs["reading"]
    assert line["format"] == "BibTeX"
    assert (line["n_present"], line["n_rejected"]) == (len(present), n_untitled) == (n_entries, n_untitled)
    assert {refused["reason"] for refused in line["rejected"]} <= {"no title"}


@pytest.mark.data
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_braces_put_into_a_real_file_cost_one_entry_each(shared_data, data):
    (path,) = (shared_data / "exports" / "better-bibtex").glob("*#3430.biblatex")
    text = path.read_bytes().decode("utf-8")
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=1, max_size=5)), reverse=True)
    spoilt = text
    for place in places:
        spoilt = spoilt[:place] + data.draw(st.sampled_from("{}")) + spoilt[place:]
    found = _bibtex.read(Content.of("x.bib", spoilt.encode()))
    before, after = set(titles(text)), {entry.title for entry in found if isinstance(entry, Record)}
    assert len(before - after) <= len(places)


# --- producers -----------------------------------------------------------------------------------------


def test_cochrane_keeps_names_by_commas_and_marks_headings():
    record = one(
        "author = {Moth, AB, Heron, C, and Gull, D},\n  title = {Kites},\n"
        "  keywords = {*Wind [therapy, prevention & control]; Fields, Flat}"
    )
    assert record.authors == ["AB Moth", "C Heron", "D Gull"]
    assert record.tags == ["Wind", "Fields, Flat"]
    assert one("author = {Moth, A., Heron, B. and Gull, C.}, title = {K}").authors == [
        "A. Moth",
        "B. Heron",
        "C. Gull",
    ]
    assert one("author = {{The A, B, C, and D Group} and Gull, Ann}, title = {K}").authors == [
        "The A, B, C, and D Group",
        "Ann Gull",
    ]


def test_an_arxiv_id_in_the_publisher_is_read():
    assert one("title = {Kites}, publisher = {arXiv preprint arXiv:2101.00001}").arxiv_id == "2101.00001"
    assert one("title = {Kites}, publisher = {arXiv}").arxiv_id == ""


def test_a_tilde_written_as_an_accent_on_nothing_stays():
    assert one(r"title = {Kites}, abstract = {About {\~{}}5{\%} of 2{\^{}}8 kites by {\~{n}}}").abstract == (
        "About ~5% of 2^8 kites by ñ"
    )
