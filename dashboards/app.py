"""What Streamlit runs: `sda dashboard` starts it (`dashboards.launch`)."""

import sys
from importlib import import_module

import streamlit as st

_PAGES = "dashboards.screens.frame"

if not hasattr(sys.modules.get(_PAGES), "show"):
    # Whoever comes first after a start waits for the pages to be read in, and is told so.
    with st.spinner("Opening … · 正在打开…"):
        import_module(_PAGES)

import_module(_PAGES).show()
