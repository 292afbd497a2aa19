"""trends: the themes in a body of research papers, and which of them rise and fall.

Every name below lives in a room of its own; a room is imported when one of its names is first used,
so that `import trends` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trends import backtest, plot, scale
    from trends.backtest import Backtest, as_of
    from trends.core.diff import Diff
    from trends.core.errors import DependencyError, InputError, TrendsError
    from trends.core.records import Counts, Topics, Trends
    from trends.core.watch import Watch
    from trends.embeddings import embed
    from trends.labels import LLM, label
    from trends.papers import complete, fetch, health, load, sample, save
    from trends.report import Report
    from trends.study import Study, open, run, update
    from trends.timeline import (
        arrivals,
        attention,
        change_points,
        count,
        count_themes,
        explain,
        measure,
        slices,
        year_on_year,
    )
    from trends.topics import (
        apply_edits,
        assign,
        cluster,
        edits,
        from_bertopic,
        match,
        merge,
        reassign,
        rename,
        split,
        watch,
    )

__version__ = "0.1.0"

_ROOMS = {
    "load": "papers",
    "complete": "papers",
    "fetch": "papers",
    "health": "papers",
    "sample": "papers",
    "save": "papers",
    "embed": "embeddings",
    "cluster": "topics",
    "assign": "topics",
    "from_bertopic": "topics",
    "merge": "topics",
    "split": "topics",
    "rename": "topics",
    "reassign": "topics",
    "edits": "topics",
    "apply_edits": "topics",
    "watch": "topics",
    "match": "topics",
    "label": "labels",
    "LLM": "labels",
    "count": "timeline",
    "count_themes": "timeline",
    "measure": "timeline",
    "change_points": "timeline",
    "slices": "timeline",
    "explain": "timeline",
    "attention": "timeline",
    "arrivals": "timeline",
    "year_on_year": "timeline",
    "as_of": "backtest",
    "Backtest": "backtest",
    "Report": "report",
    "run": "study",
    "open": "study",
    "update": "study",
    "Study": "study",
    "Topics": "core.records",
    "Counts": "core.records",
    "Trends": "core.records",
    "Watch": "core.watch",
    "Diff": "core.diff",
    "TrendsError": "core.errors",
    "InputError": "core.errors",
    "DependencyError": "core.errors",
}

__all__ = [
    "LLM",
    "Backtest",
    "Counts",
    "DependencyError",
    "Diff",
    "InputError",
    "Report",
    "Study",
    "Topics",
    "Trends",
    "TrendsError",
    "Watch",
    "apply_edits",
    "arrivals",
    "as_of",
    "assign",
    "attention",
    "backtest",
    "change_points",
    "cluster",
    "complete",
    "count",
    "count_themes",
    "edits",
    "embed",
    "explain",
    "fetch",
    "from_bertopic",
    "health",
    "label",
    "load",
    "match",
    "measure",
    "merge",
    "open",
    "plot",
    "reassign",
    "rename",
    "run",
    "sample",
    "save",
    "scale",
    "slices",
    "split",
    "update",
    "watch",
    "year_on_year",
]


def __getattr__(name: str) -> Any:
    if name in ("backtest", "plot", "scale"):
        return import_module(f"trends.{name}")
    if name in _ROOMS:
        return getattr(import_module(f"trends.{_ROOMS[name]}"), name)
    said = f"module 'trends' has no attribute {name!r}"
    if not name.startswith("_"):
        from difflib import get_close_matches

        near = get_close_matches(name, __all__, n=2)
        said += f"; did you mean {' or '.join(near)}?" if near else ""
    raise AttributeError(said)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
