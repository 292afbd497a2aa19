"""Turns: periods from which a topic's growth is another than before.

One slope over thirty years calls a theme growing that peaked ten years ago. Joints are added to the line one
at a time, as in joinpoint regression, where they explain more than chance would after looking at every place
and every topic.
"""

from dataclasses import dataclass

import numpy as np

from trends.timeline._joint import adjusted
from trends.timeline._logistic import Logistic, fit

MOST_TURNS = 3
SHORTEST_PHASE = 5
"""Periods that each phase has at least; a call needs as many."""

MOST_PLACES = 40
"""Places at which a turn is looked for; of a longer series every so many periods."""

ALPHA = 0.05
PROMISING = 0.2
PULL = 0.01
"""Pull towards no turn: where papers begin with the turn, the growth before it would have no finite value."""


@dataclass(frozen=True)
class Turns:
    """The topics that turn.

    Attributes
    ----------
    rows
        Their numbers.
    joints
        `rows` x `MOST_TURNS`: the periods, by number and ascending, in whose middle growth changes; -1 for
        none.
    designs
        `rows` x periods x columns: ones, time, season, then a column per joint, zeros for none.
    fitted
        The fit of these.
    """

    rows: np.ndarray
    joints: np.ndarray
    designs: np.ndarray
    fitted: Logistic


def find_turns(
    y: np.ndarray,
    totals: np.ndarray,
    line: np.ndarray,
    pull: np.ndarray,
    fitted: Logistic,
    tested: np.ndarray,
) -> Turns:
    """Look for the turns of each topic.

    Parameters
    ----------
    y, totals
        Papers (topics x periods) and all papers (by period).
    line, pull
        The design without turns (ones, time, season) and its pull.
    fitted
        The fit of that.
    tested
        Topics to look at.

    References
    ----------
    H.-J. Kim, M. Fay, E. Feuer, D. Midthune (2000), Permutation tests for joinpoint regression, Statistics in
    Medicine 19. The test here is F, times the places looked at (Bonferroni), then Benjamini and Hochberg's
    over topics.
    """
    n = len(line)
    places = np.arange(SHORTEST_PHASE - 1, n - SHORTEST_PHASE + 1)
    places = places[:: max(1, -(-len(places) // MOST_PLACES))]
    pull = np.append(pull, np.full(MOST_TURNS, PULL))
    rows = np.flatnonzero(tested & np.isfinite(fitted.deviance)) if len(places) else np.empty(0, int)
    joints = np.full((len(y), MOST_TURNS), -1)
    design, current, looking = line, _taken(fitted, rows), rows
    for turn in range(MOST_TURNS):
        if not len(looking):
            break
        place, p = _best_place(design, current, places, joints[looking])
        promising = p * len(places) <= PROMISING
        looking, current = looking[promising], _taken(current, promising)
        joints[looking, turn] = place[promising]
        beside = fit(y[looking], totals, _designs(line, joints[looking]), pull)
        p = _improvement(current, beside, n, line.shape[1] + turn + 1) * len(places)
        turns = _accepted(p, len(rows))
        joints[looking[~turns], turn] = -1
        looking, current = looking[turns], _taken(beside, turns)
        joints[looking], current = _settled(y[looking], totals, line, pull, joints[looking], turn, current)
        design = _designs(line, joints[looking])
    turned = np.flatnonzero(joints[:, 0] >= 0)
    found = np.where(joints[turned] < 0, n, joints[turned])
    found = np.sort(found, axis=1)
    found = np.where(found == n, -1, found)
    designs = _designs(line, found)
    return Turns(turned, found, designs, fit(y[turned], totals, designs, pull))


def _designs(line: np.ndarray, joints: np.ndarray) -> np.ndarray:
    """Add a column to the line for each joint of each topic: time since then, 0 before and for no joint."""
    time = line[:, 1]
    since = np.maximum(0, time - time[joints][:, :, None]) * (joints >= 0)[:, :, None]
    lines = np.broadcast_to(line, (len(joints), *line.shape))
    return np.concatenate([lines, np.swapaxes(since, 1, 2)], axis=2)


def _best_place(
    design: np.ndarray, current: Logistic, places: np.ndarray, joints: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Find by the score test where one more joint would help each topic most, and its p."""
    from scipy.special import fdtrc

    n, k = design.shape[-2:]
    time = design[..., 1] if design.ndim == 2 else design[0, :, 1]
    hinges = np.maximum(0, time[:, None] - time[places])
    if design.ndim == 2:
        products = (design[:, :, None] * hinges[:, None, :]).reshape(n, -1)
        shared = (current.weight @ products).reshape(-1, k, len(places))
    else:
        shared = np.swapaxes(design * current.weight[:, :, None], 1, 2) @ hinges
    power = current.weight @ hinges**2 - (shared * (current.covariance @ shared)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        gain = (current.gap @ hinges) ** 2 / power
    near = (np.abs(places - joints[:, :, None]) < SHORTEST_PHASE) & (joints >= 0)[:, :, None]
    gain = np.where(near.any(axis=1) | ~(power > 1e-9), 0, gain)
    best = gain.argmax(axis=1)
    gain = gain[np.arange(len(gain)), best]
    free = n - k - 1
    noise = np.fmax(1, (current.deviance - gain) / free)
    return places[best], fdtrc(1, free, gain / noise)


def _improvement(before: Logistic, after: Logistic, n: int, k: int) -> np.ndarray:
    """Give the p of F for the deviance that one more joint takes away.

    The noise is the deviance's too: Pearson's would hide a turn behind one stray early paper.
    """
    from scipy.special import fdtrc

    free = n - k
    noise = np.fmax(1, after.deviance / free)
    p = fdtrc(1, free, np.fmax(0, before.deviance - after.deviance) / noise)
    return np.where(np.isfinite(after.deviance), p, 1.0)


def _accepted(p: np.ndarray, n_tested: int) -> np.ndarray:
    """Tell which pass Benjamini and Hochberg's limit among all topics tested; the others count as p of 1."""
    others = np.ones(n_tested - len(p))
    return adjusted(np.concatenate([np.fmin(p, 1), others]))[: len(p)] <= ALPHA


def _settled(
    y: np.ndarray,
    totals: np.ndarray,
    line: np.ndarray,
    pull: np.ndarray,
    joints: np.ndarray,
    turn: int,
    current: Logistic,
) -> tuple[np.ndarray, Logistic]:
    """Move the newest joint by up to two periods if that fits better: the score test sees it from afar."""
    n = len(line)
    for offset in (-2, -1, 1, 2):
        moved = joints.copy()
        moved[:, turn] = np.clip(joints[:, turn] + offset, SHORTEST_PHASE - 1, n - SHORTEST_PHASE)
        others = np.where(joints < 0, -n, joints)
        others[:, turn] = -n
        apart = (np.abs(others - moved[:, turn, None]) >= SHORTEST_PHASE).all(axis=1)
        beside = fit(y, totals, _designs(line, moved), pull)
        better = apart & (beside.deviance < current.deviance - 1e-9)
        joints = np.where(better[:, None], moved, joints)
        current = Logistic(
            *(
                np.where(better.reshape(-1, *[1] * (getattr(current, name).ndim - 1)), *pair)
                for name in Logistic.__dataclass_fields__
                for pair in [(getattr(beside, name), getattr(current, name))]
            )
        )
    return joints, current


def _taken(fitted: Logistic, rows: np.ndarray) -> Logistic:
    return Logistic(*(getattr(fitted, name)[rows] for name in Logistic.__dataclass_fields__))
