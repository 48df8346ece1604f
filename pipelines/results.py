"""What a load reports back to whoever asked for it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LoadResult:
    """What one run of one source did to one table; `error` is set where it was stopped.

    `skipped` means that the source had nothing new. Rows in = rows clean + rows quarantined.
    """

    source: str
    table: str
    load_id: str = ""
    mode: str = ""
    rows_in: int = 0
    rows_clean: int = 0
    rows_quarantined: int = 0
    rows_changed: int = 0
    schema_changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    files: int = 0
    seconds: float = 0.0
    skipped: bool = False
    error: str = ""
