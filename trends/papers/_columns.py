"""Which column of an ordinary table means what; common to CSV, Excel, JSON, Parquet and tables in memory.

Names are compared without case, spaces, punctuation and accents, so that one list serves the exports of many
producers; what the cells then say is the matter of `_cells`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from trends.core.errors import InputError

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
DATE_FIELDS = frozenset({"date", "year", "online", "created", "month", "day", "source", "citation"})
_PLAIN = re.compile(r"[^a-z0-9]+")
_LANGUAGE_OF_FIELD = re.compile(r"\[[^\[\]]*\]$")


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


def untitled(name: str, columns: Iterable[Any]) -> str:
    """Say of a table that no column of it can be the title's, and which there are."""
    shown = ", ".join(repr(str(column)[:40]) for column in islice(columns, 30))
    return (
        f"{name} has no column of titles; it has {shown or 'no columns'}: rename one to 'title', or name it "
        "with columns={'title': ...}."
    )


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
        for helping in DATE_FIELDS - {"date", "year"}:
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
