"""How good is a set of topics? Against known classes, by its words, and against another run of the same.

Two of these must never be quoted alone: coherence prefers topics that people do not (Hoyle et al. 2021), and
agreement with a few broad classes rewards having few topics. Hence curves over the number of topics, and all
of the measures side by side.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

UNASSIGNED = -1
TOP = 10
EPSILON = 1e-12
"""What gensim adds to the probability of a pair, so that a pair that never meets has a logarithm."""

_WORD = re.compile(r"\w+")


def agreement(found: Sequence[int], truth: Sequence[Any]) -> dict[str, float]:
    """Compare topics with known classes.

    Parameters
    ----------
    found
        A topic per paper, -1 where unassigned.
    truth
        A class per paper.

    Returns
    -------
    dict
        n_topics; coverage (the share of papers in a topic); ami, ari and fmi with the unassigned papers as a
        topic, and the same with `_assigned` over the papers in topics only (NaN where there are none).
        Adjusted mutual information (Vinh, Epps & Bailey 2010, arithmetic mean), adjusted Rand index
        (Hubert & Arabie 1985), Fowlkes-Mallows index (Fowlkes & Mallows 1983).
    """
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, fowlkes_mallows_score

    topics = np.asarray(found)
    classes = np.unique(np.asarray(truth), return_inverse=True)[1]
    inside = topics != UNASSIGNED
    measures: dict[str, Callable[..., float]] = {
        "ami": adjusted_mutual_info_score,
        "ari": adjusted_rand_score,
        "fmi": fowlkes_mallows_score,
    }
    values = covered(found) | {name: float(measure(classes, topics)) for name, measure in measures.items()}
    for name, measure in measures.items():
        some = inside.any()
        values[f"{name}_assigned"] = float(measure(classes[inside], topics[inside])) if some else math.nan
    return values


def covered(found: Sequence[int]) -> dict[str, float]:
    """Give n_topics, and coverage, the share of papers in a topic; `found` as in `agreement`."""
    topics = np.asarray(found)
    inside = topics != UNASSIGNED
    return {"n_topics": len(np.unique(topics[inside])), "coverage": float(inside.mean())}


def gathered(found: Sequence[int], kind: Sequence[bool]) -> dict[str, float]:
    """Say how far topics gather papers of one kind, which has nothing to do with their themes.

    Parameters
    ----------
    found
        A topic per paper, -1 where unassigned.
    kind
        Whether a paper is of that kind.

    Returns
    -------
    dict
        spread, the standard deviation over topics of the share of that kind in them; by_chance, what it would
        be if each of their papers were drawn from all; unassigned_of_kind and unassigned_of_others, the
        shares of these that are in no topic.
    """
    topics, is_so = np.asarray(found), np.asarray(kind, dtype=bool)
    names = np.unique(topics[topics != UNASSIGNED])
    if not len(names):
        nan = math.nan
        return {"spread": nan, "by_chance": nan, "unassigned_of_kind": 1.0, "unassigned_of_others": 1.0}
    shares = [is_so[topics == name].mean() for name in names]
    share = is_so[topics != UNASSIGNED].mean()
    variances = [share * (1 - share) / np.sum(topics == name) for name in names]
    return {
        "spread": float(np.std(shares)),
        "by_chance": float(np.sqrt(np.mean(variances))),
        "unassigned_of_kind": float(np.mean(topics[is_so] == UNASSIGNED)),
        "unassigned_of_others": float(np.mean(topics[~is_so] == UNASSIGNED)),
    }


def npmi(
    topics: Sequence[Sequence[str]], texts: Sequence[str], *, window: int | None = TOP, top: int = TOP
) -> float:
    """Measure how often the first words of a topic meet: normalised pointwise mutual information.

    The mean over topics of the mean over their pairs of words, as gensim's `c_npmi` gives it; the sliding
    window of 10 tokens is its default and that of the BERTopic paper. As in gensim a word that stands twice
    within a window counts as gone once the first of the two drops out, so that figures can be set beside
    published ones. A term of several words ("token
    pruning", "vision-language") occurs where its words stand side by side. A word that occurs nowhere makes
    -1 with each other word. Between -1 and 1; NaN where no topic has two words.

    Parameters
    ----------
    topics
        The words of each topic, best first.
    texts
        The texts in which meetings are counted; words are runs of letters and digits, in lower case.
    window
        How many tokens are near; None for whole texts.
    top
        How many words of each topic are looked at.

    References
    ----------
    Bouma, G. (2009). Normalized (pointwise) mutual information in collocation extraction. GSCL.
    Röder, M., Both, A. and Hinneburg, A. (2015). Exploring the space of topic coherence measures. WSDM.
    """
    chosen = [[tuple(_WORD.findall(word.lower())) for word in topic[:top]] for topic in topics]
    number = {term: place for place, term in enumerate(sorted({t for topic in chosen for t in topic if t}))}
    if not number:
        return math.nan
    together, n_windows = _meetings(list(number), texts, window)
    alone = np.diag(together)
    means = []
    for topic in chosen:
        rows = [number[term] for term in topic if term]
        if len(rows) < 2:
            continue
        first, second = np.triu_indices(len(rows), k=1)
        a, b = np.array(rows)[first], np.array(rows)[second]
        joint = together[a, b] / n_windows
        apart = (alone[a] / n_windows) * (alone[b] / n_windows)
        known = apart > 0
        pairs = np.full(len(a), -1.0)
        pairs[known] = np.log((joint[known] + EPSILON) / apart[known]) / -np.log(joint[known] + EPSILON)
        means.append(pairs.mean())
    return float(np.mean(means)) if means else math.nan


def _meetings(
    terms: list[tuple[str, ...]], texts: Sequence[str], window: int | None
) -> tuple[np.ndarray, int]:
    """Count in how many windows each pair of terms meets, and all windows; the diagonal counts a term."""
    starting: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
    for place, term in enumerate(terms):
        starting.setdefault(term[0], []).append((place, term))
    together = np.zeros((len(terms), len(terms)), dtype=np.int64)
    n_windows = 0
    for text in texts:
        words = _WORD.findall(text.lower())
        width = len(words) if window is None else min(window, len(words))
        # A text shorter than the window is one window, and an empty one too, as in gensim.
        last = max(len(words) - width, 0)
        n_windows += last + 1
        starts: dict[int, list[int]] = {}
        for start, word in enumerate(words):
            for place, term in starting.get(word, ()):
                if len(term) <= width and tuple(words[start : start + len(term)]) == term:
                    starts.setdefault(place, []).append(start)
        if not starts:
            continue
        present = np.array(sorted(starts))
        holds = np.zeros((last + 1, len(present)), dtype=np.float32)
        for column, place in enumerate(present):
            for start in starts[place]:
                # From the first window that reaches the term's end until one of its starts drops out.
                begin = max(0, start + len(terms[place]) - width)
                dropped = next(other for other in starts[place] if other >= min(begin, start))
                holds[begin : min(dropped, last) + 1, column] = 1
        together[np.ix_(present, present)] += np.rint(holds.T @ holds).astype(np.int64)
    return together, n_windows


def diversity(topics: Sequence[Sequence[str]], *, top: int = TOP) -> float:
    """Give the share of distinct words among the first words of all topics (Dieng, Ruiz & Blei 2020)."""
    words = [word.lower() for topic in topics for word in topic[:top]]
    return len(set(words)) / len(words) if words else math.nan


def word_overlap(
    one: Sequence[Sequence[str]], other: Sequence[Sequence[str]], *, top: int = TOP
) -> dict[str, float]:
    """Pair the topics of two runs so that they share most words, and say how many.

    Returns
    -------
    dict
        overlap: the mean Jaccard index of the pairs' first words, pairs chosen by the Hungarian method
        (Kuhn 1955); of_all: the same where a topic without a partner counts as 0, which is what lowers it
        where the runs have different numbers of topics.
    """
    from scipy.optimize import linear_sum_assignment

    left, right = ([{word.lower() for word in topic[:top]} for topic in run] for run in (one, other))
    if not left or not right:
        return {"overlap": math.nan, "of_all": math.nan}
    jaccard = np.array([[len(a & b) / max(len(a | b), 1) for b in right] for a in left])
    rows, columns = linear_sum_assignment(-jaccard)
    total = float(jaccard[rows, columns].sum())
    return {"overlap": total / len(rows), "of_all": total / max(len(left), len(right))}


def document_ari(one: dict[str, int], other: dict[str, int]) -> dict[str, float]:
    """Compare the topics of the papers that two runs share, by paper id: adjusted Rand index.

    Returns
    -------
    dict
        ari with the unassigned papers as one topic; ari_assigned over the papers that both runs assign.
    """
    from sklearn.metrics import adjusted_rand_score

    shared = sorted(one.keys() & other.keys())
    a, b = (np.array([run[name] for name in shared]) for run in (one, other))
    both = (a != UNASSIGNED) & (b != UNASSIGNED)
    inside = float(adjusted_rand_score(a[both], b[both])) if both.any() else math.nan
    return {"ari": float(adjusted_rand_score(a, b)), "ari_assigned": inside}


def label_figures(labels: Sequence[str]) -> dict[str, float]:
    """Say how many labels are unlike all others, in any case of letters, and how many words they have."""
    if not labels:
        return {"unique": math.nan, "words_mean": math.nan, "words_most": math.nan}
    plain = [" ".join(label.casefold().split()) for label in labels]
    lengths = [len(label.split()) for label in plain]
    return {
        "unique": sum(plain.count(label) == 1 for label in plain) / len(plain),
        "words_mean": float(np.mean(lengths)),
        "words_most": max(lengths),
    }


def recognised(labels: np.ndarray, ids: Sequence[int], papers: np.ndarray) -> dict[str, float]:
    """Say whether who reads a label finds its topic: an encoder, by nearness among all topics.

    Parameters
    ----------
    labels
        The vector of each label, in the order of the topics' ids from 0; a topic without papers is left out.
    ids
        Each paper's topic, -1 for none.
    papers
        The vector of each paper, by the same encoder.

    Returns
    -------
    dict
        first: the share of labels whose nearest topic, by the mean of its papers' vectors, is their own;
        reciprocal_rank: the mean of one over the place of their own. What all labels share, and all topics,
        is taken away before, or the topic in the middle would be nearest to most.
    """
    placed = np.asarray(ids)
    held = [topic for topic in range(len(labels)) if (placed == topic).any()]
    labels, topics = labels[held], np.array([papers[placed == topic].mean(axis=0) for topic in held])
    near = (labels - labels.mean(axis=0)) @ (topics - topics.mean(axis=0)).T
    before = (near > np.diag(near)[:, None]).sum(axis=1)
    return {"first": float((before == 0).mean()), "reciprocal_rank": float((1 / (1 + before)).mean())}


def at_numbers(points: Sequence[tuple[float, float]], numbers: Sequence[int]) -> list[float | None]:
    """Read a curve of (number of topics, value) at given numbers of topics, straight between its points.

    On the logarithm of the number; runs with the same number are averaged; None beyond the curve's ends.
    """
    by_number: dict[float, list[float]] = {}
    for number, value in points:
        by_number.setdefault(number, []).append(value)
    if not by_number:
        return [None for _ in numbers]
    known = sorted(by_number)
    values = [float(np.mean(by_number[number])) for number in known]
    logs = np.log(np.maximum(known, 1))
    return [
        float(np.interp(math.log(number), logs, values)) if known[0] <= number <= known[-1] else None
        for number in numbers
    ]
