"""How text becomes words: the same tokens for embeddings, topics, labels and tags."""

import re
from functools import cache

import pandas as pd

TOKEN = r"(?u)\b[^\W\d_][\w]*(?:[-'’][\w]+)*\b|\b\d+[dD]\b"
"""Words with inner hyphens ("state-of-the-art", "token-level"), and "3D"; plain numbers are not words."""

_TOKEN = re.compile(TOKEN)

SCIENTIFIC = frozenset(
    """
    paper papers propose proposed proposes present presents presented introduce introduces introduced
    study studies work works method methods approach approaches technique techniques framework frameworks result results
    show shows shown demonstrate demonstrates demonstrated outperform outperforms outperforming achieve achieves achieved
    achieving state-of-the-art sota state art novel new existing previous prior recent recently based using use
    uses used problem problems task tasks performance significantly significant experiment experiments experimental
    extensive evaluate evaluated evaluation improve improves improved improvement improvements compared
    comparable better best high low higher lower large small different various several many multiple
    however moreover furthermore additionally specifically respectively finally thus hence therefore
    while despite due via towards toward across within without lead leads provide provides provided
    enable enables enabling allow allows address addresses addressing challenge challenges challenging
    code available github https http www com org arxiv et al eg ie etc fig figure table section
    first second third one two three four five six well also often typically widely highly effectively effective
    effectiveness efficiently simple set number order given make makes making need needs
    key main important aim aims goal investigate explore analysis analyze conduct consider
    remain remains still yet even particular general common commonly current currently like
    """.split()
)
"""Words that say that a text is a paper, not what the paper is about."""


@cache
def stop_words() -> frozenset[str]:
    """Return scikit-learn's English stop words together with the words of scientific prose."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS) | SCIENTIFIC


def tokens(text: str) -> list[str]:
    """Return the lower-case words of a text in order, stop words included."""
    return _TOKEN.findall(text.lower())


def documents(papers: pd.DataFrame) -> pd.Series:
    """Return what is read of each paper: its title, a full stop, its abstract; by paper_id."""
    titles = papers["title"].str.rstrip(" .")
    return (titles + ". " + papers["abstract"]).str.strip().rename("document")
