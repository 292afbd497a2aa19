"""From papers to vectors: one float32 unit row per paper, made once and kept by content.

The default encoder is the bundled MiniLM. It reads some twenty to ninety abstracts a second on two cores, 180
with half precision or VNNI in hardware, so above `TEACH_ABOVE` papers it reads most of a few and the
beginnings of all or of some, and a linear student on these and the corpus' own words does the rest (see
`_distil`); `exact=True` reads every paper whole. An NVIDIA GPU reads whole papers faster than a student
learns, so there it always does.

What a corpus decided of its vectors is frozen and kept: `embed(papers, like=embeddings)` gives other papers
theirs by the same rule, and `open_student` reads a rule that was saved.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trends.core.errors import InputError
from trends.core.tables import PAPERS, check
from trends.core.vectors import unit_rows
from trends.core.words import bare, documents, titles_alone
from trends.embeddings import _frozen, _level
from trends.embeddings._encoders import Encoder, encode_cached, find_encoder
from trends.embeddings._follows import likeness

if TYPE_CHECKING:
    from trends.embeddings._level import LevelledEncoder
    from trends.embeddings._lsa import LatentSemantics
    from trends.embeddings._student import Student

__all__ = [
    "TEACH_ABOVE",
    "Encoder",
    "embed",
    "follows",
    "keep_student",
    "open_student",
    "read_whole",
    "save_student",
]

TEACH_ABOVE = 1_500
"""Above so many papers a student learns from a sample, unless `exact=True` or on a GPU."""

READS_FAST = "float16"
"""The precision of encoders on a GPU: 91,906 abstracts took 44 s on an H100 and a student of them 80 s."""


def embed(
    papers: pd.DataFrame,
    encoder: "str | Encoder | np.ndarray | pd.DataFrame" = "minilm",
    *,
    exact: bool = False,
    seed: int = 0,
    like: pd.DataFrame | None = None,
    n_papers: int | None = None,
) -> pd.DataFrame:
    """Turn papers into unit vectors whose cosine says how alike they are.

    Parameters
    ----------
    papers
        The papers table.
    encoder
        "minilm": the bundled all-MiniLM-L6-v2 (384 dimensions), its weights checked by hash. "lsa": TF-IDF
        and a truncated SVD of this very corpus (at most 100 dimensions; no model). Any other text: a
        sentence-transformers model by hub id or folder, an object with `name`, `revision` and
        `encode(texts) -> array`, or the vectors themselves: an array with one row per paper in the order
        of `papers`, or a DataFrame by paper_id.
    exact
        Let the transformer read every paper however many there are, as it does on an NVIDIA GPU in any case.
    seed
        Seeds the truncated SVD of "lsa". The student's sample is drawn by the hash of the text and needs
        no seed.
    like
        Embeddings of other papers, as `embed` made them with this encoder: these papers get their vectors by
        the same frozen rule, a vector depending on its own paper only. Where a student or "lsa" made them it
        is found among the kept ones. `exact` and `seed` then play no part.
    n_papers
        How many papers a student is to read in all, where these are a sample of them: of very many it reads
        words alone, and the beginnings of some teach it. None: these.

    Returns
    -------
    DataFrame
        float32, index paper_id in the order of `papers`, one unit row per paper; `attrs` name the encoder
        and its revision and precision (in what numbers it multiplies: float16, bfloat16, int8 or float32,
        by what the machine does fast) and, where a student was taught, which (student), on how many papers
        (n_taught) and how much of each (n_characters), from what it works (reads), of how many the beginnings
        were read where not of all (n_glanced), and how well it follows its teacher on papers that it was not
        taught (cosine, neighbour_overlap), told before its lens makes more of the directions in which papers
        differ. Papers without an abstract are brought level with the others by what an abstract adds to
        papers that have one (n_levelled_by: how many were read with it and without, 400 at most; fewer than
        30 say too little, and nothing is done). Vectors that hang on their corpus (of "lsa", of a student,
        brought level) are comparable to those of another only if made with `like`, and then bear the same
        `attrs`.

    Raises
    ------
    InputError
        There are no papers, the encoder is unknown, or given vectors do not fit the papers. `like` were given
        vectors, or made by another encoder, or by a student that is no longer kept.
    DependencyError
        A model's weights are absent or not the ones they should be.
    """
    check(papers, PAPERS)
    if papers.empty:
        raise InputError("There are no papers to embed; load some first.")
    order, papers = papers.index, papers.sort_index()  # the last bits of a sum depend on the order of rows
    if like is not None:
        return _alike(papers, encoder, like).loc[order]
    if isinstance(encoder, np.ndarray | pd.DataFrame):
        vectors = _given(order, encoder).loc[papers.index].to_numpy()
        attrs: dict[Any, Any] = {"encoder": "given", "revision": ""}
    elif isinstance(encoder, str) and encoder == "lsa":
        from trends.embeddings._lsa import lsa

        vectors, attrs = lsa(documents(papers), titles_alone(papers), seed)
    else:
        found = find_encoder(encoder)
        precision = getattr(found, "precision", "float32")
        attrs = {"encoder": found.name, "revision": found.revision, "precision": precision}
        texts, titles = documents(papers), titles_alone(papers)
        if len(papers) > TEACH_ABOVE and not exact and precision != READS_FAST:
            from trends.embeddings._distil import distil

            vectors, attrs = distil(texts, titles, found, max(len(papers), n_papers or 0))
        else:
            vectors, attrs = _level.read(texts, titles, found, attrs)
    rows = unit_rows(np.asarray(vectors, dtype=np.float32))
    frame = pd.DataFrame(rows, index=papers.index).loc[order]
    frame.attrs = attrs
    return frame


def follows(
    papers: pd.DataFrame, embeddings: pd.DataFrame, encoder: "str | Encoder"
) -> tuple[float | None, int]:
    """Measure whether a student still reads as its teacher does, on papers that came after it was taught.

    Parameters
    ----------
    papers
        Papers that the student was not taught, in any order; which are asked hangs on their texts.
    embeddings
        What `embed` made by a student, of these papers and any others.
    encoder
        The teacher. It reads as much of the asked papers as of those it taught, each once.

    Returns
    -------
    cosine
        The mean cosine of the student's vectors to the teacher's, to be held against
        `embeddings.attrs["cosine"]`; None of fewer than 30 papers, which say too little.
    n_papers
        How many papers were asked, at most 100.

    Raises
    ------
    InputError
        No student made the embeddings, or one of another encoder.
    DependencyError
        The teacher's weights are absent.
    """
    teacher = _maker_of(embeddings, encoder)
    if teacher is None or "student" not in embeddings.attrs:
        raise InputError("No student made these embeddings, so there is none to follow its teacher.")
    texts = documents(papers)
    if "n_levelled_by" in embeddings.attrs:  # what was brought level is not what a teacher says of a title
        texts = texts[~bare(papers)]
    return likeness(texts, embeddings, _kept(embeddings.attrs["student"]), teacher)


def read_whole(texts: list[str], embeddings: pd.DataFrame, encoder: "str | Encoder") -> np.ndarray:
    """Return an encoder's own vectors of texts, unit rows in the space of what it or its student made.

    Raises
    ------
    InputError
        Another encoder made the embeddings, or a student did that is no longer kept.
    DependencyError
        The encoder's weights are absent.
    """
    found = _maker_of(embeddings, encoder)
    if found is None:
        raise InputError("No encoder made these embeddings, so there is none to read texts.")
    vectors = unit_rows(encode_cached(texts, found))
    student = embeddings.attrs.get("student")
    return vectors if student is None else _kept(student).through_lens(vectors)


def open_student(folder: str | Path) -> "Student | LatentSemantics | LevelledEncoder":
    """Read a student, or another rule, that its `save` wrote; its `apply` gives texts their vectors.

    Raises
    ------
    InputError
        The folder holds none, a damaged one, or one of a later version.
    """
    from trends.embeddings import _lsa, _student

    kind, arrays, about = _frozen.read(Path(folder))
    try:
        room = {_lsa.KIND: _lsa, _level.KIND: _level}.get(kind, _student)
        return room.from_parts(arrays, about)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"The student {folder} is damaged ({type(error).__name__}); remove it and embed its papers again."
        ) from error


def save_student(embeddings: pd.DataFrame, folder: str | Path) -> Path | None:
    """Write the student, or another rule, that made embeddings; None where they need or have none here.

    Raises
    ------
    InputError
        The folder exists and holds something else.
    """
    name = _rule_of(embeddings)
    if name is None or not _frozen.is_cached(name):
        return None
    return open_student(_frozen.cached(name)).save(folder)


def keep_student(embeddings: pd.DataFrame, folder: str | Path) -> None:
    """Keep a student that `save_student` wrote where `embed(like=embeddings)` finds it, unless it is there.

    Raises
    ------
    InputError
        The folder holds no student, or a damaged one.
    """
    name = _rule_of(embeddings)
    if name is not None and not _frozen.is_cached(name):
        open_student(folder).save(_frozen.cached(name))


def _rule_of(embeddings: pd.DataFrame) -> str | None:
    """Return the name of the rule that made embeddings; None for vectors that hang on no corpus."""
    if embeddings.attrs.get("encoder") == "lsa":
        return embeddings.attrs["revision"]
    return embeddings.attrs.get("student", embeddings.attrs.get("level"))


def _alike(
    papers: pd.DataFrame, encoder: "str | Encoder | np.ndarray | pd.DataFrame", like: pd.DataFrame
) -> pd.DataFrame:
    """Return the vectors of papers by the rule that made other papers' embeddings."""
    if isinstance(encoder, np.ndarray | pd.DataFrame) or like.attrs.get("encoder", "given") == "given":
        raise InputError(
            "Vectors that were given follow no rule that other papers could be read by; "
            "give theirs as encoder, without like."
        )
    found = _maker_of(like, encoder)
    texts = documents(papers).tolist()
    rule = _rule_of(like)
    if rule is None and found is not None:
        rows = unit_rows(encode_cached(texts, found))
    else:
        rows = _kept(rule).apply(texts, found, bare(papers))
    frame = pd.DataFrame(np.asarray(rows, dtype=np.float32), index=papers.index)
    frame.attrs = dict(like.attrs)
    return frame


def _kept(student: str | None) -> Any:
    """Return the student, or another rule, of that name."""
    if student is None or not _frozen.is_cached(student):
        raise InputError(
            f"The student {student} that made these embeddings is not kept here; "
            "embed its papers again (embed(papers, encoder)) and pass what that gives."
        )
    return open_student(_frozen.cached(student))


def _maker_of(embeddings: pd.DataFrame, encoder: "str | Encoder") -> Encoder | None:
    """Return the encoder that made embeddings, None for "lsa"; another one is refused."""
    made_by, revision = (embeddings.attrs.get(name) for name in ("encoder", "revision"))
    found = None if isinstance(encoder, str) and encoder == "lsa" else find_encoder(encoder)
    name = "lsa" if found is None else found.name
    if name != made_by or (found is not None and found.revision != revision):
        raise InputError(
            f"The embeddings were made by {made_by!r} (revision {revision}), "
            f"not by {name!r}{f' (revision {found.revision})' if found else ''}; pass that encoder."
        )
    return found


def _given(paper_ids: pd.Index, vectors: np.ndarray | pd.DataFrame) -> pd.DataFrame:
    """Return given vectors as a table by paper_id, or say why they do not fit."""
    if isinstance(vectors, pd.DataFrame):
        missing = paper_ids.difference(vectors.index)
        if len(missing):
            raise InputError(
                f"The given embeddings lack {len(missing)} of {len(paper_ids)} papers, {missing[0]} for one."
            )
        given = vectors.loc[paper_ids]
    elif vectors.ndim != 2 or len(vectors) != len(paper_ids):
        raise InputError(
            f"The given embeddings must have one row for each of the {len(paper_ids)} papers, "
            f"not the shape {vectors.shape}."
        )
    else:
        given = pd.DataFrame(vectors, index=paper_ids)
    numbers = given.to_numpy()
    if not np.issubdtype(numbers.dtype, np.number) or not np.isfinite(numbers).all():
        raise InputError("The given embeddings must hold finite numbers only.")
    return given
