"""Which scenario: one that is usual for the task, or changes of one's own; several at once."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import polars as pl
import streamlit as st

from analytics.task import Lever, Shock, Task
from dashboards.decide.stress import step_of
from dashboards.screens.decide.address import moved, shown, told
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.units import unit_in_words
from dashboards.wording import in_language

SHOCK = "shock"  # its name in the address: `shock=income:share:-0.1`
_AT_FIRST = -0.1  # the share by which a lever moves when it is chosen
_MOST = 8  # changes at once
_FURTHEST = 1e6


def asked_shocks(here: Here, task: Task, levers: Mapping[str, Lever], features: pl.DataFrame) -> list[Shock]:
    """What the address asks for, at first the first usual scenario; the widgets below write it."""
    _, language = here.say, here.language
    scenarios = {each.name: each for each in task.stress.scenarios}
    asked = _in_address(levers)
    if asked is None:
        asked = list(task.stress.scenarios[0].shocks) if scenarios else []
    same = next((each.name for each in scenarios.values() if list(each.shocks) == asked), None)

    def take_scenario() -> None:
        name = _state("decide-scenario")
        _choose(scenarios[name].shocks if name else ())

    if scenarios:
        usual = shown("decide-scenario", same)
        st.pills(
            _("Usual scenarios"),
            list(scenarios),
            format_func=lambda name: escaped(in_language(scenarios[name].label, language)),
            key=usual,
            on_change=moved(usual, take_scenario),
        )
    chosen = shown("decide-levers", [shock.lever for shock in asked])
    st.multiselect(
        _("What changes"),
        list(levers),
        format_func=lambda name: in_language(levers[name].label, language),
        key=chosen,
        max_selections=_MOST,
        placeholder=_("Choose what to change"),
        on_change=moved(chosen, lambda: _choose(_with_levers(asked, _state(chosen)))),
    )
    for place, shock in enumerate(asked):
        _offer_amount(here, asked, place, levers[shock.lever], features)
    return asked


def _offer_amount(here: Here, asked: list[Shock], place: int, lever: Lever, features: pl.DataFrame) -> None:
    """By how much one lever moves: a share in percent, or a step in its unit."""
    _, language = here.say, here.language
    shock, label = asked[place], escaped(in_language(lever.label, language))
    ways = {"share": "%", "step": unit_in_words(lever.unit, language) or _("units")}
    if lever.unit == "%":
        ways["step"] = _("points")
    how = shown(f"decide-how-{shock.lever}", shock.how)
    by = 100 * shock.amount if shock.how == "share" else shock.amount
    amount = shown(f"decide-amount-{shock.lever}", float(by))

    def changed() -> None:
        way = _state(how) or shock.how
        value = float(_state(amount) or 0.0)
        if way != shock.how:  # another unit: a number of its own
            value = 100 * _AT_FIRST if way == "share" else step_of(lever, features)
        new = Shock(shock.lever, way, value / 100 if way == "share" else value)
        _choose([*asked[:place], new, *asked[place + 1 :]])

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            label,
            -100.0 if shock.how == "share" else -_FURTHEST,
            _FURTHEST,
            step=5.0 if shock.how == "share" else step_of(lever, features),
            format="%.6g",
            key=amount,
            on_change=moved(amount, changed),
            width=260,
        )
        st.segmented_control(
            _("Unit of «{lever}»").format(lever=label),
            list(ways),
            format_func=ways.__getitem__,
            key=how,
            on_change=moved(how, changed),
            required=True,
            label_visibility="collapsed",
        )


def _in_address(levers: Mapping[str, Lever]) -> list[Shock] | None:
    """The shocks that the address gives, without those that make no sense; None where it gives none."""
    if SHOCK not in st.query_params:
        return None
    found = []
    for text in st.query_params.get_all(SHOCK)[:_MOST]:
        lever, _colon, rest = text.rpartition(":")[0].rpartition(":")
        how, amount = rest, text.rpartition(":")[2]
        try:
            value = float(amount)
        except ValueError:
            continue
        if lever in levers and how in ("share", "step") and isfinite(value) and abs(value) <= _FURTHEST:
            value = max(value, -1.0) if how == "share" else value
            found.append(Shock(lever, "share" if how == "share" else "step", value))
    return list({shock.lever: shock for shock in found}.values())


def _choose(shocks: list[Shock] | tuple[Shock, ...]) -> None:
    """Writes the shocks to the address; none at all are written as an empty one, so that they stay none."""
    st.query_params[SHOCK] = [f"{shock.lever}:{shock.how}:{told(shock.amount)}" for shock in shocks] or [""]


def _with_levers(asked: list[Shock], names: list[str]) -> list[Shock]:
    known = {shock.lever: shock for shock in asked}
    return [known.get(name) or Shock(name, "share", _AT_FIRST) for name in names]


def _state(key: str) -> Any:
    return st.session_state[key]
