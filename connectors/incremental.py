"""Only rows beyond what was seen before, by a column that only grows (an id, a date, a time)."""

from typing import Any

import pyarrow as pa

from connectors.connector import Origin, origin_of, record_numbers, with_origin
from connectors.errors import UsageError, did_you_mean


class OnlyNewer:
    """Lets through rows whose `column` is greater than at the end of the last load.

    The column holds whole numbers, numbers or ISO dates/times (as text or typed); which one is decided by
    the first values and remembered. A value that cannot be read is let through: the contract judges it.
    """

    def __init__(self, column: str, memory: dict[str, Any]) -> None:
        """`memory` is the `{"kind", "maximum"}` remembered from the last load, empty at the first."""
        self.column = column
        self.kind: str = memory.get("kind", "")
        self.before: str | None = memory.get("maximum")
        self.greatest: str | None = self.before

    def remembered(self) -> dict[str, Any]:
        """What to hand to the next load as `memory`."""
        return {"kind": self.kind, "maximum": self.greatest}

    def newer(self, batch: pa.Table) -> pa.Table:
        """The rows of the batch beyond the last load; their record numbers stay right."""
        import polars as pl

        if self.column not in batch.column_names:
            raise UsageError(
                f"The incremental column «{self.column}» is not in «{origin_of(batch).file}».",
                did_you_mean(self.column, batch.column_names),
            )
        text = pl.Series(values=batch.column(self.column)).cast(pl.String)
        self.kind = self.kind or self._kind_of(text)
        values = _read(text, self.kind)
        self._remember(values)
        if self.before is None:
            return batch
        least = _read(pl.Series([self.before]), self.kind)[0]
        keep = (values > least).fill_null(value=True)
        if keep.all():
            return batch
        numbers = record_numbers(batch).filter(keep.to_arrow())
        origin = origin_of(batch)
        first = numbers[0].as_py() if len(numbers) else origin.first_record
        # Arrow has no filter for string views; Polars has, and takes them over without a copy.
        kept = pl.DataFrame(pl.from_arrow(batch)).filter(keep).to_arrow()
        return with_origin(kept, Origin(origin.file, first, origin.decimal), numbers)

    def _remember(self, values: Any) -> None:
        import polars as pl

        known = [values.max()]
        if self.greatest is not None:
            known.append(_read(pl.Series([self.greatest]), self.kind)[0])
        if (greatest := max((value for value in known if value is not None), default=None)) is not None:
            self.greatest = str(greatest)

    def _kind_of(self, text: Any) -> str:
        filled = text.drop_nulls()
        if not len(filled):
            return ""
        for kind in ("integer", "number", "time"):
            if _read(filled, kind).null_count() <= 0.1 * len(filled):
                return kind
        raise UsageError(
            f"The incremental column «{self.column}» holds neither numbers nor ISO dates.",
            "Choose a column that only grows, such as an id or 2024-03-31T08:00.",
        )


def _read(text: Any, kind: str) -> Any:
    """Text as comparable values; what cannot be read is null."""
    import polars as pl

    text = text.str.strip_chars()
    if kind == "integer":
        return text.cast(pl.Int64, strict=False)
    if kind == "number":
        return text.cast(pl.Float64, strict=False)
    if kind == "time":
        import duckdb

        with duckdb.connect() as reader:
            reader.register("given", pl.DataFrame({"value": text}))
            return reader.execute("SELECT try_cast(value AS TIMESTAMP) AS value FROM given").pl()["value"]
    return text.clear(len(text))
