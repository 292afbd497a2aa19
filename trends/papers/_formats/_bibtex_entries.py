"""The entries of a BibTeX file as written, faults included.

Every line that begins like an entry begins one, whatever went before, so that an entry whose braces do not
balance ends where the next one starts. An entry that breaks the grammar is read again by its lines ("name =
{...}"), which still gives the fields that are beyond doubt.
The parser is our own: bibtexparser 2.1 recovers at the next entry too, but gives up a broken entry whole,
reads a field after a missing comma as part of the value before it, loses in silence what follows a brace too
many, and does not join values with `#`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from trends.papers._content import Content

# Types that are known begin an entry in any line; other words after an @ need a key and a comma after them.
_TYPES = frozenset(
    """
    article artwork audio bibnote book bookinbook booklet collection comment commentary conference data
    dataset electronic eprint hdl image inbook incollection inproceedings inreference jurisdiction
    legislation letter manual mastersthesis misc movie music mvbook mvcollection mvproceedings mvreference
    online patent performance periodical phdthesis preamble preprint proceedings reference report review set
    software standard string suppbook suppcollection suppperiodical techreport thesis unpublished video
    webpage webpages www xdata
    """.split()
)
_NO_ENTRIES = frozenset(("comment", "preamble", "string"))
_WANTED = frozenset(
    """
    title subtitle abstract author date year month day issue_date journal journaltitle fjournal booktitle doi
    eprint eprinttype archiveprefix arxivid number note url link ee howpublished bdsk-url-1 author_keywords
    keywords keyword mendeley-tags tags keywords-plus publisher language langid hyphenation crossref xdata
    """.split()
)

_HEADER = 65536  # how far text before the first entry may reach

LONGEST_SHARED = 1000
"""Characters that a value may have which several entries share."""

_START = re.compile(r"(?:^[ \t\ufeff\xa0\f]*|(?<=[})])[ \t]*)@[ \t]*(\w+)\s*([{(])", re.MULTILINE)
_KEY_AND_COMMA = re.compile(r"\s*[^\s,{}=()\"@]*\s*,")
_LIKE_ENTRY = re.compile(r"\s*(?:[^\s,{}=()\"@]*\s*,|(?:[^\s,{}=()\"@]+[ \t]*\n\s*)?\w+\s*=)")
_KEY = re.compile(r"\s*+(?!\w+\s*=\s*[\"{\w])([^,{}\n]*+)(?:\s*+,|(?=\})|\n(?=[ \t]*\w+[ \t]*=))")
_BETWEEN = re.compile(r"(?:[\s,]++|%[^\n]*+)*+")
_SPACE = re.compile(r"\s*+")
_NAME = re.compile(r"([^\s=,{}()\"#%@]+(?:[ \t]+[^\s=,{}()\"#%@]+){0,3})\s*=")
_BARE = re.compile(r"[^\s,#{}()\"=%@]+")
_MARKS = (re.compile(r'[{}"]'), re.compile(r'(?<!\\)[{}"]'))
_SWALLOWED = re.compile(r'(?:[}"0-9](?:,\s*|[ \t]*\n[ \t]*)|,[ \t]*\n[ \t]*)[A-Za-z][\w-]*[ \t]*=[ \t]*[{"]')
_FIELD_LINE = re.compile(
    r"(?:^|,)[ \t]*([A-Za-z][\w:.+-]*)[ \t]*=[ \t]*(?=[{\"]|[^\n{}\"=]*,[ \t]*$|\w+[ \t]*$)", re.MULTILINE
)
# Another entry, though its start may be spoilt ("{@article{").
_NEXT_ENTRY = re.compile(r"\n(?:[^\w\n=]{0,8}@|[^\n=]{0,40}?@[ \t]*[{(]?\w+\s*[{(])")
_AFTER_VALUE = re.compile(r"\s*(?:,[ \t]*\n|,?\s*(?:[})]|\Z))")
_END_OF_VALUE = re.compile(r'[}"],[ \t]*\n')
_CLOSING_LINE = re.compile(r"^[ \t]*[})][ \t]*$", re.MULTILINE)


class _Fault(ValueError):
    """Where and why an entry is no BibTeX."""


@dataclass(slots=True)
class Entry:
    """An entry as written: its type, key, line, wanted fields, where it ends, and what is wrong with it."""

    kind: str
    key: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    end: int = 0
    fault: str = ""

    @property
    def where(self) -> str:
        key = " ".join(self.key.split())[:80]
        return f"entry {key or 'without key'} (line {self.line})"


def recognise(content: Content) -> bool:
    """Say whether a text begins, after comments or other words, with an entry at the start of a line."""
    text = content.start
    if "@" not in text or text[:4096].lstrip("\ufeff \t\n")[:1] == "<":
        return False
    for start in _START.finditer(text, 0, _HEADER):
        kind, braces = start[1].lower(), start[2] == "{"
        expected = _LIKE_ENTRY if braces or kind == "string" else _KEY_AND_COMMA
        if (braces and kind in ("comment", "preamble")) or (
            _is_sure(text, start) and expected.match(text, start.end())
        ):
            # Within quotes it is a cell of a table.
            return text.count('"', 0, start.start()) % 2 == 0 or ".bib" in content.name.lower()
    return False


def _is_sure(text: str, start: re.Match[str]) -> bool:
    """Say whether an @ and a word begin an entry, and not a line of an abstract ("@risk (a program)")."""
    if start[1].lower() in _TYPES:
        return True
    return start[2] == "{" and _KEY_AND_COMMA.match(text, start.end()) is not None


def entries(text: str) -> Iterator[Entry]:
    """Yield the entries of a text in order, names that stand for values written out; comments are none."""
    starts = [(start, _is_sure(text, start)) for start in _START.finditer(text)]
    # After a closing brace in the same line, only what is surely an entry is one.
    starts = [(start, sure) for start, sure in starts if sure or text[max(start.start() - 1, 0)] not in "})"]
    ends = [*(start.start() for start, _ in starts[1:]), len(text)]
    sure_ends = list(ends)
    for position in range(len(starts) - 2, -1, -1):
        if not starts[position + 1][1]:
            sure_ends[position] = sure_ends[position + 1]
    macros: dict[str, str] = {}
    line, counted, taken_to, failed_to = 1, 0, 0, 0
    for (start, sure), end, sure_end in zip(starts, ends, sure_ends, strict=False):
        if start.start() < taken_to:
            continue
        line += text.count("\n", counted, start.start())
        counted = start.start()
        parser = _Parser(text, start, line, macros)
        entry = parser.entry(end)
        if entry.fault and end < sure_end and sure_end > failed_to:
            # What seemed to begin another entry may be a line of one of this entry's values.
            wider = parser.entry(sure_end)
            if wider.fault:
                failed_to = sure_end
            else:
                entry, taken_to = wider, wider.end or sure_end
        if entry.fault and not sure:
            entry = Entry(entry.kind, "", line, fault="text that only begins like an entry")
        if entry.kind == "string":
            macros.update((name, value[:LONGEST_SHARED]) for name, value in entry.fields.items())
        if entry.kind not in _NO_ENTRIES:
            yield entry


class _Parser:
    """Reads the one entry that begins at a start and ends before a given place."""

    def __init__(self, text: str, start: re.Match[str], line: int, macros: dict[str, str]) -> None:
        self._text = text
        self._kind = start[1].lower()
        self._open, self._close = start.end(), "}" if start[2] == "{" else ")"
        self._line = line
        self._macros = macros
        self._end = len(text)
        self._marks = _MARKS[0]

    def entry(self, end: int) -> Entry:
        """Return the entry, by the grammar or else by its lines."""
        self._end = end
        if self._kind in ("comment", "preamble"):
            return self._passed_over()
        fault, unclosed = "", None
        # Some programs count `\\{` and `\\"` as braces and quotes, as BibTeX does, and some do not.
        for marks in _MARKS:
            self._marks = marks
            try:
                entry = self._by_grammar()
            except _Fault as error:
                fault = fault or str(error)
                continue
            if entry.end:
                return entry
            unclosed = unclosed or entry
        return unclosed or self._by_lines(fault)

    def _new(self) -> tuple[Entry, int]:
        if self._kind == "string":
            return Entry(self._kind, "", self._line), self._open
        match = _KEY.match(self._text, self._open, self._end)
        key, at = (match[1].strip(), match.end()) if match else ("", self._open)
        return Entry(self._kind, key, self._line), at

    def _passed_over(self) -> Entry:
        entry = Entry(self._kind, "", self._line)
        try:
            entry.end = self._closing(self._open - 1) + 1 if self._close == "}" else self._end
        except _Fault as error:
            entry.fault = str(error)
        return entry

    def _by_grammar(self) -> Entry:
        text, end = self._text, self._end
        entry, at = self._new()
        while True:
            at = self._after(_BETWEEN, at)
            if at >= end:
                # All is said but the closing brace.
                return entry
            if text[at] == self._close:
                break
            name = _NAME.match(text, at, end)
            if not name:
                raise _Fault("text between its fields that belongs to none")
            value, at = self._value(name.end())
            self._add(entry, name[1], value)
            at = self._after(_SPACE, at)
            if at < end and text[at] not in (",", "%", self._close) and not _NAME.match(text, at, end):
                raise _Fault(f"text after the value of {name[1]!r}")
        entry.end = at + 1
        limit = _NEXT_ENTRY.search(text, at, end)
        if _FIELD_LINE.search(text, at + 1, limit.start() if limit else end):
            raise _Fault("unbalanced braces")
        return entry

    def _by_lines(self, fault: str) -> Entry:
        text = self._text
        entry, at = self._new()
        limit = _NEXT_ENTRY.search(text, self._open, self._end)
        end = limit.start() if limit else self._end
        heads = list(_FIELD_LINE.finditer(text, max(at - 1, self._open), end))
        ends = [*(head.start() for head in heads[1:]), end]
        for head, self._end in zip(heads, ends, strict=False):
            value = self._whole_value(head.end(), is_last=head is heads[-1])
            if value is not None and head[1].lower() not in entry.fields:
                self._add(entry, head[1], value)
        braces = text.count("{", self._open, end) + (self._close == "}") - text.count("}", self._open, end)
        entry.fault = "unbalanced braces" if braces else fault
        entry.end = end
        return entry

    def _whole_value(self, at: int, is_last: bool) -> str | None:
        """Return the value between two fields, or of the last one if its end is certain."""
        text, end = self._text, self._end
        try:
            value, after = self._value(at)
            if _AFTER_VALUE.match(text, after, end):
                return value
        except _Fault:
            pass
        closing = _CLOSING_LINE.search(text, at, end) if is_last else _END_OF_VALUE.search(text, at, end)
        if is_last and closing is None:
            return None
        if closing:
            end = closing.start() if is_last else closing.start() + 1
        raw = text[at:end].strip().rstrip(", \t\n")
        return raw[1:].removesuffix("}" if raw[0] == "{" else '"') if raw[:1] in ("{", '"') else raw

    def _value(self, at: int) -> tuple[str, int]:
        """Return the value that starts at a place, its parts joined, and where it ends."""
        text, end = self._text, self._end
        parts: list[str] = []
        shared = 0
        while True:
            at = self._after(_SPACE, at)
            if text[at : at + 1] in ("{", '"') and at < end:
                closing = self._closing(at)
                parts.append(text[at + 1 : closing])
                if _SWALLOWED.search(parts[-1]):
                    raise _Fault("unbalanced braces")
                at = closing + 1
            elif bare := _BARE.match(text, at, end):
                word = bare[0].strip("~")
                part = self._macros.get(word.lower(), word)
                shared += len(part)
                # Names that stand for names, and so on, must not make a small file a large one.
                parts.append(part if shared <= 2 * LONGEST_SHARED else word)
                at = bare.end()
            elif text[at : at + 1] in (",", self._close) and at < end and not parts:
                return "", at
            else:
                raise _Fault("a field without a value")
            at = self._after(_SPACE, at)
            if at >= end or text[at] != "#":
                return "".join(parts), at
            at += 1

    def _closing(self, at: int) -> int:
        """Return the place of the brace or quote that closes the one at a place."""
        quoted = self._text[at] == '"'
        depth = 0
        for mark in self._marks.finditer(self._text, at + 1, self._end):
            if mark[0] == "{":
                depth += 1
            elif mark[0] == '"':
                if quoted and not depth:
                    return mark.start()
            elif depth:
                depth -= 1
            elif quoted:
                raise _Fault("unbalanced braces")
            else:
                return mark.start()
        raise _Fault("unbalanced quotes" if quoted and not depth else "unbalanced braces")

    def _after(self, pattern: re.Pattern[str], at: int) -> int:
        match = pattern.match(self._text, at, self._end)
        return match.end() if match else at

    def _add(self, entry: Entry, name: str, value: str) -> None:
        name = name.lower()
        if self._kind == "string":
            entry.fields[name] = value
        elif name in _WANTED and value.strip():
            before = entry.fields.get(name)
            if before is None:
                entry.fields[name] = value
            elif name == "author" and value != before:
                # One field per author, as some converters write.
                entry.fields[name] = f"{before} and {value}"
