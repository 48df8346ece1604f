"""Which reports there are, and what is said of each: those that ship, and those of `assistant.toml`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from connectors.errors import UsageError, did_you_mean
from dashboards import domains
from dashboards.explore.subscribed import ATTRIBUTE as VIEW
from dashboards.reports.desk import Blueprint
from pipelines.access import visible_to
from pipelines.catalog import contracts
from pipelines.mailing import ReportSettings
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse


@cache
def blueprints() -> Mapping[str, Blueprint[Any]]:
    """The reports that ship, by name: one with each domain (`dashboards/domains/<domain>/report.py`)."""
    from dashboards.reports import data_quality

    found = [
        import_module(f"{domains.__name__}.{domain.name}.report").REPORT
        for domain in iter_modules(domains.__path__)
    ]
    return {blueprint.name: blueprint for blueprint in (*found, data_quality.REPORT)}


def report_names(settings: Settings) -> list[str]:
    """The reports there are: those that ship and those of `assistant.toml`."""
    return sorted({*blueprints(), *settings.reports})


def blueprint_of(settings: Settings, name: str) -> Blueprint[Any]:
    """How the report `name` is written; raises UsageError if there is none, or what it is about is unknown.

    A report of `assistant.toml` is written like the one that ships with its domain, or about its own task or
    table.
    """
    shipped, given = blueprints().get(name), settings.reports.get(name)
    if shipped is not None:
        if given is not None and (given.task or given.table or given.domain not in ("", shipped.domain)):
            raise UsageError(
                f"Report «{name}» ships with the assistant and has its own subject.",
                "Leave out domain, task and table, or give your report another name.",
            )
        return shipped
    if given is None:
        raise UsageError(f"There is no report «{name}».", did_you_mean(name, report_names(settings)))
    if given.task:
        return _about_a_task(settings, name, given.task)
    if given.table:
        return _about_a_table(settings, name, given.table)
    return replace(_of_domain(name, given.domain), name=name)


def _about_a_task(settings: Settings, name: str, task: str) -> Blueprint[Any]:
    from analytics.catalog import tasks
    from dashboards.reports import any_task

    known = tasks(settings)
    if task not in known:
        raise UsageError(f"Report «{name}»: there is no task «{task}».", did_you_mean(task, known))
    written = any_task.blueprint_for(name, known[task], contracts(settings).get(known[task].table))
    return replace(written, parameters=_parameters_of_domain(known[task].domain))


def _about_a_table(settings: Settings, name: str, table: str) -> Blueprint[Any]:
    from dashboards.reports import any_table

    known = contracts(settings)
    if table not in known and table not in settings.tables:
        tables = Warehouse(settings).tables()
        if table not in tables:
            raise UsageError(
                f"Report «{name}»: there is no table «{table}».", did_you_mean(table, {*known, *tables})
            )
    written = any_table.blueprint_for(name, table, known.get(table))
    return replace(written, parameters=_parameters_of_domain(written.domain))


def _of_domain(name: str, domain: str) -> Blueprint[Any]:
    for blueprint in blueprints().values():
        if domain and blueprint.domain == domain:
            return blueprint
    known = [blueprint.domain for blueprint in blueprints().values() if blueprint.domain]
    if not domain:
        raise UsageError(
            f"Report «{name}» is about nothing.", "Give it a domain, a task or a table in assistant.toml."
        )
    raise UsageError(f"Report «{name}»: no domain is called «{domain}».", did_you_mean(domain, known))


def _parameters_of_domain(domain: str) -> Mapping[str, str]:
    """What cuts the report that ships with the domain cuts every report of the domain."""
    return next((each.parameters for each in blueprints().values() if each.domain == domain), {})


def report_settings(settings: Settings, name: str) -> ReportSettings:
    """What is said of report `name`: `assistant.toml` over what the report brings itself.

    `parameters` include those that ship, `domain`, `task` and `table` say what it is about. Raises UsageError
    for an unknown report, section, parameter, or column of a parameter.
    """
    blueprint = blueprint_of(settings, name)
    given = settings.reports.get(name)
    said = {entry: getattr(given, entry) for entry in given.model_fields_set} if given else {}
    own = {entry: getattr(blueprint, entry) for entry in ("domain", "task", "table")}
    merged = ReportSettings.model_construct(
        **{
            **blueprint.defaults,
            **said,
            **own,
            "parameters": {**blueprint.parameters, **said.get("parameters", {})},
        }
    )
    _check_sections(name, merged.sections, list(blueprint.sections))
    for parameter, column in merged.parameters.items():
        if parameter == VIEW:
            raise UsageError(f"Report «{name}»: no parameter can be called «{VIEW}».", "Take another name.")
        if parameter not in blueprint.parameters or blueprint.parameters[parameter] != column:
            _check_column(settings, name, parameter, column)
    for parameter in merged.only:
        if parameter == VIEW:
            raise UsageError(
                f"Report «{name}» cannot be cut to a view for everybody.",
                f"Subscribe its readers to one: `sda subscription add EMAIL {name} --attribute view=QUERY`.",
            )
        check_parameter(name, parameter, merged.parameters)
    visible_to(merged.role)
    return merged


def figures_of(settings: Settings, name: str) -> list[str]:
    """The names of the figures that report `name` may have, for conditions on an issue."""
    return list(blueprint_of(settings, name).figures)


def tasks_of(settings: Settings, name: str) -> list[str]:
    """The tasks whose predictions report `name` shows."""
    task = blueprint_of(settings, name).task
    return [task] if task else []


def tables_of(settings: Settings, name: str) -> list[str]:
    """The tables that report `name` is made of: its own, those its task reads, or all of its domain.

    Some may never have been loaded. Empty for a report on the lake as such.
    """
    blueprint = blueprint_of(settings, name)
    if blueprint.table:
        return [blueprint.table]
    if blueprint.task and all(blueprint.task != shipped.task for shipped in blueprints().values()):
        return _read_by(settings, blueprint.task)
    return sorted(table for table in contracts(settings) if table.partition(".")[0] == blueprint.domain)


def _read_by(settings: Settings, name: str) -> list[str]:
    """The tables that a task is made from: the one it is about, or those that its SQL names."""
    from analytics.catalog import task_named

    task = task_named(name, settings)
    if task.table:
        return [task.table]
    sql = f"{task.population} {task.features} {task.candidates} {task.last_day} {task.events}"
    return sorted(table for table in contracts(settings) if re.search(rf"\b{re.escape(table)}\b", sql))


def title_of(settings: Settings, name: str, language: str) -> str:
    """The title of report `name`, without writing it."""
    given = settings.reports.get(name)
    return given.title if given and given.title else blueprint_of(settings, name).title(language)


def check_parameter(name: str, parameter: str, known: Mapping[str, str]) -> None:
    """Raises UsageError where report `name` knows no such parameter: it would not cut anything."""
    if parameter not in known:
        raise UsageError(
            f"Report «{name}» cannot be cut by «{parameter}».",
            did_you_mean(parameter, known) if known else "It has no parameters that cut its rows.",
        )


def _check_sections(name: str, chosen: Sequence[str], known: Sequence[str]) -> None:
    for place, section in enumerate(chosen):
        if section not in known:
            raise UsageError(f"Report «{name}» has no section «{section}».", did_you_mean(section, known))
        if section in chosen[:place]:
            raise UsageError(f"Report «{name}» names the section «{section}» twice.", "Leave one out.")


def _check_column(settings: Settings, name: str, parameter: str, column: str) -> None:
    """Raises UsageError where `column` is no `domain.table.column` of a contract or of the lake."""
    from analytics import row_cuts

    try:
        row_cuts.check_parameter(settings, parameter, column)
    except UsageError as error:
        raise UsageError(f"Report «{name}»: {error}") from None
    table, _dot, short = column.rpartition(".")
    if table in contracts(settings):
        return
    columns = Warehouse(settings).columns(table)
    if columns and short not in columns:
        raise UsageError(
            f"Report «{name}», parameter «{parameter}»: table {table} has no column «{short}».",
            did_you_mean(short, columns),
        )
