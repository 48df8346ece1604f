"""What each table promises."""

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.queries import quality
from dashboards.screens.here import Here
from dashboards.screens.parts.export import show_table
from dashboards.screens.parts.figure import escaped
from dashboards.units import unit_in_words
from dashboards.wording import in_language, with_commas, with_semicolons
from pipelines.catalog import contracts
from pipelines.contract import Column, Contract


def show_contracts(here: Here) -> None:
    """Choose a table; see its columns, types and rules."""
    _ = here.say
    known = contracts(here.settings)
    rows = here.ask(quality.row_counts, sorted(known))
    table = st.selectbox(_("Table"), sorted(known, key=lambda name: (name not in rows, name)), key="contract")
    contract = known[table]
    st.markdown(escaped(contract.description))
    facts = [
        _("{rows} rows").format(rows=numbers.integer(rows.get(table, 0), here.language)),
        _("key: {columns}").format(columns=with_commas(contract.key, here.language) or _("none")),
        _("version {version}").format(version=contract.version),
    ]
    st.caption(escaped(" · ".join(facts)))
    show_columns(here, contract)


def show_columns(here: Here, contract: Contract) -> None:
    """The columns of a contract with their rules in words."""
    _ = here.say
    columns = contract.columns
    show_table(
        here,
        f"columns-{contract.table}",
        pl.DataFrame(
            {
                _("Column"): [column.name for column in columns],
                _("Meaning"): [in_language(column.label, here.language) for column in columns],
                _("Type"): [type_in_words(here, column.type) for column in columns],
                _("Rules"): [rules_in_words(here, column) for column in columns],
                _("Personal"): [personal_in_words(here, column.personal) for column in columns],
            }
        ),
        title=_("Columns of the table"),
    )


def rules_in_words(here: Here, column: Column) -> str:
    """What values a column may hold."""
    _ = here.say
    rules = [_("must be given")] if column.required else []
    if column.minimum is not None:
        rules.append(_("at least {value}").format(value=column.minimum))
    if column.maximum is not None:
        rules.append(_("at most {value}").format(value=column.maximum))
    if column.allowed:
        rules.append(_("one of: {values}").format(values=with_commas(column.allowed, here.language)))
    if column.pattern:
        rules.append(_("looks like {pattern}").format(pattern=column.pattern))
    if column.references:
        rules.append(_("exists in {column}").format(column=column.references))
    if column.unit:
        rules.append(_("in {unit}").format(unit=unit_in_words(column.unit, here.language)))
    return with_semicolons(rules, here.language)


def type_in_words(here: Here, kind: str) -> str:
    """A type as a person calls it."""
    _ = here.say
    words = {
        "text": _("text"),
        "integer": _("whole number"),
        "number": _("number"),
        "decimal": _("exact decimal"),
        "boolean": _("yes or no"),
        "date": _("date"),
        "timestamp": _("date and time"),
    }
    return words[kind]


def personal_in_words(here: Here, kind: str) -> str:
    """What kind of personal data a column holds; empty for none."""
    _ = here.say
    words = {
        "": "",
        "identifier": _("identifies a person"),
        "name": _("name"),
        "contact": _("contact"),
        "address": _("address"),
        "birth_date": _("date of birth"),
        "free_text": _("free text"),
    }
    return words[kind]
