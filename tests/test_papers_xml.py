"""XML: arXiv feeds, OAI-PMH, PubMed, ACL Anthology, EndNote; damage, encodings and hostile files."""

import gzip
import tracemalloc

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trends.core.errors import InputError
from trends.papers import load
from trends.papers._content import Content
from trends.papers._formats import FORMATS
from trends.papers._record import Record, Rejected

FEED = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom">'


def entry(number, title="A Title", more=""):
    return (
        f"<entry><id>http://arxiv.org/abs/2101.{number:05}v2</id><updated>2023-01-01T00:00:00Z</updated>"
        f"<published>2021-01-05T18:00:00Z</published><title>{title} {number}</title>"
        f"<summary> Words of it. </summary><author><name>Ann One</name></author>{more}</entry>"
    )


def feed(*entries):
    return FEED + "\n" + "\n".join(entries) + "\n</feed>"


def read(content, name="x.xml"):
    """Return the format's name, the records and the refusals of a file's content."""
    held = Content.of(name, content if isinstance(content, bytes) else content.encode("utf-8"))
    form = next(known for known in FORMATS if known.recognise(held))
    made = list(form.read(held))
    return (
        form.name,
        [one for one in made if isinstance(one, Record)],
        [(one.where, one.reason) for one in made if isinstance(one, Rejected)],
    )


def records(content):
    return read(content)[1]


# --- arXiv ---------------------------------------------------------------------------------------------


def test_an_arxiv_entry_keeps_what_it_says(tmp_path):
    more = (
        "<author><name>Bo Two</name></author><arxiv:doi>10.1000/ABC</arxiv:doi>"
        "<arxiv:journal_ref>J. Things 3 (2022)</arxiv:journal_ref>"
        '<link href="https://arxiv.org/abs/2101.00001v2" rel="alternate" type="text/html"/>'
        '<link href="https://arxiv.org/pdf/2101.00001v2" rel="related" title="pdf"/>'
        '<category term="cs.LG"/><category term="I.2.7"/><category term="68T07, 68T50"/>'
        '<category term="cond-mat.stat-mech"/><category term="hep-th"/>'
        '<arxiv:primary_category term="stat.ML"/>'
    )
    form, (record,), refused = read(feed(entry(1, more=more)))
    assert (form, refused) == ("arXiv feed", [])
    assert record.tags == ["stat.ML", "cs.LG", "cond-mat.stat-mech", "hep-th"]
    assert record.authors == ["Ann One", "Bo Two"]
    assert record.where == "entry 1 (line 2)"
    path = tmp_path / "whatever.txt"
    path.write_text(feed(entry(1, more=more)), "utf-8")
    papers = load(path)
    paper = papers.loc["arxiv:2101.00001"]
    assert (paper["title"], paper["abstract"]) == ("A Title 1", "Words of it.")
    assert (paper["date"], paper["date_source"]) == (pd.Timestamp("2021-01-05"), "arXiv date")
    assert (paper["venue"], paper["url"]) == ("J. Things 3 (2022)", "https://arxiv.org/abs/2101.00001v2")
    assert papers.attrs["reading"][0]["n_present"] == 1


def test_prefixes_and_an_entry_alone_are_understood():
    prefixed = feed(entry(1)).replace("<feed xmlns=", "<a:feed xmlns:a=").replace("</feed", "</a:feed")
    for name in ("entry", "id", "published", "title", "summary", "author", "name", "updated"):
        prefixed = prefixed.replace(f"<{name}>", f"<a:{name}>").replace(f"</{name}>", f"</a:{name}>")
    assert [record.title for record in records(prefixed)] == ["A Title 1"]
    assert [record.title for record in records(entry(2))] == ["A Title 2"]


def test_an_error_of_arxiv_says_what_arxiv_said():
    error = (
        "<entry><id>http://arxiv.org/api/errors#incorrect_id</id><title>Error</title>"
        "<summary>incorrect id format for 1</summary></entry>"
    )
    with pytest.raises(
        InputError, match=r"^x\.xml is an error message of arXiv \(incorrect id format for 1\)"
    ):
        read(feed(error))
    _, found, refused = read(feed(error, entry(1)))
    assert len(found) == 1
    assert refused == [("entry 1 (line 2)", "an error message of arXiv: incorrect id format for 1")]


def test_the_daily_announcements_of_arxiv():
    rss = (
        '<?xml version="1.0"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
        "<link>http://rss.arxiv.org/rss/cs.LG</link><item><title>Sparse Things</title>"
        "<link>https://arxiv.org/abs/2401.00001</link><description>arXiv:2401.00001v1 Announce Type: new\n"
        "Abstract: We prune.</description><category>cs.LG</category>"
        "<pubDate>Mon, 01 Jan 2024 00:00:00 -0500"
        "</pubDate><dc:creator>Ann One, Bo Two</dc:creator></item></channel></rss>"
    )
    (record,) = records(rss)
    assert (record.title, record.abstract, record.identifier) == (
        "Sparse Things",
        "We prune.",
        "2401.00001v1",
    )
    assert (record.authors, record.tags) == (["Ann One", "Bo Two"], ["cs.LG"])


def test_the_announcements_as_atom():
    more = (
        "<dc:creator xmlns:dc='d'>Ann One, Bo Two</dc:creator><arxiv:announce_type>new</arxiv:announce_type>"
    )
    text = feed(entry(1, more=more)).replace("<author><name>Ann One</name></author>", "")
    text = text.replace("<id>http://arxiv.org/abs/", "<id>oai:arXiv.org:")
    (record,) = records(
        text.replace(" Words of", "arXiv:2101.00001v2 Announce Type: new \nAbstract: Words of")
    )
    assert (record.abstract, record.identifier) == ("Words of it.", "2101.00001v2")
    assert (record.authors, record.date_source) == (["Ann One", "Bo Two"], "arXiv announcement")


@pytest.mark.parametrize("root", ["feed", "rss", "rdf:RDF xmlns:rdf='r'"])
def test_a_feed_that_only_mentions_arxiv_is_not_taken_for_one_of_arxiv(root):
    text = (
        f"<{root}><entry><title>News</title><summary>See https://arxiv.org/abs/2101.00001</summary></entry>"
    )
    held = Content.of("x.xml", f"{text}</{root.split()[0]}>".encode())
    assert not any(known.recognise(held) for known in FORMATS)


# --- OAI-PMH -------------------------------------------------------------------------------------------


def test_harvests_in_arxivs_formats_and_dublin_core(tmp_path):
    def record(body, status=""):
        metadata = f"<metadata>{body}</metadata>" if body else ""
        return f"<record><header{status}><identifier>oai:x</identifier></header>{metadata}</record>"

    own = (
        '<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>0704.0001</id><created>2007-04-02</created>'
        "<updated>2008-01-01</updated><authors><author><keyname>One</keyname><forenames>Ann</forenames>"
        "<suffix>Jr</suffix></author></authors><title>Own</title><categories>hep-ph cs.LG</categories>"
        "<doi>10.1000/one 10.1000/two</doi><abstract>About.</abstract></arXiv>"
    )
    raw = (
        '<arXivRaw xmlns="x"><id>0704.0002</id><version version="v1">'
        "<date>Sat, 31 Mar 2007 02:26:18 GMT</date>"
        '</version><version version="v2"><date>Sat, 13 Dec 2008 17:26:00 GMT</date></version>'
        "<title>Raw</title>"
        "<authors>Ann One (Some Place), Bo Two and Cy Three</authors>"
        "<categories>math.CO</categories></arXivRaw>"
    )
    core = (
        '<oai_dc:dc xmlns:oai_dc="o" xmlns:dc="d"><dc:title>Core</dc:title>'
        "<dc:creator>One, Ann</dc:creator>"
        "<dc:subject>Sparsity</dc:subject><dc:description>A long description of it.</dc:description>"
        "<dc:description>Comment: 9 pages</dc:description><dc:date>2008-02-02</dc:date><dc:date>2007-04-03"
        "</dc:date><dc:identifier>http://arxiv.org/abs/0704.0003</dc:identifier>"
        "<dc:identifier>doi:10.1000/three"
        "</dc:identifier><dc:language>eng</dc:language></oai_dc:dc>"
    )
    text = (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
        + record(own)
        + record(raw)
        + record(core)
        + record("", ' status="deleted"')
        + "</ListRecords></OAI-PMH>"
    )
    form, found, refused = read(text)
    assert form == "OAI-PMH"
    assert [one.title for one in found] == ["Own", "Raw", "Core"]
    assert found[0].authors == ["Ann One Jr"]
    assert found[1].authors == ["Ann One", "Bo Two", "Cy Three"]
    assert found[2].abstract == "A long description of it."
    assert found[2].language == "en"
    assert refused == [("record 4 (line 1)", "a deleted record, of which only the identifier is left")]
    path = tmp_path / "harvest.xml"
    path.write_text(text, "utf-8")
    papers = load(path)
    days = papers["date"].dt.strftime("%Y-%m-%d").to_dict()
    assert days == {
        "arxiv:0704.0001": "2007-04-02",
        "arxiv:0704.0002": "2007-03-31",
        "arxiv:0704.0003": "2007-04-03",
    }
    with pytest.raises(InputError, match="error message of a repository"):
        read('<OAI-PMH><error code="noRecordsMatch">No matches.</error></OAI-PMH>')


# --- PubMed --------------------------------------------------------------------------------------------

DOCTYPE = (
    '<?xml version="1.0" ?>\n'
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2024//EN" '
    '"https://dtd.example.org/pubmed_240101.dtd">\n'
)


def article(inner, *, citation="", data=""):
    return (
        f"<PubmedArticle><MedlineCitation><PMID Version='1'>12345</PMID><Article>{inner}</Article>{citation}"
        f"</MedlineCitation><PubmedData>{data}</PubmedData></PubmedArticle>"
    )


def pubmed(*articles):
    return DOCTYPE + "<PubmedArticleSet>\n" + "\n".join(articles) + "\n</PubmedArticleSet>"


def test_a_pubmed_article_with_all_it_may_have():
    full = article(
        "<Journal><JournalIssue><PubDate><Year>2021</Year><Month>Mar</Month></PubDate></JournalIssue>"
        "<Title>Journal of Things</Title><ISOAbbreviation>J Things</ISOAbbreviation></Journal>"
        "<ArticleTitle>Uptake of CO<sub>2</sub> by <i>E. <b>coli</b></i> mats.</ArticleTitle>"
        '<ELocationID EIdType="pii">S1</ELocationID><ELocationID EIdType="doi">10.1000/X1</ELocationID>'
        '<Abstract><AbstractText Label="BACKGROUND">We <i>asked</i>.</AbstractText>'
        '<AbstractText Label="RESULTS">It works.</AbstractText>'
        "<CopyrightInformation>(c)</CopyrightInformation>"
        "</Abstract><AuthorList><Author><LastName>One</LastName><ForeName>Ann</ForeName><Suffix>Jr</Suffix>"
        "<AffiliationInfo><Affiliation>Some Place</Affiliation></AffiliationInfo></Author>"
        '<Author ValidYN="N"><LastName>Onne</LastName></Author>'
        "<Author><CollectiveName>The Things Group</CollectiveName></Author></AuthorList>"
        '<Language>eng</Language><ArticleDate DateType="Electronic"><Year>2020</Year><Month>12</Month>'
        "<Day>07</Day></ArticleDate>",
        citation="<MeshHeadingList><MeshHeading><DescriptorName>Carbon</DescriptorName><QualifierName>use"
        "</QualifierName></MeshHeading></MeshHeadingList><KeywordList><Keyword>mats</Keyword>"
        "</KeywordList>",
        data='<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.1000/other</ArticleId>'
        "</ArticleIdList></Reference></ReferenceList>",
    )
    form, (record,), refused = read(pubmed(full))
    assert (form, refused) == ("PubMed XML", [])
    assert record.title == "Uptake of CO2 by E. coli mats."
    assert record.abstract == "BACKGROUND: We asked. RESULTS: It works."
    assert record.authors == ["Ann One Jr", "The Things Group"]
    assert (record.date, record.date_source) == ("2020-12-07", "electronic publication")
    assert (record.venue, record.doi, record.language) == ("Journal of Things", "10.1000/X1", "en")
    assert record.tags == ["mats", "Carbon"]
    assert record.url == "https://pubmed.ncbi.nlm.nih.gov/12345/"
    assert record.where == "record 1 (line 4)"


@pytest.mark.parametrize(
    ("date", "day", "precision"),
    [
        ("<MedlineDate>2021 Mar-Apr</MedlineDate>", "2021-03-01", "month"),
        ("<MedlineDate>2020 Dec-2021 Jan</MedlineDate>", "2020-01-01", "year"),
        ("<Year>2019</Year><Season>Spring</Season>", "2019-01-01", "year"),
        ("<Year>2019</Year><Month>07</Month>", "2019-07-01", "month"),
        ("<Year>2019</Year><Month>Jul</Month><Day>4</Day>", "2019-07-04", "day"),
        ("<Year>2019</Year>", "2019-01-01", "year"),
    ],
)
def test_dates_of_an_issue(tmp_path, date, day, precision):
    issue = f"<Journal><JournalIssue><PubDate>{date}</PubDate></JournalIssue></Journal>"
    inner = f"{issue}<ArticleTitle>A B</ArticleTitle>"
    path = tmp_path / "p.xml"
    path.write_text(pubmed(article(inner)), "utf-8")
    paper = load(path).iloc[0]
    assert (str(paper["date"].date()), paper["date_precision"]) == (day, precision)
    assert paper["date_source"] == "issue date"


def test_titles_that_pubmed_translated_or_lacks():
    vernacular = "<VernacularTitle>Über Dinge.</VernacularTitle>"
    texts = {
        "<ArticleTitle>[On things].</ArticleTitle>" + vernacular: "On things",
        "<ArticleTitle>[Not Available].</ArticleTitle>" + vernacular: "Über Dinge.",
        "<ArticleTitle/>" + vernacular: "Über Dinge.",
        "<ArticleTitle>[Part] and parcel [sic].</ArticleTitle>": "[Part] and parcel [sic].",
    }
    found = records(pubmed(*map(article, texts)))
    assert [record.title for record in found[:3]] == list(texts.values())[:3]


def test_books_deletions_and_ids_among_articles():
    book = (
        "<PubmedBookArticle><BookDocument><PMID>77</PMID><ArticleIdList>"
        "<ArticleId IdType='bookaccession'>N1"
        "</ArticleId></ArticleIdList><Book><Publisher><PublisherName>Press</PublisherName>"
        "</Publisher><BookTitle>"
        "The Book of Things</BookTitle><PubDate><Year>2010</Year></PubDate>"
        "<AuthorList Type='editors'><Author>"
        "<LastName>Ed</LastName></Author></AuthorList></Book><ArticleTitle>A Chapter</ArticleTitle>"
        "<Language>eng"
        "</Language><AuthorList Type='authors'><Author><LastName>Two</LastName>"
        "<Initials>B</Initials></Author>"
        "</AuthorList><Abstract><AbstractText>About it.</AbstractText></Abstract></BookDocument>"
        "</PubmedBookArticle>"
    )
    ids = '<ArticleId IdType="pubmed">12345</ArticleId><ArticleId IdType="doi">10.1000/y</ArticleId>'
    plain = article("<ArticleTitle>Plain</ArticleTitle>", data=f"<ArticleIdList>{ids}</ArticleIdList>")
    deleted = "<DeleteCitation><PMID>5</PMID><PMID>6</PMID></DeleteCitation>"
    _, found, refused = read(pubmed(plain, book, deleted))
    assert [(one.title, one.venue, one.authors) for one in found] == [
        ("Plain", "", []),
        ("A Chapter", "The Book of Things", ["B Two"]),
    ]
    assert found[0].doi == "10.1000/y"
    assert [reason for _, reason in refused] == [
        "a notice that PubMed deleted 5, not a paper",
        "a notice that PubMed deleted 6, not a paper",
    ]


def test_an_answer_with_ids_only_says_what_to_do():
    with pytest.raises(
        InputError, match=r"x\.xml is a PubMed search result with ids only; fetch the records"
    ):
        read(
            "<?xml version='1.0'?><!DOCTYPE eSearchResult><eSearchResult><IdList><Id>1</Id>"
            "</IdList></eSearchResult>"
        )


# --- ACL Anthology and EndNote -------------------------------------------------------------------------


def test_an_acl_collection(tmp_path):
    text = """<?xml version='1.0' encoding='UTF-8'?>
<collection id="2020.things">
  <volume id="main" ingest-date="2020-06-21">
    <meta><booktitle>Proceedings of <fixed-case>T</fixed-case>hings</booktitle>
      <editor><first>Ed</first><last>Itor</last></editor><month>July</month><year>2020</year></meta>
    <frontmatter><url hash="1">2020.things-main.0</url></frontmatter>
    <paper id="1"><title>Parsing <fixed-case>G</fixed-case>erman well</title>
      <author><first>Ann</first><last>One</last><affiliation>Place</affiliation></author>
      <author><first/><last>Mononym</last></author>
      <abstract>We parse <tex-math>x</tex-math>.</abstract><url hash="2">2020.things-main.1</url>
      <doi>10.18653/v1/2020.things-main.1</doi></paper>
    <paper id="2"><title>Second</title><url>https://example.org/2.pdf</url></paper>
  </volume>
  <volume id="short"><meta><booktitle>Short</booktitle><year>2021</year></meta>
    <paper id="1"><title>Third</title></paper></volume>
</collection>"""
    form, found, refused = read(text)
    assert form == "ACL Anthology"
    assert [(one.title, one.venue) for one in found] == [
        ("Parsing German well", "Proceedings of Things"),
        ("Second", "Proceedings of Things"),
        ("Third", "Short"),
    ]
    assert found[0].authors == ["Ann One", "Mononym"]
    assert found[0].url == "https://aclanthology.org/2020.things-main.1/"
    assert refused == [("line 6", "the front matter of a volume, not a paper")]
    path = tmp_path / "2020.things.xml"
    path.write_text(text, "utf-8")
    papers = load(path).set_index("title")
    assert (str(papers.loc["Second", "date"].date()), papers.loc["Second", "date_precision"]) == (
        "2020-07-01",
        "month",
    )
    assert papers.loc["Third", "date_precision"] == "year"


def test_an_acl_volume_of_before_2019():
    text = (
        '<?xml version="1.0"?><volume id="P08"><paper id="1000"><title>Proceedings</title>'
        "<year>2008</year></paper>"
        '<paper id="1001"><title>Old Paper</title><author>Ann One</author><month>June</month>'
        "<year>2008</year>"
        "<url>P08-1001</url></paper></volume>"
    )
    found = records(text)
    assert [(one.title, one.date) for one in found] == [("Proceedings", "2008"), ("Old Paper", "June 2008")]
    assert found[1].authors == ["Ann One"]


def test_an_endnote_library(tmp_path):
    def styled(text):
        return f'<style face="normal" font="default" size="100%">{text}</style>'

    text = (
        '<?xml version="1.0" encoding="UTF-8" ?><xml><records><record>'
        '<database name="My.enl" path="x">My</database>'
        '<source-app name="EndNote" version="20">EndNote</source-app><rec-number>1</rec-number>'
        '<ref-type name="Journal Article">17</ref-type><contributors><authors><author>'
        + styled("One, Ann")
        + "</author><author>Bo Two</author></authors><secondary-authors><author>Ed Itor</author>"
        "</secondary-authors>"
        "</contributors><titles><title>"
        + styled("On ")
        + '<style face="italic">things</style>'
        + styled(" at scale")
        + "</title><secondary-title>J. Things</secondary-title></titles><keywords>"
        "<keyword>sparsity</keyword>"
        "<keyword>pruning; speed</keyword></keywords><dates><year>"
        + styled("2021")
        + "</year><pub-dates><date>"
        + styled("Mar 15")
        + "</date></pub-dates></dates><electronic-resource-num>"
        + styled("10.1000/E1")
        + "</electronic-resource-num><abstract>"
        + styled("About &lt;it&gt;.")
        + "</abstract><urls><related-urls><url>https://example.org/a</url></related-urls></urls>"
        "<language>English"
        "</language></record><record><ref-type name='Book'>6</ref-type><titles/></record></records></xml>"
    )
    path = tmp_path / "library.xml"
    path.write_text(text, "utf-8")
    papers = load(path)
    line = papers.attrs["reading"][0]
    assert (line["format"], line["n_present"], line["n_read"]) == ("EndNote XML", 2, 1)
    assert line["rejected"] == [{"where": "record 2 (line 1)", "reason": "no title"}]
    paper = papers.loc["doi:10.1000/e1"]
    assert (paper["title"], paper["venue"]) == ("On things at scale", "J. Things")
    assert (str(paper["date"].date()), paper["date_precision"]) == ("2021-03-15", "day")
    assert set(paper["tags"]) == {"sparsity", "pruning", "speed"}
    assert paper["n_authors"] == 2
    assert paper["url"] == "https://example.org/a"


# --- damage --------------------------------------------------------------------------------------------


def test_what_stands_before_the_end_of_a_truncated_file_is_kept():
    whole = feed(entry(1), entry(2), entry(3))
    cut = whole[: whole.index("A Title 3")]
    _, found, refused = read(cut)
    assert [one.title for one in found] == ["A Title 1", "A Title 2"]
    ((where, reason),) = refused
    assert where == "line 4"
    assert reason.startswith("the XML breaks off: ")
    assert reason.endswith("so the entry that begins on line 4 is lost")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3000))
def test_cut_anywhere_each_entry_is_read_or_reported_once(length):
    whole = feed(entry(1), entry(2), entry(3))
    cut = whole[: len(FEED) + length]
    _, found, refused = read(cut)
    assert len(found) == cut.count("</entry>")
    assert len(refused) == ("</feed>" not in cut)


def test_damage_in_the_middle_costs_its_entry_only():
    damaged = [entry(2, "1 < 2 is"), "<entry><title>x</entry>", "<entry a=1><title>y</title></entry>"]
    text = feed(
        entry(1), *damaged, entry(3), "<stray></wrong>", entry(4, more="<arxiv:doi>10.1/x</arxiv:doi>")
    )
    _, found, refused = read(text)
    assert [one.title for one in found] == ["A Title 1", "A Title 3", "A Title 4"]
    assert found[2].doi == "10.1/x"
    assert [where for where, _ in refused] == ["line 3", "line 4", "line 5"]
    assert refused[0][1] == (
        "the XML is damaged: not well-formed (invalid token), so the entry that begins on line 3 is lost"
    )


def test_damage_beyond_measure_ends_the_reading():
    _, found, refused = read(feed("<entry><title>x</entry>" * 3000))
    assert not found
    assert len(refused) == 1000
    assert refused[-1][1].endswith("reading ends here after so many damages")


def test_files_written_one_after_another_are_all_read():
    one = '<?xml version="1.0"?>\n<!DOCTYPE feed>\n' + feed(entry(1)) + "\n"
    _, found, refused = read(one + one.replace("Title 1", "Title 2") + "\n\x00")
    assert [(record.title, record.where) for record in found] == [
        ("A Title 1", "entry 1 (line 4)"),
        ("A Title 2", "entry 2 (line 9)"),
    ]
    assert not refused


def test_common_mistakes_are_mended():
    text = '\n\n <?xml version="1.1"?>\n' + feed(
        entry(1, "R&D, AT&T; caf&eacute;&nbsp;&#1;\x01 &lt;b&gt; &#228;")
    )
    (record,) = records(text)
    assert record.title.replace("\xa0", " ") == "R&D, AT&T; café    <b> ä 1"
    assert record.where == "entry 1 (line 5)"


@pytest.mark.parametrize(
    ("declared", "used"),
    [
        ("UTF-8", "utf-8"),
        ("UTF-8", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16", "utf-16-be"),
        ("ISO-8859-1", "cp1252"),
        ("windows-1252", "cp1252"),
        ("iso-8859-15", "iso-8859-15"),
        ("no-such-code", "utf-8"),
        ("UTF-16", "utf-8"),
    ],
)
def test_encodings(declared, used):
    text = f'<?xml version="1.0" encoding="{declared}"?>\n' + feed(entry(1, "Café"))
    assert [record.title for record in records(text.encode(used))] == ["Café 1"]


@pytest.mark.parametrize("encoding", ["gb18030", "Shift_JIS", "EUC-JP", "Big5"])
def test_encodings_that_expat_does_not_know(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>\r\n' + feed(entry(1, "中文")).replace("\n", "\r\n")
    (record,) = records(text.encode(encoding))
    assert (record.title, record.where) == ("中文 1", "entry 1 (line 3)")


def test_references_and_damage_at_the_seams_of_a_long_file():
    # Longer than the pieces in which a file is read, with every entry at another offset of a piece.
    entries = [entry(number, "caf&eacute; " + "x" * (number % 97)) for number in range(9000)]
    entries[4000] = "<entry><title>broken</entry>"
    _, found, refused = read(feed(*entries))
    assert len(found) == 8999
    assert all(one.title.startswith("café x") or one.title.startswith("café  ") for one in found)
    assert [where for where, _ in refused] == ["line 4002"]
    assert found[-1].where.endswith("(line 9001)")


# --- hostile files -------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "subset",
    [
        f'<!ENTITY l0 "lol">{LAUGHS}',
        f'<!ENTITY l9 "{"x" * 50_000}">',
        '<!ENTITY l9 SYSTEM "file:///etc/hostname">',
        '<!ENTITY % l9 SYSTEM "http://127.0.0.1:9/x.dtd"> %l9;',
        '<!ENTITY l9 SYSTEM "x.gif" NDATA gif>',
        f'<!ATTLIST entry kind CDATA "{"x" * 50_000}">',
    ],
    ids=["billion laughs", "quadratic", "external", "parameter", "unparsed", "default attribute"],
)
def test_declarations_that_swell_or_reach_out_are_refused(tmp_path, subset):
    text = f"<!DOCTYPE feed [{subset}]>" + feed(entry(1, "&l9;" * 20))
    with pytest.raises(InputError, match=r"^x\.xml declares entities or attributes of its own in <!DOCTYPE>"):
        read(text)
    path = tmp_path / "bomb.xml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        load(path)
    assert str(caught.value).count(". ") == 0


def test_a_doctype_that_names_a_file_is_accepted_and_not_fetched():
    # Port 9 of this machine answers to nobody: an attempt to fetch would fail loudly.
    text = '<!DOCTYPE feed SYSTEM "http://127.0.0.1:9/x.dtd">' + feed(entry(1, "&l9; &nbsp;"))
    assert len(records(text)) == 1


def test_nesting_beyond_reason_is_flattened():
    deep = "<b>" * 100_000 + "deep" + "</b>" * 100_000
    _, found, refused = read(feed(entry(1, deep), deep, entry(2)))
    assert [one.title for one in found] == ["deep 1", "A Title 2"]
    assert not refused
    _, found, refused = read(feed(entry(1), "<entry><title>" + "<b>" * 100_000))
    assert (len(found), len(refused)) == (1, 1)


def test_huge_attributes_entries_and_tags_end_in_a_sentence():
    attribute = f"<entry kind='{'x' * 3_000_000}'><title>Big attribute</title></entry>"
    crowded = "<entry>" + "<a/>" * 250_000 + "</entry>"
    _, found, refused = read(feed(attribute, crowded, entry(1)))
    assert [one.title for one in found] == ["Big attribute", "A Title 1"]
    assert refused == [("line 3", "an entry of more than 200,000 parts")]
    _, found, refused = read(feed(entry(1), "<!--" + "x" * 18_000_000 + "-->", entry(2)))
    assert len(found) == 1
    assert refused == [("line 3", "a tag or comment of more than 16 MiB; reading ends here")]


def test_memory_does_not_grow_with_the_number_of_entries():
    packed = gzip.compress(feed(*(entry(number, "x" * 1500) for number in range(2500))).encode())
    held = Content.of("x.xml.gz", packed)
    form = next(known for known in FORMATS if known.recognise(held))
    tracemalloc.start()
    n_read = sum(isinstance(one, Record) for one in form.read(held))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert n_read == 2500
    # The file unpacks to 4.5 MB, and its pieces are of 1 MiB.
    assert peak < 25e6


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<entry>",
                "</entry>",
                "<title>",
                "</title>",
                "<",
                ">",
                "&",
                "&x;",
                "]]>",
                "<![CDATA[",
                "<!--",
                "-->",
            ]
            + [
                "<a:b>",
                "<?xml version='1.0'?>",
                "<!DOCTYPE feed [",
                "'",
                '"',
                "\x00",
                "arxiv.org",
                "é",
                "text",
                "/>",
            ]
        ),
        max_size=40,
    )
)
def test_no_text_escapes_as_anything_but_records_and_refusals(parts):
    try:
        _, found, refused = read(FEED + "arxiv.org" + "".join(parts))
    except InputError:
        return
    assert all(reason for _, reason in refused)
    assert all(isinstance(one.title, str) for one in found)


# --- real files ----------------------------------------------------------------------------------------


@pytest.mark.data
@pytest.mark.parametrize("name", ["arxiv-api-search.xml", "arxiv-sample_response.xml"])
def test_real_feeds_are_read_whole(shared_data, name):
    path = shared_data / "exports" / "findpapers" / name
    papers = load(path)
    line = papers.attrs["reading"][0]
    assert line["format"] == "arXiv feed"
    assert line["n_present"] == line["n_read"] == path.read_bytes().count(b"<entry>") == len(papers)
    assert papers.index.str.startswith("arxiv:").all()
    assert (papers["date_precision"] == "day").all()
    assert (papers["abstract"].str.len() > 100).all()
    assert papers["authors"].map(len).gt(0).all()


@pytest.mark.data
def test_a_real_answer_with_ids_only(shared_data):
    with pytest.raises(InputError, match="ids only"):
        load(shared_data / "exports" / "findpapers" / "pubmed-api-search.xml")


# --- Zotero RDF ----------------------------------------------------------------------------------------

ZOTERO_RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:z="http://www.zotero.org/namespaces/export#" xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:bib="http://purl.org/net/biblio#" xmlns:foaf="http://xmlns.com/foaf/0.1/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:link="http://purl.org/rss/1.0/modules/link/">
  <bib:Article rdf:about="https://example.org/kites">
    <z:itemType>journalArticle</z:itemType>
    <dcterms:isPartOf rdf:resource="urn:issn:1234-5678"/>
    <bib:authors><rdf:Seq><rdf:li><foaf:Person><foaf:surname>Moth</foaf:surname>
      <foaf:givenName>Ada</foaf:givenName></foaf:Person></rdf:li></rdf:Seq></bib:authors>
    <link:link rdf:resource="#item_2"/>
    <dc:subject>wind</dc:subject>
    <dc:subject><z:AutomaticTag><rdf:value>fields</rdf:value></z:AutomaticTag></dc:subject>
    <dc:subject><dcterms:LCC><rdf:value>QA 76</rdf:value></dcterms:LCC></dc:subject>
    <dc:title>Kites over Fields</dc:title>
    <dcterms:abstract>Kites are flown.</dcterms:abstract>
    <dc:date>2019-03-15</dc:date>
    <z:language>en-GB</z:language>
    <dc:identifier><dcterms:URI><rdf:value>https://example.org/kites</rdf:value></dcterms:URI></dc:identifier>
  </bib:Article>
  <bib:Journal rdf:about="urn:issn:1234-5678">
    <dc:title>Journal of Kites</dc:title><dc:identifier>DOI 10.1000/kite.1</dc:identifier>
  </bib:Journal>
  <rdf:Description rdf:about="#item_9">
    <z:itemType>conferencePaper</z:itemType>
    <dcterms:isPartOf><bib:Journal><dcterms:isPartOf><bib:Series><dc:title>A Series</dc:title></bib:Series>
      </dcterms:isPartOf><dc:title>Proceedings of Kites</dc:title></bib:Journal></dcterms:isPartOf>
    <dc:title>Second Kites</dc:title><dc:description>arXiv: 2101.00001 [cs]</dc:description>
    <dc:identifier>DOI 10.1000/kite.2</dc:identifier>
  </rdf:Description>
  <z:Attachment rdf:about="#item_2"><z:itemType>attachment</z:itemType><dc:title>PDF</dc:title></z:Attachment>
  <bib:Memo rdf:about="#item_3"><rdf:value>A note.</rdf:value></bib:Memo>
  <z:Collection rdf:about="#collection_1"><dc:title>Mine</dc:title></z:Collection>
</rdf:RDF>
"""


def test_zotero_rdf_is_read_with_what_items_are_part_of():
    name, (one, two), refused = read(ZOTERO_RDF)
    assert name == "Zotero RDF"
    assert (one.title, one.abstract, one.authors) == ("Kites over Fields", "Kites are flown.", ["Ada Moth"])
    assert (one.date, one.language, one.tags) == ("2019-03-15", "en", ["wind", "fields"])
    assert (one.venue, one.doi, one.url) == (
        "Journal of Kites",
        "10.1000/kite.1",
        "https://example.org/kites",
    )
    assert (two.venue, two.arxiv_id, two.doi) == ("Proceedings of Kites", "2101.00001", "10.1000/kite.2")
    assert [reason for _, reason in refused] == ["an attachment, not a paper", "a note, not a paper"]


def test_formulas_of_the_anthology_stand_between_dollars():
    (one,) = records(
        '<collection id="2020.acl"><volume id="1"><paper id="1"><title>Kites in <fixed-case>F</fixed-case>'
        "ields of <tex-math>O(n)</tex-math></title></paper></volume></collection>"
    )
    assert one.title == "Kites in Fields of $O(n)$"
