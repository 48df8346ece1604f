"""The table of the worklist: one page of items, with rows to choose."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.figures import band_label
from dashboards.screens.domain import DomainPage
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import masked
from dashboards.screens.parts.export import show_table
from dashboards.screens.parts.work_words import status_words
from dashboards.worklist.standing import Standing, newest_of, standings
from pipelines.access import entities_for_person
from pipelines.store import WorkItem

Pages = Mapping[str, DomainPage]  # by the name of their task


def choose_items(
    here: Here,
    pages: Pages,
    found: Sequence[WorkItem],
    on: date,
    *,
    every: Callable[[], Sequence[WorkItem]],
    told: Sequence[str],
) -> list[WorkItem]:
    """The items as a table; those whose rows are chosen, in the order of the table.

    A file has `every` item that passes the filters, which are `told` in words.
    """
    _ = here.say

    def whole() -> pl.DataFrame:  # outside the page: what is remembered for pages is not asked
        items = every()
        by_task = {item.task: [each.entity_id for each in items if each.task == item.task] for item in items}
        now = {
            (name, entity_id): standing
            for name, ids in by_task.items()
            for entity_id, standing in newest_of(here.settings, name, ids).items()
        }
        return _typed(here, pages, items, on, now)

    # A key of its own for each set of rows: a choice is by place, and must not slip to another case.
    choice = show_table(
        here,
        "worklist",
        _written(here, pages, found, on),
        told,
        title=_("Worklist"),
        whole=whole,
        key=f"worklist-{hash(tuple(item.id for item in found))}",
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"],
        column_config={_("How it stands"): st.column_config.TextColumn(width=190)},
    )
    selection = choice["selection"]
    places = sorted(selection["rows"]) or [row for row, _column in selection["cells"]]
    return [found[place] for place in places if place < len(found)]


def case_name(here: Here, pages: Pages, item: WorkItem) -> str:
    """The identifier of a case as this role may see it."""
    page = pages.get(item.task)
    if page is None:
        alone = pl.DataFrame({"entity_id": [item.entity_id]})
        return str(entities_for_person(here.settings, alone, here.role)["entity_id"][0])
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


def _typed(
    here: Here,
    pages: Pages,
    found: Sequence[WorkItem],
    on: date,
    now: Mapping[tuple[str, str], Standing],
) -> pl.DataFrame:
    _ = here.say
    standing = [now.get((item.task, item.entity_id)) for item in found]
    return pl.DataFrame(
        {
            _("Case"): [case_name(here, pages, item) for item in found],
            _("How it stands"): [status_words(here, item, on) for item in found],
            _("Assigned to"): [item.assignee or numbers.ABSENT for item in found],
            _("Due on"): pl.Series([item.due_on for item in found], dtype=pl.Date),
            _("Topic"): [task_title(here, pages, item.task) for item in found],
            _("Score"): pl.Series([each.score if each else None for each in standing], dtype=pl.Float64),
            _("Band"): [_band(here, item, each) for item, each in zip(found, standing, strict=True)],
            _("Last change"): [item.updated_at for item in found],
        }
    )


def _written(here: Here, pages: Pages, found: Sequence[WorkItem], on: date) -> pl.DataFrame:
    _, language = here.say, here.language
    now = standing_now(here, found)
    cells = {
        _("Due on"): [numbers.day(item.due_on, language) for item in found],
        _("Score"): [_score(here, item, now.get((item.task, item.entity_id))) for item in found],
        _("Last change"): [
            numbers.moment(item.updated_at, language, here.zone).rpartition(" (")[0] for item in found
        ],
    }
    return _typed(here, pages, found, on, now).with_columns(
        pl.Series(name, values, pl.String) for name, values in cells.items()
    )


def _score(here: Here, item: WorkItem, standing: Standing | None) -> str:
    task = here.tasks.get(item.task)
    if task is None or standing is None:
        return numbers.ABSENT
    if task.kind == "regression":
        return numbers.shown(standing.score, "number", here.language, task.meaning.unit)
    return numbers.percent(standing.score, here.language)


def _band(here: Here, item: WorkItem, standing: Standing | None) -> str:
    """The band by now; that the case is gone, where it is."""
    _, task = here.say, here.tasks.get(item.task)
    if task is None or standing is None:
        return _("no longer there")
    return band_label(task, standing.band, here.language)
