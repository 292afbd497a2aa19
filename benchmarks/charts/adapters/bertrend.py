"""BERTrend's chart of signals, drawn by its own two functions from the popularity that its rule gives.

BERTrend finds topics of its own for every slice of time, so its rule was applied to the study's counts by
`benchmarks.planted.readings`: papers add up, and a topic without papers decays. The app's window of 7 days
would hold one period only, so the window is the whole time.
"""

import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd

from benchmarks.charts.adapters._given import Given

warnings.filterwarnings("ignore")
from bertrend.trend_analysis.visualizations import (  # noqa: E402
    create_topic_size_evolution_figure,
    plot_topic_size_evolution,
)

LOWER, UPPER = 10, 75
"""Percentiles between noise and weak, weak and strong signals: its default configuration."""
ALIVE = 1e-5


def main() -> None:
    """Draw the signals up to the last period."""
    given = Given()
    periods = [pd.Timestamp(period) for period in given.periods]
    sizes = {
        topic: {
            "Timestamps": periods[began:],
            "Popularity": row[began:],
            "Representations": [given.labels[topic]] * (len(row) - began),
        }
        for topic, row in given.popularity.items()
        for began in [int(np.argmax(np.array(row) > 0))]
    }
    alive = [value for row in given.popularity.values() for value in row if value > ALIVE]
    low, high = np.percentile(alive, [LOWER, UPPER])
    step = periods[-1] - periods[-2]

    def signals(path):
        figure = create_topic_size_evolution_figure(sizes)
        plot_topic_size_evolution(figure, periods[-1], periods[0], periods[-1] + step, alive, low, high)
        figure.write_html(str(path))

    given.draw("signals", signals)
    given.finish(version=version("bertrend"))


main()
