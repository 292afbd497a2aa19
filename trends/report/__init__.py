"""One HTML file that tells the story of a corpus: findings, charts, topics, papers, method, provenance.

The file makes no request to anywhere, works from disk and reads without JavaScript. The same papers,
topics and trends give the same bytes, whatever the order of their rows.
"""

from trends.report._findings import Finding, findings, numbers_of
from trends.report._report import Report, Section

__all__ = ["Finding", "Report", "Section", "findings", "numbers_of"]
