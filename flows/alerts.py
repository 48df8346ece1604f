"""Tells the owner by mail what stands as a notice: each notice once, several of them in one mail."""

from sqlalchemy import select, update

from flows.progress import log
from pipelines.settings import Settings
from pipelines.store import Notice, Store, now


def open_notices(settings: Settings) -> list[Notice]:
    """What is unresolved, newest first."""
    with Store(settings).session() as session:
        return list(
            session.scalars(select(Notice).where(Notice.resolved_at.is_(None)).order_by(Notice.at.desc()))
        )


def tell_owner(settings: Settings) -> int:
    """Mails every standing notice that was not mailed yet to the owner, in one mail; gives their number.

    Where the mail server cannot be reached the notices stay unmailed and go with the next mail.
    """
    from dashboards.subscriptions.sending.owner import mail_owner

    waiting = [notice for notice in reversed(open_notices(settings)) if notice.mailed_at is None]
    if not waiting:
        return 0
    subject = waiting[0].subject if len(waiting) == 1 else f"{len(waiting)} things need your attention"
    outcome = mail_owner(settings, subject, _letter(settings, waiting))
    if outcome is None:
        return 0
    if outcome.fate != "sent":
        log.warning("The owner could not be told by mail (%s).", outcome.fate)
    if outcome.fate in ("later", "unreachable"):
        return 0
    with Store(settings).session() as session:
        ids = [notice.id for notice in waiting]
        session.execute(update(Notice).where(Notice.id.in_(ids)).values(mailed_at=now()))
    return len(waiting)


def _letter(settings: Settings, notices: list[Notice]) -> str:
    """The notices as a plain text for the owner."""
    told = (
        f"{notice.at.astimezone(settings.zone):%Y-%m-%d %H:%M %Z}  {notice.subject}\n{notice.message}\n"
        for notice in notices
    )
    return "\n".join([*told, f"More: `sda status`, or {settings.public_url}"]) + "\n"
