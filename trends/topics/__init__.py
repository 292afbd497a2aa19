"""From vectors to topics: clusters discover, centroids assign, and a genuine BERTopic holds the result."""

from trends.topics._assign import assign
from trends.topics._cluster import cluster
from trends.topics._import import from_bertopic
from trends.topics._store import open_topics, save_topics

__all__ = ["assign", "cluster", "from_bertopic", "open_topics", "save_topics"]
