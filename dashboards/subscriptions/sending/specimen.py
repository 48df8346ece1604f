"""An issue made to be looked at before anybody subscribes, and a test of it by mail.

Neither is a delivery: nothing enters the journal or the archive, nothing is metered, and the test says in its
subject, on its first lines and in each of its files that it is one. Who sent a test to whom is in the audit.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime

from connectors.errors import AssistantError
from dashboards.reports.build import build
from dashboards.reports.declared import report_settings
from dashboards.reports.mail import Envelope, letter_of, seal
from dashboards.reports.pdf import pages
from dashboards.reports.printed import printed
from dashboards.reports.reader import Reader, attributes_of
from dashboards.reports.render import Issue, render
from dashboards.reports.report import Paragraph, Report
from dashboards.reports.titled import view_name
from dashboards.subscriptions.accounts.plans import standing
from dashboards.subscriptions.readers.addresses import check_domain, check_email
from dashboards.subscriptions.returns import suppressions
from dashboards.subscriptions.sending.transport import Mail, Outcome, transport_of
from dashboards.wording import say
from pipelines.settings import Settings
from pipelines.store import Audit, Store, Subscription, now

TESTED = "subscription.test"
_MOST_ROWS = 1_000  # of a table that is only looked at
_DOTS_AN_INCH = 80


@dataclass(frozen=True)
class Specimen:
    """An issue as the mail would show it, and the first page of its PDF as PNG."""

    issue: Issue
    first_page: bytes


@dataclass(frozen=True)
class Test:
    """A test that was sent: what, by whom, to whom, when, and what the server said."""

    at: datetime
    who: str
    report: str
    email: str
    fate: str
    answer: str


def specimen(settings: Settings, entry: Subscription) -> Specimen:
    """The issue that `entry` (which need not be in the book) would get now."""
    issue = _rendered(settings, entry, _built(settings, entry))
    return Specimen(issue, pages(printed(issue.report), _DOTS_AN_INCH)[0])


def send_test(settings: Settings, entry: Subscription, who: str) -> Outcome:
    """Sends the issue that `entry` would get now to its address, marked as a test; `who` is noted.

    Raises UsageError for an address that may get no mail, AssistantError where it is suppressed.
    """
    address = check_email(entry.email)
    check_domain(address, settings.mail.allowed_domains, "mail.allowed_domains")
    if entry.account:
        check_domain(address, settings.accounts[entry.account].domains, f"accounts.{entry.account}.domains")
    if why := suppressions.reason(settings, address):
        raise AssistantError(f"Nothing is sent to {address}: {why}", "Lift it from the list first.")
    moment = now()
    issue = _rendered(settings, entry, _marked(_built(settings, entry), who))
    message_id = _message_id(settings, entry, address, moment)
    envelope = Envelope(
        sender=settings.smtp.sender,
        recipient=address,
        message_id=message_id,
        date=moment,
        list_id=f"<test.{settings.list_domain}>",
        reply_to=settings.smtp.reply_to,
    )
    _ = say(entry.language)
    why = _("You get this mail because somebody tried out this report with {address}.")
    content = seal(replace(letter_of(issue), why=why)).mail(envelope)
    transport = transport_of(settings)
    try:
        outcome = transport.send(Mail(message_id, address, content), lambda: True)
    finally:
        transport.close()
    _note(settings, entry, address, who, outcome)
    return outcome


def test_of(noted: Audit) -> Test:
    """A line of the audit (action `TESTED`) as the test it tells of."""
    told = json.loads(noted.detail)
    return Test(noted.at, noted.who, told["report"], told["email"], told["fate"], told["answer"])


def _built(settings: Settings, entry: Subscription) -> Report:
    reader = Reader(
        entry.language,
        entry.role,
        entry.timezone,
        attributes_of(entry.attributes),
        view_name=view_name(settings, entry),
    )
    return build(settings, entry.report, reader)


def _rendered(settings: Settings, entry: Subscription, report: Report) -> Issue:
    """With the files that the plan allows, large ones as well: links would lead to what is not kept."""
    plan = standing(settings, entry, now()).plan
    wished = entry.formats or report_settings(settings, entry.report).attachments
    formats = [each for each in wished if plan is None or each in plan.formats]
    rows = _MOST_ROWS if plan is None or plan.rows is None else min(plan.rows, _MOST_ROWS)
    return render(report, formats, rows)


def _marked(report: Report, who: str) -> Report:
    _ = say(report.language)
    words = _("{who} tried out what this report looks like. It is not an issue: nobody is subscribed by it.")
    notice = Paragraph(_("This is a test"), words.format(who=who), "notice")
    title = _("Test: {title}").format(title=report.title)
    return replace(report, name=f"test-{report.name}", title=title, sections=(notice, *report.sections))


def _message_id(settings: Settings, entry: Subscription, address: str, moment: datetime) -> str:
    text = f"{entry.report}\0{address}\0{moment.isoformat()}"
    return f"<test.{hashlib.sha256(text.encode()).hexdigest()[:24]}@{settings.list_domain}>"


def _note(settings: Settings, entry: Subscription, address: str, who: str, outcome: Outcome) -> None:
    told = {"report": entry.report, "email": address, "fate": outcome.fate, "answer": outcome.answer[:500]}
    with Store(settings).session() as session:
        session.add(Audit(who=who, action=TESTED, detail=json.dumps(told, ensure_ascii=False)))
