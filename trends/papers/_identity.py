"""Which entries are the same paper, and what that paper is called.

Two entries are one paper when they share an arXiv id (whatever the version) or a DOI, or when their titles
are equal but for case, accents, spaces and punctuation, unless something speaks against it: two different
arXiv ids, two publishers' DOIs, or author lists without a name in common are two papers even under one title,
and a title that many papers bear ("Editorial") joins nothing by itself.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from trends.core.hashing import text_hash

_ARXIV = re.compile(
    r"(?:https?://)?(?:www\.)?(?:(?:export\.)?arxiv\.org/(?:abs|pdf|html)/|huggingface\.co/papers/|arxiv:\s*)?"
    r"(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?",
    re.IGNORECASE,
)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)")
# bioRxiv and medRxiv (not the journals under the same prefix), Research Square, SSRN, Preprints.org,
# ChemRxiv, TechRxiv, the OSF's servers, Authorea, Zenodo.
_PREPRINT_DOI = re.compile(
    r"10\.(?:1101/\d|64898/|21203/rs|2139/ssrn|20944/preprints|26434/chemrxiv|36227/techrxiv|\d+/osf\.io/|22541/au"
    r"|5281/zenodo)"
)
_GENERIC = frozenset(
    """
    abstract abstracts acknowledgements acknowledgments addendum afterword announcement announcements appendix
    authorindex backmatter bookreview bookreviews comment commentary conclusion conclusions contents
    contributors corrections correction corrigenda corrigendum coverimage discussion editorial editorialboard
    editorsnote errata erratum foreword frontmatter guesteditorial inbrief index inthisissue introduction
    introductiontothespecialissue letter letters letterstotheeditor lettertotheeditor masthead news notitle
    obituary overview preface prologue references reply reviews specialissue summary tableofcontents titlepage
    untitled
    """.split()
)
_NAME_PARTS = re.compile(r"[\s,.;]+")


class Key(NamedTuple):
    """What tells whether two entries are one paper; ids and abstract may be "", the title is normalised."""

    arxiv_id: str
    doi: str
    title: str
    authors: tuple[str, ...] = ()
    abstract: str = ""


def arxiv_id(value: Any) -> str:
    """Return the arXiv id of an id or address without its version, or ""."""
    match = _ARXIV.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        return ""
    found = match[1].lower()
    # The subject class of an old id ("math.GT/0309136") is not part of its name.
    return re.sub(r"\.[a-z]{2}/", "/", found)


def doi(value: Any) -> str:
    """Return the DOI of an id or address in lower case, or ""."""
    match = _DOI.fullmatch(value.strip()) if isinstance(value, str) else None
    return match[1].lower().rstrip(".,;") if match else ""


def ids(*values: Any) -> tuple[str, str]:
    """Return the first arXiv id and the first DOI among values; arXiv's own DOIs are arXiv ids."""
    arxiv_ids = [found for value in values if (found := arxiv_id(value))]
    dois = [found for value in values if (found := doi(value))]
    for found in dois:
        match = _ARXIV_DOI.fullmatch(found)
        if match and arxiv_id(match[1]):
            arxiv_ids.append(arxiv_id(match[1]))
    dois = [found for found in dois if not _ARXIV_DOI.fullmatch(found)]
    return arxiv_ids[0] if arxiv_ids else "", dois[0] if dois else ""


def normalised(title: str) -> str:
    """Return a title's letters and digits in lower case, without accents."""
    if not title.isascii():
        title = (
            "".join(c for c in unicodedata.normalize("NFKD", title) if not unicodedata.combining(c)) or title
        )
    return "".join(filter(str.isalnum, title.casefold()))


def title_key(normalised_title: str) -> int:
    """Return a number below 2**60 that equal titles share and, but for a chance of 2**-60, no others."""
    return int(text_hash(normalised_title)[:15], 16)


def paper_id(arxiv_ids: Iterable[str], dois: Iterable[str], titles: Iterable[str]) -> str:
    """Return the id of a paper from everything known of it: arXiv id, else DOI, else a hash of the title."""
    first_arxiv, first_doi = min(arxiv_ids, default=""), min(dois, default="")
    if first_arxiv:
        return f"arxiv:{first_arxiv}"
    if first_doi:
        return f"doi:{first_doi}"
    return f"title:{text_hash(min(titles))[:16]}"


def groups(keys: Sequence[Key]) -> list[list[int]]:
    """Return which entries are one paper, as lists of positions in no particular order."""
    parent = list(range(len(keys)))

    def root(position: int) -> int:
        while parent[position] != position:
            parent[position] = parent[parent[position]]
            position = parent[position]
        return position

    for ids in ([key.arxiv_id for key in keys], [key.doi for key in keys]):
        for same in _repeated(ids):
            for one, other in _of_one_id(same, keys):
                parent[root(other)] = root(one)
    contested = [
        positions
        for positions in _repeated(key.title for key in keys)
        if len({root(position) for position in positions}) > 1
    ]
    known: dict[int, _Part] = {root(position): _Part() for positions in contested for position in positions}
    for position, key in enumerate(keys if known else ()):
        part = known.get(root(position))
        if part is not None:
            part.add(key)
    # By content, not by position, so that the order of the files decides nothing.
    for positions in sorted(contested, key=lambda positions: keys[positions[0]].title):
        generic = keys[positions[0]].title in _GENERIC
        kept: list[int] = []
        for place in sorted(
            {root(position) for position in positions}, key=lambda place: known[place].order()
        ):
            same_paper = next(
                (other for other in kept if not known[place].against(known[other], generic=generic)), None
            )
            if same_paper is None:
                kept.append(place)
                continue
            parent[place] = same_paper
            known[same_paper].join(known[place])
    found: dict[int, list[int]] = {}
    for position in range(len(keys)):
        found.setdefault(root(position), []).append(position)
    return list(found.values())


def differ(one: Key, other: Key) -> str:
    """Say why two entries of one title are not taken for one paper, or "" where nothing speaks against it."""
    parts = (_Part(), _Part())
    parts[0].add(one)
    parts[1].add(other)
    return parts[0].against(parts[1], generic=one.title in _GENERIC)


def is_preprint(doi: str) -> bool:
    """Say whether a DOI is one that a preprint server gave."""
    return _PREPRINT_DOI.match(doi) is not None


def name_words(authors: Iterable[str]) -> frozenset[str]:
    """Return the parts of authors' names that are no initials, in plain lower case."""
    words = (normalised(word) for name in authors for word in _NAME_PARTS.split(name))
    return frozenset(word for word in words if len(word) > 1)


class _Part:
    """What is known of the entries found to be one paper so far."""

    def __init__(self) -> None:
        self.arxiv_ids: set[str] = set()
        self.dois: set[str] = set()
        self.names: set[str] = set()
        self.abstracts: set[str] = set()

    def add(self, key: Key) -> None:
        self.arxiv_ids.update(filter(None, (key.arxiv_id,)))
        self.dois.update(filter(None, (key.doi,)))
        self.names.update(name_words(key.authors))
        self.abstracts.update(filter(None, (key.abstract,)))

    def join(self, other: "_Part") -> None:
        self.arxiv_ids |= other.arxiv_ids
        self.dois |= other.dois
        self.names |= other.names
        self.abstracts |= other.abstracts

    def order(self) -> tuple[Any, ...]:
        return (
            not (self.arxiv_ids or self.dois),
            sorted(self.arxiv_ids),
            sorted(self.dois),
            not self.names,
            sorted(self.names),
            sorted(self.abstracts),
        )

    def against(self, other: "_Part", *, generic: bool) -> str:
        """Say what speaks against two parts of one title being one paper, or ""."""
        if self.arxiv_ids and other.arxiv_ids and not self.arxiv_ids & other.arxiv_ids:
            return "two arXiv ids"
        if self.names and other.names and not self.names & other.names:
            return "other authors"
        # A preprint server's DOI beside a publisher's is what one paper has in its two lives.
        two_lives = any(all(map(is_preprint, part.dois)) for part in (self, other))
        if self.dois and other.dois and not self.dois & other.dois and not two_lives:
            return "two DOIs"
        if generic and not self.names & other.names and not self.abstracts & other.abstracts:
            return "a title that many papers bear"
        return ""


def _repeated(values: Iterable[str]) -> list[list[int]]:
    """Return the positions of every non-empty value that occurs more than once."""
    first: dict[str, int] = {}
    repeated: dict[str, list[int]] = {}
    for position, value in enumerate(values):
        if value and first.setdefault(value, position) != position:
            repeated.setdefault(value, [first[value]]).append(position)
    return list(repeated.values())


def _of_one_id(positions: list[int], keys: Sequence[Key]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of entries that one id joins.

    An id copied to the wrong entry must not join two papers: entries whose titles differ and whose authors
    have no name in common stay apart.
    """
    by_title: dict[str, list[int]] = {}
    for position in positions:
        by_title.setdefault(keys[position].title, []).append(position)
    kept: list[tuple[int, set[str]]] = []
    for title in sorted(by_title):
        same = by_title[title]
        yield from ((same[0], other) for other in same[1:])
        if len(by_title) == 1:
            return
        names = set().union(*(name_words(keys[position].authors) for position in same))
        for position, theirs in kept:
            if not names or not theirs or names & theirs:
                theirs |= names
                yield position, same[0]
                break
        else:
            kept.append((same[0], names))
