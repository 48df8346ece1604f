"""The cases of one page of the list as people read them: in words, masked, with what changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import streamlit as st

from dashboards import numbers
from dashboards.cases.spoken import score_text
from dashboards.explore.figure import SAME
from dashboards.figures import band_label
from dashboards.headings import free
from dashboards.reasons import in_words as reasons_in_words
from dashboards.screens.explore.explored import Explored
from dashboards.screens.explore.order import chosen_columns
from dashboards.screens.explore.told import is_share, value_in_words
from dashboards.screens.parts.columns import in_words, labels, masked
from dashboards.screens.parts.work_words import marker
from dashboards.worklist import checks, items


@dataclass(frozen=True)
class Table:
    """The page of the list as people read it: its frame, which columns are numbers, what heads stand for."""

    frame: pl.DataFrame
    numeric: list[str]
    columns: Mapping[str, str]  # head -> column


def in_rows(explored: Explored, rows: pl.DataFrame) -> Table:
    """The cases of a page of the list, masked for the role."""
    here, task, _ = explored.here, explored.task, explored.here.say
    entity, listed = explored.subject.entity, explored.listed()
    columns = [listed[name] for name in chosen_columns(explored)]
    seen, names = masked(here, rows, (entity, *columns)), labels(here, (entity, *columns))
    fixed = (_("Score"), _("Band"), _("Change"), _("Strongest reason"), _("Worklist"))
    table: dict[str, Any] = {
        free(names[entity.column], fixed): [in_words(here, value) for value in seen[entity.column]],
        _("Score"): 100 * rows["score"]
        if is_share(explored, "score")
        else [score_text(task, score, here.language) for score in rows["score"]],
        _("Band"): [band_label(task, str(band), here.language) for band in rows["band"]],
    }
    heads = {_("Score"): "score", _("Band"): "band"}
    if rows["moved"].null_count() < rows.height:
        table[_("Change")] = [_change(explored, row) for row in rows.iter_rows(named=True)]
    if rows["reasons"].null_count() < rows.height:
        table[_("Strongest reason")] = reasons_in_words(rows["reasons"], task, here.language, most=1)
    if any(told := _work(explored, rows["entity_id"].to_list())):
        table[_("Worklist")] = told
    usable, numeric = explored.usable(), []
    for each in columns:
        head = free(names[each.column], table)
        table[head] = [_value(explored, each.column, value) for value in seen[each.column]]
        if each.column in usable:
            heads[head] = each.column
        if seen.schema[each.column].is_numeric():
            numeric.append(head)
    return Table(pl.DataFrame(table), numeric, heads)


def _work(explored: Explored, ids: Sequence[str]) -> list[str]:
    """How each case stands on the worklist; "" where nobody looks after it."""
    here = explored.here
    held, today = items.statuses(here.store, explored.task.name, ids), checks.today(here.settings)
    return [marker(here, held.get(entity), today) for entity in ids]


def _value(explored: Explored, column: str, value: Any) -> str:
    here = explored.here
    if value is not None and is_share(explored, column):
        return numbers.percent(value, here.language)
    if value is not None and column in ("moved", "band_before"):
        return value_in_words(explored, column, str(value))
    return in_words(here, value, explored.subject.codes)


def _change(explored: Explored, row: Mapping[str, Any]) -> str:
    """How far the score moved since the moment scored before, and from which band: `+12.3 (was Medium)`."""
    _, language = explored.here.say, explored.here.language
    if row["moved"] == "new":
        return _("new")
    if row["score"] is None or row["score_before"] is None:
        return numbers.ABSENT
    difference = row["score"] - row["score_before"]
    written = numbers.points if is_share(explored, "score") else numbers.signed
    told = written(difference, language)
    told = told if told.strip("+-0.") else SAME
    if row["moved"] == "same":
        return told
    before = band_label(explored.task, str(row["band_before"]), language)
    return _("{change} (was {band})").format(change=told, band=before)


def score_column(explored: Explored) -> Any:
    """How the score is drawn: as a bar where it is a share, else in its unit."""
    if not is_share(explored, "score"):
        return st.column_config.TextColumn(alignment="right")
    return st.column_config.ProgressColumn(format="%.1f%%", min_value=0, max_value=100, width=140)
