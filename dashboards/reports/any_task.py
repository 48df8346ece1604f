"""A report on any task, for tables whose domain brings no report of its own about it."""

from functools import partial

import polars as pl

from analytics.task import Task
from dashboards.queries import predictions
from dashboards.reports import standard
from dashboards.reports.desk import Blueprint, Content, Desk
from dashboards.reports.report import Column, Paragraph, Section
from dashboards.wording import Say, in_language
from pipelines.contract import Contract


def blueprint_for(name: str, task: Task, contract: Contract | None) -> Blueprint:
    """The report `name` about `task`, titled by the task's own meaning; `contract` is that of its table."""

    def title(_: Say) -> str:
        return task.name

    return Blueprint(name, task.domain, task.name, partial(write, contract=contract), title)


def write(desk: Desk, contract: Contract | None) -> Content:
    """Figures, bands, distribution, reasons and the highest scores, in the words of the task."""
    _ = desk.say
    meaning = desk.task.meaning
    now = predictions.scores(desk.read, desk.task, desk.as_of)
    before = predictions.scores(desk.read, desk.task, desk.before) if desk.before else None
    entity = in_language(meaning.entity, desk.language)
    entity_column = desk.task.flat.entity if desk.task.flat else ""
    cases = desk.masked(now, *([contract] if contract else []), entity=entity_column)
    return Content(
        title=in_language(meaning.title, desk.language),
        summary=_("{all} cases scored; what is predicted: {event}.").format(
            all=desk.count(now), event=in_language(meaning.positive, desk.language)
        ),
        sections=(
            *_headlines(desk, now, before),
            *standard.charts_of_scores(desk),
            *_reasons(desk, cases),
            standard.ranking(desk, cases, _("Highest scores"), Column("entity_id", entity)),
            Paragraph(_("What these numbers are for"), purpose(_)),
        ),
    )


def _headlines(desk: Desk, now: pl.DataFrame, before: pl.DataFrame | None) -> list[Section]:
    _ = desk.say
    if desk.task.kind != "binary":
        return []
    return [standard.common_headlines(desk, now, before, _("Cases scored"))]


def _reasons(desk: Desk, cases: pl.DataFrame) -> list[Section]:
    return [] if cases["reasons"].is_null().all() else [standard.chart_of_reasons(desk, cases)]


def purpose(_: Say) -> str:
    """What the numbers are for, and what they are not."""
    return _(
        "The score is what a model expects from the data it has seen. It is meant to help people decide "
        "what to look at first; it is no decision, and what it says of one case can be wrong."
    )
