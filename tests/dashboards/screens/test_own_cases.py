"""The list of a person's own task: one line a prediction, however often the table names an entity."""

from datetime import datetime

from analytics.flat import flat_task
from dashboards.queries.ranking import Filters, count, ranked
from dashboards.screens.domain import _own_cases, _own_facts
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
    read, cases = warehouse.query, _own_cases(TASK)
    assert count(read, cases, DAY, Filters()) == 3
    shown = ranked(read, cases, DAY, Filters(), ["entity_id", "score", "spent"], 1, 10)
    assert [(who, spent) for who, _score, spent in shown.iter_rows()] == [("a", 2), ("a", 2), ("b", 3)]
    assert read(_own_facts(TASK), {"entity_id": "a"})["spent"].to_list() == [2]
