"""The cases of a task as its page lists them, in SQL: what boards are made of and what views filter."""

import importlib
import pkgutil
import re
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec

from analytics.task import Task
from dashboards import domains
from pipelines.catalog import contracts
from pipelines.contract import Contract
from pipelines.records import quoted_column
from pipelines.settings import Settings
from pipelines.warehouse import quoted

CasesOf = Callable[[Task], str]


def cases_sql(task: Task) -> str:
    """The predictions of the moment `$as_of` beside what people know the cases by.

    Not masked: pass what it yields through `pipelines.access` before it is shown.
    """
    if task.name in _declared():
        return _declared()[task.name](task)
    return own_cases(task) if task.flat else f"FROM {quoted(task.predictions_table)} WHERE as_of = $as_of"


def contracts_of(settings: Settings, task: Task) -> list[Contract]:
    """The contracts of the tables that the cases are read from: what their columns are."""
    sql = cases_sql(task).replace('"', "")
    return [
        contract
        for table, contract in contracts(settings).items()
        if re.search(rf"\b{re.escape(table)}\b", sql)
    ]


@cache
def _declared() -> dict[str, CasesOf]:
    """Of the tasks that ship: `CASES` of each `dashboards/domains/<domain>/cases.py`, found by import."""
    names = (f"{domains.__name__}.{found.name}.cases" for found in pkgutil.iter_modules(domains.__path__))
    modules = (importlib.import_module(name) for name in names if find_spec(name))
    return {task: cases for module in modules for task, cases in module.CASES.items()}


def own_cases(task: Task) -> str:
    """The rows of one flat table beside their scores; a row without an entity is named by its number."""
    return f"""
        SELECT scored.*, own.* FROM (FROM {quoted(task.predictions_table)} WHERE as_of = $as_of) AS scored
        LEFT JOIN {_own_rows(task)} AS own ON {_own_key(task)} = scored.entity_id
    """


def own_row(task: Task) -> str:
    """The row of `$entity_id` in such a table."""
    return f"SELECT own.* FROM {_own_rows(task)} AS own WHERE {_own_key(task)} = $entity_id"


def _own_rows(task: Task) -> str:
    """The rows of the table, one an entity: the newest where an entity has several."""
    table = quoted(task.table)
    if not task.flat or not task.flat.entity:
        return table
    entity, newest = quoted_column(task.flat.entity), quoted_column(task.flat.time or "_loaded_at")
    return (
        f"(FROM {table} "
        f"QUALIFY row_number() OVER (PARTITION BY {entity} ORDER BY {newest} DESC NULLS LAST) = 1)"
    )


def _own_key(task: Task) -> str:
    column = quoted_column(task.flat.entity) if task.flat and task.flat.entity else "rowid"
    return f"CAST(own.{column} AS VARCHAR)"
