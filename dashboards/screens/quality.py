"""Data quality: loads, contracts, quarantine, changes of schema, and where a number comes from."""

import streamlit as st

from dashboards.queries.home import last_load
from dashboards.screens.here import Here
from dashboards.screens.parts import empty
from dashboards.screens.parts.contracts import show_contracts
from dashboards.screens.parts.health import data_health, show_health
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
    loads, contracts, quarantine, changes, origin = st.tabs(
        [_("Loads"), _("Contracts"), _("Quarantine"), _("Schema changes"), _("Where a number comes from")]
    )
    with loads:
        show_loads(here)
    with contracts:
        show_contracts(here)
    with quarantine:
        show_quarantine(here)
    with changes:
        show_changes(here)
    with origin:
        show_lineage(here)
