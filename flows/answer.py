"""How a command answers: one JSON document with `--json`, else a few plain lines."""

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from typing import Any
from unicodedata import east_asian_width

import click

from flows.progress import show_progress

# Columns of numbers that people type into the next command, so without commas.
_TYPED = frozenset(
    {"id", "subscription", "delivery", "delivery_id", "snapshot", "snapshot_id", "seed", "number"}
)


@dataclass(frozen=True)
class Answer:
    """The outcome of a command: `document` for programs, `text` for people, `failed` for the exit status."""

    document: Any
    text: str
    failed: bool = False


def answering(function: Callable[..., Answer]) -> Callable[..., None]:
    """Gives a command the option `--json` and prints the `Answer` it returns."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document on standard output.")
    @functools.wraps(function)
    def run(*args: Any, as_json: bool, **kwargs: Any) -> None:
        show_progress()
        answer = function(*args, **kwargs)
        click.echo(to_json(answer.document) if as_json else answer.text)
        if answer.failed:
            click.get_current_context().exit(1)

    return run


def to_json(document: Any) -> str:
    """A document as JSON: moments as ISO 8601, dataclasses as objects, text readable as it is."""
    return json.dumps(document, default=_plain, ensure_ascii=False, indent=2)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def table(rows: Sequence[Mapping[str, Any]], nothing: str = "Nothing yet.") -> str:
    """Rows as aligned columns under their names (a row need not have all); `nothing` where there are none."""
    if not rows:
        return nothing
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[name.replace("_", " ") for name in names]]
    cells += [[_cell(row.get(name), name) for name in names] for row in rows]
    widths = [max(_width(line[i]) for line in cells) for i in range(len(names))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in cells
    )


def _cell(value: Any, name: str) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case int():
            return str(value) if name in _TYPED else f"{value:,}"
        case float():
            return f"{value:.4g}"
        case _:
            return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
