"""Saved search pages of Hugging Face Daily Papers, as plain text.

The pages carry no mark-up. What is left is the page's own text (header, buttons, the day it was saved), per
paper a title and an abstract, and on some pages a byline ("• 6 authors", "·", "Dec 3, 2024 1"). The page's
own text and the bylines are taken out by their wording. Of the remaining lines, which are titles and which
abstracts is decided for the page as a whole: the cheapest reading of the sequence (Viterbi, 1967), where
short lines cost little as titles, long ones little as abstracts, and two of a kind in a row cost extra. So a
very short title, one that ends in a full stop, a short abstract, a second paragraph or a title without
abstract each cost something and none derails the lines after it.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from trends.core.escape import clean_text
from trends.papers._content import Content
from trends.papers._record import Format, Record, Rejected

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATE = rf"{_MONTH} \d{{1,2}}, \d{{4}}"
_COUNT = r"\d[\d,.]*[kK]?"

_HEADER = (
    r"Get trending papers in your email inbox(?: once a day)?\s*!?",
    r"Daily Papers",
    r"by\s*AK and the research community",
    r"new(?=\s*$|\s*Get trending papers)",
    r"Subscribe",
)
_MARK = re.compile("|".join((_HEADER[0], _HEADER[2])), re.IGNORECASE)
_BYLINE_MARK = re.compile(r"[•·]\s*\d[\d,]* authors?\b")
_OWN_TEXT = re.compile(
    "|".join(_HEADER)
    + r"|Trending Papers|Papers|Daily|Weekly|Monthly|Today|Yesterday|Search|Upvote|Submitted by.{0,60}"
    r"|Previous|Next|Load more|View all|Log In|Sign Up|Company|TOS|Privacy|About|Jobs|Careers|Website"
    r"|Models|Datasets|Spaces|Buckets|Community|Docs|Enterprise|Pricing|Collections|Hugging Face|Back to top"
    r"|Join the discussion.{0,40}|System theme|AI-generated summary|Read more|Show more|Abstract"
    r"|PDF|Code|Paper|arxiv\.org|\W*"
    rf"|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? {_DATE}",
    re.IGNORECASE,
)
_GLUED = re.compile(
    "|".join((_HEADER[0], _HEADER[2], rf"Daily Papers(?=\s*by\s*AK|\s*{_MONTH} \d|(?-i:[A-Z]))", _HEADER[3])),
    re.IGNORECASE,
)
_GLUED_BUTTON = re.compile(r"Subscribe(?=[^a-z\s])")
_EXPECTED_BUTTON = re.compile(r"Subscribe(?!(?:rs?|d)\b)")
_GLUED_PAGE_DATE = re.compile(rf"{_MONTH} \d{{1,2}}(?=(?![a-z])[^\W\d_])")
_BYLINE = re.compile(
    rf"(?:[•·]\s*)?(?:(?P<authors>\d[\d,]*) authors?)?\s*[•·]?\s*(?P<date>{_DATE})?"
    rf"\s*[•·]?\s*(?P<upvotes>{_COUNT})?\s*[•·]?"
)
_BYLINE_INSIDE = re.compile(rf"[•·]\s*\d[\d,]* authors?\b(?:\s*[•·]\s*{_DATE}(?:\s+{_COUNT}(?![\w-]))?)?")
_PAIRS, _LONGEST_TITLE, _SHORTEST_ABSTRACT = 3, 220, 300
_SENTENCE_END = re.compile(r"[.!?…][\"')\]]*$")
_PROSE = re.compile(r"\b(?:we|our|this|these|it|is|are|has|have|been|can|which|that)\b", re.IGNORECASE)
_SENTENCE_BREAK = re.compile(r"[a-z)\]]\. [A-Z]")


@dataclass
class _Line:
    """One line of text that is not the page's own, with the byline that follows it."""

    number: int
    text: str
    adjoins: bool
    byline: dict[str, str] = field(default_factory=dict)
    closed: bool = False


def _recognise(content: Content) -> bool:
    text = content.text
    if text is None:
        return False
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines or lines[0][0] in "{[<@%":
        return False
    start = lines[:15]
    return (
        any(_MARK.search(line[:120]) for line in start)
        or any(re.fullmatch(r"Subscribe|Daily Papers", line) for line in start)
        or bool(_GLUED_BUTTON.match(start[0]))
        or bool(_BYLINE_MARK.search(text))
        or _alternates([line for line in lines if not _OWN_TEXT.fullmatch(line)])
    )


def _alternates(lines: list[str]) -> bool:
    """Say whether lines are titles and abstracts by turns, as on a page saved without its header."""
    titles, abstracts = lines[0::2], lines[1::2]
    return (
        len(abstracts) >= _PAIRS
        and all(len(line) <= _LONGEST_TITLE for line in titles)
        and all(len(line) >= _SHORTEST_ABSTRACT for line in abstracts)
    )


def _read(content: Content) -> Iterator[Record | Rejected]:
    lines = _lines(content.text or "")
    roles = _roles(lines)
    entry: Record | None = None
    for line, is_title in zip(lines, roles, strict=True):
        where = f"line {line.number}"
        if is_title:
            if entry is not None:
                yield entry
            entry = Record(where, title=line.text)
        elif entry is None:
            yield Rejected(where, "an abstract without a title")
            continue
        else:
            entry.abstract = f"{entry.abstract} {line.text}".strip()
        if line.byline.get("date"):
            entry.date = line.byline["date"]
            entry.date_source = "listing page"
        entry.n_authors = line.byline.get("authors") or entry.n_authors
        entry.upvotes = line.byline.get("upvotes") or entry.upvotes
    if entry is not None:
        yield entry


def _lines(text: str) -> list[_Line]:
    """Return the lines that are not the page's own, each with the byline found after it."""
    found: list[_Line] = []
    gap = True
    button_seen = False
    raw = text.split("\n")
    marked = any(_MARK.search(line[:120]) for line in raw[:15])
    for number, line in enumerate(raw, start=1):
        pending = clean_text(line)
        if not pending:
            gap = True
            continue
        button_seen = button_seen or pending.lower() == "subscribe"
        pending = _without_header(pending, first=not found, button_expected=marked and not button_seen)
        for part, is_byline in _parts(pending):
            if is_byline:
                if found:
                    _note_byline(found[-1], part)
                gap = True
            elif not _OWN_TEXT.fullmatch(part):
                found.append(_Line(number, part, adjoins=not gap))
                gap = False
            else:
                gap = True
    return found


def _without_header(text: str, *, first: bool, button_expected: bool) -> str:
    """Take the page's own phrases off the front of a line that may have a title glued to them."""
    patterns = [_GLUED, _GLUED_BUTTON]
    if first:
        # Where the header stands and no button did, a "Subscribe" in front is the button, whatever follows.
        patterns = [_GLUED, _GLUED_PAGE_DATE, _EXPECTED_BUTTON if button_expected else _GLUED_BUTTON]
    while match := next((match for pattern in patterns if (match := pattern.match(text))), None):
        text = text[match.end() :].strip()
        if match[0] == "Subscribe":
            patterns.pop()
    return text


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    """Split a line into text and bylines, which usually are lines of their own."""
    if not text:
        return
    if _BYLINE.fullmatch(text):
        yield text, True
        return
    at = 0
    for match in _BYLINE_INSIDE.finditer(text):
        if text[at : match.start()].strip():
            yield text[at : match.start()].strip(), False
        yield match.group().strip(), True
        at = match.end()
    if text[at:].strip():
        yield text[at:].strip(), False


def _note_byline(line: _Line, text: str) -> None:
    match = _BYLINE.fullmatch(text)
    line.closed = True
    for name, value in (match.groupdict() if match else {}).items():
        # A page's closing lines may look like a byline; the first one after an abstract is the paper's.
        if value:
            line.byline.setdefault(name, value)


def _roles(lines: list[_Line]) -> list[bool]:
    """Return for each line whether it is a title, by the cheapest reading of the whole sequence."""
    if not lines:
        return []
    # Only where blank lines part the texts does their absence say that two lines belong together.
    spaced = sum(not line.adjoins for line in lines) > len(lines) / 2
    best = {True: _title_cost(lines[0].text), False: 4.0 + _abstract_cost(lines[0].text)}
    came_from: list[dict[bool, bool]] = []
    for before, line in pairwise(lines):
        own = {True: _title_cost(line.text), False: _abstract_cost(line.text)}
        step: dict[bool, float] = {}
        origin: dict[bool, bool] = {}
        for is_title in (True, False):
            costs = {
                was_title: best[was_title] + _step_cost(was_title, is_title, before, line, spaced)
                for was_title in (True, False)
            }
            origin[is_title] = costs[True] <= costs[False]
            step[is_title] = min(costs.values()) + own[is_title]
        came_from.append(origin)
        best = step
    roles = [best[True] <= best[False]]
    for origin in reversed(came_from):
        roles.append(origin[roles[-1]])
    return roles[::-1]


def _title_cost(text: str) -> float:
    # Of 101,783 titles of two corpora the longest has 217 characters, and 148 is one's 99.9th percentile.
    length = 0.0 if len(text) <= 130 else (len(text) - 130) / 25
    sentence = 3.0 * text.endswith((".", ":", ",", ";")) + 2.0 * bool(_SENTENCE_BREAK.search(text))
    return length + sentence + 1.5 * (len(_PROSE.findall(text)) > 1)


def _abstract_cost(text: str) -> float:
    length = 3.0 if len(text) < 60 else max(0.0, (300 - len(text)) / 100)
    return length + 1.0 * (not _SENTENCE_END.search(text) and len(text) < 600)


def _step_cost(was_title: bool, is_title: bool, before: _Line, line: _Line, spaced: bool) -> float:
    if before.closed:
        # A byline ends an abstract; between a title and its abstract it is unusual, but clear enough.
        if not was_title:
            return 0.0 if is_title else math.inf
        return 2.5 if is_title else 1.0
    if spaced and line.adjoins:
        return {(True, False): 0.5, (False, False): 0.0, (False, True): 5.0, (True, True): 6.0}[
            was_title, is_title
        ]
    return 0.0 if was_title != is_title else 3.5


FORMAT = Format("Daily Papers page", _recognise, _read)
