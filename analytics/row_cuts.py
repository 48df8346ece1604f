"""From a reader's attributes to the rows that are theirs: what parameters mean, what tables are about."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from analytics.catalog import tasks
from analytics.forecasting import tables as forecasts
from analytics.routing import tables as plans
from analytics.task import Task, Words
from connectors.errors import UsageError, did_you_mean
from pipelines.catalog import contracts, traits
from pipelines.row_cut import Link, RowCut, Rule, references, shared_tables
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse


def row_cut(
    settings: Settings,
    parameters: Mapping[str, str],
    attributes: Iterable[tuple[str, Sequence[str]]],
    further: Iterable[Rule] = (),
) -> RowCut | None:
    """The cut of readers with these `attributes` (parameter, values); None without any: all rows.

    `parameters` says what each cuts by: name -> `domain.table.column`. `further` rules must hold as well.
    Raises UsageError for an attribute that is no parameter, and for a parameter whose column nobody promised.
    """
    rules = (*(_rule(settings, name, parameters, values) for name, values in attributes), *further)
    if not rules:
        return None
    promised = contracts(settings).values()
    return RowCut(rules, (*references(promised), *_links(settings)), shared_tables(promised))


def check_parameter(settings: Settings, name: str, reference: str) -> None:
    """Raises UsageError where a parameter is said to cut by what no table has.

    `reference` is `domain.table.column`; of a table without a contract the column shows when it is read.
    """
    table, _, column = reference.rpartition(".")
    if "." not in table:
        raise UsageError(
            f"Parameter «{name}»: «{reference}» names no column.",
            "Write it as domain.table.column: finance.customers.city.",
        )
    known = contracts(settings)
    if table in known:
        if reference not in traits():
            known[table].column(column)
        return
    tables = {*known, *settings.tables, *(each.predictions_table for each in tasks(settings).values())}
    tables |= {*plans.COLUMNS, *forecasts.COLUMNS}
    if table not in tables and not Warehouse(settings).exists(table):
        raise UsageError(f"Parameter «{name}»: there is no table «{table}».", did_you_mean(table, tables))


def label_of(settings: Settings, name: str, reference: str) -> Words:
    """What people call the parameter that cuts by `domain.table.column`."""
    if trait := traits().get(reference):
        return trait.label
    table, _, column = reference.rpartition(".")
    contract = contracts(settings).get(table)
    known = contract.column(column).label if contract and column in contract.names else {}
    return known or {"en": name, "zh": name}


def _rule(settings: Settings, name: str, parameters: Mapping[str, str], values: Sequence[str]) -> Rule:
    if name not in parameters:
        raise UsageError(f"Nothing is cut by «{name}».", did_you_mean(name, parameters))
    check_parameter(settings, name, parameters[name])
    if not all(_is_text(value) for value in values):
        raise UsageError(f"Parameter «{name}»: one of its values is no text.", "Write it again.")
    table, _, column = parameters[name].rpartition(".")
    if trait := traits().get(parameters[name]):
        return Rule(name, table, column, tuple(values), trait.sql, (trait.key,))
    return Rule(name, table, column, tuple(values))


def _is_text(value: str) -> bool:
    """Whether a database takes it: no zero byte, no half of a character."""
    return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _links(settings: Settings) -> Iterator[Link]:
    """What the tables that are made here refer to: plans, forecasts, predictions."""
    for table, columns in (plans.REFERENCES | forecasts.REFERENCES).items():
        for column, reference in columns.items():
            of, _, key = reference.rpartition(".")
            yield Link(table, column, of, (key,))
    for task in tasks(settings).values():
        yield from _predictions_of(task)


def _predictions_of(task: Task) -> Iterator[Link]:
    if task.flat:
        # Without a column that says who it is, a case is called by the number of its row. An entity of
        # several rows has predictions made from all of them.
        key = task.flat.entity or "rowid"
        yield Link(task.predictions_table, "entity_id", task.table, (key,), every=True)
    elif task.entity_of:
        table = task.entity_of[0].rpartition(".")[0]
        keys = tuple(column.rpartition(".")[2] for column in task.entity_of)
        yield Link(task.predictions_table, "entity_id", table, keys, task.shared_before)
