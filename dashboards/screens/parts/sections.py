"""Sections that reports and model cards are made of, on a page."""

from collections.abc import Iterable

import streamlit as st

from dashboards.charts.chart import Chart
from dashboards.reports.report import Headlines, Paragraph, Section, Table
from dashboards.screens.here import Here
from dashboards.screens.parts.export import show_table
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
                st.markdown(f"### {escaped(section.title)}")
                show_table(here, section.name, section.frame, title=section.title)
            case Paragraph():
                show_words(section)


def show_words(paragraph: Paragraph) -> None:
    """A heading and its sentences; a notice is set off."""
    st.markdown(f"### {escaped(paragraph.title)}")
    if paragraph.kind == "notice":
        st.warning(escaped(paragraph.text), icon=":material/warning:")
    else:
        st.markdown(escaped(paragraph.text))
