"""The case as one page of PDF, to take along."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from analytics.neighbours import nearest, pool_of
from analytics.task import Task
from dashboards import numbers
from dashboards.cases.sheet import Told, sheet
from dashboards.cases.similar import what_became
from dashboards.cases.spoken import score_text
from dashboards.cases.why import how_to_read, why
from dashboards.figures import band_label
from dashboards.screens.case.about import About
from dashboards.screens.case.scene import Scene, hidden
from dashboards.screens.case.verdict import rank_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.delivery_words import role_in_words
from dashboards.screens.parts.export import offer_file
from dashboards.wording import in_language, together
from pipelines.store import now


def offer_sheet(
    here: Here,
    about: About,
    row: dict[str, Any],
    scene: Scene | None,
    title: str,
    facts: Sequence[tuple[str, str]],
    events: pl.DataFrame,
) -> None:
    """A button that gives the sheet; it is made when it is asked for, outside the page."""
    _, task = here.say, about.task
    given = replace(_told(here, about, row, title), facts=facts, events=events.rows())
    concealed = hidden(here, task)

    def made() -> bytes:
        from dashboards.reports.pdf import pdf

        told = given
        if scene and scene.case:
            similar = _similar(here, task, scene)
            told = replace(told, similar=similar)
        if scene and scene.way:
            chart = why(task, scene.way, concealed, here.language)
            told = replace(told, why=chart, how_to_read=how_to_read(task, here.language))
        return pdf(sheet(told, here.settings.name, here.language, now()))

    offer_file(
        here,
        _("One page (PDF)"),
        made,
        "case",
        {"format": "pdf"},
        file_name=f"{here.page or 'case'}-{row['as_of']:%Y-%m-%d}.pdf",
        mime="application/pdf",
        icon=":material/picture_as_pdf:",
        type="tertiary",
        key="case-sheet",
    )


def origin(here: Here, row: dict[str, Any]) -> str:
    """Which model said it when, from which data."""
    _ = here.say
    words = _("Scored on {day} by model {model} from snapshot {snapshot} of the data.")
    return words.format(
        day=numbers.moment(row["scored_at"], here.language, here.zone),
        model=row["model_version"],
        snapshot=row["snapshot_id"],
    )


def _told(here: Here, about: About, row: dict[str, Any], title: str) -> Told:
    """What is said of the score."""
    _, language, task = here.say, here.language, about.task
    low, high = (score_text(task, row[each], language) for each in ("lower", "upper"))
    score = score_text(task, row["score"], language)
    band = band_label(task, str(row["band"]), language)
    plausible = _("{lower} to {upper}").format(lower=low, upper=high)
    ranked = rank_in_words(here, task, row)
    shown_to = _("Shown to: {role}.").format(role=role_in_words(here, here.role))
    return Told(
        title=title,
        subtitle=_("{what}, as of {day}").format(
            what=in_language(task.meaning.title, language), day=numbers.day(row["as_of"], language)
        ),
        figures=((_("Score"), score, ranked), (_("Plausible"), plausible, ""), (_("Band"), band, "")),
        notices=(about.notice,),
        why=None,
        how_to_read="",
        facts=(),
        similar="",
        events=(),
        foot=together([origin(here, row), shown_to], language),
    )


def _similar(here: Here, task: Task, scene: Scene) -> str:
    if scene.case is None:
        return ""
    past = pool_of(here.settings, task, scene.model)
    found = nearest(task, past, scene.case, scene.importance)
    return what_became(task, found, past, here.language) if found.height else ""
