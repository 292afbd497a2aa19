"""The frozen records that pass between rooms: named tables, checked when they are made.

A record is never changed; `dataclasses.replace` gives a changed copy and checks it again.
"""

from trends.core.records._counts import Counts
from trends.core.records._topics import SHAKY, Topics
from trends.core.records._trends import Trends

__all__ = ["SHAKY", "Counts", "Topics", "Trends"]
