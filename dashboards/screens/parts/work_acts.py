"""What people do with cases of the worklist, one or several at once: a row of buttons."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from analytics.task import Task
from connectors.errors import AssistantError
from dashboards import numbers, refusals
from dashboards.cases.spoken import outcome_words
from dashboards.queries.predictions import classes_predicted
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.person import act, person
from dashboards.screens.parts.work_words import reads_notes
from dashboards.wording import together, with_value
from dashboards.worklist import checks, items, lists
from pipelines.store import WorkItem

_TOLD, _ACTS = "work-told", "work-acts"
_WIDE = 260


@dataclass(frozen=True)
class Chosen:
    """A case to act on: the name of its task, the task (None: gone), its item (None: nobody has it yet), and
    its identifier as the role may see it.
    """

    name: str
    task: Task | None
    entity_id: str
    item: WorkItem | None
    shown: str


def show_acts(here: Here, chosen: Sequence[Chosen], key: str) -> None:
    """The buttons that fit the cases; `key` tells this row of buttons from others on the page. What a click
    did is told by `show_told`, where the page has a place for it.
    """
    _ = here.say
    is_done = all(each.item is not None and each.item.status == "done" for each in chosen)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if is_done:
            if act(here, _("Open again"), key=f"{key}-reopen", icon=":material/undo:"):
                _do(here, chosen, items.reopen)
            return
        _take(here, chosen, key)
        _assign(here, chosen, key)
        _snooze(here, chosen, key)
        _due(here, chosen, key)
        _note(here, chosen, key)
        _finish(here, chosen, key)


def _take(here: Here, chosen: Sequence[Chosen], key: str) -> None:
    _ = here.say
    mine = [
        each for each in chosen if each.item and each.item.assignee and each.item.assignee == person(here)
    ]
    if len(mine) < len(chosen) or any(each.item and each.item.status != "doing" for each in mine):
        if act(here, _("Take it"), key=f"{key}-take", icon=":material/front_hand:", primary=True):
            _do(here, chosen, items.take)
    elif act(here, _("Give it back"), key=f"{key}-back", icon=":material/undo:"):
        _do(here, chosen, lambda s, task, case, who: items.assign(s, task, case, "", who, seen=who))


def _assign(here: Here, chosen: Sequence[Chosen], key: str) -> None:
    _ = here.say
    with st.popover(_("Assign"), icon=":material/person_add:", key=_fresh(f"{key}-assigning")):
        to = st.selectbox(
            _("To whom"),
            lists.people(here.store),
            index=None,
            accept_new_options=True,
            placeholder=_("choose or write a name"),
            key=_fresh(f"{key}-to"),
            width=_WIDE,
        )
        if act(here, _("Assign to this person"), key=f"{key}-assign", icon=":material/check:") and to:
            seen = {(each.name, each.entity_id): each.item.assignee if each.item else "" for each in chosen}
            _do(
                here,
                chosen,
                lambda s, task, case, who: items.assign(s, task, case, to, who, seen=seen[task, case]),
            )


def _snooze(here: Here, chosen: Sequence[Chosen], key: str) -> None:
    _ = here.say
    today = checks.today(here.settings)

    def until(day: date | None) -> None:
        _do(here, chosen, lambda s, task, case, who: items.snooze(s, task, case, day, who))

    with st.popover(_("Snooze"), icon=":material/snooze:", key=_fresh(f"{key}-snoozing")):
        if act(here, _("Until tomorrow"), key=f"{key}-tomorrow", icon=":material/wb_sunny:"):
            until(today + timedelta(days=1))
        if act(here, _("Until next Monday"), key=f"{key}-week", icon=":material/next_week:"):
            until(today + timedelta(days=7 - today.weekday()))
        day = _day(_("Until"), _fresh(f"{key}-until"), today + timedelta(days=1))
        if act(here, _("Until this day"), key=f"{key}-snooze", icon=":material/check:") and day:
            until(day)
        if any(each.item and each.item.snoozed_until for each in chosen) and act(
            here, _("End the snooze"), key=f"{key}-wake", icon=":material/alarm_off:"
        ):
            until(None)


def _due(here: Here, chosen: Sequence[Chosen], key: str) -> None:
    _ = here.say

    def by(day: date | None) -> None:
        _do(here, chosen, lambda s, task, case, who: items.due(s, task, case, day, who))

    with st.popover(_("Due date"), icon=":material/event:", key=_fresh(f"{key}-dating")):
        day = _day(_("To be done by"), _fresh(f"{key}-day"), checks.today(here.settings))
        if act(here, _("Set the due date"), key=f"{key}-due", icon=":material/check:") and day:
            by(day)
        if any(each.item and each.item.due_on for each in chosen) and act(
            here, _("No due date"), key=f"{key}-undue", icon=":material/event_busy:"
        ):
            by(None)


def _note(here: Here, chosen: Sequence[Chosen], key: str) -> None:
    _ = here.say
    with st.popover(_("Note"), icon=":material/edit_note:", key=_fresh(f"{key}-noting")):
        text = _text(here, _("What should others know?"), _fresh(f"{key}-text"))
        if act(here, _("Keep the note"), key=f"{key}-note", icon=":material/check:") and text:
            _do(here, chosen, lambda s, task, case, who: items.note(s, task, case, text, who))


def _finish(here: Here, chosen: Sequence[Chosen], key: str) -> None:
    _ = here.say
    with st.popover(_("Done"), icon=":material/task_alt:", key=_fresh(f"{key}-finishing")):
        outcome = _outcome(here, chosen, key)
        text = _text(here, _("What should others know?"), _fresh(f"{key}-last"))
        st.caption(_("What happened is feedback: the next training learns from it."))
        if act(here, _("This is done"), key=f"{key}-done", icon=":material/check:", primary=True):
            _do(
                here,
                chosen,
                lambda s, task, case, who: items.done(s, task, case, who, outcome=outcome, text=text),
            )


def _outcome(here: Here, chosen: Sequence[Chosen], key: str) -> str | None:
    """What happened, as the labels of the one task have it; None for not known."""
    _ = here.say
    task = chosen[0].task
    if task is None or any(each.name != chosen[0].name for each in chosen):
        return None
    if task.kind == "regression":
        value = st.number_input(_("What happened"), value=None, key=_fresh(f"{key}-value"), width=_WIDE)
        return None if value is None else repr(float(value))
    classes = task.classes or (
        here.ask_of_all(classes_predicted, task) if task.kind == "multiclass" else ("1", "0")
    )
    chosen_class: str | None = st.selectbox(
        _("What happened"),
        classes,
        index=None,
        format_func=lambda name: outcome_words(task, name, here.language),
        placeholder=_("not known"),
        key=_fresh(f"{key}-outcome"),
        width=_WIDE,
    )
    return chosen_class


def _day(label: str, key: str, first: date) -> Any:
    """A day from `first` on."""
    return st.date_input(
        label,
        value=None,
        min_value=first,
        max_value=first + checks.FURTHEST - timedelta(days=1),
        key=key,
        format="YYYY-MM-DD",
        width=_WIDE,
    )


def _text(here: Here, label: str, key: str) -> str:
    _ = here.say
    hint = None if reads_notes(here) else _("Your role writes notes, but only case workers read them.")
    text = st.text_area(label, key=key, max_chars=checks.LONGEST_NOTE, help=hint, height=100, width=_WIDE)
    return (text or "").strip()


def _do(here: Here, chosen: Sequence[Chosen], what: Callable[..., WorkItem]) -> None:
    """Does it with every case, each on its own; the page drawn anew tells what could not be done."""
    _ = here.say
    refused = []
    for each in chosen:
        try:
            what(here.settings, each.name, each.entity_id, person(here))
        except items.TakenError as error:
            taken = _("{case}: {person} has taken it already.")
            refused.append(taken.format(case=each.shown, person=error.by))
        except AssistantError as error:
            told = (refusals.in_words(words, _) for words in (error.problem, error.remedy))
            refused.append(with_value(each.shown, together(told, here.language), here.language))
    st.session_state[_TOLD] = (len(chosen) - len(refused), refused)
    if not refused:
        st.session_state[_ACTS] = st.session_state.get(_ACTS, 0) + 1
    st.rerun()


def _fresh(key: str) -> str:
    """The key of something that is shut and empty again once an act was noted."""
    return f"{key}-{st.session_state.get(_ACTS, 0)}"


def show_told(here: Here) -> None:
    """What the last click did."""
    _ = here.say
    kept, refused = st.session_state.pop(_TOLD, (0, []))
    if kept:
        words = _("Noted.") if kept == 1 else _("Noted for {cases} cases.")
        st.success(words.format(cases=numbers.integer(kept, here.language)), icon=":material/check_circle:")
    for problem in refused:
        st.error(escaped(problem), icon=":material/error:")
