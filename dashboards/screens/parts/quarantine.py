"""Refused records: which rule, why, how many, and how they come back after a fix."""

import json

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.quality_words import rule_in_words
from dashboards.queries import quality
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import in_words
from dashboards.screens.parts.export import show_table
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.known import show_known
from pipelines import quarantine
from pipelines.store import Audit

MOST_RECORDS = 20
MAY_REPLAY = ("engineer",)


def show_quarantine(here: Here) -> None:
    """What waits, by table and rule; below, the records of the chosen one, masked for the role."""
    _ = here.say
    waiting = here.ask(quality.quarantine_by_rule)
    if waiting.is_empty():
        st.success(_("No record waits in quarantine."), icon=":material/check_circle:")
        return
    st.caption(_("A record that breaks a rule never reaches a table. It is kept here as it came."))
    typed = pl.DataFrame(
        {
            _("Table"): waiting["table"],
            _("Rule"): [rule_in_words(rule, _) for rule in waiting["rule"]],
            _("Column"): waiting["column"],
            _("Records"): waiting["records"],
            _("Newest"): waiting["newest"],
        }
    )
    written = {
        _("Records"): [numbers.integer(n, here.language) for n in waiting["records"]],
        _("Newest"): [in_words(here, at) for at in waiting["newest"]],
    }
    chosen = show_table(
        here,
        "quarantine",
        typed.with_columns(pl.Series(name, cells, pl.String) for name, cells in written.items()),
        title=_("Records in quarantine"),
        whole=lambda: typed,
        height="auto",
        key="quarantine",
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [0]}},
        column_config={_("Records"): st.column_config.TextColumn(alignment="right")},
    )
    rows = chosen["selection"]["rows"]
    place = rows[0] if rows and rows[0] < waiting.height else 0
    row = waiting.row(place, named=True)
    _show_records(here, row["table"], row["rule"])
    _offer_replay(here, row["table"], row["rule"])


def _show_records(here: Here, table: str, rule: str) -> None:
    _ = here.say
    records = quarantine.show(here.settings, table, here.role, rule=rule, limit=MOST_RECORDS)
    title = _("Newest records of {table}: {rule}")
    st.markdown(f"### {escaped(title.format(table=table, rule=rule_in_words(rule, _)))}")
    for record in records.iter_rows(named=True):
        where = _("{file}, record {position}").format(
            file=_file_name(record["file"]), position=record["position"]
        )
        with st.expander(escaped(f"{record['reason']} · {where}")):
            _show_record(here, str(record["record"]))


def _show_record(here: Here, record: str) -> None:
    if not record.startswith("{"):
        st.code(record, language=None, wrap_lines=True)
        return
    show_known(here, [(str(name), in_words(here, value)) for name, value in json.loads(record).items()])


def _offer_replay(here: Here, table: str, rule: str) -> None:
    _ = here.say
    hint = _(
        "After a fix at the contract, `sda quarantine replay {table}` feeds these records through it again."
    )
    st.caption(hint.format(table=table))
    if here.role in MAY_REPLAY and st.button(_("Replay these records"), icon=":material/replay:"):
        with st.spinner(_("Replaying…")):
            done = quarantine.replay(here.settings, table, rule=rule)
        with here.store.session() as session:
            session.add(Audit(who=here.role, action="quarantine.replay", detail=f"{table} {rule}"))
        words = _("Records that entered the table: {clean}; records that wait again: {refused}.")
        st.success(
            words.format(
                clean=numbers.integer(done.rows_clean, here.language),
                refused=numbers.integer(done.rows_quarantined, here.language),
            )
        )


def _file_name(path: str) -> str:
    return path.rpartition("/")[2] or path
