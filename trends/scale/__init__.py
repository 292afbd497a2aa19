"""The same flow at millions of papers: partitions are mapped, counts are summed, the rest is small tables.

Every partition is read, cleaned, embedded by the frozen student and assigned by the frozen centroids, here
one after the other or on a Dask cluster; topics are found once, on a sample that hangs on the papers alone.
What a partition gives is kept in the run's folder, so that a run that was cut off goes on where it was. With
one partition it is the way of `study.run`, and any number of partitions and workers gives the same result.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.files import Folder
from trends.core.hashing import fingerprint
from trends.embeddings import Encoder
from trends.labels import LLM
from trends.papers import Tally, added, health_of
from trends.papers import _entries as entries_room
from trends.papers._parts import Reading, Survey, listed
from trends.papers._tags import lists
from trends.scale import _steps as steps
from trends.scale._crossing import crossing
from trends.scale._each import connected, each, local_workers
from trends.scale._fit import fit
from trends.scale._kept import facts_of, is_done
from trends.scale._log import by_file
from trends.scale._memory import fits
from trends.scale._partitions import Partition, partitions
from trends.scale._scaled import ScaledStudy, of_all, whole_of
from trends.study import title_of
from trends.timeline import count_cells, measure

__all__ = ["ScaledStudy", "fits", "local_workers", "run"]

SAMPLE = 50_000
"""Papers on which topics are found: what two cores and 4 GB do in a few minutes."""


def run(
    source: Any,
    folder: str | Path,
    *,
    client: Any = None,
    n_partitions: int | None = None,
    sample: int = SAMPLE,
    every: str = "auto",
    encoder: "str | Encoder" = "minilm",
    detail: float | None = None,
    n_topics: int | None = None,
    seed: int = 0,
    exact: bool = False,
    tags: Any = None,
    since: Any = None,
    until: Any = None,
    tagged: Any = None,
    observed_until: str | None = None,
    title: str | None = None,
    llm: LLM | None = None,
) -> ScaledStudy:
    """Go the way of `trends.run` over partitions of a corpus of any size.

    Parameters
    ----------
    source
        A file, pattern, folder or address (s3://, gs://, abfs://, … as fsspec understands them), or a list of
        these, of anything that `load` reads. JSON Lines and Parquet are cut; other files, packed ones of up
        to 128 MiB among them, are read as a whole each. OpenAlex's snapshot is its folder data/works.
    folder
        The run's folder, a path or an address that every worker can reach. A run that was cut off goes on
        from what is finished in it; files of another run in it are removed when this one is done.
    client
        A `distributed.Client`, the address of a scheduler ("tcp://…"), or None: one partition after the other
        in this process.
    n_partitions
        How many partitions; None: of about 50,000 papers each.
    sample
        Papers on which the topics are found: those whose text has the smallest hash, whatever the partitions.
        All, where there are no more.
    every, observed_until
        As in `count`.
    encoder, exact
        As in `embed`; vectors cannot be given.
    detail, n_topics, seed
        As in `cluster`.
    tags, since, until, tagged
        As in `load`.
    title
        The title of the report.
    llm
        As in `label`.

    Returns
    -------
    ScaledStudy
        The same for the same papers and options, whatever the partitions, the workers and what became of
        them; that of `trends.run` where the sample is all papers.

    Raises
    ------
    InputError
        A source cannot be read, no paper is found, an option is not one of its values, a partition fails
        again and again, or no scheduler answers.
    DependencyError
        A package is missing: Dask, or the one of an address' protocol; or the encoder's model is.
    """
    if isinstance(encoder, np.ndarray | pd.DataFrame):
        raise InputError("Papers that are read by partitions need an encoder; vectors cannot be given.")
    if isinstance(sample, bool) or not isinstance(sample, int) or sample < 1:
        raise InputError(f"sample must be a whole number of at least 1, not {sample!r}.")
    phrases = None if tags is None else lists(tags, "tags")
    first, last = (None if day is None else str(day) for day in (since, until))
    reading = Reading(phrases, first, last, tagged)
    place = Folder(folder)
    with connected(client) as cluster_client, place.alone():
        work = _Work(place, cluster_client)
        cut, log = work.read(listed(source), reading, n_partitions)
        merged = work.merge(cut, reading)
        tally = added([work.facts("merge", name) for name in merged])
        papers, n_papers = work.sample(merged, sample, tally, reading)
        papers.attrs = {"reading": log, "n_loaded": n_papers}
        fitted = fit(
            place, papers, n_papers, encoder=encoder, exact=exact, detail=detail, n_topics=n_topics,
            seed=seed, llm=llm,
        )  # fmt: skip
        cells = work.assign(merged, fitted.name, encoder)
        work.tidy()
    topics = of_all(fitted.topics, cells) if len(papers) < n_papers else fitted.topics
    counts = count_cells(cells, topics.labels, every=every, observed_until=observed_until, shaky=topics.shaky)
    return ScaledStudy(
        papers=papers,
        topics=topics,
        counts=counts,
        trends=measure(counts),
        whole=whole_of(cells, len(papers)),
        health=health_of(tally, log, n_papers).table,
        folder=place,
        title=title or title_of(papers, sampled=False, n_papers=n_papers),
        fit_name=fitted.name,
        encoder=encoder,
        parameters={
            "every": every,
            "detail": detail,
            "n_topics": n_topics,
            "seed": seed,
            "exact": exact,
            "observed_until": observed_until,
            "versions": fitted.versions,
        }
        | ({"sample": sample} if len(papers) < n_papers else {}),
        embeddings=fitted.embeddings,
        costs=work.costs(),
    )


class _Work:
    """The steps over all partitions, each done where it was not, and which facts they leave."""

    def __init__(self, folder: Folder, client: Any) -> None:
        self.folder, self.client = folder, client
        self.done: dict[tuple[str, str], None] = {}

    def facts(self, step: str, name: str) -> dict[str, Any]:
        """Return what a step of a partition told."""
        return facts_of(self.folder, step, name)

    def each(self, step: str, told: str, work: Any, tasks: dict[str, tuple[Any, ...]]) -> None:
        """Do a step for the partitions, by name, in which it was not done."""
        self.done |= dict.fromkeys((step, name) for name in tasks)
        left = [task for name, task in tasks.items() if not is_done(self.folder, step, name)]
        each(self.client, work, [(self.folder.root, *task) for task in left], told)

    def read(
        self, found: list[Survey], reading: Reading, n_partitions: int | None
    ) -> tuple[list[Partition], list[dict[str, Any]]]:
        """Cut the files and read the parts; return the partitions, and the reading log by file."""
        named = {fingerprint(file.address, file.mark)[:16]: file for file in found if not file.note}
        self.each("survey", "Looking through", steps.survey, {k: (k, file) for k, file in named.items()})
        looked = [self.facts("survey", name) for name in named]
        files = [Survey(**facts["file"] | {"stones": tuple(facts["stones"].tolist())}) for facts in looked]
        cut = partitions(files, reading, n_partitions)
        self.each("read", "Reading", steps.read, {p.name: (p, reading) for p in cut})
        return cut, by_file(found, (line for p in cut for line in self.facts("read", p.name)["log"]))

    def merge(self, cut: list[Partition], reading: Reading) -> list[str]:
        """Bring entries of one paper together and make the papers; return the names they are kept under."""
        leaving = crossing([self.facts("read", p.name)["keys"] for p in cut])
        sent: dict[str, tuple[Any, ...]] = {}
        coming: list[list[tuple[str, int]]] = [[] for _ in cut]
        for p, moves in zip(cut, leaving):
            if not moves:
                continue
            homes = sorted(moves)
            name = fingerprint("send", p.name, [[cut[to].name, moves[to]] for to in homes])[:16]
            sent[name] = (name, p.name, [moves[to] for to in homes])
            for row_group, to in enumerate(homes):
                coming[to].append((name, row_group))
        self.each("send", "Exchanging entries", steps.send, sent)
        tasks = {}
        for p, moves, come in zip(cut, leaving, coming):
            gone = np.sort(np.concatenate([*moves.values(), np.zeros(0, dtype=np.int64)]))
            name = fingerprint("merge", p.name, gone, come)[:16]
            tasks[name] = (name, p.name, gone, come, reading)
        self.each("merge", "Merging", steps.merge, tasks)
        return list(tasks)

    def sample(
        self, merged: list[str], most: int, tally: Tally, reading: Reading
    ) -> tuple[pd.DataFrame, int]:
        """Return the papers of the smallest hashes, sorted as loaded, and how many papers there are."""
        hashes = [self.facts("merge", name)["hashes"] for name in merged]
        together = np.concatenate(hashes)
        n_papers = len(together)
        cut = together.max() if n_papers <= most else np.partition(together, most - 1)[most - 1]
        tasks = {}
        for papers_name, own in zip(merged, hashes):
            rows = np.flatnonzero(own <= cut)
            name = fingerprint("draw", papers_name, rows)[:16]
            tasks[name] = (name, papers_name, rows)
        self.each("draw", "Drawing the sample", steps.draw, tasks)
        drawn = [steps.drawn(self.folder, name) for name in tasks]
        papers = pd.concat([part for part in drawn if len(part)])
        if len(papers) > most:
            # Papers of one text have one hash; of them the ids decide.
            key = pd.DataFrame({"hash": steps.hashes_of(papers), "id": papers.index})
            papers = papers.iloc[np.sort(key.sort_values(["hash", "id"]).index[:most])]
        spelled = entries_room.spelled(papers, tally.counts["tag"], reading)
        return entries_room.sorted_as_loaded(spelled), n_papers

    def assign(self, merged: list[str], fit_name: str, encoder: "str | Encoder") -> pd.DataFrame:
        """Assign all papers; return how many are of each topic, date and precision."""
        tasks = {}
        for papers_name in merged:
            name = fingerprint("assign", papers_name, fit_name)[:16]
            tasks[name] = (name, papers_name, fit_name, encoder)
        self.each("assign", "Assigning", steps.assign, tasks)
        found = None
        for name in tasks:
            facts = self.facts("assign", name)
            part = pd.DataFrame({k: facts[f"cells_{k}"] for k in steps.CELLS})
            found = part if found is None else steps.summed(pd.concat([found, part]))
        assert found is not None
        return steps.dated(steps.summed(found))

    def costs(self) -> pd.DataFrame:
        """Return what each step of each partition took."""
        rows = []
        for step, name in self.done:
            facts = self.facts(step, name)
            rows.append(
                {"step": step, "partition": name, "n_papers": facts.get("n_papers", 0)} | facts["cost"]
            )
        return pd.DataFrame(rows)

    def tidy(self) -> None:
        """Remove what is of no use to this run: files of other papers, options or partitions."""
        kept = steps.names_of(self.done)
        for below in ("facts", *steps.KINDS.values()):
            for name in self.folder.names(below):
                if name not in kept and steps.is_ours(name):
                    self.folder.remove(name)
