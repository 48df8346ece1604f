"""A report as plain text: what a mail says to programs and readers that take no HTML."""

import unicodedata
from collections.abc import Iterator

from dashboards.charts.chart import Chart
from dashboards.numbers import integer
from dashboards.reports.enclosed import ALONE, Enclosed, note_on_links, note_on_rows, size_in_words
from dashboards.reports.foreign import isolated, shortened
from dashboards.reports.report import Column, Headlines, Paragraph, Report, Section, Table
from dashboards.wording import say

_ROWS = 10
_LETTERS = 500  # of a value in a table
_LIMIT = 100_000  # letters of all sections


def page(report: Report, enclosed: Enclosed = ALONE) -> str:
    """The whole report in words: charts by the sentence they say, tables by their first rows."""
    _, language = say(report.language), report.language
    lines = [report.title, "=" * _width(report.title), "", report.summary, ""]
    lines += _sections(report, enclosed)
    if enclosed.links:
        lines += [note_on_links(enclosed, language, report.timezone), *_links(enclosed, language), ""]
    if enclosed.attached:
        files = (f"{file.name} ({size_in_words(file.size, language)})" for file in enclosed.attached)
        lines += [_("Attached:") + " " + ", ".join(files), ""]
    lines += [f"{_short(fact.label)}: {_short(fact.value)}" for fact in report.facts]
    pages = ((_("Open the dashboard"), report.link), (_("About the model"), report.model_link))
    lines += ["", *(f"{words}: {address}" for words, address in pages if address), ""]
    return "\n".join(lines)


def _sections(report: Report, enclosed: Enclosed) -> list[str]:
    """The sections as far as anybody reads a mail, and a word on the others."""
    _, lines, left = say(report.language), list[str](), _LIMIT
    for number, section in enumerate(report.sections):
        said = [*_section(section, report.language, enclosed), ""]
        left -= sum(map(len, said))
        if left < 0:
            count = integer(len(report.sections) - number, report.language)
            told = _("{count} more parts of this report did not fit into a mail.").format(count=count)
            return [*lines, told, ""]
        lines += said
    return lines


def _links(enclosed: Enclosed, language: str) -> Iterator[str]:
    sizes = {file.name: size_in_words(file.size, language) for file in enclosed.files}
    for name, address in enclosed.links:
        yield f"  {name} ({sizes[name]}): {address}"


def _section(section: Section, language: str, enclosed: Enclosed) -> Iterator[str]:
    match section:
        case Headlines():
            for figure in section.figures:
                change = f" ({figure.change})" if figure.change else ""
                yield f"{isolated(figure.label)}: {isolated(figure.value)}{change}"
            if section.since:
                yield section.since
        case Chart():
            yield from _headed(section.title)
            yield isolated(section.sentence)
        case Table():
            yield from _table(section, language, enclosed)
        case Paragraph():
            yield from _headed(section.title)
            yield section.text


def _headed(title: str) -> list[str]:
    return [title, "-" * _width(title)] if title else []


def _table(table: Table, language: str, enclosed: Enclosed) -> Iterator[str]:
    """A row is a numbered paragraph: columns stand beneath each other in few of the fonts that mails have."""
    shown = table.frame.head(min(_ROWS, table.most))
    yield from _headed(table.title)
    if note := note_on_rows(table, shown.height, enclosed, language):
        yield note
    first, *others = table.columns
    for number, row in enumerate(shown.iter_rows(named=True), 1):
        yield f"{number}. {_value(first, row, language)}"
        if others:
            yield "   " + "; ".join(f"{column.heading}: {_value(column, row, language)}" for column in others)


def _value(column: Column, row: dict[str, object], language: str) -> str:
    value = _short(column.cell(row, language))
    return f"{value} {column.interval(row, language)}".rstrip()


def _short(text: str) -> str:
    """A text that came from data, on one line."""
    return isolated(shortened(" ".join(text.split()), _LETTERS))


def _width(text: str) -> int:
    """How many letters of a typewriter a text is wide."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
