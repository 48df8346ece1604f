"""A model card as Markdown: every text of the data stands as it is and formats nothing."""

from collections.abc import Iterator

from dashboards.charts.chart import Chart
from dashboards.model_card import ModelCard
from dashboards.reports.report import Headlines, Paragraph, Section, Table

_SPECIAL = "\\`*_[]<>|#~"


def markdown(card: ModelCard) -> str:
    """The card as one document; charts are told by the sentence they say."""
    lines = [f"# {_plain(card.title)}", "", _plain(card.summary), ""]
    lines += [f"- {_plain(fact.label)}: {_plain(fact.value)}" for fact in card.facts]
    for chapter in card.chapters:
        lines += ["", f"## {_plain(chapter.title)}"]
        for section in chapter.sections:
            lines += ["", *_section(section)]
    return "\n".join(lines) + "\n"


def _section(section: Section) -> Iterator[str]:
    match section:
        case Headlines():
            for figure in section.figures:
                change = f" ({_plain(figure.change)})" if figure.change else ""
                yield f"- {_plain(figure.label)}: **{_plain(figure.value)}**{change}"
        case Chart():
            yield from (f"### {_plain(section.title)}", "", _plain(section.sentence))
        case Table():
            yield from (f"### {_plain(section.title)}", "")
            yield from _table(section)
        case Paragraph():
            mark = "> " if section.kind == "notice" else ""
            yield from (f"### {_plain(section.title)}", "", mark + _plain(section.text))


def _table(table: Table) -> Iterator[str]:
    yield "| " + " | ".join(_plain(column.heading) for column in table.columns) + " |"
    yield "|" + " --- |" * len(table.columns)
    for row in table.frame.iter_rows():
        yield "| " + " | ".join(_plain(str(cell)) for cell in row) + " |"


def _plain(text: str) -> str:
    """One line that Markdown shows as it is."""
    return "".join("\\" + sign if sign in _SPECIAL else sign for sign in " ".join(text.split()))
