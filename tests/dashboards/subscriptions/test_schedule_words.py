"""Schedules in plain words: understood as meant, said back, and refused where they mean nothing certain."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import UsageError
from dashboards.subscriptions.timing.clock import check_schedule, in_words
from dashboards.subscriptions.timing.words import EXAMPLES

MEANT = {
    "weekdays 08:00": "0 8 * * 1-5",
    "Weekdays at 8am": "0 8 * * 1-5",
    "monday to friday at 8": "0 8 * * 1-5",
    "daily 7:30": "30 7 * * *",
    "every day at 08:00 and 17:00": "0 8,17 * * *",
    "at noon daily": "0 12 * * *",
    "mondays and thursdays 07:30": "30 7 * * 1,4",
    "every Mon, Wed & Fri at 7:30 PM": "30 19 * * 1,3,5",
    "weekends 10:00": "0 10 * * 0,6",
    "fri-mon 10:00": "0 10 * * 0,1,5,6",
    "monthly on the 1st 08:00": "0 8 1 * *",
    "1st and 15th of the month 08:00": "0 8 1,15 * *",
    "last day of the month 18:00": "0 18 L * *",
    "last weekday of the month 18:00": "0 18 LW * *",
    "first business day 08:00": "0 8 1B * *",
    "last working day of every month 08:00": "0 8 LB * *",
    "business days 08:00": "0 8 *B * *",
    "second tuesday 09:00": "0 9 * * 2#2",
    "last friday of the quarter 17:00": "0 17 * 3,6,9,12 5L",
    "quarterly on the first business day 08:00": "0 8 1B 1,4,7,10 *",
    "yearly on 2 January 09:00": "0 9 2 1 *",
    "every 15 minutes": "*/15 * * * *",
    "every half hour": "*/30 * * * *",
    "every 15 minutes from 8:00 to 18:00 on weekdays": "*/15 8-17 * * 1-5",
    "hourly": "0 * * * *",
    "hourly at :15": "15 * * * *",
    "every 2 hours": "0 */2 * * *",
    "on fresh data": "@data",
    "when there are new data": "@data",
    "0  7 * * mon-fri": "0 7 * * 1-5",
    "0 8 1b jan *": "0 8 1B 1 *",
    "@DATA": "@data",
    "工作日 08:00": "0 8 * * 1-5",
    "周一至周五 早上8点": "0 8 * * 1-5",
    "每天 07:30": "30 7 * * *",
    "每天上午八点半": "30 8 * * *",
    "每周一 08:00": "0 8 * * 1",
    "每周一、三、五 下午3点半": "30 15 * * 1,3,5",
    "每星期天晚上8点": "0 20 * * 0",
    "每月1日 08:00": "0 8 1 * *",
    "每月1号和15号 08：00": "0 8 1,15 * *",
    "每月最后一天 18:00": "0 18 L * *",
    "每月末18点": "0 18 L * *",
    "每月第一个工作日 08:00": "0 8 1B * *",
    "每月第二个周二 9:00": "0 9 * * 2#2",
    "每季度最后一个周五 17:00": "0 17 * 3,6,9,12 5L",
    "每年1月2日 9:00": "0 9 2 1 *",
    "每15分钟": "*/15 * * * *",
    "每半小时": "*/30 * * * *",
    "工作日每隔2小时 从8点到18点": "0 8-18/2 * * 1-5",
    "每小时": "0 * * * *",
    "有新数据时": "@data",
    "数据更新后": "@data",
}
SENSELESS = (
    *("", "soon", "daily", "weekly 8:00", "monthly 08:00", "mondays", "day 31", "every 25 minutes"),
    *("every 0 minutes", "every 5 hours", "weekdays 25:00", "13:00 pm daily", "32nd of the month 08:00"),
    *("daily 08:00 and 17:30", "0 8 * *", "0 8 * * * *", "0 8 * * 1-9", "60 8 * * *", "0 8 1B * 1"),
    *("0 8 31 2 *", "每天", "每月 08:00", "每周八 08:00", "每25分钟", "下午", "yearly 08:00", "no day 08:00"),
    *("sixth monday 08:00", "every 15 minutes from 18:00 to 8:00", "\x00", "08:00; rm -rf", "@daily"),
)


@pytest.mark.parametrize("words", MEANT)
def test_words_mean_what_they_say(words: str) -> None:
    assert check_schedule(words) == MEANT[words]


@pytest.mark.parametrize("words", SENSELESS)
def test_what_means_nothing_certain_is_refused_with_examples(words: str) -> None:
    with pytest.raises(UsageError, match="Write for example «"):
        check_schedule(words)


def test_every_example_is_understood_and_a_slip_gets_the_nearest() -> None:
    for example in EXAMPLES:
        assert check_schedule(example)
    with pytest.raises(UsageError, match="«first business day of the month 08:00»"):
        check_schedule("first busines day of month 08:00")
    with pytest.raises(UsageError, match="«每月最后一天 18:00»"):
        check_schedule("每月最末天 18:00")


days = st.sampled_from(
    [
        *("every day", "weekdays", "weekends", "business days", "Mondays", "Tuesdays and Sundays"),
        *("Mondays, Wednesdays and Saturdays", "the last day of every month", "the 1st of every quarter"),
        *("the 2nd, 3rd and 11th of every month", "the first business day of every month"),
        *("the last business day of every quarter", "the fifth Friday of every month"),
        *("the last Sunday of every quarter",),
    ]
)
clocks = st.one_of(
    st.builds("at {:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)),
    st.builds("every {} minutes".format, st.sampled_from([2, 5, 10, 15, 20, 30])),
    st.builds("every {} hours".format, st.sampled_from([2, 3, 6, 12])),
    st.builds("every hour at minute {}".format, st.integers(1, 59)),
    st.builds("every 15 minutes from {:02}:00 to {:02}:00".format, st.integers(0, 11), st.integers(12, 24)),
)


@settings(max_examples=150)
@given(days, clocks)
def test_what_was_understood_is_said_back_in_both_languages(day: str, clock: str) -> None:
    schedule = check_schedule(f"{day} {clock}")
    for language in ("en", "zh"):
        said = in_words(schedule, language)
        assert said != schedule
        assert check_schedule(said) == schedule
    assert in_words(schedule, "zh") != in_words(schedule, "en")


field = st.one_of(
    st.just("*"),
    st.integers(1, 23).map(str),
    st.integers(2, 20).map("*/{}".format),
    st.lists(st.integers(0, 6), min_size=1, max_size=3).map(lambda found: ",".join(map(str, found))),
)


@settings(max_examples=200)
@given(st.tuples(field, field, st.sampled_from(["*", "1", "31", "L", "LW"]), st.just("*"), field))
def test_cron_is_kept_or_said_so_that_it_reads_back(fields: tuple[str, ...]) -> None:
    try:
        schedule = check_schedule(" ".join(fields))
    except UsageError:
        return
    assert check_schedule(in_words(schedule, "en")) == check_schedule(in_words(schedule, "zh")) == schedule


pieces = st.sampled_from(
    [*"0123456789:-,*/#LB@每周一月日点", "every", "day", "at", "first", "business", "to", "工作日", "minutes"]
)


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=40), st.lists(pieces, max_size=8).map(" ".join)))
def test_no_text_is_a_crash_and_what_is_understood_stands(text: str) -> None:
    try:
        schedule = check_schedule(text)
    except UsageError:
        return
    assert check_schedule(schedule) == schedule


def test_words_are_as_a_person_would_say_them() -> None:
    assert in_words("30 7 * * 1,4", "en") == "Mondays and Thursdays at 07:30"
    assert in_words("30 7 * * 1,4", "zh") == "每周一、周四 07:30"
    assert in_words("0 8 1B * *", "en") == "the first business day of every month at 08:00"
    assert in_words("*/15 8-17 * * 1-5", "zh") == "工作日 每15分钟 08:00至18:00"
    assert in_words("@data", "zh") == "有新数据时"
    assert in_words("7 3-5 1-7 * *", "en") == "7 3-5 1-7 * *"
