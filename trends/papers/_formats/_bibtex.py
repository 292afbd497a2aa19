"""BibTeX and BibLaTeX as reference managers, databases and people write them, faults included.

Every line that begins like an entry begins one, whatever went before, so that an entry whose braces do not
balance ends where the next one starts. An entry that breaks the grammar is read again by its lines ("name =
{...}"), which still gives the fields that are beyond doubt; without a title it is refused with the reason.
The parser is our own: bibtexparser 2.1 recovers at the next entry too, but gives up a broken entry whole,
reads a field after a missing comma as part of the value before it, loses in silence what follows a brace too
many, and does not join values with `#`.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from trends.core.errors import InputError
from trends.papers import _latex
from trends.papers._content import Content
from trends.papers._formats._json_items import language
from trends.papers._record import Format, Record, Rejected

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
_CONTAINERS = {"xdata": "fields for other entries, no paper", "set": "a set of other entries, no paper"}
_WHOLES = frozenset(
    "book collection mvbook mvcollection mvproceedings periodical proceedings reference".split()
)
_WANTED = frozenset(
    """
    title subtitle abstract author date year month day issue_date journal journaltitle fjournal booktitle doi
    eprint eprinttype archiveprefix arxivid number note url link ee howpublished bdsk-url-1 author_keywords
    keywords keyword mendeley-tags tags keywords-plus publisher language langid hyphenation crossref xdata
    """.split()
)
_KEYWORDS = ("author_keywords", "keywords", "keyword", "mendeley-tags", "tags", "keywords-plus")
_ADDRESSES = ("url", "link", "ee", "bdsk-url-1", "howpublished", "note")
_VENUES = ("journaltitle", "fjournal", "journal", "booktitle")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# What babel calls some languages; their English names and codes are known to all formats.
_BABEL = {
    name: code
    for code, names in {
        "en": "american british canadian australian newzealand usenglish ukenglish",
        "de": "ngerman austrian naustrian swissgerman nswissgerman", "fr": "francais acadian canadien",
        "es": "espanol", "pt": "brazilian brazil portuges", "el": "polutonikogreek", "no": "norsk nynorsk",
        "hu": "magyar", "id": "indonesian bahasai", "la": "latin", "fa": "farsi", "ca": "catalan",
        "hr": "croatian", "sk": "slovak", "sl": "slovene", "bg": "bulgarian", "ro": "romanian",
    }.items()
    for name in names.split()
}  # fmt: skip
_JOURNALS_OF_ADS = {
    "aap": "Astronomy and Astrophysics", "aaps": "Astronomy and Astrophysics Supplement",
    "aj": "The Astronomical Journal", "apj": "The Astrophysical Journal",
    "apjl": "The Astrophysical Journal Letters", "apjs": "The Astrophysical Journal Supplement Series",
    "araa": "Annual Review of Astronomy and Astrophysics", "icarus": "Icarus",
    "jcap": "Journal of Cosmology and Astroparticle Physics", "jgr": "Journal of Geophysical Research",
    "grl": "Geophysical Research Letters", "solphys": "Solar Physics", "ssr": "Space Science Reviews",
    "mnras": "Monthly Notices of the Royal Astronomical Society", "nat": "Nature",
    "pasj": "Publications of the Astronomical Society of Japan",
    "pasp": "Publications of the Astronomical Society of the Pacific", "physrep": "Physics Reports",
    "pra": "Physical Review A", "prb": "Physical Review B", "prc": "Physical Review C",
    "prd": "Physical Review D", "pre": "Physical Review E", "prl": "Physical Review Letters",
}  # fmt: skip

# How far text before the first entry may reach, and how long a value may be that several entries share.
_HEADER, _LONGEST_SHARED = 65536, 1000

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

# The mark of a main subject and the qualifiers of a heading: "*Obesity [diet therapy, therapy]".
_HEADING = re.compile(r"^\s*\*|\s\[[a-z &,]{3,200}\]\s*$")
_AND = re.compile(r"[{}]|\s+and(?=\s)", re.IGNORECASE)
_SEPARATORS = {mark: re.compile(rf"[{{}}{mark}]") for mark in ",;\n"}
_LABELLED_NAME = re.compile(r"(?:^|,)\s*(family|given|prefix|suffix)\s*=\s*([^,=]*)", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[A-Z]\.?[\s-]?){1,4}")
_ISO = re.compile(r"(\d{4}(?:-\d\d(?:-\d\d)?)?)(?:[~?%]|-[Xu]{2}.*|T.*)*(?:/.*)?", re.DOTALL)
_SEASON = re.compile(r"(\d{4})-(?:2[1-9]|3\d|4[01])")
_MONTH_NAME = re.compile(rf"(?<![^\W\d_])({'|'.join(_MONTHS)})[^\W\d_]*\.?", re.IGNORECASE)
_DAY_BEFORE = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?:\s*[-–/]+\s*\d{1,2})?[\s.,]*(?:of\s+)?$")
_DAY_AFTER = re.compile(r"[\s,]*(\d{1,2})(?!\d)")
_ARXIV = re.compile(
    r"arxiv(?:\.org/(?:abs|pdf)/|[:\s]+)+((?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?)",
    re.IGNORECASE,
)
_HTTP = re.compile(r"https?://[^\s{}\"<>|\\^`]+")


class _Fault(ValueError):
    """Where and why an entry is no BibTeX."""


@dataclass(slots=True)
class _Entry:
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


def read(content: Content) -> Iterator[Record | Rejected]:
    """Yield each entry of a file as a record, or refused; raises InputError beyond the size of a text."""
    if content.text is None:
        raise InputError(f"{content.name} is too large to be held as a text; split it into several files.")
    entries = list(_entries(content.text))
    by_key: dict[str, _Entry] = {}
    for entry in reversed(entries):
        if entry.key:
            by_key[entry.key.lower()] = entry
    for entry in entries:
        yield _record(entry, by_key)


FORMAT = Format("BibTeX", recognise, read)


# --- from text to entries ------------------------------------------------------------------------------


def _is_sure(text: str, start: re.Match[str]) -> bool:
    """Say whether an @ and a word begin an entry, and not a line of an abstract ("@risk (a program)")."""
    if start[1].lower() in _TYPES:
        return True
    return start[2] == "{" and _KEY_AND_COMMA.match(text, start.end()) is not None


def _entries(text: str) -> Iterator[_Entry]:
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
            entry = _Entry(entry.kind, "", line, fault="text that only begins like an entry")
        if entry.kind == "string":
            macros.update((name, value[:_LONGEST_SHARED]) for name, value in entry.fields.items())
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

    def entry(self, end: int) -> _Entry:
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

    def _new(self) -> tuple[_Entry, int]:
        if self._kind == "string":
            return _Entry(self._kind, "", self._line), self._open
        match = _KEY.match(self._text, self._open, self._end)
        key, at = (match[1].strip(), match.end()) if match else ("", self._open)
        return _Entry(self._kind, key, self._line), at

    def _passed_over(self) -> _Entry:
        entry = _Entry(self._kind, "", self._line)
        try:
            entry.end = self._closing(self._open - 1) + 1 if self._close == "}" else self._end
        except _Fault as error:
            entry.fault = str(error)
        return entry

    def _by_grammar(self) -> _Entry:
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

    def _by_lines(self, fault: str) -> _Entry:
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
                parts.append(part if shared <= 2 * _LONGEST_SHARED else word)
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

    def _add(self, entry: _Entry, name: str, value: str) -> None:
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


# --- from entries to records ---------------------------------------------------------------------------


def _record(entry: _Entry, by_key: dict[str, _Entry]) -> Record | Rejected:
    fields = entry.fields
    if entry.kind in _CONTAINERS:
        return Rejected(entry.where, _CONTAINERS[entry.kind])
    title = _title(fields)
    if entry.fault and not title:
        return Rejected(entry.where, entry.fault)
    fields = _with_inherited(fields, by_key)
    date, year = _date(fields)
    return Record(
        entry.where,
        title=title,
        abstract=_latex.plain(fields.get("abstract", "")),
        date=date,
        year=year,
        tags=_keywords(fields),
        authors=_authors(fields.get("author", "")),
        venue=_venue(fields),
        url=_url(fields),
        arxiv_id=_arxiv_id(fields),
        doi=_latex.address(fields.get("doi", "")),
        # The ACM and others give the DOI as the key.
        identifier=_latex.address(entry.key),
        language=_language(fields),
    )


def _with_inherited(fields: dict[str, str], by_key: dict[str, _Entry]) -> dict[str, str]:
    """Return an entry's fields with venue and date of the entries it refers to, where it has none."""
    keys = [fields.get("crossref", ""), *fields.get("xdata", "")[:_LONGEST_SHARED].split(",")]
    parents = [found for key in keys if (found := by_key.get(key.strip().lower()))]
    if not parents:
        return fields
    inherited: dict[str, str] = {}
    for parent in parents:
        given = parent.fields
        venue = next((given[name] for name in _VENUES if name in given), "")
        if not venue and parent.kind in _WHOLES:
            venue = given.get("title", "")
        if venue and len(venue) <= _LONGEST_SHARED and not any(name in fields for name in _VENUES):
            inherited.setdefault("booktitle", venue)
        if "date" not in fields and "year" not in fields:
            for name in ("date", "year", "month"):
                if len(given.get(name, "")) <= _LONGEST_SHARED and name in given:
                    inherited.setdefault(name, given[name])
    return inherited | fields


def _title(fields: dict[str, str]) -> str:
    title = _latex.plain(fields.get("title", "")).strip()
    subtitle = _latex.plain(fields.get("subtitle", "")).strip()
    if not title or not subtitle:
        return title
    return f"{title}{'' if title[-1] in '.:?!' else ':'} {subtitle}"


def _date(fields: dict[str, str]) -> tuple[str, str]:
    """Return the date ("2021-03-05", "mar 5") and the year."""
    year = _latex.plain(fields.get("year", "")).strip()
    date = _latex.plain(fields.get("date", "")).strip().removeprefix("/").removeprefix("../")
    if season := _SEASON.match(date):
        return season[1], year
    if iso := _ISO.fullmatch(date):
        return iso[1], year
    if date:
        return date, year
    if "month" not in fields and not year:
        return _latex.plain(fields.get("issue_date", "")).strip(), year
    return _month(fields.get("month", ""), fields.get("day", "")), year


def _month(written: str, day: str) -> str:
    """Return the first month that a text names, and its day if it is there: "mar", "mar 10"."""
    written = _latex.plain(written).replace("~", " ").strip()
    day = _latex.plain(day).strip()
    if iso := _ISO.fullmatch(written):
        return iso[1]
    number = re.match(r"(\d{1,2})(?:\s*[-–/]+\s*\d{1,2})?$", written)
    if number and 1 <= int(number[1]) <= 12:
        name = _MONTHS[int(number[1]) - 1]
    elif found := _MONTH_NAME.search(written):
        name = found[1].lower()
        near = _DAY_BEFORE.search(written[: found.start()][-20:]) or _DAY_AFTER.match(written, found.end())
        day = near[1] if near else day
    else:
        return ""
    return f"{name} {int(day)}" if re.fullmatch(r"\d{1,2}", day) and 1 <= int(day) <= 31 else name


def _venue(fields: dict[str, str]) -> str:
    written = next((fields[name] for name in _VENUES if fields.get(name, "").strip("{} ")), "").strip()
    if written.strip("{}").startswith("\\"):
        journal = _JOURNALS_OF_ADS.get(written.strip("{}\\"))
        if journal:
            return journal
    venue = _latex.plain(written)
    return "arXiv" if venue.lower().startswith("arxiv") else venue


def _url(fields: dict[str, str]) -> str:
    for name in _ADDRESSES:
        written = _latex.address(fields.get(name, ""))
        # A note may speak of other addresses.
        found = _HTTP.match(written) if name == "note" else _HTTP.search(written)
        if found:
            return found[0].rstrip(".,;")
    return ""


def _arxiv_id(fields: dict[str, str]) -> str:
    kind = (fields.get("eprinttype") or fields.get("archiveprefix") or "").strip("{} \n").lower()
    if kind in ("", "arxiv") and "eprint" in fields:
        return _latex.address(fields["eprint"])
    if "arxivid" in fields:
        return _latex.address(fields["arxivid"])
    for name in ("journal", "journaltitle", "number", "howpublished", "publisher"):
        if found := _ARXIV.search(_latex.address(fields.get(name, ""))):
            return found[1]
    # Further on, a note may speak of other papers.
    found = _ARXIV.match(_latex.address(fields.get("note", "")))
    return found[1] if found else ""


def _language(fields: dict[str, str]) -> str:
    for name in ("langid", "language", "hyphenation"):
        written = _latex.plain(fields.get(name, "")).strip().lower().removeprefix("lang")
        if code := _BABEL.get(written) or language(written):
            return code
    return ""


def _keywords(fields: dict[str, str]) -> list[str]:
    written = next((fields[name] for name in _KEYWORDS if fields.get(name, "").strip("{} \n")), "").strip()
    if written.startswith("{") and _end_of_group(written) == len(written) - 1:
        written = written[1:-1].strip()
    written = html.unescape(written).replace("\\;", ";").replace("\\,", ",")
    for separator in (";", ",", "\n"):
        parts = _split(written, separator)
        if len(parts) > 1:
            break
    tags = (_HEADING.sub("", _latex.plain(part)).strip() for part in parts)
    return [tag for tag in tags if tag]


def _authors(written: str) -> list[str]:
    """Return the names as people read them, "Given von Family Jr"."""
    parts = _names(html.unescape(written.strip()))
    return [name for part in parts if part and part.lower() != "others" and (name := _name(part))]


def _names(written: str) -> list[str]:
    parts = [part.strip() for part in _outside_braces(written, _AND)]
    if len(parts) > 1 and not any(part.count(",") > 2 for part in parts):
        return parts
    # Cochrane keeps all but the last name by commas: "One, AB, Two, C, and Three, D".
    return [name for part in parts for name in _listed(part.rstrip(", "))]


def _listed(written: str) -> list[str]:
    """Return the names of a list that is faultily kept by semicolons or commas, or the one name."""
    for separator in (";", ","):
        parts = [part.strip() for part in _split(written, separator) if part.strip()]
        if separator == ";" and len(parts) > 1:
            return parts
    if len(parts) > 2 and "=" not in written:
        if all(" " in part for part in parts):
            return parts
        if len(parts) % 2 == 0 and all(_INITIALS.fullmatch(part) for part in parts[1::2]):
            return [f"{family}, {initials}" for family, initials in zip(parts[::2], parts[1::2], strict=True)]
    return [written]


def _name(written: str) -> str:
    if "=" in written:
        labelled = {label.lower(): value.strip() for label, value in _LABELLED_NAME.findall(written)}
        if labelled:
            ordered = (labelled.get(label, "") for label in ("given", "prefix", "family", "suffix"))
            return _latex.plain(" ".join(filter(None, ordered)))
    parts = [_latex.plain(part).replace("~", " ").strip() for part in _split(written, ",")]
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        return f"{parts[1]} {parts[0]}".strip()
    family, junior, given = parts[0], parts[1], " ".join(parts[2:])
    return " ".join(filter(None, (given, family, junior)))


def _split(written: str, separator: str) -> list[str]:
    """Split at a separator where it is not within braces."""
    return _outside_braces(written, _SEPARATORS[separator]) if "{" in written else written.split(separator)


def _outside_braces(written: str, separators: re.Pattern[str]) -> list[str]:
    """Split at separators that are not within braces; braces that do not balance are not heeded."""
    found, depth, begin = [], 0, 0
    for mark in separators.finditer(written):
        if mark[0] == "{":
            depth += 1
        elif mark[0] == "}":
            depth -= 1
        elif not depth:
            found.append(written[begin : mark.start()])
            begin = mark.end()
    if depth:
        return _outside_braces(written.replace("{", "").replace("}", ""), separators)
    return [*found, written[begin:]]


def _end_of_group(written: str) -> int:
    """Return the place of the brace that closes the one a text begins with, or -1."""
    depth = 0
    for mark in re.finditer(r"[{}]", written):
        depth += 1 if mark[0] == "{" else -1
        if not depth:
            return mark.start()
    return -1
