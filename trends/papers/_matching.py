"""Which paper of a reference is the same paper: by its ids, by its title, or by a title much like it.

Titles that are alike are mostly of different papers: of 30,601 conference papers, each set against all the
others, 110 have another one at a similarity of 0.9 or more, and 91 of these are other papers ("Deep
Supervised Discrete Hashing", "Supervised Discrete Hashing"). A similar title is therefore taken only where
more speaks for it: the abstracts share half of their words, or, where one is not known, the titles differ in
the spelling of words only; numbers and ids agree, and authors, where both are known, have a name in common.
Whatever leaves two papers to choose from gives none.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from trends.papers import _identity, _merge

SIMILARITY = 0.85
"""Of 23,517 papers of Hugging Face and arXiv against 91,803 of conferences, 240 have an equal title there,
and 10 others pass as the same at a similarity of 0.85, all rightly (7 at 0.9, 12 at 0.8, 13 at 0.7). Of
30,601 of the conference papers, each without its own entry, 23 pass at 0.85 (11 at 0.9, 39 at 0.8, 57 at
0.7): another version of the paper, or another paper of the same authors."""

_ALIKE_ABSTRACTS = 0.5
"""Share of words in common. Of 105 papers with one title on both sides, 95 in 100 have more than this; of 182
pairs with similar titles and other authors, 1 in 100 has 0.44."""

_ALIKE_WORDS = 0.85
_PROBED = 4
_MOST_CANDIDATES = 10_000

_WORD = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")
_NUMBERS = frozenset(
    "one two three four five six seven eight nine ten first second third fourth fifth sixth seventh eighth "
    "ninth tenth i ii iii iv v vi vii viii ix x".split()
)
_ARTICLES = frozenset(("a", "an", "the"))


class Match(NamedTuple):
    """A paper's counterpart: its position in the reference, and how it was found."""

    position: int
    by: str
    similarity: float = 1.0

    @property
    def how(self) -> str:
        return f"title, similarity {self.similarity:.2f}" if self.by == "similar title" else self.by


class Papers(NamedTuple):
    """What papers are compared by."""

    titles: list[str]
    keys: list[_identity.Key]

    @classmethod
    def of(cls, papers: pd.DataFrame) -> "Papers":
        columns = [
            papers[name].tolist() if name in papers else [""] * len(papers) for name in ("arxiv_id", "doi")
        ]
        authors = papers["authors"].tolist() if "authors" in papers else [()] * len(papers)
        titles, abstracts = papers["title"].tolist(), papers["abstract"].tolist()
        paper_ids = [str(paper_id) for paper_id in papers.index]
        keys = [
            _identity.Key(
                *_identity.ids(arxiv_id, doi, *_merge._own_ids(paper_id)),
                _identity.normalised(title),
                names,
                abstract,
            )
            for arxiv_id, doi, paper_id, title, names, abstract in zip(
                *columns, paper_ids, titles, authors, abstracts, strict=True
            )
        ]
        return cls(titles, keys)


class Matcher:
    """Finds papers in a reference; what the order of its rows is decides nothing."""

    def __init__(self, reference: Papers, similarity: float) -> None:
        self._reference = reference
        self._similarity = similarity
        self._by_arxiv_id = _positions((key.arxiv_id,) for key in reference.keys)
        self._by_doi = _positions((key.doi,) for key in reference.keys)
        self._by_title = _positions((key.title,) for key in reference.keys)
        words = _positions(map(_words, reference.titles)) if similarity < 1 else {}
        self._by_word = {word: np.array(positions) for word, positions in words.items()}
        self._titles = np.array([key.title for key in reference.keys], dtype=object)
        self._lengths = np.array([len(key.title) for key in reference.keys], dtype=float)

    def only(self, position: int) -> bool:
        """Say whether the ids of a paper of the reference are of no other one there."""
        key = self._reference.keys[position]
        return len(self._by_arxiv_id.get(key.arxiv_id, ())) <= 1 and len(self._by_doi.get(key.doi, ())) <= 1

    def all(self, papers: Papers) -> tuple[dict[int, Match], Counter[str]]:
        """Return the match of each position that has one, and how many have none for which reason."""
        found: dict[int, Match] = {}
        refused: Counter[str] = Counter()
        for position in range(len(papers.keys)):
            match = self._one(papers, position)
            if isinstance(match, Match):
                found[position] = match
            elif match:
                refused[match] += 1
        claims: dict[int, list[int]] = {}
        for position, match in found.items():
            claims.setdefault(match.position, []).append(position)
        for same in claims.values():
            for position in _losing(same, found):
                del found[position]
                refused["it completes another paper"] += 1
        return found, refused

    def _one(self, papers: Papers, position: int) -> Match | str:
        """Return a paper's match, or why it has none although something is like it, or ""."""
        key = papers.keys[position]
        for by, found in (
            ("arXiv id", self._by_arxiv_id.get(key.arxiv_id, ())),
            ("DOI", self._by_doi.get(key.doi, ())),
        ):
            # An id copied to the wrong entry must not join two papers.
            fitting = [other for other in found if not self._strange(key, other)]
            if fitting:
                return _only(fitting, by)
        same = self._by_title.get(key.title, ())
        if same:
            reasons = {other: _identity.differ(key, self._reference.keys[other]) for other in same}
            fitting = [other for other, reason in reasons.items() if not reason]
            return _only(fitting, "title") if fitting else min(reasons.values())
        return self._similar(key, papers.titles[position])

    def _strange(self, key: _identity.Key, other: int) -> bool:
        theirs = self._reference.keys[other]
        return key.title != theirs.title and _foreign(key.authors, theirs.authors)

    def _similar(self, key: _identity.Key, title: str) -> Match | str:
        from rapidfuzz import process
        from rapidfuzz.distance import Indel

        candidates = self._candidates(title, len(key.title))
        if not len(candidates):
            return ""
        scores = process.cdist(
            [key.title],
            self._titles[candidates].tolist(),
            scorer=Indel.normalized_similarity,
            score_cutoff=self._similarity,
            dtype=float,
        )[0]
        alike = np.flatnonzero(scores >= self._similarity)
        found = [
            (-score, self._against(key, title, other), other)
            for score, other in zip(scores[alike].tolist(), candidates[alike].tolist(), strict=True)
        ]
        fitting = [(-score, other) for score, reason, other in found if not reason]
        if len(fitting) == 1:
            return Match(fitting[0][1], "similar title", fitting[0][0])
        return "several papers fit" if fitting else min(found, default=(0, "", 0))[1]

    def _candidates(self, title: str, length: int) -> np.ndarray:
        """Return the papers that share one of a title's four rarest words and are not too long or short."""
        known = sorted(
            (len(self._by_word[word]), word) for word in set(_words(title)) if word in self._by_word
        )
        some: list[np.ndarray] = []
        for n_papers, word in known[:_PROBED]:
            if sum(map(len, some)) + n_papers > _MOST_CANDIDATES:
                break
            some.append(self._by_word[word])
        if not some:
            return np.empty(0, dtype=int)
        found = np.unique(np.concatenate(some))
        lengths = self._lengths[found]
        possible = 2 * np.minimum(lengths, length) >= self._similarity * (lengths + length) - 1e-6
        return found[possible]

    def _against(self, key: _identity.Key, title: str, other: int) -> str:
        """Say what speaks against two papers of similar titles being one, or ""."""
        theirs = self._reference.keys[other]
        if reason := _identity.differ(key, theirs):
            return reason
        other_title = self._reference.titles[other]
        if _numbers(title) != _numbers(other_title):
            return "other numbers in a similar title"
        if key.abstract and theirs.abstract:
            shared = _shared(_words(key.abstract), _words(theirs.abstract))
            return "" if shared >= _ALIKE_ABSTRACTS else "another abstract under a similar title"
        return "" if _spelled_alike(title, other_title) else "other words in a similar title"


def _only(fitting: Sequence[int], by: str) -> Match | str:
    return Match(fitting[0], by) if len(fitting) == 1 else "several papers fit"


def _losing(same: list[int], found: dict[int, Match]) -> list[int]:
    """Return which of the papers matched to one of the reference are not taken for it.

    Those that share an id with it are; else the one that has its title, or the one whose title is like it.
    """
    by_title = [position for position in same if found[position].by == "title"]
    by_similarity = [position for position in same if found[position].by == "similar title"]
    if len(by_title) + len(by_similarity) < len(same):
        return by_title + by_similarity
    best, others = (by_title, by_similarity) if by_title else (by_similarity, [])
    return others if len(best) == 1 else best + others


def _positions(names: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for position, own in enumerate(names):
        for name in set(own):
            if name:
                found.setdefault(name, []).append(position)
    return found


def _foreign(one: Iterable[str], other: Iterable[str]) -> bool:
    names, others = _identity.name_words(one), _identity.name_words(other)
    return bool(names) and bool(others) and not names & others


def _words(text: str) -> list[str]:
    return [word for found in _WORD.findall(text) if (word := _identity.normalised(found))]


def _shared(one: list[str], other: list[str]) -> float:
    words, others = set(one), set(other)
    return len(words & others) / max(1, len(words | others))


def _numbers(title: str) -> tuple[list[str], list[str]]:
    return sorted(_DIGITS.findall(title)), sorted(word for word in _words(title) if word in _NUMBERS)


def _spelled_alike(one: str, other: str) -> bool:
    """Say whether two titles have the same words but for their spelling: "network" and "networks".

    The words that only one of them has must be as many as those of the other, each much like one of them and
    with the same beginning, so that "convex" is not "nonconvex".
    """
    from rapidfuzz.distance import Indel

    words, others = Counter(_words(one)), Counter(_words(other))
    left, right = (
        [word for word in part.elements() if word not in _ARTICLES]
        for part in (words - others, others - words)
    )
    if len(left) != len(right):
        return "".join(left) == "".join(right)
    alike: Callable[[str, str], float] = Indel.normalized_similarity
    return all(
        word[0] == twin[0] and alike(word, twin) >= _ALIKE_WORDS
        for word, twin in zip(left, right, strict=True)
    )
