"""The views of a page that people named: open one, keep the present one, rename, replace, remove."""

from collections.abc import Callable

import streamlit as st

from analytics.task import Task
from connectors.errors import AssistantError
from dashboards import numbers, refusals
from dashboards.explore.saved import Keeper, views_for
from dashboards.explore.view import view_of
from dashboards.explore.view_words import in_words
from dashboards.screens.explore.address import asked, go
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.person import act, ask_name, person
from dashboards.wording import together
from pipelines.store import SavedView

_TOLD = "saved-views-told"  # what the last act came to: (is it well?, in words)


def offer_saved_views(here: Here, task: Task) -> None:
    """A button that opens the views of this page that this role may open. Whatever else they name is checked
    when they are opened.
    """
    _ = here.say
    views, kept = views_for(here.settings, here.page, task, here.role)
    with st.popover(_("Saved views"), icon=":material/bookmark:", type="tertiary", key="saved-views"):
        if not views and not kept:
            st.caption(_("Nobody has saved a view of this page yet."))
        for view in views:
            st.button(
                escaped(view.name),
                key=f"open-view-{view.id}",
                icon=":material/filter_alt:",
                help=in_words(here.settings, task, view_of(view.address), here.language) or None,
                type="tertiary",
                on_click=go,
                args=(view_of(view.address),),
            )
        if kept:
            words = _("Views that use what your role does not see are left out here: {views}.")
            st.caption(words.format(views=numbers.integer(kept, here.language)))
        st.divider()
        ask_name(here)
        _offer_to_save(here)
        if views:
            with st.expander(_("Change a saved view"), icon=":material/edit:"):
                _offer_changes(here, views)
        _tell()


def _offer_to_save(here: Here) -> None:
    _ = here.say
    name = st.text_input(
        _("Name of the present view"), key="view-name", max_chars=80, placeholder=_("High band, Lyon")
    )
    if act(here, _("Save this view"), key="save-view", icon=":material/bookmark_add:"):
        words = _("Saved as «{name}».").format(name=(name or "").strip())
        _do(here, words, lambda: _keeper(here).save(name or "", asked().query()))


def _offer_changes(here: Here, views: list[SavedView]) -> None:
    _ = here.say
    known = {view.id: view for view in views}
    number = st.selectbox(
        _("View"), list(known), format_func=lambda each: known[each].name, key="view-to-change"
    )
    view = known[number]
    st.caption(
        _("Saved by {who}.").format(who=escaped(view.who)) if view.who else _("Nobody's name is noted.")
    )
    new = st.text_input(_("New name"), value=view.name, key=f"rename-to-{number}", max_chars=80)
    keeper = _keeper(here)
    with st.container(horizontal=True):
        if act(here, _("Rename"), key="rename-view", icon=":material/edit:"):
            _do(here, _("Renamed."), lambda: keeper.rename(number, new or ""))
        if act(here, _("Replace by what is shown now"), key="replace-view", icon=":material/sync:"):
            query = asked().query()
            _do(here, _("Replaced."), lambda: keeper.save(view.name, query, replace=True))
        if act(here, _("Remove"), key="remove-view", icon=":material/delete:"):
            _do(here, _("Removed."), lambda: keeper.remove(number))


def _keeper(here: Here) -> Keeper:
    return Keeper(here.settings, here.page, person(here))


def _do(here: Here, words: str, change: Callable[[], object]) -> None:
    """Changes the views, and draws the page again with what came of it."""
    try:
        change()
    except AssistantError as error:
        told = (refusals.in_words(each, here.say) for each in (error.problem, error.remedy))
        st.session_state[_TOLD] = (False, together(told, here.language))
    else:
        st.session_state[_TOLD] = (True, words)
    st.rerun()


def _tell() -> None:
    well, words = st.session_state.pop(_TOLD, (True, ""))
    if words:
        (st.success if well else st.warning)(escaped(words))
