"""What changed at a source since its last load: columns that came, went or turned into something else."""

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.errors import AssistantError
from pipelines.checks import matched_columns
from pipelines.extract import Staged

# A column of which more than half cannot be read any more is another column, not dirt.
_SHARE_MISREAD = 0.5
_ENOUGH_TO_TELL = 20
# A file that replaces a table and is less than half as long is more likely broken than true.
_SHARE_OF_ROWS = 0.5


@dataclass(frozen=True)
class RowCount:
    """Rows that stand in the warehouse, and rows that would take their place."""

    before: int
    now: int


def schema_changes(staged: Staged, before: dict[str, str]) -> tuple[str, ...]:
    """Changes worth telling, in words. Raises AssistantError for a changed type: the load must stop.

    `before` is the last load's source columns and their kinds; empty at the first load.
    """
    _stop_at_changed_types(staged, before)
    return tuple(_told(staged, before))


def _told(staged: Staged, before: dict[str, str]) -> Iterator[str]:
    if staged.contract is None or not staged.given:
        return
    used = set(matched_columns(staged.contract, list(staged.given)).values())
    known = before or used
    for name in staged.given:
        if name not in known:
            fate = (
                "it fills the contract's column"
                if name in used
                else "it is not in the contract and is not loaded"
            )
            yield f"column «{name}» appeared: {fate}"
    for name in before:
        if name not in staged.given:
            yield f"column «{name}» vanished: it is empty from now on"
    for name in sorted(staged.absent & staged.given.keys()):
        yield f"column «{name}» is only in some of the files"


def _stop_at_changed_types(staged: Staged, before: dict[str, str]) -> None:
    if staged.contract is None:
        return
    for wanted, name in matched_columns(staged.contract, list(staged.given)).items():
        kind, was = staged.given[name], before.get(name)
        misread, filled = staged.misread[wanted], staged.filled[wanted]
        turned = was is not None and "empty" not in (kind, was) and kind != was and misread
        unreadable = filled >= _ENOUGH_TO_TELL and misread > _SHARE_MISREAD * filled
        if turned or unreadable:
            expected = staged.contract.column(wanted).type
            raise AssistantError(
                f"{staged.table}: column «{name}» changed its type: {misread} of {filled} values are not "
                f"of type {expected}.",
                "The load was stopped and nothing was changed. Correct the source, or the column's type in "
                "the contract.",
            )


def row_count_far_off(table: str, rows: RowCount) -> None:
    """Raises AssistantError where so few rows would replace so many that a broken file is likelier."""
    if rows.before >= _ENOUGH_TO_TELL and rows.now < _SHARE_OF_ROWS * rows.before:
        raise AssistantError(
            f"{table}: {rows.now} rows would replace {rows.before}.",
            "The load was stopped and nothing was changed. If it is right, run it with --accept-row-count.",
        )
