"""What the cells of a table's row say: the record of a paper.

Where several columns can fill a field, the first that is not empty does; tags are taken from all of them; of
several dates the finest wins that does not contradict the year of publication. Producers put more into one
cell than a field holds, and each does so in its own way.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from trends.papers import _clean, _dates
from trends.papers._columns import DATE_FIELDS, plain_name
from trends.papers._content import parsed_json
from trends.papers._record import Record

_NO_FIELDS = (
    frozenset({"tags", "kind", "resolver", "glued_authors", "all_authors", "language", "extra", "ids"})
    | DATE_FIELDS
)

_NOTHING = frozenset({"", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null", "None"})
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
# A data frame's list of objects as text: "[{'authorId': '1', 'name': \"O'Hara\"}]".
_PAIR = re.compile(r"""['"](\w+)['"]\s*:\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")""")
_OBJECT = re.compile(r"\{[^{}]{0,2000}\}")
_ONE_TEXT = re.compile(r"\[(['\"])(.*)\1\]", re.DOTALL)
# Zotero's column "Extra" and the ids of Semantic Scholar's.
_ARXIV_OF_EXTRA = re.compile(r"^\s*(?:arxiv(?: ?id)?|_?eprint)\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_DOI_OF_EXTRA = re.compile(r"^\s*doi\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_LAST_INITIALS = re.compile(r"(?<=\s[A-Z]|[A-Z][A-Z])\.\s*$")
_COMMA_OUTSIDE = re.compile(r",(?![^()]*\))")
_NUMBER_OF_AUTHOR = re.compile(r"\s*\(\d{6,}\)")
_GLUED = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")
_NAME_STARTS = frozenset(
    "Mc Mac De Di Du Da La Le Lo Van Von Fitz Del Della Vande Ver Ten Ter El Al Bin".split()
)
_HONOURS = re.compile(r"^(?:(?:Prof|Dr)\.\s*)+")
# "Endosc Ultrasound (2014) 3:3 (152-160). Date of Publication: 25 Aug 2014" (Embase)
_EMBASE_DATE = re.compile(r"Date of Publication:\s*([^.;]{4,30})")
_EMBASE_VENUE = re.compile(r"([^()]{2,200}?)\s\(((?:1[6-9]|20)\d\d)\)\s")
# A library's link to a paper: "https://sfx.example.org/?sid=EMBASE&issn=1&id=doi:10.1000%2Fx&atitle=..."
_RESOLVED = re.compile(r"[?&]id=doi:([^&]{4,300})")
# "J Clin Invest. 2019 Mar 1;129(3):1-9. doi: ..." (PubMed)
_CITED_DATE = re.compile(r"\.\s((?:1[6-9]|20)\d\d\s[A-Z][a-z]{2}(?:\s\d{1,2})?)[;:.]")
_FINENESS = {"day": 0, "month": 1, "year": 2}
_MOST_YEARS_AHEAD = 2
_LANGUAGES = {
    name: code
    for code, names in {
        "en": "english eng", "de": "german ger deu deutsch", "fr": "french fre fra francais",
        "es": "spanish spa castilian espanol", "pt": "portuguese por portugues", "it": "italian ita italiano",
        "nl": "dutch dut nld flemish", "ru": "russian rus", "zh": "chinese chi zho mandarin",
        "ja": "japanese jpn", "ko": "korean kor", "pl": "polish pol", "cs": "czech cze ces",
        "sk": "slovak slo slk", "sl": "slovenian slv slovene", "hr": "croatian hrv scr",
        "sr": "serbian srp scc",
        "bs": "bosnian bos", "bg": "bulgarian bul", "ro": "romanian rum ron moldavian", "hu": "hungarian hun",
        "tr": "turkish tur", "uk": "ukrainian ukr", "el": "greek gre ell", "he": "hebrew heb",
        "ar": "arabic ara",
        "fa": "persian per fas farsi", "sv": "swedish swe", "da": "danish dan", "no": "norwegian nor",
        "fi": "finnish fin", "et": "estonian est", "lv": "latvian lav", "lt": "lithuanian lit",
        "is": "icelandic ice isl", "ca": "catalan cat", "eu": "basque baq eus", "gl": "galician glg",
        "af": "afrikaans afr", "id": "indonesian ind", "ms": "malay may msa", "th": "thai tha",
        "vi": "vietnamese vie", "hi": "hindi hin", "ur": "urdu urd", "bn": "bengali ben", "la": "latin lat",
        "mk": "macedonian mac mkd", "sq": "albanian alb sqi", "az": "azerbaijani aze", "kk": "kazakh kaz",
        "ka": "georgian geo kat", "hy": "armenian arm hye", "be": "belarusian bel",
    }.items()
    for name in (code, *names.split())
}  # fmt: skip


def record(where: str, row: Mapping[Any, Any], known: Mapping[str, list[Any]]) -> Record:
    """Return a row's record, taking for each field the first of its columns that is not empty."""
    values: dict[str, Any] = {}
    for field, columns in known.items():
        if field not in _NO_FIELDS:
            value = _first(row, columns)
            if value is not None:
                values[field] = value
    for field in ("title", "venue", "abstract"):
        if isinstance(value := values.get(field), str) and value[:1] in ("[", "{"):
            values[field] = _plain_text(value)
    if isinstance(venue := values.get("venue"), Mapping):
        values["venue"] = venue.get("name") or venue.get("title")
    if _clean.is_no_abstract(values.get("abstract")):
        del values["abstract"]
    if "tags" in known:
        values["tags"] = _tags(row, known["tags"])
    if "language" in known:
        values["language"] = _language(_first(row, known["language"]))
    if "glued_authors" in known:
        values["authors"] = _unglued(_first(row, known["glued_authors"]))
    elif "all_authors" in known:
        values["authors"] = [
            name for column in known["all_authors"] for name in _clean.authors(_listed(row.get(column)))
        ]
    elif "authors" in values:
        values["authors"] = _listed(values["authors"])
        if "citation" in known and isinstance(values["authors"], str):
            # PubMed ends a list of authors with a full stop.
            values["authors"] = _LAST_INITIALS.sub("", values["authors"])
    if "extra" in known or "ids" in known:
        _put_ids(values, row, known)
    if not DATE_FIELDS.isdisjoint(known):
        _put_date(values, row, known)
    if "resolver" in known and (found := _RESOLVED.search(str(_first(row, known["resolver"]))[:2000])):
        values.setdefault("doi", unquote(found[1]))
    if "tag_sources" in known:
        # The column says that tags were looked for, even where none was found.
        values.setdefault("tag_sources", ())
    return Record(where, **values)


def not_a_paper(row: Mapping[Any, Any], known: Mapping[str, list[Any]]) -> str:
    """Say why a row of a reference manager is no paper, or ""."""
    kind = _first(row, known["kind"]) if "kind" in known else None
    if isinstance(kind, str) and kind.strip().lower() in ("attachment", "note", "annotation"):
        return f"an item of the kind {kind.strip().lower()}, which is no paper"
    return ""


def _first(row: Mapping[Any, Any], columns: Iterable[Any]) -> Any:
    for column in columns:
        value = row.get(column)
        if isinstance(value, str):
            if not _is_nothing(value):
                return value
        # An array is not equal to itself in one answer, so only numbers are asked.
        elif value is not None and not (isinstance(value, float) and value != value):
            return value
    return None


def _is_nothing(value: str) -> bool:
    return (len(value) < 6 and value.strip() in _NOTHING) or value.isspace()


def _listed(value: Any) -> Any:
    """Return a list that a table holds as text ("['A', 'B']", "A||B", "A|B"); other values as they are."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("[") and text.endswith("]"):
        parsed = parsed_json(text)
        if isinstance(parsed, list):
            return parsed
        if "{" in text and text.count("{") == len(_OBJECT.findall(text)):
            return _objects(text)
        return [re.sub(r"\\(.)", r"\1", one or two) for one, two in _QUOTED.findall(text)] or value
    if "|" in text:
        return [part for part in re.split(r"\|+", text) if part.strip()]
    return _NUMBER_OF_AUTHOR.sub("", value) if "(" in value else value


def _objects(text: str) -> list[dict[str, str]]:
    """Return the flat objects of a list that was written in Python's manner, with their texts."""
    return [
        {name: re.sub(r"\\(.)", r"\1", one or two) for name, one, two in _PAIR.findall(found)}
        for found in _OBJECT.findall(text)
    ]


def _plain_text(value: str) -> str:
    """Return the text of a cell that holds it as a list of one or as an object with a name."""
    if match := _ONE_TEXT.fullmatch(value.strip()):
        return match[2]
    if value.startswith("{") and (named := [found for found in _objects(value) if "name" in found]):
        return named[0]["name"]
    return value


def _put_ids(values: dict[str, Any], row: Mapping[Any, Any], known: Mapping[str, list[Any]]) -> None:
    """Add the ids that a cell holds as lines ("arXiv: 2101.00001") or as an object ({'ArXiv': ...})."""
    extra, ids = _first(row, known.get("extra", ())), _first(row, known.get("ids", ()))
    if isinstance(extra, str):
        for field, pattern in (("arxiv_id", _ARXIV_OF_EXTRA), ("doi", _DOI_OF_EXTRA)):
            if found := pattern.search(extra[:20_000]):
                values.setdefault(field, found[1])
    if isinstance(ids, str):
        ids = next(iter(_objects(ids)), {})
    if isinstance(ids, list | tuple):
        ids = {one.get("type"): one.get("value") for one in ids if isinstance(one, Mapping)}
        ids = {name.upper(): value for name, value in ids.items() if isinstance(name, str)}
    if isinstance(ids, Mapping):
        for field, name in (("arxiv_id", "ArXiv"), ("doi", "DOI")):
            if isinstance(ids.get(name), str):
                values.setdefault(field, ids[name])


def _tags(row: Mapping[Any, Any], columns: list[Any]) -> Any:
    """Return the tags of all columns, in order, each once."""
    values = [value for column in columns if (value := _first(row, (column,))) is not None]
    if len(values) == 1 and not isinstance(values[0], str):
        return values[0]
    return list(dict.fromkeys(tag for value in values for tag in _clean.texts(_tag_parts(value))))


def _tag_parts(value: Any) -> Any:
    if isinstance(value, str) and not value.lstrip().startswith("["):
        # "cyst (diagnosis, surgery), human" is two terms.
        if "(" in value and ";" not in value and "|" not in value:
            return _COMMA_OUTSIDE.split(value)
        return value
    return _listed(value)


def _unglued(value: Any) -> Any:
    """Split the authors that Springer writes without a gap ("Ada OneBo Two"), sparing "McDonald"."""
    if not isinstance(value, str):
        return value
    names: list[str] = []
    start = 0
    for match in _GLUED.finditer(value):
        word = value[start : match.start()].rpartition(" ")[2].rpartition("-")[2]
        if word not in _NAME_STARTS:
            names.append(value[start : match.start()])
            start = match.start()
    names.append(value[start:])
    return [_HONOURS.sub("", name.strip()) for name in names]


def _language(value: Any) -> str:
    """Return the ISO 639-1 code of a language given by name or by code, or ""."""
    listed = value if isinstance(value, list | tuple) else [value]
    for one in listed:
        if isinstance(one, str):
            for part in re.split(r"[;,/|]", one[:200]):
                name = plain_name(part)
                code = _LANGUAGES.get(name) or _LANGUAGES.get(plain_name(re.split(r"[-_]", part)[0]))
                if code:
                    return code
    return ""


def _put_date(values: dict[str, Any], row: Mapping[Any, Any], known: Mapping[str, list[Any]]) -> None:
    """Choose among a row's dates; put the one chosen and the year beside it."""
    year = _first(row, known.get("year", ()))
    published = [value for column in known.get("date", ()) if (value := _first(row, (column,))) is not None]
    if "citation" in known:
        published += _cited(_first(row, known["citation"]))
    if "source" in known and (source := _first(row, known["source"])):
        year = _put_source(values, published, source, year)
    if year is not None:
        values["year"] = year
        if "month" in known:
            published += _composed(year, row, known)
    online = _first(row, known.get("online", ()))
    created = _first(row, known.get("created", ()))
    if online is None and created is None and len(published) < 2:
        date = published[0] if published else None
    else:
        date = _chosen_date(published, year, online, created)
    if date is not None:
        values["date"] = date


def _chosen_date(published: list[Any], year: Any, online: Any, created: Any) -> Any:
    """Return the finest date of publication, or one online or of entry that fits what is known by then.

    Old papers are put online decades later and papers in print months later: a date that does not lie within
    the period known, or shortly before it, is not taken for theirs.
    """
    value, best = None, _known(None, year)
    for one in published:
        found = _known(one, year)
        if found and (
            value is None or best is None or _FINENESS[found.precision] < _FINENESS[best.precision]
        ):
            value, best = one, found
    first = _known(online)
    if first and (best is None or _within(first, best) or _ahead(first, best)):
        value, best = online, first
    entered = _known(created)
    if entered and (best is None or _within(entered, best)):
        value = created
    return published[0] if value is None and published else value


def _known(value: Any, year: Any = None) -> _dates.Known | None:
    found = _dates.joined(value, year, "file")
    return found if isinstance(found, _dates.Known) else None


def _within(finer: _dates.Known, coarser: _dates.Known) -> bool:
    if _FINENESS[finer.precision] >= _FINENESS[coarser.precision] or finer.date.year != coarser.date.year:
        return False
    return coarser.precision == "year" or finer.date.month == coarser.date.month


def _ahead(one: _dates.Known, other: _dates.Known) -> bool:
    return one.date < other.date and other.date.year - one.date.year <= _MOST_YEARS_AHEAD


def _composed(year: Any, row: Mapping[Any, Any], known: Mapping[str, list[Any]]) -> list[dict[str, str]]:
    """Return a date put together from columns of year, month and day; none without a month."""
    parts = {"year": year, "month": _first(row, known["month"]), "day": _first(row, known.get("day", ()))}
    if parts["month"] is None:
        return []
    # Spreadsheets and data frames turn whole numbers into "3.0".
    texts = {name: str(part).strip().removesuffix(".0") for name, part in parts.items() if part is not None}
    return [texts]


def _cited(citation: Any) -> list[str]:
    match = _CITED_DATE.search(citation[:2000]) if isinstance(citation, str) else None
    return [match[1]] if match else []


def _put_source(values: dict[str, Any], published: list[Any], source: Any, year: Any) -> Any:
    """Take venue and date out of Embase's description of a source; return the year it gives."""
    if isinstance(source, Mapping):
        values.setdefault("venue", source.get("title") or source.get("name"))
    if not isinstance(source, str):
        return year
    source = source[:2000]
    date = _EMBASE_DATE.search(source)
    if date:
        published.append(date[1].strip())
    described = _EMBASE_VENUE.match(source)
    if described:
        values.setdefault("venue", described[1])
        return described[2] if year is None else year
    return year
