"""Which phrases name a topic, and which of them head its slide.

A phrase scores by four things at once: how much of the topic's text it is (class-based TF-IDF with BM25
weighting, Grootendorst 2022, with the square root that keeps frequent words down), how many of the topic's
papers use it, how much fewer of the nearest other topics' papers do, and how many words it says. A phrase
that mostly occurs inside a longer one is folded into it (the idea of the C-value, Frantzi et al. 2000),
and of two phrases that share words only one is kept among the best (maximal marginal relevance).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trends.labels._phrases import Phrases

N_SIBLINGS = 3
"""How many of the nearest topics a phrase must tell this topic from."""

NESTED = 0.5
"""A phrase is folded into a longer one that at least this share of its papers in the topic use."""

POOL = 60
"""How many of a topic's best phrases are looked at."""

TORN = 0.1
"""A phrase that ends what is said less often than this is a piece of longer ones: "group relative"."""

REPEATS = 0.5
"""What a term loses that repeats the words of a better one."""

CLOSING = 0.25
"""A label's phrase must end what is said at least this often: "medical" and "group relative" do not."""

SECOND_CLOSING = 0.4
"""The same for a single word that joins a phrase, which keeps out verbs."""

ALONE = 0.4
"""What a single word counts for beside a phrase when a label is chosen."""

COMMON_WORD, COMMON_PHRASE = 0.05, 0.15
"""What a larger share of the papers outside the topic use says too little to be a label alone."""

VAGUE = 0.4
"""What such a common phrase counts for."""

MOSTLY = 0.5
"""A phrase is a single word if this share of its uses is written as one, hyphens or not."""

FULLER = 0.25
"""A single word gives way to a phrase around it with this share of its papers that comes close."""

COVERS = 0.5
"""A phrase that fewer of the topic's papers use is joined by a second one, if that comes close."""

CHAINED_SHARE = 0.2
"""The share of the topic's papers that must use "token pruning" to make "visual token pruning" of it."""

CLOSE = 0.4
"""A second phrase comes close with this share of the first one's score."""

ROOT = 4
"""Words that begin with the same letters, this many, do not stand together in a label."""

MAX_LABEL_WORDS = 4


@dataclass(frozen=True)
class Name:
    """What a topic is called: its label ("" where it has no words), its terms and their weights."""

    label: str
    terms: tuple[str, ...]
    weights: tuple[float, ...]


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
        The score of the best of its words, 1 for the best word of the topic.
    """

    phrase: int
    words: tuple[str, ...]
    score: float
    share: float
    users: float
    outside: float
    support: float


def choose(phrases: Phrases, row_topic: np.ndarray, centroids: np.ndarray, top: int) -> list[Name]:
    """Return the name of each topic.

    Parameters
    ----------
    phrases
        Candidates and their counts by paper.
    row_topic
        For each paper the place of its topic, -1 for none.
    centroids
        One unit row per topic; their number is the number of topics.
    top
        How many terms to keep per topic.
    """
    pools = [_fold_nested(pool) for pool in _pools(phrases, row_topic, centroids)]
    heads = _headings(pools, phrases)
    terms = [_diverse(pool, top) for pool in pools]
    wanted = {c.phrase for group in terms + heads for c in group}
    shown = phrases.shown(sorted(wanted))
    names = []
    for head, group in zip(heads, terms):
        best = group[0].score if group else 1.0
        names.append(
            Name(
                _heading(head, shown),
                tuple(shown[c.phrase] for c in group),
                tuple(round(c.score / best, 6) if best > 0 else 1.0 for c in group),
            )
        )
    return names


def _pools(phrases: Phrases, row_topic: np.ndarray, centroids: np.ndarray) -> list[list[Candidate]]:
    """Return the phrases of each topic that score best."""
    from scipy.sparse import csr_array

    counts, n_topics = phrases.counts, len(centroids)
    inside = np.flatnonzero(row_topic >= 0)
    member = csr_array((np.ones(len(inside)), (row_topic[inside], inside)), shape=(n_topics, len(row_topic)))
    used = counts.copy()
    used.data = np.ones_like(used.data)
    n_uses, n_users = csr_array(member @ counts), csr_array(member @ used)
    n_papers = np.bincount(row_topic[inside], minlength=n_topics)
    total = np.asarray(counts.sum(axis=0)).ravel()
    n_using = np.asarray(used.sum(axis=0)).ravel()
    words_per_topic = counts.sum() / max(n_topics, 1)
    # Where one topic is all there is nothing is rare, and the most used phrases must do.
    idf = np.sqrt(np.maximum(np.log1p(np.maximum(words_per_topic - total + 0.5, 0) / (total + 0.5)), 1e-3))
    length = np.array([len(words) for words in phrases.words], dtype=float)
    near = centroids.astype(np.float64) @ centroids.astype(np.float64).T
    np.fill_diagonal(near, -np.inf)

    pools = []
    for topic in range(n_topics):
        row = n_uses[[topic]]
        columns, uses = row.indices, row.data
        users = np.zeros(counts.shape[1])
        row = n_users[[topic]]
        users[row.indices] = row.data
        users = users[columns]
        share = users / max(n_papers[topic], 1)
        # One paper proves nothing, which matters in a topic of few.
        weight = np.maximum(users - 1, 0.5) / max(n_papers[topic], 1)
        outside = (n_using[columns] - users) / max(counts.shape[0] - n_papers[topic], 1)
        elsewhere = n_using[columns] / counts.shape[0]
        siblings = np.argsort(-_rounded(near[topic]), kind="stable")[: min(N_SIBLINGS, n_topics - 1)]
        if len(siblings):
            beside = np.asarray(n_users[siblings].sum(axis=0)).ravel() / max(n_papers[siblings].sum(), 1)
            elsewhere = np.maximum(elsewhere, beside[columns])
        score = (
            np.log2(1 + length[columns])
            * np.sqrt(uses / max(uses.sum(), 1))
            * idf[columns]
            * weight
            * (share / (share + elsewhere)) ** 2
        )
        torn = (length[columns] > 1) & (phrases.closing[columns] < TORN)
        enough = (users >= min(2, n_papers[topic])) & ~torn
        # Columns follow the alphabet, which decides between equals.
        score = _rounded(score)
        order = [k for k in np.lexsort((columns, -score)).tolist() if enough[k]][:POOL]
        alone = {phrases.words[k][0]: x for k, x in zip(columns.tolist(), score.tolist()) if length[k] == 1}
        most = max(alone.values(), default=0.0) or 1.0
        pools.append(
            [
                Candidate(
                    phrase=int(columns[k]),
                    words=(words := phrases.words[columns[k]]),
                    score=float(score[k]),
                    share=float(share[k]),
                    users=float(users[k]),
                    outside=float(outside[k]),
                    support=max(alone.get(word, 0.0) for word in words) / most,
                )
                for k in order
            ]
        )
    return pools


def _rounded(values: np.ndarray) -> np.ndarray:
    """Return values to nine significant digits."""
    with np.errstate(divide="ignore"):
        scale = np.where(values > 0, 10.0 ** (8 - np.floor(np.log10(np.where(values > 0, values, 1)))), 1)
    return np.round(values * scale) / scale


def _within(short: Sequence[str], long: Sequence[str]) -> bool:
    """Say whether a phrase stands inside a longer one."""
    n = len(short)
    return n < len(long) and any(tuple(long[k : k + n]) == tuple(short) for k in range(len(long) - n + 1))


def _fold_nested(pool: list[Candidate]) -> list[Candidate]:
    """Drop phrases that live mostly inside a longer one, which inherits the better score of the two."""
    best = {c.phrase: c.score for c in pool}
    folded: set[int] = set()
    for short in sorted(pool, key=lambda c: (len(c.words), c.words)):
        longer = [c for c in pool if _within(short.words, c.words) and c.users >= NESTED * short.users]
        if longer:
            heir = max(longer, key=lambda c: (c.users, len(c.words), best[c.phrase], c.words))
            best[heir.phrase] = max(best[heir.phrase], best[short.phrase])
            folded.add(short.phrase)
    kept = [replace(c, score=best[c.phrase]) for c in pool if c.phrase not in folded]
    return sorted(kept, key=lambda c: (-c.score, c.words))


def _diverse(pool: list[Candidate], top: int) -> list[Candidate]:
    """Return the best phrases that say something new, best first."""
    chosen: list[Candidate] = []
    left = dict.fromkeys(pool, 0.0)
    while left and len(chosen) < top:
        best = min(left, key=lambda c: (-c.score * (1 - REPEATS * left[c]), c.words))
        chosen.append(best)
        del left[best]
        for c in left:
            left[c] = max(left[c], _shared(c, best))
    return sorted(chosen, key=lambda c: (-c.score, c.words))


def _shared(a: Candidate, b: Candidate) -> float:
    """Return the share of the shorter phrase's words that the other has; 1 for an acronym and its words."""
    for one, other in ((a, b), (b, a)):
        if len(one.words) == 1 and "".join(word[0] for word in other.words).endswith(one.words[0]):
            return 1.0
    return len(set(a.words) & set(b.words)) / min(len(a.words), len(b.words))


def _headings(pools: list[list[Candidate]], phrases: Phrases) -> list[list[Candidate]]:
    """Return the one or two phrases that head each topic; no two topics have the same words.

    The topic that a phrase fits best gets it first; another topic must add a second phrase or take the
    next one.
    """

    def vague(c: Candidate) -> bool:
        alone = bool(phrases.lone[c.phrase] >= MOSTLY)
        return c.outside > (COMMON_WORD if alone else COMMON_PHRASE)

    def worth(c: Candidate) -> float:
        alone = ALONE if phrases.lone[c.phrase] >= MOSTLY else 1.0
        return c.score * alone * (1 + c.support) * (VAGUE if vague(c) else 1.0)

    ranked = []
    for pool in pools:
        fit = [c for c in pool if phrases.closing[c.phrase] >= CLOSING] or pool
        fit = sorted(fit, key=lambda c: (-worth(c), c.words))
        ranked.append(_completed(fit, phrases))
    taken: set[frozenset[str]] = set()
    heads: list[list[Candidate]] = [[] for _ in pools]
    order = sorted(range(len(pools)), key=lambda k: (-worth(ranked[k][0]) if ranked[k] else 0.0, k))
    for topic in order:
        for head in _choices(ranked[topic], vague, phrases):
            words = frozenset(word for c in head for word in c.words)
            if words not in taken:
                taken.add(words)
                heads[topic] = head
                break
    return heads


def _completed(ranked: list[Candidate], phrases: Phrases) -> list[Candidate]:
    """Put a fuller phrase first: "agent skills" for "skills", "visual token pruning" for "visual tokens".

    A single word gives way to a phrase around it that enough of its papers use, and a phrase to one that
    holds another good term besides.
    """
    if not ranked:
        return ranked
    best = max(ranked, key=lambda c: (c.score, c.words))
    if phrases.lone[best.phrase] >= MOSTLY and phrases.closing[best.phrase] >= SECOND_CLOSING:
        fuller = [
            c
            for c in ranked
            if _within(best.words, c.words)
            and c.users >= FULLER * best.users
            and c.score >= CLOSE * best.score
        ]
    else:
        fuller = []
    best = max(fuller, key=lambda c: (c.users, c.score, c.words), default=ranked[0])
    good = [c for c in ranked if c.score >= CLOSE * best.score and phrases.lone[c.phrase] < MOSTLY]
    wider = [
        c
        for c in ranked
        if _within(best.words, c.words)
        and any(_within(g.words, c.words) and not _within(g.words, best.words) for g in good if g != best)
    ]
    if wider:
        best = max(wider, key=lambda c: (c.users, c.score, c.words))
    return [best] + [c for c in ranked if c is not best]


def _choices(
    ranked: list[Candidate], vague: Callable[[Candidate], bool], phrases: Phrases
) -> Iterator[list[Candidate]]:
    """Yield a topic's possible headings, best first."""
    if not ranked:
        return
    best = ranked[0]
    for c in ranked[1:] if phrases.lone[best.phrase] < MOSTLY else []:
        close = c.score >= CLOSE * best.score and c.share >= CHAINED_SHARE
        if close and phrases.lone[c.phrase] < MOSTLY:
            yield from ([a, b] for a, b in ((best, c), (c, best)) if _chained(a, b))
    pairs = [
        [best, c]
        for c in ranked[1:]
        if not _alike(c, best)
        and len(best.words) + len(c.words) <= MAX_LABEL_WORDS
        and (phrases.lone[c.phrase] < MOSTLY or phrases.closing[c.phrase] >= SECOND_CLOSING)
    ]
    thin = phrases.lone[best.phrase] >= MOSTLY or best.share < COVERS
    if pairs and (vague(best) or (thin and pairs[0][1].score >= CLOSE * best.score)):
        yield pairs[0]
    if not vague(best):
        yield [best]
    yield from pairs
    for c in ranked[1:]:
        yield [c]
    yield [best]


def _chained(a: Candidate, b: Candidate) -> bool:
    """Say whether one phrase goes on where the other ends: "visual tokens", "token pruning"."""
    words = a.words + b.words[1:]
    return a.words[-1] == b.words[0] and len(b.words) > 1 and len(set(words)) == len(words) <= MAX_LABEL_WORDS


def _alike(a: Candidate, b: Candidate) -> bool:
    """Say whether two phrases share a word or its root: "image editing" and "edits"."""
    roots = [{part[:ROOT] for word in c.words for part in word.split("-")} for c in (a, b)]
    return bool(roots[0] & roots[1]) or _shared(a, b) > 0


def _heading(head: list[Candidate], shown: dict[int, str]) -> str:
    """Return one or two phrases as a slide heading."""
    texts = [shown[c.phrase] for c in head]
    if len(head) == 2 and _chained(*head):
        text = f"{texts[0].rpartition(' ')[0]} {texts[1]}".strip()
    else:
        text = ", ".join(texts)
    first = text.split(" ", 1)[0].split("-", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() else text
