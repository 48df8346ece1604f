"""`sda deliver`: reports to subscribers, now."""

from datetime import datetime

import click

from flows.answer import Answer, answering, table
from flows.moment import MOMENT

_WELL = ("sent", "skipped", "held")


@click.command("deliver")
@click.option("--now", type=MOMENT, default=None, help="Send what is due at this moment instead.")
@click.option("--dry-run", is_flag=True, help="Only say what would go to whom.")
@click.option("--first-issue", is_flag=True, help="Whoever never got anything gets an issue at once.")
@answering
def command(now: datetime | None, dry_run: bool, first_issue: bool) -> Answer:
    """Send the reports that are due.

    What was sent before is not sent again. A dry run says for each recipient whether the issue is due, held,
    lapsed, suppressed or skipped, and why; nothing is written or sent.
    """
    from dashboards.subscriptions.sending.outbox import deliver
    from flows.runs import recorded
    from pipelines.settings import load_settings

    settings = load_settings()
    moment = now.replace(tzinfo=now.tzinfo or settings.zone) if now else None
    if dry_run:
        results = deliver(settings, moment, dry_run=True, first_issue=first_issue)
    else:
        with recorded(settings, "deliver", attended=True) as run:
            results = deliver(settings, moment, first_issue=first_issue)
            stayed = [result for result in results if result.state not in _WELL]
            run.failure = f"{len(stayed)} of {len(results)} mails were not sent." if stayed else ""
    rows = [
        {
            "report": r.report,
            "to": r.email,
            "language": r.language,
            "kind": r.kind,
            "period": r.period,
            "state": r.state,
            "answer": r.answer,
        }
        for r in results
    ]
    failed = not dry_run and any(result.state not in _WELL for result in results)
    return Answer([result.as_json() for result in results], table(rows, "Nothing is due."), failed)
