"""What was loaded, and what changed at the sources."""

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.quality_words import mode_in_words
from dashboards.queries import quality
from dashboards.queries.home import open_notices
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import in_words
from dashboards.screens.parts.export import show_table
from dashboards.screens.parts.figure import escaped

MOST_LOADS = 100


def show_loads(here: Here) -> None:
    """The newest loads: what came in, what passed, what was refused."""
    _ = here.say
    loads = here.ask(quality.loads, MOST_LOADS)
    st.caption(_("Rows read = rows accepted + rows in quarantine, checked at every load."))
    counted = {
        _("Rows read"): "rows_in",
        _("Accepted"): "rows_clean",
        _("In quarantine"): "rows_quarantined",
        _("New or changed"): "rows_changed",
    }
    typed = pl.DataFrame(
        {
            _("Loaded"): loads["finished_at"],
            _("Table"): loads["table"],
            **{name: loads[column] for name, column in counted.items()},
            _("Source"): loads["source"],
            _("Mode"): [mode_in_words(mode, _) for mode in loads["mode"]],
            _("Load"): loads["load_id"],
        }
    )
    written = typed.with_columns(
        pl.Series(_("Loaded"), [in_words(here, at) for at in loads["finished_at"]], pl.String),
        *(
            pl.Series(name, [numbers.integer(rows, here.language) for rows in typed[name]], pl.String)
            for name in counted
        ),
    )
    show_table(
        here,
        "loads",
        written,
        title=_("Loads"),
        whole=lambda: typed,
        height="auto",
        column_config={name: st.column_config.TextColumn(alignment="right") for name in counted},
    )


def show_changes(here: Here) -> None:
    """Columns that appeared, vanished or changed type, and loads that were stopped because of it."""
    _ = here.say
    notices = open_notices(here.store, ("schema_change", "load_failed"))
    if not notices:
        st.success(
            _("The sources deliver the columns that the contracts expect."), icon=":material/check_circle:"
        )
        return
    for notice in notices:
        when = numbers.moment(notice.at, here.language, here.zone)
        st.warning(f"**{escaped(notice.subject)}** · {when}", icon=":material/schema:")
        st.caption(escaped(notice.message))
