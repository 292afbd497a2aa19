"""The one thing that is done once: topics, found on the sample and frozen, kept in the run's folder."""

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from trends.core.cache import write_json
from trends.core.files import Folder
from trends.core.hashing import fingerprint
from trends.core.records import Topics
from trends.core.words import documents, rules
from trends.embeddings import Encoder, embed, save_student
from trends.embeddings._encoders import find_encoder
from trends.labels import LLM, label
from trends.scale._kept import FORMAT
from trends.scale._steps import ABOUT, STUDENT, TOPICS
from trends.topics import cluster, open_topics, save_topics


@dataclass(frozen=True)
class Fitted:
    """Topics that are frozen, what is said of the vectors they are in, and the name they are kept under."""

    name: str
    topics: Topics
    embeddings: dict[str, Any]


def fit(
    folder: Folder,
    papers: pd.DataFrame,
    n_papers: int,
    *,
    encoder: "str | Encoder",
    exact: bool,
    detail: float | None,
    n_topics: int | None,
    seed: int,
    llm: LLM | None,
) -> Fitted:
    """Return the topics of the sample, as `study.run` finds and names them; kept ones where they are there.

    `n_papers` are all that the frozen rule will read: where they are too many for a student that looks at the
    beginning of each, it is taught to do with their words.
    """
    found = None if isinstance(encoder, str) and encoder == "lsa" else find_encoder(encoder)
    read_by = "lsa" if found is None else (found.name, found.revision, getattr(found, "precision", ""))
    options = {"exact": exact, "detail": detail, "n_topics": n_topics, "seed": seed}
    parts = [papers.index, papers["date"], documents(papers), rules(), options, read_by, n_papers]
    name = fingerprint("fit", FORMAT, *parts)[:16]
    if not folder.has(f"fit/{name}/{ABOUT}"):
        embeddings = embed(papers, encoder, exact=exact, seed=seed, n_papers=n_papers)
        topics = label(papers, cluster(papers, embeddings, detail=detail, n_topics=n_topics, seed=seed))
        with folder.new_folder(f"fit/{name}") as temporary:
            save_topics(topics, temporary / TOPICS)
            save_student(embeddings, temporary / STUDENT)
            write_json(temporary / ABOUT, {"embeddings": embeddings.attrs})
    place = folder.local(f"fit/{name}")
    topics_kept = open_topics(place / TOPICS, papers, pd.DataFrame(index=papers.index))
    assert topics_kept is not None
    if llm is not None:
        topics_kept = label(papers, topics_kept, llm=llm)
    about = json.loads((place / ABOUT).read_text(encoding="utf-8"))
    return Fitted(name, topics_kept, about["embeddings"])
