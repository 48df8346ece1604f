"""Who looked after a patient at a moment, for judging predictions site by site."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from dashboards.queries.reading import Read


def wards_at(read: Read, moments: Sequence[datetime]) -> pl.DataFrame:
    """`entity_id, as_of, site`: at each moment, the organisation that the newest encounter of every patient
    until then names, of those that name one; null where none does. Whoever was not seen before is not there.
    """
    sql = """
        SELECT
            encounters.patient_id AS entity_id,
            moments.as_of,
            arg_max(encounters.organization_id, (encounters.started_at, encounters.encounter_id))
                FILTER (encounters.organization_id IS NOT NULL) AS site
        FROM (SELECT DISTINCT unnest(CAST($moments AS TIMESTAMP[])) AS as_of) AS moments
        JOIN medical.encounters AS encounters ON encounters.started_at <= moments.as_of
        WHERE coalesce(encounters.status, 'unknown') NOT IN ('planned', 'cancelled', 'entered-in-error')
        GROUP BY ALL
    """
    return read(sql, {"moments": list(moments)})
