"""From vectors to topics: clusters discover, centroids assign, and a genuine BERTopic holds the result."""

from trends.topics._assign import assign
from trends.topics._bertopic import model_maker
from trends.topics._cluster import cluster
from trends.topics._continued import continued
from trends.topics._drift import Drift, drift, drift_of
from trends.topics._edits import apply_edits, edits, merge, reassign, rename, split
from trends.topics._extend import by_hand, extend, extended, fitted
from trends.topics._import import from_bertopic
from trends.topics._match import Matching, match, renumber
from trends.topics._refit import refit, with_labels
from trends.topics._store import open_topics, read_topics, save_topics
from trends.topics._versions import versions
from trends.topics._watch import watch
from trends.topics._watch_list import read_themes, shipped_themes
from trends.topics._watch_store import open_watch, save_watch

__all__ = [
    "Drift",
    "Matching",
    "apply_edits",
    "assign",
    "by_hand",
    "cluster",
    "continued",
    "drift",
    "drift_of",
    "edits",
    "extend",
    "extended",
    "fitted",
    "from_bertopic",
    "match",
    "merge",
    "model_maker",
    "open_topics",
    "open_watch",
    "read_themes",
    "read_topics",
    "reassign",
    "refit",
    "rename",
    "renumber",
    "save_topics",
    "save_watch",
    "shipped_themes",
    "split",
    "versions",
    "watch",
    "with_labels",
]
