"""What a person should know: written once, shown until it is resolved, mailed to the owner by the flows."""

import logging

from sqlalchemy import Select, select
from sqlalchemy.exc import OperationalError

from pipelines.settings import Settings
from pipelines.store import Notice, Store, now

logger = logging.getLogger(__name__)


def notify(settings: Settings, kind: str, about: str, subject: str, message: str) -> None:
    """Adds a notice; one that already stands with the same words is not repeated.

    `about` names the source, table or flow concerned, so that `resolve` finds it again. Where the store takes
    nothing (a full disk), the notice goes to the log: what it tells must not be lost to a second error.
    """
    try:
        with Store(settings).session() as session:
            standing = session.scalars(_standing(kind, about)).all()
            if any(notice.message == message for notice in standing):
                return
            session.add(Notice(kind=kind, about=about, subject=subject, message=message))
    except OperationalError as error:
        logger.error("%s: %s (the store could not be written: %s)", subject, message, error.orig)  # noqa: TRY400


def restate(settings: Settings, kind: str, about: str, subject: str, message: str) -> None:
    """Adds a notice in place of what stood about the same; one with the same words stands as it is."""
    with Store(settings).session() as session:
        standing = session.scalars(_standing(kind, about)).all()
        for notice in standing:
            if notice.message != message:
                notice.resolved_at = now()
        if all(notice.message != message for notice in standing):
            session.add(Notice(kind=kind, about=about, subject=subject, message=message))


def resolve(settings: Settings, kind: str, about: str) -> None:
    """Marks what stands about `about` as over."""
    with Store(settings).session() as session:
        for notice in session.scalars(_standing(kind, about)):
            notice.resolved_at = now()


def standing(settings: Settings, kind: str) -> set[str]:
    """What unresolved notices of a kind are about."""
    with Store(settings).session() as session:
        wanted = select(Notice.about).where(Notice.kind == kind, Notice.resolved_at.is_(None))
        return set(session.scalars(wanted))


def _standing(kind: str, about: str) -> Select[tuple[Notice]]:
    return select(Notice).where(Notice.kind == kind, Notice.about == about, Notice.resolved_at.is_(None))
