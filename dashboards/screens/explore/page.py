"""The cases of a task to explore: what is seen first is drawn first, what takes longer comes after."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from dashboards.explore.view import View
from dashboards.queries.explore import count
from dashboards.screens.explore import work
from dashboards.screens.explore.address import asked, link
from dashboards.screens.explore.charts import show_first_charts, show_more_charts
from dashboards.screens.explore.chips import show_chips
from dashboards.screens.explore.compare import offer_comparison
from dashboards.screens.explore.explored import Explored, Subject, permitted
from dashboards.screens.explore.filters import show_filters
from dashboards.screens.explore.headlines import FOUND, course_of, row_of, show_figures
from dashboards.screens.explore.listing import show_list
from dashboards.screens.explore.taking import offer_list
from dashboards.screens.here import Here

_STYLE = """
<style>
.st-key-explore-charts {min-height: 27rem}
.st-key-explore-filters, .st-key-explore-chips, .st-key-explore-order {row-gap: .6rem}
.st-key-explore-chips button {max-width: 100%}
.st-key-explore-list .nsewdrag, .st-key-explore-charts .nsewdrag {cursor: pointer}
</style>
"""


def explore(here: Here, subject: Subject, moments: Sequence[datetime], as_of: datetime) -> None:
    """Figures, filters, charts and the list of the cases scored at `as_of`, as the address asks for them."""
    _ = here.say
    with st.spinner(_("Laying out the cases …"), show_time=True):
        board = here.board(subject.task, subject.cases, as_of)
    view, gone = permitted(here, subject, board.schema, asked())
    explored = Explored(
        here=here,
        subject=subject,
        board=board,
        view=view,
        moments=tuple(moments),
        as_of=as_of,
        excluded=work.left_out(here, subject.task.name, view),
        asked=work.narrowed(here, subject.task.name, view),
    )
    st.html(_STYLE)
    if board.is_old:
        st.caption(_("Newer data is being laid out; reload the page in a moment to see it."))
    figures = st.empty()
    with figures.container():
        show_figures(explored)
    show_filters(explored)
    with st.spinner(_("Searching …")):
        found = int(row_of(explored)[FOUND] or 0)
    show_chips(explored, found, explored.ask(count, View()), gone)
    charts = st.container(key="explore-charts")
    st.header(_("Ranked list"), anchor=False)
    show_list(explored, found)
    if found:
        offer_list(explored, found)
    with charts:
        show_first_charts(explored)
    if found:
        show_more_charts(explored)
        offer_comparison(explored)
    if course := course_of(explored):
        with figures.container():
            show_figures(explored, course)


def offer_link(here: Here) -> None:
    """The address of what is shown, to copy and send."""
    _ = here.say
    with st.popover(_("Link"), icon=":material/link:", type="tertiary", key="explore-link"):
        st.caption(_("Whoever opens this address sees the same filters. Copy it with the sign at its end."))
        st.code(link(here), language=None, wrap_lines=True)
