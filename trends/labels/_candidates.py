"""The phrases that may name a topic, with what is known of each.

A phrase scores by five things at once: how much of the topic's text it is (class-based TF-IDF with BM25
weighting, Grootendorst 2022, with the square root that keeps frequent words down), how many of the topic's
papers use it, how much fewer of the nearest other topics' papers do, how near the topics lie that use it
besides, and how many words it says. A phrase that mostly occurs inside a longer one is folded into it (the
idea of the C-value, Frantzi et al. 2000).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from trends.core.vectors import nearness
from trends.labels._phrases import Phrases

N_SIBLINGS = 3
"""How many of the nearest topics a phrase must tell this topic from."""

NEARNESS = 2.5
"""How much it counts that topics which use a phrase are near: of two that others use as much, the one that
far topics use says less."""

NESTED = 0.5
"""A phrase is folded into a longer one that at least this share of its papers in the topic use."""

POOL = 60
"""How many of a topic's best phrases are looked at."""

TORN = 0.1
"""A phrase that ends what is said less often than this is a piece of longer ones: "group relative"."""

MOSTLY = 0.5
"""A phrase is a single word if this share of its uses is written as one, hyphens or not."""

COMMON_WORD, COMMON_PHRASE = 0.05, 0.15
"""What a larger share of the papers outside the topic use says too little to be a label alone."""

TELLING = 10
"""A phrase of common words is one of a topic if the share of its papers that use it is so many times that of
the others."""

ACTING, BEGINS_ACTING = 0.1, 0.2
"""A phrase that an object follows more often than this is a verb or ends in one; so for its first word,
which may be noun and verb ("pose estimation") and so gets more room."""

PARTICIPLE_CLOSING = 0.5
"""A word in -ed or -ing must end what is said at least this often to be a noun: "pruning", not "refined"."""


@dataclass(frozen=True)
class Candidate:
    """A phrase as one topic uses it.

    Attributes
    ----------
    share, users
        Papers of the topic that use the phrase.
    outside
        Share of all other papers that use it.
    support
        The score of its words, 1 for the best word of the topic; of two words, their mean.
    spread
        Papers of the topic that use all its words, side by side or not.
    single
        One written word where others are several.
    closing
        Share of its uses after which no other word follows at once.
    prose
        The texts have sentences; without, a phrase is no better than a word.
    """

    phrase: int
    words: tuple[str, ...]
    score: float
    share: float
    users: float
    outside: float
    support: float
    spread: float
    single: bool
    closing: float
    prose: bool

    @property
    def vague(self) -> bool:
        """Too many papers outside the topic use it for it to name the topic alone."""
        return self.outside > (COMMON_WORD if self.single else COMMON_PHRASE)

    @property
    def telling(self) -> bool:
        """A phrase of several words, common as they are, that is one of this topic."""
        return len(self.words) > 1 and self.share >= TELLING * self.outside


def siblings_of(centroids: np.ndarray) -> list[np.ndarray]:
    """Return the places of the topics nearest to each, nearest first."""
    near = centroids.astype(np.float64) @ centroids.astype(np.float64).T
    np.fill_diagonal(near, -np.inf)
    n_near = min(N_SIBLINGS, len(centroids) - 1)
    return [np.argsort(-_rounded(row), kind="stable")[:n_near] for row in near]


def candidates(
    phrases: Phrases,
    row_topic: np.ndarray,
    sizes: np.ndarray,
    centroids: np.ndarray,
    siblings: list[np.ndarray],
) -> list[list[Candidate]]:
    """Return the phrases of each topic that score best; parameters as in `choose`."""
    from scipy.sparse import csr_array

    counts, n_topics = phrases.counts, len(centroids)
    n_rows = len(row_topic)
    member = csr_array((np.ones(n_rows), (row_topic, np.arange(n_rows))), shape=(n_topics + 1, n_rows))
    used = counts.copy()
    used.data = np.ones_like(used.data)
    n_uses, n_users = csr_array(member @ counts), csr_array(member @ used)
    n_uses.sort_indices()
    n_users.sort_indices()
    n_read = np.bincount(row_topic, minlength=n_topics + 1)
    # Each paper that was read stands for as many of its topic.
    stands_for = sizes / np.maximum(n_read, 1)
    n_papers = int(sizes.sum())
    total = stands_for @ n_uses
    n_using = stands_for @ n_users
    words_per_topic = total.sum() / max(n_topics, 1)
    # Where one topic is all there is nothing is rare, and the most used phrases must do.
    idf = np.sqrt(np.maximum(np.log1p(np.maximum(words_per_topic - total + 0.5, 0) / (total + 0.5)), 1e-3))
    length = np.array([len(words) for words in phrases.words], dtype=float)

    # Rows of the topics alone: where the unassigned papers lie says nothing.
    using = csr_array(n_users[:n_topics].multiply(stands_for[:n_topics, None]))
    near_by = nearness(using, centroids, centroids, sizes[:n_topics])
    verbs = _verbs(phrases)
    columns_of = {words[0]: k for k, words in enumerate(phrases.words) if len(words) == 1}

    pools = []
    for topic in range(n_topics):
        row = n_uses[[topic]]
        columns, uses = row.indices, row.data
        users = n_users[[topic]].data
        share = users / max(n_read[topic], 1)
        # One paper proves nothing, which matters in a topic of few.
        weight = np.maximum(users - 1, 0.5) / max(n_read[topic], 1)
        outside = (n_using[columns] - users * stands_for[topic]) / max(n_papers - sizes[topic], 1)
        elsewhere = n_using[columns] / n_papers
        near = siblings[topic]
        if len(near):
            beside = stands_for[near] @ n_users[near] / max(sizes[near].sum(), 1)
            elsewhere = np.maximum(elsewhere, beside[columns])
        score = (
            np.log2(1 + length[columns])
            * np.sqrt(uses / max(uses.sum(), 1))
            * idf[columns]
            * weight
            * (share / (share + elsewhere))
            * np.exp(NEARNESS * near_by[topic, columns])
        )
        torn = (length[columns] > 1) & (phrases.closing[columns] < TORN)
        enough = (users >= min(2, n_read[topic])) & ~torn & ~verbs[columns]
        # Columns follow the alphabet, which decides between equals.
        score = _rounded(score)
        order = [k for k in np.lexsort((columns, -score)).tolist() if enough[k]][:POOL]
        most = score[length[columns] == 1].max(initial=0.0) or 1.0
        alone = dict(zip(columns.tolist(), score.tolist()))
        spread = _spread(phrases, used, np.flatnonzero(row_topic == topic), columns[order], columns_of)
        pools.append(
            [
                Candidate(
                    phrase=int(columns[k]),
                    words=(words := phrases.words[columns[k]]),
                    score=float(score[k]),
                    share=float(share[k]),
                    users=float(users[k]),
                    outside=float(outside[k]),
                    support=sum(sorted(alone.get(columns_of.get(word, -1), 0.0) for word in words)[-2:])
                    / 2
                    / most,
                    spread=max(float(share[k]), together),
                    single=bool(phrases.lone[columns[k]] >= MOSTLY),
                    closing=float(phrases.closing[columns[k]]),
                    prose=phrases.stream.prose,
                )
                for k, together in zip(order, spread)
            ]
        )
    return pools


def _verbs(phrases: Phrases) -> np.ndarray:
    """Say of each phrase whether it holds a verb: "learns", "refined", "accelerating language models"."""
    acting = {words[0]: phrases.acting[k] for k, words in enumerate(phrases.words) if len(words) == 1}
    first = np.array([acting.get(words[0], 0.0) for words in phrases.words], dtype=float)
    single = np.array([len(words) == 1 for words in phrases.words], dtype=bool)
    participle = np.array([words[-1].endswith(("ed", "ing")) for words in phrases.words], dtype=bool)
    hangs = single & participle & (phrases.closing < PARTICIPLE_CLOSING)
    return (phrases.acting > ACTING) | (~single & (first > BEGINS_ACTING)) | hangs


def _spread(
    phrases: Phrases, used: Any, rows: np.ndarray, chosen: np.ndarray, columns_of: dict[str, int]
) -> list[float]:
    """Return the share of these papers that use all words of each chosen phrase."""
    places: dict[str, int] = {}
    for phrase in chosen.tolist():
        for word in phrases.words[phrase]:
            if word in columns_of:
                places.setdefault(word, len(places))
    if not places:
        return [0.0] * len(chosen)
    uses = used[rows][:, [columns_of[word] for word in places]].toarray() > 0
    spread = []
    for phrase in chosen.tolist():
        words = phrases.words[phrase]
        known = all(word in places for word in words)
        spread.append(float(uses[:, [places[w] for w in words]].all(axis=1).mean()) if known else 0.0)
    return spread


def _rounded(values: np.ndarray) -> np.ndarray:
    """Return values to nine significant digits."""
    with np.errstate(divide="ignore"):
        scale = np.where(values > 0, 10.0 ** (8 - np.floor(np.log10(np.where(values > 0, values, 1)))), 1)
    return np.round(values * scale) / scale


def within(short: Sequence[str], long: Sequence[str]) -> bool:
    """Say whether a phrase stands inside a longer one."""
    n = len(short)
    return n < len(long) and any(tuple(long[k : k + n]) == tuple(short) for k in range(len(long) - n + 1))


def opened(words: Sequence[str]) -> list[str]:
    """Return words with the hyphens of fixed terms opened: "text-to-image generation" is image generation."""
    return [part for word in words for part in word.split("-")]


def fold_nested(pool: list[Candidate]) -> list[Candidate]:
    """Drop phrases that live mostly inside a longer one, which inherits the better score of the two."""
    best = {c.phrase: c.score for c in pool}
    folded: set[int] = set()
    for short in sorted(pool, key=lambda c: (len(c.words), c.words)):
        longer = [c for c in pool if within(short.words, c.words) and c.users >= NESTED * short.users]
        if longer:
            heir = max(longer, key=lambda c: (c.users, len(c.words), best[c.phrase], c.words))
            best[heir.phrase] = max(best[heir.phrase], best[short.phrase])
            folded.add(short.phrase)
    kept = [replace(c, score=best[c.phrase]) for c in pool if c.phrase not in folded]
    return sorted(kept, key=lambda c: (-c.score, c.words))
