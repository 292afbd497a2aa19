"""How text becomes words: the same tokens for embeddings, topics, labels and tags."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from trends.core.garbage import no_search_for_cycles
from trends.core.hashing import fingerprint
from trends.core.threads import one_thread_per_sum

TOKEN = r"(?u)\b(?:[^\W\d_][\w]*|\d+[dD])(?:[-'’][\w]+)*\b"
"""Words with inner hyphens ("state-of-the-art", "token-level"), and "3D"; plain numbers are not words."""

_TOKEN = re.compile(TOKEN)

SCIENTIFIC = frozenset(
    """
    paper papers propose proposed proposes present presents presented introduce introduces
    introduced study studies work works method methods approach approaches technique techniques
    framework frameworks result results show shows shown demonstrate demonstrates demonstrated
    outperform outperforms outperforming achieve achieves achieved achieving state-of-the-art sota
    novel new existing previous prior recent recently based using use uses used
    problems task tasks performance significantly significant experiment experiments experimental
    extensive evaluate evaluated improve improves improved improvement improvements
    compared comparable better best high low higher lower large small different various several many
    multiple however moreover furthermore additionally specifically respectively finally thus hence
    therefore while despite due via towards toward across within without lead leads provide provides
    provided enable enables enabling allow allows address addresses addressing challenge challenges
    challenging available github https http www com org arxiv et al eg ie etc fig figure table
    section first second third one two three four five six well also often typically widely highly
    effectively effective effectiveness efficiently simple set number given make makes making
    need needs key main important aim aims goal investigate explore analyze conduct
    consider remain remains still yet even particular general common commonly current currently like
    propose proposing outperformed strong superior promising comprehensive diverse various wide range broad
    project page website codebase technical report future research researchers researcher
    including include includes included contain contains containing requires require required requiring
    enhance enhances enhanced enhancing leverage leverages leveraging utilize utilizes utilizing utilized
    employ employs employing develop develops developed developing offer offers offering facilitate
    facilitates facilitating ensure ensures ensuring called named aims aiming obtain obtains obtained
    remarkable impressive notable notably substantial substantially considerably crucial essential
    critical critically fundamental inherent ability abilities able capability capabilities
    consistently consistent extensively accordingly simultaneously subsequently ultimately
    overall especially directly similarly successfully easily fully clearly widely additional
    achieves surpasses surpassing surpass beyond establish establishes reveal reveals revealing
    finding findings insight insights observe observed tackle tackles tackling author authors
    suffer suffers limit limited limitation limitations focus focuses focused rely relies relying
    lack lacks lacking struggle struggles fail fails failing remarkably unlike according along
    baseline baselines significance contribution contributions publicly release released releases
    letting lets let giving keeping keeps keep picks pick usually improving reduce reduces reduced reducing
    increase increases increased increasing halves design designs designed designing apply applies applied
    applying explores explored io pdf doi gap gaps built build builds running run runs runs faster
    better worse good strongly similar trained establishing mitigating mitigate
    showing boosting boost boosts help helps helping normally overlook overlooks
    validate validates validated verify consists consisting follow following follows
        """.split()
)
"""Words that say that a text is a paper, not what the paper is about."""


FUNCTION_WORDS = frozenset(
    """
    a an the this that these those such same other others another each every either neither both all any
    some none no not nor only own few more most less least much many enough several

    i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself
    she her hers herself it its itself they them their theirs themselves who whom whose which what
    whoever whatever whichever one ones someone somebody something anyone anybody anything everyone
    everybody everything nobody nothing oneself

    am is are was were be been being do does did done doing have has had having will would shall should
    can cannot could may might must ought need dare used become becomes became becoming seem seems seemed
    seeming get gets got go goes went gone come comes came make made take takes took taken put see sees
    seen say says said keep kept let give gives gave given show shown find found call called

    about above across after afterwards against along alongside amid among amongst amoungst around as at
    before behind below beneath beside besides between beyond by concerning down during except excluding
    for from in inside into like minus near of off on onto opposite out outside over past per plus
    regarding round since than through throughout thru thus till to toward towards under underneath unlike
    until up upon versus via with within without

    and or but so yet if unless because although though while whereas whether when whenever where
    wherever why how however whence whereafter whereby wherein whereupon whither hence hereafter hereby
    herein hereupon thence thereafter thereby therefore therein thereupon else otherwise moreover
    furthermore namely nevertheless nonetheless meanwhile meanwhilst indeed instead then there here now

    again almost already also alone altogether always anyhow anyway anywhere apart even ever everywhere
    far first further hardly indeed just last latter latterly former formerly later maybe mostly never
    next nowhere often once perhaps please quite rather really second seldom somehow sometime sometimes
    somewhere elsewhere beforehand soon still together too twice very well well-known whole

    two three four five six seven eight nine ten eleven twelve fifteen twenty forty fifty sixty hundred
    third

    eg ie etc re de con co ltd inc un couldnt cant hasnt un
    amount back bottom describe detail due empty fill front full move name noone part serious side top
    """.split()
)
"""English words that hold a sentence together, and a few that lists of stop words have by custom."""


@cache
def stop_words() -> frozenset[str]:
    """Return the words that never name a topic: those of the language and those of scientific prose."""
    return FUNCTION_WORDS | SCIENTIFIC


@cache
def rules() -> str:
    """Return a hash of what makes words of text, for the keys under which work on words is kept."""
    return fingerprint(TOKEN, sorted(stop_words()))


def tokens(text: str) -> list[str]:
    """Return the lower-case words of a text in order, stop words included."""
    return _TOKEN.findall(text.lower())


def documents(papers: pd.DataFrame) -> pd.Series:
    """Return what is read of each paper: its title, a full stop, its abstract; by paper_id."""
    titles = papers["title"].str.rstrip(" .")
    return (titles + ". " + papers["abstract"]).str.strip().rename("document")


def bare(papers: pd.DataFrame) -> np.ndarray:
    """Mark the papers that have no abstract, of which titles alone are read."""
    return (papers["abstract"].str.strip() == "").to_numpy(dtype=bool)


def of_one_kind(papers: pd.DataFrame, *inside: np.ndarray) -> np.ndarray:
    """Mark the papers among which uses of words compare: a title says a word more seldom than an abstract.

    All papers, where all have an abstract or none has. Else those with one, or those without where these are
    more in each of the masks `inside`, by the one of which there are fewest.
    """
    lacks = bare(papers)
    with_one, without = (min((mask & kind).sum() for mask in inside) for kind in (~lacks, lacks))
    return lacks == (lacks.all() or without > with_one)


def titles_alone(papers: pd.DataFrame) -> pd.Series:
    """Return what would be read of each paper if it had no abstract; by paper_id."""
    return documents(papers.assign(abstract=""))


@dataclass(frozen=True, eq=False)
class WordCounts:
    """How often each text uses each telling word, and each pair of telling words side by side.

    Attributes
    ----------
    words, pairs
        Sparse counts (texts x words, texts x pairs), int32; a pair may have had stop words between.
    vocabulary
        The words by column, in alphabetical order.
    pair_words
        The two words of each pair as columns of `words` (pairs x 2).
    """

    words: Any
    pairs: Any
    vocabulary: np.ndarray
    pair_words: np.ndarray


def word_counts(texts: Sequence[str]) -> WordCounts:
    """Read texts once and count their words; the last corpus read is kept, since several steps ask for it.

    The student, latent semantics and the words of topics all start from this one table. Words and pairs are
    kept only where at least two texts use them (one where there are at most 20).
    """
    key = fingerprint(list(texts))
    if key not in _last_counts:
        made = _counted(texts)
        _last_counts.clear()
        _last_counts[key] = made
    return _last_counts[key]


_last_counts: dict[str, WordCounts] = {}


@no_search_for_cycles()
def _counted(texts: Sequence[str]) -> WordCounts:
    stop = stop_words()
    number: dict[str, int] = {}
    found: list[np.ndarray] = []
    for text in texts:
        told = [word for word in tokens(text) if word not in stop]
        found.append(
            np.fromiter((number.setdefault(word, len(number)) for word in told), np.int64, len(told))
        )
    lengths = np.array([len(words) for words in found], dtype=np.int64)
    paper = np.repeat(np.arange(len(found)), lengths)
    word = np.concatenate([*found, np.zeros(0, dtype=np.int64)])
    # Columns follow the alphabet, so that nothing hangs on which text came first.
    names = np.array(sorted(number), dtype=object)
    rank = np.empty(len(names), dtype=np.int64)
    rank[[number[name] for name in names]] = np.arange(len(names))
    word = rank[word]
    least = 2 if len(found) > 20 else 1
    words, kept = _often(paper, word, len(found), len(names), least)
    side_by_side = np.flatnonzero(paper[1:] == paper[:-1])
    codes, pair = np.unique(
        word[side_by_side] * max(len(names), 1) + word[side_by_side + 1], return_inverse=True
    )
    pairs, kept_pairs = _often(paper[side_by_side], pair, len(found), len(codes), least)
    column = np.full(len(names), -1, dtype=np.int64)
    column[kept] = np.arange(len(kept))
    both = codes[kept_pairs]
    pair_words = np.column_stack([column[both // max(len(names), 1)], column[both % max(len(names), 1)]])
    return WordCounts(words, pairs, names[kept], pair_words)


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The words and pairs of one corpus and their weights there: the columns in which other texts are read.

    Attributes
    ----------
    vocabulary
        The words by column, in alphabetical order.
    pair_words
        The two words of each pair as columns of `vocabulary` (pairs x 2), in ascending order.
    rarity
        The weight of each word and, after the words, of each pair.
    """

    vocabulary: np.ndarray
    pair_words: np.ndarray
    rarity: np.ndarray

    @classmethod
    def of(cls, counts: WordCounts) -> "Lexicon":
        """Return the words and pairs of counted texts."""
        weights = np.concatenate([rarity(counts.words), rarity(counts.pairs)])
        return cls(counts.vocabulary, counts.pair_words, weights)

    def without_pairs(self) -> "Lexicon":
        """Return the words alone."""
        return Lexicon(self.vocabulary, self.pair_words[:0], self.rarity[: len(self.vocabulary)])

    def count(self, texts: Sequence[str]) -> tuple[Any, Any]:
        """Return sparse counts (texts x words, texts x pairs) of the words and pairs that are known here."""
        from scipy.sparse import coo_array

        stop, column = stop_words(), dict(zip(self.vocabulary.tolist(), range(len(self.vocabulary))))
        found = [
            np.array([column.get(word, -1) for word in tokens(text) if word not in stop], dtype=np.int64)
            for text in texts
        ]
        paper = np.repeat(np.arange(len(found)), np.array([len(words) for words in found], dtype=np.int64))
        word = np.concatenate([*found, np.zeros(0, dtype=np.int64)])
        known = word >= 0
        # A word that is not known stands between its neighbours all the same.
        beside = np.flatnonzero((paper[1:] == paper[:-1]) & known[1:] & known[:-1])
        width = len(self.vocabulary)
        codes = np.multiply(self.pair_words[:, 0], width, dtype=np.int64)
        codes += self.pair_words[:, 1]
        wanted = word[beside] * width + word[beside + 1]
        place = np.minimum(np.searchsorted(codes, wanted), max(len(codes) - 1, 0))
        held = codes[place] == wanted if len(codes) else np.zeros(len(wanted), dtype=bool)
        entries = ((paper[known], word[known], width), (paper[beside[held]], place[held], len(codes)))
        words, pairs = (
            coo_array((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=(len(found), n)).tocsr()
            for rows, columns, n in entries
        )
        return words, pairs


def _often(
    text: np.ndarray, column: np.ndarray, n_texts: int, n_columns: int, least: int
) -> tuple[Any, np.ndarray]:
    """Return the counts of the columns that at least so many texts use, and which these are."""
    from scipy.sparse import coo_array

    counts = coo_array(
        (np.ones(len(text), dtype=np.int32), (text, column)), shape=(n_texts, n_columns)
    ).tocsr()
    kept = np.flatnonzero(np.bincount(counts.indices, minlength=n_columns) >= least)
    return counts[:, kept], kept


def tfidf(*counts: Any) -> Any:
    """Return the TF-IDF (texts x columns, float32, unit rows) of counts, several kinds side by side."""
    return weighted(np.concatenate([rarity(kind) for kind in counts]), *counts)


def rarity(counts: Any) -> np.ndarray:
    """Return the weight of each column: ln((1 + N) / (1 + d)) + 1 where d of N texts use it.

    As scikit-learn smooths it (Salton and Buckley 1988).
    """
    n_texts, n_columns = counts.shape
    used = np.bincount(counts.indices, minlength=n_columns)
    return np.log((1 + n_texts) / (1 + used)) + 1


def weighted(rarities: np.ndarray, *counts: Any) -> Any:
    """Return counts as TF-IDF under given weights of the columns; a count n weighs 1 + ln n.

    A row depends on its own text and the weights only, to the last bit.
    """
    from scipy.sparse import csr_array, hstack

    weights = csr_array(hstack(counts, format="csr"), dtype=np.float64)
    weights.data = 1 + np.log(weights.data)
    weights.data *= rarities[weights.indices]
    length = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    weights.data /= np.repeat(length, np.diff(weights.indptr))
    return weights.astype(np.float32)


def latent_semantics(words: Any, dimensions: int, seed: int) -> np.ndarray:
    """Return (texts x at most `dimensions`) float32: a truncated SVD of TF-IDF (Deerwester et al. 1990)."""
    matrix = tfidf(words)
    return matrix @ latent_directions(matrix, dimensions, seed).T


def latent_directions(matrix: Any, dimensions: int, seed: int) -> np.ndarray:
    """Return the directions (at most `dimensions` x columns, float32) in which TF-IDF varies most.

    Where there are too few texts or words to speak of variance, two words stand for themselves.
    """
    from sklearn.decomposition import TruncatedSVD

    rank = min(dimensions, matrix.shape[1] - 1, matrix.shape[0] - 1)
    if rank < 2:
        return np.eye(2, matrix.shape[1], dtype=np.float32)
    # Copies of one text have no variance to explain, which is nothing to warn of.
    with one_thread_per_sum(), np.errstate(invalid="ignore", divide="ignore"):
        return TruncatedSVD(rank, random_state=seed).fit(matrix).components_.astype(np.float32)
