"""Pages of Hugging Face Daily Papers as a browser saves them: HTML, or a web archive (MHTML) of it.

The server writes the papers into the page twice: as the same JSON that its API gives, in the attribute
`data-props` of an element, and as the cards that people see. The JSON has more and is read first. A search
typed into an open page changes the cards and leaves the JSON as it was, so where the cards show mostly other
papers, they decide which papers are on the page. A page with neither is read as its text.

Scripts are never run. The mark-up is taken apart by a small tokenizer of our own, because `html.parser` of
Python 3.11 takes quadratic time where a comment or tag is left open (3.6 seconds for 8,000 times `<a '`).
Here, as in a browser, the page ends at what is left open.
"""

import base64
import binascii
import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from trends.core.errors import InputError
from trends.papers._content import Content, parsed_json
from trends.papers._formats import _daily_api, _pages, _xml
from trends.papers._record import Format, Record, Rejected

_BOUNDARY = re.compile(
    r"""^Content-Type:\s*multipart/related;.{0,500}?boundary="([^"\s]{1,200})\"""",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_HTML_PART = re.compile(rb"^Content-Type:\s*(?:text/html|application/xhtml)", re.IGNORECASE | re.MULTILINE)
_PACKING = re.compile(rb"^Content-Transfer-Encoding:\s*([\w-]{1,20})", re.IGNORECASE | re.MULTILINE)

_MARKUP = re.compile(r"<[A-Za-z/!?]")
_OPENING = re.compile(r"</?[A-Za-z]")
_TAG = re.compile(r"""<(/?)([A-Za-z][^\s/>]*)((?:[^=>]++|=\s*+(?:"[^"]*+"|'[^']*+')|=)*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))""")
_ENDS = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style")}
_INLINE = frozenset("a b i em strong span sub sup code small u font mark wbr img svg path g".split())

_LINK = re.compile(r"(?:https?://(?:www\.)?huggingface\.co)?/papers/(\d{4}\.\d{4,5})(?:v\d+)?(?:[?#/].*)?")
_HEADINGS = frozenset(("h1", "h2", "h3", "h4"))
_DATE = re.compile(r"(?:Published on\s+)?((?:[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4})|\d{4}-\d\d-\d\d)")
_COUNT = re.compile(r"\d[\d,.]*[kK]?")
_AUTHORS = re.compile(r"[•·]?\s*(\d[\d,]*) authors?")
_SHORTEST_ABSTRACT = 120
_LISTS = ("searchResults", "dailyPapers")


class _Token(NamedTuple):
    """A piece of a page: a text (`kind` ""), a start tag ("<"), an end tag ("/"), or a break-off ("!")."""

    kind: str
    value: str
    attributes: dict[str, str]
    line: int


@dataclass
class _Block:
    """A run of text that stands by itself on a page, in pieces."""

    line: int
    pieces: list[str] = field(default_factory=list)

    def text(self) -> str:
        return " ".join("".join(self.pieces).split())


@dataclass
class _Card:
    """What a page shows of one paper."""

    title: _Block
    identifier: str = ""
    date: str = ""
    n_authors: str = ""
    upvotes: str = ""
    blocks: list[_Block] = field(default_factory=list)


@dataclass
class _Page:
    """The papers of a page: lists of the API's items, cards, all text in blocks, and where it breaks off."""

    lists: list[list[Any]] = field(default_factory=list)
    cards: list[_Card] = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)
    broken: int = 0


def _recognise(content: Content) -> bool:
    start = _xml.head(content)
    if not start:
        return _BOUNDARY.search(content.start[:5000]) is not None
    return _xml.root(start).lower() in ("html", "head", "body") or "<!doctype html" in start[:1000].lower()


def _read(content: Content) -> Iterator[Record | Rejected]:
    text = _text(content)
    page = _page(text)
    found = list(_listed(page))
    if not found and "huggingface" in text and "Daily Papers" in text:
        found = list(_as_text(content.name, page))
    if not found:
        raise InputError(
            f"{content.name} is HTML without papers: looked for were the data, the cards and the text of a "
            "Hugging Face Daily Papers page; export the papers as CSV, JSON, RIS or BibTeX."
        )
    yield from found
    if page.broken:
        yield Rejected(f"line {page.broken}", "the page breaks off inside a tag; save it again")


def _text(content: Content) -> str:
    """Return a page's HTML, taken out of the archive where it is in one."""
    match = None if _xml.head(content) else _BOUNDARY.search(content.start[:5000])
    if match is None:
        return content.text or ""
    mark = b"--" + match[1].encode("utf-8", "replace")
    data = content.data.replace(b"\r\n", b"\n")
    begin = data.find(mark)
    while begin >= 0:
        end = data.find(mark, begin + len(mark))
        part = data[begin + len(mark) : end if end >= 0 else len(data)]
        headers, _, body = part.partition(b"\n\n")
        if _HTML_PART.search(headers):
            packing = _PACKING.search(headers)
            return _unpacked(packing[1].lower() if packing else b"", body).decode("utf-8", "replace")
        begin = end
    return ""


def _unpacked(packing: bytes, body: bytes) -> bytes:
    if packing == b"quoted-printable":
        return quopri.decodestring(body)
    try:
        return base64.b64decode(body) if packing == b"base64" else body
    except binascii.Error:
        return b""


def _tokens(text: str) -> Iterator[_Token]:
    """Yield a page's pieces in order; linear in its length whatever it holds."""
    at = line = 0
    counted = 0
    while at < len(text):
        found = _MARKUP.search(text, at)
        begin = found.start() if found else len(text)
        line += text.count("\n", counted, at)
        counted = at
        if begin != at:
            yield _Token("", _unescaped(text[at:begin]), {}, line + 1)
            at = begin
            continue
        if text.startswith("<!--", at):
            end = text.find("-->", at + 2)
            at = end + 3 if end >= 0 else -1
        elif match := _TAG.match(text, at):
            name = match[2].lower()
            yield _Token("/" if match[1] else "<", name, _attributes(match[3]), line + 1)
            at = match.end()
            if name in _ENDS and not match[1]:
                ending = _ENDS[name].search(text, at)
                at = ending.start() if ending else -1
        elif _OPENING.match(text, at):
            at = -1
        else:
            # What begins with "<!", "<?" or "</" and is no tag is a comment that no one sees.
            end = text.find(">", at)
            at = end + 1 if end >= 0 else -1
        if at < 0:
            yield _Token("!", "", {}, line + 1)
            return


def _attributes(text: str) -> dict[str, str]:
    if "=" not in text:
        return {}
    return {m[1].lower(): _unescaped(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(text)}


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:
        # A character's number of thousands of digits.
        return text


def _page(text: str) -> _Page:
    """Take in a page in one pass."""
    page = _Page()
    block = _Block(1)
    card: _Card | None = None
    heading: _Card | None = None
    link, style = "", ""
    for token in _tokens(text):
        name, attributes = token.value, token.attributes
        if token.kind == "!":
            page.broken = token.line
        elif token.kind == "":
            block.pieces.append(name)
            if card is not None and heading is None:
                _note(card, style, name)
            continue
        elif token.kind == "<" and "data-props" in attributes:
            page.lists += _lists(parsed_json(attributes["data-props"]))
        if name == "a":
            match = _LINK.fullmatch(attributes.get("href", "").strip())
            link = match[1] if match else ""
            if heading is not None:
                heading.identifier = heading.identifier or link
        if token.kind == "<":
            style = attributes.get("class", "")
        if name in _INLINE:
            continue
        if heading is not None and name not in _HEADINGS:
            block.pieces.append(" ")
            continue
        # The title belongs to the window, not to the text of the page.
        if name != "title" and "".join(block.pieces).strip():
            page.blocks.append(block)
            if card is not None and heading is None:
                card.blocks.append(block)
        if heading is not None:
            if (
                heading.identifier
                and block.text()
                and (card is None or card.identifier != heading.identifier)
            ):
                card = card if card is not None and not card.identifier else heading
                card.identifier, card.title = heading.identifier, block
                page.cards.append(card)
            heading = None
        block = _Block(token.line)
        if name == "article":
            card = _Card(block) if token.kind == "<" else None
        elif token.kind == "<" and name in _HEADINGS:
            heading = _Card(block, identifier=link)
        elif name == "time" and card is not None:
            card.date = card.date or attributes.get("datetime", "")
    page.blocks.append(block)
    return page


def _note(card: _Card, style: str, text: str) -> None:
    """Take from a piece of a card's text what it says of the paper."""
    words = " ".join(text[:200].split())
    if "leading-none" in style and _COUNT.fullmatch(words):
        card.upvotes = card.upvotes or words
    if match := _AUTHORS.fullmatch(words):
        card.n_authors = card.n_authors or match[1]
    if match := _DATE.fullmatch(words):
        card.date = card.date or match[1]


def _lists(props: Any) -> list[list[Any]]:
    """Return the lists of the API's items in an element's data; on a paper's own page, the paper."""
    if not isinstance(props, dict):
        return []
    own = props.get("paper")
    lists = [[props]] if isinstance(own, dict) and own.get("title") else []
    keys = [*(key for key in _LISTS if key in props), *(key for key in props if key not in _LISTS)]
    return lists + [props[key] for key in keys if any(map(_identifier, _items(props[key])))]


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _identifier(item: Any) -> str:
    paper = item.get("paper") if isinstance(item, dict) else None
    identifier = paper.get("id") if isinstance(paper, dict) else None
    return identifier if isinstance(identifier, str) else ""


def _listed(page: _Page) -> Iterator[Record | Rejected]:
    """Yield the papers of the page's data, then those that only its cards show."""
    shown = {card.identifier for card in page.cards}
    items = max(page.lists, key=lambda items: len(shown.intersection(map(_identifier, items))), default=[])
    known = shown.intersection(map(_identifier, items))
    if shown and 2 * len(known) < len(items):
        items = [item for item in items if _identifier(item) in known]
    for number, item in enumerate(items, start=1):
        yield _daily_api.entry(f"record {number}", item)
    for card in page.cards:
        if card.identifier not in known:
            known.add(card.identifier)
            yield _record(card)


def _record(card: _Card) -> Record:
    abstract = max((block.text() for block in card.blocks), key=len, default="")
    return Record(
        f"line {card.title.line}",
        title=card.title.text(),
        abstract=abstract if len(abstract) >= _SHORTEST_ABSTRACT else "",
        date=card.date,
        date_source="listing page",
        n_authors=card.n_authors or None,
        upvotes=card.upvotes or None,
        identifier=card.identifier,
        url=f"https://huggingface.co/papers/{card.identifier}",
    )


def _as_text(name: str, page: _Page) -> Iterator[Record | Rejected]:
    """Read the page as the text that a browser would copy."""
    text = "\n".join(block.text() for block in page.blocks)
    content = Content.of(name, text.encode("utf-8", "replace"))
    if not _pages.FORMAT.recognise(content):
        return
    for record in _pages.FORMAT.read(content):
        number = int(record.where.removeprefix("line "))
        yield replace(record, where=f"line {page.blocks[number - 1].line}")


FORMAT = Format("Daily Papers HTML", _recognise, _read)
