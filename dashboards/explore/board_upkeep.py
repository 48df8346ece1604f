"""Boards made beforehand, so that the first page opens at once, and taken away when no longer true."""

import json
from datetime import datetime
from pathlib import Path

import duckdb

from analytics.catalog import tasks
from analytics.task import Task
from connectors.errors import AssistantError
from dashboards.explore import board_files
from dashboards.explore.board import board_of
from dashboards.explore.board_making import ABOUT, attach
from dashboards.explore.board_sources import state_of_tables
from dashboards.explore.cases import cases_sql
from dashboards.own_bands import with_bands
from dashboards.queries.predictions import days
from dashboards.queries.reading import reader
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse


def prepare(settings: Settings, task: Task) -> str:
    """Makes the board of the newest scores of a task, which its page opens with; says why where it cannot.

    The page makes what is missing itself: nothing is lost where this fails but the first reader's time.
    """
    try:
        with Warehouse(settings).reading() as connection:
            moments = days(reader(connection), task)
        if moments:
            board_of(settings, with_bands(settings, task), cases_sql(task), moments[0], wait=True)
    except AssistantError as error:
        return str(error)
    except duckdb.Error as error:  # such as a table that is not loaded yet
        return str(error).splitlines()[0]
    return ""


def renew_boards(settings: Settings) -> int:
    """Makes the boards again that pages open with and that differ from the lake, removes all others that do;
    how many differed.

    A board is a copy: after a load nobody lives on in one who is gone from the tables, or reads otherwise
    there.
    """
    warehouse, known = Warehouse(settings), tasks(settings)
    outdated = [path for path in board_files.all_of(settings) if not _is_true(settings, warehouse, path)]
    for name in {_task_of(settings, warehouse, path) for path in outdated} & {*known}:
        prepare(settings, known[name])
    tidy_boards(settings)
    return len(outdated)


def tidy_boards(settings: Settings) -> int:
    """Removes every board that differs from what the lake says now, and what was left half made."""
    warehouse, gone = Warehouse(settings), 0
    for path in board_files.all_of(settings):
        if not _is_true(settings, warehouse, path):
            path.unlink(missing_ok=True)
            gone += 1
    board_files.remove_all_unfinished(settings)
    return gone


def _is_true(settings: Settings, warehouse: Warehouse, path: Path) -> bool:
    try:
        about = json.loads(_about(settings, warehouse, path))
        task = tasks(settings)[about["task"]]
        as_of, snapshot = datetime.fromisoformat(about["as_of"]), warehouse.snapshot()
        now = state_of_tables(settings, warehouse, task, as_of, about["tables"], snapshot)
    except (
        duckdb.Error,
        OSError,
        KeyError,
        ValueError,
    ):  # damaged, of a task that is gone, of another release
        return False
    return bool(now.predictions) and path.stem.endswith(f"-{now.digest}")


def _task_of(settings: Settings, warehouse: Warehouse, path: Path) -> str:
    """The task whose cases a board holds; "" where it does not say so any more."""
    try:
        return str(json.loads(_about(settings, warehouse, path))["task"])
    except (duckdb.Error, OSError, KeyError, ValueError):
        return ""


def _about(settings: Settings, warehouse: Warehouse, path: Path) -> str:
    with warehouse.aside() as connection:
        alias = attach(connection, settings, path, read_only=True)
        try:
            return str(connection.execute(f"FROM {alias}.main.{ABOUT}").fetchall()[0][0])
        finally:
            connection.execute(f"DETACH {alias}")
