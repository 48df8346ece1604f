"""The flow `deliver`: every issue that is due, to every subscriber."""

from datetime import datetime

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from dashboards.subscriptions import outbox
from flows.runs import recorded
from flows.steps import all_done, settings_for, worth_a_retry
from pipelines.settings import Settings
from pipelines.store import now

# Seconds before an unreachable mail server is asked again. Greylisting lets a sender in after minutes.
SMTP_WAITS = [30.0, 120.0, 600.0]


@task(
    name="send",
    cache_policy=NO_CACHE,
    retries=len(SMTP_WAITS),
    retry_delay_seconds=SMTP_WAITS,
    retry_condition_fn=worth_a_retry,
)
def send(settings: Settings, moment: datetime) -> list[outbox.DeliveryResult]:
    """Renders each issue once and sends it to all who subscribed."""
    return outbox.deliver(settings, moment)


@flow(name="deliver")
def deliver(config: str = "") -> None:
    """Sends what is due now; what was sent before is not sent again."""
    settings = settings_for(config)
    with recorded(settings, "deliver"):
        all_done(settings, "deliver", {"mail": send(settings, now(), return_state=True)})
