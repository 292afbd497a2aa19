"""Dates: every spelling becomes a date with its precision, or unknown with the reason."""

import csv
import datetime
import io
import json
import math
import re
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trends.papers import _dates, load
from trends.papers._dates import FIRST_YEAR, LAST_YEAR, Known, Unreadable, earliest, joined, parse

# spelling | what is known | part of the note ("" for no note)
SPELLINGS = """
2009 | 2009 |
2009.0 | 2009 |
[2009] | 2009 |
©2009 | 2009 |
2009a | 2009 |
2013-12 | 2013-12 |
2013/12 | 2013-12 |
2013.12 | 2013-12 |
2013 05 | 2013-05 |
11/1997 | 1997-11 |
5.2013 | 2013-05 |
2024-05-24 | 2024-05-24 |
2024/5/4 | 2024-05-04 |
2010.01.11 | 2010-01-11 |
2013 5 12 | 2013-05-12 |
20240524 | 2024-05-24 |
20240524T101112 | 2024-05-24 |
2024-05-24T17:34:15.000Z | 2024-05-24 |
2013-10-30T11:20:51-07:00 | 2013-10-30 |
2013-10-30T23:59:59+14:00 | 2013-10-30 |
2016-04-07T10:33 | 2016-04-07 |
2010-06-24 17:45:39 -0400 | 2010-06-24 |
2024-05-24 00:00:00 | 2024-05-24 |
2019/05/12 06:00 | 2019-05-12 |
2012-06-00 June 2012 | 2012-06 |
2024-00-00 | 2024 |
2024-05-00 | 2024-05 |
2014-uu-uu | 2014 |
2014-06-XX | 2014-06 |
2019// | 2019 |
2013/// | 2013 |
2013/05// | 2013-05 |
2013/05/03/ | 2013-05-03 |
2013/05//Spring | 2013-05 | left aside
2013///Spring | 2013 | a season
2013///Mar-Apr | 2013-03 | its first month
2013///Epub | 2013 | left aside
December 2013 | 2013-12 |
May, 2013 | 2013-05 |
2013 Dec | 2013-12 |
Dec. 2015 | 2015-12 |
Sept 2019 | 2019-09 |
Dec-2013 | 2013-12 |
{January 1978} | 1978-01 |
mar # " 2013" | 2013-03 |
Dec 3, 2024 | 2024-12-03 |
April 1, 1987 | 1987-04-01 |
3 December 2024 | 2024-12-03 |
18 November 2019 | 2019-11-18 |
3-Dec-2024 | 2024-12-03 |
2013-Dec-03 | 2013-12-03 |
2019 Jul 15 | 2019-07-15 |
2019 Jul 15; | 2019-07-15 |
3rd of May, 2013 | 2013-05-03 |
(2013, May 3) | 2013-05-03 |
Tue, 03 Dec 2024 10:00:00 GMT | 2024-12-03 |
Fri, 02 Jan 2015 18:27:54 +0100 (CET) | 2015-01-02 |
Thu Jan  2 10:11:12 2015 | 2015-01-02 |
Jan 2 2015 5:30 PM | 2015-01-02 |
Epub 2019 Jul 15 | 2019-07-15 |
Published online: 3 May 2019 | 2019-05-03 |
8. juli 2011 | 2011-07-08 |
Januar 1945 | 1945-01 |
3. März 2020 | 2020-03-03 |
24. Mai 2020 | 2020-05-24 |
Jänner 2020 | 2020-01 |
1er août 2019 | 2019-08-01 |
décembre 2012 | 2012-12 |
15 févr. 2012 | 2012-02-15 |
juin 2012 | 2012-06 |
juil. 2012 | 2012-07 |
12 de marzo de 2013 | 2013-03-12 |
ene. 2013 | 2013-01 |
3 dicembre 2013 | 2013-12-03 |
giugno 2013 | 2013-06 |
1º de outubro de 2013 | 2013-10-01 |
março 2013 | 2013-03 |
5 maart 2013 | 2013-03-05 |
mei 2013 | 2013-05 |
24 okt 2013 | 2013-10-24 |
2021年3月5日 | 2021-03-05 |
2021年3月 | 2021-03 |
2021 年 | 2021 |
２０２１年３月５日 | 2021-03-05 |
2021년 3월 5일 | 2021-03-05 |
24.05.2024 | 2024-05-24 |
05.04.2024 | 2024-04-05 |
8. 7. 2011 | 2011-07-08 |
05/24/2024 | 2024-05-24 |
24/05/2024 | 2024-05-24 |
9/9/2010 | 2010-09-09 |
14/11 2012 | 2012-11-14 |
1/15/2023 0:00 | 2023-01-15 |
05/04/2024 | 2024 | leaves open which number is the month
06-02-1962 | 1962 | leaves open which number is the month
4/5 2012 | 2012 | leaves open which number is the month
31 Feb 2020 | 2020-02 | is no day of the calendar: known by month
2024-02-30 | 2024-02 | is no day of the calendar: known by month
2023-02-29 | 2023-02 | is no day of the calendar: known by month
2024-13-01 | 2024 | is no day of the calendar: known by year
2021 Mar-Apr | 2021-03 | a range, '2021 Mar-Apr': its first month
Mar/Apr 2021 | 2021-03 | its first month
Nov & Dec 2013 | 2013-11 | its first month
Mar&ndash;Apr 2013 | 2013-03 | its first month
Sept.–Oct. 2011 | 2011-09 | its first month
sep # "/" # oct 2013 | 2013-09 | its first month
Jan-Feb-Mar 2013 | 2013-01 | its first month
1 Oct.-Dec. 2019 | 2019-10 | its first month
30 Aug.-1 Sept. 2007 | 2007-08 | its first month
1985 Oct 26-Nov 1 | 1985-10 | its first month
2007 1st Quarter | 2007-01 | its first month
Firstquarter 2018 | 2018-01 | its first month
Q3 2013 | 2013-07 | its first month
1-3 Dec. 2015 | 2015-12 | a range, '1-3 Dec. 2015': its month
18-21 March 2013 | 2013-03 | its month
2000 Mar 13-27 | 2000-03 | its month
September 22 - 26, 2009 | 2009-09 | its month
12 to 15 May 2013 | 2013-05 | its month
del 12 al 15 de marzo de 2013 | 2013-03 | its month
2014-05-03/2014-05-07 | 2014-05 | its month
2014-05-03 - 2014-05-07 | 2014-05 | its month
Jan-Dec 2013 | 2013 | the whole year
2013 Dec-2014 Jan | 2013 | a range, '2013 Dec-2014 Jan': its first year
Dec. 2013/Jan. 2014 | 2013 | its first year
2011 Dec 25-2012 Jan 1 | 2011 | its first year
2014-12-31/2015-01-01 | 2014 | its first year
2011/2012 | 2011 | its first year
1982--1983 | 1982 | its first year
2010-2011 Winter | 2010 | its first year
Dec-Jan 2018 | 2018 | runs over the turn of a year
2011/.. | 2011 | a range without an end
2011-05-03/ | 2011 | a range without an end
1998- | 1998 | a range without an end
2013-14 | 2013 | a season or a range of years
2015-21 | 2015 | a season or a range of years
2020 Spring | 2020 | a season, '2020 Spring': known by year
Autumn 2001 | 2001 | a season
Été 2013 | 2013 | a season
2000 Spring-Summer | 2000 | a season
1996 [1985] | 1996 | two years, '1996 [1985]': the first
c. 1850 | 1850 | is approximate
circa May 1850 | 1850-05 | is approximate
[2013?] | 2013 | is approximate
1998~ | 1998 | '1998~' is approximate
~2004 | 2004 | is approximate
2004-06-~11 | 2004-06-11 | is approximate
Septemer 2013 | 2013-09 | 'Septemer' read as September
Feburary 2, 2012 | 2012-02-02 | 'Feburary' read as February
2013 (in press) | 2013 | only the year of '2013 (in press)' is read
2015 Christmas | 2015 | only the year
2013-W05 | 2013 | only the year
2013.5 | 2013 | only the year
marketing 2013 | 2013 | only the year
Junior 2013 | 2013 | only the year
""".strip().splitlines()

# spelling | reason
UNREADABLE = """
n.d. | 'n.d.' is no date
in press | 'in press' is no date
forthcoming | 'forthcoming' is no date
unknown | is no date
ar | is no date
Doe14 | is no date
13 | has a year of two digits
0000 | is no date
0000-00-00 | is no date
00/00/0000 | the year 0 is before 1600
10.4155/bio-2019-0278 | is no date
https://example.org/2019/ | is no date
44 BC | is no date
Aug 12 | 'Aug 12' has no year
MAR-APR | has no year
Spring | has no year
12-Dec-13 | has a year of two digits
05/24/98 | has a year of two digits
Dec '98 | has a year of two digits
'98 | has a year of two digits
19XX | '19XX' leaves the year open
199u | leaves the year open
19-- | leaves the year open
199X-05-03 | leaves the year open
1990s | leaves the year open
13th cent | leaves the year open
../2012 | gives only the end of a range
2014-2013 | ends before it begins
2014-05-03/2014-05-01 | ends before it begins
1985, 1999 and proceedings of 2010 | names several years
3000 | the year 3000 is beyond 2100
9999 | the year 9999 is beyond 2100
2564-05-03 | the year 2564 is beyond 2100
1599 | the year 1599 is before 1600
-333 | the year -333 is before 1600
-0100-07-12 | the year -100 is before 1600
44197 | day numbers of spreadsheets and seconds since 1970 are not guessed
1577836800 | seconds since 1970 are not guessed
201305 | leaves open whether it is year and month
""".strip().splitlines()


def known(found):
    """Return a date as ISO 8601 at its precision."""
    return found.date.isoformat()[: {"day": 10, "month": 7, "year": 4}[found.precision]]


def split(line):
    return [part.strip() for part in line.split("|")]


@pytest.mark.parametrize("line", SPELLINGS)
def test_a_spelling_is_read_as_far_as_it_is_known(line):
    text, expected, note = split(line)
    found = parse(text, "file")
    assert isinstance(found, Known), found
    assert (known(found), found.source) == (expected, "file")
    assert note in found.note if note else found.note == ""
    assert found.precision == "day" or found.date.day == 1


@pytest.mark.parametrize("line", UNREADABLE)
def test_what_is_no_date_says_why(line):
    text, reason = split(line)
    found = parse(text, "file")
    assert isinstance(found, Unreadable), found
    assert reason in found.reason


@pytest.mark.parametrize("month", range(1, 13))
def test_each_month_in_full_and_short(month):
    names = (
        "January Januar janvier enero gennaio janeiro januari|February Februar février febrero febbraio "
        "fevereiro februari|March März mars marzo março maart|April April avril abril aprile|"
        "May Mai mai mayo maggio maio mei|June Juni juin junio giugno junho juni|July Juli juillet julio "
        "luglio julho juli|August August août agosto agosto agosto augustus|September September septembre "
        "septiembre settembre setembro september|October Oktober octobre octubre ottobre outubro oktober|"
        "November November novembre noviembre novembre novembro november|December Dezember décembre "
        "diciembre dicembre dezembro december"
    ).split("|")[month - 1].split()  # fmt: skip
    short = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Jän Mär Mrz Okt Dez fév avr aoû déc ene abr ago "
    short += "dic gen mag giu lug set ott fev out mrt mei"
    numbers = [*range(1, 13), 1, 3, 3, 10, 12, 2, 4, 8, 12, 1, 4, 8, 12, 1, 5, 6, 7, 9, 10, 2, 10, 3, 5]
    names += [name for name, number in zip(short.split(), numbers, strict=True) if number == month]
    for name in names:
        for text in (f"{name} 2013", f"{name.upper()}. 2013", f"2013 {name.lower()}"):
            assert known(parse(text, "file")) == f"2013-{month:02}", text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2009, "2009"),
        (2009.0, "2009"),
        (20240524, "2024-05-24"),
        (np.int64(2009), "2009"),
        (np.float32(2009), "2009"),
        (np.datetime64("2024-05-24T12:00"), "2024-05-24"),
        (pd.Timestamp("2024-05-24 23:59", tz="Asia/Tokyo"), "2024-05-24"),
        (datetime.date(2024, 5, 24), "2024-05-24"),
        ({"date-parts": [[2013, 8, 30]]}, "2013-08-30"),
        ({"date-parts": [["2013", "8"]]}, "2013-08"),
        ({"date-parts": [["2006"]]}, "2006"),
        ({"date-parts": [[2017]], "season": 3}, "2017"),
        ({"date-parts": [["2011", 5]], "circa": True}, "2011-05"),
        ({"date-parts": [["2014", 12, 31], ["2015", 1, 1]]}, "2014"),
        ({"date-parts": [["2014", 5, 3], ["2014", 5, 7]]}, "2014-05"),
        ({"date-parts": [["2014", 12, 31], [0]]}, "2014"),
        ({"raw": "May 2013"}, "2013-05"),
        ({"literal": "Spring 2013"}, "2013"),
        ({"Year": "2013", "Month": "May", "Day": "03"}, "2013-05-03"),
        ({"Year": "2013", "Season": "Spring"}, "2013"),
        ({"MedlineDate": "2013 Dec-2014 Jan"}, "2013"),
        ([[2013, 8, 30]], "2013-08-30"),
        ([2013, 8], "2013-08"),
        ([2013.0, 8.0, 30.0], "2013-08-30"),
        ([2013, None, 8], "2013"),
        ({"year": 2013, "day": 8}, "2013"),
        (["2013-08"], "2013-08"),
    ],
)
def test_values_that_are_no_text(value, expected):
    assert known(parse(value, "file")) == expected


@pytest.mark.parametrize(
    "value",
    [
        True, 12, 44197, 2013.5, 1577836800000, math.inf, {"date-parts": [["-334"]]},
        {"date-parts": [["-100", 7, 12], ["-44", 3, 15]]}, {"literal": "13th cent"}, {"when": "1"}, b"2013",
        [1, 2, 3, 4], [[[[2013]]]], [[2013], [2014], [2015]], {2013: 1, "year": [2013]}, "1" * 5000,
        pd.Timestamp("2300-01-01"), datetime.date(1066, 10, 14), object(), np.array([2013, 2014]), np.True_,
    ],
)  # fmt: skip
def test_values_that_are_no_date_say_so(value):
    found = parse(value, "file")
    assert isinstance(found, Unreadable)
    assert 0 < len(found.reason) < 200


def test_numbers_too_long_to_print_are_no_date():
    huge = 10**5000
    for value in (huge, -huge, [huge], [[2013, huge]], {"year": huge}, {"date-parts": [[2013], [huge]]}):
        assert isinstance(parse(value, "file"), Known | Unreadable)
    assert isinstance(joined(huge, huge, "file"), Unreadable)


@pytest.mark.parametrize(
    "value",
    [None, "", " \t\n ", '""', "{}", "nan", "NaN", "NaT", "None", "null", "N/A", "-", float("nan"),
     pd.NaT, pd.NA, np.datetime64("NaT"), np.float32("nan"), [], {}, {"date-parts": [[None]]},
     {"date-parts": [[]]}, [None]],
)  # fmt: skip
def test_nothing_given_is_not_unreadable(value):
    assert parse(value, "file") is None


@pytest.mark.parametrize(
    ("date", "year", "expected", "note"),
    [
        ("MAR-APR", 2021, "2021-03", "a range, 'MAR-APR': its first month"),
        ("SEP 15", 2021, "2021-09-15", ""),
        ("SEP 15-17", "2021", "2021-09", "its month"),
        ("DEC-JAN", 2018, "2018", "turn of a year"),
        ("SPR", 2013, "2013", "a season"),
        ("{Fall}", "1999", "1999", "a season"),
        ("mar", "2013", "2013-03", ""),
        ('aug # "~13"', 2013, "2013-08-13", ""),
        ('jul # " ~18--22"', 2013, "2013-07", "its month"),
        ("oct}", 1990, "1990-10", ""),
        (3, 2013, "2013-03", ""),
        ("03", 2013, "2013-03", ""),
        ("--05-12", 2013, "2013-05-12", ""),
        ("05/14", 2013, "2013-05-14", ""),
        ("05-12", 2013, "2013", "leaves open which number is the month"),
        ("2013///", "2013", "2013", ""),
        ("2013/05/03/", "2013///", "2013-05-03", ""),
        ("2013", "2013-05", "2013-05", ""),
        (None, "January 1978", "1978-01", ""),
        ("2013-05", None, "2013-05", ""),
        ("2013-05", "n.d.", "2013-05", ""),
        ("n.d.", 2013, "2013", "'n.d.' is no date: the year beside it is taken"),
        ("ar", 1995, "1995", "'ar' is no date"),
        ("3000", 2013, "2013", "the year 3000 is beyond 2100"),
        ("2014-05-03", 2015, "2014-05-03", "the year beside it is 2015"),
        ("31 Feb", 2013, "2013-02", "no day of the calendar"),
        ("Feb 29", 2024, "2024-02-29", ""),
        ("12-Dec-13", 2013, "2013-12-12", ""),
        ("13-Dec-12", 2013, "2013-12-12", ""),
        ("12-Dec-14", 2013, "2013", "has a year of two digits"),
        ("Dec '98", 1998, "1998-12", ""),
        ("Dec 13", 2013, "2013-12-13", ""),
        ("Dec-13", 2013, "2013-12", "leaves open whether 13 is the day"),
        ("Dec-98", 1998, "1998-12", ""),
        ("05/24/98", "1998", "1998-05-24", ""),
        ("98-05-24", "1998", "1998-05-24", ""),
        ("12/05/12", 2012, "2012", "has a year of two digits"),
    ],
)
def test_a_date_and_the_year_beside_it(date, year, expected, note):
    found = joined(date, year, "file")
    assert (known(found), found.source) == (expected, "file")
    assert note in found.note if note else found.note == ""


def test_a_range_in_lists_is_shown_as_far_as_it_is_known():
    assert parse([[1930], [1952, 5]], "file").note == "a range, 1930 to 1952-05: its first year"
    assert parse([[1930, 5], [0]], "file").note == "a range without an end, 1930-05 to …: its first year"
    assert parse([[1952], [1930]], "file") == Unreadable("1952 to 1930 ends before it begins")


def test_neither_date_nor_year():
    assert joined("", float("nan"), "file") is None
    assert joined("n.d.", None, "file") == Unreadable("'n.d.' is no date")
    assert joined(None, "n.d.", "file") == Unreadable("'n.d.' is no date")
    assert joined("Aug 12", "n.d.", "file") == Unreadable("'Aug 12' has no year")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024", "2024-03-05"], "2024-03-05"),
        (["2024-03", "2024-03-05", "2024-03-20"], "2024-03-05"),
        (["2023", "2024-03-05"], "2023"),
        (["2024", "2024-05", "2024-06-03"], "2024-05"),
        (["2024-03-05", "2024-02-01"], "2024-02-01"),
        (["2024-12", "2024-12-31"], "2024-12-31"),
        (["Spring 2024", "2024-03-05", "Mar-Apr 2024"], "2024-03-05"),
    ],
)
def test_the_earliest_date_keeps_its_day(texts, expected):
    found = [parse(text, "file") for text in texts]
    assert known(earliest(set(found))) == expected


def test_notes_do_not_count_when_dates_are_compared():
    day = datetime.date(2024, 3, 1)
    plain, noted = Known(day, "month", "file"), Known(day, "month", "file", "a range")
    assert earliest({plain, noted}) == plain
    assert earliest({noted, Known(day, "day", "file")}).precision == "day"
    assert earliest(set()) is None


def test_a_coarser_precision_keeps_the_note():
    found = parse("Septemer 5, 2013", "file")
    assert _dates.coarsened(found, "month") == Known(
        datetime.date(2013, 9, 1), "month", "file", "'Septemer' read as September"
    )
    assert _dates.coarsened(found, "year").date == datetime.date(2013, 1, 1)
    assert _dates.coarsened(found, "day") == _dates.coarsened(found, None) == found
    assert _dates.coarsened(found, "unknown") is _dates.coarsened(None, "day") is None


def test_load_dates_by_date_and_year(tmp_path):
    path = tmp_path / "papers.jsonl"
    lines = [
        {"title": "First", "date": "SEP 15", "year": 2021},
        {"title": "Second", "date": "n.d.", "year": 2020},
        {"title": "Third", "date": "in press"},
    ]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    papers = load(path).set_index("title")
    dates = papers["date"].dt.strftime("%Y-%m-%d").fillna("") + " " + papers["date_precision"].astype(str)
    assert dates.to_dict() == {"First": "2021-09-15 day", "Second": "2020-01-01 year", "Third": " unknown"}


PIECES = st.sampled_from(
    "2013 2014 13 3 31 0 00 May mar-apr Dec. Spring -- - / // . , ~ ? [ ] XX uu c. n.d. to bis 年 月 日 T Z "
    "+01:00 12:30 1st Quarter {} # \" \\slash Septemer & ' 1e9".split()
    + [" "]
)
WILD = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=9).map("".join),
    st.lists(PIECES, max_size=9).map(" ".join),
    st.integers(),
    st.floats(),
    st.recursive(
        st.none() | st.integers() | st.text(max_size=9) | st.floats() | st.booleans(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["date-parts", "year", "month", "raw", "season", "x"]), inner)
        ),
        max_leaves=6,
    ),
)


@given(value=WILD, year=WILD)
@settings(max_examples=300, deadline=None)
def test_anything_is_known_unreadable_or_nothing(value, year):
    for found in (parse(value, "file"), joined(value, year, "file")):
        assert found is None or isinstance(found, Known | Unreadable)
        if isinstance(found, Unreadable):
            assert found.reason
        if isinstance(found, Known):
            assert FIRST_YEAR <= found.date.year <= LAST_YEAR
            assert found.precision == "day" or found.date.day == 1
            assert found.precision != "year" or found.date.month == 1
            assert parse(known(found), "file") == found._replace(note="")


@pytest.mark.parametrize(
    "unit", ["2013-", "a ", "1 ", "- ", "May ", "(", "2013/", "12:", "~", "~1", "1990's c"]
)
def test_long_texts_are_no_burden(unit):
    for text in (unit * 5000, unit * (199 // len(unit))):
        assert isinstance(parse(text, "file"), Known | Unreadable)


# --- real files ----------------------------------------------------------------------------------------

TAGGED = re.compile(r"(?m)^(?:PY|Y1|DA|Y2|DP|PD) {1,2}(?:- |(?! |-))(?P<text>(?!NLM$).*)$")
FIELD = re.compile(r"(?mi)^\s*(?:year|month|date|urldate|origdate|issue_date|timestamp)\s*=\s*(?P<text>.*)$")
JSON_TEXT = re.compile(
    r'"(?P<name>date|year|issued|accessed|original-date|event-date|submitted|available-date|accessDate'
    r"|conference_dates|(?:online|print|created|updated)_date|publication_?(?:date|year)|prism:cover\w*Date"
    r')"\s*:\s*(?P<text>"(?:[^"\\]|\\.)*"|-?\d+|\{[^{}]*\})',
    re.IGNORECASE,
)
ELEMENT = re.compile(r"<(?:published|updated|MedlineDate)>(?P<text>[^<]*)<")
COLUMN = re.compile("(?i)year$|^publication_year$|^(?!conference).*date$|date of publication")


def date_fields(path):
    """Return the values of the date fields of an export, found without a parser of ours."""
    text = path.read_bytes().decode("utf-8-sig", "replace").replace("\r\n", "\n")
    if path.suffix in {".csv", ".tsv"}:
        first = text.partition("\n")[0]
        table = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
        cells = [(name, cell) for row in table for name, cell in row.items() if isinstance(cell, str)]
        return [cell for name, cell in cells if name and COLUMN.search(name)]
    if path.suffix == ".json":
        return [json.loads(match["text"]) for match in JSON_TEXT.finditer(text)]
    pattern = {".bib": FIELD, ".biblatex": FIELD, ".xml": ELEMENT}.get(path.suffix, TAGGED)
    return [match["text"].rstrip(", ") for match in pattern.finditer(text)]


@pytest.mark.data
def test_the_dates_of_real_exports_are_read(shared_data):
    read, unread, weak = 0, Counter(), Counter()
    for path in sorted((shared_data / "exports").glob("*/*.*")):
        for value in date_fields(path):
            found = joined(value, 2000, "file")
            alone = parse(value, "file")
            if isinstance(alone, Unreadable) and "beside it is taken" in found.note:
                unread[str(value)] += 1
            elif found is not None:
                read += 1
                weak[str(value)] += isinstance(alone, Known) and "only the year" in alone.note
    # What remains are years before our era, a century, a cut "ar" of "mar" and the word "unknown".
    n_unread = sum(unread.values())
    assert read > 6000
    assert n_unread / (read + n_unread) < 0.0015, unread
    assert not +weak
