"""One module per tool, each run as a process in its tool's environment; see `_run`."""
