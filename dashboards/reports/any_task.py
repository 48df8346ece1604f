"""A report on any task, for tables whose domain brings no report of its own about it."""

from collections.abc import Iterator

from analytics.task import Task
from dashboards.queries import predictions
from dashboards.reports import changes, standard
from dashboards.reports.desk import Blueprint, Scored
from dashboards.reports.report import Column, Headline, Headlines, Section, Table
from dashboards.wording import in_language
from pipelines.contract import Contract


def blueprint_for(name: str, task: Task, contract: Contract | None) -> Blueprint[Scored]:
    """The report `name` about `task`, told by the task's own meaning; `contract` is that of its table."""
    return Blueprint(
        name=name,
        title=lambda language: in_language(task.meaning.title, language),
        summary=summary,
        figures=standard.FIGURES,
        values=lambda desk: standard.values(desk, standard.measured(desk)[0]),
        notice=standard.notice,
        sections={
            "figures": _figures,
            "changes": changes.sections,
            "bands": standard.bands,
            "scores": standard.scores,
            "outcomes": _outcomes,
            "reliability": standard.reliability,
            "reasons": _reasons,
            "ranking": _ranking,
            "purpose": standard.purpose,
        },
        domain=task.domain,
        task=task.name,
        contracts=(contract,) if contract else (),
        entity=task.flat.entity if task.flat else "",
    )


def summary(desk: Scored) -> str:
    """How many were scored, and for what."""
    _ = desk.say
    return _("{all} cases scored; what is predicted: {event}.").format(
        all=desk.count(standard.measured(desk)[0]["cases"]),
        event=in_language(desk.task.meaning.positive, desk.language),
    )


def _figures(desk: Scored) -> Iterator[Section]:
    _ = desk.say
    now, before = standard.measured(desk)
    if desk.task.kind == "binary":
        yield standard.common_headlines(desk, now, before, _("Cases scored"))
        return
    cases = desk.headline(_("Cases scored"), now["cases"], before["cases"] if before else None)
    yield Headlines((cases, *_mean(desk)), desk.since)


def _mean(desk: Scored) -> Iterator[Headline]:
    """The mean of predicted values; of classes there is none."""
    _ = desk.say
    if desk.task.kind != "regression":
        return
    now, before = standard.measured(desk)
    earlier = before["mean_score"] if before else None
    unit = desk.task.meaning.unit
    yield desk.headline(_("Mean"), now["mean_score"], earlier, "number", unit)


def _outcomes(desk: Scored) -> Iterator[Section]:
    _ = desk.say
    return standard.outcomes(desk, _("What really happened, by month"))


def _reasons(desk: Scored) -> Iterator[Section]:
    if not predictions.top_reasons(desk.read, desk.task, desk.as_of, 1).is_empty():
        yield from standard.reasons(desk)


def _ranking(desk: Scored) -> Iterator[Table]:
    _ = desk.say
    entity = Column("entity_id", in_language(desk.task.meaning.entity, desk.language))
    yield standard.ranking(desk, _("Highest scores"), entity)
