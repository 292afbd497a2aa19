"""Names and numbers as they stand in a chart: short, wrapped, unique, escaped."""

import math
import unicodedata
from collections import Counter

import pandas as pd

from trends.core.escape import clean_text, plot_text
from trends.core.records import SHAKY

DOUBT = " ?"
"""Stands behind the name of a shaky topic."""

DOUBTED = f"A question mark follows the names of shaky topics (stability below {SHAKY:g})."

EM = 0.56
"""Mean width of a letter in a sans-serif type, as a part of the type size."""


def width(text: str) -> float:
    """Return the width of a text in letters; East Asian characters take two."""
    return sum(1.8 if unicodedata.east_asian_width(letter) in "WF" else 1.0 for letter in text)


def shortened(text: str, letters: float) -> str:
    """Cut a text to a width and end it with an ellipsis where something was cut; not yet escaped."""
    if width(text) <= letters:
        return text
    kept = ""
    for letter in text:
        if width(kept) + width(letter) > letters - 1:
            break
        kept += letter
    return kept.rstrip() + "…"


def wrapped(text: str, letters: float, lines: int) -> list[str]:
    """Break a cleaned text at spaces into at most `lines` lines; what does not fit ends in an ellipsis."""
    words = clean_text(text).split(" ")
    found: list[str] = []
    while words and len(found) < lines:
        line = words.pop(0)
        if len(found) == lines - 1:
            line, words = " ".join([line, *words]), []
        while words and width(f"{line} {words[0]}") <= letters:
            line += " " + words.pop(0)
        found.append(shortened(line, letters))
    return found


def breakable(text: str, letters: float, lines: int = 2) -> str:
    """Return a text wrapped, escaped and joined by `<br>`, ready for a figure."""
    return "<br>".join(plot_text(line, 10_000) for line in wrapped(text, letters, lines))


def names(labels: pd.Series, letters: float) -> pd.Series:
    """Return short, escaped and distinct names by topic_id; equal names get their topic's number."""
    short = {t: shortened(clean_text(str(label)), letters) for t, label in labels.items()}
    seen = Counter(short.values())
    distinct = {t: name if seen[name] == 1 and name else f"{name} #{t}".strip() for t, name in short.items()}
    return pd.Series({t: plot_text(name, 10_000) for t, name in distinct.items()}, dtype="object")


def names_of(rows: pd.DataFrame, letters: float) -> pd.Series:
    """Return the names of the topics of a chart's rows, with a question mark behind shaky ones."""
    topics = rows.drop_duplicates("topic_id").set_index("topic_id")
    return names(topics["label"], letters) + topics["shaky"].astype(bool).map({True: DOUBT, False: ""})


def doubted(rows: pd.DataFrame) -> list[str]:
    """Say what question marks mean, if a chart of these rows has any."""
    return [DOUBTED] if rows["shaky"].astype(bool).any() else []


def percent(share: float) -> str:
    """Write a share for people: one decimal."""
    return f"{share:.1%}"


def ratio(value: float) -> str:
    """Write a ratio with three digits of meaning; "?" where it is unknown, "∞" where endless."""
    if math.isnan(value):
        return "?"
    if math.isinf(value) or value >= 1e4:
        return "∞"
    if value >= 10:
        return f"{value:.0f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: "1 paper", "2,310 papers"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
