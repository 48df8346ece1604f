"""The whole list of a view to take away: prepared when asked for, however long it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.domain_words import code_in_words
from dashboards.explore import exporting
from dashboards.explore.board import Board, reading_board
from dashboards.explore.exporting import KINDS, Export, FileKind
from dashboards.explore.exporting_cases import Listed, parts
from dashboards.explore.handing_out import hand_out, is_there
from dashboards.figures import band_label
from dashboards.numbers import Format
from dashboards.queries.explore_filters import sort_of
from dashboards.queries.reading import Read
from dashboards.reasons import in_words as reasons_in_words
from dashboards.reports.report import Column, Fact
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown, labels, masked
from dashboards.screens.parts.export import making, menu, note, notes_of, stem
from dashboards.screens.parts.person import person
from pipelines.store import now

_READY = "export-ready"  # what was prepared last in this session: (of what, address, name)
_BANDS = ("band", "band_before")
_SHARES = ("score", "lower", "upper", "score_before")
_REASONS = "reasons"


@dataclass(frozen=True)
class CasesAsked:
    """The list that is on the page: a board, the view with what it leaves out, the columns as they stand.

    `found` is how many cases it has; `columns` begin with whom a row is about; `codes` says their codes in
    words; `told` are the filters.
    """

    task: Task
    board: Board
    listed: Listed
    found: int
    columns: tuple[Shown, ...]
    as_of: datetime
    told: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)


@st.fragment
def offer_cases(here: Here, asked: CasesAsked, title: str) -> None:
    """A button that prepares all cases of the list as Excel, CSV or Parquet, and then hands the file out."""
    _ = here.say
    with menu(here, "cases"):
        words = _("All cases of this list ({cases}), in its order and columns, as your role sees them.")
        st.caption(words.format(cases=numbers.integer(asked.found, here.language)))
        if asked.found > exporting.MOST_IN_A_SHEET:
            most = numbers.integer(exporting.MOST_IN_A_SHEET, here.language)
            st.caption(_("Excel has room for the first {most} of them.").format(most=most))
        for kind, (label, _ending, _mime) in KINDS.items():
            if st.button(_("Prepare {format}").format(format=label), key=f"prepare-{kind}", width="stretch"):
                with st.spinner(_("Writing the file …"), show_time=True):
                    _prepare(here, asked, title, kind)
        _offer_ready(here, asked)


def _prepare(here: Here, asked: CasesAsked, title: str, kind: FileKind) -> None:
    _name, ending, mime = KINDS[kind]
    who, name = person(here), stem(here, "cases")
    export = Export(
        stem=name,
        title=title,
        columns=tuple(_columns(here, asked)),
        rows=asked.found,
        facts=(*notes_of(here, asked.told, _facts(here, asked)), *making(here, who)),
        made=now(),
        language=here.language,
    )

    def write(file: IO[bytes]) -> int:
        with reading_board(here.settings, asked.board) as connection:
            rows = parts(
                connection, _wanted(asked), asked.board.schema, lambda part: _seen(here, asked, part, kind)
            )
            return exporting.write(kind, export, rows, file)

    address, written = hand_out(here.settings, f"{name}.{ending}", mime, write)
    note(
        here,
        "cases",
        {"what": asked.task.name, "format": kind, "rows": written},
        who,
        asked.told,
    )
    st.session_state[_READY] = (_of_what(asked), address, f"{name}.{ending}")


def _offer_ready(here: Here, asked: CasesAsked) -> None:
    """The file that was prepared, as long as the list is the same and the file is kept."""
    _ = here.say
    of_what, address, name = st.session_state.get(_READY, ("", "", ""))
    if of_what == _of_what(asked) and is_there(address):
        st.link_button(
            _("Download {name}").format(name=name),
            address,
            icon=":material/download:",
            type="primary",
            width="stretch",
        )
        st.caption(_("It is kept for a quarter of an hour."))


def _of_what(asked: CasesAsked) -> str:
    return f"{asked.board.key} {asked.listed}"


def _wanted(asked: CasesAsked) -> Listed:
    """The list with the columns that are written, and the one whose words are."""
    names = [*(each.column for each in asked.columns), _REASONS, *asked.listed.columns]
    return Listed(asked.listed.view, tuple(dict.fromkeys(names)), asked.listed.excluded)


def _columns(here: Here, asked: CasesAsked) -> list[Column]:
    """The columns of the file: those of the list, then the strongest reason."""
    _ = here.say
    schema = asked.board.schema
    shown = [each for each in asked.columns if each.column in schema]
    titles = labels(here, shown)
    found = [
        Column(each.column, titles[each.column], _format(asked.task, each.column, schema[each.column]))
        for each in shown
    ]
    reasons = [Column(_REASONS, _("Strongest reason"))] if _REASONS in schema else []
    return [*found, *reasons]


def _format(task: Task, column: str, kind: str) -> Format:
    if column in _SHARES and task.kind != "regression":
        return "percent"
    formats: dict[str, Format] = {"day": "date", "moment": "moment"}
    return formats.get(sort_of(kind), "text")  # numbers as they are: a year has no thousands


def _seen(here: Here, asked: CasesAsked, part: pl.DataFrame, kind: FileKind) -> pl.DataFrame:
    """A part of the list as this role may see it; for people with words in place of codes."""
    frame = masked(here, part, asked.columns)
    if _REASONS in frame.columns:
        frame = frame.with_columns(
            pl.Series(
                _REASONS, reasons_in_words(frame[_REASONS], asked.task, here.language, most=1), pl.String
            )
        )
    if kind == "parquet":
        return frame
    return frame.with_columns(
        _in_words(here, asked, name, frame[name])
        for name, type_ in frame.schema.items()
        if type_ == pl.String and name not in (_REASONS, asked.columns[0].column)
    )


def _in_words(here: Here, asked: CasesAsked, name: str, values: pl.Series) -> pl.Series:
    """The values of a column of codes in words; each different one is looked up once."""
    codes = values.unique().drop_nulls()
    if name in _BANDS:
        words = {code: band_label(asked.task, code, here.language) for code in codes}
    else:
        words = {code: code_in_words(code, asked.codes) for code in codes if code in asked.codes}
    return values.replace(words) if words else values


def _facts(here: Here, asked: CasesAsked) -> Sequence[Fact]:
    _ = here.say
    found = [Fact(_("Data as of"), numbers.day(asked.as_of, here.language))]
    if "model_version" in asked.board.schema:
        versions = here.ask_board(asked.board, _versions)
        found.append(Fact(_("Model version"), ", ".join(versions)))
    if any(sort_of(kind) == "moment" for kind in asked.board.schema.values()):
        found.append(Fact(_("Times in the tables"), "UTC"))
    return found


def _versions(read: Read) -> list[str]:
    sql = "SELECT DISTINCT model_version AS version FROM cases WHERE model_version IS NOT NULL ORDER BY 1"
    return list(read(sql, None)["version"])
