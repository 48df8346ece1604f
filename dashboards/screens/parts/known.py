"""What is known of one thing, in two columns: names and values."""

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped


def show_known(here: Here, lines: Mapping[str, str] | Sequence[tuple[str, str]]) -> None:
    """Names and values as they are written; both may be texts of data."""
    _ = here.say
    pairs = list(lines.items()) if isinstance(lines, Mapping) else list(lines)
    st.table(
        pl.DataFrame(
            {
                _("Fact"): [escaped(name) for name, _value in pairs],
                _("Value"): [escaped(value) for _name, value in pairs],
            }
        ),
        border="horizontal",
        hide_index=True,
        hide_header=True,
    )
