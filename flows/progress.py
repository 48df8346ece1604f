"""Progress of long steps, one plain line at a time: on the terminal, and in the log of a scheduled run."""

import logging
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.results import LoadResult

log = logging.getLogger("sda")
_OFTEN_ENOUGH = 2.0  # seconds between two lines about the same table


def progress(message: str) -> None:
    """One line about a long step."""
    log.info(message)


def rows_read() -> Callable[[str, int], None]:
    """A listener for `pipelines.ingest`: says how many rows of a table were read, every other second."""
    last = time.monotonic()

    def listen(table: str, rows: int) -> None:
        nonlocal last
        if time.monotonic() - last > _OFTEN_ENOUGH:
            last = time.monotonic()
            progress(f"  {table}: {rows:,} rows read …")

    return listen


def loaded_line(result: "LoadResult") -> str:
    """What a load did to one table, in a line."""
    if result.error:
        return f"  {result.source}: {result.error}"
    if result.skipped:
        return f"  {result.table}: nothing new"
    kept = f"{result.rows_clean:,} of {result.rows_in:,} rows are clean"
    aside = f", {result.rows_quarantined:,} in quarantine" if result.rows_quarantined else ""
    changes = "".join(f"\n    {change}" for change in (*result.schema_changes, *result.warnings))
    return f"  {result.table}: {kept}{aside} ({result.seconds:.1f} s){changes}"


def show_progress() -> None:
    """Sends the lines of `progress` to standard error, plainly."""
    if not any(isinstance(handler, _Stderr) for handler in log.handlers):
        log.addHandler(_Stderr())
    log.setLevel(logging.INFO)
    log.propagate = False


class _Stderr(logging.Handler):
    """Writes to whatever `sys.stderr` is now (a test runner replaces it)."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(record.getMessage() + "\n")
        sys.stderr.flush()
