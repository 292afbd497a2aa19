"""Does anything but InputError ever escape from the readers of files, or take long, or much memory?

    python -m benchmarks.fuzz [MINUTES]

Small files of every format, and the real exports cut short where they are here, are damaged at random and
read: by every format that recognises them, without the net of `load`, and then by `load`. What damages them
is atheris (libFuzzer with the coverage of our Python), installed into an environment of its own in the cache
folder of `benchmarks.loading`; a third of the time, and all of it where atheris cannot be installed, go to
seeded mutations without coverage, which found what libFuzzer did not (a column's name in an Arrow file).

An escaped exception, more than 5 seconds of processor time, or a peak of memory that one file of at most
64 kB raises by more than 128 MiB is a finding; each is cut down to what still shows it.
"""

import bz2
import gzip
import importlib.util
import io
import json
import lzma
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).with_name("results") / "fuzz.json"

MINUTES = 12.0
LONGEST = 65_536
MOST_SECONDS = 5.0
MOST_GROWTH = 128 * 1024**2
CUT = 20_000
STAMP = re.compile(rb"\d{4}-\d\d-\d\dT[\d:]+Z")

# --- small files of every format ------------------------------------------------------------------------

TEXTS = {
    "BibTeX": r"""% kept by hand
@string{moon = "Journal of " # {Moons}}
@preamble{"\newcommand{\x}{y}"}
@article{one2021, author = {M{\"u}ller, Anna and {The Moon Group} and de la Cruz, B.},
  title = "{Sparse} Moons of $\alpha$-Attention \& more", journal = moon, year = 2021, month = feb # "~3",
  abstract = {We look, \emph{twice}, at 50\% of {\'e}toiles.}, doi = {10.1000/moons.1},
  keywords = {moons; sparse attention}, eprint = {2101.00001}, archiveprefix = {arXiv}, language = {english}}
@comment{jabref-meta: grouping:0 AllEntriesGroup:;}
@inproceedings(two, title={Second {Moon}}, booktitle={Proc. Moons}, date={2020-05/2020-06}, crossref={three})
@proceedings{three, title = {Proceedings of Moons}, year = "19xx", publisher = moon }
@misc{, title = {No key}, howpublished = {\url{https://arxiv.org/abs/2101.00002v3}}
@article{four, title = {Unclosed, year = 2022}
""",
    "RIS": (
        "TY  - JOUR\nAU  - Second, B.\nA1  - Third, C.\nTI  - Sparse Moons\n  of Attention\nAB  - We "
        "look.\nKW  - moons\nKW  - cheese; sparse\nPY  - 2021/02/03/Spring\nDO  - "
        "https://doi.org/10.1000/moons\nJO  - J. Moons\nLA  - eng\nUR  - "
        "https://example.org/x?doi=10.1000%2fy\nID  - 3\nER  - \n\n1.\nTY  - CONF\nT1  - Second Moon\nY1  "
        "- 2020//\nN2  - An abstract.\nTY  - GEN\nti - lower case\npy - 1999\nER  -\n"
    ),
    "MEDLINE": (
        "\nPMID- 12345\nOWN - NLM\nDP  - 2021 Feb 3-9\nTI  - [Sparse moons of\n      attention].\nAB  - We "
        "look\n      at moons.\nFAU - Second, Bert\nAU  - Second B\nLA  - eng\nPT  - Journal Article\nMH  "
        "- *Moon/anatomy\nLID - 10.1000/moons [doi]\nAID - S0001 [pii]\nJT  - Journal of Moons\nDEP - "
        "20210104\nSO  - J Moons. 2021.\n\nPMID- 12346\nTI  - Second moon\nDP  - 2020 Winter\nEDAT- "
        "2020/01/02 03:04\n"
    ),
    "Web of Science": (
        "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Second, B\n   Third, C\nAF Second, Bert\n"
        "TI Sparse Moons of\n   Attention\nSO JOURNAL OF MOONS\nLA English\nDT Article\nDE moons; cheese\n"
        "ID SPARSE\nAB We look at moons.\nPD FEB 3\nPY 2021\nEA JAN 2021\nDI 10.1000/moons\nUT WOS:000001\n"
        "ER\n\nPT C\nTI Second\nPY 20xx\nER\n\nEF\n"
    ),
    "EndNote": (
        "%0 Journal Article\n%A Second, Bert\n%A Third, C.\n%T Sparse Moons\nof Attention\n%J J. Moons\n%D "
        "2021\n%8 February 3, 2021\n%X We look.\n%K moons\ncheese\n%R 10.1000/moons\n%U "
        "https://arxiv.org/abs/2101.00001\n%G English\n\n%0 Book\n%T Second\n%D n.d.\n"
    ),
    "tagged without types": "%T Sparse Moons\n%A Bert Second\n%D 2021\n\n%T Second Moon\n%D 2020\n",
    "Scopus CSV": (
        '\ufeffAuthors,Title,Year,Source title,DOI,Abstract,"Author Keywords",Link\n"Second B., Third '
        'C.","Sparse ""Moons""",2021,J. Moons,10.1000/moons,"We look,\nat moons.",moons; '
        "cheese,https://example.org\n,,,,,,,\n[No author name available],Second,19xx,,,[No abstract "
        "available],,\n"
    ),
    "tab-separated": (
        "title\tsummary\tdate\tauthors\nSparse Moons\tWe look.\t03/02/2021\tB. Second; C. Third\n"
        "Second\t\tFeb 2020\t['A', 'B']\nshort row\n"
    ),
    "semicolons": (
        "sep=;\nDocument Title;Publication Date;Keywords\nSparse Moons;2021-02-03T10:00:00Z;a|b\n\n"
        "Two;44230;\n"
    ),
    "on end": "Title,Sparse Moons\nAuthors,B. Second\nYear,2021\n",
    "Daily Papers page": (
        "Daily Papers\n\nAug 12\n\nSubscribe\n\nSparse Moons of Attention\n\nWe look at moons, at length, "
        "and find that they are sparse; this holds for all of them.\n\n• 4 authors\n\n·\n\nFeb 3, 2021\n\n"
        "12\n\nSecond Moon of Attention\n\nWe look at moons again, at length, and find that they are "
        "dense, which is odd.\n"
    ),
    "HTML": (
        '<!DOCTYPE html><html><head><title>Daily Papers</title><script>var a = "<b>";</script></head>'
        '<body><div data-props="{&quot;dailyPapers&quot;:[{&quot;paper&quot;:{&quot;id&quot;:&quot;2101.0'
        "0001&quot;,&quot;title&quot;:&quot;Sparse Moons&quot;,&quot;publishedAt&quot;:&quot;2021-01-04T0"
        '0:00:00.000Z&quot;,&quot;summary&quot;:&quot;We look.&quot;}}]}"></div><article><h3><a '
        'href="/papers/2101.00001">Sparse Moons</a></h3><p>We look.<br>Twice</p></article><!-- end -->'
        "</body></html>"
    ),
    "MHTML": (
        "From: <Saved by Blink>\nSubject: Daily Papers\nMIME-Version: 1.0\nContent-Type: "
        'multipart/related;\n\ttype="text/html";\n\tboundary="----B--"\n\n------B--\nContent-Type: '
        "text/html\nContent-Transfer-Encoding: quoted-printable\nContent-Location: "
        'https://huggingface.co/papers\n\n<html><body><article><h3><a href=3D"/papers/2101.00001">Sparse '
        "=\nMoons</a></h3></article></body></html>\n------B----\n"
    ),
    "arXiv Atom": (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:arxiv="http://arxiv.org/schemas/atom"><title>ArXiv Query</title><entry><id>'
        "http://arxiv.org/abs/2101.00001v2</id><published>2021-01-04T19:18:42Z</published><updated>"
        "2022-01-01T00:00:00Z</updated><title>Sparse\n Moons</title><summary>We &lt;look&gt; &amp; "
        "see.</summary><author><name>B. Second</name></author><arxiv:doi>10.1000/moons</arxiv:doi>"
        '<category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/><link '
        'href="http://arxiv.org/abs/2101.00001v2"/></entry></feed>'
    ),
    "OAI-PMH": (
        '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record>'
        "<header><identifier>oai:arXiv.org:2101.00001</identifier></header><metadata><arXiv><id>"
        "2101.00001</id><created>2021-01-04</created><authors><author><keyname>Second</keyname>"
        "<forenames>B.</forenames></author></authors><title>Sparse Moons</title><categories>"
        "cs.LG</categories><abstract>We look.</abstract></arXiv></metadata></record><record><header "
        'status="deleted"/></record><record><header/><metadata><oai_dc:dc xmlns:oai_dc="a" xmlns:dc="b">'
        "<dc:title>Second</dc:title><dc:date>2020</dc:date><dc:identifier>doi:10.1000/x</dc:identifier>"
        "</oai_dc:dc></metadata></record></ListRecords></OAI-PMH>"
    ),
    "PubMed XML": (
        '<?xml version="1.0"?><!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD" '
        '"https://example.org/a.dtd"><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID Version="1">'
        "12345</PMID><Article><Journal><JournalIssue><PubDate><Year>2021</Year><Month>Feb</Month><Day>"
        "3</Day></PubDate></JournalIssue><Title>J. Moons</Title></Journal><ArticleTitle>Sparse <i>"
        "Moons</i></ArticleTitle><Abstract><AbstractText Label='AIM'>We look.</AbstractText></Abstract>"
        "<AuthorList><Author><LastName>Second</LastName><ForeName>Bert</ForeName></Author></AuthorList>"
        "<Language>eng</Language></Article></MedlineCitation><PubmedData><ArticleIdList><ArticleId "
        "IdType='doi'>10.1000/moons</ArticleId></ArticleIdList></PubmedData></PubmedArticle>"
        "</PubmedArticleSet>"
    ),
    "ACL Anthology": (
        '<?xml version="1.0"?><collection id="2021.moons"><volume id="1"><meta><booktitle>'
        "Moons</booktitle><month>February</month><year>2021</year></meta><frontmatter><url>"
        "2021.moons-1.0</url></frontmatter><paper id='1'><title>Sparse <fixed-case>M</fixed-case>"
        "oons</title><author><first>Bert</first><last>Second</last></author><abstract>We look.</abstract>"
        "<url hash='1'>2021.moons-1.1</url><doi>10.1000/moons</doi></paper></volume></collection>"
    ),
    "EndNote XML": (
        '<?xml version="1.0"?><xml><records><record><source-app name="EndNote">EndNote</source-app>'
        '<ref-type name="Journal Article">17</ref-type><contributors><authors><author><style '
        'face="normal">Second, B.</style></author></authors></contributors><titles><title><style '
        'face="normal">Sparse </style><style>Moons</style></title><secondary-title>J. '
        "Moons</secondary-title></titles><dates><year>2021</year><pub-dates><date>Feb 3</date>"
        "</pub-dates></dates><keywords><keyword>moons</keyword></keywords><abstract>We look.</abstract>"
        "<electronic-resource-num>10.1000/moons</electronic-resource-num></record></records></xml>"
    ),
}
_PAPER = {"title": "Sparse Moons", "abstract": "We look.", "doi": "10.1000/moons"}
VALUES: dict[str, object] = {
    "arXiv snapshot": _PAPER
    | {"id": "2101.00001", "categories": "cs.LG stat.ML", "authors_parsed": [["Second", "B.", ""]]}
    | {
        "versions": [{"version": "v1", "created": "Mon, 4 Jan 2021 19:18:42 GMT"}],
        "update_date": "2023-05-06",
    },
    "OpenAlex": {
        "results": [
            {
                "id": "https://openalex.org/W1",
                "display_name": "Sparse Moons",
                "publication_date": "2021-02-03",
            }
            | {"authorships": [{"author": {"display_name": "B. Second"}}], "language": "en"}
            | {"abstract_inverted_index": {"We": [0], "look": [1, 3]}, "topics": [{"display_name": "Moons"}]}
            | {"primary_location": {"source": {"display_name": "J. Moons"}}, "ids": {"doi": "10.1000/moons"}}
        ],
        "meta": {"count": 1},
    },
    "Semantic Scholar": {
        "total": 1,
        "data": [
            _PAPER
            | {"paperId": "0123456789abcdef0123456789abcdef01234567", "year": 2021, "venue": "J. Moons"}
            | {"externalIds": {"ArXiv": "2101.00001"}, "authors": [{"name": "B. Second"}]}
            | {"publicationDate": "2021-02-03", "fieldsOfStudy": ["Physics"]}
        ],
    },
    "Scopus JSON": {
        "search-results": {
            "entry": [
                {"dc:title": "Sparse Moons", "prism:coverDate": "2021-02-03", "dc:creator": "Second B."}
                | {
                    "prism:doi": "10.1000/moons",
                    "dc:description": "We look.",
                    "authkeywords": "moons | cheese",
                }
            ]
        }
    },
    "IEEE JSON": {
        "articles": [
            _PAPER
            | {"publication_date": "3-5 Feb. 2021", "publication_title": "J. Moons", "article_number": "1"}
            | {
                "authors": {"authors": [{"full_name": "B. Second"}]},
                "index_terms": {"a": {"terms": ["moons"]}},
            }
        ]
    },
    "bioRxiv": {
        "messages": [{"status": "ok"}],
        "collection": [
            _PAPER
            | {"date": "2021-02-03", "authors": "Second, B.; Third, C.", "server": "biorxiv", "version": "1"}
            | {
                "category": "moons",
                "rel_title": "Sparse Moons",
                "rel_doi": "10.1101/1",
                "rel_date": "2021-02-03",
            }
        ],
    },
    "OpenReview": {
        "notes": [
            {"id": "abc", "forum": "abc", "cdate": 1612345678000, "invitation": "x/-/Submission"}
            | {"content": {"title": {"value": "Sparse Moons"}, "authors": {"value": ["B. Second"]}}}
        ]
    },
    "Crossref": {
        "status": "ok",
        "message": {
            "items": [
                {"DOI": "10.1000/moons", "title": ["Sparse Moons"], "issued": {"date-parts": [[2021, 2, 3]]}}
                | {"author": [{"given": "B.", "family": "Second"}], "abstract": "<jats:p>We look.</jats:p>"}
            ]
        },
    },
    "DBLP": {
        "result": {
            "hits": {
                "hit": [
                    {
                        "@id": "1",
                        "info": {"title": "Sparse Moons.", "year": "2021", "ee": "https://example.org"}
                        | {"authors": {"author": [{"text": "B. Second 0001"}]}, "volume": "abs/2101.00001"},
                    }
                ]
            }
        }
    },
    "Zotero": {
        "items": [
            {
                "itemType": "journalArticle",
                "title": "Sparse Moons",
                "date": "2021-02-03",
                "tags": [{"tag": "a"}],
            }
            | {"creators": [{"creatorType": "author", "firstName": "B.", "lastName": "Second"}]},
            {"itemType": "attachment", "title": "PDF"},
        ]
    },
    "CSL-JSON": [
        {"id": "one", "type": "article-journal", "title": "Sparse Moons", "DOI": "10.1000/moons"}
        | {"issued": {"date-parts": [["2021", 2, 3]]}, "author": [{"family": "Second", "given": "B."}]},
        {"id": "two", "type": "book", "title": "Second", "issued": {"raw": "circa 1999", "season": 2}},
    ],
    "PubMed search": {"esearchresult": {"count": "2", "idlist": ["1", "2"]}},
    "Daily Papers API": [
        {"paper": {"id": "2101.00001", "title": "Sparse\nMoons", "publishedAt": "2021-01-04T00:00:00.000Z"}}
        | {"title": "Sparse Moons", "publishedAt": "2021-01-05T00:00:00.000Z", "upvotes": 3},
        "{'paper': {'id': '2101.00002', 'title': 'Second Moon', 'upvotes': 4}}",
    ],
    "JSON": {"papers": [{"title": "Sparse Moons", "released": 20210203, "tags": "a, b"}, {"title": None}]},
}


def seeds() -> dict[str, bytes]:
    """Make a small file of every format, by its name."""
    import pandas as pd
    from openpyxl import Workbook

    made = {name: text.encode() for name, text in TEXTS.items()}
    made |= {name: json.dumps(value).encode() for name, value in VALUES.items()}
    made["JSON Lines"] = (
        b'{"title": "Sparse Moons", "year": 2021}\n{"title": "Second", "year": "n.d."}\nbroken\n'
    )
    made["Python text"] = repr(VALUES["Daily Papers API"]).encode()
    made["Latin-1"] = made["BibTeX"].decode().replace('{\\"u}', "ü").encode("latin-1", "replace")
    made["UTF-16"] = made["RIS"].decode().encode("utf-16")
    made["gzip"] = gzip.compress(made["BibTeX"], mtime=0)
    made["bzip2"], made["xz"] = bz2.compress(made["RIS"]), lzma.compress(made["JSON Lines"])
    table = pd.DataFrame([_PAPER | {"year": 2021}, {"title": "Second", "abstract": None, "year": 1999}])
    buffer = io.BytesIO()
    table.to_parquet(buffer)
    made["Parquet"] = buffer.getvalue()
    buffer = io.BytesIO()
    table.to_feather(buffer)
    made["Arrow"] = buffer.getvalue()
    book, buffer = Workbook(), io.BytesIO()
    for row in (["Title", "Year"], ["Sparse Moons", 2021], ["Second", "n.d."]):
        book.active.append(row)
    book.save(buffer)
    with zipfile.ZipFile(buffer) as saved:
        # Without the time of saving, so that the damage is the same each time.
        parts = {name: STAMP.sub(b"2021-01-01T00:00:00Z", saved.read(name)) for name in saved.namelist()}
    made["Excel"] = zipped(parts)
    made["zip"] = zipped({"papers.bib": made["BibTeX"], "more/papers.json": made["CSL-JSON"]})
    return made


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, data in parts.items():
            packed.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def real_seeds() -> dict[str, bytes]:
    """Take the real files where they are here, cut to 20 kB."""
    folder = Path(os.environ.get("TRENDS_DATA") or ROOT.parent / "shared" / "data")
    paths = [
        path for part in ("exports/*", "hf_daily/days", "pages") for path in sorted(folder.glob(f"{part}/*"))
    ]
    return {f"{path.parent.name}/{path.name}": path.read_bytes()[:CUT] for path in paths if path.is_file()}


# --- damage ---------------------------------------------------------------------------------------------

ODD = (
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n\n",
    b"{",
    b"}",
    b'"',
    b"<",
    b"&",
    b"\\",
    b"[" * 40,
    b"{" * 40,
)
ODD += (
    b"null",
    b"1e999",
    b"-1",
    b"99999999999999999999",
    b"\xed\xa0\x80",
    "\u2028é\u0301中".encode(),
    b"''",
    b"@",
)


def mutated(seed: bytes, draw: random.Random) -> bytes:
    """Damage a file in one to six places: bytes changed, parts cut, doubled, moved, or odd ones put in."""
    data = bytearray(seed)
    for _ in range(draw.randint(1, 6)):
        at = draw.randrange(len(data) + 1)
        length = draw.choice((1, 2, 8, 40, len(data) // 3))
        kind = draw.randrange(6)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del data[at : at + length]
        elif kind == 2:
            data[at:at] = draw.choice(ODD)
        elif kind == 3:
            data[at:at] = data[at : at + length] * draw.choice((1, 3, 50))
        elif kind == 4:
            place = draw.randrange(len(data) + 1)
            data[place : place + length] = data[at : at + length]
        else:
            data[at : at + 1] = draw.randbytes(draw.choice((1, 4)))
    return bytes(data[:LONGEST])


# --- what must not happen -------------------------------------------------------------------------------


class Hang(BaseException):
    """More processor time than a small file may take; no Exception, so that nothing on the way catches it."""


def tried(data: bytes, *, load: bool = True) -> str | None:
    """Read a file by the formats and, if asked to, by `load`; name what went wrong and where, or None."""
    from trends.core.errors import InputError

    try:
        read_by_formats(data)
        if load:
            read_by_load(data)
    except InputError:
        return None
    except (Exception, Hang) as error:
        return f"{type(error).__name__} at {place(error)}"
    return None


def read_by_formats(data: bytes) -> None:
    """Read a file by every format that recognises it; one format's InputError is no reason to stop."""
    from trends.core.errors import InputError
    from trends.papers import _merge
    from trends.papers._content import Content
    from trends.papers._formats import FORMATS
    from trends.papers._record import Rejected

    content = Content.of("fuzz", data)
    for known in FORMATS:
        try:
            if known.recognise(content):
                for record in known.read(content):
                    if not isinstance(record, Rejected):
                        _merge.entry(record, "fuzz")
        except InputError:
            continue


def read_by_load(data: bytes) -> None:
    """Read a file as users do."""
    from trends.papers import load

    with tempfile.NamedTemporaryFile(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as file:
        file.write(data)
        file.flush()
        load(file.name)


def place(error: BaseException) -> str:
    """Give the innermost line of ours on the way to an error."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT / "trends")]
    frame = (ours or frames)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno} ({frame.name})"


def watched(data: bytes, *, load: bool = True) -> str | None:
    """Read a file under a watch for processor time and for the peak of memory."""

    def stop(signal_number: int, frame: FrameType | None) -> None:
        raise Hang

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        wrong = tried(data, load=load)
    except Hang:
        wrong = "Hang"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    return wrong or (f"memory grew by {grown // 1024**2} MiB" if grown > MOST_GROWTH else None)


def smallest(data: bytes, wrong: str, tries: int = 300) -> bytes:
    """Cut a file down to what still goes wrong in the same way."""
    piece = len(data) // 2
    while piece and tries > 0:
        at = 0
        while at < len(data) and tries > 0:
            shorter = data[:at] + data[at + piece :]
            tries -= 1
            if watched(shorter) == wrong:
                data = shorter
            else:
                at += piece
        piece //= 2
    return data


# --- one process for the files of some formats ----------------------------------------------------------


class Session:
    """What one process tried and found; kept in a file, for libFuzzer ends a process without notice."""

    def __init__(self, out: Path) -> None:
        self.out, self.n_tried = out, 0
        self.findings: dict[str, str] = {}

    def one(self, data: bytes) -> None:
        # `load` costs ten times as much as the readers, so every fourth file goes through it.
        wrong = watched(data[:LONGEST], load=self.n_tried % 4 == 0)
        self.n_tried += 1
        if wrong and wrong not in self.findings:
            self.findings[wrong] = ""
            short = smallest(data[:LONGEST], wrong) if "memory" not in wrong and "Hang" not in wrong else data
            self.findings[wrong] = repr(short[:400])
            self.out.with_suffix(f".{len(self.findings)}.bin").write_bytes(short)
            self.keep()
        if self.n_tried % 50 == 0:
            self.keep()

    def keep(self) -> None:
        self.out.write_text(
            json.dumps({"executions": self.n_tried, "findings": self.findings}), encoding="utf-8"
        )


def session(folder: Path, seconds: float) -> None:
    """Damage and read the files of a folder's corpus for some seconds: a third by our mutations."""
    warnings.simplefilter("ignore")
    guided = importlib.util.find_spec("atheris") is not None
    if guided:
        import atheris

        with atheris.instrument_imports(include=["trends", "bibtexparser"], enable_loader_override=False):
            import trends.papers
            import trends.papers._formats  # noqa: F401
    held = Session(folder / "found.json")
    corpus = folder / "corpus"
    files = [path.read_bytes() for path in sorted(corpus.iterdir())]
    draw = random.Random(folder.name)
    ends = time.monotonic() + (seconds / 3 if guided else seconds)
    while time.monotonic() < ends:
        held.one(mutated(draw.choice(files), draw))
    held.keep()
    if guided:
        flags = [f"-max_total_time={2 * seconds / 3:.0f}", f"-max_len={CUT}", "-seed=1", "-verbosity=0"]
        flags += [f"-dict={folder / 'words'}", "-timeout=600", "-handle_int=0", "-rss_limit_mb=0"]
        atheris.Setup([sys.argv[0], *flags, str(corpus)], held.one)
        atheris.Fuzz()


def words(files: list[bytes]) -> str:
    """Give the words of files as a dictionary of libFuzzer."""
    found = {word for data in files for word in re.findall(rb"[ -~]{2,24}", data) if b"\\" not in word}
    parts = {part for word in found for part in re.findall(rb"[\w@%<>{}/&;:-]{2,16}", word)}
    return "".join(f'"{part.decode()}"\n' for part in sorted(parts | {b"null"})[:2000])


def main() -> dict:
    """Fuzz for some minutes in all, print what was found and return it."""
    if sys.argv[1:2] == ["--session"]:
        session(Path(sys.argv[2]), float(sys.argv[3]))
        return {}
    from benchmarks.loading import WORK, environment

    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    WORK.mkdir(parents=True, exist_ok=True)
    python = environment("atheris", ("atheris==3.0.0",))
    guided = isinstance(python, Path)
    groups: dict[str, dict[str, bytes]] = {name: {"seed": data} for name, data in seeds().items()}
    real = sorted(real_seeds().items())
    for number in range(0, len(real), 6):
        groups[f"real files {number // 6 + 1}"] = dict(real[number : number + 6])
    per_group = 60 * minutes / len(groups)
    began = time.monotonic()
    found: dict = {"executions": 0, "findings": {}}
    with tempfile.TemporaryDirectory() as name:
        for number, (group, files) in enumerate(groups.items()):
            folder = Path(name) / str(number)
            (folder / "corpus").mkdir(parents=True)
            for rank, data in enumerate(files.values()):
                (folder / "corpus" / str(rank)).write_bytes(data)
            (folder / "words").write_text(words(list(files.values())), encoding="ascii")
            made = outcome(folder, str(python) if guided else sys.executable, per_group)
            found["executions"] += made["executions"]
            for wrong, shown in made["findings"].items():
                found["findings"].setdefault(wrong, {"from": group, "input": shown})
                print(f"{group}: {wrong}: {shown}")
    found = {
        "fuzzer": "atheris 3.0.0" if guided else f"seeded mutations without coverage ({python})",
        "minutes": round((time.monotonic() - began) / 60, 1),
        "files to begin with": sum(map(len, groups.values())),
    } | found
    print(
        {key: value for key, value in found.items() if key != "findings"},
        f"{len(found['findings'])} findings",
    )
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def outcome(folder: Path, python: str, seconds: float) -> dict:
    """Run a session in a process of its own; a process that dies is a finding too."""
    paths = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
    done = subprocess.run(
        [python, str(Path(__file__)), "--session", str(folder), str(seconds)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        errors="replace",
    )
    kept = folder / "found.json"
    made = (
        json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {"executions": 0, "findings": {}}
    )
    if done.returncode not in (0, None) or not kept.exists():
        told = (done.stderr.strip().splitlines() or [""])[-1][:200]
        made["findings"][f"the process ended with {done.returncode}"] = told
    return made


if __name__ == "__main__":
    main()
