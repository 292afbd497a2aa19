"""Which entries are the same paper, and what that paper is called.

Two entries are one paper when they share an arXiv id (whatever the version) or a DOI, or when their titles
are equal but for case, accents, spaces and punctuation, unless their ids say otherwise: two different arXiv
ids, or two different DOIs, are two papers even under one title.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from trends.core.hashing import text_hash

_ARXIV = re.compile(
    r"(?:https?://)?(?:www\.)?(?:(?:export\.)?arxiv\.org/(?:abs|pdf|html)/|huggingface\.co/papers/|arxiv:\s*)?"
    r"(\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?(?:\.pdf)?",
    re.IGNORECASE,
)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)")


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


def paper_id(arxiv_ids: Iterable[str], dois: Iterable[str], titles: Iterable[str]) -> str:
    """Return the id of a paper from everything known of it: arXiv id, else DOI, else a hash of the title."""
    first_arxiv, first_doi = min(arxiv_ids, default=""), min(dois, default="")
    if first_arxiv:
        return f"arxiv:{first_arxiv}"
    if first_doi:
        return f"doi:{first_doi}"
    return f"title:{text_hash(min(titles))[:16]}"


def groups(keys: list[tuple[str, str, str]]) -> list[list[int]]:
    """Return which entries are one paper, as lists of positions in no particular order.

    Parameters
    ----------
    keys
        Per entry its arXiv id, its DOI (each may be "") and its normalised title.
    """
    parent = list(range(len(keys)))

    def root(position: int) -> int:
        while parent[position] != position:
            parent[position] = parent[parent[position]]
            position = parent[position]
        return position

    for place in (0, 1):
        first: dict[str, int] = {}
        for position, key in enumerate(keys):
            if key[place]:
                parent[root(position)] = root(first.setdefault(key[place], position))
    known: dict[int, tuple[set[str], set[str]]] = {}
    by_title: dict[str, list[int]] = {}
    for position, key in enumerate(keys):
        arxiv_ids, dois = known.setdefault(root(position), (set(), set()))
        arxiv_ids.update(filter(None, key[:1]))
        dois.update(filter(None, key[1:2]))
        by_title.setdefault(key[2], []).append(position)
    for title in sorted(title for title, positions in by_title.items() if len(positions) > 1):
        roots = {root(position) for position in by_title[title]}
        # By id, not by position, so that the order of the files decides nothing.
        parts = sorted(
            roots, key=lambda part: (not any(known[part]), sorted(known[part][0]), sorted(known[part][1]))
        )
        kept: list[int] = []
        for part in parts:
            same = next((other for other in kept if _compatible(known[part], known[other])), None)
            if same is None:
                kept.append(part)
                continue
            parent[part] = same
            known[same] = (known[same][0] | known[part][0], known[same][1] | known[part][1])
    found: dict[int, list[int]] = {}
    for position in range(len(keys)):
        found.setdefault(root(position), []).append(position)
    return list(found.values())


def _compatible(one: tuple[set[str], set[str]], other: tuple[set[str], set[str]]) -> bool:
    return all(not a or not b or bool(a & b) for a, b in zip(one, other, strict=True))
