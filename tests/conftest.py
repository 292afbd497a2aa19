"""Fixtures shared by all tests: a cache of their own, and the real corpora where they are present."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Keep tests away from the user's cache."""
    before = os.environ.get("TRENDS_CACHE")
    os.environ["TRENDS_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["TRENDS_CACHE"]
    else:
        os.environ["TRENDS_CACHE"] = before


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real corpora ($TRENDS_DATA, else ../shared/data), or skip the test."""
    folder = Path(os.environ.get("TRENDS_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(
            f"the real corpora are not here: {folder.name} is absent; set TRENDS_DATA to their folder"
        )
    return folder
