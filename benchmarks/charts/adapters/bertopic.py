"""BERTopic's charts as its documentation calls them, each written with `fig.write_html(path)`.

The topics are handed over by BERTopic's own way for known topics ("manual topic modeling": no reduction,
no clustering, `y=`), with the stop words of its FAQ, our names as custom labels and our places as the
two dimensions of its map of documents.
"""

import warnings

import numpy as np
import pandas as pd

from benchmarks.charts.adapters._given import Given

warnings.filterwarnings("ignore")
import plotly  # noqa: E402
from bertopic import BERTopic, __version__  # noqa: E402
from bertopic.backend import BaseEmbedder  # noqa: E402
from bertopic.cluster import BaseCluster  # noqa: E402
from bertopic.dimensionality import BaseDimensionalityReduction  # noqa: E402
from sklearn.feature_extraction.text import CountVectorizer  # noqa: E402

MANY = 20
"""Bins of time and topics of the chart over time, as in BERTopic's documentation."""


def fitted(given: Given) -> BERTopic:
    """Give a BERTopic whose topics are those of the study."""
    model = BERTopic(
        embedding_model=BaseEmbedder(),
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(stop_words="english"),
    )
    topics = given.column("topic_id")
    model.fit(given.column("text"), embeddings=np.load(given.folder / "vectors.npy"), y=np.array(topics))
    # Equal sizes may change places: names follow the papers, not the numbers.
    named = dict(zip(model.topics_, (given.labels[topic] for topic in topics)))
    if [named[topic] for topic in model.topics_] != [given.labels[topic] for topic in topics]:
        raise ValueError("BERTopic holds other topics than it was given.")
    model.set_topic_labels(named)
    return model


def main() -> None:
    """Draw all six."""
    given = Given()
    model = fitted(given)
    named = {"custom_labels": True}
    places = np.array([[paper["x"], paper["y"]] for paper in given.papers])
    # Its documentation passes texts of dates; pandas 3 refuses how it reads them, but takes Timestamps.
    dates = [pd.Timestamp(date) for date in given.column("date")]

    def over_time():
        table = model.topics_over_time(given.column("text"), dates, nr_bins=MANY)
        return model.visualize_topics_over_time(table, top_n_topics=MANY, **named)

    charts = {
        "topics": lambda: model.visualize_topics(**named),
        "barchart": lambda: model.visualize_barchart(**named),
        "heatmap": lambda: model.visualize_heatmap(**named),
        "hierarchy": lambda: model.visualize_hierarchy(**named),
        "documents": lambda: model.visualize_documents(
            given.column("title"), reduced_embeddings=places, **named
        ),
        "over_time": over_time,
    }
    for name, figure in charts.items():
        given.draw(name, lambda path, figure=figure: figure().write_html(str(path)))
    given.finish(version=__version__, plotly=plotly.__version__)


main()
