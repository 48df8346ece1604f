"""From typed columns to the matrix a model reads, and the code book that makes it the same way every time.

Numbers stay numbers, booleans become 0 and 1, a category becomes the number of its place in the code book,
a date becomes its parts. Missing, infinite and unreadable values become NaN: LightGBM's missing value.
Outside this file columns keep the names people gave them; a model only ever sees positions.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from connectors.errors import UsageError, did_you_mean
from pipelines.contract import Type
from pipelines.parse import parsed

Matrix = NDArray[np.float32]
ColumnKind = Literal["number", "boolean", "category", "date"]

# Enough for postcodes and diagnosis codes; each family pools or encodes them as it can bear. The rest, and
# categories seen a handful of times, which teach noise, share one code.
MOST_CATEGORIES = 10_000
DATE_PARTS = ("year", "month", "weekday", "days before")
_AS_OF = "␟as_of"  # a name no table has a column of
_WRITTEN: dict[ColumnKind, Type] = {"boolean": "boolean", "date": "timestamp"}


@dataclass(frozen=True)
class CodedColumn:
    """How one column is coded. Category i of `categories` has code i; all others share the next code."""

    name: str
    kind: ColumnKind
    categories: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return len(DATE_PARTS) if self.kind == "date" else 1


@dataclass(frozen=True)
class CodeBook:
    """The coded columns in order. Learned once from training rows, stored with the model.

    `anchored`: dates are counted back from the `as_of` of each case; else forward from 1970.
    """

    columns: tuple[CodedColumn, ...]
    anchored: bool = False

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def sources(self) -> list[str]:
        """For each matrix column, the name of the column it was made from."""
        return [column.name for column in self.columns for _ in range(column.width)]

    @property
    def category_positions(self) -> list[int]:
        """The matrix columns that hold category codes."""
        kinds = [column.kind for column in self.columns for _ in range(column.width)]
        return [position for position, kind in enumerate(kinds) if kind == "category"]

    def encode(self, features: pl.DataFrame, as_of: pl.Series | None = None) -> Matrix:
        """The matrix, shape (rows, matrix columns), of `features` whose rows are cases as of `as_of`.

        Raises UsageError naming the first column that is not there; further columns are ignored.
        """
        for name in self.names:
            if name not in features.columns:
                raise UsageError(
                    f"The column «{name}» is missing: the model was trained with it.",
                    did_you_mean(name, features.columns),
                )
        moments = as_of if as_of is not None and self.anchored else pl.lit(None)
        frame = features.select(self._read(features[column.name], column.kind) for column in self.columns)
        frame = frame.with_columns(moments.cast(pl.Datetime("us")).alias(_AS_OF))
        parts = [part for column in self.columns for part in self._parts(column, frame.schema[column.name])]
        named = [part.alias(f"f{position}") for position, part in enumerate(parts)]
        matrix: Matrix = frame.select(named).to_numpy(order="c")
        return matrix

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> "CodeBook":
        columns = (CodedColumn(c["name"], c["kind"], tuple(c["categories"])) for c in given["columns"])
        return cls(tuple(columns), given["anchored"])

    @staticmethod
    def _read(values: pl.Series, kind: ColumnKind) -> pl.Series:
        """Yes and no, and dates, that have become text since the model was trained."""
        if values.dtype == pl.String and kind in _WRITTEN:
            return parsed(values, _WRITTEN[kind])
        return values

    def _parts(self, column: CodedColumn, dtype: pl.DataType) -> list[pl.Expr]:
        value = pl.col(column.name)
        if kind_of(dtype) is None:  # a type no model reads
            value = pl.lit(None)
        if column.kind == "category":
            return [_code(value.cast(pl.String), column.categories)]
        if column.kind == "boolean":
            return [value.cast(pl.Boolean, strict=False).cast(pl.Float32)]
        if column.kind == "date":
            return _date_parts(value.cast(pl.Datetime("us"), strict=False), self.anchored)
        if dtype in (pl.Duration, pl.Time):
            value = value.cast(pl.Int64) / 1_000_000
        number = value.cast(pl.Float64, strict=False).cast(pl.Float32)
        return [pl.when(number.is_finite()).then(number).otherwise(None)]


def learn_code_book(features: pl.DataFrame, as_of: pl.Series | None = None) -> CodeBook:
    """The code book of training rows. Columns of a type no model reads, and constant ones, are left out."""
    columns = []
    for name in features.columns:
        kind = kind_of(features.schema[name])
        if kind is None or is_constant(features[name]):
            continue
        categories = _categories(features[name]) if kind == "category" else ()
        columns.append(CodedColumn(name, kind, categories))
    return CodeBook(tuple(columns), anchored=as_of is not None and as_of.null_count() < len(as_of))


def kind_of(dtype: pl.DataType) -> ColumnKind | None:
    """How values of a type are coded; None for types that are not a feature (lists, structs, binary)."""
    if dtype == pl.Boolean:
        return "boolean"
    if dtype.is_numeric() or dtype in (pl.Duration, pl.Time):
        return "number"
    if dtype in (pl.Date, pl.Datetime):
        return "date"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "category"
    return None


def is_constant(values: pl.Series) -> bool:
    """Whether a column says nothing: one value throughout (missing counts as a value)."""
    return values.null_count() == len(values) or (values.null_count() == 0 and values.n_unique() == 1)


def infinite_values(features: pl.DataFrame) -> dict[str, int]:
    """How many infinite values each column holds (they are treated as missing); empty where there is none."""
    floats = features.select(cs.float())
    if not floats.width:
        return {}
    counts = floats.select(pl.all().is_infinite().sum()).row(0, named=True)
    return {name: count for name, count in counts.items() if count}


def _categories(values: pl.Series) -> tuple[str, ...]:
    """The values frequent enough for a code of their own, sorted so that the code book is reproducible."""
    least = 5 if len(values) >= 500 else 2
    text = pl.DataFrame({"value": values.cast(pl.String)}).filter(pl.col("value").fill_null("") != "")
    counts = text.group_by("value").len().filter(pl.col("len") >= least)
    kept = counts.sort(["len", "value"], descending=[True, False]).head(MOST_CATEGORIES)
    return tuple(sorted(kept["value"].to_list()))


def _code(text: pl.Expr, categories: tuple[str, ...]) -> pl.Expr:
    code = text.cast(pl.Enum(categories), strict=False).to_physical().cast(pl.Float32)
    coded = code.fill_null(float(len(categories)))
    return pl.when(text.fill_null("") == "").then(None).otherwise(coded).cast(pl.Float32)


def _date_parts(moment: pl.Expr, anchored: bool) -> list[pl.Expr]:
    """Year, month, weekday (1 = Monday) and days before `as_of`, or days since 1970."""
    day = pl.duration(days=1)
    epoch = pl.lit(0).cast(pl.Datetime("us"))
    days = (pl.col(_AS_OF) - moment) / day if anchored else (moment - epoch) / day
    return [
        moment.dt.year().cast(pl.Float32),
        moment.dt.month().cast(pl.Float32),
        moment.dt.weekday().cast(pl.Float32),
        days.cast(pl.Float32),
    ]
