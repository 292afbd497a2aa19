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
from benchmarks.planted.texts import SYLLABLES
from benchmarks.scale.curves import N_MONTHS, Plan, plan
from benchmarks.scale.words import N_UNITS, Words, words
from trends.core import cache

BLOCK = 10_000
"""Papers drawn at once; memory is bounded by one block and the one before it."""

LENGTH, SPREAD, SHORTEST, LONGEST = 135, 0.35, 40, 360
"""Units (words, now and then pairs) of an abstract: median, standard deviation of the logarithm, least, most."""
TITLE = (5, 12)

TELLING = (4.0, 14.0)
"""Of the words of a paper on a topic, a part drawn from this Beta distribution tells of the topic: .22 on
average, below .1 in one of twelve papers. In its title three times as many do."""
BLENDED, OTHER = 0.25, 0.4
"""A part of the papers takes this part of its telling words from a second topic."""
COINED, N_COINED = 0.015, 30_000
"""A part of the words are names of methods, drawn by Zipf's law from so many."""
NAMED = 0.4
"""A part of the titles begins with the name of a method."""
SENTENCE, COMMA = 20, 0.04
"""Words of a sentence on average; the part of words with a comma."""
REPEATED = 0.002
"""A part of the rows are papers that came before, every field the same."""
DATED = {"day": 0.92, "month": 0.05, "year": 0.02, "not at all": 0.01}
TAGGED = 0.7
"""A part of the papers on a topic bears its tag; other tags are chance's."""
N_VENUES, AT_HOME = 40, 0.5
"""Venues; a part of the papers goes to one of the two that its topic prefers."""

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
    def texts(self) -> "_Texts":
        """What texts are made of."""
        return _Texts.of(words(), self.seed)

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


@dataclass(frozen=True)
class _Texts:
    """Tables from which words are taken by number.

    Attributes
    ----------
    forms
        Every unit in five forms, one after another: plain, capital, with a full stop, capital with a full
        stop, with a comma. Units are those of topics, then the background, then names of methods.
    n_units
        How many units each form has.
    n_topics
        How many topics.
    background, coined, units
        Cumulative frequencies.
    preferred
        The two venues of each topic.
    names
        Names of topics as tags; venues.
    """

    forms: pa.Array
    n_units: int
    n_topics: int
    background: np.ndarray
    coined: np.ndarray
    units: np.ndarray
    preferred: np.ndarray
    tag_names: pa.Array
    venue_names: pa.Array

    @classmethod
    def of(cls, told: Words, seed: int) -> "_Texts":
        """Make the tables."""
        random = np.random.default_rng([seed, 2])
        names = _coined(N_COINED + N_VENUES, random)
        units = [*(unit for topic in told.units for unit in topic), *told.background, *names[:N_COINED]]
        capital = [unit[:1].upper() + unit[1:] for unit in units]
        ended = [
            [f"{unit}{mark}" for unit in form] for form, mark in ((units, "."), (capital, "."), (units, ","))
        ]
        return cls(
            forms=pa.array([form for column in (units, capital, *ended) for form in column]),
            n_units=len(units),
            n_topics=len(told.units),
            background=_cumulative(told.frequencies),
            coined=_cumulative(1 / np.arange(1, N_COINED + 1)),
            units=_cumulative(1 / (np.arange(N_UNITS) + 2.0) ** 0.7),
            preferred=random.integers(N_VENUES, size=(len(told.units) + 1, 2)),
            tag_names=pa.array([name.replace(" ", "-") for name in told.names]),
            venue_names=pa.array([f"Symposium on {name.capitalize()}" for name in names[N_COINED:]]),
        )

    def abstracts(self, theme: np.ndarray, other: np.ndarray, random: np.random.Generator) -> pa.Array:
        """Write an abstract for each paper."""
        drawn = np.exp(np.log(LENGTH) + SPREAD * random.standard_normal(len(theme)))
        lengths = np.clip(np.round(drawn), SHORTEST, LONGEST).astype(np.int64)
        unit = self._units(lengths, theme, other, random.beta(*TELLING, len(theme)), random)
        ends = random.random(len(unit)) < 1 / SENTENCE
        ends[np.cumsum(lengths) - 1] = True
        begins = np.append(True, ends[:-1])
        comma = ~ends & ~begins & (random.random(len(unit)) < COMMA)
        form = np.where(comma, 4, begins + 2 * ends)
        return self._joined(unit + form * self.n_units, lengths)

    def titles(self, theme: np.ndarray, other: np.ndarray, random: np.random.Generator) -> pa.Array:
        """Write a title for each paper."""
        lengths = random.integers(*TITLE, len(theme))
        telling = np.minimum(3 * random.beta(*TELLING, len(theme)), 0.9)
        unit = self._units(lengths, theme, other, telling, random)
        begins = np.zeros(len(unit), dtype=bool)
        begins[np.cumsum(lengths) - lengths] = True
        plain = self._joined(unit + begins * self.n_units, lengths)
        method = self.forms.take(self.n_units + self._names(len(theme), random))
        named = pc.binary_join_element_wise(method, plain, ": ")
        return pc.if_else(pa.array(random.random(len(theme)) < NAMED), named, plain)

    def tags(self, theme: np.ndarray, random: np.random.Generator) -> pa.Array:
        """Give each paper up to three tags."""
        chance = random.integers(self.n_topics, size=(len(theme), 2))
        own = np.where(theme < self.n_topics, theme, chance[:, 0])
        borne = np.column_stack([random.random(len(theme)) < TAGGED, random.random((len(theme), 2)) < 0.3])
        tags = np.column_stack([own, chance])
        offsets = np.append(0, np.cumsum(borne.sum(axis=1))).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), self.tag_names.take(pa.array(tags[borne])))

    def venues(self, theme: np.ndarray, random: np.random.Generator) -> pa.Array:
        """Give each paper a venue."""
        home = self.preferred[theme, random.integers(2, size=len(theme))]
        away = random.integers(N_VENUES, size=len(theme))
        return self.venue_names.take(pa.array(np.where(random.random(len(theme)) < AT_HOME, home, away)))

    def _units(
        self,
        lengths: np.ndarray,
        theme: np.ndarray,
        other: np.ndarray,
        telling: np.ndarray,
        random: np.random.Generator,
    ) -> np.ndarray:
        """Draw the units of all papers, one paper's after another's."""
        paper = np.repeat(np.arange(len(lengths)), lengths)
        n_told = self.n_topics * N_UNITS
        unit = n_told + np.searchsorted(self.background, random.random(len(paper)), side="right")
        names = np.flatnonzero(random.random(len(paper)) < COINED)
        unit[names] = self._names(len(names), random)
        tells = np.flatnonzero(random.random(len(paper)) < telling[paper])
        topic = np.where(random.random(len(tells)) < OTHER, other[paper[tells]], theme[paper[tells]])
        rank = np.searchsorted(self.units, random.random(len(tells)), side="right")
        on_topic = topic < self.n_topics  # a paper off topic tells of nothing
        unit[tells[on_topic]] = topic[on_topic] * N_UNITS + rank[on_topic]
        return unit

    def _names(self, n_names: int, random: np.random.Generator) -> np.ndarray:
        """Draw names of methods, as units."""
        rank = np.searchsorted(self.coined, random.random(n_names), side="right")
        return self.n_units - N_COINED + rank

    def _joined(self, form: np.ndarray, lengths: np.ndarray) -> pa.Array:
        """Write units as texts of these lengths."""
        offsets = np.append(0, np.cumsum(lengths)).astype(np.int32)
        return pc.binary_join(
            pa.ListArray.from_arrays(pa.array(offsets), self.forms.take(pa.array(form))), " "
        )


def _coined(n_names: int, random: np.random.Generator) -> list[str]:
    """Invent so many different names, the first ones short."""
    pairs = [one + other for one in SYLLABLES for other in SYLLABLES]
    longer = [pair + third for pair in pairs for third in SYLLABLES]
    longest = [name + last for name in longer for last in SYLLABLES]
    kinds = (random.permutation(np.array(kind)) for kind in (pairs, longer, longest))
    return np.concatenate(list(kinds))[:n_names].tolist()


def _cumulative(weights: np.ndarray) -> np.ndarray:
    """Give the upper bounds within [0, 1) of each place's part, without the last."""
    return (np.cumsum(weights) / weights.sum())[:-1]


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
