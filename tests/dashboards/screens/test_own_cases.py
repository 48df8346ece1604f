"""The list of a person's own task: one line a prediction, however often the table names an entity."""

from datetime import datetime

from analytics.flat import flat_task
from dashboards.explore.cases import own_cases, own_row
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse, quoted

DAY = datetime(2026, 5, 1)
TASK = flat_task(
    "own.churn",
    {"table": "own.visits", "target": "left", "kind": "regression", "entity": "who", "time": "day"},
)


def test_a_repeated_entity_is_shown_with_its_newest_row(home: Settings) -> None:
    def fill(connection):
        connection.execute("CREATE SCHEMA own; CREATE SCHEMA predictions")
        connection.execute(
            "CREATE TABLE own.visits AS SELECT * FROM (VALUES ('a', DATE '2026-01-01', 1), "
            "('a', DATE '2026-02-01', 2), ('b', DATE '2026-01-01', 3)) AS rows(who, day, spent)"
        )
        connection.execute(
            f"CREATE TABLE {quoted(TASK.predictions_table)} AS SELECT * FROM (VALUES ('a', 0.9), ('a', 0.8), "
            f"('b', 0.1)) AS rows(entity_id, score), (SELECT TIMESTAMP '{DAY}' AS as_of)"
        )

    warehouse = Warehouse(home)
    warehouse.write(fill)
    read = warehouse.query
    sql = f"SELECT entity_id, spent FROM ({own_cases(TASK)}) ORDER BY score DESC"
    assert list(read(sql, {"as_of": DAY}).iter_rows()) == [("a", 2), ("a", 2), ("b", 3)]
    assert read(own_row(TASK), {"entity_id": "a"})["spent"].to_list() == [2]
