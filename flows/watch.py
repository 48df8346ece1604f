"""Who watches the flows: a schedule that was missed, or a run that never ended, becomes a notice."""

from flows.runs import close_abandoned
from flows.schedules import overdue, timetable
from pipelines.notices import notify, resolve
from pipelines.settings import Settings
from pipelines.store import now


def note_missed_runs(settings: Settings) -> list[str]:
    """Opens a notice for every scheduled flow that has not run, closes those that have; gives the missing."""
    for flow in close_abandoned(settings):
        notify(
            settings,
            "flow_failed",
            flow,
            f"The flow {flow} never ended",
            "It was killed, or its machine was.",
        )
    missed = overdue(settings, now())
    for scheduled in timetable(settings):
        if scheduled.flow in missed:
            due = missed[scheduled.flow].astimezone(settings.zone)
            notify(
                settings,
                "not_run",
                scheduled.flow,
                f"The flow {scheduled.flow} has not run",
                f"It was due at {due:%Y-%m-%d %H:%M %Z}. Is `sda serve` running?",
            )
        else:
            resolve(settings, "not_run", scheduled.flow)
    return sorted(missed)
