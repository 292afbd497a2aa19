"""BibTeX and BibLaTeX as reference managers, databases and people write them: what their fields mean.

An entry that breaks the grammar gives what is beyond doubt (`_bibtex_entries`); without a title it is refused
with the reason.
"""

import html
import re
from collections.abc import Iterator

from trends.core.errors import InputError
from trends.papers import _latex
from trends.papers._content import Content
from trends.papers._formats._bibtex_entries import LONGEST_SHARED, Entry, entries, recognise
from trends.papers._formats._json_items import language
from trends.papers._record import Format, Record, Rejected

_CONTAINERS = {"xdata": "fields for other entries, no paper", "set": "a set of other entries, no paper"}
_WHOLES = frozenset(
    "book collection mvbook mvcollection mvproceedings periodical proceedings reference".split()
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


def read(content: Content) -> Iterator[Record | Rejected]:
    """Yield each entry of a file as a record, or refused; raises InputError beyond the size of a text."""
    if content.text is None:
        raise InputError(f"{content.name} is too large to be held as a text; split it into several files.")
    found = list(entries(content.text))
    by_key: dict[str, Entry] = {}
    for entry in reversed(found):
        if entry.key:
            by_key[entry.key.lower()] = entry
    for entry in found:
        yield _record(entry, by_key)


FORMAT = Format("BibTeX", recognise, read)


def _record(entry: Entry, by_key: dict[str, Entry]) -> Record | Rejected:
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


def _with_inherited(fields: dict[str, str], by_key: dict[str, Entry]) -> dict[str, str]:
    """Return an entry's fields with venue and date of the entries it refers to, where it has none."""
    keys = [fields.get("crossref", ""), *fields.get("xdata", "")[:LONGEST_SHARED].split(",")]
    parents = [found for key in keys if (found := by_key.get(key.strip().lower()))]
    if not parents:
        return fields
    inherited: dict[str, str] = {}
    for parent in parents:
        given = parent.fields
        venue = next((given[name] for name in _VENUES if name in given), "")
        if not venue and parent.kind in _WHOLES:
            venue = given.get("title", "")
        if venue and len(venue) <= LONGEST_SHARED and not any(name in fields for name in _VENUES):
            inherited.setdefault("booktitle", venue)
        if "date" not in fields and "year" not in fields:
            for name in ("date", "year", "month"):
                if len(given.get(name, "")) <= LONGEST_SHARED and name in given:
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
