"""Scores of the calls beside those of naive rules on the same topics and dates, and a verdict on both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from trends.backtest._rules import RIVALS, order
from trends.core.errors import InputError
from trends.core.hashing import fingerprint
from trends.core.wilson import wilson

CALLS = "calls"
RISING, FALLING = ("emerging", "growing"), ("declining",)
TOP = (5, 10)
AS_CALLED = "called"
"""Beside the first 5 and 10: as many topics as are called, so that no rule gains by naming fewer."""

DRAWS, INNER = 4_000, (5, 95)
FEWEST_DATES = 5
"""Over fewer dates a bootstrap says nothing."""

NEEDED = (
    *("as_of", "horizon", "topic_id", "status", "rank", "n_papers"),
    *("odds_ratio", "rose", *(rule for rule in RIVALS if rule != "random")),
)


@dataclass(frozen=True, eq=False, repr=False)
class Backtest:
    """How the calls of earlier dates turned out, beside what naive rules would have said.

    Attributes
    ----------
    calls
        One row per date, horizon and topic: as_of, horizon (periods), topic_id, label, status, rank, growth,
        growth_low, growth_high, q, dispersion, n_papers, as called then; n_before, total_before, n_after,
        total_after, odds_ratio, low, high (90 % interval), rose, fell, as it came; and each naive rule's
        score (last change, share, slope, bertrend).
    scores
        One row per as_of, horizon, rule and k ("5", "10", "called": as many as the calls name): n_topics,
        n_ranked (topics that the rule ranked among its first k; the calls may name fewer), n_rose (of these;
        not whole for `random`), precision, base_rate (share of all topics that rose), lift.
    summary
        One row per horizon, rule and k over the dates on which any topic was called: n_dates, n_ranked,
        precision (n_rose / n_ranked of all dates), low, high (90 % bootstrap over dates), difference (the
        calls' precision less this rule's; on the row of the calls, less the best rule's), difference_low,
        difference_high, best (the rule of the highest precision, on the row of the calls).
    directions
        Index (horizon, called: "rising", "falling" or "both"): n_calls, n_right (odds that moved the called
        way at all), share, low, high (95 % Wilson interval).
    verdict
        What may be claimed, one sentence per horizon.
    leak_free
        Whether nothing of after a date could reach its calls (the encoder apart).
    notes
        What limits the result, a sentence each.
    parameters
        What decided the result, plain JSON values.
    """

    calls: pd.DataFrame
    scores: pd.DataFrame
    summary: pd.DataFrame
    directions: pd.DataFrame
    verdict: str
    leak_free: bool
    notes: tuple[str, ...]
    parameters: Mapping[str, Any]

    def __repr__(self) -> str:
        n_dates, leaks = self.calls["as_of"].nunique(), "" if self.leak_free else "not leak-free, "
        return f"<Backtest: {leaks}{n_dates} date{'s' * (n_dates != 1)}. {self.verdict}>"

    def _repr_html_(self) -> str:
        from trends.backtest._view import page

        return page(self, AS_CALLED, FEWEST_DATES)

    @property
    def fingerprint(self) -> str:
        """Hash of the calls, of what came of them and of the parameters."""
        return fingerprint(self.calls, self.parameters)


def score(
    calls: pd.DataFrame,
    *,
    every: str,
    seed: int = 0,
    leak_free: bool = True,
    parameters: Mapping[str, Any] | None = None,
) -> Backtest:
    """Score calls whose outcome is known, of one back-test or of several put together.

    Parameters
    ----------
    calls
        As in `Backtest.calls`.
    every
        The period that horizons are counted in.
    seed
        Seeds the bootstrap over dates.
    leak_free, parameters
        As they shall stand in the record.

    Raises
    ------
    InputError
        The table is empty or lacks a column.
    """
    missing = [name for name in NEEDED if name not in calls.columns]
    if missing or calls.empty:
        what = f"lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}" if missing else "is empty"
        raise InputError(f"calls {what}; pass the calls of a back-test.")
    calls = calls.sort_values(["as_of", "horizon", "topic_id"], kind="stable", ignore_index=True)
    scores = _scores(calls)
    summary = _summary(scores, seed)
    directions = _directions(calls)
    return Backtest(
        calls=calls,
        scores=scores,
        summary=summary,
        directions=directions,
        verdict=_verdict(summary, every, leak_free),
        leak_free=leak_free,
        notes=_notes(calls, every, leak_free, parameters or {}),
        parameters=dict(parameters or {}) | {"every": every, "bootstrap_seed": seed, "draws": DRAWS},
    )


def _scores(calls: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (as_of, horizon), found in calls.groupby(["as_of", "horizon"], sort=True):
        rose, base_rate = found["rose"].to_numpy(bool), float(found["rose"].mean())
        ranked = {rule: rose[places] for rule, places in _ranked(found).items()}
        n_called = len(ranked[CALLS])
        for rule in (CALLS, *RIVALS):
            for k, most in ((str(TOP[0]), TOP[0]), (str(TOP[1]), TOP[1]), (AS_CALLED, n_called)):
                first = ranked[rule][:most] if rule != "random" else rose
                n_ranked = min(most, len(first))
                n_rose = base_rate * n_ranked if rule == "random" else float(first.sum())
                precision = n_rose / n_ranked if n_ranked else np.nan
                lift = precision / base_rate if base_rate else np.nan
                rows.append(
                    (as_of, horizon, rule, k, len(found), n_ranked, n_rose, precision, base_rate, lift)
                )
    names = [
        "as_of",
        "horizon",
        "rule",
        "k",
        "n_topics",
        "n_ranked",
        "n_rose",
        "precision",
        "base_rate",
        "lift",
    ]
    return pd.DataFrame(rows, columns=names).astype({"rule": str, "k": str})


def _ranked(found: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the places of the topics that each rule ranks, the likeliest to rise first."""
    size, topic_ids = found["n_papers"].to_numpy(), found["topic_id"].to_numpy()
    rank = found["rank"].astype("float64").to_numpy(na_value=np.nan)
    rising = np.flatnonzero(found["status"].isin(RISING).to_numpy() & ~np.isnan(rank))
    places = {CALLS: rising[np.argsort(rank[rising], kind="stable")]}
    for rule in RIVALS:
        if rule != "random":
            places[rule] = order(found[rule].to_numpy(dtype=float), size, topic_ids)
    return places


def _summary(scores: pd.DataFrame, seed: int) -> pd.DataFrame:
    rules = [CALLS, *RIVALS]
    rows = []
    for (horizon, k), found in scores.groupby(["horizon", "k"], sort=False):
        ranked, rose = (
            found.pivot_table(index="as_of", columns="rule", values=name, aggfunc="sum")[rules].to_numpy(
                float
            )
            for name in ("n_ranked", "n_rose")
        )
        # Where nothing was called there is no precision to compare, on either side.
        said = ranked[:, 0] > 0
        ranked, rose = ranked[said], rose[said]
        n_dates = int(said.sum())
        if not n_dates:
            rows += [(horizon, rule, k, 0, 0, *[np.nan] * 6, "") for rule in rules]
            continue
        draws = np.random.default_rng(seed).multinomial(n_dates, np.full(n_dates, 1 / n_dates), size=DRAWS)
        drawn, whole = draws @ rose / (draws @ ranked), rose.sum(axis=0) / ranked.sum(axis=0)
        # Which rule is best is not known beforehand, so each draw has its own best.
        ahead, ahead_whole = drawn[:, :1] - drawn, whole[0] - whole
        ahead[:, 0], ahead_whole[0] = drawn[:, 0] - drawn[:, 1:].max(axis=1), whole[0] - whole[1:].max()
        low, high = np.percentile(drawn, INNER, axis=0)
        ahead_low, ahead_high = np.percentile(ahead, INNER, axis=0)
        best = rules[1 + int(whole[1:].argmax())]
        rows += [
            (
                *(horizon, rule, k, n_dates, int(ranked[:, r].sum()), whole[r], low[r], high[r]),
                *(ahead_whole[r], ahead_low[r], ahead_high[r], best if rule == CALLS else ""),
            )
            for r, rule in enumerate(rules)
        ]
    names = [
        *("horizon", "rule", "k", "n_dates", "n_ranked", "precision", "low", "high"),
        *("difference", "difference_low", "difference_high", "best"),
    ]
    return pd.DataFrame(rows, columns=names).astype({"rule": str, "k": str, "best": str})


def _directions(calls: pd.DataFrame) -> pd.DataFrame:
    up, down = calls["status"].isin(RISING), calls["status"].isin(FALLING)
    right = (up & (calls["odds_ratio"] > 1)) | (down & (calls["odds_ratio"] < 1))
    parts = []
    for name, called in (("rising", up), ("falling", down), ("both", up | down)):
        table = pd.DataFrame({"n_calls": called, "n_right": right & called}).groupby(calls["horizon"]).sum()
        parts.append(table.assign(called=name))
    found = (
        pd.concat(parts).set_index("called", append=True).sort_index(level="horizon", sort_remaining=False)
    )
    low, high = wilson(found["n_right"].to_numpy(float), found["n_calls"].to_numpy(float))
    said = found["n_calls"].where(found["n_calls"] > 0)
    return found.assign(share=found["n_right"] / said, low=low, high=high)


def _verdict(summary: pd.DataFrame, every: str, leak_free: bool) -> str:
    ours = summary[summary["rule"] == CALLS].set_index(["horizon", "k"])
    rates = summary.set_index(["horizon", "k", "rule"])["precision"]
    said = [
        _claim(ours.loc[horizon], rates[horizon], int(horizon), every) for horizon in ours.index.unique(0)
    ]
    return ("" if leak_free else "Not leak-free, with topics that know the outcome. ") + " ".join(said)


def _claim(ours: pd.DataFrame, rates: pd.Series, horizon: int, every: str) -> str:
    """Say of one horizon what holds: at ten and, where fewer or more are called, at as many as called."""
    ahead = f"{horizon} {every}{'s' * (horizon != 1)} ahead"
    top, called = ours.loc[str(TOP[1])], ours.loc[AS_CALLED]
    n_dates = int(top["n_dates"])
    if n_dates == 0:
        return f"{ahead.capitalize()}: no topic was called emerging or growing, so there is nothing to score."
    at_ten, at_called = (
        f"{row['precision']:.2f} against {rates[k, row['best']]:.2f} by {_RULES[row['best']]} (difference "
        f"{row['difference']:+.2f}, 90% {row['difference_low']:+.2f} to {row['difference_high']:+.2f})"
        for k, row in ((str(TOP[1]), top), (AS_CALLED, called))
    )
    numbers = (
        f"precision among the first ten called {at_ten}, at as many topics as are called {at_called}; "
        f"{int(called['n_ranked'])} calls on {n_dates} date{'s' * (n_dates != 1)}"
    )
    if n_dates < FEWEST_DATES:
        return f"{ahead.capitalize()}: too few dates to say whether the calls beat a naive rule; {numbers}."
    better = top["difference_low"] > 0 and called["difference_low"] > 0
    claim = "better than the best naive rule" if better else "no better than the naive rule"
    return f"{ahead.capitalize()}: {claim}; {numbers}."


_RULES = {
    "last change": "the last change",
    "share": "the current share",
    "slope": "the slope of the share",
    "bertrend": "BERTrend's slope",
    "random": "chance",
}


def _notes(
    calls: pd.DataFrame, every: str, leak_free: bool, parameters: Mapping[str, Any]
) -> tuple[str, ...]:
    notes: Sequence[str | None] = [
        None if leak_free else "Not leak-free: today's topics and vectors were used at every date.",
        _of_encoder(parameters),
        _of_overlap(calls, every),
        _of_calls(calls),
    ]
    return tuple(note for note in notes if note)


def _of_encoder(parameters: Mapping[str, Any]) -> str | None:
    name = parameters.get("encoder")
    if name in (None, "lsa"):
        return None
    if name == "given":
        return "The given vectors may know papers of after a date; nothing here can tell."
    return f"The encoder {name} may have been trained on texts of after a date, which cannot be taken back."


def _of_overlap(calls: pd.DataFrame, every: str) -> str | None:
    dates = np.sort(calls["as_of"].unique()).astype("datetime64[D]")
    days = {"week": 7, "month": 30, "quarter": 91, "year": 365}[every] * int(calls["horizon"].max())
    if len(dates) < 2 or np.diff(dates).min().astype(int) >= days - 3:
        return None
    return "Neighbouring dates share part of what came after them, so the bootstrap intervals are too narrow."


def _of_calls(calls: pd.DataFrame) -> str | None:
    named = calls["status"].isin(RISING).groupby([calls["as_of"], calls["horizon"]]).sum()
    short = int((named < TOP[1]).sum())
    if not short:
        return None
    return (
        f"Fewer than {TOP[1]} topics were called emerging or growing in {short} of {len(named)} cases: the "
        f"calls' precision is then over fewer topics than the naive rules', which always rank {TOP[1]}; the "
        f"rows '{AS_CALLED}' compare like with like."
    )
