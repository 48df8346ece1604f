"""What if: other values of some features, and what the model would say then."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from analytics.task import Task
from analytics.what_if import Control, Tried, controls, tried
from dashboards.cases.spoken import difference_text, named, score_text
from dashboards.cases.tried import difference
from dashboards.domain_words import code_in_words, codes_of
from dashboards.figures import band_label
from dashboards.queries import cases
from dashboards.reasons import is_ratio, unit_of, value_text
from dashboards.screens.address import name_in_address
from dashboards.screens.case.scale import show_scale
from dashboards.screens.case.scene import LOOK, Scene, hidden, pool, say_nothing_can_be_tried
from dashboards.screens.here import Here
from dashboards.screens.parts.export import Searched
from dashboards.screens.parts.figure import escaped, show_figure

# What was found stays in view: on a phone the controls are longer than the screen.
_STAYS = """
<style>div:has(> .st-key-case-tried) {{position: sticky; top: 3.75rem; z-index: 10; background: {ground};
  padding-bottom: .4rem}}</style>
"""


TRYING = "if"  # this side of a case, in its address


def begin_with(task: Task, row: dict[str, Any], changes: Mapping[str, Any]) -> None:
    """Lets the controls of a case stand at these values, on this side of it, when it is drawn next."""
    name = _name(task, row)
    _reset(name)
    st.session_state[f"{name}-begin"] = dict(changes)
    name_in_address(LOOK, TRYING)


def show_what_if(here: Here, task: Task, row: dict[str, Any], scene: Scene | None, name: Searched) -> None:
    """Controls and, beside them, the score now and then; says so where the model cannot be asked.

    `name` is what this role may call the case.
    """
    _ = here.say
    if scene is None or scene.case is None:
        say_nothing_can_be_tried(here)
        return
    with st.spinner(_("Reading what values are usual…")):
        found = controls(task, scene.model, scene.case, pool(here, task, scene), scene.importance)
    found = [each for each in found if each.feature not in hidden(here, task)]
    if not found:
        st.info(_("There is nothing to try: no feature of this model has other values."))
        return
    st.caption(
        _(
            "Move what you like and see what the model would say. It is a statement about the model, not "
            "about cause: nobody knows from it what changing something would bring about."
        )
    )
    _try(here, task, row, scene, found, name)


@st.fragment
def _try(
    here: Here, task: Task, row: dict[str, Any], scene: Scene, found: list[Control], called: Searched
) -> None:
    """Only this part is drawn anew when something is moved: nothing is read or trained again."""
    assert scene.case is not None  # noqa: S101 - the caller looked
    _ = here.say
    name = _name(task, row)
    st.html(_STAYS.format(ground=_ground()))
    bar = st.container(key="case-tried")
    moves, says = st.columns([2, 3], gap="large")
    with moves:
        changes = _moved(here, task, name, found)
    result = tried(task, scene.model, scene.case, changes)
    with bar:
        _show_scores(here, task, result)
    with says:
        _compare(here, task, row, result)
        st.button(
            _("Reset"),
            icon=":material/restart_alt:",
            key=f"reset-{name}",
            disabled=not changes,
            on_click=_reset,
            args=(name,),
        )
        if changes:
            show_figure(here, difference(task, result, here.language), told=[called])
            _say_what_followed(here, task, result)
        else:
            st.caption(_("Nothing was moved yet."))


def _name(task: Task, row: dict[str, Any]) -> str:
    return f"if-{task.name}-{row['entity_id']}"


def _ground() -> str:
    """The colour of the page, for what stays in view while the rest passes below it."""
    dark = st.context.theme.type == "dark"
    told = st.get_option(f"theme.{'dark' if dark else 'light'}.backgroundColor")
    return str(told or ("#0e1117" if dark else "#ffffff"))


def _moved(here: Here, task: Task, name: str, found: list[Control]) -> dict[str, Any]:
    """The controls; what was moved away from its present value."""
    _ = here.say
    changes: dict[str, Any] = {}
    begin: dict[str, Any] = st.session_state.get(f"{name}-begin", {})
    heading = ""
    for control in found:
        of = _("What a person can act on") if control.actionable else _("What else the model goes by most")
        if of != heading:
            st.markdown(f"**{of}**")
            heading = of
        key = f"{name}-{control.feature}-{st.session_state.get(name, 0)}"
        first = begin.get(control.feature, control.now)
        value = _ask(here, task, _reaching(control, first), first, key)
        if _is_moved(control, value) or (control.feature in begin and value == first):
            changes[control.feature] = value
    return changes


def _reaching(control: Control, value: Any) -> Control:
    """The control, with this value among those that can be chosen."""
    if control.kind == "number" and value is not None:
        return replace(control, low=min(control.low, value), high=max(control.high, value))
    if control.choices and value is not None and value not in control.choices:
        return replace(control, choices=(*control.choices, value))
    return control


def _ask(here: Here, task: Task, control: Control, first: Any, key: str) -> Any:
    """What a person chooses, at first `first`."""
    label = escaped(named(task, control.feature, here.language))
    if control.kind == "number":
        return _ask_number(here, task, control, first, key, label)
    if control.kind == "date":
        return st.date_input(label, first, min_value=control.low, max_value=control.high, key=key)
    _ = here.say
    codes = codes_of(task.domain, _)

    def written(choice: Any) -> str:
        if isinstance(choice, bool):
            return value_text(control.feature, choice, task, here.language)
        return code_in_words(str(choice), codes)

    place = control.choices.index(first) if first in control.choices else None
    return st.selectbox(
        label,
        control.choices,
        index=place,
        format_func=written,
        placeholder=_("not known"),
        key=key,
    )


def _ask_number(
    here: Here, task: Task, control: Control, first: float | None, key: str, label: str
) -> float | None:
    _ = here.say
    unit = unit_of(control.feature, task, here.language)
    label = f"{label} ({escaped(unit)})" if unit else label
    whole = float(control.step).is_integer() and (first is None or float(first).is_integer())
    kind = int if whole and float(control.low).is_integer() and float(control.high).is_integer() else float
    share = is_ratio(control.feature, task)
    digits = 0 if kind is int else max(0, len(f"{control.step:f}".rstrip("0").partition(".")[2]))
    written = "percent" if share else f"%.{digits}f"
    low, high, step = kind(control.low), kind(control.high), kind(control.step)
    if first is None:  # a slider cannot stand nowhere
        return st.number_input(
            f"{label} (1 = 100%)" if share else label, low, high, None, step,
            format=f"%.{digits}f" if digits else None, placeholder=_("not known"), key=key,
        )  # fmt: skip
    return float(st.slider(label, low, high, kind(first), step, format=written, key=key))


def _is_moved(control: Control, value: Any) -> bool:
    if value is None or control.now is None:
        return value is not None
    if control.kind == "number":
        return bool(abs(float(value) - control.now) >= control.step / 2)  # a slider jumps from step to step
    return bool(value != control.now)


def _reset(name: str) -> None:
    """New controls under new names stand at the present values."""
    st.session_state[name] = st.session_state.get(name, 0) + 1
    st.session_state.pop(f"{name}-begin", None)


def _show_scores(here: Here, task: Task, result: Tried) -> None:
    """The score now and with the changes, beside each other."""
    _, language = here.say, here.language
    now, then = result.scores
    with st.container(horizontal=True):
        st.metric(_("Now"), score_text(task, now, language), border=True, width="stretch")
        st.metric(
            _("With the changes"),
            score_text(task, then, language),
            difference_text(task, then - now, language) if then != now else None,
            delta_color="off",
            border=True,
            width="stretch",
        )


def _compare(here: Here, task: Task, row: dict[str, Any], result: Tried) -> None:
    """What the model would say, in words and on the scale."""
    _, language, found = here.say, here.language, result.predictions
    now, then = result.scores
    before, after = (escaped(band_label(task, band, language)) for band in found.band)
    if before == after:
        st.markdown(_("The model would still say **{band}**.").format(band=after))
    else:
        st.markdown(
            _("The model would say **{after}** instead of **{before}**.").format(after=after, before=before)
        )
    if task.kind != "multiclass":
        ends = here.ask(cases.spread, task, row["as_of"])
        bounds = float(found.lower[1]), float(found.upper[1])
        show_scale(here, task, then, *bounds, ends=ends, before=now if then != now else None)


def _say_what_followed(here: Here, task: Task, result: Tried) -> None:
    """Features that the task derives from those that were moved."""
    _, language = here.say, here.language
    for feature, (before, after) in result.followed.items():
        words = _("«{feature}» follows: {before} → {after}.")
        st.caption(
            words.format(
                feature=escaped(named(task, feature, language)),
                before=escaped(value_text(feature, before, task, language)),
                after=escaped(value_text(feature, after, task, language)),
            )
        )
