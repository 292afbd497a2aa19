"""The language of a text, by its script and its most frequent little words.

The question answered is "is this corpus in the language that the encoder reads?", for which counting function
words is enough on an abstract. The libraries for it either unpickle their model, fetch it, or are no longer
kept (DECISIONS.md).
"""

import re
import unicodedata
from collections import Counter

_WORDS = {
    "en": "the of and to in is we that for this with are on by from our which be as an can at these has it",
    "de": "der die und ist den von mit für auf dem nicht ein eine des wird sich werden sind wir zu zur im",
    "fr": "le la les des et est une dans pour que qui par sur du au nous avec sont cette ces aux ont plus",
    "es": "el la los las de y en que del se una por con para es un al este son como más sus esta",
    "pt": "o os as de e em que do da um uma para com por dos das no na é não se são como este esta ao",
    "it": "il la di e che in un una del della dei delle per con sono è si nel alla gli le questo questa come",
    "nl": "de het een van en is dat in op te voor met zijn niet deze door wordt worden aan ook naar bij",
    "tr": "ve bir bu için ile olarak de da olan daha çok en gibi ise olduğu göre kadar",
    "pl": "i w na z do się jest oraz nie że dla od przez są po jako które w tym",
    "id": "yang dan di dengan untuk pada dari ini adalah dalam ke oleh sebagai dapat",
    "sv": "och att det som en är av för med på ett till den inte om har de vi",
}  # fmt: skip
_OF_WORD: dict[str, list[str]] = {}
for _name, _list in _WORDS.items():
    for _word in _list.split():
        _OF_WORD.setdefault(_word, []).append(_name)
_SCRIPTS = {
    "CJK": "zh", "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "CYRILLIC": "ru", "ARABIC": "ar",
    "HEBREW": "he", "GREEK": "el", "THAI": "th", "DEVANAGARI": "hi",
}  # fmt: skip
_TOKEN = re.compile(r"[^\W\d_]+")
_READ = 600
_FEWEST = 4


def language(text: str) -> str:
    """Return the language of a text as two letters, or "" where it is too short or not clear."""
    text = text[:_READ]
    if not text.isascii():
        letters = [c for c in text if c.isalpha()]
        scripts = Counter(
            _SCRIPTS.get(unicodedata.name(c, "").partition(" ")[0], "") for c in letters if ord(c) > 0x36F
        )
        scripts.pop("", None)
        if sum(scripts.values()) * 3 > len(letters) > 0:
            # Japanese is written with Chinese characters, too; its own letters tell it apart.
            return "ja" if scripts["ja"] else scripts.most_common(1)[0][0]
    counts = Counter(name for word in _TOKEN.findall(text.lower()) for name in _OF_WORD.get(word, ()))
    (first, n_first), (_, n_second) = [*counts.most_common(2), ("", 0), ("", 0)][:2]
    return first if n_first >= _FEWEST and n_first > 1.2 * n_second else ""
