"""What a person asked to see of a page's cases. It lives in the address, so that it can be shared.

`?day=2026-10-30&f.band=high&f.band=very+high&r.amount=1000..&q=L00&sort=-amount&cols=amount,purpose`
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar
from urllib.parse import parse_qs, urlencode

CHOICE, RANGE = "f.", "r."  # before the name of a column
SEARCH, SORT, COLUMNS, DAY, AGAINST, WORK = "q", "sort", "cols", "day", "vs", "work"
_BETWEEN = ".."
_NAMES = (SEARCH, SORT, COLUMNS, DAY, AGAINST, WORK)
_LONGEST = 200  # characters of one value in an address; nobody means more
_LONGEST_CHOICE = (
    8000  # characters of a value that a table holds; one cut here is found nowhere, and said to be
)
_MOST_COLUMNS = 4000  # characters of the columns, which are many

Work = Literal["", "open", "mine", "done"]
Wanted = TypeVar("Wanted")


@dataclass(frozen=True)
class Range:
    """Values from `low` to `high`, both included, as text (numbers, ISO dates); "" is open."""

    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Against:
    """What the view is compared with: another day, another model version, or another value of a column."""

    kind: Literal["day", "version", "segment"]
    value: str
    column: str = ""


@dataclass(frozen=True)
class View:
    """Filters that must all hold, the order, the columns, the moment, and what it is compared with.

    A choice of several values is met by any of them; the value "" is met where there is none (null).
    `search` is the beginning of an identifier, or a part of it if it begins with `*`. `sort` is a column,
    after a `-` from the greatest down; "" is the order of the page. `columns` () are those of the page.
    `work` looks at the worklist: `open` leaves out what is snoozed or done.
    """

    search: str = ""
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    ranges: tuple[tuple[str, Range], ...] = ()
    sort: str = ""
    columns: tuple[str, ...] = ()
    day: str = ""
    against: Against | None = None
    work: Work = ""

    @property
    def is_filtered(self) -> bool:
        """Whether it shows fewer than all cases of its moment."""
        return bool(self.search or self.choices or self.ranges or self.work)

    @property
    def filters(self) -> "View":
        """What of it narrows the cases: the same for every order, choice of columns and comparison."""
        return View(self.search, self.choices, self.ranges)

    @property
    def filtered_columns(self) -> tuple[str, ...]:
        """The columns that it filters by."""
        return tuple(column for column, _wanted in (*self.choices, *self.ranges))

    def chosen(self, column: str) -> tuple[str, ...]:
        """The values asked for of a column; () for any."""
        return dict(self.choices).get(column, ())

    def range_of(self, column: str) -> Range:
        """The range asked for of a column; an open one for any."""
        return dict(self.ranges).get(column, Range())

    def choosing(self, column: str, values: Iterable[str]) -> "View":
        """The same view with these values of a column; without any, the filter is gone."""
        return replace(self, choices=_set(self.choices, column, tuple(dict.fromkeys(values))))

    def toggling(self, column: str, value: str) -> "View":
        """The same view with one value added to the choice, or taken away if it was there."""
        now = self.chosen(column)
        return self.choosing(
            column, [each for each in now if each != value] if value in now else [*now, value]
        )

    def within(self, column: str, wanted: Range) -> "View":
        """The same view with this range of a column; an open one is none."""
        return replace(self, ranges=_set(self.ranges, column, wanted if wanted != Range() else None))

    def without(self, *columns: str) -> "View":
        """The same view without the filters on these columns."""
        return replace(
            self,
            choices=tuple(each for each in self.choices if each[0] not in columns),
            ranges=tuple(each for each in self.ranges if each[0] not in columns),
        )

    def address(self) -> list[tuple[str, str]]:
        """What stands in the address, in a fixed order: equal views have equal addresses."""
        pairs = [
            (CHOICE + column, value) for column, values in sorted(self.choices) for value in sorted(values)
        ]
        pairs += [
            (RANGE + column, wanted.low + _BETWEEN + wanted.high)
            for column, wanted in sorted(self.ranges, key=lambda each: each[0])
        ]
        single = {
            SEARCH: self.search,
            SORT: self.sort,
            COLUMNS: ",".join(name.replace("%", "%25").replace(",", "%2C") for name in self.columns),
            DAY: self.day,
            AGAINST: _told(self.against),
            WORK: self.work,
        }
        return [*pairs, *((name, value) for name, value in single.items() if value)]

    def query(self) -> str:
        """The same as text: `f.band=high&q=L00`."""
        return urlencode(self.address())


def view_in(address: Mapping[str, Sequence[str]]) -> View:
    """The view that an address (name -> values) asks for. What makes no sense in it is left out; names of
    others (`lang`, `only.`) are passed over.
    """
    choices: dict[str, tuple[str, ...]] = {}
    ranges: dict[str, Range] = {}
    for name, given in sorted(address.items()):
        values = [value.replace("\0", "\ufffd") for value in given]
        if name.startswith(CHOICE) and values and len(name) > len(CHOICE):
            choices[name.removeprefix(CHOICE)] = tuple(sorted({value[:_LONGEST_CHOICE] for value in values}))
        elif name.startswith(RANGE) and values and _BETWEEN in values[0] and len(name) > len(RANGE):
            low, _between, high = values[0].partition(_BETWEEN)
            if low or high:
                ranges[name.removeprefix(RANGE)] = Range(low[:_LONGEST], high[:_LONGEST])
    longest = dict.fromkeys(_NAMES, _LONGEST) | {COLUMNS: _MOST_COLUMNS}
    one = {name: (address.get(name) or [""])[0][: longest[name]].replace("\0", "") for name in _NAMES}
    work = one[WORK]
    return View(
        search=one[SEARCH].strip(),
        choices=tuple(sorted(choices.items())),
        ranges=tuple(sorted(ranges.items(), key=lambda each: each[0])),
        sort=one[SORT],
        columns=tuple(dict.fromkeys(_unmarked(name) for name in one[COLUMNS].split(",") if name)),
        day=one[DAY],
        against=_against(one[AGAINST]),
        work=work if work in ("open", "mine", "done") else "",  # type: ignore[arg-type]
    )


def view_of(query: str) -> View:
    """The view that a text (`View.query`) asks for."""
    return view_in(parse_qs(query, keep_blank_values=True))


def is_of_a_view(name: str) -> bool:
    """Whether a name in an address belongs to a view."""
    return name in _NAMES or name.startswith((CHOICE, RANGE))


def _unmarked(name: str) -> str:
    """A name in a list, whose commas are marked."""
    return name.replace("%2C", ",").replace("%25", "%")


def _told(against: Against | None) -> str:
    if against is None:
        return ""
    if against.kind == "segment":
        column = against.column.replace("%", "%25").replace(":", "%3A")
        return f"segment:{column}:{against.value}"
    return f"{against.kind}:{against.value}"


def _against(text: str) -> Against | None:
    kind, _colon, value = text.partition(":")
    if kind == "segment":
        column, _colon, value = value.partition(":")
        column = column.replace("%3A", ":").replace("%25", "%")
        return Against("segment", value, column) if column else None
    if not value or kind not in ("day", "version"):
        return None
    return Against("day" if kind == "day" else "version", value)


def _set(
    pairs: tuple[tuple[str, Wanted], ...], column: str, wanted: Wanted | None
) -> tuple[tuple[str, Wanted], ...]:
    others = [each for each in pairs if each[0] != column]
    return tuple(sorted([*others, (column, wanted)] if wanted else others, key=lambda each: each[0]))
