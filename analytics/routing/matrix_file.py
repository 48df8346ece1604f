"""A user's own travel matrix: a CSV with the columns from, to, metres and seconds."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analytics.routing.problem import Place
from connectors.errors import UsageError, did_you_mean

Array = NDArray[np.float64]
COLUMNS = ("from", "to", "metres", "seconds")
_COORDINATES = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*")


def read_matrix(path: Path, names: Sequence[str], places: Sequence[Place]) -> tuple[Array, Array, list[str]]:
    """Metres and seconds between the places, (n, n) each, NaN where the file does not say; and notes.

    A row goes from one place to another; a place is called by its name (of the depot or stop) or by its
    coordinates, `53.55 9.99` (latitude and longitude in degrees, compared to five decimals, about a metre).
    The file may hold more places than are asked for. Separated by commas or semicolons. Raises UsageError
    naming the line that is wrong.
    """
    rows = _rows(path)
    spellings = pl.concat([rows["from"], rows["to"]]).unique(maintain_order=True)
    numbers: dict[str, int] = {}  # the place's name, or its coordinates in our spelling -> its number
    of_spelling = [numbers.setdefault(_spelled(text), len(numbers)) for text in spellings]
    rows = rows.with_columns(
        pl.col(side).replace_strict(spellings, of_spelling, return_dtype=pl.Int32) for side in ("from", "to")
    )
    own = np.array([_number(numbers, *place) for place in zip(names, places, strict=True)], dtype=np.int32)
    _some_known(path, own, names, numbers)
    # Number of the file -> number among those asked for; -1: nobody asked.
    asked, positions = np.unique(own[own >= 0], return_inverse=True)
    wanted = np.full(len(numbers), -1)
    wanted[asked] = np.arange(len(asked))
    at, to = wanted[rows["from"].to_numpy()], wanted[rows["to"].to_numpy()]
    kept = (at >= 0) & (to >= 0)
    at, to = at[kept], to[kept]
    matrices = []
    for column in ("metres", "seconds"):
        compact = np.full((len(asked), len(asked)), np.nan)
        compact[at, to] = rows[column].to_numpy()[kept]
        matrix = np.full((len(own), len(own)), np.nan)
        known = np.flatnonzero(own >= 0)
        matrix[np.ix_(known, known)] = compact[np.ix_(positions, positions)]
        _zero_between_namesakes(matrix, own)
        matrices.append(matrix)
    return matrices[0], matrices[1], _notes(names, own, len(at) - len(np.unique(at * len(asked) + to)))


def _rows(path: Path) -> pl.DataFrame:
    """The four columns, numbers as numbers, in the order of the file."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline()
        separator = ";" if ";" in header and "," not in header else ","
        read = pl.read_csv(path, infer_schema=False, separator=separator, encoding="utf8")
    except OSError as error:
        raise UsageError(
            f"The travel matrix {path} cannot be read: {error.strerror}.", "See [routing] matrix."
        ) from None
    except (UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        why = str(error).splitlines()[0]
        raise UsageError(f"The travel matrix {path} is no CSV: {why}.", _SHAPE) from None
    read = read.rename({name: name.strip().lower() for name in read.columns})
    lacking = [name for name in COLUMNS if name not in read.columns]
    if lacking:
        raise UsageError(f"The travel matrix {path}, line 1: there is no column «{lacking[0]}».", _SHAPE)
    ends = read.select(pl.col("from", "to").str.strip_chars().replace("", None))
    _told(path, ends["from"].is_null() | ends["to"].is_null(), "«from» or «to» is empty")
    numbers = [_numbers(path, read[name]) for name in ("metres", "seconds")]
    return ends.with_columns(numbers)


_SHAPE = "Give it the columns from, to, metres and seconds, one row for each pair of places."


def _numbers(path: Path, texts: pl.Series) -> pl.Series:
    """The column as numbers; blank is null."""
    texts = texts.str.strip_chars().replace("", None)
    numbers = texts.cast(pl.Float64, strict=False)
    wrong = numbers.is_null() & texts.is_not_null()
    if wrong.any():
        _told(path, wrong, f"«{texts.filter(wrong)[0]}» in column «{texts.name}» is not a number")
    return numbers


def _told(path: Path, wrong: pl.Series, what: str) -> None:
    """Raises UsageError with the first line that is wrong; the header is line 1."""
    first = wrong.arg_max() if wrong.any() else None
    if first is not None:
        raise UsageError(f"The travel matrix {path}, line {first + 2}: {what}.", "Correct the line.")


def _spelled(text: str) -> str:
    found = _COORDINATES.fullmatch(text)
    return _coordinates(float(found[1]), float(found[2])) if found else text


def _coordinates(latitude: float, longitude: float) -> str:
    return f"{round(latitude, 5) + 0.0:.5f} {round(longitude, 5) + 0.0:.5f}"


def _number(numbers: dict[str, int], name: str, place: Place) -> int:
    """The place of a problem in the file, by its name, else by its coordinates; -1: not there."""
    return numbers.get(name, numbers.get(_coordinates(place.latitude, place.longitude), -1))


def _some_known(path: Path, own: NDArray[np.int32], names: Sequence[str], numbers: dict[str, int]) -> None:
    if len(own) and (own < 0).all():
        called = next((name for name in names if name), "")
        raise UsageError(
            f"The travel matrix {path} names none of the {len(own)} places, not even «{called}».",
            did_you_mean(called, numbers),
        )


def _zero_between_namesakes(matrix: Array, own: NDArray[np.int32]) -> None:
    """Stops that the file knows as one place, by their coordinates, lie at no distance from each other."""
    same = (own[:, None] == own) & (own >= 0)
    np.fill_diagonal(same, False)
    matrix[same] = 0.0


def _notes(names: Sequence[str], own: NDArray[np.int32], repeated: int) -> list[str]:
    absent = [name for name, number in zip(names, own, strict=True) if number < 0]
    notes = []
    if absent:
        some = ", ".join(absent[:5]) + (" …" if len(absent) > 5 else "")
        notes.append(f"Places that the matrix file does not hold: {len(absent)} of {len(own)} ({some}).")
    if repeated:
        notes.append(f"Pairs that the matrix file says more than once: {repeated}; the last one counts.")
    return notes
