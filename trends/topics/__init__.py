"""From vectors to topics: clusters discover, centroids assign, and a genuine BERTopic holds the result."""

from trends.topics._assign import assign
from trends.topics._cluster import cluster
from trends.topics._import import from_bertopic
from trends.topics._store import open_topics, save_topics
from trends.topics._watch import watch
from trends.topics._watch_list import read_themes, shipped_themes
from trends.topics._watch_store import open_watch, save_watch

__all__ = [
    "assign",
    "cluster",
    "from_bertopic",
    "open_topics",
    "open_watch",
    "read_themes",
    "save_topics",
    "save_watch",
    "shipped_themes",
    "watch",
]
