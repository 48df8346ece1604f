"""Who acts on a page: nobody logs in yet, so people say their name, and what they do is noted under it."""

import streamlit as st

from dashboards.screens.here import Here

_NAME = "person"
_LONGEST = 80


def ask_name(here: Here) -> None:
    """Where a person writes their name; kept for the session."""
    _ = here.say
    st.text_input(
        _("Your name"),
        key=_NAME,
        max_chars=_LONGEST,
        autocomplete="name",
        persist_state="session",
        placeholder=_("first and last name"),
        help=_("It is noted with everything that you change or send here."),
        width=320,
    )


def person(here: Here) -> str:  # noqa: ARG001 - one day it says who is logged in
    """The name as the audit gets it, "" where none was given."""
    return " ".join(str(st.session_state.get(_NAME) or "").split())


def act(here: Here, label: str, *, key: str, icon: str, primary: bool = False) -> bool:
    """A button that only somebody with a name can press; whether it was pressed."""
    _ = here.say
    missing = not person(here)
    return st.button(
        label,
        key=key,
        icon=icon,
        # One that is greyed out and primary would be dark on dark.
        type="primary" if primary and not missing else "secondary",
        disabled=missing,
        help=_("Write your name first.") if missing else None,
    )
