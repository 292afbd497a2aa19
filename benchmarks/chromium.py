"""Where the Chromium of tests and measurements is, and what is said where there is none."""

import shutil

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
FOUND = next(filter(None, map(shutil.which, NAMES)), None)
ABSENT = "Chromium is absent; install the package chromium to run the tests that need a browser"
