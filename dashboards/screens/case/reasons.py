"""Why a case has its score: the waterfall, or what is stored of it where the model is gone."""

from typing import Any

import streamlit as st

from analytics.task import Task
from dashboards import figures
from dashboards.cases.spoken import score_text
from dashboards.cases.why import how_to_read, why
from dashboards.reasons import reasons_of
from dashboards.screens.case.scene import Scene, hidden
from dashboards.screens.here import Here
from dashboards.screens.parts.export import Searched
from dashboards.screens.parts.figure import show_figure


def show_reasons(here: Here, task: Task, row: dict[str, Any], scene: Scene | None, name: Searched) -> None:
    """The steps from an average case to this one, as the model that made the score counts them.

    `name` is what this role may call the case.
    """
    _ = here.say
    way = None
    if scene and scene.case:
        with st.spinner(_("Looking for the reasons…")):
            way = scene.way
    if scene and way:
        show_figure(here, why(task, way, hidden(here, task), here.language), told=[name])
        st.caption(how_to_read(task, here.language))
        if not scene.tells(row):
            _say_it_changed(here, task, scene)
        return
    reasons = reasons_of(row["reasons"], task, here.language)
    if reasons:
        show_figure(here, figures.reasons_of_case(task, reasons, here.language), told=[name])
        st.caption(
            _("Each bar says how far this fact moved the score, up or down, from that of an average case.")
        )
    if scene is None:
        st.caption(_("The model that made this score is not kept any more: no more can be said about why."))
    else:
        st.caption(_("The data know nothing of this case any more: no more can be said about why."))


def _say_it_changed(here: Here, task: Task, scene: Scene) -> None:
    _ = here.say
    words = _("The data were corrected since this was scored: the same model would say {score} today.")
    st.info(words.format(score=score_text(task, scene.score, here.language)), icon=":material/sync_problem:")
