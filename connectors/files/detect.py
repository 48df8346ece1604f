"""The dialect of delimited text, found from its first records: delimiter, quoting, header, decimal mark."""

import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

DELIMITERS = (",", ";", "\t", "|", " ")
_RECORDS = 500
_MISSING = {"", "?", "-", ".", "na", "n/a", "nan", "null", "none", "nil", "\\n"}
_NUMBER = re.compile(r"[+-]?(\d{1,3}([ .,'\u00a0\u202f]\d{3})+|\d+|(?=[.,]\d))([.,]\d+)?([eE][+-]?\d+)?\s?%?")
_DATE = re.compile(
    r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})([T ]\d{1,2}:\d{2}.*)?"
)
_COMMA_DECIMAL = re.compile(r"[+-]?(\d{1,3}([. \u00a0\u202f]\d{3})+|\d*),(\d{1,2}|\d{4,})")
_DOT_DECIMAL = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d*)\.(\d{1,2}|\d{4,})")


@dataclass(frozen=True)
class Dialect:
    """How one file is written. `skip` counts lines above the header; `names` has one name per column."""

    delimiter: str
    quote: str
    escape: str
    header: bool
    names: tuple[str, ...]
    skip: int = 0
    decimal: str = "."


@dataclass(frozen=True)
class _Style:
    delimiter: str
    quote: str = '"'
    escape: str = '"'


def detect(
    sample: str, *, complete: bool, delimiter: str | None = None, header: bool | None = None
) -> Dialect:
    """The dialect of a text whose beginning is `sample` (`complete` if that is all of it).

    `delimiter` and `header` are taken as given when they are not None.
    """
    style = _best_style(sample, complete, delimiter)
    rows = _rows(sample, style, complete)
    skip = _title_lines(rows) if header is not False else 0
    body = rows[skip:]
    has_header = looks_like_header(body) if header is None else header
    first, records = (body[:1], body[1:]) if has_header else ([], body)
    width = _usual_width(records or body)
    raw = [*first[0]] if first else []
    while len(raw) > width and not raw[-1].strip():
        raw.pop()
    raw += [""] * (width - len(raw))
    dialect = Dialect(style.delimiter, style.quote, style.escape, has_header, unique_names(raw), skip)
    return replace(dialect, decimal=decimal_mark(records))


def unique_names(raw: Sequence[str]) -> tuple[str, ...]:
    """Column names made usable: white space trimmed, an empty one becomes `column_<position>`, and a name
    that was there before (capitals do not count) gets `_2`, `_3`, ... appended.
    """
    taken = {" ".join(name.split()).casefold() for name in raw}
    used: set[str] = set()
    names = []
    for position, given in enumerate(raw, start=1):
        name = base = " ".join(given.split()) or f"column_{position}"
        number = 2
        while name.casefold() in used or (number > 2 and name.casefold() in taken):
            name, number = f"{base}_{number}", number + 1
        used.add(name.casefold())
        names.append(name)
    return tuple(names)


def looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names the columns: it differs in kind from what stands below it.

    Each column votes: words above numbers, dates or codes of one shape speak for a header; the same kind,
    the same shape or a value that comes again below speak against it. Without votes it is a header if
    its cells are filled, different and not numbers.
    """
    if not rows:
        return True
    first, body = rows[0], rows[1:]
    votes = 0
    for position, cell in enumerate(first):
        votes += _vote(cell, [row[position] for row in body if position < len(row)])
    if votes == 0 or _are_periods(first):
        words = [cell.strip().casefold() for cell in first if cell.strip()]
        return len(set(words)) == len(words) and (not any(map(_kind, first)) or _are_periods(first))
    return votes > 0


def decimal_mark(rows: Iterable[Sequence[str]]) -> str:
    """`,` if more cells can only be read with a decimal comma than with a decimal point, else `.`."""
    marks: Counter[str] = Counter()
    for cell in (cell.strip() for row in rows for cell in row):
        if "," in cell and _COMMA_DECIMAL.fullmatch(cell):
            marks[","] += 1
        elif "." in cell and _DOT_DECIMAL.fullmatch(cell):
            marks["."] += 1
    return "," if marks[","] > marks["."] else "."


def _best_style(sample: str, complete: bool, delimiter: str | None) -> _Style:
    delimiters = (delimiter,) if delimiter else DELIMITERS
    styles = [_Style(mark) for mark in delimiters]
    if '\\"' in sample:
        styles += [_Style(mark, '"', "\\") for mark in delimiters]
    if "'" in sample:
        styles += [_Style(mark, "'", "'") for mark in delimiters]
    scored = [(_score(_rows(sample, style, complete), style), style) for style in styles]
    best, style = max(scored, key=lambda pair: pair[0])  # the first of equals: the commoner style
    if best > 0 or delimiter:
        return style
    unused = (mark for mark in (",", ";", "\t", "|", "\x1f") if mark not in sample)
    return _Style(next(unused, ","))  # one column: a mark that splits nothing


def _score(rows: list[list[str]], style: _Style) -> float:
    """How well a style explains the sample: records equally wide, cells clean, first record like the rest."""
    widths = [len(row) for row in rows]
    if not widths or max(widths) < 2:
        return 0.0
    usual = _usual_width(rows)
    alike = sum(width == usual for width in widths) / len(widths)
    cells = [cell for row in rows for cell in row]
    others = [mark for mark in DELIMITERS[:4] if mark != style.delimiter]
    typed = sum(1 for cell in cells if _kind(cell) or cell.strip().lower() in _MISSING) / len(cells)
    if usual < 2 or alike < 0.5 or (style.delimiter == " " and typed < 0.8):
        return 0.0
    clean = sum(1 for cell in cells if _kind(cell) or not any(mark in cell for mark in others)) / len(cells)
    stray = sum(1 for cell in cells if cell[:1] == cell[-1:] and cell[:1] in {"'", '"'} and len(cell) > 1)
    first_fits = 1.0 if widths[0] == usual else 0.6
    return alike**2 * (0.5 + 0.5 * clean) * first_fits * (1 - 0.5 * stray / len(cells))


def _rows(sample: str, style: _Style, complete: bool) -> list[list[str]]:
    """The first records that are not blank; a record cut off by the end of the sample is left out."""
    reader = csv.reader(
        io.StringIO(sample, newline=""),
        delimiter=style.delimiter,
        quotechar=style.quote,
        doublequote=style.escape == style.quote,
        escapechar=None if style.escape == style.quote else style.escape,
    )
    rows: list[list[str]] = []
    with contextlib.suppress(csv.Error):  # a field beyond the module's limit: judge by the records before it
        rows.extend(islice((row for row in reader if row), _RECORDS + 1))
    if len(rows) > _RECORDS or (not complete and len(rows) > 1):
        rows.pop()
    return rows


def _usual_width(rows: Sequence[Sequence[str]]) -> int:
    return Counter(map(len, rows)).most_common(1)[0][0] if rows else 0


def _title_lines(rows: list[list[str]]) -> int:
    """Lines above a table that are a title, not a record: one cell where the table has three or more."""
    usual = _usual_width(rows)
    titles = 0
    while usual >= 3 and titles < len(rows) and len([cell for cell in rows[titles] if cell.strip()]) == 1:
        titles += 1
    return titles if 0 < titles <= 10 and len(rows) - titles >= 2 else 0


def _vote(cell: str, below: list[str]) -> int:
    values = [value for value in below if value.strip().lower() not in _MISSING]
    if not values or not cell.strip():
        return 0
    kind, count = Counter(map(_kind, values)).most_common(1)[0]
    if kind and count >= 0.8 * len(values):
        return -1 if _kind(cell) == kind or cell.strip().lower() in _MISSING else 1
    if cell in below:
        return -1
    shape, alike = Counter(map(_shape, values)).most_common(1)[0]
    if len(values) >= 3 and alike >= 0.9 * len(values) and "9" in shape:
        return -1 if _shape(cell) == shape else 1
    return 0


def _kind(cell: str) -> str:
    text = cell.strip()
    if not text or not (text[0].isdigit() or text[0] in "+-.,"):
        return ""
    return "number" if _NUMBER.fullmatch(text) else "date" if _DATE.fullmatch(text) else ""


def _shape(cell: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", cell))


def _are_periods(first: Sequence[str]) -> bool:
    """Years side by side (`country;2019;2020;2021`) name columns although they are numbers."""
    years = [int(cell) for cell in first if re.fullmatch(r"(19|20)\d\d", cell.strip())]
    words = [cell for cell in first if cell.strip() and not _kind(cell)]
    return len(years) >= 2 and bool(words) and years == list(range(years[0], years[0] + len(years)))
