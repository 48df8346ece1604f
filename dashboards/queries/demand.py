"""The demand of a whole carrier: what was asked for lately, and what is expected next."""

from datetime import date
from typing import NamedTuple

from analytics.forecasting.tables import DEMAND
from dashboards.queries.reading import Read, has_table
from pipelines.warehouse import quoted

_ASKED = "logistics.demand"


class Outlook(NamedTuple):
    """Units over `days` days: asked for up to `as_of`, expected after it, for so many `series`."""

    as_of: date
    days: int
    series: int
    asked: float
    expected: float


def outlook(read: Read, days: int) -> Outlook | None:
    """The demand of `days` days to come, by the forecast in force, beside that of as many days before.

    A forecast that reaches less far is compared over what it reaches. None where there is no forecast.
    """
    if not has_table(read, DEMAND) or not has_table(read, _ASKED):
        return None
    row = read(
        f"""
        WITH ahead AS (
            SELECT sku, depot_id, day, mean, as_of FROM {quoted(DEMAND)}
            WHERE made_at = (SELECT max(made_at) FROM {quoted(DEMAND)}) AND day <= as_of + $days::INTEGER
        ),
        span AS (
            SELECT max(as_of) AS as_of, CAST(count(DISTINCT day) AS INTEGER) AS days, sum(mean) AS expected
            FROM ahead
        ),
        series AS (SELECT DISTINCT sku, depot_id FROM ahead),
        lately AS (
            SELECT sum(asked.quantity) AS asked
            FROM {quoted(_ASKED)} AS asked JOIN series USING (sku, depot_id), span
            WHERE asked.day > span.as_of - span.days AND asked.day <= span.as_of
        )
        SELECT span.*, lately.asked, (SELECT count(*) FROM series) AS series FROM span, lately
        """,
        {"days": days},
    ).row(0, named=True)
    if not row["days"]:
        return None
    numbers = {name: float(row[name] or 0) for name in ("asked", "expected")}
    return Outlook(row["as_of"], row["days"], row["series"], **numbers)
