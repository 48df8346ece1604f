"""The worklist: whose cases, what is late, what sleeps, what was done; and doing it, several at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboards import numbers
from dashboards.addresses import CASE
from dashboards.screens import domain
from dashboards.screens.address import name_in_address, tied, value_in_address
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import look_for
from dashboards.screens.parts.concerns import WHICH
from dashboards.screens.parts.export import Searched
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.headline import Headline, show_headlines
from dashboards.screens.parts.person import ask_name, person
from dashboards.screens.parts.work import show_item
from dashboards.screens.parts.work_acts import Chosen, show_acts, show_told
from dashboards.screens.parts.work_list import Pages, case_name, choose_items, standing_now, task_title
from dashboards.worklist import checks, items, lists
from dashboards.worklist.lists import PAGE_SIZE, Asked, Counts, Which
from dashboards.worklist.lists import WHICH as ALL
from pipelines.store import WorkItem

TASK, PERSON, FIND = "about", "by", "find"  # names in the address
_FIRST: Which = "all"
_LOOKED_AT = "worklist-looked-at"  # the open cases that were chosen when the page was last drawn


def draw(here: Here) -> None:
    """The page of the worklist."""
    _ = here.say
    st.title(_("Worklist"), anchor=False)
    st.markdown(_("Who looks after which case, until when, and what came of it."))
    today = checks.today(here.settings)
    pages = {page.task: page for page in domain.pages_of(here)}
    counts = lists.counts(here.store, today, person(here), _told_apart(here, pages))
    if not here.sees_identifiers:
        _show_counts(here, counts)
        return
    if here.may_act:
        ask_name(here)
    which = _which(here, counts)
    asked = _asked(here, which, pages)
    show_told(here)
    _tell_closed(here, pages)
    question = f"worklist-{asked}"
    page = int(st.session_state.get(question, 1))
    found, number = lists.listing(here.store, asked, today, page)
    if not found:
        _show_nothing(here, asked, counts)
        return
    many = _("{items} items. Choose one to see and change it, or several to change them at once.")
    st.caption(
        _("One item. Choose it to see and change it.")
        if number == 1
        else many.format(items=numbers.integer(number, here.language))
    )
    chosen = choose_items(
        here,
        pages,
        found,
        today,
        every=lambda: lists.listing(here.store, asked, today, size=number)[0],
        told=_told(here, pages, asked),
    )
    if number > PAGE_SIZE:
        st.pagination(-(-number // PAGE_SIZE), key=question)
    with errors_in_words(_):
        _show_chosen(here, pages, chosen)


def _which(here: Here, counts: Counts) -> Which:
    """Which items are looked at, each choice with its number."""
    _, words = here.say, _which_words(here)
    asked = value_in_address(WHICH, _FIRST)
    chosen: Which | None = st.segmented_control(
        _("Which"),
        ALL,
        format_func=lambda which: (
            f"{words[which]} · {numbers.integer(getattr(counts, which), here.language)}"
        ),
        required=True,
        label_visibility="collapsed",
        wrap=True,
        **_follows(WHICH, asked if asked in words else _FIRST),
    )
    return chosen or _FIRST


def _which_words(here: Here) -> dict[Which, str]:
    _ = here.say
    return {
        "mine": _("Mine"),
        "all": _("All open"),
        "unassigned": _("Of nobody"),
        "overdue": _("Overdue"),
        "today": _("Due today"),
        "returned": _("Back again"),
        "snoozed": _("Snoozed"),
        "done": _("Done"),
    }


def _told(here: Here, pages: Pages, asked: Asked) -> list[str]:
    """Which items they are, in words."""
    topics = [task_title(here, pages, name) for name in asked.tasks]
    return [_which_words(here)[asked.which], *topics, asked.assignee, Searched(asked.search)]


def _told_apart(here: Here, pages: Pages) -> tuple[str, ...]:
    """The tasks whose cases this role may tell apart; () where there are no others."""
    seen = tuple(name for name in sorted(pages) if here.sees_cases(here.tasks[name]))
    return () if len(seen) == len(pages) or not here.sees_identifiers else seen


def _asked(here: Here, which: Which, pages: Pages) -> Asked:
    """The filters, which lie in the address."""
    _ = here.say
    people, seen = lists.people(here.store), _told_apart(here, pages)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        task = _choice(
            here,
            _("Topic"),
            TASK,
            seen or sorted(pages),
            lambda name: task_title(here, pages, name),
            width=220,
        )
        who = _choice(here, _("Assigned to"), PERSON, people, str, width=200)
        find = look_for(FIND, _("Find by number"), _("its beginning, or *a part"), 230)
    return Asked(which, person(here), (task,) if task else seen, who or "", find)


def _choice(
    here: Here, label: str, name: str, options: Sequence[str], words: Callable[[str], str], *, width: int
) -> str | None:
    """One of the options, or all; it lies in the address under `name`."""
    asked = value_in_address(name)
    return st.selectbox(
        label,
        options,
        index=None,
        format_func=words,
        placeholder=here.say("all"),
        width=width,
        **_follows(name, asked if asked in options else None),
    )


def _follows(name: str, value: str | None) -> Mapping[str, Any]:
    """`key` and `on_change` of a widget that shows `value` and writes what it becomes to the address."""
    return tied(f"worklist-{name}", value, lambda new: name_in_address(name, new or ""))


def _show_nothing(here: Here, asked: Asked, counts: Counts) -> None:
    """Why the list is empty, and what to do."""
    _ = here.say
    if asked.which == "mine" and not asked.who:
        st.info(_("Write your name above to see what is yours."), icon=":material/person:")
    elif asked.tasks or asked.assignee or asked.search:
        st.info(
            _("No item passes these filters. Take one away to see more."), icon=":material/filter_alt_off:"
        )
    elif not counts.all + counts.snoozed + counts.done:
        st.info(_("Nobody has taken a case yet."), icon=":material/checklist:")
        st.markdown(_("Open a case from the page «Today» or from a list, and take it: then it stands here."))
        st.page_link(here.pages["home"], label=_("To the page «Today»"), icon=":material/today:")
    else:
        st.success(_("All done: nothing is on this list."), icon=":material/task_alt:")


def _show_chosen(here: Here, pages: Pages, chosen: Sequence[WorkItem]) -> None:
    """One item with its history, or what can be done with several."""
    _ = here.say
    st.session_state[_LOOKED_AT] = [(item.task, item.entity_id) for item in chosen if item.status != "done"]
    cases = [
        Chosen(item.task, here.tasks.get(item.task), item.entity_id, item, case_name(here, pages, item))
        for item in chosen
    ]
    if len(cases) == 1:
        _show_one(here, pages, chosen[0], cases[0])
    elif cases:
        st.header(_("{cases} cases").format(cases=numbers.integer(len(cases), here.language)), anchor=False)
        if here.may_act:
            show_acts(here, cases, "work-several")


def _tell_closed(here: Here, pages: Pages) -> None:
    """Says which of the chosen cases somebody else closed meanwhile: a click on one came too late."""
    _ = here.say
    for task, entity_id in st.session_state.pop(_LOOKED_AT, []):
        item = items.of_case(here.store, task, entity_id)
        if item is None or item.status != "done":
            continue
        last = next(note for note in items.history(here.store, item.id) if note.action == "done")
        if last.who != person(here):
            words = _("{case}: {person} closed it meanwhile, {moment}.").format(
                case=case_name(here, pages, item),
                person=last.who,
                moment=numbers.moment(last.at, here.language, here.zone),
            )
            st.warning(escaped(words), icon=":material/task_alt:")


def _show_one(here: Here, pages: Pages, item: WorkItem, case: Chosen) -> None:
    _ = here.say
    title = f"{task_title(here, pages, item.task)} · {case.shown}"
    st.header(escaped(title), anchor=False)
    if case.task is None:
        st.caption(_("The task of this case is gone. What was noted of it stays."))
    elif not standing_now(here, [item]):
        st.caption(_("This case is no longer among the predictions. What was noted of it stays."))
    else:
        st.page_link(
            here.pages[pages[item.task].name],
            label=_("Open the case"),
            icon=":material/open_in_new:",
            query_params={CASE: item.entity_id},
        )
    show_item(here, case)


def _show_counts(here: Here, counts: Counts) -> None:
    """For roles that see no single case: how much there is to do."""
    _ = here.say
    st.caption(_("Your role sees no single case, so here are the numbers alone."))
    told = {
        _("Open"): counts.all,
        _("Of nobody"): counts.unassigned,
        _("Overdue"): counts.overdue,
        _("Snoozed"): counts.snoozed,
        _("Done"): counts.done,
    }
    show_headlines(
        [Headline(label, numbers.integer(number, here.language)) for label, number in told.items()]
    )
