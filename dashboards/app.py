"""What Streamlit runs: `sda dashboard` starts it (`dashboards.launch`)."""

import sys
from importlib import import_module

import streamlit as st

from dashboards.wording import TAGS

_PAGES = "dashboards.screens.frame"

if not hasattr(sys.modules.get(_PAGES), "show"):
    # Whoever comes first after a start waits for the pages to be read in, and is told so.
    with st.spinner("Opening … · 正在打开…"):
        import_module(_PAGES)

frame = import_module(_PAGES)
frame.show()
# By this screen readers choose their voice, and browsers the shapes of characters and of their punctuation.
if language := TAGS.get(st.session_state.get(frame.LANGUAGE, "")):
    st.html(f"<script>document.documentElement.lang = '{language}'</script>", unsafe_allow_javascript=True)
