"""Mails to the owner of the installation: a flow failed, did not run, or a schema changed."""

import hashlib
from email.message import EmailMessage
from email.utils import format_datetime

from dashboards.reports.mail import POLICY
from dashboards.subscriptions.sending.transport import Mail, Outcome, transport_of
from pipelines.settings import Settings
from pipelines.store import now


def mail_owner(settings: Settings, subject: str, text: str) -> Outcome | None:
    """Sends a plain mail to the owner; None where `[project] owner` names nobody.

    Never raises for a server that is not there: the outcome says what happened.
    """
    if not settings.owner:
        return None
    moment = now()
    digest = hashlib.sha256(f"{moment.isoformat()}\0{subject}\0{text}".encode()).hexdigest()[:24]
    message = EmailMessage(policy=POLICY)
    # A subject may quote a file or a column name; a line break in it would begin another header.
    message["Subject"] = f"[{settings.name}] {' '.join(subject.split())}"
    message["From"] = settings.smtp.sender
    message["To"] = settings.owner
    message["Date"] = format_datetime(moment)
    message["Message-ID"] = f"<owner.{digest}@{settings.list_domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    transport = transport_of(settings)
    try:
        mail = Mail(message["Message-ID"], settings.owner, message.as_bytes())
        return transport.send(mail, lambda: True)
    finally:
        transport.close()
