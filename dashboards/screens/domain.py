"""The screen of one task: the overview with its ranked list, or one case of it.

What differs between domains is data: a `DomainPage`, declared in `dashboards/domains/<domain>/page.py` and
found by import. Tasks that people made over their own tables get their page from the table's contract.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import streamlit as st

from analytics.task import Flat, Task
from dashboards import domains
from dashboards.addresses import CASE, page_of
from dashboards.domain_words import general_purpose
from dashboards.explore.cases import cases_sql, own_row
from dashboards.explore.figure import Figure, usual
from dashboards.explore.own_columns import own_column
from dashboards.queries.cases import Events, Facts
from dashboards.queries.predictions import by_band, days
from dashboards.screens import model, only
from dashboards.screens.address import name_in_address
from dashboards.screens.case.about import About
from dashboards.screens.case.page import show_case
from dashboards.screens.case.scene import LOOK
from dashboards.screens.decide.tab import DECIDE, applies
from dashboards.screens.explore.day import choose_day
from dashboards.screens.explore.explored import Subject
from dashboards.screens.explore.page import explore, offer_link
from dashboards.screens.here import Here
from dashboards.screens.parts import empty
from dashboards.screens.parts.choosing import choose
from dashboards.screens.parts.columns import Shown, shown_columns
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.heard import head_unseen
from dashboards.screens.parts.saved_views import offer_saved_views
from dashboards.screens.parts.view_subscribing import offer_subscription
from dashboards.screens.tab import TAB, Tab
from dashboards.wording import Say, in_language
from pipelines.catalog import contracts
from pipelines.words import words

_MOST_COLUMNS = 6
_MOST_SEGMENTS = 2
_CASES = "cases"  # the first tab: the list


def _no_words(_: Say) -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class DomainPage:
    """What a domain's page shows.

    The cases are those of `explore.cases`; of their columns `columns` are listed, `segments` are filters,
    and `more` can be chosen beside them. `figures` are the sums at the top (default: the usual ones).
    `notice` says what the number must not be taken for, `outcome` names the chart of what really happened,
    `value_words` says the codes of the domain in words. `tabs` are the looks at the task beside the list.
    """

    name: str
    task: str
    title: Callable[[Say], str]
    icon: str
    about: Callable[[Say], str]
    entity: Shown
    columns: tuple[Shown, ...]
    segments: tuple[Shown, ...] = ()
    more: tuple[Shown, ...] = ()
    figures: Callable[[Task], tuple[Figure, ...]] = usual
    notice: Callable[[Say], str] | None = None
    outcome: Callable[[Say], str] | None = None
    value_words: Callable[[Say], dict[str, str]] = _no_words
    facts: tuple[Facts, ...] = ()
    events: tuple[Events, ...] = ()
    tabs: tuple[Tab, ...] = ()
    order: int = 100


@cache
def all_pages() -> tuple[DomainPage, ...]:
    """The pages that ship: `PAGES` of each `dashboards/domains/<domain>/page.py`."""
    modules = (
        importlib.import_module(f"{domains.__name__}.{found.name}.page")
        for found in pkgutil.iter_modules(domains.__path__)
    )
    return tuple(sorted((page for module in modules for page in module.PAGES), key=lambda page: page.order))


def pages_of(here: Here) -> tuple[DomainPage, ...]:
    """A page for every task: those that domains describe, those that ship without, those people made."""
    described = {page.task for page in all_pages()}
    plain = (
        _plain_page(here, task)
        for name, task in here.tasks.items()
        if name not in described and name not in here.settings.tasks
    )
    return (*all_pages(), *plain, *own_pages(here))


def own_pages(here: Here) -> tuple[DomainPage, ...]:
    """A page for each task that a person made over a table."""
    return tuple(_own_page(here, task) for name, task in here.tasks.items() if name in here.settings.tasks)


def screen(page: DomainPage) -> Callable[[Here], None]:
    """The function that draws `page`."""
    return partial(_draw, page)


def _draw(page: DomainPage, here: Here) -> None:
    _ = here.say
    task = here.tasks[page.task]
    moments = here.ask_of_all(days, task, tables=[task.predictions_table])
    only.show_chips(here)
    if model.is_asked():
        model.show_model(here, task)
        return
    case = st.query_params.get(CASE)
    if case and moments and here.sees_cases(task):
        if st.button(_("Back to the list"), icon=":material/arrow_back:", type="tertiary"):
            name_in_address(CASE, "", without=(LOOK,))  # the filters of the list stay
            st.rerun()
        notice = page.notice(_) if page.notice else ""
        about = About(task, page.entity, page.facts, page.events, _codes(here, page), notice)
        show_case(here, about, case)
        return
    st.title(escaped(page.title(_)), anchor=False)
    if case and not here.sees_cases(task):
        st.info(_("Your role sees no single case, so here are all of them."), icon=":material/lock:")
    st.markdown(page.about(_))
    if page.notice:
        st.info(page.notice(_), icon=":material/info:")
    if not moments:
        empty.no_predictions(here, task.name)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="page-head"):
        as_of = choose_day(here, moments)
        model.offer_model(here, task)
        offer_saved_views(here, task)
        offer_subscription(here, task)
        offer_link(here)
    if here.cut and not here.ask(by_band, task, as_of)["cases"].sum():
        only.show_nothing_left(here)
        return
    if tab := _chosen_tab(here, page):
        tab.draw(here, task, as_of)
    else:
        explore(here, subject_of(here, page), moments, as_of)


def _chosen_tab(here: Here, page: DomainPage) -> Tab | None:
    """The tab that a person looks at; None for the list, which is the first."""
    task = here.tasks[page.task]
    tabs = (*page.tabs, *((DECIDE,) if applies(here, task) else ()))
    _ = here.say
    if not tabs:
        head_unseen(_("Cases"))
        return None
    titles = {_CASES: ":material/format_list_bulleted: " + _("Cases")}
    titles |= {tab.name: f"{tab.icon} {tab.title(_)}" for tab in tabs}
    chosen = choose(TAB, _("Look at"), titles, hidden=True)
    return next((tab for tab in tabs if tab.name == chosen), None)


def subject_of(here: Here, page: DomainPage) -> Subject:
    """What the page of a task gives to be explored, as this role may use it."""
    task = here.tasks[page.task]
    return Subject(
        task=task,
        cases=cases_sql(task),
        entity=page.entity,
        columns=page.columns,
        segments=page.segments,
        more=page.more,
        figures=page.figures(task),
        codes=_codes(here, page),
        outcome=page.outcome,
        on_open=_open_case if here.sees_cases(task) else None,
    )


def _codes(here: Here, page: DomainPage) -> dict[str, str]:
    """The codes of the page's tables in words: those of the task's events and those of its domain."""
    events = here.tasks[page.task].event_info
    told = {name: in_language(info.label, here.language) for name, info in events.items()}
    return told | page.value_words(here.say)


def _open_case(entity_id: str) -> None:
    name_in_address(CASE, entity_id)


def _own_page(here: Here, task: Task) -> DomainPage:
    contract = contracts(here.settings).get(task.table)
    flat = task.flat or Flat("")
    others = tuple(
        Shown(own_column(task, each.column), each.table, each.column)
        for each in (shown_columns(contract) if contract else ())
        if each.column not in (flat.entity, flat.target)
    )
    categories = tuple(each for each in others if contract and each.is_category(contract))

    def title(_: Say) -> str:
        return in_language(task.meaning.title, here.language)

    def about(_: Say) -> str:
        sentence = _("Predicts «{target}» for each row of the table {table}.")
        return sentence.format(target=escaped(flat.target), table=escaped(task.table))

    return DomainPage(
        name=page_of(task.name),
        task=task.name,
        title=title,
        icon=":material/table_chart:",
        about=about,
        entity=Shown("entity_id", task.table, flat.entity)
        if flat.entity
        else Shown("entity_id", label=words("Row", "行")),
        columns=others[:_MOST_COLUMNS],
        segments=categories[:_MOST_SEGMENTS],
        more=others,
        facts=(Facts(task.table, own_row(task)),),
    )


def _plain_page(here: Here, task: Task) -> DomainPage:
    """The page of a shipped task that its domain does not describe: the predictions alone."""

    def title(_: Say) -> str:
        return in_language(task.meaning.title, here.language)

    return DomainPage(
        name=page_of(task.name),
        task=task.name,
        title=title,
        icon=":material/query_stats:",
        about=general_purpose,
        entity=Shown("entity_id", label=task.meaning.entity),
        columns=(),
    )
