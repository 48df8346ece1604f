"""What the report on data quality is made of: found once at the desk, told by several sections."""

from datetime import UTC, datetime, timedelta

import polars as pl

from dashboards.queries import models, quality
from dashboards.reports.desk import Desk
from pipelines.store import Notice, Store

STALE_HOURS = 36  # a daily load was missed
DAY = timedelta(days=1)
_CHANGES = ("schema_change", "load_failed")


def since(desk: Desk) -> datetime:
    """From when on is told: the data of the issue before, else the last day (naive UTC)."""
    return min(desk.before or desk.as_of, desk.as_of - DAY)


def until(desk: Desk) -> datetime:
    """Until when: the period, or the newest load where that is later (naive UTC)."""
    return max(desk.as_of, desk.period.astimezone(UTC).replace(tzinfo=None))


def loads(desk: Desk) -> pl.DataFrame:
    """The loads of that time."""
    return quality.loads_between(desk.read, since(desk), until(desk))


def waiting(desk: Desk) -> pl.DataFrame:
    """What waits in quarantine, by table and rule."""
    found = quality.quarantine_by_rule(desk.read)
    return found if found.width else pl.DataFrame(schema={"records": pl.Int64})


def contract_changes(desk: Desk) -> pl.DataFrame:
    """The contracts that were edited in that time."""
    return quality.contract_changes(desk.read, since(desk), until(desk))


def notices(desk: Desk) -> list[Notice]:
    """What the owner was told of sources in that time."""
    begin, end = (each(desk).replace(tzinfo=UTC) for each in (since, until))
    return quality.notices_between(Store(desk.settings), _CHANGES, begin, end)


def stuck(desk: Desk) -> list[tuple[str, str, int]]:
    """The issues that did not go out: report, state and number."""
    begin, end = (each(desk).replace(tzinfo=UTC) for each in (since, until))
    return quality.not_delivered(Store(desk.settings), begin, end)


def verdicts(desk: Desk) -> list[tuple[str, str, str, datetime | None]]:
    """Task, version in service, verdict of its newest check ("" for none) and when that was made."""
    store = Store(desk.settings)
    checks = models.checks_in_service(store)
    return [
        (task, version.version, check.verdict if check else "", check.at if check else None)
        for task, version in sorted(models.in_service(store).items())
        for check in [checks.get(task)]
    ]


def freshness(desk: Desk) -> pl.DataFrame:
    """`source, last_load, rows_clean, rows_quarantined, hours, stale` of all sources; oldest first."""
    found = quality.last_loads(desk.read)
    declared = pl.DataFrame({"source": list(desk.settings.sources)}, schema={"source": pl.String})
    hours = (pl.lit(until(desk)) - pl.col("last_load")).dt.total_minutes() / 60
    joined = declared.join(found, on="source", how="left") if declared.height else found
    return (
        joined.with_columns(hours=hours.round(1))
        .with_columns(stale=pl.col("hours").fill_null(float("inf")) > STALE_HOURS)
        .sort("last_load", "source", nulls_last=False)
    )


def figures(desk: Desk) -> dict[str, float]:
    """The figures by name. `rows` is how many sources there are; `urgent` how many matters need a person."""
    came, fresh = desk.once(loads), desk.once(freshness)
    stale = fresh.filter(pl.col("stale")).height
    act = sum(verdict == "act" for _task, _version, verdict, _at in desk.once(verdicts))
    undelivered = sum(count for _report, _state, count in desk.once(stuck))
    failed = sum(notice.kind == "load_failed" for notice in desk.once(notices))
    changed = desk.once(contract_changes).height + len(desk.once(notices)) - failed
    return {
        "rows": float(fresh.height),
        "loads": float(came.height),
        "rows_in": float(came["rows_in"].sum() or 0),
        "quarantined": float(came["rows_quarantined"].sum() or 0),
        "waiting": float(desk.once(waiting)["records"].sum() or 0),
        "stale": float(stale),
        "act": float(act),
        "not_delivered": float(undelivered),
        "changed": float(changed),
        "urgent": float(stale + act + undelivered + failed),
    }
