"""Schedules in plain words, English and Chinese, as cron: «weekdays 08:00», «每月1日 08:00».

A schedule in words says on which days and at which times, in either order; or how often. `spoken` says it
back. Nothing is guessed: what is not understood, and what one line of cron cannot say, is an error.
"""

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from dashboards.subscriptions.timing import chinese, english
from dashboards.subscriptions.timing.cron import DATA, parsed
from dashboards.subscriptions.timing.phrases import HOURS, MINUTES, Phrase

EXAMPLES = (
    "weekdays 08:00",
    "daily 7:30",
    "mondays and thursdays 07:30",
    "monthly on the 1st 08:00",
    "last day of the month 18:00",
    "first monday of the month 09:00",
    "first business day of the month 08:00",
    "business days 08:00",
    "every 15 minutes",
    "hourly",
    "weekdays every 2 hours from 08:00 to 18:00",
    "on fresh data",
    "0 7 * * 1-5",
    "工作日 08:00",
    "每天 07:30",
    "每周一和周四 07:30",
    "每月1日 08:00",
    "每月最后一天 18:00",
    "每月第一个工作日 08:00",
    "每15分钟",
    "每小时",
    "有新数据时",
)
_HAN = re.compile(r"[\u4e00-\u9fff]")


def schedule_of(text: str) -> str:
    """The canonical schedule that the words say. Raises ValueError telling what is not understood."""
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(" .。!")
    language = chinese if _HAN.search(plain) else english
    if plain == DATA or language.is_on_fresh_data(plain):
        return DATA
    fields = _cron(language.understood(plain))
    parsed(fields)  # the last word on days that no month has
    return fields


def examples_near(text: str) -> str:
    """A sentence with the examples that look most like `text`."""
    written_in = [each for each in EXAMPLES if bool(_HAN.search(each)) == bool(_HAN.search(text))]
    near = get_close_matches(text.casefold(), written_in, n=3, cutoff=0.45)
    chosen = near or [*written_in[:4], "0 7 * * 1-5" if written_in[0].isascii() else "有新数据时"]
    return f"Write for example {', '.join(f'«{each}»' for each in chosen)}."


def _cron(phrase: Phrase) -> str:
    minute, hour = _product(phrase.times) if phrase.times else _steps(phrase)
    return f"{minute} {hour} {phrase.days.day} {phrase.days.month} {phrase.days.weekday}"


def _steps(phrase: Phrase) -> tuple[str, str]:
    """The fields of minute and hour of something that is due every so often."""
    window, minutes, hours = phrase.window, phrase.minutes, phrase.hours
    if minutes:
        if MINUTES % minutes:
            raise ValueError(f"an hour does not divide into {minutes} minutes")
        within = f"{window.first}-{window.last_of_minutes}" if window else "*"
        return {1: "*", MINUTES: "0"}.get(minutes, f"*/{minutes}"), within
    if not hours or HOURS % hours:
        raise ValueError(f"a day does not divide into {hours} hours")
    within = f"{window.first}-{window.last}" if window else "*"
    return str(phrase.past), {1: within, HOURS: "0"}.get(hours, f"{within}/{hours}")


def _product(times: Iterable[tuple[int, int]]) -> tuple[str, str]:
    """The fields for times of the day (hour, minute); cron can say them where each hour has each minute."""
    given = set(times)
    hours, minutes = sorted({hour for hour, _ in given}), sorted({minute for _, minute in given})
    if len(given) != len(hours) * len(minutes):
        raise ValueError("its times are at different minutes of their hours, which takes two subscriptions")
    return ",".join(map(str, minutes)), ",".join(map(str, hours))
