"""The inferred contract as a table that a person may correct before anything is loaded."""

from dataclasses import replace
from typing import Any

import polars as pl
import streamlit as st

from connectors.errors import AssistantError
from dashboards.screens.here import Here
from dashboards.screens.parts.contracts import personal_in_words, type_in_words
from dashboards.wording import Say
from pipelines.contract import DUCKDB_TYPES, Contract, Personal

_PERSONAL: tuple[Personal, ...] = ("", "identifier", "name", "contact", "address", "birth_date", "free_text")


def edited(here: Here, inferred: Contract, sample: pl.DataFrame) -> Contract:
    """Shows the contract for editing; gives back what the person made of it.

    Raises AssistantError where the chosen key is not unique in the sample.
    """
    _ = here.say
    types = {type_in_words(here, kind): kind for kind in DUCKDB_TYPES}
    personal = {personal_in_words(here, kind) or _("no"): kind for kind in _PERSONAL}
    table = pl.DataFrame(
        {
            "name": [column.name for column in inferred.columns],
            "example": [_example(sample[column.name]) for column in inferred.columns],
            "type": [type_in_words(here, column.type) for column in inferred.columns],
            "required": [column.required for column in inferred.columns],
            "key": [column.name in inferred.key for column in inferred.columns],
            "personal": [personal_in_words(here, column.personal) or _("no") for column in inferred.columns],
        }
    )
    config: dict[str, Any] = {
        "name": st.column_config.TextColumn(_("Column"), disabled=True),
        "example": st.column_config.TextColumn(_("For example"), disabled=True),
        "type": st.column_config.SelectboxColumn(_("Type"), options=list(types), required=True),
        "required": st.column_config.CheckboxColumn(_("Must be given")),
        "key": st.column_config.CheckboxColumn(_("Key"), help=_("Names the row: no two rows share it.")),
        "personal": st.column_config.SelectboxColumn(
            _("Personal"),
            options=list(personal),
            required=True,
            help=_("Masked for those who need not see it."),
        ),
    }
    rows = st.data_editor(
        table, hide_index=True, column_config=config, key=f"contract-{inferred.table}-{here.language}"
    )
    chosen = pl.DataFrame(rows).to_dicts()
    key = tuple(row["name"] for row in chosen if row["key"])
    require_unique(_, key, sample)
    columns = tuple(
        replace(
            column,
            type=types[row["type"]],
            required=bool(row["required"] or row["key"]),
            personal=personal[row["personal"]],
        )
        for column, row in zip(inferred.columns, chosen, strict=True)
    )
    return replace(inferred, columns=columns, key=key)


def require_unique(_: Say, key: tuple[str, ...], sample: pl.DataFrame) -> None:
    """Raises AssistantError if two records of the sample share the key."""
    if key and (repeated := sample.select(key).is_duplicated().sum()):
        raise AssistantError(
            _("{rows} rows share their key {key}.").format(rows=repeated, key=", ".join(key)),
            _("Choose a column whose values differ from row to row, or several, or none."),
        )


def _example(values: pl.Series) -> str:
    given = values.drop_nulls()
    return str(given[0]) if len(given) else ""
