"""Which topics rise and fall."""

from dataclasses import dataclass, field

import pandas as pd

from trends.core.tables import CALLS, SHARES, UNASSIGNED, UNASSIGNED_LABEL, check


@dataclass(frozen=True, eq=False, repr=False)
class Trends:
    """Which topics rise and fall, with the evidence.

    Attributes
    ----------
    shares
        topic_id, period, n_papers, n_total, share (0-1 of all papers of the period), share_low, share_high
        (95 % interval), complete.
    calls
        Index topic_id (-1 left out): label, status, growth (odds ratio per year), growth_low, growth_high
        (95 % interval), p, q (Benjamini-Hochberg), n_periods, n_papers, reason, and further evidence.
    bursts
        topic_id, kind, start, end, weight, n_papers, n_total, share_inside, share_outside, p, q: spans in
        which a topic held far more of the papers than it usually does.
    forecast
        topic_id, period, share, share_low, share_high (80 % interval); only where a back-test shows skill.
    every
        The period counted by.
    left_out
        Index topic_id: papers that no period could count (n_undated, n_too_coarse).
    fingerprint
        Hash of the counts and the parameters.
    phases
        topic_id, start, end, growth, growth_low, growth_high, n_papers, n_total: the stretches of one growth
        that each topic's history falls into.
    skill
        Index topic_id: how well forecasts of the past did (mase below 1 beats the best simple rule), whether
        one is shown, and why not.
    whole
        What the shares are of, as charts say it: "all papers", or "papers with an abstract" where followed
        themes are counted among these.
    shaky
        The topics of low stability (`Topics.shaky`): another fit might draw them otherwise, and what is said
        of them with them. None are known where the counts were a plain table.
    """

    shares: pd.DataFrame
    calls: pd.DataFrame
    bursts: pd.DataFrame
    forecast: pd.DataFrame
    every: str
    left_out: pd.DataFrame
    fingerprint: str
    phases: pd.DataFrame = field(default_factory=pd.DataFrame)
    skill: pd.DataFrame = field(default_factory=pd.DataFrame)
    whole: str = "all papers"
    shaky: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        check(self.shares, SHARES)
        check(self.calls, CALLS)

    def __repr__(self) -> str:
        counts = self.calls["status"].value_counts().sort_index()
        said = ", ".join(f"{n} {status}" for status, n in counts.items() if n) or "no topics"
        return f"<Trends by {self.every}: {said}>"

    def _repr_html_(self) -> str:
        from trends.core.summaries import trends

        return trends(self)

    @property
    def labels(self) -> pd.Series:
        """Label by topic_id, -1 included."""
        labels = self.calls["label"]
        return pd.concat(
            [pd.Series([UNASSIGNED_LABEL], index=[UNASSIGNED], dtype=labels.dtype), labels]
        ).rename_axis("topic_id")
