"""Sections that reports and model cards are made of, on a page."""

from collections.abc import Iterable

import streamlit as st

from dashboards.charts.chart import Chart
from dashboards.reports.report import Headlines, Paragraph, Section, Table
from dashboards.screens.here import Here
from dashboards.screens.parts.figure import escaped, show_figure
from dashboards.screens.parts.headline import Headline, show_headlines


def show_sections(here: Here, sections: Iterable[Section]) -> None:
    """One below the other; a page holds headlines once at most."""
    for section in sections:
        match section:
            case Headlines():
                figures = section.figures
                show_headlines([Headline(each.label, each.value, note=each.change) for each in figures])
            case Chart():
                show_figure(here, section)
            case Table():
                show_table(section)
            case Paragraph():
                show_words(section)


def show_words(paragraph: Paragraph) -> None:
    """A heading and its sentences; a notice is set off."""
    st.markdown(f"#### {escaped(paragraph.title)}")
    if paragraph.kind == "notice":
        st.warning(escaped(paragraph.text), icon=":material/warning:")
    else:
        st.markdown(escaped(paragraph.text))


def show_table(table: Table) -> None:
    """A table of written cells."""
    st.markdown(f"#### {escaped(table.title)}")
    st.dataframe(table.frame, hide_index=True, height="content", alt=table.title)
