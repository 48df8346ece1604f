"""No page shows a traceback: what a person can put right is said in words, the rest gets a number."""

import logging
import re
import traceback
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from connectors.errors import AssistantError
from dashboards import refusals
from dashboards.screens.parts.figure import escaped
from dashboards.wording import Say

_log = logging.getLogger("dashboards")
_FRAMES = 6
_COMMAND = re.compile(r"(`[^`\n]+`)")


@contextmanager
def errors_in_words(_: Say, of: str = "") -> Iterator[None]:
    """Shows what goes wrong inside the block in words, and `of` what; the page goes on after it."""
    named = f"**{escaped(of)}** · " if of else ""
    try:
        yield
    except AssistantError as error:
        st.error(named + with_code(refusals.in_words(error.problem, _)), icon=":material/error:")
        if error.remedy:
            st.caption(with_code(refusals.in_words(error.remedy, _)))
    except Exception as error:  # noqa: BLE001 - the last line of defence of a page
        number = uuid.uuid4().hex[:8]
        # Not the message: it may hold values of a record.
        _log.error("page failed, id %s: %s at %s", number, type(error).__name__, _place(error))
        words = _("Something went wrong here. The rest of the assistant keeps working.")
        st.error(named + words, icon=":material/error:")
        advice = _(
            "Reload the page. If it happens again, give this number to whoever runs the assistant: {id}"
        )
        st.caption(advice.format(id=number))


def with_code(text: str) -> str:
    """Words that may quote an address or data, as Markdown that shows them so; `commands` as code."""
    return "".join(part if place % 2 else escaped(part) for place, part in enumerate(_COMMAND.split(text)))


def _place(error: Exception) -> str:
    """Where it happened, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
