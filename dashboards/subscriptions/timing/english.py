"""English words for schedules."""

import re

from dashboards.subscriptions.timing.phrases import (
    Days,
    Phrase,
    Window,
    afternoon,
    all_times,
    checked_time,
    day_field,
    in_period,
    taken,
    weekday_field,
    weekdays_between,
)

WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
    "november", "december",
)  # fmt: skip
ORDINALS = ("first", "second", "third", "fourth", "fifth")

_FRESH = re.compile(
    r"((on|with|when|as soon as) )?(there (are|is) )?(the )?(fresh|new) data( (come|comes|arrive|arrives))?"
    r"|(when|as soon as) (the )?data (are|is) (fresh|new)"
)
_TIME = re.compile(
    r"(?<![\d:])(?:\bat )?(?:"
    r"(?P<named>noon|midnight)\b"
    r"|(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?![\d:])(?:\s*(?P<half>am|pm)\b)?"
    r"|(?P<whole>\d{1,2})\s*(?P<half_day>am|pm)\b)"
    r"|\bat (?P<bare>\d{1,2})(?:\s*o'?clock)?(?![\d:]|st|nd|rd|th)"
)
_WINDOW = re.compile(
    r"\b(?:from|between) (\d{1,2})(?::(\d{2}))? (?:to|till|until|and|-) (\d{1,2})(?::(\d{2}))?(?![\d:])"
)
_EVERY = re.compile(
    r"\b(?:every|each) (?:(?P<part>half|quarter)(?: of)?(?: an)? hour|(?:(?P<count>\d+) )?"
    r"(?P<unit>minute|hour)s?)\b|\b(?P<hourly>hourly)\b"
)
_PAST = re.compile(r"\bat (?:minute |:)(\d{1,2})\b")
_RANGE = re.compile(r"\b([a-z]+)\s*(?:-|–|\bto\b|\bthrough\b)\s*([a-z]+)\b")
_FILLER = re.compile(r"\b(on|at|the|every|each|of|a|in|and)\b|[,&;]")
_PERIOD = re.compile(r"\b(?:(week|month|quarter|year)(?:s|ly)?)\b")
_MONTH = re.compile(rf"\b({'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in MONTHS)})\b")
_NUMBERED = re.compile(r"(?:(?:day )?\d{1,2}(?:st|nd|rd|th)?\s*)+")
_WHICH = re.compile(rf"({'|'.join(ORDINALS)}|last|\d(?:st|nd|rd|th))\s+(.+)")


def is_on_fresh_data(text: str) -> bool:
    """Whether the words ask for an issue as soon as there are fresh data."""
    return bool(_FRESH.fullmatch(text))


def understood(text: str) -> Phrase:
    """What the words (in lower case) say. Raises ValueError telling what is not understood."""
    text = text.replace("a.m", "am").replace("p.m", "pm").replace("am.", "am").replace("pm.", "pm")
    within, rest = taken(_WINDOW, text)
    every, rest = taken(_EVERY, rest)
    if every is None:
        times, rest = all_times(_TIME, text, _time)
        return Phrase(_days(rest), times)
    past, rest = taken(_PAST, rest)
    window = Window.of(*(int(part or 0) for part in within.groups())) if within else None
    if every["part"] or every["unit"] == "minute":
        minutes = {"half": 30, "quarter": 15}.get(every["part"] or "", int(every["count"] or 1))
        return Phrase(_days(rest), minutes=minutes, window=window)
    minute = checked_time(0, int(past[1]))[1] if past else 0
    return Phrase(_days(rest), hours=int(every["count"] or 1), past=minute, window=window)


def _time(found: "re.Match[str]") -> tuple[int, int]:
    if found["named"]:
        return (12, 0) if found["named"] == "noon" else (0, 0)
    hour, minute = int(found["hour"] or found["whole"] or found["bare"]), int(found["minute"] or 0)
    half = found["half"] or found["half_day"]
    if half and not 1 <= hour <= 12:
        raise ValueError(f"there is no time {hour} {half}")
    if half:
        hour = afternoon(hour) if half == "pm" else hour % 12
    return checked_time(hour, minute)


def _days(text: str) -> Days:
    months = [MONTHS.index(next(name for name in MONTHS if name.startswith(found[:3]))) + 1
              for found in _MONTH.findall(text)]  # fmt: skip
    text = _RANGE.sub(_spread, _MONTH.sub(" ", text))
    found, rest = taken(_PERIOD, _FILLER.sub(" ", text))
    period = found[1] if found else ""
    core = " ".join(rest.split())
    if core in ("", "day", "days", "daily", "everyday") and not months and period in ("", "week"):
        if period:
            raise ValueError("it does not say on which day of the week")
        return Days()
    if plain := _weekdays(core):
        return in_period(Days(weekday=plain), period if period != "week" else "", months)
    return in_period(_of_month(core, period), period, months)


def _weekdays(core: str) -> str:
    """The field for days of the week; "" where the words are of something else."""
    if core in ("weekday", "weekdays", "workday", "workdays"):
        return "1-5"
    if core in ("weekend", "weekends"):
        return "0,6"
    names = core.split()
    return weekday_field(map(_number, names)) if names and all(map(_is_weekday, names)) else ""


def _of_month(core: str, period: str) -> Days:
    """The fields for days counted within the month."""
    if core in ("business day", "business days", "working day", "working days"):
        return Days(day="*B")
    if _NUMBERED.fullmatch(core):
        return Days(day=day_field([int(number) for number in re.findall(r"\d+", core)]))
    which = _WHICH.fullmatch(core)
    if which is None:
        unclear = f"«{core}» is not understood" if core else f"it does not say on which day of the {period}"
        raise ValueError(unclear)
    last = which[1] == "last"
    number = 0 if last else ORDINALS.index(which[1]) + 1 if which[1] in ORDINALS else int(which[1][0])
    match which[2].removesuffix("s"):
        case "day":
            return Days(day="L" if last else str(number))
        case "business day" | "working day":
            return Days(day="LB" if last else f"{number}B")
        case "weekday" | "workday" if last:
            return Days(day="LW")
        case name if _is_weekday(name):
            return Days(weekday=f"{_number(name)}L" if last else f"{_number(name)}#{number}")
    raise ValueError(f"«{core}» is not understood")


def _spread(found: "re.Match[str]") -> str:
    """«monday to friday» as the names of all five."""
    first, last = found[1], found[2]
    if not (_is_weekday(first) and _is_weekday(last)):
        return found[0]
    return " ".join(WEEKDAYS[number] for number in weekdays_between(_number(first), _number(last)))


def _is_weekday(word: str) -> bool:
    """Whether it names a day of the week, in full, in the plural or cut short (mon, tues)."""
    return len(word) > 2 and any(f"{name}s".startswith(word) for name in WEEKDAYS)


def _number(word: str) -> int:
    """0 for Sunday to 6 for Saturday."""
    return next(place for place, name in enumerate(WEEKDAYS) if f"{name}s".startswith(word))
