"""What `sda dashboard` starts (`dashboards.launch`): the pages of `app.py`, and the files they hand out."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib import import_module
from threading import Thread
from typing import BinaryIO
from urllib.parse import quote

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from dashboards.explore.handing_out import ADDRESS, handed_out
from dashboards.launch import base_path

_GONE = (
    "This file is no longer here. Go back to the page and prepare it again.\n"
    "此文件已不存在，请返回页面重新生成。\n"
)
_KEEP_PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_PIECE = 1 << 18  # bytes


async def _send(request: Request) -> Response:
    """A file that a page has prepared, from disk."""
    found = handed_out(request.path_params["token"])
    try:
        file = found.open() if found else None
    except FileNotFoundError:  # its time has just passed
        file = None
    if found is None or file is None:
        return PlainTextResponse(_GONE, status_code=404)
    told = {
        "Content-Disposition": f"attachment; filename*=utf-8''{quote(found.name)}",
        "Content-Encoding": "identity",  # it is dense: packed again it would have no length to show
        "Content-Length": str(found.size),
    }
    return StreamingResponse(_pieces(file), media_type=found.mime, headers={**_KEEP_PRIVATE, **told})


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


async def _to_first_page(request: Request) -> Response:
    """The first page is at the root; Streamlit does not know it by its name."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"./{query}")


def routes(base: str = "") -> list[Route]:
    """What is served beside the pages, where Streamlit serves those under the path `base`."""
    return [
        Route(f"{base}/{ADDRESS}/{{token}}/{{name}}", _send),
        Route(f"{base}/home", _to_first_page),
    ]


@asynccontextmanager
async def _warming(_app: st.App) -> AsyncIterator[None]:
    """The pages are read in as soon as the server answers, not when the first reader waits for them."""
    Thread(target=import_module, args=("dashboards.screens.frame",), daemon=True).start()
    yield


app = st.App("app.py", lifespan=_warming, routes=routes(base_path()))
