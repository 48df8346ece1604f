"""`sda subscription next`: the coming moments, with what is out of the ordinary on the way."""

import json
from datetime import UTC, datetime

from pipelines.settings import Settings
from tests.dashboards.subscriptions.loads import loaded
from tests.flows.conftest import Sda


def subscribed(sda: Sda, *options: str) -> int:
    answer = sda("subscription", "add", "ann@example.org", "data-quality", "--json", *options)
    return int(json.loads(answer.stdout)["id"])


def test_the_missing_hour_is_told_in_the_readers_zone_and_in_utc(sda: Sda, home: Settings) -> None:
    number = subscribed(sda, "--schedule", "daily 02:30", "--timezone", "America/New_York")
    start = ("--from", "2027-03-13T00:00Z", "--count", "3")
    told = json.loads(sda("subscription", "next", number, *start, "--json").stdout)
    assert [each["local"][:16] for each in told["coming"]] == [
        "2027-03-13T02:30",
        "2027-03-14T03:00",
        "2027-03-15T02:30",
    ]
    assert [each["at"][:16] for each in told["coming"]] == [
        "2027-03-13T07:30",
        "2027-03-14T07:00",
        "2027-03-15T06:30",
    ]
    assert [each["shift"] for each in told["coming"]] == ["", "left out", ""]
    (change,) = told["clock_changes"]
    assert (change["before"], change["after"]) == ("2027-03-14T02:00:00", "2027-03-14T03:00:00")
    text = sda("subscription", "next", number, *start).stdout
    assert "Sun 2027-03-14 03:00 EDT  2027-03-14 07:00 UTC  the time it names is left out on this day" in text
    assert "On 2027-03-14 the clocks go forward from 02:00 to 03:00." in text


def test_the_first_of_two_hours_of_the_same_name_is_meant(sda: Sda, home: Settings) -> None:
    number = subscribed(sda, "--schedule", "daily 01:30", "--timezone", "America/New_York")
    told = json.loads(
        sda("subscription", "next", number, "--from", "2026-10-31T12:00Z", "--count", "2", "--json").stdout
    )
    assert [(each["at"][:16], each["shift"]) for each in told["coming"]] == [
        ("2026-11-01T05:30", "first of two"),
        ("2026-11-02T06:30", ""),
    ]


def test_days_off_are_told_with_their_names_and_where_their_issue_goes(sda: Sda, home: Settings) -> None:
    number = subscribed(sda, "--schedule", "weekdays 08:00", "--calendar", "DE", "--on-holiday", "next")
    start = ("--from", "2026-12-23T12:00Z", "--count", "3")
    lines = sda("subscription", "next", number, *start).stdout.splitlines()
    assert [line[:14] for line in lines[1:4]] == ["Thu 2026-12-24", "Mon 2026-12-28", "Tue 2026-12-29"]
    assert lines[4:] == ["2026-12-25 is off (Christmas Day): its issue comes on 2026-12-28."]
    sda("subscription", "pause", number)
    assert "It is paused, so none of this is sent." in sda("subscription", "next", number).stdout


def test_without_a_clock_it_is_told_when_the_newest_data_came(sda: Sda, home: Settings) -> None:
    number = subscribed(sda, "--schedule", "on fresh data", "--timezone", "Asia/Shanghai")
    assert "None came yet." in sda("subscription", "next", number).stdout
    loaded(home, "logistics.shipments", datetime(2024, 11, 2, 5, tzinfo=UTC))
    assert "The newest data came on 2024-11-02 at 13:00 CST." in sda("subscription", "next", number).stdout


def test_a_number_that_is_none_is_told(sda: Sda, home: Settings) -> None:
    assert sda("subscription", "next", 99).exit_code == 1
    assert sda("subscription", "next", 1, "--from", "soon").exit_code == 2
