"""The highest of a ward on paper, with room to write, for whoever goes on the round."""

from datetime import datetime
from typing import Any

import polars as pl

from analytics.task import Task
from dashboards import numbers
from dashboards.domains.medical.wording import notice, value_words
from dashboards.figures import band_label
from dashboards.reasons import in_words as reasons_in_words
from dashboards.reports.document import Cell, Document, Grid, GridColumn, Part, Words
from dashboards.screens.here import Here
from dashboards.wording import in_language
from pipelines.access import visible_to

_ROOMY = 22  # patients: so many fit on a page; the rows of more stand closer


def round_sheet(here: Here, task: Task, as_of: datetime, ward: str, patients: pl.DataFrame) -> Document:
    """The sheet of `patients` (as the reader may see them) of one ward, highest score first."""
    _, language = here.say, here.language
    day = numbers.day(as_of, language)
    columns = (
        GridColumn(_("Patient")),
        GridColumn(_("Age"), "right"),
        GridColumn(_("Score"), "right"),
        GridColumn(_("Strongest reasons"), share=1.7),
        GridColumn(_("Last seen")),
        GridColumn(_("Note"), share=1.0),
    )
    rows = tuple(_row(here, task, row) for row in patients.iter_rows(named=True))
    return Document(
        name="round",
        title=_("Round: {ward}").format(ward=ward),
        organisation=here.settings.name,
        language=language,
        made_at=as_of,
        parts=(
            Part(
                title=_("Round: {ward}").format(ward=ward),
                subtitle=f"{in_language(task.meaning.title, language)} · {day}",
                head=f"{ward} · {day}",
                foot=here.settings.name,
                blocks=(Words(notice(_), "notice"), Grid(columns, rows, tight=len(rows) > _ROOMY)),
            ),
        ),
        few_pages=True,
    )


def _row(here: Here, task: Task, row: dict[str, Any]) -> tuple[Cell, ...]:
    _, language = here.say, here.language
    name = f"{row['family_name'] or ''} {row['given_name'] or ''}".strip()
    sex = value_words(_).get(row["gender"] or "", row["gender"] or numbers.ABSENT)
    return (
        Cell(row["entity_id"], below=name if "name" in visible_to(here.role) else "", strong=True),
        Cell(numbers.integer(row["age"], language), below=sex),
        Cell(numbers.percent(row["score"], language), below=band_label(task, row["band"], language)),
        Cell(reasons_in_words([row["reasons"]], task, language, most=2)[0]),
        Cell(numbers.day(row["last_seen_at"], language)),
        Cell(""),
    )
