"""The table of the worklist: one page of items, with rows to choose."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.figures import band_label
from dashboards.screens.domain import DomainPage
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import masked
from dashboards.screens.parts.work_words import status_words
from dashboards.worklist.standing import Standing, standings
from pipelines.store import WorkItem

Pages = Mapping[str, DomainPage]  # by the name of their task


def choose_items(here: Here, pages: Pages, found: Sequence[WorkItem], on: date, key: str) -> list[WorkItem]:
    """The items as a table; those whose rows are chosen, in the order of the table."""
    _ = here.say
    # A key of its own for each set of rows: a choice is by place, and must not slip to another case.
    choice = st.dataframe(
        _table(here, pages, found, on),
        hide_index=True,
        key=f"{key}-{hash(tuple(item.id for item in found))}",
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"],
        height="content",
        column_config={_("How it stands"): st.column_config.TextColumn(width=190)},
        alt=_("Worklist"),
    )
    selection = choice["selection"]
    places = sorted(selection["rows"]) or [row for row, _column in selection["cells"]]
    return [found[place] for place in places if place < len(found)]


def case_name(here: Here, pages: Pages, item: WorkItem) -> str:
    """The identifier of a case as this role may see it."""
    page = pages.get(item.task)
    if page is None:
        return item.entity_id
    frame = pl.DataFrame({page.entity.column: [item.entity_id]})
    return str(masked(here, frame, [page.entity])[page.entity.column][0])


def task_title(here: Here, pages: Pages, name: str) -> str:
    """What a task is called; the bare name where it is gone."""
    page = pages.get(name)
    return page.title(here.say) if page else name


def standing_now(here: Here, items: Sequence[WorkItem]) -> dict[tuple[str, str], Standing]:
    """How the cases of these items stand by now, by task and case; those that are gone are not among them."""
    by_task: dict[str, list[str]] = {}
    for item in items:
        by_task.setdefault(item.task, []).append(item.entity_id)
    return {
        (name, entity_id): standing
        for name, ids in by_task.items()
        if name in here.tasks
        for entity_id, standing in here.ask_of_all(standings, here.tasks[name], tuple(ids)).items()
    }


def _table(here: Here, pages: Pages, found: Sequence[WorkItem], on: date) -> pl.DataFrame:
    _ = here.say
    now = standing_now(here, found)
    rows = [
        {
            _("Case"): case_name(here, pages, item),
            _("How it stands"): status_words(here, item, on),
            _("Assigned to"): item.assignee or numbers.ABSENT,
            _("Due on"): numbers.day(item.due_on, here.language),
            _("Topic"): task_title(here, pages, item.task),
            **_predicted(here, here.tasks.get(item.task), now.get((item.task, item.entity_id))),
            _("Last change"): numbers.moment(item.updated_at, here.language, here.zone).rpartition(" (")[0],
        }
        for item in found
    ]
    return pl.DataFrame(rows)


def _predicted(here: Here, task: Task | None, standing: Standing | None) -> dict[str, str]:
    """Score and band by now; that the case is gone, where it is."""
    _ = here.say
    if task is None or standing is None:
        return {_("Score"): numbers.ABSENT, _("Band"): _("no longer there")}
    score = (
        numbers.shown(standing.score, "number", here.language, task.meaning.unit)
        if task.kind == "regression"
        else numbers.percent(standing.score, here.language)
    )
    return {_("Score"): score, _("Band"): band_label(task, standing.band, here.language)}
