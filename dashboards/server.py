"""What `sda dashboard` starts (`dashboards.launch`): the pages of `app.py`, and the files they hand out."""

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboards.explore.handing_out import ADDRESS, handed_out

_GONE = (
    "This file is no longer here. Go back to the page and prepare it again.\n"
    "此文件已不存在，请返回页面重新生成。\n"
)
_KEEP_PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def _send(request: Request) -> Response:
    """A file that a page has prepared, from disk."""
    found = handed_out(request.path_params["token"])
    if found is None:
        return PlainTextResponse(_GONE, status_code=404)
    return FileResponse(found.path, media_type=found.mime, filename=found.name, headers=_KEEP_PRIVATE)


FILES = Route(f"{ADDRESS}/{{token}}/{{name}}", _send)
app = st.App("app.py", routes=[FILES])
