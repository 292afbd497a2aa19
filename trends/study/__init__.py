"""The whole flow in one call, the box that holds what it made, and how that box is kept and goes on.

`run` goes from files to a `Study`; `Study.save` and `open` keep it; `update` takes later papers in.
"""

from trends.study._disk import before_and_after, open, update
from trends.study._reading import title_of
from trends.study._run import run, study_of
from trends.study._store import MANIFEST
from trends.study._study import PACKAGES, Study

__all__ = [
    "MANIFEST",
    "PACKAGES",
    "Study",
    "before_and_after",
    "open",
    "run",
    "study_of",
    "title_of",
    "update",
]
