"""Two directives for the reference: every public name of a room, and the help of every command.

Both read the package itself, so that a new name or command is in the pages without anybody's doing.
"""

import inspect
import os
from importlib import import_module
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import nested_parse_with_titles

import trends

RETURNED = {
    "embeddings": ["trends.embeddings.Encoder"],
    "papers": ["trends.papers.Health"],
    "topics": ["trends.topics.Matching", "trends.topics.Drift"],
    "timeline": [f"trends.timeline.{name}" for name in ("Arrivals", "Attention", "Explanation", "Slices")],
    "report": ["trends.report.Section"],
    "backtest": ["trends.backtest.run"],
    "scale": [f"trends.scale.{name}" for name in ("run", "ScaledStudy", "local_workers", "fits")],
    "explorer": ["trends.explorer.Explorer"],
    "slides": [f"trends.slides.{name}" for name in ("export", "ImagesWarning")],
    "diff": ["trends.diff.Side", "trends.diff.compare"],
}
"""What a room gives, takes, or has behind its own door, beside the names of the front door."""


def names_of(room: str) -> list[str]:
    """Return the dotted names to document of a room."""
    if room == "plot":
        return [f"trends.plot.{name}" for name in import_module("trends.plot").__all__]
    listed = [name for name in trends.__all__ if trends._ROOMS.get(name) == room]
    order = list(trends._ROOMS)
    return [f"trends.{name}" for name in sorted(listed, key=order.index)] + RETURNED.get(room, [])


def kind_of(dotted: str) -> str:
    """Return the autodoc directive that fits a name."""
    module, name = dotted.rsplit(".", 1)
    thing = getattr(import_module(module), name)
    if inspect.isclass(thing):
        return "autoexception" if issubclass(thing, Exception) else "autoclass"
    return "autofunction" if callable(thing) else "autodata"


class Room(SphinxDirective):
    """The public names of a room, each from its docstring."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        lines = []
        for dotted in names_of(self.arguments[0]):
            kind = kind_of(dotted)
            lines += [f".. {kind}:: {dotted}"]
            lines += ["   :members:"] if kind == "autoclass" else []
            lines += ["   :no-value:"] if kind == "autodata" else []
            lines += [""]
        found = nodes.Element()
        nested_parse_with_titles(self.state, StringList(lines, source=self.get_source_info()[0]), found)
        return found.children


class Commands(SphinxDirective):
    """The help of `trends` and of each of its commands, as a terminal of 80 columns shows it."""

    def run(self) -> list[nodes.Node]:
        return [_section(name, text) for name, text in helps().items()]


def helps() -> dict[str, str]:
    """Return what `--help` prints, by command; the whole manual is under ""."""
    from typer.main import get_command

    from trends.cli import app

    os.environ["COLUMNS"] = "80"
    group: Any = get_command(app)
    with group.make_context("trends", [], resilient_parsing=True) as context:
        found = {"": group.get_help(context)}
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            inner = command.make_context(name, [], parent=context, resilient_parsing=True)
            found[name] = command.get_help(inner)
    return found


def _section(name: str, text: str) -> nodes.section:
    title = f"trends {name}".strip()
    section = nodes.section(ids=[f"trends-{name}" if name else "the-manual"], names=[title])
    section += nodes.title(title, "", nodes.literal(title, title))
    section += nodes.literal_block(text, text, language="text")
    return section


def setup(app: Sphinx) -> dict[str, Any]:
    """Give Sphinx the two directives."""
    app.add_directive("room", Room)
    app.add_directive("commands", Commands)
    return {"parallel_read_safe": True}
