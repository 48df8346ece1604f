"""Subscriptions: who gets which report and when, what was sent, what is held back, what it costs."""

from collections.abc import Callable

import streamlit as st

from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.account import show_accounts
from dashboards.screens.parts.blocked import show_blocked
from dashboards.screens.parts.heard import head_unseen
from dashboards.screens.parts.past_issues import show_past_issues
from dashboards.screens.parts.person import ask_name
from dashboards.screens.parts.sent_log import show_log
from dashboards.screens.parts.subscribers import show_subscribers
from dashboards.screens.parts.subscribing import show_new

TABS = "subscriptions-tab"  # only the open one is drawn; its place outlives a change of language


def draw(here: Here) -> None:
    """The page on subscriptions."""
    _ = here.say
    st.title(_("Subscriptions"), anchor=False)
    ask_name(here)
    parts: dict[str, Callable[[Here], None]] = {
        _("Who gets what"): show_subscribers,
        _("New subscription"): show_new,
        _("What was sent"): show_log,
        _("Blocked addresses"): show_blocked,
        _("Past issues"): show_past_issues,
        _("Plans and usage"): show_accounts,
    }
    titles, key = list(parts), f"{TABS}-{here.language}"
    if key not in st.session_state:
        st.session_state[key] = titles[st.session_state.get(TABS, 0)]
    tabs = st.tabs(titles, key=key, on_change="rerun")
    for number, (tab, show) in enumerate(zip(tabs, parts.values(), strict=True)):
        if tab.open:
            st.session_state[TABS] = number
            with tab, errors_in_words(_):
                head_unseen(titles[number])
                show(here)
