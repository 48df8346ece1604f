"""The card of a task on the home page: how many were scored, and who is first in line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.addresses import CASE
from dashboards.figures import band_label
from dashboards.queries.morning import Queue, Scored, Waiting
from dashboards.screens.domain import DomainPage
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import masked
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.work_words import marker
from pipelines.store import WorkItem


@dataclass(frozen=True)
class Morning:
    """How a task stands: its newest scoring, and who waits."""

    scored: Scored
    queue: Queue


def show_card(
    here: Here, page: DomainPage, found: Morning | None, items: Mapping[str, WorkItem], on: date
) -> None:
    """A link to the page, what was scored when, and the first cases that wait, each a link to itself."""
    _ = here.say
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.page_link(here.pages[page.name], label=f"**{escaped(page.title(_))}**", icon=page.icon)
        if found is None:
            st.caption(_("Not scored yet."))
            return
        st.caption(_scored(here, found))
        if found.queue.first and here.sees_cases(here.tasks[page.task]):
            _show_first(here, page, found, items, on)
        else:
            st.markdown(_without_names(here, here.tasks[page.task], found))


def _scored(here: Here, found: Morning) -> str:
    _ = here.say
    words = (
        _("{cases} cases scored, as of {day}.")
        if found.scored.before
        else _("{cases} cases scored, as of {day}. There is no scoring before it to compare with.")
    )
    return words.format(
        cases=numbers.integer(found.scored.cases, here.language),
        day=numbers.day(found.scored.as_of, here.language),
    )


def _without_names(here: Here, task: Task, found: Morning) -> str:
    """How many stand in the upper bands, or that nobody is left there."""
    _ = here.say
    if found.queue.first or not task.bands:
        urgent = found.scored.urgent
        words = (
            _("{cases} case in the upper bands.") if urgent == 1 else _("{cases} cases in the upper bands.")
        )
        return words.format(cases=f"**{numbers.integer(urgent, here.language)}**")
    if found.scored.urgent:
        return ":green[:material/task_alt:] " + _("All done: nobody in the upper bands waits.")
    return _("Nobody is in the upper bands.")


def _show_first(
    here: Here, page: DomainPage, found: Morning, items: Mapping[str, WorkItem], on: date
) -> None:
    task = here.tasks[page.task]
    ids = pl.DataFrame({page.entity.column: [each.entity_id for each in found.queue.first]})
    names = masked(here, ids, [page.entity])[page.entity.column]
    for each, name in zip(found.queue.first, names, strict=True):
        st.page_link(
            here.pages[page.name],
            label=_line(here, task, each, str(name), items.get(each.entity_id), on),
            icon=":material/chevron_right:",
            query_params={CASE: each.entity_id},
        )


def _line(here: Here, task: Task, case: Waiting, name: str, item: WorkItem | None, on: date) -> str:
    """`**L0123** 87.7% very high` and what is new about it, who has it."""
    score = (
        numbers.shown(case.score, "number", here.language, task.meaning.unit)
        if task.kind == "regression"
        else numbers.percent(case.score, here.language)
    )
    parts = [f"**{escaped(name)}**", escaped(score), escaped(band_label(task, case.band, here.language))]
    return " ".join(
        [
            *parts,
            _news(here, case),
            f":gray-badge[{escaped(told)}]" if (told := marker(here, item, on)) else "",
        ]
    )


def _news(here: Here, case: Waiting) -> str:
    _ = here.say
    if case.moved == "new":
        return ":blue-badge[" + _("new") + "]"
    return ":orange-badge[:material/arrow_upward: " + _("moved up") + "]" if case.moved == "up" else ""
