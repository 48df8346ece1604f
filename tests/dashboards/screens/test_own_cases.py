"""The list of a person's own task: one line a prediction, however often the table names an entity."""

from datetime import datetime, timedelta

from analytics.flat import flat_task
from dashboards.explore.cases import own_cases, own_row
from dashboards.queries.cases import Facts, facts
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
