"""The scored cases of a moment as decisions need them: counted by score, sampled, and by what they may lose.

What a case loses at its event is the expected loss that was predicted, over its probability.
"""

from datetime import datetime

import numpy as np

from analytics.decisions.credit_loss import Losses, Portfolio, basel_other_retail, simulated
from analytics.decisions.threshold import STEPS, Curve
from analytics.task import Task
from dashboards.queries.predictions import scored_at
from dashboards.queries.reading import Read
from pipelines.queries import exact_mean, exact_sum
from pipelines.warehouse import quoted

MOST_STRESSED = 5_000  # cases scored again; of more, a random sample
MOST_ALONE = 4_000  # cases drawn one by one; of larger portfolios the largest
LARGEST_ALONE = 1_000
_CLASSES_OF_ODDS, _CLASSES_OF_STAKES = 4, 2  # to a factor of e
BASEL = "basel"
EVERYONE = 2.0  # above every score

_STAKES = """
    SELECT score AS probability, expected_loss / score AS loss FROM {scored}
    WHERE score > 0 AND score < $below AND expected_loss > 0
"""


def curve(read: Read, task: Task, as_of: datetime) -> tuple[Curve, int]:
    """The sums from every threshold on, and how many cases have no known stake.

    One pass over the cases, whatever the thresholds looked at later. A score lies in the last step that it
    reaches, as comparing it with the threshold itself would have it.
    """
    sql = f"""
        WITH scored AS (
            SELECT *, CAST(floor(score * {STEPS}) AS INTEGER) AS near FROM {scored_at(task)}
        )
        SELECT
            near
            + CASE WHEN (near + 1) / {STEPS}::DOUBLE <= score THEN 1 ELSE 0 END
            - CASE WHEN near / {STEPS}::DOUBLE > score THEN 1 ELSE 0 END AS step,
            count(*) AS cases,
            {exact_sum("score")} AS events,
            coalesce({exact_sum("expected_loss")}, 0) AS loss,
            coalesce({exact_sum("CASE WHEN score > 0 THEN expected_loss / score END")}, 0) AS at_stake,
            count(*) - count(expected_loss) AS unpriced
        FROM scored WHERE score IS NOT NULL GROUP BY step ORDER BY step
    """
    found = read(sql, {"as_of": as_of})
    sums = [found[name].to_list() for name in ("step", "cases", "events", "loss", "at_stake")]
    return Curve.of(*sums), int(found["unpriced"].sum())


def sample(read: Read, task: Task, as_of: datetime, most: int = MOST_STRESSED) -> tuple[list[str], int]:
    """The entities of a moment, at most `most` of them drawn at random, and how many there are.

    Drawn by a hash of their names: the same ones every time.
    """
    sql = f"""
        SELECT entity_id, count(*) OVER () AS cases
        FROM {quoted(task.predictions_table)} WHERE as_of = $as_of
        ORDER BY hash(entity_id), entity_id LIMIT $most
    """
    found = read(sql, {"as_of": as_of, "most": most})
    return found["entity_id"].to_list(), int(found["cases"][0]) if found.height else 0


def portfolio(read: Read, task: Task, as_of: datetime, below: float = EVERYONE) -> Portfolio:
    """What the cases that score less than `below` may lose.

    Up to 4,000 cases stand one by one. Of more, about the 1,000 with most at stake do, and the others in
    classes of nearly equal odds and stake, each with the number, the mean stake and the expected loss of its
    cases.
    """
    stakes, given = _STAKES.format(scored=scored_at(task)), {"as_of": as_of, "below": below}
    sql = f"""
        WITH stakes AS ({stakes})
        SELECT
            (SELECT count(*) FROM stakes) AS cases,
            (SELECT min(loss) FROM (FROM stakes ORDER BY loss DESC LIMIT {LARGEST_ALONE})) AS least
    """
    cases, least = read(sql, given).row(0)
    sql = f"""
        WITH stakes AS ({stakes})
        SELECT CAST(1 AS BIGINT) AS cases, probability, loss FROM stakes WHERE loss > $alone_above
        UNION ALL
        SELECT
            count(*) AS cases,
            {exact_sum("probability * loss")} / {exact_sum("loss")} AS probability,
            {exact_mean("loss")} AS loss
        FROM stakes WHERE loss <= $alone_above
        GROUP BY
            floor({_CLASSES_OF_ODDS} * ln(probability / greatest(1 - probability, 1e-9))),
            floor({_CLASSES_OF_STAKES} * ln(loss))
        ORDER BY loss, probability, cases
    """
    found = read(sql, given | {"alone_above": least if cases > MOST_ALONE else 0.0})
    return Portfolio(*(found[name].to_numpy() for name in ("cases", "probability", "loss")))


def losses(
    read: Read, task: Task, as_of: datetime, below: float, correlation: float | str, scenarios: int
) -> Losses:
    """The simulated losses of the cases that score less than `below`; `correlation` a number or BASEL."""
    held = portfolio(read, task, as_of, below)
    rho = basel_other_retail(held.probability) if correlation == BASEL else np.asarray(float(correlation))
    return simulated(held, rho, scenarios)
