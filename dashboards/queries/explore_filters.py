"""The filters of a view as SQL over a board. What a person typed never reaches DuckDB as it stands."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from dashboards.explore.view import Range, View
from dashboards.queries.explore_prefixes import CODE, begins_with, is_told
from pipelines.records import quoted_column

Sort = Literal["whole", "number", "day", "moment", "text", "truth", "other"]
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_GREATEST = 10**18  # what BIGINT surely holds


@dataclass(frozen=True)
class Where:
    """A condition on the rows of a board, and the values in it."""

    sql: str
    given: Mapping[str, Any] = field(default_factory=dict)


def sort_of(kind: str) -> Sort:
    """What people mean by a DuckDB type."""
    if kind.startswith("DECIMAL") or kind in ("FLOAT", "DOUBLE"):
        return "number"
    if kind.removeprefix("U") in _WHOLE:
        return "whole"
    if kind.startswith("TIMESTAMP"):
        return "moment"
    named: dict[str, Sort] = {"DATE": "day", "VARCHAR": "text", "BOOLEAN": "truth"}
    return named.get(kind, "other")


def is_binned(kind: str) -> bool:
    """Whether values of a DuckDB type lie on a line that can be cut into bins."""
    return sort_of(kind) in ("whole", "number", "day", "moment")


def unknown(view: View, schema: Mapping[str, str]) -> list[str]:
    """The filters of a view that say nothing here, as `column` or `column: text`: no such column, or a range
    whose ends are no values of it. They are passed over.
    """
    told = [column for column, _values in view.choices if column not in schema]
    for column, wanted in view.ranges:
        if column not in schema:
            told.append(column)
            continue
        ends = ((wanted.low, _low), (wanted.high, _high))
        told += [
            f"{column}: {text}" for text, end in ends if text and end(sort_of(schema[column]), text) is None
        ]
    if view.sort and view.sort.removeprefix("-") not in schema:
        told.append(view.sort.removeprefix("-"))
    return list(dict.fromkeys(told))


def readable(view: View, schema: Mapping[str, str]) -> View:
    """The view without the ends of ranges that are no values of their column."""
    for column, wanted in view.ranges:
        if column in schema:
            sort = sort_of(schema[column])
            low = wanted.low if _low(sort, wanted.low) is not None else ""
            high = wanted.high if _high(sort, wanted.high) is not None else ""
            view = view.within(column, Range(low, high))
    return view


def where(view: View, schema: Mapping[str, str], excluded: Sequence[str] = (), *, but: str = "") -> Where:
    """What rows must be for the view to show them, the filter on the column `but` apart."""
    conditions, given = ["true"], dict[str, Any]()

    def value(of: Any) -> str:
        given[name := f"v{len(given)}"] = of
        return f"${name}"

    for column, wanted in view.choices:
        if column in schema and column != but:
            conditions.append(_is_chosen(column, schema[column], wanted, value))
    for column, ends in view.ranges:
        if column in schema and column != but:
            conditions += _is_between(column, sort_of(schema[column]), ends, value)
    conditions += _search(view.search, value, coded=CODE in schema)
    if excluded:
        conditions.append(f"entity_id NOT IN (SELECT unnest({value(list(excluded))}))")
    return Where(" AND ".join(conditions), given)


def _is_chosen(column: str, kind: str, wanted: Sequence[str], value: Callable[[Any], str]) -> str:
    name, values = quoted_column(column), [each for each in wanted if each]
    text = sort_of(kind) in ("text", "other")
    of = f"CAST({name} AS VARCHAR)" if sort_of(kind) == "other" else name
    ways = []
    if values:
        listed = ", ".join(value(each) if text else f"TRY_CAST({value(each)} AS {kind})" for each in values)
        ways.append(f"{of} IN ({listed})")
    if "" in wanted:  # where there is none
        ways.append(f"{name} IS NULL")
        if text:
            ways.append(f"{of} = ''")
    return f"({' OR '.join(ways)})"


def _is_between(column: str, sort: Sort, ends: Range, value: Callable[[Any], str]) -> list[str]:
    name = quoted_column(column)
    low = _low(sort, ends.low) if ends.low else None
    high = _high(sort, ends.high) if ends.high else None
    conditions = [] if low is None else [f"{name} >= {value(low)}"]
    if high is not None:
        # A day names its whole: the moments before the next one.
        until_next_day = sort == "moment" and type(high) is date
        if until_next_day and high < date.max:
            high += timedelta(days=1)
        conditions.append(f"{name} {'<' if until_next_day else '<='} {value(high)}")
    return conditions


def _low(sort: Sort, text: str) -> Any:
    """The lower end that a text means; None if it means none."""
    return math.ceil(number) if isinstance(number := _end(sort, text), Decimal) else number


def _high(sort: Sort, text: str) -> Any:
    return math.floor(number) if isinstance(number := _end(sort, text), Decimal) else number


def _end(sort: Sort, text: str) -> Any:
    """A text as a value to compare with, whole numbers as a Decimal; None if it is none."""
    try:
        return _READ[sort](text) if sort in _READ else None
    except (ValueError, ArithmeticError):
        return None


def _whole(text: str) -> Decimal:
    return Decimal(text) if abs(_number(text)) < _GREATEST else Decimal(_GREATEST).copy_sign(Decimal(text))


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _day(text: str) -> date:
    return datetime.fromisoformat(text).date()


def _moment(text: str) -> date | datetime:
    return (
        date.fromisoformat(text) if len(text) <= len("2026-10-30") else _naive(datetime.fromisoformat(text))
    )


_READ: Mapping[Sort, Callable[[str], Any]] = {
    "whole": _whole,
    "number": _number,
    "day": _day,
    "moment": _moment,
    "text": str,
}


def _naive(moment: datetime) -> datetime:
    """Moments in the lake are naive UTC."""
    return (moment - (moment.utcoffset() or timedelta())).replace(tzinfo=None)


def _search(search: str, value: Callable[[Any], str], *, coded: bool) -> list[str]:
    """The identifiers that begin with the text, or hold it after a `*`; large and small letters are one.

    Of a board (`coded`) beginnings are compared as numbers, and what these do not hold as text.
    """
    part = search.strip("*") if search.startswith("*") else search.rstrip("*")
    if not part:
        return []
    if search.startswith("*"):
        return [_like("contains", part, f"%{part}%", value)]
    conditions = [begins_with(value(part))] if coded else []
    if not coded or not is_told(part):
        conditions.append(_like("starts_with", part, f"{part}%", value))
    return conditions


def _like(function: str, part: str, pattern: str, value: Callable[[Any], str]) -> str:
    if set(part) & set("%_\\"):  # signs of a pattern
        return f"{function}(lower(entity_id), {value(part.lower())})"
    return f"entity_id ILIKE {value(pattern)}"
