"""Whether a student still follows its teacher: what both say of papers that came after it was taught."""

import numpy as np
import pandas as pd

from trends.core.hashing import text_hash
from trends.core.vectors import unit_rows
from trends.embeddings._encoders import Encoder, encode_cached
from trends.embeddings._student import Student

ASKED, ENOUGH = 100, 30
"""At how many papers both are asked, at most and at least. The mean of 100 cosines has a standard error of
.008 or so."""


def likeness(
    texts: pd.Series, vectors: pd.DataFrame, student: Student, teacher: Encoder
) -> tuple[float | None, int]:
    """Return the mean cosine of the student's vectors to the teacher's, and of how many papers it is.

    No cosine where the texts are fewer than `ENOUGH`. A text that was taught need not be left out: it has
    the vector of a student not taught it.
    """
    # A fair sample that no order of rows can change; of equal texts one is asked. By the last digits, since
    # it may be by the first ones that a student chooses the papers whose beginnings it reads.
    row = {text_hash(text)[::-1]: k for k, text in enumerate(texts)}
    asked = [row[name] for name in sorted(row)[:ASKED]]
    if len(asked) < ENOUGH:
        return None, len(asked)
    told = unit_rows(encode_cached([student.lesson(text) for text in texts.iloc[asked]], teacher))
    read = student.without_lens(vectors.loc[texts.index[asked]].to_numpy())
    return round(float(np.mean(np.sum(told * read, axis=1, dtype=np.float64))), 3), len(asked)
