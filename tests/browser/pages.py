"""What tests of the page do again and again."""

import json
from pathlib import Path

EACH_ONCE = [("light", 1280), ("dark", 320)]
"""Colours hang on the scheme and places on the width, so what axe looks for sees each of them once."""


def draw_all(page):
    for chart in page.query_selector_all(".plot"):
        # At once: Playwright's own way first waits for two frames in which nothing moves.
        chart.evaluate("plot => plot.scrollIntoView({ block: 'center' })")
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


SAME_LOOK = """() => {
  const seen = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    const says = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!says && !element.matches("input, select, textarea")) continue;
    const { color, fill, opacity, fontSize, fontWeight } = getComputedStyle(element);
    const look = [color, fill, opacity, fontSize, fontWeight];
    for (let around = element; around; around = around.parentElement)
      look.push(around.tagName, around.getAttribute("class"), getComputedStyle(around).backgroundColor);
    const key = look.join();
    seen.set(key, (seen.get(key) || 0) + 1);
    if (seen.get(key) <= 2) element.setAttribute("data-contrast", "");
  }
}"""


def violations(page):
    """Return what axe finds against WCAG 2.2 AA and its best practices.

    Contrast takes nine tenths of the time, so it is asked of two of all texts with one look: the same
    colours, size and weight within the same tags, classes and grounds.
    """
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
    page.evaluate(SAME_LOOK)
    rest = {"runOnly": tags, "rules": {"color-contrast": {"enabled": False}}}
    contrast = {"runOnly": ["color-contrast"]}
    found = []
    for within, options in ((None, rest), ("[data-contrast]", contrast)):
        run = Axe().run(page, within, options | {"resultTypes": ["violations"]})
        found += run.response["violations"]
    return [json.dumps([v["id"], [n["html"][:160] for n in v["nodes"][:3]]]) for v in found]
