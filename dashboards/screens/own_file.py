"""Try your own file: upload, look at the contract, choose what to predict, see the result."""

from pathlib import Path

import polars as pl
import streamlit as st

from analytics.proposal import Proposal
from analytics.scoring import score
from analytics.task import Flat
from analytics.training import TrainingResult, train
from dashboards import numbers
from dashboards import own_table as own
from dashboards.screens import domain
from dashboards.screens.guard import errors_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.contract_editor import edited
from dashboards.screens.parts.figure import escaped
from dashboards.screens.parts.own_result import show_result
from dashboards.wording import with_commas
from pipelines.contract import Contract
from pipelines.store import Audit

_SAMPLED = "own-sampled"  # what the session remembers of each step
_LOADED = "own-loaded"
_TRAINED = "own-trained"


def draw(here: Here) -> None:
    """The four steps, one below the other; each appears when the one before is done."""
    _ = here.say
    st.title(_("Try your own file"), anchor=False)
    st.markdown(
        _("From your own table to a prediction with reasons, in four steps. The file stays on this machine.")
    )
    path = _upload(here)
    if path is None:
        return
    records, decimal = _sampled(path)
    contract = _describe(here, path, records, decimal)
    if contract is None or not _load(here, path, contract):
        return
    proposal = _choose(here, path, contract)
    if proposal is not None:
        _predict(here, proposal)


def _upload(here: Here) -> Path | None:
    _ = here.say
    st.header(_("1 · Choose a file"), anchor=False)
    given = st.file_uploader(
        _("A table with a header: CSV, Excel, Parquet or JSON"), type=list(own.ACCEPTED), key="own-upload"
    )
    if given is None:
        st.caption(_("One row per case; one of the columns says what came of it."))
        return None
    return own.keep_upload(here.settings, given.name, given.getvalue())


def _sampled(path: Path) -> tuple[pl.DataFrame, str]:
    """The first records, read once per uploaded file and session."""
    key = (str(path), path.stat().st_size)
    if st.session_state.get(_SAMPLED, (None,))[0] != key:
        st.session_state[_SAMPLED] = (key, own.sample(path))
        st.session_state.pop(_LOADED, None)
        st.session_state.pop(_TRAINED, None)
    sampled: tuple[pl.DataFrame, str] = st.session_state[_SAMPLED][1]
    return sampled


def _describe(here: Here, path: Path, records: pl.DataFrame, decimal: str) -> Contract | None:
    _ = here.say
    st.header(_("2 · What the columns are"), anchor=False)
    words = _("How the first {rows} records look. Correct what is wrong; rows that break it are set aside.")
    st.caption(words.format(rows=numbers.integer(records.height, here.language)))
    with errors_in_words(_):
        return edited(here, own.inferred(path, records, decimal), records)
    return None


def _load(here: Here, path: Path, contract: Contract) -> bool:
    """Whether the table is loaded under this very contract."""
    _ = here.say
    stamp = (str(path), contract.version)
    if st.button(_("Load the table"), type="primary", icon=":material/download:"):
        with errors_in_words(_), st.spinner(_("Loading…")):
            result = own.load(here.settings, path, contract)
            st.session_state[_LOADED] = (stamp, result.rows_clean, result.rows_quarantined)
            st.session_state.pop(_TRAINED, None)
    loaded = st.session_state.get(_LOADED)
    if not loaded or loaded[0] != stamp:
        return False
    words = _("{clean} rows are in the table {table}; {refused} were set aside in quarantine.")
    st.success(
        words.format(
            clean=numbers.integer(loaded[1], here.language),
            refused=numbers.integer(loaded[2], here.language),
            table=escaped(contract.table),
        ),
        icon=":material/check_circle:",
    )
    return True


def _choose(here: Here, path: Path, contract: Contract) -> Proposal | None:
    _ = here.say
    st.header(_("3 · What to predict"), anchor=False)
    names = list(contract.names)
    times = [column.name for column in contract.columns if column.type in ("date", "timestamp")]
    with st.container(horizontal=True):
        target = st.selectbox(_("Column to predict"), names, index=None, key="own-target", width=230)
        entity = st.selectbox(
            _("Whom a row is about"),
            names,
            index=names.index(contract.key[0]) if len(contract.key) == 1 else None,
            placeholder=_("every row is a case"),
            key=f"own-entity-{contract.version}",
            width=230,
        )
        time = st.selectbox(
            _("When it was known"), times, index=None, placeholder=_("no time"), key="own-time", width=230
        )
    if not target:
        return None
    with errors_in_words(_):
        proposal = own.propose(here.settings, path, Flat(target, entity or "", time or ""))
        _explain(here, proposal)
        return proposal
    return None


def _explain(here: Here, proposal: Proposal) -> None:
    """What kind of prediction this is, and which columns it will not learn from."""
    _ = here.say
    entry = proposal.entry
    classes = [escaped(str(name)) for name in entry["classes"]]
    kinds = {
        "binary": _("Two outcomes: the chance of «{event}» will be predicted for each row."),
        "multiclass": _("{classes} classes: the chance of each will be predicted for each row."),
        "regression": _("A number: its value will be predicted for each row, with the range it may lie in."),
    }
    told = {"true": _("yes"), "false": _("no")}
    event = f"{escaped(entry['target'])} = {told.get(classes[-1], classes[-1])}" if classes else ""
    st.markdown(kinds[entry["kind"]].format(event=event, classes=len(classes)))
    st.caption(
        _("{rows} rows with a known outcome, {columns} columns to learn from.").format(
            rows=numbers.integer(proposal.rows, here.language), columns=len(proposal.features)
        )
    )
    if proposal.left_out:
        names = with_commas(
            (f"{escaped(name)} ({reason})" for name, reason in proposal.left_out.items()), here.language
        )
        st.caption(_("Not learned from: {columns}.").format(columns=names))


def _predict(here: Here, proposal: Proposal) -> None:
    _ = here.say
    st.header(_("4 · The result"), anchor=False)
    asked = (proposal.name, repr(proposal.entry))
    if st.button(_("Learn and predict"), type="primary", icon=":material/model_training:"):
        with errors_in_words(_):
            st.session_state[_TRAINED] = (asked, *_train_and_score(here, proposal))
            st.rerun()  # the new scores are a new snapshot, and the task has a page now
    trained = st.session_state.get(_TRAINED)
    if trained and trained[0] == asked:
        page = next((each for each in domain.own_pages(here) if each.task == trained[1]), None)
        if page is not None:
            show_result(here, page, trained[2])


def _train_and_score(here: Here, proposal: Proposal) -> tuple[str, TrainingResult]:
    _ = here.say
    with st.status(_("Learning…"), expanded=True) as status:
        name, settings = own.declare(here.settings, proposal)
        task = own.task_of(settings, name)

        def tell(step: str) -> None:
            st.caption(escaped(step))

        result = train(settings, task, progress=tell)
        status.update(label=_("Predicting…"))
        score(settings, task, progress=tell)
        status.update(label=_("Done"), state="complete", expanded=False)
    with here.store.session() as session:
        session.add(Audit(who=here.role, action="task.new", detail=name))
    return name, result
