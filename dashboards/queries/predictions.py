"""What the predictions of a task say, whatever its domain."""

from datetime import datetime

import polars as pl

from analytics.task import Task
from dashboards.queries.reading import Read, has_table
from pipelines.queries import exact_mean, exact_sum
from pipelines.records import quoted_column
from pipelines.warehouse import quoted

_OUTCOMES = {"month": pl.Date, "cases": pl.Int64, "events": pl.Float64, "rate": pl.Float64}


def days(read: Read, task: Task) -> list[datetime]:
    """The moments (`as_of`) this task was scored for, newest first; none if it never was."""
    if not has_table(read, task.predictions_table):
        return []
    sql = f"SELECT DISTINCT as_of FROM {quoted(task.predictions_table)} ORDER BY as_of DESC"
    return read(sql, None)["as_of"].to_list()


def scored_at(task: Task) -> str:
    """A relation: the predictions of the moment `$as_of`, columns that older tables lack as nulls."""
    return f"""(
        SELECT CAST(NULL AS VARCHAR) AS label_set, CAST(NULL AS DOUBLE) AS expected_loss WHERE false
        UNION ALL BY NAME
        FROM {quoted(task.predictions_table)} WHERE as_of = $as_of
    )"""


def scores(read: Read, task: Task, as_of: datetime) -> pl.DataFrame:
    """Every prediction of one moment, highest score first."""
    sql = f"""
        SELECT * FROM {quoted(task.predictions_table)} WHERE as_of = $as_of
        ORDER BY score DESC, entity_id
    """
    return read(sql, {"as_of": as_of})


def one(read: Read, task: Task, entity_id: str) -> pl.DataFrame:
    """What was predicted for one entity, newest first."""
    sql = f"SELECT * FROM {quoted(task.predictions_table)} WHERE entity_id = $entity ORDER BY as_of DESC"
    return read(sql, {"entity": entity_id})


def by_band(read: Read, task: Task, as_of: datetime) -> pl.DataFrame:
    """`band, cases, mean_score` of one moment, in the order of the task's bands (empty bands included)."""
    sql = f"""
        SELECT band, count(*) AS cases, {exact_mean("score")} AS mean_score
        FROM {quoted(task.predictions_table)} WHERE as_of = $as_of GROUP BY band
    """
    found = read(sql, {"as_of": as_of})
    if not task.bands:
        return found.sort("cases", descending=True)
    order = pl.DataFrame({"band": [band.name for band in task.bands]})
    joined = order.join(found, on="band", how="left", maintain_order="left")
    return joined.with_columns(pl.col("cases").fill_null(0))


def histogram(read: Read, task: Task, as_of: datetime, bins: int = 20) -> pl.DataFrame:
    """`start, end, cases` of the scores of one moment, in `bins` bins of equal width from least to greatest.

    Probabilities are binned from 0.
    """
    sql = f"""
        WITH scored AS (SELECT score FROM {quoted(task.predictions_table)} WHERE as_of = $as_of),
        bounds AS (
            SELECT CASE WHEN $from_zero THEN 0 ELSE min(score) END AS low, max(score) AS high FROM scored
        ),
        widths AS (
            SELECT low, greatest((high - low) / $bins, 1e-9) AS width FROM bounds WHERE high IS NOT NULL
        ),
        counted AS (
            SELECT least(floor((score - low) / width), $bins - 1) AS bin, count(*) AS cases
            FROM scored CROSS JOIN widths GROUP BY bin
        )
        SELECT
            low + width * place.bin AS start,
            low + width * (place.bin + 1) AS "end",
            coalesce(cases, 0) AS cases
        FROM widths
        CROSS JOIN (SELECT unnest(range($bins)) AS bin) AS place
        LEFT JOIN counted ON counted.bin = place.bin
        ORDER BY start
    """
    from_zero = task.kind != "regression"
    return read(sql, {"as_of": as_of, "bins": bins, "from_zero": from_zero})


def outcomes(read: Read, task: Task) -> pl.DataFrame:
    """`month, cases, events, rate` of what really happened: the settled cases, by the month of `as_of`.

    For values (regression) `rate` is their mean. None for classes, and for tasks over one flat table, whose
    rows need not have a time.
    """
    if task.kind == "multiclass" or not task.population:
        return pl.DataFrame(schema=_OUTCOMES)
    sql = f"""
        SELECT
            CAST(date_trunc('month', as_of) AS DATE) AS month,
            count(*) AS cases,
            sum(CAST(label AS DOUBLE)) AS events,
            {exact_mean("CAST(label AS DOUBLE)")} AS rate
        FROM ({task.population}) AS settled
        WHERE label IS NOT NULL AND as_of IS NOT NULL
        GROUP BY 1 ORDER BY 1
    """
    return read(sql, None)


def headline(read: Read, task: Task, as_of: datetime) -> pl.DataFrame:
    """One row: `cases`, `urgent`, `expected` (how many events), `mean_score`, `expected_loss`, `unpriced`.

    `unpriced` counts the cases whose expected loss was not predicted.
    """
    sql = f"""
        SELECT
            count(*) AS cases,
            count(*) FILTER (list_contains($urgent, band)) AS urgent,
            {exact_sum("score")} AS expected,
            {exact_mean("score")} AS mean_score,
            {exact_sum("expected_loss")} AS expected_loss,
            count(*) - count(expected_loss) AS unpriced
        FROM {scored_at(task)}
    """
    return read(sql, {"as_of": as_of, "urgent": urgent_bands(task)})


def urgent_bands(task: Task) -> list[str]:
    """The upper half of the task's bands: the cases someone should look at."""
    names = [band.name for band in task.bands]
    return names[len(names) // 2 :]


def segments(read: Read, cases: str, as_of: datetime, column: str, least: int = 1) -> pl.DataFrame:
    """`segment, cases, mean_score` of scored cases by one of their columns, highest mean first.

    `cases` is the SQL of a list of cases; it takes `$as_of`. Segments of fewer than `least` cases are
    left out: their means say nothing.
    """
    sql = f"""
        SELECT
            CAST({quoted_column(column)} AS VARCHAR) AS segment, count(*) AS cases,
            {exact_mean("score")} AS mean_score
        FROM ({cases}) AS cases WHERE {quoted_column(column)} IS NOT NULL
        GROUP BY segment HAVING count(*) >= $least ORDER BY mean_score DESC, segment
    """
    return read(sql, {"as_of": as_of, "least": least})


def top_reasons(read: Read, task: Task, as_of: datetime, limit: int = 8) -> pl.DataFrame:
    """`feature, cases, share`: which features raise the score most often, among cases that have reasons.

    A case counts once for each of its three strongest raising contributions.
    """
    sql = f"""
        WITH explained AS (
            SELECT from_json(reasons, '[{{"feature": "VARCHAR", "contribution": "DOUBLE"}}]') AS reasons
            FROM {quoted(task.predictions_table)} WHERE as_of = $as_of AND reasons IS NOT NULL
        ),
        strongest AS (
            SELECT unnest(list_slice(list_reverse_sort(
                [{{'by': each.contribution, 'feature': each.feature}}
                 FOR each IN reasons IF each.contribution > 0]
            ), 1, 3)).feature AS feature
            FROM explained
        )
        SELECT feature, count(*) AS cases, count(*) / (SELECT count(*) FROM explained) AS share
        FROM strongest GROUP BY feature ORDER BY cases DESC, feature LIMIT $most
    """
    return read(sql, {"as_of": as_of, "most": limit})


def highest(task: Task) -> str:
    """A relation: the `$most` highest predictions of the moment `$as_of`."""
    return f"(FROM {scored_at(task)} ORDER BY score DESC, entity_id LIMIT $most)"


def classes_predicted(read: Read, task: Task) -> tuple[str, ...]:
    """The classes that a task of several is predicted in: each has a column `p_<class>`."""
    if not has_table(read, task.predictions_table):
        return ()
    columns = read(f"FROM {quoted(task.predictions_table)} LIMIT 0", None).columns
    return tuple(name.removeprefix("p_") for name in columns if name.startswith("p_"))
