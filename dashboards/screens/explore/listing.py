"""The ranked list: ordered and paged by the database, in the columns of the view; a row opens its case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.explore.figure import SAME
from dashboards.explore.view import View
from dashboards.figures import band_label
from dashboards.queries.explore import After, page
from dashboards.reasons import in_words as reasons_in_words
from dashboards.screens.explore.address import follow, go, tied
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.told import is_share, value_in_words
from dashboards.screens.parts.columns import in_words, labels, masked
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.work_words import marker
from dashboards.wording import together
from dashboards.worklist import checks, items

PAGE_SIZE = 20
_ALWAYS = ("entity_id", "score", "band", "reasons", "score_before", "band_before", "moved")
_DRAWN = ("score", "band")  # columns that the list shows in a way of their own
_PAGES = "explore-pages"


@dataclass(frozen=True)
class _Table:
    """The page of the list as people read it: its frame, which columns are numbers, what heads stand for."""

    frame: pl.DataFrame
    numeric: list[str]
    columns: Mapping[str, str]  # head -> column


def show_list(explored: Explored, found: int) -> None:
    """One page of the cases, its order, its columns, and the way to the next page."""
    _ = explored.here.say
    if not found:
        st.info(
            _("No case passes these filters. Take one away to see more."), icon=":material/filter_alt_off:"
        )
        return
    _offer_order(explored)
    st.caption(_in_a_sentence(explored, found))
    begins = _begins(explored)
    shown = explored.ask(page, explored.asked, _columns(explored), PAGE_SIZE, explored.excluded, begins[-1])
    _show_rows(explored, shown.rows)
    _offer_pages(explored, begins, shown.next, shown.rows.height, found)


def _in_a_sentence(explored: Explored, found: int) -> str:
    """How many cases there are, in which order, and what a click does."""
    _, language = explored.here.say, explored.here.language
    column, down = _order(explored.view)
    if (column, down) == ("score", True):
        words = _("{cases} cases, highest score first.")
    elif down:
        words = _("{cases} cases, from the highest «{column}» down.")
    else:
        words = _("{cases} cases, from the lowest «{column}» up.")
    told = words.format(cases=numbers.integer(found, language), column=escaped(explored.label(column)))
    hint = _("Choose a row to open it, a heading to sort by it.") if explored.subject.on_open else ""
    return together([told, hint], language)


def _columns(explored: Explored) -> list[str]:
    return list(dict.fromkeys([*_ALWAYS, *(each for each in chosen_columns(explored))]))


def chosen_columns(explored: Explored) -> list[str]:
    """The columns that the view lists beside score and band; those of the page where it names none."""
    names = explored.view.columns or [each.column for each in explored.subject.columns]
    return [name for name in names if name in explored.listed() and name not in _DRAWN]


def _offer_order(explored: Explored) -> None:
    """The order of the list and its columns."""
    _, view = explored.here.say, explored.view
    usable, listed = (
        dict.fromkeys(["score", "band", *explored.usable()]),
        [name for name in explored.listed() if name not in _DRAWN],
    )
    sorted_by, down = _order(view)
    with st.container(horizontal=True, vertical_alignment="bottom", key="explore-order"):
        st.selectbox(
            _("Sort by"),
            list(usable),
            format_func=explored.label,
            key=tied("explore-sort", sorted_by),
            on_change=follow("explore-sort", lambda view, column: _sorting(view, column, down=True)),
            width=220,
        )
        st.segmented_control(
            _("Direction"),
            ["down", "up"],
            format_func=lambda way: _("Highest first") if way == "down" else _("Lowest first"),
            key=tied("explore-way", "down" if down else "up"),
            on_change=follow(
                "explore-way", lambda view, way: _sorting(view, _order(view)[0], down=way == "down")
            ),
            required=True,
            label_visibility="collapsed",
        )
        with st.popover(_("Columns"), icon=":material/view_column:", key="explore-columns"):
            st.multiselect(
                _("Columns"),
                listed,
                format_func=explored.label,
                key=tied("explore-cols", chosen_columns(explored)),
                on_change=follow("explore-cols", lambda view, names: replace(view, columns=tuple(names))),
                placeholder=_("those of the page"),
                select_all=False,
            )


def _order(view: View) -> tuple[str, bool]:
    """The column that a view sorts by, and whether from the greatest down."""
    return (view.sort.removeprefix("-"), view.sort.startswith("-")) if view.sort else ("score", True)


def _sorting(view: View, column: str, *, down: bool) -> View:
    sort = ("-" if down else "") + column
    return replace(view, sort="" if sort == "-score" else sort)


def _begins(explored: Explored) -> list[After | None]:
    """Where the pages up to the one that is looked at begin. A new question starts on its first page."""
    question = (explored.task.name, explored.board.key, explored.asked.query(), explored.excluded)
    kept = st.session_state.get(_PAGES)
    if not kept or kept[0] != question:
        st.session_state[_PAGES] = kept = (question, [None])
    return list(kept[1])


def _turn(begins: list[After | None]) -> None:
    st.session_state[_PAGES] = (st.session_state[_PAGES][0], begins)


def _offer_pages(
    explored: Explored, begins: list[After | None], following: After | None, shown: int, found: int
) -> None:
    _, language = explored.here.say, explored.here.language
    first = (len(begins) - 1) * PAGE_SIZE + 1
    with st.container(horizontal=True, vertical_alignment="center", key="explore-pages"):
        st.markdown(
            _("{first}–{last} of {all}").format(
                first=numbers.integer(first, language),
                last=numbers.integer(first + shown - 1, language),
                all=numbers.integer(found, language),
            ),
            width="content",
        )
        if found > PAGE_SIZE:
            st.button(
                _("Previous"),
                icon=":material/chevron_left:",
                key="page-before",
                disabled=len(begins) == 1,
                on_click=_turn,
                args=(begins[:-1],),
            )
            st.button(
                _("Next"),
                icon=":material/chevron_right:",
                icon_position="right",
                key="page-after",
                disabled=following is None,
                on_click=_turn,
                args=([*begins, following],),
            )


def _show_rows(explored: Explored, rows: pl.DataFrame) -> None:
    _, on_open = explored.here.say, explored.subject.on_open
    table = _in_words(explored, rows)
    # Every click makes a new table, so that the browser keeps no row or head selected.
    clicks = "explore-list-clicks"
    key = f"explore-list-{st.session_state.get(clicks, 0)}"

    def chosen() -> None:
        selection = st.session_state[key]["selection"]
        st.session_state[clicks] = st.session_state.get(clicks, 0) + 1
        places = selection["rows"] or [row for row, _column in selection["cells"]]
        if places and on_open and places[0] < rows.height:
            on_open(str(rows["entity_id"][places[0]]))
        elif selection["columns"] and (column := table.columns.get(selection["columns"][0])):
            sorted_by, down = _order(explored.view)
            go(_sorting(explored.view, column, down=not down if column == sorted_by else True))

    st.dataframe(
        table.frame,
        hide_index=True,
        key=key,
        on_select=chosen,
        selection_mode=["single-column", *(["single-row", "single-cell"] if on_open else [])],  # type: ignore[list-item]
        column_config={
            _("Score"): _score_column(explored),
            **{name: st.column_config.TextColumn(alignment="right") for name in table.numeric},
        },
        height="content",
        alt=_("Ranked list"),
    )


def _in_words(explored: Explored, rows: pl.DataFrame) -> _Table:
    here, task, _ = explored.here, explored.task, explored.here.say
    entity, listed = explored.subject.entity, explored.listed()
    columns = [listed[name] for name in chosen_columns(explored)]
    seen, names = masked(here, rows, (entity, *columns)), labels(here, (entity, *columns))
    table: dict[str, Any] = {
        names[entity.column]: [in_words(here, value) for value in seen[entity.column]],
        _("Score"): 100 * rows["score"] if is_share(explored, "score") else rows["score"],
        _("Band"): [band_label(task, str(band), here.language) for band in rows["band"]],
    }
    heads = {_("Score"): "score", _("Band"): "band"}
    if rows["moved"].null_count() < rows.height:
        table[_("Change")] = [_change(explored, row) for row in rows.iter_rows(named=True)]
    if rows["reasons"].null_count() < rows.height:
        table[_("Strongest reason")] = reasons_in_words(rows["reasons"], task, here.language, most=1)
    if any(told := _work(explored, rows["entity_id"].to_list())):
        table[_("Worklist")] = told
    usable = explored.usable()
    for each in columns:
        table[names[each.column]] = [_value(explored, each.column, value) for value in seen[each.column]]
        if each.column in usable:
            heads[names[each.column]] = each.column
    numeric = [names[each.column] for each in columns if seen.schema[each.column].is_numeric()]
    return _Table(pl.DataFrame(table), numeric, heads)


def _work(explored: Explored, ids: Sequence[str]) -> list[str]:
    """How each case stands on the worklist; "" where nobody looks after it."""
    here = explored.here
    held, today = items.statuses(here.store, explored.task.name, ids), checks.today(here.settings)
    return [marker(here, held.get(entity), today) for entity in ids]


def _value(explored: Explored, column: str, value: Any) -> str:
    here = explored.here
    if value is not None and is_share(explored, column):
        return numbers.percent(value, here.language)
    if value is not None and column in ("moved", "band_before"):
        return value_in_words(explored, column, str(value))
    return in_words(here, value, explored.subject.codes)


def _change(explored: Explored, row: Mapping[str, Any]) -> str:
    """How far the score moved since the moment scored before, and from which band: `+12.3 (was Medium)`."""
    _, language = explored.here.say, explored.here.language
    if row["moved"] == "new":
        return _("new")
    if row["score_before"] is None:
        return numbers.ABSENT
    difference = row["score"] - row["score_before"]
    written = numbers.points if is_share(explored, "score") else numbers.signed
    told = written(difference, language)
    told = told if told.strip("+-0.") else SAME
    if row["moved"] == "same":
        return told
    before = band_label(explored.task, str(row["band_before"]), language)
    return _("{change} (was {band})").format(change=told, band=before)


def _score_column(explored: Explored) -> Any:
    if not is_share(explored, "score"):
        return st.column_config.NumberColumn(format="localized", width="small")
    return st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100, width=140)
