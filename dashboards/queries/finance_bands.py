"""Whether defaults came as often as the scores said: what was predicted beside what came of it."""

from datetime import datetime

import polars as pl

from analytics.task import Task
from dashboards.queries.reading import Read, has_table
from pipelines.queries import exact_mean
from pipelines.warehouse import quoted

_KINDS = {"band": pl.String, "cases": pl.Int64, "predicted": pl.Float64, "defaults": pl.Int64}


def settled_by_band(read: Read, task: Task, as_of: datetime) -> pl.DataFrame:
    """`band, cases, predicted, defaults` of the cases scored until `as_of` and settled by that day.

    Settled means that its horizon was over then. Each case counts once, with what was said of it first. A
    score as of more than a quarter of the horizon after the case's moment saw some of its outcome and is
    left out; so is one that was made later than that, for its model may have learned the outcome. In the
    order of the task's bands, empty ones too; no row where nothing is settled.
    """
    if not has_table(read, task.predictions_table):
        return pl.DataFrame(schema=_KINDS)
    sql = f"""
        WITH said AS (
            SELECT
                entity_id, arg_min(band, as_of) AS band, arg_min(score, as_of) AS score,
                min(as_of) AS as_of, arg_min(scored_at, as_of) AS scored_at
            FROM {quoted(task.predictions_table)}
            WHERE as_of <= $as_of AND date_diff('day', as_of, scored_at) <= $latest
            GROUP BY entity_id
        )
        SELECT
            band, count(*) AS cases, {exact_mean("said.score")} AS predicted,
            CAST(sum(settled.label) AS BIGINT) AS defaults
        FROM said JOIN ({task.population}) AS settled ON settled.entity_id = said.entity_id
        WHERE settled.label IS NOT NULL
            AND CAST(settled.as_of AS DATE) + $horizon <= CAST($as_of AS DATE)
            AND date_diff('day', settled.as_of, said.as_of) BETWEEN 0 AND $latest
            AND date_diff('day', settled.as_of, said.scored_at) <= $latest
        GROUP BY band
    """
    horizon = task.meaning.horizon_days
    found = read(sql, {"as_of": as_of, "horizon": horizon, "latest": horizon // 4})
    if found.is_empty():
        return pl.DataFrame(schema=_KINDS)
    order = pl.DataFrame({"band": [band.name for band in task.bands]}, schema={"band": pl.String})
    joined = order.join(found, on="band", how="left", maintain_order="left")
    return joined.with_columns(pl.col("cases", "defaults").fill_null(0)).cast(_KINDS)  # type: ignore[arg-type]
