"""How things stand: data, models, deliveries, runs, disk."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from dashboards.queries.quality import last_loads
from flows.alerts import open_notices
from flows.runs import last_runs
from flows.schedules import overdue
from pipelines import quarantine
from pipelines.settings import Settings
from pipelines.store import Check, Delivery, ModelVersion, Store, now
from pipelines.upkeep import disk_use
from pipelines.warehouse import Warehouse


def status(settings: Settings) -> dict[str, Any]:
    """One document about everything, for `sda status`; times are UTC, ages in hours, sizes in bytes."""
    at = now()
    notices = open_notices(settings)
    return {
        "home": str(settings.home),
        "at": at,
        "sources": freshness(settings, at),
        "quarantine": quarantine.summary(settings).to_dicts(),
        "schema_changes": [notice.message for notice in notices if notice.kind == "schema_change"],
        "notices": [
            {"at": n.at, "kind": n.kind, "about": n.about, "subject": n.subject, "message": n.message}
            for n in notices
        ],
        "models": models(settings),
        "deliveries": deliveries(settings),
        "runs": {
            flow: {
                "started_at": run.started_at,
                "ended_at": run.ended_at,
                "state": run.state,
                "detail": run.detail,
            }
            for flow, run in last_runs(settings).items()
        },
        "not_run": overdue(settings, at),
        "disk": asdict(disk_use(settings)),
    }


def freshness(settings: Settings, at: datetime) -> list[dict[str, Any]]:
    """When each source was last loaded well; the age of its data is the age of that load."""
    rows = last_loads(Warehouse(settings).query)
    loaded = {row["source"]: row for row in rows.to_dicts()}
    return [_age(name, loaded.get(name), at) for name in settings.sources]


def models(settings: Settings) -> list[dict[str, Any]]:
    """The model in service of each task, and the verdict of the newest check of the task's predictions."""
    with Store(settings).session() as session:
        newest = select(func.max(Check.id)).group_by(Check.task)
        checks = {check.task: check for check in session.scalars(select(Check).where(Check.id.in_(newest)))}
        serving = session.scalars(
            select(ModelVersion).where(ModelVersion.state == "in_service").order_by(ModelVersion.task)
        )
        return [
            {
                "task": row.task,
                "version": row.version,
                "since": row.created_at,
                "metrics": row.metrics,
                "check": _looked(checks.get(row.task)),
            }
            for row in serving
        ]


def _looked(check: Check | None) -> dict[str, Any] | None:
    if check is None:
        return None
    return {
        "version": check.version,
        "at": check.at,
        "as_of": check.as_of,
        "verdict": check.verdict,
        "summary": check.summary,
    }


def deliveries(settings: Settings) -> dict[str, int]:
    """How many deliveries are in each state."""
    with Store(settings).session() as session:
        counted = select(Delivery.state, func.count()).group_by(Delivery.state)
        return {state: count for state, count in session.execute(counted)}  # noqa: C416 - a Row is no pair


def _age(name: str, loaded: dict[str, Any] | None, at: datetime) -> dict[str, Any]:
    if loaded is None:
        return {"source": name, "last_load": None, "age_hours": None, "rows_clean": 0, "rows_quarantined": 0}
    age = at.replace(tzinfo=None) - loaded["last_load"]
    return {**loaded, "age_hours": round(age.total_seconds() / 3600, 1)}
