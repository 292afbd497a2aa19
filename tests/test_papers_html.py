"""Saved pages of Hugging Face Daily Papers: their data, their cards, their text, and hostile mark-up."""

import base64
import html
import json
import quopri

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trends.core.errors import InputError
from trends.papers import load
from trends.papers._content import Content
from trends.papers._formats import FORMATS
from trends.papers._record import Record, Rejected

ABSTRACT = "We study how few weights a network needs to keep its answers, and find that a tenth will do. " * 2


def item(number, title="Data Title", **more):
    paper = {
        "id": f"2401.{number:05}",
        "title": f"{title} {number}",
        "summary": "A summary\nover lines.",
        "publishedAt": "2024-01-09T23:00:00.000Z",
        "upvotes": 7,
        "authors": [{"name": "Ann One", "hidden": False}],
        "ai_keywords": ["sparsity"],
    }
    return {"paper": paper | more, "publishedAt": "2024-01-10T01:00:00.000Z", "title": f"{title} {number}"}


def props(target="DailyPapers", **values):
    data = html.escape(json.dumps(values))
    return f'<div class="SVELTE_HYDRATER contents" data-target="{target}" data-props="{data}"></div>'


def card(number, title="Card Title", host="", inside=""):
    link = f"{host}/papers/2401.{number:05}"
    return (
        f'<article class="relative"><a href="{link}"><img src="x.png"></a>'
        f'<div class="leading-none">{number}</div>'
        f'<h3 class="mb-1"><a href="{link}" class="line-clamp-3">{title} {number}</a></h3>'
        f'<ul><li title="Ann">&middot; 6 authors</li></ul><a href="{link}#community">3</a>{inside}</article>'
    )


def page(*parts, title="Daily Papers - Hugging Face"):
    return (
        '<!DOCTYPE html>\n<!-- saved from url=(0029)https://huggingface.co/papers -->\n<html class=""><head>'
        f"<title>{title}</title><script>if (a < b) document.write('<article>')</script></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def read(content, name="page.html"):
    """Return the format's name, the records and the refusals of a file's content."""
    held = Content.of(name, content if isinstance(content, bytes) else content.encode("utf-8"))
    form = next(known for known in FORMATS if known.recognise(held))
    made = list(form.read(held))
    return (
        form.name,
        [one for one in made if isinstance(one, Record)],
        [(one.where, one.reason) for one in made if isinstance(one, Rejected)],
    )


def titles(content):
    return [record.title for record in read(content)[1]]


def test_the_data_of_a_page_is_read_as_the_api_is(tmp_path):
    text = page(
        props(dailyPapers=[item(1, "It's <b>data</b> &"), item(2)], periodType="day"), card(1), card(2)
    )
    path = tmp_path / "saved page.htm"
    path.write_text(text, "utf-8")
    papers = load(path)
    line = papers.attrs["reading"][0]
    assert (line["format"], line["n_present"], line["n_read"]) == ("Daily Papers HTML", 2, 2)
    paper = papers.loc["arxiv:2401.00001"]
    assert (paper["title"], paper["abstract"]) == ("It's data & 1", "A summary over lines.")
    assert (paper["date"], paper["upvotes"]) == (pd.Timestamp("2024-01-09"), 7)
    assert (paper["tags"], paper["authors"]) == (("sparsity",), ("Ann One",))
    assert paper["url"] == "https://huggingface.co/papers/2401.00001"


def test_items_that_cannot_be_read_are_reported():
    _, found, refused = read(page(props(dailyPapers=[item(1), "no object", {"title": "x"}])))
    assert len(found) == 1
    assert [where for where, _ in refused] == ["record 2", "record 3"]


def test_a_search_shows_its_results_and_not_the_day():
    both = props(dailyPapers=[item(8), item(9)], searchResults=[item(1), item(2)], query={"q": "sparse"})
    assert titles(page(both)) == ["Data Title 1", "Data Title 2"]
    assert titles(page(both, card(1), card(2))) == ["Data Title 1", "Data Title 2"]
    assert titles(page(both, card(8), card(9))) == ["Data Title 8", "Data Title 9"]


def test_cards_decide_where_a_search_was_typed_into_an_open_page():
    day = props(dailyPapers=[item(number) for number in range(1, 6)])
    assert titles(page(day, card(5), card(21), card(22))) == [
        "Data Title 5",
        "Card Title 21",
        "Card Title 22",
    ]
    # A card or two beyond the data was loaded later, and the data still is the page's.
    shown = [card(number) for number in (1, 2, 3, 21)]
    assert titles(page(day, *shown)) == [f"Data Title {n}" for n in range(1, 6)] + ["Card Title 21"]


def test_a_papers_own_page_gives_that_paper():
    own = props("PaperContent", paper=item(3)["paper"], comments=[{"id": "x"}])
    assert titles(page(own, '<h4>Similar</h4><a href="/papers/2401.00009">Other</a>')) == ["Data Title 3"]


def test_cards_alone_give_what_they_show(tmp_path):
    time = "<time datetime='2024-01-11T00:00:00'>Jan 11</time>"
    inside = f"{time}<p class='x'>{ABSTRACT}<b>Well</b>.</p><p>Short.</p>"
    text = page(
        card(1, "Of &amp; <i>With</i><br>Mark-up", "https://huggingface.co", inside),
        card(2, inside="<div><span>Published on Mar 3, 2024</span></div>"),
        card(2),
        '<article><h3><a href="/blog/x">No paper</a></h3></article>',
        '<div><h3><div><a href="/papers/2401.00003v2?q=x">Bare Heading</a></div></h3></div>',
        '<a href="/papers/2401.00004"><h4>Link around</h4></a><a href="/papers/2401.00005">no heading</a>',
    )
    form, found, refused = read(text)
    assert (form, refused) == ("Daily Papers HTML", [])
    assert [(one.identifier, one.title) for one in found] == [
        ("2401.00001", "Of & With Mark-up 1"),
        ("2401.00002", "Card Title 2"),
        ("2401.00003", "Bare Heading"),
        ("2401.00004", "Link around"),
    ]
    first, second = found[:2]
    assert first.abstract == f"{ABSTRACT}Well."
    assert (first.upvotes, first.n_authors, first.date) == ("1", "6", "2024-01-11T00:00:00")
    assert (second.abstract, second.date, second.where) == ("", "Mar 3, 2024", "line 6")
    path = tmp_path / "cards.html"
    path.write_text(text, "utf-8")
    papers = load(path)
    assert papers.loc["arxiv:2401.00002", "date"] == pd.Timestamp("2024-03-03")
    assert papers.loc["arxiv:2401.00001", "upvotes"] == 1


def test_a_page_without_data_or_links_is_read_as_its_text():
    papers = "".join(
        f"<div><h3>Title <b>Num</b>ber {n}</h3><p>{ABSTRACT} {ABSTRACT} End.</p></div>" for n in "123"
    )
    text = page("<h1>Daily Papers</h1><p>by AK and the research community</p>", papers)
    _, found, refused = read(text)
    assert [one.title for one in found] == ["Title Number 1", "Title Number 2", "Title Number 3"]
    assert found[0].where == "line 6"
    assert found[0].abstract.startswith("We study how few")
    assert not refused


@pytest.mark.parametrize("packing", ["quoted-printable", "base64", "8bit"])
def test_a_web_archive_gives_its_page(packing):
    body = page(props(dailyPapers=[item(1, "Café = tags")])).encode()
    body = {
        "quoted-printable": quopri.encodestring(body),
        "base64": base64.encodebytes(body),
        "8bit": body,
    }[packing]
    head = (
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://huggingface.co/papers\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----Mark--x----"\r\n\r\n\r\n'
        "------Mark--x----\r\nContent-Type: text/css\r\n\r\nbody {}\r\n"
        "------Mark--x----\r\nContent-Type: text/html\r\n"
        f"Content-Transfer-Encoding: {packing}\r\nContent-Location: https://huggingface.co/papers\r\n\r\n"
    )
    archive = head.encode() + body.replace(b"\n", b"\r\n") + b"\r\n------Mark--x------\r\n"
    assert read(archive, "page.mhtml")[:1] == ("Daily Papers HTML",)
    assert titles(archive) == ["Café = tags 1"]


def test_other_html_says_what_was_looked_for(tmp_path):
    sentence = (
        r"^page\.html is HTML without papers: looked for were the data, the cards and the text of a Hug"
    )
    for text in (
        "<html><body><p>Hello</p></body></html>",
        "<!doctype html><div>x</div>",
        '<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html xmlns="z"><body/></html>',
        page("<p>The Daily Papers of huggingface are not here.</p>"),
        page('<div data-props="{not json"></div>', props(dailyPapers=[])),
    ):
        with pytest.raises(InputError, match=sentence):
            read(text)
    (tmp_path / "day_files").mkdir()
    (tmp_path / "day_files" / "saved_resource.html").write_text("<html></html>", "utf-8")
    (tmp_path / "day.html").write_text(page(props(dailyPapers=[item(1)])), "utf-8")
    papers = load(tmp_path)
    assert len(papers) == 1
    notes = {line["file"]: line["note"] for line in papers.attrs["reading"]}
    assert [notes[name].startswith("it is HTML without papers") for name in sorted(notes)] == [False, True]


def test_a_page_that_breaks_off_says_where():
    whole = page(card(1), props(dailyPapers=[item(2)]), card(3))
    _, found, refused = read(whole[: whole.index("Data Title")])
    assert [one.title for one in found] == ["Card Title 1"]
    assert refused == [("line 6", "the page breaks off inside a tag; save it again")]


@pytest.mark.parametrize(
    "bomb",
    [
        "<!--" * 300_000,
        "<a '" * 300_000,
        '<a ="' * 300_000 + "'",
        '</a =">"' * 200_000,
        "<" * 1_000_000,
        "</" * 500_000,
        "<![CDATA[" * 200_000,
        "<script>" * 200_000,
        "<div>" * 200_000,
        "<a " + "b " * 500_000 + ">",
        "<p>" + "x<b>" * 300_000,
        "<h3>" + "x<i>" * 200_000,
        f"<p title='&#{'1' * 6000};'>&#{'1' * 6000};</p>",
        f'<div data-props="{"[" * 100_000}"></div>',
        f'<div data-props="{{&quot;a&quot;: {"9" * 6000}}}"></div>',
    ],
    ids=range(15),
)
def test_hostile_mark_up_costs_nothing_but_itself(bomb):
    # Were any of these quadratic, this would take minutes.
    assert titles(page(card(1), bomb, card(2)))[0] == "Card Title 1"


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                card(1),
                card(2),
                props(dailyPapers=[item(3)]),
                "<article>",
                "</article>",
                "<h3>",
                "</h3>",
                "</a>",
            ]
            + [
                "<a href='/papers/2401.00009'>",
                "<",
                ">",
                '"',
                "'",
                "=",
                "<!--",
                "-->",
                "&#x110000;",
                "é",
                "</",
                "<p>",
            ]
            + [
                '<div data-props="{&quot;dailyPapers&quot;:[1,{&quot;paper&quot;:{}}]}">',
                "<time>",
                "Daily Papers",
            ]
        ),
        max_size=20,
    )
)
def test_any_page_gives_records_refusals_or_one_sentence(parts):
    try:
        _, found, refused = read("<html>huggingface" + "".join(parts))
    except InputError as error:
        assert str(error).startswith("page.html is HTML without papers")
        return
    assert all(isinstance(one.identifier, str) or one.where.startswith(("record", "line")) for one in found)
    assert len({one.identifier for one in found if one.where.startswith("line") and one.identifier}) <= 3
    assert all(reason for _, reason in refused)
