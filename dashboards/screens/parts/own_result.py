"""What came of a person's own task: how good it is in words, its scores, and the file to take away."""

import streamlit as st

from analytics.task import Kind
from analytics.training import TrainingResult
from dashboards import numbers
from dashboards.models.measures import in_a_sentence, measures
from dashboards.queries import predictions
from dashboards.screens.domain import DomainPage, subject_of
from dashboards.screens.explore.page import explore
from dashboards.screens.here import Here
from dashboards.screens.parts.export import offer_table
from dashboards.screens.parts.headline import Headline, show_headlines
from pipelines.access import entities_for_person
from pipelines.catalog import contracts


def show_result(here: Here, page: DomainPage, result: TrainingResult) -> None:
    """Metrics in words, charts, the ranked list, and the download."""
    _ = here.say
    task = here.tasks[page.task]
    moments = here.ask(predictions.days, task)
    if not moments:
        return
    st.markdown(in_a_sentence(task.kind, result.metrics["test"], here.language, task.meaning.unit))
    show_headlines(_figures(here, task.kind, result))
    explore(here, subject_of(here, page), moments, moments[0])
    scores = here.ask(predictions.scores, task, moments[0]).drop("snapshot_id", "as_of")
    contract = contracts(here.settings).get(task.table)
    seen = entities_for_person(
        here.settings, scores, here.role, contract, task.flat.entity if task.flat else ""
    )
    offer_table(here, "predictions", lambda: seen, title=_("All predictions"))
    st.page_link(here.pages[page.name], label=_("This prediction has a page of its own now"), icon=page.icon)


def _figures(here: Here, kind: Kind, result: TrainingResult) -> list[Headline]:
    _ = here.say
    metrics = result.metrics["test"]
    parts = ("train", "test") if result.rows["cross_fitted"] else ("train", "calibration", "test")
    rows = sum(int(result.rows[part]) for part in parts)
    figures = [Headline(_("Rows used"), numbers.integer(rows, here.language))]
    figures += [
        Headline(each.label, numbers.number(metrics[each.name], here.language, 3), each.words)
        for each in measures(kind, _)
        if each.name in metrics
    ]
    return figures
