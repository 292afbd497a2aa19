"""Which papers form which topics."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.escape import clean_text
from trends.core.ledger import heirs, ids_of
from trends.core.naming import id_of
from trends.core.tables import MEMBERS, TOPICS, UNASSIGNED, UNASSIGNED_LABEL, check

SHAKY = 0.6
"""A topic of a lower stability shares too few papers with its like in other fits to be relied on."""


@dataclass(frozen=True, eq=False, repr=False)
class Topics:
    """The themes of a corpus and which paper belongs to which.

    Attributes
    ----------
    table
        One row per topic, index topic_id (int32, ascending; 0 = largest until edited, and edits leave gaps):
        label, terms and term_weights (parallel tuples, best first), n_papers, first_date, last_date,
        stability (0-1, NaN when not measured), cohesion (mean cosine of the members to the centroid),
        exemplars (paper ids nearest the centroid).
    members
        One row per paper, index paper_id: topic_id (-1 unassigned), similarity (cosine to the nearest
        centroid), x and y (map), how ("centroid", "none" when unassigned, "user" when placed by hand);
        fitted where papers came after the fit: whether a paper took part in it.
    centroids
        float32, one unit row per row of `table`, in the space of the embeddings.
    cutoffs
        float32, one per topic: a paper below its nearest topic's cut-off is unassigned.
    ledger
        Append-only history of ids, one line per event: event_no, date (the newest date of a paper in a topic
        at that time), fit_id, by ("fit" or "user"), event ("birth", "keep", "merge", "split", "death",
        "rename", "reassign"), old_ids, new_ids (tuples; one end of them empty at a birth or death), jaccard,
        cosine, n_shared (how alike old and new are, see `match`; NaN and 0 where nothing was compared), note,
        labels (of old_ids, as they were called), flows (tuples of old id, new id and papers: where those of
        old_ids went, at a birth where they came from; -1 no topic). `history` tells it in words.
    parameters
        Everything that decided the result, plain JSON values; `edits` lists what was changed by hand.
    fingerprint
        Hash of the input, the parameters and the versions.
    """

    table: pd.DataFrame
    members: pd.DataFrame
    centroids: np.ndarray
    cutoffs: np.ndarray
    ledger: pd.DataFrame
    parameters: Mapping[str, Any]
    fingerprint: str
    make_model: Callable[[], Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check(self.table, TOPICS)
        check(self.members, MEMBERS)
        if len(self.centroids) != len(self.table) or len(self.cutoffs) != len(self.table):
            raise InputError(
                f"topics: {len(self.table)} topics need as many centroids and cut-offs, "
                f"not {len(self.centroids)} and {len(self.cutoffs)}."
            )
        unknown = set(self.members["topic_id"].unique()) - set(self.table.index) - {UNASSIGNED}
        if unknown:
            lacking = sorted(map(int, unknown))
            raise InputError(f"topics.members names topics that topics.table lacks: {lacking}.")

    def __repr__(self) -> str:
        n_papers = len(self.members)
        return f"<Topics: {len(self.table)} topics of {n_papers:,} papers, {self.n_unassigned:,} unassigned>"

    def _repr_html_(self) -> str:
        from trends.core.summaries import topics

        return topics(self)

    def __getitem__(self, topic: int | str) -> pd.Series:
        """Return the row of `table` of one topic, given by its label or its id; its name is the id.

        Raises
        ------
        InputError
            No topic or several have that label; the message names what comes nearest.
        """
        return self.table.loc[id_of(topic, self.table["label"])]

    def __iter__(self) -> Iterator[int]:
        return iter([int(topic_id) for topic_id in self.table.index])

    def __contains__(self, topic: object) -> bool:
        try:
            id_of(topic, self.table["label"])
        except InputError:
            return False
        return True

    def _ipython_key_completions_(self) -> list[str]:
        return sorted(map(clean_text, self.table["label"]), key=str.casefold)

    @property
    def model(self) -> Any:
        """The fitted `bertopic.BERTopic`; made on first use where the topics were read from disk.

        It numbers topics by the rows of `table`, which after a refit are not their ids.
        """
        if self.reshaped:
            raise InputError(
                "Topics that were merged, split or reassigned by hand carry no BERTopic model: it reads its "
                "tables by position, so that ids could not be kept. The topics as clustered have theirs."
            )
        if self.make_model is None:
            raise InputError("These topics carry no BERTopic model; cluster the papers to get one.")
        return self.make_model()

    @property
    def labels(self) -> pd.Series:
        """Label by topic_id, -1 included."""
        labels = self.table["label"]
        return pd.concat(
            [pd.Series([UNASSIGNED_LABEL], index=[UNASSIGNED], dtype=labels.dtype), labels]
        ).rename_axis("topic_id")

    @property
    def shaky(self) -> frozenset[int]:
        """The topics whose stability is below `SHAKY`: another fit might not find them."""
        return frozenset(int(k) for k in self.table.index[self.table["stability"] < SHAKY])

    @property
    def n_unassigned(self) -> int:
        """Papers in no topic."""
        return int((self.members["topic_id"] == UNASSIGNED).sum())

    @property
    def next_id(self) -> int:
        """The lowest id that no topic has or ever had: it never falls, so that no id is given twice."""
        floor = int(self.parameters.get("next_id", 0))
        return max([floor, *(1 + k for k in ids_of(self.ledger)), *(1 + int(k) for k in self.table.index)])

    @property
    def user_labels(self) -> dict[int, str]:
        """The labels that the user gave with `rename`, by topic_id."""
        given = {e["topic"]: e["label"] for e in self.parameters.get("edits", ()) if e["edit"] == "rename"}
        return {topic_id: label for topic_id, label in given.items() if topic_id in self.table.index}

    @property
    def reshaped(self) -> bool:
        """Whether papers were moved by `merge`, `split` or `reassign`."""
        return any(edit["edit"] != "rename" for edit in self.parameters.get("edits", ()))

    def heirs(self, topic_id: int) -> tuple[int, ...]:
        """Return the topics of today in which an id that ever existed lives on.

        Returns
        -------
        tuple of int
            The id itself while it lives, else what it was merged or split into, through any number of steps;
            empty for a topic that died without heirs.

        Raises
        ------
        InputError
            No topic ever had the id.
        """
        return heirs(self.ledger, set(map(int, self.table.index)), topic_id)

    def history(self, topic: int | str | None = None) -> pd.DataFrame:
        """Tell what happened to a topic, in words.

        Parameters
        ----------
        topic
            Any id that ever existed, or the label of a topic of today; None tells of all.

        Returns
        -------
        DataFrame
            One row per event, by topic_id and oldest first: topic_id, date (that of the newest paper at the
            time, since no clock is read), by ("fit" or "user"), event ("birth", "keep", "merge", "split",
            "rename", "reassign", "end"), text. Refits in which a topic merely went on share a row. Empty
            where the topics have no ledger.

        Raises
        ------
        InputError
            No topic ever had the id, or none has the label.
        """
        from trends.core import history

        if isinstance(topic, str):
            topic = id_of(topic, self.table["label"])
        elif topic is not None:
            self.heirs(topic)
        return history.table(self.ledger, self.table["label"].to_dict(), topic)

    @property
    def ended(self) -> pd.DataFrame:
        """The topics that are no more.

        Index topic_id: label (as it was called last), n_papers (when it ended; missing where the ledger does
        not say), born and ended (dates as in `history`), heirs (tuple of the topics of today in which it
        lives on, empty for none), text (where its papers went).
        """
        from trends.core import history

        return history.ended(self.ledger, self.table["label"].to_dict())

    def hierarchy(self) -> pd.DataFrame:
        """Join the topics two by two, nearest first, until one node holds all.

        Ward's criterion on the centroids, every topic counting alike; it keeps themes of like size where
        average linkage makes one large and many small ones.

        Returns
        -------
        DataFrame
            One row per merge, nearest first: node (its id, from `next_id` upwards), left and right (what is
            joined, ids of topics or of earlier nodes; left holds the lowest topic id), distance (Ward's: how
            much the join adds to the spread of its topics), n_papers (of the node), topics (tuple of the
            topic ids in it, ascending). Empty for fewer than two topics.

        References
        ----------
        Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. JASA 58, 236-244.
        """
        from trends.core.views import hierarchy

        return hierarchy(self.table, self.centroids, self.next_id)

    def themes(self, n: int) -> pd.Series:
        """Gather the topics into at most `n` themes: the hierarchy, cut where n nodes are left.

        Returns
        -------
        Series
            theme_id (int32, 0 the theme of most papers) by topic_id. With n topics or fewer each is a theme.

        Raises
        ------
        InputError
            `n` is no whole number of at least 1.
        """
        from trends.core.views import themes

        return themes(self.table, self.hierarchy(), n)

    def papers(self, topic_id: int | str, papers: pd.DataFrame | None = None) -> pd.DataFrame:
        """Return the papers of a topic, the most typical first.

        Parameters
        ----------
        topic_id
            A topic by id or label, or -1 for the papers in none.
        papers
            The papers table, to have their titles, dates and, where it has them, addresses beside them.

        Returns
        -------
        DataFrame
            Index paper_id: similarity (cosine to the topic's centroid; to the nearest one for -1), how; with
            `papers` also title, date and url. Best first, then by id.

        Raises
        ------
        InputError
            There is no such topic, or `papers` lacks some of its papers.
        """
        from trends.core.views import papers_of

        if isinstance(topic_id, str):
            topic_id = id_of(topic_id, self.labels)
        return papers_of(self.members, self.table.index, topic_id, papers)

    def similar(self, query: str | Sequence[float] | np.ndarray, top: int = 5) -> pd.DataFrame:
        """Return the topics nearest to a text, by its words, or to a vector, by its direction.

        Parameters
        ----------
        query
            A text, compared with the topics' labels and terms: no model is asked, so other words for the
            same thing are not understood (`Study.similar` asks the encoder). Or a vector in the space of the
            embeddings, compared with the centroids.
        top
            How many topics at most.

        Returns
        -------
        DataFrame
            Index topic_id, most similar first: label, similarity (cosine; for a text that of its words and
            the topic's, weighted by how few topics have them), n_papers, how ("words" or "vectors"). A topic
            that shares no word with a text is left out.

        Raises
        ------
        InputError
            The query is empty or of another dimension than the centroids, or `top` is below 1.

        References
        ----------
        Salton, G. and Buckley, C. (1988). Term-weighting approaches in automatic text retrieval. Information
        Processing & Management 24, 513-523: the cosine of weighted words.
        """
        from trends.core.views import similar

        return similar(self.table, self.centroids, query, top)
