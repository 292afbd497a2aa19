"""The command `trends`: flags in, the rooms' functions called, files out.

Every command writes one file and prints its path as the last line of standard output; progress, warnings and
what to do next go to standard error. Exit codes stand in `_app.EXIT_CODES`.
"""

import sys
import warnings

import typer

# Each adds its commands to the app, in the order of use.
from trends.cli import _papers, _study, _slides, _later  # noqa: F401  # isort: skip
from trends.cli._app import app
from trends.core.errors import DependencyError, TrendsError

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; every foreseen failure is one sentence and an exit code, never a traceback."""
    warnings.simplefilter("ignore")  # other packages' notices say nothing to the reader of a report
    try:
        app(prog_name="trends")  # also for `python -m trends`, whose own name no shell could complete
    except DependencyError as error:
        _stop(str(error), 3)
    except TrendsError as error:
        _stop(str(error), 2)
    except OSError as error:
        name = f": {error.filename}" if error.filename else ""
        _stop(f"{error.strerror or type(error).__name__}{name}", 1)
    except KeyboardInterrupt:
        _stop("Stopped; what was fetched or encoded so far is kept for the next run.", 130)


def _stop(sentence: str, code: int) -> None:
    typer.echo(f"Error: {sentence}", err=True)
    sys.exit(code)
