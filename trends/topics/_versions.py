"""The versions of the packages that decide what the topics are."""

from importlib.metadata import version

PACKAGES = ("bertopic", "hdbscan", "numba", "numpy", "scikit-learn", "scipy", "trends", "umap-learn")


def versions() -> dict[str, str]:
    """Return package -> version, without importing any of them."""
    return {name: version(name) for name in PACKAGES}
