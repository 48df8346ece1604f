"""The files of an issue: which travel with the mail, which are fetched by a link, what is said of them."""

from dataclasses import dataclass
from datetime import datetime

from dashboards.numbers import day, integer, number
from dashboards.reports.report import Table
from dashboards.wording import say


@dataclass(frozen=True)
class Attachment:
    """A file of an issue."""

    name: str
    kind: str  # MIME type
    content: bytes

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.content)


@dataclass(frozen=True)
class Enclosed:
    """What comes with a report. `links` are the addresses of the files that do not travel, by name.

    `rows` is how many rows of a table the sheets hold at most (None: all); without sheets there is only the
    dashboard to see the rest.
    """

    files: tuple[Attachment, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    until: datetime | None = None  # the links work
    rows: int | None = None
    has_sheets: bool = False

    @property
    def attached(self) -> tuple[Attachment, ...]:
        """The files that travel with the mail."""
        linked = {name for name, _ in self.links}
        return tuple(file for file in self.files if file.name not in linked)


ALONE = Enclosed()  # a page that nothing comes with


def note_on_rows(table: Table, shown: int, enclosed: Enclosed, language: str) -> str:
    """How many of the rows of a table are shown and where the others are; "" where all of them are shown."""
    _ = say(language)
    total = table.rows
    if total == 0:
        return _("There are no rows.")
    if shown >= total:
        return ""
    counts = {"shown": integer(shown, language), "total": integer(total, language)}
    held = table.frame.height if enclosed.rows is None else min(enclosed.rows, table.frame.height)
    if not enclosed.has_sheets or held <= shown:
        return _("{shown} of {total} rows.").format(**counts)
    if held < total:
        first = integer(held, language)
        return _("{shown} of {total} rows; the file has the first {first}.").format(**counts, first=first)
    return _("{shown} of {total} rows; the file has all of them.").format(**counts)


def note_on_columns(missing: int, language: str) -> str:
    """How many columns are not shown; "" where all of them are."""
    _ = say(language)
    return _("{count} more columns are not shown here.").format(count=missing) if missing > 0 else ""


def note_on_links(enclosed: Enclosed, language: str, zone: str) -> str:
    """Why files are linked and until when; "" where none are."""
    _ = say(language)
    if not enclosed.links:
        return ""
    if enclosed.until is None:
        return _("The files are too large for a mail; fetch them here:")
    return _("The files are too large for a mail; fetch them here until {day}:").format(
        day=day(enclosed.until, language, zone)
    )


def size_in_words(size: int, language: str) -> str:
    """Bytes as people say them: `12.3 MB`, `340 kB`."""
    if size >= 1_000_000:
        return f"{number(size / 1e6, language, 1)} MB"
    return f"{integer(max(1, round(size / 1e3)), language)} kB"
