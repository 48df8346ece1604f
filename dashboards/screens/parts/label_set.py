"""Which outcomes are plausible for a case, in words."""

from typing import Any

import streamlit as st

from analytics.label_sets import BETWEEN, OF_TWO
from analytics.task import Task
from dashboards.figures import band_label
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.wording import in_language


def show_label_set(here: Here, task: Task, row: dict[str, Any]) -> None:
    """A sentence on the case's label set; nothing for values and for predictions that have none."""
    stored = row.get("label_set")
    if stored is not None and task.kind != "regression":
        st.caption(escaped(label_set_in_words(here, task, stored)))


def label_set_in_words(here: Here, task: Task, stored: str) -> str:
    """The set (class names joined by «|») as a sentence."""
    _ = here.say
    names = [name for name in stored.split(BETWEEN) if name]
    if not names:
        return _("No outcome fits well: this case is unlike those the model was tested on.")
    if task.kind == "multiclass":
        told = ", ".join(band_label(task, name, here.language) for name in names)
        return _("Plausible outcomes: {classes}.").format(classes=told)
    if len(names) > 1:
        return _("Both outcomes are plausible for this case; what is known of it does not rule one out.")
    event = in_language(task.meaning.positive, here.language)
    _negative, positive = task.classes or OF_TWO
    sentence = (
        _("Only one outcome is plausible: this {entity} {event}.")
        if names == [positive]
        else _("Only one outcome is plausible: for this {entity} the event does not come.")
    )
    return sentence.format(entity=in_language(task.meaning.entity, here.language), event=event)
