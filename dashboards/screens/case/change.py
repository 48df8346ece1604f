"""What would change a score: the smallest change of what a person can act on that moves the band."""

from typing import Any

import polars as pl
import streamlit as st

from analytics.recourse import Change, plausible_by, smallest_change_of
from analytics.task import Task
from dashboards.cases.spoken import named, score_text, told
from dashboards.figures import band_label
from dashboards.screens.case.scene import KEPT, Scene, hidden, key_of_case, say_nothing_can_be_tried
from dashboards.screens.case.what_if import begin_with
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.export import Searched, show_sentences
from dashboards.screens.parts.figure import escaped


def offer_change(here: Here, task: Task, row: dict[str, Any], scene: Scene | None, name: Searched) -> None:
    """A button, and below it the change once it was asked for; nothing where there is nothing to better.

    `name` is what this role may call the case.
    """
    actionable = any(info.actionable for info in task.feature_info.values())
    if actionable and task.bands and row["band"] != task.bands[0].name:
        _offer(here, task, row, scene, name)


@st.fragment
def _offer(here: Here, task: Task, row: dict[str, Any], scene: Scene | None, name: Searched) -> None:
    """Only this part is drawn anew when somebody asks."""
    _ = here.say
    asked = f"change-{task.name}-{row['entity_id']}"
    if st.button(_("What would change it?"), icon=":material/alt_route:", key=f"ask-{asked}"):
        st.session_state[asked] = True
    if st.session_state.get(asked):
        with errors_in_words(_):
            _show_change(here, task, row, scene, name)


def _show_change(here: Here, task: Task, row: dict[str, Any], scene: Scene | None, name: Searched) -> None:
    _, language = here.say, here.language
    if scene is None or scene.case is None:
        say_nothing_can_be_tried(here)
        return
    with st.spinner(_("Looking for the smallest change…")):
        change = _change(key_of_case(here, task, row), task, scene)
    if change is None:
        st.info(
            _("No plausible change of what a person can act on moves this case to another band."),
            icon=":material/block:",
        )
        return
    before, after = (band_label(task, band, language) for band in (change.band_now, change.band_then))
    st.markdown(
        _("The model would say **{after}** ({score_then}) instead of **{before}** ({score_now}) if:").format(
            after=escaped(after),
            before=escaped(before),
            score_then=escaped(score_text(task, change.score_then, language)),
            score_now=escaped(score_text(task, change.score_now, language)),
        )
    )
    steps = _in_words(here, task, change)
    show_sentences(
        here,
        "change",
        steps.select(pl.all().map_elements(escaped, pl.String)),
        [name],
        title=_("What would change it?"),
        whole=lambda: steps,
    )
    if st.button(_("Try it out"), icon=":material/tune:", key=f"try-{task.name}-{row['entity_id']}"):
        begin_with(task, row, {step.feature: step.after for step in change.steps})
        st.rerun()
    st.caption(
        _(
            "This is a statement about the model, not about cause: it says which figures would make the "
            "model speak otherwise, not that changing them changes what happens."
        )
    )


def _in_words(here: Here, task: Task, change: Change) -> pl.DataFrame:
    """A row for each feature, those that follow from others below."""
    _, language, secret = here.say, here.language, hidden(here, task)
    follows = _("{feature} (follows from the others)")
    names = [
        *(named(task, step.feature, language) for step in change.steps),
        *(follows.format(feature=named(task, step.feature, language)) for step in change.followed),
    ]
    steps = (*change.steps, *change.followed)
    return pl.DataFrame(
        {
            _("What"): names,
            _("Is now"): [told(task, step.feature, step.before, secret, language) for step in steps],
            _("Would be"): [told(task, step.feature, step.after, secret, language) for step in steps],
        }
    )


@st.cache_data(ttl=KEPT, max_entries=64, show_spinner=False)
def _change(key: tuple[str, ...], _task: Task, _scene: Scene) -> Change | None:  # noqa: ARG001
    assert _scene.case is not None  # noqa: S101 - the caller looked
    known = plausible_by(_scene.card, _task, _scene.version)
    return smallest_change_of(_scene.model, _scene.case, known, _task)
