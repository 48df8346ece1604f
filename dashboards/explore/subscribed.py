"""A view as what a subscription is cut to: the attribute `view`, a view's query (`f.band=high&q=L00`).

Its filters on columns and its search cut. Its order and columns stay with it, for the link to the page; a
day, a comparison and the worklist are of somebody's moment, and are left out. A view that cannot be kept to
is an error, never a silently different cut.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import polars as pl

from analytics.task import Task
from connectors.errors import UsageError, did_you_mean
from dashboards.explore.board_making import board_given, board_sql
from dashboards.explore.board_sources import Origin
from dashboards.explore.cases import cases_sql, contracts_of, listed_columns, sees_cases
from dashboards.explore.own_columns import own_column
from dashboards.explore.view import CHOICE, RANGE, SEARCH, View, is_of_a_view, view_of
from dashboards.queries.explore import values
from dashboards.queries.explore_filters import sort_of, unknown, where
from dashboards.queries.reading import Read
from pipelines.access import visible_to
from pipelines.queries import literal, with_literals
from pipelines.row_cut import Rule
from pipelines.settings import Settings
from pipelines.warehouse import quoted

ATTRIBUTE = "view"
_SHOWN = "shown"
_OTHERS = ("lang", "tab")  # names in the address of a page that say nothing of its cases
_MOVES = ("new", "up", "down", "same")
_DECLARED = ("band", "band_before", "moved")  # their values are the task's: `check_values`
_LONGEST = 2000  # letters
MOST_VALUES = 5000  # of a column, to find what was meant


@dataclass(frozen=True)
class Cases:
    """The cases of a task at a moment, which a view is kept to. `before` is the moment scored before it."""

    settings: Settings
    task: Task
    as_of: datetime
    before: datetime | None

    @property
    def sql(self) -> str:
        """The rows of the task's board, their values written out."""
        origin = Origin(self.task, cases_sql(self.task), self.as_of, None, encrypted=False)
        return with_literals(board_sql(origin), board_given(origin, self.before))

    def schema(self, read: Read) -> dict[str, str]:
        """The columns of the board and their DuckDB types, as a snapshot has them."""
        described = read(f"DESCRIBE {self.sql}", None)
        return dict(zip(described["column_name"], described["column_type"], strict=True))


def normal(text: str) -> str:
    """What cuts and orders in a query, or in the address of a page, written the one way.

    Raises UsageError for a part that is no filter, and where no filter is left: it would show everything.
    """
    query = urlsplit(text).query or text.removeprefix("?")
    if len(query) > _LONGEST:
        raise UsageError(f"The view has more than {_LONGEST} letters.", "Take away some of its values.")
    view = view_of(query)
    for name, value in parse_qsl(query, keep_blank_values=True):
        if not _is_kept(view, name, value):
            raise UsageError(
                f"«{name}={value}» is no filter of a view.",
                f"Write {CHOICE}COLUMN=VALUE, {RANGE}COLUMN=LOW..HIGH or {SEARCH}=BEGINNING, joined by &, as "
                "the address of the page has it.",
            )
    kept = replace(view, day="", against=None, work="")
    if not kept.is_filtered:
        raise UsageError(
            f"The view «{text}» has no filter, so it cuts nothing.", "Leave it out for all rows."
        )
    return kept.query()


def check(view: View, cases: Cases, schema: Mapping[str, str], role: str) -> None:
    """Raises UsageError for a filter on what the cases do not have, or what `role` may not see."""
    task = cases.task
    hidden = hidden_columns(cases.settings, task, role)
    listed = listed_columns(cases.settings, task) & {*schema}  # the page drops any other filter
    for column in view.filtered_columns:
        if column == "entity_id":
            raise UsageError("A view does not filter by «entity_id».", f"Search: {SEARCH}=BEGINNING.")
        if column not in listed:
            raise UsageError(
                f"The view filters by «{column}», but the cases of {task.name} list no such column.",
                did_you_mean(column, listed - hidden),
            )
    for told in unknown(replace(view, sort=""), schema):
        raise UsageError(f"«{told}» is no value to compare with.", "Write a number, or a day as 2026-10-30.")
    for column in view.filtered_columns:
        if column in hidden:
            raise UsageError(
                f"The view filters by «{column}», which the role «{role}» does not see.",
                "Take that filter away: who is shown would tell it.",
            )
    if view.search and "entity_id" in hidden:
        raise UsageError(
            f"The view searches by number, but the role «{role}» sees no numbers.", "Take the search away."
        )


def check_known(
    view: View, cases: Cases, schema: Mapping[str, str], read: Read, beside: Callable[[str], Iterable[str]]
) -> None:
    """Raises UsageError for a value that nobody has: no case now, nothing that `beside` knows of the column.

    For a new wish only. Cases come and go, so a value that was known once may wait for the next one.
    """

    def ask(sql: str, parameters: Any) -> pl.DataFrame:
        return read(f"WITH cases AS ({cases.sql}) {sql}", parameters)

    for column, wanted in view.choices:
        for value in wanted if column not in _DECLARED else ():
            asked = where(View(choices=((column, (value,)),)), schema)
            if (
                value == ""
                or not ask(f"SELECT 1 FROM cases WHERE {asked.sql} LIMIT 1", asked.given).is_empty()
            ):
                continue
            known = {*values(ask, column, most=MOST_VALUES), *beside(column)}
            known |= {"true", "false"} if sort_of(schema[column]) == "truth" else set()
            if value not in known:
                raise UsageError(f"Nobody has the {column} «{value}».", did_you_mean(value, known))


def check_values(view: View, task: Task) -> None:
    """Raises UsageError for a band that the task does not have: nobody would ever be in it."""
    bands = [*(band.name for band in task.bands), *task.classes]
    for column, known in (("band", bands), ("band_before", bands), ("moved", _MOVES)):
        for value in view.chosen(column):
            if known and value and value not in known:
                raise UsageError(f"There is no {column} «{value}».", did_you_mean(value, known))


def hidden_columns(settings: Settings, task: Task, role: str) -> frozenset[str]:
    """The columns of a task's cases that are masked for a role: to filter by them would tell them."""
    seen = visible_to(role)
    columns = (column for contract in contracts_of(settings, task) for column in contract.columns)
    hidden = frozenset(
        own_column(task, column.name) for column in columns if column.personal and column.personal not in seen
    )
    return hidden if sees_cases(settings, task, role) else hidden | {"entity_id"}


def rule_of(view: View, cases: Cases, schema: Mapping[str, str]) -> Rule:
    """The cut to the cases that pass a view (checked before), and to what belongs to them."""
    asked = where(view, schema)
    conditions = with_literals(asked.sql, asked.given)
    return _rule(cases.task, f"SELECT entity_id AS key FROM ({cases.sql}) AS cases WHERE {conditions}")


def rule_of_same(task: Task, catalog: str, as_of: datetime) -> Rule:
    """The cut to the cases that a catalog attached beside shows at a moment: the same ones, elsewhere."""
    scored = f"{quoted(catalog)}.{quoted(task.predictions_table)}"
    moment = literal(as_of.isoformat(" "))
    return _rule(task, f"SELECT entity_id AS key FROM {scored} WHERE as_of = TIMESTAMP {moment}")


def check_task(task: Task) -> None:
    """Raises UsageError where nobody said what the cases of a task are rows of."""
    if not task.flat and not task.entity_of:
        raise UsageError(
            f"The cases of {task.name} are rows of no table, so a view cannot cut what is shown of them.",
            "Name it in the task (`entity_of`), or subscribe to all rows.",
        )


def _rule(task: Task, keys_sql: str) -> Rule:
    check_task(task)
    keys: tuple[str, ...]
    if task.flat:
        table, keys = task.table, (task.flat.entity or "rowid",)
    else:
        table = task.entity_of[0].rpartition(".")[0]
        keys = tuple(column.rpartition(".")[2] for column in task.entity_of)
    sql = f"SELECT key, {literal(_SHOWN)} AS value FROM ({keys_sql})"
    return Rule(ATTRIBUTE, table, ATTRIBUTE, (_SHOWN,), sql, keys, task.shared_before)


def _is_kept(view: View, name: str, value: str) -> bool:
    """Whether a part of a query is in the view that was read from it, or says nothing of the cases."""
    if name.startswith(CHOICE):
        return value in view.chosen(name.removeprefix(CHOICE))
    if name.startswith(RANGE):
        wanted = view.range_of(name.removeprefix(RANGE))
        return value == f"{wanted.low}..{wanted.high}"
    if name == SEARCH:
        return value.strip() == view.search
    return is_of_a_view(name) or name in _OTHERS
