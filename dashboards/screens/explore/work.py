"""What a view asks of the worklist, as cases: those left out, or those that alone are shown."""

from dataclasses import replace

from sqlalchemy import select

from dashboards.explore.view import View
from dashboards.screens.here import Here
from dashboards.screens.parts.person import person
from dashboards.worklist import checks, items
from pipelines.store import WorkItem

_NOBODY = "\x00"  # no case is called so: a worklist without cases shows none


def left_out(here: Here, task: str, view: View) -> tuple[str, ...]:
    """The cases that a view leaves out, since somebody is done with them or snoozed them."""
    return items.handled(here.store, task, checks.today(here.settings)) if view.work == "open" else ()


def narrowed(here: Here, task: str, view: View) -> View:
    """The view of the cases on the worklist alone, where it asks for those of a person or those done."""
    if view.work not in ("mine", "done"):
        return view
    is_wanted = WorkItem.status == "done" if view.work == "done" else WorkItem.status != "done"
    query = select(WorkItem.entity_id).where(WorkItem.task == task, is_wanted)
    if view.work == "mine":
        query = query.where(WorkItem.assignee == person(here), WorkItem.assignee != "")
    with here.store.session() as session:
        found = sorted(session.scalars(query))
    return replace(view, choices=(*view.choices, ("entity_id", tuple(found) or (_NOBODY,))))
