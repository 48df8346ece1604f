"""Where a number comes from: the row of a table, the load that brought it, the file it was read from."""

import json
from typing import Any

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.quality_words import mode_in_words
from dashboards.queries import quality
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown, in_words, labels, masked, shown_columns
from dashboards.screens.parts.contracts import rules_in_words
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.known import show_known
from pipelines.access import visible_to
from pipelines.catalog import contracts
from pipelines.contract import Contract


def show_lineage(here: Here) -> None:
    """Choose a table and a value of one of its columns; follow the row back to its file."""
    _ = here.say
    known = contracts(here.settings)
    tables = list(here.ask(quality.row_counts, sorted(known)))
    if not tables:
        st.info(_("No table has rows yet."), icon=":material/inbox:")
        return
    if not here.sees_identifiers:
        st.info(_("Your role sees no single rows."), icon=":material/lock:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        table = st.selectbox(_("Table"), tables, key="origin-table", width=260)
        contract = known[table]
        names = _findable(here, contract)
        column = st.selectbox(_("Column"), names, key=f"origin-column-{table}", width=220)
        example = here.ask(quality.an_example, table, column) if column in contract.key else ""
        value = st.text_input(_("Value"), example, key=f"origin-value-{table}-{column}", width=260)
    if not value or column is None:
        return
    rows = here.ask(quality.rows_of, table, column, value)
    if rows.is_empty():
        st.warning(_("No row of {table} has this value.").format(table=table), icon=":material/search_off:")
        return
    for row in rows.iter_rows(named=True):
        _show_chain(here, contract, row)
        break
    if rows.height > 1:
        st.caption(_("More rows have this value; the newest is shown."))


def _findable(here: Here, contract: Contract) -> list[str]:
    """The columns by which this role may find a row, its key first: to find by a masked one would tell it."""
    seen = visible_to(here.role)
    names = dict.fromkeys([*contract.key, *contract.names])
    return [name for name in names if not (kind := contract.column(name).personal) or kind in seen]


def _show_chain(here: Here, contract: Contract, row: dict[str, Any]) -> None:
    _ = here.say
    loads = here.ask(quality.load, row["_load_id"], contract.table)
    left, middle, right = st.columns(3)
    with left, st.container(border=True, height="stretch"):
        st.markdown("**1 · " + _("The row") + "**")
        st.markdown(escaped(contract.table))
        st.caption(
            _("Checked against contract version {version}: {rules} rules.").format(
                version=contract.version,
                rules=sum(1 for column in contract.columns if rules_in_words(here, column)),
            )
        )
    with middle, st.container(border=True, height="stretch"):
        st.markdown("**2 · " + _("The load") + "**")
        st.markdown(escaped(str(row["_load_id"])))
        if not loads.is_empty():
            _show_load(here, loads.row(0, named=True))
    with right, st.container(border=True, height="stretch"):
        st.markdown("**3 · " + _("The file") + "**")
        st.markdown(escaped(str(row["_source"])))
        st.caption(_("Loaded {moment}.").format(moment=in_words(here, row["_loaded_at"])))
    columns = [*shown_columns(contract)]
    _show_row(here, columns, row)


def _show_load(here: Here, load: dict[str, Any]) -> None:
    _ = here.say
    words = _("Source «{source}», {mode}: {rows_in} rows read, {clean} accepted, {refused} in quarantine.")
    st.caption(
        escaped(
            words.format(
                source=load["source"],
                mode=mode_in_words(load["mode"], _),
                rows_in=numbers.integer(load["rows_in"], here.language),
                clean=numbers.integer(load["rows_clean"], here.language),
                refused=numbers.integer(load["rows_quarantined"], here.language),
            )
        )
    )
    files = json.loads(load["files"] or "[]")
    if len(files) > 1:
        st.caption(_("{files} files in this load.").format(files=numbers.integer(len(files), here.language)))


def _show_row(here: Here, columns: list[Shown], row: dict[str, Any]) -> None:
    given = [each for each in columns if each.column in row]
    frame = pl.DataFrame([{each.column: row[each.column] for each in given}])
    seen = masked(here, frame, given).row(0, named=True)
    names = labels(here, given)
    show_known(here, [(names[each.column], in_words(here, seen[each.column])) for each in given])
