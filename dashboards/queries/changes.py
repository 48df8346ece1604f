"""What became of the cases of a task between two moments, which may lie in two snapshots."""

from datetime import datetime

import polars as pl

from dashboards.queries.reading import Read


def by_band(read: Read, now: str, before: str, as_of: datetime, earlier: datetime) -> pl.DataFrame:
    """`kind, band_before, band, cases` of all cases scored at either moment; most first.

    `now` and `before` are relations of predictions (SQL). `kind` is new (without a band before), gone
    (without one now), moved or same.
    """
    sql = f"""
        SELECT
            CASE
                WHEN earlier.entity_id IS NULL THEN 'new'
                WHEN today.entity_id IS NULL THEN 'gone'
                WHEN today.band IS DISTINCT FROM earlier.band THEN 'moved'
                ELSE 'same'
            END AS kind,
            earlier.band AS band_before, today.band AS band, count(*) AS cases
        FROM (FROM {now} WHERE as_of = $as_of) AS today
        FULL JOIN (FROM {before} WHERE as_of = $earlier) AS earlier ON today.entity_id = earlier.entity_id
        GROUP BY ALL ORDER BY cases DESC, kind, band_before, band
    """
    return read(sql, {"as_of": as_of, "earlier": earlier})


def movers(read: Read, now: str, before: str, as_of: datetime, earlier: datetime, most: int) -> pl.DataFrame:
    """Whose score moved most: `entity_id, band_before, band, score_before, score, change, reasons`."""
    sql = f"""
        SELECT
            today.entity_id, earlier.band AS band_before, today.band AS band,
            earlier.score AS score_before, today.score AS score, today.score - earlier.score AS change,
            today.reasons AS reasons
        FROM (FROM {now} WHERE as_of = $as_of) AS today
        JOIN (FROM {before} WHERE as_of = $earlier) AS earlier ON today.entity_id = earlier.entity_id
        WHERE today.score <> earlier.score
        ORDER BY abs(change) DESC, today.entity_id LIMIT $most
    """
    return read(sql, {"as_of": as_of, "earlier": earlier, "most": most})
