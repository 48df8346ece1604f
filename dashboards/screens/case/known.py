"""What is known of a case: its facts, as columns of their tables, masked like them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import streamlit as st

from dashboards import numbers
from dashboards.queries import cases
from dashboards.screens.case.about import About
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown, in_words, labels, masked, shown_columns
from dashboards.screens.parts.known import show_known
from pipelines.catalog import contracts


def facts_of(here: Here, about: About, entity_id: str, as_of: datetime) -> list[tuple[str, str]]:
    """Names and values in words, as this role may see them, of a case scored at a moment."""
    lines: list[tuple[str, str]] = []
    for each in about.facts:
        frame = here.ask(cases.facts, each, entity_id, as_of)
        if frame.is_empty():
            continue
        columns = [
            replace(column, label=each.labels.get(column.column, {}))
            for column in described(here, each.table)
            if column.column in frame.columns
        ]
        names = labels(here, columns)
        row = masked(here, frame, columns).row(0, named=True)
        lines += [(names[each.column], in_words(here, row[each.column], about.codes)) for each in columns]
    return lines


def show_facts(here: Here, about: About, lines: Sequence[tuple[str, str]], as_of: datetime) -> None:
    """The lines of `facts_of`; where they leave out what came after the score, that is said."""
    _ = here.say
    if not lines:
        return
    st.markdown("### " + _("What is known"))
    if any(each.is_of_a_day for each in about.facts):
        st.caption(_("As of {day}, the day of the score.").format(day=numbers.day(as_of, here.language)))
    show_known(here, lines)


def described(here: Here, table: str) -> tuple[Shown, ...]:
    """The columns that the contract of a table describes; none without a contract."""
    contract = contracts(here.settings).get(table)
    return shown_columns(contract) if contract else ()
