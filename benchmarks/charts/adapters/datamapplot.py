"""DataMapPlot's map of our places and names: interactive with search, with a histogram of dates, as an image.

All else is its default; search is off by default and on in its examples. Its font, Roboto, comes from a
server of Google's, which nothing here asks, so a font of this machine stands in.
"""

import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd

from benchmarks.charts.adapters._given import Given

warnings.filterwarnings("ignore")
import datamapplot  # noqa: E402

NOISE = "Unlabelled"
"""What DataMapPlot calls papers in no topic."""

FONT = "Liberation Sans"


def main() -> None:
    """Draw the map three times."""
    given = Given()
    places = np.array([[paper["x"], paper["y"]] for paper in given.papers], dtype=np.float32)
    labels = np.array(
        [NOISE if topic < 0 else given.labels[topic] for topic in given.column("topic_id")], dtype=object
    )
    titles = np.array(given.column("title"), dtype=object)
    dates = pd.Series(pd.to_datetime(given.column("date")))

    def interactive(path, **options):
        plot = datamapplot.create_interactive_plot(
            places, labels, hover_text=titles, enable_search=True, font_family=FONT, **options
        )
        plot.save(str(path))

    def still(path):
        figure, _ = datamapplot.create_plot(places, labels, font_family=FONT)
        figure.savefig(path.with_suffix(".png"), bbox_inches="tight")

    given.draw("map", interactive)
    given.draw(
        "map_dates",
        lambda path: interactive(path, histogram_data=dates, histogram_group_datetime_by="month"),
    )
    given.draw("map_png", still)
    given.finish(version=version("datamapplot"))


main()
