"""How a service is told to stop: Ctrl-C and SIGTERM, seen wherever they come."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from threading import Event
from typing import Any, Self

_GLANCE = 0.2  # seconds between two looks whether to stop
_FAREWELL = 10.0  # seconds until work that goes on is told again


class Stop:
    """The wish to stop (Ctrl-C or SIGTERM), kept until it is seen.

    While the service starts it is `is_abrupt`: KeyboardInterrupt too, wherever the program is. An exception
    alone may be lost: Python drops those that are raised in a callback, as imports make by the hundred.
    """

    def __init__(self) -> None:
        self.is_abrupt = True
        self._is_wished = Event()

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __call__(self, *_: Any) -> None:
        """What a signal does."""
        self._is_wished.set()
        if self.is_abrupt:
            raise KeyboardInterrupt

    async def wished(self) -> None:
        """Ends once it is wished."""
        while not self._is_wished.is_set():  # noqa: ASYNC110 - set by a signal, outside of any event loop
            await asyncio.sleep(_GLANCE)


async def until(stop: Stop, work: Coroutine[Any, Any, None]) -> None:
    """Does the work until it ends or `stop` is wished; then it is told to end until it does."""
    working = asyncio.create_task(work)
    wished = asyncio.create_task(stop.wished())
    await asyncio.wait({working, wished}, return_when=asyncio.FIRST_COMPLETED)
    wished.cancel()
    while not working.done():
        working.cancel()
        await asyncio.wait({working}, timeout=_FAREWELL)
    with suppress(asyncio.CancelledError):
        await working
