"""What `sda routes` is about: a file, or a depot and a day of the warehouse."""

from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.errors import AssistantError, UsageError, did_you_mean

if TYPE_CHECKING:
    from pipelines.settings import Settings


def file_or_day(settings: "Settings", text: str) -> Path | tuple[str, date]:
    """A file where there is one of that name, or the text looks like one; else a depot and its day."""
    path = Path(text)
    with suppress(OSError):  # a name too long for a file
        if path.is_file():
            return path
    known = _depots(settings)
    looks_like_a_file = path.suffix or len(path.parts) > 1
    if looks_like_a_file and text.partition("@")[0] not in known:
        return path
    return depot_and_day(settings, text)


def depot_and_day(settings: "Settings", text: str) -> tuple[str, date]:
    """`DEPOT@YYYY-MM-DD`, or `DEPOT` and its next day to plan. Raises UsageError for what is neither."""
    from flows.worklist import days_to_plan

    depot, at, written = text.partition("@")
    _check_depot(settings, depot)
    if at:
        try:
            return depot, date.fromisoformat(written)
        except ValueError:
            raise UsageError(f"«{written}» is no day.", f"For example: {depot}@2026-11-30") from None
    days = days_to_plan(settings)
    if depot not in days:
        raise AssistantError(f"The depot {depot} has no stops to plan.", "Load logistics.stops first.")
    return depot, days[depot]


def _check_depot(settings: "Settings", depot: str) -> None:
    known = _depots(settings)
    if depot not in known:
        raise UsageError(
            f"There is no depot «{depot}», and no file of that name.", did_you_mean(depot, known)
        )


def _depots(settings: "Settings") -> list[str]:
    from pipelines.warehouse import Warehouse

    warehouse = Warehouse(settings)
    if not warehouse.exists("logistics.depots"):
        return []
    depots = warehouse.query("SELECT DISTINCT depot_id FROM logistics.depots ORDER BY depot_id")
    return [str(name) for name in depots["depot_id"]]


def depot_and_moment(settings: "Settings", text: str, now: datetime | None) -> tuple[str, date, datetime]:
    """A depot, a day and a moment in UTC; the day is that of the moment on the depot's clocks by default."""
    depot, at, _ = text.partition("@")
    if at:
        depot, day = depot_and_day(settings, text)
    else:
        _check_depot(settings, depot)
    zone = ZoneInfo(zone_of(settings, depot))
    given = now or datetime.now(UTC)
    moment = given if given.tzinfo else given.replace(tzinfo=zone)
    try:
        local, moment = moment.astimezone(zone), moment.astimezone(UTC)
    except OverflowError:  # the first or the last day that there is
        raise UsageError(f"«{given}» is no moment of a day.", "For example: 2026-11-30T09:15") from None
    return depot, day if at else local.date(), moment


def plan_named(settings: "Settings", text: str) -> str:
    """The id of a plan, given that or a depot and day. Raises AssistantError where there is none."""
    from analytics.routing.publishing import newest

    if text.partition("@")[0] not in _depots(settings):
        return text
    depot, day = depot_and_day(settings, text)
    plan_id = newest(settings, depot, day)
    if plan_id is None:
        raise AssistantError(
            f"There is no plan of {depot} for {day}.", f"Make one with `sda routes solve {depot}@{day}`."
        )
    return plan_id


def zone_of(settings: "Settings", depot: str) -> str:
    """The time zone of a depot, where it has one that exists, else that of the settings."""
    from pipelines.warehouse import Warehouse

    warehouse = Warehouse(settings)
    if "timezone" not in warehouse.columns("logistics.depots"):
        return settings.timezone
    found = warehouse.query("SELECT timezone FROM logistics.depots WHERE depot_id = ?", [depot])
    try:
        return ZoneInfo(found["timezone"][0] or "").key if found.height else settings.timezone
    except (ValueError, ZoneInfoNotFoundError):
        return settings.timezone
