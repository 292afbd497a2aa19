"""The tables that `measure` gives beside the calls, from the arrays that were worked out."""

import numpy as np
import pandas as pd

from trends.core.periods import numbers, starts_of
from trends.core.tables import UNASSIGNED
from trends.core.wilson import Z, wilson
from trends.timeline._forecast import Forecast
from trends.timeline._grid import Grid
from trends.timeline._growth import Growth


def share_of(n_papers: np.ndarray, n_total: np.ndarray) -> np.ndarray:
    """Give shares; NaN where there are no papers at all."""
    return n_papers / np.where(n_total > 0, n_total, np.nan)


def shares_table(laid: Grid, dispersion: np.ndarray) -> pd.DataFrame:
    """Give the share of each topic in each period, with its interval plain and widened."""
    n_topics, n_periods = laid.n_papers.shape
    n_total = np.broadcast_to(laid.n_total, laid.n_papers.shape)
    low, high = wilson(laid.n_papers, n_total)
    band_low, band_high = wilson(laid.n_papers, n_total, dispersion[:, None])
    return pd.DataFrame(
        {
            "topic_id": np.repeat(laid.topic_ids, n_periods),
            "period": np.tile(laid.starts.to_numpy(), n_topics),
            "n_papers": laid.n_papers.ravel(),
            "n_total": n_total.ravel(),
            "share": share_of(laid.n_papers, n_total).ravel(),
            "share_low": low.ravel(),
            "share_high": high.ravel(),
            "band_low": band_low.ravel(),
            "band_high": band_high.ravel(),
            "complete": np.tile(laid.complete, n_topics),
        }
    )


def phases_table(laid: Grid, used: np.ndarray, growth: Growth) -> pd.DataFrame:
    """Give the stretches of one growth of each topic."""
    from scipy.special import stdtrit

    topic, start = growth.phases[:, :2].astype(int).T
    slope, error = growth.phases[:, 2:].T
    n = int(used.sum())
    last = np.append(topic[1:] != topic[:-1], True)[: len(topic)]
    # A joint lies in the middle of its period, which is the last of one phase and the first of the next.
    end = np.where(last, n - 1, np.append(start[1:], 0)[: len(topic)])
    papers = np.cumsum(np.pad(laid.n_papers[:, used], ((0, 0), (1, 0))), axis=1)
    totals = np.cumsum(np.pad(laid.n_total[used], (1, 0)))
    with np.errstate(over="ignore", invalid="ignore"):
        degrees = growth.degrees[topic]
        reach = np.where(np.isinf(degrees), Z, stdtrit(degrees, 0.975))
        ratio, low, high = (np.exp(slope + side * reach * error) for side in (0, -1, 1))
    table = pd.DataFrame(
        {
            "topic_id": laid.topic_ids[topic],
            "label": laid.labels.to_numpy()[topic],
            "start": laid.starts[used][start],
            "end": laid.starts[used][end],
            "growth": ratio,
            "growth_low": low,
            "growth_high": high,
            "n_papers": papers[topic, end + 1] - papers[topic, start],
            "n_total": totals[end + 1] - totals[start],
        }
    )
    return table[table["topic_id"] != UNASSIGNED].reset_index(drop=True)


def bursts_table(laid: Grid, found: pd.DataFrame, topic_ids: np.ndarray) -> pd.DataFrame:
    """Give bursts by topic_id and period in place of numbers of rows and columns."""
    starts = laid.starts[laid.used]
    table = found.assign(
        start=starts[found["start"].to_numpy(int)],
        end=starts[found["end"].to_numpy(int)],
    )
    table.insert(0, "topic_id", topic_ids[found["topic"].to_numpy(int)].astype(np.int32))
    table.insert(1, "label", table["topic_id"].map(laid.labels).astype(str))
    return table.drop(columns="topic").reset_index(drop=True)


def forecast_tables(laid: Grid, found: Forecast, topic_ids: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the shares to come of the topics that have a forecast, and the skill of all."""
    horizon = found.share.shape[1]
    shown = np.flatnonzero(found.skill["shown"].to_numpy(bool))
    last = np.flatnonzero(laid.used)[-1:]
    first = numbers(laid.starts[last].to_numpy(), laid.every) + 1 if len(last) else np.zeros(1, np.int64)
    ahead = starts_of(first + np.arange(horizon), laid.every)
    table = pd.DataFrame(
        {
            "topic_id": np.repeat(topic_ids[shown], horizon).astype(np.int32),
            "label": np.repeat(laid.labels.loc[topic_ids[shown]].to_numpy(), horizon).astype(str),
            "period": np.tile(ahead.to_numpy(), len(shown)),
            "share": found.share[shown].ravel(),
            "share_low": found.low[shown].ravel(),
            "share_high": found.high[shown].ravel(),
        }
    )
    skill = found.skill.set_axis(pd.Index(topic_ids, name="topic_id"))
    skill.insert(0, "label", laid.labels.loc[topic_ids].astype(str))
    return table, skill
