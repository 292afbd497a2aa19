"""What tests of the page do again and again."""

import json
from pathlib import Path


def draw_all(page):
    for chart in page.query_selector_all(".plot"):
        chart.scroll_into_view_if_needed()
        chart.wait_for_selector(".main-svg")


def titles(page):
    return page.eval_on_selector_all(
        "#paper-table tbody td:first-child", "cells => cells.map(c => c.innerText)"
    )


def status(page, text):
    page.wait_for_function("text => document.getElementById('paper-status').textContent === text", arg=text)


def saved(page, selector):
    """Click a button that saves a file; return its name and its text."""
    with page.expect_download() as download:
        page.click(selector)
    return download.value.suggested_filename, Path(download.value.path()).read_text("utf-8")


def violations(page):
    """Return what axe finds against WCAG 2.2 AA and its best practices."""
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(
        page, options={"runOnly": {"type": "tag", "values": tags}, "resultTypes": ["violations"]}
    )
    return [
        json.dumps([v["id"], [n["html"][:160] for n in v["nodes"][:3]]]) for v in found.response["violations"]
    ]
