"""Any table as regular series: one value per step, and in words what had to be done for that.

Times of a table are naive UTC, as in the lake, unless `zone` says that they are read from a clock on the
wall. Steps below a day then lie on the UTC line: on the day the clock is put forward the hour that does
not exist is no gap, and of the two hours with one name in autumn the first and the second row are two steps,
no duplicate. Days and longer steps are those of the calendar, however many hours they have.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal

import polars as pl

from analytics.forecasting.frequency import Frequency, Moment, frequency_of, told
from connectors.errors import UsageError, did_you_mean

Empty = Literal["gap", "zero"]
Together = Literal["sum", "mean"]
# Below this share of equal distances the moments follow no steps: they are counted by day.
REGULAR = 0.5
# Between the ids of one name: the first one that is in none of them.
_BETWEEN = (" | ", " || ", "\x1f")


@dataclass(frozen=True)
class LeftOut:
    """A series that cannot be forecast, and why."""

    series: str
    reason: str


@dataclass(frozen=True)
class Regular:
    """`frame`: unique_id, ds, y; `keys`: unique_id and the ids it is made of, id_0 …, as text."""

    frame: pl.DataFrame
    keys: pl.DataFrame
    frequency: Frequency
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """How a table is read. `frequency`: as a person names it, empty: found. `empty`: whether a step without a
    row is unknown or a zero (of demand). `together`: what becomes of several values of one step.
    """

    ids: tuple[str, ...]
    time: str
    value: str
    frequency: str = ""
    zone: str = ""
    empty: Empty = "gap"
    together: Together = "sum"


def regular(table: pl.DataFrame, reading: Reading) -> Regular:
    """The series of a table; raises UsageError for a column that lacks or holds no times or numbers."""
    for name in (*reading.ids, reading.time, reading.value):
        if name not in table.columns:
            raise UsageError(f"There is no column «{name}».", did_you_mean(name, table.columns))
    _check_kinds(table, reading)
    notes: list[str] = []
    rows = _read(table, reading, notes)
    known = rows.filter(pl.col("y").is_not_null())
    if known.is_empty():
        raise UsageError(
            f"No row has a time in «{reading.time}» and a number in «{reading.value}».",
            "Name other columns with --time and --value.",
        )
    keys = rows.drop("ds", "y").unique().sort("unique_id")
    empty = ~pl.col("unique_id").is_in(known["unique_id"].implode())
    left_out = [LeftOut(name, "no value at all") for name in keys.filter(empty)["unique_id"]]
    frequency = _frequency(known, reading, notes)
    placed = _on_steps(known, frequency, reading, notes)
    frame = _together(placed, reading, notes)
    if reading.empty == "zero":
        frame = _zeros(frame, frequency)
    _tell_ends(frame, notes)
    return Regular(frame, keys.filter(~empty), frequency, left_out, notes)


def _check_kinds(table: pl.DataFrame, reading: Reading) -> None:
    """Raises UsageError for a value that cannot be a number, or an id that is no single value."""
    kind = table[reading.value].dtype
    if kind.is_nested() or kind.is_temporal() or kind == pl.Binary:
        raise UsageError(
            f"«{reading.value}» holds no numbers ({kind}).", "Name a column of numbers with --value."
        )
    for name in reading.ids:
        if table[name].dtype.is_nested() or table[name].dtype == pl.Binary:
            raise UsageError(
                f"«{name}» holds no names ({table[name].dtype}).",
                "Name a column of texts or numbers with --id.",
            )


def _read(table: pl.DataFrame, reading: Reading, notes: list[str]) -> pl.DataFrame:
    """unique_id, id_0 …, ds and y; rows without an id or a time are left out with a note."""
    moment = _moments(table, reading)
    number = table[reading.value].cast(pl.Float64, strict=False)
    number = number.set(~number.is_finite(), None)
    unread = int((table[reading.value].is_not_null() & number.is_null()).sum())
    if unread:
        notes.append(f"{unread:,} values of {reading.value} are no numbers: read as unknown.")
    ids = [table[name].cast(pl.String).alias(f"id_{at}") for at, name in enumerate(reading.ids)]
    rows = pl.DataFrame([_names(ids, len(table)), *ids, moment.alias("ds"), number.alias("y")])
    whole = rows.drop_nulls(["unique_id", "ds"])
    if len(whole) < len(rows):
        notes.append(f"{len(rows) - len(whole):,} rows without an id or a time were left out.")
    return whole


def _names(ids: list[pl.Series], rows: int) -> pl.Series:
    """One name for each combination of ids; of a table without ids all rows are one series."""
    if not ids:
        return pl.Series("unique_id", ["all"] * rows, dtype=pl.String)
    frame = pl.DataFrame(ids)
    free = (m for m in _BETWEEN if not any(one.str.contains(m, literal=True).any() for one in ids))
    between = next(free, _BETWEEN[-1])
    return frame.select(pl.concat_str(pl.all(), separator=between).alias("unique_id"))["unique_id"]


def _moments(table: pl.DataFrame, reading: Reading) -> pl.Series:
    """Whole numbers, dates, or naive datetimes: wall-clock time if a zone is named, else UTC."""
    values = table[reading.time]
    if values.dtype.is_integer():
        return values.cast(pl.Int64)
    if values.dtype == pl.Date:
        return values
    if values.dtype == pl.String:
        dates = values.str.to_date("%Y-%m-%d", strict=False)
        if dates.null_count() == values.null_count():
            return dates
        try:
            values = values.str.strip_chars().str.to_datetime(
                strict=False, time_unit="us", ambiguous="earliest"
            )
        except pl.exceptions.ComputeError:  # no format that Polars knows fits any value
            values = pl.Series(values.name, [None] * len(values), dtype=pl.Datetime("us"))
    if not isinstance(values.dtype, pl.Datetime):
        raise UsageError(
            f"«{reading.time}» holds no times ({values.dtype}).",
            "Name a column of dates, times or whole numbers.",
        )
    if values.dtype.time_zone is not None:
        # A moment with its offset is certain, whatever the clock on the wall says.
        return values.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Datetime("us"))
    if reading.zone:
        return _from_the_wall(table, values.cast(pl.Datetime("us")), reading)
    return values.cast(pl.Datetime("us"))


def _from_the_wall(table: pl.DataFrame, clock: pl.Series, reading: Reading) -> pl.Series:
    """Wall-clock times as naive UTC. The second row of a series and time is the second hour of that name."""
    frame = pl.DataFrame([clock.alias("ds"), *(table[name] for name in reading.ids)])
    again = pl.int_range(pl.len()).over(*reading.ids, "ds") > 0
    which = pl.when(again).then(pl.lit("latest")).otherwise(pl.lit("earliest"))
    there = pl.col("ds").dt.replace_time_zone(reading.zone, ambiguous=which, non_existent="null")
    return frame.select(there.dt.convert_time_zone("UTC").dt.replace_time_zone(None))["ds"]


def _frequency(rows: pl.DataFrame, reading: Reading, notes: list[str]) -> Frequency:
    if reading.frequency:
        return replace(told(reading.frequency), zone=reading.zone)
    ordered = rows.select("unique_id", "ds").unique().sort("unique_id", "ds")
    found = frequency_of(ordered["unique_id"], ordered["ds"])
    if found.unit == "second":
        apart = ordered.select(pl.col("ds").diff().over("unique_id").dt.total_seconds())["ds"].drop_nulls()
        if float((apart == found.count).mean() or 0) < REGULAR:  # type: ignore[arg-type]
            notes.append("The times follow no steps: counted by day. Another one can be named.")
            found = Frequency("day", 1)
    return replace(found, zone=reading.zone)


def _on_steps(rows: pl.DataFrame, frequency: Frequency, reading: Reading, notes: list[str]) -> pl.DataFrame:
    """Every moment at the beginning of its step; moments that already keep one distance stay as they are."""
    if rows["ds"].dtype.is_integer():
        return rows
    if frequency.unit in {"day", "month"}:
        local = pl.col("ds")
        if rows["ds"].dtype != pl.Date and reading.zone:
            local = local.dt.replace_time_zone("UTC").dt.convert_time_zone(reading.zone)
        rows = rows.with_columns(local.dt.date().alias("ds"))
    begin = rows["ds"].dt.truncate(_every(frequency))
    beyond = rows["ds"] - begin
    if beyond.n_unique() <= 1 or _month_ends(rows["ds"], frequency):
        return rows
    steady = beyond.mode().to_list()
    if reading.frequency or (beyond == steady[0]).mean() < REGULAR:
        _tell_open_end(rows["ds"], begin, frequency, notes)
        return rows.with_columns(begin.alias("ds"))
    notes.append(f"{int((beyond != steady[0]).sum()):,} rows lay between the steps of {frequency.name}.")
    return rows.with_columns((begin + steady[0]).alias("ds"))


def _tell_open_end(moments: pl.Series, begin: pl.Series, frequency: Frequency, notes: list[str]) -> None:
    """Days taken together: the last week or month is forecast from as if it were whole."""
    last = moments.max()
    if not isinstance(last, datetime) and isinstance(last, date):
        newest: date = begin.max()  # type: ignore[assignment]
        whole = frequency.after(newest, 1)[0] - timedelta(days=1)  # type: ignore[operator]
        if last < whole:
            notes.append(
                f"The last step reaches to {whole}, the records to {last}: if it is not over, leave it out."
            )


def _every(frequency: Frequency) -> str:
    """As Polars names it; weeks begin on Mondays."""
    return frequency.name


def _month_ends(moments: pl.Series, frequency: Frequency) -> bool:
    return frequency.unit == "month" and bool((moments == moments.dt.month_end()).all())


def _together(rows: pl.DataFrame, reading: Reading, notes: list[str]) -> pl.DataFrame:
    value = pl.col("y").sum() if reading.together == "sum" else pl.col("y").mean()
    frame = rows.group_by("unique_id", "ds").agg(value, pl.len().alias("rows")).sort("unique_id", "ds")
    several = int((frame["rows"] > 1).sum())
    if several:
        word = "added up" if reading.together == "sum" else "averaged"
        notes.append(f"{several:,} steps had several values, which were {word}.")
    return frame.drop("rows")


def _zeros(frame: pl.DataFrame, frequency: Frequency) -> pl.DataFrame:
    """With a zero for every step without a row, from the first row of a series to the last row of all."""
    last: Moment = frame["ds"].max()  # type: ignore[assignment]
    whole = []
    for key, rows in frame.group_by("unique_id", maintain_order=True):
        first = rows["ds"][0]
        steps = frequency.positions(pl.Series([first, last], dtype=frame["ds"].dtype))[-1]
        moments = [first, *frequency.after(first, int(steps))]
        grid = pl.DataFrame({"ds": pl.Series(moments, dtype=frame["ds"].dtype)})
        filled = grid.join(rows, on="ds", how="left").with_columns(
            pl.lit(key[0]).alias("unique_id"), pl.col("y").fill_null(0.0)
        )
        whole.append(filled.select("unique_id", "ds", "y"))
    return pl.concat(whole)


def _tell_ends(frame: pl.DataFrame, notes: list[str]) -> None:
    ends = frame.group_by("unique_id").agg(pl.col("ds").max())["ds"]
    early = int((ends < ends.max()).sum())
    if early:
        notes.append(f"{early:,} series end before the others: each is forecast from its own end.")
