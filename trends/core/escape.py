"""The one place where untrusted text is made safe for a figure, a link or a spreadsheet.

The report's HTML is escaped by jinja's autoescape; everything else that carries a title, tag, author or file
name goes through here.
"""

import html
import re
import unicodedata
from urllib.parse import urlsplit

_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


def clean_text(text: str) -> str:
    """Drop control characters, bidirectional overrides and lone surrogates, and fold white space."""
    folded = " ".join(text.split())
    if folded.isascii() and folded.isprintable():
        return folded
    return " ".join(_CONTROLS.sub("", folded).split())


def plot_text(text: object, length: int = 120) -> str:
    """Make a text safe to stand in a plotly figure, where `<b>` and `<a>` would be markup.

    plotly shows `html.escape(text, quote=False)` literally on every surface.
    """
    cleaned = clean_text(str(text))
    if len(cleaned) > length:
        cleaned = cleaned[: length - 1].rstrip() + "…"
    return html.escape(cleaned, quote=False)


def html_text(value: object) -> str:
    """Make a value safe to stand in HTML, as text or in a quoted attribute."""
    return html.escape(clean_text(str(value)), quote=True)


def markdown_text(text: object, length: int = 120) -> str:
    """Make a text safe to stand in a line of Markdown, as CommonMark, GitHub and chat programs read it.

    What would be markup, a link or a mention is shown as it is typed; addresses do not become links.
    """
    cleaned = clean_text(str(text))
    if len(cleaned) > length:
        cleaned = cleaned[: length - 1].rstrip() + "…"
    escaped = re.sub(r"([\\`*_\[\]<>#|~!&@$^{}])", r"\\\1", cleaned)
    return re.sub(r"(?i)(://)|(www)\.", lambda at: r"\://" if at[1] else rf"{at[2]}\.", escaped)


def safe_url(url: str) -> str:
    """Return an http(s) address, or "" for anything else (`javascript:`, `data:`, a bare path)."""
    cleaned = "".join(_CONTROLS.sub("", url).split())
    try:
        parts = urlsplit(cleaned)
    except ValueError:
        return ""
    return cleaned if parts.scheme.lower() in ("http", "https") and parts.netloc else ""


def csv_text(value: object) -> object:
    """Put `'` before a text cell that a spreadsheet would run as a formula; numbers stay numbers."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def office_text(text: object, length: int = 120) -> str:
    """Make a text safe to stand in a slide, its charts and the workbooks within.

    XML refuses control characters, lone surrogates and the two noncharacters; a leading `=` would be a
    formula of the workbook. `<`, `&` and quotes are escaped by the writer.
    """
    cleaned = clean_text(str(text).replace("\ufffe", "").replace("\uffff", ""))
    if len(cleaned) > length:
        cleaned = cleaned[: length - 1].rstrip() + "…"
    return "'" + cleaned if cleaned.startswith("=") else cleaned


def slug(text: str, fallback: str = "figure") -> str:
    """Return a file name of at most 40 characters from a-z, 0-9 and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    reserved = re.fullmatch(r"con|prn|aux|nul|com\d|lpt\d", name)
    return fallback if not name or reserved else name
