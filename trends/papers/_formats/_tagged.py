"""What the formats of tagged lines share: an entry's values by tag, and what can be read out of a value.

RIS, MEDLINE, Web of Science and refer all write a tag in front of a value that may go on over several
lines; they differ in how a tag looks and where an entry ends, which each format says itself.

The readers are our own: rispy 0.10 drops an entry whose neighbour lacks its ER, and one at the end of a
file without it; it finds nothing where tags are written with one space or in lower case, raises KeyError
where the first line of an entry has no tag and the last value before was a file link, joins long values in
quadratic time, and knows no line numbers.
"""

import html
import re
from collections.abc import Iterable
from urllib.parse import unquote

from trends.papers._content import Content

_LOOKED_AT = 65536
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_WHOLE_DOI = re.compile(r"(?:doi\s*[:=]?\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
# doi.org, also behind a library's proxy; a publisher's page of one paper; a link resolver.
_LINKED_DOI = re.compile(
    r"(?:doi[.-]org(?:[.:][^/\s]{0,80})?/|/doi/(?:(?:abs|full|pdf|epdf|book)/)?|[?&;](?:id=)?doi[=:]|info:doi/)"
    r"(10\.\d{4,9}(?:/|%2f)[^\s&?#/]{1,300})(?=$|[\s&?#])",
    re.IGNORECASE,
)
_ARXIV = re.compile(
    r"arxiv(?:\.org/(?:abs|pdf|html)/|:\s?)(\d{4}\.\d{4,5}|[a-z-]{2,20}(?:\.[a-z]{2})?/\d{7})(?!\d)",
    re.IGNORECASE,
)
_EMTREE_QUALIFIER = re.compile(r"[a-z]{2} \[[^\[\]]*\]")
_QUALIFIERS = frozenset(
    name.strip()
    for name in """
    abnormalities | administration & dosage | adverse effects | agonists | analogs & derivatives |
    analysis | anatomy & histology | antagonists & inhibitors | biosynthesis | blood | blood supply |
    cerebrospinal fluid | chemical synthesis | chemically induced | chemistry | classification |
    complications | congenital | cytology | deficiency | diagnosis | diagnostic imaging | diet therapy |
    drug effects | drug therapy | economics | education | embryology | enzymology | epidemiology |
    ethics | ethnology | etiology | genetics | growth & development | history | immunology | injuries |
    innervation | instrumentation | isolation & purification | legislation & jurisprudence | manpower |
    metabolism | methods | microbiology | mortality | nursing | organization & administration |
    parasitology | pathogenicity | pathology | pharmacokinetics | pharmacology | physiology |
    physiopathology | poisoning | prevention & control | psychology | radiation effects | radiography |
    radionuclide imaging | radiotherapy | rehabilitation | secondary | secretion | standards |
    statistics & numerical data | supply & distribution | surgery | therapeutic use | therapy | toxicity
    | transmission | transplantation | trends | ultrasonography | ultrastructure | urine | utilization |
    veterinary | virology
    """.split("|")
)


class Entry:
    """One entry's values by tag, each with the lines that it went on over, and the line it began at."""

    def __init__(self, line: int) -> None:
        self.line = line
        self._values: dict[str, list[list[str]]] = {}
        self._last: list[str] | None = None

    def __contains__(self, tag: str) -> bool:
        return tag in self._values

    def __bool__(self) -> bool:
        return bool(self._values)

    def add(self, tag: str, value: str) -> None:
        """Begin a value of a tag."""
        self._last = [value]
        self._values.setdefault(tag, []).append(self._last)

    def go_on(self, line: str) -> None:
        """Continue the value begun last; a line before any tag belongs to nothing."""
        if self._last is not None and line.strip():
            self._last.append(line)

    def texts(self, *tags: str) -> list[str]:
        """Return the values of tags that are not empty, each as one text."""
        joined = (" ".join(map(str.strip, value)).strip() for tag in tags for value in self._of(tag))
        return [text for text in joined if text]

    def text(self, *tags: str) -> str:
        """Return the first value of the first tag that has one, or ""."""
        return next((texts[0] for tag in tags if (texts := self.texts(tag))), "")

    def lines(self, *tags: str) -> list[str]:
        """Return the lines of the values of tags."""
        return [text for tag in tags for value in self._of(tag) for line in value if (text := line.strip())]

    def items(self, *tags: str) -> list[str]:
        """Return the values of lists: a line that goes on without indentation is a value of its own."""
        found: list[list[str]] = []
        for tag in tags:
            for first, *others in self._of(tag):
                found.append([first])
                for line in others:
                    if line[0].isspace():
                        found[-1].append(line)
                    else:
                        found.append([line])
        return [text for parts in found if (text := " ".join(map(str.strip, parts)).strip())]

    def _of(self, tag: str) -> list[list[str]]:
        return self._values.get(tag, [])


def begins(content: Content, pattern: re.Pattern[str]) -> bool:
    """Say whether a text that is not JSON, mark-up or BibTeX has a format's line near its beginning."""
    start = content.start[:_LOOKED_AT].lstrip()
    other = start[:1] in ("{", "[", "<", "@") and not re.match(r"<\d{1,9}\.? {0,2}>", start)
    return not other and pattern.search(start) is not None


def doi(texts: Iterable[str]) -> str:
    """Return the first DOI in texts that are meant to hold one, or ""."""
    return next((_ended(match[0]) for text in texts if (match := _DOI.search(text))), "")


def stray_doi(links: Iterable[str], others: Iterable[str]) -> str:
    """Return the DOI that links lead to or that another value consists of, where there is but one."""
    found = {_ended(unquote(match)) for link in links for match in _LINKED_DOI.findall(link)}
    found |= {_ended(match[1]) for text in others if (match := _WHOLE_DOI.fullmatch(text.strip()))}
    found = {one.lower() for one in found}
    return found.pop() if len(found) == 1 else ""


def arxiv_id(texts: Iterable[str]) -> str:
    """Return the arXiv id named in texts, where there is but one."""
    found = {match.lower() for text in texts for match in _ARXIV.findall(text)}
    return found.pop() if len(found) == 1 else ""


def names(values: Iterable[str]) -> list[str]:
    """Return the names of authors, each once, parted at semicolons."""
    parts = (part.strip() for value in values for part in _parted(value))
    return list(dict.fromkeys(part for part in parts if part))


def keywords(values: list[str]) -> list[str]:
    """Return keywords, parted at semicolons, or at commas where there is one list of three or more."""
    parts = [part for value in values for part in re.split(r"[;；|]", html.unescape(value))]
    if len(parts) == 1 and len(commas := re.split("[,，]", parts[0])) > 2:
        parts = commas
    return [word for part in parts if (word := _subject(part))]


def _subject(text: str) -> str:
    """Return a subject heading without the mark of a main subject and without qualifiers ("/therapy")."""
    heading, *qualifiers = (part.strip().lstrip("*").strip() for part in text.split("/"))
    # Other slashes belong to the word ("TCP/IP").
    if all(part.lower() in _QUALIFIERS or _EMTREE_QUALIFIER.match(part) for part in qualifiers):
        return heading
    return text.strip().lstrip("*").strip()


def _parted(text: str) -> list[str]:
    return re.split(r"[;；]", html.unescape(text) if "&" in text else text)


def _ended(found: str) -> str:
    """Return a DOI without the punctuation of the text around it."""
    found = found.removesuffix("[doi]").rstrip(".,;\"'>")
    for opening, closing in ("()", "[]"):
        if found.endswith(closing) and found.count(opening) < found.count(closing):
            found = found[:-1].rstrip(".,;")
    return found
