"""The errors a user can meet. Each message is one sentence: what is wrong, where, and what to do."""


class TrendsError(Exception):
    """Base of every error that trends raises on purpose."""


class InputError(TrendsError, ValueError):
    """A file, table or parameter is not usable as given."""


class DependencyError(TrendsError, ImportError):
    """An optional package, a model or a program is missing; the message says how to get it."""
