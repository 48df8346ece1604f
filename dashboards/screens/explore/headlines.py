"""The figures of the view, how far they moved since the moment scored before, and their course until now."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import streamlit as st

from dashboards.explore.board import Board
from dashboards.explore.figure import Figure
from dashboards.explore.view import View
from dashboards.queries.explore import count
from dashboards.queries.explore_figures import added_up
from dashboards.screens.explore.day import in_day
from dashboards.screens.explore.explored import Explored
from dashboards.screens.parts.headline import STYLE

MOST_MOMENTS = 8  # of the course
FOUND = "found"  # beside the figures of a page: how many cases the view shows
_AT_ONCE = 300_000  # cases of a day: of larger boards no earlier ones are laid out while a person waits

Row = Mapping[str, float | None]


def show_figures(explored: Explored, course: Sequence[tuple[datetime, Row]] = ()) -> None:
    """The figures side by side; with their `course` (oldest first, this moment last) as lines below them."""
    here, now = explored.here, row_of(explored)
    before = course[-2] if len(course) > 1 else None
    st.html(STYLE)
    with st.container(key="headlines-with-course" if course else "headlines-now"):
        for figure in explored.subject.figures:
            values = [float(row[figure.name] or 0) for _moment, row in course]
            change = _change(explored, figure, now, before[1]) if before else None
            st.metric(
                figure.label(here.say),
                figure.written(now[figure.name], here.language),
                change,
                delta_color="off",
                delta_arrow="auto" if change and change[0] in "+-" else "off",
                help=figure.help(here.say) if figure.help else None,
                border=True,
                chart_data=values if len(values) > 2 else None,
            )
    if before:
        st.caption(_of_course(explored, before[0], len(course)))


def course_of(explored: Explored) -> list[tuple[datetime, Row]]:
    """The figures of the same view at the moments scored until now, oldest first; of many cases only those of
    the moment before, and only if they are laid out already.
    """
    here, earlier = explored.here, _boards_before(explored)
    rows = [
        (moment, here.ask_board(board, added_up, explored.filters, _sums(explored), explored.excluded))
        for moment, board in earlier
    ]
    told = [(moment, row.row(0, named=True)) for moment, row in rows]
    return [*told, (explored.as_of, row_of(explored))] if told else []


def _boards_before(explored: Explored) -> list[tuple[datetime, Board]]:
    here, task, cases = explored.here, explored.task, explored.subject.cases
    earlier = [moment for moment in explored.moments if moment < explored.as_of][: MOST_MOMENTS - 1]
    if explored.ask(count, View()) <= _AT_ONCE:
        return [(moment, here.board(task, cases, moment)) for moment in reversed(earlier)]
    laid_out = [(moment, here.board_laid_out(task, cases, moment)) for moment in earlier[:1]]
    return [(moment, board) for moment, board in laid_out if board]


def row_of(explored: Explored) -> Row:
    """The figures of a view of the board, by their names; and FOUND."""
    return explored.ask(added_up, explored.filters, _sums(explored), explored.excluded).row(0, named=True)


def _sums(explored: Explored) -> list[tuple[str, str]]:
    return [(FOUND, "count(*)"), *((each.name, each.sql) for each in explored.subject.figures)]


def _change(explored: Explored, figure: Figure, now: Row, before: Row) -> str:
    changed = figure.change(now[figure.name], before[figure.name], explored.here.language)
    return changed or explored.here.say("no comparison")


def _of_course(explored: Explored, before: datetime, moments: int) -> str:
    """What the changes and the lines of the figures are measured against."""
    here, _ = explored.here, explored.here.say
    words = (
        _("Below each figure: the change since {day}, and its course over the last {moments} scorings.")
        if moments > 2
        else _("Below each figure: the change since {day}.")
    )
    return words.format(day=in_day(here, before), moments=moments)
