"""Tables of counts whose truth is known: which topics grow, by how much, and how papers clump."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Planted:
    """A plain table of counts by quarter with -1 in it, and each topic's true odds ratio per year."""

    table: pd.DataFrame
    growth: np.ndarray


def plant(
    seed,
    *,
    n_periods=12,
    dispersion=1.0,
    n_topics=200,
    n_growing=40,
    growth=1.08,
    share=0.003,
    n_first=4000,
    corpus_growth=0.05,
    correlation=0.0,
):
    """Plant growing topics (the first `n_growing`) among unchanged ones; -1 takes the rest of the papers.

    A topic's share is multiplied by `growth` each period. Papers clump by a Dirichlet-multinomial, so the
    variance is `dispersion` times the binomial one; `correlation` carries a part of the noise over to the
    next period.
    """
    rng = np.random.default_rng(seed)
    time = np.arange(n_periods)
    totals = np.round(n_first * (1 + corpus_growth) ** time * rng.uniform(0.85, 1.15, n_periods)).astype(int)
    slopes = np.where(np.arange(n_topics) < n_growing, np.log(growth), 0.0)
    shares = share * np.exp(slopes[:, None] * (time - time.mean()))
    if correlation:
        # Noise of the clumps as a first-order autoregression on the log share, binomial on top of it.
        size = np.sqrt((dispersion - 1) / (totals * share))
        noise = rng.standard_normal((n_topics, n_periods))
        for t in range(1, n_periods):
            noise[:, t] = correlation * noise[:, t - 1] + np.sqrt(1 - correlation**2) * noise[:, t]
        shares = shares * np.exp(noise * size)
    shares = np.vstack([1 - shares.sum(axis=0), shares])
    columns = []
    for t, total in enumerate(totals):
        chances = shares[:, t]
        if dispersion > 1 and not correlation:
            chances = rng.dirichlet(chances * (total - dispersion) / (dispersion - 1))
        columns.append(rng.multinomial(total, chances))
    counts = np.stack(columns, axis=1)
    starts = pd.date_range("2010-01-01", periods=n_periods, freq="QS").as_unit("us")
    table = pd.DataFrame(
        {
            "topic_id": np.repeat(np.arange(-1, n_topics), n_periods),
            "period": np.tile(starts, n_topics + 1),
            "n_papers": counts.ravel(),
            "n_total": np.tile(totals, n_topics + 1),
        }
    )
    return Planted(table, np.exp(4 * slopes))
