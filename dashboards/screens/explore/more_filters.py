"""A filter by any column that the role may see: a choice, a range of numbers or of days."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import streamlit as st

from dashboards.explore.view import Range, View
from dashboards.queries.explore import values
from dashboards.screens.address import tied
from dashboards.screens.explore.address import follow
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.told import is_share, value_in_words
from dashboards.screens.parts.figure import escaped

_MOST_FOUND = 100  # values offered at once; a beginning finds further ones
_COLUMN = "more-filters-column"


def offer_more(explored: Explored) -> None:
    """A button that opens the filter of a column to choose."""
    _ = explored.here.say
    columns = [name for name in explored.usable() if explored.sort(name) != "other" and name != "band"]
    with st.popover(_("More filters"), icon=":material/filter_list:", key="more-filters"):
        column = st.selectbox(
            _("Column"), columns, format_func=explored.label, key=_COLUMN, index=None, placeholder=_("choose")
        )
        if column is None:
            st.caption(_("Every column that you may see can narrow the list."))
        elif explored.sort(column) in ("text", "truth"):
            _choice(explored, column)
        elif explored.sort(column) in ("whole", "number"):
            _numbers(explored, column)
        else:
            _days(explored, column)


def offered(explored: Explored, column: str, key: str) -> list[str]:
    """The values of a column to choose from; where there are many, those that begin as a person says."""
    _ = explored.here.say
    found = explored.ask(values, column, "", _MOST_FOUND + 1)
    if len(found) > _MOST_FOUND:
        beginning = st.text_input(
            _("The value begins with"), key=key, type="search", max_chars=100, width=260
        )
        found = explored.ask(values, column, (beginning or "").strip(), _MOST_FOUND)
        if not found:
            st.caption(_("No value begins like this."))
    return found


def _choice(explored: Explored, column: str) -> None:
    _, chosen = explored.here.say, explored.view.chosen(column)
    found = offered(explored, column, f"more-find-{column}")
    st.multiselect(
        escaped(explored.label(column)),
        list(dict.fromkeys([*chosen, *found, ""])),
        format_func=lambda value: value_in_words(explored, column, value),
        placeholder=_("all"),
        select_all=False,
        **tied(
            f"more-choice-{column}",
            list(chosen),
            follow(lambda view, picked: view.choosing(column, picked)),
        ),
    )


def _numbers(explored: Explored, column: str) -> None:
    _, wanted = explored.here.say, explored.view.range_of(column)
    scale = 100 if is_share(explored, column) else 1
    unit = " (%)" if scale == 100 else ""
    for end, label, text in (("low", _("From"), wanted.low), ("high", _("Up to"), wanted.high)):
        bounded = _bounded(column, end, lambda number: _unscaled(number, scale))
        st.number_input(
            label + unit,
            value=None,
            format="%.6g",
            **tied(f"more-{end}-{column}", _scaled(text, scale), follow(bounded)),
        )


def _days(explored: Explored, column: str) -> None:
    _, wanted = explored.here.say, explored.view.range_of(column)
    for end, label, text in (("low", _("From"), wanted.low), ("high", _("Up to"), wanted.high)):
        bounded = _bounded(column, end, lambda day: day.isoformat() if day else "")
        st.date_input(
            label,
            value=None,
            min_value=date(1900, 1, 1),
            max_value=date(2200, 1, 1),
            **tied(f"more-{end}-{column}", _day(text), follow(bounded)),
        )


def _bounded(column: str, end: str, told: Callable[[Any], str]) -> Callable[[View, Any], View]:
    """What moving one end of a range does to a view: the other end stays."""

    def changed(view: View, value: Any) -> View:
        now, text = view.range_of(column), told(value)
        return view.within(column, Range(text, now.high) if end == "low" else Range(now.low, text))

    return changed


def _scaled(text: str, scale: int) -> float | None:
    try:
        return scale * float(text)
    except ValueError:
        return None


def _unscaled(number: float | None, scale: int) -> str:
    return "" if number is None else f"{number / scale:.12g}"


def _day(text: str) -> date | None:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
