"""The whole flow in one readable function."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.embeddings import Encoder, embed
from trends.labels import LLM, label
from trends.papers import load, sample
from trends.study._reading import title_of, versions_of
from trends.study._study import Study
from trends.timeline import count, measure
from trends.topics import cluster, read_themes, shipped_themes
from trends.topics import watch as follow

N_STEPS = 4


def run(
    *sources: Any,
    every: str = "auto",
    encoder: "str | Encoder | np.ndarray | pd.DataFrame" = "minilm",
    detail: float | None = None,
    n_topics: int | None = None,
    seed: int = 0,
    exact: bool = False,
    tags: "str | Path | Mapping[str, Any] | None" = None,
    observed_until: str | None = None,
    title: str | None = None,
    llm: LLM | None = None,
    watch: "str | Path | Sequence[Mapping[str, Any]] | None" = None,
) -> Study:
    """Go the whole way from files to trends.

    Parameters
    ----------
    *sources
        Files, globs, folders or papers tables for `load`; none means the embedded sample.
    every
        The period to count by: "week", "month", "quarter", "year", or "auto".
    encoder, exact
        As in `embed`.
    detail, n_topics, seed
        As in `cluster`.
    tags
        As in `load`.
    observed_until
        As in `count`.
    title
        The title of the report, else one made from the names of the files.
    llm
        As in `label`; what came of it stands in `study.topics.parameters["labels"]`.
    watch
        Themes to follow: a YAML file or a list, as in `trends.watch`. None follows none, and in the embedded
        sample the themes of `trends/data/watch.yml`.

    Returns
    -------
    Study
        The same input and options give the same study, whatever the order of rows.

    Raises
    ------
    InputError
        A source cannot be read, or an option is not one of its values.
    DependencyError
        The encoder's model is missing.
    """
    # A fault in the list must not cost the time of a run.
    themes = shipped_themes() if watch is None and not sources else read_themes(watch or [])
    papers = load(*sources, tags=tags) if sources else sample()
    return study_of(
        papers,
        every=every,
        encoder=encoder,
        detail=detail,
        n_topics=n_topics,
        seed=seed,
        exact=exact,
        observed_until=observed_until,
        title=title or title_of(papers, sampled=not sources),
        llm=llm,
        themes=[theme.plain() for theme in themes],
    )


def study_of(
    papers: pd.DataFrame,
    *,
    every: str = "auto",
    encoder: "str | Encoder | np.ndarray | pd.DataFrame" = "minilm",
    detail: float | None = None,
    n_topics: int | None = None,
    seed: int = 0,
    exact: bool = False,
    observed_until: str | None = None,
    title: str = "",
    llm: LLM | None = None,
    themes: Sequence[Mapping[str, Any]] = (),
) -> Study:
    """Go the way of `run` from a papers table, whose ids and rows stay as they are; `themes` are followed."""
    with _progress() as step:
        step(f"Encoding {len(papers):,} papers")
        embeddings = embed(papers, encoder, exact=exact, seed=seed)
        step("Finding topics")
        topics = cluster(papers, embeddings, detail=detail, n_topics=n_topics, seed=seed)
        step("Naming topics")
        topics = label(papers, topics, llm=llm)
        step("Measuring trends")
        counts = count(papers, topics, every=every, observed_until=observed_until)
        trends = measure(counts)
        followed = follow(papers, embeddings, themes) if themes else None
    parameters = {
        "every": every,
        "detail": detail,
        "n_topics": n_topics,
        "seed": seed,
        "exact": exact,
        "observed_until": observed_until,
        "versions": versions_of(embeddings),
    }
    return Study(
        papers=papers,
        embeddings=embeddings,
        topics=topics,
        counts=counts,
        trends=trends,
        title=title,
        parameters=parameters,
        watch=followed,
    )


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Give a function that shows which step of the flow is under way, and for how long."""
    from tqdm.auto import tqdm

    shown = "{desc} … (step {n_fmt} of {total_fmt}, {elapsed})"
    with tqdm(total=N_STEPS, bar_format=shown, leave=False, disable=None) as bar:

        def step(name: str) -> None:
            bar.set_description_str(name, refresh=False)
            bar.update()
            bar.refresh()

        yield step
