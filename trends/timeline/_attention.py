"""Upvotes per paper beside the number of papers: which topics readers favour, whatever their volume.

Upvotes have heavy tails, and no interval for their plain mean holds for a few papers: on log-normal,
Pareto and real upvotes, 5 to 50 papers, Student's covers .70 to .90, bootstrap-t .80 to .94 and one for
log-normal means .81 to .96 of what should be .95. For the mean of ln(1 + upvotes) Student's covers .94 to
.96, so that geometric means are the figures to compare, and the plain mean stands beside them bare.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.records import Topics
from trends.core.tables import UNASSIGNED
from trends.timeline._count import placed
from trends.timeline._joint import adjusted

LEAST = 5
"""Papers with upvotes from which an interval is given; it was tried from here on."""


@dataclass(frozen=True, eq=False, repr=False)
class Attention:
    """Upvotes per paper by topic, over all periods and in each.

    Attributes
    ----------
    topics
        Index topic_id, -1 included: label, n_papers (in the periods), n_rated (of these with upvotes),
        mean_upvotes, typical_upvotes (geometric mean of 1 + upvotes, less 1) with typical_low and
        typical_high, relative (the topic's geometric mean of 1 + upvotes over that of all papers of the same
        periods) with relative_low and relative_high, p (of a ratio of 1) and q (Benjamini-Hochberg over the
        topics, NaN for -1). Intervals are 95 %, NaN below 5 rated papers.
    periods
        topic_id, period and the columns of `topics` from n_papers to relative_high, and complete; one row for
        every topic in every period.
    every
        The period counted by.
    """

    topics: pd.DataFrame
    periods: pd.DataFrame
    every: str

    def __repr__(self) -> str:
        n_rated, n_papers = int(self.topics["n_rated"].sum()), int(self.topics["n_papers"].sum())
        return f"<Attention by {self.every}: {n_rated:,} of {n_papers:,} papers with upvotes>"


def attention(
    papers: pd.DataFrame,
    topics: Topics,
    *,
    every: str = "auto",
    observed_until: pd.Timestamp | str | None = None,
) -> Attention:
    """Compare the upvotes per paper of each topic with those of all papers of the same time.

    Within a period papers had about the same time and the same readers; across periods only the ratio to the
    whole corpus compares. Upvotes say what readers of one site liked when they were collected, not what is
    good.

    Parameters
    ----------
    papers
        Papers by paper_id with a column `upvotes` (0 or more, NaN where unknown).
    topics
        The topics of the papers.
    every, observed_until
        As in `count`; papers that no period can count are in no number.

    Returns
    -------
    Attention
        `topics` over all periods and `periods` in each.

    Raises
    ------
    InputError
        The papers have no upvotes, or an upvote is negative or infinite; and as `count`.

    References
    ----------
    B. L. Welch (1947), The generalization of "Student's" problem, Biometrika 34 (two variances);
    Y. Benjamini, Y. Hochberg (1995), JRSS B 57.
    """
    corpus = placed(papers, topics, every, observed_until)
    votes = _votes(papers)
    period, n_topics = corpus.dated.period, len(corpus.topic_ids)
    n_periods = len(corpus.dated.window.starts)
    rated = (period >= 0) & ~np.isnan(votes)
    cell = corpus.topic[rated] * n_periods + period[rated]

    def summed(values: np.ndarray | None) -> np.ndarray:
        sums = np.bincount(cell, values, n_topics * n_periods).astype(float)
        return sums.reshape(n_topics, n_periods)

    n_papers = corpus.dated.cells(corpus.topic, np.arange(len(papers)), n_topics)
    log = np.log1p(votes[rated])
    sums = _Sums(summed(None), summed(votes[rated]), summed(log), summed(log**2))
    whole = sums.total()
    overall = _figures(n_papers.sum(axis=1), sums, whole)
    overall.index = pd.Index(corpus.topic_ids, name="topic_id")
    overall.insert(0, "label", corpus.labels.reindex(overall.index).astype(str))
    overall["q"] = adjusted(overall["p"].where(overall.index != UNASSIGNED).to_numpy(dtype=float))
    single = _figures(n_papers.ravel(), sums.apart(), whole.repeated(n_topics).apart()).drop(columns="p")
    single.insert(0, "topic_id", np.repeat(corpus.topic_ids, n_periods))
    single.insert(1, "period", np.tile(corpus.dated.window.starts.to_numpy(), n_topics))
    single["complete"] = np.tile(corpus.dated.window.complete, n_topics)
    return Attention(overall, single, corpus.dated.window.every)


@dataclass(frozen=True)
class _Sums:
    """Number of rated papers, their upvotes, and ln(1 + upvotes) with its square, by group and period."""

    n: np.ndarray
    votes: np.ndarray
    log: np.ndarray
    squares: np.ndarray

    def total(self) -> "_Sums":
        return _Sums(*(part.sum(axis=0, keepdims=True) for part in self._parts))

    def repeated(self, times: int) -> "_Sums":
        return _Sums(*(np.repeat(part, times, axis=0) for part in self._parts))

    def apart(self) -> "_Sums":
        """Make a group of its own of each group and period."""
        return _Sums(*(part.reshape(-1, 1) for part in self._parts))

    @property
    def _parts(self) -> tuple[np.ndarray, ...]:
        return self.n, self.votes, self.log, self.squares


def _votes(papers: pd.DataFrame) -> np.ndarray:
    votes = papers["upvotes"].to_numpy(dtype=float) if "upvotes" in papers else np.empty(0)
    if not len(votes) or np.isnan(votes).all():
        raise InputError(
            "These papers have no upvotes: attention needs a source that gives them, such as Daily Papers."
        )
    wrong = (votes < 0) | np.isinf(votes)
    if wrong.any():
        paper = papers.index[np.flatnonzero(wrong)[0]]
        raise InputError(f"upvotes must be 0 or more, not {votes[wrong][0]:g} as of the paper {paper!r}.")
    return votes


def _figures(n_papers: np.ndarray, own: _Sums, whole: _Sums) -> pd.DataFrame:
    """Give the figures of each group (rows of `own`) over its periods (columns)."""
    from scipy.special import stdtr, stdtrit

    n = own.n.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = own.log.sum(axis=1) / n
        spread = np.sqrt(np.fmax(own.squares.sum(axis=1) / n - mean**2, 0) * n / (n - 1))
        error = np.where((n >= LEAST) & (spread > 1e-9), spread / np.sqrt(n), np.nan)
        reach = stdtrit(np.fmax(n - 1, 1), 0.975) * error
        above, above_error, degrees = _above(own, whole)
        known = (n >= LEAST) & (above_error > 1e-9)
        above_error = np.where(known, above_error, np.nan)
        above_reach = stdtrit(np.where(known, degrees, 1.0), 0.975) * above_error
        return pd.DataFrame(
            {
                "n_papers": n_papers,
                "n_rated": n.astype(np.int64),
                "mean_upvotes": own.votes.sum(axis=1) / n,
                "typical_upvotes": np.expm1(mean),
                "typical_low": np.expm1(mean - reach),
                "typical_high": np.expm1(mean + reach),
                "relative": np.exp(above),
                "relative_low": np.exp(above - above_reach),
                "relative_high": np.exp(above + above_reach),
                "p": 2 * stdtr(np.where(known, degrees, 1.0), -np.abs(above / above_error)),
            }
        )


def _above(own: _Sums, whole: _Sums) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give how far each group's mean logarithm lies above the corpus's, its standard error and df.

    Each paper is taken against the mean of its period, which holds the group's own papers too: a paper of the
    group weighs (1 - w) / n in the difference and another paper of the period -w / n, with w the group's part
    of the period's rated papers. The two kinds have variances of their own.
    """
    n, others = own.n.sum(axis=1), whole.n - own.n
    mean = np.divide(whole.log, whole.n, out=np.zeros_like(whole.log), where=whole.n > 0)
    part = np.divide(own.n, whole.n, out=np.zeros_like(own.n), where=whole.n > 0)
    above = (own.log - own.n * mean).sum(axis=1) / n
    squares = (own.squares - 2 * mean * own.log + own.n * mean**2).sum(axis=1) - n * above**2
    rest_log, rest_squares = whole.log - own.log, whole.squares - own.squares
    rest_mean = np.divide(rest_log, others, out=np.zeros_like(rest_log), where=others > 0)
    rest_free = np.fmax(others - 1, 0).sum(axis=1)
    within = np.fmax((rest_squares - others * rest_mean**2).sum(axis=1), 0) / rest_free
    own_part = np.fmax(squares, 0) / (n - 1) * (own.n * (1 - part) ** 2).sum(axis=1) / n**2
    rest_part = within * (others * part**2).sum(axis=1) / n**2
    variance = own_part + rest_part
    degrees = variance**2 / (own_part**2 / (n - 1) + rest_part**2 / rest_free)
    return above, np.sqrt(variance), degrees
