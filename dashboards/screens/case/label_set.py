"""Which outcomes are plausible for a case, in words."""

from typing import Any

import streamlit as st

from analytics.label_sets import BETWEEN, OF_TWO
from analytics.task import Task
from dashboards.figures import band_label
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.wording import with_commas


def show_label_set(here: Here, task: Task, row: dict[str, Any]) -> None:
    """A sentence on the case's label set; nothing for values and for predictions that have none."""
    stored = row.get("label_set")
    if stored is not None and task.kind != "regression":
        st.caption(escaped(label_set_in_words(here, task, stored)))


def label_set_in_words(here: Here, task: Task, stored: str) -> str:
    """The set (class names joined by «|») as a sentence.

    A class is left out where nine in ten of its own held-out cases fit it better; that says less than that it
    will not come true, so the words speak of the scores of others (`analytics.label_sets`).
    """
    _ = here.say
    names = [name for name in stored.split(BETWEEN) if name]
    if not names:
        return _("This case is unlike those the model was tested on: no outcome fits it well.")
    if task.kind == "multiclass":
        told = with_commas((band_label(task, name, here.language) for name in names), here.language)
        return _("Classes that cannot be ruled out: {classes}.").format(classes=told)
    if len(names) > 1:
        return _("Its score is usual for cases with the event and for cases without it.")
    _negative, positive = task.classes or OF_TWO
    if names == [positive]:
        return _("Its score is unusual for a case without the event: nine in ten of those score lower.")
    return _("Its score is unusual for a case with the event: nine in ten of those score higher.")
