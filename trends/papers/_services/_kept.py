"""Pages of answers on disk: each whole and as received, with what is needed to ask for the next one.

A page is finished once its step is written, after the page itself, and each file is renamed into place. A
step names the hash of its page and the cursor that the page was asked with, so a page that does not belong
to the one before it, because another process wrote in between or a disk was full, is no finished page and
is asked for again. Nothing needs a lock.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trends.core.cache import whole_file, write_json

_STEPS = ".steps"


@dataclass(frozen=True)
class Step:
    """A finished page: how it was asked for, how the next one is, and whether it may still change."""

    cursor: str
    following: str | None
    n_entries: int
    total: int | None
    sha256: str
    answered: str
    final: bool


class Kept:
    """The pages of one search, or of one day's list, under a name in a folder."""

    def __init__(self, folder: Path, name: str, numbered: bool) -> None:
        self._folder = folder
        self._name = name
        self._numbered = numbered

    def page(self, number: int) -> Path:
        """Return the file of a page; its name is what the papers' `sources` say."""
        return self._folder / self._named(number)

    def step(self, number: int, cursor: str) -> Step | None:
        """Return the step of a page asked for with this cursor, or None where it is not finished."""
        try:
            known = json.loads(self._step(number).read_text(encoding="utf-8"))
            step = Step(**known)
            data = self.page(number).read_bytes()
        except (OSError, ValueError, TypeError):
            return None
        same = step.cursor == cursor and step.sha256 == hashlib.sha256(data).hexdigest()
        return step if same else None

    def keep(self, number: int, data: bytes, step: Step) -> None:
        """Write a page and then its step, each whole."""
        with whole_file(self.page(number)) as temporary:
            temporary.write_bytes(data)
        write_json(self._step(number), dataclasses.asdict(step))

    def forget(self, after: int) -> None:
        """Undo the steps of the pages after this one; the next answers take their place."""
        number = after + 1
        while self._step(number).exists():
            self._step(number).unlink(missing_ok=True)
            number += 1

    def _named(self, number: int) -> str:
        return f"{self._name} page {number}" if self._numbered or number > 1 else self._name

    def _step(self, number: int) -> Path:
        return self._folder / _STEPS / f"{self._named(number)}.json"


def names(folder: Path) -> Iterator[str]:
    """Yield the names of the finished pages in a folder; files that begin with a dot were never finished."""
    for path in (folder / _STEPS).glob("[!.]*.json"):
        yield path.stem
