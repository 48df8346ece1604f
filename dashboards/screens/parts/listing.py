"""The ranked list: filters that combine, pages from the database, a click opens the case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl
import streamlit as st

from analytics.task import Task
from dashboards import numbers
from dashboards.domain_words import code_in_words
from dashboards.figures import band_label
from dashboards.queries import predictions
from dashboards.queries.ranking import Filters, choices, count, ranked
from dashboards.reasons import in_words as reasons_in_words
from dashboards.screens.here import Here
from dashboards.screens.parts.columns import Shown, in_words, labels, masked

PAGE_SIZE = 20
MOST_OPTIONS = 60  # a longer list of values is searched, not chosen from
_SCORE_COLUMNS = ("entity_id", "score", "band", "reasons")


@dataclass(frozen=True)
class Listing:
    """What is listed: the SQL of the cases (it takes `$as_of`), whom they are about, what else is shown.

    `segments` become filters; `codes` says the codes in the columns in words. Without `on_open` (called with
    the entity's identifier) the role sees no single case.
    """

    cases: str
    entity: Shown
    columns: tuple[Shown, ...]
    segments: tuple[Shown, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    on_open: Callable[[str], None] | None = None


def show_list(here: Here, task: Task, as_of: datetime, listing: Listing) -> None:
    """Filters, the number of cases that pass them, one page of the list, and its pager."""
    _ = here.say
    st.subheader(_("Ranked list"), anchor=False)
    filters = _filters(here, task, as_of, listing)
    found = here.ask(count, listing.cases, as_of, filters)
    if not found:
        st.info(
            _("No case passes these filters. Take one away to see more."), icon=":material/filter_alt_off:"
        )
        return
    pages = -(-found // PAGE_SIZE)
    # A pager of its own for each set of filters: a new question starts on its first page.
    cut = here.cut.digest if here.cut else ""
    page = st.session_state.get(pager := f"page-{task.name}-{cut}-{filters}", 1)
    names = list(dict.fromkeys([*_SCORE_COLUMNS, *(each.column for each in listing.columns)]))
    rows = here.ask(ranked, listing.cases, as_of, filters, names, page, PAGE_SIZE)
    hint = _("{cases} cases, highest score first. Choose a row to open it.")
    plain = _("{cases} cases, highest score first.")
    number = numbers.integer(found, here.language)
    st.caption((hint if listing.on_open else plain).format(cases=number))
    _show_rows(here, task, rows, listing)
    if pages > 1:
        st.pagination(pages, key=pager)


def _filters(here: Here, task: Task, as_of: datetime, listing: Listing) -> Filters:
    _ = here.say
    bands = [str(band) for band in here.ask(predictions.by_band, task, as_of)["band"]]
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        picked = st.pills(
            _("Band"),
            bands,
            selection_mode="multi",
            format_func=lambda band: band_label(task, band, here.language),
            key=f"bands-{task.name}",
            wrap=True,
        )
        search = ""
        if listing.on_open:
            search = st.text_input(
                _("Find by number"),
                key=f"search-{task.name}",
                type="search",
                placeholder=_("or a part of it"),
                width=190,
            )
        chosen = [
            each for each in (_segment(here, task, as_of, listing, s) for s in listing.segments) if each
        ]
    return Filters(tuple(picked), (search or "").strip(), tuple(chosen))


def _segment(
    here: Here, task: Task, as_of: datetime, listing: Listing, segment: Shown
) -> tuple[str, str] | None:
    """The filter on one column; nothing where there is nothing to choose between."""
    _ = here.say
    options = here.ask(choices, listing.cases, as_of, segment.column)
    if not 1 < len(options) <= MOST_OPTIONS:
        return None
    value = st.selectbox(
        labels(here, [segment])[segment.column],
        options,
        index=None,
        format_func=lambda code: code_in_words(code, listing.codes),
        key=f"{segment.column}-{task.name}",
        placeholder=_("all"),
        width=170,
    )
    return (segment.column, value) if value is not None else None


def _show_rows(here: Here, task: Task, rows: pl.DataFrame, listing: Listing) -> None:
    _ = here.say
    table, numeric = _in_words(here, task, rows, listing)
    key = f"list-{task.name}"

    def opened() -> None:
        chosen = st.session_state[key]["selection"]
        places = chosen["rows"] or [row for row, _column in chosen["cells"]]
        if places and listing.on_open:
            listing.on_open(str(rows["entity_id"][places[0]]))

    choosing: dict[str, Any] = {"on_select": opened, "selection_mode": ["single-row", "single-cell"]}
    st.dataframe(
        table,
        hide_index=True,
        key=key,
        column_config={
            _("Score"): _score_column(task),
            **{name: st.column_config.TextColumn(alignment="right") for name in numeric},
        },
        height="content",
        alt=_("Ranked list"),
        **(choosing if listing.on_open else {}),
    )


def _in_words(here: Here, task: Task, rows: pl.DataFrame, listing: Listing) -> tuple[pl.DataFrame, list[str]]:
    """The table as people read it, and which of its columns are numbers."""
    _ = here.say
    columns = (listing.entity, *listing.columns)
    seen, names = masked(here, rows, columns), labels(here, columns)
    table: dict[str, Any] = {
        names[listing.entity.column]: [in_words(here, value) for value in seen[listing.entity.column]],
        _("Score"): rows["score"] if task.kind == "regression" else 100 * rows["score"],
        _("Band"): [band_label(task, str(band), here.language) for band in rows["band"]],
    }
    if rows["reasons"].null_count() < rows.height:
        table[_("Strongest reason")] = reasons_in_words(rows["reasons"], task, here.language, most=1)
    for each in listing.columns:
        table[names[each.column]] = [in_words(here, value, listing.codes) for value in seen[each.column]]
    numeric = [names[each.column] for each in listing.columns if seen.schema[each.column].is_numeric()]
    return pl.DataFrame(table), numeric


def _score_column(task: Task) -> Any:
    if task.kind == "regression":
        return st.column_config.NumberColumn(format="localized", width="small")
    return st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100, width=140)
