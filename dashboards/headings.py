"""Headings of tables that people read. Data name some of them, and two columns may be called the same."""

from collections.abc import Container, Iterable
from typing import TypeVar

Cells = TypeVar("Cells")


def free(heading: str, taken: Container[str]) -> str:
    """The heading, or one that looks like it and is not taken."""
    return heading if heading not in taken else free(f"{heading} ", taken)


def headed(columns: Iterable[tuple[str, Cells]]) -> dict[str, Cells]:
    """The columns under headings of their own, none lost: heading -> its cells."""
    table: dict[str, Cells] = {}
    for heading, cells in columns:
        table[free(heading, table)] = cells
    return table
