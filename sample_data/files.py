"""Writing sample files as the world does, dirt included, and byte for byte the same every time."""

import gzip
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq


class Dirt:
    """Counts what was planted, per table: rows that break a rule, and rows only written oddly."""

    def __init__(self) -> None:
        self.broken: dict[str, dict[str, int]] = defaultdict(dict)
        self.mended: dict[str, dict[str, int]] = defaultdict(dict)

    def breaks(self, table: str, rule: str, count: int) -> None:
        """`count` rows of `table` break `rule`: they belong in quarantine."""
        self.broken[table][rule] = self.broken[table].get(rule, 0) + count

    def mends(self, table: str, habit: str, count: int) -> None:
        """`count` rows of `table` are written oddly but can be read."""
        self.mended[table][habit] = self.mended[table].get(habit, 0) + count

    def as_json(self) -> Mapping[str, object]:
        return {"quarantined": dict(self.broken), "mended": dict(self.mended)}


class Pen:
    """Alters a table of text on its way to a file, and keeps the books of what it did."""

    def __init__(self, table: str, clean: pl.DataFrame, rng: np.random.Generator, dirt: Dirt) -> None:
        self.table, self.rng, self.dirt = table, rng, dirt
        self.rows = as_text(clean)
        self._added: list[pl.DataFrame] = []

    def some(self, count: int) -> pl.DataFrame:
        """`count` different rows as they stand."""
        chosen = np.sort(self.rng.choice(len(self.rows), min(count, len(self.rows)), replace=False))
        return self.rows[chosen]

    def rewrite(self, habit: str, share: float, column: str, change: pl.Expr) -> None:
        """Writes `column` of a share of the rows differently, without changing what it says."""
        chosen = pl.Series(self.rng.random(len(self.rows)) < share) & self.rows[column].is_not_null()
        changed = pl.when(chosen).then(change).otherwise(pl.col(column))
        self.dirt.mends(self.table, habit, int(chosen.sum()))
        self.rows = self.rows.with_columns(changed.alias(column))

    def add_broken(self, rule: str, count: int, keys: Sequence[str], **changes: str | None) -> None:
        """Adds `count` rows that break `rule`: copies with keys of their own and `changes` applied."""
        copies = self.some(count)
        first = 1 + sum(len(frame) for frame in self._added)
        own = [f"X{number:06d}" for number in range(first, first + len(copies))]
        fresh = {key: pl.Series(own) for key in keys}
        constant = {name: pl.lit(value, pl.String) for name, value in changes.items()}
        self._added.append(copies.with_columns(**fresh, **constant))
        self.dirt.breaks(self.table, rule, len(copies))

    def add_again(self, count: int, **changes: str) -> None:
        """Adds `count` rows a second time under the same key, with `changes` applied."""
        copies = self.some(count).with_columns(**{name: pl.lit(value) for name, value in changes.items()})
        self._added.append(copies)
        self.dirt.breaks(self.table, "unique", len(copies))

    def finished(self) -> pl.DataFrame:
        """All rows, the added ones scattered among the others."""
        added = pl.concat(self._added) if self._added else self.rows.clear()
        places = [np.arange(len(self.rows), dtype=float), self.rng.random(len(added)) * len(self.rows)]
        order = np.argsort(np.concatenate(places), kind="stable")
        return pl.concat([self.rows, added])[order]


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column as the text a database export would write."""
    columns = []
    for name, dtype in frame.schema.items():
        column = pl.col(name)
        if isinstance(dtype, pl.Datetime):
            columns.append(column.dt.strftime("%Y-%m-%d %H:%M:%S"))
        elif dtype.is_float():
            whole = pl.when(column == column.round()).then(
                column.cast(pl.Int64, strict=False).cast(pl.String)
            )
            columns.append(whole.otherwise(column.cast(pl.String)).alias(name))
        else:
            columns.append(column.cast(pl.String))
    return frame.select(columns)


def write_delimited(
    frame: pl.DataFrame, path: Path, *, separator: str = ",", encoding: str = "utf-8", extra_lines: str = ""
) -> None:
    """Writes delimited text; the suffix of the path (.gz, .zst) compresses it."""
    text = frame.write_csv(separator=separator, line_terminator="\r\n" if separator == ";" else "\n")
    write_bytes((text + extra_lines).encode(encoding), path)


def write_parquet(
    frame: pl.DataFrame,
    path: Path,
    *,
    repeated: Sequence[str] = (),
    brotli: Sequence[str] = (),
    encodings: Mapping[str, str],
) -> None:
    """Writes Parquet as small as it goes: `repeated` columns by dictionary, the others as `encodings` say.

    Columns are packed by zstd, those in `brotli` by the slower and, for plain numbers, tighter codec.
    """
    plain = {pa.large_string(): pa.string(), pa.string_view(): pa.string()}  # what every reader knows
    table = frame.to_arrow()
    schema = pa.schema([field.with_type(plain.get(field.type, field.type)) for field in table.schema])
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table.cast(schema),
        path,
        compression={name: "brotli" if name in brotli else "zstd" for name in frame.columns},
        compression_level={name: 11 if name in brotli else 19 for name in frame.columns},
        use_dictionary=list(repeated),
        column_encoding=dict(encodings),
        store_decimal_as_integer=True,
        row_group_size=1_000_000,
    )


def write_bytes(content: bytes, path: Path) -> None:
    """Writes bytes, compressed as the suffix says, without a date inside."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".gz":
        packed = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", fileobj=packed, compresslevel=9, mtime=0) as file:
            file.write(content)
        content = packed.getvalue()
    elif path.suffix == ".zst":
        import zstandard

        content = zstandard.ZstdCompressor(level=19).compress(content)
    path.write_bytes(content)
