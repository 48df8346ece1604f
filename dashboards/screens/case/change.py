"""What would change a score: the smallest change of what a person can act on that moves the band."""

from typing import Any

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.figures import band_label
from dashboards.reasons import feature_label, value_text
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.export import show_sentences
from dashboards.screens.parts.figure import escaped


def offer_change(here: Here, task: Task, row: dict[str, Any], name: str) -> None:
    """A button, and below it the change once it was asked for; nothing where there is nothing to better.

    `name` is what this role may call the case.
    """
    _ = here.say
    actionable = any(info.actionable for info in task.feature_info.values())
    if not actionable or not task.bands or row["band"] == task.bands[0].name:
        return
    asked = f"change-{task.name}-{row['entity_id']}"
    if st.button(_("What would change it?"), icon=":material/alt_route:", key=f"ask-{asked}"):
        st.session_state[asked] = True
    if st.session_state.get(asked):
        with errors_in_words(_):
            _show_change(here, task, row, name)


def _show_change(here: Here, task: Task, row: dict[str, Any], name: str) -> None:
    from analytics.recourse import smallest_change

    _, language = here.say, here.language
    with st.spinner(_("Looking for the smallest change…")):
        change = smallest_change(here.settings, task, row["entity_id"], row["as_of"])
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
            score_then=numbers.percent(change.score_then, language),
            score_now=numbers.percent(change.score_now, language),
        )
    )
    steps = pl.DataFrame(
        {
            _("What"): [feature_label(step.feature, task, language) for step in change.steps],
            _("Is now"): [value_text(step.feature, step.before, task, language) for step in change.steps],
            _("Would be"): [value_text(step.feature, step.after, task, language) for step in change.steps],
        }
    )
    show_sentences(
        here,
        "change",
        steps.select(pl.all().map_elements(escaped, pl.String)),
        [name],
        title=_("What would change it?"),
        whole=lambda: steps,
    )
    st.caption(
        _(
            "This is a statement about the model, not about cause: it says which figures would make the "
            "model speak otherwise, not that changing them changes what happens."
        )
    )
