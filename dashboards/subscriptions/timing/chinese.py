"""Chinese words for schedules."""

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

_DIGITS = "〇一二三四五六七八九"
_WEEK = "日一二三四五六"
_FRESH = re.compile(
    r"(有|当有|一有)新(的)?数据(到达|到来)?(时|的时候|后|之后|就发送)?|(数据)更新(时|后|之后)"
)
_NUMERAL = re.compile(r"[一二两三四五六七八九十]+(?=[点时号日分月季个])")
_TIME = re.compile(
    r"(?P<half>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上)?(?<!\d)(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{2})|[点时](?:(?P<part>半|一刻|三刻)|(?P<past>\d{1,2})分?|整)?)(?![\d:])"
)
_WINDOW = re.compile(r"(?:从)?(\d{1,2})(?::(\d{2})|[点时])(?:到|至|-|~)(\d{1,2})(?::(\d{2})|[点时])(?:之间)?")
_EVERY = re.compile(r"每隔?(?:(?P<count>\d+|半))?个?(?P<unit>分钟|小时|钟头|刻钟)")
_PAST = re.compile(r"(?:的)?第?(\d{1,2})分(?!钟)")
_AFTER_NOON = ("下午", "傍晚", "晚上")
_FILLER = re.compile(r"[的在于,、和与及跟;\s]|发送")
_DAYS_OF_WEEK = rf"(?:周|星期|礼拜)([{_WEEK}天])"
_RANGE = re.compile(rf"{_DAYS_OF_WEEK}(?:到|至|-|~)(?:周|星期|礼拜)?([{_WEEK}天])")
_WEEKDAYS = re.compile(rf"每?(?:个)?(?:(?:周|星期|礼拜)[{_WEEK}天]+)+")
_PERIOD = re.compile(r"每个?(月|季度|季|年)")
_MONTH = re.compile(r"(\d{1,2})月(?:份)?")
_NUMBERED = re.compile(r"(?:\d{1,2}[日号])+")
_WHICH = re.compile(r"(?:第(\d)个?|(首)个?|(最后)[一1]?个?)(.+)")


def is_on_fresh_data(text: str) -> bool:
    """Whether the words ask for an issue as soon as there are fresh data."""
    return bool(_FRESH.fullmatch(text.replace(" ", "")))


def understood(text: str) -> Phrase:
    """What the words say. Raises ValueError telling what is not understood."""
    text = _NUMERAL.sub(lambda found: str(_value(found[0])), text.replace("首日", "第1天"))
    every, rest = taken(_EVERY, text)
    if every is None:
        times, rest = all_times(_TIME, text, _time)
        return Phrase(_days(rest), times)
    within, rest = taken(_WINDOW, rest)
    past, rest = taken(_PAST, rest)
    window = Window.of(*(int(part or 0) for part in within.groups())) if within else None
    half = every["count"] == "半"
    count = 1 if half else int(every["count"] or 1)
    if half or every["unit"] in ("分钟", "刻钟"):
        minutes = 30 if half else count * (15 if every["unit"] == "刻钟" else 1)
        return Phrase(_days(rest), minutes=minutes, window=window)
    minute = checked_time(0, int(past[1]))[1] if past else 0
    return Phrase(_days(rest), hours=count, past=minute, window=window)


def _time(found: "re.Match[str]") -> tuple[int, int]:
    hour = int(found["hour"])
    minute = {"半": 30, "一刻": 15, "三刻": 45}.get(found["part"] or "") or int(
        found["minute"] or found["past"] or 0
    )
    if found["half"] in _AFTER_NOON or (found["half"] == "中午" and hour < 3):
        hour = afternoon(hour)
    return checked_time(hour, minute)


def _days(text: str) -> Days:
    core = _FILLER.sub("", _RANGE.sub(_spread, text))
    if core in ("", "每天", "每日", "天天"):
        return Days()
    if core in ("工作日", "每工作日", "每个工作日"):
        return Days(weekday="1-5")
    if core in ("周末", "每周末", "每个周末"):
        return Days(weekday="0,6")
    if core.removeprefix("每个").removeprefix("每") in ("法定工作日", "营业日"):
        return Days(day="*B")
    if _WEEKDAYS.fullmatch(core):
        return Days(weekday=weekday_field(_number(each) for each in re.findall(rf"[{_WEEK}天]", core)))
    found, rest = taken(_PERIOD, core)
    months = [int(number) for number in _MONTH.findall(rest)]
    period = {"月": "month", "季度": "quarter", "季": "quarter", "年": "year"}[found[1]] if found else ""
    return in_period(_of_month(_MONTH.sub("", rest).replace(" ", ""), core), period, months)


def _of_month(core: str, text: str) -> Days:
    """The fields for days counted within the month."""
    if core in ("末", "底", "月末", "月底"):
        return Days(day="L")
    if _NUMBERED.fullmatch(core):
        return Days(day=day_field([int(number) for number in re.findall(r"\d+", core)]))
    which = _WHICH.fullmatch(core)
    if which is None:
        raise ValueError(f"«{text}» is not understood")
    number = int(which[1] or 1)
    last = bool(which[3])
    if which[4] in ("天", "日"):
        return Days(day="L" if last else str(number))
    if which[4] in ("工作日", "法定工作日", "营业日"):
        return Days(day="LB" if last else f"{number}B")
    if found := re.fullmatch(_DAYS_OF_WEEK, which[4]):
        return Days(weekday=f"{_number(found[1])}L" if last else f"{_number(found[1])}#{number}")
    raise ValueError(f"«{text}» is not understood")


def _spread(found: "re.Match[str]") -> str:
    """«周一至周五» as all five."""
    return "周" + "".join(_WEEK[day] for day in weekdays_between(_number(found[1]), _number(found[2])))


def _number(day: str) -> int:
    """0 for Sunday to 6 for Saturday."""
    return 0 if day == "天" else _WEEK.index(day)


def _value(numeral: str) -> int:
    """«二十三» as 23."""
    numeral = numeral.replace("两", "二")
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return _DIGITS.index(numeral) if len(numeral) == 1 else 0
    return (_DIGITS.index(tens) if tens else 1) * 10 + (_DIGITS.index(ones) if ones else 0)
