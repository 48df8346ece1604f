"""A table of the warehouse or a file, forecast and written to a file: what `sda forecast` does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from analytics.forecasting.adding_up import forecast_sums
from analytics.forecasting.forecast import forecast
from analytics.forecasting.hierarchy import tree_of
from analytics.forecasting.outcome import Forecast
from analytics.forecasting.series import Reading, Regular, regular
from connectors.errors import UsageError, did_you_mean
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted

_FILES = (".csv", ".parquet")
OUTPUTS = (".csv", ".parquet", ".xlsx")


@dataclass(frozen=True)
class Question:
    """`table`: of the warehouse, or a .csv or .parquet file. `season`: in steps; None: that of the frequency.
    `sums`: whether the sums over each id column and over all are forecast too, and agree with the parts.
    """

    table: str
    reading: Reading
    horizon: int
    season: int | None = None
    seconds: float | None = None
    levels: tuple[float, ...] = (0.9,)
    sums: bool = False


@dataclass(frozen=True)
class Answered:
    """`frame`: the id columns (null in sums), time, mean, bounds, method; `report`: how it came about."""

    frame: pl.DataFrame
    report: Mapping[str, Any]


def answer(settings: Settings, question: Question) -> Answered:
    """The forecast asked for. Raises UsageError for a table, column, frequency or number that is wrong."""
    reading = question.reading
    _check_names(question)
    series = regular(_rows(settings, question.table, reading), reading)
    season = question.season or series.frequency.season
    made = _forecast(series, season, question)
    chosen = [
        {"series": name, "kind": one.kind, "method": one.method, "mase": _number(one.mase)}
        for name, one in made.series.items()
    ]
    report = {
        "table": question.table,
        "frequency": series.frequency.name,
        "season": season,
        "horizon": question.horizon,
        "series": len(chosen),
        "mase": _number(made.mase()),
        "coverage": {f"{level:g}": _number(made.coverage(level)) for level in question.levels},
        "methods": [{**row, "loss": _number(row["loss"])} for row in made.scores.iter_rows(named=True)],
        "chosen": chosen,
        "left_out": series.left_out,
        "notes": [*series.notes, *made.notes],
    }
    return Answered(_told(made, series, question), report)


def write(frame: pl.DataFrame, output: Path) -> None:
    """The frame as the suffix of `output` says; text stays text, whatever it begins with.

    Raises UsageError where it cannot be written there.
    """
    from xlsxwriter.exceptions import XlsxFileError

    try:
        _write(frame, output)
    except (OSError, XlsxFileError) as error:
        raise UsageError(f"{output} cannot be written: {error}.", "Name another file.") from None


def _write(frame: pl.DataFrame, output: Path) -> None:
    match output.suffix:
        case ".csv":
            frame.write_csv(output)
        case ".parquet":
            frame.write_parquet(output)
        case _:
            from xlsxwriter import Workbook

            with Workbook(output, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
                frame.write_excel(book, worksheet="Forecast", autofit=True)


def _rows(settings: Settings, table: str, reading: Reading) -> pl.DataFrame:
    """The columns of the table that are needed."""
    path = Path(table)
    wanted = tuple(dict.fromkeys((*reading.ids, reading.time, reading.value)))
    if path.suffix in _FILES:
        if not path.is_file():
            raise UsageError(f"There is no file {path}.", "Check the name.")
        try:
            return _of_file(path, wanted)
        except (pl.exceptions.PolarsError, OSError) as error:
            why = str(error).strip().partition("\n")[0]
            raise UsageError(
                f"{path} cannot be read as {path.suffix[1:]}: {why}.", "Check the file."
            ) from None
    warehouse = Warehouse(settings)
    columns = warehouse.columns(table)
    if not columns:
        raise UsageError(f"There is no table «{table}».", did_you_mean(table, warehouse.tables()))
    _check(wanted, list(columns))
    return warehouse.query(f"SELECT {', '.join(map(quoted, wanted))} FROM {quoted(table)}")


def _of_file(path: Path, wanted: tuple[str, ...]) -> pl.DataFrame:
    frame = pl.scan_csv(path, infer_schema_length=None) if path.suffix == ".csv" else pl.scan_parquet(path)
    _check(wanted, frame.collect_schema().names())
    return frame.select(wanted).collect()


def _check_names(question: Question) -> None:
    """Raises UsageError for a column that would stand twice in the output."""
    names = [*question.reading.ids, question.reading.time, "series", "mean", "lower", "upper", "method"]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"The column «{twice}» would stand twice in the output.", "Rename it in the table.")


def _check(wanted: tuple[str, ...], columns: list[str]) -> None:
    for name in wanted:
        if name not in columns:
            raise UsageError(f"There is no column «{name}».", did_you_mean(name, columns))


def _forecast(series: Regular, season: int, question: Question) -> Forecast:
    ahead, seconds, levels = question.horizon, question.seconds, question.levels
    if not question.sums:
        return forecast(series.frame, season, ahead, seconds, levels, frequency=series.frequency)
    ids = question.reading.ids
    parts = series.keys.rename({f"id_{at}": name for at, name in enumerate(ids) if name != "unique_id"})
    tree = tree_of(parts, [(), *((name,) for name in ids if len(ids) > 1 and name != "unique_id")])
    return forecast_sums(series.frame, tree, season, ahead, seconds, levels, frequency=series.frequency)


def _told(made: Forecast, series: Regular, question: Question) -> pl.DataFrame:
    """The frame in the words of the table: its id columns, its time column, the clock on the wall."""
    reading = question.reading
    frame = made.frame.join(series.keys, on="unique_id", how="left", maintain_order="left")
    if series.frequency.unit == "second" and reading.zone:
        there = pl.col("ds").dt.replace_time_zone("UTC").dt.convert_time_zone(reading.zone)
        frame = frame.with_columns(there.dt.to_string("iso:strict").alias("ds"))
    shown = [pl.col("unique_id").alias("series")] if question.sums or not reading.ids else []
    shown += [pl.col(f"id_{at}").alias(name) for at, name in enumerate(reading.ids)]
    shown.append(pl.col("ds").alias(reading.time))
    shown += [pl.col(name) for name in made.frame.columns if name not in {"unique_id", "ds"}]
    return frame.select(shown)


def _number(value: float) -> float | None:
    return round(value, 4) if value == value else None  # noqa: PLR0124 - NaN is not itself
