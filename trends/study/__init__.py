"""The whole flow in one call, the box that holds what it made, and how that box is kept and goes on.

`run` goes from files to a `Study`; `Study.save` and `open` keep it; `update` takes later papers in.
"""

from trends.study._disk import before_and_after, open, taken_in, update
from trends.study._reading import provenance_of, said_by, title_of, versions_of
from trends.study._run import run, study_of
from trends.study._store import MANIFEST
from trends.study._study import Study

__all__ = [
    "MANIFEST",
    "Study",
    "before_and_after",
    "open",
    "provenance_of",
    "run",
    "said_by",
    "study_of",
    "taken_in",
    "title_of",
    "update",
    "versions_of",
]
