"""Tables: CSV in its dialects, Excel, Parquet and JSON, and which column is taken for what."""

import base64
import csv
import datetime
import io
import json
import re
import zipfile
import zlib

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trends.core.errors import InputError
from trends.papers import _cells, _columns, load
from trends.papers._content import Content
from trends.papers._formats import FORMATS, _delimited
from trends.papers._merge import entry
from trends.papers._record import Record, Rejected

# A workbook of the old kind with a sheet of notes and one of two papers, made for this test, packed by zlib.
_XLS = """
    eNrtWE1oE0EUfrPZpEnbtElthVZpl4JVa1oTvAhSY2u0KLaNWtCKoNtktaFhN2xSpB60WnNURE+Kl0IFvVS9+IMKehERoaIHQRBa
    PXoSFDy0Xd+83dS2RmhAC5H9lnk77828byYzb36ybyb9U2P36qZhCbaDA+YMD7gW2BgmT07xAZYbBs/m3m5Mho2igseNE+lywmPv
    6xI+h3y+p0GAu+JzlACfMB2FFHRrqiKtIDqoDzLjfWhjIsaeADcwVUAt9auKZIzkKpJ3qO4TkjvIcpFkG9adYkdgMtzdvNWK48NC
    I5VVoGTwgHw+kCUENfCSx/HZy8ys64R2PSEni6ygXiyHccAp7VRURed6JdyEUoA+REtXV0skMgXVON3j8N2QAL7l1vUzybavrJ0B
    2n8stpf8we7GSVxqvyqIACNgHGc8mLPghRciL3Hios0o6SxG+VqXubajckrR0zPwCspQLzO38YOKrMcGJO2ElE7pCfWkFzCEMolY
    UpF6E5mkgkHUPpQZ0PQ0Vo4O9ScTMTmT0FSpDx2XmCJyRnEARHr21CFxStbTirRPHsZGpYQq9STjUoemDab9AD2qEpDa4/I2qfeU
    FkAzNhsKtoaCweBmLRlvDdUijaLm98dTqHdAV5Bh53ApP5VoF/Mt2sW8tLbLUcahkvJ+WuE+HMSZ21/fdvVHw8fIMkInl3m+reOD
    CQac4x7oXDFfYspm8thE8jyxrqF8HclqHHR8N0VrrMzuUapzgUqbsJ0thHfh9QvyGzCf/bL/YX32c3gj5ic6p09XT7wPj0Ejnrdx
    9OfPKARYgF2/xvEonHszayf8SLL2t13RLfisvhvWIV4Js3wfQPjNk16ogvu8Ku6av7ASo+oAM0yLd1SdeUeV/2JTy42OqQmoOeY1
    B2rivCai5rSYWR5mRswuqz4jZj4pT7GnjJgvNfBTce8tAZnNOpzTbXEK1OJiToE4PRanOZe8L2cErnHOKw1WfEC++LBhw4YNGzZs
    FCcY3UvMu5ho3cb4LaPE+q4zi2nO/kzy3+IAaPhk8C/lLlDxrcNwQfGzGpwsx8WW6ZP7XshxCFvXYRD6qR+DBccv3tPZwt+zbEff
    31tChbY/V0g//3H7PwHWYTwy
"""


def read(text, name="papers.csv", columns=None):
    """Return the format's name and what it reads, each entry cleaned."""
    data = text if isinstance(text, bytes) else text.encode("utf-8")
    content = Content.of(name, data, _columns.given(columns))
    form = next(known for known in FORMATS if known.recognise(content))
    return form.name, [r if isinstance(r, Rejected) else entry(r, name) for r in form.read(content)]


def papers(text, **more):
    """Return the entries that are read, where none is refused."""
    _, entries = read(text, **more)
    assert not [e for e in entries if isinstance(e, Rejected)]
    return entries


def one(text, **more):
    (found,) = papers(text, **more)
    return found


def rejected(entries):
    return [(e.where, e.reason) for e in entries if isinstance(e, Rejected)]


def titles(entries):
    return [e.title for e in entries if not isinstance(e, Rejected)]


def row(**cells):
    return "\n".join(",".join(f'"{c}"' for c in line) for line in (cells, cells.values())) + "\n"


def day(found):
    return (found.date.date.isoformat(), found.date.precision) if found.date else None


def workbook(*sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, lines in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {number}")
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(data, name, change):
    """Return a zip archive with one of its members changed."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            member = old.read(info)
            new.writestr(info.filename, change(member) if info.filename == name else member)
    return out.getvalue()


HEADER = ["Title", "Authors", "Year", "Date"]
ROW = ["Sparse Sheets", "One, Ada; Two, Bo", 2019, datetime.date(2019, 3, 1)]
SHEET = "xl/worksheets/sheet1.xml"


# --- columns -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "Title,Authors,Year,DOI,Abstract,Source title,Author Keywords,Language of Original Document",
        "Document Title,Authors,Publication Year,DOI,Abstract,Publication Title,Author Keywords,Language",
        "article_title,author,published_year,doi,abstract,journal,keywords,language",
        "Article Title,Author Full Names,Publication Year,DOI,Abstract,Source Title,Author Keywords,Language",
        "Title,Author/s,Publication Year,DOI,Abstract,Source Title,Keywords,Language",
        "Title,Author,Publication Year,DOI,Abstract Note,Publication Title,Manual Tags,Language",
        "dc.title[en_US],dc.contributor.author,dc.date.issued,dc.identifier.doi,dc.description.abstract,"
        "Journal/Book,dc.subject[en],dc.language.iso",
        "display_name,authorships.author.display_name,publication_year,doi,abstract,"
        "primary_location.source.display_name,keywords.display_name,language",
        "Titel,Autoren,Erscheinungsjahr,DOI,Zusammenfassung,Zeitschrift,Schlagwörter,Sprache",
        "Titre,Auteurs,Année,DOI,Résumé,Revue,Mots-clés,Langue",
        "Título,Autores,Año,DOI,Resumen,Revista,Palabras clave,Idioma",
        "TI,AU,PY,DI,AB,SO,DE,LA",
    ],
)
def test_the_columns_of_many_producers_are_known(header):
    cells = '"A Sparse Title","One, Ada; Two, Bo",2019,10.1000/x,"All about it.",Journal X,"one; two",English'
    found = one(f"{header}\n{cells}\n")
    assert (found.title, found.abstract, found.venue) == ("A Sparse Title", "All about it.", "Journal X")
    assert (len(found.authors), found.doi, found.language) == (2, "10.1000/x", "en")
    assert (day(found), found.tags) == (("2019-01-01", "year"), ("one", "two"))


def test_tags_are_those_of_all_columns_in_order_each_once():
    text = row(
        **{
            "Title": "A",
            "Index Keywords": "Second; shared",
            "Author Keywords": "First; Shared",
            "Manual Tags": "",
            "MeSH Terms": "third (of, two), fourth",
        }
    )
    assert one(text).tags == ("first", "shared", "second", "third (of, two)", "fourth")


def test_lists_written_as_text_are_lists():
    found = one(
        row(title="A", authors="['O''Neil, Ada', 'Two, Bo']".replace("''", "’"), keywords="['x', 'y']")
    )
    assert (found.authors, found.tags) == (("O’Neil, Ada", "Two, Bo"), ("x", "y"))
    assert one(row(title="A", authors="Ada One|Bo Two", keywords="x||y")).authors == ("Ada One", "Bo Two")
    assert one(row(title="A", authors="One, Ada (57202138757); Two, Bo (7402220509)")).authors == (
        "One, Ada",
        "Two, Bo",
    )


def test_the_authors_that_springer_glues_together_come_apart():
    text = row(
        **{"Item Title": "A", "Item DOI": "10.1000/y", "Authors": "Prof. Ada OneBo McTwoÇelik D. Three"}
    )
    assert one(text).authors == ("Ada One", "Bo McTwo", "Çelik D. Three")
    assert one(row(title="A", authors="Ada OneBo")).authors == ("Ada OneBo",)


@pytest.mark.parametrize(
    ("cells", "date"),
    [
        ({"Publication Year": "2018", "Publication Date": "2018-04-02"}, ("2018-04-02", "day")),
        ({"date": "2018", "cover_date": "2018-04-02"}, ("2018-04-02", "day")),
        ({"OriginalPaperDate": "7/31/2024 13:59", "RetractionDate": "8/31/2025"}, ("2024-07-31", "day")),
        ({"RetractionDate": "8/31/2025 0:00"}, None),
        ({"Online Date": "4 Dec 2018", "Publication Year": "2020"}, ("2018-12-04", "day")),
        ({"Online Date": "6 Aug 2002", "Publication Year": "1988"}, ("1988-01-01", "year")),
        ({"Online Date": "11 Nov 2010", "Publication Year": "2010"}, ("2010-11-11", "day")),
        ({"Create Date": "2019/02/27", "Publication Year": "2019"}, ("2019-02-27", "day")),
        ({"Create Date": "2019/02/27", "Publication Year": "2012"}, ("2012-01-01", "year")),
        ({"Create Date": "2019/02/27", "Publication Date": "2019-01"}, ("2019-01-01", "month")),
        ({"Create Date": "2019/02/27"}, ("2019-02-27", "day")),
        (
            {"Citation": "J X. 2019 Mar 5;1(2):3-4. doi: 10.1000/z.", "Create Date": "2019/02/27"},
            ("2019-03-05", "day"),
        ),
        ({"Publication Date": "MAR 15", "Publication Year": "2015"}, ("2015-03-15", "day")),
        ({"year": "2015", "month": "3", "day": "7"}, ("2015-03-07", "day")),
        ({"Published Year": "2015.0", "Published Month": "3.0"}, ("2015-03-01", "month")),
        ({"Published Year": "2015", "Published Month": ""}, ("2015-01-01", "year")),
        ({"Source": "J X (2014) 3:3 (15-16). Date of Publication: 25 Aug 2014"}, ("2014-08-25", "day")),
        ({"Source": "J X (2014) 3:3 (15-16)."}, ("2014-01-01", "year")),
        ({"Source": "Scopus", "Year": "2014"}, ("2014-01-01", "year")),
        ({"Date Added": "2023-01-02", "Access Date": "2023-01-03", "Publication Year": ""}, None),
        ({"year": "NA", "date": "nan"}, None),
    ],
)
def test_the_date_is_the_finest_that_fits(cells, date):
    assert day(one(row(Title="A", **cells))) == date


def test_a_source_is_the_journal_where_the_table_is_of_publish_or_perish():
    assert one(row(Title="A", Source="Journal X", GSRank="1")).venue == "Journal X"
    assert one(row(Title="A", Source="Scopus")).venue == ""
    assert (
        one(row(Title="A", Source="Journal Y (2014) 3:3 (1-2). Date of Publication: 2014")).venue
        == "Journal Y"
    )


def test_two_letter_columns_count_only_together():
    together = "PT\tAU\tTI\tSO\tID\tPY\tDI\nJ\tOne, A\tA Coded Title\tJ X\tPlus; Words\t2015\t10.1000/w\n"
    found = one(together, name="savedrecs.txt")
    assert (found.title, found.venue, found.tags) == ("A Coded Title", "J X", ("plus", "words"))
    found = one(row(title="A", id="10.1000/v", ti="B", de="C"))
    assert (found.title, found.doi, found.tags) == ("A", "10.1000/v", ())


def test_an_attachment_is_no_paper():
    _, entries = read("Key,Item Type,Title\nA,journalArticle,One\nB,attachment,PDF\n")
    assert titles(entries) == ["One"]
    assert rejected(entries) == [("line 3", "an item of the kind attachment, which is no paper")]


def test_columns_told_override_those_guessed(tmp_path):
    text = "Überschrift,Title,Erscheinungstag,Year,First,Second,A,B\n"
    text += "Mine,Theirs,2019-03-04,2001,x,y,Ada O,Bo T\n"
    told = {
        "title": "Überschrift",
        "date": "Erscheinungstag",
        "tags": ["Second", "First"],
        "authors": ["A", "b"],
    }
    found = one(text, columns=told)
    assert (found.title, day(found)) == ("Mine", ("2019-03-04", "day"))
    assert (found.tags, found.authors) == (("y", "x"), ("Ada O", "Bo T"))
    assert one(text).title == "Theirs"
    for name, data in {
        "t.json": json.dumps([{"Name": "Told Title"}]).encode(),
        "t.jsonl": b'{"Name": "Told Title"}\n{"Name": "Another"}\n',
        "t.xlsx": workbook([["Name", "Year"], ["Told Title", 2019]]),
    }.items():
        assert titles(read(data, name=name, columns={"title": "Name"})[1])[0] == "Told Title"


@pytest.mark.parametrize(
    "bad", [{"titel": "x"}, {"title": ""}, {"title": 3}, {"tags": []}, {"tag_sources": "x"}, ["x"]]
)
def test_columns_that_make_no_sense_are_refused(bad):
    with pytest.raises(InputError, match="columns"):
        _columns.given(bad)


def test_a_told_column_that_no_table_has_is_named_with_those_there_are():
    told = _columns.given({"title": "Nmae", "year": "When"})
    assert _columns.fields(["Name", "When", "title"], told) == {"title": ["title"], "year": ["When"]}
    told.look(["Name", "When", "title"])
    with pytest.raises(InputError, match=r"'Nmae' for title.*'Name', 'When', 'title'"):
        told.check()
    assert _columns.fields(["Nmae"], told) == {"title": ["Nmae"]}
    told.look(["nmae "])
    told.check()


def test_load_takes_told_columns_and_refuses_absent_ones(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Name,When\nTold Title,2019-03-04\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("title,year\nAnother,2020\n", encoding="utf-8")
    told = {"title": "Name", "date": "When"}
    assert load(path, columns=told)["date"].tolist() == [pd.Timestamp("2019-03-04")]
    assert sorted(load(tmp_path, columns=told)["title"]) == ["Another", "Told Title"]
    frame = pd.DataFrame({"Name": ["Told Title"], "When": ["2019"]})
    assert load(frame, columns={"title": "Name", "year": "When", "venue": "Name"})["venue"].tolist() == [
        "Told Title"
    ]
    for source in (tmp_path, path, frame):
        with pytest.raises(
            InputError, match=r"'Nmae' for title, and no table has that column.*'Name', 'When'"
        ):
            load(source, columns={"title": "Nmae"})


# --- csv -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '"About the data: exported on 3 Mar, 2021.",,\n\nTitle,Year,DOI\nA Title,2020,10.1000/a\n',
        'Search: "sparse, layers\nTitle;Year;DOI\nA Title;2020;10.1000/a\n',
        "sep=;\nTitle;Year;DOI\nA Title;2020;10.1000/a\n",
        '\ufeff"sep=|"\r\nTitle|Year|DOI\r\nA Title|2020|10.1000/a\r\n',
        "\n\n Title , Year , DOI \n A Title , 2020 , 10.1000/a \n",
        'Title,"Ye\nar",DOI\n"A Title",2020,10.1000/a\n',
        "Title,Title,Year,DOI\n,A Title,2020,10.1000/a\n",
        "Title,Year,DOI,Note\nA Ti\x00tle,2020.0,10.1000/a," + "n" * 99 + "\n",
        'Title, Year, DOI\n"A Title", "2020", "10.1000/a"\n',
        ",Title,Year,DOI\n0,A Title,2020,10.1000/a\n",
        ",,,\nTitle,Year,DOI,\nA Title,2020,10.1000/a,\n,,,\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_table_is_found_below_what_stands_above_it(text, encoding):
    found = one(text.replace("\ufeff", "").encode(encoding) if encoding == "utf-16" else text)
    assert (found.title, day(found), found.doi) == ("A Title", ("2020-01-01", "year"), "10.1000/a")


def test_a_table_of_one_column_is_not_cut_at_commas():
    assert titles(papers('title\nOne, two and three\n"Four, five"\n')) == ["One, two and three", "Four, five"]


def test_cells_may_hold_line_ends_and_bare_quotes():
    text = (
        "id,title,abstract\n"
        '1,"First","one, two\nthree, four, ""five""\n\nsix"\n'
        '2,"The "second" one, of two",text\n'
        '3,A 5" disk,text\n'
        '4,"Fourth" of all,text\n'
    )
    entries = papers(text)
    assert titles(entries) == ["First", 'The "second" one, of two', 'A 5" disk', '"Fourth" of all']
    assert entries[0].abstract == 'one, two three, four, "five" six'


@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("lost", [1, 250, 500])
def test_a_lost_quote_costs_its_row_only(quoted, lost):
    lines = [f'{n},"Title {n}, long",2020' if quoted else f"{n},Title {n},2020" for n in range(1, 501)]
    lines[lost - 1] = f'{lost},"Title {lost}, 2020'
    _, entries = read("id,title,year\n" + "\n".join(lines) + "\n")
    assert rejected(entries) == [(f"line {lost + 1}", "a quotation mark opens a cell and none closes it")]
    assert len(titles(entries)) == 499
    assert all(e.date for e in entries if not isinstance(e, Rejected))


def test_rows_of_other_lengths_and_headers_again():
    _, entries = read(
        "year,title,doi\n2020\n2021,B\nyear,title,doi\n2022,C,10.1000/c,more,and more\n2023,,\n"
    )
    assert titles(entries) == ["B", "C"]
    assert rejected(entries) == [
        ("line 2", "1 cells of 3, and none of them is the title's"),
        ("line 4", "the header again"),
        ("line 6", "no title"),
    ]


def test_web_of_science_quotes_nothing():
    text = (
        "PT\tAU\tTI\tSO\tPY\tPD\tAF\n"
        'J\tOne, A\t"Sparse" is a word\tJ X\t2015\tMAR 15\tOne, Ada\t\n'
        'J\tTwo, B\t"A quote that stays open\tJ X\t2016\tJAN\tTwo, Bo\t\n'
        "J\tThree, C\tA third\tJ X\t2017\t\tThree, Cy\t\n"
    )
    entries = papers(text.encode("utf-16"), name="savedrecs.txt")
    assert titles(entries) == ['"Sparse" is a word', '"A quote that stays open', "A third"]
    assert [e.authors for e in entries] == [("One, Ada",), ("Two, Bo",), ("Three, Cy",)]
    assert day(entries[0]) == ("2015-03-15", "day")


def test_tabs_make_a_row_where_quotes_do_not():
    text = 'title\tyear\tnote\n"Left open\t2019\tx\nNext\t2020\t"two\nlines"\n'
    entries = papers(text, name="t.tsv")
    assert [(e.title, e.date.date.year) for e in entries] == [('"Left open', 2019), ("Next", 2020)]


def test_records_on_end_are_read():
    text = (
        '"RECORD 1"\n"TITLE","First, of two"\n"AUTHOR NAMES","One A.","Two B."\n'
        '"SOURCE","J X (2014) 3:3 (1-2). Date of Publication: 25 Aug 2014"\n"ABSTRACT","one\ntwo"\n\n'
        '"RECORD 2"\n"TITLE","Second"\n"AUTHOR NAMES","Three C."\n"DOI","10.1000/e"\n'
    )
    first, second = papers(text)
    assert (first.title, first.authors, day(first)) == (
        "First, of two",
        ("One A.", "Two B."),
        ("2014-08-25", "day"),
    )
    assert (second.title, second.doi) == ("Second", "10.1000/e")
    without_marks = re.sub(r'"RECORD \d"\n', "", text)
    assert titles(papers(without_marks)) == ["First, of two", "Second"]
    sheet = [["TITLE", "First"], ["AUTHOR NAMES", "One A."], ["DOI", "10.1000/f"], [], ["TITLE", "Second"]]
    assert titles(papers(workbook(sheet), name="embase.xlsx")) == ["First", "Second"]


def test_a_table_without_rows_or_titles_is_told(tmp_path):
    path = tmp_path / "papers.csv"
    path.write_text("Title,Year,DOI\n", encoding="utf-8")
    with pytest.raises(InputError, match="holds no entries"):
        load(path)
    for text in ("name;when\nA;2020\n", "a,b\n", "x\n", '"'):
        with pytest.raises(InputError, match=r"no column of titles.*columns=\{'title'"):
            read(text)


def test_prose_is_no_table():
    prose = "Title pages, abstracts and authors are discussed.\nYear after year; title by title.\n" * 30
    assert not _delimited.FORMAT.recognise(Content.of("notes.txt", prose.encode()))
    assert _delimited.FORMAT.recognise(Content.of("notes.txt", b"Title;Authors\nA;B\n"))


@pytest.mark.parametrize("abstract", ["\n,,\n,x", "\nx,,\nx,x", "\nb,c,1901\nd,e"])
def test_lines_of_a_cell_may_look_like_rows(abstract):
    text = f'"title","abstract","year"\n"t","{abstract}","1900"\n"u","v","1901"\n'
    found = [*_delimited.FORMAT.read(Content.of("t.csv", text.encode()))]
    assert [(r.title, r.year) for r in found] == [("t", "1900"), ("u", "1901")]


def test_a_quote_that_is_never_closed_takes_no_rows_with_it():
    rows = [f"t{k},abstract {k},{1900 + k}" for k in range(1, 7)]
    text = "\n".join(["title,abstract,year", 't0,"open,1900', *rows, 't7,a stray",1907', ""])
    found = [*_delimited.FORMAT.read(Content.of("t.csv", text.encode()))]
    assert [r.title for r in found if not isinstance(r, Rejected)][-7:-1] == [f"t{k}" for k in range(1, 7)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.text(alphabet='ab ,;"\n|', max_size=12),
            st.text(alphabet='xy",\n', max_size=8),
            st.integers(1900, 2020),
        ),
        max_size=6,
    ),
    st.sampled_from([",", ";", "\t", "|"]),
)
def test_what_the_csv_module_writes_is_read_back(cells, delimiter):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["title", "abstract", "year"])
    # Rows of a title that could be taken for a header or for rows are another test's matter.
    kept = [(f"t{one}", two, year) for one, two, year in cells if "\n" not in one]
    writer.writerows(kept)
    found = list(_delimited.FORMAT.read(Content.of("t.csv", out.getvalue().encode())))
    assert [(r.title.strip(), int(r.year)) for r in found] == [(one.strip(), year) for one, _, year in kept]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet='ab,;"\n\t|\x00 ', max_size=200), st.sampled_from([",", ";", "\t"]))
def test_no_csv_gives_anything_but_entries(text, delimiter):
    content = Content.of("t.csv", f"title{delimiter}year{delimiter}doi\n{text}".encode() + b" " * 20_000)
    assert _delimited.FORMAT.recognise(content)
    assert all(isinstance(r, Record | Rejected) for r in _delimited.FORMAT.read(content))


# --- excel ---------------------------------------------------------------------------------------------


def test_a_workbook_is_read_from_the_sheets_with_its_columns():
    data = workbook(
        [["Notes"], ["nothing"]],
        [["Search of 2020"], [], HEADER, ROW, [], ["B", None, "2020", None]],
        [HEADER, ["C", "Three, Cy", 2021.0, "2021-05"], ["", "", 2021, ""]],
        [["Title", "Description"], ["column", "what it means"]],
    )
    form, entries = read(data, name="search.dat")
    assert form == "Excel"
    assert titles(entries) == ["Sparse Sheets", "B", "C"]
    assert [day(e) for e in entries[:3]] == [
        ("2019-03-01", "day"),
        ("2020-01-01", "year"),
        ("2021-05-01", "month"),
    ]
    assert entries[0].authors == ("One, Ada", "Two, Bo")
    assert rejected(entries) == [("sheet 'Sheet 2', row 3", "no title")]


def test_an_old_workbook_is_read():
    data = zlib.decompress(base64.b64decode("".join(_XLS.split())))
    form, entries = read(data, name="savedrecs.xls")
    assert form == "Excel"
    assert titles(entries) == ["Sparse Layers in Old Books", "Dense Layers in Old Books"]
    assert [day(e) for e in entries] == [("2019-03-14", "day"), ("2020-01-01", "year")]
    assert (entries[0].doi, entries[0].authors) == ("10.1000/old.1", ("One, Ada", "Two, Bo"))


def test_load_reads_a_workbook(tmp_path):
    path = tmp_path / "papers.xlsx"
    path.write_bytes(workbook([HEADER, ROW]))
    table = load(tmp_path)
    assert table["title"].tolist() == ["Sparse Sheets"]
    assert table.attrs["reading"][0]["format"] == "Excel"


@pytest.mark.parametrize(
    "change",
    [
        lambda sheet: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', sheet),
        lambda sheet: sheet.replace(
            b"</sheetData>", b'<row r="99999999999"><c r="XFD9"><v>5</v></c></row></sheetData>'
        ),
    ],
)
def test_a_sheet_that_lies_about_its_size_costs_nothing(change):
    found = one(changed(workbook([HEADER, ROW]), SHEET, change), name="x.xlsx")
    assert found.title == "Sparse Sheets"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: b'<!DOCTYPE x [<!ENTITY a "b">]>' + s[s.index(b"<worksheet") :], "damaged Excel file"),
        (lambda s: s[: len(s) // 2], "damaged Excel file"),
        (lambda s: s + b" " * 100_000_000, "unpacks to"),
    ],
)
def test_a_bad_workbook_is_told_in_one_sentence(change, said):
    with pytest.raises(InputError, match=said):
        read(changed(workbook([HEADER, ROW]), SHEET, change), name="x.xlsx")


def test_a_locked_workbook_is_told():
    name = "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0")
    with pytest.raises(InputError, match="locked with a password"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + name, name="x.xlsx")


def test_formulas_are_not_run_and_errors_are_empty():
    data = workbook(
        [["Title", "Year", "Venue"], ["=1+1", 2019, "x"], ["A", "#N/A", '=HYPERLINK("http://e.org")']]
    )
    _, entries = read(data, name="x.xlsx")
    assert titles(entries) == ["A"]
    assert (entries[1].date, entries[1].venue) == (None, "")
    assert rejected(entries) == [("sheet 'Sheet 0', row 2", "no title")]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(8, 5000), st.integers(0, 255)), min_size=1, max_size=6), st.booleans())
def test_damaged_workbooks_give_entries_or_one_sentence(damage, old):
    data = zlib.decompress(base64.b64decode("".join(_XLS.split()))) if old else workbook([HEADER, ROW])
    wild = bytearray(data)
    for at, byte in damage:
        wild[at % len(wild)] = byte
    content = Content.of("x.xls", bytes(wild))
    form = next(known for known in FORMATS if known.name == "Excel")
    if form.recognise(content):
        try:
            assert all(isinstance(r, Record | Rejected) for r in form.read(content))
        except InputError as error:
            assert "x.xls" in str(error)


# --- json and parquet ----------------------------------------------------------------------------------

ROWS = [{"title": "One", "year": 2019}, {"title": "Two", "year": 2020}]


@pytest.mark.parametrize(
    "value",
    [
        ROWS,
        {"records": ROWS},
        {"meta": {"n": 2}, "page": [1, 2, 3], "papers": ROWS},
        {"answer": {"rows": ROWS, "n": 2}},
        {"1": ROWS[0], "2": ROWS[1]},
        {"title": ["One", "Two"], "year": [2019, 2020]},
        {"title": {"0": "One", "1": "Two"}, "year": {"0": 2019, "1": 2020}},
        {"columns": ["title", "year"], "index": [0, 1], "data": [["One", 2019], ["Two", 2020]]},
        {"schema": {"fields": []}, "data": ROWS},
        [["title", "year"], ["One", 2019], ["Two", 2020]],
    ],
)
def test_json_holds_a_table_in_many_shapes(value):
    form, entries = read(json.dumps(value, indent=1), name="t.json")
    assert form == "JSON"
    assert [(e.title, e.date.date.year) for e in entries] == [("One", 2019), ("Two", 2020)]


def test_an_object_with_a_title_is_one_paper():
    assert titles(papers(json.dumps({"title": "Alone", "tags": ["x"]}), name="t.json")) == ["Alone"]


def test_json_lines_without_titles_among_the_first_thousand_are_refused():
    with pytest.raises(InputError, match="no column of titles; it has 'name'"):
        read('{"name": "x"}\n' * 1200, name="t.jsonl")
    _, entries = read('{"name": "x"}\n' * 900 + '{"title": "Late"}\nbroken\n', name="t.jsonl")
    assert titles(entries) == ["Late"]
    assert len(rejected(entries)) == 901
    assert rejected(entries)[-1] == ("line 902", "not a JSON object")


def test_parquet_and_arrow_are_read_in_pieces(tmp_path):
    table = pd.DataFrame(
        {
            "display.name": [1] * 3000,
            "title": [f"Title {n}" for n in range(3000)],
            "keywords.display_name": ["a|b"] * 3000,
            "authors": [["Ada One", "Bo Two"]] * 3000,
        }
    )
    table.to_parquet(tmp_path / "t.parquet", row_group_size=700)
    table.to_feather(tmp_path / "t.feather")
    for name, kind in {"t.parquet": "Parquet", "t.feather": "Arrow"}.items():
        form, entries = read((tmp_path / name).read_bytes(), name=name)
        assert (form, len(entries)) == (kind, 3000)
        assert entries[2999].title == "Title 2999"
        assert (entries[0].tags, entries[0].authors) == (("a", "b"), ("Ada One", "Bo Two"))


def test_a_data_frame_with_arrays_in_its_cells_is_read():
    frame = pd.DataFrame(
        {"title": ["One", "Two"], "authors": [np.array(["A B", "C D"]), np.array([], dtype=str)]}
    )
    assert load(frame).set_index("title")["authors"].to_dict() == {"One": ("A B", "C D"), "Two": ()}


def test_a_parquet_file_of_more_rows_than_bytes_is_refused():
    out = io.BytesIO()
    pa.parquet.write_table(pa.table({"title": pa.array(["x"] * 2_000_000)}), out)
    with pytest.raises(InputError, match="too many to be papers"):
        read(out.getvalue(), name="t.parquet")


@pytest.mark.parametrize("start", [b"PAR1", b"ARROW1\0\0"])
def test_damaged_tables_of_arrow_are_told(start):
    with pytest.raises(InputError, match="damaged"):
        read(start + bytes(100), name="t.parquet")


# --- real files ----------------------------------------------------------------------------------------


@pytest.mark.data
@pytest.mark.parametrize(
    ("path", "n_rows", "n_dated", "n_days"),
    [
        ("asreview/embase.csv", 6, 6, 5),
        ("asreview/generic.csv", 2, 2, 0),
        ("asreview/generic_bad_record_id.csv", 6, 6, 0),
        ("asreview/generic_labels_no_abs.csv", 6, 6, 0),
        ("asreview/generic_tab.csv", 2, 2, 0),
        ("asreview/generic_tab.tsv", 2, 2, 0),
        ("asreview/record_id.csv", 10, 0, 0),
        ("litstudy/ieee.csv", 10, 10, 6),
        ("litstudy/ieee_2.csv", 100, 100, 72),
        ("litstudy/ieee_3.csv", 100, 100, 56),
        ("litstudy/ieee_5.csv", 41, 41, 28),
        ("litstudy/retraction_watch.csv", 1, 1, 1),
        ("litstudy/scopus.csv", 58, 58, 0),
        ("litstudy/springer.csv", 18, 18, 0),
    ],
)
def test_real_tables_are_read_to_the_last_row(shared_data, path, n_rows, n_dated, n_days):
    data = (shared_data / "exports" / path).read_bytes()
    form, entries = read(data, name=path.rpartition("/")[2])
    assert (form, len(entries), len(titles(entries))) == ("CSV", n_rows, n_rows)
    assert sum(e.date is not None for e in entries) == n_dated
    assert sum(e.date is not None and e.date.precision == "day" for e in entries) == n_days


@pytest.mark.data
def test_real_embase_records_have_venue_and_doi(shared_data):
    data = (shared_data / "exports" / "asreview" / "embase.csv").read_bytes()
    entries = papers(data)
    assert all(e.venue and len(e.venue) < 60 for e in entries)
    assert sum(bool(e.doi) for e in entries) >= 5


@pytest.mark.data
def test_real_springer_authors_are_apart(shared_data):
    data = (shared_data / "exports" / "litstudy" / "springer.csv").read_bytes()
    entries = papers(data)
    assert entries[0].authors == ("Araz R. Aliev", "Nigar T. Ismayilova")
    assert not any(re.search(r"[a-z]{3}[A-Z][a-z]", name) for e in entries for name in e.authors)


# --- what users' tables hold besides -------------------------------------------------------------------


def cleaned(**cells):
    return entry(_cells.record("row 1", cells, _columns.fields(cells)), "file")


def test_no_author_and_no_abstract_are_none():
    found = cleaned(title="Kites", authors="[No author name available]", abstract="[No abstract available]")
    assert (found.authors, found.abstract) == ((), "")
    assert cleaned(title="Kites", abstract="[Abstract available] in full").abstract.endswith("in full")


def test_lists_of_objects_written_by_python_are_names_and_ids():
    found = cleaned(
        title="['Kites: a test']",
        authors="""[{'authorId': '1', 'name': 'A Moth'}, {'authorId': None, 'name': "B O'Heron"}]""",
        externalIds="{'ArXiv': '2101.00001', 'DOI': '10.1000/kite.1', 'CorpusId': 1}",
        journal="{'name': 'Journal of Kites', 'pages': None}",
    )
    assert (found.title, found.authors) == ("Kites: a test", ("A Moth", "B O'Heron"))
    assert (found.arxiv_id, found.doi, found.venue) == ("2101.00001", "10.1000/kite.1", "Journal of Kites")
    crossref = cleaned(title="Kites", author="[{'given': 'A', 'family': 'Moth', 'sequence': 'first'}]")
    assert crossref.authors == ("A Moth",)


def test_ids_are_found_in_zoteros_extra():
    cells = {"Title": "Kites", "Extra": "Citation Key: moth\narXiv: 2101.00001 [cs]\nDOI: 10.1000/kite.1"}
    found = cleaned(**cells)
    assert (found.arxiv_id, found.doi) == ("2101.00001", "10.1000/kite.1")


def test_the_full_stop_behind_pubmeds_authors_is_not_theirs():
    cells = {"Title": "Kites", "Authors": "Moth A, de la Heron BJ.", "Citation": "J Kite. 2019 Mar 1;1:1."}
    assert cleaned(**cells).authors == ("Moth A", "de la Heron BJ")


@pytest.mark.parametrize(
    "encoding",
    ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-be"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_german_table_is_read_in_any_encoding(tmp_path, encoding, end):
    names = "Titel\tAutoren\tJahr\tSchlagwörter"
    cells = "Drachen über Feldern – hoch\tMöwe, A.; Reiher, B.\t2019\tWind"
    path = tmp_path / "drachen.csv"
    path.write_bytes(f"{names}{end}{cells}{end}".encode(encoding))
    papers = load(path)
    assert papers["title"].tolist() == ["Drachen über Feldern – hoch"]
    assert papers["authors"].tolist() == [("Möwe, A.", "Reiher, B.")]
    assert papers["tags"].tolist() == [("wind",)]


def test_objects_of_services_without_a_format_of_their_own_are_rows():
    lens = cleaned(
        title="Kites",
        source={"title": "Journal of Kites"},
        authors=[{"first_name": "Ada", "last_name": "Moth"}],
        external_ids=[{"type": "doi", "value": "10.1000/kite.1"}],
    )
    assert (lens.venue, lens.authors, lens.doi) == ("Journal of Kites", ("Ada Moth",), "10.1000/kite.1")
    dimensions = cleaned(title="Kites", journal={"id": "j", "title": "Kite Notes"})
    assert dimensions.venue == "Kite Notes"
    pmc = {"title": "Kites", "authorString": "Moth A, Gull B", "firstPublicationDate": "2019-03-15"}
    found = cleaned(**pmc, pubYear="2019")
    assert (found.authors, found.date.precision) == (("Moth A", "Gull B"), "day")
    jstor = cleaned(title="Kites", isPartOf="Journal of Kites", datePublished="2019-03-15")
    assert (jstor.venue, jstor.date.precision) == ("Journal of Kites", "day")
    papers_with_code = cleaned(title="Kites", proceeding="Kite Days 2019", tasks=["Flying"])
    assert (papers_with_code.venue, papers_with_code.tags) == ("Kite Days 2019", ("flying",))
