"""What the bank's tab and its market page share: written tables and a glossary."""

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from dashboards.reports.report import Column
from dashboards.screens.here import Here
from dashboards.screens.parts.export import InFile, show_table
from dashboards.screens.parts.figure import escaped


def show_rows(
    here: Here,
    name: str,
    title: str,
    columns: Sequence[Column],
    rows: pl.DataFrame,
    told: Sequence[str] = (),
) -> None:
    """A table with its values as readers write them, and a way to take it away as they are."""
    language = here.language
    written = pl.DataFrame(
        [{each.heading: each.cell(row, language) for each in columns} for row in rows.iter_rows(named=True)],
        schema={each.heading: pl.String for each in columns},
    )
    st.markdown(f"### {escaped(title)}")
    plain = rows.select(each.name for each in columns)
    show_table(
        here,
        name,
        written,
        told,
        title=title,
        whole=InFile(lambda: plain, columns),
        height="content" if rows.height <= 14 else 520,
        column_config={
            each.heading: st.column_config.TextColumn(alignment="right") for each in columns if each.is_number
        },
    )


def explain(here: Here, terms: Mapping[str, str]) -> None:
    """What the terms of a part mean, for those who ask."""
    _ = here.say
    with st.expander(_("What do these words mean?"), icon=":material/help:"):
        for term, meaning in terms.items():
            st.markdown(f"**{escaped(term)}** – {escaped(meaning)}")
