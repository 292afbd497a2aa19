"""Words of every field that name none: alone they head no slide, and a phrase is weaker that ends in one.

They are written in the singular. Words that make good names with another beside them, such as "model" or
"learning", are not here.
"""

GENERIC = frozenset(
    """
    accuracy action activity advantage algorithm amount analysis application area aspect assessment
    assumption average behavior behaviour benchmark benefit bound budget capacity case category choice
    class code combination community comparison complexity component computation computational concept
    condition configuration constraint content context control cost criterion data dataset decision deep
    degree demand demo dense development difference difficulty dimension direction distribution domain
    downstream drawback dynamic effect efficiency efficient effort element empirical end-to-end environment
    error estimate evaluation evaluating evidence example execution experience expert extension
    factor feature field flexibility form format frame function gain generalization generate generated
    global goal group guidance handbook head high-quality hypothesis idea implementation implication index
    individual inference information input instance instruction interaction interface issue item
    iteration knowledge label latency layer learn learns lesson level library line linear local long
    magnitude mapping market material measure mechanism metric mode module multi-task nature network
    noise object objective observation open-source operation optimization option order outcome output
    overhead overview pair parameter part partner pattern percent period perspective pipeline place point
    policy population position potential power practice precision principle prior priors procedure process
    product professional progress properties property prompt protocol quality quantity question random
    range rate ratio real real-world reason recipe redundancy reference region regime relation relationship
    relevance representation requirement research resource response rest review risk robust robustness role
    rule sample scalable scale scenario scene schedule scheme scope score scores selection sequence series
    service setting setup shape share signal similarity simple size solution source space spatial speed
    speedup stage standard state state-of-the-art statistics step store strategy strength structure student
    style subject subset success supply support survey system target teacher team temporal term test
    theory throughput time token tool top-k topic total trade-off training transfer treatment trend trial
    type understanding unified unit update usage user utility value variable variant variation vector
    version view visual way weight workflow world year years yield
    """.split()
)
