"""What came of a prediction, as people say it: right, wrong, or the outcome; and what was said before."""

from datetime import datetime
from typing import Any

import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.cases.spoken import outcome_words
from dashboards.figures import band_label
from dashboards.queries import models
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.work_words import HIDDEN, reads_notes
from dashboards.wording import with_value
from pipelines.store import Feedback

_DEFAULT_THRESHOLD = 0.5


def show_feedback(here: Here, task: Task, row: dict[str, Any]) -> None:
    """What was said of this case, and for those who may, the buttons to say more."""
    _ = here.say
    said = models.feedback_on(here.store, task.name, row["entity_id"])
    if not said and not here.may_act:
        return
    st.header(_("Was the prediction right?"), anchor=False)
    for each in said[:5]:
        st.markdown("- " + escaped(_told(here, task, each)))
    if here.may_act:
        _offer(here, task, row)


def _told(here: Here, task: Task, each: Feedback) -> str:
    """One word of a person as a line."""
    _ = here.say
    verdicts = {"right": _("right"), "wrong": _("wrong"), "outcome": _("outcome")}
    told = verdicts.get(each.verdict, each.verdict)
    if each.outcome is not None:
        told = with_value(told, outcome_words(task, each.outcome, here.language), here.language)
    words = _("{day}: {verdict} ({who}), on the score of {scored}")
    line = words.format(
        day=numbers.day(each.at, here.language, here.zone),
        verdict=told,
        who=each.who or numbers.ABSENT,
        scored=numbers.day(each.as_of, here.language),
    )
    return f"{line}. {each.note if reads_notes(here) else HIDDEN}" if each.note else line


def _offer(here: Here, task: Task, row: dict[str, Any]) -> None:
    _ = here.say
    st.caption(_said_by_the_model(here, task, row))
    key = f"{task.name}-{row['entity_id']}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        right = st.button(_("Right"), icon=":material/thumb_up:", key=f"right-{key}")
        wrong = task.kind != "regression" and st.button(
            _("Wrong"), icon=":material/thumb_down:", key=f"wrong-{key}"
        )
        outcome = _outcome(here, task, row, key)
        entered = st.button(
            _("Enter the outcome"), icon=":material/check:", key=f"enter-{key}", disabled=outcome is None
        )
    if right or wrong:
        _tell(here, task, row, "right" if right else "wrong", None)
    elif entered and outcome is not None:
        _tell(here, task, row, "outcome", outcome)
    if st.session_state.pop(f"told-{key}", False):
        st.success(_("Thank you: the next training learns from it."), icon=":material/check_circle:")


def _said_by_the_model(here: Here, task: Task, row: dict[str, Any]) -> str:
    """What «right» would confirm."""
    _ = here.say
    if task.kind == "binary":
        version = next(
            (each for each in models.versions(here.store, task.name) if each.version == row["model_version"]),
            None,
        )
        decision = (version.metrics or {}).get("decision") if version else None
        threshold = float(decision["threshold"]) if decision else _DEFAULT_THRESHOLD
        sentence = (
            _("The model expects the event here: the score is not below {threshold}.")
            if row["score"] >= threshold
            else _("The model does not expect the event here: the score is below {threshold}.")
        )
        return sentence.format(threshold=numbers.percent(threshold, here.language))
    if task.kind == "multiclass":
        band = band_label(task, str(row["band"]), here.language)
        return _("The model says: {value}.").format(value=escaped(band))
    value = numbers.shown(row["score"], "number", here.language, task.meaning.unit)
    return _("The model says: {value}.").format(value=value)


def _outcome(here: Here, task: Task, row: dict[str, Any], key: str) -> str | None:
    """What a person enters, as the task's labels write it; None while nothing is entered."""
    _ = here.say
    if task.kind == "regression":
        value = st.number_input(_("What happened"), value=None, key=f"outcome-{key}", width=200)
        return None if value is None else repr(float(value))
    if task.kind == "binary":
        names = list(task.classes or ("0", "1"))
    else:
        names = [name.removeprefix("p_") for name in row if name.startswith("p_")]
    return st.selectbox(
        _("What happened"),
        names,
        index=None,
        format_func=lambda name: outcome_words(task, name, here.language),
        placeholder=_("choose"),
        key=f"outcome-{key}",
        width=230,
    )


def _tell(here: Here, task: Task, row: dict[str, Any], verdict: str, outcome: str | None) -> None:
    from analytics import feedback

    as_of: datetime = row["as_of"]
    with errors_in_words(here.say):
        feedback.add(
            here.settings,
            task,
            row["entity_id"],
            verdict,
            outcome,
            as_of=as_of.date(),
            who=here.role,
        )
        st.session_state[f"told-{task.name}-{row['entity_id']}"] = True
        st.rerun()
