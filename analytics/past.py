"""What was known when: outcomes as of a snapshot, and which settled case a prediction was about."""

from datetime import UTC, datetime, timedelta

import duckdb
import polars as pl

from analytics.flat import flat_cases, flat_rows
from analytics.task import Task
from connectors.errors import AssistantError
from pipelines.settings import Settings
from pipelines.warehouse import Warehouse

_CLOSEST = timedelta(days=31)  # where a task has no horizon: an entity has one case
_SHARE_OF_HORIZON = 0.25


def settled_at(settings: Settings, task: Task, snapshot: int | None = None) -> pl.DataFrame:
    """The settled outcomes at a snapshot (default: the newest): `entity_id, as_of, label`.

    Raises AssistantError where the snapshot was tidied away.
    """
    warehouse = Warehouse(settings)
    try:
        if task.flat:
            cases = flat_cases(task, flat_rows(warehouse, task, snapshot)).settled()
            found = cases.keys.with_columns(label=cases.labels)
            if task.flat.time:
                found = found.filter(pl.col("as_of") <= datetime.now(UTC).replace(tzinfo=None))
        else:
            found = warehouse.query(
                f"SELECT entity_id, as_of, label FROM (\n{task.population}\n) WHERE label IS NOT NULL",
                snapshot=snapshot,
            )
    except duckdb.Error as error:
        raise AssistantError(
            f"{task.name}: its outcomes as of snapshot {snapshot} cannot be read any more "
            f"({str(error).splitlines()[0]})."
        ) from None
    return found.with_columns(pl.col("entity_id").cast(pl.String), pl.col("as_of").cast(pl.Datetime("us")))


def tolerance(task: Task) -> timedelta:
    """How far apart a prediction and a settled case of the same entity may lie and mean the same outcome.

    Beyond a share of the horizon much of what the case says came before the prediction, which could see it.
    """
    return timedelta(days=_SHARE_OF_HORIZON * task.meaning.horizon_days) or _CLOSEST


def matched(task: Task, said: pl.DataFrame, settled: pl.DataFrame) -> pl.DataFrame:
    """The rows of `said` (entity_id, as_of, ...) with `case_as_of` and `label` of the settled case it means.

    Of an entity's settled cases it is the closest in time within `tolerance`. A row of a table has no other
    case, unless its entity has several rows: then nobody can tell which is meant, and it is left out.
    """
    cases = settled.rename({"as_of": "case_as_of"})
    if task.flat:
        lone = cases.filter(pl.len().over("entity_id") == 1)
        return said.join(lone, on="entity_id", how="inner")
    pairs = said.with_row_index("row").join(cases, on="entity_id", how="inner")
    distance = (pl.col("as_of") - pl.col("case_as_of").dt.truncate("1d")).abs()
    near = pairs.with_columns(distance=distance).filter(pl.col("distance") <= tolerance(task))
    return near.sort("distance", "case_as_of").unique("row", keep="first").sort("row").drop("row", "distance")
