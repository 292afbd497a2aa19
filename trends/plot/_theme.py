"""Colours, type and sizes by theme, and which topic gets which colour.

Eight series colours per ground: the smallest CIELAB distance between any two, over normal sight and
three kinds of colour blindness, is 30.7 on light and 29.8 on dark. No colour plays two roles within a
theme, so a page can turn a light figure into a dark one by replacing exact matches.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from trends.core.errors import InputError
from trends.core.tables import UNASSIGNED

FONT = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
BAND_ALPHA = 0.15
VEIL_ALPHA = 0.75

DASHES = ("solid", "10px,3px", "solid", "12px,3px,3px,3px", "solid", "10px,3px", "solid", "12px,3px,3px,3px")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "triangle-down", "x", "pentagon")
"""The second cue: slot i draws with dash i and symbol i. Dots are kept for incomplete periods."""

INCOMPLETE_DASH = "2px,3px"


@dataclass(frozen=True)
class Theme:
    """What a chart looks like: colours by role, sizes in px.

    Attributes
    ----------
    ground, surface
        Page ground, which charts stand on, and the ground of cards.
    text, muted
        Text and secondary text, at least 4.5:1 on the ground.
    accent, border
        Links and emphasis; borders of controls.
    grey, hairline
        Lines and points of no highlighted topic (3:1); grid lines, which are decoration.
    series
        Eight colours in a fixed order, at least 3:1 on the ground.
    font_size, title_size
        Base and title size in px.
    width, height
        Fixed size in px; None leaves the width to the page and the height to the chart.
    most_series
        How many series may be highlighted at once.
    least_size
        No type is smaller than this, in px.
    """

    name: str
    ground: str
    surface: str
    text: str
    muted: str
    accent: str
    border: str
    grey: str
    hairline: str
    series: tuple[str, ...]
    font_size: int = 14
    title_size: int = 18
    width: int | None = None
    height: int | None = None
    most_series: int = 8
    least_size: float = 0

    def type(self, size: float) -> float:
        """Return the size in px of what is `size` px on the page, no smaller than can be read."""
        return max(self.least_size, self.font_size * size / 14)

    @property
    def bands(self) -> tuple[str, ...]:
        """The series colours, thin enough to lie one over another."""
        return tuple(_rgba(colour, BAND_ALPHA) for colour in self.series)

    @property
    def grey_band(self) -> str:
        """The band of a topic without a colour of its own."""
        return _rgba(self.grey, BAND_ALPHA)

    @property
    def veil(self) -> str:
        """The ground, thin enough to see through: behind names that stand on points."""
        return _rgba(self.ground, VEIL_ALPHA)

    @property
    def scale(self) -> float:
        """Size of the type compared with the page's 14 px."""
        return self.font_size / 14

    def colour(self, slot: int | None) -> str:
        """Series colour of a slot, grey for none."""
        return self.grey if slot is None else self.series[slot]

    def band(self, slot: int | None) -> str:
        """Band colour of a slot, thin grey for none."""
        return self.grey_band if slot is None else self.bands[slot]


def _rgba(colour: str, alpha: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


_LIGHT = Theme(
    name="light",
    ground="#ffffff",
    surface="#f5f6f8",
    text="#1a1d21",
    muted="#565d66",
    accent="#1f4fbf",
    border="#767e88",
    grey="#8b929b",
    hairline="#d5d9df",
    series=("#3e00c0", "#593e00", "#00a861", "#cc78a8", "#000000", "#929a00", "#860c72", "#857dff"),
)
_DARK = Theme(
    name="dark",
    ground="#12161b",
    surface="#1b2129",
    text="#e6e9ed",
    muted="#a3acb7",
    accent="#8ab4ff",
    border="#78828e",
    grey="#6d7783",
    hairline="#343c46",
    series=("#00f7ee", "#ff8f00", "#57af64", "#fff584", "#a36e8e", "#d10000", "#c1ffc2", "#9257ff"),
)

THEMES: dict[str, Theme] = {
    "light": _LIGHT,
    "dark": _DARK,
    # 24 px on 1280x720 is 18 pt on a 13.333 x 7.5 inch slide.
    "slide": replace(
        _LIGHT,
        name="slide",
        font_size=24,
        title_size=32,
        width=1280,
        height=720,
        most_series=5,
        least_size=24,
    ),
    "print": replace(_LIGHT, name="print", font_size=12, title_size=15, width=720),
}


def theme_named(name: str) -> Theme:
    """Return a theme by name.

    Raises
    ------
    InputError
        There is no such theme.
    """
    if not isinstance(name, str) or name not in THEMES:
        raise InputError(f"theme must be one of {', '.join(THEMES)}, not {name!r}.")
    return THEMES[name]


def topic_slots(topic_ids: Iterable[int]) -> dict[int, int | None]:
    """Return the palette slot of each highlighted topic; None is grey.

    Topics 0 to 7 own slots 0 to 7, whatever else is highlighted. Other topics take the free slots in the
    order of their ids. When the eight slots are gone the rest is grey: no colour is given twice.
    """
    wanted = sorted({int(topic_id) for topic_id in topic_ids})
    size = len(_LIGHT.series)
    slots: dict[int, int | None] = {t: t if 0 <= t < size else None for t in wanted}
    free = [slot for slot in range(size) if slot not in slots]
    for topic_id in wanted:
        if slots[topic_id] is None and topic_id != UNASSIGNED and free:
            slots[topic_id] = free.pop(0)
    return slots


def topic_colours(topic_ids: Iterable[int], *, theme: str = "light") -> dict[int, str]:
    """Return the colour of each highlighted topic, the same in every chart that highlights the same topics.

    Parameters
    ----------
    topic_ids
        The highlighted topics, in any order.
    theme
        "light", "dark", "slide" or "print".

    Returns
    -------
    dict
        topic_id -> "#rrggbb"; -1 and topics beyond the eighth are grey.
    """
    look = theme_named(theme)
    return {topic_id: look.colour(slot) for topic_id, slot in topic_slots(topic_ids).items()}


def colour_swap() -> dict[str, str]:
    """Return light colour -> dark colour, for pages that hold each figure once, in light.

    Replacing exact matches on colour keys turns a light figure into the dark one.
    """
    return dict(zip(_roles(_LIGHT), _roles(_DARK)))


def _roles(theme: Theme) -> list[str]:
    return [
        theme.ground,
        theme.surface,
        theme.text,
        theme.muted,
        theme.accent,
        theme.border,
        theme.grey,
        theme.hairline,
        theme.veil,
        theme.grey_band,
        *theme.series,
        *theme.bands,
    ]
