"""Data quality: loads, contracts, quarantine, changes of schema, and where a number comes from."""

from collections.abc import Callable

import streamlit as st

from dashboards.queries.home import last_load
from dashboards.screens.here import Here
from dashboards.screens.parts import empty
from dashboards.screens.parts.contracts import show_contracts
from dashboards.screens.parts.health import data_health, show_health
from dashboards.screens.parts.heard import head_unseen
from dashboards.screens.parts.lineage import show_lineage
from dashboards.screens.parts.loads import show_changes, show_loads
from dashboards.screens.parts.quarantine import show_quarantine


def draw(here: Here) -> None:
    """The page on data quality."""
    _ = here.say
    st.title(_("Data quality"), anchor=False)
    if here.ask(last_load) is None:
        empty.no_data(here)
        return
    show_health(here, [data_health(here)])
    parts: dict[str, Callable[[Here], None]] = {
        _("Loads"): show_loads,
        _("Contracts"): show_contracts,
        _("Quarantine"): show_quarantine,
        _("Schema changes"): show_changes,
        _("Where a number comes from"): show_lineage,
    }
    for tab, (title, show) in zip(st.tabs(list(parts)), parts.items(), strict=True):
        with tab:
            head_unseen(title)
            show(here)
