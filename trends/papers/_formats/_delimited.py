"""CSV in its dialects: commas, tabs, semicolons or bars, with lines before the header and quotes gone wrong.

Lines are put together to rows here, and the csv module splits each row. Read as one stream, csv takes
a lost closing quote for a cell that runs on, and thousands of rows vanish in it unsaid; here a row that opens
a quote must close it where a cell ends, and what lies below must not read as rows of their own, or the row is
refused and reading goes on with the next line.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from trends.core.errors import InputError
from trends.papers import _columns
from trends.papers._content import Content
from trends.papers._formats import _rows
from trends.papers._record import Format, Record, Rejected

_DELIMITERS = (",", "\t", ";", "|")
_TOLD = re.compile(r"\"?sep=(.)\"?", re.IGNORECASE)
_OF_OTHERS = ("{", "[", "<", "@", "%")
_LONGEST_HEADER = 100_000
_WEB_OF_SCIENCE = frozenset({"AU", "TI", "SO"})
_QUOTES = re.compile('"+')
_MOST_LINES = 10_000
"""Lines of one row."""
_READ_AGAIN, _READ_AGAIN_ANYWAY = 10, 1_000_000
"""How many times its length a file may be read again in search of lost quotes, and how many characters."""
_COST = 20
"""Characters that a line counts beside its own, for it costs time by itself."""
_LOST = "a quotation mark opens a cell and none closes it"


class _Layout(NamedTuple):
    """How a file is written: its delimiter, the row of its columns, and the lines up to and with that row."""

    delimiter: str
    columns: list[str]
    n_above: int
    on_end: bool = False


def _recognise(content: Content) -> bool:
    start = content.start
    if not start or start.lstrip()[:1] in _OF_OTHERS:
        return False
    if content.name.lower().removesuffix(".gz").endswith((".csv", ".tsv", ".tab")):
        return True
    layout = _layout(content)
    n_named = _rows.named(layout.columns, content.columns)
    at_top = not "".join(start.split("\n", layout.n_above)[: layout.n_above - 1]).strip()
    return layout.on_end or n_named >= 3 or (n_named >= 2 and at_top)


def _read(content: Content) -> Iterator[Record | Rejected]:
    layout = _layout(content)
    lines = ((number, line.replace("\x00", "")) for number, line in enumerate(content.lines(), start=1))
    below = islice(lines, layout.n_above, None)
    if layout.on_end:
        yield from _rows.records_on_end(_Assembly(below, layout.delimiter, 0).rows(), content.columns)
        return
    if not _rows.named(layout.columns, content.columns):
        _columns.look(layout.columns, content.columns)
        raise InputError(_columns.untitled(content.name, layout.columns))
    # Web of Science quotes nothing, so that a title in quotation marks is no quoted cell.
    quoted = layout.delimiter != "\t" or not _WEB_OF_SCIENCE.issubset(layout.columns)
    rows = _Assembly(below, layout.delimiter, len(layout.columns), quoted).rows()
    yield from _rows.records(rows, layout.columns, content.columns)


def _layout(content: Content) -> _Layout:
    """Return the delimiter and the row near the top under which most fields are named."""
    lines = content.start.split("\n", _rows.SOUGHT)[: _rows.SOUGHT]
    lines = [line[:_LONGEST_HEADER].replace("\x00", "") for line in lines]
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    told = _TOLD.fullmatch(lines[first].strip(" "))
    if told:
        lines[first] = ""
        first += 1
    best, most = None, (0, 0)
    for delimiter in [told[1]] if told else _DELIMITERS:
        if _rows.on_end([cells for _, cells in _csv_rows(lines, delimiter)], content.columns):
            return _Layout(delimiter, [], 0, on_end=True)
        for columns, end in _candidates(lines, delimiter):
            score = (_rows.named(columns, content.columns), len(columns))
            if score > most and score[0]:
                best, most = _Layout(delimiter, columns, end), score
    if best is None:
        top = (
            max((lines[first].split(delimiter) for delimiter in _DELIMITERS), key=len)
            if lines[first:]
            else []
        )
        best = _Layout(",", [_unquoted(cell.strip()) for cell in top], first + 1)
    return best


def _candidates(lines: list[str], delimiter: str) -> Iterator[tuple[list[str], int]]:
    """Yield rows that may be the header with the number of lines up to their end: single lines first."""
    for number, line in enumerate(lines, start=1):
        cells = _split(line, delimiter) if line.strip() else None
        if cells:
            yield [cell.strip() for cell in cells], number
    for number, cells in _csv_rows(lines, delimiter):
        yield [cell.strip() for cell in cells], number


def _csv_rows(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, skipinitialspace=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error:
        return


class _Assembly:
    """Rows put together from numbered lines, with lines given back where a row proves broken."""

    def __init__(
        self, lines: Iterator[tuple[int, str]], delimiter: str, n_columns: int, quoted: bool = True
    ) -> None:
        self._lines, self._delimiter = lines, delimiter
        self._back: deque[tuple[int, str]] = deque()
        self._usual = {n_columns}
        self._quoted = quoted
        self._n_columns = n_columns
        self._taken = self._again = 0

    def rows(self) -> Iterator[_rows.Row | Rejected]:
        """Yield every row with its place, or why it is broken."""
        while (taken := self._take()) is not None:
            number, line = taken
            where = f"line {number}"
            cells = self._of_one_line(line)
            if cells is None:
                cells = self._of_several_lines(number, line)
            if cells is None and self._delimiter == "\t" and line.count("\t") >= self._n_columns - 1:
                # Text has no tabs, so the cells of a whole line are known without its quotes.
                cells = [_unquoted(cell) for cell in line.split("\t")]
            if cells is None:
                yield Rejected(where, _LOST)
            else:
                yield where, cells

    def _take(self) -> tuple[int, str] | None:
        if self._back:
            return self._back.popleft()
        taken = next(self._lines, None)
        if taken is not None:
            self._taken += len(taken[1]) + 1
        return taken

    def _of_one_line(self, line: str) -> list[str] | None:
        """Return the cells of a line that is a row, or None where a quote stays open."""
        if self._n_columns == 1:
            # Without a second column the delimiter is a guess, and titles have commas.
            return None if line.count('"') % 2 else [_unquoted(line)]
        if '"' not in line:
            return line.split(self._delimiter)
        if not self._quoted:
            return [_unquoted(cell) for cell in line.split(self._delimiter)]
        cells = _split(line, self._delimiter)
        if cells is not None:
            self._usual = {self._n_columns, len(cells)}
            return cells
        inside, tidy = _scan(line, False, self._delimiter)
        if not inside:
            return _loosely_split(line, self._delimiter)
        if not tidy and line.count(self._delimiter) == self._n_columns - 1:
            # '"One" word, 2020': quotes that were never meant to hold a cell together.
            return [_unquoted(cell) for cell in line.split(self._delimiter)]
        return None

    def _of_several_lines(self, number: int, line: str) -> list[str] | None:
        """Return the cells of a row that runs over lines; None, with its lines given back, if broken."""
        taken = [(number, line)]
        size = 0
        while len(taken) < _MOST_LINES and self._again < _READ_AGAIN * self._taken + _READ_AGAIN_ANYWAY:
            following = self._take()
            if following is None:
                break
            taken.append(following)
            size += len(following[1]) + _COST
            inside, tidy = _scan(following[1], True, self._delimiter)
            if not tidy and self._is_a_row(following[1]):
                break
            if not inside:
                text = "\n".join(line for _, line in taken)
                cells = _split(text, self._delimiter)
                tidy = cells is not None
                cells = _loosely_split(text, self._delimiter) if cells is None else cells
                if self._has_swallowed(taken, len(cells), tidy):
                    break
                return cells
        self._back.extendleft(reversed(taken[1:]))
        self._again += size
        return None

    def _is_a_row(self, line: str) -> bool:
        cells = _split(line, self._delimiter)
        return cells is not None and len(cells) in self._usual and len(cells) > 1

    def _has_swallowed(self, taken: Sequence[tuple[int, str]], n_cells: int, tidy: bool) -> bool:
        """Say whether the lines of a row are rows themselves, or make no row of the table."""
        are_rows = [self._is_a_row(line) for _, line in taken[1:]]
        if n_cells not in self._usual:
            return any(are_rows) or not tidy
        # The last closes the quote, so that as a row of its own it would have a stray one.
        n_rows = sum(are_rows[:-1])
        return self._n_columns > 2 and n_rows > 1 and n_rows > len(taken) // 2


def _split(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of a row written by the rules, or None."""
    lines = (f"{line}\n" for line in text.split("\n"))
    try:
        found = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def _scan(line: str, inside: bool, delimiter: str) -> tuple[bool, bool]:
    """Follow the quotes of a line: whether one is open at its end, and whether all stand where they may."""
    tidy = True
    for match in _QUOTES.finditer(line):
        start, end = match.span()
        closes = _ends_cell(line, end, delimiter)
        if inside:
            if (end - start) % 2:
                inside, tidy = not closes, tidy and closes
        elif _starts_cell(line, start, delimiter):
            inside = (end - start) % 2 == 1 or not closes
            tidy = tidy and (inside == ((end - start) % 2 == 1))
    return inside, tidy


def _starts_cell(line: str, at: int, delimiter: str) -> bool:
    at -= 1
    while at >= 0 and line[at] == " ":
        at -= 1
    return at < 0 or line[at] == delimiter


def _ends_cell(line: str, at: int, delimiter: str) -> bool:
    while at < len(line) and line[at] == " ":
        at += 1
    return at == len(line) or line[at] == delimiter


def _loosely_split(text: str, delimiter: str) -> list[str]:
    """Return the cells of a row with bare quotes in quoted cells: a quote that ends no cell is text."""
    cells: list[str] = []
    start, inside = 0, False
    for match in re.finditer(rf'"+|{re.escape(delimiter)}', text):
        if match[0] == delimiter:
            if not inside:
                cells.append(_unquoted(text[start : match.start()]))
                start = match.end()
        elif inside:
            inside = len(match[0]) % 2 == 0 or not _ends_cell(text, match.end(), delimiter)
        elif not text[start : match.start()].strip(" "):
            inside = len(match[0]) % 2 == 1 or not _ends_cell(text, match.end(), delimiter)
    return [*cells, _unquoted(text[start:])]


def _unquoted(cell: str) -> str:
    bare = cell.strip(" ")
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        return bare[1:-1].replace('""', '"')
    return cell


FORMAT = Format("CSV", _recognise, _read)
