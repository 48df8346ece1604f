"""A mail as its reader sees it: in a frame that runs nothing, fetches nothing and leads nowhere."""

from base64 import b64encode
from collections.abc import Mapping
from html import escape

import streamlit as st

_HEIGHT = 640
# Inside the sandbox nothing may be fetched either: pictures are in the page, styles on the elements.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_HEAD = f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><base target="_blank">'


def show_mail(html: str, pictures: Mapping[str, bytes], title: str) -> None:
    """The HTML of a mail with its pictures (PNG by content id)."""
    st.iframe(framed(html, pictures, title), height=_HEIGHT, alt=title)


def framed(html: str, pictures: Mapping[str, bytes], title: str) -> str:
    """A page around a frame with an empty `sandbox`: no scripts, no forms, no windows, another origin."""
    for name, png in pictures.items():
        html = html.replace(f"cid:{name}", "data:image/png;base64," + b64encode(png).decode("ascii"))
    page = html.replace("<head>", f"<head>{_HEAD}", 1) if "<head>" in html else _HEAD + html
    style = f"border:0;width:100%;height:{_HEIGHT - 4}px"
    return (
        '<!doctype html><body style="margin:0">'
        f'<iframe sandbox="" referrerpolicy="no-referrer" title="{escape(title)}" style="{style}" '
        f'srcdoc="{escape(page)}"></iframe></body>'
    )
