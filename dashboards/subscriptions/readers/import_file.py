"""The lines of a CSV file of subscriptions, as people's programs write them.

UTF-8 (with or without a mark) or UTF-16 with one; any other encoding has to be named, for a wrong guess would
cut a reader's rows by a wrong value. Separated by comma, semicolon or tab, as the head shows; any line ends.
"""

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from connectors.errors import UsageError, did_you_mean
from dashboards.subscriptions.readers.wishes import Wishes

COLUMNS = (
    *("email", "account", "report", "schedule", "timezone", "language", "formats", "attributes"),
    *("id", "role", "calendar", "on_holiday", "catch_up", "only_if"),
)
_NEEDED = ("email", "report")
_SEPARATORS = ",;\t"
_LONGEST_CELL = 100_000  # letters
_SHOWN = 40


@dataclass(frozen=True)
class Row:
    """One line: wishes only for the columns that the file has. `problem` says why it cannot be read."""

    number: int
    email: str = ""
    report: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    problem: str = ""


def rows_of(file: Path, encoding: str = "utf-8") -> list[Row]:
    """The lines of `file` that are not empty; raises UsageError where it or its head cannot be read."""
    text = _text(file, encoding)
    number = 1 + len(text) - len(text.lstrip("\n"))
    text = text.lstrip("\n")
    declared = re.match(r"sep=(.)\n", text)  # Excel's own first line
    if declared:
        text, number = text[declared.end() :], number + 1
    separator = declared[1] if declared else max(_SEPARATORS, key=text.partition("\n")[0].count)
    lines = _cells(text, separator, number)
    number, head, problem = next(lines, (number, [], ""))
    if problem:
        raise UsageError(f"{file}, line {number}: {problem}", "Correct the head of the file.")
    columns = _columns(file, head)
    return [
        Row(number, problem=problem) if problem else _row(number, cells, columns)
        for number, cells, problem in lines
        if any(cells) or problem
    ]


def _text(file: Path, encoding: str) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.", "Check the path.") from None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif content.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    try:
        text = content.decode(encoding)
    except LookupError:
        raise UsageError(
            f"There is no encoding «{encoding}».",
            "Known are utf-8, latin-1, windows-1252, gb18030 and others.",
        ) from None
    except ValueError as error:
        line = content.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise UsageError(
            f"{file}, line {line}: this is not {encoding} text.",
            "Save it as CSV UTF-8, or say --encoding windows-1252 (Western) or gb18030 (Chinese).",
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cells(text: str, separator: str, number: int) -> Iterator[tuple[int, list[str], str]]:
    """Each record: the number of its first line, its cells, what is wrong with it."""
    limit = csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
        while True:
            start = number + reader.line_num
            try:
                yield start, [cell.strip() for cell in next(reader)], ""
            except StopIteration:
                return
            except csv.Error as error:
                yield start, [], f"it cannot be read as CSV ({error})."
                if "unexpected end of data" in str(error):
                    return
    finally:
        csv.field_size_limit(limit)


def _columns(file: Path, head: list[str]) -> list[str]:
    """The names of the columns; "" for those without one."""
    columns = [name.lower() for name in head]
    for place, name in enumerate(columns):
        if name and name not in COLUMNS:
            raise UsageError(
                f"{file}: there is no column «{name[:_SHOWN]}».", did_you_mean(name[:_SHOWN], COLUMNS)
            )
        if name and name in columns[:place]:
            raise UsageError(f"{file}: the column «{name}» is there twice.", "Leave one of the two out.")
    for needed in _NEEDED:
        if needed not in columns:
            raise UsageError(
                f"{file} has no column «{needed}».",
                f"Its first line names the columns: {', '.join(_NEEDED)}, and any of "
                f"{', '.join(name for name in COLUMNS if name not in _NEEDED)}.",
            )
    return columns


def _row(number: int, cells: list[str], columns: list[str]) -> Row:
    if any(cells[len(columns) :]):
        return Row(number, problem=f"it has {len(cells):,} cells for {len(columns)} columns.")
    pairs = list(zip(columns, [*cells, *[""] * len(columns)], strict=False))
    if any(cell for name, cell in pairs if not name):
        return Row(number, problem="it has a value in a column without a name.")
    named = {name: cell for name, cell in pairs if name}
    try:
        return Row(number, named.pop("email"), named.pop("report"), _wishes(named))
    except ValueError as error:
        return Row(number, problem=str(error))


def _wishes(named: dict[str, str]) -> Wishes:
    wishes: Any = dict(named)
    if "id" in wishes:
        wishes["reference"] = wishes.pop("id")
    for name, pattern in (("formats", r"[\s,;]+"), ("only_if", r"[;\n]+")):
        if name in wishes:
            wishes[name] = [each.strip() for each in re.split(pattern, wishes[name]) if each.strip()]
    if "attributes" in wishes:
        wishes["attributes"] = attributes_from(wishes["attributes"])
    return cast("Wishes", wishes)


def attributes_from(text: str) -> dict[str, Any]:
    """Attributes written as a JSON object ("" for none); raises ValueError in words for anything else."""
    if not text:
        return {}
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"the attributes are not JSON ({error.msg}, letter {error.pos + 1}).") from None
    except RecursionError:
        found = None
    except ValueError as error:  # a number of thousands of digits, and what is told below
        raise ValueError(f"the attributes cannot be read: {error}") from None
    if isinstance(found, dict):
        return found
    raise ValueError('the attributes are not a JSON object such as {"depot": ["D01", "D05"]}.')


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"«{name[:_SHOWN]}» is there twice; write its values as one list.")
    return dict(pairs)


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number.")
