"""What a back-test shows of itself in a notebook: its verdict, and the calls beside the naive rules."""

from typing import TYPE_CHECKING

from trends.core import display

if TYPE_CHECKING:
    from trends.backtest._score import Backtest


def page(backtest: "Backtest", k: str, fewest: int) -> str:
    """Return the verdict, the precision of every rule among its first `k`, and the notes.

    `fewest` is the number of dates below which an interval says nothing.
    """
    rows = []
    for row in backtest.summary[backtest.summary["k"] == k].itertuples():
        known, enough = row.precision == row.precision, row.n_dates >= fewest
        rows.append(
            (
                row.horizon,
                row.rule,
                row.n_dates,
                f"{row.n_ranked:,}",
                f"{row.precision:.0%}" if known else "none named",
                f"{row.low:.0%} to {row.high:.0%}" if known and enough else "too few dates",
            )
        )
    names = ("periods ahead", "rule", "dates", "topics named", "of these rose", "90% interval")
    n_dates = backtest.calls["as_of"].nunique()
    leak = "" if backtest.leak_free else ", not leak-free"
    notes = "".join(display.note(text) for text in backtest.notes)
    return display.block(
        f"Back-test over {n_dates} date{'s' * (n_dates != 1)}{leak}",
        display.note(backtest.verdict),
        display.table(names, rows, numeric=(0, 2, 3, 4, 5)),
        display.folded("What limits this", notes) if notes else "",
        hint="`backtest.summary` holds the first 5 and 10 too, `backtest.calls` each call and its outcome.",
    )
