"""The heading of a part whose name a page shows as the choice that led there: for those who hear the page."""

import re
from html import escape

import streamlit as st

_ICON = re.compile(r":material/\w+:\s*")
# Out of sight, yet read out: `display: none` would silence it.
_UNSEEN = (
    "position:absolute;width:1px;height:1px;margin:0;padding:0;overflow:hidden;clip-path:inset(50%);"
    "white-space:nowrap"
)


def head_unseen(title: str) -> None:
    """A heading below the page's own, so that those of its charts skip no level. Takes no room beside what
    is drawn before it in a container without gaps.
    """
    st.html(f'<h2 style="{_UNSEEN}">{escape(_ICON.sub("", title))}</h2>')
