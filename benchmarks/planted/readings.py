"""Rules that read counts over time and say up (1), down (-1) or neither (0) for each topic.

All take a plain table with topic_id, period, n_papers and mostly n_total, and give calls by topic_id: this
project's measure, the slope of raw frequencies, which is what topics over time invite to, the slope of
shares, and the signals of BERTrend.
"""

import numpy as np
import pandas as pd

import trends as tr

ALPHA = 0.05
DECAY = 0.01
NOISE, STRONG = 10, 75
"""Percentiles of popularity."""

WINDOW = 14
"""The last periods whose slope and percentiles decide."""

ALIVE = 1e-5
"""A popularity below this takes no part in the percentiles."""


def call_measured(table: pd.DataFrame) -> pd.Series:
    """Call as `tr.measure` does with its defaults."""
    status = tr.measure(table).calls["status"].astype(str)
    return status.map({"emerging": 1, "growing": 1, "declining": -1}).fillna(0).astype(int)


def call_slope(table: pd.DataFrame) -> pd.Series:
    """Call where a straight line through the frequencies has a slope with p below .05.

    Periods without a row are no zeros but absent, as in BERTopic's `topics_over_time`.
    """
    return _by_topic(table, table["n_papers"].to_numpy(dtype=float))


def call_share_slope(table: pd.DataFrame) -> pd.Series:
    """Call where a straight line through the shares has a slope with p below .05."""
    return _by_topic(table, table["n_papers"].to_numpy(dtype=float) / table["n_total"].to_numpy())


def call_signals(table: pd.DataFrame, window: int = WINDOW, strong_too: bool = True) -> pd.Series:
    """Call as BERTrend sorts signals: up where the signal is weak or strong, down where popularity falls.

    Popularity is the running number of papers; in a period without any it shrinks by exp(-.01 d²), d
    periods after the last paper. Below the 10th percentile of all popularities of the window is noise, above
    the 75th strong, between them weak if the line through the window's popularities rises.
    """
    counts = table.pivot_table(index="topic_id", columns="period", values="n_papers", fill_value=0)
    popularity = popularity_of(counts.to_numpy(dtype=float))[:, -window:]
    alive = popularity[popularity > ALIVE]
    noise, strong = np.percentile(alive, [NOISE, STRONG]) if len(alive) else (0.0, 0.0)
    time = np.arange(popularity.shape[1]) - (popularity.shape[1] - 1) / 2
    slope, last = popularity @ time, popularity[:, -1]
    signal = (last >= noise) & (last <= strong) & (slope > 0)
    if strong_too:
        signal |= last > strong
    return pd.Series(np.where(slope < 0, -1, np.where(signal, 1, 0)), index=counts.index)


def call_weak_signals(table: pd.DataFrame) -> pd.Series:
    """Call as `call_signals` does, but nothing that is strong: only a weak signal is new."""
    return call_signals(table, strong_too=False)


RULES = {
    "measure": call_measured,
    "raw slope": call_slope,
    "share slope": call_share_slope,
    "BERTrend-like": call_signals,
    "BERTrend-like, weak": call_weak_signals,
}


def popularity_of(counts: np.ndarray) -> np.ndarray:
    """Give BERTrend's popularity of each topic (rows) up to each period (columns)."""
    popularity = np.zeros(counts.shape)
    now, gap = np.zeros(len(counts)), np.zeros(len(counts))
    for period in range(counts.shape[1]):
        seen = counts[:, period] > 0
        gap = np.where(seen, 0, gap + 1)
        now = np.where(seen, now + counts[:, period], now * np.exp(-DECAY * gap**2))
        popularity[:, period] = now
    return popularity


def _by_topic(table: pd.DataFrame, values: np.ndarray) -> pd.Series:
    from scipy.stats import linregress

    years = (pd.to_datetime(table["period"]) - pd.Timestamp(0)).dt.days.to_numpy() / 365.2425
    calls = {}
    for topic_id, places in table.reset_index(drop=True).groupby("topic_id").groups.items():
        x, y = years[places], values[places]
        if len(x) < 3 or np.ptp(y) == 0:
            calls[topic_id] = 0
            continue
        line = linregress(x, y)
        calls[topic_id] = int(np.sign(line.slope)) if line.pvalue < ALPHA else 0
    return pd.Series(calls, dtype=int)
