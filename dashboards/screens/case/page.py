"""One case: its score with interval on the scale of bands, why, what happened, who is like it, what if."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.cases.history import history
from dashboards.queries import predictions
from dashboards.queries.cases import Events, Facts
from dashboards.screens.case.change import offer_change
from dashboards.screens.case.events import show_events
from dashboards.screens.case.feedback import show_feedback
from dashboards.screens.case.known import facts_of, show_facts
from dashboards.screens.case.reasons import show_reasons
from dashboards.screens.case.scene import scene_of
from dashboards.screens.case.similar import show_similar
from dashboards.screens.case.verdict import show_verdict
from dashboards.screens.case.what_if import show_what_if
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown, labels, masked
from dashboards.screens.parts.figure import escaped, show_figure


def show_case(
    here: Here,
    task: Task,
    entity_id: str,
    entity: Shown,
    facts: Sequence[Facts],
    events: Sequence[Events],
    codes: Mapping[str, str],
) -> None:
    """The page of one case; says so if there is no such case (any more)."""
    _ = here.say
    found = here.ask(predictions.one, task, entity_id)
    if found.is_empty():
        st.warning(
            _("There is no case «{id}» among the predictions.").format(id=escaped(entity_id)),
            icon=":material/search_off:",
        )
        return
    row = found.row(0, named=True)
    kind = labels(here, [entity])[entity.column]
    seen = str(masked(here, found, [entity])[entity.column][0])
    scene = scene_of(here, task, row)
    st.title(f"{escaped(kind)} {escaped(seen)}", anchor=False)
    show_verdict(here, task, row, here.ask_of_all(predictions.days, task)[0])
    why, happened, similar, what_if = st.tabs(
        [
            f":material/lightbulb: {_('Why')}",
            f":material/history: {_('What happened')}",
            f":material/group: {_('Similar cases')}",
            f":material/tune: {_('What if')}",
        ],
        key=f"case-{task.name}",
        on_change="rerun",
    )
    with why:
        if why.open:
            left, right = st.columns([3, 2], gap="large")
            with left:
                show_reasons(here, task, row, scene)
                offer_change(here, task, row)
            with right:
                show_facts(here, facts_of(here, facts, entity_id, codes))
    with happened:
        if happened.open:
            if found["as_of"].n_unique() > 1:
                show_figure(here, history(task, found, here.language))
            show_events(here, events, entity_id, row["as_of"], codes)
    with similar:
        if similar.open:
            show_similar(here, task, scene, entity)
    with what_if:
        if what_if.open:
            show_what_if(here, task, row, scene)
    show_feedback(here, task, row)
    _show_origin(here, row)


def _show_origin(here: Here, row: dict[str, Any]) -> None:
    _ = here.say
    words = _("Scored on {day} by model {model} from snapshot {snapshot} of the data.")
    st.caption(
        words.format(
            day=numbers.moment(row["scored_at"], here.language, here.zone),
            model=row["model_version"],
            snapshot=row["snapshot_id"],
        )
    )
