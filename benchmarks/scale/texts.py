"""Titles, abstracts, tags and venues of many papers at once, made of numbered words.

A paper is a row of numbers until the end, when pyarrow joins the words they stand for: ten thousand papers
take a third of a second.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.planted.texts import SYLLABLES
from benchmarks.scale.words import N_UNITS, Words

LENGTH, SPREAD, SHORTEST, LONGEST = 135, 0.35, 40, 360
"""Words, or now and then pairs, of an abstract: median, standard deviation of the logarithm, least, most."""
TITLE = (5, 12)

TELLING = (4.0, 14.0)
"""Of the words of a paper on a topic, a part drawn from this Beta distribution tells of the topic: .22 on
average, below .1 in one of twelve papers. In its title three times as many do."""
OTHER = 0.4
"""A paper that blends two topics takes this part of its telling words from the second."""
COINED, N_COINED = 0.015, 30_000
"""A part of the words are names of methods, drawn by Zipf's law from so many."""
NAMED = 0.4
"""A part of the titles begins with the name of a method."""
SENTENCE, COMMA = 20, 0.04
"""Words of a sentence on average; the part of words with a comma."""
TAGGED = 0.7
"""A part of the papers on a topic bears its tag; other tags are chance's."""
N_VENUES, AT_HOME = 40, 0.5
"""Venues; a part of the papers goes to one of the two that its topic prefers."""


@dataclass(frozen=True)
class Texts:
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
    def of(cls, told: Words, seed: int) -> "Texts":
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
