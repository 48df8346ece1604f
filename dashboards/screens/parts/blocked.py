"""Addresses that nothing is sent to any more, and how one of them comes off the list."""

import polars as pl
import streamlit as st

from dashboards.queries.deliveries import suppressed
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.delivery_words import reason_in_words
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.paged import PAGE_SIZE, choose, choose_row, chosen, page_asked, show_pager
from dashboards.screens.parts.person import act, person
from dashboards.subscriptions.returns import suppressions
from pipelines.store import Suppression

KEY = "suppressed"


def show_blocked(here: Here) -> None:
    """The list, the chosen address with what was said, and a field to add one by hand."""
    _ = here.say
    st.caption(
        _(
            "Mails to these addresses came back for good, or their readers complained. Sending on would make "
            "mail servers take all our mails for spam."
        )
    )
    pager, page = page_asked(KEY)
    found, rows = suppressed(here.store, page, PAGE_SIZE)
    if not found:
        st.success(_("No address is blocked."), icon=":material/check_circle:")
    else:
        choose_row(
            here,
            KEY,
            [row.email for row in rows],
            _in_columns(here, rows),
            _("Blocked addresses"),
            whole=lambda: _in_columns(here, suppressed(here.store, 1, found)[1]),
        )
        show_pager(pager, found)
    if address := chosen(KEY):
        _offer_to_lift(here, str(address))
    with st.expander(_("Block an address by hand"), icon=":material/block:"):
        _offer_to_add(here)


def _in_columns(here: Here, rows: list[Suppression]) -> pl.DataFrame:
    _ = here.say
    return pl.DataFrame(
        {
            _("Address"): [row.email for row in rows],
            _("Why"): [reason_in_words(here, row.reason) for row in rows],
            _("What was said"): [row.detail for row in rows],
            _("Since"): [row.at for row in rows],
        }
    )


def _offer_to_lift(here: Here, address: str) -> None:
    _ = here.say
    with st.container(border=True):
        st.markdown(f"### {escaped(address)}")
        st.markdown(
            _("Let mails go there again only when you know that the mailbox works and its reader agrees.")
        )
        with st.container(horizontal=True):
            if act(here, _("Send to it again"), key="lift", icon=":material/lock_open:"):
                with errors_in_words(_):
                    suppressions.lift(here.settings, address, person(here))
                    choose(KEY, None)
                    st.rerun()
            if st.button(_("Close"), key="close-blocked", icon=":material/close:"):
                choose(KEY, None)
                st.rerun()


def _offer_to_add(here: Here) -> None:
    _ = here.say
    address = st.text_input(
        _("Address"), key="block-address", type="email", validate="", placeholder="ann@example.org"
    )
    note = st.text_input(_("Why"), key="block-note", placeholder=_("for whoever reads it later"))
    if act(here, _("Block it"), key="block", icon=":material/block:"):
        with errors_in_words(_):
            suppressions.add(here.settings, address or "", person(here), note or "")
            st.rerun()
