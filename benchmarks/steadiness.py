"""How steady topics are from one week to the next, measured alike for every tool.

Answers are arrays (steps x papers) of topic ids, -1 for a paper in no topic and UNKNOWN for one that a tool
has not been asked about.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

UNKNOWN = -9
LATER = "unassigned, first and later papers"
FIRST = "first papers at the end as at first"


def matched(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Give the topics after under the ids that most papers had before: the Hungarian method, one id a topic.

    Topics that match none get ids that were not there before.
    """
    inside = (before >= 0) & (after >= 0)
    old, new = np.unique(before[inside]), np.unique(after[after >= 0])
    renamed = {int(k): int(before.max()) + 1 + place for place, k in enumerate(new)} | {-1: -1}
    if len(old):
        shared = contingency_matrix(before[inside], after[inside])
        found = np.unique(after[inside])
        for row, column in zip(*linear_sum_assignment(-shared)):
            renamed[int(found[column])] = int(old[row])
    return np.array([renamed[int(k)] for k in after])


def compared(before: np.ndarray, after: np.ndarray) -> dict[str, float]:
    """Compare two answers about the same papers.

    `same` is the share of the papers that were in a topic and have its id still, `same when matched` that
    after the best renaming of the topics, `AMI` the adjusted mutual information of both answers, the
    unassigned as one more class.
    """
    known = (before != UNKNOWN) & (after != UNKNOWN)
    before, after = before[known], after[known]
    inside = before >= 0
    if np.array_equal(before, after):
        return {"same": 1.0, "same when matched": 1.0, "AMI": 1.0}
    return {
        "same": float(np.mean((before == after)[inside])),
        "same when matched": float(np.mean((before == matched(before, after))[inside])),
        "AMI": float(adjusted_mutual_info_score(before, after)),
    }


def judged(answers: np.ndarray) -> dict[str, Any]:
    """Give mean and least over the steps of what `compared` gives; steps without an answer are left out."""
    steps = [step for step in answers if (step != UNKNOWN).any()]
    pairs = [compared(before, after) for before, after in pairwise(steps)]
    found: dict[str, Any] = {"steps": len(pairs)}
    for name in pairs[0]:
        values = [pair[name] for pair in pairs]
        found[name] = {"mean": round(float(np.mean(values)), 4), "least": round(float(np.min(values)), 4)}
    found["steps at which most papers moved"] = sum(pair["same"] < 0.5 for pair in pairs)
    topics = [len(np.unique(step[step >= 0])) for step in steps]
    ends = steps[-1][steps[-1] != UNKNOWN]
    return found | {
        "topics": [topics[0], topics[-1]],
        "unassigned": [
            round(float(np.mean(step[step != UNKNOWN] == -1)), 4) for step in (steps[0], steps[-1])
        ],
        "topics of one or two papers": int(np.sum(np.unique(ends[ends >= 0], return_counts=True)[1] < 3)),
    }


def late_share(answers: np.ndarray, n_first: int) -> list[float]:
    """Give the share of unassigned papers at the end: of the papers of the first fit, and of later ones."""
    ends = answers[-1]
    parts = ends[:n_first], ends[n_first:]
    return [round(float(np.mean(part[part != UNKNOWN] == -1)), 4) for part in parts]


def agreement(before: np.ndarray, after: np.ndarray) -> float:
    """Give the share of papers that two answers put alike, the unassigned among them."""
    known = (before != UNKNOWN) & (after != UNKNOWN)
    return round(float(np.mean(before[known] == after[known])), 4)


def on_a_line(n_papers: list[int], seconds: list[float], wanted: list[int]) -> dict[str, Any]:
    """Fit seconds = a + b * papers by least squares; give what it adds up to at all sizes wanted."""
    slope, start = np.polyfit(n_papers, seconds, 1)
    told = start + slope * np.asarray(n_papers)
    spread = np.sum((np.asarray(seconds) - np.mean(seconds)) ** 2)
    return {
        "measured": len(n_papers),
        "measured, sum": round(float(np.sum(seconds)), 1),
        "seconds for 1,000 papers more": round(float(1_000 * slope), 2),
        "R squared": round(float(1 - np.sum((seconds - told) ** 2) / spread), 3),
        "steps": len(wanted),
        "sum of all steps, by the line": round(float(np.sum(start + slope * np.asarray(wanted))), 1),
    }


def seams(topics: np.ndarray, late: np.ndarray) -> dict[str, Any]:
    """Look for a step in each topic's share between early and late papers, whose dates mean nothing.

    Shares are compared by a z-test of two proportions; were there no seam, 5 % of the topics would pass 1.96
    by chance.
    """
    ids = [-1, *np.unique(topics[topics >= 0])]
    n = np.array([[np.sum((topics == k) & ~late), np.sum((topics == k) & late)] for k in ids], float)
    size = np.array([np.sum(~late), np.sum(late)], float)
    pooled = n.sum(axis=1) / size.sum()
    error = np.sqrt(pooled * (1 - pooled) * (1 / size).sum())
    z = (n[:, 1] / size[1] - n[:, 0] / size[0]) / np.maximum(error, 1e-12)
    return {
        "topics": len(ids) - 1,
        "share of topics with |z| > 1.96": round(float(np.mean(np.abs(z[1:]) > 1.96)), 3),
        "largest |z|": round(float(np.abs(z[1:]).max()), 2),
        "unassigned, before and after": [round(float(x), 4) for x in n[0] / size],
        "z of the unassigned": round(float(z[0]), 2),
    }
