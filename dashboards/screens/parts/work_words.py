"""The worklist in words: how an item stands, what was done with it."""

from datetime import date

from analytics.task import Task
from dashboards import numbers
from dashboards.cases.spoken import outcome_words
from dashboards.figures import band_label
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.wording import with_value
from pipelines.access import visible_to
from pipelines.store import WorkItem, WorkNote

HIDDEN = "•••"  # what stands for a note that a role may not read


def status_words(here: Here, item: WorkItem, on: date) -> str:
    """How an item stands on the day `on`, in a few words without its owner."""
    _ = here.say
    if item.status == "done":
        return _("done")
    if item.due_on and item.due_on < on:
        return _("overdue since {day}").format(day=numbers.day(item.due_on, here.language))
    if item.snoozed_until and item.snoozed_until > on:
        return _("snoozed until {day}").format(day=numbers.day(item.snoozed_until, here.language))
    words = {"open": _("open"), "returned": _("back: its band rose"), "doing": _("in progress")}
    return words.get(item.status, item.status)


def marker(here: Here, item: WorkItem | None, on: date) -> str:
    """An item in a column of a list: `in progress · Ann`; "" where nobody looks after the case."""
    if item is None:
        return ""
    return " · ".join(part for part in (status_words(here, item, on), item.assignee) if part)


def act_words(here: Here, task: Task | None, note: WorkNote) -> str:
    """What somebody did, as a line of Markdown: `Nov 22, 2026, 08:00 · Ann: snoozed until Nov 23`.

    Notes are free text about people: a role that may not read such sees that there is one.
    """
    _ = here.say
    when = numbers.moment(note.at, here.language, here.zone).rpartition(" (")[0]
    what = escaped(_said(here, task, note))
    said = with_value(f"**{escaped(note.who)}**", what, here.language) if note.who else what
    return f"{when} · {said}"


def reads_notes(here: Here) -> bool:
    """Whether this role may read what people wrote about people."""
    return "free_text" in visible_to(here.role)


def _said(here: Here, task: Task | None, note: WorkNote) -> str:
    _ = here.say
    if note.action == "note":
        return f"«{note.text}»" if reads_notes(here) else _("wrote a note") + f" {HIDDEN}"
    if note.action == "assigned":
        to = _("gave it to {person}").format(person=note.text)
        return to if note.text else _("gave it back to the list")
    if note.action in ("snoozed", "due"):
        return _moved_to(here, note)
    if note.action == "returned" and task:
        return _("It is back: its band rose to «{band}».").format(
            band=band_label(task, note.text, here.language)
        )
    if note.action == "done" and note.text:
        return _("done; {outcome}").format(outcome=outcome_words(task, note.text, here.language))
    words = {"taken": _("took it"), "done": _("done"), "reopened": _("opened it again")}
    return words.get(note.action, note.action)


def _moved_to(here: Here, note: WorkNote) -> str:
    _ = here.say
    if not note.text:
        return _("ended the snooze") if note.action == "snoozed" else _("took the due date away")
    words = _("snoozed it until {day}") if note.action == "snoozed" else _("set the due date to {day}")
    return words.format(day=numbers.day(date.fromisoformat(note.text), here.language))
