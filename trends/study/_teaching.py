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
"""Another student is tried once the cosine to the teacher has fallen by more, and taken if its own is better
by more. On 13,640 abstracts one of .82 in place of .85 loses 2 to 4 % of the teacher's AMI; on the other side
another student alone moves a tenth of the papers. On hf_daily the student of 2024 fell from .86 to .83 in 20
months, but one of all papers had no more than .84 to .85 on the last of them: they are harder to read."""


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
    on so many late papers, that of another if one was tried, and whether that one was taken.
    """
    told: dict[str, Any] = {"taught_on": int(options.get("taught_on", (~late).sum()))}
    if not isinstance(encoder, str | Encoder):
        return embeddings, told
    fell, judged = _judged(papers[late], embeddings, options.get("student_follows", {}), encoder)
    if judged:
        told["student_follows"] = judged
    grown = embeddings.attrs.get("encoder") == "lsa" and len(papers) >= GROWN * told["taught_on"]
    if not grown and fell <= FALLEN:
        return embeddings, told
    found = embed(papers, encoder, exact=options.get("exact", False), seed=options.get("seed", 0))
    if judged and "student" in found.attrs:
        anew = follows(papers[late], found, encoder)[0] or 0.0
        judged |= {"cosine_anew": anew, "taught_anew": round(anew - judged["cosine"], 3) > FALLEN}
        if not judged["taught_anew"]:
            return embeddings, told
    return found, told | {"taught_on": len(papers)}


def _judged(
    later: pd.DataFrame, embeddings: pd.DataFrame, before: Mapping[str, Any], encoder: "str | Encoder"
) -> tuple[float, dict[str, Any]]:
    """Return by how much a student follows its teacher less than it did, and what is told of it.

    It is held against what it did when taught, or what another did that was tried, where that is less: papers
    that are harder to read must not have another tried at every refit. Nothing is said where
    there is no student, its teacher is not here or the papers are few.
    """
    if "student" not in embeddings.attrs:
        return 0.0, {}
    try:
        cosine, n_papers = follows(later, embeddings, encoder)
    except DependencyError:
        return 0.0, {}
    if cosine is None:
        return 0.0, {}
    anew = {name: value for name, value in before.items() if name == "cosine_anew"}
    fell = round(min([embeddings.attrs["cosine"], *anew.values()]) - cosine, 3)
    return fell, {"cosine": cosine, "papers": n_papers, "taught_anew": False} | anew
