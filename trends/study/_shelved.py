"""A study on disk whose papers and vectors are read when they are first asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, cached_property
from typing import Any

import pandas as pd

from trends.core.errors import InputError
from trends.core.records import Counts, Trends
from trends.study import _store as store
from trends.study._parts import Shelf
from trends.study._study import Study
from trends.study._week import Kept
from trends.timeline import count, measure
from trends.topics import Drift, drift_of, model_maker


class Shelved(Study):
    """A study as a folder holds it: all but papers and vectors at once, those when first asked for.

    They are then read from the folder, as long as it holds this very study; what is made of this one, by
    `dataclasses.replace` say, is a study in memory.
    """

    _shelved: Kept

    @classmethod
    def of(cls, kept: Kept, **known: Any) -> "Shelved":
        """Return the study that is on disk; `known` are fields that need not be made anew."""
        study = object.__new__(cls)
        topics, manifest = kept.topics, kept.manifest

        @cache
        def model() -> Any:
            rule = {"centroids": topics.centroids, "cutoffs": topics.cutoffs}
            return model_maker(study.papers, study.embeddings, **rule)()

        made = bool(len(topics.table)) and not topics.reshaped
        vars(study).update(
            _shelved=kept,
            topics=replace(topics, make_model=model if made else None),
            title=manifest["title"],
            parameters=manifest["parameters"],
            watch=None,
            **known,
        )
        return study

    @cached_property
    def papers(self) -> pd.DataFrame:
        """The papers, read now."""
        return self._whole.papers

    @cached_property
    def embeddings(self) -> pd.DataFrame:
        """Their vectors, read now."""
        return self._whole.embeddings

    @cached_property
    def counts(self) -> Counts:
        """Papers per topic and period."""
        kept = self._shelved
        until = self.parameters.get("observed_until")
        return count(kept.dated, kept.topics, every=kept.manifest["every"], observed_until=until)

    @cached_property
    def trends(self) -> Trends:
        """What was measured of the counts."""
        return measure(self.counts)

    @property
    def fingerprint(self) -> str:
        """Hash of the papers and of everything that decided the result."""
        kept = vars(self).get("_shelved")
        return super().fingerprint if kept is None else self._fingerprint(kept.papers_hash)

    @property
    def drift(self) -> Drift:
        """How the papers that came after the topics were found compare with those of the fit; see `Drift`."""
        if "embeddings" in vars(self):
            return super().drift
        with self._still_there() as shelf:
            return drift_of(self.topics, shelf.vectors)

    @cached_property
    def _whole(self) -> store.Stored:
        with self._still_there() as shelf:
            return store.read(shelf.folder)

    @contextmanager
    def _still_there(self) -> Iterator[Shelf]:
        """Hold the folder, which must hold this very study."""
        shelf = self._shelved.shelf
        with store.holding(shelf.folder, to_read=True):
            if store.fingerprint_in(shelf.folder) != self.fingerprint:
                raise InputError(
                    f"{shelf.folder} holds another study by now, and the papers of this one cannot be read; "
                    "open it again."
                )
            yield shelf
