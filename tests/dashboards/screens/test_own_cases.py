"""The list of a person's own task: one line a prediction, however often the table names an entity."""

from datetime import datetime, timedelta

import duckdb
import pytest

from analytics.flat import flat_task
from dashboards.explore import cases
from dashboards.explore.board_making import board_given, board_sql
from dashboards.explore.board_sources import Origin
from dashboards.explore.cases import own_cases, own_row
from dashboards.explore.own_columns import own_column
from dashboards.explore.subscribed import hidden_columns
from dashboards.queries.cases import Facts, facts
from dashboards.queries.explore_prefixes import CODE
from pipelines.contract import Column, Contract
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted

DAY = datetime(2026, 5, 1)
TASK = flat_task(
    "own.churn",
    {"table": "own.visits", "target": "left", "kind": "regression", "entity": "who", "time": "day"},
)


VISITS = """
    ('a', DATE '2026-01-01', 1), ('a', DATE '2026-02-01', 2), ('a', DATE '2026-05-02', 9),
    ('b', DATE '2026-05-01', 3), ('b', NULL, 9),
    ('ahead', DATE '2026-08-01', 9), ('ahead', DATE '2026-06-01', 4), ('ahead', NULL, 9), ('undated', NULL, 5)
"""


def test_a_repeated_entity_is_shown_with_its_newest_row_of_the_scored_day_or_before(home: Settings) -> None:
    def fill(connection):
        connection.execute("CREATE SCHEMA own; CREATE SCHEMA predictions")
        connection.execute(f"CREATE TABLE own.visits AS FROM (VALUES {VISITS}) AS rows(who, day, spent)")
        connection.execute(
            f"CREATE TABLE {quoted(TASK.predictions_table)} AS SELECT * FROM (VALUES ('a', 0.9), ('a', 0.8), "
            "('b', 0.4), ('ahead', 0.3), ('undated', 0.2), ('gone', 0.1)) AS rows(entity_id, score), "
            f"(SELECT TIMESTAMP '{DAY}' AS as_of)"
        )

    warehouse = Warehouse(home)
    warehouse.write(fill)
    read = warehouse.query
    sql = f"SELECT entity_id, spent FROM ({own_cases(TASK)}) ORDER BY score DESC"
    shown = [("a", 2), ("a", 2), ("b", 3), ("ahead", 4), ("undated", 5), ("gone", None)]
    assert list(read(sql, {"as_of": DAY}).iter_rows()) == shown
    known = Facts(TASK.table, own_row(TASK))
    for entity, spent in dict(shown[:-1]).items():
        assert facts(read, known, entity, DAY)["spent"].to_list() == [spent]
    assert facts(read, known, "a", DAY + timedelta(days=1))["spent"].to_list() == [9]


def test_columns_named_like_those_of_predictions_are_told_apart_and_stay_masked(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = flat_task("own.odd", {"table": "own.odd", "target": "y", "kind": "binary", "classes": ["n", "y"]})
    columns = {"Score": "'mine'", "moved": "true", "p_y": "1", "own.Score": "2", "中文": "3", "a b": "4"}
    columns |= {CODE: "5"}
    told = [own_column(task, name) for name in columns]
    assert told == ["own.Score", "own.moved", "own.p_y", "own.own.Score", "中文", "a b", f"own.{CODE}"]
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA own; CREATE SCHEMA predictions")
        listed = ", ".join(f'{value} AS "{name}"' for name, value in columns.items())
        connection.execute(f"CREATE TABLE own.odd AS SELECT {listed}")
        connection.execute(
            f"CREATE TABLE {quoted(task.predictions_table)} AS SELECT '0' AS entity_id, 0.5 AS score, "
            f"0.5 AS p_y, 'low' AS band, TIMESTAMP '{DAY}' AS as_of"
        )
        origin = Origin(task, own_cases(task), DAY, None, encrypted=False)
        (row,) = connection.execute(board_sql(origin, coded=True), board_given(origin, None)).pl().to_dicts()
    assert [row[name] for name in told] == ["mine", True, 1, 2, 3, 4, 5]
    assert (float(row["score"]), float(row["p_y"]), row["moved"]) == (0.5, 0.5, None)

    contract = Contract("own.odd", (Column("Score", personal="name"), Column("a b", personal="name")))
    monkeypatch.setattr(cases, "contracts", lambda _settings: {"own.odd": contract})
    assert hidden_columns(home, task, "analyst") == {"own.Score", "a b"}
