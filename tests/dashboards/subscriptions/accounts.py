"""Accounts with plans, made by hypothesis, and deliveries of theirs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from pipelines.mailing import AccountSettings, PlanChange, PlanSettings
from pipelines.settings import Settings
from pipelines.store import Delivery, Store, Subscription

cents = st.integers(0, 99_999).map(lambda number: Decimal(number) / 100)
plans = st.fixed_dictionaries(
    {
        "small": st.builds(PlanSettings, price=cents),
        "large": st.builds(PlanSettings, price=cents),
        "year": st.builds(PlanSettings, interval=st.just("year"), price=cents),
        "decade": st.builds(PlanSettings, interval=st.just("year"), price=cents),
        "trial": st.builds(
            PlanSettings, interval=st.just("trial"), price=cents, trial_days=st.integers(1, 60)
        ),
    }
)

NAMES = ("small", "large", "year", "decade", "trial")


NAMES = ("small", "large", "year", "decade", "trial")


@st.composite
def accounts(draw: st.DrawFn, names: tuple[str, ...] = NAMES, *, ends: bool | None = None) -> AccountSettings:
    """An account of at most some years, with changes and perhaps an end."""
    start = draw(st.dates(date(2023, 1, 1), date(2025, 12, 31)))
    lengths = draw(st.lists(st.integers(1, 300), max_size=4))
    days = [start + timedelta(days=sum(lengths[: place + 1])) for place in range(len(lengths))]
    changes = [PlanChange(on=day, plan=draw(st.sampled_from(names))) for day in days]
    last = days[-1] if days else start
    is_over = draw(st.booleans()) if ends is None else ends
    end = last + timedelta(days=draw(st.integers(0, 500))) if is_over else None
    return AccountSettings(
        plan=draw(st.sampled_from(names)), start=start, end=end, changes=changes,
        grace_days=draw(st.integers(0, 40)),
    )  # fmt: skip


def subscribed(settings: Settings, email: str, account: str = "acme", **values: object) -> Subscription:
    """A subscription that is simply in the book."""
    entry = Subscription(
        **{"account": account, "email": email, "report": "fleet-daily", "schedule": "0 7 * * *", **values}
    )
    with Store(settings).session() as session:
        session.add(entry)
    return entry


def deliver(settings: Settings, entry: Subscription, *moments: str, **values: object) -> None:
    """Issues that were due and sent at `moments` (UTC), 1,000 bytes each."""
    with Store(settings).session() as session:
        for text in moments:
            moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
            given = {"period": moment, "sent_at": moment, "state": "sent", "size": 1_000, **values}
            session.add(Delivery(subscription_id=entry.id, account=entry.account, **given))
