"""Issues that are not to be trusted are held back, and let go when the cause is gone.

What speaks against an issue is in `doubts`; all of it is told, in `answer`. The owner gets one notice for a
report as long as its issues are held for the same reasons. Of the issues of a subscription that were held the
newest is sent later; those before it would say the same and are skipped.
"""

from collections.abc import Sequence

from dashboards.reports.declared import report_settings
from dashboards.reports.report import Report
from dashboards.subscriptions.sending import doubts
from dashboards.subscriptions.sending.journal import Journal, Told
from pipelines.notices import resolve, restate, standing
from pipelines.settings import Settings

NOTICE = "report_held"
_HELD = "Held: "
_MOST_TOLD = 3  # different reasons of single issues, in one notice


def reasons(
    settings: Settings, report: str, built: Report | None = None, previous_rows: float | None = None
) -> list[str]:
    """Why an issue is held, each reason in a sentence; none where it is to be sent.

    Without the issue as `built` only what holds for all issues of the report; `previous_rows` are those of
    the issue before.
    """
    found = doubts.of_report(settings, report)
    if built is not None:
        found += doubts.of_issue(report_settings(settings, report), built.values, previous_rows)
    return found


def told(reasons: Sequence[str]) -> str:
    """The reasons as the journal keeps them; "" for none."""
    return _HELD + " ".join(reasons) if reasons else ""


def reason(settings: Settings, report: str) -> str:
    """Why all issues of a report are held at present, "" where they are not."""
    return told(reasons(settings, report))


def let_go(settings: Settings, journal: Journal) -> None:
    """Queues what was held and need not be any more, only the newest issue of each subscription; of the
    others it is written why they are held by now."""
    waiting: dict[str, list[Told]] = {}
    for each in journal.held():
        waiting.setdefault(each[1].report, []).append(each)
    free: list[Told] = []
    for report, held in waiting.items():
        if why := reason(settings, report):
            journal.still_held(held, why)
        else:
            free += held
    journal.let_go(free)


def tell(settings: Settings, journal: Journal) -> None:
    """Notes for the owner which reports are held and why, and that others are so no longer."""
    newest = {
        subscription.id: (subscription.report, delivery.answer) for delivery, subscription in journal.held()
    }
    held: dict[str, set[str]] = {}
    for report, answer in newest.values():
        held.setdefault(report, set()).add(answer.removeprefix(_HELD))
    for report, answers in held.items():
        more = len(answers) - _MOST_TOLD
        words = [
            *sorted(answers)[:_MOST_TOLD],
            *([f"And {more} more, see `sda delivery list --state held`."] if more > 0 else []),
            "`sda delivery release NUMBER` sends an issue all the same.",
        ]
        restate(settings, NOTICE, report, f"The report {report} is held", " ".join(words))
    for report in standing(settings, NOTICE) - held.keys():
        resolve(settings, NOTICE, report)
