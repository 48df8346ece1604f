"""Files of cases to score, read as the connector for files reads them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import polars as pl

from analytics.matrix import CodeBook
from analytics.staging import FORMATS
from analytics.task import Flat
from connectors.connector import origin_of
from connectors.errors import AssistantError, UsageError, did_you_mean
from pipelines.contract import Type
from pipelines.inference import without_placeholders
from pipelines.parse import parsed

_TYPES: dict[str, Type] = {"number": "number", "boolean": "boolean", "date": "timestamp"}


def read_rows(path: Path, flat: Flat, code_book: CodeBook, notes: dict[str, int]) -> Iterator[pl.DataFrame]:
    """The file's rows batch by batch, each column in the type the model learned it in.

    Values that cannot be read become missing and are counted in `notes` by column. Raises AssistantError
    where the file cannot be read, or where no value of a column can.
    """
    kinds = {column.name: column.kind for column in code_book.columns}
    for frame, decimal in _batches(path):
        typed = []
        for values in frame.iter_columns():
            kind = "date" if values.name == flat.time else kinds.get(values.name, "")
            to = _TYPES.get(kind)
            typed.append(_as_loaded(values) if to is None else _understood(values, to, decimal, notes))
        yield pl.DataFrame(typed)


def read_entities(path: Path, default: datetime) -> pl.DataFrame:
    """The cases that a file names: `entity_id`, and `as_of` where it has such a column, else `default`."""
    frames = []
    for frame, decimal in _batches(path):
        if "entity_id" not in frame.columns:
            raise UsageError(
                f"{path.name} has no column «entity_id».", did_you_mean("entity_id", frame.columns)
            )
        as_of = _understood(frame["as_of"], "timestamp", decimal, {}) if "as_of" in frame.columns else None
        moments = pl.lit(None, pl.Datetime("us")) if as_of is None else pl.lit(as_of)
        frames.append(
            pl.DataFrame({"entity_id": _as_loaded(frame["entity_id"].cast(pl.String))}).with_columns(
                as_of=moments.fill_null(pl.lit(default))
            )
        )
    named = pl.concat(frames).drop_nulls("entity_id").unique(maintain_order=True)
    if named.is_empty():
        raise AssistantError(f"{path.name} names no case.", "Give one identifier a line under «entity_id».")
    return named


def check_output(path: Path, formats: Iterable[str] = FORMATS) -> None:
    """Raises UsageError for a file name that says none of `formats`, a folder, or one that is not there."""
    if path.suffix not in formats:
        raise UsageError(f"«{path.name}»: the output must end in {', '.join(formats)}.")
    if not path.parent.is_dir():
        raise UsageError(f"The folder {path.parent} for the output does not exist.", "Create it first.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Name a file for the output.")


def _batches(path: Path) -> Iterator[tuple[pl.DataFrame, str]]:
    """Batches with the file's decimal mark; a piece that is no record refuses the file: no row is lost."""
    from connectors.files.options import FilesOptions
    from connectors.files.reading import read_file

    if not path.is_file():
        raise AssistantError(f"There is no file {path}.", "Check the name.")
    for piece in read_file(path, path.name, FilesOptions.model_validate({"path": str(path)})):
        if isinstance(piece, list):
            if piece:
                raise AssistantError(
                    f"{path.name}: record {piece[0].position} cannot be read: {piece[0].reason}.",
                    "Correct the file and score it again; nothing was written.",
                )
            continue
        frame = pl.from_arrow(piece)
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table is a frame
        yield frame, origin_of(piece).decimal


def _as_loaded(values: pl.Series) -> pl.Series:
    """Texts as loading stores them: what a model knows as one category is one here too."""
    return parsed(values, "text") if values.dtype == pl.String else values


def _understood(values: pl.Series, to: Type, decimal: str, notes: dict[str, int]) -> pl.Series:
    given = without_placeholders(values) if values.dtype == pl.String else values
    found = parsed(given, to, decimal)
    lost = found.null_count() - given.null_count()
    if given.dtype.is_float():
        lost -= int(given.is_nan().sum())
    if lost > 0 and found.null_count() == len(found):
        first = given.drop_nulls()[0]
        raise AssistantError(
            f"The column «{values.name}» holds no {to} at all; the first value is «{first}».",
            "Give the file the columns the model was trained with.",
        )
    if found.dtype.is_float():
        lost += int(found.is_infinite().sum())
    if lost > 0:
        notes[values.name] = notes.get(values.name, 0) + lost
    return found
