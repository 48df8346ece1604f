"""Schedules said in words, English or Chinese: what `words` understands, said back.

`check_schedule(in_words(schedule, language))` is the schedule again. Cron without plain words stays as it is.
"""

import re
from dataclasses import dataclass
from typing import Literal

from dashboards.subscriptions.timing.cron import DATA, FIELDS
from dashboards.subscriptions.timing.english import ORDINALS, WEEKDAYS
from dashboards.subscriptions.timing.phrases import ENDS_OF_QUARTERS, HOURS, MINUTES, QUARTERS
from dashboards.subscriptions.timing.words import schedule_of

_LISTED = re.compile(r"\d+(,\d+)*")
_MOST_TIMES = 4  # more of them are not said one by one
_NAMED = {"*": "every day", "1-5": "weekdays", "0,6": "weekends"}
_NAMED_ZH = {"*": "每天", "1-5": "工作日", "0,6": "周末"}
_WEEK_ZH, _ORDINALS_ZH = "日一二三四五六", "一二三四五"


@dataclass(frozen=True)
class _Counted:
    """Days counted within the month or the quarter: the `numbers`th day, business day or `weekday`; none of
    them for the last."""

    what: Literal["day", "business day", "weekday"]
    numbers: list[int]
    is_quarterly: bool
    weekday: int | None = None


@dataclass(frozen=True)
class _Every:
    """So often, at a minute of the hour, from one full hour to another."""

    count: int
    unit: Literal["minute", "hour"]
    past: int
    window: tuple[int, int] | None


# By a name of theirs (`*`, `1-5`, `0,6`, `*B`), days of the week (0 is Sunday), or counted in a period.
_Days = str | list[int] | _Counted


def in_words(schedule: str, language: str) -> str:
    """The canonical schedule as a person would say it."""
    if schedule == DATA:
        return "有新数据时" if language == "zh" else "on fresh data"
    if len(fields := schedule.split()) != FIELDS:  # nothing that could be in the book
        return schedule
    minute, hour, day, month, weekday = fields
    times, every, days = _times(minute, hour), _every(minute, hour), _days(day, month, weekday)
    if days is None or not (times or every):
        return schedule
    said = (_in_chinese if language == "zh" else _in_english)(days, times, every)
    return said if schedule_of(said) == schedule else schedule  # such as the 1st and the 1st


def _in_english(days: _Days, times: list[str], every: _Every | None) -> str:
    if every is None:
        return f"{_days_in_english(days)} at {_list(times)}"
    often = _every_in_english(every)
    return often if days == "*" else f"{_days_in_english(days)}, {often}"


def _in_chinese(days: _Days, times: list[str], every: _Every | None) -> str:
    if every is None:
        return f"{_days_in_chinese(days)} {'、'.join(times)}"
    often = _every_in_chinese(every)
    return often if days == "*" else f"{_days_in_chinese(days)} {often}"


def _times(minute: str, hour: str) -> list[str]:
    """The times of the day; none where the fields name none, or too many."""
    if not _LISTED.fullmatch(minute) or not _LISTED.fullmatch(hour):
        return []
    times = [f"{int(h):02}:{int(m):02}" for h in hour.split(",") for m in minute.split(",")]
    return sorted(times) if len(times) <= _MOST_TIMES else []


def _every(minute: str, hour: str) -> _Every | None:
    """How often it is due within the day; None where the fields say something else."""
    hours = re.fullmatch(r"(?:\*|(\d+)-(\d+))(?:/(\d+))?", hour)
    if hours is None:
        return None
    first, last, step = (None if part is None else int(part) for part in hours.groups())
    window = None if first is None or last is None else (first, last)
    if minute.isdigit():
        count = step or 1
        fits = HOURS % count == 0 and count < HOURS and (window is None or window[0] < window[1])
        return _Every(count, "hour", int(minute), window) if fits else None
    steps = re.fullmatch(r"\*(?:/(\d+))?", minute)
    if steps is None or step:
        return None
    count = int(steps[1] or 1)
    window = window and (window[0], window[1] + 1)
    return _Every(count, "minute", 0, window) if MINUTES % count == 0 and count < MINUTES else None


def _days(day: str, month: str, weekday: str) -> _Days | None:
    """The days of the fields; None where there are no words for them."""
    if month == "*" and day == "*" and weekday in _NAMED:
        return weekday
    if (day, month, weekday) == ("*B", "*", "*"):
        return day
    if month == "*" and day == "*" and (week := _of_week(weekday)):
        return week
    return _counted(day, month, weekday)


def _counted(day: str, month: str, weekday: str) -> _Counted | None:
    """Days counted in each month or quarter; None where the fields say something else."""
    ends = day.startswith("L") or weekday.endswith("L")
    if month not in ("*", ENDS_OF_QUARTERS if ends else QUARTERS):
        return None
    quarterly = month != "*"
    if day == "*" and (found := re.fullmatch(r"([0-6])(?:L|#([1-5]))", weekday)):
        return _Counted("weekday", [int(found[2])] if found[2] else [], quarterly, int(found[1]))
    if weekday == "*" and (found := re.fullmatch(r"([1-5]|L)B", day)):
        return _Counted("business day", [int(found[1])] if found[1] != "L" else [], quarterly)
    if weekday == "*" and (day == "L" or _LISTED.fullmatch(day)):
        return _Counted("day", sorted(map(int, day.split(","))) if day != "L" else [], quarterly)
    return None


def _of_week(weekday: str) -> list[int]:
    """The days that a field of weekdays lists, Monday first; none where it says something else."""
    found = re.fullmatch(r"([0-6])-([0-6])", weekday)
    if found:
        return list(range(int(found[1]), int(found[2]) + 1))
    if not re.fullmatch(r"[0-6](,[0-6])*", weekday):
        return []
    return sorted(map(int, weekday.split(",")), key=lambda day: day or 7)


def _days_in_english(days: _Days) -> str:
    if isinstance(days, str):
        return "business days" if days == "*B" else _NAMED[days]
    if isinstance(days, list):
        return _list([f"{WEEKDAYS[day].capitalize()}s" for day in days])
    period = "quarter" if days.is_quarterly else "month"
    if days.what == "day" and days.numbers:
        return f"the {_list([_nth(number) for number in days.numbers])} of every {period}"
    which = ORDINALS[days.numbers[0] - 1] if days.numbers else "last"
    what = days.what if days.weekday is None else WEEKDAYS[days.weekday].capitalize()
    return f"the {which} {what} of every {period}"


def _days_in_chinese(days: _Days) -> str:
    if isinstance(days, str):
        return "法定工作日" if days == "*B" else _NAMED_ZH[days]
    if isinstance(days, list):
        return "每" + "、".join(f"周{_WEEK_ZH[day]}" for day in days)
    period = "每季度" if days.is_quarterly else "每月"
    if days.what == "day":
        return period + ("、".join(f"{number}日" for number in days.numbers) or "最后一天")
    which = f"第{_ORDINALS_ZH[days.numbers[0] - 1]}个" if days.numbers else "最后一个"
    return period + which + ("工作日" if days.weekday is None else f"周{_WEEK_ZH[days.weekday]}")


def _every_in_english(every: _Every) -> str:
    said = f"every {every.count} {every.unit}s" if every.count > 1 else f"every {every.unit}"
    past = f" at minute {every.past}" if every.past else ""
    window = f" from {every.window[0]:02}:00 to {every.window[1]:02}:00" if every.window else ""
    return said + past + window


def _every_in_chinese(every: _Every) -> str:
    unit = "分钟" if every.unit == "minute" else "小时"
    past = f"第{every.past}分" if every.past else ""
    window = f" {every.window[0]:02}:00至{every.window[1]:02}:00" if every.window else ""
    return f"每{every.count if every.count > 1 else ''}{unit}{past}{window}"


def _nth(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th ..."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{number}{'th' if 10 < number < 14 else endings.get(number % 10, 'th')}"


def _list(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
