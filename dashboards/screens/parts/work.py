"""Who looks after one case: how it stands on the worklist, what can be done, what was done."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.cases.spoken import outcome_words
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.person import ask_name
from dashboards.screens.parts.work_acts import Chosen, show_acts, show_told
from dashboards.screens.parts.work_words import act_words, status_words
from dashboards.worklist import checks, items

_LATEST = 3  # acts before the rest is folded away


def show_work(here: Here, task: Task, row: Mapping[str, Any]) -> None:
    """The part of a case's page: `row` has its `entity_id`. Those who may act are asked for their name."""
    _ = here.say
    st.header(_("Who looks after it"), anchor=False)
    if here.may_act:
        ask_name(here)
    show_told(here)
    case = str(row["entity_id"])
    show_item(here, Chosen(task.name, task, case, items.of_case(here.store, task.name, case), case))


def show_item(here: Here, case: Chosen) -> None:
    """How a case stands, the buttons for those who may, and its history."""
    st.markdown(_standing(here, case))
    if here.may_act:
        show_acts(here, [case], f"work-{case.name}-{case.entity_id}")
    if case.item:
        _show_history(here, case)


def _standing(here: Here, case: Chosen) -> str:
    _ = here.say
    item = case.item
    if item is None:
        return _("Nobody looks after this case yet.")
    parts = [f"**{status_words(here, item, checks.today(here.settings))}**"]
    if item.assignee:
        parts.append(escaped(item.assignee))
    if item.due_on and item.status != "done":
        parts.append(_("due on {day}").format(day=numbers.day(item.due_on, here.language)))
    if item.outcome:
        parts.append(escaped(outcome_words(case.task, item.outcome, here.language)))
    return " · ".join(parts)


def _show_history(here: Here, case: Chosen) -> None:
    _ = here.say
    assert case.item is not None  # noqa: S101 - the caller looked
    told = [act_words(here, case.task, note) for note in items.history(here.store, case.item.id)]
    for line in told[:_LATEST]:
        st.caption(line)
    if told[_LATEST:]:
        more = _("{acts} more").format(acts=numbers.integer(len(told) - _LATEST, here.language))
        with st.expander(more):
            for line in told[_LATEST:]:
                st.caption(line)
