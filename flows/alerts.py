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

    A mail server that does not answer must not fail the run that had something to say: the notices stay
    unmailed and go with the next mail.
    """
    from dashboards.subscriptions.owner import mail_owner

    if not settings.owner:
        return 0
    waiting = [notice for notice in reversed(open_notices(settings)) if notice.mailed_at is None]
    if not waiting:
        return 0
    try:
        mail_owner(settings, waiting)
    except OSError as error:  # smtplib's errors are OSErrors too
        log.warning("The owner could not be told by mail (%s).", type(error).__name__)
        return 0
    with Store(settings).session() as session:
        ids = [notice.id for notice in waiting]
        session.execute(update(Notice).where(Notice.id.in_(ids)).values(mailed_at=now()))
    return len(waiting)
