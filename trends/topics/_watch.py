"""Themes that a person follows: always in the result, even without a paper, and with their quality said.

Guided topics of a topic model vanish when no cluster forms around them. Here a theme is what its phrases and
example papers make it; papers that are very like these without saying a phrase are added.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.hashing import fingerprint
from trends.core.tables import PAPERS, check
from trends.core.watch import Watch
from trends.topics._assign import rows_of
from trends.topics._watch_list import Theme, read_themes
from trends.topics._watch_rule import FEWEST, cut_off, estimate, even_space, likeness, tells
from trends.topics._watch_words import Phrases, plain, words

FORMAT = 1
EXEMPLARS = 5
LEAST_NEAR, MOST_NEAR = 10, 100
"""Near misses kept per theme: as many as its papers, within these bounds."""

HALF = 0.5
"""A near miss by words has this part of a phrase's words, each weighted by its rarity."""

UNKNOWN = {f"{name}{end}": np.nan for name in ("precision", "recall") for end in ("", "_low", "_high")}


def watch(
    papers: pd.DataFrame,
    embeddings: pd.DataFrame,
    themes: "str | Path | Sequence[Mapping[str, Any]] | Mapping[str, Any]",
) -> Watch:
    """Find the papers of themes that are followed, and estimate how many are right and how many are missed.

    A paper is in a theme if its title or abstract says one of the theme's phrases, if it was given as an
    example, or if it is very like these: at least as like as half of them are, each compared with the mean of
    the others, and while at least four of five papers that are so like say a phrase. It is in none whose
    `not` phrases it says, unless it was given. Themes may overlap.

    Parameters
    ----------
    papers
        The papers, by paper_id.
    embeddings
        Their vectors.
    themes
        A YAML file with `themes`, or such a list: each with `name`, `phrases`, `papers` (ids or titles) and
        `not`. Phrases match whole words in any case, with hyphens or spaces, singular or plural; one that is
        a single word with inner capitals ("SAE", "MoE") matches only as written.

    Returns
    -------
    Watch
        `table` with one row per theme in the order of the list, `members`, `near` (near misses). Precision
        and recall are estimates (see `Watch.checked` for counting them); NaN, with a note, where fewer than
        five papers say a phrase or were given. The rows' order and the threads do not matter.

    Raises
    ------
    InputError
        The list is not usable (the sentence names file and theme), or a paper has no vector.
    """
    check(papers, PAPERS)
    followed = read_themes(themes)
    ordered = papers.sort_index()
    vectors = rows_of(ordered, embeddings)
    texts = [plain(f"{title}. {abstract}") for title, abstract in zip(ordered["title"], ordered["abstract"])]
    space = even_space(vectors) if followed else vectors
    found = [_follow(theme, ordered, texts, space) for theme in followed]
    listed = tuple(theme.plain() for theme in followed)
    rows = pd.DataFrame(
        [row for row, _, _ in found], columns=list(_row(Theme(""), 0, 0)),
        index=pd.Index(np.arange(len(found), dtype="int32"), name="theme_id"),
    )  # fmt: skip
    numbers = dict.fromkeys(["n_papers", "n_by_phrase", "n_by_likeness"], "int64")
    return Watch(
        table=rows.astype({"label": str, "estimate": str, "note": str, **numbers}),
        members=_long([members for _, members, _ in found], ordered.index),
        near=_long([near for _, _, near in found], ordered.index),
        themes=listed,
        fingerprint=fingerprint("watch", FORMAT, ordered[["title", "abstract"]], vectors, list(listed)),
    )


Scored = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Places of papers, their scores, and why each is there."""


def _follow(
    theme: Theme, papers: pd.DataFrame, texts: list[str], space: np.ndarray
) -> tuple[dict[str, Any], Scored, Scored]:
    """Return a theme's row, its members and its near misses, places being those in `papers`."""
    said_by, refused_by = Phrases(theme.phrases), Phrases(theme.excluded)
    given, unknown = _given(theme, papers)
    refused = np.array([refused_by.said(text) for text in texts], bool) & ~given
    said = np.array([said_by.said(text) for text in texts], bool) & ~refused
    seeds, others = said | given, ~said & ~given & ~refused
    scores = likeness(space, seeds)
    cutoff, quality = np.inf, None
    pure = bool(said.any())
    told = tells(scores, seeds, others)
    if told:
        cutoff = cut_off(scores[~refused], seeds[~refused], pure)
        quality = estimate(scores, seeds, others, cutoff, pure)
    like = others & (scores >= cutoff)
    inside = seeds | like
    reasons = np.select(
        [like, given, said & (scores >= cutoff)], ["likeness", "example", "both"], default="phrase"
    )
    places = _best(np.flatnonzero(inside), scores)
    row = _row(theme, int(inside.sum()), int(like.sum())) | {
        "n_by_phrase": int(said.sum()),
        "cutoff": cutoff if np.isfinite(cutoff) else np.nan,
        "exemplars": tuple(papers.index[places[:EXEMPLARS]]),
        "note": _note(
            int(seeds.sum()), len(papers), unknown, bool(theme.phrases), told, bool(np.isfinite(cutoff))
        ),
    }
    if quality is not None:
        row |= vars(quality) | {"estimate": "estimated"}
    outside = np.flatnonzero(others & ~like)
    how = "likeness"
    if not seeds.any():
        scores, how = _words_had(theme, texts), "words"
        outside = outside[scores[outside] >= HALF]
    keep = min(max(LEAST_NEAR, int(inside.sum())), MOST_NEAR)
    near = _best(outside[~np.isnan(scores[outside])], scores)[:keep]
    return (
        row,
        (places, scores[places], reasons[places]),
        (near, scores[near], np.full(len(near), how)),
    )


def _row(theme: Theme, n_papers: int, n_by_likeness: int) -> dict[str, Any]:
    return {
        "label": theme.name,
        "phrases": theme.phrases,
        "n_papers": n_papers,
        "n_by_phrase": 0,
        "n_by_likeness": n_by_likeness,
        **UNKNOWN,
        "estimate": "none",
        "cutoff": np.nan,
        "reach": np.nan,
        "exemplars": (),
        "note": "",
    }


def _note(n_seeds: int, n_papers: int, unknown: list[str], phrased: bool, told: bool, added: bool) -> str:
    """Say what limits a theme, in sentences."""
    notes = []
    if not n_seeds and phrased:
        notes.append("No paper says a phrase of it.")
    elif 0 < n_seeds < FEWEST:
        notes.append(
            f"Fewer than {FEWEST} papers say a phrase or were given: too few to learn likeness from."
        )
    elif n_seeds and not told:
        notes.append(
            "Its papers are hardly more like each other than like the rest, so likeness tells nothing."
        )
    elif n_seeds and not added:
        notes.append("None is added by likeness, for too many papers as like say no phrase.")
    if told and not phrased:
        notes.append("It has no phrases, so recall is the share of its examples that likeness finds.")
    if n_seeds > n_papers / 2:
        notes.append("More than half of all papers say its phrases, which are too common to tell a theme.")
    if unknown:
        more = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        notes.append(f"Not among these papers: {unknown[0]!r}{more}.")
    return " ".join(notes)


def _given(theme: Theme, papers: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """Return a mask of the example papers, found by id or else by title, and the examples not found."""
    mask = np.zeros(len(papers), bool)
    unknown: list[str] = []
    if not theme.papers:
        return mask, unknown
    ids = np.array([_bare(paper_id) for paper_id in papers.index])
    titles = np.array([_folded(title) for title in papers["title"]])
    for example in theme.papers:
        hit = ids == _bare(example)
        if not hit.any() and _folded(example):
            hit = titles == _folded(example)
        mask |= hit
        if not hit.any():
            unknown.append(example)
    return mask, unknown


def _bare(paper_id: str) -> str:
    """Return an id or address without its scheme, and an arXiv id without its version."""
    bare = re.sub(
        r"^(https?://)?(arxiv\.org/(abs|pdf)/|(dx\.)?doi\.org/|arxiv:|doi:)", "", paper_id.casefold()
    )
    return re.sub(r"^(\d{4}\.\d{4,5})v\d+$", r"\1", bare)


def _folded(title: str) -> str:
    return " ".join(words(title)).casefold()


def _words_had(theme: Theme, texts: list[str]) -> np.ndarray:
    """Return how much of one of its phrases each text has: the part of its words, weighted by rarity."""
    best = np.zeros(len(texts))
    for phrase in theme.phrases:
        parts = words(phrase)
        if len(parts) < 2:
            continue
        had = np.array([[Phrases([word]).said(text) for text in texts] for word in parts], float)
        rarity = np.log((1 + len(texts)) / (1 + had.sum(axis=1)))
        if rarity.sum() > 0:
            best = np.maximum(best, rarity @ had / rarity.sum())
    return np.round(best, 6)


def _best(places: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Sort places by score, best first, equals in the order of paper_id; NaN last."""
    return places[np.argsort(-scores[places], kind="stable")]


def _long(parts: list[Scored], paper_ids: pd.Index) -> pd.DataFrame:
    """Join the themes' papers into one table."""
    sizes = [len(places) for places, _, _ in parts]
    places = np.concatenate([p for p, _, _ in parts]) if parts else np.empty(0, int)
    return pd.DataFrame(
        {
            "theme_id": np.repeat(np.arange(len(parts), dtype="int32"), sizes),
            "paper_id": paper_ids.to_numpy()[places],
            "score": np.concatenate([s for _, s, _ in parts]) if parts else np.empty(0),
            "how": np.concatenate([h for _, _, h in parts]) if parts else np.empty(0, str),
        }
    ).astype({"paper_id": str, "how": str})
