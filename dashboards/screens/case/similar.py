"""Similar past cases and what became of them."""

import polars as pl
import streamlit as st

from analytics.cases import Cases
from analytics.neighbours import nearest
from analytics.task import Task
from dashboards import numbers
from dashboards.cases.similar import neighbours_in_words, what_became
from dashboards.headings import free
from dashboards.screens.case.scene import Scene, hidden, pool
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown, labels, masked
from dashboards.screens.parts.export import Searched, show_table
from dashboards.screens.parts.figure import escaped


def show_similar(here: Here, task: Task, scene: Scene | None, entity: Shown, name: Searched) -> None:
    """How many of the nearest had the event, and the list of them; says so where none can be compared.

    `name` is what this role may call the case.
    """
    _ = here.say
    if scene is None or scene.case is None:
        st.info(
            _(
                "Similar cases cannot be looked for: the model of this score is not kept, or nothing is "
                "known of the case any more."
            ),
            icon=":material/block:",
        )
        return
    with st.spinner(_("Looking for similar past cases…")):
        past = pool(here, task, scene)
        found = nearest(task, past, scene.case, scene.importance)
    if found.is_empty():
        st.info(_("There is no past case whose outcome is known yet."), icon=":material/search_off:")
        return
    st.markdown(escaped(what_became(task, found, past, here.language)))
    words = _(
        "Alike is who has alike values in what the model goes by most; {cases} past cases with known "
        "outcomes were looked through. What became of them is no promise of what becomes of this one."
    )
    st.caption(words.format(cases=numbers.integer(len(past), here.language)))
    title = _("Similar past cases")
    show_table(here, "similar", _listed(here, task, scene, entity, found, past), [name], title=title)


def _listed(
    here: Here, task: Task, scene: Scene, entity: Shown, found: pl.DataFrame, past: Cases
) -> pl.DataFrame:
    ranked = [str(each["feature"]) for each in scene.importance if not each.get("event")]
    features = [name for name in ranked if name in past.features.columns]
    told = neighbours_in_words(task, found, past, features, hidden(here, task), here.language)
    who = masked(here, found.select(pl.col("entity_id").alias(entity.column)), [entity])[entity.column]
    return told.insert_column(0, who.alias(free(labels(here, [entity])[entity.column], told.columns)))
