"""Reports of a model that needs a look are held back, and let go when it is well again.

The newest check of the report's task decides (`analytics.monitoring`): while its verdict is `act`, an issue
that is due becomes `held`, its reason in `answer`, and the owner gets a notice. Of the issues of a
subscription that were held the newest is sent later; those before it would say the same and are skipped.
"""

from connectors.errors import AssistantError
from dashboards.reports.build import blueprint_of
from dashboards.subscriptions.journal import Journal
from pipelines.notices import notify, resolve, standing
from pipelines.settings import Settings

NOTICE = "report_held"
_SUPERSEDED = "A newer issue was sent in its place."


def reason(settings: Settings, report: str) -> str:
    """Why the report is held at present, "" where it is not."""
    from analytics.catalog import task_named
    from analytics.monitoring import latest_check

    try:
        task = task_named(blueprint_of(settings, report).task, settings)
    except AssistantError:  # a report that is gone: told where it is written
        return ""
    check = latest_check(settings, task)
    if check is None or check.verdict != "act":
        return ""
    return f"Held: the model of {task.name} needs a look. {check.summary}"


def let_go(settings: Settings, journal: Journal) -> None:
    """Queues what was held and need not be any more; only the newest issue of each subscription."""
    free = [each for each in journal.held() if not reason(settings, each[1].report)]
    if not free:
        return
    waiting = sorted(free + journal.listing(["queued"], limit=100_000), key=lambda each: each[0].period)
    newest = {subscription.id: delivery.id for delivery, subscription in waiting}
    for delivery, subscription in free:
        if newest[subscription.id] == delivery.id:
            journal.unhold(delivery.id)
        else:
            journal.unhold(delivery.id, "skipped", _SUPERSEDED)


def tell(settings: Settings, journal: Journal) -> None:
    """Notes for the owner which reports are held, and that others are so no longer."""
    held = {subscription.report for _, subscription in journal.held()}
    for report in held:
        notify(
            settings,
            NOTICE,
            report,
            f"The report {report} is held",
            f"{reason(settings, report) or 'It goes with the next run.'} "
            "`sda delivery release NUMBER` sends an issue all the same.",
        )
    for report in standing(settings, NOTICE) - held:
        resolve(settings, NOTICE, report)
