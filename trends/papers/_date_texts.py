"""What a text says about a date: year, month and day, a note of what had to be decided, or why it says none.

A range stands at its beginning, no finer than what it leaves open; a season is known by year, as hemispheres
differ; where a text leaves open which number is the month, only the year is taken. An impossible day costs
the day, an impossible month the month. A time of day is dropped and the day stays the one written: no time
zone is converted. Day numbers of spreadsheets, seconds since 1970 and years of two digits are not guessed.

Reading is our own because the libraries for it complete a text instead of saying what is missing: dateutil
4.0 reads "18-21 March 2013" as 21 March 2018, 20:13, gives "2013" today's day and month, and refuses
"2021 Mar-Apr".
"""

import calendar
import difflib
import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

# Names of months without accents, in English, German, French, Spanish, Italian, Portuguese, Dutch and the
# Scandinavian languages. Three or more letters that begin the names of one month only are read as that month.
_MONTH_NAMES = (
    "january januar janner jaenner janvier enero gennaio janeiro januari",
    "february februar feber fevrier febrero febbraio fevereiro februari",
    "march marz maerz mrz mars marzo marco maart mrt",
    "april avril abril aprile",
    "may mai mayo maggio maio mei maj",
    "june juni juin junio giugno junho",
    "july juli juillet julio luglio julho jly",
    "august aout agosto augustus augusti",
    "september septembre septiembre setiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro",
    "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro desember",
)
_NAMED = {name: month for month, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
_LONG_NAMES = [name for name in _NAMED if len(name) > 5]
_SEASONS = set(
    "spring spr summer sum autumn aut fall fal winter win wint fruhling fruhjahr fruehling fruehjahr sommer "
    "herbst printemps ete automne hiver primavera verano otono invierno estate autunno inverno verao outono "
    "lente zomer herfst var sommar host vinter".split()
)
_WEEKDAYS = set(
    "monday mon tuesday tue tues wednesday wed thursday thu thur thurs friday fri saturday sat sunday sun "
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag lundi mardi mercredi jeudi "
    "vendredi samedi dimanche lunes martes miercoles jueves viernes sabado domingo lunedi martedi mercoledi "
    "giovedi venerdi sabato domenica segunda terca quarta quinta sexta feira maandag dinsdag woensdag "
    "donderdag vrijdag zaterdag zondag".split()
)
_FILLERS = set(
    "on of the in de del di do du le la el les der den dem am vom im "
    "published online available epub epublish ppublish first issue date dated year print cover".split()
)
_RANGE_WORDS = set("to through thru until till and bis und au et y al a e tot en til og".split())
_ABOUT_WORDS = set("c ca circa cca about approx approximately around um vers hacia".split())

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_MARKUP = str.maketrans({"{": "", "}": "", '"': "", "$": "", "#": " ", "_": " ", "~": " "})
_CLOCK = re.compile(
    r"(?:(?<=[0-9])t)?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)? ?(?:[ap]\.?m\.?)? ?"
    r"(?:z\b|utc|gmt|ces?t|[ecmp][sd]t|[+-][0-9]{2}(?::?[0-9]{2})?\b)?(?: ?\([a-z]{1,5}\))?"
)
_QUARTER = re.compile(
    r"\bq(?P<q>[1-4])\b|\b(?:(?P<n>[1-4])(?:st|nd|rd|th)?|(?P<w>first|second|third|fourth))"
    r"[ -]?quart(?:er)?\b"
)
_QUARTERS = ("jan-mar", "apr-jun", "jul-sep", "oct-dec")
_ORDINALS = ("first", "second", "third", "fourth")

_YEAR, _MONTH, _DAY = r"(?P<year>[0-9]{4})", r"(?P<month>[0-9]{1,2})", r"(?P<day>[0-9]{1,2})"
_SEPARATOR = " ?[-/. ] ?"
_RIS = re.compile(r"(?P<year>[0-9]{4})/(?P<month>[0-9]{0,2})/(?P<day>[0-9]{0,2})(?:/(?P<rest>.*))?")
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"\[?{_YEAR}\]?(?:\.0+)?",
        rf"{_YEAR}{_SEPARATOR}{_MONTH}{_SEPARATOR}{_DAY}(?:[t ].*)?",
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?:t.*)?",
        rf"{_YEAR} ?[-/ ] ?{_MONTH}",
        rf"{_YEAR}\.(?P<month>[0-9]{{2}})",
        rf"{_MONTH}{_SEPARATOR}{_YEAR}",
        rf"{_YEAR} ?[年년](?: ?{_MONTH} ?[月월](?: ?{_DAY} ?[日일号])?)?",
    )
)
_DAY_OR_MONTH = re.compile(
    r"(?P<one>[0-9]{1,2}) ?(?P<sign>[-/.]) ?(?P<two>[0-9]{1,2})(?: ?(?P=sign) ?| )(?P<year>[0-9]{4})(?: .*)?"
)
_SHORT_YEAR = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{2})")
_PARTIAL = re.compile(rf"(?P<gap>--?)?{_MONTH}(?:[-/. ]{_DAY})?")
_ISO = r"[0-9]{4}(?:-[0-9]{1,2}){0,2}"
_ISO_RANGE = re.compile(rf"(?P<start>{_ISO}) ?(?:/| - | to | bis ) ?(?P<end>{_ISO})")
_OPEN_RANGE = re.compile(rf"{_YEAR}(?:-[0-9]{{1,2}}){{0,2}} ?[-/] ?(?:\.\.|open|present|today|heute)?")
_YEAR_BESIDE = re.compile(rf"{_YEAR} ?[\[(][^\])]*[0-9]{{4}}[^\])]*[\])]")
_EDTF_MARKS = re.compile(r"[0-9xu/.-]*[~?%][0-9xu~?%/.-]*")
_OPEN_YEAR = re.compile(
    r"[0-9]{2,3}(?:[xu?*]{1,2}|-{1,2})(?:-[0-9xu?]{2}){0,2}|.*\b[0-9]{1,3}0'?s\b.*|.*\bcent(?:ury)?\b.*"
)
_NEGATIVE = re.compile(r"(?P<year>-[0-9]{3,4})(?:[- ].*)?")
_TOKEN = re.compile(r"([0-9]+)(?:st|nd|rd|th|er|ste|de|e|o|a)?(?![^\W_])|([^\W\d_]+)|(\S)")
_ANY_YEAR = re.compile(r"(?<![0-9])(?:1[6-9][0-9]{2}|20[0-9]{2}|2100)(?![0-9])")
_ADDRESS = re.compile(r"10\.[0-9]{4}|://|www\.|@")

_SKIPPED, _SPAN, _ABOUT, _SEASON = "", "-", "?", "s"


class Parts(NamedTuple):
    """Year, month and day as a text gives them, 0 for not given, and what had to be decided."""

    year: int
    month: int = 0
    day: int = 0
    note: str = ""


class _Token(NamedTuple):
    """A year "y", month "m", day "d" or season "s" with its number, a range sign "-", or "?" for about."""

    kind: str
    number: int = 0
    note: str = ""


def read(text: str, year: int) -> Parts | str:
    """Return what a text says, or the reason why it says no date; `year`, if not 0, completes it."""
    shown = repr(text if len(text) <= 40 else text[:39] + "…")
    plain = _plain(text)
    about = bool(_EDTF_MARKS.fullmatch(plain)) and not _OPEN_YEAR.fullmatch(plain)
    if about:  # the marks of EDTF (ISO 8601-2): 1998~ is about 1998, 1998? perhaps, 1998% both
        plain = re.sub("[~?%]", "", plain)
    plain = " ".join(_CLOCK.sub(" ", plain.translate(_MARKUP)).split()).rstrip(" ,;:")
    found = _first_found(plain, shown, year)
    return _noted(found, f"{shown} is approximate") if about and isinstance(found, Parts) else found


def span(start: Parts, end: Parts, shown: str) -> Parts | str:
    """Return the beginning of a range, no finer than what the range leaves open."""
    both_given = [(one, two) for one, two in zip(start[:3], end[:3]) if one and two]
    if [one for one, _ in both_given] > [two for _, two in both_given]:
        return f"{shown} ends before it begins"
    if start[:3] == end[:3]:
        return _on_calendar(start, shown)
    if start.year != end.year:
        return Parts(start.year, note=f"a range, {shown}: its first year")
    if start.month == 1 and end.month == 12:
        return Parts(start.year, note=f"a range, {shown}: the whole year")
    which = "month" if start.month == end.month else "first month"
    return _on_calendar(Parts(start.year, start.month, note=f"a range, {shown}: its {which}"), shown)


def unending(year: int, shown: str) -> Parts:
    """Return the year in which a range without an end begins."""
    return Parts(year, note=f"a range without an end, {shown}: its first year")


def both(*notes: str) -> str:
    """Return notes as one text, each once."""
    return "; ".join(dict.fromkeys(note for note in notes if note))


def last_day(year: int, month: int) -> int:
    """Return the number of days that a month has."""
    return calendar.monthrange(year, month)[1]


def _noted(found: Parts, *notes: str) -> Parts:
    return found._replace(note=both(found.note, *notes))


def _plain(text: str) -> str:
    """Return a text in small letters, without accents and TeX commands, with plain dashes and digits."""
    if "&" in text:
        text = html.unescape(text)
    decomposed = unicodedata.normalize("NFKD", text)
    text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    text = unicodedata.normalize("NFKC", text).lower().translate(_DASHES)
    if "\\" in text:
        text = re.sub(r"\\slash\b", "/", re.sub(r"\\text(?:en|em)dash\b", "-", text))
        text = re.sub(r"\\.", " ", text)
    return re.sub("-(?:uu|xx)", "-00", " ".join(text.split()))


def _first_found(plain: str, shown: str, year: int) -> Parts | str:
    for step in (_in_digits, _left_open, _in_words, _with_short_year, _only_year):
        found = step(plain, shown, year)
        if found is not None:
            return found
    if re.fullmatch("[0-9]{6}", plain):
        return f"{shown} leaves open whether it is year and month or begins with a year of two digits"
    if re.fullmatch("[0-9]{5,}", plain):
        return f"{shown} is no date (day numbers of spreadsheets and seconds since 1970 are not guessed)"
    return f"{shown} is no date"


def _in_digits(plain: str, shown: str, year: int) -> Parts | str | None:
    """Read dates in digits, where a 0 stands for unknown; a range of them is `_left_open`."""
    if _ISO_RANGE.fullmatch(plain):
        return None
    if match := _RIS.fullmatch(plain):
        found = _numbers(match)
        return _beside(found, match["rest"], shown) if match["rest"] else _on_calendar(found, shown)
    for shape in _SHAPES:
        if match := shape.fullmatch(plain):
            found = _numbers(match)
            return _on_calendar(found, shown) if any(found[:3]) else f"{shown} is no date"
    if match := _DAY_OR_MONTH.fullmatch(plain):
        numbers = int(match["one"]), int(match["two"])
        return _day_or_month(*numbers, match["sign"], int(match["year"]), shown)
    if year and (match := _PARTIAL.fullmatch(plain)) and 1 <= int(match["month"]) <= 12:
        _, month, day, _ = _numbers(match)
        if match["gap"] or not day:
            return _on_calendar(Parts(year, month, day), shown)
        return _day_or_month(month, day, "/", year, shown)
    return None


def _numbers(match: re.Match[str]) -> Parts:
    given = match.groupdict()
    year, month, day = (int(given.get(name) or 0) for name in ("year", "month", "day"))
    return Parts(year, month, day)


def _day_or_month(one: int, two: int, sign: str, year: int, shown: str) -> Parts:
    """Decide between day and month: dots put the day first, a number above 12 is a day, the rest is open."""
    if sign == "." or one > 12 or one == two:
        return _on_calendar(Parts(year, two, one), shown)
    if two > 12:
        return _on_calendar(Parts(year, one, two), shown)
    if not one or not two:
        return _on_calendar(Parts(year, one or two), shown)
    return Parts(year, note=f"{shown} leaves open which number is the month: known by year")


def _beside(found: Parts, rest: str, shown: str) -> Parts:
    """Read the words that RIS allows after the slashes: "2013///Spring", "2013/05//Spring"."""
    if not found.month and isinstance(words := _in_words(rest, shown, found.year), Parts):
        return words
    return _noted(_on_calendar(found, shown), f"the words in {shown} are left aside")


def _left_open(plain: str, shown: str, year: int) -> Parts | str | None:
    """Read what leaves the year or an end open: "199X", "-0333", "2011/2012", "2011/..", "1996 [1985]"."""
    if match := _ISO_RANGE.fullmatch(plain):
        return span(_of_iso(match["start"]), _of_iso(match["end"]), shown)
    if match := _OPEN_RANGE.fullmatch(plain):
        return unending(int(match["year"]), shown)
    if match := _NEGATIVE.fullmatch(plain):
        return Parts(int(match["year"]))
    if _OPEN_YEAR.fullmatch(plain):
        return f"{shown} leaves the year open"
    if re.fullmatch(r"(?:\.\.)? ?/ ?[0-9].*", plain):
        return f"{shown} gives only the end of a range"
    if match := _YEAR_BESIDE.fullmatch(plain):
        return Parts(int(match["year"]), note=f"two years, {shown}: the first")
    return None


def _of_iso(text: str) -> Parts:
    year, month, day = [*map(int, text.split("-")), 0, 0][:3]
    return Parts(year, month, day)


def _in_words(plain: str, shown: str, year: int) -> Parts | str | None:
    """Read dates with names of months or seasons, and ranges of them or of years."""
    tokens = _tokens(_QUARTER.sub(_months_of_quarter, plain))
    kinds = "".join(token.kind for token in tokens or ())
    if not tokens or not set(kinds) & set("yms"):
        return None
    years = [token.number for token in tokens if token.kind == "y"]
    if len(set(years)) > 1:
        return _of_years(years, _SPAN in kinds, shown)
    if not years and _has_short_year(tokens, kinds):
        tokens = _without(tokens, year % 100) if year else None
        if tokens is None:
            return f"{shown} has a year of two digits"
    elif not years and not year:
        return f"{shown} has no year"
    found = _of_sides(tokens, years[0] if years else year, shown)
    if not isinstance(found, Parts):
        return found
    about = f"{shown} is approximate" if _ABOUT in kinds else ""
    return _noted(found, *(token.note for token in tokens), about)


def _months_of_quarter(match: re.Match[str]) -> str:
    number = match["q"] or match["n"]
    return _QUARTERS[int(number) - 1 if number else _ORDINALS.index(match["w"])]


def _tokens(plain: str) -> list[_Token] | None:
    """Return the tokens of a text, or None where a word or sign has nothing to do with a date."""
    tokens = []
    for digits, word, sign in _TOKEN.findall(plain):
        token = _of_digits(digits) if digits else _of_word(word) if word else _of_sign(sign)
        if token is None:
            return None
        if token.kind != _SKIPPED:
            tokens.append(token)
    return tokens


def _of_digits(digits: str) -> _Token | None:
    if len(digits) == 3 or len(digits) > 4:
        return None
    return _Token("y" if len(digits) == 4 else "d", int(digits)) if int(digits) else _Token(_SKIPPED)


def _of_sign(sign: str) -> _Token | None:
    if sign in ".,;()[]':’©":
        return _Token(_SKIPPED)
    return _Token(_SPAN) if sign in "-/&+" else _Token(_ABOUT) if sign == "?" else None


@lru_cache(maxsize=4096)
def _of_word(word: str) -> _Token | None:
    if word in _FILLERS or word in _WEEKDAYS:
        return _Token(_SKIPPED)
    if word in _RANGE_WORDS:
        return _Token(_SPAN)
    if word in _ABOUT_WORDS:
        return _Token(_ABOUT)
    if word in _SEASONS:
        return _Token(_SEASON)
    months = {month for name, month in _NAMED.items() if name.startswith(word)} if len(word) > 2 else set()
    if len(months) == 1:
        return _Token("m", months.pop())
    near = difflib.get_close_matches(word, _LONG_NAMES, n=4, cutoff=0.85) if 5 <= len(word) <= 12 else []
    months = {_NAMED[name] for name in near}
    if len(months) != 1:
        return None
    month = months.pop()
    return _Token("m", month, f"{word.capitalize()!r} read as {calendar.month_name[month]}")


def _of_years(years: list[int], is_range: bool, shown: str) -> Parts | str:
    if not is_range:
        return f"{shown} names several years"
    if years != sorted(years):
        return f"{shown} ends before it begins"
    return Parts(years[0], note=f"a range, {shown}: its first year")


def _has_short_year(tokens: list[_Token], kinds: str) -> bool:
    """Return whether the year can only be one of two digits: "Dec 98", "3-Dec-13", "Dec 3, 13"."""
    ordered = kinds.replace(_ABOUT, "")
    too_large = any(token.kind == "d" and token.number > 31 for token in tokens)
    return too_large or ordered.replace(_SPAN, "") == "dmd" or "mdd" in ordered


def _without(tokens: list[_Token], short_year: int) -> list[_Token] | None:
    """Return tokens without the number that is the year, the last of several; None if there is none."""
    for position in reversed(range(len(tokens))):
        if tokens[position][:2] == ("d", short_year):
            return tokens[:position] + tokens[position + 1 :]
    return None


def _of_sides(tokens: list[_Token], year: int, shown: str) -> Parts | str | None:
    """Read months and days of one year: what stands twice makes a range, whose sides complete each other."""
    sides: list[list[_Token]] = [[]]
    for token in tokens:
        if token.kind == _SPAN:
            sides.append([])
        elif token.kind in "md":
            sides[-1].append(token)
    sides = [side for side in sides if side]
    months = [token.number for side in sides for token in side if token.kind == "m"]
    days = [token.number for side in sides for token in side if token.kind == "d"]
    if days and (not months or max(days) > 31):
        return None
    if not months:
        is_season = any(token.kind == _SEASON for token in tokens)
        return Parts(year, note=f"a season, {shown}: known by year" if is_season else "")
    if len(months) == 1 and len(days) < 2:
        return _month_and_day(tokens, year, months[0], sum(days), shown)
    first, last = ({token.kind: token.number for token in sides[end]} for end in (0, -1))
    if len(sides) < 2 or any(len(side) != len({token.kind for token in side}) for side in sides):
        return None
    start = Parts(year, first.get("m") or months[0], first.get("d", 0))
    end = Parts(year, last.get("m") or months[-1], last.get("d", 0))
    if start.month > end.month:
        return Parts(year, note=f"{shown} runs over the turn of a year: known by the year written")
    return span(start, end, shown)


def _month_and_day(tokens: list[_Token], year: int, month: int, day: int, shown: str) -> Parts:
    """Return a day, unless it may as well be the year: spreadsheets turn "Dec 2013" into "Dec-13"."""
    if [token.kind for token in tokens] == ["m", _SPAN, "d"] and day == year % 100:
        return Parts(year, month, note=f"{shown} leaves open whether {day} is the day: known by month")
    return _on_calendar(Parts(year, month, day), shown)


def _with_short_year(plain: str, shown: str, year: int) -> Parts | str | None:
    """Read dates in digits whose year has two, where the year beside them tells which number it is."""
    match = _SHORT_YEAR.fullmatch(plain)
    if not match:
        return f"{shown} has a year of two digits" if re.fullmatch("['’]?[0-9]{2}", plain) else None
    one, two, three = int(match[1]), int(match[3]), int(match[4])
    if year and one != three == year % 100:
        return _day_or_month(one, two, match[2], year, shown)
    if year and three != one == year % 100:
        return _on_calendar(Parts(year, two, three), shown)
    return f"{shown} has a year of two digits"


def _only_year(plain: str, shown: str, year: int) -> Parts | str | None:
    """Read the one year in a short text that is otherwise not understood."""
    years = set(_ANY_YEAR.findall(plain))
    if not years or len(plain) > 40 or _ADDRESS.search(plain):
        return None
    if len(years) > 1:
        return f"{shown} names several years"
    return Parts(int(years.pop()), note=f"only the year of {shown} is read")


def _on_calendar(found: Parts, shown: str) -> Parts:
    """Return what of a date the calendar has: an impossible day costs the day, a month above 12 the month."""
    year, month, day, note = found
    if not month:
        return Parts(year, note=note)
    if month > 12 and day:
        return Parts(year, note=both(note, f"{shown} is no day of the calendar: known by year"))
    if month > 12:
        return Parts(year, note=both(note, f"{shown}, a season or a range of years: known by year"))
    if day > last_day(year, month):
        return Parts(year, month, note=both(note, f"{shown} is no day of the calendar: known by month"))
    return found
