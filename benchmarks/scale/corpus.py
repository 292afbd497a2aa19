"""Large corpora with known topics and trends, written part by part: the same bytes for the same seed.

    python -m benchmarks.scale.corpus FOLDER [--papers N] [--parts N] [--seed N] [--jsonl]

A paper is drawn, not copied: a month, a topic by how common it then is, a length, and words, some telling of
the topic and the rest from the sample's own frequencies, which follow Zipf's law. The order of words is
chance's, so a transformer finds less in these texts than in real ones; words, pairs and lengths are as in
abstracts. Papers come in blocks that hang on the seed and their own number only: a smaller corpus is the
beginning of a larger one, and how it is cut into parts changes no paper.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.planted.papers import FIRST
from benchmarks.scale.curves import N_MONTHS, Plan, plan
from benchmarks.scale.texts import Texts
from benchmarks.scale.words import words
from trends.core import cache

BLOCK = 10_000
"""Papers drawn at once; memory is bounded by one block and the one before it."""

BLENDED = 0.25
"""A part of the papers blends two topics."""
REPEATED = 0.002
"""A part of the rows are papers that came before, every field the same."""
DATED = {"day": 0.92, "month": 0.05, "year": 0.02, "not at all": 0.01}
DOI = "10.5555/planted."
"""Papers are known by DOIs under a prefix that is kept for tests, so that what comes back can be compared."""

SCHEMA = pa.schema(
    {"doi": pa.string(), "title": pa.string(), "abstract": pa.string(), "date": pa.string(),
     "tags": pa.list_(pa.string()), "venue": pa.string()}
)  # fmt: skip
TRUTH = pa.schema({"paper_id": pa.string(), "theme": pa.int16(), "month": pa.int16()})


@dataclass(frozen=True)
class Source:
    """Where the papers of one corpus come from: block after block, each made when asked for."""

    seed: int = 0

    @cached_property
    def plan(self) -> Plan:
        """What is planted."""
        return plan(self.seed)

    @cached_property
    def texts(self) -> Texts:
        """What texts are made of."""
        return Texts.of(words(), self.seed)

    def blocks(self, n_papers: int) -> Iterator[tuple[pa.Table, pa.Table]]:
        """Yield the rows of the first papers block by block, and what is true of each row that is new."""
        before: pa.Table | None = None
        for number in range(-(-n_papers // BLOCK)):
            rows, truth, repeats = self._block(number)
            if before is not None and len(repeats):
                kept = np.arange(BLOCK)
                kept[repeats] += BLOCK  # the same place in the block before
                rows = pa.concat_tables([rows, before]).take(kept)
                truth = truth.filter(np.isin(np.arange(BLOCK), repeats, invert=True))
            n_left = n_papers - number * BLOCK
            if n_left < BLOCK:
                last = f"doi:{_doi(np.array([number * BLOCK + n_left]))[0].as_py()}"
                rows, truth = rows.slice(0, n_left), truth.filter(pc.less(truth["paper_id"], last))
            yield rows.combine_chunks(), truth.combine_chunks()
            before = rows

    def _block(self, number: int) -> tuple[pa.Table, pa.Table, np.ndarray]:
        """Draw one block, what is true of it, and which of its rows repeat the block before."""
        random = np.random.default_rng([self.seed, 1, number])
        shares = self.plan.shares * self.plan.months
        cell = np.searchsorted(np.cumsum(shares.T.ravel()), random.random(BLOCK) * shares.sum(), side="right")
        month, theme = np.divmod(cell, len(shares))
        other = _drawn_by_column(self.plan.shares, month, random)
        other = np.where(random.random(BLOCK) < BLENDED, other, theme)
        doi = _doi(number * BLOCK + np.arange(BLOCK))
        rows = pa.table(
            {
                "doi": doi,
                "title": self.texts.titles(theme, other, random),
                "abstract": self.texts.abstracts(theme, other, random),
                "date": _dates(month, random),
                "tags": self.texts.tags(theme, random),
                "venue": self.texts.venues(theme, random),
            },
            schema=SCHEMA,
        )
        ids = pc.binary_join_element_wise("doi:", doi, "")
        truth = pa.table({"paper_id": ids, "theme": theme, "month": month}, schema=TRUTH)
        return rows, truth, np.flatnonzero(random.random(BLOCK) < REPEATED)


def _drawn_by_column(shares: np.ndarray, column: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw a row for each column by the shares that stand there."""
    bounds = np.cumsum(shares, axis=0)[:-1]
    return (random.random(len(column)) >= bounds[:, column]).sum(axis=0)


def _doi(numbers: np.ndarray) -> pa.Array:
    digits = pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), 10, "0")
    return pc.binary_join_element_wise(DOI, digits, "")


def _dates(month: np.ndarray, random: np.random.Generator) -> pa.Array:
    """Give each paper a day of its month, of which some tell the month or the year only, or nothing."""
    start = np.datetime64(FIRST, "M") + np.arange(N_MONTHS + 1)
    first = start.astype("datetime64[D]")
    n_days = np.diff(first).astype(np.int64)[month]
    day = first[month] + np.floor(random.random(len(month)) * n_days).astype(np.int64)
    text = pc.cast(pa.array(day), pa.string())
    chance = np.searchsorted(np.cumsum(list(DATED.values()))[:-1], random.random(len(month)), side="right")
    texts = [text, pc.utf8_slice_codeunits(text, 0, 7), pc.utf8_slice_codeunits(text, 0, 4)]
    return pc.choose(pa.array(chance), *texts, pa.nulls(len(month), pa.string()))


def write(
    folder: str | Path, n_papers: int, *, n_parts: int | None = None, seed: int = 0, jsonl: bool = False
) -> dict[str, Any]:
    """Write a corpus as files of equal size, and beside it what is true of it.

    Parameters
    ----------
    folder
        Gets `papers/part-00000.parquet` (or `.jsonl`) and so on, `truth/papers.parquet` (paper_id, theme
        as a number, month as a number; one row per paper, however often it comes) and `truth/themes.json`.
    n_papers
        How many rows the files have; `REPEATED` of them are papers that came before.
    n_parts
        How many files; one for every 50,000 rows unless given.
    seed
        Decides everything else.
    jsonl
        Write lines of JSON and not Parquet.

    Returns
    -------
    dict
        papers (distinct ones), rows, parts and bytes (of the papers' files).

    Raises
    ------
    ValueError
        There are fewer papers than parts, or fewer than one part.
    """
    n_parts = max(1, round(n_papers / 50_000)) if n_parts is None else n_parts
    if not 1 <= n_parts <= n_papers:
        raise ValueError(f"{n_papers} papers cannot be written as {n_parts} files.")
    folder, source = Path(folder), Source(seed)
    bounds = [n_papers * part // n_parts for part in range(1, n_parts + 1)]
    n_distinct = np.zeros(len(source.plan.truth), dtype=np.int64)
    n_bytes, blocks = 0, _Sliced(source.blocks(n_papers))
    truth_file = folder / "truth" / "papers.parquet"
    truth_file.parent.mkdir(parents=True, exist_ok=True)
    with cache.whole_file(truth_file) as temporary, pq.ParquetWriter(temporary, TRUTH) as truths:
        for part, (start, end) in enumerate(zip([0, *bounds], bounds)):
            path = folder / "papers" / f"part-{part:05d}.{'jsonl' if jsonl else 'parquet'}"
            with cache.whole_file(path) as whole:
                _write_part(whole, blocks.rows(end - start), jsonl)
                n_bytes += whole.stat().st_size
            for truth in blocks.truths():
                truths.write_table(truth)
                n_distinct += np.bincount(truth["theme"].to_numpy(), minlength=len(n_distinct))
    themes = source.plan.truth.assign(n_papers=n_distinct).reset_index()
    about = {"papers": int(n_distinct.sum()), "rows": n_papers, "parts": n_parts, "bytes": n_bytes}
    told = json.loads(themes.to_json(orient="records", date_format="iso"))
    cache.write_json(folder / "truth" / "themes.json", about | {"seed": seed, "themes": told})
    return about


class _Sliced:
    """Blocks cut anew into parts of other lengths; what is true of them is given out as it comes."""

    def __init__(self, blocks: Iterator[tuple[pa.Table, pa.Table]]) -> None:
        self._blocks = blocks
        self._left = SCHEMA.empty_table()
        self._truths: list[pa.Table] = []

    def rows(self, n_rows: int) -> Iterator[pa.Table]:
        """Yield tables of so many rows in all."""
        while n_rows:
            if not len(self._left):
                self._left, truth = next(self._blocks)
                self._truths.append(truth)
            taken = self._left.slice(0, n_rows)
            self._left = self._left.slice(len(taken))
            n_rows -= len(taken)
            yield taken

    def truths(self) -> Iterator[pa.Table]:
        """Yield what is true of the blocks begun since it was last asked."""
        while self._truths:
            yield self._truths.pop(0)


def _write_part(path: Path, tables: Iterator[pa.Table], jsonl: bool) -> None:
    if jsonl:
        with path.open("w", encoding="utf-8") as out:
            for table in tables:
                out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist())
        return
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as out:
        for table in tables:
            out.write_table(table)


def themes(folder: str | Path) -> pd.DataFrame:
    """Read what was planted: as `Plan.truth`, and n_papers."""
    kept = json.loads((Path(folder) / "truth" / "themes.json").read_text(encoding="utf-8"))
    table = pd.DataFrame(kept["themes"]).set_index("theme")
    dates = {name: pd.to_datetime(table[name]).dt.as_unit("us") for name in ("burst_start", "burst_end")}
    return table.assign(**dates)


def theme_of_papers(folder: str | Path) -> pd.Series:
    """Read the planted theme of each paper by paper_id, as a number: its place in `themes`."""
    table = pq.read_table(Path(folder) / "truth" / "papers.parquet", columns=["paper_id", "theme"])
    index = pd.Index(table["paper_id"].to_pandas(), name="paper_id")
    return pd.Series(table["theme"].to_numpy(), index=index, name="theme")


def main() -> None:
    """Write a corpus."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.corpus")
    parser.add_argument("folder")
    parser.add_argument("--papers", type=int, default=1_000_000)
    parser.add_argument("--parts", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jsonl", action="store_true")
    asked = parser.parse_args()
    print(write(asked.folder, asked.papers, n_parts=asked.parts, seed=asked.seed, jsonl=asked.jsonl))


if __name__ == "__main__":
    main()
