"""What is due, worked out for many subscriptions at once as for each alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dashboards.subscriptions.sending.dues import dues
from dashboards.subscriptions.timing import clock
from pipelines.settings import Settings
from pipelines.store import Subscription

START = datetime(2026, 3, 27, tzinfo=UTC)  # two days before the clocks change in Europe
SETTINGS = Settings(home=Path("unused"), config=Path("unused.toml"))

moments = st.datetimes(datetime(2026, 3, 27), datetime(2026, 4, 2), timezones=st.just(UTC))
subscriptions = st.builds(
    Subscription,
    report=st.just("fleet-daily"),
    schedule=st.sampled_from(["30 2 * * *", "0 7 * * 1-5", "*/30 * * * *", "0 9 1 * *"]),
    timezone=st.sampled_from(["UTC", "Europe/London", "Australia/Lord_Howe"]),
    calendar=st.just(""),
    on_holiday=st.just("skip"),
    catch_up=st.sampled_from(["latest", "all"]),
    account=st.just(""),
    status=st.sampled_from(["active", "active", "active", "paused"]),
    created_at=moments,
)


@given(st.lists(subscriptions, max_size=6), st.lists(moments, max_size=6), moments)
def test_what_is_due_is_the_same_together_and_alone(
    several: list[Subscription], periods: list[datetime], at: datetime
) -> None:
    for number, each in enumerate(several):
        each.id = number
    newest = dict(enumerate(periods[: len(several)]))
    found = dues(SETTINGS, several, newest, at)
    assert found.troubles == []
    for each in several:
        mine = [entry for entry in found.entries if entry.subscription_id == each.id]
        if each.status != "active":
            assert mine == []
            continue
        after = max(each.created_at, newest.get(each.id, each.created_at))
        missed = clock.due_after_downtime(SETTINGS, each, after, at)
        sent = missed if each.catch_up == "all" else missed[-1:]
        assert [entry.period for entry in mine] == missed
        assert [entry.period for entry in mine if entry.state == "queued"] == sent


def test_the_first_issue_is_for_the_moment_of_subscribing() -> None:
    entry = Subscription(
        id=1, report="x", schedule="0 7 * * *", timezone="UTC", calendar="", on_holiday="skip",
        catch_up="latest", account="acme", status="active", created_at=START,
    )  # fmt: skip
    (first,) = dues(SETTINGS, [entry], {}, START + timedelta(days=9), first_issue=True).entries
    assert (first.period, first.state, first.account) == (START, "queued", "acme")
