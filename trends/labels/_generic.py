"""Words of every field that name none: alone they head no slide, and a phrase is weaker that ends in one.

They are written in the singular. Words that make good names with another beside them, such as "model" or
"learning", are not here.
"""

_WORDS = """
    accuracy advance advantage algorithm amount analysis application architecture area aspect assessment
    assumption average aware benchmark benefit bound budget capacity case category choice class
    combination comparison complexity component computational concept condition configuration constraint
    content context control cost criterion data dataset degree demand dense development difference
    difficulty direction distribution domain downstream drawback effect efficiency efficient effort
    element empirical end-to-end error estimate evaluating evaluation evidence example experience
    extension factor feature flexibility form format frame function gain generate generated goal group
    handbook high-quality hypothesis idea implementation implication index individual information input
    instance issue item iteration label layer learn learns length lesson level line magnitude map material
    matrix measure mechanism metric mode modeling module multi-task network objective observation
    open-source operation option order outcome output overhead overview pair parameter part pattern
    percent period perspective pipeline place point potential precision principle prior priors procedure
    process product progress properties property quality quantity question random range rate ratio real
    real-world reason recipe redundancy reference regime region relation relationship relevance
    representation requirement research resource response rest risk robust robustness role rule sample
    scalable scale scenario schedule scheme scope score scores selection series setting setup shape share
    similarity simple size solution source space speed speedup stage standard state state-of-the-art
    statistics step store strategy strength structure style subject subset success supply support survey
    system target term throughput time top-k topic total trade-off training type unified unit update usage
    utility value variable variant variation version view way weight workflow year years yield
    """.split()

GENERIC = frozenset(_WORDS) | frozenset(word.replace("-", "") for word in _WORDS)
"""Also without hyphens, as a corpus folds "high-quality" in which somebody writes "highquality"."""

METHODS = frozenset(
    tuple(words.split())
    for words in (
        "artificial intelligence",
        "deep learning",
        "deep neural network",
        "machine learning",
        "neural network",
    )
)
"""What papers of every theme of some fields use: another phrase says more of what they study."""
