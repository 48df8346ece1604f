"""An issue as an e-mail: text, HTML with its pictures, sheets and documents attached.

Nothing in it is left to chance: dates, ids and boundaries are given or derived, so the same issue to the same
recipient is the same bytes. A line break in an address or a name is refused by `EmailMessage`.
"""

from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import cast

from dashboards.numbers import day
from dashboards.reports.render import Issue

# Seven-bit throughout: no server on the way has to be asked whether it takes eight.
POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True)
class Envelope:
    """Who sends what to whom: what differs from one recipient of an issue to the next."""

    sender: str
    recipient: str
    message_id: str
    date: datetime
    list_id: str
    reply_to: str = ""
    unsubscribe: str = ""


def compose(issue: Issue, envelope: Envelope) -> EmailMessage:
    """The mail to one recipient: `mixed( alternative( plain, related( html, pictures ) ), files )`."""
    message = EmailMessage(policy=POLICY)
    report = issue.report
    message["Subject"] = f"{issue.subject} – {day(report.as_of, report.language)}"
    message["From"] = _sender(envelope.sender, report.organisation)
    message["To"] = _address(envelope.recipient)
    message["Date"] = format_datetime(envelope.date)
    message["Message-ID"] = envelope.message_id
    message["List-Id"] = envelope.list_id
    message["Auto-Submitted"] = "auto-generated"
    if envelope.reply_to:
        message["Reply-To"] = envelope.reply_to
    if envelope.unsubscribe:
        message["List-Unsubscribe"] = f"<{envelope.unsubscribe}>"
    _fill(message, issue)
    message["Content-Language"] = {"en": "en", "zh": "zh-Hans"}[report.language]
    _fix_boundaries(message, issue.key)
    return message


def _fill(message: EmailMessage, issue: Issue) -> None:
    message.set_content(issue.text)
    message.add_alternative(issue.html, subtype="html")
    page = cast("list[EmailMessage]", message.get_payload())[1]
    for name, picture in issue.pictures.items():
        page.add_related(
            picture.png,
            "image",
            "png",
            cid=f"<{name}>",
            disposition="inline",
            filename=f"{name.split('.')[0]}.png",
        )
    for attachment in issue.attachments:
        main, sub = attachment.kind.split("/")
        charset = {"charset": "utf-8"} if main == "text" else {}
        message.add_attachment(attachment.content, main, sub, filename=attachment.name, params=charset)


def _sender(text: str, name: str) -> Address:
    """The sender as set, `a@b` or `Name <a@b>`; `name` stands where no name was given."""
    given, address = parseaddr(text)
    return _address(address, given or name)


def _address(address: str, name: str = "") -> Address:
    """One bare address; raises ValueError where it is none."""
    try:
        return Address(display_name=name, addr_spec=address)
    except (MessageError, IndexError) as error:
        raise ValueError(f"«{address}» is not an e-mail address.") from error


def _fix_boundaries(message: EmailMessage, key: str) -> None:
    """Boundaries from the issue's key, in order. `=_` occurs in no encoded body."""
    parts = [part for part in message.walk() if part.is_multipart()]
    for number, part in enumerate(parts):
        part.set_boundary(f"=_{key}_{number}")
