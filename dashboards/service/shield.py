"""Around all pages: headers of every answer, how large and how slow a form may be, the last net."""

import asyncio
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 16_384  # bytes of a form
_PATIENCE = 15.0  # seconds for the next part of it

# Nobody keeps a copy, follows a trace, finds it by searching, or puts it into a frame.
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_POLICY = "default-src 'none'; frame-ancestors 'none'"  # where a page brings none of its own


class Shield:
    """Goes around the application; `fallback` makes the answer to an error that nobody caught."""

    def __init__(self, app: ASGIApp, fallback: Callable[[Exception], Response]) -> None:
        self._app = app
        self._fallback = fallback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = ended = False

        async def guarded(message: Message) -> None:
            nonlocal begun, ended
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", _POLICY)
            await send(message)
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)

        try:
            await self._app(scope, _limited(receive), guarded)
        except Exception as error:  # noqa: BLE001 - the last line of defence
            if ended:  # answered, and the framework only passes on why
                return
            response = self._fallback(error)
            if begun:  # half an answer cannot be taken back: the connection is cut, so that it shows
                raise ConnectionAbortedError from None
            await response(scope, receive, guarded)


def _limited(receive: Receive) -> Receive:
    total, done = 0, False

    async def limited() -> Message:
        nonlocal total, done
        if done:  # from here on it only waits for the visitor to go away, however long an answer takes
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), _PATIENCE)
        except TimeoutError:
            raise HTTPException(408) from None
        done = not message.get("more_body", False)
        total += len(message.get("body", b""))
        if total > MOST:
            raise HTTPException(413)
        return message

    return limited
