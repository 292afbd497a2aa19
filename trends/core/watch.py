"""The record of followed themes: what is in each, how sure that is, and what stands just outside.

Themes are chosen by a person and may overlap, so they are counted by themselves and share their papers
with the topics that were found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.hashing import fingerprint, text_hash
from trends.core.tables import NEAR, THEME_MEMBERS, THEMES, check
from trends.core.wilson import wilson

HOW = ("phrase", "both", "likeness", "example")
"""Why a paper is in a theme: it says a phrase, is like the papers that do, both, or was given as one."""

STRATA = {"phrase": "phrase", "both": "phrase", "example": "phrase", "likeness": "likeness"}


@dataclass(frozen=True, eq=False, repr=False)
class Watch:
    """Themes that a person follows, each present even without a paper.

    Attributes
    ----------
    table
        One row per theme, index theme_id (int32, in the order of the list): label, phrases, n_papers,
        n_by_phrase (papers that say a phrase), n_by_likeness (papers that were added by likeness alone),
        precision and recall (0-1) with precision_low, precision_high, recall_low, recall_high (95 %; NaN
        where unknown), estimate ("estimated", "checked" or "none"), cutoff (likeness from which a paper is
        added, NaN where none is), reach (likeness that three of four of its papers have, each compared
        with the others), exemplars (paper ids most like the theme), note.
    members
        theme_id, paper_id, score (likeness to the theme, -1 to 1, of each paper as if it were not in it; NaN
        without vectors to compare), how ("phrase", "both", "likeness", "example"). A paper may be in several.
    near
        Near misses, nearest first: theme_id, paper_id, score, how ("likeness", or "words" where no paper
        says a phrase: the part of a phrase's words that the paper has, rare words counting more).
    themes
        The list as it was read: mappings with name, phrases, papers, not.
    fingerprint
        Hash of the papers, their vectors and the list, and of the marks where there are any.
    """

    table: pd.DataFrame
    members: pd.DataFrame
    near: pd.DataFrame
    themes: tuple[Mapping[str, Any], ...]
    fingerprint: str

    def __post_init__(self) -> None:
        check(self.table, THEMES)
        check(self.members, THEME_MEMBERS)
        check(self.near, NEAR)
        for name in ("members", "near"):
            unknown = set(getattr(self, name)["theme_id"]) - set(self.table.index)
            if unknown:
                raise InputError(f"watch.{name} names themes that watch.table lacks: {sorted(unknown)}.")

    def __repr__(self) -> str:
        told = ", ".join(f"{row.label} {row.n_papers:,}" for row in self.table.itertuples())
        return f"<Watch: {told or 'no themes'}>"

    def _repr_html_(self) -> str:
        from trends.core.summaries import watch

        return watch(self)

    def to_check(self, n: int = 20, papers: pd.DataFrame | None = None) -> pd.DataFrame:
        """Draw papers for a person to mark, so that precision and recall are counted and not estimated.

        Parameters
        ----------
        n
            Papers per theme, shared evenly between those that say a phrase, those added by likeness, and
            near misses.
        papers
            The papers, to have title and abstract beside each.

        Returns
        -------
        DataFrame
            theme_id, label, paper_id, stratum ("phrase", "likeness", "near"), title and abstract if asked,
            and belongs (empty, to be filled with True or False). The draw is by a hash of theme and paper:
            the same every time, and a larger n keeps the papers of a smaller one.
        """
        if not isinstance(n, int) or isinstance(n, bool) or n < 1:
            raise InputError(f"n must be a whole number of papers, 1 or more, not {n!r}.")
        drawn = []
        for theme_id, pool in self._strata().groupby("theme_id", sort=True):
            label = str(self.table.loc[theme_id, "label"])
            order = pool["paper_id"].map(lambda paper_id, label=label: text_hash(f"{label}\n{paper_id}"))
            pool = pool.assign(order=order).sort_values(["order"])
            # One of each kind by turns, so that every prefix is shared as evenly as the kinds allow.
            pool["turn"] = pool.groupby("stratum").cumcount()
            drawn.append(pool.sort_values(["turn", "stratum"], ascending=[True, False]).head(n))
        columns = ["theme_id", "paper_id", "stratum"]
        table = pd.concat(drawn)[columns] if drawn else self._strata()[columns]
        table = table.reset_index(drop=True)
        table.insert(1, "label", table["theme_id"].map(self.table["label"]).astype(str))
        if papers is not None:
            for name in ("title", "abstract"):
                table[name] = papers[name].reindex(table["paper_id"]).to_numpy()
        return table.assign(belongs=pd.Series(pd.NA, index=table.index, dtype="boolean"))

    def checked(
        self, marks: "pd.DataFrame | Mapping[Any, bool]", *, theme: int | str | None = None
    ) -> "Watch":
        """Return the watch with precision and recall counted from a person's marks.

        Each kind of paper (by phrase, by likeness, near miss) counts by its size: with N_k papers of kind k,
        of which the share p_k of the marked ones belongs, precision is sum N_k p_k / sum N_k over the two
        kinds inside, and recall is the papers inside that belong over those and the near misses that do.
        Papers further away than the near misses are taken not to belong.

        Parameters
        ----------
        marks
            The table of `to_check` with `belongs` filled (rows left empty are passed over), or a mapping
            from paper_id to True or False, with `theme`.
        theme
            Id or label of the theme that a mapping is about.

        Returns
        -------
        Watch
            Themes with marks have estimate "checked"; precision is NaN, with a note, where a kind inside
            has no mark. The others are as they were.

        Raises
        ------
        InputError
            A mark is neither True nor False, or its paper or theme is none of this watch.

        References
        ----------
        W. G. Cochran (1977), Sampling Techniques, chapter 5 (stratified proportions), with Wilson's
        interval of each kind, narrowed for a finite number of papers, joined by square and add:
        R. G. Newcombe (1998), Statistics in Medicine 17, 873-890.
        """
        pool = self._strata().set_index(["theme_id", "paper_id"])["stratum"]
        counted: dict[int, dict[str, list[bool]]] = {}
        given = self._marks(marks, theme)
        for theme_id, paper_id, belongs in given:
            if (theme_id, paper_id) not in pool.index:
                raise InputError(
                    f"marks: the paper {paper_id!r} is not in the theme {theme_id}, nor a near miss of it; "
                    "mark papers that to_check gives."
                )
            counted.setdefault(theme_id, {}).setdefault(pool.loc[theme_id, paper_id], []).append(belongs)
        table = self.table.copy()
        sizes = pool.groupby(level="theme_id").value_counts()
        for theme_id, found in sorted(counted.items()):
            quality = _counted({str(kind): int(size) for kind, size in sizes[theme_id].items()}, found)
            for name, value in quality.items():
                table.loc[theme_id, name] = value
        return replace(self, table=table, fingerprint=fingerprint(self.fingerprint, sorted(given)))

    def _strata(self) -> pd.DataFrame:
        inside = self.members.assign(stratum=self.members["how"].map(STRATA))
        both = pd.concat([inside, self.near.assign(stratum="near")])[["theme_id", "paper_id", "stratum"]]
        return both.sort_values(["theme_id", "paper_id"], ignore_index=True)

    def _marks(self, marks: Any, theme: int | str | None) -> list[tuple[int, str, bool]]:
        if isinstance(marks, pd.DataFrame):
            missing = [name for name in ("theme_id", "paper_id", "belongs") if name not in marks.columns]
            if missing:
                raise InputError(
                    f"marks lacks the column {missing[0]}; fill `belongs` in the table of to_check."
                )
            filled = marks[marks["belongs"].notna()]
            rows = list(zip(filled["theme_id"], filled["paper_id"], filled["belongs"]))
        elif isinstance(marks, Mapping):
            ids = {label.casefold(): key for key, label in self.table["label"].items()}
            found = ids.get(theme.casefold()) if isinstance(theme, str) else theme
            if found is None:
                raise InputError(f"theme must be the id or label of a theme of this watch, not {theme!r}.")
            rows = [(found, paper_id, belongs) for paper_id, belongs in marks.items()]
        else:
            raise InputError(
                f"marks must be the filled table of to_check or a mapping, not {type(marks).__name__}."
            )
        checked = []
        for theme_id, paper_id, belongs in rows:
            if theme_id not in self.table.index:
                raise InputError(
                    f"marks: there is no theme {theme_id!r}; the themes are {list(self.table.index)}."
                )
            if not isinstance(belongs, bool | np.bool_) and belongs not in (0, 1):
                raise InputError(f"marks: the mark of {paper_id!r} must be True or False, not {belongs!r}.")
            checked.append((int(theme_id), str(paper_id), bool(belongs)))
        return checked


def square_and_add(value: float, effects: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return a 95 % interval of a value from what it becomes at each part's low and high bound."""
    down = np.sqrt(sum(max(0.0, value - min(pair)) ** 2 for pair in effects))
    up = np.sqrt(sum(max(0.0, max(pair) - value) ** 2 for pair in effects))
    return max(0.0, float(value - down)), min(1.0, float(value + up))


def _counted(sizes: Mapping[str, int], found: Mapping[str, list[bool]]) -> dict[str, Any]:
    """Return precision and recall from the sizes of the kinds and the marks of each."""
    shares, bounds = {}, {}
    for kind, marks in found.items():
        shares[kind] = sum(marks) / len(marks)
        low, high = (float(side[0]) for side in wilson(np.array([sum(marks)]), np.array([len(marks)])))
        left = np.sqrt((sizes[kind] - len(marks)) / max(1, sizes[kind] - 1))
        bounds[kind] = [shares[kind] + left * (side - shares[kind]) for side in (low, high)]
    inside = [kind for kind in ("phrase", "likeness") if sizes.get(kind)]
    n_inside = sum(sizes[kind] for kind in inside)

    def precision(p: Mapping[str, float]) -> float:
        return sum(sizes[kind] * p[kind] for kind in inside) / n_inside

    def recall(p: Mapping[str, float]) -> float:
        true = sum(sizes[kind] * p[kind] for kind in inside)
        missed = sizes.get("near", 0) * p.get("near", 0.0)
        return true / (true + missed) if true + missed > 0 else np.nan

    names = {"phrase": "by phrase", "likeness": "by likeness", "near": "near misses"}
    quality: dict[str, Any] = {"estimate": "checked"}
    unmarked = {
        "precision": [kind for kind in inside if kind not in shares],
        "recall": [kind for kind in [*inside, "near"] if sizes.get(kind) and kind not in shares],
    }
    notes = [f"{sum(map(len, found.values()))} papers were marked by a person"]
    for name, measure in (("precision", precision), ("recall", recall)):
        value, low, high = np.nan, np.nan, np.nan
        if inside and not unmarked[name]:
            value = measure(shares)
            effects = [[measure(shares | {k: side}) for side in bounds[k]] for k in shares]
            low, high = square_and_add(value, effects) if value == value else (np.nan, np.nan)
        elif inside:
            notes.append(f"no {name}, since none {' or '.join(names[k] for k in unmarked[name])} was marked")
        quality |= {name: value, f"{name}_low": low, f"{name}_high": high}
    return quality | {"note": "; ".join(notes) + "."}
