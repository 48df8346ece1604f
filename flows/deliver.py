"""The flow `deliver`: every issue that is due, to every subscriber."""

from collections import Counter
from typing import TypeAlias

from prefect import Task, flow, task
from prefect.cache_policies import NO_CACHE

from connectors.errors import AssistantError
from dashboards.subscriptions.sending import outbox
from dashboards.subscriptions.sending.journal import Journal
from flows.progress import progress
from flows.runs import recorded
from flows.steps import all_done, settings_for, worth_a_retry
from pipelines.settings import Settings

# Seconds before an unreachable mail server is asked again. Greylisting lets a sender in after minutes.
SMTP_WAITS = [30.0, 120.0, 600.0]
SendTask: TypeAlias = Task[[Settings, bool], None]


@task(name="send", cache_policy=NO_CACHE)
def send(settings: Settings, first_issue: bool) -> None:
    """Renders each issue once and sends it to all who subscribed; fails where a mail did not leave.

    An issue that is held has been told to the owner and is no failure.
    """
    results = outbox.deliver(settings, first_issue=first_issue)
    for result in results:
        progress(f"  {result.report} to {result.email}: {result.state}")
    stayed = Counter(result.state for result in results if result.state not in ("sent", "skipped", "held"))
    waiting = Journal(settings).waiting() - stayed["queued"]
    if waiting > 0:  # of earlier runs; their next try is still to come
        stayed["waiting for another try"] = waiting
    if stayed:
        counts = ", ".join(f"{count} {state}" for state, count in sorted(stayed.items()))
        raise AssistantError(f"Not every mail was sent: {counts}.", "`sda delivery list` says why.")


@flow(name="deliver")
def deliver(config: str = "", first_issue: bool = False) -> None:
    """Sends what is due now; what was sent before is not sent again.

    With `first_issue` whoever never got anything gets an issue at once.
    """
    settings = settings_for(config)
    with recorded(settings, "deliver"):
        progress("Writing and sending reports …")
        all_done(
            settings, "deliver", {"mail": patient(send, settings)(settings, first_issue, return_state=True)}
        )


def patient(step: SendTask, settings: Settings) -> SendTask:
    """The step with retries if it talks to a mail server; the file outbox needs none."""
    if not settings.smtp.host:
        return step
    return step.with_options(
        retries=len(SMTP_WAITS), retry_delay_seconds=SMTP_WAITS, retry_condition_fn=worth_a_retry
    )
