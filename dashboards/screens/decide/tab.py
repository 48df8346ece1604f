"""The tab «Decide»: the threshold, a portfolio under stress, and what a portfolio may lose."""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from analytics.task import Task
from dashboards.queries import models
from dashboards.screens.decide.losses import show_losses
from dashboards.screens.decide.stress import show_stress
from dashboards.screens.decide.threshold import show_threshold
from dashboards.screens.explore.address import asked
from dashboards.screens.here import Here
from dashboards.screens.parts.choosing import choose
from dashboards.screens.tab import Tab
from dashboards.wording import Say

LOOK = "look"  # its name in the address: which part of the tab is shown
Draw = Callable[[Here, Task, datetime], None]


def applies(here: Here, task: Task) -> bool:
    """Whether there is something to decide: an event that is predicted, by a model that serves."""
    return task.kind == "binary" and task.name in models.in_service(here.store)


def _title(_: Say) -> str:
    return _("Decide")


def _draw(here: Here, task: Task, as_of: datetime) -> None:
    _ = here.say
    parts: dict[str, tuple[str, Draw]] = {
        "threshold": (":material/tune: " + _("Threshold"), show_threshold),
        "stress": (":material/thunderstorm: " + _("What if"), show_stress),
    }
    if task.exposure:
        parts["losses"] = (":material/casino: " + _("Losses"), show_losses)
    chosen = choose(LOOK, _("Decide"), {name: title for name, (title, _shows) in parts.items()}, hidden=True)
    if asked().is_filtered:
        st.caption(_("The filters of the list do not count here: all cases of the day are looked at."))
    parts[chosen][1](here, task, as_of)


DECIDE = Tab("decide", _title, ":material/balance:", _draw)
