"""Text written in LaTeX as people read it: accents and letters, and for BibTeX also braces, ties and dashes.

`letters` is safe on any text that may hold some LaTeX, and the common cleaning uses it. `plain` is for text
known to be LaTeX, where braces group, `~` is a space and `--` a dash. Formulas stay as they were written.
A general converter is not used because to LaTeX a `%` begins a comment: abstracts that exporters did not
escape would lose the rest of the line.
"""

import re
import unicodedata

_ACCENT = re.compile(
    r"""(\{)?\\(?:([`'^"~=.])\s*(?:\{(\\?[A-Za-z])\}|(\\[ij](?![A-Za-z])|[A-Za-z]))"""
    r"""|([cvuHkrdb])\{(\\?[A-Za-z])\})(?(1)\})"""
)
_BARE_MARK = re.compile(r"\\([~^])\s*\{\s*\}")
_SPACED_ACCENT = re.compile(r"\\([cvuHkrdb])\s+(\\[ij](?![A-Za-z])|[A-Za-z])")
_MARKS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306", ".": "\u0307",
    '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "d": "\u0323", "c": "\u0327", "k": "\u0328",
    "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø", "l": "ł",
    "L": "Ł", "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ",
    "NG": "Ŋ", "textalpha": "α", "textbeta": "β", "textgamma": "γ", "textmu": "µ", "textdegree": "°",
    "textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquotedblleft": "“", "guillemotleft": "«",
    "quotedblbase": "„", "quotesinglbase": "‚", "textasciitilde": "~", "slash": "/", "textsection": "§",
    "textexclamdown": "¡", "textquestiondown": "¿", "textdollar": "$", "textsterling": "£", "pounds": "£",
    "textless": "<", "textunderscore": "_", "S": "§",
}  # fmt: skip
_SYMBOLS = {
    "textquoteright": "’", "textquotesingle": "'", "textquotedblright": "”", "textquotedbl": '"',
    "guillemotright": "»", "textasciicircum": "^", "textasciigrave": "`", "textbar": "|", "textgreater": ">",
    "textbullet": "•", "textperiodcentered": "·", "ldots": "…", "dots": "…", "textellipsis": "…",
    "textregistered": "®", "texttrademark": "™", "textcopyright": "©", "texteuro": "€", "euro": "€",
    "textyen": "¥", "textpm": "±", "texttimes": "×", "textordfeminine": "ª", "textordmasculine": "º",
    "textonehalf": "½",
}  # fmt: skip


def _commands(names: dict[str, str], after: str) -> re.Pattern[str]:
    listed = "|".join(sorted(names, key=len, reverse=True))
    return re.compile(rf"(\{{)?\\({listed})(?![A-Za-z])(?(1)\s*\}}|(?:\{{\}}|{after}))")


# TeX takes the space after a command for the command's end; after a symbol that ends a word, people mean it.
_LETTER = _commands(_LETTERS, r"[ \t\n]*")
_SYMBOL = _commands(_SYMBOLS, "")

_ENSURED = re.compile(r"\\ensuremath\s*\{((?:[^{}]|\{[^{}]{0,200}\}){0,200})\}")
# As pandoc has it: no space within the dollars, no digit after them; "from $5 to $10" is no formula.
_FORMULA = re.compile(r"(?<!\\)(\$\$?(?=[^\s$])[^$]{1,400}(?<=\S)\$\$?(?!\d)|\\\([^$]{1,400}?\\\))")
_OPENING_QUOTE, _CLOSING_QUOTE = re.compile(r"``"), re.compile(r"(?<!\\)''")
_TIE = re.compile(r"(?<=[^\s\\])~(?=\S)")
_DASH = re.compile(r"(?<!-)(-{2,3})(?!-)")
_DROPPED = re.compile(
    r"\\(?:cite[a-z]*|label|ref|href|textcolor|color|[vh]?phantom|[hv]space|noopsort|foreignlanguage|footnote)"
    r"\*?\s*(?:\[[^][]*\]\s*)?\{[^{}]*\}"
)
_DECLARATION = re.compile(
    r"\\(?:em|bf|it|sc|sl|rm|tt|sf|itshape|bfseries|scshape|upshape|ttfamily|rmfamily|sffamily|mdseries"
    r"|normalfont|relax|protect|sortnoop|break|newline|par)(?![A-Za-z])\s*"
)
_WITH_ARGUMENT = re.compile(r"\\[A-Za-z]+\*?\s*(?=\{)")
_SPACING = re.compile(r"\\(?:([ ,;:\\\n~])|[-!/@])")
_BRACE = re.compile(r"\\([{}$&%#_])|[{}]")
_MARK_OF_LATEX = re.compile(r"[\\{}~]|--|``|''")


def letters(value: str) -> str:
    r"""Return a text with accents, letters and symbols that are written as commands: `\o` is ø."""
    if "\\" not in value:
        return value
    parts = _FORMULA.split(_ACCENT.sub(_accented, _BARE_MARK.sub(r"\1", value)))
    return "".join(part if position % 2 else _named(part) for position, part in enumerate(parts))


def plain(value: str) -> str:
    """Return a text known to be LaTeX without its commands and braces; formulas stay."""
    if not _MARK_OF_LATEX.search(value):
        return value
    parts = _FORMULA.split(_ENSURED.sub(r"$\1$", value))
    return "".join(part if position % 2 else _words(part) for position, part in enumerate(parts))


def address(value: str) -> str:
    """Return an identifier or address without LaTeX; its tildes and dashes are its own."""
    value = _WITH_ARGUMENT.sub("", letters(value.replace(r"\~{}", "~").replace(r"\~", "~")))
    return _BRACE.sub(r"\1", value).strip()


def _words(value: str) -> str:
    value = _CLOSING_QUOTE.sub("”", _OPENING_QUOTE.sub("“", _TIE.sub(" ", value)))
    value = _DASH.sub(lambda match: "–" if len(match[1]) == 2 else "—", value)
    if "\\" in value:
        value = _SPACED_ACCENT.sub(r"\\\1{\2}", value)
        value = _DECLARATION.sub("", _DROPPED.sub("", letters(value)))
        value = _SPACING.sub(lambda match: " " if match[1] else "", _WITH_ARGUMENT.sub("", value))
    return _BRACE.sub(r"\1", value).replace(r"\textbackslash", "\\")


def _named(value: str) -> str:
    value = _LETTER.sub(lambda match: _LETTERS[match[2]], value)
    return _SYMBOL.sub(lambda match: _SYMBOLS[match[2]], value)


def _accented(match: re.Match[str]) -> str:
    mark = match[2] or match[5]
    letter = (match[3] or match[4] or match[6]).lstrip("\\")
    composed = unicodedata.normalize("NFC", letter + _MARKS[mark])
    return composed if len(composed) == 1 else letter
