"""From what a clock on the wall shows to moments in UTC, across every change of a zone's offset."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)

Walls = Callable[[datetime, datetime], Iterable[datetime]]


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """What a clock in the zone shows at a moment, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def instant(shown: datetime, zone: ZoneInfo) -> datetime:
    """The moment (UTC) at which a clock in the zone first shows `shown`; just after the gap where it never
    does."""
    early = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if wall(early, zone) == shown:
        return early
    # In a gap the two readings lie on both sides of the change (PEP 495).
    before = shown.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _change(zone, before, early)


def as_time_passes(walls: Walls, zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """Every moment in `(after, until]` at which a clock in the zone shows one of the times that `walls` gives
    between two readings (the later one included), also where it shows it twice."""
    start, until = (each.astimezone(UTC).replace(microsecond=0) for each in (after + _SECOND, until))
    while start <= until:
        end = _steady_until(zone, start, until)
        shown = wall(start, zone)
        offset = shown - start.replace(tzinfo=None)
        for each in walls(shown - _SECOND, shown + (end - start)):
            yield (each - offset).replace(tzinfo=UTC)
        start = end + _SECOND


def offset_changes(zone: ZoneInfo, after: datetime, until: datetime) -> Iterator[datetime]:
    """The moments (UTC, to the second) in `(after, until]` from which on a zone's offset is another."""
    start, until = (each.astimezone(UTC).replace(microsecond=0) for each in (after, until))
    while (end := _steady_until(zone, start, until)) < until:
        start = end + _SECOND
        yield start


def _steady_until(zone: ZoneInfo, start: datetime, until: datetime) -> datetime:
    """The last second from `start` to `until` at which the offset is that of `start`."""
    offset = start.astimezone(zone).utcoffset()
    reached = start
    while reached < until:
        following = min(reached + _DAY, until)
        if following.astimezone(zone).utcoffset() != offset:
            return _change(zone, reached, following) - _SECOND
        reached = following
    return until


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first moment, to the second, at which the offset is no longer that of `before`."""
    offset = before.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)
