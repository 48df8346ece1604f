"""Today: is everything healthy, what needs attention, and who is first in line."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st

from dashboards import numbers
from dashboards.explore.cases import cases_sql
from dashboards.queries import home as queries
from dashboards.queries.morning import queue, scored
from dashboards.screens import domain
from dashboards.screens.domain import DomainPage
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts import concerns, empty
from dashboards.screens.parts.attention import show_attention, wrapping_links
from dashboards.screens.parts.first_in_line import Morning, show_card
from dashboards.screens.parts.health import data_health, delivery_health, model_health, show_health
from dashboards.screens.parts.person import person
from dashboards.worklist import checks, items, lists

_FIRST = 5  # cases of a task
_BESIDE = 3  # cards in a row


def draw(here: Here) -> None:
    """The home page."""
    _ = here.say
    st.title(_("Today"), anchor=False)
    st.caption(numbers.moment(datetime.now(UTC), here.language, here.zone))
    with st.spinner(_("Looking at data, models and deliveries …")):
        lines = (data_health(here), model_health(here), delivery_health(here))
    show_health(here, lines)
    if here.ask(queries.last_load) is None:
        empty.no_data(here)
        return
    every = domain.pages_of(here)
    found = _mornings(here, every)
    pages = [page for page in every if page.name in found]
    _show_attention(here, pages, found)
    _show_cards(here, pages, found)
    _show_loads(here)


def _mornings(here: Here, pages: Sequence[DomainPage]) -> dict[str, Morning | None]:
    """How the task of each page stands, and who waits, without what is handled.

    A page whose cases cannot be laid out (the table of a person's own task is another one now) is left out,
    and takes nothing from the others.
    """
    _ = here.say
    today = checks.today(here.settings)
    handled = lists.handled_cases(here.store, today)
    overdue = lists.overdue_cases(here.store, today)

    def of(page: DomainPage) -> Morning | None:
        task = here.tasks[page.task]
        newest = here.ask(scored, task)
        if newest is None:
            return None
        board = here.board(task, cases_sql(task), newest.as_of)
        left_out, late = handled.get(task.name, ()), overdue.get(task.name, ())
        return Morning(newest, here.ask_board(board, queue, task, left_out, late, _FIRST))

    with st.spinner(_("Laying out the cases …")):
        found = {}
        for page in pages:
            with errors_in_words(_, page.title(_)):
                found[page.name] = of(page)
        return found


def _show_attention(here: Here, pages: Sequence[DomainPage], found: Mapping[str, Morning | None]) -> None:
    _ = here.say
    counts = lists.counts(here.store, checks.today(here.settings), person(here))
    told = [
        *concerns.of_work(here, counts),
        *concerns.of_notices(here, queries.open_notices(here.store)),
        *concerns.of_sources(here),
    ]
    for page in pages:
        if each := found[page.name]:
            told += concerns.of_task(here, page, here.tasks[page.task], each)
    if told or found:  # who knows of no task does not say that all is done
        show_attention(here, told)


def _show_cards(here: Here, pages: Sequence[DomainPage], found: Mapping[str, Morning | None]) -> None:
    _ = here.say
    if not pages:
        return
    st.header(_("First in line"), anchor=False)
    if not any(found.values()):
        empty.nothing_scored(here)
        return
    today = checks.today(here.settings)
    with wrapping_links("first-in-line", gap="medium"):
        for row in range(0, len(pages), _BESIDE):
            for place, page in zip(st.columns(_BESIDE), pages[row : row + _BESIDE], strict=False):
                waiting = found[page.name]
                ids = [each.entity_id for each in waiting.queue.first] if waiting else []
                known = items.statuses(here.store, page.task, ids) if ids else {}
                with place:
                    show_card(here, page, waiting, known, today)


def _show_loads(here: Here) -> None:
    """What came in since yesterday, in a sentence."""
    _ = here.say
    # Whole hours, so that the question stays the same for a while and its answer is remembered.
    since = (datetime.now(UTC) - timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    loads, changed, refused = here.ask(queries.loaded_since, since)
    words = _("Since yesterday: {loads} loads, {rows} new or changed rows, {refused} records in quarantine.")
    sentence = words.format(
        loads=numbers.integer(loads, here.language),
        rows=numbers.integer(changed, here.language),
        refused=numbers.integer(refused, here.language),
    )
    with wrapping_links("loads"):
        st.page_link(
            here.pages["quality"],
            label=sentence if loads else _("Nothing was loaded since yesterday."),
            icon=":material/database:",
        )
