"""Which column of an ordinary table means what; common to CSV, Excel, JSON, Parquet and tables in memory.

Names are compared without case, spaces, punctuation and accents, so that one list serves the exports of many
producers. Where several columns can fill a field, the first that is not empty does; tags are taken from all
of them; of several dates the finest wins that does not contradict the year of publication.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any
from urllib.parse import unquote

from trends.core.errors import InputError
from trends.papers import _clean, _dates
from trends.papers._content import parsed_json
from trends.papers._record import Record

# The names that fill each field, best first.
_NAMES = {
    "title": "title document_title item_title article_title paper_title titel titre titulo dc_title "
    "display_name original_title translated_title",
    "abstract": "abstract summary abstract_note abstracts abstract_text dc_description_abstract "
    "zusammenfassung kurzfassung resume resumen",
    "date": "date published published_at publication_date published_date pub_date date_published "
    "date_of_publication cover_date original_paper_date issue_date issued date_issued dc_date_issued "
    "publication_date_print first_publication_date cover_display_date submitted submitted_date "
    "erscheinungsdatum veroffentlichungsdatum datum date_de_publication fecha fecha_de_publicacion",
    "year": "year publication_year published_year pub_year year_published year_of_publication jahr "
    "erscheinungsjahr publikationsjahr annee annee_de_publication ano ano_de_publicacion",
    "date_precision": "date_precision",
    "date_source": "date_source",
    "date_note": "date_note",
    "tags": "tags author_keywords keywords index_keywords keywords_plus keyword ai_keywords manual_tags "
    "automatic_tags tag identifier_keywords keyword_headings subject_terms subjects subject dc_subject "
    "mesh_terms mesh_headings mesh_subject_headings ieee_terms inspec_controlled_terms "
    "inspec_non_controlled_terms emtree_drug_index_terms_major_focus emtree_drug_index_terms "
    "emtree_medical_index_terms_major_focus emtree_medical_index_terms fields_of_study "
    "keywords_display_name topics_display_name schlagworter schlagworte stichworter stichworte mots_cles "
    "palabras_clave tasks",
    "tag_sources": "tag_sources",
    "authors": "author_full_names authors_full_name authors author author_names authors_names author_list "
    "primary_authors first_authors creators creator dc_contributor_author authorships_author_display_name "
    "authorships_raw_author_name author_string autoren autor verfasser autores auteurs auteur",
    "n_authors": "n_authors author_count",
    "venue": "venue journal conference source_title publication_title booktitle journal_title journal_name "
    "journal_book full_source_title container_title pub_title publication publication_name secondary_title "
    "is_part_of proceeding parent_title book_title conference_name conference_title proceedings_title "
    "host_venue host_venue_display_name primary_location_source_display_name primary_location_display_name "
    "zeitschrift revue revista abbreviated_source_title journal_abbreviation",
    "upvotes": "upvotes",
    "url": "url link urls article_url document_url permalink plink external_url source_urls full_text_url "
    "full_text_link embase_link pdf_link",
    "arxiv_id": "arxiv_id arxiv",
    "doi": "doi doi_number item_doi original_paper_doi digital_object_identifier article_doi doi_link "
    "doi_url dc_identifier_doi",
    "identifier": "paper_id id identifier",
    "language": "language lang language_of_original_document language_of_article languages dc_language "
    "dc_language_iso original_language sprache langue idioma",
    "sources": "sources",
    "found_at": "found_at",
    "completed": "completed",
}
# Columns that fill no field by themselves but help to.
_HELPING = {
    "online": "online_date online_publication_date published_online publication_date_online "
    "date_published_online first_published_online early_access_date epub_date date_online",
    "created": "create_date created date_added_to_xplore entrez_date",
    "month": "month published_month publication_month pub_month",
    "day": "day published_day publication_day pub_day",
    "source": "source",
    "citation": "citation",
    "resolver": "open_url_link",
    "kind": "item_type",
    "extra": "extra",
    "ids": "external_ids",
}
# Field tags of Web of Science and Ovid, which are too short to be trusted one by one.
_CODES = {
    "TI": "title", "AB": "abstract", "PY": "year", "YR": "year", "PD": "date", "DP": "date", "EA": "online",
    "AF": "authors", "AU": "authors", "SO": "venue", "JT": "venue", "DI": "doi", "DO": "doi", "DE": "tags",
    "ID": "tags", "KW": "tags", "MH": "tags", "LA": "language", "LG": "language", "UR": "url",
}  # fmt: skip
_FEWEST_CODES = 3
_CHOOSABLE = (
    "title", "abstract", "date", "year", "tags", "authors", "n_authors", "venue", "upvotes", "url",
    "arxiv_id", "doi", "identifier", "language",
)  # fmt: skip
# Columns by which a table shows that "source" is the journal, or that authors are written without a gap.
_PUBLISH_OR_PERISH = frozenset({"gsrank", "citesurl", "articleurl", "querydate"})
_SPRINGER = frozenset({"itemtitle", "itemdoi"})
_DATE_FIELDS = frozenset({"date", "year", "online", "created", "month", "day", "source", "citation"})
_NO_FIELDS = (
    frozenset({"tags", "kind", "resolver", "glued_authors", "all_authors", "language", "extra", "ids"})
    | _DATE_FIELDS
)

_PLAIN = re.compile(r"[^a-z0-9]+")
_LANGUAGE_OF_FIELD = re.compile(r"\[[^\[\]]*\]$")
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


def _by_name(names: Mapping[str, str]) -> dict[str, tuple[str, int]]:
    return {
        name.replace("_", ""): (field, rank)
        for field, listed in names.items()
        for rank, name in enumerate(listed.split())
    }


_FIELDS = _by_name(_NAMES) | _by_name(_HELPING)


class Given(dict[str, list[str]]):
    """A user's own names of columns as {field: columns}, and which of them the tables read so far have."""

    def __init__(self, columns: Mapping[str, list[str]]) -> None:
        super().__init__(columns)
        self._met: set[str] = set()
        self._seen: dict[str, None] = {}

    def look(self, columns: Iterable[Any]) -> None:
        """Remember a table's columns, and which names of the user's own are among them."""
        listed = list(columns)
        plain = [plain_name(column) for column in listed]
        self._met.update(name for names in self.values() for name in names if _places(name, listed, plain))
        if len(self._seen) < 1000:
            self._seen.update(dict.fromkeys(column for column in listed if isinstance(column, str)))

    def check(self) -> None:
        """Raise InputError where a name is a column of no table that was read."""
        absent = [(field, name) for field, names in self.items() for name in names if name not in self._met]
        if not absent:
            return
        field, name = absent[0]
        there = ", ".join(repr(column[:40]) for column in list(self._seen)[:40])
        raise InputError(
            f"columns names {name!r} for {field}, and no table has that column; "
            + (f"the columns there are: {there}." if there else "no table was read at all.")
        )


def given(columns: Mapping[str, Any] | None) -> Given:
    """Return a user's own names of columns, checked."""
    if columns is not None and not isinstance(columns, Mapping):
        raise InputError(
            f"columns is a mapping from field to column, not {type(columns).__name__}: {{'title': 'Name'}}."
        )
    chosen: dict[str, list[str]] = {}
    for field, names in (columns or {}).items():
        if field not in _CHOOSABLE:
            raise InputError(f"columns names the field {field!r}; a field is one of {', '.join(_CHOOSABLE)}.")
        listed = [names] if isinstance(names, str) else names
        if (
            not isinstance(listed, list | tuple)
            or not listed
            or not all(isinstance(name, str) and name.strip() for name in listed)
        ):
            raise InputError(
                f"columns[{field!r}] is {names!r}; give the name of a column, or a list of names."
            )
        chosen[field] = list(listed)
    return Given(chosen)


def fields(columns: Iterable[Any], chosen: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
    """Return for each field of a record the columns that can fill it, best first."""
    listed = list(columns)
    return {field: [listed[at] for at in places] for field, places in positions(listed, chosen).items()}


def positions(columns: list[Any], chosen: Mapping[str, Any] | None = None) -> dict[str, list[int]]:
    """Return for each field the positions of the columns that can fill it, best first.

    `chosen` are the user's own names; where a table lacks them the guess stands.
    """
    plain = [plain_name(column) for column in columns]
    found: dict[str, list[tuple[int, int]]] = {}
    for at, name in enumerate(plain):
        if name in _FIELDS:
            field, rank = _FIELDS[name]
            found.setdefault(field, []).append((rank, at))
    _add_codes(columns, found)
    known = {field: [at for _, at in sorted(ranked)] for field, ranked in found.items()}
    names = set(plain)
    if "source" in known and names & _PUBLISH_OR_PERISH:
        known["venue"] = known.get("venue", []) + known.pop("source")
    if "authors" in known and names >= _SPRINGER:
        known["glued_authors"] = known.pop("authors")
    return _override(known, columns, plain, chosen) if chosen else known


def plain_name(column: Any) -> str:
    """Return a column's name without case, accents, punctuation and the language that DSpace appends."""
    if not isinstance(column, str) or len(column) > 200:
        return ""
    bare = _LANGUAGE_OF_FIELD.sub("", column.strip()).lower()
    if not bare.isascii():
        bare = unicodedata.normalize("NFKD", bare)
    return _PLAIN.sub("", bare)


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
    if not _DATE_FIELDS.isdisjoint(known):
        _put_date(values, row, known)
    if "resolver" in known and (found := _RESOLVED.search(str(_first(row, known["resolver"]))[:2000])):
        values.setdefault("doi", unquote(found[1]))
    if "tag_sources" in known:
        # The column says that tags were looked for, even where none was found.
        values.setdefault("tag_sources", ())
    return Record(where, **values)


def untitled(name: str, columns: Iterable[Any]) -> str:
    """Say of a table that no column of it can be the title's, and which there are."""
    shown = ", ".join(repr(str(column)[:40]) for column in islice(columns, 30))
    return (
        f"{name} has no column of titles; it has {shown or 'no columns'}: rename one to 'title', or name it "
        "with columns={'title': ...}."
    )


def not_a_paper(row: Mapping[Any, Any], known: Mapping[str, list[Any]]) -> str:
    """Say why a row of a reference manager is no paper, or ""."""
    kind = _first(row, known["kind"]) if "kind" in known else None
    if isinstance(kind, str) and kind.strip().lower() in ("attachment", "note", "annotation"):
        return f"an item of the kind {kind.strip().lower()}, which is no paper"
    return ""


def _add_codes(columns: list[Any], found: dict[str, list[tuple[int, int]]]) -> None:
    """Take two-letter columns for what they are in Web of Science and Ovid, if several occur together."""
    codes = {at: column.strip() for at, column in enumerate(columns) if isinstance(column, str)}
    # "id" is common by itself; only in capitals is it a code.
    codes = {at: code if code == "ID" else code.upper() for at, code in codes.items() if code != "id"}
    codes = {at: code for at, code in codes.items() if code in _CODES}
    if "TI" not in codes.values() or len(codes) < _FEWEST_CODES:
        return
    order = list(_CODES)
    for at, code in codes.items():
        found.setdefault(_CODES[code], []).append((1000 + order.index(code), at))
        if code == "ID":
            found["identifier"] = [known for known in found.get("identifier", []) if known[1] != at]


def _override(
    known: dict[str, list[int]], columns: list[Any], plain: list[str], chosen: Mapping[str, Any]
) -> dict[str, list[int]]:
    """Put the user's own columns in place of the guessed ones."""
    told: dict[str, list[int]] = {}
    for field, names in chosen.items():
        for name in [names] if isinstance(names, str) else names:
            told.setdefault(field, []).extend(_places(name, columns, plain))
    told = {field: places for field, places in told.items() if places}
    taken = {at for places in told.values() for at in places}
    left = {field: [at for at in places if at not in taken] for field, places in known.items()}
    if "date" in told:
        for helping in _DATE_FIELDS - {"date", "year"}:
            left.pop(helping, None)
    if "authors" in told:
        left.pop("glued_authors", None)
        if len(told["authors"]) > 1:
            left.pop("authors", None)
            told["all_authors"] = told.pop("authors")
    return {field: places for field, places in (left | told).items() if places}


def _places(name: str, columns: list[Any], plain: list[str]) -> list[int]:
    """Return where a column is that a user names: as written, or else as far as it is spelt alike."""
    alike = plain_name(name)
    return [at for at, column in enumerate(columns) if column == name] or [
        at for at, other in enumerate(plain) if other and other == alike
    ]


def look(columns: Iterable[Any], chosen: Mapping[str, Any]) -> None:
    """Remember what a table has, where a user named columns."""
    if chosen and isinstance(chosen, Given):
        chosen.look(columns)


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
