"""When each flow is due: the cron lines of `[schedules]`, in the project's time zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors.errors import UsageError, did_you_mean
from pipelines.settings import Settings

if TYPE_CHECKING:
    from prefect import Flow

FLOWS = ("ingest", "train", "score", "plan", "deliver", "daily", "upkeep")
# A machine that was busy or restarted is not an alarm.
GRACE = timedelta(hours=1)


@dataclass(frozen=True)
class Scheduled:
    """One flow and when it runs."""

    flow: str
    cron: str
    timezone: str


def known(name: str) -> str:
    """The name of a flow; raises UsageError with a suggestion if there is none of that name."""
    if name not in FLOWS:
        raise UsageError(f"There is no flow «{name}».", did_you_mean(name, FLOWS))
    return name


def flow_named(name: str) -> "Flow[..., Any]":
    """The Prefect flow called `name`; raises UsageError if there is none."""
    flow: Flow[..., Any] = getattr(import_module(f"flows.{known(name)}"), name)
    return flow


def timetable(settings: Settings) -> list[Scheduled]:
    """The flows that run by themselves; raises UsageError naming a flow or cron line that is wrong."""
    from cronsim import CronSim, CronSimError

    for name, cron in settings.schedules.items():
        try:
            CronSim(cron, datetime.now(settings.zone))
        except CronSimError:
            raise UsageError(
                f"[schedules] {name} = «{cron}» is not a cron line.",
                'Five fields are needed: minute hour day month weekday, as in "0 6 * * *".',
            ) from None
    return [
        Scheduled(known(name), cron, settings.timezone) for name, cron in sorted(settings.schedules.items())
    ]


def last_due(scheduled: Scheduled, before: datetime) -> datetime:
    """The last moment before `before` at which the flow should have started."""
    from cronsim import CronSim

    return next(CronSim(scheduled.cron, before.astimezone(ZoneInfo(scheduled.timezone)), reverse=True))


def overdue(settings: Settings, at: datetime) -> dict[str, datetime]:
    """Scheduled flows that should have run by `at` and did not, with the moment they missed.

    A flow is expected from the first time the schedules were served, or it ran by itself.
    """
    from sqlalchemy import func, select

    from pipelines.store import Run, Store

    with Store(settings).session() as session:
        first_and_last = {
            flow: (first, last)
            for flow, first, last in session.execute(
                select(Run.flow, func.min(Run.started_at), func.max(Run.started_at)).group_by(Run.flow)
            )
        }
    missed = {}
    for scheduled in timetable(settings):
        due = last_due(scheduled, at - GRACE)
        since = [first_and_last[name][0] for name in ("serve", scheduled.flow) if name in first_and_last]
        last = first_and_last.get(scheduled.flow, (None, None))[1]
        if since and min(since) < due and (last is None or last < due):
            missed[scheduled.flow] = due
    return missed
