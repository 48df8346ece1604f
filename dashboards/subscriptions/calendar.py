"""When a report is due: cron in the wall time of an IANA zone.

Clock changes are taken as Debian's cron takes them (cronsim): a moment in the hour that is left out fires
once, just after it; a moment in the hour that comes twice fires once.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from connectors.errors import UsageError
from pipelines.section import known_timezone


def check_schedule(schedule: str) -> str:
    """`schedule` if it is a cron expression of five fields; raises UsageError in words if not."""
    try:
        CronSim(schedule, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise UsageError(
            f"«{schedule}» is not a schedule: {error}.",
            "Write minute, hour, day, month and weekday, for example `0 7 * * 1-5` for weekdays at 07:00.",
        ) from None
    return schedule


def check_timezone(name: str) -> str:
    """`name` if it is an IANA zone; raises UsageError naming the nearest ones."""
    try:
        return known_timezone(name)
    except ValueError as error:
        raise UsageError(str(error)) from None


def moments(schedule: str, timezone: str, after: datetime) -> Iterator[datetime]:
    """The scheduled moments later than `after`, in UTC, one after the other without end."""
    for moment in CronSim(schedule, after.astimezone(ZoneInfo(timezone))):
        yield moment.astimezone(UTC)


def due(schedule: str, timezone: str, after: datetime, until: datetime) -> list[datetime]:
    """The scheduled moments in `(after, until]`, oldest first, in UTC."""
    found = []
    for moment in moments(schedule, timezone, after):
        if moment > until:
            break
        found.append(moment)
    return found
