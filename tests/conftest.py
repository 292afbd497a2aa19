"""Fixtures shared by all tests: a cache of their own, and the real corpora where they are present."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from benchmarks import chromium

ROOT = Path(__file__).resolve().parents[1]

# A GPU changes the last digits of vectors and teaches no student; tests/test_gpu.py asks for it by itself.
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


# A busy machine is no fault of the code: no test depends on how long anything takes.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


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


@pytest.fixture(scope="session")
def launch():
    """Return what starts a Chromium with given arguments; a process can have one playwright only."""
    if not chromium.FOUND:
        if os.environ.get("CI") == "true":
            pytest.fail(chromium.ABSENT)
        pytest.skip(chromium.ABSENT)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield lambda args: playwright.chromium.launch(executable_path=chromium.FOUND, args=list(args))
