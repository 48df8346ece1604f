"""The cases of a task as its page lists them, in SQL: what boards are made of and what views filter."""

import importlib
import pkgutil
import re
from functools import cache
from importlib.util import find_spec
from typing import Any

from analytics.task import Task
from dashboards import domains
from dashboards.explore.own_columns import own_column, renamed
from dashboards.wording import in_language
from pipelines.access import sees_entities
from pipelines.catalog import contracts
from pipelines.contract import Contract
from pipelines.records import quoted_column
from pipelines.settings import Settings
from pipelines.warehouse import quoted
from pipelines.words import words

_KEY = "own.␟entity"  # a name no table has a column of
EVERY = {  # what every case has
    "score": words("Score", "评分"),
    "band": words("Band", "等级"),
    "moved": words("Change of band", "等级变化"),
    "band_before": words("Band before", "上次等级"),
    "score_before": words("Score before", "上次评分"),
    "lower": words("Score, lower bound", "评分下限"),
    "upper": words("Score, upper bound", "评分上限"),
}


def cases_sql(task: Task) -> str:
    """The predictions of the moment `$as_of` beside what people know the cases by.

    Not masked: pass what it yields through `pipelines.access` before it is shown.
    """
    if declared := _declared("CASES").get(task.name):
        return str(declared(task))
    return own_cases(task) if task.flat else f"FROM {quoted(task.predictions_table)} WHERE as_of = $as_of"


def contracts_of(settings: Settings, task: Task) -> list[Contract]:
    """The contracts of the tables that the cases are read from: what their columns are."""
    sql = cases_sql(task).replace('"', "")
    return [
        contract
        for table, contract in contracts(settings).items()
        if re.search(rf"\b{re.escape(table)}\b", sql)
    ]


def sees_cases(settings: Settings, task: Task, role: str) -> bool:
    """Whether a role may tell the cases of a task apart: only then may it search by them or open one.

    People name rows of own tables by what they like, such as an address of mail.
    """
    table, column = task.table, task.flat.entity if task.flat else ""
    if task.entity_of:
        table, _dot, column = task.entity_of[0].rpartition(".")
    return sees_entities(role, contracts(settings).get(table), column)


def labels_of(settings: Settings, task: Task, language: str) -> dict[str, str]:
    """What the columns of the cases are called, as far as anybody said so."""
    known = {
        own_column(task, column.name): column.label
        for each in contracts_of(settings, task)
        for column in each.columns[::-1]
    }
    named = {**known, **_declared("LABELS").get(task.name, {}), **EVERY}
    return {column: told for column, label in named.items() if (told := in_language(label, language))}


def listed_columns(settings: Settings, task: Task) -> frozenset[str]:
    """What pages may list of the cases: what every case has, and what tables or the domain say of them.

    The rest of a board (identifiers of a run, reasons) is for no list, and no view filters by it.
    """
    own = (task.flat.entity, task.flat.target) if task.flat else ()
    told = (own_column(task, name) for each in contracts_of(settings, task) for name in each.names)
    left = {own_column(task, name) for name in own if name}
    return frozenset({*told, *_declared("LABELS").get(task.name, {})} - left | {*EVERY})


@cache
def _declared(what: str) -> dict[str, Any]:
    """By task, what `dashboards/domains/<domain>/cases.py` says of those that ship: `CASES` is their SQL,
    `LABELS` what columns are called that no contract has.
    """
    names = (f"{domains.__name__}.{found.name}.cases" for found in pkgutil.iter_modules(domains.__path__))
    modules = (importlib.import_module(name) for name in names if find_spec(name))
    return {task: told for module in modules for task, told in getattr(module, what).items()}


def own_cases(task: Task) -> str:
    """The rows of one flat table beside their scores; a row without an entity is named by its number.

    Its columns are called as `own_column` says.
    """
    rows = f"SELECT own.*, {_own_key(task)} AS {quoted_column(_KEY)} FROM {_own_rows(task)} AS own"
    key = quoted_column(own_column(task, _KEY))
    return f"""
        SELECT scored.*, named.* EXCLUDE ({key})
        FROM (FROM {quoted(task.predictions_table)} WHERE as_of = $as_of) AS scored
        LEFT JOIN ({renamed(task, rows)}) AS named ON named.{key} = scored.entity_id
    """


def own_row(task: Task) -> str:
    """The row of `$entity_id` in such a table, by the same rule; it takes `$as_of` where rows have a time."""
    return f"SELECT own.* FROM {_own_rows(task)} AS own WHERE {_own_key(task)} = $entity_id"


def _own_rows(task: Task) -> str:
    """The rows of the table, one an entity: where rows have a time, the newest of the day `$as_of` or before.

    Scoring takes every open row, also one that is dated ahead (an appointment). So an entity without a row
    until then is shown with its first one after it, and with one that has no time at all only for want of
    any other.

    What cannot be known: a table without a time does not say what it held on an earlier day, so there the row
    loaded last stands beside old scores too; and a value that a source overwrote in place is today's
    everywhere.
    """
    table = quoted(task.table)
    if not task.flat or not task.flat.entity:
        return table
    entity, order = quoted_column(task.flat.entity), "own._loaded_at DESC NULLS LAST"
    if task.flat.time:
        time = f"own.{quoted_column(task.flat.time)}"
        until = f"CASE WHEN {time} < CAST($as_of AS DATE) + 1 THEN {time} END"  # the whole of that day
        order = f"{until} DESC NULLS LAST, {time} NULLS LAST"
    return f"""(
        FROM {table} AS own
        QUALIFY row_number() OVER (PARTITION BY own.{entity} ORDER BY {order}) = 1
    )"""


def _own_key(task: Task) -> str:
    column = quoted_column(task.flat.entity) if task.flat and task.flat.entity else "rowid"
    return f"CAST(own.{column} AS VARCHAR)"
