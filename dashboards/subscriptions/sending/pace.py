"""So many mails a second to a server, all senders together, on all machines of one store.

The generic cell rate algorithm without bursts (ITU-T I.371): a row holds the moment at which the server is
free again; whoever moves it on by compare-and-set has the slot.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError

from pipelines.settings import Settings
from pipelines.store import Pace, Store, now

# Nobody has booked further ahead than this; a moment beyond it was written before the clock was set back.
_FARTHEST = timedelta(minutes=1)
_MOST_SENDERS = 100


class Pacer:
    """Books moments at one server; `rate` None: any moment is free."""

    def __init__(self, settings: Settings) -> None:
        self._store = Store(settings)
        self._server = f"{settings.smtp.host}:{settings.smtp.port}"
        self.interval = timedelta(seconds=1 / settings.mail.rate) if settings.mail.rate else None

    def book(self, clock: Callable[[], datetime] = now) -> datetime | None:
        """The moment at which the next mail may go to the server, which nobody else has; None: at once."""
        if self.interval is None:
            return None
        while True:
            moment = clock()
            free_at = self._free_at(moment)
            if free_at > moment + _FARTHEST + _MOST_SENDERS * self.interval:
                slot = moment
            else:
                slot = max(free_at, moment)
            if self._taken(free_at, slot + self.interval):
                return slot

    def _free_at(self, moment: datetime) -> datetime:
        wanted = select(Pace.free_at).where(Pace.server == self._server)
        try:
            with self._store.session() as session:
                if found := session.scalars(wanted).first():
                    return found
                session.add(Pace(server=self._server, free_at=moment))
                return moment
        except IntegrityError:  # another sender has just written the first line
            with self._store.session() as session:
                return session.scalars(wanted).one()

    def _taken(self, before: datetime, after: datetime) -> bool:
        change = update(Pace).where(Pace.server == self._server, Pace.free_at == before).values(free_at=after)
        with self._store.session() as session:
            result = session.execute(change, execution_options={"synchronize_session": False})
        return isinstance(result, CursorResult) and result.rowcount == 1
