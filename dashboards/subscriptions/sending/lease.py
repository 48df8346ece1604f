"""Keeps a sender's claims its own for as long as it lives, however slow the server or the report."""

import logging
import threading
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, or_, update
from sqlalchemy.exc import SQLAlchemyError

from pipelines.settings import Settings
from pipelines.store import Delivery, Store, now

logger = logging.getLogger(__name__)

# What is ours no longer has another fence and stays as it is.
_RENEWED = (
    update(Delivery)
    .where(
        Delivery.id == bindparam("number"),
        Delivery.fence == bindparam("our_fence"),
        or_(Delivery.state == "claimed", Delivery.state == "sending"),
    )
    .values(lease_until=bindparam("new_lease_until"))
)


class Lease:
    """A thread that renews what is held, three times before it would run out; it dies with its process."""

    def __init__(self, settings: Settings) -> None:
        self.length = timedelta(seconds=settings.delivery_lease)
        self._engine = Store(settings).engine
        self._fences: dict[int, int] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._live, name="lease", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def hold(self, fences: dict[int, int]) -> None:
        """From now on renews these deliveries, each with its fencing number."""
        self._fences = {**self._fences, **fences}

    def let_go(self, numbers: Iterable[int]) -> None:
        """These are settled."""
        gone = set(numbers)
        self._fences = {number: fence for number, fence in self._fences.items() if number not in gone}

    def end(self) -> None:
        self._is_over.set()
        self._thread.join()

    def renew(self) -> None:
        """Renews all that is held."""
        until = now() + self.length
        changes: list[dict[str, Any]] = [
            {"number": number, "our_fence": fence, "new_lease_until": until}
            for number, fence in sorted(self._fences.items())
        ]
        if changes:
            with self._engine.begin() as connection:
                connection.execute(_RENEWED, changes)

    def _live(self) -> None:
        while not self._is_over.wait(self.length / timedelta(seconds=3)):
            try:
                self.renew()
            except SQLAlchemyError as error:  # the next time will do; at worst others take over
                logger.warning("Leases could not be renewed: %s.", type(error).__name__)
