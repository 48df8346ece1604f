"""Two looks at the cases side by side: two days, two segments, two versions of the model."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboards.explore.view import Against, View
from dashboards.queries import models
from dashboards.queries.explore_figures import there
from dashboards.screens.address import tied
from dashboards.screens.explore import sides
from dashboards.screens.explore.address import asked, follow, go
from dashboards.screens.explore.day import in_day, moment_of, named
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.more_filters import offered
from dashboards.screens.explore.told import value_in_words
from dashboards.screens.explore.versions import show_versions
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.said_back import said_back

_OPEN, _KIND, _TOLD = "compare-open", "compare-kind", "compare-told"


def offer_comparison(explored: Explored) -> None:
    """The choice of what to compare with, and what came of it."""
    _, against = explored.here.say, explored.view.against
    # Opened by a link that compares, or by hand. Not by `expanded`: Streamlit would take the expander for
    # another one as soon as that changes, and close it under the hand that changes what is compared.
    if against and st.session_state.get(_TOLD) != against:
        st.session_state[_OPEN] = True
    st.session_state[_TOLD] = against
    with st.expander(_("Compare"), icon=":material/compare_arrows:", key=_OPEN, on_change="rerun") as place:
        if place.open:
            _choose(explored)


def _choose(explored: Explored) -> None:
    _, against = explored.here.say, explored.view.against
    ways: dict[str, tuple[str, Callable[[Explored], None]]] = {
        "day": (_("Two days"), _days),
        "segment": (_("Two groups"), _segments),
        "version": (_("Two versions of the model"), _two_versions),
    }
    if against:
        st.session_state[_KIND] = against.kind
    kind = st.segmented_control(
        _("Compare"),
        list(ways),
        format_func=lambda name: ways[name][0],
        key=_KIND,
        label_visibility="collapsed",
        on_change=lambda: go(replace(asked(), against=None)),
    )
    if kind is None:
        st.caption(_("Choose what to put beside the cases above."))
        return
    ways[kind][1](explored)


def _days(explored: Explored) -> None:
    """The same filters on another scored day."""
    here, _ = explored.here, explored.here.say
    others = [moment for moment in explored.moments if moment != explored.as_of]
    if not others:
        st.info(_("Only one day has been scored so far."), icon=":material/event_busy:")
        return
    moment = _chosen(
        explored,
        _("With the day"),
        others,
        lambda each: in_day(here, each),
        moment_of(explored.moments, _value(explored, "day") or named(explored.as_of)),
        lambda each: Against("day", named(each)),
    )
    if moment is None:
        return
    with st.spinner(_("Laying out the cases …")):
        board = here.board(explored.task, explored.subject.cases, moment)
    sides.show(
        explored,
        sides.Side(in_day(here, explored.as_of), explored),
        sides.Side(in_day(here, moment), replace(explored, board=board, as_of=moment)),
    )


def _segments(explored: Explored) -> None:
    """The cases of the view in one group, and those in another one."""
    _, against = explored.here.say, explored.view.against
    columns = [name for name in explored.told_apart() if explored.sort(name) in ("text", "truth")]
    key = "compare-column"
    if against and against.kind == "segment":
        st.session_state[key] = against.column if against.column in columns else None
        if against.column not in columns:
            st.warning(
                _("The cases cannot be told apart by «{column}» (any more).").format(
                    column=said_back(against.column)
                ),
                icon=":material/search_off:",
            )
    column = st.selectbox(
        _("Groups by"), columns, index=None, format_func=explored.label, key=key, placeholder=_("choose"),
        on_change=lambda: go(replace(asked(), against=None)), width=260,
    )  # fmt: skip
    if column is None:
        return
    one = next(iter(explored.view.chosen(column)), None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        known = offered(explored, column, f"compare-find-{column}")
        named = [each for each in (one, _value(explored, "segment")) if each]
        options = list(dict.fromkeys([*explored.ask(there, column, named), *known, ""]))
        st.selectbox(
            _("One group"),
            options if one is None or one in options else [one, *options],
            format_func=lambda value: value_in_words(explored, column, value),
            placeholder=_("all"),
            width=260,
            **tied("compare-one", one, follow(_grouped(column))),
        )
        value = _chosen(
            explored,
            _("The other group"),
            [each for each in options if each != one],
            lambda each: value_in_words(explored, column, each),
            _value(explored, "segment"),
            lambda each: Against("segment", each, column),
        )
    if value is None:
        return
    first = value_in_words(explored, column, one) if one is not None else _("all")
    other = replace(
        explored,
        view=explored.view.choosing(column, [value]),
        asked=explored.asked.choosing(column, [value]),
    )
    sides.show(
        explored,
        sides.Side(first, explored),
        sides.Side(value_in_words(explored, column, value), other),
    )


def _two_versions(explored: Explored) -> None:
    """The same cases, scored by two versions."""
    _, names = explored.here.say, _versions(explored)
    if len(names) < 2:
        st.info(_("There is only one version of the model so far."), icon=":material/model_training:")
        return
    version = _chosen(
        explored,
        _("With the version"),
        names[1:],
        escaped,
        _value(explored, "version"),
        lambda each: Against("version", each),
    )
    if version is not None:
        show_versions(explored, names[0], version)


def _versions(explored: Explored) -> list[str]:
    """The versions of the task's model, the one in service first."""
    rows = models.versions(explored.here.store, explored.task.name)
    serving = [row.version for row in rows if row.state == "in_service"]
    return [*serving, *(row.version for row in rows if row.version not in serving)] if serving else []


def _value(explored: Explored, kind: str) -> str | None:
    against = explored.view.against
    return against.value if against and against.kind == kind else None


def _chosen(
    explored: Explored,
    label: str,
    options: Sequence[Any],
    written: Callable[[Any], str],
    chosen: Any,
    against: Callable[[Any], Against],
) -> Any:
    """The choice of what to compare with, tied to the address; what is not there (any more) is said."""
    _, told = explored.here.say, explored.view.against
    if told and chosen not in options:
        st.warning(
            _("«{value}» is not there to compare with (any more).").format(value=said_back(told.value)),
            icon=":material/search_off:",
        )
    return st.selectbox(
        label,
        options,
        format_func=written,
        placeholder="…",
        width=260,
        **tied(
            f"compare-{label}",
            chosen if chosen in options else None,
            follow(lambda view, each: replace(view, against=None if each is None else against(each))),
        ),
    )


def _grouped(column: str) -> Callable[[View, Any], View]:
    return lambda view, value: view.choosing(column, [] if value is None else [value])
