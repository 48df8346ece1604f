"""Which scenario: one that is usual for the task, or changes of one's own; several at once."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Literal

import polars as pl
import streamlit as st

from analytics.task import Lever, Shock, Task
from dashboards.decide.stress import step_of
from dashboards.screens.address import address, name_in_address, tied, told
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
    first = list(task.stress.scenarios[0].shocks) if scenarios else []

    def now() -> list[Shock]:  # asked for anew by what a widget does: another one may have just been moved
        found = _in_address(levers)
        return first if found is None else found

    asked = now()
    same = next((each.name for each in scenarios.values() if list(each.shocks) == asked), None)

    if scenarios:
        st.pills(
            _("Usual scenarios"),
            list(scenarios),
            format_func=lambda name: escaped(in_language(scenarios[name].label, language)),
            **tied("decide-scenario", same, lambda name: _choose(scenarios[name].shocks if name else ())),
        )
    st.multiselect(
        _("What changes"),
        list(levers),
        format_func=lambda name: in_language(levers[name].label, language),
        max_selections=_MOST,
        placeholder=_("Choose what to change"),
        **tied(
            "decide-levers",
            [shock.lever for shock in asked],
            lambda names: _choose(_with_levers(now(), names)),
        ),
    )
    for shock in asked:
        _offer_amount(here, shock, now, levers[shock.lever], features)
    return asked


def _offer_amount(
    here: Here, shock: Shock, now: Callable[[], list[Shock]], lever: Lever, features: pl.DataFrame
) -> None:
    """By how much one lever moves: a share in percent, or a step in its unit."""
    _, language = here.say, here.language
    label = escaped(in_language(lever.label, language))
    ways = {"share": "%", "step": unit_in_words(lever.unit, language) or _("units")}
    if lever.unit == "%":
        ways["step"] = _("points")
    step = step_of(lever, features)

    def change(way: Literal["share", "step"], amount: float) -> None:
        new = Shock(shock.lever, way, amount)
        _choose([new if each.lever == shock.lever else each for each in now()])

    def change_amount(typed: float | None) -> None:
        change(shock.how, (typed or 0.0) / 100 if shock.how == "share" else typed or 0.0)

    def change_unit(way: Literal["share", "step"] | None) -> None:
        if way and way != shock.how:  # another unit: a number of its own
            change(way, _AT_FIRST if way == "share" else step)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            label,
            -100.0 if shock.how == "share" else -_FURTHEST,
            _FURTHEST,
            step=5.0 if shock.how == "share" else step,
            format="%.6g",
            width=260,
            **tied(
                f"decide-amount-{shock.lever}",
                float(100 * shock.amount if shock.how == "share" else shock.amount),
                change_amount,
            ),
        )
        st.segmented_control(
            _("Unit of «{lever}»").format(lever=label),
            list(ways),
            format_func=ways.__getitem__,
            required=True,
            label_visibility="collapsed",
            **tied(f"decide-how-{shock.lever}", shock.how, change_unit),
        )


def _in_address(levers: Mapping[str, Lever]) -> list[Shock] | None:
    """The shocks that the address gives, without those that make no sense; None where it gives none."""
    written = address().get(SHOCK)
    if written is None:
        return None
    found = []
    for text in written[:_MOST]:
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
    name_in_address(SHOCK, [f"{shock.lever}:{shock.how}:{told(shock.amount)}" for shock in shocks] or [""])


def _with_levers(asked: list[Shock], names: list[str]) -> list[Shock]:
    known = {shock.lever: shock for shock in asked}
    return [known.get(name) or Shock(name, "share", _AT_FIRST) for name in names]
