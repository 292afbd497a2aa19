"""Whether the rule that reads a study's papers still does at a refit; another where it does not."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from trends.core.errors import DependencyError
from trends.embeddings import Encoder, embed, follows

GROWN = 2.0
"""The directions of "lsa" are found anew once the papers are twice as many as then (assumed)."""

FALLEN = 0.03
"""A student is taught anew once its cosine to its teacher has fallen by more. On 13,640 abstracts one of .82
in place of .85 loses 2 to 3 % of the teacher's AMI; on the other side another student alone moves 8 % of the
papers of hf_daily."""


def read_anew(
    papers: pd.DataFrame,
    embeddings: pd.DataFrame,
    late: np.ndarray,
    options: Mapping[str, Any],
    encoder: "str | Encoder | np.ndarray | pd.DataFrame | None",
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the vectors of all papers, the very same where their rule still does, and what is told of it.

    `late` marks the papers that came since the last fit. Told are `taught_on`, the number of papers that the
    rule was found on, and of a student that could be judged `student_follows`: its mean cosine to its teacher
    on so many late papers, whether another was taught, and then the cosine of that one on the same papers.
    """
    told: dict[str, Any] = {"taught_on": int(options.get("taught_on", (~late).sum()))}
    if not isinstance(encoder, str | Encoder):
        return embeddings, told
    judged = _judged(papers[late], embeddings, options.get("student_follows", {}), encoder)
    if judged:
        told["student_follows"] = judged
    grown = embeddings.attrs.get("encoder") == "lsa" and len(papers) >= GROWN * told["taught_on"]
    if not grown and not judged.get("taught_anew"):
        return embeddings, told
    found = embed(papers, encoder, exact=options.get("exact", False), seed=options.get("seed", 0))
    if "student" in found.attrs:
        told["student_follows"] = judged | {"cosine_anew": follows(papers[late], found, encoder)[0]}
    return found, told | {"taught_on": len(papers)}


def _judged(
    later: pd.DataFrame, embeddings: pd.DataFrame, before: Mapping[str, Any], encoder: "str | Encoder"
) -> dict[str, Any]:
    """Return how a student follows its teacher on later papers, and whether another must be taught.

    It is held against what it did when taught, or on the papers that had it taught where that is less: a
    field that is harder to read must not have another student taught at every refit. Nothing is said where
    there is no student, its teacher is not here or the papers are few.
    """
    if "student" not in embeddings.attrs:
        return {}
    try:
        cosine, n_papers = follows(later, embeddings, encoder)
    except DependencyError:
        return {}
    if cosine is None:
        return {}
    anew = {name: value for name, value in before.items() if name == "cosine_anew"}
    fell = min([embeddings.attrs["cosine"], *anew.values()]) - cosine
    return {"cosine": cosine, "papers": n_papers, "taught_anew": round(fell, 3) > FALLEN} | anew
