"""XML read safely and one entry at a time, for the formats that are XML.

The parser is defusedxml's. Declarations that could make a small file swell (entities, default attributes) are
refused and nothing that a file points to is ever opened; a mere DOCTYPE, as PubMed writes it, is no harm.
Only the entries are built, one after the other, none deeper or larger than any real one. defusedxml's own
`iterparse` keeps a whole tree and ends at the first damage; here the parser feeds a collector, and damage
costs the entry it is in: reading resumes at the next one, which also reads files written one after another.

Before parsing, the text is mended where a mistake is common and its meaning clear: characters that XML
forbids, a bare `&`, HTML's named entities, white space before the declaration.
"""

import codecs
import html
import io
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from trends.core.errors import InputError
from trends.papers._content import Content
from trends.papers._record import Rejected

_HEAD = 65536
_CHUNK = 1 << 20
# The parser looks at an unfinished tag or comment again with every chunk.
_LONGEST_TAG = 16 << 20
_MOST_NESTED = 60
_MOST_PARTS = 200_000
_MOST_DAMAGES = 1000
# Codes of expat: the end came too early; a second document follows; an end tag that nothing opened.
_TRUNCATED = (3, 5, 6, 20)
_SECOND_DOCUMENT = (9, 17)
_MISMATCH = 7

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml\s[^<>]{0,200}?encoding\s{0,9}=\s{0,9}["']([A-Za-z][\w.:-]{0,40})["']""")
_ENCODINGS = re.compile(
    r"(?:iso[_-]?(?:8859|2022)|windows|cp|mac|koi8|gb|hz|big5|euc|shift|s?jis|johab|tis)[\w.:-]*",
    re.IGNORECASE,
)
# As on the web, these names stand for the larger set of characters that contains them.
_WESTERN = frozenset("ascii us-ascii iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1".split())
_DECLARATION = re.compile(r"\ufeff?\s*(?:<\?xml\s[^<>]{0,500}\?>\s*)?")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_REFERENCE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:(#\d{1,9};|#[xX][0-9a-fA-F]{1,8};)|([A-Za-z][A-Za-z0-9]{1,30};))?"
)
_LONGEST_REFERENCE = 40
_SPACE = re.compile(r"\s*")
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)")
_DOCTYPE = re.compile(r"<!DOCTYPE\s+(?:[\w.-]+:)?([\w.-]+)", re.IGNORECASE)


@dataclass(slots=True)
class Element:
    """An element by its local name: attributes, and text and elements in order."""

    name: str
    attributes: dict[str, str]
    line: int
    content: list["Element | str"] = field(default_factory=list)

    def all(self, *path: str) -> list["Element"]:
        """Return the elements at a path of names below this one, in order."""
        found = [self]
        for name in path:
            found = [e for one in found for e in one.content if isinstance(e, Element) and e.name == name]
        return found

    def first(self, *path: str) -> "Element | None":
        """Return the first element at a path of names below this one, or None."""
        return next(iter(self.all(*path)), None)

    def text(self, *path: str) -> str:
        """Return the text, mark-up inside resolved, of the first element at a path that has any, or ""."""
        return next(iter(self.texts(*path)), "")

    def texts(self, *path: str) -> list[str]:
        """Return the text of every element at a path that has any."""
        return [text for one in self.all(*path) if (text := "".join(one._pieces()).strip())]

    def _pieces(self) -> Iterator[str]:
        for part in self.content:
            if isinstance(part, str):
                yield part
            else:
                yield from part._pieces()


def head(content: Content) -> str:
    """Return the start of a file that may be XML or HTML as text; "" where it begins otherwise."""
    start = content.head[:_HEAD]
    if start.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] != b"<":
        return ""
    return start.decode(_encoding(start), "replace").lstrip("\ufeff \t\r\n")


def root(start: str) -> str:
    """Return the local name of the first element in a file's start, else what its DOCTYPE names, or ""."""
    at, doctype = 0, ""
    while at < len(start):
        if match := _DOCTYPE.match(start, at):
            doctype = match[1]
            subset, end = start.find("[", at), start.find(">", at)
            if 0 <= subset < end:
                end = start.find(">", start.find("]", subset)) if "]" in start[subset:] else -1
        elif start.startswith("<!--", at):
            end = start.find("-->", at)
        elif start.startswith("<?", at):
            end = start.find("?>", at)
        else:
            match = _ROOT.match(start, at)
            return match[1] if match else doctype
        if end < 0:
            return doctype
        spaces = _SPACE.match(start, start.index(">", end) + 1)
        at = spaces.end() if spaces else len(start)
    return doctype


def elements(
    content: Content, names: Collection[str], skip: Collection[str] = ()
) -> Iterator[Element | Rejected]:
    """Yield the outermost elements of the given local names as each is complete; damage as Rejected.

    Parameters
    ----------
    content
        The file.
    names
        Local names of the elements to yield.
    skip
        Local names of elements inside these that are left out, to save time and memory.

    Raises
    ------
    InputError
        The file declares entities or default attributes, or refers to other files.
    """
    from defusedxml.common import DefusedXmlException

    reader = _Reader(names, skip)
    try:
        for chunk in _chunks(content):
            yield from reader.read(chunk)
        yield from reader.end()
    except DefusedXmlException as error:
        raise InputError(
            f"{content.name} declares entities or attributes of its own in <!DOCTYPE>, which can make a "
            "small file swell without end or open other files; export it without them."
        ) from error


class _Reader:
    """Feeds text to a parser; after damage, to a new one from the next entry on."""

    def __init__(self, names: Collection[str], skip: Collection[str]) -> None:
        listed = b"|".join(re.escape(name.encode()) for name in sorted(names))
        self.start = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:" + listed + rb")(?=[\s/>])")
        self.entries = _Entries(names, skip, self.line)
        self.lines_read = 0
        self.n_damages = 0
        self.carried = b""
        self.done = False
        self.parser: Any = None
        self.begin(resumed=False)

    def begin(self, *, resumed: bool) -> None:
        """Take a new parser for what follows."""
        from defusedxml.ElementTree import XMLParser

        self.entries.clear()
        self.parser = XMLParser(target=self.entries, encoding="utf-8")
        self.parser.parser.StartNamespaceDeclHandler = self.entries.namespace
        self.parser.parser.AttlistDeclHandler = self.entries.default
        self.first_line = self.lines_read
        self.resumed, self.fresh = resumed, True
        opening = self.entries.opening().encode("utf-8", "replace") if resumed else b""
        self.fed = len(opening)
        self.parser.feed(opening)

    def line(self) -> int:
        """Return the line of the file that the parser is at."""
        return self.first_line + int(self.parser.parser.CurrentLineNumber)

    def read(self, chunk: bytes) -> Iterator[Element | Rejected]:
        """Yield the entries that are complete with this chunk."""
        from defusedxml.ElementTree import ParseError

        while not self.done:
            if self.parser is None:
                chunk = self.resume(self.carried + chunk)
                if not chunk:
                    return
            try:
                self.parser.feed(chunk)
            except ParseError as error:
                yield from self.entries.taken()
                at = int(self.parser.parser.ErrorByteIndex) - self.fed
                yield from self.damage(error)
                at = max(at, 1 if self.fresh else 0)
                self.lines_read += chunk.count(b"\n", 0, at)
                chunk = chunk[at:]
                self.parser, self.carried = None, b""
                continue
            yield from self.entries.taken()
            self.fed += len(chunk)
            self.fresh = False
            self.lines_read += chunk.count(b"\n")
            if self.fed - int(self.parser.parser.CurrentByteIndex) > _LONGEST_TAG:
                reason = "a tag or comment of more than 16 MiB; reading ends here"
                yield Rejected(f"line {self.line()}", reason)
                self.done = True
            return

    def resume(self, chunk: bytes) -> bytes:
        """Return a chunk from its next entry on, with a new parser ready for it, or b""."""
        self.lines_read -= self.carried.count(b"\n")
        match = self.start.search(chunk)
        if match is None:
            self.carried = chunk[-100:]
            self.lines_read += chunk.count(b"\n")
            return b""
        self.carried = b""
        self.lines_read += chunk.count(b"\n", 0, match.start())
        self.begin(resumed=True)
        return chunk[match.start() :]

    def end(self) -> Iterator[Element | Rejected]:
        """Yield what is left to say once the file has ended."""
        from defusedxml.ElementTree import ParseError

        if self.done or self.parser is None:
            return
        try:
            self.parser.close()
        except ParseError as error:
            yield from self.entries.taken()
            yield from self.damage(error)

    def damage(self, error: Any) -> Iterator[Rejected]:
        """Report damage, unless it is only where a document ends and another one begins."""
        line, began = self.first_line + error.position[0], self.entries.began()
        message = re.sub(r":? line \d+, column \d+", "", str(error))
        self.done = error.code in _TRUNCATED
        ended = (*_TRUNCATED, _MISMATCH) if self.resumed else ()
        if not began and error.code in (*_SECOND_DOCUMENT, *ended):
            return
        lost = f", so the entry that begins on line {began} is lost" if began else ""
        breaks = "the XML breaks off" if self.done else "the XML is damaged"
        self.n_damages += 1
        if self.n_damages >= _MOST_DAMAGES:
            self.done = True
            lost += "; reading ends here after so many damages"
        yield Rejected(f"line {line}", f"{breaks}: {message}{lost}")


class _Entries:
    """The target of a parser: builds the wanted elements, local names only, and nothing else."""

    def __init__(self, names: Collection[str], skip: Collection[str], line: Callable[[], int]) -> None:
        self.names, self.skip, self.line = frozenset(names), frozenset(skip), line
        self.complete: list[Element | Rejected] = []
        self.namespaces: dict[str, str] = {}
        self.clear()

    def clear(self) -> None:
        """Forget the entry that is being built."""
        self.stack: list[Element] = []
        self.n_parts = 0
        self.unbuilt = 0
        self.silent = False

    def taken(self) -> list[Element | Rejected]:
        """Hand over what is complete."""
        complete, self.complete = self.complete, []
        return complete

    def began(self) -> int:
        """Return the line on which the unfinished entry begins, or 0."""
        return self.stack[0].line if self.stack else 0

    def opening(self) -> str:
        """Return a start tag with the namespaces seen so far, for entries without their document."""
        named = (f' xmlns:{prefix}="{html.escape(uri)}"' for prefix, uri in self.namespaces.items())
        return f"<resumed{''.join(named)}>"

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        if prefix and uri and prefix != "xml" and len(self.namespaces) < 50 and len(uri) < 500:
            self.namespaces[prefix] = uri

    def default(self, element: str, *_: Any) -> None:
        """Refuse a declaration of default attributes: each element would repeat them."""
        from defusedxml.common import DTDForbidden

        raise DTDForbidden(element, None, None)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if not self.stack and name not in self.names:
            return
        self.n_parts += 1
        if self.unbuilt or len(self.stack) >= _MOST_NESTED or name in self.skip or self.n_parts > _MOST_PARTS:
            self.unbuilt += 1
            self.silent = self.silent or name in self.skip
            return
        local = {key.rpartition("}")[2]: value for key, value in attributes.items()} if attributes else {}
        element = Element(name, local, 0 if self.stack else self.line())
        if self.stack:
            self.stack[-1].content.append(element)
        self.stack.append(element)

    def data(self, text: str) -> None:
        if self.stack and not self.silent:
            self.stack[-1].content.append(text)

    def end(self, tag: str) -> None:
        if self.unbuilt:
            self.unbuilt -= 1
            self.silent = self.silent and self.unbuilt > 0
        elif self.stack:
            element = self.stack.pop()
            if not self.stack:
                big = self.n_parts > _MOST_PARTS
                self.complete.append(
                    Rejected(f"line {element.line}", f"an entry of more than {_MOST_PARTS:,} parts")
                    if big
                    else element
                )
                self.clear()


def _chunks(content: Content) -> Iterator[bytes]:
    """Yield a file's text in UTF-8, mended, with plain line ends and without its XML declaration."""
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder(_encoding(content.head))("replace"), translate=True
    )
    held, first, final = "", True, False
    with content.unpacked() as stream:
        while not final:
            data = stream.read(_CHUNK)
            final = not data
            text = held + decoder.decode(data, final)
            if first:
                text = _DECLARATION.sub(lambda match: "\n" * match[0].count("\n"), text, count=1)
                first = False
            # A reference may go on in the next chunk.
            cut = text.rfind("&", max(len(text) - _LONGEST_REFERENCE, 0))
            text, held = (text, "") if final or cut < 0 else (text[:cut], text[cut:])
            text = _FORBIDDEN.sub(" ", text)
            yield (_REFERENCE.sub(_mended, text) if "&" in text else text).encode("utf-8", "replace")


def _mended(match: re.Match[str]) -> str:
    if match[1]:
        code = int(match[1][2:-1], 16) if match[1][1] in "xX" else int(match[1][1:-1])
        allowed = (
            code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0xFFFF < code < 0x110000
        )
        return match[0] if allowed or code in (9, 10, 13) else " "
    character = html.unescape(match[0]) if match[2] else match[0]
    return html.escape(character, quote=False)


def _encoding(start: bytes) -> str:
    """Return the encoding that a file's first bytes show or declare; UTF-8 where they do neither."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    match = _DECLARED.search(start[:1000])
    declared = match[1].decode("ascii").lower() if match else ""
    if declared in _WESTERN:
        return "cp1252"
    if _ENCODINGS.fullmatch(declared):
        try:
            codecs.lookup(declared)
        except LookupError:
            return "utf-8"
        return declared
    return "utf-8"
